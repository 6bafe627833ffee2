/* SPDX-License-Identifier: Apache-2.0 */
/* verify_price_test.c - the lines of each model, and terms without a price. */
#include "cli/verify_price.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

static struct arena arena;
static struct price_lines lines;

#define AIC(amount) "{\"amount\":\"" amount "\",\"currency\":\"AIC\"}"
#define PER_CALL "\"model\":\"per_call\",\"base_cost\":" AIC("2.5")
#define PER_UNIT                                                               \
	"\"model\":\"per_unit\",\"base_cost\":" AIC(                           \
	    "1") ",\"unit_cost\":" AIC("0.25")
#define MONTHLY                                                                \
	"\"model\":\"subscription\",\"subscription_period\":\"monthly\","      \
	"\"subscription_cost\":" AIC("9")
#define TERMS(pricing, sla) "{\"pricing\":{" pricing "},\"sla\":{" sla "}}"

static bool
price(const char *terms, struct price_facts facts)
{
	struct json *doc = arena_new(&arena, sizeof *doc);

	ck_assert_int_eq(json_parse(str_of(terms), &arena, doc, NULL), AICX_OK);
	return price_lines(json_root(doc), &facts, &arena, &lines);
}

/* "label quantity/per each; ..." */
static void
assert_lines(const char *terms, struct price_facts facts, const char *want)
{
	char text[512] = "";
	size_t n = 0;

	ck_assert(price(terms, facts));
	for (size_t i = 0; i < lines.n; i++)
		n += (size_t)snprintf(text + n, sizeof text - n,
		    "%s%s %lld/%lld %s", i ? "; " : "", lines.list[i].label,
		    (long long)lines.list[i].quantity,
		    (long long)lines.list[i].per,
		    amount_text(&lines.list[i].each).text);
	ck_assert_str_eq(text, want);
}

static struct price_facts
facts(int64_t units, int64_t latency_ms, int64_t quality, int64_t used_before)
{
	return (struct price_facts) { units, latency_ms, quality, used_before };
}

START_TEST(calls_and_units_have_their_lines)
{
	assert_lines(
	    TERMS(PER_CALL, ""), facts(7, 5, -1, -1), "base 1/1 2.5 AIC");
	assert_lines(TERMS(PER_UNIT, ""), facts(7, 5, -1, -1),
	    "base 1/1 1 AIC; units 7/1 0.25 AIC");
}
END_TEST

START_TEST(a_subscription_counts_from_what_was_used_before)
{
	static const char terms[] = TERMS(
	    MONTHLY ",\"included_units\":100,\"unit_cost\":" AIC("0.5"), "");

	assert_lines(terms, facts(7, 0, -1, -1),
	    "subscription 1/1 9 AIC; units 0/1 0.5 AIC");
	assert_lines(terms, facts(107, 0, -1, -1),
	    "subscription 1/1 9 AIC; units 7/1 0.5 AIC");
	assert_lines(terms, facts(7, 0, -1, 0), "units 0/1 0.5 AIC");
	assert_lines(terms, facts(7, 0, -1, 95), "units 2/1 0.5 AIC");
	assert_lines(terms, facts(7, 0, -1, 200), "units 7/1 0.5 AIC");
	ck_assert(!price(terms, facts(7, 0, -1, INT64_MAX)));
	assert_lines(TERMS(MONTHLY ",\"base_cost\":" AIC("1"), ""),
	    facts(7, 0, -1, 3), "base 1/1 1 AIC");
}
END_TEST

START_TEST(lateness_and_quality_have_their_lines)
{
	static const char terms[] = TERMS(PER_CALL,
	    "\"max_latency_ms\":10,\"penalty_per_ms\":" AIC(
		"0.01") ",\"penalty_cap\":" AIC("0.5") ",\"bonus_"
						       "cap\":" AIC("1"));

	assert_lines(terms, facts(1, 10, -1, -1), "base 1/1 2.5 AIC");
	assert_lines(terms, facts(1, 60, 0, -1),
	    "base 1/1 2.5 AIC; penalty 50/1 -0.01 AIC; bonus 0/1000 1 AIC");
	assert_lines(terms, facts(1, 61, 333, -1),
	    "base 1/1 2.5 AIC; penalty 1/1 -0.5 AIC; bonus 333/1000 1 AIC");
	assert_lines(terms, facts(1, INT64_MAX, -1, -1),
	    "base 1/1 2.5 AIC; penalty 1/1 -0.5 AIC");
}
END_TEST

