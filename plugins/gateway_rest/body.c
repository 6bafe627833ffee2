/* SPDX-License-Identifier: Apache-2.0 */
/* body.c - just enough of a JSON body to put members into it. */
#include "body.h"

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
