/* SPDX-License-Identifier: Apache-2.0 */
/* amount_test.c - amounts are exact, and what is no amount is refused. */
#include "cli/amount.h"

#include <check.h>
#include <stdlib.h>

#include "base/str.h"

static struct amount
amount(const char *text)
{
	struct amount amount;

	ck_assert_int_eq(
	    amount_from_text(str_of(text), &amount, NULL), AICX_OK);
	return amount;
}

START_TEST(an_amount_is_printed_as_it_was_written)
{
	const char *texts[] = { "0 AIC", "0.001 AIC", "12.50 EUR",
		"9223372036.854775807 AIC", "1.000000000 X2", "7 AIC" };

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct amount a = amount(texts[i]);
		ck_assert_str_eq(amount_text(&a).text, texts[i]);
	}
}
END_TEST

START_TEST(what_is_no_amount_is_refused)
{
	const char *texts[] = { "", "1", "AIC", "1 aic", "1 A", "1 2A",
		".5 AIC", "5. AIC", "1.0000000001 AIC", "-1 AIC", "+1 AIC",
		"1e3 AIC", "01 AIC", "1,5 AIC", "1 ABCDEFGH",
		"12345678901234567890 AIC", "0x1 AIC", "1 AI C", "NaN AIC" };
	struct aicx_error why;
	struct amount a;

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		ck_assert_msg(
		    amount_from_text(str_of(texts[i]), &a, &why) == AICX_EINVAL,
		    "\"%s\" was taken", texts[i]);
		ck_assert_str_eq(why.word, "invalid_amount");
	}
}
END_TEST

START_TEST(sums_and_products_are_exact)
{
	struct amount a = amount("0.1 AIC"), b = amount("0.2 AIC");
	struct amount euro = amount("1 EUR");

	ck_assert(amount_add(&a, &b));
	ck_assert_int_eq(
	    amount_cmp(&a, &(struct amount) { .pico = 300000000000 }), 0);
	ck_assert(!amount_add(&a, &euro));
	ck_assert(amount_mul(&a, 1000000));
	ck_assert_str_eq(amount_text(&a).text, "300000.0 AIC");
	a = amount("9223372036.854775807 AIC");
	ck_assert(amount_mul(&a, 1000000000));
	ck_assert(!amount_mul(&a, INT64_MAX));
}
END_TEST

START_TEST(rounding_goes_half_away_from_zero)
{
	struct amount a = amount("0.0025 AIC");

	amount_round(&a, 3);
	ck_assert_str_eq(amount_text(&a).text, "0.003 AIC");
	a = amount("0.0024 AIC");
	amount_round(&a, 3);
	ck_assert_str_eq(amount_text(&a).text, "0.002 AIC");
	a = amount("0.0025 AIC");
	ck_assert(amount_mul(&a, -1));
	amount_round(&a, 3);
	ck_assert_str_eq(amount_text(&a).text, "-0.003 AIC");
}
END_TEST

START_TEST(json_amounts_have_two_members)
{
	struct arena arena = { 0 };
	struct json doc;
	struct amount a;
	const char *good = "{\"amount\":\"1.50\",\"currency\":\"AIC\"}";
	const char *more = "{\"amount\":\"1.50\",\"currency\":\"AIC\",\"x\":1}";

	ck_assert_int_eq(json_parse(str_of(good), &arena, &doc, NULL), AICX_OK);
	ck_assert(amount_from_json(json_root(&doc), &arena, &a));
	ck_assert_int_eq(a.scale, 2);
	ck_assert_int_eq(json_parse(str_of(more), &arena, &doc, NULL), AICX_OK);
	ck_assert(!amount_from_json(json_root(&doc), &arena, &a));
	arena_fini(&arena);
}
END_TEST

START_TEST(minor_units_are_whole_and_bounded)
{
	struct amount a;

	ck_assert(amount_parse(STR("1.50"), STR("AIC"), true, &a));
	ck_assert_int_eq(amount_minor(&a), 150);
	ck_assert(amount_parse(STR("0.000000"), STR("AIC"), true, &a));
	ck_assert_int_eq(amount_minor(&a), 0);
	ck_assert(amount_parse(STR("7"), STR("JPY"), true, &a));
	ck_assert_int_eq(amount_minor(&a), 7);
	ck_assert(amount_parse(STR("-1.50"), STR("AIC"), true, &a));
	ck_assert_int_eq(amount_minor(&a), -1);
	ck_assert(
	    amount_parse(STR("9999999999999.999999"), STR("AIC"), true, &a));
	ck_assert_int_eq(amount_minor(&a), -1);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("amount");
	TCase *tcase = tcase_create("amount");

	tcase_add_test(tcase, an_amount_is_printed_as_it_was_written);
	tcase_add_test(tcase, what_is_no_amount_is_refused);
	tcase_add_test(tcase, sums_and_products_are_exact);
	tcase_add_test(tcase, rounding_goes_half_away_from_zero);
	tcase_add_test(tcase, json_amounts_have_two_members);
	tcase_add_test(tcase, minor_units_are_whole_and_bounded);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