START_TEST(terms_without_a_price_give_none)
{
	ck_assert(!price("{}", facts(1, 0, -1, -1)));
	ck_assert(
	    !price(TERMS("\"model\":\"per_unit\",\"base_cost\":" AIC("1"), ""),
		facts(1, 0, -1, -1)));
	ck_assert(!price(
	    TERMS("\"model\":\"subscription\"", ""), facts(1, 0, -1, -1)));
	ck_assert(!price(TERMS(MONTHLY ",\"unit_cost\":" AIC("1"), ""),
	    facts(1, 0, -1, -1)));
	ck_assert(
	    !price(TERMS("\"model\":\"per_call\",\"base_cost\":" AIC("-1"), ""),
		facts(1, 0, -1, -1)));
	ck_assert(!price(TERMS(PER_CALL,
			     "\"bonus_cap\":{\"amount\":\"1\","
			     "\"currency\":\"USD\"}"),
	    facts(1, 0, 5, -1)));
}
END_TEST

static void
assert_ceiling(const char *terms, int64_t max_units, const char *want)
{
	struct json *doc = arena_new(&arena, sizeof *doc);
	struct amount most;

	ck_assert_int_eq(json_parse(str_of(terms), &arena, doc, NULL), AICX_OK);
	ck_assert(price_ceiling(json_root(doc), max_units, &arena, &most));
	ck_assert_str_eq(amount_text(&most).text, want);
}

START_TEST(a_ceiling_is_the_most_that_the_terms_come_to)
{
	static const char bonus[] = "\"bonus_cap\":" AIC("0.5");
	char text[512];

	assert_ceiling(TERMS(PER_CALL, ""), 1, "2.5 AIC");
	(void)snprintf(text, sizeof text,
	    "{\"pricing\":{" PER_UNIT "},\"sla\":{%s}}", bonus);
	assert_ceiling(text, 8, "3.50 AIC");
	(void)snprintf(text, sizeof text,
	    "{\"pricing\":{" MONTHLY
	    ",\"included_units\":10,\"unit_cost\":" AIC("1") "},\"sla\":{%s}}",
	    bonus);
	assert_ceiling(text, 5, "9.5 AIC");
	assert_ceiling(text, 15, "15.5 AIC");
	assert_ceiling(
	    TERMS(MONTHLY ",\"included_units\":1,\"unit_cost\":" AIC("1"), ""),
	    15, "23 AIC");
	(void)snprintf(text, sizeof text,
	    "{\"pricing\":{\"model\":\"dynamic\",\"base_cost\":" AIC(
		"1") "},\"sla\":{%s}}",
	    bonus);
	assert_ceiling(text, 5, "1 AIC");
	assert_ceiling("{\"pricing\":{" PER_CALL
		       "},\"cancel_fee\":" AIC("3") "}",
	    1, "3 AIC");
}
END_TEST

START_TEST(terms_of_two_currencies_have_no_ceiling)
{
	struct json doc;
	struct amount most;

	ck_assert_int_eq(json_parse(STR(TERMS(PER_CALL,
					"\"bonus_cap\":{\"amount\":\"1\","
					"\"currency\":\"USD\"}")),
			     &arena, &doc, NULL),
	    AICX_OK);
	ck_assert(!price_ceiling(json_root(&doc), 1, &arena, &most));
	ck_assert_int_eq(json_parse(STR("{}"), &arena, &doc, NULL), AICX_OK);
	ck_assert(!price_ceiling(json_root(&doc), 1, &arena, &most));
}
END_TEST

START_TEST(the_fixed_models_are_three)
{
	ck_assert(price_is_fixed(STR("per_call")));
	ck_assert(price_is_fixed(STR("per_unit")));
	ck_assert(price_is_fixed(STR("subscription")));
	ck_assert(!price_is_fixed(STR("dynamic")));
	ck_assert(!price_is_fixed((struct aicx_str) { NULL, 0 }));
}
END_TEST

static void
teardown(void)
{
	arena_fini(&arena);
}

int
main(void)
{
	Suite *suite = suite_create("verify_price");
	TCase *tcase = tcase_create("verify_price");

	tcase_add_checked_fixture(tcase, NULL, teardown);
	tcase_add_test(tcase, calls_and_units_have_their_lines);
	tcase_add_test(tcase, a_subscription_counts_from_what_was_used_before);
	tcase_add_test(tcase, lateness_and_quality_have_their_lines);
	tcase_add_test(tcase, terms_without_a_price_give_none);
	tcase_add_test(tcase, a_ceiling_is_the_most_that_the_terms_come_to);
	tcase_add_test(tcase, terms_of_two_currencies_have_no_ceiling);
	tcase_add_test(tcase, the_fixed_models_are_three);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
