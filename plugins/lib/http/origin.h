/* SPDX-License-Identifier: Apache-2.0 */
/* origin.h - how many connections each client address has. */
#ifndef ORIGIN_H
#define ORIGIN_H

#include <aiconexus/types.h>
#include <stdbool.h>

enum { ORIGIN_BUCKETS = 1024 };

struct origin {
	struct origin *next;
	size_t n_conns;
	size_t held; /* bytes, see held.h */
	bool counted; /* one client, and not a proxy with many */
	uint32_t hash;
	size_t len;
	char name[]; /* the address without its port */
};

struct origins {
	struct origin *buckets[ORIGIN_BUCKETS];
};

/* "192.0.2.1:4711" without ":4711"; a unix address is one origin. */
struct aicx_str origin_name(struct aicx_str address);
/* A peer on this machine: 127.0.0.0/8, ::1, a unix socket. */
bool origin_is_local(struct aicx_str address);
/* Counts a connection; NULL when there are max already or memory is short. */
struct origin *origin_take(
    struct origins *origins, struct aicx_str address, size_t max);
void origin_release(struct origins *origins, struct origin *origin);

#endif
