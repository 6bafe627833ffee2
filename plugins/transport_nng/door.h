/* SPDX-License-Identifier: Apache-2.0 */
/*
 * door.h - one open instance: its three sockets, its connections, what they
 * share.  Everything here lives on the loop thread but struct pipes.
 */
#ifndef DOOR_H
#define DOOR_H

#include "bytes.h"
#include "pipes.h"

#include <aiconexus/plugin.h>

enum { CONN_BUCKETS = 1024, URL_MAX = 256, OUT_MAX = 256 };

/* What an operator sets; parsed, checked and owned by the host. */
struct settings {
	const char *listen, *publish, *survey;
	const char *mode;
	int64_t max_connections;
	int64_t max_per_address;
	int64_t max_message;
	int64_t max_queue;
	int64_t max_pending;
	int64_t buffer;
	int64_t poll_timeout;
	int64_t answer_timeout;
	int64_t idle_timeout;
	uint8_t batch;
	uint8_t insecure;
};

struct conn;

/* One NNG socket, raw, read by its pollable descriptor. */
struct line {
	nng_socket socket;
	bool is_open;
	nng_aio *aio; /* of each send and receive; none ever waits */
	struct aicx_watch *watch; /* NULL: nothing is read */
};

struct door {
	const struct aicx_host *host;
	struct aicx_self *self;
	const struct settings *settings;
	const struct aicx_method *take; /* takes a signed message by itself */
	int mode; /* of ipc files */
	struct line lines[PIPE_KINDS];
	struct pipes pipes;
	struct conn *conns[CONN_BUCKETS];
	size_t n_conns[PIPE_KINDS];
	struct aicx_timer *sweep;
	uint32_t n_surveys;
	struct vote *votes; /* answers to surveys that are being judged */
	size_t n_votes;
	/* Replies of one look at what came. */
	nng_msg *out[OUT_MAX];
	size_t n_out;
	bool gathers;
	bool draining;
	char address[URL_MAX]; /* of the first listener */
};

/* Whoever came or went since the last look. */
void door_look(struct door *door);
/* NULL: it has gone. */
struct conn *door_conn(struct door *door, uint32_t pipe);
/* Sends, or drops: false. */
bool door_send(struct door *door, enum pipe_kind kind, const void *header,
    size_t n_header, struct aicx_str body);

/* Of aicx_watch_fn: what has come is taken. */
void door_on_requests(uint32_t events, void *arg);
void door_on_votes(uint32_t events, void *arg);
void door_sweep(struct door *door); /* what is overdue or gone */
void door_drain(struct door *door);
void door_forget_all(struct door *door); /* after the sockets are closed */

#endif
