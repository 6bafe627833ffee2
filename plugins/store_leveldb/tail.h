/* SPDX-License-Identifier: Apache-2.0 */
/* tail.h - where the newest entries of a log are, by key, in memory. */
#ifndef STORE_LEVELDB_TAIL_H
#define STORE_LEVELDB_TAIL_H

#include "log.h"

struct tail_item {
	struct aicx_str key; /* owned by the tail */
	struct spot spot;
	bool gone;
};

struct tail { /* zeroed: empty */
	struct tail_item *items; /* in order of their keys */
	size_t n, cap;
};

int key_compare(struct aicx_str a, struct aicx_str b);

/* The first item whose key is not below this one. */
size_t tail_seek(const struct tail *tail, struct aicx_str key);
const struct tail_item *tail_find(const struct tail *tail, struct aicx_str key);
/* A key that is there gets the new place.  false: out of memory. */
bool tail_put(
    struct tail *tail, struct aicx_str key, bool gone, const struct spot *spot);
/* A copy of the items from <= i < to. */
bool tail_copy(
    const struct tail *tail, size_t from, size_t to, struct tail *ret_copy);
void tail_clear(struct tail *tail); /* keeps the memory of the list */
void tail_fini(struct tail *tail);

#endif
