/* SPDX-License-Identifier: Apache-2.0 */
/* talk.c - one request of a client, from its arrival to its answer. */
#include "talk.h"

#include "deal.h"
#include "door.h"
#include "stream.h"
#include "till.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- life --------------------------------------------------------- */

static struct talk **
bucket_of(struct mcp *mcp, const struct aicx_exchange *exchange)
{
	return &mcp->talks[(uintptr_t)exchange / 64 % MCP_BUCKETS];
}

struct talk *
talk_of(struct mcp *mcp, const struct aicx_exchange *exchange)
{
	struct talk *talk = *bucket_of(mcp, exchange);

	while (talk != NULL && talk->exchange != exchange)
		talk = talk->next;
	return talk;
}

static void
unlink_talk(struct talk *talk)
{
	struct talk **at = bucket_of(talk->mcp, talk->exchange);

	while (*at != NULL && *at != talk)
		at = &(*at)->next;
	if (*at == talk)
		*at = talk->next;
}

static char *
move_str(struct aicx_str *str, char *to)
{
	if (str->ptr == NULL)
		return to;
	memcpy(to, str->ptr, str->len);
	str->ptr = to;
	return to + str->len;
}

/* One block: the request, its fields, their bytes. */
static struct aicx_http_request *
request_copy(const struct aicx_http_request *request)
{
	size_t n_fields = request->n_headers * sizeof(struct aicx_header);
	size_t n_bytes = request->body.len + request->address.len;
	struct aicx_http_request *copy;
	struct aicx_header *fields;
	char *to;

	for (size_t i = 0; i < request->n_headers; i++)
		n_bytes += request->headers[i].name.len +
		    request->headers[i].value.len;
	copy = malloc(sizeof *copy + n_fields + n_bytes + 1);
	if (copy == NULL)
		return NULL;
	*copy = *request;
	fields = (struct aicx_header *)(void *)(copy + 1);
	to = (char *)fields + n_fields;
	to = move_str(&copy->body, to);
	to = move_str(&copy->address, to);
	for (size_t i = 0; i < request->n_headers; i++) {
		fields[i] = request->headers[i];
		to = move_str(&fields[i].name, to);
		to = move_str(&fields[i].value, to);
	}
	copy->headers = fields;
	copy->method = copy->path = copy->query = (struct aicx_str) { NULL, 0 };
	return copy;
}

struct talk *
talk_new(struct mcp *mcp, struct aicx_exchange *exchange,
    const struct aicx_http_request *request)
{
	struct talk *talk = calloc(1, sizeof *talk);
	struct talk **bucket = bucket_of(mcp, exchange);

	if (talk == NULL || (talk->request = request_copy(request)) == NULL) {
		free(talk);
		return NULL;
	}
	talk->mcp = mcp;
	talk->exchange = exchange;
	talk->depth = 1;
	talk->next = *bucket;
	*bucket = talk;
	return talk;
}

void
talk_release(struct talk *talk)
{
	if (--talk->depth > 0 || !talk->over)
		return;
	rpc_fini(&talk->rpc);
	json_decref(talk->listening);
	bytes_fini(&talk->bargain.name);
	bytes_fini(&talk->bargain.provider);
	bytes_fini(&talk->bargain.price);
	bytes_fini(&talk->bargain.currency);
	bytes_fini(&talk->kept);
	bytes_fini(&talk->held);
	bytes_fini(&talk->event);
	print_fini(&talk->out);
	free(talk->request);
	free(talk);
}

void
talk_forget(struct talk *talk)
{
	unlink_talk(talk);
	talk->exchange = NULL;
	talk->over = true;
	deal_unwatch(talk);
}

static void
stop_waiting(struct talk *talk)
{
	if (talk->ticket != NULL)
		talk->mcp->host->call_cancel(talk->ticket);
	talk->ticket = NULL;
	till_cancel(talk);
}

/* Without a handshake a closed connection ends the work; before, only words do
   (the client may come back with its idempotency key). */
void
talk_drop(struct talk *talk)
{
	talk->depth++;
	if (talk->era == ERA_MODERN)
		deal_abandon(talk);
	talk_forget(talk);
	stop_waiting(talk);
	talk_release(talk);
}

void
talk_stop(struct talk *talk)
{
	talk->depth++;
	deal_abandon(talk);
	stop_waiting(talk);
	talk_accept(talk);
	talk_release(talk);
}

/* --- answering ---------------------------------------------------- */

