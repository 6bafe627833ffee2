/* SPDX-License-Identifier: Apache-2.0 */
/* header.c - values of MCP's own header fields. */
#include "header.h"

#include "base64.h"
#include "door.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PROPERTIES_DEEP = 16 };

bool
header_decode(struct aicx_str value, struct bytes *ret_text)
{
	static const char begin[] = "=?base64?", end[] = "?=";
	size_t n_begin = sizeof begin - 1, n_end = sizeof end - 1;

	bytes_clear(ret_text);
	if (value.len < n_begin + n_end ||
	    memcmp(value.ptr, begin, n_begin) != 0 ||
	    memcmp(value.ptr + value.len - n_end, end, n_end) != 0) {
		bytes_str(ret_text, value);
		return true;
	}
	return bytes_from_base64((struct aicx_str) { value.ptr + n_begin,
				     value.len - n_begin - n_end },
		   ret_text) &&
	    text_is_utf8(bytes_view(ret_text));
}

bool
header_says(const struct aicx_http_request *request, const char *name,
    struct aicx_str wanted)
{
	struct aicx_str value = door_field(request, name);
	struct bytes text = { 0 };
	bool same = value.ptr != NULL && header_decode(value, &text) &&
	    text_same(bytes_view(&text), wanted);

	bytes_fini(&text);
	return same;
}

/* --- arguments ---------------------------------------------------- */

static bool
number_fits(struct aicx_str text, double wanted)
{
	char digits[64];
	char *end;

	if (text.len == 0 || text.len >= sizeof digits)
		return false;
	memcpy(digits, text.ptr, text.len);
	digits[text.len] = '\0';
	if (strspn(digits, "0123456789.+-eE") != text.len)
		return false;
	return fabs(strtod(digits, &end) - wanted) < 0.5 && *end == '\0';
}

static bool
value_fits(struct aicx_str text, const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_STRING:
		return text_same(text,
		    (struct aicx_str) {
			json_string_value(value), json_string_length(value) });
	case JSON_INTEGER:
	case JSON_REAL:
		return number_fits(text, json_number_value(value));
	case JSON_TRUE:
		return text_same(text, TEXT("true"));
	case JSON_FALSE:
		return text_same(text, TEXT("false"));
	case JSON_OBJECT:
	case JSON_ARRAY:
	case JSON_NULL:
		break;
	}
	return false;
}

static bool
param_fits(const struct aicx_http_request *request, const char *name,
    const json_t *value)
{
	struct bytes field = { 0 };
	struct bytes text = { 0 };
	struct aicx_str given;
	bool fits;

	bytes_text(&field, "Mcp-Param-");
	bytes_text(&field, name);
	bytes_char(&field, '\0');
	if (field.failed)
		return false;
	given = door_field(request, field.ptr);
	if (value == NULL || json_is_null(value))
		fits = given.ptr == NULL;
	else
		fits = given.ptr != NULL && header_decode(given, &text) &&
		    value_fits(bytes_view(&text), value);
	bytes_fini(&field);
	bytes_fini(&text);
	return fits;
}

/* Only steps of "properties" lead to such a property. */
static bool
properties_fit(const struct aicx_http_request *request, const json_t *schema,
    const json_t *value, int depth, const char **ret_name)
{
	json_t *properties = json_object_get(schema, "properties");
	const char *key;
	json_t *property;

	json_object_foreach(properties, key, property)
	{
		const char *name = json_string_value(
		    json_object_get(property, "x-mcp-header"));
		const json_t *part = json_object_get(value, key);

		if (name != NULL && !param_fits(request, name, part)) {
			*ret_name = name;
			return false;
		}
		if (depth < PROPERTIES_DEEP &&
		    !properties_fit(
			request, property, part, depth + 1, ret_name))
			return false;
	}
	return true;
}

bool
header_params_fit(const struct aicx_http_request *request, const json_t *schema,
    const json_t *arguments, const char **ret_name)
{
	return properties_fit(request, schema, arguments, 0, ret_name);
}

/* --- the other way ------------------------------------------------ */

static bool
is_plain(struct aicx_str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] < ' ' || text.ptr[i] > '~')
			return false;
	return text.len > 0 && text.ptr[0] != ' ' &&
	    text.ptr[text.len - 1] != ' ' &&
	    (text.len < 2 || memcmp(text.ptr, "=?", 2) != 0);
}

void
header_put(struct aicx_str text, struct bytes *out)
{
	if (is_plain(text)) {
		bytes_str(out, text);
		return;
	}
	bytes_text(out, "=?base64?");
	bytes_base64(out, text.ptr, text.len);
	bytes_text(out, "?=");
}

bool
header_encode(const json_t *value, struct bytes *out)
{
	enum { EXACT_BITS = 53 };
	double number = json_number_value(value);
	char digits[32];

	switch (json_typeof(value)) {
	case JSON_STRING:
		header_put((struct aicx_str) { json_string_value(value),
			       json_string_length(value) },
		    out);
		return true;
	case JSON_INTEGER:
	case JSON_REAL:
		if (fabs(number) > ldexp(1, EXACT_BITS) ||
		    fabs(number - trunc(number)) > 0.0)
			return false;
		(void)snprintf(digits, sizeof digits, "%.0f", number);
		bytes_text(out, digits);
		return true;
	case JSON_TRUE:
	case JSON_FALSE:
		bytes_text(out, json_is_true(value) ? "true" : "false");
		return true;
	case JSON_OBJECT:
	case JSON_ARRAY:
	case JSON_NULL:
		break;
	}
	return false;
}

static void
each_param(const json_t *schema, const json_t *value, int depth,
    header_param_fn *fn, void *arg)
{
	json_t *properties = json_object_get(schema, "properties");
	const char *key;
	json_t *property;

	json_object_foreach(properties, key, property)
	{
		const char *name = json_string_value(
		    json_object_get(property, "x-mcp-header"));
		const json_t *part = json_object_get(value, key);

		if (part == NULL)
			continue;
		if (name != NULL)
			fn(name, part, arg);
		if (depth < PROPERTIES_DEEP)
			each_param(property, part, depth + 1, fn, arg);
	}
}

void
header_each_param(const json_t *schema, const json_t *arguments,
    header_param_fn *fn, void *arg)
{
	each_param(schema, arguments, 0, fn, arg);
}
