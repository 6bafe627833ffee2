/* SPDX-License-Identifier: Apache-2.0 */
/* talk.c - one request under way: its wire calls and its one answer. */
#include "talk.h"

#include "field.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- life ---------------------------------------------------------------- */

struct talk *
talk_new(struct ard *ard, struct aicx_exchange *exchange,
    const struct aicx_http_request *request)
{
	struct talk *talk = calloc(1, sizeof *talk);
	struct aicx_str etag = { NULL, 0 };

	if (talk == NULL)
		return NULL;
	talk->ard = ard;
	talk->exchange = exchange;
	talk->secure = request->secure != 0;
	bytes_str(&talk->address, request->address);
	(void)field_find(request, TEXT("If-None-Match"), &etag);
	bytes_str(&talk->etag, etag);
	talk->next = ard->talks;
	talk->prev = &ard->talks;
	if (talk->next != NULL)
		talk->next->prev = &talk->next;
	ard->talks = talk;
	return talk;
}

static void
talk_free(struct talk *talk)
{
	*talk->prev = talk->next;
	if (talk->next != NULL)
		talk->next->prev = talk->prev;
	bytes_fini(&talk->origin);
	bytes_fini(&talk->credential);
	bytes_fini(&talk->address);
	bytes_fini(&talk->etag);
	bytes_fini(&talk->name);
	bytes_fini(&talk->words);
	json_decref(talk->ask);
	json_decref(talk->stock);
	json_decref(talk->agents);
	json_decref(talk->hits);
	free(talk);
}

void
talk_hold(struct talk *talk)
{
	talk->holds++;
}

void
talk_release(struct talk *talk)
{
	if (--talk->holds == 0 && talk->exchange == NULL)
		talk_free(talk);
}

void
talk_leave(struct talk *talk)
{
	talk_hold(talk);
	talk->exchange = NULL;
	if (talk->ticket != NULL)
		talk->ard->host->call_cancel(talk->ticket);
	talk->ticket = NULL;
	talk_release(talk);
}

/* --- the wire --------------------------------------------------------------
 */