static void
respond(struct talk *talk, uint16_t status, struct aicx_str body,
    const struct aicx_header *field)
{
	struct aicx_header fields[2];
	struct aicx_http_response response = { .size = sizeof response,
		.status = status,
		.body = body,
		.headers = fields };
	struct aicx_exchange *exchange = talk->exchange;

	if (talk->streaming) {
		stream_finish(talk, body);
		return;
	}
	if (body.len > 0)
		response.content_type = TEXT("application/json");
	if (field != NULL)
		fields[response.n_headers++] = *field;
	if (talk->request_id[0] != '\0')
		fields[response.n_headers++] =
		    (struct aicx_header) { TEXT("X-Request-Id"),
			    text_of(talk->request_id) };
	talk_forget(talk);
	talk->mcp->host->respond(exchange, &response);
}

enum { ANSWER_BYTES = 2048 }; /* of most that a tool gives back */

static void
put_envelope(struct talk *talk)
{
	struct print *out = &talk->out;

	print_fini(out);
	(void)bytes_room(&out->bytes, ANSWER_BYTES);
	print_open(out, '{');
	print_key(out, "jsonrpc");
	print_text(out, "2.0");
	print_key(out, "id");
	print_raw(out, talk->rpc.id.ptr != NULL ? talk->rpc.id : TEXT("null"));
}

struct print *
talk_begin(struct talk *talk)
{
	put_envelope(talk);
	print_key(&talk->out, "result");
	print_open(&talk->out, '{');
	if (talk->era == ERA_MODERN) {
		print_key(&talk->out, "resultType");
		print_text(&talk->out, "complete");
	}
	return &talk->out;
}

void
talk_put_cache(struct talk *talk, const char *scope)
{
	if (talk->era != ERA_MODERN)
		return;
	print_key(&talk->out, "ttlMs");
	print_number(&talk->out, talk->mcp->settings->ttl);
	print_key(&talk->out, "cacheScope");
	print_text(&talk->out, scope);
}

static void
put_meta(struct talk *talk, struct aicx_str meta)
{
	struct print *out = &talk->out;

	if (talk->era != ERA_MODERN && meta.len == 0)
		return;
	print_key(out, "_meta");
	print_open(out, '{');
	if (talk->era == ERA_MODERN) {
		print_key(out, "io.modelcontextprotocol/serverInfo");
		print_raw(out,
		    TEXT("{\"name\":\"" MCP_NAME "\",\"version\":\"" MCP_VERSION
			 "\"}"));
	}
	if (meta.len > 0)
		print_raw(out, meta);
	print_close(out, '}');
}

void
talk_end(struct talk *talk, struct aicx_str meta)
{
	struct print *out = &talk->out;

	put_meta(talk, meta);
	print_close(out, '}');
	print_close(out, '}');
	if (out->bytes.failed)
		talk_refuse(talk, 503, RPC_INTERNAL, "out of memory");
	else
		respond(talk, 200, bytes_view(&out->bytes), NULL);
}

static void
put_error(struct talk *talk, int code, const char *why, struct aicx_str data)
{
	struct print *out = &talk->out;

	put_envelope(talk);
	print_key(out, "error");
	print_open(out, '{');
	print_key(out, "code");
	print_number(out, code);
	print_key(out, "message");
	print_text(out, why);
	if (data.ptr != NULL) {
		print_key(out, "data");
		print_raw(out, data);
	}
	print_close(out, '}');
	print_close(out, '}');
}

void
talk_error_data(struct talk *talk, int code, uint16_t status, const char *why,
    struct aicx_str data)
{
	put_error(talk, code, why, data);
	respond(talk, status, bytes_view(&talk->out.bytes), NULL);
}

/* Before 2026-07-28 only what is no request at all has a status of its own. */
static uint16_t
status_of(enum era era, int code)
{
	if (code == RPC_PARSE || code == RPC_INVALID)
		return 400;
	if (era == ERA_LEGACY)
		return 200;
	return code == RPC_NO_METHOD ? 404 : code == RPC_INTERNAL ? 500 : 400;
}

void
talk_error(struct talk *talk, int code, const char *why)
{
	talk_error_data(talk, code, status_of(talk->era, code), why,
	    (struct aicx_str) { NULL, 0 });
}

void
talk_accept(struct talk *talk)
{
	respond(talk, 202, (struct aicx_str) { NULL, 0 }, NULL);
}

