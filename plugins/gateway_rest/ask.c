/* SPDX-License-Identifier: Apache-2.0 */
/* ask.c - what the header fields of a request ask for. */
#include "ask.h"

#include "field.h"

#include <string.h>

static bool
is_visible(struct aicx_str text, size_t max)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] <= ' ' || text.ptr[i] >= 0x7f)
			return false;
	return text.len > 0 && text.len <= max;
}

static bool
is_hex(struct aicx_str text, size_t at, size_t len)
{
	for (size_t i = at; i < at + len; i++)
		if (!((text.ptr[i] >= '0' && text.ptr[i] <= '9') ||
			(text.ptr[i] >= 'a' && text.ptr[i] <= 'f')))
			return false;
	return true;
}

static bool
is_zero(struct aicx_str text, size_t at, size_t len)
{
	for (size_t i = at; i < at + len; i++)
		if (text.ptr[i] != '0')
			return false;
	return true;
}

/* 00-TRACE-SPAN-FLAGS (W3C Trace Context section 3.2); a later version begins
   the same and may go on behind a hyphen. */
static bool
is_traceparent(struct aicx_str text)
{
	bool formed = text.len >= 55 && is_hex(text, 0, 2) &&
	    text.ptr[2] == '-' && is_hex(text, 3, 32) && text.ptr[35] == '-' &&
	    is_hex(text, 36, 16) && text.ptr[52] == '-' && is_hex(text, 53, 2);

	if (!formed || memcmp(text.ptr, "ff", 2) == 0 || is_zero(text, 3, 32) ||
	    is_zero(text, 36, 16))
		return false;
	return text.len == 55 ||
	    (memcmp(text.ptr, "00", 2) != 0 && text.ptr[55] == '-');
}

/* Whether a weight forbids: q=0, q=0.0 ... (RFC 9110 section 12.4.2). */
static bool
is_refused(struct aicx_str parameters)
{
	while (parameters.len > 0) {
		struct aicx_str one =
		    text_trim(text_cut(parameters, ';', &parameters));

		if (one.len < 3 || (one.ptr[0] != 'q' && one.ptr[0] != 'Q') ||
		    one.ptr[1] != '=')
			continue;
		for (size_t i = 2; i < one.len; i++)
			if (one.ptr[i] != '0' && one.ptr[i] != '.')
				return false;
		return true;
	}
	return false;
}

/* gzip by its name, else by *. */
static bool
takes_gzip(struct aicx_str list)
{
	bool any = false;

	while (list.len > 0) {
		struct aicx_str weight;
		struct aicx_str name =
		    text_cut(text_cut(list, ',', &list), ';', &weight);

		name = text_trim(name);
		if (text_alike(name, TEXT("gzip")) ||
		    text_alike(name, TEXT("x-gzip")))
			return !is_refused(weight);
		if (text_same(name, TEXT("*")))
			any = !is_refused(weight);
	}
	return any;
}

/* "text" of "text/html". */
static struct aicx_str
major_of(struct aicx_str media)
{
	struct aicx_str rest;
	struct aicx_str major = text_cut(media, '/', &rest);

	return major;
}

static bool
range_covers(struct aicx_str range, struct aicx_str media)
{
	struct aicx_str rest = { NULL, 0 };

	if (text_alike(range, media) || text_same(range, TEXT("*/*")))
		return true;
	(void)text_cut(range, '/', &rest);
	return text_same(rest, TEXT("*")) &&
	    text_alike(major_of(range), major_of(media));
}

bool
ask_accepts(const struct ask *ask, struct aicx_str media)
{
	struct aicx_str list = ask->accept;
	struct aicx_str rest;

	media = text_trim(text_cut(media, ';', &rest));
	if (list.len == 0)
		return true;
	while (list.len > 0) {
		struct aicx_str weight;
		struct aicx_str range =
		    text_cut(text_cut(list, ',', &list), ';', &weight);

		if (range_covers(text_trim(range), media) &&
		    !is_refused(weight))
			return true;
	}
	return false;
}

/* Whether a list of media ranges names this one (RFC 9110 section 12.5.1). */
static bool
accepts(struct aicx_str list, struct aicx_str media)
{
	while (list.len > 0) {
		struct aicx_str range = text_cut(list, ',', &list);
		struct aicx_str weight;

		if (text_alike(text_trim(text_cut(range, ';', &weight)), media))
			return true;
	}
	return false;
}

struct ask
ask_read(const struct aicx_http_request *request)
{
	struct ask ask = { .bad_key = false };
	struct aicx_str value = { NULL, 0 };
	size_t n = field_find(request, TEXT("Idempotency-Key"), &value);

	if (n > 0 && (n > 1 || !is_visible(value, ASK_KEY_MAX)))
		ask.bad_key = true;
	else if (n > 0)
		ask.key = value;
	ask.bad_credential = !field_credential(request, &ask.credential);
	/* Ids that are no use are no reason to refuse. */
	if (field_find(request, TEXT("X-Request-Id"), &value) == 1 &&
	    is_visible(value, ASK_ID_MAX))
		ask.id = value;
	n = field_find(request, TEXT("traceparent"), &value);
	ask.traced = n > 0;
	if (n == 1 && is_traceparent(value))
		ask.trace = (struct aicx_str) { value.ptr, 55 };
	if (field_find(request, TEXT("If-None-Match"), &value) == 1 &&
	    value.len <= ASK_MATCH_MAX)
		ask.match = value;
	if (field_find(request, TEXT("Accept-Encoding"), &value) == 1)
		ask.gzip = takes_gzip(value);
	(void)field_find(request, TEXT("Content-Type"), &ask.media);
	n = field_find(request, TEXT("Accept"), &value);
	if (n == 1)
		ask.accept = value; /* of several only the parser knows all */
	if (n > 0)
		ask.plain_json = accepts(value, TEXT("application/json")) &&
		    !accepts(value, TEXT("application/problem+json"));
	return ask;
}

bool
ask_is_json(const struct ask *ask)
{
	struct aicx_str parameters;
	struct aicx_str type =
	    text_trim(text_cut(ask->media, ';', &parameters));

	if (ask->media.ptr == NULL ||
	    text_alike(type, TEXT("application/json")))
		return true;
	return type.len > 5 && memchr(type.ptr, '/', type.len) != NULL &&
	    text_alike((struct aicx_str) { type.ptr + type.len - 5, 5 },
		TEXT("+json"));
}
