/* SPDX-License-Identifier: Apache-2.0 */
/* refunds_test.c - what a payee gives back. */
#include "broker/testdata/parties.h"

START_TEST(refunds_go_back_in_parts_with_the_fees_share_and_never_beyond)
{
	stage.settings.fee_ppm = 100001;
	const char *top = budget(&ann, "1", "daily", NULL);
	const char *id = charge(&ann, &bob, "0.1");

	ck_assert_int_eq(sum().fees_minor, 10000);
	ck_assert_int_eq(refund(&bob, id, "0.033333"), 201);
	ck_assert_str_eq(member("fee_back"), "0.003333");
	ck_assert_str_eq(member("left"), "0.066667");
	ck_assert_str_eq(member("status"), "settled");
	const char *back = member("transaction_id");
	ck_budget(&ann, top, "0.066667", "0.000000", "0.933333");
	ck_account(&ann, 933333, 0, 0);
	ck_account(&bob, 1000000 + 66667 - 6667, 0, 0);
	REFUSED_AT(400, refund(&bob, id, "0.066668"), "invalid_amount",
	    "/amount/amount");
	REFUSED_AT(
	    400, refund(&bob, id, "0"), "invalid_amount", "/amount/amount");
	ck_assert_int_eq(refund(&bob, id, NULL), 201);
	ck_assert_str_eq(member("status"), "refunded");
	ck_account(&ann, 1000000, 0, 0);
	ck_account(&bob, 1000000, 0, 0);
	ck_assert_int_eq(sum().fees_minor, 0);
	ck_budget(&ann, top, "0.000000", "0.000000", "1.000000");
	REFUSED(409, refund(&bob, id, NULL), "wrong_state");
	ck_assert_int_eq(ASK(ann, "economics.get_transaction",
			     "{'transaction_id':'%s'}", back),
	    200);
	ck_assert_str_eq(member("kind"), "refund");
	ck_assert_str_eq(member("refunds"), id);
	ck_assert_int_eq(ASK(ann, "economics.get_transaction",
			     "{'transaction_id':'%s'}", id),
	    200);
	ck_assert_str_eq(member("status"), "refunded");
	ck_assert_str_eq(member("refunded"), "0.100000");
}
END_TEST

START_TEST(a_refund_that_is_asked_twice_is_made_once)
{
	const char *id = charge(&ann, &bob, "0.1");

	for (int i = 0; i < 5; i++)
		ck_assert_int_eq(
		    ASK_ONCE(bob, "r", "economics.refund",
			"{'transaction_id':'%s','amount':" AIC("0.05") "}", id),
		    201);
	ck_account(&ann, 950000, 0, 0);
	REFUSED(409,
	    ASK_ONCE(
		bob, "r", "economics.refund", "{'transaction_id':'%s'}", id),
	    "conflict");
}
END_TEST

START_TEST(what_cannot_be_refunded_says_why)
{
	const char *id = charge(&ann, &bob, "1");

	REFUSED(403, refund(&ann, id, NULL), "denied");
	REFUSED(404, refund(&cat, id, NULL), "not_found");
	REFUSED(404, refund(&bob, ann.id, NULL), "not_found");
	ck_assert_int_eq(OPERATOR("economics.list_transactions",
			     "{'agent_id':'%s'}", cat.id),
	    200);
	const char *fund = member("transaction_id");
	REFUSED(409, refund(&cat, fund, NULL), "wrong_state");
	(void)charge(&bob, &cat, "1.5");
	REFUSED(402, refund(&bob, id, "0.6"), "insufficient_funds");
	ck_assert_int_eq(refund(&bob, id, "0.5"), 201);
	ck_account(&bob, 0, 0, 0);
	ck_assert_int_eq(OPERATOR("economics.fund",
			     "{'agent_id':'%s','amount':" AIC("1") "}", bob.id),
	    201);
	ck_assert_int_eq(
	    OPERATOR("economics.refund", "{'transaction_id':'%s'}", id), 201);
	ck_account(&ann, 1000000, 0, 0);
}
END_TEST

START_TEST(a_refund_in_a_later_period_gives_no_budget_back)
{
	const char *top = budget(&ann, "0.5", "daily", NULL);
	const char *id = charge(&ann, &bob, "0.1");

	stage_pass(&stage, 86400000);
	(void)charge(&ann, &bob, "0.2");
	ck_assert_int_eq(refund(&bob, id, NULL), 201);
	ck_budget(&ann, top, "0.200000", "0.000000", "0.300000");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("refunds");
	TCase *own = parties_case(suite, "own", open_parties);

	tcase_add_test(
	    own, refunds_go_back_in_parts_with_the_fees_share_and_never_beyond);
	tcase_add_test(own, a_refund_that_is_asked_twice_is_made_once);
	tcase_add_test(own, what_cannot_be_refunded_says_why);
	tcase_add_test(own, a_refund_in_a_later_period_gives_no_budget_back);
	return parties_run(suite);
}
