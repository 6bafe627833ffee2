/* SPDX-License-Identifier: Apache-2.0 */
/* server.c - one open instance: its listener, its clock, who may come in. */
#include "server.h"

#include "answer.h"
#include "conn.h"
#include "frame.h"
#include "head.h"
#include "http.h"
#include "ws.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TICK_MIN_MS = 5, TICK_MAX_MS = 250 };

/* --- time --- */

/* An eighth of the shortest time-out: late by so much at most. */
static int64_t
tick_of(const struct settings *settings)
{
	const int64_t timeouts[] = { settings->header_timeout,
		settings->idle_timeout, settings->write_timeout,
		settings->close_timeout, settings->ping_interval };
	int64_t tick_ms = TICK_MAX_MS;

	for (size_t i = 0; i < sizeof timeouts / sizeof *timeouts; i++)
		if (timeouts[i] / 8 < tick_ms)
			tick_ms = timeouts[i] / 8;
	return tick_ms < TICK_MIN_MS ? TICK_MIN_MS : tick_ms;
}

static void
server_look_at_clock(struct server *server)
{
	int64_t now_s = server->host->wall_ms(server->self) / 1000;

	server->now_ms = server->host->now_ms(server->self);
	if (now_s == server->date_s)
		return;
	server->date_s = now_s;
	answer_date(now_s, server->date);
}

static void
on_sweep(void *arg)
{
	struct server *server = arg;

	server_look_at_clock(server);
	wheel_sweep(&server->wheel, server->now_ms, conn_on_wheel, server);
	if (server->n_conns > 0)
		server->host->timer_set(server->sweep, server->wheel.tick_ms);
}

void
server_wake(struct server *server)
{
	if (server->n_conns != 1)
		return;
	server_look_at_clock(server);
	wheel_wake(&server->wheel, server->now_ms);
	server->host->timer_set(server->sweep, server->wheel.tick_ms);
}

/* --- connections ----------------------------------------------------- */

static void
ignore_data(struct aicx_str bytes, void *arg)
{
	(void)bytes, (void)arg;
}

static void
ignore_end(enum aicx_stream_end end, void *arg)
{
	(void)end, (void)arg;
}

/* One write, tried once: a crowd gets no more of our memory than that. */
static void
turn_away(struct server *server, struct aicx_stream *stream)
{
	static const struct aicx_stream_ops ops = {
		.size = sizeof ops,
		.on_data = ignore_data,
		.on_end = ignore_end,
	};

	server->host->count(server->self, "connections_refused", 1);
	server->host->stream_attach(stream, &ops, NULL);
	bytes_clear(&server->out);
	answer_problem(server, 503, "too many connections",
	    "Retry-After: 1\r\n", true, &server->out);
	(void)server->host->stream_write(stream, bytes_view(&server->out));
	server->host->stream_close(stream);
}

/* Behind a proxy stand many clients. */
static bool
is_counted(const struct server *server, struct aicx_str address)
{
	if (server->names == NAMES_PROXY)
		return !origin_is_local(address);
	return !server->listens_local && !origin_is_local(address) &&
	    (server->names == NAMES_CONNECTION ||
		!server->host->address_in(server->settings->proxies, address));
}

void
server_on_accept(struct aicx_stream *stream, struct aicx_str address, void *arg)
{
	struct server *server = arg;
	struct origin *origin = NULL;

	if (server->n_conns < (size_t)server->settings->max_connections)
		origin = origin_take(&server->origins, address,
		    is_counted(server, address)
			? (size_t)server->settings->max_per_address
			: SIZE_MAX);
	if (origin == NULL) {
		turn_away(server, stream);
		return;
	}
	origin->counted = is_counted(server, address);
	if (!conn_open(server, stream, address, origin)) {
		origin_release(&server->origins, origin);
		return;
	}
	server->host->count(server->self, "connections", 1);
}

/* --- the plugin ------------------------------------------------------ */

static aicx_err
refuse(struct aicx_error *reterr, aicx_err code, const char *text)
{
	if (reterr != NULL) {
		*reterr = (struct aicx_error) { .code = code };
		(void)snprintf(reterr->text, sizeof reterr->text, "%s", text);
	}
	return code;
}

aicx_err
server_open(const struct aicx_host *host, struct aicx_self *self,
    const void *settings, void **ret_state, struct aicx_error *reterr)
{
	struct server *server;
	aicx_err err;

	if (*((const struct settings *)settings)->ws_path != '/')
		return refuse(
		    reterr, AICX_EINVAL, "ws_path does not begin with /");
	server = calloc(1, sizeof *server);
	if (server == NULL)
		return refuse(reterr, AICX_ENOMEM, "out of memory");
	server->host = host;
	server->self = self;
	server->settings = settings;
	server->date_s = -1;
	server_look_at_clock(server);
	wheel_init(&server->wheel, tick_of(settings), server->now_ms);
	err = host->timer_new(self, on_sweep, server, &server->sweep);
	if (err != AICX_OK) {
		free(server);
		return refuse(reterr, err, "no timer for the deadlines");
	}
	*ret_state = server;
	return AICX_OK;
}

static void
stop_listening(struct server *server)
{
	if (server->listener != NULL)
		server->host->listener_close(server->listener);
	server->listener = NULL;
}

void
server_drain(void *state)
{
	struct server *server = state;
	struct conn *conn = server->conns;

	stop_listening(server);
	server->draining = true;
	while (conn != NULL) {
		struct conn *next = conn->next;

		if (conn->state == CONN_HTTP)
			http_drain(conn);
		else if (conn->state == CONN_WS)
			ws_close(conn, FRAME_GOING_AWAY,
			    frame_complaint(FRAME_GOING_AWAY));
		conn = next;
	}
}

void
server_close(void *state)
{
	struct server *server = state;

	stop_listening(server);
	while (server->conns != NULL)
		conn_drop(server->conns);
	server->host->timer_free(server->sweep);
	head_free(server->spare_head);
	bytes_fini(&server->out);
	bytes_fini(&server->message);
	free(server);
}
