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
		if (!deal_members(deal, "bill: a line", it.value, names) ||
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

static struct json_ref
usage_of(struct deal *deal, struct aicx_str execution_id)
{
	struct json_iter it = json_iter(json_get(deal->root, "usage"));

	while (json_next(&it))
		if (str_eq(
			deal_str(deal, it.value, "execution_id"), execution_id))
			return it.value;
	return (struct json_ref) { 0 };
}

/* One execution's price from the signed terms and its usage, by our own
   arithmetic. */
static bool
price_compute(struct deal *deal, struct json_ref usage, struct amount *ret_sum,
    bool *ret_computed)
{
	struct json_ref pricing = json_get(deal->terms, "pricing");
	struct aicx_str model = deal_str(deal, pricing, "model");
	struct amount each;
	int64_t units = 0;

	*ret_computed = str_is(model, "per_unit") || str_is(model, "per_call");
	if (!*ret_computed)
		return true;
	if (!deal_amount(deal, "terms: base_cost",
		json_get(pricing, "base_cost"), ret_sum))
		return false;
	if (str_is(model, "per_call"))
		return true;
	(void)json_int(json_get(usage, "units"), &units);
	if (!deal_amount(deal, "terms: unit_cost",
		json_get(pricing, "unit_cost"), &each))
		return false;
	if (!amount_mul(&each, units) || !amount_add(ret_sum, &each))
		return deal_bad(deal, "bill: the price cannot be computed");
	return true;
}

/* The total follows from the lines, and the lines from the terms. */
static bool
total_check(struct deal *deal, struct json_ref bill, struct json_ref usage,
    const struct amount *total)
{
	struct amount sum = amount_zero(&deal->hold), computed;
	bool is_computed = false;

	if (!lines_add(deal, json_get(bill, "lines"), &sum))
		return false;
	clamp(&sum, &deal->hold);
	if (amount_cmp(&sum, total) != 0)
		return deal_bad(deal,
		    "bill: total is %s, but its lines come to %s",
		    amount_text(total).text, amount_text(&sum).text);
	if (!price_compute(deal, usage, &computed, &is_computed))
		return false;
	if (!is_computed) {
		deal_note(deal, "bill: price not recomputed, the model is %.*s",
		    STR_ARG(deal_str(
			deal, json_get(deal->terms, "pricing"), "model")));
		return true;
	}
	if (!amount_same_currency(&computed, &deal->hold))
		return deal_bad(deal,
		    "bill: the terms are in %s, the hold in %s",
		    computed.currency, deal->hold.currency);
	clamp(&computed, &deal->hold);
	if (amount_cmp(&computed, total) != 0)
		return deal_bad(deal,
		    "bill: total is %s, but the signed terms come to %s",
		    amount_text(total).text, amount_text(&computed).text);
	deal_ok(deal, "bill: %s, recomputed from terms and usage",
	    amount_text(total).text);
	return true;
}

/* The bill of one execution, as the records keep it. */
static bool
bill_check(struct deal *deal, struct json_ref bill, struct json_ref usage)
{
	static const char *const names[] = { "lines", "total", "fee", NULL };
	struct amount total, fee;

	if (!deal_members(deal, "bill", bill, names) ||
	    !deal_amount(
		deal, "bill: total", json_get(bill, "total"), &total) ||
	    !deal_amount(deal, "bill: fee", json_get(bill, "fee"), &fee))
		return false;
	if (!deal->has_hold)
		return deal_bad(deal, "bill: nothing was held for it");
	if (!amount_same_currency(&total, &deal->hold) ||
	    amount_cmp(&total, &deal->hold) > 0)
		return deal_bad(deal, "bill: %s, but only %s were held",
		    amount_text(&total).text, amount_text(&deal->hold).text);
	if (!amount_add(&deal->total, &total) || !amount_add(&deal->fee, &fee))
		return deal_bad(deal, "bill: the sum cannot be computed");
	return total_check(deal, bill, usage, &total);
}

bool
check_bill(struct deal *deal)
{
	struct json_ref copy = json_get(deal->root, "bill");
	struct json_iter it = json_iter(json_get(deal->root, "executions"));
	const struct record_part *record = NULL;
	struct json_ref bill = { 0 };
	size_t n = 0;

	deal->total = deal->fee = amount_zero(&deal->hold);
	while (json_next(&it)) {
		struct aicx_str id = deal_str(deal, it.value, "execution_id");
		bill = json_get(deal_row(deal, "execution_status",
				    "execution_id", id, &record),
		    "bill");
		if (!json_has(bill))
			continue;
		n++;
		if (!bill_check(deal, bill, usage_of(deal, id)))
			return false;
	}
	if (n != deal->n_completed)
		return deal_bad(deal, "bill: %zu recorded, %zu executions done",
		    n, deal->n_completed);
	/* The file shows the bill of the last execution. */
	if (!json_has(bill) && json_type(copy) == JSON_NULL)
		return true;
	if (!json_has(bill))
		return deal_bad(deal, "bill: it is in no record");
	return deal_copy(deal, "bill", copy, bill, record);
}
