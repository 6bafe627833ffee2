/* SPDX-License-Identifier: Apache-2.0 */
/* ledger.c - who owes whom; every transfer takes what it gives. */
#include "economics/ledger.h"

#include "base/err.h"
#include "base/id.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct holder { /* one account and its key in the map */
	struct {
		struct aicx_id owner;
		char currency[8];
	} key;
	struct account account;
};

struct owner { /* all transactions of one owner, both directions */
	struct aicx_id id;
	struct transaction **list;
	size_t n, cap;
};

struct ledger {
	struct map holders, owners, transactions;
};

struct ledger *
ledger_new(void)
{
	return MEM_NEW(struct ledger);
}

void
ledger_free(struct ledger *ledger)
{
	if (ledger == NULL)
		return;
	MAP_EACH (entry, &ledger->holders)
		free(entry->value);
	MAP_EACH (entry, &ledger->transactions) {
		struct transaction *transaction = entry->value;
		free(transaction->reference);
		free(transaction);
	}
	MAP_EACH (entry, &ledger->owners) {
		struct owner *owner = entry->value;
		free(owner->list);
		free(owner);
	}
	map_fini(&ledger->holders);
	map_fini(&ledger->transactions);
	map_fini(&ledger->owners);
	free(ledger);
}

static struct holder *
holder_find(const struct ledger *ledger, const struct aicx_id *owner,
    const char *currency)
{
	struct holder probe = { .key.owner = *owner };

	(void)snprintf(
	    probe.key.currency, sizeof probe.key.currency, "%s", currency);
	return map_find(&ledger->holders,
	    (struct aicx_str) { (const char *)&probe.key, sizeof probe.key });
}

static struct account *
account_need(
    struct ledger *ledger, const struct aicx_id *owner, const char *currency)
{
	struct holder *holder = holder_find(ledger, owner, currency);

	if (holder != NULL)
		return &holder->account;
	holder = MEM_NEW(struct holder);
	holder->key.owner = holder->account.owner = *owner;
	(void)snprintf(
	    holder->key.currency, sizeof holder->key.currency, "%s", currency);
	memcpy(holder->account.currency, holder->key.currency,
	    sizeof holder->account.currency);
	(void)map_put(&ledger->holders,
	    (struct aicx_str) {
		(const char *)&holder->key, sizeof holder->key },
	    holder);
	return &holder->account;
}

const struct account *
ledger_account(const struct ledger *ledger, const struct aicx_id *owner,
    const char *currency)
{
	static const struct account nothing;
	const struct holder *holder = holder_find(ledger, owner, currency);

	return holder ? &holder->account : &nothing;
}

static int64_t *
cell(struct account *account, enum column column)
{
	switch (column) {
	case COLUMN_AVAILABLE:
		break;
	case COLUMN_RESERVED:
		return &account->reserved_minor;
	case COLUMN_PENDING:
		return &account->pending_minor;
	}
	return &account->available_minor;
}

/* Takes amount from one cell and gives it to another, or changes nothing. */
static aicx_err
move(struct ledger *ledger, const struct transfer *transfer, bool back,
    struct aicx_error *reterr)
{
	struct place from, to;

	if (!place_parse(back ? transfer->credit : transfer->debit, &from) ||
	    !place_parse(back ? transfer->debit : transfer->credit, &to))
		return err_set(reterr, AICX_EINVAL,
		    "transfer names no account: \"%.*s\" to \"%.*s\"",
		    STR_ARG(transfer->debit), STR_ARG(transfer->credit));
	if (transfer->amount.minor <= 0)
		return err_word(reterr, AICX_EINVAL, "invalid_amount",
		    "amount must be above zero");
	if (!back &&
	    !transfer_is_legal((enum transfer_kind)transfer->kind, &from, &to))
		return err_set(reterr, AICX_EINVAL,
		    "no %s goes from \"%.*s\" to \"%.*s\"",
		    transfer_kind_names[transfer->kind],
		    STR_ARG(transfer->debit), STR_ARG(transfer->credit));

	struct account *payer =
	    account_need(ledger, &from.owner, transfer->amount.currency);
	struct account *payee =
	    account_need(ledger, &to.owner, transfer->amount.currency);
	int64_t *out = cell(payer, from.column), *in = cell(payee, to.column);
	int64_t less, more;

	if (__builtin_sub_overflow(*out, transfer->amount.minor, &less) ||
	    __builtin_add_overflow(
		out == in ? less : *in, transfer->amount.minor, &more))
		return err_word(reterr, AICX_ELIMIT, "invalid_amount",
		    "amount overflows the account");
	if (less < 0 && !back && !id_eq(&from.owner, &ledger_funding))
		return err_word(reterr, AICX_ELIMIT, "insufficient_funds",
		    "account has less than that available");
	ENSURE(out == in ? more == *in
			 : (__int128)less + more == (__int128)*out + *in);
	*out = less;
	*in = more;
	return AICX_OK;
}

