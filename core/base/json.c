/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json.c - one grammar, walked with an index (json_parse) or without
 * (json_scan), so that both accept the same texts.
 *
 * Nesting is a number and one bit for each open bracket, not recursion.
 */
#include "base/json.h"

#include <string.h>

#include "base/err.h"
#include "base/json_lex.h"
#include "base/json_names.h"
#include "base/str.h"

#define INLINE static inline __attribute__((always_inline))

/* Where nodes go.  A scan counts them only: no index, no nodes. */
struct index {
	struct arena *arena; /* NULL: count only */
	const char *start; /* of the text */
	struct json_node *nodes;
	size_t n, cap;
	uint32_t open[JSON_DEPTH_MAX]; /* nodes of the open brackets */
};

static void
index_grow(struct index *index)
{
	size_t cap = index->cap * 2;
	struct json_node *nodes = arena_new(index->arena, cap * sizeof *nodes);

	memcpy(nodes, index->nodes, index->n * sizeof *nodes);
	index->nodes = nodes;
	index->cap = cap;
}

/* A value or name from `at` on; what it ends with is filled in later. */
INLINE struct json_node *
index_add(struct index *index, const char *at, enum json_type type)
{
	if (index->arena == NULL) {
		index->n++;
		return NULL;
	}
	if (index->n == index->cap)
		index_grow(index);
	struct json_node *node = &index->nodes[index->n++];
	*node = (struct json_node) { .start = (uint32_t)(at - index->start),
		.type = type };
	return node;
}

INLINE void
index_end(struct index *index, struct json_node *node, const char *end)
{
	if (node != NULL) {
		node->end = (uint32_t)(end - index->start);
		node->next = (uint32_t)index->n;
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
	struct json_node *node = index_add(index, start, JSON_STRING);
	if (node != NULL)
		node->escaped = *ret_escaped;
	index_end(index, node, ++at);
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
		node = index_add(index, start, JSON_STRING);
		if (node != NULL)
			node->escaped = escaped;
		break;
	case 't':
		at = lex_word(lex, at, "true");
		node = index_add(index, start, JSON_TRUE);
		break;
	case 'f':
		at = lex_word(lex, at, "false");
		node = index_add(index, start, JSON_FALSE);
		break;
	case 'n':
		at = lex_word(lex, at, "null");
		node = index_add(index, start, JSON_NULL);
		break;
	case '-':
	case '0' ... '9':
		at = lex_number(lex, at);
		node = index_add(index, start, JSON_NUMBER);
		break;
	default:
		return lex_fail(lex, at, "expected a value");
	}
	if (at != NULL)
		index_end(index, node, at);
	return at;
}

/* Refuses repeated names in the object whose node is `object`. */
static bool
check_names(struct lex *lex, const struct index *index, uint32_t object)
{
	struct names names;
	bool good = true;

	names_init(&names);
	for (uint32_t i = object + 1; good && i < index->n;
	     i = index->nodes[i + 1].next) {
		const struct json_node *node = &index->nodes[i];
		struct aicx_str name = { index->start + node->start + 1,
			node->end - node->start - 2 };
		good = names_add(&names, name, node->escaped);
		if (!good)
			(void)lex_fail(lex, name.ptr - 1, "repeated member");
	}
	names_fini(&names);
	return good;
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
	    index_add(index, at, object ? JSON_OBJECT : JSON_ARRAY);
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
	if (index->arena == NULL)
		return true;
	uint32_t at = index->open[nest->depth];
	index_end(index, &index->nodes[at], end);
	return !object || index->nodes[at].n_items < 2 ||
	    check_names(lex, index, at);
}

