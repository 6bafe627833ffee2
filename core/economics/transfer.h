/* SPDX-License-Identifier: Apache-2.0 */
/*
 * transfer.h - an entry of the books: an amount goes from one place to another,
 * and its kind says which places these may be.
 *
 * Agents have three columns: what is available, what is reserved by holds, and
 * what is pending, spent but not yet settled.  The broker's own accounts have
 * one.  Only funding may be below zero, the money that came from outside, and
 * losses: what chargebacks took that the party had spent already.
 */
#ifndef ECONOMICS_TRANSFER_H
#define ECONOMICS_TRANSFER_H

#include "protocol/field.h"

enum column { COLUMN_AVAILABLE, COLUMN_RESERVED, COLUMN_PENDING };

enum transfer_kind {
	TRANSFER_FUND, /* money from outside */
	TRANSFER_WITHDRAW, /* money to the outside */
	TRANSFER_RESERVE, /* a hold is made */
	TRANSFER_POST, /* a hold is paid, in full or in part */
	TRANSFER_RELEASE, /* what a partial post left */
	TRANSFER_VOID, /* a hold is given back */
	TRANSFER_EXPIRE, /* a hold is given back by time */
	TRANSFER_FEE, /* the broker's, from the payee */
	TRANSFER_CHARGE, /* paid without a hold */
	TRANSFER_RECORD, /* paid, by the operator's word */
	TRANSFER_REFUND, /* a payment goes back, in full or in part */
	TRANSFER_FEE_REFUND, /* and the fee's share with it */
	TRANSFER_FREEZE, /* a payee's money, while it is disputed */
	TRANSFER_THAW, /* what a ruling left to the payee */
	TRANSFER_SETTLE, /* the net of a batch */
	TRANSFER_NET, /* what a party both owed and was owed in a batch */
	TRANSFER_CHARGEBACK, /* money from outside is taken back there */
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
extern const struct aicx_id ledger_funding, ledger_fees, ledger_clearing,
    ledger_suspense, ledger_losses;

void place_print(const struct place *place, char ret_text[PLACE_TEXT]);
bool place_parse(struct aicx_str text, struct place *ret_place);
/* "funding", "fees", ...; NULL: an agent. */
const char *place_own_name(const struct aicx_id *owner);

/* May it be below zero? */
bool place_may_owe(const struct aicx_id *owner);

struct transfer {
	struct aicx_id id; /* the transaction's; the hold's for reserve */
	int kind; /* enum transfer_kind */
	struct aicx_str debit, credit; /* places as text */
	struct aicx_money amount; /* above zero */
	struct aicx_id contract_id, execution_id; /* nil: none */
	struct aicx_id payee; /* where the places do not show who was paid */
	struct aicx_id of; /* the transaction that is refunded or disputed */
	struct aicx_str reference;
	struct place from, to; /* debit and credit, when placed */
	bool placed;
};

extern const struct field transfer_fields[];
/* Both places; false: the transfer names no accounts. */
bool transfer_places(const struct transfer *transfer, struct place *ret_from,
    struct place *ret_to);

/* May a transfer of this kind go from here to there? */
bool transfer_is_legal(
    enum transfer_kind kind, const struct place *from, const struct place *to);

#endif
