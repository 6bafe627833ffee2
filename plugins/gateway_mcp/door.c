/* SPDX-License-Identifier: Apache-2.0 */
/* door.c - what an HTTP request's head says. */
#include "door.h"

#include <string.h>

struct aicx_str
door_field(const struct aicx_http_request *request, const char *name)
{
	struct aicx_str wanted = text_of(name);
	struct aicx_str value = { NULL, 0 };

	for (size_t i = 0; i < request->n_headers; i++) {
		if (!text_alike(request->headers[i].name, wanted))
			continue;
		if (value.ptr != NULL)
			return (struct aicx_str) { NULL, 0 };
		value = text_trim(request->headers[i].value);
	}
	return value;
}

static bool
has_field(const struct aicx_http_request *request, const char *name)
{
	for (size_t i = 0; i < request->n_headers; i++)
		if (text_alike(request->headers[i].name, text_of(name)))
			return true;
	return false;
}

struct aicx_str
door_host(struct aicx_str text)
{
	struct aicx_str rest = text;
	const char *scheme =
	    text.len > 2 ? memmem(text.ptr, text.len, "://", 3) : NULL;

	if (scheme != NULL)
		rest = (struct aicx_str) { scheme + 3,
			text.len - (size_t)(scheme + 3 - text.ptr) };
	rest = text_cut(rest, '/', &text);
	if (rest.len > 0 && *rest.ptr == '[') {
		const char *end = memchr(rest.ptr, ']', rest.len);

		if (end == NULL)
			return (struct aicx_str) { NULL, 0 };
		return (
		    struct aicx_str) { rest.ptr, (size_t)(end + 1 - rest.ptr) };
	}
	return text_cut(rest, ':', &text);
}

static bool
is_listed(struct aicx_str hosts, struct aicx_str host)
{
	while (hosts.len > 0) {
		size_t n = 0;

		while (n < hosts.len && strchr(" ,\t", hosts.ptr[n]) == NULL)
			n++;
		if (n > 0 && host.len > 0 &&
		    text_alike((struct aicx_str) { hosts.ptr, n }, host))
			return true;
		n += n < hosts.len;
		hosts.ptr += n;
		hosts.len -= n;
	}
	return false;
}

bool
door_is_ours(const struct aicx_http_request *request, struct aicx_str hosts)
{
	return is_listed(hosts, door_host(door_field(request, "Host"))) &&
	    (!has_field(request, "Origin") ||
		is_listed(hosts, door_host(door_field(request, "Origin"))));
}

bool
door_brings_json(const struct aicx_http_request *request)
{
	struct aicx_str rest;
	struct aicx_str type =
	    text_cut(door_field(request, "Content-Type"), ';', &rest);

	return text_alike(text_trim(type), TEXT("application/json"));
}

/* The media type, or a range that covers it (RFC 9110 section 12.5.1). */
bool
door_takes(const struct aicx_http_request *request, const char *media)
{
	struct aicx_str list = door_field(request, "Accept");
	struct aicx_str wanted = text_of(media);
	struct aicx_str group, rest;

	if (list.ptr == NULL)
		return true;
	group = text_cut(wanted, '/', &rest);
	while (list.len > 0) {
		struct aicx_str range =
		    text_trim(text_cut(text_cut(list, ',', &list), ';', &rest));
		struct aicx_str kind;

		if (text_alike(range, wanted) ||
		    text_same(range, TEXT("*/*")) ||
		    (text_alike(text_cut(range, '/', &kind), group) &&
			text_same(kind, TEXT("*"))))
			return true;
	}
	return false;
}

bool
door_is_loopback(const struct aicx_http_request *request)
{
	static const char *const starts[] = { "127.", "[::1]:", "unix:" };

	for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
		size_t n = strlen(starts[i]);

		if (request->address.len >= n &&
		    memcmp(request->address.ptr, starts[i], n) == 0)
			return true;
	}
	return false;
}
