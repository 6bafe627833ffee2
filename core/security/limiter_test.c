/* SPDX-License-Identifier: Apache-2.0 */
/* limiter_test.c - bursts, rates, waiting times and a table that is too small.
 */
#include "security/limiter.h"

#include <check.h>
#include <stdlib.h>

enum { SECOND_US = 1000000 };

static struct limiter *limiter;

static void
open_limiter(void)
{
	limiter = limiter_new(64);
}

static void
close_limiter(void)
{
	limiter_free(limiter);
}

static int
taken(uint64_t who, struct rate rate, int64_t now_us, int wishes)
{
	int n = 0;

	for (int i = 0; i < wishes; i++)
		n += limiter_take(limiter, who, rate, now_us, NULL) ? 1 : 0;
	return n;
}

START_TEST(a_full_bucket_gives_its_burst_and_then_its_rate)
{
	struct rate rate = rate_of(10, 2000);

	ck_assert_int_eq(taken(7, rate, SECOND_US, 100), 20);
	ck_assert_int_eq(taken(7, rate, SECOND_US + SECOND_US / 2, 100), 5);
	ck_assert_int_eq(taken(7, rate, 100 * SECOND_US, 100), 20);
}
END_TEST

START_TEST(who_is_refused_hears_when_to_come_again)
{
	struct rate rate = rate_of(2, 500);
	int64_t wait_ms = 0;

	ck_assert_int_eq(taken(7, rate, SECOND_US, 1), 1);
	ck_assert(!limiter_take(limiter, 7, rate, SECOND_US, &wait_ms));
	ck_assert_int_eq(wait_ms, 500);
	ck_assert(!limiter_take(
	    limiter, 7, rate, SECOND_US + (wait_ms - 2) * 1000, NULL));
	ck_assert(
	    limiter_take(limiter, 7, rate, SECOND_US + wait_ms * 1000, NULL));
}
END_TEST

START_TEST(one_name_does_not_use_up_anothers)
{
	struct rate rate = rate_of(1, 1000);

	ck_assert_int_eq(taken(7, rate, 0, 5), 1);
	ck_assert_int_eq(taken(8, rate, 0, 5), 1);
	ck_assert_int_eq(taken(0, rate, 0, 5), 1);
}
END_TEST

START_TEST(a_token_that_is_put_back_can_be_taken_again)
{
	struct rate rate = rate_of(1, 1000);

	for (int i = 0; i < 10; i++) {
		ck_assert(limiter_take(limiter, 7, rate, 0, NULL));
		limiter_give(limiter, 7, rate);
	}
	ck_assert_int_eq(taken(7, rate, 0, 5), 1);
}
END_TEST

START_TEST(a_rate_of_zero_is_no_limit)
{
	struct rate rate = rate_of(0, 1000);

	ck_assert_int_eq(taken(7, rate, 0, 1000), 1000);
	limiter_give(limiter, 7, rate);
	ck_assert_int_eq(rate_of(INT64_C(1), 1).burst, 1);
}
END_TEST

/* A crowd that fills the table does not free the one far over its rate. */
START_TEST(a_crowd_pushes_out_the_light_and_not_the_heavy)
{
	struct rate rate = rate_of(10, 10000);

	ck_assert_int_eq(taken(7, rate, 0, 200), 100);
	for (uint64_t who = 1000; who < 100000; who++)
		ck_assert_int_eq(taken(who, rate, 0, 1), 1);
	ck_assert_int_eq(taken(7, rate, 0, 200), 0);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("limiter");
	Suite *suite = suite_create("limiter");
	SRunner *runner = srunner_create(suite);
	int n_failed;

	tcase_add_checked_fixture(tcase, open_limiter, close_limiter);
	tcase_add_test(tcase, a_full_bucket_gives_its_burst_and_then_its_rate);
	tcase_add_test(tcase, who_is_refused_hears_when_to_come_again);
	tcase_add_test(tcase, one_name_does_not_use_up_anothers);
	tcase_add_test(tcase, a_token_that_is_put_back_can_be_taken_again);
	tcase_add_test(tcase, a_rate_of_zero_is_no_limit);
	tcase_add_test(tcase, a_crowd_pushes_out_the_light_and_not_the_heavy);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
