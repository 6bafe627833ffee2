/* SPDX-License-Identifier: Apache-2.0 */
/* history_maker.h - makes whole ledgers for tests, and the checkpoints,
   receipts and consistency proofs that follow from them. */
#ifndef CLI_HISTORY_MAKER_H
#define CLI_HISTORY_MAKER_H

#include "base/buf.h"
#include "protocol/merkle.h"

enum { HISTORY_MAX = 700 };

struct history {
	struct buf record[HISTORY_MAX];
	struct merkle *tree;
	struct merkle_tile tiles[HISTORY_MAX / MERKLE_TILE + 1];
	size_t n;
	const char *signer; /* "broker" */
	const char *origin;
};

void history_init(struct history *history);
void history_fini(struct history *history);
/* One record with these entries and rows (JSON lists). */
void history_add(
    struct history *history, const char *entries, const char *rows);
/* n records, each of which funds an agent. */
void history_fund(struct history *history, size_t n);
/* Each appends its file. */
void history_ledger(const struct history *history, struct buf *out);
/* An audit file: the records from first to last. */
void history_part(
    const struct history *history, size_t first, size_t last, struct buf *out);
void history_note(const struct history *history, size_t size, struct buf *out);
void history_receipt(const struct history *history, size_t seq, size_t size,
    const char *transaction_id, struct buf *out);
void history_consistency(
    const struct history *history, size_t from, size_t to, struct buf *out);

#endif
