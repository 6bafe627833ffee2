/* SPDX-License-Identifier: Apache-2.0 */
/* bill_test.c - sums in 128 bits, the clamp and the fee. */
#include "economics/bill.h"

#include <check.h>
#include <stdio.h>
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
			.per = 1,
			.each = { amounts[i], "AIC" },
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

	memcpy(price.lines[1].each.currency, "USD", 4);
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

/* A bill of one line of these thousandths, and one of whole minor units. */
static int64_t
total_of(int64_t thousandths, int64_t minor)
{
	struct aicx_price price = price_of((const int64_t[]) { 1, minor }, 2);
	struct aicx_money hold = { INT64_MAX, "AIC" };

	price.lines[0].quantity = thousandths;
	price.lines[0].per = 1000;
	ck_assert_int_eq(bill_make(&price, &hold, 0, &bill, &err), AICX_OK);
	return bill.total.minor;
}

START_TEST(the_sum_is_rounded_once_half_away_from_zero)
{
	ck_assert_int_eq(total_of(499, 10), 10);
	ck_assert_int_eq(total_of(500, 10), 11);
	ck_assert_int_eq(total_of(501, 10), 11);
	ck_assert_int_eq(total_of(1499, 10), 11);
	ck_assert_int_eq(total_of(1500, 10), 12);
	ck_assert_int_eq(total_of(-499, 10), 10);
	ck_assert_int_eq(total_of(-500, 10), 10);
	ck_assert_int_eq(total_of(-501, 10), 9);
	ck_assert_int_eq(total_of(500, -1), 0);
	ck_assert_int_eq(total_of(-500, 0), 0);
}
END_TEST

START_TEST(lines_are_not_rounded_before_they_are_added)
{
	struct aicx_price price = price_of((const int64_t[]) { 1, 1, 1 }, 3);
	struct aicx_money hold = { 1000, "AIC" };

	for (size_t i = 0; i < 3; i++) {
		price.lines[i].quantity = 400;
		price.lines[i].per = 1000;
	}
	ck_assert_int_eq(bill_make(&price, &hold, 0, &bill, &err), AICX_OK);
	ck_assert_int_eq(bill.total.minor, 1);
}
END_TEST

START_TEST(a_line_that_is_no_exact_part_is_refused)
{
	struct aicx_price price = price_of((const int64_t[]) { 1 }, 1);
	struct aicx_money hold = { 100, "AIC" };
	static const int64_t bad[] = { 0, -1, -1000, 3, 7, 2000, INT64_MAX,
		INT64_MIN };

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		price.lines[0].per = bad[i];
		ck_assert_int_eq(
		    bill_make(&price, &hold, 0, &bill, &err), AICX_EINVAL);
		ck_assert_str_eq(err.text,
		    "bill line \"base\" is no exact part of a minor unit");
		ck_assert_int_eq(bill.total.minor, 77);
	}
}
END_TEST

START_TEST(a_line_beyond_128_bits_is_refused)
{
	struct aicx_price price = price_of((const int64_t[]) { INT64_MAX }, 1);
	struct aicx_money hold = { 100, "AIC" };

	price.lines[0].quantity = INT64_MAX;
	ck_assert_int_eq(bill_make(&price, &hold, 0, &bill, &err), AICX_ELIMIT);
	ck_assert_str_eq(err.text, "bill line \"base\" does not fit 128 bits");
	price.lines[0].quantity = INT64_MAX / 1000;
	ck_assert_int_eq(bill_make(&price, &hold, 0, &bill, &err), AICX_OK);
	ck_assert_int_eq(bill.total.minor, 100);
	ck_assert(bill.clamped);
	price.n_lines = 3;
	price.lines[1] = price.lines[2] = price.lines[0];
	for (size_t i = 0; i < 3; i++)
		price.lines[i].quantity = INT64_MAX / 512;
	ck_assert_int_eq(bill_make(&price, &hold, 0, &bill, &err), AICX_ELIMIT);
}
END_TEST

