/* SPDX-License-Identifier: Apache-2.0 */
/* pipeline.c - requests in the host's hands, their answers in order. */
#include "pipeline.h"

#include "answer.h"
#include "caller.h"
#include "cors.h"
#include "http.h"

#include <stdlib.h>

struct exchange {
	struct exchange *next;
	struct conn *conn;
	struct aicx_exchange *handle; /* while the host works on it */
	struct bytes out; /* the answer, until its turn */
	struct bytes fields; /* header lines of ours for it */
	bool answered;
	bool streams; /* parts follow until the host ends it */
	bool chunked; /* else until the connection ends */
	bool full; /* a part was refused: the host waits until all has left */
	bool mute; /* nothing but the head is sent */
	bool http10;
	bool head_only; /* HEAD */
	bool close; /* the last one of this connection */
};

static struct exchange *
exchange_new(struct conn *conn)
{
	struct pipeline *pipeline = &conn->http->pipeline;
	struct exchange *exchange = calloc(1, sizeof *exchange);

	if (exchange == NULL)
		return NULL;
	exchange->conn = conn;
	if (pipeline->last != NULL)
		pipeline->last->next = exchange;
	else
		pipeline->first = exchange;
	pipeline->last = exchange;
	pipeline->n++;
	return exchange;
}

static void
pop(struct pipeline *pipeline)
{
	struct exchange *exchange = pipeline->first;

	pipeline->first = exchange->next;
	if (pipeline->first == NULL)
		pipeline->last = NULL;
	pipeline->n--;
	bytes_fini(&exchange->out);
	bytes_fini(&exchange->fields);
	free(exchange);
}

void
pipeline_cancel(struct conn *conn)
{
	struct pipeline *pipeline = &conn->http->pipeline;

	while (pipeline->first != NULL) {
		if (pipeline->first->handle != NULL)
			conn->server->host->serve_cancel(
			    pipeline->first->handle);
		pop(pipeline);
	}
}

void
pipeline_settle(struct conn *conn)
{
	struct pipeline *pipeline = &conn->http->pipeline;
	struct exchange *exchange;

	while ((exchange = pipeline->first) != NULL && exchange->answered &&
	    exchange != pipeline->serving && conn->state == CONN_HTTP) {
		bool close = exchange->close;

		conn_write(conn, bytes_view(&exchange->out));
		pop(pipeline);
		if (close)
			conn_linger(conn);
	}
	/* A stream whose turn has come: what waited for that. */
	if (exchange != NULL && conn->state == CONN_HTTP &&
	    exchange->out.len > 0 && !exchange->answered) {
		conn_write(conn, bytes_view(&exchange->out));
		bytes_fini(&exchange->out);
	}
}

/* The answer's head is in server->out.  Straight to the stream when it is its
   turn, else kept. */
static void
answer(struct exchange *exchange, struct aicx_str body)
{
	struct conn *conn = exchange->conn;
	struct bytes *head = &conn->server->out;

	if (exchange->head_only)
		body.len = 0;
	exchange->answered = true;
	conn->active_ms = conn->server->now_ms;
	if (exchange == conn->http->pipeline.first) {
		conn_write(conn, bytes_view(head));
		conn_write(conn, body);
	} else {
		bytes_str(&exchange->out, bytes_view(head));
		bytes_str(&exchange->out, body);
	}
	if (head->failed || exchange->out.failed)
		conn_break(conn);
}

static void
on_reply(const struct aicx_http_response *response, void *arg)
{
	struct exchange *exchange = arg;
	struct conn *conn = exchange->conn;
	struct server *server = conn->server;
	struct aicx_str body = response->body;

	conn_enter(conn);
	exchange->handle = NULL;
	if (server->draining && exchange->next == NULL) {
		exchange->close = true;
		http_shut(conn);
	}
	bytes_clear(&server->out);
	answer_head(server, response,
	    exchange->close ? FRAMING_LENGTH_CLOSE : FRAMING_LENGTH,
	    bytes_view(&exchange->fields), &server->out);
	if (!answer_has_body(response->status))
		body.len = 0;
	answer(exchange, body);
	if (exchange != conn->http->pipeline.serving)
		http_settle(conn);
	conn_leave(conn);
}

/* --- streams --- */

static size_t
waits(const struct exchange *exchange)
{
	bool its_turn = exchange == exchange->conn->http->pipeline.first;

	return exchange->out.len + (its_turn ? conn_queued(exchange->conn) : 0);
}

/* To the stream when it is its turn, else kept.  The host is inside a call of
   its own: nothing may be told to it from here. */
static void
put(struct exchange *exchange, struct aicx_str bytes)
{
	struct conn *conn = exchange->conn;

	if (exchange == conn->http->pipeline.first && exchange->out.len == 0)
		conn_write(conn, bytes);
	else
		bytes_str(&exchange->out, bytes);
	if (exchange->out.failed)
		conn_break(conn);
}

static void
put_part(struct exchange *exchange, struct aicx_str part)
{
	struct bytes *out = &exchange->conn->server->out;

	if (exchange->mute || part.len == 0)
		return;
	if (!exchange->chunked) {
		put(exchange, part);
		return;
	}
	bytes_clear(out);
	answer_chunk(part, out);
	if (out->failed)
		conn_break(exchange->conn);
	else
		put(exchange, bytes_view(out));
}

