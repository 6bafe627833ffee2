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

const char *const transfer_kind_names[] = { "fund", "withdraw", "reserve",
	"post", "release", "void", "expire", "fee", "charge", NULL };

const struct aicx_id ledger_funding = { { [15] = 0xf1 } };
const struct aicx_id ledger_fees = { { [15] = 0xf2 } };

static const struct {
	const char *name;
	const struct aicx_id *id;
} own_accounts[] = { { "funding", &ledger_funding }, { "fees", &ledger_fees } };

static const char *const column_names[] = { "available", "reserved" };

const struct field transfer_fields[] = {
	FIELD(struct transfer, id, "id", FIELD_ID),
	FIELD(struct transfer, kind, "kind", FIELD_ENUM, .flags = FIELDF_ALWAYS,
	    .names = transfer_kind_names),
	FIELD(struct transfer, debit, "debit", FIELD_STR),
	FIELD(struct transfer, credit, "credit", FIELD_STR),
	FIELD(struct transfer, amount, "amount", FIELD_MONEY,
	    .flags = FIELDF_ALWAYS),
	FIELD(struct transfer, contract_id, "contract_id", FIELD_ID),
	FIELD(struct transfer, execution_id, "execution_id", FIELD_ID),
	FIELD(struct transfer, reference, "reference", FIELD_STR),
	FIELD_END,
};

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

void
place_print(const struct place *place, char ret_text[PLACE_TEXT])
{
	struct id_text text = id_text(&place->owner);
	const char *name = text.text;

	for (size_t i = 0; i < sizeof own_accounts / sizeof *own_accounts; i++)
		if (id_eq(&place->owner, own_accounts[i].id))
			name = own_accounts[i].name;
	(void)snprintf(
	    ret_text, PLACE_TEXT, "%s:%s", name, column_names[place->column]);
}

bool
place_parse(struct aicx_str text, struct place *ret_place)
{
	struct aicx_str column, name = str_cut(text, ':', &column);

	if (str_is(column, column_names[COLUMN_AVAILABLE]))
		ret_place->column = COLUMN_AVAILABLE;
	else if (str_is(column, column_names[COLUMN_RESERVED]))
		ret_place->column = COLUMN_RESERVED;
	else
		return false;
	for (size_t i = 0; i < sizeof own_accounts / sizeof *own_accounts; i++)
		if (str_is(name, own_accounts[i].name)) {
			ret_place->owner = *own_accounts[i].id;
			return true;
		}
	return id_parse(name, &ret_place->owner);
}

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
	return column == COLUMN_AVAILABLE ? &account->available_minor
					  : &account->reserved_minor;
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

/* Totals are for reading: at their limit they stay. */
static void
total_add(int64_t *total, int64_t minor)
{
	if (__builtin_add_overflow(*total, minor, total))
		*total = INT64_MAX;
}

/* Transfers between two owners are transactions; a fee belongs to the one
   whose id it carries. */
static void
note(struct ledger *ledger, const struct transfer *transfer, int64_t at_ms,
    uint64_t seq)
{
	struct place from, to;

	ENSURE(place_parse(transfer->debit, &from));
	ENSURE(place_parse(transfer->credit, &to));
	struct account *payer =
	    account_need(ledger, &from.owner, transfer->amount.currency);
	struct account *payee =
	    account_need(ledger, &to.owner, transfer->amount.currency);
	if (transfer->kind == TRANSFER_FEE) {
		total_add(&payer->fees_minor, transfer->amount.minor);
		return;
	}
	if (id_eq(&from.owner, &to.owner))
		return;
	if (transfer->kind == TRANSFER_POST ||
	    transfer->kind == TRANSFER_CHARGE) {
		total_add(&payer->spent_minor, transfer->amount.minor);
		total_add(&payee->earned_minor, transfer->amount.minor);
	}
	payer->n_transactions++;
	payee->n_transactions++;
	if (map_find_id(&ledger->transactions, &transfer->id) != NULL)
		return;

	struct transaction *transaction = MEM_NEW(struct transaction);
	transaction->id = transfer->id;
	transaction->from = from.owner;
	transaction->to = to.owner;
	transaction->contract_id = transfer->contract_id;
	transaction->execution_id = transfer->execution_id;
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
	    account->reserved_minor != 0;
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
		sum.total += (__int128)a->available_minor + a->reserved_minor;
		sum.reserved_minor += a->reserved_minor;
		if (id_eq(&a->owner, &ledger_funding))
			sum.funding_minor = a->available_minor;
	}
	sum.n_transactions = map_len(&ledger->transactions);
	return sum;
}
