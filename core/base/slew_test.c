/* SPDX-License-Identifier: Apache-2.0 */
/* slew_test.c - jumps of the wall clock, either way. */
#include "base/slew.h"

#include <check.h>
#include <stdlib.h>

static const int64_t start_ms = 1795000000000, year_ms = 31536000000;

START_TEST(it_runs_with_a_wall_clock_that_is_right)
{
	struct slew slew;

	slew_start(&slew, start_ms, 5000);
	for (int64_t ms = 0; ms < 100000; ms += 7)
		ck_assert_int_eq(
		    slew_now(&slew, 5000 + ms, start_ms + ms), start_ms + ms);
}
END_TEST

START_TEST(ten_years_forward_make_a_day_a_hundredth_longer)
{
	struct slew slew;
	int64_t day_ms = 86400000, now_ms = 0;

	slew_start(&slew, start_ms, 0);
	for (int64_t ms = 1; ms <= day_ms; ms += 999)
		now_ms = slew_now(&slew, ms, start_ms + ms + 10 * year_ms);
	ck_assert_int_gt(now_ms, start_ms + day_ms);
	ck_assert_int_le(now_ms, start_ms + day_ms + day_ms / 100 + 1);
}
END_TEST

START_TEST(ten_years_back_never_turn_it_back)
{
	struct slew slew;
	int64_t before_ms = start_ms;

	slew_start(&slew, start_ms, 0);
	for (int64_t ms = 1; ms <= 100000; ms++) {
		int64_t now_ms =
		    slew_now(&slew, ms, start_ms + ms - 10 * year_ms);
		ck_assert_int_ge(now_ms, before_ms);
		before_ms = now_ms;
	}
	ck_assert_int_ge(before_ms, start_ms + 99000);
	ck_assert_int_lt(before_ms, start_ms + 99010);
}
END_TEST

START_TEST(it_is_the_same_time_within_one_reading)
{
	struct slew slew;

	slew_start(&slew, start_ms, 100);
	ck_assert_int_eq(slew_now(&slew, 100, start_ms + 50), start_ms);
	ck_assert_int_eq(slew_now(&slew, 90, start_ms + 50), start_ms);
}
END_TEST

START_TEST(a_small_error_is_gone_after_a_hundred_times_as_long)
{
	struct slew slew;
	int64_t ms = 0;

	slew_start(&slew, start_ms, 0);
	while (ms < 100000 &&
	    slew_now(&slew, ms, start_ms + ms + 500) != start_ms + ms + 500)
		ms += 3;
	ck_assert_int_gt(ms, 45000);
	ck_assert_int_lt(ms, 55000);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("slew");
	TCase *tests = tcase_create("slew");

	tcase_add_test(tests, it_runs_with_a_wall_clock_that_is_right);
	tcase_add_test(tests, ten_years_forward_make_a_day_a_hundredth_longer);
	tcase_add_test(tests, ten_years_back_never_turn_it_back);
	tcase_add_test(tests, it_is_the_same_time_within_one_reading);
	tcase_add_test(
	    tests, a_small_error_is_gone_after_a_hundred_times_as_long);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
