/* SPDX-License-Identifier: Apache-2.0 */
/* check.c - a value against a compiled schema: what holds for all values, and
   the applicators that stay on the same value. */
#include "schema/check.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "schema/value.h"

static const char *const type_names[] = { "null", "false", "true", "a number",
	"a string", "an array", "an object" };

bool
check_spend(struct run *run, uint64_t n_steps)
{
	if (run->given_up)
		return false;
	if (n_steps < run->n_steps) {
		run->n_steps -= n_steps;
		return true;
	}
	run->given_up = true;
	(void)err_word(run->reterr, AICX_ELIMIT, "invalid_input",
	    "the value takes more than %d steps to check against the schema",
	    SCHEMA_STEPS);
	return false;
}

static void
print_place(const struct place *place, struct buf *out)
{
	if (place->up == NULL)
		return;
	print_place(place->up, out);
	buf_char(out, '/');
	if (place->name.ptr == NULL)
		buf_printf(out, "%zu", place->index);
	for (size_t i = 0; i < place->name.len; i++)
		if (place->name.ptr[i] == '~')
			buf_text(out, "~0");
		else if (place->name.ptr[i] == '/')
			buf_text(out, "~1");
		else
			buf_char(out, place->name.ptr[i]);
}

bool
check_fails(
    const struct check *check, const char *keyword, const char *fmt, ...)
{
	AUTO(buf_fini) struct buf place = { 0 }, why = { 0 };
	va_list args;

	if (check->run->quiet > 0 || check->run->given_up)
		return false;
	va_start(args, fmt);
	buf_vprintf(&why, fmt, args);
	va_end(args);
	print_place(check->place, &place);
	(void)err_field(check->run->reterr, AICX_EINVAL, "invalid_input",
	    buf_cstr(&place), "the value%s%s does not meet \"%s\": %s",
	    place.len > 0 ? " at " : "", buf_cstr(&place), keyword,
	    buf_cstr(&why));
	return false;
}

bool
check_range(const struct check *check, const char *what, uint64_t n,
    const struct range *range)
{
	char keyword[32];

	if (n >= range->least && n <= range->most)
		return true;
	(void)snprintf(keyword, sizeof keyword, "%s%s",
	    n < range->least ? "min" : "max", what);
	return check_fails(check, keyword, "%llu, and the limit is %llu",
	    (unsigned long long)n,
	    (unsigned long long)(n < range->least ? range->least
						  : range->most));
}

bool
check_found(
    const struct check *check, const struct regex *regex, struct aicx_str text)
{
	int found = -1;

	if (check_spend(check->run, 1 + text.len / 16))
		found = regex_find(regex, text);
	if (found < 0) /* no answer: the budget is used up */
		(void)check_spend(check->run, UINT64_MAX);
	return found > 0;
}

static bool
check_type(const struct check *check)
{
	enum json_type type = json_type(check->value);
	uint8_t types = check->node->types;

	if (types == 0 || (types & 1u << type) != 0)
		return true;
	if ((types & TYPE_INTEGER) != 0 && type == JSON_NUMBER) {
		struct decimal d =
		    decimal_of(json_raw(check->value), check->run->arena);
		if (decimal_is_integer(&d))
			return true;
	}
	return check_fails(check, "type", "it is %s", type_names[type]);
}

/* const and enum. */
static bool
check_equal(const struct check *check)
{
	const struct node *node = check->node;
	struct json_iter iter = json_iter(node->enumeration);
	struct arena *arena = check->run->arena;
	uint64_t n_bytes = json_raw(check->value).len;

	if (json_has(node->constant) &&
	    !(check_spend(check->run, n_bytes) &&
		value_same(check->value, node->constant, arena)))
		return check_fails(check, "const", "it is another value");
	if (!json_has(node->enumeration))
		return true;
	while (json_next(&iter))
		if (check_spend(check->run, 1 + n_bytes / 8) &&
		    value_same(check->value, iter.value, arena))
			return true;
	return check_fails(check, "enum", "it is none of the values");
}

static bool
check_number(const struct check *check)
{
	const struct node *node = check->node;
	struct aicx_str raw = json_raw(check->value);

	if (!check_spend(check->run, raw.len / 16))
		return false;
	struct decimal d = decimal_of(raw, check->run->arena);
	if (node->maximum != NULL && decimal_cmp(&d, node->maximum) > 0)
		return check_fails(check, "maximum", "it is above");
	if (node->minimum != NULL && decimal_cmp(&d, node->minimum) < 0)
		return check_fails(check, "minimum", "it is below");
	if (node->below != NULL && decimal_cmp(&d, node->below) >= 0)
		return check_fails(
		    check, "exclusiveMaximum", "it is not below");
	if (node->above != NULL && decimal_cmp(&d, node->above) <= 0)
		return check_fails(
		    check, "exclusiveMinimum", "it is not above");
	if (node->multiple_of != NULL &&
	    !decimal_is_multiple(&d, node->multiple_of))
		return check_fails(check, "multipleOf", "it is no multiple");
	return true;
}

static bool
check_string(const struct check *check)
{
	const struct node *node = check->node;
	struct aicx_str text = json_str(check->value, check->run->arena);

	if (!check_range(check, "Length", value_chars(text), &node->length))
		return false;
	if (node->pattern != NULL && !check_found(check, node->pattern, text))
		return check_fails(check, "pattern", "nothing in it matches");
	return node->format == NULL || node->format(text) ||
	    check_fails(check, "format", "it is not of that form");
}

