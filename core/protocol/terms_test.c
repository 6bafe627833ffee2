/* SPDX-License-Identifier: Apache-2.0 */
/* terms_test.c - terms read, refused, completed and bounded. */
#include "protocol/terms.h"

#include <check.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"

static struct currencies currencies;
static struct arena arena;
static struct aicx_error err;

static void
setup(void)
{
	currencies = (struct currencies) { 0 };
	ck_assert_int_eq(
	    currencies_add(&currencies, STR("AIC"), 6, NULL), AICX_OK);
	ck_assert_int_eq(
	    currencies_add(&currencies, STR("USD"), 2, NULL), AICX_OK);
}

static void
teardown(void)
{
	arena_fini(&arena);
}

static aicx_err
parse(const char *text, struct terms *ret)
{
	err = (struct aicx_error) { 0 };
	return terms_parse(str_of(text), &currencies, &arena, ret, &err);
}

static struct terms
taken(const char *text)
{
	struct terms terms;

	ck_assert_msg(parse(text, &terms) == AICX_OK, "%s: %s", text, err.text);
	return terms;
}

static void
ck_refused(const char *text, const char *word, const char *field)
{
	struct terms terms = { .timeout_ms = 77 };

	ck_assert_msg(parse(text, &terms) != AICX_OK, "%s", text);
	ck_assert_msg(
	    strcmp(err.word, word) == 0 && strcmp(err.field, field) == 0,
	    "%s: %s %s: %s", text, err.word, err.field, err.text);
	ck_assert_int_eq(terms.timeout_ms, 77);
}

static void
ck_invalid(const char *text, const char *field)
{
	ck_refused(text, "invalid_params", field);
}

#define AIC(amount) "{\"amount\":\"" amount "\",\"currency\":\"AIC\"}"
#define USD(amount) "{\"amount\":\"" amount "\",\"currency\":\"USD\"}"
#define PER_CALL                                                               \
	"\"pricing\":{\"model\":\"per_call\",\"base_cost\":" AIC("0.002500") "}"
#define PER_UNIT                                                               \
	"\"pricing\":{\"model\":\"per_unit\",\"base_cost\":" AIC(              \
	    "1.000000") ",\"unit_cost\":" AIC("0.500000") "}"

START_TEST(only_the_price_must_be_said)
{
	struct terms terms = taken("{" PER_CALL "}");

	ck_assert_int_eq(terms.pricing.model, PRICING_PER_CALL);
	ck_assert_int_eq(terms.pricing.base_cost.minor, 2500);
	ck_assert_int_eq(terms.timeout_ms, -1);
	ck_assert_int_eq(terms.retry_policy.backoff_strategy, -1);
	ck_invalid("{}", "/pricing");
	ck_invalid("{\"pricing\":{}}", "/pricing/model");
	ck_refused("", "malformed", "");
	ck_refused("{" PER_CALL "}x", "malformed", "");
}
END_TEST

#define PRICING(inside) "{\"pricing\":{" inside "}}"
#define SUBSCRIPTION(period, more)                                             \
	PRICING("\"model\":\"subscription\",\"subscription_cost\":" AIC(       \
	    "2") ",\"subscription_period\":" period more)

START_TEST(a_model_needs_its_costs)
{
	ck_invalid(PRICING("\"model\":\"per_call\""), "/pricing/base_cost");
	ck_invalid(PRICING("\"model\":\"per_unit\",\"base_cost\":" AIC("1")),
	    "/pricing/unit_cost");
	ck_invalid(PRICING("\"model\":\"per_unit\",\"unit_cost\":" AIC("1")),
	    "/pricing/base_cost");
	ck_invalid(PRICING("\"model\":\"dynamic\""), "/pricing/base_cost");
	ck_invalid(
	    PRICING("\"model\":\"subscription\",\"base_cost\":" AIC("1")),
	    "/pricing/subscription_cost");
	ck_invalid(
	    PRICING(
		"\"model\":\"subscription\",\"subscription_cost\":" AIC("1")),
	    "/pricing/subscription_period");
	(void)taken(
	    PRICING("\"model\":\"subscription\",\"subscription_cost\":" AIC(
		"1") ",\"subscription_period\":\"monthly\""));
	ck_invalid(
	    SUBSCRIPTION("\"weekly\"", ""), "/pricing/subscription_period");
	ck_invalid(SUBSCRIPTION("\"monthly\"", ",\"included_units\":10"),
	    "/pricing/unit_cost");
	ck_invalid(SUBSCRIPTION("\"monthly\"", ",\"unit_cost\":" AIC("1")),
	    "/pricing/included_units");
	ck_invalid(SUBSCRIPTION("\"monthly\"", ",\"included_units\":-1"),
	    "/pricing/included_units");
	ck_invalid("{\"pricing\":{\"model\":\"per_call\",\"base_cost\":" AIC(
		       "1") ",\"included_units\":10}}",
	    "/pricing/included_units");
	(void)taken(SUBSCRIPTION(
	    "\"daily\"", ",\"unit_cost\":" AIC("1") ",\"included_units\":0"));
	(void)taken(SUBSCRIPTION("\"yearly\"", ""));
	ck_invalid(PRICING("\"model\":\"per_cal\",\"base_cost\":" AIC("1")),
	    "/pricing/model");
	ck_assert_ptr_nonnull(strstr(err.text, "did you mean \"per_call\"?"));
}
END_TEST