/* One more member or element of the innermost bracket, up to its value. */
INLINE const char *
walk_item(struct lex *lex, struct index *index, const struct nest *nest,
    const char *at)
{
	struct aicx_str name;
	bool escaped;

	if (index->n > JSON_NODES_MAX)
		return lex_fail(lex, at, "too many values");
	if (index->arena != NULL)
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
static bool
walk_end(struct lex *lex, const struct index *index, const char *at)
{
	at = lex_blanks(lex, at);
	if (at < lex->end)
		(void)lex_fail(lex, at, "expected the end of the text");
	else if (index->n > JSON_NODES_MAX)
		(void)lex_fail(lex, at, "too many values");
	return lex->why == NULL;
}

static struct lex
lex_of(struct aicx_str text)
{
	const char *start = text.ptr ? text.ptr : "";

	return (struct lex) { .start = start, .end = start + text.len };
}

aicx_err
json_parse(struct aicx_str text, struct arena *arena, struct json *ret_doc,
    struct aicx_error *reterr)
{
	struct lex lex = lex_of(text);
	struct index index = {
		.arena = arena, .start = lex.start, .cap = text.len / 12 + 4
	};

	if (text.len > UINT32_MAX)
		return err_word(reterr, AICX_EINVAL, "malformed",
		    "the text is longer than 4 GiB");
	if (index.cap > JSON_NODES_MAX)
		index.cap = JSON_NODES_MAX;
	index.nodes = arena_new(arena, index.cap * sizeof *index.nodes);
	const char *at =
	    walk_value(&lex, &index, 0, lex_blanks(&lex, lex.start));
	if (at == NULL || !walk_end(&lex, &index, at))
		return lex_error(&lex, reterr);
	*ret_doc =
	    (struct json) { { lex.start, text.len }, index.nodes, index.n };
	return AICX_OK;
}

/* An object whose members are wanted, or checked for repeats only. */
struct scan {
	struct lex lex;
	struct index index; /* counts only */
	const char *inner;
	json_member_fn *on_member; /* NULL inside `inner` */
	void *arg;
	aicx_err refused; /* by on_member */
	struct aicx_error *reterr;
};

static const char *scan_object(
    struct scan *scan, unsigned depth, const char *at);

static enum json_type
type_of(char first)
{
	switch (first) {
	case '{':
		return JSON_OBJECT;
	case '[':
		return JSON_ARRAY;
	case '"':
		return JSON_STRING;
	case 't':
		return JSON_TRUE;
	case 'f':
		return JSON_FALSE;
	case 'n':
		return JSON_NULL;
	default:
		return JSON_NUMBER;
	}
}

/* A member's value: `inner` is looked into, others are passed over. */
static const char *
scan_value(
    struct scan *scan, struct aicx_str name, unsigned depth, const char *at)
{
	const char *start = at;

	if (depth == 1 && scan->inner != NULL &&
	    lex_peek(&scan->lex, at) == '{' &&
	    json_inside_is(name, scan->inner))
		at = scan_object(scan, depth, at);
	else
		at = walk_value(&scan->lex, &scan->index, depth, at);
	if (at == NULL || depth > 1)
		return at;
	scan->refused = scan->on_member(name, type_of(*start),
	    (struct aicx_str) { start, (size_t)(at - start) }, scan->arg,
	    scan->reterr);
	return scan->refused == AICX_OK ? at : NULL;
}

/* Name, colon and value; up to what follows them. */
static const char *
scan_member(
    struct scan *scan, struct names *names, unsigned depth, const char *at)
{
	const char *start = at;
	struct aicx_str name;
	bool escaped;

	if (scan->index.n > JSON_NODES_MAX)
		return lex_fail(&scan->lex, at, "too many values");
	at = walk_name(&scan->lex, &scan->index, at, &name, &escaped);
	if (at == NULL)
		return NULL;
	if (!names_add(names, name, escaped))
		return lex_fail(&scan->lex, start, "repeated member");
	at = scan_value(scan, name, depth, at);
	return at == NULL ? NULL : lex_blanks(&scan->lex, at);
}

static const char *
scan_object(struct scan *scan, unsigned depth, const char *at)
{
	struct names names;

	scan->index.n++;
	names_init(&names);
	at = lex_blanks(&scan->lex, at + 1);
	if (lex_peek(&scan->lex, at) == '}')
		return at + 1;
	while (at != NULL) {
		at = scan_member(scan, &names, depth + 1, at);
		if (at == NULL || lex_peek(&scan->lex, at) != ',')
			break;
		at = lex_blanks(&scan->lex, at + 1);
	}
	names_fini(&names);
	if (at == NULL)
		return NULL;
	if (lex_peek(&scan->lex, at) != '}')
		return lex_fail(&scan->lex, at, "expected ',' or '}'");
	return at + 1;
}

aicx_err
json_scan(struct aicx_str text, const char *inner, json_member_fn *on_member,
    void *arg, struct aicx_error *reterr)
{
	struct scan scan = { .lex = lex_of(text),
		.inner = inner,
		.on_member = on_member,
		.arg = arg,
		.reterr = reterr };
	const char *at = lex_blanks(&scan.lex, scan.lex.start);

	if (lex_peek(&scan.lex, at) != '{')
		at = lex_fail(&scan.lex, at, "expected '{'");
	else
		at = scan_object(&scan, 0, at);
	if (scan.refused != AICX_OK)
		return scan.refused;
	if (at == NULL || !walk_end(&scan.lex, &scan.index, at))
		return lex_error(&scan.lex, reterr);
	return AICX_OK;
}
