/* SPDX-License-Identifier: Apache-2.0 */
/* body.c - just enough of a JSON body to put members into it. */
#include "body.h"

#include <string.h>

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static size_t
skip_blanks(struct aicx_str text, size_t at)
{
	while (at < text.len && is_blank(text.ptr[at]))
		at++;
	return at;
}

enum body_shape
body_shape(struct aicx_str *body)
{
	size_t from = skip_blanks(*body, 0);

	while (body->len > from && is_blank(body->ptr[body->len - 1]))
		body->len--;
	if (from >= body->len)
		return BODY_ABSENT;
	if (body->ptr[from] != '{')
		return BODY_OTHER;
	if (body->len - from < 2 || body->ptr[body->len - 1] != '}')
		return BODY_BROKEN;
	return skip_blanks(*body, from + 1) == body->len - 1 ? BODY_EMPTY
							     : BODY_OBJECT;
}

/* From an opening quote to behind the closing one; text.len without one. */
static size_t
skip_string(struct aicx_str text, size_t at)
{
	for (at++; at < text.len && text.ptr[at] != '"'; at++)
		if (text.ptr[at] == '\\')
			at++;
	return at < text.len ? at + 1 : text.len;
}

/* To the comma or brace that ends a value. */
static size_t
skip_value(struct aicx_str text, size_t at)
{
	size_t depth = 0;

	while (at < text.len) {
		char c = text.ptr[at];

		if (c == '"') {
			at = skip_string(text, at);
			continue;
		}
		if (depth == 0 && (c == ',' || c == '}' || c == ']'))
			break;
		depth += c == '{' || c == '[';
		depth -= c == '}' || c == ']';
		at++;
	}
	return at;
}

bool
body_next(struct body_walk *walk, struct aicx_str *ret_name,
    struct aicx_str *ret_value)
{
	struct aicx_str text = walk->body;
	size_t from = skip_blanks(text, walk->at);
	size_t to;

	/* The brace before the first, the comma before each other. */
	if (from >= text.len || text.ptr[from] != (walk->at == 0 ? '{' : ','))
		return false;
	from = skip_blanks(text, from + 1);
	if (from >= text.len || text.ptr[from] != '"')
		return false;
	to = skip_string(text, from);
	if (to >= text.len)
		return false;
	*ret_name = (struct aicx_str) { text.ptr + from + 1, to - from - 2 };
	to = skip_blanks(text, to);
	if (to >= text.len || text.ptr[to] != ':')
		return false;
	from = skip_blanks(text, to + 1);
	walk->at = to = skip_value(text, from);
	while (to > from && is_blank(text.ptr[to - 1]))
		to--;
	*ret_value = (struct aicx_str) { text.ptr + from, to - from };
	return true;
}
