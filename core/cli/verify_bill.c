/* SPDX-License-Identifier: Apache-2.0 */
/* verify_bill.c - what was held, done, used and billed, and that the price
   follows from the signed terms. */

#include "base/str.h"
#include "cli/verify_deal.h"
#include "cli/verify_price.h"

/* --- the hold --------------------------------------------------------- */

/* What is held at most is what the signed terms can come to. */
static bool
ceiling_check(struct deal *deal)
{
	struct json_ref text = deal->contract.root;
	struct amount ceiling, most;
	int64_t max_units = 1;

	(void)json_int(json_get(text, "max_units"), &max_units);
	if (!deal_amount(
		deal, "contract: ceiling", json_get(text, "ceiling"), &ceiling))
		return false;
	if (!price_ceiling(deal->terms, max_units, &deal->arena, &most) ||
	    !amount_same_currency(&most, &ceiling) ||
	    amount_cmp(&most, &ceiling) != 0)
		return deal_bad(deal,
		    "contract: the ceiling is %s, but the signed terms come "
		    "to %s at most",
		    amount_text(&ceiling).text, amount_text(&most).text);
	return true;
}

/* Work may go without a hold where it can cost nothing. */
static bool
no_hold_check(struct deal *deal)
{
	if (json_len(json_get(deal->root, "executions")) == 0) {
		deal_note(deal, "hold: none, no work was ordered");
		return true;
	}
	if (!deal->contract.present)
		return deal_bad(deal, "hold: nothing was agreed");
	if (!deal_amount(deal, "contract: ceiling",
		json_get(deal->contract.root, "ceiling"), &deal->hold))
		return false;
	if (deal->hold.pico != 0)
		return deal_bad(deal,
		    "hold: none, but the contract's ceiling is %s",
		    amount_text(&deal->hold).text);
	deal->has_hold = true;
	deal_ok(deal, "hold: none, the work costs nothing");
	return true;
}

