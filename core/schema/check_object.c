/* SPDX-License-Identifier: Apache-2.0 */
/* check_object.c - what a schema says of objects. */
#include "base/str.h"
#include "schema/check.h"
#include "schema/value.h"

static bool
has_member(const struct check *check, struct aicx_str name)
{
	return check_spend(check->run, 1 + json_len(check->value) / 4) &&
	    json_has(value_member(check->value, name, check->run->arena));
}

static bool
check_required(const struct check *check, const char *keyword,
    const struct names *required)
{
	for (size_t i = 0; i < required->n; i++)
		if (!has_member(check, required->items[i]))
			return check_fails(check, keyword,
			    "it has no member \"%.*s\"",
			    STR_ARG(required->items[i]));
	return true;
}

static bool
check_dependents(const struct check *check)
{
	for (const struct name_rule *rule = check->node->dependents;
	     rule != NULL; rule = rule->next) {
		if (!has_member(check, rule->name))
			continue;
		if (!check_required(
			check, "dependentRequired", &rule->required) ||
		    (rule->node != NULL && !check_here(check, rule->node)))
			return false;
	}
	return true;
}

/* One member by all that names it. */
static bool
check_member(const struct check *check, struct aicx_str name,
    struct json_ref value, size_t index)
{
	const struct node *node = check->node;
	const struct place place = { check->place, name, 0 };
	const struct node *own = map_find(&node->properties, name);
	bool named = own != NULL;

	if (own != NULL && !check_inside(check, own, value, &place))
		return false;
	for (const struct pattern_rule *rule = node->patterns; rule != NULL;
	     rule = rule->next) {
		if (!check_found(check, rule->regex, name))
			continue;
		named = true;
		if (!check_inside(check, rule->node, value, &place))
			return false;
	}
	if (!named && node->additional != NULL) {
		named = true;
		if (!check_inside(check, node->additional, value, &place))
			return false;
	}
	if (named && check->seen != NULL)
		check->seen[index] = 1;
	return true;
}

bool
check_object(const struct check *check)
{
	const struct node *node = check->node;
	struct json_iter iter = json_iter(check->value);

	if (!check_range(check, "Properties", json_len(check->value),
		&node->properties_range) ||
	    !check_required(check, "required", &node->required) ||
	    !check_dependents(check))
		return false;
	for (size_t i = 0; json_next(&iter); i++) {
		struct aicx_str name = json_str(iter.name, check->run->arena);
		const struct place place = { check->place, name, 0 };
		if (node->property_names != NULL &&
		    !check_inside(
			check, node->property_names, iter.name, &place))
			return false;
		if (!check_member(check, name, iter.value, i))
			return false;
	}
	return true;
}

bool
check_rest_of_object(const struct check *check)
{
	const struct node *rest = check->node->unevaluated_properties;
	struct json_iter iter = json_iter(check->value);

	for (size_t i = 0; rest != NULL && json_next(&iter); i++) {
		const struct place place = { check->place,
			json_str(iter.name, check->run->arena), 0 };
		if (check->seen[i])
			continue;
		if (!check_inside(check, rest, iter.value, &place))
			return false;
		check->seen[i] = 1;
	}
	return true;
}
