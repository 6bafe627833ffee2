/* SPDX-License-Identifier: Apache-2.0 */
/* bill_test.c - sums in 128 bits, the clamp and the fee. */
#include "economics/bill.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

static struct currencies currencies;
static struct aicx_error err;
static struct bill bill;

static void
setup(void)
{
	currencies = (struct currencies) { 0 };
	(void)currencies_add(&currencies, STR("AIC"), 6, NULL);
	err = (struct aicx_error) { 0 };
	bill = (struct bill) { .total.minor = 77 };
}

static struct aicx_price
price_of(const int64_t *amounts, size_t n)
{
	struct aicx_price price = { .n_lines = n };

	for (size_t i = 0; i < n; i++)
		price.lines[i] = (struct aicx_price_line) {
			.label = "base",
			.quantity = 1,
			.each = { amounts[i], "AIC" },
			.amount = { amounts[i], "AIC" },
		};
	return price;
}

/* A bill of these lines against a hold. */
static aicx_err
make(const int64_t *amounts, size_t n, int64_t hold_minor, int64_t fee_ppm)
{
	struct aicx_price price = price_of(amounts, n);
	struct aicx_money hold = { hold_minor, "AIC" };

	return bill_make(&price, &hold, fee_ppm, &bill, &err);
}

#define MAKE(hold_minor, fee_ppm, ...)                                         \
	make((const int64_t[]) { __VA_ARGS__ },                                \
	    sizeof((const int64_t[]) { __VA_ARGS__ }) / sizeof(int64_t),       \
	    (hold_minor), (fee_ppm))

START_TEST(lines_are_added)
{
	ck_assert_int_eq(MAKE(1000, 0, 100, 250), AICX_OK);
	ck_assert_int_eq(bill.total.minor, 350);
	ck_assert_str_eq(bill.total.currency, "AIC");
	ck_assert_int_eq(bill.fee.minor, 0);
	ck_assert(!bill.clamped);
	ck_assert_uint_eq(bill.price.n_lines, 2);
}
END_TEST

START_TEST(a_bill_without_lines_is_free)
{
	ck_assert_int_eq(make(NULL, 0, 1000, 50000), AICX_OK);
	ck_assert_int_eq(bill.total.minor, 0);
	ck_assert_int_eq(bill.fee.minor, 0);
	ck_assert(!bill.clamped);
}
END_TEST

START_TEST(a_bill_is_at_most_what_was_held)
{
	ck_assert_int_eq(MAKE(350, 0, 100, 250), AICX_OK);
	ck_assert_int_eq(bill.total.minor, 350);
	ck_assert(!bill.clamped);
	ck_assert_int_eq(MAKE(349, 0, 100, 250), AICX_OK);
	ck_assert_int_eq(bill.total.minor, 349);
	ck_assert(bill.clamped);
}
END_TEST

START_TEST(a_bill_is_at_least_nothing)
{
	ck_assert_int_eq(MAKE(1000, 100000, 100, -250), AICX_OK);
	ck_assert_int_eq(bill.total.minor, 0);
	ck_assert_int_eq(bill.fee.minor, 0);
	ck_assert(!bill.clamped);
	ck_assert_int_eq(MAKE(1000, 0, 300, -250), AICX_OK);
	ck_assert_int_eq(bill.total.minor, 50);
}
END_TEST

START_TEST(the_fee_is_rounded_down)
{
	static const struct {
		int64_t total, ppm, fee;
	} rows[] = {
		{ 1000000, 25000, 25000 },
		{ 39, 25000, 0 },
		{ 40, 25000, 1 },
		{ 79, 25000, 1 },
		{ 999999, 1, 0 },
		{ 1000000, 1, 1 },
		{ 123, 1000000, 123 },
		{ 123, 0, 0 },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		ck_assert_int_eq(
		    MAKE(10000000, rows[i].ppm, rows[i].total), AICX_OK);
		ck_assert_int_eq(bill.fee.minor, rows[i].fee);
		ck_assert_int_eq(bill.total.minor, rows[i].total);
	}
}
END_TEST

