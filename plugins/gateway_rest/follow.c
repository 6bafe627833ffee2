/* SPDX-License-Identifier: Apache-2.0 */
/* follow.c - a method whose answers go on, as server-sent events. */
#include "follow.h"

#include "params.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* How long a question waits; then a comment keeps the connection open. */
#define WAIT_MS "15000"

enum { CURSOR_MAX = 128, CREDENTIAL_MAX = 512, ADDRESS_MAX = 64 };

struct follow {
	struct follow *next, **prev;
	struct follows *follows;
	struct client client;
	const struct route *route;
	struct bytes values; /* of the path, one after the other */
	size_t ends[ROUTE_VALUES_MAX];
	char cursor[CURSOR_MAX + 1]; /* of the last event that was sent */
	char credential[CREDENTIAL_MAX + 1], address[ADDRESS_MAX + 1];
	bool has_credential, secure;
	struct aicx_ticket *ticket;
	bool begun, full;
	bool asking; /* inside host->call() */
	bool again; /* answered inside it, and to be asked once more */
	bool over; /* freed when host->call() returns */
};

static void
follow_free(struct follow *follow)
{
	if (follow->prev != NULL) {
		*follow->prev = follow->next;
		if (follow->next != NULL)
			follow->next->prev = follow->prev;
		follow->prev = NULL;
	}
	if (follow->asking) {
		follow->over = true;
		return;
	}
	bytes_fini(&follow->values);
	free(follow);
}

static struct follow *
find(const struct follows *follows, const struct aicx_exchange *exchange)
{
	struct follow *follow = follows->first;

	while (follow != NULL && follow->client.exchange != exchange)
		follow = follow->next;
	return follow;
}

static void
end(struct follow *follow, bool complete)
{
	const struct aicx_host *host = follow->follows->host;
	struct aicx_exchange *exchange = follow->client.exchange;

	follow_free(follow);
	host->respond_end(exchange, complete);
}

/* --- what goes out --- */

/* id: the broker's of this request, where the client named none. */
static bool
begin(struct follow *follow, struct aicx_str id)
{
	if (follow->client.id_len > 0)
		id = (struct aicx_str) { follow->client.id,
			follow->client.id_len };
	const struct aicx_header headers[] = {
		{ TEXT("Cache-Control"), TEXT("no-cache") },
		{ TEXT("X-Accel-Buffering"), TEXT("no") },
		{ TEXT("X-Request-Id"), id },
	};
	const struct aicx_http_response response = {
		.size = sizeof response,
		.status = 200,
		.content_type = TEXT("text/event-stream"),
		.headers = headers,
		.n_headers = id.len > 0 ? 3 : 2,
	};

	follow->begun = follow->follows->host->respond_begin(
			    follow->client.exchange, &response) == AICX_OK;
	return follow->begun;
}

static aicx_err
send_part(struct follow *follow, struct aicx_str part)
{
	aicx_err err =
	    follow->follows->host->respond_part(follow->client.exchange, part);

	follow->full = err == AICX_EAGAIN;
	return err;
}

/* One event; its cursor is where a client comes back to. */
static bool
send_event(struct follow *follow, const json_t *event)
{
	const char *cursor =
	    json_string_value(json_object_get(event, "cursor"));
	char *data = json_dumps(event, JSON_COMPACT);
	struct bytes part = { 0 };
	bool sent = false;

	if (cursor != NULL && strlen(cursor) <= CURSOR_MAX && data != NULL) {
		bytes_str(&part, TEXT("id: "));
		bytes_text(&part, cursor);
		bytes_str(&part, TEXT("\ndata: "));
		bytes_text(&part, data);
		bytes_str(&part, TEXT("\n\n"));
		sent = !part.failed &&
		    send_part(follow, bytes_view(&part)) == AICX_OK;
	}
	if (sent)
		memcpy(follow->cursor, cursor, strlen(cursor) + 1);
	bytes_fini(&part);
	free(data);
	return sent;
}

/* False: no more now. */
static bool
send_events(struct follow *follow, const json_t *events)
{
	size_t n = json_array_size(events);

	if (n == 0)
		return send_part(follow, TEXT(": keep-alive\n\n")) == AICX_OK;
	for (size_t i = 0; i < n; i++)
		if (!send_event(follow, json_array_get(events, i)))
			return false;
	return true;
}

/* --- what is asked --- */

static void follow_ask(struct follow *follow);

static void
go_on(struct follow *follow, const struct aicx_answer *answer)
{
	json_t *body = json_loadb(
	    answer->body.ptr, answer->body.len, JSON_REJECT_DUPLICATES, NULL);
	bool final = json_is_true(json_object_get(body, "final"));
	bool sent = body != NULL &&
	    send_events(follow, json_object_get(body, "events"));

	json_decref(body);
	if (sent && final)
		end(follow, true);
	else if (sent)
		follow_ask(follow);
	else if (!follow->full)
		end(follow, false);
}

static void
on_answer(const struct aicx_answer *answer, void *arg)
{
	struct follow *follow = arg;
	struct follows *follows = follow->follows;

	follow->ticket = NULL;
	if (follow->begun && answer->status >= 300) {
		end(follow, false); /* rights that ended meanwhile */
	} else if (answer->status >= 300 ||
	    !(follow->begun || begin(follow, answer->correlation))) {
		struct client client = follow->client;
		follow_free(follow);
		reply_answer(follows->host, follows->self, &client, answer);
	} else
		go_on(follow, answer);
}

