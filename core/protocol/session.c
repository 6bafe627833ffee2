/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session.c - what the three texts of the handshake say, and the keys that
 * follow from them.
 *
 * The texts are hashed as they were sent, so whoever changed one in between,
 * be it by a blank, ends up with other keys.
 */
#include "protocol/session.h"

#include <string.h>

#include "base/b64.h"
#include "base/broken.h"
#include "base/err.h"
#include "base/id.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"

static void
put_member(struct json_writer *w, const char *name, const uint8_t *bytes)
{
	char text[B64_LEN(KEY_BYTES)];

	b64_print(bytes, KEY_BYTES, text);
	json_key(w, name);
	json_put_str(w, (struct aicx_str) { text, sizeof text });
}

void
session_put_challenge(struct buf *buf, const uint8_t nonce[NONCE_BYTES],
    const uint8_t broker_key[KEY_BYTES])
{
	struct json_writer w = json_writer(buf);

	json_open(&w, '{');
	json_key(&w, "method");
	json_put_text(&w, "session.challenge");
	put_member(&w, "nonce", nonce);
	put_member(&w, "broker_key", broker_key);
	json_close(&w);
}

void
session_put_open(struct buf *buf, const uint8_t nonce[NONCE_BYTES],
    const uint8_t x25519[KEY_BYTES], const uint8_t public_key[KEY_BYTES])
{
	struct json_writer w = json_writer(buf);

	json_open(&w, '{');
	json_key(&w, "method");
	json_put_text(&w, "session.open");
	put_member(&w, "nonce", nonce);
	put_member(&w, "x25519", x25519);
	put_member(&w, "public_key", public_key);
	json_close(&w);
}

void
session_put_result(struct buf *buf, const struct aicx_id *session_id,
    const uint8_t x25519[KEY_BYTES])
{
	struct json_writer w = json_writer(buf);

	json_open(&w, '{');
	json_key(&w, "session_id");
	json_put_id(&w, session_id);
	put_member(&w, "x25519", x25519);
	json_close(&w);
}

/* A member of a handshake payload: exactly these, each of exactly this form. */
enum form { FORM_METHOD, FORM_BYTES, FORM_ID };

struct member {
	const char *name; /* NULL ends the table */
	enum form form;
	size_t offset; /* BYTES, ID: where it goes */
	const char *method; /* METHOD: what it must say */
};

struct reading {
	const struct member *members;
	uint8_t *row;
	unsigned seen; /* bit per member */
};

_Static_assert(
    (int)NONCE_BYTES == (int)KEY_BYTES, "every FORM_BYTES member has one size");

static bool
take(const struct member *member, struct aicx_str value, uint8_t *row)
{
	struct aicx_id *id;

	switch (member->form) {
	case FORM_METHOD:
		return str_is(value, member->method);
	case FORM_BYTES:
		return b64_parse(value, row + member->offset, KEY_BYTES);
	case FORM_ID:
		id = (struct aicx_id *)(row + member->offset);
		return id_parse(value, id) && !id_is_nil(id);
	}
	return false;
}

static aicx_err
refuse(struct aicx_error *reterr, const char *name, const char *why)
{
	char field[24] = "/";

	(void)str_copy(str_of(name), field + 1, sizeof field - 1);
	return err_field(reterr, AICX_EINVAL, "malformed", field,
	    "cannot read handshake: \"%s\" %s", name, why);
}

static aicx_err
on_member(struct aicx_str name, enum json_type type, struct aicx_str value,
    void *arg, struct aicx_error *reterr)
{
	struct reading *reading = arg;

	for (unsigned i = 0; reading->members[i].name != NULL; i++) {
		const struct member *member = &reading->members[i];
		if (!str_is(name, member->name))
			continue;
		if (type != JSON_STRING)
			return refuse(reterr, member->name, "is not a string");
		value = (struct aicx_str) { value.ptr + 1, value.len - 2 };
		if (!take(member, value, reading->row))
			return refuse(
			    reterr, member->name, "is not in its form");
		reading->seen |= 1u << i;
		return AICX_OK;
	}
	return err_word(reterr, AICX_EINVAL, "malformed",
	    "cannot read handshake: unknown member \"%.*s\"", STR_ARG(name));
}

