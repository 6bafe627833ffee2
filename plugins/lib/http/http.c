/* SPDX-License-Identifier: Apache-2.0 */
/* http.c - HTTP/1.1 on a connection: what it sends becomes requests. */
#include "http.h"

#include "caller.h"
#include "cors.h"
#include "held.h"
#include "upgrade.h"
#include "ws.h"

#include <stdlib.h>
#include <string.h>

bool
http_new(struct conn *conn)
{
	conn->http = calloc(1, sizeof *conn->http);
	return conn->http != NULL;
}

/* Back to the next request that needs one: idle connections have none. */
static void
give_head(struct conn *conn)
{
	head_give(&conn->server->spare_head, conn->http->head);
	conn->http->head = NULL;
}

void
http_free(struct conn *conn)
{
	struct http *http = conn->http;

	if (http == NULL)
		return;
	pipeline_cancel(conn);
	give_head(conn);
	bytes_fini(&http->body);
	bytes_fini(&http->held);
	free(http);
	conn->http = NULL;
}

void
http_shut(struct conn *conn)
{
	conn->http->phase = HTTP_SHUT;
}

/* Nothing is unanswered: what had waited for that. */
static void
http_quiet(struct conn *conn)
{
	struct http *http = conn->http;
	bool between = http->phase == HTTP_HEAD && http->head == NULL;

	if (http->continue_due) {
		http->continue_due = false;
		conn_write(conn, TEXT("HTTP/1.1 100 Continue\r\n\r\n"));
	}
	if (http->blocked)
		return;
	if (http->phase == HTTP_SHUT || conn->eof ||
	    (between && conn->server->draining))
		conn_linger(conn);
}

void
http_settle(struct conn *conn)
{
	pipeline_settle(conn);
	if (conn->state == CONN_HTTP && conn->http->pipeline.n == 0)
		http_quiet(conn);
	if (conn->state == CONN_HTTP)
		http_resume(conn);
}

void
http_refuse(
    struct conn *conn, uint16_t status, const char *why, const char *extra)
{
	struct http *http = conn->http;
	const struct server *server = conn->server;
	struct bytes fields = { 0 };
	bool head_only = http->head != NULL && http->head->text.len >= 5 &&
	    memcmp(http->head->text.ptr, "HEAD ", 5) == 0;

	bytes_text(&fields, extra != NULL ? extra : "");
	if (http->head != NULL && http->head->has_fields)
		cors_put(server->settings, http->head, &fields);
	bytes_char(&fields, '\0');
	give_head(conn);
	http_shut(conn);
	server->host->count(server->self, "http_refused", 1);
	server->host->log(server->self, AICX_DEBUG, "http.refused", why);
	if (!fields.failed &&
	    pipeline_refuse(conn, status, why, fields.ptr, !head_only))
		http_settle(conn);
	else
		conn_break(conn);
	bytes_fini(&fields);
}

static void
http_serve(struct conn *conn, struct aicx_str body)
{
	struct http *http = conn->http;

	http->phase = http->head->keep_alive ? HTTP_HEAD : HTTP_SHUT;
	if (!pipeline_serve(conn, http->head, body)) {
		conn_break(conn);
		return;
	}
	give_head(conn);
	bytes_fini(&http->body);
	http_settle(conn);
}

/* --- requests --- */

static void
http_begin_body(struct conn *conn)
{
	struct http *http = conn->http;
	const struct settings *settings = conn->server->settings;

	if (http->head->length > (uint64_t)settings->max_body) {
		http_refuse(
		    conn, 413, "the body is larger than max_body", NULL);
		return;
	}
	http->phase = http->head->chunked ? HTTP_CHUNKED : HTTP_LENGTH;
	http->chunk = (struct chunk) { 0 };
	http->body_got = 0;
	http->since_ms = conn->server->now_ms;
	conn_due(conn, http->since_ms + settings->header_timeout);
	if (!http->head->expects)
		return;
	if (http->pipeline.n > 0)
		http->continue_due = true;
	else
		conn_write(conn, TEXT("HTTP/1.1 100 Continue\r\n\r\n"));
}

