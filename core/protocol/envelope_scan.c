/* SPDX-License-Identifier: Apache-2.0 */
/* envelope_scan.c - the strict pass over a message whose signature is good. */
#include "protocol/envelope.h"

#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/id.h"
#include "base/json.h"
#include "base/str.h"

static const struct aicx_str type_names[] = {
	[MSG_QUERY] = STR("QUERY"),
	[MSG_OFFER] = STR("OFFER"),
	[MSG_EXECUTE] = STR("EXECUTE"),
	[MSG_RESULT] = STR("RESULT"),
	[MSG_ERROR] = STR("ERROR"),
	[MSG_ACK] = STR("ACK"),
	[MSG_HEARTBEAT] = STR("HEARTBEAT"),
};

const char *
msg_type_name(enum msg_type type)
{
	return type_names[type].ptr;
}

bool
msg_type_parse(struct aicx_str name, enum msg_type *ret_type)
{
	for (size_t i = 0; i < sizeof type_names / sizeof *type_names; i++) {
		if (!str_eq(name, type_names[i]))
			continue;
		*ret_type = (enum msg_type)i;
		return true;
	}
	return false;
}

/* Takes one member; false: not in its form.  Strings come without quotes. */
typedef bool take_fn(struct envelope *env, struct aicx_str value);

static bool
take_id(struct envelope *env, struct aicx_str value)
{
	return id_parse(value, &env->id) && !id_is_nil(&env->id);
}

static bool
take_version(struct envelope *env, struct aicx_str value)
{
	(void)env;
	return str_eq(value, STR("1.0"));
}

static bool
take_timestamp(struct envelope *env, struct aicx_str value)
{
	return time_parse(value, &env->timestamp_ms);
}

static bool
take_sender(struct envelope *env, struct aicx_str value)
{
	return id_parse(value, &env->sender_id) && !id_is_nil(&env->sender_id);
}

/* The nil UUID is an agent the broker does not know yet. */
static bool
take_receiver(struct envelope *env, struct aicx_str value)
{
	return id_parse(value, &env->receiver_id);
}

static bool
take_type(struct envelope *env, struct aicx_str value)
{
	return msg_type_parse(value, &env->type);
}

static bool
take_correlation(struct envelope *env, struct aicx_str value)
{
	return id_parse(value, &env->correlation_id) &&
	    !id_is_nil(&env->correlation_id);
}

static bool
is_hex(const char *at, size_t n, bool *ret_all_zero)
{
	*ret_all_zero = true;
	for (size_t i = 0; i < n; i++) {
		char c = at[i];
		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
			return false;
		*ret_all_zero &= c == '0';
	}
	return true;
}

/* W3C Trace Context, section 3.2: "00-<32>-<16>-<2>".  Only version 00 has a
   form one can check; later ones are refused rather than passed on blindly. */
static bool
take_traceparent(struct envelope *env, struct aicx_str value)
{
	bool no_trace, no_parent, no_flags;

	env->traceparent = value;
	return value.len == 55 && memcmp(value.ptr, "00-", 3) == 0 &&
	    is_hex(value.ptr + 3, 32, &no_trace) && !no_trace &&
	    value.ptr[35] == '-' && is_hex(value.ptr + 36, 16, &no_parent) &&
	    !no_parent && value.ptr[52] == '-' &&
	    is_hex(value.ptr + 53, 2, &no_flags);
}

static bool
take_expires(struct envelope *env, struct aicx_str value)
{
	return time_parse(value, &env->expires_ms) && env->expires_ms > 0;
}

static bool
take_payload(struct envelope *env, struct aicx_str value)
{
	env->payload = value;
	return true;
}

/* envelope_split() has read it, and checked that it is the last. */
static bool
take_signature(struct envelope *env, struct aicx_str value)
{
	return value.ptr + value.len + 2 == env->text.ptr + env->text.len;
}

/* In the order in which messages are printed, so that the next one is mostly
   the one expected. */
