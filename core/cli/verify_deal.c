/* SPDX-License-Identifier: Apache-2.0 */
/* verify_deal.c - what the checks of a deal file share: saying, comparing,
   finding. */
#include "cli/verify_deal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/b64.h"
#include "base/clock.h"
#include "base/str.h"

/* --- saying it -------------------------------------------------------- */

/* What a file says may hold anything: a terminal gets plain text. */
static void
put_line(struct deal *deal, const char *head, const char *fmt, va_list ap)
{
	char text[1024];
	int n = vsnprintf(text, sizeof text, fmt, ap);
	size_t len = n < 0 ? 0 : strlen(text);

	buf_text(deal->report, head);
	for (size_t i = 0; i < len; i++)
		buf_char(deal->report,
		    text[i] >= ' ' && text[i] < 0x7F ? text[i] : '?');
	buf_char(deal->report, '\n');
}

void
deal_ok(struct deal *deal, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put_line(deal, "ok    ", fmt, ap);
	va_end(ap);
}

void
deal_note(struct deal *deal, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put_line(deal, "note  ", fmt, ap);
	va_end(ap);
}

bool
deal_bad(struct deal *deal, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put_line(deal, "BAD   ", fmt, ap);
	va_end(ap);
	return false;
}

/* --- comparing -------------------------------------------------------- */

static bool
objects_same(struct json_ref a, struct json_ref b, struct arena *arena)
{
	struct json_iter it = json_iter(a);

	if (json_len(a) != json_len(b))
		return false;
	while (json_next(&it)) {
		struct aicx_str name = json_str(it.name, arena);
		const char *text =
		    arena_printf(arena, "%.*s", STR_ARG(name)).ptr;
		struct json_ref other = json_get(b, text);
		if (!json_has(other) || !json_same(it.value, other, arena))
			return false;
	}
	return true;
}

static bool
arrays_same(struct json_ref a, struct json_ref b, struct arena *arena)
{
	struct json_iter left = json_iter(a), right = json_iter(b);

	if (json_len(a) != json_len(b))
		return false;
	while (json_next(&left) && json_next(&right))
		if (!json_same(left.value, right.value, arena))
			return false;
	return true;
}

bool
json_same(struct json_ref a, struct json_ref b, struct arena *arena)
{
	if (!json_has(a) || !json_has(b) || json_type(a) != json_type(b))
		return false;
	if (str_eq(json_raw(a), json_raw(b)))
		return true;
	switch (json_type(a)) {
	case JSON_NULL:
	case JSON_FALSE:
	case JSON_TRUE:
		return true;
	case JSON_NUMBER:
		return false;
	case JSON_STRING:
		return str_eq(json_str(a, arena), json_str(b, arena));
	case JSON_ARRAY:
		return arrays_same(a, b, arena);
	case JSON_OBJECT:
		return objects_same(a, b, arena);
	}
	return false;
}

struct aicx_str
deal_str(struct deal *deal, struct json_ref of, const char *name)
{
	return json_str(json_get(of, name), &deal->arena);
}

bool
deal_equal(struct deal *deal, const char *what, struct aicx_str a,
    const char *other, struct aicx_str b)
{
	if (a.ptr == NULL)
		return deal_bad(deal, "%s is missing", what);
	if (b.ptr == NULL)
		return deal_bad(deal, "%s is missing", other);
	if (!str_eq(a, b))
		return deal_bad(deal, "%s is \"%.*s\", but %s is \"%.*s\"",
		    what, STR_ARG(a), other, STR_ARG(b));
	return true;
}

bool
deal_amount(struct deal *deal, const char *what, struct json_ref ref,
    struct amount *ret)
{
	if (amount_from_json(ref, &deal->arena, ret))
		return true;
	return deal_bad(deal, "%s is missing or no amount", what);
}

bool
deal_time(
    struct deal *deal, const char *what, struct json_ref ref, int64_t *ret_ms)
{
	if (time_parse(json_str(ref, &deal->arena), ret_ms))
		return true;
	return deal_bad(deal, "%s is missing or no time", what);
}

bool
deal_members(struct deal *deal, const char *what, struct json_ref object,
    const char *const *names)
{
	if (json_type(object) != JSON_OBJECT)
		return deal_bad(deal, "%s is no object", what);
	for (; *names != NULL; names++)
		if (!json_has(json_get(object, *names)))
			return deal_bad(deal, "%s lacks \"%s\"", what, *names);
	return true;
}

