/* SPDX-License-Identifier: Apache-2.0 */
/* verify_choice.c - was the offer chosen as the rule says, for what the intent
   asked, under the policy that was signed? */

#include "base/str.h"
#include "cli/verify_deal.h"
#include "cli/verify_price.h"

enum { UNITS_UNSAID = 1000 };

/* --- the choice ------------------------------------------------------- */

/* What counts as the most units: the intent says it, else the terms. */
static int64_t
most_units(struct deal *deal, const struct offer_part *offer)
{
	struct json_ref intent = json_get(deal->root, "intent");
	struct aicx_str model = deal_str(deal, offer->pricing, "model");
	int64_t units = 0;

	if (json_int(json_get(intent, "max_units"), &units) && units > 0)
		return units;
	if (json_int(json_get(offer->terms_root, "max_units"), &units))
		return units > 0 ? units : 1;
	return str_is(model, "per_unit") ||
		json_has(json_get(offer->pricing, "included_units")) ||
		(str_is(model, "dynamic") &&
		    json_has(json_get(offer->pricing, "unit")))
	    ? UNITS_UNSAID
	    : 1;
}

/* The listed price is the most that the offer's signed terms can cost. */
static bool
candidate_ok(struct deal *deal, struct json_ref row, struct amount *ret_price)
{
	struct aicx_str id = deal_str(deal, row, "offer_id");
	const struct offer_part *offer = deal_offer(deal, id);
	struct amount most;

	if (offer == NULL)
		return deal_bad(
		    deal, "choice: offer %.*s is not in the file", STR_ARG(id));
	if (!json_has(deal_row(deal, "offer", "offer_id", id, NULL)))
		return deal_bad(
		    deal, "choice: offer %.*s is in no record", STR_ARG(id));
	if (!deal_amount(
		deal, "choice: price", json_get(row, "price"), ret_price))
		return false;
	if (!price_ceiling(offer->terms_root, most_units(deal, offer),
		&deal->arena, &most) ||
	    !amount_same_currency(&most, ret_price) ||
	    amount_cmp(&most, ret_price) != 0)
		return deal_bad(deal,
		    "choice: offer %.*s is listed at %s, its terms say %s",
		    STR_ARG(id), amount_text(ret_price).text,
		    amount_text(&most).text);
	return true;
}

/* No candidate beats the chosen one by the rule. */
static bool
choice_best(struct deal *deal, struct json_ref choose, const char *member,
    bool lower_is_better)
{
	struct aicx_str chosen = contract_says(deal, "offer_id");
	struct json_iter it = json_iter(json_get(choose, "offers"));
	struct amount price, best = { 0 };
	int64_t score = 0, best_score = 0;

	while (json_next(&it))
		if (str_eq(deal_str(deal, it.value, "offer_id"), chosen)) {
			(void)candidate_ok(deal, it.value, &best);
			(void)json_int(
			    json_get(it.value, "score"), &best_score);
		}
	it = json_iter(json_get(choose, "offers"));
	while (json_next(&it)) {
		if (!candidate_ok(deal, it.value, &price))
			return false;
		(void)json_int(json_get(it.value, "score"), &score);
		if (lower_is_better ? amount_cmp(&price, &best) < 0
				    : score > best_score)
			return deal_bad(deal,
			    "choice: offer %.*s has a better %s than the "
			    "chosen one",
			    STR_ARG(deal_str(deal, it.value, "offer_id")),
			    member);
	}
	return true;
}

bool
check_choice(struct deal *deal)
{
	struct json_ref choose = json_get(deal->contract.root, "choose");
	struct json_ref list = json_get(choose, "offers");
	struct json_iter it = json_iter(list);
	struct aicx_str rule = deal_str(deal, choose, "rule");
	bool listed = false;

	if (!deal->contract.present || !json_has(choose))
		return true;
	if (!deal_equal(deal, "choice: offer_id",
		deal_str(deal, choose, "offer_id"), "the contract's",
		contract_says(deal, "offer_id")))
		return false;
	if (str_is(rule, "by_hand")) {
		deal_ok(deal, "choice: by the requester's hand");
		return true;
	}
	while (json_next(&it))
		listed |= str_eq(deal_str(deal, it.value, "offer_id"),
		    contract_says(deal, "offer_id"));
	if (!listed)
		return deal_bad(deal,
		    "choice: the chosen offer is not among the candidates");
	if (str_is(rule, "lowest_price") &&
	    !choice_best(deal, choose, "price", true))
		return false;
	if (str_is(rule, "best_score") &&
	    !choice_best(deal, choose, "score", false))
		return false;
	deal_ok(deal, "choice: %.*s among %zu offers", STR_ARG(rule),
	    json_len(list));
	return true;
}