static void
http_on_head(struct conn *conn)
{
	struct http *http = conn->http;
	const struct head *head = http->head;

	if (!conn->is_operator) /* that one opens sessions by its key */
		caller_speak(conn, http->head);
	if (conn->server->draining)
		http_refuse(conn, 503, "the broker is shutting down", NULL);
	else if (text_same(
		     head->path, text_of(conn->server->settings->ws_path)))
		upgrade(conn, head, http->pipeline.n > 0);
	else if (head->chunked || head->length > 0)
		http_begin_body(conn);
	else
		http_serve(conn, (struct aicx_str) { NULL, 0 });
}

static size_t
http_take_head(struct conn *conn, struct aicx_str bytes)
{
	struct http *http = conn->http;
	const struct settings *settings = conn->server->settings;
	size_t taken = bytes.len;

	if (http->head == NULL) {
		http->since_ms = conn->server->now_ms;
		http->head = head_take(&conn->server->spare_head);
		if (http->head == NULL) {
			conn_break(conn);
			return taken;
		}
	}
	switch (head_feed(
	    http->head, bytes, (size_t)settings->max_header, &taken)) {
	case HEAD_MORE:
		conn_due(conn, http->since_ms + settings->header_timeout);
		break;
	case HEAD_DONE:
		http_on_head(conn);
		break;
	case HEAD_REFUSED:
		http_refuse(conn, http->head->status, http->head->why, NULL);
		break;
	}
	return taken;
}

static void
http_refuse_held(struct conn *conn)
{
	bytes_fini(&conn->http->body);
	http_refuse(conn, 503, "too much is held for clients already",
	    "Retry-After: 1\r\n");
}

static size_t
http_take_length(struct conn *conn, struct aicx_str bytes)
{
	struct http *http = conn->http;
	size_t left = (size_t)http->head->length - http->body.len;
	size_t taken = bytes.len < left ? bytes.len : left;

	http->body_got += taken;
	/* The whole body in one run is not copied. */
	if (http->body.len == 0 && taken == left) {
		http_serve(conn, (struct aicx_str) { bytes.ptr, taken });
		return taken;
	}
	bytes_put(&http->body, bytes.ptr, taken);
	if (http->body.failed)
		http_refuse(conn, 503, "out of memory", NULL);
	else if (!held_look(conn))
		http_refuse_held(conn);
	else if (taken == left)
		http_serve(conn, bytes_view(&http->body));
	return taken;
}

static size_t
http_take_chunks(struct conn *conn, struct aicx_str bytes)
{
	struct http *http = conn->http;
	const struct settings *settings = conn->server->settings;
	size_t taken = 0;
	enum chunk_step step = chunk_feed(&http->chunk, bytes, &http->body,
	    (size_t)settings->max_body, (size_t)settings->max_header, &taken);

	http->body_got += taken;
	switch (step) {
	case CHUNK_MORE:
		if (!held_look(conn))
			http_refuse_held(conn);
		break;
	case CHUNK_DONE:
		http_serve(conn, bytes_view(&http->body));
		break;
	case CHUNK_BAD:
		http_refuse(conn, 400, "the chunked body is malformed", NULL);
		break;
	case CHUNK_BIG:
		http_refuse(
		    conn, 413, "the body is larger than max_body", NULL);
		break;
	}
	return taken;
}

static size_t
http_step(struct conn *conn, struct aicx_str bytes)
{
	switch (conn->http->phase) {
	case HTTP_HEAD:
		return http_take_head(conn, bytes);
	case HTTP_LENGTH:
		return http_take_length(conn, bytes);
	case HTTP_CHUNKED:
		return http_take_chunks(conn, bytes);
	case HTTP_SHUT:
		break;
	}
	return bytes.len;
}

/* --- back-pressure --- */

/* Whether one more request may begin. */
static bool
http_is_full(const struct conn *conn)
{
	const struct settings *settings = conn->server->settings;

	return conn->http->pipeline.n >= (size_t)settings->max_pipeline ||
	    conn_queued(conn) > (size_t)settings->max_queue;
}

/* Half of it is free again, so that we do not flip with every answer. */
static bool
http_has_room(const struct conn *conn)
{
	const struct settings *settings = conn->server->settings;

	return conn->http->pipeline.n <= (size_t)settings->max_pipeline / 2 &&
	    conn_queued(conn) <= (size_t)settings->max_queue / 2;
}

