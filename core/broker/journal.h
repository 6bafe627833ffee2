/* SPDX-License-Identifier: Apache-2.0 */
/*
 * journal.h - the chain of records: appended by the loop, made durable by the
 * writer thread, and the gate that keeps back what nobody may see earlier.
 *
 * Keys of the store: "format", "0/epoch", "0/r/<8 bytes of sequence>" (the
 * shard is the first part), the same with a "c" behind it the checkpoint of all
 * records up to there, "0/origin" its
 * generation when it is not the first, "0/s/..." sealed secrets and
 * "0/p/<instance>/..." keys of plugins; beside them the index (catalog.h), with
 * the tiles of the tree over the records.  A record is JSON and carries the
 * SHA-256 of the one before.
 */
#ifndef BROKER_JOURNAL_H
#define BROKER_JOURNAL_H

#include "base/buf.h"
#include "protocol/merkle.h"

#include <aiconexus/host.h>
#include <aiconexus/store.h>
#include <stdbool.h>

struct catalog_key;
struct journal;
struct loop;

enum { JOURNAL_FORMAT = 2 };

typedef void journal_failed_fn(const struct aicx_error *error, void *arg);
typedef void journal_durable_fn(int64_t took_us, size_t n_records, void *arg);

/* loop NULL: commits happen inside journal_append() (tests, tools). */
struct journal *journal_new(struct loop *loop, const struct aicx_store_ops *ops,
    void *store, size_t batch_max, journal_durable_fn *on_durable,
    journal_failed_fn *on_failed, void *arg);
void journal_free(struct journal *journal); /* flushes */

/* Refuses a newer format; notes the format of a new store. */
aicx_err journal_check(struct journal *journal, struct aicx_error *reterr);
/* After that: takes the next epoch; calls on_record for each record in order
   after checking sequence and chain.  When a store that was written before
   takes no epoch, it is still read, and journal_failure() says why nothing can
   be added. */
typedef aicx_err journal_record_fn(
    uint64_t seq, struct aicx_str record, void *arg, struct aicx_error *reterr);
aicx_err journal_replay(struct journal *journal, journal_record_fn *on_record,
    void *arg, struct aicx_error *reterr);
/* Before journal_replay(): it begins after this record, which must have this
   hash.  AICX_EIO: it has not, or the tree up to it cannot be brought back. */
aicx_err journal_resume(struct journal *journal, uint64_t seq,
    const uint8_t hash[HASH_BYTES], struct aicx_error *reterr);
/* Proofs of the tree over the records (protocol/merkle.h); seq counts from
   1. */
aicx_err journal_root(struct journal *journal, uint64_t n_leaves,
    uint8_t ret_root[HASH_BYTES], struct aicx_error *reterr);
aicx_err journal_inclusion(struct journal *journal, uint64_t seq,
    uint64_t n_leaves, struct merkle_proof *ret_proof,
    struct aicx_error *reterr);
aicx_err journal_consistency(struct journal *journal, uint64_t from,
    uint64_t to, struct merkle_proof *ret_proof, struct aicx_error *reterr);
const struct aicx_error *journal_failure(const struct journal *journal);
uint64_t journal_epoch(const struct journal *journal);

/* What the next record must carry. */
uint64_t journal_next(const struct journal *journal);
/* The hash of the last record. */
void journal_hash(const struct journal *journal, uint8_t ret_hash[HASH_BYTES]);
void journal_prev(const struct journal *journal, char ret_b64[44]);
/* Queues a record under journal_next(), with what was put aside beside it. */
void journal_append(struct journal *journal, struct aicx_str record);
/* A key beside the records (value absent: delete): written together with the
   next one, or at once when `now`. */
void journal_aside(struct journal *journal, struct aicx_str key,
    struct aicx_str value, bool now);
/* Writes that may be lost with the newest of their kind, in one batch after
   the records appended so far; a record that is durable later vouches for
   them.  now: here, and not by the writer (no record is on its way). */
void journal_beside(struct journal *journal, const struct aicx_write *writes,
    size_t n, bool now);
/* Tiles of the tree that the index does not have go into its next batch; they
   are kept until that is confirmed. */
typedef void journal_tile_fn(
    const struct catalog_key *key, struct aicx_str value, void *arg);
void journal_tiles_send(
    struct journal *journal, journal_tile_fn *fn, void *arg);
void journal_tiles_confirm(struct journal *journal);
/* Reads a key, what is not written yet included. */
aicx_err journal_get(struct journal *journal, struct aicx_str key,
    struct buf *ret_value, struct aicx_error *reterr);
/* The newest one in the store; leaves it empty when there is none. */
aicx_err journal_checkpoint(const struct journal *journal, struct buf *ret_note,
    struct aicx_error *reterr);
aicx_err journal_record(struct journal *journal, uint64_t seq,
    struct buf *ret_record, struct aicx_error *reterr);

/* Runs fn(arg) when all that is appended by now is durable: at once if it
   is. */
void journal_after(struct journal *journal, aicx_task_fn *fn, void *arg);
/* Everything put beside the records up to seq is in the store. */
bool journal_has_beside(const struct journal *journal, uint64_t seq);
uint64_t journal_durable(const struct journal *journal); /* the last one */
bool journal_is_durable(const struct journal *journal);
void journal_flush(struct journal *journal);

#endif
