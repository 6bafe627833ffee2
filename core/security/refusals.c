/* SPDX-License-Identifier: Apache-2.0 */
/* refusals.c - refusals counted until they are told. */
#include "security/refusals.h"

#include "base/id.h"
#include "base/map.h"
#include "base/str.h"

#include <string.h>

/* "192.0.2.1:80" and "[2001:db8::1]:80" without the port. */
static struct aicx_str
host_of(struct aicx_str address)
{
	const char *last = NULL;
	size_t n_colons = 0;

	if (address.len > 0 && address.ptr[0] == '[') {
		const char *end = memchr(address.ptr, ']', address.len);
		if (end != NULL)
			return (struct aicx_str) { address.ptr + 1,
				(size_t)(end - address.ptr) - 1 };
	}
	for (size_t i = 0; i < address.len; i++)
		if (address.ptr[i] == ':') {
			last = address.ptr + i;
			n_colons++;
		}
	if (n_colons == 1)
		address.len = (size_t)(last - address.ptr);
	return address;
}

static uint64_t
text_mark(const char *text)
{
	return map_mark(text, strlen(text));
}

static uint64_t
mark_of(const struct aicx_id *agent_id, struct aicx_str host, const char *cause,
    const char *method)
{
	const uint64_t parts[] = { id_is_nil(agent_id)
		    ? map_mark(host.ptr, host.len)
		    : map_mark(agent_id, sizeof *agent_id),
		text_mark(cause), text_mark(method) };

	return map_mark(parts, sizeof parts);
}

static struct refusal *
find(struct refusals *refusals, uint64_t mark)
{
	for (size_t i = 0; i < refusals->n; i++)
		if (refusals->list[i].mark == mark)
			return &refusals->list[i];
	return NULL;
}

static void
begin(struct refusals *refusals, int64_t now_ms)
{
	bool quiet = now_ms - refusals->told_ms > refusals->wait_ms;

	if (refusals->wait_ms == 0 || quiet)
		refusals->wait_ms = REFUSALS_SOON_MS;
	refusals->due_ms = now_ms + refusals->wait_ms;
}

void
refusals_add(struct refusals *refusals, const struct aicx_id *agent_id,
    struct aicx_str address, const char *cause, const char *method,
    int64_t now_ms)
{
	struct aicx_str host = host_of(address);
	uint64_t mark = mark_of(agent_id, host, cause, method);
	struct refusal *refusal = find(refusals, mark);

	if (refusals->due_ms == 0)
		begin(refusals, now_ms);
	if (refusal == NULL && refusals->n == REFUSALS_MAX) {
		refusals->n_others++;
		return;
	}
	if (refusal == NULL) {
		refusal = &refusals->list[refusals->n++];
		*refusal = (struct refusal) { .mark = mark,
			.agent_id = *agent_id,
			.cause = cause,
			.method = method,
			.first_ms = now_ms };
		if (id_is_nil(agent_id))
			(void)str_copy(
			    host, refusal->address, sizeof refusal->address);
	}
	refusal->n++;
	refusal->last_ms = now_ms;
}

int64_t
refusals_due_ms(const struct refusals *refusals)
{
	return refusals->due_ms;
}

static void
print_one(const struct refusal *refusal, struct json_writer *w)
{
	json_open(w, '{');
	if (!id_is_nil(&refusal->agent_id)) {
		json_key(w, "agent_id");
		json_put_id(w, &refusal->agent_id);
	} else if (refusal->address[0] != '\0') {
		json_key(w, "address");
		json_put_text(w, refusal->address);
	}
	if (refusal->method[0] != '\0') {
		json_key(w, "method");
		json_put_text(w, refusal->method);
	}
	json_key(w, "cause");
	json_put_text(w, refusal->cause);
	json_key(w, "count");
	json_put_int(w, refusal->n);
	json_key(w, "first");
	json_put_time(w, refusal->first_ms);
	if (refusal->n > 1) {
		json_key(w, "last");
		json_put_time(w, refusal->last_ms);
	}
	json_close(w);
}

void
refusals_print(const struct refusals *refusals, struct json_writer *w)
{
	json_open(w, '[');
	for (size_t i = 0; i < refusals->n; i++)
		print_one(&refusals->list[i], w);
	if (refusals->n_others > 0) {
		json_open(w, '{');
		json_key(w, "cause");
		json_put_text(w, "others");
		json_key(w, "count");
		json_put_int(w, refusals->n_others);
		json_close(w);
	}
	json_close(w);
}

void
refusals_told(struct refusals *refusals, int64_t now_ms)
{
	refusals->n = 0;
	refusals->n_others = 0;
	refusals->due_ms = 0;
	refusals->told_ms = now_ms;
	refusals->wait_ms *= 2;
	if (refusals->wait_ms > REFUSALS_LATE_MS)
		refusals->wait_ms = REFUSALS_LATE_MS;
}
