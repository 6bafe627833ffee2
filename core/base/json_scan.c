/* SPDX-License-Identifier: Apache-2.0 */
/* json_scan.c - the members of one object, in one pass without an index. */
#include "base/err.h"
#include "base/json.h"
#include "base/json_lex.h"
#include "base/json_names.h"
#include "base/json_walk.h"

/* An object whose members are wanted, or checked for repeats only. */
struct scan {
	struct lex lex;
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
		at = walk_value(&scan->lex, NULL, depth, at);
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

	if (scan->lex.n_nodes > JSON_NODES_MAX)
		return lex_fail(&scan->lex, at, "too many values");
	at = walk_name(&scan->lex, NULL, at, &name, &escaped);
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

	scan->lex.n_nodes++;
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
	if (at == NULL || !walk_end(&scan.lex, at))
		return lex_error(&scan.lex, reterr);
	return AICX_OK;
}
