/* SPDX-License-Identifier: Apache-2.0 */
/* ws.c - a connection after its upgrade: WebSocket frames (RFC 6455). */
#include "ws.h"

#include "caller.h"

#include <stdlib.h>
#include <string.h>

enum { MISSES_MAX = 2 };

/* --- sending --- */

static aicx_err
on_send(void *arg, struct aicx_str message)
{
	struct conn *conn = arg;
	struct ws *ws = conn->ws;
	const struct aicx_host *host = conn->server->host;
	uint8_t header[FRAME_HEADER_MAX];
	struct aicx_str head = { (const char *)header,
		frame_print(FRAME_TEXT, message.len, header) };

	if (ws->closing || (ws->started && conn->state != CONN_WS))
		return AICX_ESTATE;
	if (!ws->started) {
		bytes_str(&ws->early, head);
		bytes_str(&ws->early, message);
		return ws->early.failed ? AICX_ENOMEM : AICX_OK;
	}
	if (host->stream_queued(conn->stream) >
	    (size_t)conn->server->settings->max_queue)
		return AICX_ELIMIT;
	conn_write(conn, head);
	conn_write(conn, message);
	return conn->state == CONN_WS ? AICX_OK : AICX_EIO;
}

static void
send_control(struct conn *conn, uint8_t opcode, struct aicx_str payload)
{
	uint8_t frame[FRAME_HEADER_MAX + FRAME_CONTROL_MAX];
	size_t len = frame_print(opcode, payload.len, frame);

	if (payload.len > 0)
		memcpy(frame + len, payload.ptr, payload.len);
	conn_write(
	    conn, (struct aicx_str) { (const char *)frame, len + payload.len });
}

void
ws_close(struct conn *conn, uint16_t code, const char *why)
{
	struct ws *ws = conn->ws;
	char payload[FRAME_CONTROL_MAX] = { (char)(code >> 8), (char)code };
	struct aicx_str reason = text_of(why != NULL ? why : "");

	if (conn->state != CONN_WS || ws->closing)
		return;
	/* A reason that cannot be sent is no reason. */
	if (reason.len > sizeof payload - 2 || !text_is_utf8(reason))
		reason.len = 0;
	memcpy(payload + 2, reason.ptr, reason.len);
	send_control(
	    conn, FRAME_CLOSE, (struct aicx_str) { payload, reason.len + 2 });
	ws->closing = true;
	ws->closed_ms = conn->server->now_ms;
	conn_due(conn, ws->closed_ms + conn->server->settings->close_timeout);
}

static void
on_close(void *arg, uint16_t code, const char *why)
{
	struct conn *conn = arg;

	ws_close(conn, code, why);
}

void
ws_fail(struct conn *conn, enum frame_code code)
{
	const struct server *server = conn->server;
	const char *why = frame_complaint(code);

	/* wslay, which finds most texts that are not UTF-8, gives no reason. */
	ws_close(conn, (uint16_t)code, code == FRAME_NOT_UTF8 ? NULL : why);
	conn_linger(conn);
	server->host->count(server->self, "ws_refused", 1);
	server->host->log(server->self, AICX_DEBUG, "ws.refused", why);
}

void
ws_deliver(struct conn *conn, struct aicx_str message)
{
	if (conn->state == CONN_WS && !conn->ws->closing)
		conn->server->host->deliver(conn->ws->peer, message);
}

void
ws_input(struct conn *conn, struct aicx_str bytes)
{
	conn->ws->n_missed = 0;
	while (bytes.len > 0 && conn->state == CONN_WS) {
		size_t taken = receiver_take(conn, bytes);

		bytes.ptr += taken;
		bytes.len -= taken;
	}
}

/* --- life ------------------------------------------------------------ */

int64_t
ws_check(struct conn *conn)
{
	struct ws *ws = conn->ws;
	const struct settings *settings = conn->server->settings;
	int64_t now_ms = conn->server->now_ms;
	int64_t seen_ms = ws->n_missed > 0 ? ws->pinged_ms : conn->active_ms;
	int64_t due_ms = seen_ms + settings->ping_interval;

	if (ws->closing) {
		due_ms = ws->closed_ms + settings->close_timeout;
		if (now_ms >= due_ms)
			conn->state = CONN_DEAD;
		return due_ms;
	}
	if (now_ms < due_ms)
		return due_ms;
	if (ws->n_missed == MISSES_MAX) {
		conn->server->host->count(conn->server->self, "ws_lost", 1);
		conn->state = CONN_DEAD;
		return now_ms;
	}
	send_control(conn, FRAME_PING, (struct aicx_str) { NULL, 0 });
	ws->n_missed++;
	ws->pinged_ms = now_ms;
	return now_ms + settings->ping_interval;
}

aicx_err
ws_open(
    struct conn *conn, const struct caller *caller, struct aicx_str credential)
{
	static const struct aicx_peer_ops ops = {
		.size = sizeof ops,
		.send = on_send,
		.close = on_close,
	};
	const struct server *server = conn->server;
	const struct aicx_peer_info info = {
		.size = sizeof info,
		.address = caller->address,
		.secure = caller->secure,
		.credential = credential,
	};
	struct aicx_error reason = { 0 };
	aicx_err err;

	conn->ws = calloc(1, sizeof *conn->ws);
	if (conn->ws == NULL)
		return AICX_ENOMEM;
	err = server->host->peer_new(
	    server->self, &ops, conn, &info, &conn->ws->peer, &reason);
	if (err != AICX_OK) {
		conn->ws->peer = NULL;
		ws_free(conn);
	}
	return err;
}

void
ws_start(struct conn *conn)
{
	struct ws *ws = conn->ws;

	conn->state = CONN_WS;
	ws->started = true;
	conn_write(conn, bytes_view(&ws->early));
	bytes_fini(&ws->early);
	conn_due(
	    conn, conn->server->now_ms + conn->server->settings->ping_interval);
}

void
ws_free(struct conn *conn)
{
	struct ws *ws = conn->ws;

	if (ws == NULL)
		return;
	if (ws->peer != NULL)
		conn->server->host->peer_free(ws->peer);
	receiver_fini(&ws->receiver);
	bytes_fini(&ws->early);
	free(ws);
	conn->ws = NULL;
}
