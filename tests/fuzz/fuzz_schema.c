/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_schema.c - any array of a schema and a value: the schema compiles or
 * says why, the check ends within its budget, and its verdict is the same
 * again.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "schema/schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_twice(const struct schema *schema, struct json_ref value)
{
	struct arena arena = { 0 };
	struct aicx_error first = { 0 }, again = { 0 };

	aicx_err err = schema_check(schema, value, &arena, &first);
	ENSURE(schema_check(schema, value, &arena, &again) == err);
	ENSURE((err == AICX_OK) == (first.text[0] == '\0'));
	ENSURE(strcmp(first.text, again.text) == 0);
	ENSURE(str_is_utf8(str_of(first.text)));
	arena_fini(&arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct schema_options options = { .formats = true };
	struct aicx_str text = { (const char *)data, size };
	struct arena arena = { 0 };
	struct aicx_error err = { 0 };
	struct json doc;

	if (json_parse(text, &arena, &doc, NULL) == AICX_OK &&
	    json_len(json_root(&doc)) == 2 &&
	    json_type(json_root(&doc)) == JSON_ARRAY) {
		struct schema *schema = schema_new(
		    json_raw(json_at(json_root(&doc), 0)), &options, &err);
		if (schema != NULL)
			check_twice(schema, json_at(json_root(&doc), 1));
		ENSURE(schema != NULL ||
		    (err.text[0] != '\0' && str_is_utf8(str_of(err.text))));
		schema_free(schema);
	}
	arena_fini(&arena);
	return 0;
}