aicx_err
ledger_try(struct ledger *ledger, const struct transfer *transfers, size_t n,
    struct aicx_error *reterr)
{
	aicx_err err = AICX_OK;
	size_t done = 0;

	while (done < n && err == AICX_OK) {
		err = move(ledger, &transfers[done], false, reterr);
		if (err == AICX_OK)
			done++;
	}
	while (done-- > 0)
		ENSURE(move(ledger, &transfers[done], true, NULL) == AICX_OK);
	return err;
}

static void
owner_note(struct ledger *ledger, const struct aicx_id *id,
    struct transaction *transaction)
{
	struct owner *owner = map_find_id(&ledger->owners, id);

	if (owner == NULL) {
		owner = MEM_NEW(struct owner);
		owner->id = *id;
		(void)map_put_id(&ledger->owners, &owner->id, owner);
	}
	if (owner->n == owner->cap) {
		owner->cap = owner->cap ? owner->cap * 2 : 4;
		owner->list = mem_grow(
		    owner->list, owner->cap * sizeof(struct transaction *));
	}
	owner->list[owner->n++] = transaction;
}

/* Totals are for reading: at their limits they stay. */
static void
total_add(int64_t *total, int64_t minor)
{
	if (__builtin_add_overflow(*total, minor, total))
		*total = minor > 0 ? INT64_MAX : INT64_MIN;
}

/* What a transfer adds to the totals of its two accounts. */
static void
total_up(const struct transfer *transfer, const struct place *from,
    const struct place *to, struct account *payer, struct account *payee)
{
	int64_t minor = transfer->amount.minor;

	switch ((enum transfer_kind)transfer->kind) {
	case TRANSFER_FUND:
		total_add(&payee->funded_minor, minor);
		break;
	case TRANSFER_WITHDRAW:
		total_add(&payer->funded_minor, -minor);
		break;
	case TRANSFER_POST:
	case TRANSFER_CHARGE:
	case TRANSFER_RECORD:
	case TRANSFER_SETTLE:
		if (to->column == COLUMN_PENDING)
			break; /* counts when it is settled */
		total_add(&payer->spent_minor, minor);
		total_add(&payee->earned_minor, minor);
		break;
	case TRANSFER_NET:
		total_add(&payer->spent_minor, minor);
		total_add(&payer->earned_minor, minor);
		break;
	case TRANSFER_FEE:
		total_add(&payer->fees_minor, minor);
		break;
	case TRANSFER_FEE_REFUND:
		total_add(&payee->fees_minor, -minor);
		break;
	case TRANSFER_FREEZE:
		total_add(&payer->frozen_minor, minor);
		break;
	case TRANSFER_THAW:
		total_add(&payee->frozen_minor, -minor);
		break;
	case TRANSFER_REFUND:
		if (from->column == COLUMN_PENDING)
			break;
		total_add(&payer->earned_minor, -minor);
		total_add(&payee->spent_minor, -minor);
		break;
	case TRANSFER_RESERVE:
	case TRANSFER_RELEASE:
	case TRANSFER_VOID:
	case TRANSFER_EXPIRE:
	case TRANSFER_N_KINDS:
		break;
	}
}

/* Who paid whom, where the places do not show it: pending money still lies with
   the payer, and what is in suspense is a payee's. */
static void
parties_of(const struct transfer *transfer, const struct place *from,
    const struct place *to, struct aicx_id *ret_from, struct aicx_id *ret_to)
{
	*ret_from = from->owner;
	*ret_to = to->owner;
	if (id_is_nil(&transfer->payee))
		return;
	if (transfer->kind == TRANSFER_REFUND)
		*ret_from = transfer->payee;
	else
		*ret_to = transfer->payee;
}

static bool
is_transaction(enum transfer_kind kind)
{
	return kind == TRANSFER_FUND || kind == TRANSFER_WITHDRAW ||
	    kind == TRANSFER_POST || kind == TRANSFER_CHARGE ||
	    kind == TRANSFER_RECORD || kind == TRANSFER_REFUND;
}

