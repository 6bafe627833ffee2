/* SPDX-License-Identifier: Apache-2.0 */
/* payment_test.c - what a payment may become, and what a chargeback takes. */
#include "economics/payment.h"

#include <check.h>
#include <stdlib.h>

static struct aicx_money
aic(int64_t minor)
{
	return (struct aicx_money) { minor, "AIC" };
}

static struct payment
payment_of(enum payment_op op, enum payment_state state)
{
	return (struct payment) {
		.op = (int)op, .state = (int)state, .amount = aic(100)
	};
}

START_TEST(an_authorization_becomes_one_capture_or_void)
{
	struct payment p = payment_of(PAYMENT_AUTHORIZE, PAYMENT_ASKED);

	ck_assert(payment_may_become(&p, PAYMENT_VOID));
	ck_assert(!payment_may_become(&p, PAYMENT_CAPTURE));
	p.state = PAYMENT_DONE;
	ck_assert(payment_may_become(&p, PAYMENT_VOID));
	ck_assert(payment_may_become(&p, PAYMENT_CAPTURE));
	p = payment_of(PAYMENT_CAPTURE, PAYMENT_ASKED);
	ck_assert(!payment_may_become(&p, PAYMENT_VOID)); /* perhaps taken */
	p.state = PAYMENT_DONE;
	ck_assert(!payment_may_become(&p, PAYMENT_VOID));
	p.state = PAYMENT_REFUSED;
	ck_assert(payment_may_become(&p, PAYMENT_VOID));
	for (int op = PAYMENT_VOID; op < PAYMENT_N_OPS; op++)
		for (int next = 0; next < PAYMENT_N_OPS; next++) {
			p = payment_of((enum payment_op)op, PAYMENT_DONE);
			ck_assert(
			    !payment_may_become(&p, (enum payment_op)next));
		}
}
END_TEST

START_TEST(backoff_doubles_up_to_its_limit)
{
	static const int64_t want[] = { 100, 200, 400, 800, 1000, 1000 };

	for (int n = 0; n < 6; n++)
		ck_assert_int_eq(payment_backoff_ms(100, 1000, n + 1), want[n]);
	ck_assert_int_eq(payment_backoff_ms(100, 1000, 1000000), 1000);
	ck_assert_int_eq(payment_backoff_ms(5000, 1000, 1), 1000);
}
END_TEST

START_TEST(a_chargeback_takes_what_is_there_and_the_rest_is_lost)
{
	struct payment p = payment_of(PAYMENT_FUND, PAYMENT_DONE);
	struct aicx_money from, lost, amount = aic(60);

	ck_assert_int_eq(
	    payment_take_back(&p, &amount, 45, &from, &lost, NULL), AICX_OK);
	ck_assert_int_eq(from.minor, 45);
	ck_assert_int_eq(lost.minor, 15);
	ck_assert_int_eq(p.back_minor, 60);
	ck_assert_int_eq(p.lost_minor, 15);
	amount = aic(40);
	ck_assert_int_eq(
	    payment_take_back(&p, &amount, 500, &from, &lost, NULL), AICX_OK);
	ck_assert_int_eq(from.minor, 40);
	ck_assert_int_eq(lost.minor, 0);
	amount = aic(1);
	ck_assert_int_eq(
	    payment_take_back(&p, &amount, 500, &from, &lost, NULL),
	    AICX_EINVAL);
	ck_assert_int_eq(p.back_minor, 100);
}
END_TEST

START_TEST(a_chargeback_of_anything_else_is_refused)
{
	static const struct {
		enum payment_op op;
		enum payment_state state;
		struct aicx_money amount;
		aicx_err err;
		const char *word;
	} cases[] = {
		{ PAYMENT_FUND, PAYMENT_ASKED, { 1, "AIC" }, AICX_EAGAIN,
		    "unavailable" },
		{ PAYMENT_FUND, PAYMENT_REFUSED, { 1, "AIC" }, AICX_ESTATE,
		    "wrong_state" },
		{ PAYMENT_PAYOUT, PAYMENT_DONE, { 1, "AIC" }, AICX_ESTATE,
		    "wrong_state" },
		{ PAYMENT_AUTHORIZE, PAYMENT_DONE, { 1, "AIC" }, AICX_ESTATE,
		    "wrong_state" },
		{ PAYMENT_CAPTURE, PAYMENT_DONE, { 101, "AIC" }, AICX_EINVAL,
		    "invalid_amount" },
		{ PAYMENT_CAPTURE, PAYMENT_DONE, { 0, "AIC" }, AICX_EINVAL,
		    "invalid_amount" },
		{ PAYMENT_CAPTURE, PAYMENT_DONE, { -1, "AIC" }, AICX_EINVAL,
		    "invalid_amount" },
		{ PAYMENT_CAPTURE, PAYMENT_DONE, { 1, "EUR" }, AICX_EINVAL,
		    "invalid_amount" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct payment p = payment_of(cases[i].op, cases[i].state);
		struct aicx_money from = aic(-7), lost = aic(-7);
		struct aicx_error error = { 0 };
		ck_assert_int_eq(payment_take_back(&p, &cases[i].amount, 1000,
				     &from, &lost, &error),
		    cases[i].err);
		ck_assert_str_eq(error.word, cases[i].word);
		ck_assert_int_eq(p.back_minor, 0);
		ck_assert_int_eq(from.minor, -7);
	}
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("payment");
	Suite *suite = suite_create("payment");

	tcase_add_test(tests, an_authorization_becomes_one_capture_or_void);
	tcase_add_test(tests, backoff_doubles_up_to_its_limit);
	tcase_add_test(
	    tests, a_chargeback_takes_what_is_there_and_the_rest_is_lost);
	tcase_add_test(tests, a_chargeback_of_anything_else_is_refused);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed != 0;
}
