/* SPDX-License-Identifier: Apache-2.0 */
/* schema.c - a schema's life: documents, then places, then keywords. */
#include "schema/schema.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "schema/node.h"

struct node *
schema_read(
    struct schema *schema, struct document *document, struct aicx_error *reterr)
{
	struct aicx_error why;
	struct resource *resource = arena_new(&schema->arena, sizeof *resource);

	if (json_parse(document->text, &schema->arena, &document->json, &why) !=
	    AICX_OK) {
		(void)err_word(reterr, AICX_EINVAL, "invalid_params",
		    "schema %.*s: %s", STR_ARG(document->uri), why.text);
		return NULL;
	}
	document->nodes = arena_new(
	    &schema->arena, document->json.n_nodes * sizeof *document->nodes);
	resource->uri = document->uri;
	resource->next = schema->resources;
	schema->resources = resource;
	resource->root = schema_place(
	    schema, document, json_root(&document->json), resource, reterr);
	return resource->root;
}

/* The first is the schema's own, without a name. */
static void
keep_documents(struct schema *schema, struct aicx_str text,
    const struct schema_options *options)
{
	size_t n_given = options != NULL ? options->n_documents : 0;
	struct document *to = arena_new(
	    &schema->arena, (n_given + 1) * sizeof *schema->documents);

	schema->documents = to;
	schema->n_documents = n_given + 1;
	to->uri = STR("");
	to->text = arena_str(&schema->arena, text);
	for (size_t i = 0; i < n_given; i++) {
		(++to)->uri =
		    arena_str(&schema->arena, options->documents[i].uri);
		to->text =
		    arena_str(&schema->arena, options->documents[i].text);
	}
}

static aicx_err
compile_all(struct schema *schema, struct aicx_error *reterr)
{
	aicx_err err = AICX_OK;

	schema->root = schema_read(schema, &schema->documents[0], reterr);
	if (schema->root == NULL)
		return AICX_EINVAL;
	/* A reference may add places at the end. */
	for (struct node *node = schema->nodes; node != NULL && err == AICX_OK;
	     node = node->next)
		err = schema_compile(schema, node, reterr);
	return err;
}

struct schema *
schema_new(struct aicx_str text, const struct schema_options *options,
    struct aicx_error *reterr)
{
	struct schema *schema = MEM_NEW(struct schema);

	schema->last = &schema->nodes;
	schema->formats = options != NULL && options->formats;
	keep_documents(schema, text, options);
	if (compile_all(schema, reterr) == AICX_OK)
		return schema;
	schema_free(schema);
	return NULL;
}

void
schema_free(struct schema *schema)
{
	if (schema == NULL)
		return;
	for (struct node *node = schema->nodes; node != NULL;
	     node = node->next) {
		regex_free(node->pattern);
		map_fini(&node->properties);
		for (struct pattern_rule *rule = node->patterns; rule != NULL;
		     rule = rule->next)
			regex_free(rule->regex);
	}
	for (struct resource *resource = schema->resources; resource != NULL;
	     resource = resource->next) {
		map_fini(&resource->anchors);
		map_fini(&resource->dynamic);
	}
	arena_fini(&schema->arena);
	free(schema);
}
