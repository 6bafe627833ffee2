/* SPDX-License-Identifier: Apache-2.0 */
/*
 * field_copy.c - a struct as it would be after printing and parsing it.
 *
 * Who keeps rows as text and as structs makes both from one struct: the rules
 * of the parser (field_take.c) are kept here as well, so that what is written
 * can be read.
 */
#include <string.h>

#include "base/err.h"
#include "base/id.h"
#include "base/str.h"
#include "protocol/field_limits.h"

struct copier {
	const struct currencies *currencies;
	struct arena *arena;
};

typedef bool copy_fn(const struct copier *copier, const struct field *field,
    const void *from, void *to);

static bool copy_members(const struct copier *copier,
    const struct field *fields, const void *from, void *to);

/* Printed even when there is nothing to say. */
static bool
is_said(const struct field *field)
{
	return (field->flags & (FIELDF_REQUIRED | FIELDF_ALWAYS)) != 0;
}

static bool
copy_str(const struct copier *copier, const struct field *field,
    const void *from, void *to)
{
	const struct aicx_str *str = from;

	if (str->ptr == NULL && !is_said(field))
		return true;
	*(struct aicx_str *)to =
	    str->ptr != NULL ? arena_str(copier->arena, *str) : STR("");
	return field_in_limits(field, (int64_t)str->len) &&
	    (str->len == 0 || memchr(str->ptr, '\0', str->len) == NULL) &&
	    str_is_utf8(*str);
}

static bool
copy_id(const struct copier *copier, const struct field *field,
    const void *from, void *to)
{
	(void)copier;
	memcpy(to, from, sizeof(struct aicx_id));
	return (field->flags & FIELDF_REQUIRED) == 0 || !id_is_nil(to);
}

static bool
copy_int(const struct copier *copier, const struct field *field,
    const void *from, void *to)
{
	int64_t value = *(const int64_t *)from;

	(void)copier;
	*(int64_t *)to = value;
	return (value == field->fallback && !is_said(field)) ||
	    field_in_limits(field, value);
}

static bool
copy_bool(const struct copier *copier, const struct field *field,
    const void *from, void *to)
{
	(void)copier;
	(void)field;
	*(bool *)to = *(const bool *)from;
	return true;
}

static bool
copy_money(const struct copier *copier, const struct field *field,
    const void *from, void *to)
{
	const struct aicx_money *money = from;
	struct aicx_money *copy = to;

	if (!money_is_set(money))
		return (field->flags & FIELDF_REQUIRED) == 0;
	const struct currency *currency =
	    currencies_find(copier->currencies, str_of(money->currency));
	if (currency == NULL || money->minor < 0)
		return false;
	copy->minor = money->minor;
	memcpy(copy->currency, currency->code, sizeof copy->currency);
	return field_in_limits(field, money->minor);
}

static bool
copy_time(const struct copier *copier, const struct field *field,
    const void *from, void *to)
{
	int64_t at_ms = *(const int64_t *)from;

	(void)copier;
	*(int64_t *)to = at_ms;
	return at_ms > 0 ||
	    (at_ms == 0 && (field->flags & FIELDF_REQUIRED) == 0);
}

static bool
copy_enum(const struct copier *copier, const struct field *field,
    const void *from, void *to)
{
	int value = *(const int *)from, n = 0;

	(void)copier;
	*(int *)to = value;
	if (value == (int)field->fallback && !is_said(field))
		return true;
	while (n <= value && field->names[n] != NULL)
		n++;
	return value >= 0 && value < n;
}

static bool
copy_json(const struct copier *copier, const struct field *field,
    const void *from, void *to)
{
	const struct aicx_str *json = from;
	struct aicx_str *copy = to;

	if (json->ptr != NULL)
		*copy = arena_str(copier->arena, *json);
	else if (is_said(field))
		*copy = arena_str(copier->arena, STR("null"));
	else
		return true;
	json_one_line((char *)(uintptr_t)copy->ptr, copy->len);
	return copy->len > 0 && field_in_limits(field, (int64_t)copy->len);
}

static bool
copy_strs(const struct copier *copier, const struct field *field,
    const void *from, void *to)
{
	static const struct field item = { .min = 1, .max = 0 };
	const struct field_strs *strs = from;
	struct field_strs *copy = to;

	if (strs->n == 0)
		return !is_said(field) || field_in_limits(field, 0);
	copy->items = arena_new(copier->arena, strs->n * sizeof *copy->items);
	for (; copy->n < strs->n; copy->n++)
		if (strs->items[copy->n].ptr == NULL ||
		    !copy_str(copier, &item, &strs->items[copy->n],
			&copy->items[copy->n]))
			return false;
	return field_in_limits(field, (int64_t)copy->n);
}

