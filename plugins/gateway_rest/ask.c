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

/* 00-TRACE-SPAN-FLAGS (W3C Trace Context section 3.2). */
static bool
is_traceparent(struct aicx_str text)
{
	return text.len == 55 && is_hex(text, 0, 2) && text.ptr[2] == '-' &&
	    is_hex(text, 3, 32) && text.ptr[35] == '-' &&
	    is_hex(text, 36, 16) && text.ptr[52] == '-' &&
	    is_hex(text, 53, 2) && memcmp(text.ptr, "ff", 2) != 0;
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
	if (field_find(request, TEXT("traceparent"), &value) == 1 &&
	    is_traceparent(value))
		ask.trace = value;
	(void)field_find(request, TEXT("Content-Type"), &ask.media);
	if (field_find(request, TEXT("Accept"), &value) > 0)
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
