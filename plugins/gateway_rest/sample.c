/* SPDX-License-Identifier: Apache-2.0 */
/* sample.c - a value that a JSON Schema describes, for examples. */
#include "sample.h"

#include "openapi_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MEMBERS_WITHOUT_REQUIRED = 3, TEXT_MAX = 64 };

/* What people expect to see under a name; the rest comes from the type. */
static const struct {
	const char *name, *text;
} words[] = {
	{ "need", "text.spellcheck" },
	{ "capability", "text.spellcheck" },
	{ "capability_id", "text.spellcheck" },
	{ "name", "text.spellcheck" },
	{ "version", "1.0.0" },
	{ "currency", "AIC" },
	{ "amount", "0.0025 AIC" },
	{ "max_price", "0.01 AIC" },
	{ "q", "spell check" },
	{ "query", "spell check" },
	{ "tag", "text" },
	{ "url", "https://seller.example.org/work" },
	{ "cursor", "eyJhIjoxfQ" },
};

static const char *
text_of(const json_t *schema, const char *name)
{
	const char *format =
	    json_string_value(json_object_get(schema, "format"));
	const char *wanted =
	    json_string_value(json_object_get(schema, "pattern"));

	if (format != NULL && strcmp(format, "uuid") == 0)
		return "01938f3a-7c11-7d52-9a64-3f1e5b7c2a90";
	if (format != NULL && strcmp(format, "date-time") == 0)
		return "2026-11-22T13:04:05.678Z";
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strcmp(words[i].name, name) == 0)
			return words[i].text;
	return wanted != NULL ? "0.002500" : "text";
}

static json_t *
sample_text(const json_t *schema, const char *name)
{
	const char *text = text_of(schema, name);
	json_int_t max =
	    json_integer_value(json_object_get(schema, "maxLength"));
	size_t len = strlen(text);

	if (max > 0 && len > (size_t)max)
		len = (size_t)max;
	return json_stringn(text, len);
}

static json_t *
sample_integer(const json_t *schema)
{
	json_t *value = json_object_get(schema, "default");

	if (value == NULL)
		value = json_object_get(schema, "minimum");
	return value != NULL ? json_incref(value) : json_integer(1);
}

static json_t *
sample_object(const json_t *schema)
{
	json_t *object = json_object();
	json_t *required = json_object_get(schema, "required");
	const char *name;
	json_t *member;

	json_object_foreach(json_object_get(schema, "properties"), name, member)
	{
		if (required != NULL
			? parts_requires(schema, name)
			: json_object_size(object) < MEMBERS_WITHOUT_REQUIRED)
			(void)json_object_set_new(
			    object, name, sample_of(member, name));
	}
	return object;
}

static json_t *
sample_array(const json_t *schema, const char *name)
{
	json_t *array = json_array();
	json_t *items = json_object_get(schema, "items");

	if (items != NULL)
		(void)json_array_append_new(array, sample_of(items, name));
	return array;
}

static json_t *
sample_money(void)
{
	return json_pack("{s:s,s:s}", "amount", "0.002500", "currency", "AIC");
}

json_t *
sample_of(const json_t *schema, const char *name)
{
	json_t *type = json_object_get(schema, "type");
	json_t *choices = json_object_get(schema, "enum");
	json_t *fixed = json_object_get(schema, "const");
	const char *word;

	if (json_object_get(schema, "$ref") != NULL)
		return sample_money();
	if (fixed != NULL)
		return json_incref(fixed);
	if (choices != NULL)
		return json_incref(json_array_get(choices, 0));
	if (json_is_array(type))
		type = json_array_get(type, 0);
	word = json_string_value(type);
	if (word == NULL)
		return json_string("text");
	if (strcmp(word, "object") == 0)
		return sample_object(schema);
	if (strcmp(word, "array") == 0)
		return sample_array(schema, name);
	if (strcmp(word, "integer") == 0 || strcmp(word, "number") == 0)
		return sample_integer(schema);
	if (strcmp(word, "boolean") == 0)
		return json_true();
	if (strcmp(word, "null") == 0)
		return json_null();
	return sample_text(schema, name);
}
