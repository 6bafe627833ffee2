/* SPDX-License-Identifier: Apache-2.0 */
/*
 * listing.c - what can be paid for here: GET /discovery/resources, in the form
 * that the Bazaar extension of x402 reads.
 */
#include "door.h"
#include "offer.h"
#include "slice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PAGE = 500, PAGES_MAX = 20, LIMIT_MAX = 100, LIMIT_USUAL = 20 };

static void ask(struct visit *visit, struct aicx_str cursor);

/* --- items ----------------------------------------------------------- */

static void
time_print(int64_t at_ms, char ret_text[32])
{
	time_t at = (time_t)(at_ms / 1000);
	struct tm when;

	if (gmtime_r(&at, &when) == NULL ||
	    strftime(ret_text, 32, "%Y-%m-%dT%H:%M:%SZ", &when) == 0)
		ret_text[0] = '\0';
}

static json_t *
requirements_of(const struct x402 *x402, struct aicx_str capability)
{
	struct aicx_str pricing = slice_get(capability, "pricing");
	struct aicx_str base = slice_get(pricing, "base_cost");
	struct aicx_str amount = slice_inside(slice_get(base, "amount"));
	const char *currency = x402->settings->currency;
	int scale = x402->host->currency_scale(x402->self, currency);
	char text[32];
	int64_t minor;

	if (!text_same(slice_get(pricing, "model"), TEXT("\"per_call\"")) ||
	    !text_same(
		slice_inside(slice_get(base, "currency")), text_of(currency)) ||
	    amount.len == 0 || amount.len >= sizeof text)
		return NULL;
	memcpy(text, amount.ptr, amount.len);
	text[amount.len] = '\0';
	if (!minor_parse(text, scale, &minor) || minor == 0)
		return NULL;
	return requirements_new(x402, minor);
}

static void
put_item(struct visit *visit, struct aicx_str capability)
{
	struct x402 *x402 = visit->x402;
	json_t *requirements = requirements_of(x402, capability);
	bool first = text_same(slice_get(capability, "place"), TEXT("1"));
	struct aicx_str words = slice_get(capability, "description");
	char at[32];
	char *url;
	json_t *item, *description;

	if (requirements == NULL)
		return;
	url = resource_url(x402, slice_inside(slice_get(capability, "name")),
	    first ? (struct aicx_str) { NULL, 0 }
		  : slice_inside(slice_get(capability, "agent_id")));
	time_print(x402->host->wall_ms(x402->self), at);
	item = json_pack("{s:s,s:s,s:i,s:[o],s:s}", "resource",
	    url != NULL ? url : "", "type", "http", "x402Version", 2, "accepts",
	    requirements, "lastUpdated", at);
	free(url);
	description = words.ptr != NULL
	    ? json_loadb(words.ptr, words.len, JSON_DECODE_ANY, NULL)
	    : NULL;
	if (description != NULL)
		(void)json_object_set_new(item, "metadata",
		    json_pack("{s:o}", "description", description));
	(void)json_array_append_new(visit->items, item);
}

/* --- the answer ------------------------------------------------------ */

static void
answer(struct visit *visit)
{
	struct x402 *x402 = visit->x402;
	struct aicx_exchange *exchange = visit->exchange;
	json_t *items = json_array();
	size_t total = json_array_size(visit->items);
	json_t *doc;
	char *text;
	struct aicx_http_response response = { .size = sizeof response,
		.status = 200,
		.content_type = TEXT("application/json") };

	for (int64_t i = 0;
	     i < visit->limit && (size_t)(visit->offset + i) < total; i++)
		(void)json_array_append(items,
		    json_array_get(visit->items, (size_t)(visit->offset + i)));
	doc = json_pack("{s:i,s:o,s:{s:I,s:I,s:I}}", "x402Version", 2, "items",
	    items, "pagination", "limit", (json_int_t)visit->limit, "offset",
	    (json_int_t)visit->offset, "total", (json_int_t)total);
	text = json_dumps(doc, JSON_COMPACT);
	json_decref(doc);
	visit_free(visit);
	if (text == NULL) {
		refuse(x402, exchange, 503, "unavailable", NULL);
		return;
	}
	response.body = text_of(text);
	x402->host->respond(exchange, &response);
	free(text);
}