START_TEST(a_value_out_of_range_is_refused_by_pointer)
{
	ck_invalid("{" PER_CALL ",\"timeout_ms\":0}", "/timeout_ms");
	ck_invalid("{" PER_CALL ",\"timeout_ms\":86400001}", "/timeout_ms");
	(void)taken("{" PER_CALL ",\"timeout_ms\":1}");
	(void)taken("{" PER_CALL ",\"timeout_ms\":86400000}");
	ck_invalid("{" PER_CALL ",\"sla\":{\"min_uptime_ppm\":1000001}}",
	    "/sla/min_uptime_ppm");
	ck_invalid("{" PER_CALL ",\"sla\":{\"max_latency_ms\":-1}}",
	    "/sla/max_latency_ms");
	ck_invalid("{" PER_CALL ",\"retry_policy\":{\"max_attempts\":0}}",
	    "/retry_policy/max_attempts");
	ck_invalid("{" PER_CALL
		   ",\"retry_policy\":{\"backoff_strategy\":\"x\"}}",
	    "/retry_policy/backoff_strategy");
	ck_invalid("{" PER_CALL ",\"max_units\":-1}", "/max_units");
	ck_invalid("{" PER_CALL ",\"acceptance\":\"\"}", "/acceptance");
	ck_invalid("{" PER_CALL ",\"price\":1}", "/price");
	ck_invalid(
	    "{" PER_CALL ",\"sla\":{\"latency_ms\":1}}", "/sla/latency_ms");
	ck_refused(PRICING("\"model\":\"per_call\",\"base_cost\":" AIC("-1")),
	    "invalid_amount", "/pricing/base_cost/amount");
}
END_TEST

START_TEST(all_amounts_are_in_one_currency)
{
	ck_invalid(PRICING("\"model\":\"per_unit\",\"base_cost\":" AIC(
		       "1") ",\"unit_cost\":" USD("1")),
	    "/pricing/unit_cost");
	ck_invalid("{" PER_CALL ",\"sla\":{\"bonus_cap\":" USD("1") "}}",
	    "/sla/bonus_cap");
	ck_invalid("{" PER_CALL ",\"cancel_fee\":" USD("1") "}", "/cancel_fee");
	ck_invalid("{" PER_CALL ",\"bond\":" USD("1") "}", "/bond");
	(void)taken("{" PER_CALL ",\"bond\":" AIC("1") "}");
}
END_TEST

#define COMPLETE                                                               \
	"{" PER_CALL ",\"sla\":{\"max_latency_ms\":30000,"                     \
	"\"min_uptime_ppm\":0,\"max_error_ppm\":1000000,"                      \
	"\"penalty_per_ms\":" AIC("0.000000") ",\"penalty_cap\":" AIC(         \
	    "0.000000") ",\"bonus_cap\":" AIC("0.000000") "},"                 \
							  "\"retry_policy\":{" \
							  "\"max_attempts\":"  \
							  "3,"                 \
							  "\"backoff_"         \
							  "strategy\":"        \
							  "\"exponential\","   \
							  "\"initial_delay_"   \
							  "ms\":100,"          \
							  "\"max_delay_ms\":"  \
							  "10000},\"timeout_"  \
							  "ms\":30000,"        \
							  "\"payment_"         \
							  "method\":"          \
							  "\"credit\","        \
							  "\"acceptance\":"    \
							  "\"none\","          \
							  "\"cancel_"          \
							  "fee\":" AIC(        \
							      "0.000000") "}"

static void
ck_printed(const struct terms *terms, const char *want)
{
	struct buf buf = { 0 };

	terms_print(&buf, terms, &currencies);
	ck_assert_str_eq(buf_cstr(&buf), want);
	buf_fini(&buf);
}

START_TEST(what_is_absent_comes_from_the_defaults_and_is_printed)
{
	struct terms defaults = terms_shipped();
	struct terms terms = taken("{" PER_CALL "}");

	terms_complete(&terms, &defaults);
	ck_printed(&terms, COMPLETE);
}
END_TEST

