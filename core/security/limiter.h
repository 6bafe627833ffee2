/* SPDX-License-Identifier: Apache-2.0 */
/*
 * limiter.h - token buckets by name: what somebody may still do now.
 *
 * A bucket is one number, the time at which it is full again (GCRA, ITU-T
 * I.371): a full bucket needs no place.  The table has a fixed size; where many
 * names meet, the one that is nearest to full gives its place up, so that a
 * crowd of names costs no memory and frees nobody who is far over its rate.
 */
#ifndef SECURITY_LIMITER_H
#define SECURITY_LIMITER_H

#include <aiconexus/types.h>
#include <stdbool.h>

struct limiter;

struct rate {
	int64_t per_s; /* 0: any number */
	int64_t burst; /* tokens in a full bucket, at least 1 */
};

/* So much a second, of which burst_ms may be saved up. */
struct rate rate_of(int64_t per_s, int64_t burst_ms);

/* n_slots is rounded up to a power of two. */
struct limiter *limiter_new(size_t n_slots);
void limiter_free(struct limiter *limiter); /* NULL is legal */
/* Takes a token out of the bucket called who; false when there is none, and
   then *ret_wait_ms (where given) says when there will be one. */
bool limiter_take(struct limiter *limiter, uint64_t who, struct rate rate,
    int64_t now_us, int64_t *ret_wait_ms);
/* Puts one back: what it was taken for did no harm. */
void limiter_give(struct limiter *limiter, uint64_t who, struct rate rate);

#endif
