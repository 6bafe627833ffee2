/* SPDX-License-Identifier: Apache-2.0 */
/* ledger.c - who owes whom; every transfer takes what it gives. */
#include "economics/ledger.h"

#include "base/err.h"
#include "base/id.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>

const struct field account_fields[] = {
	FIELD(struct account, owner, "owner", FIELD_ID),
	FIELD(struct account, available_minor, "available", FIELD_INT),
	FIELD(struct account, reserved_minor, "reserved", FIELD_INT),
	FIELD(struct account, pending_minor, "pending", FIELD_INT),
	FIELD(struct account, spent_minor, "spent", FIELD_INT),
	FIELD(struct account, earned_minor, "earned", FIELD_INT),
	FIELD(struct account, fees_minor, "fees", FIELD_INT),
	FIELD(struct account, funded_minor, "funded", FIELD_INT),
	FIELD(struct account, frozen_minor, "frozen", FIELD_INT),
	FIELD(struct account, n_transactions, "transactions", FIELD_INT),
	FIELD_END,
};

struct holder_key {
	struct aicx_id owner;
	char currency[8];
};

struct holder { /* one account and its key in the map */
	struct holder_key key;
	struct account account;
	bool changed; /* it is in the ledger's list of these */
	bool known; /* it was changed, ever */
};

struct kept {
	struct transaction transaction;
	char reference[];
};

/* A step asks for the same few accounts again and again. */
enum { RECENT = 4 };

struct ledger {
	struct map holders, transactions;
	struct holder *recent[RECENT]; /* the last ones found; or NULL */
	unsigned next_recent;
	struct holder **changed;
	size_t n_changed, cap_changed;
	struct transaction *oldest, *newest; /* of those in the map */
	const struct transaction *seen; /* the last one given out */
	size_t n_transactions, n_accounts; /* ever */
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
	MAP_EACH (entry, &ledger->transactions)
		free(entry->value);
	map_fini(&ledger->holders);
	map_fini(&ledger->transactions);
	free(ledger->changed);
	free(ledger);
}

/* At most 7 letters, into zeros. */
static void
put_code(char ret_code[8], const char *currency)
{
	for (size_t i = 0; i < 7 && currency[i] != '\0'; i++)
		ret_code[i] = currency[i];
}

static bool
same_holder(const struct holder *holder, const struct holder_key *key)
{
	return holder != NULL && id_eq(&holder->key.owner, &key->owner) &&
	    memcmp(holder->key.currency, key->currency, 8) == 0;
}

static struct holder *
holder_find(
    struct ledger *ledger, const struct aicx_id *owner, const char *currency)
{
	struct holder_key key = { .owner = *owner };

	put_code(key.currency, currency);
	for (size_t i = 0; i < RECENT; i++)
		if (same_holder(ledger->recent[i], &key))
			return ledger->recent[i];
	struct holder *holder = map_find(&ledger->holders,
	    (struct aicx_str) { (const char *)&key, sizeof key });
	if (holder != NULL)
		ledger->recent[ledger->next_recent++ % RECENT] = holder;
	return holder;
}

static struct holder *
holder_need(
    struct ledger *ledger, const struct aicx_id *owner, const char *currency)
{
	struct holder *holder = holder_find(ledger, owner, currency);

	if (holder != NULL)
		return holder;
	holder = MEM_NEW(struct holder);
	holder->key.owner = holder->account.owner = *owner;
	put_code(holder->key.currency, currency);
	memcpy(holder->account.currency, holder->key.currency,
	    sizeof holder->account.currency);
	(void)map_put(&ledger->holders,
	    (struct aicx_str) {
		(const char *)&holder->key, sizeof holder->key },
	    holder);
	return holder;
}

static struct account *
account_need(
    struct ledger *ledger, const struct aicx_id *owner, const char *currency)
{
	return &holder_need(ledger, owner, currency)->account;
}

/* The account as something that is being changed for good. */
static struct account *
account_touch(
    struct ledger *ledger, const struct aicx_id *owner, const char *currency)
{
	struct holder *holder = holder_need(ledger, owner, currency);

	if (holder->changed)
		return &holder->account;
	if (ledger->n_changed == ledger->cap_changed) {
		ledger->cap_changed =
		    ledger->cap_changed ? ledger->cap_changed * 2 : 64;
		ledger->changed = mem_grow(ledger->changed,
		    ledger->cap_changed * sizeof(struct holder *));
	}
	ledger->changed[ledger->n_changed++] = holder;
	holder->changed = true;
	ledger->n_accounts += !holder->known;
	holder->known = true;
	return &holder->account;
}

const struct account *
ledger_account(const struct ledger *ledger, const struct aicx_id *owner,
    const char *currency)
{
	static const struct account nothing;
	/* What was found last is nothing that anybody can see. */
	struct ledger *own = (struct ledger *)(uintptr_t)ledger;
	const struct holder *holder = holder_find(own, owner, currency);

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

	if (!transfer_places(transfer, back ? &to : &from, back ? &from : &to))
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
	if (less < 0 && !back && !place_may_owe(&from.owner))
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
		if (!id_eq(&to->owner, &ledger_funding))
			break; /* counts when it is paid out */
		total_add(&payer->funded_minor, -minor);
		break;
	case TRANSFER_CHARGEBACK:
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
	    kind == TRANSFER_RECORD || kind == TRANSFER_REFUND ||
	    kind == TRANSFER_CHARGEBACK;
}

