/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema.h - JSON Schema 2020-12 (Core and Validation): compiled once, then
 * values are checked against it within a budget.
 *
 * References stay inside the schema and the documents that are given beside it;
 * nothing is fetched, and the text of the dialect's own meta-schema is not
 * among them.  $vocabulary and other dialects are not looked at; content*
 * keywords and, unless asked for, "format" tell and do not check, as the
 * standard has it.
 */
#ifndef SCHEMA_SCHEMA_H
#define SCHEMA_SCHEMA_H

#include "base/json.h"

enum {
	SCHEMA_NODES_MAX = 4096, /* subschemas of one schema */
	SCHEMA_IDS_MAX = 128, /* of them with $id */
	SCHEMA_STEPS = 1000000, /* a value's whole check */
	SCHEMA_DEPTH_MAX = 200 /* subschemas inside each other at work */
};

struct schema;

struct schema_document {
	struct aicx_str uri; /* absolute, without a fragment */
	struct aicx_str text;
};

struct schema_options {
	const struct schema_document *documents; /* to be referred to */
	size_t n_documents;
	bool formats; /* "format" checks what format.h knows */
};

/*
 * NULL, and "invalid_params" with the keyword's place in field, when the text
 * is no JSON, a keyword has a wrong value, a reference leads nowhere, or a
 * limit is passed.  Texts are copied; options may be NULL.  Free with
 * schema_free.
 */
struct schema *schema_new(struct aicx_str text,
    const struct schema_options *options, struct aicx_error *reterr);
void schema_free(struct schema *schema); /* NULL is allowed */

/*
 * The word is "invalid_input" with the value's place in field and the
 * keyword in the text (AICX_EINVAL); AICX_ELIMIT when the budget is used
 * up before it is known.  scratch takes what the check needs.
 */
aicx_err schema_check(const struct schema *schema, struct json_ref value,
    struct arena *scratch, struct aicx_error *reterr);

#endif
