/* SPDX-License-Identifier: Apache-2.0 */
/* number_test.c - amounts of tokens. */
#include "number.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const char *
atomic(int64_t minor, int scale, const char *rate_text, int decimals)
{
	static char text[ATOMIC_TEXT];
	struct rate rate;

	ck_assert(rate_parse(rate_text, &rate));
	return atomic_print(minor, scale, &rate, decimals, text) ? text : "-";
}

START_TEST(a_price_becomes_the_smallest_unit_rounded_up)
{
	ck_assert_str_eq(atomic(50000, 6, "1", 6), "50000");
	ck_assert_str_eq(atomic(1, 6, "1", 2), "1");
	ck_assert_str_eq(atomic(10000, 6, "1", 2), "1");
	ck_assert_str_eq(atomic(10001, 6, "1", 2), "2");
	ck_assert_str_eq(atomic(3, 0, "0.333", 2), "100");
	ck_assert_str_eq(atomic(0, 6, "1", 18), "0");
	ck_assert_str_eq(atomic(1, 6, "2.5", 18), "2500000000000");
	ck_assert_str_eq(
	    atomic(INT64_MAX, 9, "1", 18), "9223372036854775807000000000");
}
END_TEST

START_TEST(what_does_not_fit_is_refused)
{
	ck_assert_str_eq(atomic(INT64_MAX, 0, "999999999999999999", 18), "-");
	ck_assert_str_eq(atomic(-1, 6, "1", 6), "-");
}
END_TEST

START_TEST(a_rate_is_a_number_above_zero)
{
	static const char *const wrong[] = { "", "0", "0.0", ".5", "1.", "-1",
		"1e3", "1,5", "1234567890123456789", "0.1234567890", " 1" };
	struct rate rate;

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		ck_assert_msg(!rate_parse(wrong[i], &rate), "%s", wrong[i]);
}
END_TEST

START_TEST(numbers_of_a_chain_are_longer_than_ours)
{
	static const char most[] =
	    "1157920892373161954235709850086879078532699846656405640394575840"
	    "07913129639935";

	ck_assert(digits_are(most));
	ck_assert(!digits_are("1157920892373161954235709850086879078532699846"
			      "6564056403945758400791312963993599"));
	ck_assert(!digits_are(""));
	ck_assert(!digits_are("0x10"));
	ck_assert(digits_same("00050", "50"));
	ck_assert(!digits_same("50", "500"));
	ck_assert(digits_same("0", "000"));
	ck_assert_int_eq(digits_number(most), INT64_MAX);
	ck_assert_int_eq(digits_number("1800000000"), 1800000000);
}
END_TEST

START_TEST(a_price_is_read_with_its_decimals)
{
	int64_t minor = 7;

	ck_assert(minor_parse("0.25", 6, &minor));
	ck_assert_int_eq(minor, 250000);
	ck_assert(!minor_parse("0.1234567", 6, &minor));
	ck_assert(!minor_parse("99999999999999999", 6, &minor));
	ck_assert(!minor_parse("1", -2, &minor));
	ck_assert_int_eq(minor, 250000);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("x402 number");
	TCase *tcase = tcase_create("numbers");
	SRunner *runner;
	int n_failed;

	tcase_add_test(tcase, a_price_becomes_the_smallest_unit_rounded_up);
	tcase_add_test(tcase, what_does_not_fit_is_refused);
	tcase_add_test(tcase, a_rate_is_a_number_above_zero);
	tcase_add_test(tcase, numbers_of_a_chain_are_longer_than_ours);
	tcase_add_test(tcase, a_price_is_read_with_its_decimals);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