static void
transaction_keep(struct ledger *ledger, const struct transfer *transfer,
    const struct aicx_id *from, const struct aicx_id *to, int64_t at_ms,
    uint64_t seq)
{
	struct transaction *transaction = MEM_NEW(struct transaction);

	transaction->id = transfer->id;
	transaction->from = *from;
	transaction->to = *to;
	transaction->contract_id = transfer->contract_id;
	transaction->execution_id = transfer->execution_id;
	transaction->of = transfer->of;
	transaction->kind = (enum transfer_kind)transfer->kind;
	transaction->amount = transfer->amount;
	transaction->at_ms = at_ms;
	transaction->seq = seq;
	if (transfer->reference.len > 0) {
		transaction->reference = mem_new(transfer->reference.len + 1);
		memcpy(transaction->reference, transfer->reference.ptr,
		    transfer->reference.len);
	}
	(void)map_put_id(&ledger->transactions, &transaction->id, transaction);
	owner_note(ledger, &transaction->from, transaction);
	owner_note(ledger, &transaction->to, transaction);
}

/* Transfers between two owners are transactions; a fee belongs to the one
   whose id it carries. */
static void
note(struct ledger *ledger, const struct transfer *transfer, int64_t at_ms,
    uint64_t seq)
{
	const char *currency = transfer->amount.currency;
	struct place from, to;
	struct aicx_id payer, payee;

	ENSURE(place_parse(transfer->debit, &from));
	ENSURE(place_parse(transfer->credit, &to));
	parties_of(transfer, &from, &to, &payer, &payee);
	total_up(transfer, &from, &to,
	    account_need(ledger,
		transfer->kind == TRANSFER_REFUND ? &payer : &from.owner,
		currency),
	    account_need(ledger, &to.owner, currency));
	if (transfer->kind == TRANSFER_REFUND &&
	    id_eq(&from.owner, &ledger_suspense))
		total_add(&account_need(ledger, &payer, currency)->frozen_minor,
		    -transfer->amount.minor);
	struct transaction *known =
	    map_find_id(&ledger->transactions, &transfer->id);
	if (transfer->kind == TRANSFER_FEE && known != NULL)
		total_add(&known->fee_minor, transfer->amount.minor);
	if (known != NULL && transfer->kind == TRANSFER_REFUND)
		known->amount.minor +=
		    transfer->amount.minor; /* in two parts */
	if (known != NULL ||
	    !is_transaction((enum transfer_kind)transfer->kind) ||
	    id_eq(&payer, &payee))
		return;
	account_need(ledger, &payer, currency)->n_transactions++;
	account_need(ledger, &payee, currency)->n_transactions++;
	transaction_keep(ledger, transfer, &payer, &payee, at_ms, seq);
}

aicx_err
ledger_apply(struct ledger *ledger, const struct transfer *transfers, size_t n,
    int64_t at_ms, uint64_t seq, struct aicx_error *reterr)
{
	for (size_t i = 0; i < n; i++) {
		aicx_err err = move(ledger, &transfers[i], false, reterr);
		if (err != AICX_OK)
			return err;
		note(ledger, &transfers[i], at_ms, seq);
	}
	return AICX_OK;
}

const struct transaction *
ledger_transaction(const struct ledger *ledger, const struct aicx_id *id)
{
	return map_find_id(&ledger->transactions, id);
}

size_t
ledger_transactions(const struct ledger *ledger, const struct aicx_id *owner_id,
    const struct aicx_id *before, const struct transaction **ret_list,
    size_t cap)
{
	const struct owner *owner = map_find_id(&ledger->owners, owner_id);
	size_t n = 0;

	if (owner == NULL)
		return 0;
	size_t i = owner->n;
	if (!id_is_nil(before))
		while (i > 0 && !id_eq(&owner->list[--i]->id, before))
			;
	while (i > 0 && n < cap)
		ret_list[n++] = owner->list[--i];
	return n;
}

/* A look that was refused may leave an account behind, all zero. */
static bool
is_used(const struct account *account)
{
	return account->n_transactions > 0 || account->available_minor != 0 ||
	    account->reserved_minor != 0 || account->pending_minor != 0;
}

static int64_t
own(const struct ledger *ledger, const struct aicx_id *id, const char *currency)
{
	return ledger_account(ledger, id, currency)->available_minor;
}

struct ledger_sum
ledger_sum(const struct ledger *ledger, const char *currency)
{
	struct ledger_sum sum = { .total = 0 };

	MAP_EACH (entry, &ledger->holders) {
		const struct account *a =
		    &((struct holder *)entry->value)->account;
		if (strcmp(a->currency, currency) != 0 || !is_used(a))
			continue;
		sum.n_accounts++;
		sum.total += (__int128)a->available_minor + a->reserved_minor +
		    a->pending_minor;
		sum.reserved_minor += a->reserved_minor;
		sum.pending_minor += a->pending_minor;
	}
	sum.funding_minor = own(ledger, &ledger_funding, currency);
	sum.fees_minor = own(ledger, &ledger_fees, currency);
	sum.clearing_minor = own(ledger, &ledger_clearing, currency);
	sum.suspense_minor = own(ledger, &ledger_suspense, currency);
	sum.n_transactions = map_len(&ledger->transactions);
	return sum;
}
