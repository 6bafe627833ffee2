/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verify_back.c - what went back of a deal's payments: refunds never above what
 * was left, the fee's share with them, and each dispute ruled once.
 */
#include <string.h>

#include "base/str.h"
#include "cli/verify_deal.h"

/* One payment, in minor units, as the records up to here have it. */
struct payment {
	struct aicx_str id;
	struct amount unit; /* 10^-scale of the currency */
	int64_t amount, fee, refunded, fee_back, frozen;
	bool waits; /* for a batch, with the payer */
	bool disputed, ruled;
};

struct ledger_part {
	struct deal *deal;
	const struct record_part *record;
	struct payment *list;
	size_t n;
	struct aicx_str requester, provider;
	bool any;
};

enum back_kind { BACK_REFUND, BACK_FEE, BACK_FREEZE, BACK_THAW, BACK_N };
static const char *const back_names[BACK_N] = { "refund", "fee_refund",
	"freeze", "thaw" };

/* What one record does to one payment. */
struct change {
	int64_t refund; /* from the payee, or of what waits */
	int64_t ruled; /* refunded from what is frozen */
	int64_t fee_back, freeze, thaw;
};

static struct payment *
payment_find(struct ledger_part *part, struct aicx_str id)
{
	for (size_t i = 0; i < part->n; i++)
		if (str_eq(part->list[i].id, id))
			return &part->list[i];
	return NULL;
}

static bool
ends(struct aicx_str text, const char *end)
{
	size_t n = strlen(end);

	return text.len > n && memcmp(text.ptr + text.len - n, end, n) == 0;
}

static void
payment_take(struct ledger_part *part, struct json_ref entry,
    const struct amount *amount)
{
	struct payment *payment = &part->list[part->n++];

	*payment = (struct payment) {
		.id = deal_str(part->deal, entry, "id"),
		.unit = amount_zero(amount),
		.amount = amount_minor(amount),
		.waits =
		    ends(deal_str(part->deal, entry, "credit"), ":pending"),
	};
}

/* --- which way it goes --------------------------------------------------- */

static bool
is_at(struct aicx_str place, struct aicx_str owner, const char *column)
{
	struct aicx_str rest;

	return str_eq(str_cut(place, ':', &rest), owner) && rest.ptr != NULL &&
	    str_is(rest, column);
}

static bool
goes(struct ledger_part *part, struct json_ref entry, struct aicx_str from,
    const char *column, struct aicx_str to)
{
	return is_at(deal_str(part->deal, entry, "debit"), from, column) &&
	    is_at(deal_str(part->deal, entry, "credit"), to, "available");
}

static bool
way_check(struct ledger_part *part, const struct payment *payment,
    struct json_ref entry, enum back_kind kind, bool *ret_suspense)
{
	struct aicx_str fees = STR("fees"), suspense = STR("suspense");
	struct aicx_str payee = deal_str(part->deal, entry, "payee");
	bool good = false;

	*ret_suspense = false;
	switch (kind) {
	case BACK_REFUND:
		*ret_suspense =
		    goes(part, entry, suspense, "available", part->requester);
		good = payment->waits ? goes(part, entry, part->requester,
					    "pending", part->requester)
				      : *ret_suspense ||
			goes(part, entry, part->provider, "available",
			    part->requester);
		if (payment->waits || *ret_suspense)
			good = good && str_eq(payee, part->provider);
		break;
	case BACK_FEE:
		good = goes(part, entry, fees, "available", part->provider);
		break;
	case BACK_FREEZE:
		good = goes(part, entry, part->provider, "available", suspense);
		break;
	case BACK_THAW:
		good = goes(part, entry, suspense, "available", part->provider);
		break;
	case BACK_N:
		break;
	}
	if (good)
		return true;
	return deal_bad(part->deal,
	    "record %lld: the %s goes from %.*s to %.*s",
	    (long long)part->record->seq, back_names[kind],
	    STR_ARG(deal_str(part->deal, entry, "debit")),
	    STR_ARG(deal_str(part->deal, entry, "credit")));
}

