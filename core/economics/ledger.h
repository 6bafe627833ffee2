/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ledger.h - who has what: accounts, and transfers that move money between
 * their columns.
 *
 * Double entry by construction, and checked at every transfer: it takes from
 * one place exactly what it gives to another, so the sum over all accounts is
 * zero after each step.  No place but funding and losses may be below zero.
 */
#ifndef ECONOMICS_LEDGER_H
#define ECONOMICS_LEDGER_H

#include "economics/transfer.h"

struct account {
	struct aicx_id owner;
	char currency[8];
	/* What the columns hold. */
	int64_t available_minor, reserved_minor, pending_minor;
	/* Totals of what is settled, refunds taken off.  For every agent
	   available + reserved + pending + frozen is
	   funded + earned - fees - spent. */
	int64_t spent_minor, earned_minor, fees_minor;
	int64_t funded_minor; /* from outside, withdrawals taken off */
	int64_t frozen_minor; /* what of it lies in suspense */
	int64_t n_transactions;
};

extern const struct field account_fields[];

/* A transfer between accounts.  The ledger keeps the newest ones, until they
   are to be forgotten: the records have all of them. */
struct transaction {
	struct aicx_id id, from, to, contract_id, execution_id;
	struct aicx_id of; /* of a refund: the payment */
	enum transfer_kind kind;
	struct aicx_money amount;
	int64_t fee_minor; /* that the payee paid with it */
	int64_t at_ms;
	uint64_t seq; /* the record that holds it */
	size_t nth; /* among the record's entries */
	struct aicx_str reference;
	const struct transaction *next; /* the newer one */
};

struct ledger;

struct ledger *ledger_new(void);
void ledger_free(struct ledger *ledger);

/* May these transfers happen, in this order?  Changes nothing.
   "insufficient_funds", "invalid_amount", AICX_ELIMIT on overflow, AICX_EINVAL
   for a way that transfer_is_legal() does not know. */
aicx_err ledger_try(struct ledger *ledger, const struct transfer *transfers,
    size_t n, struct aicx_error *reterr);
/* Applies what is recorded; a transfer that ledger_try() would refuse is a
   broken record and stops with an error. */
aicx_err ledger_apply(struct ledger *ledger, const struct transfer *transfers,
    size_t n, int64_t at_ms, uint64_t seq, struct aicx_error *reterr);

/* Never NULL: an account that was never used is all zero. */
const struct account *ledger_account(const struct ledger *ledger,
    const struct aicx_id *owner, const char *currency);
/* NULL: there is none, or it was forgotten. */
const struct transaction *ledger_transaction(
    const struct ledger *ledger, const struct aicx_id *id);
/* The oldest one kept; the others follow by `next`. */
const struct transaction *ledger_oldest(const struct ledger *ledger);
/* What this transfer is between owners; false: it stays with one, or is a
   fee.  The reference is borrowed. */
bool transaction_of(const struct transfer *transfer, int64_t at_ms,
    uint64_t seq, size_t nth, struct transaction *ret_transaction);
/* Those not seen yet, oldest first, each once; NULL: no more. */
const struct transaction *ledger_next_new(struct ledger *ledger);
/* Lets go of the transactions up to this record; they must have been seen. */
void ledger_forget(struct ledger *ledger, uint64_t seq);

/* Calls fn for each account that changed since the last time. */
typedef void ledger_account_fn(const struct account *account, void *arg);
void ledger_each_changed(
    struct ledger *ledger, ledger_account_fn *fn, void *arg);
/* Takes over accounts and a count of transactions as they were kept; only
   into a ledger that is new. */
void ledger_restore(struct ledger *ledger, const struct account *account);
void ledger_restore_count(struct ledger *ledger, size_t n_transactions);
size_t ledger_n_accounts(const struct ledger *ledger); /* that ever changed */
/* Sum over all columns of all accounts, by currency; 0 or the books are
   broken.  Counts what it saw. */
struct ledger_sum {
	size_t n_accounts, n_transactions;
	/* In the given currency. */
	int64_t funding_minor, fees_minor, clearing_minor, suspense_minor;
	int64_t losses_minor, reserved_minor, pending_minor;
	__int128 total;
};
struct ledger_sum ledger_sum(const struct ledger *ledger, const char *currency);

#endif
