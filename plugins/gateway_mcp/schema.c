/* SPDX-License-Identifier: Apache-2.0 */
/* schema.c - a seller's JSON Schemas, which pass as they are written. */
#include "schema.h"

#include "slice.h"

#include <string.h>

bool
schema_is_object(struct aicx_str schema)
{
	return text_same(slice_get(schema, "type"), TEXT("\"object\""));
}

/* A reference would lead elsewhere from inside another schema. */
static bool
may_move(struct aicx_str schema)
{
	return schema.len > 0 && *schema.ptr == '{' &&
	    memmem(schema.ptr, schema.len, "Ref\"", 4) == NULL &&
	    memmem(schema.ptr, schema.len, "$ref\"", 5) == NULL;
}

void
schema_put_input(struct print *out, struct aicx_str schema)
{
	if (schema_is_object(schema)) {
		print_raw(out, schema);
		return;
	}
	print_open(out, '{');
	print_key(out, "type");
	print_text(out, "object");
	print_key(out, "properties");
	print_open(out, '{');
	print_key(out, SCHEMA_INPUT);
	print_raw(out, may_move(schema) ? schema : TEXT("{}"));
	print_close(out, '}');
	print_key(out, "required");
	print_raw(out, TEXT("[\"" SCHEMA_INPUT "\"]"));
	print_close(out, '}');
}