static bool
print_question(const struct follow *follow, struct bytes *out)
{
	struct params params = { .n = 0 };
	struct complaint complaint;
	const struct aicx_str none = { NULL, 0 };
	size_t at = 0;
	bool good = true;

	for (size_t i = 0; good && i < follow->route->n_names; i++) {
		good = params_add_path(&params, follow->route->names[i],
		    (struct aicx_str) {
			follow->values.ptr + at, follow->ends[i] - at },
		    &complaint);
		at = follow->ends[i];
	}
	good = good &&
	    params_add_path(
		&params, TEXT("wait_ms"), TEXT(WAIT_MS), &complaint) &&
	    (follow->cursor[0] == '\0' ||
		params_add_path(&params, TEXT("after"),
		    (struct aicx_str) {
			follow->cursor, strlen(follow->cursor) },
		    &complaint)) &&
	    params_print(&params, none, out, &complaint) && !out->failed;
	params_fini(&params);
	return good;
}

static void
call(struct follow *follow, struct aicx_str params)
{
	const struct aicx_host *host = follow->follows->host;
	struct aicx_call wish = {
		.size = sizeof wish,
		.method = follow->route->method,
		.params = params,
		.correlation = { follow->client.id, follow->client.id_len },
		.address = { follow->address, strlen(follow->address) },
		.secure = follow->secure,
	};
	struct aicx_ticket *ticket = NULL;

	if (follow->client.id_len == 0)
		wish.correlation.ptr = NULL;
	if (follow->has_credential)
		wish.credential = (struct aicx_str) { follow->credential,
			strlen(follow->credential) };
	host->call(follow->follows->self, &wish, on_answer, follow, &ticket);
	if (!follow->again && !follow->over)
		follow->ticket = ticket;
}

/* An answer may come at once, and be followed by the next question: they run in
   this loop, not in each other. */
static void
follow_ask(struct follow *follow)
{
	struct bytes params = { 0 };

	if (follow->asking) {
		follow->again = true;
		return;
	}
	do {
		bytes_clear(&params);
		follow->again = false;
		follow->asking = true;
		if (print_question(follow, &params))
			call(follow, bytes_view(&params));
		else
			end(follow, false);
		follow->asking = false;
	} while (follow->again && !follow->over);
	bytes_fini(&params);
	if (follow->over)
		follow_free(follow);
}

/* --- life --- */

static const struct aicx_header *
header(const struct aicx_http_request *request, struct aicx_str name)
{
	for (size_t i = 0; i < request->n_headers; i++)
		if (text_alike(request->headers[i].name, name))
			return &request->headers[i];
	return NULL;
}

bool
follow_wants(const struct aicx_http_request *request)
{
	const struct aicx_header *accept = header(request, TEXT("Accept"));
	struct aicx_str list = { NULL, 0 };

	if (accept != NULL)
		list = accept->value;
	while (list.len > 0) {
		struct aicx_str range = text_cut(list, ',', &list);
		struct aicx_str weight;
		if (text_alike(text_trim(text_cut(range, ';', &weight)),
			TEXT("text/event-stream")))
			return true;
	}
	return false;
}

static void
copy(char *to, size_t max, struct aicx_str from)
{
	size_t len = from.len < max ? from.len : max;

	if (len > 0)
		memcpy(to, from.ptr, len);
	to[len] = '\0';
}

bool
follow_begin(struct follows *follows, const struct client *client,
    const struct aicx_http_request *request, const struct ask *ask,
    const struct route *route, const struct aicx_str *values)
{
	struct follow *follow = calloc(1, sizeof *follow);
	const struct aicx_header *last = header(request, TEXT("Last-Event-ID"));

	if (follow == NULL)
		return false;
	follow->follows = follows;
	follow->client = *client;
	follow->route = route;
	for (size_t i = 0; i < route->n_names; i++) {
		bytes_str(&follow->values, values[i]);
		follow->ends[i] = follow->values.len;
	}
	if (follow->values.failed || ask->credential.len > CREDENTIAL_MAX) {
		follow_free(follow);
		return false;
	}
	if (last != NULL)
		copy(follow->cursor, CURSOR_MAX, last->value);
	follow->has_credential = ask->credential.ptr != NULL;
	copy(follow->credential, CREDENTIAL_MAX, ask->credential);
	copy(follow->address, ADDRESS_MAX, request->address);
	follow->secure = request->secure != 0;
	follow->next = follows->first;
	follow->prev = &follows->first;
	if (follow->next != NULL)
		follow->next->prev = &follow->next;
	follows->first = follow;
	follow_ask(follow);
	return true;
}

bool
follow_cancel(struct follows *follows, const struct aicx_exchange *exchange)
{
	struct follow *follow = find(follows, exchange);

	if (follow == NULL)
		return false;
	if (follow->ticket != NULL)
		follows->host->call_cancel(follow->ticket);
	follow_free(follow);
	return true;
}

void
follow_drained(struct follows *follows, const struct aicx_exchange *exchange)
{
	struct follow *follow = find(follows, exchange);

	if (follow == NULL || !follow->full)
		return;
	follow->full = false;
	follow_ask(follow); /* from the last event that went out */
}

void
follows_drain(struct follows *follows)
{
	struct follow *follow = follows->first;

	while (follow != NULL) {
		struct follow *next = follow->next;
		if (follow->begun) {
			if (follow->ticket != NULL)
				follows->host->call_cancel(follow->ticket);
			end(follow, true);
		}
		follow = next;
	}
}

void
follows_fini(struct follows *follows)
{
	while (follows->first != NULL)
		(void)follow_cancel(follows, follows->first->client.exchange);
}
