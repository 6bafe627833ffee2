/* SPDX-License-Identifier: Apache-2.0 */
/* reservations_test.c - money set aside, by its owner and by time. */
#include "broker/testdata/parties.h"

#include "base/clock.h"

START_TEST(reserved_money_is_set_aside_and_given_back)
{
	const char *id = reserve(&ann, "0.4");

	SAYS("\"state\":\"open\"");
	ck_account(&ann, 600000, 400000, 0);
	ck_assert_int_eq(ASK(ann, "economics.release_reservation",
			     "{'reservation_id':'%s'}", id),
	    200);
	SAYS("\"state\":\"voided\"");
	ck_account(&ann, 1000000, 0, 0);
	REFUSED(409,
	    ASK(ann, "economics.release_reservation", "{'reservation_id':'%s'}",
		id),
	    "already_voided");
	REFUSED(409,
	    ASK(ann, "economics.charge",
		"{'agent_id':'%s','to_agent_id':'%s','amount':" AIC(
		    "0.1") ",'reservation_id':'%s'}",
		ann.id, bob.id, id),
	    "already_voided");
}
END_TEST

START_TEST(a_reservation_expires_by_its_time_in_a_record)
{
	const char *id = reserve(&ann, "0.4");
	uint64_t before = broker_seq(stage.broker);

	stage_pass(&stage, 3599999);
	ck_account(&ann, 600000, 400000, 0);
	ck_assert_uint_eq(broker_seq(stage.broker), before);
	stage_pass(&stage, 1);
	ck_account(&ann, 1000000, 0, 0);
	ck_assert_uint_eq(broker_seq(stage.broker), before + 1);
	REFUSED(410,
	    ASK(ann, "economics.release_reservation", "{'reservation_id':'%s'}",
		id),
	    "expired");
}
END_TEST

START_TEST(a_reservation_expires_also_after_a_crash)
{
	(void)reserve(&ann, "0.4");
	stage_crash(&stage);
	ck_account(&ann, 600000, 400000, 0);
	stage_pass(&stage, 3600000);
	ck_account(&ann, 1000000, 0, 0);
}
END_TEST

START_TEST(under_a_clock_nobody_accepted_nothing_expires_and_nothing_begins)
{
	(void)budget(&ann, "0.5", "daily", NULL);
	(void)reserve(&ann, "0.4");
	stage.jump_ms += INT64_C(10) * 365 * 86400000;
	stage_crash(&stage);
	stage_pass(&stage, 7200000);
	ck_account(&ann, 600000, 400000, 0);
	REFUSED(503,
	    ASK(ann, "economics.reserve_funds",
		"{'agent_id':'%s','amount':" AIC("0.1") "}", ann.id),
	    "unavailable");
	REFUSED(503,
	    ASK(ann, "economics.charge",
		"{'agent_id':'%s','to_agent_id':'%s','amount':" AIC("0.1") "}",
		ann.id, bob.id),
	    "unavailable");
	ck_assert_int_eq(
	    ASK(ann, "economics.get_budget", "{'agent_id':'%s'}", ann.id), 200);
	ck_assert_str_eq(member("available"), "0.100000");
	ck_assert_int_eq(OPERATOR("economics.accept_clock", "{}"), 200);
	stage_pass(&stage, 1);
	ck_account(&ann, 1000000, 0, 0);
	ck_assert_int_eq(
	    ASK(ann, "economics.get_budget", "{'agent_id':'%s'}", ann.id), 200);
	ck_assert_str_eq(member("available"), "0.500000");
}
END_TEST

START_TEST(ten_years_forward_while_running_expire_no_reservation)
{
	(void)reserve(&ann, "0.4");
	stage.jump_ms += INT64_C(10) * 365 * 86400000;
	stage_pass(&stage, 3000000);
	ck_account(&ann, 600000, 400000, 0);
	stage.jump_ms -= INT64_C(20) * 365 * 86400000;
	stage_pass(&stage, 700000);
	ck_account(&ann, 1000000, 0, 0);
}
END_TEST