void
hash_print(const uint8_t hash[HASH_BYTES], char ret_text[44])
{
	b64_print(hash, HASH_BYTES, ret_text);
	ret_text[43] = '\0';
}

bool
deal_hash(struct deal *deal, const char *what, struct aicx_str text,
    const char *other, struct aicx_str named)
{
	uint8_t hash[HASH_BYTES];
	char said[44];

	sha256(text.ptr, text.len, hash);
	hash_print(hash, said);
	if (str_is(named, said))
		return true;
	return deal_bad(deal, "the hash of %s is %s, but %s names %.*s", what,
	    said, other, STR_ARG(named));
}

/* --- parts ------------------------------------------------------------ */

struct registration *
deal_agent(
    const struct deal *deal, struct aicx_str agent_id, struct aicx_str key_id)
{
	for (size_t i = 0; i < deal->n_registrations; i++) {
		struct registration *r = &deal->registrations[i];
		if (str_eq(r->agent_id, agent_id) &&
		    (key_id.ptr == NULL || str_is(key_id, r->key_id)))
			return r;
	}
	return NULL;
}

const struct offer_part *
deal_offer(const struct deal *deal, struct aicx_str offer_id)
{
	for (size_t i = 0; i < deal->n_offers; i++)
		if (str_eq(deal->offers[i].id, offer_id))
			return &deal->offers[i];
	return NULL;
}

struct aicx_str
contract_says(struct deal *deal, const char *name)
{
	return deal_str(deal, deal->contract.root, name);
}

bool
deal_signed_part(struct deal *deal, const char *what, struct json_ref ref,
    struct signed_part *ret)
{
	static const char *const names[] = { "text", "key_id", "signature",
		NULL };

	return deal_members(deal, what, ref, names) &&
	    deal_signed_open(deal, what, ref, ret);
}

bool
deal_signed_open(struct deal *deal, const char *what, struct json_ref ref,
    struct signed_part *ret)
{
	struct aicx_error why = { 0 };

	if (object_parse(ref, &deal->arena, &ret->object, &why) != AICX_OK)
		return deal_bad(deal, "%s: %s", what, why.text);
	if (json_parse(ret->object.text, &deal->arena, &ret->doc, &why) !=
	    AICX_OK)
		return deal_bad(deal, "%s: its text: %s", what, why.text);
	ret->root = json_root(&ret->doc);
	ret->present = true;
	return true;
}

static struct json_ref
row_in(struct deal *deal, const struct record_part *record, const char *table,
    const char *id_name, struct aicx_str id)
{
	struct json_iter it = json_iter(json_get(record->root, "put"));
	struct json_ref found = { 0 };

	while (json_next(&it)) {
		struct json_ref row = json_get(it.value, table);
		if (json_has(row) && str_eq(deal_str(deal, row, id_name), id))
			found = row;
	}
	return found;
}

struct json_ref
deal_row(struct deal *deal, const char *table, const char *id_name,
    struct aicx_str id, const struct record_part **ret_record)
{
	for (size_t i = id.ptr ? deal->n_records : 0; i-- > 0;) {
		struct json_ref row =
		    row_in(deal, &deal->records[i], table, id_name, id);
		if (!json_has(row))
			continue;
		if (ret_record != NULL)
			*ret_record = &deal->records[i];
		return row;
	}
	return (struct json_ref) { 0 };
}

bool
deal_copy(struct deal *deal, const char *what, struct json_ref copy,
    struct json_ref row, const struct record_part *record)
{
	struct json_iter it = json_iter(copy);

	if (json_len(copy) < json_len(row))
		return deal_bad(deal, "%s: lacks a member that record %lld has",
		    what, (long long)record->seq);
	while (json_next(&it)) {
		struct aicx_str name = json_str(it.name, &deal->arena);
		struct json_ref kept = json_get(
		    row, arena_printf(&deal->arena, "%.*s", STR_ARG(name)).ptr);
		if (!json_has(kept))
			return deal_bad(deal,
			    "%s: \"%.*s\" is not in record %lld", what,
			    STR_ARG(name), (long long)record->seq);
		if (!json_same(it.value, kept, &deal->arena))
			return deal_bad(deal,
			    "%s: \"%.*s\" is %.*s, but record %lld says %.*s",
			    what, STR_ARG(name), STR_ARG(json_raw(it.value)),
			    (long long)record->seq, STR_ARG(json_raw(kept)));
	}
	return true;
}