static void
on_page(const struct aicx_answer *page, void *arg)
{
	struct visit *visit = arg;
	struct slice_walk walk = { .text =
				       slice_get(page->body, "capabilities") };
	struct aicx_str cursor = slice_inside(slice_get(page->body, "cursor"));
	struct aicx_str name, capability;

	visit->ticket = NULL;
	if (page->status >= 400) {
		struct x402 *x402 = visit->x402;
		struct aicx_exchange *exchange = visit->exchange;
		visit_free(visit);
		refuse(x402, exchange, 503, "unavailable", NULL);
		return;
	}
	while (slice_next(&walk, &name, &capability))
		put_item(visit, capability);
	if (cursor.len > 0 && ++visit->n_pages < PAGES_MAX)
		ask(visit, cursor);
	else
		answer(visit);
}

static void
ask(struct visit *visit, struct aicx_str cursor)
{
	struct x402 *x402 = visit->x402;
	struct aicx_exchange *exchange = visit->exchange;
	char params[160];

	if (cursor.len > 0 && cursor.len <= 64)
		(void)snprintf(params, sizeof params,
		    "{\"limit\":%d,\"cursor\":\"%.*s\"}", PAGE, (int)cursor.len,
		    cursor.ptr);
	else
		(void)snprintf(params, sizeof params, "{\"limit\":%d}", PAGE);
	if (!x402_call(x402, "discovery.list_capabilities", text_of(params),
		(struct aicx_str) { NULL, 0 }, (struct aicx_str) { NULL, 0 },
		on_page, visit, &visit->ticket)) {
		visit_free(visit);
		refuse(x402, exchange, 503, "unavailable", NULL);
	}
}

/* --- the request ----------------------------------------------------- */

static bool
take_number(struct aicx_str value, int64_t max, int64_t *ret_number)
{
	char text[12];

	if (value.len == 0 || value.len >= sizeof text)
		return false;
	memcpy(text, value.ptr, value.len);
	text[value.len] = '\0';
	if (!digits_are(text) || digits_number(text) > max)
		return false;
	*ret_number = digits_number(text);
	return true;
}

static bool
take_query(struct visit *visit, struct aicx_str query)
{
	while (query.ptr != NULL && query.len > 0) {
		struct aicx_str value;
		struct aicx_str rest;
		struct aicx_str pair = text_cut(query, '&', &rest);
		struct aicx_str name = text_cut(pair, '=', &value);
		query = rest;
		if (text_same(name, TEXT("limit"))) {
			if (!take_number(value, LIMIT_MAX, &visit->limit) ||
			    visit->limit == 0)
				return false;
		} else if (text_same(name, TEXT("offset"))) {
			if (!take_number(value, INT32_MAX, &visit->offset))
				return false;
		} else if (text_same(name, TEXT("type")) &&
		    !text_same(value, TEXT("http")))
			visit->limit = 0; /* nothing of another type */
	}
	return true;
}

static void
listing_request(void *arg, struct aicx_exchange *exchange,
    const struct aicx_http_request *request)
{
	struct x402 *x402 = arg;
	struct visit *visit;

	if (!text_same(request->path, TEXT(LISTING_PATH))) {
		refuse(x402, exchange, 404, "not_found", NULL);
		return;
	}
	if (!text_same(request->method, TEXT("GET")) &&
	    !text_same(request->method, TEXT("HEAD"))) {
		refuse(x402, exchange, 405, "method_not_allowed", "GET, HEAD");
		return;
	}
	visit = visit_new(x402, exchange);
	if (visit == NULL) {
		refuse(x402, exchange, 503, "unavailable", NULL);
		return;
	}
	visit->limit = LIMIT_USUAL;
	visit->items = json_array();
	if (take_query(visit, request->query))
		ask(visit, (struct aicx_str) { NULL, 0 });
	else {
		visit_free(visit);
		refuse(x402, exchange, 400, "invalid_params", NULL);
	}
}

static void
listing_cancel(void *arg, struct aicx_exchange *exchange)
{
	struct x402 *x402 = arg;
	struct visit *visit = visit_of(x402, exchange);

	if (visit == NULL)
		return;
	if (visit->ticket != NULL)
		x402->host->call_cancel(visit->ticket);
	visit_free(visit);
}

const struct aicx_path_ops listing_ops = {
	.size = sizeof listing_ops,
	.request = listing_request,
	.cancel = listing_cancel,
};
