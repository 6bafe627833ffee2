/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_walk.h - the grammar of JSON, for json.c and json_scan.c alone.
 *
 * Both walk by these functions, with an index and without, so both accept the
 * same texts.  Nesting is a number and one bit for each open bracket, not
 * recursion.
 */
#ifndef BASE_JSON_WALK_H
#define BASE_JSON_WALK_H

#include "base/json.h"
#include "base/json_lex.h"

#include <aiconexus/types.h>
#include <stdbool.h>
#include <stdint.h>

#define INLINE static inline __attribute__((always_inline))

/* Where nodes go.  NULL, a constant, for a scan: then only their number is
   kept, and the compiler drops the rest. */
struct index {
	struct arena *arena;
	struct json_node *nodes;
	size_t cap;
	uint32_t *open; /* [JSON_DEPTH_MAX], nodes of the open brackets */
};

/* Doubles the room for nodes. */
void index_grow(struct index *index);
/* Refuses repeated names in the object whose node is `object`. */
bool index_check_names(
    const struct index *index, struct lex *lex, uint32_t object);

/* A value or name from `at` on; what it ends with is filled in later. */
INLINE struct json_node *
index_add(
    struct lex *lex, struct index *index, const char *at, enum json_type type)
{
	size_t n = lex->n_nodes++;

	if (index == NULL)
		return NULL;
	if (n == index->cap)
		index_grow(index);
	index->nodes[n] = (struct json_node) { .type = type,
		.start = (uint32_t)(at - lex->start) };
	return &index->nodes[n];
}

INLINE void
index_end(const struct lex *lex, struct json_node *node, const char *end)
{
	if (node != NULL) {
		node->end = (uint32_t)(end - lex->start);
		node->next = (uint32_t)lex->n_nodes;
	}
}

/* A name in quotes and its colon, up to the value. */
INLINE const char *
walk_name(struct lex *lex, struct index *index, const char *at,
    struct aicx_str *ret_name, bool *ret_escaped)
{
	const char *start = at;

	if (lex_peek(lex, at) != '"')
		return lex_fail(lex, at, "expected a member name");
	at = lex_string(lex, at + 1, ret_escaped);
	if (at == NULL)
		return NULL;
	*ret_name = (struct aicx_str) { start + 1, (size_t)(at - start - 1) };
	struct json_node *node = index_add(lex, index, start, JSON_STRING);
	if (node != NULL)
		node->escaped = *ret_escaped;
	index_end(lex, node, ++at);
	at = lex_blanks(lex, at);
	if (lex_peek(lex, at) != ':')
		return lex_fail(lex, at, "expected ':'");
	return lex_blanks(lex, at + 1);
}

/* A value that is no bracket. */
INLINE const char *
walk_scalar(struct lex *lex, struct index *index, const char *at)
{
	struct json_node *node;
	const char *start = at;
	bool escaped = false;

	switch (lex_peek(lex, at)) {
	case '"':
		at = lex_string(lex, at + 1, &escaped);
		at = at == NULL ? NULL : at + 1;
		node = index_add(lex, index, start, JSON_STRING);
		if (node != NULL)
			node->escaped = escaped;
		break;
	case 't':
		at = lex_word(lex, at, "true");
		node = index_add(lex, index, start, JSON_TRUE);
		break;
	case 'f':
		at = lex_word(lex, at, "false");
		node = index_add(lex, index, start, JSON_FALSE);
		break;
	case 'n':
		at = lex_word(lex, at, "null");
		node = index_add(lex, index, start, JSON_NULL);
		break;
	case '-':
	case '0' ... '9':
		at = lex_number(lex, at);
		node = index_add(lex, index, start, JSON_NUMBER);
		break;
	default:
		return lex_fail(lex, at, "expected a value");
	}
	if (at != NULL)
		index_end(lex, node, at);
	return at;
}