/* Takes what it may; returns how many bytes. */
static size_t
http_feed(struct conn *conn, struct aicx_str bytes)
{
	struct http *http = conn->http;
	size_t taken = 0;

	http->feeding = true;
	while (
	    taken < bytes.len && conn->state == CONN_HTTP && !http->blocked) {
		taken += http_step(conn,
		    (struct aicx_str) { bytes.ptr + taken, bytes.len - taken });
		http->blocked = http->phase != HTTP_SHUT && http_is_full(conn);
	}
	http->feeding = false;
	return taken;
}

void
http_input(struct conn *conn, struct aicx_str bytes)
{
	struct http *http = conn->http;
	size_t taken = http->held.len > 0 ? 0 : http_feed(conn, bytes);

	bytes.ptr += taken;
	bytes.len -= taken;
	if (conn->state == CONN_WS && bytes.len > 0) {
		ws_input(conn, bytes);
		return;
	}
	if (conn->state != CONN_HTTP || !http->blocked)
		return;
	conn->server->host->stream_pause(conn->stream, 1);
	bytes_str(&http->held, bytes);
	if (http->held.failed)
		conn_break(conn);
	http_resume(conn);
}

static struct aicx_str
http_held(const struct http *http)
{
	return (struct aicx_str) { http->held.ptr + http->held_at,
		http->held.len - http->held_at };
}

void
http_resume(struct conn *conn)
{
	struct http *http = conn->http;

	if (!http->blocked || http->feeding)
		return;
	while (
	    conn->state == CONN_HTTP && http->blocked && http_has_room(conn)) {
		http->blocked = false;
		if (http->held.len > 0)
			http->held_at += http_feed(conn, http_held(http));
	}
	if (conn->state == CONN_WS && http_held(http).len > 0)
		ws_input(conn, http_held(http));
	if (http->blocked)
		return;
	bytes_fini(&http->held);
	http->held_at = 0;
	if (conn->state == CONN_HTTP || conn->state == CONN_WS)
		conn->server->host->stream_pause(conn->stream, 0);
	if (conn->state == CONN_HTTP && http->pipeline.n == 0)
		http_quiet(conn);
}

/* --- ends --- */

void
http_eof(struct conn *conn)
{
	struct http *http = conn->http;

	/* Who gives up a stream closes; a half-closed client looks the same. */
	if (pipeline_streams(conn)) {
		conn_drop(conn);
		return;
	}
	if (http->blocked)
		return;
	http->phase = HTTP_SHUT;
	http->continue_due = false;
	give_head(conn);
	if (http->pipeline.n == 0)
		conn_linger(conn);
}

void
http_drain(struct conn *conn)
{
	conn_enter(conn);
	if (conn->http->pipeline.n == 0)
		http_quiet(conn);
	conn_leave(conn);
}

/* When what the client is sending must be complete. */
static int64_t
http_input_due(const struct conn *conn)
{
	const struct http *http = conn->http;
	const struct settings *settings = conn->server->settings;
	int64_t due_ms = http->since_ms + settings->header_timeout;

	if (http->phase == HTTP_HEAD)
		return due_ms;
	if (settings->body_rate == 0)
		return conn->active_ms + settings->idle_timeout;
	return due_ms +
	    (int64_t)(http->body_got * 1000 / (uint64_t)settings->body_rate);
}

int64_t
http_check(struct conn *conn)
{
	const struct http *http = conn->http;
	const struct settings *settings = conn->server->settings;
	int64_t now_ms = conn->server->now_ms;
	int64_t due_ms = conn->active_ms + settings->idle_timeout;

	if (http->head != NULL && !http->blocked) {
		due_ms = http_input_due(conn);
		if (now_ms >= due_ms)
			http_refuse(
			    conn, 408, "the request came too slowly", NULL);
	} else if (http->pipeline.n > 0 || http->blocked) {
		/* It is our turn: the host answers in its own time. */
		due_ms = now_ms + settings->idle_timeout;
	} else if (now_ms >= due_ms) {
		conn_linger(conn);
	}
	return due_ms;
}
