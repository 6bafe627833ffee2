/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ledger.h - who has what: accounts, and transfers that move money between
 * their columns.
 *
 * Double entry by construction: a transfer takes from one place exactly what it
 * gives to another, so the sum over all accounts is zero after each step.  Only
 * the broker's own accounts (funding) may be below zero: what stands there is
 * the money that came from outside.
 */
#ifndef ECONOMICS_LEDGER_H
#define ECONOMICS_LEDGER_H

#include "protocol/field.h"

enum column { COLUMN_AVAILABLE, COLUMN_RESERVED };

enum transfer_kind {
	TRANSFER_FUND, /* funding:available -> agent:available */
	TRANSFER_WITHDRAW, /* back */
	TRANSFER_RESERVE, /* agent:available -> agent:reserved */
	TRANSFER_POST, /* payer:reserved -> payee:available */
	TRANSFER_RELEASE, /* what a partial post left: reserved -> available */
	TRANSFER_VOID, /* reserved -> available */
	TRANSFER_EXPIRE, /* reserved -> available, by time */
	TRANSFER_FEE, /* payee:available -> fees:available */
	TRANSFER_CHARGE, /* payer:available -> payee:available, at once */
	TRANSFER_N_KINDS
};

extern const char *const transfer_kind_names[];

/* One account and column, e.g. "<uuid>:reserved" or "funding:available". */
struct place {
	struct aicx_id owner;
	enum column column;
};

enum { PLACE_TEXT = 48 };

/* The broker's own accounts. */
extern const struct aicx_id ledger_funding, ledger_fees;

void place_print(const struct place *place, char ret_text[PLACE_TEXT]);
bool place_parse(struct aicx_str text, struct place *ret_place);

struct transfer {
	struct aicx_id id; /* the transaction's; the hold's for reserve */
	int kind; /* enum transfer_kind */
	struct aicx_str debit, credit; /* places as text */
	struct aicx_money amount; /* above zero */
	struct aicx_id contract_id, execution_id; /* nil: none */
	struct aicx_str reference;
};

extern const struct field transfer_fields[];

struct account {
	struct aicx_id owner;
	char currency[8];
	int64_t available_minor, reserved_minor; /* what the columns hold */
	int64_t spent_minor, earned_minor, fees_minor; /* totals so far */
	int64_t n_transactions;
};

/* A transfer between accounts, kept for get_transaction and its lists. */
struct transaction {
	struct aicx_id id, from, to, contract_id, execution_id;
	enum transfer_kind kind;
	struct aicx_money amount;
	int64_t at_ms;
	uint64_t seq; /* the record that holds it */
	char *reference;
};

struct ledger;

struct ledger *ledger_new(void);
void ledger_free(struct ledger *ledger);

/* May these transfers happen, in this order?  Changes nothing.
   "insufficient_funds", "invalid_amount", AICX_ELIMIT on overflow. */
aicx_err ledger_try(struct ledger *ledger, const struct transfer *transfers,
    size_t n, struct aicx_error *reterr);
/* Applies what is recorded; a transfer that ledger_try() would refuse is a
   broken record and stops with an error. */
aicx_err ledger_apply(struct ledger *ledger, const struct transfer *transfers,
    size_t n, int64_t at_ms, uint64_t seq, struct aicx_error *reterr);

/* Never NULL: an account that was never used is all zero. */
const struct account *ledger_account(const struct ledger *ledger,
    const struct aicx_id *owner, const char *currency);
const struct transaction *ledger_transaction(
    const struct ledger *ledger, const struct aicx_id *id);
/* Newest first, of one owner, older than `before` (nil: from the newest). */
size_t ledger_transactions(const struct ledger *ledger,
    const struct aicx_id *owner, const struct aicx_id *before,
    const struct transaction **ret_list, size_t cap);
/* Sum over all columns of all accounts, by currency; 0 or the books are
   broken.  Counts what it saw. */
struct ledger_sum {
	size_t n_accounts, n_transactions;
	int64_t funding_minor, reserved_minor; /* in the given currency */
	__int128 total;
};
struct ledger_sum ledger_sum(const struct ledger *ledger, const char *currency);

#endif
