/* SPDX-License-Identifier: Apache-2.0 */
/* field_take.c - one taker for each type a field can have. */
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/str.h"
#include "protocol/field_limits.h"
#include "protocol/field_read.h"

static aicx_err
check_count(const struct reader *reader, const struct field *field,
    const struct path *path, size_t n, const char *what)
{
	if (field_in_limits(field, (int64_t)n))
		return AICX_OK;
	if ((int64_t)n < field->min)
		return field_refuse(reader, path, INVALID,
		    "%zu %s, wanted at least %" PRId64, n, what, field->min);
	return field_refuse(reader, path, INVALID,
	    "%zu %s, wanted at most %" PRId64, n, what, field->max);
}

static aicx_err
take_str(const struct reader *reader, const struct field *field,
    struct json_ref ref, const struct path *path, void *slot)
{
	struct aicx_str str = json_str(ref, reader->arena);

	if (str.ptr == NULL)
		return field_refuse(reader, path, INVALID, "wanted a string");
	if (memchr(str.ptr, '\0', str.len) != NULL)
		return field_refuse(
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
		return field_refuse(reader, path, INVALID, "wanted a UUID");
	return AICX_OK;
}

static aicx_err
take_int(const struct reader *reader, const struct field *field,
    struct json_ref ref, const struct path *path, void *slot)
{
	int64_t *value = slot;

	if (!json_int(ref, value))
		return field_refuse(reader, path, INVALID, "wanted an integer");
	if (field_in_limits(field, *value))
		return AICX_OK;
	if (*value < field->min)
		return field_refuse(reader, path, INVALID,
		    "%" PRId64 " is below %" PRId64, *value, field->min);
	return field_refuse(reader, path, INVALID,
	    "%" PRId64 " is above %" PRId64, *value, field->max);
}

static aicx_err
take_bool(const struct reader *reader, const struct field *field,
    struct json_ref ref, const struct path *path, void *slot)
{
	(void)field;
	if (!json_bool(ref, slot))
		return field_refuse(
		    reader, path, INVALID, "wanted true or false");
	return AICX_OK;
}

static aicx_err
take_time(const struct reader *reader, const struct field *field,
    struct json_ref ref, const struct path *path, void *slot)
{
	(void)field;
	if (!time_parse(json_str(ref, reader->arena), slot) ||
	    *(int64_t *)slot <= 0)
		return field_refuse(reader, path, INVALID,
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
		return field_refuse(reader, path, INVALID,
		    "unknown value; did you mean \"%s\"?", near);
	return field_refuse(reader, path, INVALID,
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
	aicx_err err =
	    field_read_object(&strict, amount_fields, ref, path, &text);
	if (err != AICX_OK)
		return err;
	if (currencies_find(reader->currencies, text.currency) == NULL)
		return field_refuse(reader, &currency, "unknown_currency",
		    "unknown currency \"%.*s\"", STR_ARG(text.currency));
	if (money_parse(reader->currencies, text.amount, text.currency, money,
		&why) != AICX_OK)
		return field_refuse(
		    reader, &amount, "invalid_amount", "%s", why.text);
	if (!field_in_limits(field, money->minor))
		return field_refuse(reader, &amount, "invalid_amount",
		    "%s is too %s", money_text(reader->currencies, money).text,
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
		return field_refuse(
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
	return field_read_object(reader, field->fields, ref, path, slot);
}

static aicx_err
take_list(const struct reader *reader, const struct field *field,
    struct json_ref ref, const struct path *path, void *slot)
{
	struct field_list *list = slot;
	size_t n = json_len(ref);

	if (json_type(ref) != JSON_ARRAY)
		return field_refuse(
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
		err = field_read_object(
		    reader, field->fields, iter.value, &at, row);
		row += field->item_size;
	}
	return err;
}

field_take_fn *const field_takers[] = {
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