void
talk_refuse(struct talk *talk, uint16_t status, int code, const char *why)
{
	static const struct aicx_header allow = { { "Allow", 5 },
		{ "POST", 4 } };

	put_error(talk, code, why, (struct aicx_str) { NULL, 0 });
	respond(talk, status, bytes_view(&talk->out.bytes),
	    status == 405 ? &allow : NULL);
}

void
talk_put_origin(const struct talk *talk, struct bytes *out)
{
	const char *url = talk->mcp->host->public_url(talk->mcp->self);

	if (url != NULL) {
		bytes_text(out, url);
		return;
	}
	bytes_text(out, "http://");
	bytes_str(out, door_field(talk->request, "Host"));
}

void
talk_unauthorized(struct talk *talk)
{
	struct bytes field = { 0 };
	struct aicx_header challenge = { .name = TEXT("WWW-Authenticate") };

	bytes_text(&field, "Bearer resource_metadata=\"");
	talk_put_origin(talk, &field);
	bytes_text(&field, "/.well-known/oauth-protected-resource\"");
	challenge.value = bytes_view(&field);
	put_error(talk, RPC_REFUSED,
	    "unauthenticated: a bearer key is missing or unknown",
	    (struct aicx_str) { NULL, 0 });
	respond(talk, 401, bytes_view(&talk->out.bytes), &challenge);
	bytes_fini(&field);
}

/* --- asking the broker -------------------------------------------- */

static const struct aicx_method *
method_find(struct mcp *mcp, const char *name)
{
	size_t n = 0;
	const struct aicx_method *const *methods =
	    mcp->host->methods(mcp->self, &n);

	for (size_t i = 0; i < n; i++)
		if (strcmp(methods[i]->name, name) == 0)
			return methods[i];
	return NULL;
}

static void
keep_request_id(struct talk *talk, struct aicx_str id)
{
	if (id.len == 0 || id.len > TALK_ID_MAX)
		return;
	memcpy(talk->request_id, id.ptr, id.len);
	talk->request_id[id.len] = '\0';
}

static void
on_answer(const struct aicx_answer *answer, void *arg)
{
	struct talk *talk = arg;

	talk->answered = true;
	talk->ticket = NULL;
	if (talk->over || talk->closing)
		return;
	talk->depth++;
	keep_request_id(talk, answer->correlation);
	if (answer->status == 401)
		talk_unauthorized(talk);
	else
		talk->then(talk, answer);
	talk_release(talk);
}

static struct aicx_call
call_of(struct talk *talk, const char *name, struct aicx_str params)
{
	return (struct aicx_call) {
		.size = sizeof(struct aicx_call),
		.method = method_find(talk->mcp, name),
		.params = params,
		.credential = talk->credential,
		.correlation = talk->correlation,
		.address = talk->request->address,
		.secure = talk->request->secure,
	};
}

struct aicx_ticket *
talk_call_beside(struct talk *talk, const char *method, struct aicx_str params,
    aicx_answer_fn *done, void *arg)
{
	struct aicx_call call = call_of(talk, method, params);
	struct aicx_ticket *ticket = NULL;

	if (call.method != NULL && params.ptr != NULL)
		talk->mcp->host->call(
		    talk->mcp->self, &call, done, arg, &ticket);
	return ticket;
}

void
talk_call(struct talk *talk, const char *method, struct aicx_str params,
    const char *step, talk_then_fn *then)
{
	struct mcp *mcp = talk->mcp;
	struct aicx_call call = call_of(talk, method, params);
	struct aicx_ticket *ticket = NULL;
	char key[TALK_KEY_MAX + 32];

	if (call.method == NULL || params.ptr == NULL) {
		talk_error(talk, RPC_INTERNAL, "the broker cannot do this");
		return;
	}
	if (step != NULL && talk->key.ptr != NULL) {
		(void)snprintf(key, sizeof key, "%.*s%s", (int)talk->key.len,
		    talk->key.ptr, step);
		call.idempotency_key = text_of(key);
	}
	talk->depth++;
	talk->then = then;
	talk->answered = false;
	unsigned number = ++talk->n_calls;
	mcp->host->call(mcp->self, &call, on_answer, talk, &ticket);
	if (number == talk->n_calls && !talk->answered)
		talk->ticket = ticket;
	talk_release(talk);
}

/* --- arguments ---------------------------------------------------- */

const json_t *
talk_arguments(const struct talk *talk)
{
	return json_object_get(talk->rpc.params, "arguments");
}

struct aicx_str
talk_argument(const struct talk *talk, const char *name)
{
	return slice_get(slice_get(talk->rpc.params_text, "arguments"), name);
}
