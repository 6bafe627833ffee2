/* SPDX-License-Identifier: Apache-2.0 */
/* payment_credit_test.c - the built plugin, loaded as the broker loads it. */
#include <aiconexus/plugin.h>
#include <check.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_host.h"

struct settings { /* as the options say */
	struct aicx_money overdraft, max_fund;
};

static struct fake *fake;
static struct settings settings;
static const struct aicx_plugin *plugin;
static const struct aicx_payment_ops *ops;
static void *state;

struct outcome {
	int n;
	struct aicx_pay_result result;
};

static void
on_done(const struct aicx_pay_result *result, void *arg)
{
	struct outcome *outcome = arg;

	outcome->n++;
	outcome->result = *result;
}

static struct aicx_money
money_of(int64_t minor, const char *currency)
{
	struct aicx_money money = { .minor = minor };

	(void)snprintf(money.currency, sizeof money.currency, "%s", currency);
	return money;
}

/* AIC has 6 decimals, JPY none. */
static void
open_credit(int64_t overdraft_minor, int64_t max_fund_minor)
{
	fake = fake_new();
	plugin = fake_plugin(".libs/payment_credit.so");
	ck_assert_uint_eq(plugin->settings_size, sizeof settings);
	settings = (struct settings) { 0 };
	if (overdraft_minor > 0)
		settings.overdraft = money_of(overdraft_minor, "AIC");
	if (max_fund_minor >= 0)
		settings.max_fund = money_of(max_fund_minor, "AIC");
	ops = plugin->ops.payment;
	ck_assert_int_eq(plugin->open(&fake->table, fake_self(fake), &settings,
			     &state, NULL),
	    AICX_OK);
}

static void
close_credit(void)
{
	plugin->close(state);
	fake_free(fake);
}

static struct aicx_pay
pay_of(int64_t minor, const char *currency, int64_t available_minor)
{
	return (struct aicx_pay) {
		.size = sizeof(struct aicx_pay),
		.id = { { 7 } },
		.amount = money_of(minor, currency),
		.available_minor = available_minor,
	};
}

typedef void pay_op(
    void *of, const struct aicx_pay *pay, aicx_pay_fn *done, void *arg);

static void
assert_done(pay_op *op, int64_t minor, const char *currency, int64_t available)
{
	struct outcome outcome = { 0 };
	struct aicx_pay pay = pay_of(minor, currency, available);

	op(state, &pay, on_done, &outcome);
	ck_assert_int_eq(outcome.n, 1);
	ck_assert_uint_eq(outcome.result.state, AICX_PAY_DONE);
	ck_assert_int_eq(outcome.result.amount.minor, minor);
	ck_assert_str_eq(outcome.result.amount.currency, currency);
}

static void
assert_refused(pay_op *op, int64_t minor, const char *currency,
    int64_t available, const char *word, const char *why)
{
	struct outcome outcome = { 0 };
	struct aicx_pay pay = pay_of(minor, currency, available);

	op(state, &pay, on_done, &outcome);
	ck_assert_int_eq(outcome.n, 1);
	ck_assert_uint_eq(outcome.result.state, AICX_PAY_REFUSED);
	ck_assert_int_ne(outcome.result.error.code, AICX_OK);
	ck_assert_str_eq(outcome.result.error.word, word);
	ck_assert_str_eq(outcome.result.error.text, why);
}

START_TEST(what_is_free_can_be_promised_and_no_more)
{
	open_credit(0, -1);
	assert_done(ops->authorize, 100, "AIC", 100);
	assert_done(ops->authorize, 0, "AIC", 0);
	assert_refused(ops->authorize, 1500000, "AIC", 1499999,
	    "insufficient_funds",
	    "cannot promise 1.500000 AIC: only 1.499999 AIC is free");
	assert_refused(ops->authorize, 5, "JPY", -3, "insufficient_funds",
	    "cannot promise 5 JPY: only -3 JPY is free");
	assert_refused(ops->authorize, 1, "AIC", -500000, "insufficient_funds",
	    "cannot promise 0.000001 AIC: only -0.500000 AIC is free");
	close_credit();
}
END_TEST

START_TEST(an_overdraft_counts_in_its_own_currency_only)
{
	open_credit(1000000, -1);
	assert_done(ops->authorize, 1000100, "AIC", 100);
	assert_refused(ops->authorize, 1000101, "AIC", 100,
	    "insufficient_funds",
	    "cannot promise 1.000101 AIC: only 1.000100 AIC is free");
	assert_refused(ops->authorize, 101, "JPY", 100, "insufficient_funds",
	    "cannot promise 101 JPY: only 100 JPY is free");
	assert_done(ops->authorize, INT64_MAX, "AIC", INT64_MAX);
	close_credit();
}
END_TEST

START_TEST(the_rest_is_done_at_once_and_again)
{
	open_credit(0, -1);
	for (int i = 0; i < 2; i++) {
		assert_done(ops->capture, 60, "AIC", 0);
		assert_done(ops->void_, 100, "AIC", 0);
		assert_done(ops->payout, 100, "AIC", 0);
		assert_done(ops->fund, INT64_MAX, "JPY", 0);
		assert_done(ops->status, 100, "AIC", 0);
		assert_done(ops->refund, 40, "AIC", 0);
	}
	close_credit();
}
END_TEST

START_TEST(an_amount_below_zero_is_refused)
{
	open_credit(0, -1);
	pay_op *const all[] = { ops->authorize, ops->capture, ops->void_,
		ops->fund, ops->payout, ops->status, ops->refund };
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		assert_refused(all[i], -1, "AIC", 100, "invalid_amount",
		    "cannot pay an amount below zero");
	close_credit();
}
END_TEST

START_TEST(one_funding_is_bounded_where_the_operator_says_so)
{
	open_credit(0, 2000000);
	assert_done(ops->fund, 2000000, "AIC", 0);
	assert_refused(ops->fund, 2000001, "AIC", 0, "invalid_amount",
	    "cannot fund 2.000001 AIC: at most 2.000000 AIC at a time");
	assert_refused(ops->fund, 1, "JPY", 0, "invalid_amount",
	    "cannot fund 1 JPY: at most 2.000000 AIC at a time");
	close_credit();
	open_credit(0, 0);
	assert_done(ops->fund, 2000001, "AIC", 0);
	assert_done(ops->fund, 1, "JPY", 0);
	close_credit();
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("credit");
	Suite *suite = suite_create("payment_credit");

	tcase_add_test(tests, what_is_free_can_be_promised_and_no_more);
	tcase_add_test(tests, an_overdraft_counts_in_its_own_currency_only);
	tcase_add_test(tests, the_rest_is_done_at_once_and_again);
	tcase_add_test(tests, an_amount_below_zero_is_refused);
	tcase_add_test(
	    tests, one_funding_is_bounded_where_the_operator_says_so);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed != 0;
}