static bool
copy_object(const struct copier *copier, const struct field *field,
    const void *from, void *to)
{
	if (!is_said(field) && field_object_is_absent(field->fields, from))
		return true;
	return copy_members(copier, field->fields, from, to);
}

static bool
copy_list(const struct copier *copier, const struct field *field,
    const void *from, void *to)
{
	const struct field_list *list = from;
	struct field_list *copy = to;

	if (list->n == 0)
		return !is_said(field) || field_in_limits(field, 0);
	char *row = copy->items =
	    arena_new(copier->arena, list->n * field->item_size);
	const char *old = list->items;
	for (; copy->n < list->n; copy->n++) {
		field_clear(field->fields, row, field->item_size);
		if (!copy_members(copier, field->fields, old, row))
			return false;
		row += field->item_size;
		old += field->item_size;
	}
	return field_in_limits(field, (int64_t)copy->n);
}

static copy_fn *const copiers[] = {
	[FIELD_STR] = copy_str,
	[FIELD_ID] = copy_id,
	[FIELD_INT] = copy_int,
	[FIELD_BOOL] = copy_bool,
	[FIELD_MONEY] = copy_money,
	[FIELD_TIME] = copy_time,
	[FIELD_ENUM] = copy_enum,
	[FIELD_JSON] = copy_json,
	[FIELD_STRS] = copy_strs,
	[FIELD_OBJECT] = copy_object,
	[FIELD_LIST] = copy_list,
};

static bool
copy_members(const struct copier *copier, const struct field *fields,
    const void *from, void *to)
{
	for (const struct field *field = fields; field->name; field++)
		if (!copiers[field->type](copier, field,
			(const char *)from + field->offset,
			(char *)to + field->offset))
			return false;
	return true;
}

aicx_err
field_copy(const struct field *fields, const void *row,
    const struct currencies *currencies, struct arena *arena, void *ret,
    size_t size, struct aicx_error *reterr)
{
	struct copier copier = { currencies, arena };

	field_clear(fields, ret, size);
	for (const struct field *field = fields; field->name; field++)
		if (!copiers[field->type](&copier, field,
			(const char *)row + field->offset,
			(char *)ret + field->offset))
			return err_set(reterr, AICX_EINVAL,
			    "member \"%s\" could not be read back",
			    field->name);
	return AICX_OK;
}

/* --- how much -------------------------------------------------------- */

enum { PIECE_BYTES = 16 }; /* arenas hand out multiples of it */

static size_t
piece(size_t n_bytes)
{
	return (n_bytes + PIECE_BYTES - 1) / PIECE_BYTES * PIECE_BYTES;
}

static size_t
strs_bytes(const struct field_strs *strs)
{
	size_t n_bytes = piece(strs->n * sizeof *strs->items);

	for (size_t i = 0; i < strs->n; i++)
		n_bytes += piece(strs->items[i].len);
	return n_bytes;
}

static size_t
list_bytes(const struct field *field, const struct field_list *list)
{
	size_t n_bytes = piece(list->n * field->item_size);
	const char *row = list->items;

	for (size_t i = 0; i < list->n; i++, row += field->item_size)
		n_bytes += field_copy_bytes(field->fields, row);
	return n_bytes;
}

static size_t
slot_bytes(const struct field *field, const void *slot)
{
	switch (field->type) {
	case FIELD_STR:
	case FIELD_JSON:
		return piece(((const struct aicx_str *)slot)->len + 4);
	case FIELD_STRS:
		return strs_bytes(slot);
	case FIELD_OBJECT:
		return field_copy_bytes(field->fields, slot);
	case FIELD_LIST:
		return list_bytes(field, slot);
	case FIELD_ID:
	case FIELD_INT:
	case FIELD_BOOL:
	case FIELD_MONEY:
	case FIELD_TIME:
	case FIELD_ENUM:
		break;
	}
	return 0;
}

size_t
field_copy_bytes(const struct field *fields, const void *row)
{
	size_t n_bytes = 0;

	for (const struct field *field = fields; field->name; field++)
		n_bytes += slot_bytes(field, (const char *)row + field->offset);
	return n_bytes;
}
