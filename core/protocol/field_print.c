/* SPDX-License-Identifier: Apache-2.0 */
/* field_print.c - writing a struct as JSON members by its table. */
#include "protocol/field.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/id.h"
#include "base/str.h"

/* Integers beyond this are strings on the wire: doubles cannot hold them. */
#define JSON_INT_SAFE (INT64_C(1) << 53)

static bool
is_absent(const struct field *field, const void *slot)
{
	switch (field->type) {
	case FIELD_STR:
	case FIELD_JSON:
		return ((const struct aicx_str *)slot)->ptr == NULL;
	case FIELD_ID:
		return id_is_nil(slot);
	case FIELD_INT:
		return *(const int64_t *)slot == field->fallback;
	case FIELD_BOOL:
		return *(const bool *)slot == (field->fallback != 0);
	case FIELD_MONEY:
		return !money_is_set(slot);
	case FIELD_TIME:
		return *(const int64_t *)slot == 0;
	case FIELD_ENUM:
		return *(const int *)slot == (int)field->fallback;
	case FIELD_STRS:
		return ((const struct field_strs *)slot)->n == 0;
	case FIELD_OBJECT:
		return field_object_is_absent(field->fields, slot);
	case FIELD_LIST:
		return ((const struct field_list *)slot)->n == 0;
	}
	return true;
}

bool
field_object_is_absent(const struct field *fields, const void *row)
{
	for (const struct field *field = fields; field->name; field++) {
		if (!is_absent(field, (const char *)row + field->offset))
			return false;
	}
	return true;
}

static void
put_int(struct json_writer *w, int64_t value)
{
	char text[24];

	if (value >= -JSON_INT_SAFE && value <= JSON_INT_SAFE) {
		json_put_int(w, value);
		return;
	}
	(void)snprintf(text, sizeof text, "%" PRId64, value);
	json_put_text(w, text);
}

static void
put_enum(struct json_writer *w, const struct field *field, int value)
{
	int n = 0;

	while (field->names[n] != NULL)
		n++;
	if (value >= 0 && value < n)
		json_put_text(w, field->names[value]);
	else
		json_put_null(w);
}

static void
put_strs(struct json_writer *w, const struct field_strs *strs)
{
	json_open(w, '[');
	for (size_t i = 0; i < strs->n; i++)
		json_put_str(w, strs->items[i]);
	json_close(w);
}

static void
put_object(struct json_writer *w, const struct currencies *currencies,
    const struct field *fields, const void *row)
{
	json_open(w, '{');
	field_print(fields, row, currencies, w);
	json_close(w);
}

static void
put_list(struct json_writer *w, const struct currencies *currencies,
    const struct field *field, const struct field_list *list)
{
	const char *row = list->items;

	json_open(w, '[');
	for (size_t i = 0; i < list->n; i++, row += field->item_size)
		put_object(w, currencies, field->fields, row);
	json_close(w);
}

/* A member that has nothing to say but must be said: null reads as absent. */
static bool
is_null(const struct field *field, const void *slot)
{
	switch (field->type) {
	case FIELD_JSON:
	case FIELD_ID:
	case FIELD_MONEY:
	case FIELD_TIME:
		return is_absent(field, slot);
	case FIELD_STR:
	case FIELD_INT:
	case FIELD_BOOL:
	case FIELD_ENUM:
	case FIELD_STRS:
	case FIELD_OBJECT:
	case FIELD_LIST:
		return false;
	}
	return false;
}

static void
put_value(struct json_writer *w, const struct currencies *currencies,
    const struct field *field, const void *slot)
{
	switch (field->type) {
	case FIELD_STR:
		json_put_str(w, *(const struct aicx_str *)slot);
		return;
	case FIELD_ID:
		json_put_id(w, slot);
		return;
	case FIELD_INT:
		put_int(w, *(const int64_t *)slot);
		return;
	case FIELD_BOOL:
		json_put_bool(w, *(const bool *)slot);
		return;
	case FIELD_MONEY:
		json_put_money(w, currencies, slot);
		return;
	case FIELD_TIME:
		json_put_time(w, *(const int64_t *)slot);
		return;
	case FIELD_ENUM:
		put_enum(w, field, *(const int *)slot);
		return;
	case FIELD_JSON:
		json_put_raw(w, *(const struct aicx_str *)slot);
		return;
	case FIELD_STRS:
		put_strs(w, slot);
		return;
	case FIELD_OBJECT:
		put_object(w, currencies, field->fields, slot);
		return;
	case FIELD_LIST:
		put_list(w, currencies, field, slot);
		return;
	}
}

void
field_print(const struct field *fields, const void *row,
    const struct currencies *currencies, struct json_writer *w)
{
	for (const struct field *field = fields; field->name; field++) {
		const void *slot = (const char *)row + field->offset;

		if (!(field->flags & (FIELDF_REQUIRED | FIELDF_ALWAYS)) &&
		    is_absent(field, slot))
			continue;
		json_key_plain(w, field->name, field->name_len);
		if (is_null(field, slot))
			json_put_null(w);
		else
			put_value(w, currencies, field, slot);
	}
}
