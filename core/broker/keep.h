/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keep.h - the index follows the records, and a start follows the index.
 *
 * Every KEEP_EVERY records, and at the end, what changed is written beside the
 * records (catalog.h); what is over then leaves memory.  A start loads the live
 * rows and accounts, brings back the tree, and replays only the records the
 * index has not followed yet.  Without an index it replays all and makes one.
 */
#ifndef BROKER_KEEP_H
#define BROKER_KEEP_H

#include "broker/lot.h"

#include <stdbool.h>

struct broker;

enum { KEEP_EVERY = 2048, KEEP_EVERY_REPLAY = 4096 };

struct keep {
	uint64_t sent; /* records the index was told of */
	bool waiting; /* until the store has what was sent */
	bool ready; /* all records were read: memory is what they say */
	uint64_t every;
	struct lot lot; /* one batch */
	struct aicx_write *writes;
	size_t cap_writes;
};

void keep_init(struct broker *broker);
void keep_fini(struct broker *broker);
/* Before the records are replayed.  AICX_EIO: the index is ahead of the
   records or is not theirs. */
aicx_err keep_load(struct broker *broker, struct aicx_error *reterr);
/* Throws the index away: the next keep_load() finds none. */
aicx_err keep_forget(struct broker *broker, struct aicx_error *reterr);
/* Between two records that are replayed, and after the last one. */
void keep_replayed(struct broker *broker, bool last);
/* When no handler runs: sends what is due, lets go of what may leave. */
void keep_turn(struct broker *broker);
/* Sends all there is and waits for it. */
void keep_finish(struct broker *broker);

#endif
