/* SPDX-License-Identifier: Apache-2.0 */
/* lua_arguments_test.c - what a policy gets: views of the arguments, and
   words. */
#include "test_host.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- arguments ------------------------------------------------------- */

/* The body is an expression over `a`, which is usage; its text is answered. */
static void
check_text(const char *usage, const char *expression, const char *want)
{
	char args[2048], body[1024], reason[1024];

	snprintf(args, sizeof args, "{\"offers\":%s,\"mandate\":{}}", usage);
	snprintf(body, sizeof body, "return refuse(tostring(%s))", expression);
	snprintf(reason, sizeof reason, "REFUSE \"%s\"", want);
	check_ask(AICX_HOOK_CHOOSE, body, args, reason);
}

START_TEST(arguments_are_what_the_json_says)
{
	check_text("{\"n\":9223372036854775807}", "a.n", "9223372036854775807");
	check_text(
	    "{\"n\":-9223372036854775808}", "a.n", "-9223372036854775808");
	check_text("{\"n\":0}", "math.type(a.n)", "integer");
	check_text("{\"n\":true,\"m\":false}", "a.n and not a.m", "true");
	check_text("{\"n\":null}", "a.n", "nil");
	check_text("{\"s\":\"a\\u00e9\\n\\ud83d\\ude00\"}", "#a.s", "8");
	check_text("{\"s\":\"x\\u0000y\"}", "#a.s", "3");
	check_text("{\"s\":\"\\\\\\/\\\"\"}", "#a.s", "3");
	check_text("[1,[2,[3]]]", "a[2][2][1]", "3");
	check_text(" [ ] ", "#a", "0");
	check_text("{}", "next(a)", "nil");
	check_text("[1,null,3]", "#a", "3");
	check_text("{\"t\":{}}", "type(a.t)", "table");
	check_text("{\"t\":{}}", "a.t == a.t", "true");
}
END_TEST

START_TEST(numbers_that_are_no_integers_become_texts)
{
	check_text("{\"n\":0.70}", "a.n", "0.70");
	check_text("{\"n\":0.70}", "type(a.n)", "string");
	check_text("{\"n\":1e3}", "a.n", "1e3");
	check_text("{\"n\":-0.5E-7}", "a.n", "-0.5E-7");
	check_text("{\"n\":9223372036854775808}", "a.n", "9223372036854775808");
	check_text("{\"n\":1.0}", "a.n", "1.0");
	check_text("{\"n\":-0}", "a.n", "0");
}
END_TEST

START_TEST(views_have_length_ipairs_and_pairs_in_order)
{
	static const char walk[] =
	    "local t = {}\n"
	    "for k, v in pairs(a) do t[#t + 1] = tostring(k) .. '=' "
	    ".. tostring(v) end\n"
	    "return refuse(table.concat(t, ' '))";
	static const char count[] =
	    "local t = {}\n"
	    "for i, v in ipairs(a) do t[#t + 1] = i * v end\n"
	    "return refuse(table.concat(t, ' ') .. ' ' .. #a .. ' ' .. "
	    "table.concat(a, '+'))";

	check_ask(AICX_HOOK_CHOOSE, walk,
	    "{\"offers\":{\"b\":1,\"a\":2,\"aa\":{},\"B\":true,\"\":0},"
	    "\"mandate\":{}}",
	    "REFUSE \"=0 B=true a=2 aa=table b=1\"");
	check_ask(AICX_HOOK_CHOOSE, walk, "{\"offers\":[7,8],\"mandate\":{}}",
	    "REFUSE \"1=7 2=8\"");
	check_ask(AICX_HOOK_CHOOSE, count,
	    "{\"offers\":[5,6,7],\"mandate\":{}}",
	    "REFUSE \"5 12 21 3 5+6+7\"");
}
END_TEST

START_TEST(large_objects_and_arrays_arrive_whole)
{
	char args[20000] = "{\"mandate\":{", *at = args + strlen(args);

	for (int i = 0; i < 100; i++)
		at += sprintf(at, "%s\"k%d\":%d", i ? "," : "", i, i);
	at += sprintf(at, "},\"offers\":[");
	for (int i = 0; i < 100; i++)
		at += sprintf(at, "%s%d", i ? "," : "", i);
	strcpy(at, "]}");
	check_ask(AICX_HOOK_CHOOSE,
	    "local sum = 0\n"
	    "for i = 1, #a do sum = sum + a[i] end\n"
	    "for i = 0, 99 do sum = sum + b['k' .. i] end\n"
	    "return refuse(tostring(sum))",
	    args, "REFUSE \"9900\"");
}
END_TEST

