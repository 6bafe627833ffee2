/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pipes.h - connections as NNG's threads see them: who is let in, who came and
 * who went since the loop looked.
 *
 * This is the one thing that two threads share.  NNG's threads only count, note
 * an id, and post once; everything else is done on the loop thread.
 */
#ifndef PIPES_H
#define PIPES_H

#include "origin.h"

#include <aiconexus/host.h>
#include <nng/nng.h>
#include <pthread.h>
#include <stdbool.h>

enum { PIPE_ADDRESS_MAX = 64 };

/* What a socket is for. */
enum pipe_kind {
	PIPE_REQUESTS = 0, /* rep */
	PIPE_NEWS = 1, /* pub */
	PIPE_INTENTS = 2, /* survey */
	PIPE_KINDS = 3
};

/* One that was let in. */
struct arrival {
	uint32_t id;
	enum pipe_kind kind;
	bool local; /* from this machine: secrets may pass */
	struct origin *origin;
	char address[PIPE_ADDRESS_MAX];
};

struct pipes;

struct pipe_hook {
	struct pipes *pipes;
	enum pipe_kind kind;
};

struct pipes {
	const struct aicx_host *host;
	struct aicx_self *self;
	aicx_task_fn *on_news; /* on the loop thread, after a departure */
	void *arg;
	size_t max, max_per_address;
	struct pipe_hook hooks[PIPE_KINDS];

	pthread_mutex_t mutex; /* over all that follows */
	struct arrival *arrivals;
	uint32_t *departures; /* of admitted and other pipes */
	size_t n_arrivals, n_departures, cap;
	size_t n; /* admitted and not yet left */
	struct origins origins;
	bool posted; /* on_news is on its way */
	bool shut; /* nobody else comes in, nothing is posted */
};

void pipes_init(struct pipes *pipes);
void pipes_fini(struct pipes *pipes); /* after the sockets are closed */
/* Watches a socket's pipes. */
int pipes_attach(struct pipes *pipes, enum pipe_kind kind, nng_socket socket);
/* One that came; false: no more. */
bool pipes_arrival(struct pipes *pipes, struct arrival *ret_arrival);
/* One that went; false: no more. */
bool pipes_departure(struct pipes *pipes, uint32_t *ret_id);
/* The loop has forgotten an admitted one. */
void pipes_left(struct pipes *pipes, struct origin *origin);
/* From on_news, once: others may be posted.  true: all is over, free it. */
bool pipes_told(struct pipes *pipes);
/* Nothing is posted any more; true: on_news is still on its way. */
bool pipes_shut(struct pipes *pipes);

#endif
