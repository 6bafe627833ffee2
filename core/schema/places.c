/* SPDX-License-Identifier: Apache-2.0 */
/*
 * places.c - where schemas are in a document, what they are called, and what a
 * reference means (JSON Schema Core 2020-12, sections 8 and 9).
 */
#include "schema/node.h"

#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "schema/uri.h"
#include "schema/value.h"

enum holds { HOLDS_ONE, HOLDS_LIST, HOLDS_NAMED };

static const struct {
	const char *name;
	enum holds holds;
} applicators[] = { { "allOf", HOLDS_LIST }, { "anyOf", HOLDS_LIST },
	{ "oneOf", HOLDS_LIST }, { "prefixItems", HOLDS_LIST },
	{ "not", HOLDS_ONE }, { "if", HOLDS_ONE }, { "then", HOLDS_ONE },
	{ "else", HOLDS_ONE }, { "items", HOLDS_ONE },
	{ "contains", HOLDS_ONE }, { "additionalProperties", HOLDS_ONE },
	{ "propertyNames", HOLDS_ONE }, { "unevaluatedItems", HOLDS_ONE },
	{ "unevaluatedProperties", HOLDS_ONE }, { "contentSchema", HOLDS_ONE },
	{ "properties", HOLDS_NAMED }, { "patternProperties", HOLDS_NAMED },
	{ "dependentSchemas", HOLDS_NAMED }, { "$defs", HOLDS_NAMED },
	{ "definitions", HOLDS_NAMED } };

aicx_err
schema_wrong(const struct node *node, const char *keyword, const char *why,
    struct aicx_error *reterr)
{
	return err_field(reterr, AICX_EINVAL, "invalid_params", keyword,
	    "schema%s%.*s, keyword \"%s\": %s",
	    node->resource->uri.len > 0 ? " " : "",
	    STR_ARG(node->resource->uri), keyword, why);
}

static struct resource *
find_resource(const struct schema *schema, struct aicx_str uri)
{
	struct resource *resource = schema->resources;

	while (resource != NULL && !str_eq(resource->uri, uri))
		resource = resource->next;
	return resource;
}

static aicx_err
add_resource(struct schema *schema, struct node *node, struct aicx_str uri,
    struct aicx_error *reterr)
{
	struct resource *resource = arena_new(&schema->arena, sizeof *resource);

	if (schema->n_ids++ >= SCHEMA_IDS_MAX)
		return schema_wrong(node, "$id", "there are too many", reterr);
	resource->uri = uri;
	resource->root = node;
	node->resource = resource;
	if (find_resource(schema, uri) != NULL)
		return schema_wrong(
		    node, "$id", "another schema has it already", reterr);
	resource->next = schema->resources;
	schema->resources = resource;
	return AICX_OK;
}

static aicx_err
add_anchor(struct schema *schema, struct node *node, const char *keyword,
    bool dynamic, struct aicx_error *reterr)
{
	struct json_ref member = json_get(node->text, keyword);
	struct aicx_str name = json_str(member, &schema->arena);

	if (!json_has(member))
		return AICX_OK;
	if (name.len == 0 || memchr(name.ptr, '#', name.len) != NULL ||
	    memchr(name.ptr, '/', name.len) != NULL)
		return schema_wrong(node, keyword, "must be a name", reterr);
	struct node *other = map_put(&node->resource->anchors, name, node);
	if (other != NULL && other != node)
		return schema_wrong(
		    node, keyword, "the name stands twice", reterr);
	if (dynamic)
		(void)map_put(&node->resource->dynamic, name, node);
	return AICX_OK;
}

/* $id, $anchor, $dynamicAnchor. */
static aicx_err
name_node(struct schema *schema, struct node *node, struct aicx_error *reterr)
{
	struct json_ref id = json_get(node->text, "$id");
	struct aicx_str fragment;

	if (json_has(id)) {
		struct aicx_str text = json_str(id, &schema->arena);
		if (text.len == 0)
			return schema_wrong(
			    node, "$id", "must be a URI reference", reterr);
		struct aicx_str uri = uri_resolve(
		    node->resource->uri, text, &schema->arena, &fragment);
		if (fragment.len > 0)
			return schema_wrong(
			    node, "$id", "must have no fragment", reterr);
		if (!str_eq(uri, node->resource->uri)) {
			aicx_err err = add_resource(schema, node, uri, reterr);
			if (err != AICX_OK)
				return err;
		}
	}
	aicx_err err = add_anchor(schema, node, "$anchor", false, reterr);
	return err == AICX_OK
	    ? add_anchor(schema, node, "$dynamicAnchor", true, reterr)
	    : err;
}

static aicx_err
place_member(struct schema *schema, struct node *node, struct json_ref value,
    enum holds holds, const char *name, struct aicx_error *reterr)
{
	struct json_iter iter = json_iter(value);

	if (holds == HOLDS_ONE)
		return schema_place(schema, node->document, value,
			   node->resource, reterr) != NULL
		    ? AICX_OK
		    : AICX_EINVAL;
	if (json_type(value) !=
	    (holds == HOLDS_LIST ? JSON_ARRAY : JSON_OBJECT))
		return schema_wrong(node, name,
		    holds == HOLDS_LIST ? "must be an array of schemas"
					: "must be an object of schemas",
		    reterr);
	while (json_next(&iter))
		if (schema_place(schema, node->document, iter.value,
			node->resource, reterr) == NULL)
			return AICX_EINVAL;
	return AICX_OK;
}