static const char *
printed(const struct bill *one)
{
	static struct buf buf;
	struct json_writer w = json_writer(&buf);

	buf_clear(&buf);
	w = json_writer(&buf);
	bill_put(one, &currencies, &w);
	return buf_cstr(&buf);
}

/* What a line of quantity / per minor units of a currency prints. */
static void
assert_printed(const char *code, int64_t quantity, int64_t per, int64_t each,
    const char *amount)
{
	struct aicx_price price = price_of((const int64_t[]) { each }, 1);
	struct aicx_money hold = { 1000, "" };
	char want[128];

	(void)snprintf(hold.currency, sizeof hold.currency, "%s", code);
	price.lines[0].quantity = quantity;
	price.lines[0].per = per;
	memcpy(
	    price.lines[0].each.currency, hold.currency, sizeof hold.currency);
	ck_assert_int_eq(bill_make(&price, &hold, 0, &bill, &err), AICX_OK);
	(void)snprintf(want, sizeof want,
	    "\"amount\":{\"amount\":\"%s\",\"currency\":\"%s\"}}]", amount,
	    code);
	ck_assert_msg(strstr(printed(&bill), want) != NULL, "%s is not in %s",
	    want, printed(&bill));
}

START_TEST(a_part_of_a_minor_unit_is_printed_with_three_decimals_more)
{
	(void)currencies_add(&currencies, STR("JPY"), 0, NULL);
	(void)currencies_add(&currencies, STR("NANO"), 9, NULL);
	assert_printed("AIC", 333, 1000, 1, "0.000000333");
	assert_printed("AIC", 500, 1000, 2, "0.000001");
	assert_printed("AIC", 250, 1000, -7, "-0.000001750");
	assert_printed("JPY", 1, 1, 12, "12");
	assert_printed("JPY", 1, 1000, 12, "0.012");
	assert_printed("JPY", 999, 1000, -12345, "-12332.655");
	assert_printed("NANO", 1, 1, 12, "0.000000012");
	assert_printed("NANO", 1, 1000, 12, "0.000000000012");
	assert_printed(
	    "JPY", 1000000000, 1, INT64_MAX, "9223372036854775807000000000");
}
END_TEST

START_TEST(a_share_says_what_it_is_divided_by)
{
	ck_assert_int_eq(total_of(333, 0), 0);
	ck_assert_ptr_nonnull(
	    strstr(printed(&bill), "\"quantity\":333,\"per\":1000,\"each\""));
	ck_assert_ptr_nonnull(
	    strstr(printed(&bill), "\"quantity\":1,\"each\""));
}
END_TEST

START_TEST(a_label_without_an_end_is_cut)
{
	struct aicx_price price = price_of((const int64_t[]) { 1 }, 1);
	struct aicx_money hold = { 100, "AIC" };

	memset(price.lines[0].label, 'x', sizeof price.lines[0].label);
	ck_assert_int_eq(bill_make(&price, &hold, 0, &bill, &err), AICX_OK);
	ck_assert_ptr_nonnull(strstr(printed(&bill),
	    "{\"label\":\"xxxxxxxxxxxxxxxxxxxxxxxx\",\"quantity\":1,"));
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
	tcase_add_test(tcase, the_sum_is_rounded_once_half_away_from_zero);
	tcase_add_test(tcase, lines_are_not_rounded_before_they_are_added);
	tcase_add_test(tcase, a_line_that_is_no_exact_part_is_refused);
	tcase_add_test(tcase, a_line_beyond_128_bits_is_refused);
	tcase_add_test(
	    tcase, a_part_of_a_minor_unit_is_printed_with_three_decimals_more);
	tcase_add_test(tcase, a_share_says_what_it_is_divided_by);
	tcase_add_test(tcase, a_label_without_an_end_is_cut);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
