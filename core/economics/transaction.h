/* SPDX-License-Identifier: Apache-2.0 */
/*
 * transaction.h - how a payment stands after it was made: pending until a batch
 * settles it, frozen while it is disputed, refunded in part or in full.
 *
 * Only payments to which something happened have such a state; any other is
 * settled when it is made.
 */
#ifndef ECONOMICS_TRANSACTION_H
#define ECONOMICS_TRANSACTION_H

#include "protocol/field.h"

enum transaction_status {
	TRANSACTION_PENDING, /* with the payer, waits for its batch */
	TRANSACTION_SETTLED,
	TRANSACTION_FROZEN, /* disputed: waits for a ruling */
	TRANSACTION_REFUNDED /* all of it went back */
};

extern const char *const transaction_status_names[];

struct transaction_state {
	struct aicx_id transaction_id, payer_id, payee_id;
	struct aicx_id contract_id, execution_id, budget_id;
	struct aicx_id batch_id; /* that settled it */
	struct aicx_id dispute_id; /* the one there was or is */
	struct aicx_money amount;
	int64_t fee_minor; /* of the payee, for all of amount */
	int64_t refunded_minor, fee_back_minor; /* so far */
	int status; /* enum transaction_status */
	int64_t made_ms; /* when it counted in its budget */
	int64_t settled_ms; /* 0: not yet */
};

extern const struct field transaction_state_fields[];

/* The broker's share of an amount, rounded down. */
int64_t transaction_fee(int64_t amount_minor, int64_t fee_ppm);
int64_t transaction_left(const struct transaction_state *state);
/* What of the fee goes back with a refund of that much: after it, the fee that
   went back is fee * refunded / amount, rounded down; so a full refund, in one
   or in many parts, returns all of it. */
int64_t transaction_fee_back(
    const struct transaction_state *state, int64_t refund_minor);
/* May that much go back now?  "wrong_state" while it is frozen or when nothing
   is left, "invalid_amount" beyond what is left. */
aicx_err transaction_refund_check(const struct transaction_state *state,
    const struct aicx_money *amount, const struct currencies *currencies,
    struct aicx_error *reterr);
/* Counts the refund; the status follows.  A ruling is a refund, perhaps of
   nothing, that ends the frozen state. */
void transaction_refund(struct transaction_state *state, int64_t refund_minor);

#endif
