/* SPDX-License-Identifier: Apache-2.0 */
/* verify_delegation.c - who bought for the requester had its signed word for
   it, at that time. */
#include "base/str.h"
#include "cli/verify_deal.h"

/* The contract names the same as the intent, which the broker recorded. */
static bool
contract_agrees(struct deal *deal, struct json_ref intent)
{
	static const char *const names[] = { "delegate_id", "delegation_id" };

	for (size_t i = 0; deal->contract.present && i < 2; i++) {
		struct aicx_str said = contract_says(deal, names[i]);
		if (!str_eq(said, deal_str(deal, intent, names[i])))
			return deal_bad(deal,
			    "contract: %s is \"%.*s\", not the intent's",
			    names[i], STR_ARG(said));
	}
	return true;
}

static bool
lets_buy(struct deal *deal, struct json_ref delegation)
{
	struct json_iter it = json_iter(json_get(delegation, "permissions"));

	while (json_next(&it))
		if (str_is(json_str(it.value, &deal->arena), "deal.write"))
			return true;
	return deal_bad(deal, "delegation: does not let buy (deal.write)");
}

static bool
in_time(struct deal *deal, struct json_ref delegation, struct json_ref intent)
{
	int64_t at_ms, from_ms = INT64_MIN, to_ms;
	struct json_ref from = json_get(delegation, "not_before");

	if (!deal_time(
		deal, "intent: created", json_get(intent, "created"), &at_ms) ||
	    !deal_time(deal, "delegation: expires",
		json_get(delegation, "expires"), &to_ms) ||
	    (json_has(from) &&
		!deal_time(deal, "delegation: not_before", from, &from_ms)))
		return false;
	/* The broker takes one that begins within its window. */
	if (at_ms < from_ms - 600000 || at_ms >= to_ms)
		return deal_bad(
		    deal, "delegation: did not hold when the deal was opened");
	return true;
}

bool
check_delegation(struct deal *deal)
{
	struct json_ref intent = json_get(deal->root, "intent");
	struct json_ref ref = json_get(deal->root, "delegation");
	struct aicx_str id = deal_str(deal, intent, "delegation_id");
	struct signed_part by = { .present = false };

	if (!contract_agrees(deal, intent))
		return false;
	if (id.ptr == NULL && !json_has(ref))
		return true;
	if (id.ptr == NULL)
		return deal_bad(
		    deal, "delegation: the deal was not opened by one");
	if (!json_has(ref))
		return deal_bad(deal,
		    "delegation %.*s, by which the deal was opened, is not in "
		    "the file",
		    STR_ARG(id));
	if (!deal_signed_part(deal, "delegation", ref, &by))
		return false;
	struct aicx_str delegator = deal_str(deal, by.root, "delegator");
	if (!deal_equal(deal, "delegation: kind",
		deal_str(deal, by.root, "kind"), "a delegation's",
		STR("delegation")) ||
	    !deal_equal(deal, "delegation: id", deal_str(deal, by.root, "id"),
		"the intent's", id) ||
	    !deal_equal(deal, "delegation: its broker",
		deal_str(deal, by.root, "broker_id"), "the file's",
		deal->broker_id) ||
	    !deal_equal(deal, "delegation: delegator", delegator,
		"the requester", deal_str(deal, intent, "requester_id")) ||
	    !deal_equal(deal, "delegation: delegate",
		deal_str(deal, by.root, "delegate"), "who opened the deal",
		deal_str(deal, intent, "delegate_id")) ||
	    deal_signed_by(
		deal, "delegation", &by, SIG_DELEGATION, delegator) == NULL ||
	    !lets_buy(deal, by.root) || !in_time(deal, by.root, intent))
		return false;
	deal_ok(deal, "delegation %.*s: %.*s let %.*s buy for it", STR_ARG(id),
	    STR_ARG(delegator), STR_ARG(deal_str(deal, by.root, "delegate")));
	return true;
}
