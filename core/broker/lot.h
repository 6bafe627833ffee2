/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lot.h - steps that wait for one of the next commits, in a few blocks of
 * memory that are used again and again.  A zeroed struct is an empty lot.
 */
#ifndef BROKER_LOT_H
#define BROKER_LOT_H

#include <aiconexus/store.h>
#include <stdbool.h>

struct lot_write {
	size_t key_at, value_at; /* in bytes */
	size_t key_len, value_len;
	bool gone; /* the key is deleted */
};

enum {
	STEP_DURABLE = 1u << 0,
	STEP_BESIDE = 1u << 1 /* of the store's derived keys */
};

struct lot_step {
	uint64_t seq;
	size_t n_writes, n_bytes; /* up to and with this step */
	unsigned flags;
};

struct lot {
	char *bytes;
	size_t n_bytes, cap_bytes;
	struct lot_write *writes;
	size_t n_writes, cap_writes;
	struct lot_step *steps;
	size_t n_steps, cap_steps;
};

/* Copies what the writes name. */
void lot_put(struct lot *lot, uint64_t seq, const struct aicx_write *writes,
    size_t n_writes, unsigned flags);
void lot_clear(struct lot *lot); /* gives back what a burst made large */
void lot_fini(struct lot *lot);

/* Whole steps from `at` on: as many as fit both limits and lie in the same
   place, one at least. */
struct lot_slice {
	size_t from, to; /* steps */
	size_t n_writes;
	unsigned flags; /* of all of them */
};
struct lot_slice lot_slice(
    const struct lot *lot, size_t at, size_t records_max, size_t bytes_max);
/* The slice's writes, borrowed from the lot. */
void lot_writes(const struct lot *lot, const struct lot_slice *slice,
    struct aicx_write *ret_writes);

#endif
