/* SPDX-License-Identifier: Apache-2.0 */
/* field_schema.c - a table of fields as JSON Schema 2020-12. */
#include "protocol/field.h"

#include "base/str.h"
#include "protocol/field_limits.h"

#define JSON_INT_SAFE (INT64_C(1) << 53)

static void
put_pair(struct json_writer *w, const char *name, const char *value)
{
	json_key(w, name);
	json_put_text(w, value);
}

static void
put_limit(struct json_writer *w, const char *name, int64_t value)
{
	json_key(w, name);
	json_put_int(w, value);
}

/* Limits that count something: bytes bound characters from above only, so a
   minimum beyond one is not said. */
static void
put_counts(struct json_writer *w, const struct field *field,
    const char *min_name, const char *max_name)
{
	if (field_has_min(field) && field->min > 0)
		put_limit(w, min_name, field->min);
	if (field_has_max(field))
		put_limit(w, max_name, field->max);
}

static void
put_str(struct json_writer *w, const struct field *field)
{
	put_pair(w, "type", "string");
	if (field_has_min(field) && field->min > 0)
		put_limit(w, "minLength", 1);
	if (field_has_max(field))
		put_limit(w, "maxLength", field->max);
}

static void
put_text(struct json_writer *w, const char *format)
{
	put_pair(w, "type", "string");
	put_pair(w, "format", format);
}

static void
put_int(struct json_writer *w, const struct field *field)
{
	bool safe = field_has_max(field) && field->min >= -JSON_INT_SAFE &&
	    field->max <= JSON_INT_SAFE;

	json_key(w, "type");
	if (safe) {
		json_put_text(w, "integer");
	} else {
		json_open(w, '[');
		json_put_text(w, "integer");
		json_put_text(w, "string");
		json_close(w);
		put_pair(w, "pattern", "^-?[0-9]+$");
	}
	if (field_has_min(field))
		put_limit(w, "minimum", field->min);
	if (field_has_max(field))
		put_limit(w, "maximum", field->max);
	if (!(field->flags & FIELDF_REQUIRED) &&
	    field_in_limits(field, field->fallback))
		put_limit(w, "default", field->fallback);
}

static void
put_bool(struct json_writer *w, const struct field *field)
{
	put_pair(w, "type", "boolean");
	if (!(field->flags & FIELDF_REQUIRED)) {
		json_key(w, "default");
		json_put_bool(w, field->fallback != 0);
	}
}

static void
put_enum(struct json_writer *w, const struct field *field)
{
	int64_t n = 0;

	json_key(w, "enum");
	json_open(w, '[');
	for (; field->names[n] != NULL; n++)
		json_put_text(w, field->names[n]);
	json_close(w);
	if (!(field->flags & FIELDF_REQUIRED) && field->fallback >= 0 &&
	    field->fallback < n)
		put_pair(w, "default", field->names[field->fallback]);
}

static void
put_money(struct json_writer *w)
{
	put_pair(w, "type", "object");
	json_key(w, "properties");
	json_put_raw(w,
	    STR("{\"amount\":{\"type\":\"string\","
		"\"pattern\":\"^[0-9]+([.][0-9]+)?$\"},"
		"\"currency\":{\"type\":\"string\","
		"\"pattern\":\"^[A-Z][A-Z0-9]{1,6}$\"}}"));
	json_key(w, "required");
	json_put_raw(w, STR("[\"amount\",\"currency\"]"));
	json_key(w, "additionalProperties");
	json_put_bool(w, false);
}

static void
put_strs(struct json_writer *w, const struct field *field)
{
	put_pair(w, "type", "array");
	json_key(w, "items");
	json_open(w, '{');
	put_pair(w, "type", "string");
	put_limit(w, "minLength", 1);
	json_close(w);
	put_counts(w, field, "minItems", "maxItems");
}

static void
put_list(struct json_writer *w, const struct field *field)
{
	put_pair(w, "type", "array");
	json_key(w, "items");
	field_schema(field->fields, w);
	put_counts(w, field, "minItems", "maxItems");
}

static void put_members(struct json_writer *w, const struct field *fields);

static void
put_type(struct json_writer *w, const struct field *field)
{
	switch (field->type) {
	case FIELD_STR:
		put_str(w, field);
		return;
	case FIELD_ID:
		put_text(w, "uuid");
		return;
	case FIELD_INT:
		put_int(w, field);
		return;
	case FIELD_BOOL:
		put_bool(w, field);
		return;
	case FIELD_MONEY:
		put_money(w);
		return;
	case FIELD_TIME:
		put_text(w, "date-time");
		return;
	case FIELD_ENUM:
		put_enum(w, field);
		return;
	case FIELD_JSON:
		return; /* anything */
	case FIELD_STRS:
		put_strs(w, field);
		return;
	case FIELD_OBJECT:
		put_members(w, field->fields);
		return;
	case FIELD_LIST:
		put_list(w, field);
		return;
	}
}

static bool
any_required(const struct field *fields)
{
	for (const struct field *field = fields; field->name; field++) {
		if (field->flags & FIELDF_REQUIRED)
			return true;
	}
	return false;
}

static void
put_members(struct json_writer *w, const struct field *fields)
{
	put_pair(w, "type", "object");
	json_key(w, "properties");
	json_open(w, '{');
	for (const struct field *field = fields; field->name; field++) {
		json_key(w, field->name);
		json_open(w, '{');
		put_type(w, field);
		if (field->help != NULL)
			put_pair(w, "description", field->help);
		json_close(w);
	}
	json_close(w);
	if (!any_required(fields))
		return;
	json_key(w, "required");
	json_open(w, '[');
	for (const struct field *field = fields; field->name; field++) {
		if (field->flags & FIELDF_REQUIRED)
			json_put_text(w, field->name);
	}
	json_close(w);
}

void
field_schema(const struct field *fields, struct json_writer *w)
{
	json_open(w, '{');
	put_members(w, fields);
	json_close(w);
}
