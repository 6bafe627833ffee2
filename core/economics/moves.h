/* SPDX-License-Identifier: Apache-2.0 */
/*
 * moves.h - what each event moves: a list of entries that sum to zero, in an
 * order in which no place falls below zero on the way.
 */
#ifndef ECONOMICS_MOVES_H
#define ECONOMICS_MOVES_H

#include "economics/batch.h"
#include "economics/dispute.h"
#include "economics/hold.h"
#include "economics/transfer.h"

/* Three for each party of a batch at most, and no more than so many parties
   can be on both sides. */
enum { MOVES_MAX = 3 * BATCH_TRANSACTIONS_MAX };

struct move { /* a transfer before it is written */
	enum transfer_kind kind;
	struct aicx_id id;
	struct place from, to;
	struct aicx_money amount;
	struct aicx_id contract_id, execution_id, payee, of;
	struct aicx_str reference; /* borrowed */
};

struct moves {
	struct move *list; /* of cap */
	size_t n, cap;
};

void moves_reserve(struct moves *moves, const struct hold *hold);
/* All of it: HOLD_VOIDED or HOLD_EXPIRED. */
void moves_give_back(struct moves *moves, const struct hold *hold,
    enum hold_state to, const struct aicx_id *execution_id);
/* Pays from the hold, perhaps nothing; what is over is released. */
void moves_post(struct moves *moves, const struct hold *hold,
    const struct transaction_state *paid, struct aicx_str reference);
/* Pays what is available: TRANSFER_CHARGE or TRANSFER_RECORD. */
void moves_charge(struct moves *moves, enum transfer_kind kind,
    const struct transaction_state *paid, struct aicx_str reference);
/* `paid` as it was before the refund. */
void moves_refund(struct moves *moves, const struct transaction_state *paid,
    const struct aicx_id *refund_id, int64_t minor, struct aicx_str reference);
void moves_freeze(struct moves *moves, const struct transaction_state *paid,
    const struct dispute *dispute);
/* Ends the freeze: `minor` to the payer, what is over to the payee. */
void moves_rule(struct moves *moves, const struct transaction_state *paid,
    const struct dispute *dispute, const struct aicx_id *refund_id,
    int64_t minor);
void moves_batch(struct moves *moves, const struct batch *batch);

#endif