static void
on_begin(const struct aicx_http_response *response, void *arg)
{
	struct exchange *exchange = arg;
	struct conn *conn = exchange->conn;
	struct server *server = conn->server;
	enum framing framing = FRAMING_CLOSE;

	if (conn->state != CONN_HTTP)
		return;
	exchange->streams = true;
	exchange->chunked = !exchange->http10;
	exchange->mute =
	    exchange->head_only || !answer_has_body(response->status);
	if ((server->draining && exchange->next == NULL) || exchange->http10)
		exchange->close = true;
	if (exchange->close)
		http_shut(conn);
	if (exchange->chunked)
		framing =
		    exchange->close ? FRAMING_CHUNKED_CLOSE : FRAMING_CHUNKED;
	bytes_clear(&server->out);
	answer_head(server, response, framing, bytes_view(&exchange->fields),
	    &server->out);
	if (server->out.failed)
		conn_break(conn);
	put(exchange, bytes_view(&server->out));
	put_part(exchange, response->body);
}

static aicx_err
on_part(struct aicx_str bytes, void *arg)
{
	struct exchange *exchange = arg;
	struct conn *conn = exchange->conn;
	size_t before;

	if (conn->state != CONN_HTTP)
		return AICX_EIO;
	before = waits(exchange);
	if (before > 0 &&
	    before + bytes.len > (size_t)conn->server->settings->max_queue) {
		exchange->full = true;
		return AICX_EAGAIN;
	}
	conn->active_ms = conn->server->now_ms;
	put_part(exchange, bytes);
	return conn->state == CONN_HTTP ? AICX_OK : AICX_EIO;
}

static size_t
on_queued(void *arg)
{
	const struct exchange *exchange = arg;

	return exchange->conn->state == CONN_HTTP ? waits(exchange) : 0;
}

static void
on_stream_end(int complete, void *arg)
{
	struct exchange *exchange = arg;
	struct conn *conn = exchange->conn;

	conn_enter(conn);
	exchange->handle = NULL;
	exchange->full = false;
	conn->active_ms = conn->server->now_ms;
	if (complete && exchange->chunked && !exchange->mute &&
	    conn->state == CONN_HTTP)
		put(exchange, TEXT("0\r\n\r\n"));
	if (!complete && !exchange->mute) {
		exchange->close = true;
		http_shut(conn);
	}
	exchange->answered = true;
	if (conn->state == CONN_HTTP &&
	    exchange != conn->http->pipeline.serving)
		http_settle(conn);
	conn_leave(conn);
}

void
pipeline_drained(struct conn *conn)
{
	struct exchange *exchange = conn->http->pipeline.first;

	if (exchange == NULL || !exchange->full || waits(exchange) > 0)
		return;
	exchange->full = false;
	conn->server->host->serve_drained(exchange->handle);
}

bool
pipeline_streams(const struct conn *conn)
{
	const struct exchange *exchange = conn->http->pipeline.first;

	return exchange != NULL && exchange->streams && !exchange->answered;
}

static const struct aicx_http_sink sink = {
	.size = sizeof sink,
	.whole = on_reply,
	.begin = on_begin,
	.part = on_part,
	.queued = on_queued,
	.end = on_stream_end,
};

/* To a preflight; its fields say the rest. */
static const struct aicx_http_response allowed = {
	.size = sizeof allowed,
	.status = 204,
};

bool
pipeline_serve(struct conn *conn, struct head *head, struct aicx_str body)
{
	struct pipeline *pipeline = &conn->http->pipeline;
	struct server *server = conn->server;
	struct aicx_exchange *handle = NULL;
	struct exchange *exchange = exchange_new(conn);
	struct caller caller;

	caller_of(conn, head, &caller);
	caller_speak(conn, head);
	const struct aicx_http_request request = {
		.size = sizeof request,
		.method = head->method,
		.path = head->path,
		.query = head->query,
		.body = body,
		.headers = head->fields,
		.n_headers = head->n_fields,
		.address = caller.address,
		.secure = caller.secure,
	};

	if (exchange == NULL)
		return false;
	exchange->head_only = text_same(head->method, TEXT("HEAD"));
	exchange->close = !head->keep_alive;
	exchange->http10 = head->http10;
	cors_put(server->settings, head, &exchange->fields);
	/* The reply may come before serve() returns; then the exchange stays
	   until we are back here. */
	pipeline->serving = exchange;
	if (cors_is_preflight(server->settings, head))
		on_reply(&allowed, exchange);
	else
		server->host->serve_streams(
		    server->self, &request, &sink, exchange, &handle);
	pipeline->serving = NULL;
	if (!exchange->answered)
		exchange->handle = handle;
	return true;
}

bool
pipeline_refuse(struct conn *conn, uint16_t status, const char *why,
    const char *extra, bool with_body)
{
	struct server *server = conn->server;
	struct exchange *exchange = exchange_new(conn);

	if (exchange == NULL)
		return false;
	exchange->close = true;
	bytes_clear(&server->out);
	answer_problem(server, status, why, extra, with_body, &server->out);
	answer(exchange, (struct aicx_str) { NULL, 0 });
	return true;
}
