/* SPDX-License-Identifier: Apache-2.0 */
/* lua_answers_test.c - what may come back from each hook, and what is wild. */
#include "test_host.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char offer_args[] =
    "{\"intent\":{\"need\":\"x\",\"max_price\":{\"minor\":10000,"
    "\"currency\":\"AIC\"}},\"me\":{\"load\":2,\"price\":{\"minor\":2500,"
    "\"currency\":\"AIC\"}},\"now\":\"2026-01-05T09:00:00Z\"}";

START_TEST(an_offer_is_terms_or_a_refusal_or_a_pass)
{
	static const char *const rows[][2] = {
		{ "return nil", "PASS" },
		{ "return refuse 'too \"busy\"\\n'",
		    "REFUSE \"too \\\"busy\\\"\\n\"" },
		{ "return { base_cost = 0 }", "VALUE {\"base_cost\":0}" },
		{ "return { base_cost = b.price.minor * b.load }",
		    "VALUE {\"base_cost\":5000}" },
		{ "return { base_cost = 10000, unit_cost = 5,\n"
		  "  model = 'per_unit', currency = 'AIC', timeout_ms = 900 }",
		    "VALUE {\"base_cost\":10000,\"unit_cost\":5,\"model\":"
		    "\"per_unit\",\"currency\":\"AIC\",\"timeout_ms\":900}" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		check_ask(AICX_HOOK_OFFER, rows[i][0], offer_args, rows[i][1]);
}
END_TEST

START_TEST(wild_offers_are_refused)
{
	static const char *const rows[][2] = {
		{ "return", "answered 0 results: return one" },
		{ "return nil, nil", "answered 2 results" },
		{ "return 5", "answered a integer" },
		{ "return b.price", "answered a table" },
		{ "return {}", "terms without base_cost" },
		{ "return { 5 }", "answered a list" },
		{ "return { base_cost = 10001 }",
		    "10001 as base_cost: it is "
		    "above the ceiling" },
		{ "return { base_cost = -1 }", "below 0" },
		{ "return { base_cost = 1.0 }", "answered a float" },
		{ "return { base_cost = '1' }", "answered a string" },
		{ "return { base_cost = 1, unit_cost = 10001 }", "unit_cost" },
		{ "return { base_cost = 1, unit_price = 1 }",
		    "unknown term 'unit_price'" },
		{ "return { base_cost = 1, model = 'Per Call' }", "model" },
		{ "return { base_cost = 1, model = '' }", "model" },
		{ "return { base_cost = 1, model = 'a\\0b' }", "model" },
		{ "return { base_cost = 1, currency = 'EUR' }",
		    "another currency than \"AIC\"" },
		{ "return { base_cost = 1, currency = {} }", "currency" },
		{ "return { base_cost = 1, timeout_ms = 0 }", "timeout_ms" },
		{ "return { base_cost = 1, timeout_ms = 1.5 }", "timeout_ms" },
	};
	char source[400];

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct luahost *host;
		const char *text;

		snprintf(source, sizeof source,
		    "return { offer = function(a, b) %s end }", rows[i][0]);
		host = host_of(source);
		text = ask(host, AICX_HOOK_OFFER, offer_args);
		ck_assert_msg(strncmp(text, "rule.lua:1: offer ", 18) == 0 &&
			strstr(text, rows[i][1]) != NULL,
		    "%s: %s", rows[i][0], text);
		luahost_free(host);
	}
}
END_TEST

START_TEST(a_choice_is_one_of_the_offers)
{
	static const char *const rows[][2] = {
		{ "return nil", "PASS" },
		{ "return refuse 'none is good'", "REFUSE \"none is good\"" },
		{ "return a[2].offer_id",
		    "VALUE {\"offer_id\":\"two\",\"reason\":\"\"}" },
		{ "return 'one', nil",
		    "VALUE {\"offer_id\":\"one\",\"reason\":\"\"}" },
		{ "return 'one', 'caf\\xc3\\xa9'",
		    "VALUE {\"offer_id\":\"one\",\"reason\":\"café\"}" },
		{ "return 'one', ('\\1'):rep(200)", NULL },
		{ "return",
		    "rule.lua:1: choose answered 0 results: return one or "
		    "two" },
		{ "return 'three'",
		    "rule.lua:1: choose answered an id that is none of the "
		    "offers" },
		{ "return 'one\\0'",
		    "rule.lua:1: choose answered an id that is none of the "
		    "offers" },
		{ "return 1",
		    "rule.lua:1: choose answered a integer: it has to be an "
		    "offer id, refuse() or nil" },
		{ "return 'one', 5",
		    "rule.lua:1: choose answered a integer as the reason" },
		{ "return 'one', ('x'):rep(201)",
		    "rule.lua:1: choose answered a reason of more than 200 "
		    "bytes" },
		{ "return 'one', '\\xff'",
		    "rule.lua:1: choose answered a text that is no UTF-8" },
		{ "return 'one', 'x', 'y'",
		    "rule.lua:1: choose answered 3 results: return one or "
		    "two" },
	};
	char longest[1300] = "VALUE {\"offer_id\":\"one\",\"reason\":\"";

	for (int i = 0; i < 200; i++)
		strcat(longest, "\\u0001");
	strcat(longest, "\"}");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		check_ask(AICX_HOOK_CHOOSE, rows[i][0], choose_args,
		    rows[i][1] == NULL ? longest : rows[i][1]);
}
END_TEST

START_TEST(a_ruling_is_an_amount_that_was_paid_or_a_refusal_or_a_pass)
{
	static const char *const rows[][2] = {
		{ "return nil", "PASS" },
		{ "return refuse 'it was good'", "REFUSE \"it was good\"" },
		{ "return a.amount.minor", "VALUE {\"minor\":100}" },
		{ "return 0", "VALUE {\"minor\":0}" },
		{ "return 101",
		    "rule.lua:1: rule answered 101 as refund: it is above the "
		    "ceiling of 100" },
		{ "return -1",
		    "rule.lua:1: rule answered -1 as refund: it is below 0" },
		{ "return 'all'",
		    "rule.lua:1: rule answered a string as refund: it has to "
		    "be an integer of minor units" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		check_ask(AICX_HOOK_RULE, rows[i][0],
		    "{\"dispute\":{\"amount\":{\"minor\":100,\"currency\":"
		    "\"AIC\"}},\"terms\":{},\"ceiling\":{\"minor\":100,"
		    "\"currency\":\"AIC\"},\"now\":\"2026-01-05T09:00:00Z\"}",
		    rows[i][1]);
}
END_TEST

START_TEST(a_hook_that_is_not_there_passes)
{
	struct luahost *host =
	    host_of("return { price = function() return 1 end }");

	ck_assert(luahost_has(host, AICX_HOOK_PRICE));
	ck_assert(!luahost_has(host, AICX_HOOK_OFFER));
	ck_assert(!luahost_has(host, 0));
	ck_assert(!luahost_has(host, 99));
	ck_assert_str_eq(ask(host, AICX_HOOK_OFFER, offer_args), "PASS");
	ck_assert_str_eq(ask(host, 99, "junk"), "PASS");
	luahost_free(host);
}
END_TEST

START_TEST(a_question_without_a_ceiling_is_refused)
{
	check_ask(AICX_HOOK_PRICE, "return 1", "{\"usage\":{},\"terms\":{}}",
	    "rule.lua:1: price cannot be asked without a ceiling");
	check_ask(AICX_HOOK_PRICE, "return 1",
	    "{\"usage\":{},\"terms\":{},\"ceiling\":{\"minor\":\"5\"}}",
	    "rule.lua:1: price cannot be asked without a ceiling");
	check_ask(AICX_HOOK_OFFER, "return { base_cost = 1 }",
	    "{\"intent\":{},\"me\":{}}",
	    "rule.lua:1: offer cannot be asked without a max_price");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("lua_answers");
	TCase *tcase = tcase_create("host");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, an_offer_is_terms_or_a_refusal_or_a_pass);
	tcase_add_test(tcase, wild_offers_are_refused);
	tcase_add_test(tcase, a_choice_is_one_of_the_offers);
	tcase_add_test(
	    tcase, a_ruling_is_an_amount_that_was_paid_or_a_refusal_or_a_pass);
	tcase_add_test(tcase, a_hook_that_is_not_there_passes);
	tcase_add_test(tcase, a_question_without_a_ceiling_is_refused);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
