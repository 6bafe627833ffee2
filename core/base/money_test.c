/* SPDX-License-Identifier: Apache-2.0 */
/* money_test.c - amounts to and from text, exactly. */
#include "base/money.h"

#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

static struct currencies
shipped(void)
{
	struct currencies all = { 0 };

	ck_assert_int_eq(currencies_add(&all, STR("AIC"), 6, NULL), AICX_OK);
	ck_assert_int_eq(currencies_add(&all, STR("USD"), 2, NULL), AICX_OK);
	ck_assert_int_eq(currencies_add(&all, STR("JPY"), 0, NULL), AICX_OK);
	ck_assert_int_eq(currencies_add(&all, STR("NANO"), 9, NULL), AICX_OK);
	return all;
}

static int64_t
minor_of(const char *amount, const char *code)
{
	struct currencies all = shipped();
	struct aicx_money money;
	struct aicx_error err = { 0 };

	ck_assert_msg(money_parse(&all, str_of(amount), str_of(code), &money,
			  &err) == AICX_OK,
	    "%s", err.text);
	ck_assert_str_eq(money.currency, code);
	return money.minor;
}

START_TEST(amounts_become_minor_units)
{
	ck_assert_int_eq(minor_of("0.002500", "AIC"), 2500);
	ck_assert_int_eq(minor_of("0.0025", "AIC"), 2500);
	ck_assert_int_eq(minor_of("1", "AIC"), 1000000);
	ck_assert_int_eq(minor_of("0", "AIC"), 0);
	ck_assert_int_eq(minor_of("0.0", "AIC"), 0);
	ck_assert_int_eq(minor_of("12.34", "USD"), 1234);
	ck_assert_int_eq(minor_of("500", "JPY"), 500);
	ck_assert_int_eq(minor_of("9223372036854.775807", "AIC"), INT64_MAX);
	ck_assert_int_eq(minor_of("9223372036.854775807", "NANO"), INT64_MAX);
	ck_assert_int_eq(minor_of("9223372036854775807", "JPY"), INT64_MAX);
}
END_TEST

START_TEST(every_scale_prints_and_reads_back)
{
	static const int64_t minors[] = { 0, 1, 9, 10, 123, 1000000, 999999999,
		1234567890123, INT64_MAX };
	struct currencies all = { 0 };

	for (int scale = 0; scale <= 9; scale++) {
		char code[] = { 'S', (char)('0' + scale), '\0' };
		ck_assert_int_eq(
		    currencies_add(&all, str_of(code), scale, NULL), AICX_OK);
		for (size_t i = 0; i < sizeof minors / sizeof *minors; i++) {
			struct aicx_money money = { .minor = minors[i] }, back;
			memcpy(money.currency, code, sizeof code);
			struct money_text text = money_text(&all, &money);
			ck_assert_int_eq(money_parse_text(&all,
					     str_of(text.text), &back, NULL),
			    AICX_OK);
			ck_assert_int_eq(back.minor, minors[i]);
			ck_assert(money_same_currency(&money, &back));
		}
	}
}
END_TEST

START_TEST(what_is_no_amount_is_refused_and_changes_nothing)
{
	static const char *const bad[] = { "", "-1", "+1", ".5", "1.", "00.1",
		"01", "1e3", "1,5", "1_000", " 1", "1 ", "0x1", "1.0000001",
		"0.0000000", "9223372036854.775808", "9223372036855",
		"99999999999999999999999999", "NaN", "inf", "1.2.3", ".", "-",
		"1.-1", "\xD9\xA1", NULL };
	struct currencies all = shipped();
	struct aicx_money money = { .minor = 7, .currency = "X" };

	for (int i = 0; bad[i] != NULL; i++) {
		struct aicx_error err = { 0 };
		ck_assert_msg(money_parse(&all, str_of(bad[i]), STR("AIC"),
				  &money, &err) == AICX_EINVAL,
		    "%s", bad[i]);
		ck_assert_str_eq(err.word, "invalid_amount");
		ck_assert_ptr_nonnull(strstr(err.text, bad[i]));
	}
	ck_assert_int_eq(
	    money_parse(&all, str_of(NULL), STR("AIC"), &money, NULL),
	    AICX_EINVAL);
	ck_assert_int_eq(money.minor, 7);
	ck_assert_str_eq(money.currency, "X");
}
END_TEST

START_TEST(refusals_say_why)
{
	struct currencies all = shipped();
	struct aicx_money money;
	struct aicx_error err;

	(void)money_parse(&all, STR("0.123"), STR("USD"), &money, &err);
	ck_assert_str_eq(err.text,
	    "cannot read amount \"0.123\" as USD with 2 decimals: it has more "
	    "decimals");
	(void)money_parse(&all, STR("1"), STR("EUR"), &money, &err);
	ck_assert_str_eq(
	    err.text, "cannot read amount \"1\": unknown currency \"EUR\"");
	(void)money_parse(&all, STR("1.5"), STR("JPY"), &money, &err);
	ck_assert_str_eq(err.text,
	    "cannot read amount \"1.5\" as JPY with 0 decimals: it has more "
	    "decimals");
}
END_TEST

