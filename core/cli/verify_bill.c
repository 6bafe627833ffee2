/* SPDX-License-Identifier: Apache-2.0 */
/* verify_bill.c - what was held, done, used and billed, and that the price
   follows from the signed terms. */

#include "base/str.h"
#include "cli/verify_deal.h"

/* --- the hold --------------------------------------------------------- */

bool
check_hold(struct deal *deal)
{
	struct json_ref hold = json_get(deal->root, "hold");
	struct aicx_str id = deal_str(deal, hold, "hold_id");
	const struct record_part *record = NULL;
	struct amount ceiling;

	if (json_type(hold) == JSON_NULL) {
		deal_note(deal, "hold: none, no work was ordered");
		return true;
	}
	struct json_ref row = deal_row(deal, "hold", "hold_id", id, &record);
	if (!json_has(row))
		return deal_bad(
		    deal, "hold: %.*s is in no record", STR_ARG(id));
	if (!deal_copy(deal, "hold", hold, row, record) ||
	    !deal_amount(
		deal, "hold: amount", json_get(hold, "amount"), &deal->hold))
		return false;
	deal->has_hold = true;
	if (!deal->contract.present)
		return deal_bad(deal, "hold: nothing was agreed");
	if (!deal_amount(deal, "contract: ceiling",
		json_get(deal->contract.root, "ceiling"), &ceiling))
		return false;
	if (!amount_same_currency(&ceiling, &deal->hold) ||
	    amount_cmp(&ceiling, &deal->hold) != 0)
		return deal_bad(deal,
		    "hold: %s are held, the contract's ceiling is %s",
		    amount_text(&deal->hold).text, amount_text(&ceiling).text);
	deal_ok(deal, "hold: %s, now %.*s", amount_text(&deal->hold).text,
	    STR_ARG(deal_str(deal, hold, "state")));
	return true;
}

/* --- the bill --------------------------------------------------------- */

/* Each line is exact; the sum is rounded once and clamped to 0..hold. */
static bool
lines_add(struct deal *deal, struct json_ref lines, struct amount *sum)
{
	static const char *const names[] = { "label", "quantity", "each",
		"amount", NULL };
	struct json_iter it = json_iter(lines);
	struct amount each, amount, product;
	int64_t quantity;

	while (json_next(&it)) {
		struct aicx_str label = deal_str(deal, it.value, "label");
		if (!deal_members(deal, "bill: a line", it.value, names, 4) ||
		    !deal_amount(deal, "bill: each", json_get(it.value, "each"),
			&each) ||
		    !deal_amount(deal, "bill: amount",
			json_get(it.value, "amount"), &amount))
			return false;
		product = each;
		if (!json_int(json_get(it.value, "quantity"), &quantity) ||
		    !amount_mul(&product, quantity))
			return deal_bad(deal, "bill: line %.*s: its quantity",
			    STR_ARG(label));
		if (!amount_same_currency(&product, &amount) ||
		    amount_cmp(&product, &amount) != 0)
			return deal_bad(deal,
			    "bill: line %.*s is %s, but %lld times %s is %s",
			    STR_ARG(label), amount_text(&amount).text,
			    (long long)quantity, amount_text(&each).text,
			    amount_text(&product).text);
		if (!amount_add(sum, &amount))
			return deal_bad(deal, "bill: line %.*s: its currency",
			    STR_ARG(label));
	}
	return true;
}

static void
clamp(struct amount *sum, const struct amount *hold)
{
	struct amount zero = amount_zero(hold);

	amount_round(sum, hold->scale);
	if (amount_cmp(sum, &zero) < 0)
		*sum = zero;
	if (amount_cmp(sum, hold) > 0)
		*sum = *hold;
}

