/* SPDX-License-Identifier: Apache-2.0 */
/* uri.c - see uri.h. */
#include "schema/uri.h"

#include <ctype.h>
#include <string.h>

#include "base/str.h"

struct uri { /* what is not there has ptr NULL; a path always is */
	struct aicx_str scheme, authority, path, query;
};

static struct aicx_str
scheme_of(struct aicx_str text)
{
	size_t i = 0;

	while (i < text.len &&
	    (isalnum((unsigned char)text.ptr[i]) ||
		(i > 0 && strchr("+-.", text.ptr[i]) != NULL)))
		i++;
	if (i == 0 || i == text.len || text.ptr[i] != ':' ||
	    !isalpha((unsigned char)text.ptr[0]))
		return (struct aicx_str) { 0 };
	return (struct aicx_str) { text.ptr, i };
}

static struct uri
uri_split(struct aicx_str text)
{
	struct uri uri = { .scheme = scheme_of(text) };
	size_t i = 2;

	if (uri.scheme.ptr != NULL) {
		text.ptr += uri.scheme.len + 1;
		text.len -= uri.scheme.len + 1;
	}
	text = str_cut(text, '?', &uri.query);
	if (str_starts(text, "//")) {
		while (i < text.len && text.ptr[i] != '/')
			i++;
		uri.authority = (struct aicx_str) { text.ptr + 2, i - 2 };
		text.ptr += i;
		text.len -= i;
	}
	uri.path = text;
	return uri;
}

/* Section 5.2.4: "." and ".." are gone afterwards. */
static struct aicx_str
without_dots(struct aicx_str path, struct arena *arena)
{
	char *out = arena_bytes(arena, path.len + 1);
	size_t len = 0, at = 0;

	while (at < path.len) {
		size_t end = at + (path.ptr[at] == '/');
		while (end < path.len && path.ptr[end] != '/')
			end++;
		struct aicx_str part = { path.ptr + at, end - at };
		bool last = end == path.len;
		if (str_is(part, "/..") || str_is(part, "..")) {
			while (len > 0 && out[--len] != '/')
				;
			if (last)
				out[len++] = '/';
		} else if (str_is(part, "/.") || str_is(part, ".")) {
			if (last && part.len == 2)
				out[len++] = '/';
		} else {
			memcpy(out + len, part.ptr, part.len);
			len += part.len;
		}
		at = end;
	}
	return (struct aicx_str) { out, len };
}

/* Section 5.2.3. */
static struct aicx_str
merge(const struct uri *base, struct aicx_str path, struct arena *arena)
{
	size_t keep = base->path.len;

	if (base->authority.ptr != NULL && base->path.len == 0)
		return arena_printf(arena, "/%.*s", STR_ARG(path));
	while (keep > 0 && base->path.ptr[keep - 1] != '/')
		keep--;
	return arena_printf(
	    arena, "%.*s%.*s", (int)keep, base->path.ptr, STR_ARG(path));
}

static struct aicx_str
uri_join(const struct uri *uri, struct arena *arena)
{
	return arena_printf(arena, "%.*s%s%s%.*s%.*s%s%.*s",
	    STR_ARG(uri->scheme), uri->scheme.ptr != NULL ? ":" : "",
	    uri->authority.ptr != NULL ? "//" : "", STR_ARG(uri->authority),
	    STR_ARG(uri->path), uri->query.ptr != NULL ? "?" : "",
	    STR_ARG(uri->query));
}

struct aicx_str
uri_resolve(struct aicx_str base_text, struct aicx_str reference,
    struct arena *arena, struct aicx_str *ret_fragment)
{
	reference = str_cut(reference, '#', ret_fragment);
	if (reference.len == 0)
		return base_text;
	struct uri to = uri_split(reference);
	struct uri base = uri_split(base_text);
	if (to.scheme.ptr != NULL)
		return reference;
	to.scheme = base.scheme;
	if (to.authority.ptr == NULL) {
		to.authority = base.authority;
		if (to.path.len == 0) {
			to.path = base.path;
			if (to.query.ptr == NULL)
				to.query = base.query;
		} else if (to.path.ptr[0] != '/') {
			to.path = merge(&base, to.path, arena);
		}
	}
	to.path = without_dots(to.path, arena);
	return uri_join(&to, arena);
}

static int
hex_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

struct aicx_str
uri_decode(struct aicx_str text, struct arena *arena)
{
	char *out = arena_bytes(arena, text.len + 1);
	size_t len = 0;

	for (size_t i = 0; i < text.len; i++) {
		int high = -1, low = -1;
		if (text.ptr[i] == '%' && i + 2 < text.len) {
			high = hex_of(text.ptr[i + 1]);
			low = hex_of(text.ptr[i + 2]);
		}
		if (high >= 0 && low >= 0) {
			out[len++] = (char)(high * 16 + low);
			i += 2;
		} else {
			out[len++] = text.ptr[i];
		}
	}
	return (struct aicx_str) { out, len };
}
