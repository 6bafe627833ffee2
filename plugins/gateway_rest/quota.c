/* SPDX-License-Identifier: Apache-2.0 */
/* quota.c - how many requests a caller may make in a window of time. */
#include "quota.h"

#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 4096 };

/* A name by its hash: a caller that hits another's by chance shares its count,
   no more. */
struct caller {
	struct caller *next;
	uint64_t hash;
	int64_t since_ms, n;
};

struct quota {
	int64_t limit, window_ms;
	uint64_t seed;
	size_t n_callers;
	struct caller *buckets[BUCKETS];
};

/* FNV-1a, mixed at its end, from a secret start. */
static uint64_t
hash_of(uint64_t hash, struct aicx_str text)
{
	for (size_t i = 0; i < text.len; i++)
		hash = (hash ^ (uint8_t)text.ptr[i]) * UINT64_C(0x100000001b3);
	hash ^= hash >> 32;
	hash *= UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 29;
}

/* "192.0.2.1:4711" without its port. */
static struct aicx_str
host_of(struct aicx_str address)
{
	size_t len = address.len;

	while (len > 0 && address.ptr[len - 1] != ':')
		len--;
	return (
	    struct aicx_str) { address.ptr, len > 0 ? len - 1 : address.len };
}

struct quota *
quota_new(int64_t limit, int64_t window_ms, uint64_t seed)
{
	struct quota *quota = calloc(1, sizeof *quota);

	if (quota == NULL)
		return NULL;
	quota->limit = limit;
	quota->window_ms = window_ms;
	quota->seed = seed;
	return quota;
}

static void
drop(struct quota *quota, struct caller **at)
{
	struct caller *caller = *at;

	*at = caller->next;
	free(caller);
	quota->n_callers--;
}

void
quota_free(struct quota *quota)
{
	if (quota == NULL)
		return;
	for (size_t i = 0; i < BUCKETS; i++)
		while (quota->buckets[i] != NULL)
			drop(quota, &quota->buckets[i]);
	free(quota);
}

/* Its place; others of the bucket whose window is over leave on the way. */
static struct caller *
find(struct quota *quota, uint64_t hash, int64_t now_ms)
{
	struct caller **at = &quota->buckets[hash % BUCKETS];
	struct caller *found = NULL;

	while (*at != NULL) {
		if ((*at)->hash == hash)
			found = *at;
		else if (now_ms - (*at)->since_ms >= quota->window_ms) {
			drop(quota, at);
			continue;
		}
		at = &(*at)->next;
	}
	return found;
}

static struct caller *
add(struct quota *quota, uint64_t hash, int64_t now_ms, size_t max)
{
	struct caller **bucket = &quota->buckets[hash % BUCKETS];
	struct caller *caller;

	if (quota->n_callers >= max)
		return NULL;
	caller = calloc(1, sizeof *caller);
	if (caller == NULL)
		return NULL;
	caller->hash = hash;
	caller->since_ms = now_ms;
	caller->next = *bucket;
	*bucket = caller;
	quota->n_callers++;
	return caller;
}

static struct caller *
caller_of(struct quota *quota, struct aicx_str credential,
    struct aicx_str address, int64_t now_ms)
{
	uint64_t hash = hash_of(quota->seed,
	    credential.ptr != NULL ? credential : host_of(address));
	struct caller *caller = find(quota, hash, now_ms);

	if (caller == NULL)
		caller = add(quota, hash, now_ms, QUOTA_CALLERS_MAX / 2);
	if (caller != NULL)
		return caller;
	hash = hash_of(quota->seed, host_of(address));
	caller = find(quota, hash, now_ms);
	return caller != NULL ? caller
			      : add(quota, hash, now_ms, QUOTA_CALLERS_MAX);
}

bool
quota_take(struct quota *quota, struct aicx_str credential,
    struct aicx_str address, int64_t now_ms, struct quota_state *ret_state)
{
	struct caller *caller = caller_of(quota, credential, address, now_ms);
	bool granted = false;

	*ret_state = (struct quota_state) { .limit = quota->limit,
		.window_ms = quota->window_ms,
		.reset_ms = quota->window_ms };
	if (caller == NULL)
		return false;
	if (now_ms - caller->since_ms >= quota->window_ms) {
		caller->since_ms = now_ms;
		caller->n = 0;
	}
	if (caller->n < quota->limit) {
		caller->n++;
		granted = true;
	}
	ret_state->left = quota->limit - caller->n;
	ret_state->reset_ms = caller->since_ms + quota->window_ms - now_ms;
	return granted;
}
