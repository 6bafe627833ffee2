/* SPDX-License-Identifier: Apache-2.0 */
/* budget_test.c - budgets count by period, and every one above them. */
#include "economics/budget.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"

static struct currencies currencies;
static struct aicx_error err;

static void
setup(void)
{
	currencies = (struct currencies) { 0 };
	(void)currencies_add(&currencies, STR("AIC"), 6, NULL);
	err = (struct aicx_error) { 0 };
}

static int64_t
at(const char *text)
{
	int64_t at_ms = -1;

	ck_assert(time_parse(str_of(text), &at_ms));
	return at_ms;
}

static struct budget
budget_of(int64_t allocated_minor, enum budget_period period)
{
	return (struct budget) {
		.allocated = { allocated_minor, "AIC" },
		.period = (int)period,
	};
}

static aicx_err
check(const struct budget *budget, int64_t minor)
{
	struct aicx_money amount = { minor, "AIC" };

	err = (struct aicx_error) { 0 };
	return budget_check(budget, &amount, &currencies, &err);
}

START_TEST(a_budget_allows_what_is_left_and_no_more)
{
	struct budget budget = budget_of(1000, PERIOD_UNLIMITED);

	budget.consumed_minor = 300;
	budget.held_minor = 200;
	ck_assert_int_eq(budget_available(&budget), 500);
	ck_assert_int_eq(check(&budget, 500), AICX_OK);
	ck_assert_int_eq(check(&budget, 501), AICX_ELIMIT);
	ck_assert_str_eq(err.word, "budget_exceeded");
	ck_assert_str_eq(
	    err.text, "budget has 0.000500 AIC left, 0.000501 AIC wanted");
}
END_TEST

START_TEST(a_budget_of_another_currency_allows_nothing)
{
	struct budget budget = budget_of(1000, PERIOD_UNLIMITED);
	struct aicx_money dollars = { 1, "USD" };

	ck_assert_int_eq(
	    budget_check(&budget, &dollars, &currencies, &err), AICX_ELIMIT);
	ck_assert_str_eq(err.word, "budget_exceeded");
}
END_TEST

static struct budget_line
line_of(const struct budget *list, size_t n)
{
	struct budget_line line = { .n = n };

	memcpy(line.list, list, n * sizeof *list);
	return line;
}

static aicx_err
check_line(const struct budget_line *line, int64_t minor)
{
	struct aicx_money amount = { minor, "AIC" };

	err = (struct aicx_error) { 0 };
	return budget_line_check(line, &amount, &currencies, &err);
}

START_TEST(holding_and_posting_count_once)
{
	struct budget budget = budget_of(1000, PERIOD_UNLIMITED);
	struct hold hold = { .amount = { 600, "AIC" }, .created_ms = 5 };

	ck_assert(budget_roll(&budget, 1));
	struct budget_line line = line_of(&budget, 1);
	budget_line_hold(&line, 600);
	ck_assert_int_eq(check_line(&line, 400), AICX_OK);
	ck_assert_int_eq(check_line(&line, 401), AICX_ELIMIT);
	ck_assert_str_eq(err.word, "budget_exceeded");
	budget_line_resolve(&line, &hold, 450);
	ck_assert_int_eq(line.list[0].held_minor, 0);
	ck_assert_int_eq(line.list[0].consumed_minor, 450);
	ck_assert_int_eq(budget_line_available(&line), 550);
	/* A void is a post of nothing. */
	budget_line_hold(&line, 550);
	hold.amount.minor = 550;
	budget_line_resolve(&line, &hold, 0);
	ck_assert_int_eq(budget_line_available(&line), 550);
	budget_line_charge(&line, 550);
	ck_assert_int_eq(budget_line_available(&line), 0);
	budget_line_refund(&line, 5, 50);
	ck_assert_int_eq(budget_line_available(&line), 50);
}
END_TEST

