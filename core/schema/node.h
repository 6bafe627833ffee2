/* SPDX-License-Identifier: Apache-2.0 */
/* node.h - a compiled schema, for the files of this folder. */
#ifndef SCHEMA_NODE_H
#define SCHEMA_NODE_H

#include "base/map.h"
#include "schema/decimal.h"
#include "schema/format.h"
#include "schema/regex.h"
#include "schema/schema.h"

struct node;

/* A schema with a URI of its own: a document's root, or what has $id. */
struct resource {
	struct aicx_str uri;
	struct node *root;
	struct map anchors; /* name -> struct node; dynamic ones too */
	struct map dynamic; /* name -> struct node */
	struct resource *next;
};

struct document {
	struct aicx_str uri, text;
	struct json json;
	struct node **nodes; /* by the number of the JSON node, or NULL;
			       absent until a reference leads here */
};

struct nodes {
	struct node **items;
	size_t n;
};

struct names {
	struct aicx_str *items;
	size_t n;
};

struct pattern_rule {
	struct regex *regex;
	struct node *node;
	struct pattern_rule *next;
};

struct name_rule { /* dependentSchemas, dependentRequired */
	struct aicx_str name;
	struct node *node; /* or NULL */
	struct names required;
	struct name_rule *next;
};

struct range { /* lengths and counts; most is UINT64_MAX without a limit */
	uint64_t least, most;
};

struct node {
	struct document *document;
	struct json_ref text;
	struct resource *resource;
	struct node *next; /* of all nodes */
	bool never; /* never: the schema `false` */
	uint8_t types; /* 1 << enum json_type, and TYPE_INTEGER; 0: any */
	struct json_ref enumeration, constant;
	const struct decimal *multiple_of, *maximum, *minimum, *above, *below;
	struct range length, items_range, properties_range, contains_range;
	struct regex *pattern;
	format_fn *format;
	bool unique;
	struct nodes all_of, any_of, one_of, prefix_items;
	struct node *not_, *if_, *then_, *else_;
	struct node *items, *contains, *unevaluated_items;
	struct map properties; /* name -> struct node */
	struct pattern_rule *patterns;
	struct node *additional, *property_names, *unevaluated_properties;
	struct names required;
	struct name_rule *dependents;
	struct node *ref, *dynamic_ref;
	struct aicx_str dynamic_name; /* absent: dynamic_ref is plain */
};

enum { TYPE_INTEGER = 1 << 7 };

struct schema {
	struct arena arena;
	struct document *documents;
	size_t n_documents;
	struct resource *resources;
	struct node *nodes, **last;
	size_t n_nodes, n_ids;
	struct node *root;
	bool formats;
	bool unevaluated; /* somewhere: what was evaluated is kept */
};

/* places.c: finds the schemas at `text` and inside, with their $id and anchors;
   NULL when something there is no schema. */
struct node *schema_place(struct schema *schema, struct document *document,
    struct json_ref text, struct resource *resource, struct aicx_error *reterr);
/* What a reference of that node means; *ret_anchor: the plain name it ended
   with, or absent. */
struct node *schema_refer(struct schema *schema, const struct node *from,
    struct aicx_str reference, struct aicx_str *ret_anchor,
    struct aicx_error *reterr);
/* schema.c: the root of a document, read now; NULL when it is none. */
struct node *schema_read(struct schema *schema, struct document *document,
    struct aicx_error *reterr);
/* compile.c */
aicx_err schema_compile(
    struct schema *schema, struct node *node, struct aicx_error *reterr);
/* "invalid_params" at that place of the schema. */
aicx_err schema_wrong(const struct node *node, const char *keyword,
    const char *why, struct aicx_error *reterr);

#endif
