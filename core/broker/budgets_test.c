/* SPDX-License-Identifier: Apache-2.0 */
/* budgets_test.c - what may be spent in a period, by a branch and by all above
 * it. */
#include "broker/testdata/parties.h"

#include "base/clock.h"

START_TEST(a_budget_counts_what_is_held_and_what_is_paid)
{
	const char *id = budget(&ann, "0.5", "monthly", NULL);
	const char *hold = reserve(&ann, "0.2");

	ck_budget(&ann, id, "0.000000", "0.200000", "0.300000");
	(void)charge(&ann, &bob, "0.25");
	ck_budget(&ann, id, "0.250000", "0.200000", "0.050000");
	REFUSED(402,
	    ASK(ann, "economics.charge",
		"{'agent_id':'%s','to_agent_id':'%s','amount':" AIC(
		    "0.050001") "}",
		ann.id, bob.id),
	    "budget_exceeded");
	REFUSED(402,
	    ASK(ann, "economics.reserve_funds",
		"{'agent_id':'%s','amount':" AIC("0.050001") "}", ann.id),
	    "budget_exceeded");
	ck_assert_int_eq(
	    ASK(ann, "economics.charge",
		"{'agent_id':'%s','to_agent_id':'%s','amount':" AIC(
		    "0.1") ",'reservation_id':'%s'}",
		ann.id, bob.id, hold),
	    201);
	ck_budget(&ann, id, "0.350000", "0.000000", "0.150000");
	ck_assert_int_eq(
	    ASK(ann, "economics.check_balance", "{'amount':'0.15 AIC'}"), 200);
	SAYS("\"sufficient\":true");
	ck_assert_int_eq(
	    ASK(ann, "economics.check_balance", "{'amount':'0.150001 AIC'}"),
	    200);
	SAYS("\"sufficient\":false");
}
END_TEST

START_TEST(many_holds_at_once_never_overdraw_a_budget)
{
	const char *id = budget(&ann, "0.5", "daily", NULL);
	int n_good = 0;

	for (int i = 0; i < 12; i++)
		n_good += ASK(ann, "economics.reserve_funds",
			      "{'agent_id':'%s','amount':" AIC("0.06") "}",
			      ann.id) == 201;
	ck_assert_int_eq(n_good, 8);
	ck_budget(&ann, id, "0.000000", "0.480000", "0.020000");
}
END_TEST

START_TEST(a_hold_counts_in_the_day_in_which_it_was_made)
{
	int64_t midnight_ms = time_next_day(stage.wall_ms);
	const char *id = budget(&ann, "0.5", "daily", NULL);

	stage_pass(&stage, midnight_ms - 1000 - stage.wall_ms);
	const char *old = reserve(&ann, "0.5");
	REFUSED(402,
	    ASK(ann, "economics.reserve_funds",
		"{'agent_id':'%s','amount':" AIC("0.1") "}", ann.id),
	    "budget_exceeded");
	stage_pass(&stage, 999);
	ck_budget(&ann, id, "0.000000", "0.500000", "0.000000");
	stage_pass(&stage, 1);
	ck_budget(&ann, id, "0.000000", "0.000000", "0.500000");
	const char *young = reserve(&ann, "0.4");
	ck_assert_int_eq(
	    ASK(ann, "economics.charge",
		"{'agent_id':'%s','to_agent_id':'%s','amount':" AIC(
		    "0.5") ",'reservation_id':'%s'}",
		ann.id, bob.id, old),
	    201);
	ck_budget(&ann, id, "0.000000", "0.400000", "0.100000");
	ck_assert_int_eq(ASK(ann, "economics.release_reservation",
			     "{'reservation_id':'%s'}", young),
	    200);
	ck_budget(&ann, id, "0.000000", "0.000000", "0.500000");
}
END_TEST

START_TEST(months_and_years_begin_anew_on_their_first_day)
{
	const char *month = budget(&ann, "0.5", "monthly", NULL);
	const char *year = budget(&bob, "0.5", "yearly", NULL);
	const char *ever = budget(&cat, "0.5", "unlimited", NULL);

	(void)charge(&ann, &cat, "0.4");
	(void)charge(&bob, &cat, "0.4");
	(void)charge(&cat, &ann, "0.4");
	stage_pass(&stage, time_next_month(stage.wall_ms) - stage.wall_ms);
	ck_budget(&ann, month, "0.000000", "0.000000", "0.500000");
	ck_assert_str_eq(member("period"), "monthly");
	ck_budget(&bob, year, "0.400000", "0.000000", "0.100000");
	stage_pass(&stage, time_next_year(stage.wall_ms) - stage.wall_ms);
	ck_budget(&bob, year, "0.000000", "0.000000", "0.500000");
	ck_budget(&cat, ever, "0.400000", "0.000000", "0.100000");
}
END_TEST