START_TEST(without_a_budget_nothing_limits)
{
	struct budget_line line = { .n = 0 };

	ck_assert_int_eq(check_line(&line, INT64_MAX), AICX_OK);
	ck_assert_int_eq(budget_line_available(&line), INT64_MAX);
}
END_TEST

START_TEST(every_budget_above_must_allow_it_and_counts_it)
{
	struct budget list[] = { budget_of(100, PERIOD_DAILY),
		budget_of(250, PERIOD_MONTHLY),
		budget_of(1000, PERIOD_YEARLY) };
	int64_t day_ms = at("2026-01-30T12:00:00Z");
	int64_t next_ms = at("2026-01-31T12:00:00Z");
	int64_t month_ms = at("2026-02-01T12:00:00Z");
	struct hold hold = { .amount = { 90, "AIC" }, .created_ms = day_ms };

	for (size_t i = 0; i < 3; i++)
		(void)budget_roll(&list[i], day_ms);
	struct budget_line line = line_of(list, 3);
	budget_line_hold(&line, 90);
	ck_assert_int_eq(check_line(&line, 11), AICX_ELIMIT);
	for (size_t i = 0; i < 3; i++)
		(void)budget_roll(&line.list[i], next_ms);
	/* A new day for the child, the same month for its parent. */
	ck_assert_int_eq(budget_line_available(&line), 100);
	budget_line_resolve(&line, &hold, 80);
	ck_assert_int_eq(line.list[0].consumed_minor, 0);
	ck_assert_int_eq(line.list[0].held_minor, 0);
	ck_assert_int_eq(line.list[1].consumed_minor, 80);
	ck_assert_int_eq(line.list[1].held_minor, 0);
	budget_line_charge(&line, 100);
	ck_assert_int_eq(line.list[1].consumed_minor, 180);
	(void)budget_roll(&line.list[0], month_ms);
	/* The parent's month is not over in its own row: 70 is left of it. */
	ck_assert_int_eq(check_line(&line, 71), AICX_ELIMIT);
	ck_assert_int_eq(check_line(&line, 70), AICX_OK);
	budget_line_refund(&line, next_ms, 100);
	ck_assert_int_eq(line.list[0].consumed_minor, 0);
	ck_assert_int_eq(line.list[1].consumed_minor, 80);
	ck_assert_int_eq(line.list[2].consumed_minor, 80);
}
END_TEST

START_TEST(periods_end_at_their_date)
{
	static const struct {
		enum budget_period period;
		const char *reset;
	} rows[] = {
		{ PERIOD_DAILY, "2026-02-01T00:00:00Z" },
		{ PERIOD_MONTHLY, "2026-02-01T00:00:00Z" },
		{ PERIOD_YEARLY, "2027-01-01T00:00:00Z" },
	};
	int64_t now_ms = at("2026-01-31T13:04:05Z");

	for (size_t i = 0; i < 3; i++) {
		struct budget budget = budget_of(1000, rows[i].period);
		ck_assert(budget_roll(&budget, now_ms));
		ck_assert_int_eq(budget.period_start_ms, now_ms);
		ck_assert_int_eq(budget.reset_ms, at(rows[i].reset));
		ck_assert(!budget_roll(&budget, budget.reset_ms - 1));
		ck_assert_int_eq(budget.period_start_ms, now_ms);
		ck_assert(budget_roll(&budget, budget.reset_ms));
		ck_assert_int_eq(budget.period_start_ms, at(rows[i].reset));
	}
}
END_TEST

START_TEST(an_unlimited_period_never_ends)
{
	struct budget budget = budget_of(1000, PERIOD_UNLIMITED);

	ck_assert(budget_roll(&budget, 1));
	budget.consumed_minor = 900;
	ck_assert(!budget_roll(&budget, at("9999-12-31T00:00:00Z")));
	ck_assert_int_eq(budget.reset_ms, 0);
	ck_assert_int_eq(budget_available(&budget), 100);
}
END_TEST

