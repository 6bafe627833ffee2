/* SPDX-License-Identifier: Apache-2.0 */
/*
 * door.c - paid resources over HTTP: POST PATH/CAPABILITY.
 *
 * The three header fields of x402 are base64 of JSON.  PAYMENT-SIGNATURE is a
 * bearer instrument until its nonce is used: it is never logged.
 */
#include "door.h"

#include "base64.h"
#include "bytes.h"
#include "field.h"
#include "sale.h"
#include "slice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_BYTES_MAX = 128, HEADERS_MAX = 5, ID_CHARS = 36 };

/* --- visits ---------------------------------------------------------- */

struct visit *
visit_new(struct x402 *x402, struct aicx_exchange *exchange)
{
	struct visit *visit = calloc(1, sizeof *visit);

	if (visit == NULL)
		return NULL;
	visit->x402 = x402;
	visit->exchange = exchange;
	visit->next = x402->visits;
	visit->prev = &x402->visits;
	if (visit->next != NULL)
		visit->next->prev = &visit->next;
	x402->visits = visit;
	return visit;
}

void
visit_free(struct visit *visit)
{
	*visit->prev = visit->next;
	if (visit->next != NULL)
		visit->next->prev = visit->prev;
	json_decref(visit->items);
	free(visit);
}

struct visit *
visit_of(struct x402 *x402, const struct aicx_exchange *exchange)
{
	struct visit *visit = x402->visits;

	while (visit != NULL && visit->exchange != exchange)
		visit = visit->next;
	return visit;
}

void
visits_close(struct x402 *x402)
{
	while (x402->visits != NULL) {
		if (x402->visits->ticket != NULL)
			x402->host->call_cancel(x402->visits->ticket);
		visit_free(x402->visits);
	}
}

void
refuse(struct x402 *x402, struct aicx_exchange *exchange, uint16_t status,
    const char *code, const char *allow)
{
	const struct aicx_header header = { TEXT("Allow"),
		text_of(allow != NULL ? allow : "") };
	char body[160];
	struct aicx_http_response response = { .size = sizeof response,
		.status = status,
		.content_type = TEXT("application/problem+json"),
		.headers = &header,
		.n_headers = allow != NULL ? 1 : 0 };

	(void)snprintf(body, sizeof body,
	    "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%u,"
	    "\"code\":\"%s\"}",
	    code, (unsigned)status, code);
	response.body = text_of(body);
	x402->host->respond(exchange, &response);
}

char *
resource_url(const struct x402 *x402, struct aicx_str capability,
    struct aicx_str provider)
{
	const char *origin = x402->host->public_url(x402->self);
	char *url;
	int len =
	    asprintf(&url, "%s%s/%.*s%s%.*s", origin != NULL ? origin : "",
		x402->settings->path, (int)capability.len, capability.ptr,
		provider.ptr != NULL ? "?provider=" : "",
		provider.ptr != NULL ? (int)provider.len : 0,
		provider.ptr != NULL ? provider.ptr : "");

	return len >= 0 ? url : NULL;
}

/* --- the answer ------------------------------------------------------ */

static void
add(struct aicx_header *headers, size_t *n, const char *name,
    struct aicx_str value)
{
	headers[(*n)++] = (struct aicx_header) { text_of(name), value };
}

static void
on_sold(const struct aicx_sold *sold, void *arg)
{
	struct visit *visit = arg;
	struct x402 *x402 = visit->x402;
	struct aicx_exchange *exchange = visit->exchange;
	struct bytes required = { 0 };
	struct bytes response = { 0 };
	struct aicx_header headers[HEADERS_MAX];
	char seconds[16];
	size_t n = 0;
	struct aicx_http_response answer = { .size = sizeof answer,
		.status = sold->status,
		.content_type = TEXT("application/problem+json"),
		.body = sold->body,
		.headers = headers };

	visit_free(visit);
	add(headers, &n, "Cache-Control", TEXT("no-store"));
	if (sold->required.ptr != NULL) {
		bytes_base64(&required, sold->required.ptr, sold->required.len);
		add(headers, &n, "PAYMENT-REQUIRED", bytes_view(&required));
	}
	if (sold->response.ptr != NULL) {
		bytes_base64(&response, sold->response.ptr, sold->response.len);
		add(headers, &n, "PAYMENT-RESPONSE", bytes_view(&response));
	}
	if (sold->retry_after_ms >= 0) {
		(void)snprintf(seconds, sizeof seconds, "%d",
		    (int)((sold->retry_after_ms + 999) / 1000));
		add(headers, &n, "Retry-After", text_of(seconds));
	}
	if (sold->replayed)
		add(headers, &n, "Idempotency-Replayed", TEXT("true"));
	if (sold->status == 200) {
		answer.content_type = TEXT("application/json");
		answer.body = slice_get(sold->body, "result");
	}
	answer.n_headers = n;
	x402->host->respond(exchange, &answer);
	bytes_fini(&required);
	bytes_fini(&response);
}

