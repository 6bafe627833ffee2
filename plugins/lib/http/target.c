/* SPDX-License-Identifier: Apache-2.0 */
/* target.c - what a request line asks for (RFC 9112 section 3.2). */
#include "target.h"

#include "bytes.h"

#include <string.h>
#include <strings.h>

/* In place: the decoded text is never longer.  The bytes are ours. */
static bool
decode(struct aicx_str *path)
{
	char *text = (char *)path->ptr;
	size_t len = 0;

	for (size_t i = 0; i < path->len; i++) {
		int c = (uint8_t)text[i];

		if (c == '%') {
			int high =
			    i + 2 < path->len ? text_hex(text[i + 1]) : -1;
			int low = high >= 0 ? text_hex(text[i + 2]) : -1;

			if (low < 0)
				return false;
			c = high * 16 + low;
			i += 2;
		}
		if (c < ' ' || c == 0x7f)
			return false;
		text[len++] = (char)c;
	}
	path->len = len;
	return true;
}

/* "http://host/a?b" -> "/a?b"; the authority counts for nothing here. */
static struct aicx_str
strip_authority(struct aicx_str target)
{
	size_t scheme =
	    target.len > 8 && strncasecmp(target.ptr, "https://", 8) == 0 ? 8
									  : 7;
	size_t at = scheme;

	if (target.len <= scheme ||
	    (scheme == 7 && strncasecmp(target.ptr, "http://", 7) != 0))
		return (struct aicx_str) { NULL, 0 };
	while (
	    at < target.len && target.ptr[at] != '/' && target.ptr[at] != '?')
		at++;
	if (at == scheme)
		return (struct aicx_str) { NULL, 0 };
	return (struct aicx_str) { target.ptr + at, target.len - at };
}

bool
target_parse(struct aicx_str target, struct aicx_str *ret_path,
    struct aicx_str *ret_query)
{
	struct aicx_str path;
	struct aicx_str query;

	if (target.len == 0 || memchr(target.ptr, '#', target.len) != NULL)
		return false;
	if (*target.ptr != '/' && !text_same(target, TEXT("*"))) {
		target = strip_authority(target);
		if (target.ptr == NULL)
			return false;
	}
	path = text_cut(target, '?', &query);
	if (!decode(&path))
		return false;
	if (path.len == 0)
		path = TEXT("/");
	*ret_path = path;
	*ret_query = query;
	return true;
}
