/* SPDX-License-Identifier: Apache-2.0 */
/* ws.h - a connection after its upgrade: a peer that sends and receives
   messages as WebSocket text frames (RFC 6455). */
#ifndef WS_H
#define WS_H

#include "conn.h"
#include "receiver.h"

struct caller;

struct ws {
	struct aicx_peer *peer;
	bool started; /* the 101 is written */
	bool closing; /* our close frame is written */
	struct bytes early; /* frames from before ws_start() */
	int64_t closed_ms, pinged_ms;
	unsigned n_missed; /* pings without a sign of life */
	struct receiver receiver;
};

/* Asks the host for a peer; what it sends waits for ws_start().  On failure
   the connection goes on as HTTP. */
aicx_err ws_open(
    struct conn *conn, const struct caller *caller, struct aicx_str credential);
/* The 101 is written: frames follow. */
void ws_start(struct conn *conn);
void ws_free(struct conn *conn); /* legal when there is none */
void ws_input(struct conn *conn, struct aicx_str bytes);
/* One whole message came. */
void ws_deliver(struct conn *conn, struct aicx_str message);
/* Says goodbye and waits for the client's close frame. */
void ws_close(struct conn *conn, uint16_t code, const char *why);
/* The client broke a rule: no answer from it is waited for. */
void ws_fail(struct conn *conn, enum frame_code code);
/* Pings and deadlines; returns when the next one is. */
int64_t ws_check(struct conn *conn);

#endif
