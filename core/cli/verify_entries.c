/* SPDX-License-Identifier: Apache-2.0 */
/* verify_entries.c - the money that moved is the money that was agreed. */

#include "base/str.h"
#include "cli/verify_deal.h"

/* What the entries of all records add up to. */
struct moved {
	struct amount reserved, posted, returned, fees, charged;
	struct amount waiting; /* of posted, what a batch settles */
	struct aicx_str requester, provider;
};

/* "<agent>:available". */
static bool
is_place(struct aicx_str place, struct aicx_str owner, const char *column)
{
	struct aicx_str rest;
	struct aicx_str name = str_cut(place, ':', &rest);

	return rest.ptr != NULL && str_eq(name, owner) && str_is(rest, column);
}

/* Which way each kind may move, and where it is counted. */
static const struct way {
	const char *kind;
	bool from_requester; /* else from the provider */
	const char *debit; /* column */
	enum { TO_REQUESTER, TO_PROVIDER, TO_FEES } to;
	const char *credit;
	size_t sum; /* offset in struct moved */
} ways[] = {
	{ "reserve", true, "available", TO_REQUESTER, "reserved",
	    offsetof(struct moved, reserved) },
	{ "post", true, "reserved", TO_PROVIDER, "available",
	    offsetof(struct moved, posted) },
	{ "release", true, "reserved", TO_REQUESTER, "available",
	    offsetof(struct moved, returned) },
	{ "void", true, "reserved", TO_REQUESTER, "available",
	    offsetof(struct moved, returned) },
	{ "expire", true, "reserved", TO_REQUESTER, "available",
	    offsetof(struct moved, returned) },
	{ "charge", true, "available", TO_PROVIDER, "available",
	    offsetof(struct moved, charged) },
	{ "fee", false, "available", TO_FEES, "available",
	    offsetof(struct moved, fees) },
	{ .kind = NULL },
};

/* Money that waits for a batch stays with the requester; the entry says who is
   paid. */
static bool
is_waiting(struct deal *deal, struct json_ref entry, const struct moved *moved)
{
	return str_is(deal_str(deal, entry, "kind"), "post") &&
	    is_place(
		deal_str(deal, entry, "debit"), moved->requester, "reserved") &&
	    is_place(
		deal_str(deal, entry, "credit"), moved->requester, "pending") &&
	    str_eq(deal_str(deal, entry, "payee"), moved->provider);
}

/* What goes back of a payment: verify_back.c. */
static bool
goes_back(struct aicx_str kind)
{
	return str_is(kind, "refund") || str_is(kind, "fee_refund") ||
	    str_is(kind, "freeze") || str_is(kind, "thaw");
}

static bool
entry_add(struct deal *deal, const struct record_part *record,
    struct json_ref entry, struct moved *moved)
{
	struct aicx_str kind = deal_str(deal, entry, "kind");
	struct amount amount;
	size_t i = 0;

	while (ways[i].kind != NULL && !str_is(kind, ways[i].kind))
		i++;
	if (ways[i].kind == NULL)
		return deal_bad(deal,
		    "record %lld: an entry of kind \"%.*s\" is none of a deal",
		    (long long)record->seq, STR_ARG(kind));
	struct aicx_str to = ways[i].to == TO_FEES ? STR("fees")
	    : ways[i].to == TO_PROVIDER            ? moved->provider
						   : moved->requester;
	struct aicx_str from =
	    ways[i].from_requester ? moved->requester : moved->provider;
	bool waits = is_waiting(deal, entry, moved);
	if (!waits &&
	    (!is_place(deal_str(deal, entry, "debit"), from, ways[i].debit) ||
		!is_place(deal_str(deal, entry, "credit"), to, ways[i].credit)))
		return deal_bad(deal,
		    "record %lld: the %s goes from %.*s to %.*s",
		    (long long)record->seq, ways[i].kind,
		    STR_ARG(deal_str(deal, entry, "debit")),
		    STR_ARG(deal_str(deal, entry, "credit")));
	if (!deal_amount(deal, "an entry", json_get(entry, "amount"), &amount))
		return false;
	struct amount *sum =
	    (struct amount *)(void *)((char *)moved + ways[i].sum);
	if (sum->pico == 0)
		*sum =
		    amount_zero(&amount); /* without a hold: of no currency */
	if (amount.pico <= 0 || !amount_add(sum, &amount) ||
	    (waits && !amount_add(&moved->waiting, &amount)))
		return deal_bad(deal, "record %lld: a %s of %s",
		    (long long)record->seq, ways[i].kind,
		    amount_text(&amount).text);
	return true;
}

static bool
entries_add(struct deal *deal, struct moved *moved, size_t *ret_n)
{
	for (size_t i = 0; i < deal->n_records; i++) {
		const struct record_part *record = &deal->records[i];
		struct json_iter it =
		    json_iter(json_get(record->root, "entries"));
		while (json_next(&it)) {
			if (goes_back(deal_str(deal, it.value, "kind")))
				continue;
			if (!entry_add(deal, record, it.value, moved))
				return false;
			++*ret_n;
		}
	}
	return true;
}