START_TEST(complete_terms_stay_as_they_are_whatever_the_defaults)
{
	struct terms terms = taken(COMPLETE);
	struct terms other =
	    taken("{" PER_UNIT ",\"timeout_ms\":7,\"bond\":" AIC(
		"9") ",\"cancel_fee\":" AIC("9") "}");

	other.sla.max_latency_ms = 9;
	other.bond.currency[0] = '\0';
	terms_complete(&terms, &other);
	ck_printed(&terms, COMPLETE);
}
END_TEST

START_TEST(a_zero_that_was_said_is_not_filled)
{
	struct terms defaults = terms_shipped();
	struct terms terms =
	    taken("{" PER_CALL ",\"sla\":{\"max_latency_ms\":0,"
		  "\"bonus_cap\":" AIC("0") "}}");

	defaults.sla.bonus_cap =
	    (struct aicx_money) { .minor = 5, .currency = "AIC" };
	terms_complete(&terms, &defaults);
	ck_assert_int_eq(terms.sla.max_latency_ms, 0);
	ck_assert_int_eq(terms.sla.bonus_cap.minor, 0);
}
END_TEST

START_TEST(amounts_of_the_defaults_count_in_their_own_currency_only)
{
	struct terms defaults = terms_shipped();
	struct aicx_money five = { .minor = 5, .currency = "AIC" };
	struct terms same = taken("{" PER_CALL "}");
	struct terms other =
	    taken(PRICING("\"model\":\"per_call\",\"base_cost\":" USD("1")));

	defaults.cancel_fee = defaults.bond = five;
	terms_complete(&same, &defaults);
	ck_assert_int_eq(same.cancel_fee.minor, 5);
	ck_assert_int_eq(same.bond.minor, 5);
	terms_complete(&other, &defaults);
	ck_assert_int_eq(other.cancel_fee.minor, 0);
	ck_assert_str_eq(other.cancel_fee.currency, "USD");
	ck_assert(!money_is_set(&other.bond));
}
END_TEST

static void
ck_ceiling(const char *text, int64_t max_units, int64_t want_minor)
{
	struct terms terms = taken(text);
	struct aicx_money ceiling;

	ck_assert_int_eq(
	    terms_ceiling(&terms, max_units, &ceiling, NULL), AICX_OK);
	ck_assert_int_eq(ceiling.minor, want_minor);
	ck_assert_str_eq(ceiling.currency, "AIC");
}

START_TEST(the_ceiling_is_the_most_that_can_be_owed)
{
	ck_ceiling("{" PER_CALL "}", 0, 2500);
	ck_ceiling("{" PER_CALL "}", 1000, 2500);
	ck_ceiling("{" PER_UNIT "}", 0, 1000000);
	ck_ceiling("{" PER_UNIT "}", 3, 2500000);
	ck_ceiling("{" PER_UNIT ",\"sla\":{\"bonus_cap\":" AIC("0.25") "}}", 3,
	    2750000);
	ck_ceiling("{" PER_CALL ",\"cancel_fee\":" AIC("0.001") "}", 0, 2500);
	ck_ceiling("{" PER_CALL ",\"cancel_fee\":" AIC("2") "}", 0, 2000000);
	ck_ceiling(
	    PRICING("\"model\":\"subscription\",\"base_cost\":" AIC(
		"1") ",\"subscription_cost\":" AIC("2") ",\"subscription_"
							"period\":\"monthly\""),
	    0, 3000000);
}
END_TEST

START_TEST(a_subscription_costs_most_in_its_first_use_or_beyond_its_units)
{
	/* 2 for the period, 10 units in it, 0.5 for more. */
	static const char terms[] = SUBSCRIPTION(
	    "\"monthly\"", ",\"included_units\":10,\"unit_cost\":" AIC("0.5"));

	ck_ceiling(terms, 1, 2000000);
	ck_ceiling(terms, 4, 2000000);
	ck_ceiling(terms, 5, 2500000);
	ck_ceiling(terms, 10, 5000000);
	ck_ceiling(terms, 11, 5500000);
	ck_ceiling(SUBSCRIPTION("\"daily\"",
		       ",\"included_units\":1,\"unit_cost\":" AIC("0.5")),
	    11, 7000000);
	ck_ceiling(SUBSCRIPTION("\"monthly\"", ""), 1000, 2000000);
}
END_TEST

START_TEST(a_policy_adds_no_bonus_to_the_most_it_may_say)
{
	ck_ceiling("{\"pricing\":{\"model\":\"dynamic\",\"base_cost\":" AIC(
		       "1") "},\"sla\":{\"bonus_cap\":" AIC("0.25") "}}",
	    7, 1000000);
}
END_TEST