static void
on_answer(const struct aicx_answer *answer, void *arg)
{
	struct talk *talk = arg;
	json_t *body;

	talk->ticket = NULL;
	talk->waiting = false;
	if (talk->exchange == NULL)
		return;
	talk_hold(talk);
	body = json_loadb(answer->body.ptr, answer->body.len,
	    JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	if (answer->status == 401 || answer->status == 403)
		talk_refuse(talk, 401, "this credential may not read here");
	else if (answer->status == 429)
		talk_refuse(talk, 429, "too many requests");
	else if (answer->status != 200 || body == NULL)
		talk_refuse(talk, 500, "the broker does not answer");
	else
		talk->then(talk, body);
	json_decref(body);
	talk_release(talk);
}

static const struct aicx_method *
method_find(const struct ard *ard, const char *name)
{
	size_t n = 0;
	const struct aicx_method *const *methods =
	    ard->host->methods(ard->self, &n);

	for (size_t i = 0; i < n; i++)
		if (strcmp(methods[i]->name, name) == 0)
			return methods[i];
	return NULL;
}

void
talk_call(
    struct talk *talk, const char *method, json_t *params, talk_next_fn *then)
{
	const struct ard *ard = talk->ard;
	struct aicx_ticket *ticket = NULL;
	char *text = json_dumps(params, JSON_COMPACT);
	struct aicx_call call = {
		.size = sizeof call,
		.method = method_find(ard, method),
		.address = bytes_view(&talk->address),
		.secure = talk->secure,
	};

	json_decref(params);
	if (text == NULL || call.method == NULL || talk->credential.failed) {
		free(text);
		talk_refuse(talk, 500, "%s cannot be called", method);
		return;
	}
	call.params = text_of(text);
	if (talk->credential.len > 0)
		call.credential = bytes_view(&talk->credential);
	unsigned turn = ++talk->turn;
	talk->then = then;
	talk->waiting = true;
	talk_hold(talk);
	ard->host->call(ard->self, &call, on_answer, talk, &ticket);
	free(text);
	if (talk->turn == turn && talk->waiting) {
		talk->ticket = ticket;
		if (talk->exchange == NULL)
			ard->host->call_cancel(ticket);
	}
	talk_release(talk);
}

/* --- answering --------------------------------------------------------------
 */

static void
respond(struct talk *talk, const struct aicx_http_response *response)
{
	struct aicx_exchange *exchange = talk->exchange;

	if (exchange == NULL)
		return;
	talk_hold(talk);
	talk->exchange = NULL;
	talk->ard->host->respond(exchange, response);
	talk_release(talk);
}

static bool
has_tag(struct aicx_str list, struct aicx_str tag)
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

static void
tag_print(const struct ard *ard, struct aicx_str body, char tag[36])
{
	uint8_t mac[32];

	ard->host->hmac_sha256(ard->self, TEXT("etag"), body, mac);
	tag[0] = '"';
	for (int i = 0; i < 16; i++)
		(void)snprintf(tag + 1 + 2 * i, 3, "%02x", mac[i]);
	(void)snprintf(tag + 33, 2, "\"");
}

void
talk_answer(struct talk *talk, json_t *value, bool cached)
{
	const struct ard *ard = talk->ard;
	char *body = json_dumps(value, JSON_COMPACT);
	char tag[36], cache[64];
	struct aicx_header headers[2];
	struct aicx_http_response response = {
		.size = sizeof response,
		.status = 200,
		.content_type = TEXT("application/json"),
		.body = text_of(body),
		.headers = headers,
	};

	json_decref(value);
	if (body == NULL) {
		talk_refuse(talk, 500, "out of memory");
		return;
	}
	if (cached) {
		tag_print(ard, response.body, tag);
		(void)snprintf(cache, sizeof cache, "%s, max-age=%lld",
		    ard->settings->open ? "public" : "private",
		    (long long)(ard->settings->max_age_ms / 1000));
		headers[0] = (struct aicx_header) { TEXT("Cache-Control"),
			text_of(cache) };
		headers[1] =
		    (struct aicx_header) { TEXT("ETag"), text_of(tag) };
		response.n_headers = 2;
		if (has_tag(bytes_view(&talk->etag), text_of(tag))) {
			response.status = 304;
			response.content_type = (struct aicx_str) { NULL, 0 };
			response.body = (struct aicx_str) { NULL, 0 };
		}
	}
	respond(talk, &response);
	free(body);
}

static const char *
code_of(uint16_t status)
{
	switch (status) {
	case 401:
		return "UNAUTHENTICATED";
	case 404:
		return "NOT_FOUND";
	case 405:
		return "METHOD_NOT_ALLOWED";
	case 429:
		return "RATE_LIMIT_EXCEEDED";
	default:
		return status < 500 ? "INVALID_ARGUMENT" : "INTERNAL_ERROR";
	}
}

static void
refuse(struct talk *talk, uint16_t status, const char *message,
    const struct aicx_header *header)
{
	json_t *error = json_pack(
	    "{s:s,s:s}", "errorCode", code_of(status), "message", message);
	char *body = json_dumps(error, JSON_COMPACT);
	const struct aicx_http_response response = {
		.size = sizeof response,
		.status = status,
		.content_type = TEXT("application/json"),
		.body = text_of(body),
		.headers = header,
		.n_headers = header != NULL,
	};

	json_decref(error);
	respond(talk, &response);
	free(body);
}

void
talk_refuse(struct talk *talk, uint16_t status, const char *format, ...)
{
	const struct aicx_header who = { TEXT("WWW-Authenticate"),
		TEXT("Bearer realm=\"aiconexus\"") };
	char message[256];
	va_list ap;

	va_start(ap, format);
	(void)vsnprintf(message, sizeof message, format, ap);
	va_end(ap);
	if (!text_is_utf8(text_of(message)))
		(void)snprintf(message, sizeof message, "%s", "malformed");
	refuse(talk, status, message, status == 401 ? &who : NULL);
}

void
talk_refuse_method(struct talk *talk, const char *allow)
{
	const struct aicx_header header = { TEXT("Allow"), text_of(allow) };

	refuse(talk, 405, "this path has other methods, see Allow", &header);
}