static aicx_err
place_inside(
    struct schema *schema, struct node *node, struct aicx_error *reterr)
{
	for (size_t i = 0; i < sizeof applicators / sizeof *applicators; i++) {
		struct json_ref value =
		    json_get(node->text, applicators[i].name);
		if (!json_has(value))
			continue;
		aicx_err err = place_member(schema, node, value,
		    applicators[i].holds, applicators[i].name, reterr);
		if (err != AICX_OK)
			return err;
	}
	return AICX_OK;
}

struct node *
schema_place(struct schema *schema, struct document *document,
    struct json_ref text, struct resource *resource, struct aicx_error *reterr)
{
	enum json_type type = json_type(text);
	struct node *node = document->nodes[text.node];

	if (node != NULL)
		return node;
	if (schema->n_nodes++ >= SCHEMA_NODES_MAX) {
		(void)err_word(reterr, AICX_ELIMIT, "invalid_params",
		    "schema: more than %d subschemas", SCHEMA_NODES_MAX);
		return NULL;
	}
	node = arena_new(&schema->arena, sizeof *node);
	*node = (struct node) { .document = document,
		.text = text,
		.resource = resource,
		.never = type == JSON_FALSE };
	*schema->last = node;
	schema->last = &node->next;
	document->nodes[text.node] = node;
	if (type == JSON_TRUE || type == JSON_FALSE)
		return node;
	if (type != JSON_OBJECT) {
		(void)err_word(reterr, AICX_EINVAL, "invalid_params",
		    "schema: an object, true or false must stand where "
		    "\"%.*s\" is",
		    STR_ARG(json_raw(text)));
		return NULL;
	}
	if (name_node(schema, node, reterr) != AICX_OK ||
	    place_inside(schema, node, reterr) != AICX_OK)
		return NULL;
	return node;
}

/* ~1 and ~0 of RFC 6901, section 3. */
static struct aicx_str
pointer_token(struct aicx_str token, struct arena *arena)
{
	char *out = arena_bytes(arena, token.len + 1);
	size_t len = 0;

	for (size_t i = 0; i < token.len; i++) {
		char c = token.ptr[i];
		if (c == '~' && i + 1 < token.len &&
		    (token.ptr[i + 1] == '0' || token.ptr[i + 1] == '1'))
			c = token.ptr[++i] == '0' ? '~' : '/';
		out[len++] = c;
	}
	return (struct aicx_str) { out, len };
}

static struct json_ref
pointer_step(struct json_ref at, struct aicx_str token, struct arena *arena)
{
	int64_t index;

	if (json_type(at) == JSON_ARRAY)
		return str_int(token, &index) && index >= 0 &&
			(uint64_t)index < json_len(at)
		    ? json_at(at, (size_t)index)
		    : (struct json_ref) { 0 };
	return value_member(at, pointer_token(token, arena), arena);
}

/* What a JSON Pointer finds below a resource's root; on its way it may come
   into another resource. */
static struct node *
follow(struct schema *schema, const struct resource *from,
    struct aicx_str pointer, struct aicx_error *reterr)
{
	struct document *document = from->root->document;
	struct resource *resource = from->root->resource;
	struct json_ref at = from->root->text;
	struct aicx_str rest = { pointer.ptr + 1, pointer.len - 1 };

	while (json_has(at) && rest.ptr != NULL) {
		at =
		    pointer_step(at, str_cut(rest, '/', &rest), &schema->arena);
		if (json_has(at) && document->nodes[at.node] != NULL)
			resource = document->nodes[at.node]->resource;
	}
	return json_has(at)
	    ? schema_place(schema, document, at, resource, reterr)
	    : NULL;
}

/* The resource of that URI; its document may be read only now. */
static struct resource *
reach(struct schema *schema, struct aicx_str uri, struct aicx_error *reterr)
{
	struct resource *resource = find_resource(schema, uri);

	for (size_t i = 0; resource == NULL && i < schema->n_documents; i++) {
		struct document *document = &schema->documents[i];
		if (document->nodes != NULL || !str_eq(document->uri, uri))
			continue;
		if (schema_read(schema, document, reterr) == NULL)
			return NULL;
		resource = find_resource(schema, uri);
	}
	return resource;
}

struct node *
schema_refer(struct schema *schema, const struct node *from,
    struct aicx_str reference, struct aicx_str *ret_anchor,
    struct aicx_error *reterr)
{
	struct aicx_str fragment;
	struct aicx_str uri = uri_resolve(
	    from->resource->uri, reference, &schema->arena, &fragment);
	struct node *node = NULL;

	*ret_anchor = (struct aicx_str) { 0 };
	(void)schema_wrong(from, "$ref",
	    "it leads to no schema here, and none is fetched", reterr);
	struct resource *resource = reach(schema, uri, reterr);
	if (resource == NULL)
		return NULL;
	fragment = uri_decode(fragment, &schema->arena);
	if (fragment.len == 0)
		return resource->root;
	if (fragment.ptr[0] == '/')
		return follow(schema, resource, fragment, reterr);
	node = map_find(&resource->anchors, fragment);
	*ret_anchor = fragment;
	return node;
}
