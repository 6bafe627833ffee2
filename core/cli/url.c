/* SPDX-License-Identifier: Apache-2.0 */
/* url.c - where a broker is: http[s]://HOST[:PORT][/PREFIX], or unix:PATH. */
#include "cli/url.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/str.h"

static bool
host_ok(struct aicx_str host, bool bracketed)
{
	for (size_t i = 0; i < host.len; i++) {
		char c = host.ptr[i];
		bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') || c == '.';
		if (!word && !(bracketed ? c == ':' : c == '-' || c == '_'))
			return false;
	}
	return host.len > 0;
}

static bool
prefix_ok(struct aicx_str prefix)
{
	for (size_t i = 0; i < prefix.len; i++)
		if (prefix.ptr[i] <= ' ' || prefix.ptr[i] == '?' ||
		    prefix.ptr[i] == '#' || (prefix.ptr[i] & 0x80))
			return false;
	return true;
}

/* "host", "host:port", "[v6]", "[v6]:port"; *ret_port absent when none. */
static bool
authority_split(struct aicx_str text, struct aicx_str *ret_host,
    struct aicx_str *ret_port, bool *ret_bracketed)
{
	*ret_bracketed = text.len > 0 && text.ptr[0] == '[';
	if (!*ret_bracketed) {
		*ret_host = str_cut(text, ':', ret_port);
		return true;
	}
	struct aicx_str rest = { 0 };
	*ret_host = str_cut(
	    (struct aicx_str) { text.ptr + 1, text.len - 1 }, ']', &rest);
	*ret_port = (struct aicx_str) { 0 };
	if (rest.ptr == NULL)
		return false;
	if (rest.len > 0 && rest.ptr[0] == ':')
		*ret_port = (struct aicx_str) { rest.ptr + 1, rest.len - 1 };
	else if (rest.len > 0)
		return false;
	return true;
}

static void
lower(char *text)
{
	for (; *text != '\0'; text++)
		if (*text >= 'A' && *text <= 'Z')
			*text = (char)(*text - 'A' + 'a');
}

static aicx_err
refuse(struct aicx_error *reterr, struct aicx_str text, const char *why)
{
	return err_word(reterr, AICX_EINVAL, "invalid_url",
	    "cannot use the broker \"%.*s\": %s; write it as "
	    "http://127.0.0.1:8700",
	    STR_ARG(text), why);
}

/* A relative path is one from here, so that pins name one socket only. */
static aicx_err
parse_local(struct aicx_str text, struct url *ret, struct aicx_error *reterr)
{
	struct aicx_str path = { text.ptr + 5, text.len - 5 };
	struct url url = { .host = "localhost", .authority = "localhost" };
	char here[sizeof url.path] = "";
	int len;

	if (path.len == 0 || memchr(path.ptr, '\0', path.len) != NULL ||
	    !prefix_ok(path))
		return refuse(reterr, text, "its path is missing or malformed");
	if (path.ptr[0] != '/' && getcwd(here, sizeof here) == NULL)
		return refuse(reterr, text, "its path is too long");
	len = snprintf(url.path, sizeof url.path, "%s%s%.*s", here,
	    here[0] != '\0' ? "/" : "", STR_ARG(path));
	if (len < 0 || (size_t)len >= sizeof url.path)
		return refuse(reterr, text, "its path is too long");
	(void)snprintf(url.origin, sizeof url.origin, "unix:%s", url.path);
	*ret = url;
	return AICX_OK;
}

aicx_err
url_parse(struct aicx_str text, struct url *ret, struct aicx_error *reterr)
{
	struct url url = { 0 };
	struct aicx_str host, port, path = { 0 }, rest = text;
	size_t scheme = strlen("http://");
	int64_t number = 80;
	bool bracketed;

	if (str_starts(text, "unix:"))
		return parse_local(text, ret, reterr);
	url.secure = str_starts(text, "https://");
	if (!url.secure && !str_starts(text, "http://"))
		return refuse(reterr, text,
		    "it does not begin with http://, https:// or unix:");
	if (url.secure)
		number = 443, scheme++;
	rest.ptr += scheme, rest.len -= scheme;
	struct aicx_str authority = str_cut(rest, '/', &path);
	if (!authority_split(authority, &host, &port, &bracketed) ||
	    !host_ok(host, bracketed))
		return refuse(reterr, text, "its host is malformed");
	if (port.ptr != NULL &&
	    (!str_int(port, &number) || number < 1 || number > 65535))
		return refuse(reterr, text, "its port is not 1 to 65535");
	while (path.len > 0 && path.ptr[path.len - 1] == '/')
		path.len--;
	if (!prefix_ok(path) || path.len + 2 > sizeof url.prefix ||
	    !str_copy(host, url.host, sizeof url.host))
		return refuse(reterr, text, "it is too long or malformed");
	lower(url.host);
	(void)snprintf(
	    url.port, sizeof url.port, "%u", (unsigned)number % 65536u);
	(void)snprintf(url.authority, sizeof url.authority,
	    bracketed ? "[%s]:%s" : "%s:%s", url.host, url.port);
	(void)snprintf(url.origin, sizeof url.origin, "http%s://%s",
	    url.secure ? "s" : "", url.authority);
	if (path.len > 0)
		(void)snprintf(
		    url.prefix, sizeof url.prefix, "/%.*s", STR_ARG(path));
	*ret = url;
	return AICX_OK;
}

bool
url_is_loopback(const struct url *url)
{
	struct aicx_str host = str_of(url->host);
	int64_t number;

	if (url->path[0] != '\0')
		return true;
	if (str_is(host, "localhost") || str_is(host, "::1"))
		return true;
	if (!str_starts(host, "127."))
		return false;
	/* Four decimal parts, so that 127.example.org is none. */
	for (int i = 0; i < 4; i++) {
		struct aicx_str rest = { 0 };
		struct aicx_str part = str_cut(host, '.', &rest);
		if (!str_int(part, &number) || number < 0 || number > 255)
			return false;
		if ((rest.ptr == NULL) != (i == 3))
			return false;
		host = rest;
	}
	return true;
}
