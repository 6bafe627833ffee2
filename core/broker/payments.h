/* SPDX-License-Identifier: Apache-2.0 */
/*
 * payments.h - what steps that pay, refund, freeze and settle have in common:
 * budgets in a line, how a payment stands, and batches.
 */
#ifndef BROKER_PAYMENTS_H
#define BROKER_PAYMENTS_H

#include "broker/handlers.h"

/* The budget and those above it, in the periods of now_ms.  Nil: none. */
void budget_line_load(struct broker *broker, const struct aicx_id *budget_id,
    int64_t now_ms, struct budget_line *ret_line);
void budget_line_put(struct step *step, const struct budget_line *line);
/* Which budget limits this spending: the one that is named, which must be this
   agent's, else its first in the currency; nil when it has none. */
aicx_err budget_choose(struct broker *broker, const struct aicx_id *agent_id,
    const struct aicx_id *named, const char *currency, struct aicx_id *ret_id,
    struct aicx_error *reterr);

/* Is what is paid now settled later, by a batch? */
bool payments_are_batched(const struct broker *broker);
/* A payment of now, as the settlement's mode has it. */
void payment_begin(struct step *step, struct transaction_state *paid);
/* Pays from what is available, within the budgets: paid's status is set. */
aicx_err payment_charge(struct step *step, const struct aicx_id *named_budget,
    struct transaction_state *paid, struct aicx_str reference,
    struct aicx_error *reterr);
/* A charge's or record's row and entries. */
void payment_move(struct step *step, enum transfer_kind kind,
    const struct transaction_state *paid, struct aicx_str reference);
/* Its row, when there is more to say than the entries do. */
void payment_put(struct step *step, const struct transaction_state *paid);
/* How a payment stands; false: this transaction is no payment. */
bool payment_state(struct broker *broker, const struct transaction *transaction,
    struct transaction_state *ret_state);
/* Takes a refund, or the refund a ruling makes, off its budgets and counts it;
   puts the row.  Moves no money. */
void payment_refunded(
    struct step *step, struct transaction_state *paid, int64_t refund_minor);

/* Pays from a reservation; what is over is released. */
void hold_pay(struct step *step, const struct hold *hold,
    const struct transaction_state *paid, struct aicx_str reference);

/* Settles what is pending in a batch of its own; list[0..n) are pending and in
   one currency.  The batch lives in the step's memory. */
void batch_put(struct step *step, const struct transaction_state *const *list,
    size_t n, struct batch *ret_batch);
/* The oldest pending ones of a currency; ret_left: how many more there are. */
size_t payments_pending(struct broker *broker, const char *currency,
    const struct transaction_state *ret_list[BATCH_TRANSACTIONS_MAX],
    size_t *ret_left);

/* What time does: reservations expire, batches are settled. */
void payments_tick(struct broker *broker, int64_t now_ms);
/* Asks for the next tick that payments need. */
void payments_wake(struct broker *broker);

/* The deal whose file has what becomes of the contract's payments; NULL: there
   is none. */
const struct aicx_id *deal_of_contract(
    const struct broker *broker, const struct aicx_id *contract_id);

#endif