/* --- intent and policy ------------------------------------------------ */

/* An offer names the intent; a standing one, made before, the capability. */
static bool
offer_fits(struct deal *deal, struct json_ref intent)
{
	if (deal->chosen == NULL)
		return true;
	struct json_ref offer = deal->chosen->offer.root;
	if (json_has(json_get(offer, "intent_id")))
		return deal_equal(deal, "offer: intent_id",
		    deal_str(deal, offer, "intent_id"), "the intent's",
		    deal_str(deal, intent, "intent_id"));
	return deal_equal(deal, "offer: capability",
	    deal_str(deal, offer, "capability"), "the intent's need",
	    deal_str(deal, intent, "need"));
}

bool
check_intent(struct deal *deal)
{
	struct json_ref intent = json_get(deal->root, "intent");
	const struct record_part *record = NULL;
	struct amount most, ceiling;

	if (json_type(intent) == JSON_NULL) {
		deal_note(deal, "intent: none");
		return true;
	}
	struct aicx_str id = deal_str(deal, intent, "intent_id");
	struct json_ref row =
	    deal_row(deal, "intent", "intent_id", id, &record);
	if (!json_has(row))
		return deal_bad(
		    deal, "intent: %.*s is in no record", STR_ARG(id));
	if (!deal_copy(deal, "intent", intent, row, record))
		return false;
	if (!deal->contract.present)
		return true;
	if (!deal_equal(deal, "contract: intent_id",
		contract_says(deal, "intent_id"), "the intent's", id) ||
	    !deal_equal(deal, "contract: capability",
		contract_says(deal, "capability"), "the intent's",
		deal_str(deal, row, "need")) ||
	    !deal_equal(deal, "contract: requester_id",
		contract_says(deal, "requester_id"), "the intent's",
		deal_str(deal, row, "requester_id")) ||
	    (json_has(json_get(row, "provider_id")) &&
		!deal_equal(deal, "contract: provider_id",
		    contract_says(deal, "provider_id"), "the intent's",
		    deal_str(deal, row, "provider_id"))) ||
	    !offer_fits(deal, intent) ||
	    !deal_amount(
		deal, "intent: max_price", json_get(row, "max_price"), &most) ||
	    !deal_amount(deal, "contract: ceiling",
		json_get(deal->contract.root, "ceiling"), &ceiling))
		return false;
	if (!amount_same_currency(&most, &ceiling) ||
	    amount_cmp(&ceiling, &most) > 0)
		return deal_bad(deal,
		    "contract: up to %s, but the intent allows %s",
		    amount_text(&ceiling).text, amount_text(&most).text);
	deal_ok(deal, "intent: %.*s for at most %s, as recorded",
	    STR_ARG(deal_str(deal, row, "need")), amount_text(&most).text);
	return true;
}

bool
check_policy(struct deal *deal)
{
	static const char *const names[] = { "sha256", NULL };
	struct json_ref policy = json_get(deal->root, "policy");
	struct aicx_str hash = deal_str(deal, policy, "sha256");
	struct aicx_str source = deal_str(deal, policy, "source");

	if (json_type(policy) == JSON_NULL)
		return true;
	if (!deal_members(deal, "policy", policy, names))
		return false;
	const struct json_ref places[] = { deal->contract.root,
		deal->mandate.root, json_get(deal->terms, "pricing") };
	bool named = false;
	for (int i = 0; i < 3 && hash.ptr != NULL; i++)
		named |=
		    str_eq(hash, deal_str(deal, places[i], "policy_sha256"));
	if (!named)
		return deal_bad(deal,
		    "policy: nobody signed for the policy %.*s", STR_ARG(hash));
	if (source.ptr != NULL &&
	    !deal_hash(deal, "the policy's source", source, "sha256", hash))
		return false;
	deal_ok(deal, "policy: %.*s%s", STR_ARG(hash),
	    source.ptr ? ", source as signed" : "");
	return true;
}
