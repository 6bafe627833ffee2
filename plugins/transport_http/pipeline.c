/* SPDX-License-Identifier: Apache-2.0 */
/* pipeline.c - requests in the host's hands, their answers in order. */
#include "pipeline.h"

#include "answer.h"
#include "http.h"

#include <stdlib.h>

struct exchange {
	struct exchange *next;
	struct conn *conn;
	struct aicx_exchange *handle; /* while the host works on it */
	struct bytes out; /* the answer, until its turn */
	bool answered;
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
	answer_head(server, response, exchange->close, &server->out);
	if (!answer_has_body(response->status))
		body.len = 0;
	answer(exchange, body);
	if (exchange != conn->http->pipeline.serving)
		http_settle(conn);
	conn_leave(conn);
}

bool
pipeline_serve(struct conn *conn, const struct head *head, struct aicx_str body)
{
	struct pipeline *pipeline = &conn->http->pipeline;
	struct server *server = conn->server;
	struct aicx_exchange *handle = NULL;
	struct exchange *exchange = exchange_new(conn);
	const struct aicx_http_request request = {
		.size = sizeof request,
		.method = head->method,
		.path = head->path,
		.query = head->query,
		.body = body,
		.headers = head->fields,
		.n_headers = head->n_fields,
		.address = conn_address(conn),
		.secure = conn->secure,
	};

	if (exchange == NULL)
		return false;
	exchange->head_only = text_same(head->method, TEXT("HEAD"));
	exchange->close = !head->keep_alive;
	/* The reply may come before serve() returns; then the exchange stays
	   until we are back here. */
	pipeline->serving = exchange;
	server->host->serve(
	    server->self, &request, on_reply, exchange, &handle);
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
