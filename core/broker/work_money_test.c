/* SPDX-License-Identifier: Apache-2.0 */
/* work_money_test.c - budgets, holds and charges of contracts. */
#include "broker/testdata/parties.h"

#include "base/clock.h"
#include "base/id.h"

#include <stdio.h>
#include <string.h>

START_TEST(a_contracts_hold_is_moved_by_its_deal_alone)
{
	buy(false);
	ck_account(&ann, 900000, 100000, 0);
	char hold[40] = "";
	MAP_EACH (entry, &stage.broker->state.rows[T_HOLD]) {
		struct aicx_id id;
		memcpy(&id, entry->key.ptr, sizeof id);
		(void)snprintf(hold, sizeof hold, "%s", id_text(&id).text);
	}
	REFUSED(409,
	    ASK(ann, "economics.release_reservation", "{'reservation_id':'%s'}",
		hold),
	    "held_by_contract");
	REFUSED_AT(409,
	    ASK(ann, "economics.charge",
		"{'agent_id':'%s','to_agent_id':'%s','amount':" AIC(
		    "0.1") ",'reservation_id':'%s'}",
		ann.id, bob.id, hold),
	    "held_by_contract", "/reservation_id");
}
END_TEST

START_TEST(a_recorded_payment_for_work_gives_no_budget_back)
{
	const char *top = budget(&ann, "0.5", "daily", NULL);

	buy(true);
	ck_budget(&ann, top, "0.100000", "0.000000", "0.400000");
	ck_assert_int_eq(ASK_ONCE(ann, "buy", "deal.buy", "%s", wish), 200);
	const char *execution = member("execution_id");
	const char *paid = member("transaction_id");
	ck_assert_int_eq(
	    OPERATOR("economics.record_transaction",
		"{'from_agent_id':'%s','to_agent_id':'%s','amount':" AIC(
		    "0.3") ",'execution_id':'%s'}",
		ann.id, bob.id, execution),
	    201);
	ck_assert_int_eq(refund(&bob, member("transaction_id"), NULL), 201);
	ck_budget(&ann, top, "0.100000", "0.000000", "0.400000");
	ck_assert_int_eq(
	    OPERATOR("economics.refund", "{'transaction_id':'%s'}", paid), 201);
	ck_budget(&ann, top, "0.000000", "0.000000", "0.500000");
}
END_TEST

START_TEST(a_cancelled_contract_cannot_be_charged_for)
{
	char worker_id[40];
	static const char fmt[] =
	    "{'agent_id':'%s','to_agent_id':'%s','amount':" AIC(
		"0.1") ",'contract_id':'%s'}";

	(void)snprintf(
	    worker_id, sizeof worker_id, "%s", id_text(actor_id(worker)).text);
	ck_assert_int_eq(
	    ASK(ann, "negotiation.broadcast_intent",
		"{'need':'text.count','input':'one','max_price':" AIC(
		    "0.2") "}"),
	    201);
	const char *intent = member("intent_id");
	offer_work();
	ck_assert_int_eq(ASK(ann, "negotiation.collect_offers",
			     "{'intent_id':'%s'}", intent),
	    200);
	ck_assert_int_eq(ASK(ann, "negotiation.select_offer",
			     "{'offer_id':'%s'}", member("offer_id")),
	    201);
	const char *contract = member("contract_id");
	REFUSED_AT(409,
	    ASK(ann, "economics.charge", fmt, ann.id, worker_id, contract),
	    "wrong_state", "/contract_id");
	ck_assert_int_eq(ASK(ann, "negotiation.cancel_contract",
			     "{'contract_id':'%s'}", contract),
	    200);
	REFUSED_AT(409,
	    ASK(ann, "economics.charge", fmt, ann.id, worker_id, contract),
	    "wrong_state", "/contract_id");
	REFUSED_AT(403,
	    ASK(ann, "economics.charge", fmt, ann.id, bob.id, contract),
	    "not_party", "/contract_id");
	REFUSED(409, dispute(&ann, contract), "wrong_state");
}
END_TEST

/* Ann and bob sign a contract with a cancel fee of 0.2. */
static const char *
agreed(void)
{
	ck_assert_int_eq(
	    ASK(bob, "discovery.update_capability",
		"{'agent_id':'%s','capability_id':'text.hand','name':"
		"'text.hand','pricing':{'model':'per_call','base_cost':" AIC(
		    "0.3") "}}",
		bob.id),
	    200);
	ck_assert_int_eq(
	    ASK(ann, "negotiation.create_contract",
		"{'provider_id':'%s','capability':'text.hand','terms':{"
		"'pricing':{'model':'per_call','base_cost':" AIC(
		    "0.3") "},'cancel_fee':" AIC("0.2") "}}",
		bob.id),
	    201);
	const char *contract = member("contract_id");
	ck_assert_int_eq(ASK(ann, "negotiation.sign_contract",
			     "{'contract_id':'%s'}", contract),
	    201);
	ck_assert_int_eq(ASK(bob, "negotiation.sign_contract",
			     "{'contract_id':'%s'}", contract),
	    201);
	return contract;
}

START_TEST(a_cancel_fee_counts_in_the_budget)
{
	const char *contract = agreed();
	const char *top = budget(&ann, "0.25", "daily", NULL);

	ck_assert_int_eq(ASK(ann, "negotiation.cancel_contract",
			     "{'contract_id':'%s'}", contract),
	    200);
	ck_budget(&ann, top, "0.200000", "0.000000", "0.050000");
	ck_account(&ann, 800000, 0, 0);
	ck_account(&bob, 1200000, 0, 0);
	contract = agreed();
	REFUSED(402,
	    ASK(ann, "negotiation.cancel_contract", "{'contract_id':'%s'}",
		contract),
	    "budget_exceeded");
	/* Who is to be paid may always let go. */
	ck_assert_int_eq(ASK(bob, "negotiation.cancel_contract",
			     "{'contract_id':'%s'}", contract),
	    200);
	ck_account(&ann, 800000, 0, 0);
}
END_TEST

START_TEST(a_settled_contract_can_be_charged_for)
{
	char worker_id[40];

	buy(true);
	(void)snprintf(
	    worker_id, sizeof worker_id, "%s", id_text(actor_id(worker)).text);
	ck_assert_int_eq(
	    ASK(ann, "economics.charge",
		"{'agent_id':'%s','to_agent_id':'%s','amount':" AIC(
		    "0.1") ",'contract_id':'%s'}",
		ann.id, worker_id, member("contract_id")),
	    201);
	ck_assert_int_eq(workers(), 200000);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("work_money");
	TCase *deals = parties_case(suite, "deals", open_worker);

	tcase_add_test(deals, a_contracts_hold_is_moved_by_its_deal_alone);
	tcase_add_test(deals, a_recorded_payment_for_work_gives_no_budget_back);
	tcase_add_test(deals, a_cancelled_contract_cannot_be_charged_for);
	tcase_add_test(deals, a_cancel_fee_counts_in_the_budget);
	tcase_add_test(deals, a_settled_contract_can_be_charged_for);
	return parties_run(suite);
}
