/* SPDX-License-Identifier: Apache-2.0 */
/* compile.c - the keywords of each subschema, read and checked once. */
#include "schema/node.h"

#include <string.h>

#include "base/str.h"

#define WRONG(why) schema_wrong(node, name, why, reterr)

static const char *const type_names[] = { [JSON_NULL] = "null",
	[JSON_NUMBER] = "number",
	[JSON_STRING] = "string",
	[JSON_ARRAY] = "array",
	[JSON_OBJECT] = "object" };

static uint8_t
type_bits(struct aicx_str name)
{
	if (str_is(name, "boolean"))
		return 1 << JSON_TRUE | 1 << JSON_FALSE;
	if (str_is(name, "integer"))
		return TYPE_INTEGER;
	for (unsigned i = 0; i < sizeof type_names / sizeof *type_names; i++)
		if (type_names[i] != NULL && str_is(name, type_names[i]))
			return (uint8_t)(1 << i);
	return 0;
}

static aicx_err
read_type(struct schema *schema, struct node *node, const char *name,
    struct json_ref value, struct aicx_error *reterr)
{
	struct json_iter iter = json_iter(value);

	if (json_type(value) == JSON_STRING)
		node->types = type_bits(json_str(value, &schema->arena));
	else if (json_type(value) == JSON_ARRAY)
		while (json_next(&iter)) {
			uint8_t bits =
			    type_bits(json_str(iter.value, &schema->arena));
			if (bits == 0)
				return WRONG("an element is no type");
			node->types |= bits;
		}
	return node->types != 0
	    ? AICX_OK
	    : WRONG("must be null, boolean, object, array, number, integer or "
		    "string, or an array of those");
}

static aicx_err
read_number(struct schema *schema, struct node *node, const char *name,
    struct json_ref value, const struct decimal **ret,
    struct aicx_error *reterr)
{
	struct decimal *d = arena_new(&schema->arena, sizeof *d);

	if (json_type(value) != JSON_NUMBER)
		return WRONG("must be a number");
	*d = decimal_of(json_raw(value), &schema->arena);
	*ret = d;
	return AICX_OK;
}

static aicx_err
read_multiple(struct schema *schema, struct node *node, const char *name,
    struct json_ref value, struct aicx_error *reterr)
{
	aicx_err err =
	    read_number(schema, node, name, value, &node->multiple_of, reterr);

	if (err != AICX_OK)
		return err;
	if (node->multiple_of->negative || node->multiple_of->digits.len == 0)
		return WRONG("must be above zero");
	return node->multiple_of->digits.len <= DECIMAL_DIVISOR_DIGITS
	    ? AICX_OK
	    : WRONG("has more than 18 digits");
}

static aicx_err
read_count(struct schema *schema, struct node *node, const char *name,
    struct json_ref value, uint64_t *ret, struct aicx_error *reterr)
{
	if (json_type(value) == JSON_NUMBER) {
		struct decimal d = decimal_of(json_raw(value), &schema->arena);
		if (decimal_count(&d, ret))
			return AICX_OK;
	}
	return WRONG("must be an integer of at least 0");
}

static aicx_err
read_names(struct schema *schema, struct node *node, const char *name,
    struct json_ref value, struct names *ret, struct aicx_error *reterr)
{
	struct json_iter iter = json_iter(value);

	if (json_type(value) != JSON_ARRAY)
		return WRONG("must be an array of strings");
	ret->items = arena_new(
	    &schema->arena, (json_len(value) + 1) * sizeof *ret->items);
	while (json_next(&iter)) {
		if (json_type(iter.value) != JSON_STRING)
			return WRONG("must be an array of strings");
		ret->items[ret->n++] = json_str(iter.value, &schema->arena);
	}
	return AICX_OK;
}

static aicx_err
read_pattern(struct schema *schema, struct node *node, const char *name,
    struct json_ref value, struct aicx_error *reterr)
{
	if (json_type(value) != JSON_STRING)
		return WRONG("must be a regular expression");
	node->pattern = regex_new(json_str(value, &schema->arena), reterr);
	return node->pattern != NULL ? AICX_OK : AICX_EINVAL;
}

