/* SPDX-License-Identifier: Apache-2.0 */
/* verify_covers.c - does the mandate cover the contract, in need, price, time
   and number? */
#include <string.h>

#include "base/str.h"
#include "cli/verify_deal.h"

/* "text.*" covers all below text. */
static bool
need_covered(struct deal *deal, struct json_ref needs, struct aicx_str need)
{
	struct json_iter it = json_iter(needs);

	while (json_next(&it)) {
		struct aicx_str name = json_str(it.value, &deal->arena);
		struct aicx_str stem = { name.ptr,
			name.len ? name.len - 1 : 0 };
		if (name.ptr != NULL && str_eq(name, need))
			return true;
		if (str_ends(name, ".*") && need.len >= name.len &&
		    memcmp(need.ptr, stem.ptr, stem.len) == 0)
			return true;
	}
	return false;
}

static bool
mandate_in_time(struct deal *deal, struct json_ref mandate)
{
	struct json_ref from = json_get(mandate, "not_before");
	struct json_ref to = json_get(mandate, "expires");
	int64_t at_ms, from_ms, to_ms;

	if (!deal_time(deal, "contract: created",
		json_get(deal->contract.root, "created"), &at_ms))
		return false;
	if (json_has(from) &&
	    (!deal_time(deal, "mandate: not_before", from, &from_ms) ||
		at_ms < from_ms))
		return deal_bad(
		    deal, "mandate: not valid yet when the contract was made");
	if (json_has(to) &&
	    (!deal_time(deal, "mandate: expires", to, &to_ms) ||
		at_ms >= to_ms))
		return deal_bad(
		    deal, "mandate: had expired when the contract was made");
	return true;
}

/* Minor units have the scale that the broker writes amounts with. */
static struct amount
of_minor(const struct amount *like, int64_t minor)
{
	struct amount amount = amount_zero(like);

	amount.pico = minor;
	for (int scale = like->scale; scale < AMOUNT_SCALE_MAX; scale++)
		amount.pico *= 10;
	return amount;
}

struct limits {
	struct aicx_str mandate_id;
	struct amount ceiling, max_total;
	int64_t max_deals;
};

static bool
use_within(struct deal *deal, const struct limits *limits, struct json_ref use,
    const struct record_part *record)
{
	int64_t uses = 0, held = 0, posted = 0;

	(void)json_int(json_get(use, "uses"), &uses);
	(void)json_int(json_get(use, "held"), &held);
	(void)json_int(json_get(use, "posted"), &posted);
	struct amount sum = of_minor(&limits->ceiling, held);
	struct amount paid = of_minor(&limits->ceiling, posted);
	if (uses > limits->max_deals)
		return deal_bad(deal,
		    "mandate: used %lld times by record %lld, allowed %lld",
		    (long long)uses, (long long)record->seq,
		    (long long)limits->max_deals);
	if (!amount_add(&sum, &paid) ||
	    amount_cmp(&sum, &limits->max_total) > 0)
		return deal_bad(deal,
		    "mandate: %s used by record %lld, allowed %s",
		    amount_text(&sum).text, (long long)record->seq,
		    amount_text(&limits->max_total).text);
	return true;
}

/* The broker counts uses and sums in the records, beside each hold. */
static bool
mandate_not_used_up(struct deal *deal, const struct limits *limits)
{
	size_t n = 0;

	for (size_t i = 0; i < deal->n_records; i++) {
		const struct record_part *record = &deal->records[i];
		struct json_iter it = json_iter(json_get(record->root, "put"));
		while (json_next(&it)) {
			struct json_ref use = json_get(it.value, "mandate_use");
			if (!json_has(use) ||
			    !str_eq(deal_str(deal, use, "mandate_id"),
				limits->mandate_id))
				continue;
			n++;
			if (!use_within(deal, limits, use, record))
				return false;
		}
	}
	if (n == 0 && json_type(json_get(deal->root, "hold")) != JSON_NULL)
		return deal_bad(deal, "mandate: no record counts its use");
	return true;
}

bool
check_mandate_covers(struct deal *deal)
{
	struct json_ref mandate = deal->mandate.root;
	struct aicx_str need = contract_says(deal, "capability");
	struct amount each, total, ceiling;

	if (!deal->contract.present || !deal->mandate.present)
		return true;
	if (!deal_equal(deal, "contract: mandate_id",
		contract_says(deal, "mandate_id"), "the mandate's",
		deal_str(deal, mandate, "id")) ||
	    !deal_equal(deal, "contract: requester_id",
		contract_says(deal, "requester_id"), "the mandate's",
		deal_str(deal, mandate, "requester")) ||
	    !deal_amount(deal, "contract: ceiling",
		json_get(deal->contract.root, "ceiling"), &ceiling) ||
	    !deal_amount(deal, "mandate: max_each",
		json_get(mandate, "max_each"), &each) ||
	    !deal_amount(deal, "mandate: max_total",
		json_get(mandate, "max_total"), &total))
		return false;
	struct limits limits = { deal_str(deal, mandate, "id"), ceiling, total,
		1 };
	(void)json_int(json_get(mandate, "max_deals"), &limits.max_deals);
	if (!need_covered(deal, json_get(mandate, "need"), need))
		return deal_bad(
		    deal, "mandate: does not cover \"%.*s\"", STR_ARG(need));
	if (!amount_same_currency(&each, &ceiling) ||
	    amount_cmp(&ceiling, &each) > 0)
		return deal_bad(deal,
		    "mandate: allows %s each, the contract up to %s",
		    amount_text(&each).text, amount_text(&ceiling).text);
	if (!mandate_in_time(deal, mandate) ||
	    !mandate_not_used_up(deal, &limits))
		return false;
	deal_ok(deal, "mandate: covers %.*s up to %s, allowed %s each",
	    STR_ARG(need), amount_text(&ceiling).text, amount_text(&each).text);
	return true;
}