static bool
sum_is(struct deal *deal, const char *what, const struct amount *sum,
    const char *other, const struct amount *wanted)
{
	if (amount_same_currency(sum, wanted) && amount_cmp(sum, wanted) == 0)
		return true;
	return deal_bad(deal, "%s: the records say %s, but %s is %s", what,
	    amount_text(sum).text, other, amount_text(wanted).text);
}

/* Outside of a hold only the fee for cancelling may move, as the terms say. */
static bool
charge_check(struct deal *deal, const struct amount *charged)
{
	struct amount fee;

	if (charged->pico == 0)
		return true;
	if (!str_is(deal_state(deal), "cancelled"))
		return deal_bad(deal,
		    "entries: a charge of %s, but the deal "
		    "was not cancelled",
		    amount_text(charged).text);
	if (!deal_amount(deal, "terms: cancel_fee",
		json_get(deal->terms, "cancel_fee"), &fee) ||
	    !sum_is(deal, "cancelling", charged, "the terms' cancel_fee", &fee))
		return false;
	deal_ok(deal, "entries: %s for cancelling, as the terms say",
	    amount_text(charged).text);
	return true;
}

/* The fee of what waits for a batch is taken by the batch. */
static bool
fee_check(struct deal *deal, const struct moved *moved)
{
	if (moved->waiting.pico == 0)
		return sum_is(
		    deal, "fee", &moved->fees, "the bill's fee", &deal->fee);
	if (moved->fees.pico == 0 ||
	    (moved->waiting.pico < moved->posted.pico &&
		moved->fees.pico <= deal->fee.pico))
		return true;
	return deal_bad(deal, "fee: the records say %s, but a batch takes it",
	    amount_text(&moved->fees).text);
}

bool
check_entries(struct deal *deal)
{
	struct amount zero = amount_zero(&deal->hold), held = deal->hold;
	struct moved moved = { zero, zero, zero, zero, zero, zero,
		contract_says(deal, "requester_id"),
		contract_says(deal, "provider_id") };
	struct json_ref hold = json_get(deal->root, "hold");
	bool open = str_is(deal_str(deal, hold, "state"), "open");
	size_t n = 0;

	if (!entries_add(deal, &moved, &n) ||
	    !charge_check(deal, &moved.charged))
		return false;
	if (!deal->has_hold && n == (moved.charged.pico != 0))
		return true;
	if (!deal->has_hold)
		return deal_bad(deal, "entries: money moved without a hold");
	/* Each execution has a hold of its own. */
	if (!amount_mul(&held, (int64_t)deal->n_executions))
		return deal_bad(deal, "entries: the sum overflows");
	if (!sum_is(deal, "hold", &moved.reserved, "the hold", &held) ||
	    !sum_is(deal, "bill", &moved.posted, "the bill's total",
		&deal->total) ||
	    !fee_check(deal, &moved))
		return false;
	struct amount back = moved.posted;
	if (!amount_add(&back, &moved.returned))
		return deal_bad(deal, "entries: the sum overflows");
	if (!open &&
	    !sum_is(
		deal, "entries", &back, "what was reserved", &moved.reserved))
		return false;
	deal_ok(deal, "entries: %s reserved, %s posted, %s returned, 0 left",
	    amount_text(&moved.reserved).text, amount_text(&moved.posted).text,
	    amount_text(&moved.returned).text);
	if (moved.waiting.pico > 0)
		deal_ok(deal, "entries: %s of it is settled by a batch",
		    amount_text(&moved.waiting).text);
	return true;
}

/* --- answers ---------------------------------------------------------- */

/* What the requester was told is what was done and billed. */
static bool
answer_check(
    struct deal *deal, const struct record_part *record, struct json_ref body)
{
	struct json_ref list = json_get(deal->root, "executions");
	struct json_ref last = json_at(list, json_len(list) - 1);
	struct json_ref result = json_get(body, "result");
	struct aicx_str id = deal_str(deal, body, "execution_id");
	struct amount told, total;

	if (id.ptr == NULL)
		id = deal_str(deal, last, "execution_id");
	struct json_ref status =
	    deal_row(deal, "execution_status", "execution_id", id, NULL);
	if (!deal_equal(deal, "answer: provider_id",
		deal_str(deal, body, "provider_id"), "the contract's",
		contract_says(deal, "provider_id")) ||
	    !deal_amount(
		deal, "answer: price", json_get(body, "price"), &told) ||
	    !deal_amount(deal, "bill: total",
		json_get(json_get(status, "bill"), "total"), &total) ||
	    !sum_is(deal, "answer", &told, "the bill's total", &total))
		return false;
	if (!json_same(result, json_get(status, "output"), &deal->arena))
		return deal_bad(deal,
		    "answer: the result in record %lld is not what the "
		    "provider delivered",
		    (long long)record->seq);
	deal_ok(deal,
	    "result: what the requester got in record %lld is what "
	    "the provider delivered",
	    (long long)record->seq);
	return true;
}

bool
check_answers(struct deal *deal)
{
	for (size_t i = 0; i < deal->n_records; i++) {
		const struct record_part *record = &deal->records[i];
		struct json_ref body =
		    json_get(json_get(record->root, "answer"), "body");
		if (json_has(json_get(body, "result")) &&
		    !answer_check(deal, record, body))
			return false;
	}
	return true;
}