static struct node *
placed(const struct node *node, struct json_ref value)
{
	return node->document->nodes[value.node];
}

static aicx_err
read_list(struct schema *schema, struct node *node, const char *name,
    struct json_ref value, struct nodes *ret, struct aicx_error *reterr)
{
	struct json_iter iter = json_iter(value);

	if (json_len(value) == 0)
		return WRONG("must not be empty");
	ret->items =
	    arena_new(&schema->arena, json_len(value) * sizeof *ret->items);
	while (json_next(&iter))
		ret->items[ret->n++] = placed(node, iter.value);
	return AICX_OK;
}

static aicx_err
read_patterns(struct schema *schema, struct node *node, struct json_ref value,
    struct aicx_error *reterr)
{
	struct json_iter iter = json_iter(value);

	while (json_next(&iter)) {
		struct pattern_rule *rule =
		    arena_new(&schema->arena, sizeof *rule);
		rule->node = placed(node, iter.value);
		rule->next = node->patterns;
		node->patterns = rule;
		rule->regex =
		    regex_new(json_str(iter.name, &schema->arena), reterr);
		if (rule->regex == NULL)
			return AICX_EINVAL;
	}
	return AICX_OK;
}

static aicx_err
read_dependents(struct schema *schema, struct node *node, const char *name,
    struct json_ref value, bool required, struct aicx_error *reterr)
{
	struct json_iter iter = json_iter(value);

	if (json_type(value) != JSON_OBJECT)
		return WRONG("must be an object");
	while (json_next(&iter)) {
		struct name_rule *rule =
		    arena_new(&schema->arena, sizeof *rule);
		rule->name = json_str(iter.name, &schema->arena);
		rule->next = node->dependents;
		node->dependents = rule;
		if (!required) {
			rule->node = placed(node, iter.value);
			continue;
		}
		aicx_err err = read_names(
		    schema, node, name, iter.value, &rule->required, reterr);
		if (err != AICX_OK)
			return err;
	}
	return AICX_OK;
}

static void
read_properties(struct schema *schema, struct node *node, struct json_ref value)
{
	struct json_iter iter = json_iter(value);

	while (json_next(&iter))
		(void)map_put(&node->properties,
		    json_str(iter.name, &schema->arena),
		    placed(node, iter.value));
}

static aicx_err
read_reference(struct schema *schema, struct node *node, const char *name,
    struct json_ref value, bool dynamic, struct aicx_error *reterr)
{
	struct aicx_str anchor;

	if (json_type(value) != JSON_STRING)
		return WRONG("must be a URI reference");
	struct node *to = schema_refer(
	    schema, node, json_str(value, &schema->arena), &anchor, reterr);
	if (to == NULL)
		return AICX_EINVAL;
	if (!dynamic) {
		node->ref = to;
		return AICX_OK;
	}
	node->dynamic_ref = to;
	if (anchor.ptr != NULL &&
	    map_find(&to->resource->dynamic, anchor) == to)
		node->dynamic_name = anchor;
	return AICX_OK;
}

static aicx_err
read_numbers(struct schema *schema, struct node *node, const char *name,
    struct json_ref value, bool *ret_known, struct aicx_error *reterr)
{
	struct {
		const char *name;
		uint64_t *count;
		const struct decimal **number;
	} all[] = { { "maxLength", &node->length.most, NULL },
		{ "minLength", &node->length.least, NULL },
		{ "maxItems", &node->items_range.most, NULL },
		{ "minItems", &node->items_range.least, NULL },
		{ "maxProperties", &node->properties_range.most, NULL },
		{ "minProperties", &node->properties_range.least, NULL },
		{ "maxContains", &node->contains_range.most, NULL },
		{ "minContains", &node->contains_range.least, NULL },
		{ "maximum", NULL, &node->maximum },
		{ "minimum", NULL, &node->minimum },
		{ "exclusiveMaximum", NULL, &node->below },
		{ "exclusiveMinimum", NULL, &node->above } };

	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		if (strcmp(name, all[i].name) != 0)
			continue;
		*ret_known = true;
		return all[i].count != NULL ? read_count(schema, node, name,
						  value, all[i].count, reterr)
					    : read_number(schema, node, name,
						  value, all[i].number, reterr);
	}
	return AICX_OK;
}

