/* SPDX-License-Identifier: Apache-2.0 */
/* charges_test.c - payments at once, and payments made elsewhere that are
 * recorded. */
#include "broker/testdata/parties.h"

#include "base/clock.h"

START_TEST(a_charge_pays_at_once_and_the_payee_pays_the_fee)
{
	stage.settings.fee_ppm = 100000;
	const char *id = charge(&ann, &bob, "0.3");

	ck_assert_str_eq(member("status"), "settled");
	ck_account(&ann, 700000, 0, 0);
	ck_account(&bob, 1270000, 0, 0);
	ck_assert_int_eq(sum().fees_minor, 30000);
	ck_assert_int_eq(ASK(bob, "economics.get_transaction",
			     "{'transaction_id':'%s'}", id),
	    200);
	ck_assert_str_eq(member("kind"), "charge");
	ck_assert_str_eq(member("fee"), "0.030000");
	ck_assert_str_eq(member("status"), "settled");
	(void)member("settlement_time");
}
END_TEST

START_TEST(a_charge_of_a_reservation_releases_what_is_over)
{
	const char *id = reserve(&ann, "0.5");

	ck_assert_int_eq(
	    ASK(ann, "economics.charge",
		"{'agent_id':'%s','to_agent_id':'%s','amount':" AIC(
		    "0.2") ",'reservation_id':'%s','reference':'rent'}",
		ann.id, bob.id, id),
	    201);
	ck_account(&ann, 800000, 0, 0);
	ck_account(&bob, 1200000, 0, 0);
	REFUSED(409,
	    ASK(ann, "economics.charge",
		"{'agent_id':'%s','to_agent_id':'%s','amount':" AIC(
		    "0.2") ",'reservation_id':'%s'}",
		ann.id, bob.id, id),
	    "already_posted");
	REFUSED(409,
	    ASK(ann, "economics.release_reservation", "{'reservation_id':'%s'}",
		id),
	    "already_posted");
}
END_TEST

START_TEST(a_charge_after_the_reservations_time_is_too_late)
{
	const char *id = reserve(&ann, "0.5");

	stage_pass(&stage, 3600000);
	REFUSED(410,
	    ASK(ann, "economics.charge",
		"{'agent_id':'%s','to_agent_id':'%s','amount':" AIC(
		    "0.2") ",'reservation_id':'%s'}",
		ann.id, bob.id, id),
	    "expired");
}
END_TEST

START_TEST(reservations_and_budgets_have_their_numbers)
{
	stage.settings.reservations_max = 2;
	const char *id = reserve(&ann, "0.1");
	(void)reserve(&bob, "0.1");
	REFUSED(429,
	    ASK(ann, "economics.reserve_funds",
		"{'agent_id':'%s','amount':" AIC("0.1") "}", ann.id),
	    "too_many");
	ck_assert_int_eq(ASK(ann, "economics.release_reservation",
			     "{'reservation_id':'%s'}", id),
	    200);
	(void)reserve(&ann, "0.1");
	stage_crash(&stage);
	REFUSED(429,
	    ASK(ann, "economics.reserve_funds",
		"{'agent_id':'%s','amount':" AIC("0.1") "}", ann.id),
	    "too_many");
	const char *top = budget(&cat, "1", "daily", NULL);
	for (int i = 1; i < 256; i++)
		(void)budget(&cat, "1", "daily", top);
	REFUSED(429,
	    ASK(cat, "economics.create_budget",
		"{'amount':" AIC("1") ",'parent':'%s'}", top),
	    "too_many");
}
END_TEST

