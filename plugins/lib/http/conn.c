/* SPDX-License-Identifier: Apache-2.0 */
/* conn.c - one connection: its stream, its life, its deadlines. */
#include "conn.h"

#include "held.h"
#include "http.h"
#include "ws.h"

#include <stdlib.h>
#include <string.h>

struct aicx_str
conn_address(const struct conn *conn)
{
	return (struct aicx_str) { conn->address, conn->address_len };
}

size_t
conn_queued(const struct conn *conn)
{
	return conn->server->host->stream_queued(conn->stream);
}

void
conn_write(struct conn *conn, struct aicx_str bytes)
{
	if (conn->state == CONN_DEAD || bytes.len == 0)
		return;
	conn->wrote += bytes.len;
	/* After an ERROR on_end() tells.  A queue that takes no more has lost a
	   part of what we said: the rest would be misread. */
	if (conn->server->host->stream_write(conn->stream, bytes) ==
		AICX_ELIMIT ||
	    !held_look(conn))
		conn_break(conn);
}

void
conn_break(struct conn *conn)
{
	conn->state = CONN_DEAD;
	conn_due(conn, conn->server->now_ms);
}

void
conn_due(struct conn *conn, int64_t at_ms)
{
	struct wheel *wheel = &conn->server->wheel;

	if (conn->item.tick == 0 || at_ms / wheel->tick_ms < conn->item.tick)
		wheel_put(wheel, &conn->item, at_ms);
}

static void
conn_unlink(struct conn *conn)
{
	struct server *server = conn->server;

	if (conn->prev != NULL)
		conn->prev->next = conn->next;
	else
		server->conns = conn->next;
	if (conn->next != NULL)
		conn->next->prev = conn->prev;
	server->n_conns--;
	held_none(conn);
	wheel_remove(&conn->item);
	origin_release(&server->origins, conn->origin);
}

static void
conn_free(struct conn *conn)
{
	http_free(conn);
	ws_free(conn);
	conn->server->host->stream_close(conn->stream);
	free(conn->auth);
	conn_unlink(conn);
	free(conn);
}

void
conn_enter(struct conn *conn)
{
	conn->depth++;
}

void
conn_leave(struct conn *conn)
{
	if (--conn->depth > 0)
		return;
	if (conn->state == CONN_DEAD) {
		conn_free(conn);
		return;
	}
	if (conn->state != CONN_HTTP)
		http_free(conn);
	if (conn->state == CONN_LINGER)
		ws_free(conn);
}

void
conn_drop(struct conn *conn)
{
	conn_enter(conn);
	conn->state = CONN_DEAD;
	conn_leave(conn);
}

/* Both sides are done and all of ours has left. */
static void
conn_settle(struct conn *conn)
{
	if (conn->state == CONN_LINGER && conn->eof && conn_queued(conn) == 0)
		conn->state = CONN_DEAD;
}

void
conn_linger(struct conn *conn)
{
	if (conn->state == CONN_DEAD || conn->state == CONN_LINGER)
		return;
	conn_enter(conn);
	conn->state = CONN_LINGER;
	conn->linger_ms = conn->server->now_ms;
	conn->server->host->stream_shutdown(conn->stream);
	/* Back-pressure ends here: what comes is dropped. */
	conn->server->host->stream_pause(conn->stream, 0);
	conn_due(conn, conn->linger_ms + conn->server->settings->close_timeout);
	conn_settle(conn);
	conn_leave(conn);
}

static void
on_data(struct aicx_str bytes, void *arg)
{
	struct conn *conn = arg;

	conn_enter(conn);
	conn->active_ms = conn->server->now_ms;
	if (conn->state == CONN_HTTP)
		http_input(conn, bytes);
	else if (conn->state == CONN_WS)
		ws_input(conn, bytes);
	conn_leave(conn);
}

static void
on_end(enum aicx_stream_end end, void *arg)
{
	struct conn *conn = arg;

	conn_enter(conn);
	conn->eof = true;
	if (end == AICX_STREAM_ERROR)
		conn->state = CONN_DEAD;
	else if (conn->state == CONN_HTTP)
		http_eof(conn);
	else if (conn->state == CONN_WS)
		conn_linger(conn);
	conn_settle(conn);
	conn_leave(conn);
}