START_TEST(what_a_branch_spends_counts_in_all_above_it)
{
	const char *top = budget(&ann, "0.6", "monthly", NULL);
	const char *agent = budget(&bob, "0.5", "daily", top);
	const char *pipeline = budget(&bob, "0.3", "unlimited", agent);
	const char *other = budget(&cat, "0.6", "unlimited", top);

	ck_assert_int_eq(
	    ASK(bob, "economics.reserve_funds",
		"{'agent_id':'%s','amount':" AIC("0.3") ",'budget_id':'%s'}",
		bob.id, pipeline),
	    201);
	const char *hold = member("reservation_id");
	ck_budget(&bob, pipeline, "0.000000", "0.300000", "0.000000");
	ck_budget(&bob, agent, "0.000000", "0.300000", "0.200000");
	ck_budget(&ann, top, "0.000000", "0.300000", "0.300000");
	ck_budget(&cat, other, "0.000000", "0.000000", "0.600000");
	/* The pipeline is full; the agent's own budget is not. */
	REFUSED(402,
	    ASK(bob, "economics.reserve_funds",
		"{'agent_id':'%s','amount':" AIC("0.1") ",'budget_id':'%s'}",
		bob.id, pipeline),
	    "budget_exceeded");
	(void)charge(&bob, &ann, "0.2");
	/* The top limits the other branch, whose own budget is untouched. */
	REFUSED(402,
	    ASK(cat, "economics.charge",
		"{'agent_id':'%s','to_agent_id':'%s','amount':" AIC(
		    "0.100001") "}",
		cat.id, ann.id),
	    "budget_exceeded");
	(void)charge(&cat, &ann, "0.1");
	ck_budget(&ann, top, "0.300000", "0.300000", "0.000000");
	ck_assert_int_eq(ASK(bob, "economics.release_reservation",
			     "{'reservation_id':'%s'}", hold),
	    200);
	ck_budget(&ann, top, "0.300000", "0.000000", "0.300000");
	ck_assert_int_eq(
	    ASK(bob, "economics.get_budget", "{'agent_id':'%s'}", bob.id), 200);
	ck_assert_str_eq(member("budget_id"), agent);
	SAYS("\"others\":[{");
}
END_TEST

START_TEST(what_is_no_budget_says_why)
{
	static const char method[] = "economics.create_budget";
	const char *top = budget(&ann, "0.5", "monthly", NULL);

	REFUSED_AT(400,
	    ASK(ann, method, "{'amount':" AIC("1") ",'period':'weekly'}"),
	    "invalid_params", "/period");
	REFUSED_AT(400,
	    ASK(bob, method, "{'amount':" AIC("0") ",'period':'daily'}"),
	    "invalid_amount", "/amount/amount");
	REFUSED_AT(400,
	    ASK(bob, method,
		"{'amount':{'amount':'1','currency':'NONE'},"
		"'period':'daily'}"),
	    "unknown_currency", "/amount/currency");
	REFUSED(
	    409, ASK(ann, method, "{'amount':" AIC("1") "}"), "already_exists");
	REFUSED_AT(402,
	    ASK(ann, method, "{'amount':" AIC("0.500001") ",'parent':'%s'}",
		top),
	    "budget_exceeded", "/amount/amount");
	REFUSED_AT(404,
	    ASK(ann, method, "{'amount':" AIC("0.1") ",'parent':'%s'}", bob.id),
	    "not_found", "/parent");
	REFUSED(403,
	    ASK(bob, method, "{'amount':" AIC("0.1") ",'parent':'%s'}", top),
	    "denied");
	REFUSED(403,
	    ASK(bob, method, "{'agent_id':'%s','amount':" AIC("0.1") "}",
		ann.id),
	    "denied");
	for (int depth = 1; depth < BUDGET_DEPTH_MAX; depth++)
		top = budget(&ann, "0.1", "daily", top);
	REFUSED_AT(429,
	    ASK(ann, method, "{'amount':" AIC("0.1") ",'parent':'%s'}", top),
	    "too_many", "/parent");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("budgets");
	TCase *own = parties_case(suite, "own", open_parties);

	tcase_add_test(own, a_budget_counts_what_is_held_and_what_is_paid);
	tcase_add_test(own, many_holds_at_once_never_overdraw_a_budget);
	tcase_add_test(own, a_hold_counts_in_the_day_in_which_it_was_made);
	tcase_add_test(own, months_and_years_begin_anew_on_their_first_day);
	tcase_add_test(own, what_a_branch_spends_counts_in_all_above_it);
	tcase_add_test(own, what_is_no_budget_says_why);
	return parties_run(suite);
}
