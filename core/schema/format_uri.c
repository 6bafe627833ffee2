/* SPDX-License-Identifier: Apache-2.0 */
/* format_uri.c - URIs, IRIs and templates of them; see format.h. */
#include "schema/format.h"

#include <ctype.h>
#include <string.h>

#include "base/str.h"

static bool
is_escape(struct aicx_str text, size_t at)
{
	return at + 2 < text.len && isxdigit((unsigned char)text.ptr[at + 1]) &&
	    isxdigit((unsigned char)text.ptr[at + 2]);
}

/* Unreserved, sub-delims, escapes and what is allowed beside them. */
static bool
is_made_of(struct aicx_str text, const char *beside, bool unicode)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];
		if (c == '%' && is_escape(text, i)) {
			i += 2;
			continue;
		}
		if (c == '\0' ||
		    (!isalnum(c) && !(unicode && c >= 0x80) &&
			strchr("-._~!$&'()*+,;=", c) == NULL &&
			strchr(beside, c) == NULL))
			return false;
	}
	return true;
}

static bool
is_port(struct aicx_str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!isdigit((unsigned char)text.ptr[i]))
			return false;
	return true;
}

/* RFC 3986, section 3.2.2; v1.x of the future is taken as well. */
static bool
is_address(struct aicx_str text)
{
	size_t i = 1;

	if (text.len == 0 || (text.ptr[0] != 'v' && text.ptr[0] != 'V'))
		return format_ipv6(text);
	while (i < text.len && isxdigit((unsigned char)text.ptr[i]))
		i++;
	if (i == 1 || i + 1 >= text.len || text.ptr[i] != '.')
		return false;
	return is_made_of(
	    (struct aicx_str) { text.ptr + i + 1, text.len - i - 1 }, ":",
	    false);
}

static bool
is_authority(struct aicx_str text, bool unicode)
{
	const char *at = text.len > 0 ? memchr(text.ptr, '@', text.len) : NULL;
	struct aicx_str port = { 0 };

	if (at != NULL) {
		struct aicx_str user = { text.ptr, (size_t)(at - text.ptr) };
		if (!is_made_of(user, ":", unicode))
			return false;
		text.len -= user.len + 1;
		text.ptr = at + 1;
	}
	if (text.len > 0 && text.ptr[0] == '[') {
		struct aicx_str inside = { text.ptr + 1, text.len - 1 }, after;
		inside = str_cut(inside, ']', &after);
		return after.ptr != NULL && is_address(inside) &&
		    (after.len == 0 ||
			(after.ptr[0] == ':' &&
			    is_port((struct aicx_str) {
				after.ptr + 1, after.len - 1 })));
	}
	text = str_cut(text, ':', &port);
	return is_made_of(text, "", unicode) && is_port(port);
}

/* Bytes of "scheme:" at the front, 0 when there is none. */
static size_t
scheme_bytes(struct aicx_str text)
{
	size_t i = 0;

	while (i < text.len &&
	    (isalpha((unsigned char)text.ptr[i]) ||
		(i > 0 &&
		    (isdigit((unsigned char)text.ptr[i]) ||
			strchr("+-.", text.ptr[i]) != NULL))) &&
	    text.ptr[i] != '\0')
		i++;
	return i > 0 && i < text.len && text.ptr[i] == ':' ? i + 1 : 0;
}

static bool
is_reference(struct aicx_str text, bool absolute, bool unicode)
{
	struct aicx_str query, fragment, authority;
	size_t scheme = scheme_bytes(text);

	if (absolute && scheme == 0)
		return false;
	text.ptr += scheme;
	text.len -= scheme;
	text = str_cut(text, '#', &fragment);
	text = str_cut(text, '?', &query);
	if (!is_made_of(fragment, ":@/?", unicode) ||
	    !is_made_of(query, ":@/?", unicode))
		return false;
	if (str_starts(text, "//")) {
		size_t end = 2;
		while (end < text.len && text.ptr[end] != '/')
			end++;
		authority = (struct aicx_str) { text.ptr + 2, end - 2 };
		text.ptr += end;
		text.len -= end;
		if (!is_authority(authority, unicode))
			return false;
	} else if (scheme == 0) { /* its first segment has no colon */
		struct aicx_str rest;
		struct aicx_str first = str_cut(text, '/', &rest);
		if (first.len > 0 && memchr(first.ptr, ':', first.len) != NULL)
			return false;
	}
	return is_made_of(text, ":@/", unicode);
}

bool
format_uri(struct aicx_str text)
{
	return is_reference(text, true, false);
}

bool
format_uri_reference(struct aicx_str text)
{
	return is_reference(text, false, false);
}

bool
format_iri(struct aicx_str text)
{
	return is_reference(text, true, true);
}

bool
format_iri_reference(struct aicx_str text)
{
	return is_reference(text, false, true);
}

/* varname of RFC 6570, section 2.3: dots between, never two or at an end. */
static bool
is_varname(struct aicx_str text)
{
	bool dot = true;

	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];
		if (c == '.' && dot)
			return false;
		dot = c == '.';
		if (c == '%' && is_escape(text, i))
			i += 2;
		else if (!isalnum(c) && c != '_' && c != '.')
			return false;
	}
	return !dot;
}

/* A name, perhaps with "*" or ":" and 1 to 9999. */
static bool
is_varspec(struct aicx_str text)
{
	struct aicx_str prefix;
	struct aicx_str name = str_cut(text, ':', &prefix);

	if (prefix.ptr != NULL)
		return is_varname(name) && prefix.len >= 1 && prefix.len <= 4 &&
		    prefix.ptr[0] != '0' && is_port(prefix);
	if (name.len > 0 && name.ptr[name.len - 1] == '*')
		name.len--;
	return is_varname(name);
}

static bool
is_expression(struct aicx_str text)
{
	if (text.len > 0 && text.ptr[0] != '\0' &&
	    strchr("+#./;?&", text.ptr[0]) != NULL) {
		text.ptr++;
		text.len--;
	}
	while (text.ptr != NULL)
		if (!is_varspec(str_cut(text, ',', &text)))
			return false;
	return true;
}

bool
format_uri_template(struct aicx_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];
		if (c == '{') {
			struct aicx_str inside = { text.ptr + i + 1,
				text.len - i - 1 };
			struct aicx_str after;
			inside = str_cut(inside, '}', &after);
			if (after.ptr == NULL || !is_expression(inside))
				return false;
			i += inside.len + 1;
		} else if (c == '%') {
			if (!is_escape(text, i))
				return false;
			i += 2;
		} else if (c <= 0x20 || c == 0x7f ||
		    strchr("\"<>\\^`|}", c) != NULL) {
			return false;
		}
	}
	return true;
}
