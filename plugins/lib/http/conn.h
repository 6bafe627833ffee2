/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conn.h - one connection: its stream, its life, its deadlines.
 *
 * It begins as HTTP, may become a WebSocket, and ends by lingering: our side is
 * shut, what the client still sends is dropped, so that the last answer is not
 * lost to a reset.
 */
#ifndef CONN_H
#define CONN_H

#include "server.h"

enum conn_state {
	CONN_HTTP = 1, /* http.c */
	CONN_WS = 2, /* ws.c */
	CONN_LINGER = 3,
	CONN_DEAD = 4 /* released when the outermost callback returns */
};

struct http;
struct ws;

struct conn {
	struct wheel_item item; /* first: the wheel gives it back */
	struct server *server;
	struct aicx_stream *stream;
	struct origin *origin;
	struct conn *next, *prev; /* all of the server's */
	struct http *http; /* while CONN_HTTP */
	struct ws *ws; /* from the upgrade on */
	enum conn_state state;
	unsigned depth; /* callbacks that are running */
	size_t held; /* bytes, as last looked at */
	bool secure; /* loopback, unix socket, TLS: secrets may pass */
	bool is_operator; /* the system says so: no key is needed */
	char *auth; /* whom its certificate speaks for, or NULL */
	bool eof; /* the client sent all it had */
	int64_t active_ms; /* when it last sent or was answered */
	int64_t linger_ms; /* when lingering began */
	/* Of the write time-out: bytes that had left when last looked at. */
	uint64_t wrote, left;
	int64_t left_ms;
	size_t address_len;
	char address[64];
};

/* Takes the stream; false (and the stream closes) without memory. */
bool conn_open(struct server *server, struct aicx_stream *stream,
    struct aicx_str address, struct origin *origin);
struct aicx_str conn_address(const struct conn *conn);
void conn_write(struct conn *conn, struct aicx_str bytes);
size_t conn_queued(const struct conn *conn);
/* Send what is queued, then our EOF, then wait a little for the client's. */
void conn_linger(struct conn *conn);
/* No more of it: nothing is sent, nobody is told. */
void conn_drop(struct conn *conn);
/* The same where the host must not see its peer go: at the next sweep. */
void conn_break(struct conn *conn);
/* A deadline moved nearer: be looked at then. */
void conn_due(struct conn *conn, int64_t at_ms);
/* A wheel_fn; arg is the server. */
void conn_on_wheel(struct wheel_item *item, void *arg);
/* The connection may be gone after conn_leave(). */
void conn_enter(struct conn *conn);
void conn_leave(struct conn *conn);

#endif
