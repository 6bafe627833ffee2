/* SPDX-License-Identifier: Apache-2.0 */
/* openapi_parts.h - what the operations of an OpenAPI description share. */
#ifndef OPENAPI_PARTS_H
#define OPENAPI_PARTS_H

#include <aiconexus/msg.h>
#include <jansson.h>
#include <stdbool.h>

/* What an operation may be refused for, beside what every one may. */
enum {
	PART_CREDENTIAL = 1u << 0,
	PART_NAMED = 1u << 1, /* something by its name */
	PART_CHANGES = 1u << 2,
	PART_BODY = 1u << 3
};

json_t *parts_info(void);
json_t *parts_components(void);
/* {"$ref":"#/components/KIND/NAME"} */
json_t *parts_reference(const char *kind, const char *name);
json_t *parts_description(const struct aicx_method *method);
json_t *parts_envelope_example(void);
/* Of a good answer. */
json_t *parts_headers(bool cacheable);
void parts_put_refusals(json_t *responses, unsigned why);
void parts_number(unsigned number, char ret_text[8]);

/* Each schema of money, however deep, becomes a reference to the shared one. */
void parts_share_money(json_t *schema);
/* A new schema: the same as a query parameter has it, which is text. */
json_t *parts_in_query(const json_t *schema);
bool parts_requires(const json_t *schema, const char *name);
/* Takes a member out of a schema. */
void parts_drop(json_t *schema, const char *name);
bool parts_left(const json_t *schema); /* any member */

#endif
