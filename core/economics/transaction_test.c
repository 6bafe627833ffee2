/* SPDX-License-Identifier: Apache-2.0 */
/* transaction_test.c - refunds, disputes and rulings: what is left, what goes
   back, and what is refused. */
#include "economics/transaction.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "economics/dispute.h"

static struct currencies currencies;
static struct aicx_error err;

static void
setup(void)
{
	currencies = (struct currencies) { 0 };
	(void)currencies_add(&currencies, STR("AIC"), 6, NULL);
	(void)currencies_add(&currencies, STR("USD"), 2, NULL);
	err = (struct aicx_error) { 0 };
}

static struct transaction_state
paid(int64_t minor, int64_t fee)
{
	return (struct transaction_state) { .amount = { minor, "AIC" },
		.fee_minor = fee,
		.status = TRANSACTION_SETTLED,
		.settled_ms = 50 };
}

static aicx_err
check(const struct transaction_state *state, int64_t minor)
{
	struct aicx_money amount = { minor, "AIC" };

	err = (struct aicx_error) { 0 };
	return transaction_refund_check(state, &amount, &currencies, &err);
}

START_TEST(a_fee_is_a_share_rounded_down)
{
	ck_assert_int_eq(transaction_fee(1000, 0), 0);
	ck_assert_int_eq(transaction_fee(999, 1000), 0);
	ck_assert_int_eq(transaction_fee(1001, 1000), 1);
	ck_assert_int_eq(transaction_fee(INT64_MAX, 1000000), INT64_MAX);
	ck_assert_int_eq(transaction_fee(INT64_MAX, 500000), INT64_MAX / 2);
}
END_TEST

START_TEST(no_refund_goes_beyond_what_is_left)
{
	struct transaction_state state = paid(1000, 0);

	ck_assert_int_eq(check(&state, 1000), AICX_OK);
	ck_assert_int_eq(check(&state, 1001), AICX_EINVAL);
	ck_assert_str_eq(err.word, "invalid_amount");
	ck_assert_str_eq(err.field, "/amount/amount");
	transaction_refund(&state, 400);
	ck_assert_int_eq(transaction_left(&state), 600);
	ck_assert_int_eq(state.status, TRANSACTION_SETTLED);
	ck_assert_int_eq(check(&state, 600), AICX_OK);
	ck_assert_int_eq(check(&state, 601), AICX_EINVAL);
	ck_assert_int_eq(check(&state, 0), AICX_EINVAL);
	ck_assert_int_eq(check(&state, -1), AICX_EINVAL);
	ck_assert_int_eq(check(&state, INT64_MAX), AICX_EINVAL);
	transaction_refund(&state, 600);
	ck_assert_int_eq(state.status, TRANSACTION_REFUNDED);
	ck_assert_int_eq(check(&state, 1), AICX_ESTATE);
	ck_assert_str_eq(err.word, "wrong_state");
}
END_TEST

START_TEST(a_refund_is_in_the_payments_currency)
{
	struct transaction_state state = paid(1000, 0);
	struct aicx_money dollars = { 1, "USD" };

	ck_assert_int_eq(
	    transaction_refund_check(&state, &dollars, &currencies, &err),
	    AICX_EINVAL);
	ck_assert_str_eq(err.field, "/amount/currency");
}
END_TEST

START_TEST(what_is_frozen_is_not_refunded)
{
	struct transaction_state state = paid(1000, 0);

	state.status = TRANSACTION_FROZEN;
	ck_assert_int_eq(check(&state, 1), AICX_ESTATE);
	ck_assert_str_eq(err.word, "wrong_state");
}
END_TEST

START_TEST(the_fee_goes_back_with_its_share_and_in_the_end_all_of_it)
{
	struct transaction_state state = paid(100, 7);

	ck_assert_int_eq(transaction_fee_back(&state, 50), 3);
	for (int i = 0; i < 100; i++)
		transaction_refund(&state, 1);
	ck_assert_int_eq(state.fee_back_minor, 7);
	state = paid(INT64_MAX, INT64_MAX);
	ck_assert_int_eq(
	    transaction_fee_back(&state, INT64_MAX - 1), INT64_MAX - 1);
	transaction_refund(&state, INT64_MAX);
	ck_assert_int_eq(state.fee_back_minor, INT64_MAX);
}
END_TEST