static void
on_drain(void *arg)
{
	struct conn *conn = arg;

	conn_enter(conn);
	(void)held_look(conn);
	conn_settle(conn);
	if (conn->state == CONN_HTTP)
		pipeline_drained(conn);
	if (conn->state == CONN_HTTP)
		http_resume(conn);
	conn_leave(conn);
}

static const struct aicx_stream_ops conn_ops = {
	.size = sizeof conn_ops,
	.on_data = on_data,
	.on_end = on_end,
	.on_drain = on_drain,
};

/* Nothing has left for write_timeout although something waits. */
static bool
conn_is_stuck(struct conn *conn)
{
	const struct settings *settings = conn->server->settings;
	size_t queued = conn_queued(conn);
	uint64_t left = conn->wrote - queued;

	(void)held_look(conn); /* what left since */
	if (queued == 0 || left != conn->left) {
		conn->left = left;
		conn->left_ms = conn->server->now_ms;
		return false;
	}
	return conn->server->now_ms - conn->left_ms >= settings->write_timeout;
}

/* What is due now; returns when to look again. */
static int64_t
conn_check(struct conn *conn)
{
	const struct settings *settings = conn->server->settings;

	if (conn_is_stuck(conn)) {
		conn->server->host->count(
		    conn->server->self, "write_timeouts", 1);
		conn->state = CONN_DEAD;
	}
	switch (conn->state) {
	case CONN_HTTP:
		return http_check(conn);
	case CONN_WS:
		return ws_check(conn);
	case CONN_LINGER:
		if (conn->server->now_ms - conn->linger_ms >=
			settings->close_timeout &&
		    conn_queued(conn) == 0)
			conn->state = CONN_DEAD;
		return conn->linger_ms + settings->close_timeout;
	case CONN_DEAD:
		break;
	}
	return conn->server->now_ms;
}

void
conn_on_wheel(struct wheel_item *item, void *arg)
{
	struct conn *conn = (struct conn *)item;
	struct server *server = arg;
	int64_t at_ms;
	int64_t latest_ms =
	    server->now_ms + server->settings->write_timeout / 2;

	conn_enter(conn);
	at_ms = conn_check(conn);
	/* Writes start no timer of their own, so each connection is looked at
	   often enough to see one that stands still. */
	wheel_put(
	    &server->wheel, &conn->item, at_ms < latest_ms ? at_ms : latest_ms);
	conn_leave(conn);
}

/* The user at the other end is the one whom the broker is run by, or for. */
static bool
is_operator(const struct server *server, const struct aicx_stream *stream)
{
	struct aicx_stream_peer peer = { .size = sizeof peer };

	if (!server->asks_who ||
	    server->host->stream_peer(stream, &peer) != AICX_OK)
		return false;
	return server->settings->operator_uid < 0
	    ? peer.ours
	    : peer.uid == (uint64_t)server->settings->operator_uid;
}

/* Behind a proxy it is the client's own way that counts. */
static bool
is_secure(const struct server *server, const struct aicx_stream *stream,
    struct aicx_str address)
{
	struct aicx_stream_facts facts = { .size = sizeof facts };

	if (server->certified)
		return true;
	server->host->stream_facts(stream, &facts);
	return facts.secret || origin_is_local(address) ||
	    (server->listens_local && !facts.proxied);
}

bool
conn_open(struct server *server, struct aicx_stream *stream,
    struct aicx_str address, struct origin *origin)
{
	struct conn *conn = calloc(1, sizeof *conn);

	if (conn == NULL || !http_new(conn)) {
		free(conn);
		return false;
	}
	conn->server = server;
	conn->stream = stream;
	conn->origin = origin;
	conn->state = CONN_HTTP;
	conn->secure = is_secure(server, stream, address);
	conn->is_operator = is_operator(server, stream);
	conn->address_len = address.len < sizeof conn->address
	    ? address.len
	    : sizeof conn->address;
	if (conn->address_len > 0)
		memcpy(conn->address, address.ptr, conn->address_len);
	conn->next = server->conns;
	if (conn->next != NULL)
		conn->next->prev = conn;
	server->conns = conn;
	server->n_conns++;
	server_wake(server);
	conn->active_ms = conn->left_ms = server->now_ms;
	conn_due(conn, server->now_ms + server->settings->write_timeout / 2);
	server->host->stream_attach(stream, &conn_ops, conn);
	return true;
}