/* Keywords whose value is one schema. */
static bool
read_one(struct node *node, const char *name, struct json_ref value)
{
	struct {
		const char *name;
		struct node **to;
	} all[] = { { "not", &node->not_ }, { "if", &node->if_ },
		{ "then", &node->then_ }, { "else", &node->else_ },
		{ "items", &node->items }, { "contains", &node->contains },
		{ "additionalProperties", &node->additional },
		{ "propertyNames", &node->property_names },
		{ "unevaluatedItems", &node->unevaluated_items },
		{ "unevaluatedProperties", &node->unevaluated_properties } };

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (strcmp(name, all[i].name) == 0) {
			*all[i].to = placed(node, value);
			return true;
		}
	return false;
}

static aicx_err
read_keyword(struct schema *schema, struct node *node, const char *name,
    struct json_ref value, struct aicx_error *reterr)
{
#define IS(keyword) (strcmp(name, keyword) == 0)
	bool known = read_one(node, name, value);
	aicx_err err = AICX_OK;

	if (!known)
		err = read_numbers(schema, node, name, value, &known, reterr);
	if (known || err != AICX_OK)
		return err;
	if (IS("type"))
		return read_type(schema, node, name, value, reterr);
	if (IS("const"))
		node->constant = value;
	else if (IS("enum") && json_type(value) != JSON_ARRAY)
		return WRONG("must be an array");
	else if (IS("enum"))
		node->enumeration = value;
	else if (IS("multipleOf"))
		return read_multiple(schema, node, name, value, reterr);
	else if (IS("pattern"))
		return read_pattern(schema, node, name, value, reterr);
	else if (IS("format") && schema->formats)
		node->format = format_find(json_str(value, &schema->arena));
	else if (IS("uniqueItems") && !json_bool(value, &node->unique))
		return WRONG("must be true or false");
	else if (IS("allOf"))
		return read_list(
		    schema, node, name, value, &node->all_of, reterr);
	else if (IS("anyOf"))
		return read_list(
		    schema, node, name, value, &node->any_of, reterr);
	else if (IS("oneOf"))
		return read_list(
		    schema, node, name, value, &node->one_of, reterr);
	else if (IS("prefixItems"))
		return read_list(
		    schema, node, name, value, &node->prefix_items, reterr);
	else if (IS("properties"))
		read_properties(schema, node, value);
	else if (IS("patternProperties"))
		return read_patterns(schema, node, value, reterr);
	else if (IS("required"))
		return read_names(
		    schema, node, name, value, &node->required, reterr);
	else if (IS("dependentRequired") || IS("dependentSchemas"))
		return read_dependents(
		    schema, node, name, value, IS("dependentRequired"), reterr);
	else if (IS("$ref") || IS("$dynamicRef"))
		return read_reference(
		    schema, node, name, value, IS("$dynamicRef"), reterr);
	return AICX_OK;
#undef IS
}

aicx_err
schema_compile(
    struct schema *schema, struct node *node, struct aicx_error *reterr)
{
	const struct range any = { 0, UINT64_MAX };
	struct json_iter iter = json_iter(node->text);
	aicx_err err = AICX_OK;

	node->length = node->items_range = node->properties_range = any;
	node->contains_range = (struct range) { 1, UINT64_MAX };
	if (json_type(node->text) != JSON_OBJECT)
		return AICX_OK;
	while (err == AICX_OK && json_next(&iter)) {
		struct aicx_str name = json_str(iter.name, &schema->arena);
		const char *text =
		    arena_printf(&schema->arena, "%.*s", STR_ARG(name)).ptr;
		err = read_keyword(schema, node, text, iter.value, reterr);
	}
	schema->unevaluated |= node->unevaluated_items != NULL ||
	    node->unevaluated_properties != NULL;
	return err;
}