START_TEST(tables_of_a_policy_are_walked_in_order_too)
{
	check_ask(AICX_HOOK_CHOOSE,
	    "local t = { [true] = 1, [false] = 2, z = 3, [10] = 4, [2] = 5,\n"
	    "  [-1] = 6, [1.5] = 7, ['10'] = 8, [1] = 9 }\n"
	    "local out, k = {}\n"
	    "for key, v in pairs(t) do out[#out + 1] = v end\n"
	    "repeat local v k, v = next(t, k) out[#out + 1] = v until not v\n"
	    "return refuse(table.concat(out, ' '))",
	    "{\"offers\":[],\"mandate\":{}}",
	    "REFUSE \"6 9 7 5 4 8 3 2 1 6 9 7 5 4 8 3 2 1\"");
	check_ask(AICX_HOOK_CHOOSE,
	    "local t, n = { a = 1, b = 2, c = 3 }, 0\n"
	    "for k in pairs(t) do t.b, t.c = nil, nil n = n + 1 end\n"
	    "return refuse(tostring(n))",
	    "{\"offers\":[],\"mandate\":{}}", "REFUSE \"1\"");
}
END_TEST

START_TEST(arguments_that_are_no_json_are_refused_with_the_place)
{
	static const char *const rows[][2] = {
		{ "", "unexpected end at byte 0" },
		{ "{\"offers\":1,\"mandate\":{}", "unexpected character" },
		{ "{\"offers\":01,\"mandate\":{}}", "unexpected character" },
		{ "{\"offers\":1.,\"mandate\":{}}", "bad number" },
		{ "{\"offers\":1e,\"mandate\":{}}", "bad number" },
		{ "{\"offers\":-,\"mandate\":{}}", "unexpected character" },
		{ "{\"offers\":+1,\"mandate\":{}}", "unexpected character" },
		{ "{\"offers\":NaN,\"mandate\":{}}", "unexpected character" },
		{ "{\"offers\":nul,\"mandate\":{}}", "unexpected character" },
		{ "{\"offers\":[1,],\"mandate\":{}}", "unexpected character" },
		{ "{\"offers\":[1 2],\"mandate\":{}}", "unexpected character" },
		{ "{\"offers\":1,}", "unexpected character" },
		{ "{\"offers\" 1}", "unexpected character" },
		{ "{offers:1}", "unexpected character" },
		{ "{\"offers\":\"\\x\"}", "bad escape" },
		{ "{\"offers\":\"\\u12g4\"}", "bad escape" },
		{ "{\"offers\":\"\\ud800\"}", "half a surrogate pair" },
		{ "{\"offers\":\"\\ud800\\u0041\"}", "half a surrogate pair" },
		{ "{\"offers\":\"\\udc00\"}", "half a surrogate pair" },
		{ "{\"offers\":\"a\nb\"}", "control character" },
		{ "{\"offers\":\"abc", "unfinished string at byte 14" },
		{ "{\"offers\":\"abc\\", "bad escape" },
		{ "{\"offers\":1,\"offers\":2}", "repeated member" },
		{ "{\"offers\":1,\"mandate\":{}} x", "something follows" },
		{ "[1]", "arguments lack" },
		{ "7", "JSON object" },
		{ "{\"offers\":[]}", "arguments lack \"mandate\"" },
		{ "{\"mandate\":[]}", "arguments lack \"offers\"" },
	};
	struct luahost *host =
	    host_of("return { choose = function() return nil end }");

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *text = ask(host, AICX_HOOK_CHOOSE, rows[i][0]);

		ck_assert_msg(strstr(text, rows[i][1]) != NULL, "%s: %s",
		    rows[i][0], text);
	}
	ck_assert_str_eq(
	    ask(host, AICX_HOOK_CHOOSE, "{\"offers\":[],\"mandate\":{}}"),
	    "PASS");
	luahost_free(host);
}
END_TEST