/* The brackets that are open: innermost in the lowest bit. */
struct nest {
	uint64_t objects; /* 1: an object, 0: an array */
	unsigned depth, outer;
};

INLINE const char *
walk_open(
    struct lex *lex, struct index *index, struct nest *nest, const char *at)
{
	bool object = *at == '{';

	if (nest->depth == JSON_DEPTH_MAX)
		return lex_fail(lex, at, "nested more than 64 deep");
	struct json_node *node =
	    index_add(lex, index, at, object ? JSON_OBJECT : JSON_ARRAY);
	if (node != NULL)
		index->open[nest->depth] = (uint32_t)(node - index->nodes);
	nest->objects = nest->objects << 1 | object;
	nest->depth++;
	return lex_blanks(lex, at + 1);
}

INLINE bool
walk_close(
    struct lex *lex, struct index *index, struct nest *nest, const char *end)
{
	bool object = nest->objects & 1;

	nest->objects >>= 1;
	nest->depth--;
	if (index == NULL)
		return true;
	uint32_t at = index->open[nest->depth];
	index_end(lex, &index->nodes[at], end);
	return !object || index->nodes[at].n_items < 2 ||
	    index_check_names(index, lex, at);
}

/* One more member or element of the innermost bracket, up to its value. */
INLINE const char *
walk_item(struct lex *lex, struct index *index, const struct nest *nest,
    const char *at)
{
	struct aicx_str name;
	bool escaped;

	if (lex->n_nodes > JSON_NODES_MAX)
		return lex_fail(lex, at, "too many values");
	if (index != NULL)
		index->nodes[index->open[nest->depth - 1]].n_items++;
	return nest->objects & 1 ? walk_name(lex, index, at, &name, &escaped)
				 : at;
}

/* After a value: closes what ends here, up to the next value.  *ret_done: the
   outermost value has ended. */
INLINE const char *
walk_on(struct lex *lex, struct index *index, struct nest *nest, const char *at,
    bool *ret_done)
{
	*ret_done = false;
	while (nest->depth > nest->outer) {
		bool object = nest->objects & 1;
		at = lex_blanks(lex, at);
		char c = lex_peek(lex, at);
		if (c == ',')
			return walk_item(
			    lex, index, nest, lex_blanks(lex, at + 1));
		if (c != (object ? '}' : ']'))
			return lex_fail(lex, at,
			    object ? "expected ',' or '}'"
				   : "expected ',' or ']'");
		if (!walk_close(lex, index, nest, ++at))
			return NULL;
	}
	*ret_done = true;
	return at;
}

/* One value and all inside it; `outer` brackets are open around it. */
INLINE const char *
walk_value(struct lex *lex, struct index *index, unsigned outer, const char *at)
{
	struct nest nest = { .depth = outer, .outer = outer };
	bool done = false;

	while (at != NULL && !done) {
		char c = lex_peek(lex, at);
		if (c != '{' && c != '[') {
			at = walk_scalar(lex, index, at);
			if (at != NULL)
				at = walk_on(lex, index, &nest, at, &done);
			continue;
		}
		at = walk_open(lex, index, &nest, at);
		if (at == NULL)
			break;
		/* In ASCII a closing bracket is the opening one plus 2. */
		if (lex_peek(lex, at) != c + 2)
			at = walk_item(lex, index, &nest, at);
		else if (walk_close(lex, index, &nest, ++at))
			at = walk_on(lex, index, &nest, at, &done);
		else
			at = NULL;
	}
	return at;
}

/* Blanks and nothing else follow, and there are not too many values. */
static inline bool
walk_end(struct lex *lex, const char *at)
{
	at = lex_blanks(lex, at);
	if (at < lex->end)
		(void)lex_fail(lex, at, "expected the end of the text");
	else if (lex->n_nodes > JSON_NODES_MAX)
		(void)lex_fail(lex, at, "too many values");
	return lex->why == NULL;
}

#endif
