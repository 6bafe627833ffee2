/* SPDX-License-Identifier: Apache-2.0 */
/*
 * quota.h - how many requests a caller may make in a window of time.
 *
 * A caller is a credential, or an address where there is none.  Credentials
 * are not known to be good here, so once the table is full, new ones share the
 * count of their address.
 */
#ifndef QUOTA_H
#define QUOTA_H

#include <aiconexus/types.h>
#include <stdbool.h>

enum { QUOTA_CALLERS_MAX = 16384 };

struct quota;

/* What is told in RateLimit fields. */
struct quota_state {
	int64_t limit, window_ms;
	int64_t left, reset_ms;
};

/* seed: makes it unpredictable which callers share a place.  NULL without
   memory. */
struct quota *quota_new(int64_t limit, int64_t window_ms, uint64_t seed);
void quota_free(struct quota *quota); /* NULL is legal */
/* Counts one request; false: it is one too many. */
bool quota_take(struct quota *quota, struct aicx_str credential,
    struct aicx_str address, int64_t now_ms, struct quota_state *ret_state);

#endif
