/* SPDX-License-Identifier: Apache-2.0 */
/* disputes_test.c - frozen payments and how they are ruled. */
#include "broker/testdata/parties.h"

#include "base/id.h"

#include <stdio.h>

static int
rule(const char *dispute_id, const char *ruling, const char *amount)
{
	return OPERATOR("economics.resolve_dispute",
	    "{'dispute_id':'%s','ruling':'%s'%s%s%s}", dispute_id, ruling,
	    amount ? ",'amount':{'currency':'AIC','amount':'" : "",
	    amount ? amount : "", amount ? "'}" : "");
}

START_TEST(a_disputed_payment_is_frozen_until_it_is_released)
{
	buy(true);
	const char *contract = member("contract_id");
	const char *paid = member("transaction_id");

	ck_assert_int_eq(workers(), 100000);
	REFUSED(404, dispute(&bob, contract), "not_found");
	ck_assert_int_eq(dispute(&ann, contract), 201);
	const char *id = member("dispute_id");
	ck_assert_str_eq(member("status"), "frozen");
	ck_assert_int_eq(workers(), 0);
	ck_assert_int_eq(sum().suspense_minor, 100000);
	REFUSED(409, dispute(&ann, contract), "wrong_state");
	REFUSED(409,
	    OPERATOR("economics.refund", "{'transaction_id':'%s'}", paid),
	    "wrong_state");
	REFUSED(403,
	    ASK(ann, "economics.resolve_dispute",
		"{'dispute_id':'%s','ruling':'refund'}", id),
	    "denied");
	REFUSED_AT(400, rule(id, "refund", "0.100001"), "invalid_amount",
	    "/amount/amount");
	REFUSED_AT(
	    400, rule(id, "refund", "0"), "invalid_amount", "/amount/amount");
	REFUSED_AT(
	    400, rule(id, "release", "0.1"), "invalid_params", "/amount");
	REFUSED_AT(400, rule(id, "burn", NULL), "invalid_params", "/ruling");
	REFUSED(404, rule(contract, "release", NULL), "not_found");
	stage_crash(&stage);
	ck_assert_int_eq(rule(id, "release", NULL), 200);
	ck_assert_str_eq(member("state"), "released");
	ck_assert_str_eq(member("status"), "settled");
	ck_assert_int_eq(workers(), 100000);
	REFUSED(409, rule(id, "release", NULL), "wrong_state");
	REFUSED(409, dispute(&ann, contract), "wrong_state");
}
END_TEST

/* A policy that gives back what `answer` says. */
static struct {
	uint32_t verdict;
	const char *text;
	aicx_err err;
} answer;

static int
rule_has(void *state, uint32_t hook)
{
	(void)state;
	return hook == AICX_HOOK_RULE;
}

static const uint8_t *
rule_sha256(void *state)
{
	static const uint8_t hash[32] = { 1, 2, 3 };

	(void)state;
	return hash;
}

static aicx_err
rule_run(void *state, uint32_t hook, struct aicx_str args,
    struct aicx_decision *ret_decision, struct aicx_error *reterr)
{
	(void)state;
	(void)reterr;
	ck_assert_uint_eq(hook, AICX_HOOK_RULE);
	ck_assert_ptr_nonnull(
	    memmem(args.ptr, args.len, "\"reason\":\"it is wrong\"", 22));
	ret_decision->verdict = answer.verdict;
	ret_decision->result = str_of(answer.text);
	return answer.err;
}

static const struct aicx_hook_ops rule_ops = { .size = sizeof rule_ops,
	.has = rule_has,
	.sha256 = rule_sha256,
	.run = rule_run };

static void
ask_policy(uint32_t verdict, const char *text, aicx_err err)
{
	broker_bind_hook(stage.broker, &rule_ops, NULL);
	answer.verdict = verdict;
	answer.text = text;
	answer.err = err;
	buy(true);
	ck_assert_int_eq(dispute(&ann, member("contract_id")), 201);
}

START_TEST(a_policy_may_rule_at_once)
{
	ask_policy(AICX_VALUE, "{\"minor\":30000}", AICX_OK);
	ck_assert_str_eq(member("state"), "refunded");
	ck_assert_str_eq(member("refunded"), "0.030000");
	ck_account(&ann, 930000, 0, 0);
	ck_assert_int_eq(workers(), 70000);
	const char *id = member("dispute_id");
	REFUSED(409, rule(id, "release", NULL), "wrong_state");
}
END_TEST

START_TEST(a_policy_may_turn_a_dispute_down)
{
	ask_policy(AICX_REFUSE, "\"it was good\"", AICX_OK);
	ck_assert_str_eq(member("state"), "released");
	ck_assert_int_eq(workers(), 100000);
}
END_TEST

START_TEST(a_policy_without_an_opinion_leaves_it_to_the_operator)
{
	ask_policy(AICX_PASS, "", AICX_OK);
	ck_assert_str_eq(member("state"), "open");
	ck_assert_int_eq(workers(), 0);
}
END_TEST

START_TEST(a_policy_that_fails_or_is_wild_leaves_it_to_the_operator)
{
	ask_policy(AICX_VALUE, "{\"minor\":100001}", AICX_OK);
	ck_assert_str_eq(member("state"), "open");
	ck_assert_int_eq(rule(member("dispute_id"), "release", NULL), 200);
	close_parties();
	open_worker();
	ask_policy(AICX_PASS, "", AICX_ELIMIT);
	ck_assert_str_eq(member("state"), "open");
}
END_TEST

