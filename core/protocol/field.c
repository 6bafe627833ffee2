/* SPDX-License-Identifier: Apache-2.0 */
/*
 * field.c - reading a JSON object into a struct by its table.
 *
 * Each type has one taker; around them is one walk that knows which member it
 * is in, so every refusal carries the JSON Pointer (RFC 6901) to the culprit.
 */
#include "protocol/field.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/id.h"
#include "base/str.h"
#include "protocol/field_limits.h"

/* Where the walk is: a chain on the stack, innermost first. */
struct path {
	const struct path *up;
	struct aicx_str name; /* of a member; absent: an element */
	size_t index;
};

struct reader {
	const struct currencies *currencies;
	bool strict;
	struct arena *arena;
	struct aicx_error *reterr;
};

static aicx_err read_object(const struct reader *reader,
    const struct field *fields, struct json_ref object, const struct path *path,
    void *row);

static void
print_pointer(const struct path *path, char *text, size_t size, size_t *len)
{
	if (path == NULL)
		return;
	print_pointer(path->up, text, size, len);
	if (path->name.ptr == NULL) {
		int n = snprintf(text + *len, size - *len, "/%zu", path->index);
		*len += (size_t)n < size - *len ? (size_t)n : size - *len - 1;
		return;
	}
	if (*len < size - 1)
		text[(*len)++] = '/';
	for (size_t i = 0; i < path->name.len && *len < size - 2; i++) {
		char c = path->name.ptr[i];
		if (c == '~' || c == '/')
			text[(*len)++] = '~';
		text[(*len)++] = c == '~' ? '0' : c == '/' ? '1' : c;
	}
	text[*len] = '\0';
}

__attribute__((format(printf, 4, 5))) static aicx_err
refuse(const struct reader *reader, const struct path *path, const char *word,
    const char *fmt, ...)
{
	char why[160], pointer[sizeof reader->reterr->field] = "";
	size_t len = 0;
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(why, sizeof why, fmt, ap);
	va_end(ap);
	print_pointer(path, pointer, sizeof pointer, &len);
	return err_field(reader->reterr, AICX_EINVAL, word, pointer,
	    "cannot read \"%s\": %s", len > 0 ? pointer : "/", why);
}

#define INVALID "invalid_params"

/* The value at `ref` goes into the slot; path leads to it. */
typedef aicx_err take_fn(const struct reader *reader, const struct field *field,
    struct json_ref ref, const struct path *path, void *slot);

static aicx_err
check_count(const struct reader *reader, const struct field *field,
    const struct path *path, size_t n, const char *what)
{
	if (field_in_limits(field, (int64_t)n))
		return AICX_OK;
	if ((int64_t)n < field->min)
		return refuse(reader, path, INVALID,
		    "%zu %s, wanted at least %" PRId64, n, what, field->min);
	return refuse(reader, path, INVALID, "%zu %s, wanted at most %" PRId64,
	    n, what, field->max);
}

static aicx_err
take_str(const struct reader *reader, const struct field *field,
    struct json_ref ref, const struct path *path, void *slot)
{
	struct aicx_str str = json_str(ref, reader->arena);

	if (str.ptr == NULL)
		return refuse(reader, path, INVALID, "wanted a string");
	if (memchr(str.ptr, '\0', str.len) != NULL)
		return refuse(
		    reader, path, INVALID, "a string may not hold U+0000");
	*(struct aicx_str *)slot = str;
	return check_count(reader, field, path, str.len, "bytes");
}

static aicx_err
take_id(const struct reader *reader, const struct field *field,
    struct json_ref ref, const struct path *path, void *slot)
{
	(void)field;
	if (!id_parse(json_str(ref, reader->arena), slot) || id_is_nil(slot))
		return refuse(reader, path, INVALID, "wanted a UUID");
	return AICX_OK;
}

static aicx_err
take_int(const struct reader *reader, const struct field *field,
    struct json_ref ref, const struct path *path, void *slot)
{
	int64_t *value = slot;

	if (!json_int(ref, value))
		return refuse(reader, path, INVALID, "wanted an integer");
	if (field_in_limits(field, *value))
		return AICX_OK;
	if (*value < field->min)
		return refuse(reader, path, INVALID,
		    "%" PRId64 " is below %" PRId64, *value, field->min);
	return refuse(reader, path, INVALID, "%" PRId64 " is above %" PRId64,
	    *value, field->max);
}

static aicx_err
take_bool(const struct reader *reader, const struct field *field,
    struct json_ref ref, const struct path *path, void *slot)
{
	(void)field;
	if (!json_bool(ref, slot))
		return refuse(reader, path, INVALID, "wanted true or false");
	return AICX_OK;
}