bool
check_hold(struct deal *deal)
{
	struct json_ref hold = json_get(deal->root, "hold");
	struct aicx_str id = deal_str(deal, hold, "hold_id");
	const struct record_part *record = NULL;
	struct amount ceiling;

	if (deal->contract.present && !ceiling_check(deal))
		return false;
	if (json_type(hold) == JSON_NULL)
		return no_hold_check(deal);
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

/* A recorded line: quantity x each / per, exactly. */
static bool
line_read(struct deal *deal, struct json_ref ref, struct price_line *ret,
    struct amount *ret_amount)
{
	static const char *const names[] = { "label", "quantity", "each",
		"amount", NULL };
	struct json_ref per = json_get(ref, "per");
	struct amount product, parts;

	if (!deal_members(deal, "bill: a line", ref, names) ||
	    !deal_amount(
		deal, "bill: each", json_get(ref, "each"), &ret->each) ||
	    !deal_amount(
		deal, "bill: amount", json_get(ref, "amount"), ret_amount))
		return false;
	ret->label = NULL;
	ret->per = 1;
	product = ret->each;
	parts = *ret_amount;
	struct aicx_str label = deal_str(deal, ref, "label");
	if (!json_int(json_get(ref, "quantity"), &ret->quantity) ||
	    (json_has(per) && !json_int(per, &ret->per)) || ret->per < 1 ||
	    !amount_mul(&product, ret->quantity) ||
	    !amount_mul(&parts, ret->per))
		return deal_bad(
		    deal, "bill: line %.*s: its quantity", STR_ARG(label));
	if (!amount_same_currency(&product, &parts) ||
	    amount_cmp(&product, &parts) != 0)
		return deal_bad(deal,
		    "bill: line %.*s is %s, but %lld times %s by %lld is not",
		    STR_ARG(label), amount_text(ret_amount).text,
		    (long long)ret->quantity, amount_text(&ret->each).text,
		    (long long)ret->per);
	return true;
}

/* The line that the terms give in this place. */
static bool
line_same(struct deal *deal, struct json_ref ref, const struct price_line *line,
    const struct price_lines *lines, size_t i)
{
	struct aicx_str label = deal_str(deal, ref, "label");
	const struct price_line *want = &lines->list[i];

	if (i >= lines->n)
		return deal_bad(deal,
		    "bill: line %.*s is none of the signed terms",
		    STR_ARG(label));
	if (!str_is(label, want->label) || line->quantity != want->quantity ||
	    line->per != want->per ||
	    !amount_same_currency(&line->each, &want->each) ||
	    amount_cmp(&line->each, &want->each) != 0)
		return deal_bad(deal,
		    "bill: line %.*s is %lld times %s, but the signed terms "
		    "come to %s: %lld times %s",
		    STR_ARG(label), (long long)line->quantity,
		    amount_text(&line->each).text, want->label,
		    (long long)want->quantity, amount_text(&want->each).text);
	return true;
}

/* The recorded lines, their exact sum, and whether they are those wanted
   (NULL: any). */
static bool
lines_add(struct deal *deal, struct json_ref refs,
    const struct price_lines *want, struct amount *sum)
{
	struct json_iter it = json_iter(refs);
	struct price_line line;
	struct amount amount;
	size_t n = 0;

	for (; json_next(&it); n++) {
		if (!line_read(deal, it.value, &line, &amount) ||
		    (want != NULL &&
			!line_same(deal, it.value, &line, want, n)))
			return false;
		if (!amount_add(sum, &amount))
			return deal_bad(deal, "bill: line %.*s: its currency",
			    STR_ARG(deal_str(deal, it.value, "label")));
	}
	if (want != NULL && n != want->n)
		return deal_bad(deal,
		    "bill: it has %zu lines, the signed terms come to %zu", n,
		    want->n);
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

/* What the records say of it; checked before. */
static struct price_facts
facts_of(struct json_ref status)
{
	struct price_facts facts = { .quality = -1, .used_before = -1 };

	(void)json_int(json_get(status, "units"), &facts.units);
	(void)json_int(json_get(status, "duration_ms"), &facts.latency_ms);
	(void)json_int(json_get(status, "quality"), &facts.quality);
	(void)json_int(json_get(status, "used_before"), &facts.used_before);
	return facts;
}

/* A price that follows from the signed terms alone. */
static bool
fixed_check(struct deal *deal, struct json_ref bill, struct json_ref status,
    struct amount *sum)
{
	struct price_facts facts = facts_of(status);
	struct price_lines lines;

	if (!price_lines(deal->terms, &facts, &deal->arena, &lines))
		return deal_bad(deal, "bill: the signed terms give no price");
	return lines_add(deal, json_get(bill, "lines"), &lines, sum);
}

/* One that a policy said, in one line. */
static bool
policy_check(struct deal *deal, struct json_ref bill, struct json_ref status,
    struct amount *sum, bool *ret_asked)
{
	struct json_ref lines = json_get(bill, "lines");
	struct json_iter it = json_iter(lines);
	struct price_line line;
	struct amount amount;

	if (json_len(lines) != 1 || !json_next(&it) ||
	    !line_read(deal, it.value, &line, &amount))
		return deal_bad(deal, "bill: a policy's price is one line");
	if (!str_is(deal_str(deal, it.value, "label"), "policy") ||
	    line.quantity != 1 || line.per != 1)
		return deal_bad(deal, "bill: the line is not the policy's");
	return check_decision(deal, status, &amount, ret_asked) &&
	    amount_add(sum, &amount);
}

/* The lines follow from what was signed and recorded, and the total from the
   lines. */
static bool
total_check(struct deal *deal, struct json_ref bill, struct json_ref status,
    const struct amount *total)
{
	struct amount sum = amount_zero(&deal->hold);
	struct aicx_str model =
	    deal_str(deal, json_get(deal->terms, "pricing"), "model");
	bool computed = price_is_fixed(model);

	if (!(computed ? fixed_check(deal, bill, status, &sum)
		       : policy_check(deal, bill, status, &sum, &computed)))
		return false;
	clamp(&sum, &deal->hold);
	if (amount_cmp(&sum, total) != 0)
		return deal_bad(deal,
		    "bill: total is %s, but its lines come to %s",
		    amount_text(total).text, amount_text(&sum).text);
	if (computed)
		deal_ok(deal, "bill: %s, recomputed from terms and usage",
		    amount_text(total).text);
	else
		deal_note(deal, "bill: price not recomputed, the model is %.*s",
		    STR_ARG(model));
	return true;
}

/* The bill of one execution, as the records keep it. */
static bool
bill_check(struct deal *deal, struct json_ref bill, struct json_ref status)
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
	if (!amount_same_currency(&fee, &total) || fee.pico < 0 ||
	    amount_cmp(&fee, &total) > 0)
		return deal_bad(deal, "bill: the fee is %s of %s",
		    amount_text(&fee).text, amount_text(&total).text);
	if (!amount_add(&deal->total, &total) || !amount_add(&deal->fee, &fee))
		return deal_bad(deal, "bill: the sum cannot be computed");
	return total_check(deal, bill, status, &total);
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
		struct json_ref status = deal_row(
		    deal, "execution_status", "execution_id", id, &record);
		bill = json_get(status, "bill");
		if (!json_has(bill))
			continue;
		n++;
		if (!bill_check(deal, bill, status))
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