/* --- the request ----------------------------------------------------- */

static bool
is_json(struct aicx_str body)
{
	json_t *doc;

	if (memchr(body.ptr, '\0', body.len) != NULL)
		return false;
	doc = json_loadb(body.ptr, body.len,
	    JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL,
	    NULL);
	json_decref(doc);
	return doc != NULL;
}

static bool
brings_json(const struct aicx_http_request *request)
{
	struct aicx_str type = { NULL, 0 }, rest;

	(void)field_find(request, TEXT("Content-Type"), &type);
	if (type.ptr == NULL)
		return false;
	return text_alike(
	    text_trim(text_cut(type, ';', &rest)), TEXT("application/json"));
}

/* ?provider=ID, or nothing. */
static bool
take_provider(struct aicx_str query, struct aicx_str *ret_provider)
{
	static const struct aicx_str name = TEXT("provider=");

	*ret_provider = (struct aicx_str) { NULL, 0 };
	if (query.len == 0)
		return true;
	if (query.len != name.len + ID_CHARS ||
	    memcmp(query.ptr, name.ptr, name.len) != 0)
		return false;
	for (size_t i = name.len; i < query.len; i++)
		if (text_hex(query.ptr[i]) < 0 && query.ptr[i] != '-')
			return false;
	*ret_provider =
	    (struct aicx_str) { query.ptr + name.len, query.len - name.len };
	return true;
}

/* A name that stands in a URL as it is. */
static bool
take_capability(
    const struct x402 *x402, struct aicx_str path, struct aicx_str *ret_name)
{
	size_t skip = strlen(x402->settings->path) + 1;

	if (path.len <= skip || path.len > skip + NAME_BYTES_MAX)
		return false;
	for (size_t i = skip; i < path.len; i++)
		if (path.ptr[i] <= ' ' || path.ptr[i] >= 0x7f ||
		    strchr("/?#%\"\\", path.ptr[i]) != NULL)
			return false;
	*ret_name = (struct aicx_str) { path.ptr + skip, path.len - skip };
	return true;
}

static void
sell(struct visit *visit, const struct aicx_http_request *request,
    struct aicx_sale *wish)
{
	struct x402 *x402 = visit->x402;
	struct aicx_exchange *exchange = visit->exchange;
	struct aicx_str header = { NULL, 0 };
	char *json = NULL, *url;
	size_t len = 0;
	const char *why = NULL;
	size_t n = field_find(request, TEXT("PAYMENT-SIGNATURE"), &header);

	if (n > 1 || (n == 1 && !claim_decode(header, &json, &len, &why))) {
		visit_free(visit);
		refuse(x402, exchange, 400, "invalid_payment", NULL);
		return;
	}
	wish->payment = (struct aicx_str) { json, len };
	url = resource_url(x402, wish->capability, wish->provider_id);
	if (url == NULL) {
		visit_free(visit);
		refuse(x402, exchange, 503, "unavailable", NULL);
	} else {
		wish->resource = text_of(url);
		sale_begin(x402, wish, on_sold, visit);
	}
	free(url);
	free(json);
}

static void
door_request(void *arg, struct aicx_exchange *exchange,
    const struct aicx_http_request *request)
{
	struct x402 *x402 = arg;
	struct visit *visit;
	struct aicx_sale wish = { .size = sizeof wish,
		.input = request->body.len > 0 ? request->body : TEXT("{}"),
		.address = request->address,
		.secure = request->secure };

	(void)field_find(request, TEXT("traceparent"), &wish.correlation);
	if (!take_capability(x402, request->path, &wish.capability) ||
	    !take_provider(request->query, &wish.provider_id))
		refuse(x402, exchange, 404, "not_found", NULL);
	else if (!text_same(request->method, TEXT("POST")))
		refuse(x402, exchange, 405, "method_not_allowed", "POST");
	else if (request->body.len > 0 && !brings_json(request))
		refuse(x402, exchange, 415, "unsupported_media_type", NULL);
	else if (!is_json(wish.input))
		refuse(x402, exchange, 400, "bad_json", NULL);
	else if ((visit = visit_new(x402, exchange)) == NULL)
		refuse(x402, exchange, 503, "unavailable", NULL);
	else
		sell(visit, request, &wish);
}

static void
door_cancel(void *arg, struct aicx_exchange *exchange)
{
	struct x402 *x402 = arg;
	struct visit *visit = visit_of(x402, exchange);

	if (visit == NULL)
		return;
	sale_cancel(x402, visit);
	visit_free(visit);
}

const struct aicx_path_ops door_ops = {
	.size = sizeof door_ops,
	.request = door_request,
	.cancel = door_cancel,
};
