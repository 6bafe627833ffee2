/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http.h - HTTP/1.1 on a connection: what it sends becomes requests.
 *
 * A request is handed to the host when its body is complete.
 */
#ifndef HTTP_H
#define HTTP_H

#include "chunk.h"
#include "pipeline.h"

enum http_phase {
	HTTP_HEAD = 0,
	HTTP_LENGTH, /* a body of known length */
	HTTP_CHUNKED,
	HTTP_SHUT /* no request comes any more; input is dropped */
};

struct http {
	enum http_phase phase;
	struct head *head; /* from a request's first byte until it is served */
	struct chunk chunk;
	struct bytes body;
	uint64_t body_got; /* bytes on the wire, for the minimum rate */
	int64_t since_ms; /* when the head or the body began */
	bool continue_due; /* 100 Continue waits behind earlier answers */
	struct pipeline pipeline;

	/* Back-pressure: the stream is paused, what was read is held. */
	bool blocked, feeding;
	struct bytes held;
	size_t held_at;
};

bool http_new(struct conn *conn);
/* Cancels what is unanswered; legal when there is none. */
void http_free(struct conn *conn);
void http_input(struct conn *conn, struct aicx_str bytes);
void http_eof(struct conn *conn);
/* There may be room again for what was held back. */
void http_resume(struct conn *conn);
/* Answers may have come: write them, and go on. */
void http_settle(struct conn *conn);
/* Takes no further request. */
void http_shut(struct conn *conn);
/* Idle connections end now, busy ones after their last answer. */
void http_drain(struct conn *conn);
/* Deadlines; returns when the next one is. */
int64_t http_check(struct conn *conn);
/* Answers the request at hand with a problem document and ends the connection
   after it.  extra: header lines, each with its CR LF, or NULL. */
void http_refuse(
    struct conn *conn, uint16_t status, const char *why, const char *extra);

#endif