static aicx_err
take_time(const struct reader *reader, const struct field *field,
    struct json_ref ref, const struct path *path, void *slot)
{
	(void)field;
	if (!time_parse(json_str(ref, reader->arena), slot) ||
	    *(int64_t *)slot <= 0)
		return refuse(reader, path, INVALID,
		    "wanted a time in UTC (RFC 3339) after 1970");
	return AICX_OK;
}

static aicx_err
take_enum(const struct reader *reader, const struct field *field,
    struct json_ref ref, const struct path *path, void *slot)
{
	struct aicx_str name = json_str(ref, reader->arena);

	for (int i = 0; name.ptr != NULL && field->names[i] != NULL; i++) {
		if (!str_is(name, field->names[i]))
			continue;
		*(int *)slot = i;
		return AICX_OK;
	}

	const char *near =
	    name.ptr != NULL ? str_nearest(name, field->names) : NULL;
	if (near != NULL)
		return refuse(reader, path, INVALID,
		    "unknown value; did you mean \"%s\"?", near);
	return refuse(reader, path, INVALID,
	    "unknown value; one of the known is \"%s\"", field->names[0]);
}

static aicx_err
take_json(const struct reader *reader, const struct field *field,
    struct json_ref ref, const struct path *path, void *slot)
{
	*(struct aicx_str *)slot = json_raw(ref);
	return check_count(
	    reader, field, path, json_raw(ref).len, "bytes of JSON");
}

struct amount {
	struct aicx_str amount, currency;
};

static const struct field amount_fields[] = {
	FIELD(struct amount, amount, "amount", FIELD_STR,
	    .flags = FIELDF_REQUIRED, .min = 1, .max = 40),
	FIELD(struct amount, currency, "currency", FIELD_STR,
	    .flags = FIELDF_REQUIRED, .min = 1, .max = 7),
	FIELD_END,
};

static aicx_err
take_money(const struct reader *reader, const struct field *field,
    struct json_ref ref, const struct path *path, void *slot)
{
	struct path amount = { path, STR("amount"), 0 };
	struct path currency = { path, STR("currency"), 0 };
	struct reader strict = *reader;
	struct amount text = { 0 };
	struct aicx_money *money = slot;
	struct aicx_error why;

	strict.strict = true;
	aicx_err err = read_object(&strict, amount_fields, ref, path, &text);
	if (err != AICX_OK)
		return err;
	if (currencies_find(reader->currencies, text.currency) == NULL)
		return refuse(reader, &currency, "unknown_currency",
		    "unknown currency \"%.*s\"", STR_ARG(text.currency));
	if (money_parse(reader->currencies, text.amount, text.currency, money,
		&why) != AICX_OK)
		return refuse(
		    reader, &amount, "invalid_amount", "%s", why.text);
	if (!field_in_limits(field, money->minor))
		return refuse(reader, &amount, "invalid_amount", "%s is too %s",
		    money_text(reader->currencies, money).text,
		    money->minor < field->min ? "little" : "much");
	return AICX_OK;
}

static aicx_err
take_strs(const struct reader *reader, const struct field *field,
    struct json_ref ref, const struct path *path, void *slot)
{
	static const struct field item = { .min = 1, .max = 0 };
	struct field_strs *strs = slot;
	size_t n = json_len(ref);

	if (json_type(ref) != JSON_ARRAY)
		return refuse(
		    reader, path, INVALID, "wanted an array of strings");
	aicx_err err = check_count(reader, field, path, n, "strings");
	if (err != AICX_OK)
		return err;

	strs->items = arena_new(reader->arena, n * sizeof *strs->items);
	struct json_iter iter = json_iter(ref);
	for (strs->n = 0; err == AICX_OK && json_next(&iter); strs->n++) {
		struct path at = { path, { NULL, 0 }, strs->n };
		err = take_str(
		    reader, &item, iter.value, &at, &strs->items[strs->n]);
	}
	return err;
}

static aicx_err
take_object(const struct reader *reader, const struct field *field,
    struct json_ref ref, const struct path *path, void *slot)
{
	return read_object(reader, field->fields, ref, path, slot);
}

static aicx_err
take_list(const struct reader *reader, const struct field *field,
    struct json_ref ref, const struct path *path, void *slot)
{
	struct field_list *list = slot;
	size_t n = json_len(ref);

	if (json_type(ref) != JSON_ARRAY)
		return refuse(
		    reader, path, INVALID, "wanted an array of objects");
	aicx_err err = check_count(reader, field, path, n, "items");
	if (err != AICX_OK)
		return err;

