/* SPDX-License-Identifier: Apache-2.0 */
/* slice.c - parts of a JSON text that is known to be well-formed. */
#include "slice.h"

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

/* By an odd number of backslashes before it. */
static bool
is_escaped(const char *from, const char *at)
{
	const char *before = at;

	while (before > from && before[-1] == '\\')
		before--;
	return (at - before) % 2 != 0;
}

/* From an opening quote to behind the closing one. */
static size_t
skip_string(struct aicx_str text, size_t at)
{
	for (at++; at < text.len; at++) {
		const char *end = memchr(text.ptr + at, '"', text.len - at);

		if (end == NULL)
			break;
		if (!is_escaped(text.ptr + at, end))
			return (size_t)(end - text.ptr) + 1;
		at = (size_t)(end - text.ptr);
	}
	return text.len;
}

/* To the comma or bracket that ends a value. */
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

static bool
take_name(struct aicx_str text, size_t *at, struct aicx_str *ret_name)
{
	size_t from = *at;
	size_t to;

	if (from >= text.len || text.ptr[from] != '"')
		return false;
	to = skip_string(text, from);
	*ret_name = (struct aicx_str) { text.ptr + from + 1, to - from - 2 };
	to = skip_blanks(text, to);
	if (to >= text.len || text.ptr[to] != ':')
		return false;
	*at = skip_blanks(text, to + 1);
	return true;
}

bool
slice_next(struct slice_walk *walk, struct aicx_str *ret_name,
    struct aicx_str *ret_value)
{
	struct aicx_str text = walk->text;
	size_t begin = skip_blanks(text, 0);
	bool is_object = begin < text.len && text.ptr[begin] == '{';
	size_t from = skip_blanks(text, walk->at == 0 ? begin : walk->at);
	size_t to;

	if (from >= text.len ||
	    (walk->at == 0 ? !is_object && text.ptr[from] != '['
			   : text.ptr[from] != ','))
		return false;
	from = skip_blanks(text, from + 1);
	*ret_name = (struct aicx_str) { NULL, 0 };
	if (is_object && !take_name(text, &from, ret_name))
		return false;
	walk->at = to = skip_value(text, from);
	while (to > from && is_blank(text.ptr[to - 1]))
		to--;
	*ret_value = (struct aicx_str) { text.ptr + from, to - from };
	return to > from;
}

struct aicx_str
slice_get(struct aicx_str object, const char *name)
{
	struct slice_walk walk = { .text = object };
	struct aicx_str wanted = text_of(name);
	struct aicx_str found;
	struct aicx_str value;

	while (slice_next(&walk, &found, &value))
		if (found.ptr != NULL && text_same(found, wanted))
			return value;
	return (struct aicx_str) { NULL, 0 };
}

struct aicx_str
slice_inside(struct aicx_str string)
{
	if (string.len < 2 || *string.ptr != '"')
		return (struct aicx_str) { NULL, 0 };
	return (struct aicx_str) { string.ptr + 1, string.len - 2 };
}
