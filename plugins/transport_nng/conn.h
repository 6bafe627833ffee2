/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conn.h - one connection of a requester, and what waits there.
 *
 * NNG answers a request once and sends nothing unasked.  So a session is
 * carried like this: an empty request asks for the next message, the first of
 * all for the challenge; a request that holds a message gets the answer to it
 * or, when there will be none, the next message too.  What comes while nobody
 * asks waits, within a limit.
 */
#ifndef CONN_H
#define CONN_H

#include "door.h"

enum { HEADER_MAX = 64, ID_MAX = 36 };

/* A request that waits for its reply. */
struct slot {
	struct slot *next;
	struct conn *conn;
	struct aicx_ticket *ticket; /* a message by itself, being judged */
	int64_t since_ms;
	size_t n_header, n_id;
	bool asks; /* only the answer to its message will do */
	bool done; /* its reply has left */
	uint8_t header[HEADER_MAX]; /* the way back, as NNG gave it */
	char id[ID_MAX]; /* of the message it held */
};

struct letter {
	struct letter *next;
	size_t len;
	char text[];
};

struct conn {
	struct conn *next; /* in its bucket */
	struct door *door;
	struct arrival from;
	struct aicx_peer *peer; /* NULL: no session */
	bool closing; /* the host said so; the peer goes when it may */
	unsigned depth; /* calls into the host */
	struct slot *current; /* whose message the host has just now */
	struct slot *first, **end;
	size_t n_slots;
	struct letter *letters, **letters_end;
	size_t n_queued; /* bytes of letters */
	struct bytes farewell; /* why the session ended, for who asks next */
	int64_t seen_ms;
};

struct conn *conn_new(struct door *door, const struct arrival *from);
void conn_free(struct conn *conn); /* it has gone */
void conn_take(struct conn *conn, const void *header, size_t n_header,
    struct aicx_str body);
/* Replies that are overdue; false: it has been silent for too long. */
bool conn_sweep(struct conn *conn, int64_t now_ms);
/* Tells who waits for messages that the broker goes away. */
void conn_drain(struct conn *conn);

#endif
