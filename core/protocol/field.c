/* SPDX-License-Identifier: Apache-2.0 */
/*
 * field.c - reading a JSON object into a struct by its table.
 *
 * Each type has one taker; around them is one walk that knows which member it
 * is in, so every refusal carries the JSON Pointer (RFC 6901) to the culprit.
 */
#include "protocol/field.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "protocol/field_read.h"

enum { ROW_STACK_BYTES = 1024 }; /* most rows are smaller */

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

aicx_err
field_refuse(const struct reader *reader, const struct path *path,
    const char *word, const char *fmt, ...)
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

static size_t
find(const struct field *fields, struct aicx_str name)
{
	size_t i = 0;

	while (fields[i].name != NULL &&
	    (fields[i].name_len != name.len ||
		memcmp(fields[i].name, name.ptr, name.len) != 0))
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
		return field_refuse(reader, path, INVALID,
		    "unknown member; did you mean \"%s\"?", near);
	return field_refuse(reader, path, INVALID, "unknown member");
}

static aicx_err
check_required(const struct reader *reader, const struct field *fields,
    const struct path *up, uint64_t seen)
{
	for (size_t i = 0; fields[i].name != NULL; i++) {
		struct path path = { up, str_of(fields[i].name), 0 };
		if ((fields[i].flags & FIELDF_REQUIRED) &&
		    !(seen & UINT64_C(1) << i))
			return field_refuse(
			    reader, &path, INVALID, "it is missing");
	}
	return AICX_OK;
}

aicx_err
field_read_object(const struct reader *reader, const struct field *fields,
    struct json_ref object, const struct path *up, void *row)
{
	struct json_iter iter = json_iter(object);
	uint64_t seen = 0;

	if (json_type(object) != JSON_OBJECT)
		return field_refuse(reader, up, INVALID, "wanted an object");
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
		aicx_err err = field_takers[field->type](reader, field,
		    iter.value, &path, (char *)row + field->offset);
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
	_Alignas(max_align_t) char small[ROW_STACK_BYTES];
	/* ret changes only on success */
	void *row = size <= sizeof small ? small : arena_new(arena, size);

	field_clear(fields, row, size);
	aicx_err err = field_read_object(&reader, fields, object, NULL, row);
	if (err == AICX_OK)
		memcpy(ret, row, size);
	return err;
}