/* Small enough that a few of them can be added. */
static bool
add(int64_t *sum, int64_t minor)
{
	if (minor < 0 || minor > INT64_MAX / 8 - *sum)
		return false;
	*sum += minor;
	return true;
}

static bool
entry_take(struct ledger_part *part, struct json_ref entry,
    struct change changes[], enum back_kind kind, const struct amount *amount)
{
	struct payment *payment =
	    payment_find(part, deal_str(part->deal, entry, "of"));
	int64_t minor = amount_minor(amount);
	bool suspense;

	if (payment == NULL || !amount_same_currency(&payment->unit, amount))
		return deal_bad(part->deal,
		    "record %lld: a %s of a payment that is none of this deal",
		    (long long)part->record->seq, back_names[kind]);
	if (!way_check(part, payment, entry, kind, &suspense))
		return false;
	struct change *change = &changes[payment - part->list];
	part->any = true;
	int64_t *sums[BACK_N] = { suspense ? &change->ruled : &change->refund,
		&change->fee_back, &change->freeze, &change->thaw };
	return add(sums[kind], minor) ||
	    deal_bad(part->deal, "record %lld: the sum overflows",
		(long long)part->record->seq);
}

/* --- what follows from it ------------------------------------------------- */

static bool
bad_payment(
    struct ledger_part *part, const struct payment *payment, const char *why)
{
	return deal_bad(part->deal, "record %lld: payment %.*s: %s",
	    (long long)part->record->seq, STR_ARG(payment->id), why);
}

/* The row of the dispute in this record, if there is one of this payment. */
static struct json_ref
row_of(struct ledger_part *part, const char *table, struct aicx_str id)
{
	struct json_iter it = json_iter(json_get(part->record->root, "put"));
	struct json_ref found = { 0 };

	while (json_next(&it)) {
		struct json_ref row = json_get(it.value, table);
		if (json_has(row) &&
		    str_eq(deal_str(part->deal, row, "transaction_id"), id))
			found = row;
	}
	return found;
}

static int64_t
number(struct json_ref row, const char *name)
{
	int64_t value = 0;

	(void)json_int(json_get(row, name), &value);
	return value < 0 || value > INT64_MAX / 8 ? -1 : value;
}

/* Opened once, ruled once; what was frozen goes one way or the other. */
static bool
dispute_check(struct ledger_part *part, struct payment *payment,
    const struct change *change)
{
	struct json_ref row = row_of(part, "dispute", payment->id);
	bool open = str_is(deal_str(part->deal, row, "state"), "open");
	int64_t refunded = change->refund + change->ruled;

	if (!json_has(row)) {
		if (change->freeze + change->thaw + change->ruled > 0)
			return bad_payment(part, payment,
			    "frozen or thawed without a dispute");
		return !payment->disputed || payment->ruled || refunded == 0 ||
		    bad_payment(part, payment, "refunded while it is disputed");
	}
	if (payment->ruled || (open && payment->disputed))
		return bad_payment(
		    part, payment, "disputed or ruled a second time");
	payment->frozen += change->freeze - change->ruled - change->thaw;
	if (payment->frozen != (open ? number(row, "frozen") : 0))
		return bad_payment(part, payment,
		    open ? "frozen is not what the dispute says"
			 : "the ruling leaves something frozen");
	if (!open && refunded != number(row, "refunded"))
		return bad_payment(
		    part, payment, "refunded is not what the ruling says");
	if (open && refunded > 0)
		return bad_payment(
		    part, payment, "refunded while it is disputed");
	payment->disputed = true;
	payment->ruled = !open;
	return true;
}

static bool
state_check(struct ledger_part *part, const struct payment *payment)
{
	struct json_ref row = row_of(part, "transaction_state", payment->id);

	if (!json_has(row) ||
	    (number(row, "refunded") == payment->refunded &&
		number(row, "fee_back") == payment->fee_back))
		return true;
	return bad_payment(
	    part, payment, "its row says another refund than its entries");
}