/* From the signed terms and the usage, by our own arithmetic. */
static bool
price_compute(struct deal *deal, struct amount *ret_sum, bool *ret_computed)
{
	struct json_ref pricing = json_get(deal->terms, "pricing");
	struct aicx_str model = deal_str(deal, pricing, "model");
	struct json_iter it = json_iter(json_get(deal->root, "usage"));
	bool per_unit = str_is(model, "per_unit");
	struct amount base, each = amount_zero(&deal->hold), sum = each;
	int64_t most = 0, units = 0;

	*ret_computed = per_unit || str_is(model, "per_call");
	if (!*ret_computed)
		return true;
	if (!deal_amount(deal, "terms: base_cost",
		json_get(pricing, "base_cost"), &base) ||
	    (per_unit &&
		!deal_amount(deal, "terms: unit_cost",
		    json_get(pricing, "unit_cost"), &each)))
		return false;
	bool limited =
	    json_int(json_get(deal->contract.root, "max_units"), &most) &&
	    most > 0;
	while (json_next(&it)) {
		struct amount units_cost = each;
		if (!amount_add(&sum, &base))
			return deal_bad(
			    deal, "bill: terms in another currency");
		if (!per_unit)
			continue;
		units = 0;
		(void)json_int(json_get(it.value, "units"), &units);
		if (limited && units > most)
			units = most;
		if (!amount_mul(&units_cost, units) ||
		    !amount_add(&sum, &units_cost))
			return deal_bad(deal, "bill: the price overflows");
	}
	*ret_sum = sum;
	return true;
}

/* The bills that the records keep, one for each execution. */
static bool
bill_recorded(struct deal *deal, struct json_ref bill)
{
	struct json_iter it = json_iter(json_get(deal->root, "executions"));
	const struct record_part *record = NULL;
	size_t n = 0;

	while (json_next(&it)) {
		struct json_ref kept = json_get(
		    deal_row(deal, "execution_status", "execution_id",
			deal_str(deal, it.value, "execution_id"), &record),
		    "bill");
		if (!json_has(kept))
			continue;
		n++;
		if (deal->n_completed == 1 &&
		    !deal_copy(deal, "bill", bill, kept, record))
			return false;
	}
	if (n != deal->n_completed)
		return deal_bad(deal, "bill: %zu recorded, %zu completed", n,
		    deal->n_completed);
	return true;
}

static bool
bill_sums(struct deal *deal, struct json_ref bill)
{
	struct amount sum = amount_zero(&deal->hold), computed;
	bool is_computed = false;

	if (!lines_add(deal, json_get(bill, "lines"), &sum))
		return false;
	clamp(&sum, &deal->hold);
	if (amount_cmp(&sum, &deal->total) != 0)
		return deal_bad(deal,
		    "bill: total is %s, but its lines come to %s",
		    amount_text(&deal->total).text, amount_text(&sum).text);
	if (!price_compute(deal, &computed, &is_computed))
		return false;
	if (!is_computed) {
		deal_note(deal, "bill: price not recomputed, the model is %.*s",
		    STR_ARG(deal_str(
			deal, json_get(deal->terms, "pricing"), "model")));
		return true;
	}
	clamp(&computed, &deal->hold);
	if (amount_cmp(&computed, &deal->total) != 0)
		return deal_bad(deal,
		    "bill: total is %s, but the signed terms come to %s",
		    amount_text(&deal->total).text,
		    amount_text(&computed).text);
	deal_ok(deal, "bill: %s, recomputed from terms and usage",
	    amount_text(&deal->total).text);
	return true;
}

bool
check_bill(struct deal *deal)
{
	static const char *const names[] = { "lines", "total", "fee", NULL };
	struct json_ref bill = json_get(deal->root, "bill");

	if (json_type(bill) == JSON_NULL) {
		if (deal->n_completed > 0)
			return deal_bad(deal, "bill: none for a finished job");
		return true;
	}
	if (!deal_members(deal, "bill", bill, names, 2) ||
	    !deal_amount(
		deal, "bill: total", json_get(bill, "total"), &deal->total))
		return false;
	if (!deal->has_hold)
		return deal_bad(deal, "bill: nothing was held for it");
	deal->fee = amount_zero(&deal->total);
	if (json_has(json_get(bill, "fee")) &&
	    !deal_amount(deal, "bill: fee", json_get(bill, "fee"), &deal->fee))
		return false;
	deal->has_bill = true;
	if (!amount_same_currency(&deal->total, &deal->hold) ||
	    amount_cmp(&deal->total, &deal->hold) > 0)
		return deal_bad(deal, "bill: %s, but only %s were held",
		    amount_text(&deal->total).text,
		    amount_text(&deal->hold).text);
	return bill_recorded(deal, bill) && bill_sums(deal, bill);
}
