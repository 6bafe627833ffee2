/* SPDX-License-Identifier: Apache-2.0 */
/* ask.c - what the header fields and the query of a request ask for. */
#include "ask.h"

#include "bytes.h"
#include "field.h"

#include <string.h>

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

	ask.bad_credential = !field_credential(request, &ask.credential);
	(void)field_find(request, TEXT("A2A-Version"), &ask.version);
	if (field_find(request, TEXT("A2A-Extensions"), &ask.extensions) == 0)
		(void)field_find(
		    request, TEXT("X-A2A-Extensions"), &ask.extensions);
	(void)field_find(request, TEXT("Content-Type"), &ask.media);
	(void)field_find(request, TEXT("If-None-Match"), &ask.etag);
	(void)field_find(request, TEXT("Host"), &ask.host);
	if (field_find(request, TEXT("X-Request-Id"), &ask.trace) == 0)
		(void)field_find(request, TEXT("traceparent"), &ask.trace);
	(void)field_find(request, TEXT("Accept"), &value);
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

/* With a NUL behind it. */
static bool
form_text(struct aicx_str raw, struct bytes *out)
{
	bool good = bytes_form(out, raw);

	bytes_char(out, '\0');
	return good && !out->failed;
}

static bool
add_pair(json_t *query, struct aicx_str pair)
{
	struct bytes name = { 0 };
	struct bytes value = { 0 };
	struct aicx_str raw_value;
	struct aicx_str raw_name = text_cut(pair, '=', &raw_value);
	bool good = form_text(raw_name, &name) &&
	    form_text(raw_value, &value) &&
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
