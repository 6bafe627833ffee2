/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rolls.h - ids in order of their appearance: the deals of an agent, the
 * records of a deal, and other lists that only grow.
 *
 * What was added since the last batch is in memory; all else is in the store,
 * in chunks: key "0/l/<roll><owner><rank of the first>", value one entry after
 * the other, each the distance to the rank before (a varint) and the id (none
 * where records are listed).  Ranks are given in the catalog's sense and never
 * fall.
 */
#ifndef BROKER_ROLLS_H
#define BROKER_ROLLS_H

#include "base/arena.h"
#include "base/map.h"
#include "broker/catalog.h"

enum roll {
	ROLL_ACTS = 'a', /* records of what an agent did */
	ROLL_DEALS = 'd', /* of an agent */
	ROLL_EXECUTIONS = 'e', /* of a contract */
	ROLL_OFFERS = 'o', /* of an intent */
	ROLL_PAYMENTS = 'p', /* transactions under a contract */
	ROLL_TRAIL = 't', /* records of a deal */
	ROLL_TRANSACTIONS = 'x' /* of an owner */
};

struct rolls {
	struct map now, sent; /* roll, owner -> struct chunk */
};

struct roll_entry {
	uint64_t rank;
	struct aicx_id id; /* nil of a record */
};

void rolls_fini(struct rolls *rolls);
void rolls_add(struct rolls *rolls, enum roll roll, const struct aicx_id *owner,
    uint64_t rank, const struct aicx_id *id);
/* Hands out what was added; it stays readable until rolls_confirm(), which
   must come before the next rolls_send(). */
typedef void rolls_put_fn(
    const struct catalog_key *key, struct aicx_str value, void *arg);
void rolls_send(struct rolls *rolls, rolls_put_fn *put, void *arg);
void rolls_confirm(struct rolls *rolls);

/* Newest first, below `before` (0: from the newest), at most cap. */
aicx_err rolls_newest(const struct rolls *rolls, const struct catalog *catalog,
    enum roll roll, const struct aicx_id *owner, uint64_t before,
    struct roll_entry *ret_entries, size_t cap, size_t *ret_n,
    struct aicx_error *reterr);
/* The oldest ones, oldest first, at most cap, in the arena. */
aicx_err rolls_oldest(const struct rolls *rolls, const struct catalog *catalog,
    enum roll roll, const struct aicx_id *owner, size_t cap, struct arena *mem,
    struct roll_entry **ret_entries, size_t *ret_n, struct aicx_error *reterr);

#endif