START_TEST(a_ruling_refunds_a_part_and_releases_the_rest)
{
	stage.settings.fee_ppm = 100000;
	buy(true);
	const char *contract = member("contract_id");

	ck_assert_int_eq(dispute(&ann, contract), 201);
	const char *id = member("dispute_id");
	ck_assert_str_eq(member("frozen"), "0.090000");
	ck_assert_int_eq(rule(id, "refund", "0.04"), 200);
	ck_assert_str_eq(member("state"), "refunded");
	ck_assert_str_eq(member("refunded"), "0.040000");
	ck_account(&ann, 940000, 0, 0);
	ck_assert_int_eq(workers(), 54000);
	ck_assert_int_eq(sum().fees_minor, 6000);
}
END_TEST

START_TEST(a_ruling_refunds_everything_even_what_the_fee_took)
{
	stage.settings.fee_ppm = 100000;
	buy(true);
	ck_assert_int_eq(dispute(&ann, member("contract_id")), 201);
	const char *id = member("dispute_id");
	ck_assert_int_eq(rule(id, "refund", NULL), 200);
	ck_assert_str_eq(member("status"), "refunded");
	ck_account(&ann, 1000000, 0, 0);
	ck_assert_int_eq(workers(), 0);
	ck_assert_int_eq(sum().fees_minor, 0);
}
END_TEST

START_TEST(only_what_the_payee_still_has_can_be_frozen)
{
	char worker_id[40];

	buy(true);
	const char *contract = member("contract_id");
	(void)snprintf(
	    worker_id, sizeof worker_id, "%s", id_text(actor_id(worker)).text);
	ck_assert_int_eq(
	    OPERATOR("economics.withdraw",
		"{'agent_id':'%s','amount':" AIC("0.07") "}", worker_id),
	    201);
	ck_assert_int_eq(dispute(&ann, contract), 201);
	const char *id = member("dispute_id");
	ck_assert_str_eq(member("frozen"), "0.030000");
	REFUSED(402, rule(id, "refund", "0.05"), "insufficient_funds");
	ck_assert_int_eq(
	    OPERATOR("economics.fund",
		"{'agent_id':'%s','amount':" AIC("0.03") "}", worker_id),
	    201);
	ck_assert_int_eq(rule(id, "refund", "0.05"), 200);
	ck_account(&ann, 950000, 0, 0);
	ck_assert_int_eq(workers(), 10000);
}
END_TEST

START_TEST(after_the_window_nothing_can_be_disputed)
{
	buy(true);
	const char *contract = member("contract_id");

	stage_pass(&stage, 3600000);
	REFUSED(410, dispute(&ann, contract), "expired");
	REFUSED_AT(404,
	    ASK(ann, "economics.dispute",
		"{'contract_id':'%s','execution_id':'%s','reason':'x'}",
		contract, bob.id),
	    "not_found", "/execution_id");
	REFUSED_AT(400,
	    ASK(ann, "economics.dispute", "{'contract_id':'%s'}", contract),
	    "invalid_params", "/reason");
}
END_TEST

START_TEST(a_pending_deal_is_frozen_where_it_lies)
{
	buy(true);
	const char *contract = member("contract_id");
	const char *paid = member("transaction_id");

	ck_account(&ann, 900000, 0, 100000);
	ck_assert_int_eq(workers(), 0);
	ck_assert_int_eq(dispute(&ann, contract), 201);
	const char *id = member("dispute_id");
	ck_assert_str_eq(member("frozen"), "0.000000");
	/* No batch takes it. */
	stage_pass(&stage, 7200000);
	ck_account(&ann, 900000, 0, 100000);
	REFUSED_AT(409,
	    OPERATOR("economics.settle_transaction", "{'transaction_id':'%s'}",
		paid),
	    "wrong_state", "/transaction_id");
	ck_assert_int_eq(rule(id, "refund", "0.04"), 200);
	ck_assert_str_eq(member("status"), "pending");
	ck_account(&ann, 940000, 0, 60000);
	stage_pass(&stage, 3600000);
	ck_account(&ann, 940000, 0, 0);
	ck_assert_int_eq(workers(), 54000);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("disputes");
	TCase *deals = parties_case(suite, "deals", open_worker);
	TCase *later = parties_case(suite, "later", open_worker_batched);

	tcase_add_test(
	    deals, a_disputed_payment_is_frozen_until_it_is_released);
	tcase_add_test(deals, a_policy_may_rule_at_once);
	tcase_add_test(deals, a_policy_may_turn_a_dispute_down);
	tcase_add_test(
	    deals, a_policy_without_an_opinion_leaves_it_to_the_operator);
	tcase_add_test(
	    deals, a_policy_that_fails_or_is_wild_leaves_it_to_the_operator);
	tcase_add_test(deals, a_ruling_refunds_a_part_and_releases_the_rest);
	tcase_add_test(
	    deals, a_ruling_refunds_everything_even_what_the_fee_took);
	tcase_add_test(deals, only_what_the_payee_still_has_can_be_frozen);
	tcase_add_test(deals, after_the_window_nothing_can_be_disputed);
	tcase_add_test(later, a_pending_deal_is_frozen_where_it_lies);
	return parties_run(suite);
}