static aicx_err
parse(struct aicx_str payload, const struct member *members, void *ret_row,
    size_t size, struct aicx_error *reterr)
{
	uint8_t row[NONCE_BYTES + 2 * KEY_BYTES] = { 0 };
	struct reading reading = { .members = members, .row = row };

	ENSURE(size <= sizeof row);
	aicx_err err = json_scan(payload, NULL, on_member, &reading, reterr);
	if (err != AICX_OK)
		return err;
	for (unsigned i = 0; members[i].name != NULL; i++) {
		if (!(reading.seen & 1u << i))
			return refuse(reterr, members[i].name, "is missing");
	}
	memcpy(ret_row, row, size);
	return AICX_OK;
}

#define BYTES_AT(struct_, field)                                               \
	{                                                                      \
		.name = #field, .form = FORM_BYTES,                            \
		.offset = offsetof(struct struct_, field)                      \
	}

aicx_err
session_parse_challenge(struct aicx_str payload, struct session_challenge *ret,
    struct aicx_error *reterr)
{
	static const struct member members[] = {
		{ .name = "method", .method = "session.challenge" },
		BYTES_AT(session_challenge, nonce),
		BYTES_AT(session_challenge, broker_key),
		{ .name = NULL },
	};

	return parse(payload, members, ret, sizeof *ret, reterr);
}

aicx_err
session_parse_open(struct aicx_str payload, struct session_open *ret,
    struct aicx_error *reterr)
{
	static const struct member members[] = {
		{ .name = "method", .method = "session.open" },
		BYTES_AT(session_open, nonce),
		BYTES_AT(session_open, x25519),
		BYTES_AT(session_open, public_key),
		{ .name = NULL },
	};

	return parse(payload, members, ret, sizeof *ret, reterr);
}

aicx_err
session_parse_result(struct aicx_str payload, struct session_result *ret,
    struct aicx_error *reterr)
{
	static const struct member members[] = {
		{ .name = "session_id",
		    .form = FORM_ID,
		    .offset = offsetof(struct session_result, session_id) },
		BYTES_AT(session_result, x25519),
		{ .name = NULL },
	};

	return parse(payload, members, ret, sizeof *ret, reterr);
}

aicx_err
session_derive(const uint8_t x25519_seed[KEY_BYTES],
    const uint8_t x25519_peer[KEY_BYTES], struct aicx_str challenge,
    struct aicx_str open, struct aicx_str result, struct session_keys *ret_keys,
    struct aicx_error *reterr)
{
	uint8_t secret[KEY_BYTES], salt[HASH_BYTES];
	struct aicx_str transcript[] = { challenge, STR("\n"), open, STR("\n"),
		result };

	if (!x25519_shared(x25519_seed, x25519_peer, secret))
		return err_field(reterr, AICX_EINVAL, "bad_key", "/x25519",
		    "cannot open session: the shared secret would be zero");

	sha256_parts(transcript, sizeof transcript / sizeof *transcript, salt);
	struct aicx_str ikm = { (const char *)secret, sizeof secret };
	struct aicx_str salt_str = { (const char *)salt, sizeof salt };
	hkdf(ikm, salt_str, STR("aiconexus session v1 agent to broker"),
	    ret_keys->agent_to_broker, KEY_BYTES);
	hkdf(ikm, salt_str,
	    broken("one_key") ? STR("aiconexus session v1 agent to broker")
			      : STR("aiconexus session v1 broker to agent"),
	    ret_keys->broker_to_agent, KEY_BYTES);
	mem_wipe(secret, sizeof secret);
	return AICX_OK;
}
