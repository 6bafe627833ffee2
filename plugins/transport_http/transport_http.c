/* SPDX-License-Identifier: Apache-2.0 */
/*
 * transport_http.c - HTTP/1.1 and WebSocket over the host's streams.
 *
 * Bytes come from host->listen(); requests go to host->serve(), WebSocket
 * messages to host->deliver().  Nothing here knows a method or an agent.
 *
 *     bytes wheel origin     what grows, what is due, who has how many
 *     target head chunk      one request, judged by RFC 9112
 *     frame                  one WebSocket frame
 *     conn http ws upgrade   a connection and what it is at the moment
 *     answer                 a response as text
 */
#include "answer.h"
#include "conn.h"
#include "frame.h"
#include "head.h"
#include "http.h"
#include "ws.h"

#include <aiconexus/transport.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TICK_MIN_MS = 5, TICK_MAX_MS = 250 };

static const struct aicx_option http_options[] = {
	{
	    AICX_FIELD(struct settings, listen),
	    .type = AICX_OPT_STR,
	    .fallback = "127.0.0.1:8700",
	    .help = "Address to listen on: host:port, or unix:/path.",
	},
	{
	    AICX_FIELD(struct settings, ws_path),
	    .type = AICX_OPT_STR,
	    .fallback = "/ws",
	    .help = "Path at which a WebSocket is opened.",
	},
	{
	    AICX_FIELD(struct settings, origins),
	    .type = AICX_OPT_STR,
	    .fallback = "",
	    .help = "Origins besides our own whose pages may open a WebSocket, "
		    "separated by commas; * for all.",
	},
	{
	    AICX_FIELD(struct settings, max_connections),
	    .type = AICX_OPT_INT,
	    .fallback = "10000",
	    .min = 1,
	    .max = 1000000,
	    .help = "Connections at a time; further ones get 503.",
	},
	{
	    AICX_FIELD(struct settings, max_per_address),
	    .type = AICX_OPT_INT,
	    .fallback = "256",
	    .min = 1,
	    .max = 1000000,
	    .help =
		"Connections at a time from one address; this machine's own "
		"are not counted.",
	},
	{
	    AICX_FIELD(struct settings, max_header),
	    .type = AICX_OPT_SIZE,
	    .fallback = "32k",
	    .min = 1024,
	    .max = 65536,
	    .help = "Bytes of a request's head; 431 beyond.",
	},
	{
	    AICX_FIELD(struct settings, max_body),
	    .type = AICX_OPT_SIZE,
	    .fallback = "1m",
	    .min = 0,
	    .max = 1 << 30,
	    .help = "Bytes of a request's body; 413 beyond.",
	},
	{
	    AICX_FIELD(struct settings, max_message),
	    .type = AICX_OPT_SIZE,
	    .fallback = "1m",
	    .min = 125,
	    .max = 1 << 30,
	    .help = "Bytes of a WebSocket message; closed with 1009 beyond.",
	},
	{
	    AICX_FIELD(struct settings, max_queue),
	    .type = AICX_OPT_SIZE,
	    .fallback = "4m",
	    .min = 1024,
	    .max = 1 << 30,
	    .help =
		"Bytes that may wait for a slow reader before it gets no more.",
	},
	{
	    AICX_FIELD(struct settings, max_pipeline),
	    .type = AICX_OPT_INT,
	    .fallback = "64",
	    .min = 1,
	    .max = 10000,
	    .help =
		"Unanswered requests of one connection before it is read no "
		"further.",
	},
	{
	    AICX_FIELD(struct settings, header_timeout),
	    .type = AICX_OPT_MSEC,
	    .fallback = "10s",
	    .min = 10,
	    .max = 3600000,
	    .help = "Time for a whole request head; 408 beyond.",
	},
	{
	    AICX_FIELD(struct settings, body_rate),
	    .type = AICX_OPT_SIZE,
	    .fallback = "1k",
	    .min = 0,
	    .max = 1 << 30,
	    .help = "Bytes per second that a body must bring on average, after "
		    "header_timeout of grace; 0: only idle_timeout counts.",
	},
	{
	    AICX_FIELD(struct settings, idle_timeout),
	    .type = AICX_OPT_MSEC,
	    .fallback = "60s",
	    .min = 10,
	    .max = 86400000,
	    .help = "Time between requests before the connection is closed.",
	},
	{
	    AICX_FIELD(struct settings, write_timeout),
	    .type = AICX_OPT_MSEC,
	    .fallback = "30s",
	    .min = 10,
	    .max = 3600000,
	    .help = "Time without a byte leaving before the connection is "
		    "dropped.",
	},
	{
	    AICX_FIELD(struct settings, close_timeout),
	    .type = AICX_OPT_MSEC,
	    .fallback = "5s",
	    .min = 10,
	    .max = 3600000,
	    .help = "Time to wait for the client's side after ours is closed.",
	},
	{
	    AICX_FIELD(struct settings, ping_interval),
	    .type = AICX_OPT_MSEC,
	    .fallback = "30s",
	    .min = 10,
	    .max = 3600000,
	    .help = "Time without a sign of a WebSocket client before it is "
		    "pinged; the third such time drops it.",
	},
	{ .name = NULL },
};

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

static void
on_accept(struct aicx_stream *stream, struct aicx_str address, void *arg)
{
	struct server *server = arg;
	bool local = server->listens_local || origin_is_local(address);
	struct origin *origin = NULL;

	/* Behind a proxy on this machine stand many clients. */
	if (server->n_conns < (size_t)server->settings->max_connections)
		origin = origin_take(&server->origins, address,
		    local ? SIZE_MAX
			  : (size_t)server->settings->max_per_address);
	if (origin == NULL) {
		turn_away(server, stream);
		return;
	}
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

static aicx_err
http_open(const struct aicx_host *host, struct aicx_self *self,
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

static aicx_err
http_start(void *state, const char *address, struct aicx_error *reterr)
{
	struct server *server = state;

	if (address == NULL)
		address = server->settings->listen;
	server->listens_local = strncmp(address, "unix:", 5) == 0;
	return server->host->listen(server->self, address, on_accept, server,
	    &server->listener, reterr);
}

static const char *
http_address(void *state)
{
	const struct server *server = state;

	return server->listener == NULL
	    ? ""
	    : server->host->listener_address(server->listener);
}

static void
stop_listening(struct server *server)
{
	if (server->listener != NULL)
		server->host->listener_close(server->listener);
	server->listener = NULL;
}

static void
http_drain_all(void *state)
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

static void
http_close(void *state)
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

static const struct aicx_transport_ops http_ops = {
	.size = sizeof http_ops,
	.start = http_start,
	.address = http_address,
};

const struct aicx_plugin aicx_plugin = {
	AICX_PLUGIN_HEAD(AICX_TRANSPORT),
	.name = "http",
	.version = "0.1.0",
	.license = "Apache-2.0",
	.summary = "HTTP/1.1 and WebSocket",
	.options = http_options,
	.settings_size = sizeof(struct settings),
	.ops.transport = &http_ops,
	.open = http_open,
	.close = http_close,
	.drain = http_drain_all,
};
