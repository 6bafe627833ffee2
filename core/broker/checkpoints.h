/* SPDX-License-Identifier: Apache-2.0 */
/*
 * checkpoints.h - signed statements of the tree over the records.
 *
 * One is made at most a second after a record, on the pool, and only of what is
 * on disk: so no crash can undo what a checkpoint says.  Loop thread only.
 */
#ifndef BROKER_CHECKPOINTS_H
#define BROKER_CHECKPOINTS_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/list.h"
#include "protocol/merkle.h"

struct broker;

/* Called with the newest checkpoint; note is empty when it could not be
   signed. */
typedef void checkpoint_fn(uint64_t n_leaves, struct aicx_str note, void *arg);

struct checkpoints {
	struct buf note; /* the newest; empty: none yet */
	uint64_t n_leaves; /* of it */
	int64_t due_ms; /* broker time; 0: all records are covered */
	struct list waiting;
	struct checkpoint_job *job; /* while one is signed; or NULL */
};

void checkpoints_init(struct broker *broker);
void checkpoints_fini(struct broker *broker);
/* After replay: the stored checkpoint must agree with the records. */
aicx_err checkpoints_load(struct broker *broker, struct aicx_error *reterr);
/* The next ones belong to a new generation of the origin; the newest so far is
   no longer kept. */
aicx_err checkpoints_new_origin(
    struct broker *broker, struct aicx_error *reterr);
/* A record was appended. */
void checkpoints_note(struct broker *broker, int64_t now_ms);
void checkpoints_tick(struct broker *broker, int64_t now_ms);
/* Calls fn once a checkpoint covers the first n_leaves records: at once, or
   after one was made of all there are. */
void checkpoints_cover(
    struct broker *broker, uint64_t n_leaves, checkpoint_fn *fn, void *arg);
/* Makes the last one here and now, when there is anything to cover. */
void checkpoints_finish(struct broker *broker);
/* Appends a note over an older or the present size, signed here. */
aicx_err checkpoints_sign(struct broker *broker, uint64_t n_leaves,
    struct buf *buf, struct aicx_error *reterr);

#endif