START_TEST(a_refund_of_a_pending_payment_leaves_it_pending)
{
	struct transaction_state state = paid(100, 7);

	state.status = TRANSACTION_PENDING;
	state.settled_ms = 0;
	transaction_refund(&state, 40);
	ck_assert_int_eq(state.status, TRANSACTION_PENDING);
	/* A ruling of nothing ends the frozen state. */
	state.status = TRANSACTION_FROZEN;
	transaction_refund(&state, 0);
	ck_assert_int_eq(state.status, TRANSACTION_PENDING);
	transaction_refund(&state, 60);
	ck_assert_int_eq(state.status, TRANSACTION_REFUNDED);
}
END_TEST

/* --- disputes ----------------------------------------------------------- */

START_TEST(a_payment_is_disputed_once_and_in_its_window)
{
	struct transaction_state state = paid(100, 7);

	ck_assert_int_eq(dispute_check(&state, 50, 10, 59, &err), AICX_OK);
	ck_assert_int_eq(dispute_check(&state, 50, 10, 60, &err), AICX_ESTATE);
	ck_assert_str_eq(err.word, "expired");
	ck_assert_int_eq(dispute_check(&state, 50, 0, 50, &err), AICX_ESTATE);
	state.dispute_id = (struct aicx_id) { { 1 } };
	ck_assert_int_eq(dispute_check(&state, 50, 10, 59, &err), AICX_ESTATE);
	ck_assert_str_eq(err.word, "wrong_state");
	state = paid(100, 7);
	transaction_refund(&state, 100);
	ck_assert_int_eq(dispute_check(&state, 50, 10, 59, &err), AICX_ESTATE);
	ck_assert_str_eq(err.word, "wrong_state");
}
END_TEST

START_TEST(what_the_payee_got_is_frozen_as_far_as_it_is_there)
{
	struct transaction_state state = paid(100, 7);

	ck_assert_int_eq(dispute_frozen(&state, 1000), 93);
	ck_assert_int_eq(dispute_frozen(&state, 93), 93);
	ck_assert_int_eq(dispute_frozen(&state, 20), 20);
	ck_assert_int_eq(dispute_frozen(&state, 0), 0);
	transaction_refund(&state, 50);
	ck_assert_int_eq(dispute_frozen(&state, 1000), 46);
	state.status = TRANSACTION_PENDING;
	ck_assert_int_eq(dispute_frozen(&state, 1000), 0);
}
END_TEST

START_TEST(a_ruling_is_between_nothing_and_everything_and_comes_once)
{
	struct dispute dispute = { .amount = { 100, "AIC" },
		.state = DISPUTE_OPEN };
	struct aicx_money amount = { 100, "AIC" }, dollars = { 1, "USD" };

	ck_assert_int_eq(
	    dispute_rule_check(&dispute, &amount, &currencies, &err), AICX_OK);
	amount.minor = 0;
	ck_assert_int_eq(
	    dispute_rule_check(&dispute, &amount, &currencies, &err), AICX_OK);
	amount.minor = 101;
	ck_assert_int_eq(
	    dispute_rule_check(&dispute, &amount, &currencies, &err),
	    AICX_EINVAL);
	ck_assert_str_eq(err.field, "/amount/amount");
	amount.minor = -1;
	ck_assert_int_eq(
	    dispute_rule_check(&dispute, &amount, &currencies, &err),
	    AICX_EINVAL);
	ck_assert_int_eq(
	    dispute_rule_check(&dispute, &dollars, &currencies, &err),
	    AICX_EINVAL);
	ck_assert_str_eq(err.field, "/amount/currency");
	dispute.state = DISPUTE_RELEASED;
	amount.minor = 1;
	ck_assert_int_eq(
	    dispute_rule_check(&dispute, &amount, &currencies, &err),
	    AICX_ESTATE);
	ck_assert_str_eq(err.word, "wrong_state");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("transaction");
	TCase *tcase = tcase_create("transaction");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, a_fee_is_a_share_rounded_down);
	tcase_add_test(tcase, no_refund_goes_beyond_what_is_left);
	tcase_add_test(tcase, a_refund_is_in_the_payments_currency);
	tcase_add_test(tcase, what_is_frozen_is_not_refunded);
	tcase_add_test(
	    tcase, the_fee_goes_back_with_its_share_and_in_the_end_all_of_it);
	tcase_add_test(tcase, a_refund_of_a_pending_payment_leaves_it_pending);
	tcase_add_test(tcase, a_payment_is_disputed_once_and_in_its_window);
	tcase_add_test(
	    tcase, what_the_payee_got_is_frozen_as_far_as_it_is_there);
	tcase_add_test(
	    tcase, a_ruling_is_between_nothing_and_everything_and_comes_once);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
