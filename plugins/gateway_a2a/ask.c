/* SPDX-License-Identifier: Apache-2.0 */
/* ask.c - what the header fields and the query of a request ask for. */
#include "ask.h"

#include "bytes.h"

#include <string.h>

/* How many fields have this name; the last one's value. */
static size_t
field(const struct aicx_http_request *request, struct aicx_str name,
    struct aicx_str *ret_value)
{
	size_t n = 0;

	for (size_t i = 0; i < request->n_headers; i++) {
		if (!text_alike(request->headers[i].name, name))
			continue;
		*ret_value = request->headers[i].value;
		n++;
	}
	return n;
}

/* b64token (RFC 6750 section 2.1). */
static bool
is_token(struct aicx_str text)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmn"
				      "opqrstuvwxyz0123456789-._~+/=";

	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] == '\0' || strchr(letters, text.ptr[i]) == NULL)
			return false;
	return text.len > 0;
}

static void
read_credential(const struct aicx_http_request *request, struct ask *ask)
{
	struct aicx_str value = { NULL, 0 };
	struct aicx_str scheme;
	size_t n = field(request, TEXT("Authorization"), &value);

	if (n == 0)
		return;
	scheme = text_cut(value, ' ', &value);
	value = text_trim(value);
	if (n == 1 && text_alike(scheme, TEXT("Bearer")) && is_token(value))
		ask->credential = value;
	else
		ask->bad_credential = true;
}

static bool
names_media(struct aicx_str list, struct aicx_str media)
{
	while (list.len > 0) {
		struct aicx_str range = text_cut(list, ',', &list);
		struct aicx_str parameters;

		if (text_alike(
			text_trim(text_cut(range, ';', &parameters)), media))
			return true;
	}
	return false;
}

struct ask
ask_read(const struct aicx_http_request *request)
{
	const struct aicx_str special = TEXT("application/a2a+json");
	struct ask ask = { .bad_credential = false };
	struct aicx_str value = { NULL, 0 };

	read_credential(request, &ask);
	(void)field(request, TEXT("A2A-Version"), &ask.version);
	if (field(request, TEXT("A2A-Extensions"), &ask.extensions) == 0)
		(void)field(request, TEXT("X-A2A-Extensions"), &ask.extensions);
	(void)field(request, TEXT("Content-Type"), &ask.media);
	(void)field(request, TEXT("If-None-Match"), &ask.etag);
	(void)field(request, TEXT("Host"), &ask.host);
	if (field(request, TEXT("X-Request-Id"), &ask.trace) == 0)
		(void)field(request, TEXT("traceparent"), &ask.trace);
	(void)field(request, TEXT("Accept"), &value);
	ask.a2a_json =
	    names_media(value, special) || names_media(ask.media, special);
	return ask;
}

bool
ask_is_json(const struct ask *ask)
{
	return ask->media.ptr == NULL ||
	    names_media(ask->media, TEXT("application/json")) ||
	    names_media(ask->media, TEXT("application/a2a+json"));
}

bool
ask_activates(struct aicx_str list, const char *uri)
{
	while (list.len > 0)
		if (text_same(
			text_trim(text_cut(list, ',', &list)), text_of(uri)))
			return true;
	return false;
}

bool
ask_has_tag(struct aicx_str list, struct aicx_str tag)
{
	while (list.len > 0) {
		struct aicx_str one = text_trim(text_cut(list, ',', &list));

		if (one.len > 2 && memcmp(one.ptr, "W/", 2) == 0)
			one = (struct aicx_str) { one.ptr + 2, one.len - 2 };
		if (text_same(one, tag) || text_same(one, TEXT("*")))
			return true;
	}
	return false;
}

/* application/x-www-form-urlencoded; NUL is refused. */
static bool
decode(struct aicx_str raw, struct bytes *out)
{
	for (size_t i = 0; i < raw.len; i++) {
		int c = (uint8_t)raw.ptr[i];

		if (c == '+') {
			c = ' ';
		} else if (c == '%') {
			int high =
			    i + 2 < raw.len ? text_hex(raw.ptr[i + 1]) : -1;
			int low = high >= 0 ? text_hex(raw.ptr[i + 2]) : -1;

			if (low < 0)
				return false;
			c = high * 16 + low;
			i += 2;
		}
		if (c == 0)
			return false;
		bytes_char(out, (char)c);
	}
	bytes_char(out, '\0');
	return !out->failed;
}

static bool
add_pair(json_t *query, struct aicx_str pair)
{
	struct bytes name = { 0 };
	struct bytes value = { 0 };
	struct aicx_str raw_value;
	struct aicx_str raw_name = text_cut(pair, '=', &raw_value);
	bool good = decode(raw_name, &name) && decode(raw_value, &value) &&
	    json_object_get(query, name.ptr) == NULL &&
	    json_object_set_new(query, name.ptr, json_string(value.ptr)) == 0;

	bytes_fini(&name);
	bytes_fini(&value);
	return good;
}

json_t *
ask_query(struct aicx_str query)
{
	json_t *object = json_object();

	while (query.len > 0) {
		struct aicx_str pair = text_cut(query, '&', &query);

		if (pair.len > 0 &&
		    (json_object_size(object) == ASK_QUERY_MAX ||
			!add_pair(object, pair))) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}