static bool run_node(const struct check *parent, const struct node *node,
    struct json_ref value, const struct place *place, uint8_t *seen);

bool
check_here(const struct check *check, const struct node *node)
{
	return run_node(check, node, check->value, check->place, check->seen);
}

static bool
try_here(const struct check *check, const struct node *node)
{
	check->run->quiet++;
	bool met = check_here(check, node);
	check->run->quiet--;
	return met;
}

bool
check_inside(const struct check *check, const struct node *node,
    struct json_ref value, const struct place *place)
{
	return run_node(check, node, value, place, NULL);
}

bool
check_tried(const struct check *check, const struct node *node,
    struct json_ref value, const struct place *place)
{
	check->run->quiet++;
	bool met = check_inside(check, node, value, place);
	check->run->quiet--;
	return met;
}

/* How many of them are met; with `enough`, not more than it needs. */
static size_t
count_met(const struct check *check, const struct nodes *nodes, size_t enough)
{
	size_t n = 0;

	for (size_t i = 0; i < nodes->n && n < enough; i++)
		n += try_here(check, nodes->items[i]);
	return n;
}

static bool
check_combined(const struct check *check)
{
	const struct node *node = check->node;

	for (size_t i = 0; i < node->all_of.n; i++)
		if (!check_here(check, node->all_of.items[i]))
			return false;
	/* With unevaluated* all that match count, not the first alone. */
	if (node->any_of.n > 0 &&
	    count_met(
		check, &node->any_of, check->seen != NULL ? SIZE_MAX : 1) == 0)
		return check_fails(check, "anyOf", "no alternative fits");
	if (node->one_of.n > 0) {
		size_t n = count_met(check, &node->one_of, 2);
		if (n != 1)
			return check_fails(check, "oneOf",
			    n == 0 ? "no alternative fits"
				   : "more than one alternative fits");
	}
	if (node->not_ != NULL && try_here(check, node->not_))
		return check_fails(check, "not", "it fits");
	if (node->if_ == NULL)
		return true;
	const struct node *branch =
	    try_here(check, node->if_) ? node->then_ : node->else_;
	return branch == NULL || check_here(check, branch);
}

/* The outermost resource in scope that has the anchor (Core, 8.2.3.2). */
static const struct node *
dynamic_target(const struct check *check)
{
	const struct node *target = check->node->dynamic_ref;

	if (check->node->dynamic_name.ptr == NULL)
		return target;
	for (const struct scope *scope = check->scope; scope != NULL;
	     scope = scope->up) {
		const struct node *outer = map_find(
		    &scope->resource->dynamic, check->node->dynamic_name);
		if (outer != NULL)
			target = outer;
	}
	return target;
}

static bool
check_referred(const struct check *check)
{
	const struct node *node = check->node;

	if (node->ref != NULL && !check_here(check, node->ref))
		return false;
	return node->dynamic_ref == NULL ||
	    check_here(check, dynamic_target(check));
}

static bool
check_keywords(const struct check *check)
{
	enum json_type type = json_type(check->value);

	if (check->node->never)
		return check_fails(check, "false", "nothing may stand here");
	if (!check_type(check) || !check_equal(check) ||
	    (type == JSON_NUMBER && !check_number(check)) ||
	    (type == JSON_STRING && !check_string(check)) ||
	    !check_referred(check) || !check_combined(check))
		return false;
	if (type == JSON_ARRAY)
		return check_array(check) && check_rest_of_array(check);
	if (type == JSON_OBJECT)
		return check_object(check) && check_rest_of_object(check);
	return true;
}

static bool
run_node(const struct check *parent, const struct node *node,
    struct json_ref value, const struct place *place, uint8_t *seen)
{
	struct run *run = parent->run;
	const struct scope inner = { parent->scope, node->resource };
	size_t n_seen = 0;
	struct check check = { .run = run,
		.node = node,
		.value = value,
		.place = place,
		.scope = &inner,
		.depth = parent->depth + 1 };

	if (check.depth > SCHEMA_DEPTH_MAX)
		return check_spend(run, UINT64_MAX);
	if (parent->scope != NULL && parent->scope->resource == node->resource)
		check.scope = parent->scope;
	if (run->schema->unevaluated && json_type(value) >= JSON_ARRAY) {
		n_seen = json_len(value);
		check.seen = arena_new(run->arena, n_seen + 1);
	}
	if (!check_spend(run, 1 + n_seen / 8) || !check_keywords(&check) ||
	    run->given_up)
		return false;
	for (size_t i = 0; seen != NULL && i < n_seen; i++)
		seen[i] |= check.seen[i];
	return true;
}

aicx_err
schema_check(const struct schema *schema, struct json_ref value,
    struct arena *scratch, struct aicx_error *reterr)
{
	struct aicx_error why = { 0 };
	const struct place root = { 0 };
	struct run run = { .schema = schema,
		.arena = scratch,
		.n_steps = SCHEMA_STEPS,
		.reterr = &why };
	const struct check start = { .run = &run };

	if (run_node(&start, schema->root, value, &root, NULL))
		return AICX_OK;
	if (reterr != NULL)
		*reterr = why;
	return why.code;
}
