/* SPDX-License-Identifier: Apache-2.0 */
/* limiter.c - buckets in sets of four places. */
#include "security/limiter.h"

#include "base/mem.h"

#include <stdlib.h>

enum { WAYS = 4 };

struct bucket {
	uint64_t who; /* 0: free */
	int64_t full_ns; /* when it is full again */
};

struct limiter {
	size_t n_sets; /* a power of two */
	struct bucket buckets[];
};

struct rate
rate_of(int64_t per_s, int64_t burst_ms)
{
	struct rate rate = { .per_s = per_s, .burst = 1 };

	if (per_s > 0 && burst_ms > 1000 / per_s)
		rate.burst = per_s * burst_ms / 1000;
	return rate;
}

struct limiter *
limiter_new(size_t n_slots)
{
	struct limiter *limiter;
	size_t n_sets = 1;

	while (n_sets * WAYS < n_slots)
		n_sets *= 2;
	limiter = mem_new(
	    sizeof *limiter + n_sets * WAYS * sizeof limiter->buckets[0]);
	limiter->n_sets = n_sets;
	return limiter;
}

void
limiter_free(struct limiter *limiter)
{
	free(limiter);
}

/* Its place, or the one to take: of the four the fullest, free ones first. */
static struct bucket *
place_of(struct limiter *limiter, uint64_t who)
{
	struct bucket *set =
	    limiter->buckets + ((size_t)who & (limiter->n_sets - 1)) * WAYS;
	struct bucket *fullest = set;

	for (struct bucket *at = set; at < set + WAYS; at++) {
		if (at->who == who)
			return at;
		if (at->full_ns < fullest->full_ns)
			fullest = at;
	}
	return fullest;
}

static int64_t
interval_ns(struct rate rate)
{
	int64_t ns = INT64_C(1000000000) / rate.per_s;

	return ns > 0 ? ns : 1;
}

bool
limiter_take(struct limiter *limiter, uint64_t who, struct rate rate,
    int64_t now_us, int64_t *ret_wait_ms)
{
	int64_t now_ns = now_us * 1000;
	struct bucket *bucket;
	int64_t full_ns, over_ns;

	if (rate.per_s <= 0)
		return true;
	if (who == 0)
		who = 1;
	bucket = place_of(limiter, who);
	full_ns = bucket->who == who && bucket->full_ns > now_ns
	    ? bucket->full_ns
	    : now_ns;
	full_ns += interval_ns(rate);
	over_ns = full_ns - now_ns - rate.burst * interval_ns(rate);
	if (over_ns > 0) {
		if (ret_wait_ms != NULL)
			*ret_wait_ms = (over_ns + 999999) / 1000000;
		return false;
	}
	*bucket = (struct bucket) { .who = who, .full_ns = full_ns };
	return true;
}

void
limiter_give(struct limiter *limiter, uint64_t who, struct rate rate)
{
	struct bucket *bucket;

	if (rate.per_s <= 0)
		return;
	if (who == 0)
		who = 1;
	bucket = place_of(limiter, who);
	if (bucket->who == who)
		bucket->full_ns -= interval_ns(rate);
}
