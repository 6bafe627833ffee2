/* SPDX-License-Identifier: Apache-2.0 */
/*
 * writer.h - commits steps in groups on a thread of its own.
 *
 * What is put while a commit runs goes together into the next one; when nothing
 * runs, a commit begins at the end of the loop's turn.  The first failure is
 * the last commit: what reached the disk is unknown then, so nothing is tried
 * again.
 */
#ifndef BROKER_WRITER_H
#define BROKER_WRITER_H

#include "broker/lot.h"

#include <aiconexus/store.h>
#include <stdbool.h>

struct loop;
struct writer;

struct writer_limits {
	size_t records_max; /* steps in one commit */
	size_t bytes_max; /* keys and values in one commit; a larger step goes
			     alone */
	int64_t wait_us_max; /* for more steps to join, when the commit before
				had several; 0: never */
	bool threaded; /* false: commits run at the end of the turn */
};
extern const struct writer_limits
    writer_limits_default; /* 256, 1 MiB, 1 ms, true */

enum { WRITER_GUARDS_MAX = 4, WRITER_GUARD_BYTES = 128 };

/* Every step up to seq is committed; n_records of them, just now. */
typedef void writer_durable_fn(
    uint64_t seq, int64_t took_us, size_t n_records, void *arg);
/* At most once, and on_durable never after it.  AICX_ESTATE: a guard failed and
   nothing was written. */
typedef void writer_failed_fn(const struct aicx_error *error, void *arg);

/* Callbacks come on the loop thread, never from inside writer_put().  limits
   may be NULL; the store outlives the writer. */
struct writer *writer_new(struct loop *loop, const struct aicx_store_ops *ops,
    void *store_state, const struct writer_limits *limits,
    writer_durable_fn *on_durable, writer_failed_fn *on_failed, void *arg);
/* Queues one step: its writes (copied) are committed together, after all that
   was put before.  seq does not fall.  After a failure it is dropped.
   flags: STEP_DURABLE; STEP_BESIDE for the store's derived keys, in a commit
   that begins when all that was put before is durable. */
void writer_put(struct writer *writer, uint64_t seq,
    const struct aicx_write *writes, size_t n_writes, unsigned flags);
/* A precondition of every commit that begins from now on (value absent: the key
   must be); a second one for the same key replaces the first. */
void writer_guard(
    struct writer *writer, struct aicx_str key, struct aicx_str value);
/* Steps put and neither reported durable nor dropped. */
size_t writer_pending(const struct writer *writer);
/* Waits until all that was put is committed and reported, or has failed. */
void writer_flush(struct writer *writer);
/* Drops what is not being committed yet: flush first.  Not from a callback.
   NULL is legal. */
void writer_free(struct writer *writer);

#endif