START_TEST(what_cannot_be_charged_says_why)
{
	static const char method[] = "economics.charge";
	const char *id = reserve(&ann, "0.5");

	REFUSED(403,
	    ASK(bob, method,
		"{'agent_id':'%s','to_agent_id':'%s','amount':" AIC("0.1") "}",
		ann.id, bob.id),
	    "denied");
	REFUSED(403,
	    OPERATOR(method,
		"{'agent_id':'%s','to_agent_id':'%s','amount':" AIC("0.1") "}",
		ann.id, bob.id),
	    "denied");
	REFUSED(402,
	    ASK(ann, method,
		"{'agent_id':'%s','to_agent_id':'%s','amount':" AIC("0.6") "}",
		ann.id, bob.id),
	    "insufficient_funds");
	REFUSED_AT(400,
	    ASK(ann, method,
		"{'agent_id':'%s','to_agent_id':'%s','amount':" AIC("0") "}",
		ann.id, bob.id),
	    "invalid_amount", "/amount/amount");
	REFUSED_AT(400,
	    ASK(ann, method,
		"{'agent_id':'%s','to_agent_id':'%s','amount':" AIC("0.1") "}",
		ann.id, ann.id),
	    "invalid_params", "/to_agent_id");
	REFUSED_AT(404,
	    ASK(ann, method,
		"{'agent_id':'%s','to_agent_id':'%s','amount':" AIC("0.1") "}",
		ann.id, id),
	    "not_found", "/to_agent_id");
	REFUSED_AT(400,
	    ASK(ann, method,
		"{'agent_id':'%s','to_agent_id':'%s','amount':" AIC(
		    "0.500001") ",'reservation_id':'%s'}",
		ann.id, bob.id, id),
	    "invalid_amount", "/amount/amount");
	REFUSED_AT(404,
	    ASK(bob, method,
		"{'agent_id':'%s','to_agent_id':'%s','amount':" AIC(
		    "0.1") ",'reservation_id':'%s'}",
		bob.id, ann.id, id),
	    "not_found", "/reservation_id");
	REFUSED_AT(404,
	    ASK(ann, method,
		"{'agent_id':'%s','to_agent_id':'%s','amount':" AIC(
		    "0.1") ",'contract_id':'%s'}",
		ann.id, bob.id, id),
	    "not_found", "/contract_id");
	ck_account(&ann, 500000, 500000, 0);
}
END_TEST

START_TEST(the_operator_records_a_payment_between_two)
{
	static const char method[] = "economics.record_transaction";

	ck_assert_int_eq(
	    OPERATOR(method,
		"{'from_agent_id':'%s','to_agent_id':'%s','amount':" AIC(
		    "0.25") ",'reference':'by hand'}",
		ann.id, bob.id),
	    201);
	ck_account(&ann, 750000, 0, 0);
	ck_account(&bob, 1250000, 0, 0);
	ck_assert_int_eq(
	    OPERATOR(method,
		"{'from_agent_id':'%s','to_agent_id':'%s','amount':" AIC(
		    "0.25") ",'status':'pending'}",
		ann.id, bob.id),
	    201);
	const char *id = member("transaction_id");
	ck_account(&ann, 500000, 0, 250000);
	ck_account(&bob, 1250000, 0, 0);
	ck_assert_int_eq(ASK(bob, "economics.get_transaction",
			     "{'transaction_id':'%s'}", id),
	    200);
	ck_assert_str_eq(member("status"), "pending");
	ck_assert_str_eq(member("to_agent_id"), bob.id);
	REFUSED(403,
	    ASK(ann, "economics.settle_transaction", "{'transaction_id':'%s'}",
		id),
	    "denied");
	ck_assert_int_eq(OPERATOR("economics.settle_transaction",
			     "{'transaction_id':'%s'}", id),
	    201);
	ck_account(&ann, 500000, 0, 0);
	ck_account(&bob, 1500000, 0, 0);
	REFUSED_AT(409,
	    OPERATOR(
		"economics.settle_transaction", "{'transaction_id':'%s'}", id),
	    "wrong_state", "/transaction_id");
	REFUSED_AT(404,
	    OPERATOR("economics.settle_transaction", "{'transaction_id':'%s'}",
		ann.id),
	    "not_found", "/transaction_id");
	REFUSED(403,
	    ASK(ann, method,
		"{'from_agent_id':'%s','to_agent_id':'%s','amount':" AIC(
		    "0.25") "}",
		ann.id, bob.id),
	    "denied");
	REFUSED_AT(404,
	    OPERATOR(method,
		"{'from_agent_id':'%s','to_agent_id':'%s','amount':" AIC(
		    "0.25") "}",
		id, bob.id),
	    "not_found", "/from_agent_id");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("charges");
	TCase *own = parties_case(suite, "own", open_parties);

	tcase_add_test(own, a_charge_pays_at_once_and_the_payee_pays_the_fee);
	tcase_add_test(own, a_charge_of_a_reservation_releases_what_is_over);
	tcase_add_test(own, a_charge_after_the_reservations_time_is_too_late);
	tcase_add_test(own, reservations_and_budgets_have_their_numbers);
	tcase_add_test(own, what_cannot_be_charged_says_why);
	tcase_add_test(own, the_operator_records_a_payment_between_two);
	return parties_run(suite);
}