	char *row = list->items =
	    arena_new(reader->arena, n * field->item_size);
	struct json_iter iter = json_iter(ref);
	for (list->n = 0; err == AICX_OK && json_next(&iter); list->n++) {
		struct path at = { path, { NULL, 0 }, list->n };
		field_clear(field->fields, row, field->item_size);
		err = read_object(reader, field->fields, iter.value, &at, row);
		row += field->item_size;
	}
	return err;
}

static take_fn *const takers[] = {
	[FIELD_STR] = take_str,
	[FIELD_ID] = take_id,
	[FIELD_INT] = take_int,
	[FIELD_BOOL] = take_bool,
	[FIELD_MONEY] = take_money,
	[FIELD_TIME] = take_time,
	[FIELD_ENUM] = take_enum,
	[FIELD_JSON] = take_json,
	[FIELD_STRS] = take_strs,
	[FIELD_OBJECT] = take_object,
	[FIELD_LIST] = take_list,
};

static size_t
find(const struct field *fields, struct aicx_str name)
{
	size_t i = 0;

	while (fields[i].name != NULL && !str_is(name, fields[i].name))
		i++;
	ENSURE(i < FIELDS_MAX);
	return i;
}

static aicx_err
refuse_unknown(const struct reader *reader, const struct field *fields,
    const struct path *path)
{
	const char *names[FIELDS_MAX + 1];
	size_t n = 0;

	for (; fields[n].name != NULL; n++)
		names[n] = fields[n].name;
	names[n] = NULL;
	const char *near = str_nearest(path->name, names);
	if (near != NULL)
		return refuse(reader, path, INVALID,
		    "unknown member; did you mean \"%s\"?", near);
	return refuse(reader, path, INVALID, "unknown member");
}

static aicx_err
check_required(const struct reader *reader, const struct field *fields,
    const struct path *up, uint64_t seen)
{
	for (size_t i = 0; fields[i].name != NULL; i++) {
		struct path path = { up, str_of(fields[i].name), 0 };
		if ((fields[i].flags & FIELDF_REQUIRED) &&
		    !(seen & UINT64_C(1) << i))
			return refuse(reader, &path, INVALID, "it is missing");
	}
	return AICX_OK;
}

static aicx_err
read_object(const struct reader *reader, const struct field *fields,
    struct json_ref object, const struct path *up, void *row)
{
	struct json_iter iter = json_iter(object);
	uint64_t seen = 0;

	if (json_type(object) != JSON_OBJECT)
		return refuse(reader, up, INVALID, "wanted an object");
	while (json_next(&iter)) {
		struct path path = { up, json_str(iter.name, reader->arena),
			0 };
		size_t at = find(fields, path.name);
		const struct field *field = &fields[at];

		if (field->name == NULL && !reader->strict)
			continue;
		if (field->name == NULL)
			return refuse_unknown(reader, fields, &path);
		if (json_type(iter.value) == JSON_NULL &&
		    field->type != FIELD_JSON)
			continue;
		aicx_err err = takers[field->type](reader, field, iter.value,
		    &path, (char *)row + field->offset);
		if (err != AICX_OK)
			return err;
		seen |= UINT64_C(1) << at;
	}
	return check_required(reader, fields, up, seen);
}

static void
set_fallbacks(const struct field *fields, char *row)
{
	for (const struct field *field = fields; field->name; field++) {
		char *slot = row + field->offset;

		if (field->type == FIELD_INT)
			*(int64_t *)(void *)slot = field->fallback;
		else if (field->type == FIELD_BOOL)
			*(bool *)slot = field->fallback != 0;
		else if (field->type == FIELD_ENUM)
			*(int *)(void *)slot = (int)field->fallback;
		else if (field->type == FIELD_OBJECT)
			set_fallbacks(field->fields, slot);
	}
}

void
field_clear(const struct field *fields, void *row, size_t size)
{
	memset(row, 0, size);
	set_fallbacks(fields, row);
}

aicx_err
field_parse(const struct field *fields, struct json_ref object,
    const struct currencies *currencies, bool strict, struct arena *arena,
    void *ret, size_t size, struct aicx_error *reterr)
{
	struct reader reader = { currencies, strict, arena, reterr };
	void *row = arena_new(arena, size); /* ret changes only on success */

	field_clear(fields, row, size);
	aicx_err err = read_object(&reader, fields, object, NULL, row);
	if (err == AICX_OK)
		memcpy(ret, row, size);
	return err;
}