START_TEST(a_new_period_forgets_what_was_consumed_and_held)
{
	struct budget budget = budget_of(1000, PERIOD_DAILY);

	(void)budget_roll(&budget, at("2026-01-31T23:59:00Z"));
	budget.held_minor = 800;
	budget.consumed_minor = 200;
	ck_assert_int_eq(check(&budget, 1), AICX_ELIMIT);
	ck_assert(budget_roll(&budget, at("2026-02-01T00:00:00Z")));
	ck_assert_int_eq(budget_available(&budget), 1000);
}
END_TEST

START_TEST(a_hold_counts_in_the_period_in_which_it_was_made)
{
	int64_t before_ms = at("2026-01-31T23:59:59Z");
	int64_t after_ms = at("2026-02-01T00:00:00Z");
	struct budget budget = budget_of(1000, PERIOD_DAILY);
	struct hold old = { .amount = { 700, "AIC" }, .created_ms = before_ms };
	struct hold young = { .amount = { 400, "AIC" },
		.created_ms = after_ms };

	(void)budget_roll(&budget, before_ms);
	struct budget_line line = line_of(&budget, 1);
	budget_line_hold(&line, 700);
	(void)budget_roll(&line.list[0], after_ms);
	budget_line_hold(&line, 400);
	budget_line_resolve(&line, &old, 700);
	ck_assert_int_eq(line.list[0].held_minor, 400);
	ck_assert_int_eq(line.list[0].consumed_minor, 0);
	budget_line_resolve(&line, &young, 150);
	ck_assert_int_eq(line.list[0].held_minor, 0);
	ck_assert_int_eq(line.list[0].consumed_minor, 150);
	ck_assert_int_eq(budget_line_available(&line), 850);
}
END_TEST

START_TEST(rows_are_printed_and_read_back)
{
	struct budget budget = budget_of(1000, PERIOD_MONTHLY), back;
	struct arena arena = { 0 };
	struct buf buf = { 0 };
	struct json doc;
	struct json_writer w = json_writer(&buf);

	budget.budget_id = (struct aicx_id) { { 1 } };
	budget.held_minor = 5;
	(void)budget_roll(&budget, at("2026-01-31T13:04:05.678Z"));
	budget.held_minor = 5;
	json_open(&w, '{');
	field_print(budget_fields, &budget, &currencies, &w);
	json_close(&w);
	ck_assert_int_eq(
	    json_parse(buf_view(&buf), &arena, &doc, NULL), AICX_OK);
	ck_assert_int_eq(
	    field_parse(budget_fields, json_root(&doc), &currencies, true,
		&arena, &back, sizeof back, NULL),
	    AICX_OK);
	ck_assert_mem_eq(&back.budget_id, &budget.budget_id, 16);
	ck_assert_int_eq(back.held_minor, 5);
	ck_assert_int_eq(back.period, PERIOD_MONTHLY);
	ck_assert_int_eq(back.period_start_ms, budget.period_start_ms);
	ck_assert_int_eq(back.reset_ms, budget.reset_ms);
	ck_assert_int_eq(back.allocated.minor, 1000);
	buf_fini(&buf);
	arena_fini(&arena);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("budget");
	TCase *tcase = tcase_create("budget");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, a_budget_allows_what_is_left_and_no_more);
	tcase_add_test(tcase, a_budget_of_another_currency_allows_nothing);
	tcase_add_test(tcase, holding_and_posting_count_once);
	tcase_add_test(tcase, without_a_budget_nothing_limits);
	tcase_add_test(tcase, every_budget_above_must_allow_it_and_counts_it);
	tcase_add_test(tcase, periods_end_at_their_date);
	tcase_add_test(tcase, an_unlimited_period_never_ends);
	tcase_add_test(tcase, a_new_period_forgets_what_was_consumed_and_held);
	tcase_add_test(tcase, a_hold_counts_in_the_period_in_which_it_was_made);
	tcase_add_test(tcase, rows_are_printed_and_read_back);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