bool
transaction_of(const struct transfer *transfer, int64_t at_ms, uint64_t seq,
    size_t nth, struct transaction *ret_transaction)
{
	struct place from, to;
	struct aicx_id payer, payee;

	if (!transfer_places(transfer, &from, &to))
		return false;
	parties_of(transfer, &from, &to, &payer, &payee);
	if (!is_transaction((enum transfer_kind)transfer->kind) ||
	    id_eq(&payer, &payee))
		return false;
	*ret_transaction = (struct transaction) {
		.id = transfer->id,
		.from = payer,
		.to = payee,
		.contract_id = transfer->contract_id,
		.execution_id = transfer->execution_id,
		.of = transfer->of,
		.kind = (enum transfer_kind)transfer->kind,
		.amount = transfer->amount,
		.at_ms = at_ms,
		.seq = seq,
		.nth = nth,
		.reference = transfer->reference,
	};
	return true;
}

static void
keep(struct ledger *ledger, const struct transaction *transaction)
{
	size_t len = transaction->reference.len;
	struct kept *kept;

	if (map_find_id(&ledger->transactions, &transaction->id) != NULL)
		return;
	ledger->n_transactions++;
	kept = mem_new(sizeof *kept + len + 1);
	kept->transaction = *transaction;
	if (len > 0)
		memcpy(kept->reference, transaction->reference.ptr, len);
	kept->transaction.reference =
	    (struct aicx_str) { len > 0 ? kept->reference : NULL, len };
	if (ledger->newest != NULL)
		ledger->newest->next = &kept->transaction;
	else
		ledger->oldest = &kept->transaction;
	ledger->newest = &kept->transaction;
	(void)map_put_id(
	    &ledger->transactions, &kept->transaction.id, &kept->transaction);
}

/* Transfers between two owners are transactions; a fee belongs to the one
   whose id it carries, which is in the same record. */
static void
note(struct ledger *ledger, const struct transfer *transfer, int64_t at_ms,
    uint64_t seq, size_t nth)
{
	const char *currency = transfer->amount.currency;
	struct transaction transaction;
	struct place from, to;
	struct aicx_id payer, payee;

	ENSURE(transfer_places(transfer, &from, &to));
	parties_of(transfer, &from, &to, &payer, &payee);
	struct account *debit = account_touch(ledger, &from.owner, currency);
	if (transfer->kind == TRANSFER_REFUND)
		debit = account_touch(ledger, &payer, currency);
	total_up(transfer, &from, &to, debit,
	    account_touch(ledger, &to.owner, currency));
	if (transfer->kind == TRANSFER_REFUND &&
	    id_eq(&from.owner, &ledger_suspense))
		total_add(&debit->frozen_minor, -transfer->amount.minor);
	struct transaction *known =
	    map_find_id(&ledger->transactions, &transfer->id);
	if (transfer->kind == TRANSFER_FEE && known != NULL &&
	    known->seq == seq)
		total_add(&known->fee_minor, transfer->amount.minor);
	if (known != NULL && transfer->kind == TRANSFER_REFUND &&
	    known->seq == seq)
		known->amount.minor +=
		    transfer->amount.minor; /* in two parts */
	if (known != NULL ||
	    !transaction_of(transfer, at_ms, seq, nth, &transaction))
		return;
	account_touch(ledger, &payer, currency)->n_transactions++;
	account_touch(ledger, &payee, currency)->n_transactions++;
	keep(ledger, &transaction);
}

aicx_err
ledger_apply(struct ledger *ledger, const struct transfer *transfers, size_t n,
    int64_t at_ms, uint64_t seq, struct aicx_error *reterr)
{
	for (size_t i = 0; i < n; i++) {
		aicx_err err = move(ledger, &transfers[i], false, reterr);
		if (err != AICX_OK)
			return err;
		note(ledger, &transfers[i], at_ms, seq, i);
	}
	return AICX_OK;
}

const struct transaction *
ledger_transaction(const struct ledger *ledger, const struct aicx_id *id)
{
	return map_find_id(&ledger->transactions, id);
}

const struct transaction *
ledger_oldest(const struct ledger *ledger)
{
	return ledger->oldest;
}

const struct transaction *
ledger_next_new(struct ledger *ledger)
{
	const struct transaction *next =
	    ledger->seen != NULL ? ledger->seen->next : ledger->oldest;

	if (next != NULL)
		ledger->seen = next;
	return next;
}

void
ledger_forget(struct ledger *ledger, uint64_t seq)
{
	while (ledger->oldest != NULL && ledger->oldest->seq <= seq) {
		struct transaction *gone = ledger->oldest;
		ledger->oldest = (struct transaction *)(uintptr_t)gone->next;
		if (ledger->oldest == NULL)
			ledger->newest = NULL;
		if (ledger->seen == gone)
			ledger->seen = NULL;
		(void)map_remove_id(&ledger->transactions, &gone->id);
		free(gone);
	}
}

void
ledger_each_changed(struct ledger *ledger, ledger_account_fn *fn, void *arg)
{
	for (size_t i = 0; i < ledger->n_changed; i++) {
		ledger->changed[i]->changed = false;
		fn(&ledger->changed[i]->account, arg);
	}
	ledger->n_changed = 0;
}

size_t
ledger_n_accounts(const struct ledger *ledger)
{
	return ledger->n_accounts;
}

void
ledger_restore(struct ledger *ledger, const struct account *account)
{
	struct account *own =
	    account_need(ledger, &account->owner, account->currency);

	*own = *account;
	holder_find(ledger, &account->owner, account->currency)->known = true;
	ledger->n_accounts++;
}

void
ledger_restore_count(struct ledger *ledger, size_t n_transactions)
{
	ledger->n_transactions = n_transactions;
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
	sum.losses_minor = own(ledger, &ledger_losses, currency);
	sum.n_transactions = ledger->n_transactions;
	return sum;
}