START_TEST(arguments_have_limits_of_depth_and_size)
{
	struct luahost *host =
	    host_of("return { choose = function() return nil end }");
	char *args = malloc(LUAHOST_ARGS_MAX + 2), deep[200];

	for (int depth = 30; depth <= 32; depth++) {
		int at = sprintf(deep, "{\"mandate\":{},\"offers\":");

		memset(deep + at, '[', (size_t)depth);
		memset(deep + at + depth, ']', (size_t)depth);
		strcpy(deep + at + 2 * depth, "}");
		ck_assert_msg((strstr(ask(host, AICX_HOOK_CHOOSE, deep),
				   "nested too deep") != NULL) == (depth == 32),
		    "%d", depth);
	}
	memset(args, ' ', LUAHOST_ARGS_MAX + 1);
	args[LUAHOST_ARGS_MAX + 1] = '\0';
	ck_assert_ptr_nonnull(strstr(ask(host, AICX_HOOK_CHOOSE, args),
	    "the arguments have 262145 bytes and the limit is 262144"));
	free(args);
	luahost_free(host);
}
END_TEST

/* --- words ----------------------------------------------------------- */

START_TEST(the_words_for_money_are_exact)
{
	static const char *const rows[][2] = {
		{ "return money '0.0025 AIC'", "VALUE {\"minor\":2500}" },
		{ "return money '12 AIC'", "VALUE {\"minor\":12000000}" },
		{ "return money '0.000001 AIC'", "VALUE {\"minor\":1}" },
		{ "return money '0 AIC'", "VALUE {\"minor\":0}" },
		{ "return money '7 JPY'", "VALUE {\"minor\":7}" },
		{ "return add(1, 2, 3)", "VALUE {\"minor\":6}" },
		{ "return add(5)", "VALUE {\"minor\":5}" },
		{ "return mul(b.base_cost.minor, a.calls)",
		    "VALUE {\"minor\":7500}" },
		{ "return muldiv(2500, 90, 100)", "VALUE {\"minor\":2250}" },
		{ "return muldiv(1, 1, 2)", "VALUE {\"minor\":1}" },
		{ "return muldiv(1, 1, 3)", "VALUE {\"minor\":0}" },
		{ "return 5 + muldiv(-1, 1, 2)", "VALUE {\"minor\":4}" },
		{ "return 5 + muldiv(3, 1, -2)", "VALUE {\"minor\":3}" },
		{ "return muldiv(1 << 62, 9, 1 << 62)", "VALUE {\"minor\":9}" },
		{ "return math.floor(7 / 2)", "VALUE {\"minor\":3}" },
		{ "return 7 // 2", "VALUE {\"minor\":3}" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		check_ask(AICX_HOOK_PRICE, rows[i][0], price_args, rows[i][1]);
}
END_TEST

START_TEST(money_that_is_no_money_is_refused)
{
	static const char *const rows[] = { "'0.0025'", "'AIC'", "''",
		"'0.0000001 AIC'", "'0.5 JPY'", "'1. AIC'", "'.5 AIC'",
		"'-1 AIC'", "'+1 AIC'", "'1e3 AIC'", "'1,5 AIC'", "'1 '",
		"' 1 AIC'", "'1  AIC'", "'1 AIC '", "'1 QQQ'", "'1 aic'",
		"'1 AICAICAICAIC'", "'9300000000000 AIC'", "'0x10 AIC'",
		"'1 AIC\\0'", "{}", "nil", "('1'):rep(50) .. ' AIC'" };
	char body[200];

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct luahost *host;
		const char *text;

		snprintf(body, sizeof body,
		    "return { price = function() return money(%s) end }",
		    rows[i]);
		host = host_of(body);
		text = ask(host, AICX_HOOK_PRICE, price_args);
		ck_assert_msg(strncmp(text, "rule.lua:1: ", 12) == 0 &&
			strstr(text, "money") != NULL,
		    "%s: %s", rows[i], text);
		luahost_free(host);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("lua_arguments");
	TCase *tcase = tcase_create("host");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, arguments_are_what_the_json_says);
	tcase_add_test(tcase, numbers_that_are_no_integers_become_texts);
	tcase_add_test(tcase, views_have_length_ipairs_and_pairs_in_order);
	tcase_add_test(tcase, large_objects_and_arrays_arrive_whole);
	tcase_add_test(tcase, tables_of_a_policy_are_walked_in_order_too);
	tcase_add_test(
	    tcase, arguments_that_are_no_json_are_refused_with_the_place);
	tcase_add_test(tcase, arguments_have_limits_of_depth_and_size);
	tcase_add_test(tcase, the_words_for_money_are_exact);
	tcase_add_test(tcase, money_that_is_no_money_is_refused);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