START_TEST(the_fee_is_of_what_is_paid_not_of_what_was_asked)
{
	ck_assert_int_eq(MAKE(100, 100000, 5000), AICX_OK);
	ck_assert_int_eq(bill.total.minor, 100);
	ck_assert_int_eq(bill.fee.minor, 10);
}
END_TEST

START_TEST(the_largest_lines_do_not_overflow)
{
	ck_assert_int_eq(
	    MAKE(INT64_MAX, 1000000, INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX,
		INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX),
	    AICX_OK);
	ck_assert_int_eq(bill.total.minor, INT64_MAX);
	ck_assert_int_eq(bill.fee.minor, INT64_MAX);
	ck_assert(bill.clamped);
	ck_assert_int_eq(
	    MAKE(INT64_MAX, 0, INT64_MIN, INT64_MIN, INT64_MAX), AICX_OK);
	ck_assert_int_eq(bill.total.minor, 0);
	ck_assert_int_eq(
	    MAKE(INT64_MAX, 0, INT64_MAX, INT64_MAX, INT64_MIN), AICX_OK);
	ck_assert_int_eq(bill.total.minor, INT64_MAX - 1);
}
END_TEST

START_TEST(a_line_of_another_currency_is_refused_by_name)
{
	struct aicx_price price = price_of((const int64_t[]) { 1, 2 }, 2);
	struct aicx_money hold = { 100, "AIC" };

	memcpy(price.lines[1].amount.currency, "USD", 4);
	memcpy(price.lines[1].label, "units", 6);
	ck_assert_int_eq(bill_make(&price, &hold, 0, &bill, &err), AICX_EINVAL);
	ck_assert_str_eq(
	    err.text, "bill line \"units\" is in USD, the hold in AIC");
	ck_assert_int_eq(bill.total.minor, 77);
}
END_TEST

START_TEST(more_lines_than_there_is_room_for_are_refused)
{
	struct aicx_price price = { .n_lines = AICX_PRICE_LINES_MAX + 1 };
	struct aicx_money hold = { 100, "AIC" };

	ck_assert_int_eq(bill_make(&price, &hold, 0, &bill, &err), AICX_ELIMIT);
	ck_assert_int_eq(bill.total.minor, 77);
}
END_TEST

START_TEST(a_bill_is_printed_line_by_line)
{
	struct buf buf = { 0 };
	struct json_writer w = json_writer(&buf);

	ck_assert_int_eq(MAKE(1000, 100000, 250), AICX_OK);
	bill_put(&bill, &currencies, &w);
	ck_assert_str_eq(buf_cstr(&buf),
	    "{\"lines\":[{\"label\":\"base\",\"quantity\":1,"
	    "\"each\":{\"amount\":\"0.000250\",\"currency\":\"AIC\"},"
	    "\"amount\":{\"amount\":\"0.000250\",\"currency\":\"AIC\"}}],"
	    "\"total\":{\"amount\":\"0.000250\",\"currency\":\"AIC\"},"
	    "\"fee\":{\"amount\":\"0.000025\",\"currency\":\"AIC\"}}");
	buf_fini(&buf);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("bill");
	TCase *tcase = tcase_create("bill");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, lines_are_added);
	tcase_add_test(tcase, a_bill_without_lines_is_free);
	tcase_add_test(tcase, a_bill_is_at_most_what_was_held);
	tcase_add_test(tcase, a_bill_is_at_least_nothing);
	tcase_add_test(tcase, the_fee_is_rounded_down);
	tcase_add_test(tcase, the_fee_is_of_what_is_paid_not_of_what_was_asked);
	tcase_add_test(tcase, the_largest_lines_do_not_overflow);
	tcase_add_test(tcase, a_line_of_another_currency_is_refused_by_name);
	tcase_add_test(tcase, more_lines_than_there_is_room_for_are_refused);
	tcase_add_test(tcase, a_bill_is_printed_line_by_line);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