START_TEST(operators_write_amount_and_currency)
{
	struct currencies all = shipped();
	struct aicx_money money;
	static const char *const bad[] = { "", "1", "AIC", "1AIC", "1\tAIC",
		"1 aic", "AIC 1", "1 AIC x", "1 ", NULL };

	ck_assert_int_eq(
	    money_parse_text(&all, STR(" 0.0025  AIC "), &money, NULL),
	    AICX_OK);
	ck_assert_int_eq(money.minor, 2500);
	for (int i = 0; bad[i] != NULL; i++)
		ck_assert_msg(money_parse_text(&all, str_of(bad[i]), &money,
				  NULL) == AICX_EINVAL,
		    "%s", bad[i]);
}
END_TEST

START_TEST(amounts_print_with_all_decimals)
{
	struct currencies all = shipped();
	struct aicx_money money = { 2500, "AIC" };
	struct buf buf = { 0 };

	ck_assert_str_eq(money_text(&all, &money).text, "0.002500 AIC");
	money.minor = -1;
	ck_assert_str_eq(money_text(&all, &money).text, "-0.000001 AIC");
	money.minor = INT64_MIN;
	ck_assert_str_eq(
	    money_text(&all, &money).text, "-9223372036854.775808 AIC");
	money_put(&buf, &all, &(struct aicx_money) { 1234, "USD" });
	ck_assert_str_eq(buf_cstr(&buf), "12.34");
	money = (struct aicx_money) { 1234, "JPY" };
	ck_assert_str_eq(money_text(&all, &money).text, "1234 JPY");
	money = (struct aicx_money) { 1234, "GONE" };
	ck_assert_str_eq(money_text(&all, &money).text, "1234 GONE");
	money = (struct aicx_money) { 0, "" };
	ck_assert_str_eq(money_text(&all, &money).text, "0");
	buf_fini(&buf);
}
END_TEST

START_TEST(sums_beyond_the_limit_are_refused_and_change_nothing)
{
	struct aicx_money sum = { INT64_MAX - 1, "AIC" };
	struct aicx_money one = { 1, "AIC" }, yen = { 1, "JPY" };

	ck_assert_int_eq(money_add(&sum, &one, NULL), AICX_OK);
	ck_assert_int_eq(sum.minor, INT64_MAX);
	ck_assert_int_eq(money_add(&sum, &one, NULL), AICX_ELIMIT);
	ck_assert_int_eq(money_add(&sum, &yen, NULL), AICX_EINVAL);
	ck_assert_int_eq(sum.minor, INT64_MAX);
}
END_TEST

START_TEST(products_beyond_the_limit_are_refused_and_change_nothing)
{
	struct aicx_money money = { 3, "AIC" };

	ck_assert_int_eq(money_mul(&money, 4, NULL), AICX_OK);
	ck_assert_int_eq(money.minor, 12);
	ck_assert_int_eq(money_mul(&money, INT64_MAX, NULL), AICX_ELIMIT);
	ck_assert_int_eq(money.minor, 12);
}
END_TEST

START_TEST(currencies_that_make_no_sense_are_refused)
{
	static const char *const bad[] = { "", "A", "aic", "1AB", "TOOLONGX",
		"A-B", "A B", NULL };
	struct currencies all = shipped();

	for (int i = 0; bad[i] != NULL; i++)
		ck_assert_msg(currencies_add(&all, str_of(bad[i]), 2, NULL) ==
			AICX_EINVAL,
		    "%s", bad[i]);
	ck_assert_int_eq(
	    currencies_add(&all, STR("AIC"), 6, NULL), AICX_EEXIST);
	ck_assert_int_eq(
	    currencies_add(&all, STR("NEW"), 10, NULL), AICX_EINVAL);
	ck_assert_int_eq(
	    currencies_add(&all, STR("NEW"), -1, NULL), AICX_EINVAL);
	ck_assert_uint_eq(all.n, 4);
	for (char c = 'A'; all.n < CURRENCIES_MAX; c++) {
		char code[] = { 'X', c, '\0' };
		if (c > 'Z')
			code[1] = (char)('0' + c - 'Z');
		ck_assert_int_eq(
		    currencies_add(&all, str_of(code), 0, NULL), AICX_OK);
	}
	ck_assert_int_eq(
	    currencies_add(&all, STR("FULL"), 2, NULL), AICX_ELIMIT);
}
END_TEST

START_TEST(money_without_a_currency_is_not_set)
{
	ck_assert(!money_is_set(&(struct aicx_money) { 0 }));
	ck_assert(money_is_set(&(struct aicx_money) { 0, "AIC" }));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("money");
	TCase *tcase = tcase_create("money");

	tcase_add_test(tcase, amounts_become_minor_units);
	tcase_add_test(tcase, every_scale_prints_and_reads_back);
	tcase_add_test(tcase, what_is_no_amount_is_refused_and_changes_nothing);
	tcase_add_test(tcase, refusals_say_why);
	tcase_add_test(tcase, operators_write_amount_and_currency);
	tcase_add_test(tcase, amounts_print_with_all_decimals);
	tcase_add_test(
	    tcase, sums_beyond_the_limit_are_refused_and_change_nothing);
	tcase_add_test(
	    tcase, products_beyond_the_limit_are_refused_and_change_nothing);
	tcase_add_test(tcase, currencies_that_make_no_sense_are_refused);
	tcase_add_test(tcase, money_without_a_currency_is_not_set);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