static const struct member {
	struct aicx_str name;
	enum json_type type;
	bool optional;
	take_fn *take;
	const char *pointer, *form;
} members[] = {
	{ STR("id"), JSON_STRING, false, take_id, "/id", "a UUID" },
	{ STR("version"), JSON_STRING, false, take_version, "/version",
	    "\"1.0\"" },
	{ STR("timestamp"), JSON_STRING, false, take_timestamp, "/timestamp",
	    "a time in UTC (RFC 3339)" },
	{ STR("sender_id"), JSON_STRING, false, take_sender, "/sender_id",
	    "a UUID" },
	{ STR("receiver_id"), JSON_STRING, false, take_receiver, "/receiver_id",
	    "a UUID" },
	{ STR("type"), JSON_STRING, false, take_type, "/type",
	    "a message type" },
	{ STR("correlation_id"), JSON_STRING, true, take_correlation,
	    "/correlation_id", "a UUID" },
	{ STR("traceparent"), JSON_STRING, true, take_traceparent,
	    "/traceparent", "a W3C trace context of version 00" },
	{ STR("expires_at"), JSON_STRING, true, take_expires, "/expires_at",
	    "a time in UTC (RFC 3339)" },
	{ STR("payload"), JSON_OBJECT, false, take_payload, "/payload",
	    "an object" },
	{ STR("signature"), JSON_STRING, false, take_signature, "/signature",
	    "the last member" },
};

enum { N_MEMBERS = sizeof members / sizeof *members, VERSION = 1 };

struct scan {
	struct envelope env;
	size_t next; /* member expected next */
	unsigned seen; /* bit per member */
};

static size_t
find(const struct scan *scan, struct aicx_str name)
{
	for (size_t i = 0; i < N_MEMBERS; i++) {
		size_t at = (scan->next + i) % N_MEMBERS;
		if (str_eq(members[at].name, name))
			return at;
	}
	return N_MEMBERS;
}

static aicx_err
on_member(struct aicx_str name, enum json_type type, struct aicx_str value,
    void *arg, struct aicx_error *reterr)
{
	struct scan *scan = arg;
	size_t at = find(scan, name);

	if (at == N_MEMBERS)
		return err_word(reterr, AICX_EINVAL, "malformed",
		    "cannot read message: unknown member \"%.*s\"",
		    STR_ARG(name));

	const struct member *member = &members[at];
	if (type == JSON_STRING)
		value = (struct aicx_str) { value.ptr + 1, value.len - 2 };
	if (type != member->type || !member->take(&scan->env, value))
		return err_field(reterr, AICX_EINVAL,
		    at == VERSION ? "unsupported_version" : "malformed",
		    member->pointer, "cannot read message: \"%s\" is not %s",
		    member->name.ptr, member->form);
	scan->seen |= 1u << at;
	scan->next = at + 1;
	return AICX_OK;
}

static aicx_err
check_complete(const struct scan *scan, struct aicx_error *reterr)
{
	for (size_t i = 0; i < N_MEMBERS; i++) {
		if (members[i].optional || (scan->seen & 1u << i))
			continue;
		return err_field(reterr, AICX_EINVAL, "malformed",
		    members[i].pointer, "cannot read message: no \"%s\"",
		    members[i].name.ptr);
	}

	enum msg_type type = scan->env.type;
	if ((type == MSG_RESULT || type == MSG_ACK) &&
	    id_is_nil(&scan->env.correlation_id))
		return err_field(reterr, AICX_EINVAL, "malformed",
		    "/correlation_id",
		    "cannot read message: \"%s\" without \"correlation_id\"",
		    msg_type_name(type));
	return AICX_OK;
}

aicx_err
envelope_scan(struct envelope *env, struct aicx_error *reterr)
{
	struct scan scan = { .env = *env };
	aicx_err err =
	    json_scan(env->text, "payload", on_member, &scan, reterr);

	if (err == AICX_OK)
		err = check_complete(&scan, reterr);
	if (err == AICX_OK)
		*env = scan.env;
	return err;
}

static aicx_err
on_payload_member(struct aicx_str name, enum json_type type,
    struct aicx_str value, void *arg, struct aicx_error *reterr)
{
	struct aicx_str *method = arg;

	(void)reterr;
	if (!str_eq(name, STR("method")))
		return AICX_OK;
	if (type == JSON_STRING && memchr(value.ptr, '\\', value.len) == NULL)
		*method = (struct aicx_str) { value.ptr + 1, value.len - 2 };
	return AICX_EEXIST; /* enough seen */
}

struct aicx_str
envelope_method(const struct envelope *env)
{
	struct aicx_str method = { NULL, 0 };

	(void)json_scan(env->payload, NULL, on_payload_member, &method, NULL);
	return method;
}