START_TEST(a_repeat_is_one_reservation_and_another_body_a_conflict)
{
	struct buf first = { 0 };

	for (int i = 0; i < 10; i++) {
		ck_assert_int_eq(
		    ASK_ONCE(ann, "k", "economics.reserve_funds",
			"{'agent_id':'%s','amount':" AIC("0.1") "}", ann.id),
		    201);
		if (i == 0)
			buf_str(&first, buf_view(&body));
		ck_assert(str_eq(buf_view(&first), buf_view(&body)));
	}
	ck_account(&ann, 900000, 100000, 0);
	REFUSED(409,
	    ASK_ONCE(ann, "k", "economics.reserve_funds",
		"{'agent_id':'%s','amount':" AIC("0.2") "}", ann.id),
	    "conflict");
	buf_fini(&first);
}
END_TEST

START_TEST(what_cannot_be_reserved_says_why)
{
	static const char method[] = "economics.reserve_funds";

	REFUSED(402,
	    ASK(ann, method, "{'agent_id':'%s','amount':" AIC("1.000001") "}",
		ann.id),
	    "insufficient_funds");
	REFUSED_AT(400,
	    ASK(ann, method, "{'agent_id':'%s','amount':" AIC("0") "}", ann.id),
	    "invalid_amount", "/amount/amount");
	REFUSED_AT(400,
	    ASK(ann, method, "{'agent_id':'%s','amount':" AIC("-1") "}",
		ann.id),
	    "invalid_amount", "/amount/amount");
	REFUSED_AT(400,
	    ASK(ann, method, "{'agent_id':'%s','amount':" AIC("0.0000001") "}",
		ann.id),
	    "invalid_amount", "/amount/amount");
	REFUSED_AT(400,
	    ASK(ann, method,
		"{'agent_id':'%s','amount':" AIC("9223372036855") "}", ann.id),
	    "invalid_amount", "/amount/amount");
	REFUSED_AT(400,
	    ASK(ann, method,
		"{'agent_id':'%s','amount':{'amount':'1','currency':'XYZ'}}",
		ann.id),
	    "unknown_currency", "/amount/currency");
	REFUSED_AT(400,
	    ASK(ann, method,
		"{'agent_id':'%s','amount':" AIC("0.1") ",'expires_in_ms':1}",
		ann.id),
	    "invalid_params", "/expires_in_ms");
	REFUSED_AT(400,
	    ASK(ann, method,
		"{'agent_id':'%s','amount':" AIC(
		    "0.1") ",'expires_in_ms':86400001}",
		ann.id),
	    "invalid_params", "/expires_in_ms");
	REFUSED(403,
	    ASK(bob, method, "{'agent_id':'%s','amount':" AIC("0.1") "}",
		ann.id),
	    "denied");
	REFUSED(404,
	    ASK(ann, method,
		"{'agent_id':'%s','amount':" AIC("0.1") ",'budget_id':'%s'}",
		ann.id, bob.id),
	    "not_found");
	REFUSED(404,
	    OPERATOR(method,
		"{'agent_id':'01010101-0101-7101-8101-010101010101',"
		"'amount':" AIC("0.1") "}"),
	    "not_found");
	const char *id = reserve(&ann, "0.1");
	REFUSED(404,
	    ASK(bob, "economics.release_reservation", "{'reservation_id':'%s'}",
		id),
	    "not_found");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("reservations");
	TCase *own = parties_case(suite, "own", open_parties);

	tcase_add_test(own, reserved_money_is_set_aside_and_given_back);
	tcase_add_test(own, a_reservation_expires_by_its_time_in_a_record);
	tcase_add_test(own, a_reservation_expires_also_after_a_crash);
	tcase_add_test(own,
	    under_a_clock_nobody_accepted_nothing_expires_and_nothing_begins);
	tcase_add_test(
	    own, ten_years_forward_while_running_expire_no_reservation);
	tcase_add_test(
	    own, a_repeat_is_one_reservation_and_another_body_a_conflict);
	tcase_add_test(own, what_cannot_be_reserved_says_why);
	return parties_run(suite);
}
