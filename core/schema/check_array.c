/* SPDX-License-Identifier: Apache-2.0 */
/* check_array.c - what a schema says of arrays. */
#include <stdlib.h>

#include "schema/check.h"
#include "schema/value.h"

struct hashed {
	uint64_t hash;
	struct json_ref value;
};

static int
by_hash(const void *a, const void *b)
{
	const struct hashed *x = a, *y = b;

	return (x->hash > y->hash) - (x->hash < y->hash);
}

static bool
check_unique(const struct check *check)
{
	struct json_iter iter = json_iter(check->value);
	size_t n = 0, len = json_len(check->value);

	if (!check->node->unique || len < 2)
		return true;
	if (!check_spend(check->run, json_raw(check->value).len))
		return false;
	struct hashed *all = arena_new(check->run->arena, len * sizeof *all);
	for (; json_next(&iter); n++)
		all[n] =
		    (struct hashed) { value_hash(iter.value, check->run->arena),
			    iter.value };
	qsort(all, n, sizeof *all, by_hash);
	for (size_t i = 1; i < n; i++)
		for (size_t j = i; j-- > 0 && all[j].hash == all[i].hash;)
			if (check_spend(check->run, 8) &&
			    value_same(
				all[i].value, all[j].value, check->run->arena))
				return check_fails(check, "uniqueItems",
				    "an element stands twice");
	return true;
}

static void
mark(const struct check *check, size_t index)
{
	if (check->seen != NULL)
		check->seen[index] = 1;
}

static bool
check_items(const struct check *check)
{
	const struct node *node = check->node;
	struct json_iter iter = json_iter(check->value);

	for (size_t i = 0; json_next(&iter); i++) {
		const struct place place = { check->place, { 0 }, i };
		const struct node *item = i < node->prefix_items.n
		    ? node->prefix_items.items[i]
		    : node->items;
		if (item == NULL)
			return true;
		if (!check_inside(check, item, iter.value, &place))
			return false;
		mark(check, i);
	}
	return true;
}

static bool
check_contains(const struct check *check)
{
	const struct node *contains = check->node->contains;
	struct json_iter iter = json_iter(check->value);
	uint64_t n = 0;

	if (contains == NULL)
		return true;
	for (size_t i = 0; json_next(&iter); i++) {
		const struct place place = { check->place, { 0 }, i };
		if (!check_tried(check, contains, iter.value, &place))
			continue;
		mark(check, i);
		n++;
	}
	return check_range(check, "Contains", n, &check->node->contains_range);
}

bool
check_array(const struct check *check)
{
	return check_range(check, "Items", json_len(check->value),
		   &check->node->items_range) &&
	    check_unique(check) && check_items(check) && check_contains(check);
}

bool
check_rest_of_array(const struct check *check)
{
	const struct node *rest = check->node->unevaluated_items;
	struct json_iter iter = json_iter(check->value);

	for (size_t i = 0; rest != NULL && json_next(&iter); i++) {
		const struct place place = { check->place, { 0 }, i };
		if (check->seen[i])
			continue;
		if (!check_inside(check, rest, iter.value, &place))
			return false;
		mark(check, i);
	}
	return true;
}
