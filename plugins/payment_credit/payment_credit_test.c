/* SPDX-License-Identifier: Apache-2.0 */
/* payment_credit_test.c - the built plugin, loaded as the broker loads it. */
#include <aiconexus/payment.h>
#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "module/testdata/stage.h"

static struct stage stage;
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

static void
open_credit(const char *options)
{
	struct buf conf = { 0 };

	buf_printf(&conf,
	    "[currency \"AIC\"]\nscale = 6\n[currency \"JPY\"]\nscale = 0\n"
	    "[payment credit \"main\"]\n%s",
	    options);
	stage_init(&stage);
	stage_plugin(&stage, ".libs/payment_credit.so", "payment_credit.so");
	stage_open(&stage, buf_cstr(&conf));
	struct module *module =
	    modules_find(stage.modules, AICX_PAYMENT, "main");
	ops = module_ops(module);
	state = module_state(module);
	buf_fini(&conf);
}

static struct aicx_pay
pay_of(int64_t minor, const char *currency, int64_t available_minor)
{
	struct aicx_pay pay = {
		.size = sizeof pay,
		.id = { { 7 } },
		.amount = { .minor = minor },
		.available_minor = available_minor,
	};

	ck_assert(str_copy(
	    str_of(currency), pay.amount.currency, sizeof pay.amount.currency));
	return pay;
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
	open_credit("");
	assert_done(ops->authorize, 100, "AIC", 100);
	assert_done(ops->authorize, 0, "AIC", 0);
	assert_refused(ops->authorize, 1500000, "AIC", 1499999,
	    "insufficient_funds",
	    "cannot promise 1.500000 AIC: only 1.499999 AIC is free");
	assert_refused(ops->authorize, 5, "JPY", -3, "insufficient_funds",
	    "cannot promise 5 JPY: only -3 JPY is free");
	assert_refused(ops->authorize, 1, "AIC", -500000, "insufficient_funds",
	    "cannot promise 0.000001 AIC: only -0.500000 AIC is free");
	stage_fini(&stage);
}
END_TEST

START_TEST(an_overdraft_counts_in_its_own_currency_only)
{
	open_credit("overdraft = 1 AIC\n");
	assert_done(ops->authorize, 1000100, "AIC", 100);
	assert_refused(ops->authorize, 1000101, "AIC", 100,
	    "insufficient_funds",
	    "cannot promise 1.000101 AIC: only 1.000100 AIC is free");
	assert_refused(ops->authorize, 101, "JPY", 100, "insufficient_funds",
	    "cannot promise 101 JPY: only 100 JPY is free");
	assert_done(ops->authorize, INT64_MAX, "AIC", INT64_MAX);
	stage_fini(&stage);
}
END_TEST

START_TEST(the_rest_is_done_at_once_and_again)
{
	open_credit("");
	for (int i = 0; i < 2; i++) {
		assert_done(ops->capture, 60, "AIC", 0);
		assert_done(ops->release, 100, "AIC", 0);
		assert_done(ops->payout, 100, "AIC", 0);
		assert_done(ops->fund, INT64_MAX, "JPY", 0);
		assert_done(ops->status, 100, "AIC", 0);
	}
	stage_fini(&stage);
}
END_TEST

START_TEST(an_amount_below_zero_is_refused)
{
	open_credit("");
	pay_op *const all[] = { ops->authorize, ops->capture, ops->release,
		ops->fund, ops->payout, ops->status };
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		assert_refused(all[i], -1, "AIC", 100, "invalid_amount",
		    "cannot pay an amount below zero");
	stage_fini(&stage);
}
END_TEST

START_TEST(one_funding_is_bounded_where_the_operator_says_so)
{
	open_credit("max_fund = 2 AIC\n");
	assert_done(ops->fund, 2000000, "AIC", 0);
	assert_refused(ops->fund, 2000001, "AIC", 0, "invalid_amount",
	    "cannot fund 2.000001 AIC: at most 2.000000 AIC at a time");
	assert_refused(ops->fund, 1, "JPY", 0, "invalid_amount",
	    "cannot fund 1 JPY: at most 2.000000 AIC at a time");
	stage_fini(&stage);
	open_credit("max_fund = 0 AIC\n");
	assert_done(ops->fund, 2000001, "AIC", 0);
	assert_done(ops->fund, 1, "JPY", 0);
	stage_fini(&stage);
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
