/* SPDX-License-Identifier: Apache-2.0 */
/* check.h - a check at work, for the files of this folder. */
#ifndef SCHEMA_CHECK_H
#define SCHEMA_CHECK_H

#include "schema/node.h"

struct run {
	const struct schema *schema;
	struct arena *arena;
	uint64_t n_steps; /* left */
	bool given_up; /* then every answer is false */
	unsigned quiet; /* > 0: a mismatch is only tried, not told */
	struct aicx_error *reterr;
};

/* Where in the value the check is: linked towards the root. */
struct place {
	const struct place *up;
	struct aicx_str name; /* of a member; absent: an element */
	size_t index;
};

/* The resources it came through; the outermost is the last. */
struct scope {
	const struct scope *up;
	const struct resource *resource;
};

/* One check of one value by one subschema. */
struct check {
	struct run *run;
	const struct node *node;
	struct json_ref value;
	const struct place *place;
	const struct scope *scope;
	uint8_t *seen; /* per member or element: evaluated; NULL: not kept */
	unsigned depth;
};

/* Takes steps from the budget; false when it is used up. */
bool check_spend(struct run *run, uint64_t n_steps);
/* Tells that the keyword is not met, and why. */
bool check_fails(const struct check *check, const char *keyword,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));
bool check_range(const struct check *check, const char *what, uint64_t n,
    const struct range *range);
/* A subschema on the same value. */
bool check_here(const struct check *check, const struct node *node);
/* A subschema on a value inside this one. */
bool check_inside(const struct check *check, const struct node *node,
    struct json_ref value, const struct place *place);
/* The same, only tried. */
bool check_tried(const struct check *check, const struct node *node,
    struct json_ref value, const struct place *place);
bool check_found(
    const struct check *check, const struct regex *regex, struct aicx_str text);

bool check_array(const struct check *check); /* check_array.c */
bool check_rest_of_array(const struct check *check); /* unevaluatedItems */
bool check_object(const struct check *check); /* check_object.c */
bool check_rest_of_object(const struct check *check);

#endif