START_TEST(a_penalty_says_from_when_on_and_up_to_what)
{
#define PENALTY(more)                                                          \
	"{" PER_CALL ",\"sla\":{\"penalty_per_ms\":" AIC("0.1") more "}}"
	ck_invalid(PENALTY(""), "/sla/max_latency_ms");
	ck_invalid(PENALTY(",\"max_latency_ms\":5"), "/sla/penalty_cap");
	ck_invalid(
	    PENALTY(",\"penalty_cap\":" AIC("1")), "/sla/max_latency_ms");
	(void)taken(PENALTY(",\"max_latency_ms\":0,\"penalty_cap\":" AIC("1")));
	(void)taken("{" PER_CALL ",\"sla\":{\"penalty_per_ms\":" AIC("0") "}}");
}
END_TEST

START_TEST(amounts_are_neither_negative_nor_finer_than_the_currency)
{
	ck_refused(PRICING("\"model\":\"per_call\",\"base_cost\":" AIC("-1")),
	    "invalid_amount", "/pricing/base_cost/amount");
	ck_refused(
	    PRICING("\"model\":\"per_call\",\"base_cost\":" AIC("0.0000001")),
	    "invalid_amount", "/pricing/base_cost/amount");
	ck_refused("{" PER_CALL ",\"sla\":{\"bonus_cap\":" AIC("-0.1") "}}",
	    "invalid_amount", "/sla/bonus_cap/amount");
	ck_refused(PRICING("\"model\":\"per_call\",\"base_cost\":" AIC(
		       "9223372036854.775808")),
	    "invalid_amount", "/pricing/base_cost/amount");
}
END_TEST

START_TEST(a_period_begins_with_the_day_month_or_year_in_utc)
{
	static const struct {
		enum subscription_period period;
		const char *at, *start;
	} rows[] = {
		{ SUBSCRIPTION_DAILY, "2026-11-22T23:59:59.999Z",
		    "2026-11-22T00:00:00.000Z" },
		{ SUBSCRIPTION_DAILY, "2026-11-23T00:00:00.000Z",
		    "2026-11-23T00:00:00.000Z" },
		{ SUBSCRIPTION_MONTHLY, "2028-02-29T12:00:00Z",
		    "2028-02-01T00:00:00.000Z" },
		{ SUBSCRIPTION_MONTHLY, "2028-03-01T00:00:00Z",
		    "2028-03-01T00:00:00.000Z" },
		{ SUBSCRIPTION_YEARLY, "2027-12-31T23:59:59.999Z",
		    "2027-01-01T00:00:00.000Z" },
		{ SUBSCRIPTION_YEARLY, "2028-01-01T00:00:00Z",
		    "2028-01-01T00:00:00.000Z" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		int64_t at_ms;
		ck_assert(time_parse(str_of(rows[i].at), &at_ms));
		at_ms = subscription_start(rows[i].period, at_ms);
		ck_assert_str_eq(time_text(at_ms).text, rows[i].start);
	}
}
END_TEST

START_TEST(a_ceiling_beyond_64_bits_is_refused)
{
	struct terms terms = taken("{" PER_UNIT "}");
	struct aicx_money ceiling = { .minor = 77 };

	ck_assert_int_eq(
	    terms_ceiling(&terms, INT64_MAX / 2, &ceiling, &err), AICX_ELIMIT);
	ck_assert_int_eq(ceiling.minor, 77);
	terms.pricing.unit_cost.minor = INT64_MAX;
	ck_assert_int_eq(terms_ceiling(&terms, 1, &ceiling, &err), AICX_ELIMIT);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("terms");
	TCase *tcase = tcase_create("terms");
	SRunner *runner = srunner_create(suite);

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, only_the_price_must_be_said);
	tcase_add_test(tcase, a_model_needs_its_costs);
	tcase_add_test(tcase, a_value_out_of_range_is_refused_by_pointer);
	tcase_add_test(tcase, all_amounts_are_in_one_currency);
	tcase_add_test(
	    tcase, what_is_absent_comes_from_the_defaults_and_is_printed);
	tcase_add_test(
	    tcase, complete_terms_stay_as_they_are_whatever_the_defaults);
	tcase_add_test(tcase, a_zero_that_was_said_is_not_filled);
	tcase_add_test(
	    tcase, amounts_of_the_defaults_count_in_their_own_currency_only);
	tcase_add_test(tcase, the_ceiling_is_the_most_that_can_be_owed);
	tcase_add_test(tcase,
	    a_subscription_costs_most_in_its_first_use_or_beyond_its_units);
	tcase_add_test(tcase, a_policy_adds_no_bonus_to_the_most_it_may_say);
	tcase_add_test(tcase, a_penalty_says_from_when_on_and_up_to_what);
	tcase_add_test(
	    tcase, amounts_are_neither_negative_nor_finer_than_the_currency);
	tcase_add_test(
	    tcase, a_period_begins_with_the_day_month_or_year_in_utc);
	tcase_add_test(tcase, a_ceiling_beyond_64_bits_is_refused);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	int n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed != 0;
}