static bool
change_check(struct ledger_part *part, struct payment *payment,
    const struct change *change)
{
	struct json_ref row = row_of(part, "transaction_state", payment->id);

	if (change->refund + change->ruled >
	    payment->amount - payment->refunded)
		return bad_payment(
		    part, payment, "more is refunded than was left of it");
	payment->refunded += change->refund + change->ruled;
	int64_t fee_back = (int64_t)((__int128)payment->fee *
	    payment->refunded / payment->amount);
	if (change->fee_back !=
	    (payment->waits ? 0 : fee_back - payment->fee_back))
		return bad_payment(part, payment,
		    "not the fee's share goes back with the refund");
	if (json_has(row) || !payment->waits)
		payment->fee_back = fee_back;
	return dispute_check(part, payment, change) &&
	    state_check(part, payment);
}

/* The fee of what waits is in its row; once it has a batch it waits no more. */
static void
row_take(struct ledger_part *part, struct payment *payment)
{
	struct json_ref row = row_of(part, "transaction_state", payment->id);

	if (!payment->waits || !json_has(row))
		return;
	payment->fee = number(row, "fee");
	if (deal_str(part->deal, row, "batch_id").ptr != NULL)
		payment->waits = false;
}

static bool
record_back(struct ledger_part *part, struct change changes[])
{
	struct json_iter it =
	    json_iter(json_get(part->record->root, "entries"));

	for (size_t i = 0; i < part->n; i++)
		row_take(part, &part->list[i]);
	while (json_next(&it)) {
		struct aicx_str kind = deal_str(part->deal, it.value, "kind");
		struct amount amount;
		size_t i = 0;

		if (!deal_amount(part->deal, "an entry",
			json_get(it.value, "amount"), &amount))
			return false;
		if (amount_minor(&amount) <= 0)
			return deal_bad(part->deal,
			    "record %lld: an entry of %s",
			    (long long)part->record->seq,
			    amount_text(&amount).text);
		if (str_is(kind, "post")) {
			payment_take(part, it.value, &amount);
			row_take(part, &part->list[part->n - 1]);
		}
		struct payment *payment =
		    payment_find(part, deal_str(part->deal, it.value, "id"));
		if (str_is(kind, "fee") && payment != NULL &&
		    !add(&payment->fee, amount_minor(&amount)))
			return bad_payment(part, payment, "its fee overflows");
		while (i < BACK_N && !str_is(kind, back_names[i]))
			i++;
		if (i < BACK_N &&
		    !entry_take(
			part, it.value, changes, (enum back_kind)i, &amount))
			return false;
	}
	for (size_t i = 0; i < part->n; i++)
		if (!change_check(part, &part->list[i], &changes[i]))
			return false;
	return true;
}

static size_t
count_posts(struct deal *deal)
{
	size_t n = 0;

	for (size_t i = 0; i < deal->n_records; i++) {
		struct json_iter it =
		    json_iter(json_get(deal->records[i].root, "entries"));
		while (json_next(&it))
			n += str_is(deal_str(deal, it.value, "kind"), "post");
	}
	return n;
}

bool
check_back(struct deal *deal)
{
	size_t n = count_posts(deal);
	struct ledger_part part = { .deal = deal,
		.list = arena_new(&deal->arena, (n + 1) * sizeof *part.list),
		.requester = contract_says(deal, "requester_id"),
		.provider = contract_says(deal, "provider_id") };
	struct change *changes =
	    arena_new(&deal->arena, (n + 1) * sizeof *changes);

	for (size_t i = 0; i < deal->n_records; i++) {
		memset(changes, 0, (n + 1) * sizeof *changes);
		part.record = &deal->records[i];
		if (!record_back(&part, changes))
			return false;
	}
	for (size_t i = 0; i < part.n && part.any; i++) {
		const struct payment *payment = &part.list[i];
		struct amount back = payment->unit, frozen = payment->unit;
		back.pico = 1;
		for (int k = back.scale; k < AMOUNT_SCALE_MAX; k++)
			back.pico *= 10;
		frozen.pico = back.pico * payment->frozen;
		back.pico *= payment->refunded;
		deal_ok(deal, "payment: %.*s, %s of it refunded, %s frozen%s",
		    STR_ARG(payment->id), amount_text(&back).text,
		    amount_text(&frozen).text,
		    payment->ruled ? ", its dispute is ruled" : "");
	}
	return true;
}
