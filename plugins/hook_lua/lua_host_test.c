/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lua_host_test.c - what a policy gets and what may come back: views, words,
 * answers of each hook, errors with file and line, memory that fails.
 */
#include "lua_case.h"
#include "lua_host.h"
#include "policy_hash.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Time stands still, so no test depends on it. */
static int64_t
on_now_ms(void *arg)
{
	(void)arg;
	return 1000;
}

static int
on_scale(const char *currency, void *arg)
{
	(void)arg;
	if (strcmp(currency, "AIC") == 0)
		return 6;
	return strcmp(currency, "JPY") == 0 ? 0 : -1;
}

static const struct luahost_ports ports = { on_now_ms, on_scale, NULL };

static struct aicx_str
str(const char *text)
{
	return (struct aicx_str) { text, strlen(text) };
}

static struct luahost *
host_of(const char *source)
{
	struct luahost *host = NULL;
	struct aicx_error why;

	if (luahost_new("rule.lua", str(source), &luahost_broker_limits, &ports,
		&host, &why) != AICX_OK)
		ck_abort_msg("%s", why.text);
	return host;
}

/* "VALUE {...}", "PASS", "REFUSE ...", or the error's text. */
static const char *
ask(struct luahost *host, uint32_t hook, const char *args)
{
	static char text[4096];
	struct aicx_decision decision = { .size = sizeof decision };
	struct aicx_error why = { 0 };
	aicx_err err = luahost_run(host, hook, str(args), &decision, &why);

	if (err != AICX_OK) {
		ck_assert_int_eq(err, why.code);
		snprintf(text, sizeof text, "%s", why.text);
	} else if (decision.verdict == AICX_PASS) {
		ck_assert_ptr_null(decision.result.ptr);
		snprintf(text, sizeof text, "PASS");
	} else
		snprintf(text, sizeof text, "%s %.*s",
		    decision.verdict == AICX_VALUE ? "VALUE" : "REFUSE",
		    (int)decision.result.len, decision.result.ptr);
	return text;
}

static void
check_ask(uint32_t hook, const char *body, const char *args, const char *want)
{
	char source[4096];
	struct luahost *host;

	snprintf(source, sizeof source,
	    "return { %s = function(a, b, call)\n%s\nend }",
	    luahost_hook_name(hook), body);
	host = host_of(source);
	ck_assert_str_eq(ask(host, hook, args), want);
	luahost_free(host);
}

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

static const char price_args[] =
    "{\"usage\":{\"calls\":3,\"units\":40},\"terms\":{\"base_cost\":"
    "{\"minor\":2500,\"currency\":\"AIC\"}},\"ceiling\":{\"minor\":"
    "9000000000,\"currency\":\"AIC\"},\"now\":\"2026-01-05T09:00:00Z\"}";

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

/* --- answers --------------------------------------------------------- */

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

static const char choose_args[] =
    "{\"offers\":[{\"offer_id\":\"one\",\"price\":{\"minor\":5}},"
    "{\"offer_id\":\"two\",\"price\":{\"minor\":4}}],\"mandate\":{},"
    "\"now\":\"2026-01-05T09:00:00Z\"}";

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

/* --- errors ---------------------------------------------------------- */

START_TEST(errors_name_file_and_line)
{
	check_ask(AICX_HOOK_PRICE, "\n\nreturn a.b.c", price_args,
	    "rule.lua:4: attempt to index a nil value (field 'b')");
	check_ask(AICX_HOOK_PRICE, "error('no ' .. 1)", price_args,
	    "rule.lua:2: no 1");
	check_ask(AICX_HOOK_PRICE, "error('bare', 0)", price_args,
	    "rule.lua:1: bare");
	check_ask(AICX_HOOK_PRICE, "error({})", price_args,
	    "rule.lua:1: raised a table and no message");
	check_ask(AICX_HOOK_PRICE, "error('tab\\there\\xff!')", price_args,
	    "rule.lua:2: tab?here?!");
	check_ask(AICX_HOOK_PRICE,
	    "local ok, why = pcall(error, 'x', 0)\nerror(why .. '!')",
	    price_args, "rule.lua:3: x!");
	check_ask(AICX_HOOK_PRICE, "\nwhile true do end", price_args,
	    "instruction budget of 50000 used up in rule.lua:3");
}
END_TEST

START_TEST(long_names_and_messages_are_cut_with_care)
{
	struct luahost *host;
	struct aicx_error why;
	char name[300], source[600];

	memset(name, 'd', sizeof name);
	strcpy(name + 280, "/rule.lua");
	ck_assert_int_eq(luahost_new(name, str("\nerror(('é'):rep(300))"),
			     &luahost_broker_limits, &ports, &host, &why),
	    AICX_EINVAL);
	ck_assert_int_eq(strncmp(why.text, "...ddd", 6), 0);
	ck_assert_ptr_nonnull(strstr(why.text, "d/rule.lua:2: é"));
	ck_assert_ptr_null(strchr(why.text, '?'));
	ck_assert_uint_lt(strlen(why.text), sizeof why.text);

	snprintf(source, sizeof source, "error('x', 0)");
	ck_assert_int_eq(luahost_new(name, str(source), &luahost_broker_limits,
			     &ports, &host, &why),
	    AICX_EINVAL);
	ck_assert_ptr_nonnull(strstr(why.text, "d/rule.lua: x"));
}
END_TEST

/* A clock that goes on by itself: each look at it takes a millisecond. */
static int64_t
on_racing_ms(void *arg)
{
	return ++*(int64_t *)arg;
}

START_TEST(the_deadline_is_a_cause_of_its_own)
{
	int64_t now_ms = 0;
	struct luahost_ports racing = { on_racing_ms, on_scale, &now_ms };
	struct luahost_limits limits = luahost_broker_limits;
	struct luahost *host;
	struct aicx_decision decision = { .size = sizeof decision };
	struct aicx_error why;

	limits.deadline_ms = 40;
	ck_assert_int_eq(luahost_new("rule.lua",
			     str("return { price = function()\n"
				 "for i = 1, 1e9 do end end }"),
			     &limits, &racing, &host, &why),
	    AICX_OK);
	ck_assert_int_eq(luahost_run(host, AICX_HOOK_PRICE, str(price_args),
			     &decision, &why),
	    AICX_ELIMIT);
	ck_assert_str_eq(why.text, "deadline of 40 ms passed in rule.lua:2");
	ck_assert_str_eq(why.word, "policy_deadline");
	luahost_free(host);
}
END_TEST

START_TEST(causes_have_words)
{
	static const char *const rows[][2] = {
		{ "while true do end", "policy_instructions" },
		{ "local s = 'x' while true do s = s .. s end",
		    "policy_memory" },
		{ "error 'x'", "policy_error" },
		{ "return 1.5", "policy_answer" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char source[200];
		struct luahost *host;
		struct aicx_decision decision = { .size = sizeof decision };
		struct aicx_error why;

		snprintf(source, sizeof source,
		    "return { price = function() %s end }", rows[i][0]);
		host = host_of(source);
		ck_assert_int_ne(luahost_run(host, AICX_HOOK_PRICE,
				     str(price_args), &decision, &why),
		    AICX_OK);
		ck_assert_str_eq(why.word, rows[i][1]);
		luahost_free(host);
	}
}
END_TEST

/* --- failing memory -------------------------------------------------- */

static const char busy_source[] =
    "local list = {}\n"
    "for i = 1, 10 do list[i] = { name = 'n' .. i } end\n"
    "return { choose = function(offers)\n"
    "  local seen = {}\n"
    "  for k, o in pairs(offers) do\n"
    "    seen[#seen + 1] = o.offer_id:upper() .. list[k].name\n"
    "  end\n"
    "  table.sort(seen)\n"
    "  pcall(error, seen)\n"
    "  return offers[1].offer_id, table.concat(seen, ' ')\n"
    "end }";

START_TEST(each_failing_allocation_of_a_load_is_an_error)
{
	struct luahost_limits limits = luahost_broker_limits;
	struct luahost *host = NULL;
	struct aicx_error why;
	int64_t k = 1;

	for (limits.fail_load_at = 1; k < 5000; limits.fail_load_at = ++k) {
		aicx_err err = luahost_new(
		    "rule.lua", str(busy_source), &limits, &ports, &host, &why);

		if (err == AICX_OK)
			break;
		ck_assert_int_eq(err, AICX_ELIMIT);
		ck_assert_ptr_nonnull(strstr(why.text, "memory limit of"));
	}
	ck_assert_int_gt(k, 50);
	ck_assert_int_lt(k, 5000);
	luahost_free(host);
}
END_TEST

START_TEST(each_failing_allocation_of_a_call_is_an_error)
{
	struct luahost_limits limits = luahost_broker_limits;
	int64_t k = 1;

	for (limits.fail_run_at = 1; k < 2000; limits.fail_run_at = ++k) {
		struct luahost *host;
		struct aicx_error why;
		const char *text;

		ck_assert_int_eq(luahost_new("rule.lua", str(busy_source),
				     &limits, &ports, &host, &why),
		    AICX_OK);
		text = ask(host, AICX_HOOK_CHOOSE, choose_args);
		if (strncmp(text, "VALUE", 5) == 0) {
			ck_assert_str_eq(text,
			    "VALUE {\"offer_id\":\"one\",\"reason\":"
			    "\"ONEn1 TWOn2\"}");
			luahost_free(host);
			break;
		}
		ck_assert_ptr_nonnull(strstr(text, "memory limit of"));
		luahost_free(host);
	}
	ck_assert_int_gt(k, 30);
	ck_assert_int_lt(k, 2000);
}
END_TEST

START_TEST(too_little_memory_is_refused_at_once)
{
	struct luahost_limits limits = luahost_broker_limits;
	struct luahost *host;
	struct aicx_error why;

	limits.memory_bytes = LUAHOST_MEMORY_MIN - 1;
	ck_assert_int_eq(luahost_new("rule.lua", str(busy_source), &limits,
			     &ports, &host, &why),
	    AICX_EINVAL);
	limits.memory_bytes = LUAHOST_MEMORY_MIN;
	ck_assert_int_eq(luahost_new("rule.lua", str(busy_source), &limits,
			     &ports, &host, &why),
	    AICX_OK);
	luahost_free(host);
}
END_TEST

/* --- the rest -------------------------------------------------------- */

static void
check_hash(const char *text, size_t len, const char *want)
{
	uint8_t hash[POLICY_HASH_BYTES];
	char hex[2 * POLICY_HASH_BYTES + 1];

	policy_hash(text, len, hash);
	for (int i = 0; i < POLICY_HASH_BYTES; i++)
		snprintf(hex + 2 * i, 3, "%02x", hash[i]);
	ck_assert_str_eq(hex, want);
}

/* The examples of FIPS 180-4 and lengths around the padding. */
START_TEST(the_hash_is_sha_256)
{
	static char million[1000000];

	check_hash("abc", 3,
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	check_hash("", 0,
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	check_hash("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	    56,
	    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
	memset(million, 'a', sizeof million);
	check_hash(million, sizeof million,
	    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
	check_hash(million, 55,
	    "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318");
	check_hash(million, 64,
	    "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb");
}
END_TEST

START_TEST(a_host_keeps_source_and_hash)
{
	static const char source[] = "return { price = function() end }";
	struct luahost *host = host_of(source);
	uint8_t hash[POLICY_HASH_BYTES];

	policy_hash(source, sizeof source - 1, hash);
	ck_assert_mem_eq(luahost_sha256(host), hash, sizeof hash);
	ck_assert_uint_eq(luahost_source(host).len, sizeof source - 1);
	ck_assert_str_eq(luahost_source(host).ptr, source);
	ck_assert_uint_gt(luahost_memory(host), 10000);
	ck_assert_uint_lt(luahost_memory(host), 40000);
	luahost_free(host);
	luahost_free(NULL);
}
END_TEST

START_TEST(the_samples_suit_a_plain_policy)
{
	struct luahost *host =
	    host_of("return {\n"
		    "price = function(u, t) return u.calls * "
		    "t.base_cost.minor end,\n"
		    "offer = function(i, me) return { base_cost = "
		    "me.price.minor } end,\n"
		    "choose = function(o) return o[1].offer_id end,\n"
		    "rule = function(d) return d.amount.minor // 2 end }");

	for (uint32_t hook = 1; hook <= 4; hook++) {
		const char *text = ask(host, hook, luacase_sample(hook));

		ck_assert_msg(strncmp(text, "VALUE", 5) == 0, "%s", text);
		ck_assert_uint_eq(
		    luahost_hook_find(luahost_hook_name(hook)), hook);
	}
	ck_assert_ptr_null(luacase_sample(5));
	ck_assert_ptr_null(luahost_hook_name(5));
	ck_assert_uint_eq(luahost_hook_find("prize"), 0);
	luahost_free(host);
}
END_TEST

static void
on_case(const char *name, const char *why, void *arg)
{
	char *all = arg;

	strcat(all, name);
	strcat(all, why[0] == '\0' ? " ok;" : " failed;");
}

START_TEST(test_files_tell_good_from_bad)
{
	static const char tests[] =
	    "local args = { intent = { max_price = { minor = 9, currency = "
	    "'AIC' } }, me = { load = 0 } }\n"
	    "local busy = { intent = args.intent, me = { load = 9 } }\n"
	    "return {\n"
	    "{ name = 'a', hook = 'offer', args = args,\n"
	    "  want = { base_cost = 5 } },\n"
	    "{ name = 'b', hook = 'offer', args = args,\n"
	    "  want = { base_cost = 6 } },\n"
	    "{ name = 'c', hook = 'offer', args = busy,\n"
	    "  want = { refuse = 'busy' } },\n"
	    "{ name = 'd', hook = 'offer', args = busy,\n"
	    "  want = { refuse = 'lazy' } },\n"
	    "{ name = 'e', hook = 'offer', args = { intent = {}, me = {} },\n"
	    "  want = { error = 'compare' } },\n"
	    "{ name = 'f', hook = 'offer', args = args,\n"
	    "  want = { error = 'compare' } },\n"
	    "{ name = 'g', hook = 'price', args = args,\n"
	    "  want = { pass = true } },\n"
	    "{ name = 'h', hook = 'price', args = args,\n"
	    "  want = { minor = 1 } },\n"
	    "{ name = 'i', hook = 'prize', args = args,\n"
	    "  want = { minor = 1 } },\n"
	    "{ name = 'j', hook = 'offer', args = args },\n"
	    "{ name = 'k', hook = 'offer', args = args,\n"
	    "  want = { base_cost = 5, unit_cost = 5 } },\n"
	    "}";
	struct luahost *host =
	    host_of("return { offer = function(intent, me)\n"
		    "if me.load > 5 then return refuse 'busy' end\n"
		    "return { base_cost = 5 } end }");
	char all[400] = "";
	size_t n_cases, n_failed;
	struct aicx_error why;

	ck_assert_int_eq(luacase_run(host, "rule_test.lua", str(tests),
			     &luahost_broker_limits, &ports, on_case, all,
			     &n_cases, &n_failed, &why),
	    AICX_OK);
	ck_assert_str_eq(all,
	    "a ok;b failed;c ok;d failed;e ok;f failed;g ok;h failed;i failed;"
	    "j failed;k failed;");
	ck_assert_uint_eq(n_cases, 11);
	ck_assert_uint_eq(n_failed, 7);
	ck_assert_int_eq(luacase_run(host, "rule_test.lua",
			     str("return { 1.5 }"), &luahost_broker_limits,
			     &ports, NULL, NULL, &n_cases, &n_failed, &why),
	    AICX_EINVAL);
	ck_assert_ptr_nonnull(strstr(why.text, "rule_test.lua: returned"));
	luahost_free(host);
}
END_TEST

static Suite *
suite(void)
{
	Suite *all = suite_create("lua_host");
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
	tcase_add_test(tcase, an_offer_is_terms_or_a_refusal_or_a_pass);
	tcase_add_test(tcase, wild_offers_are_refused);
	tcase_add_test(tcase, a_choice_is_one_of_the_offers);
	tcase_add_test(
	    tcase, a_ruling_is_an_amount_that_was_paid_or_a_refusal_or_a_pass);
	tcase_add_test(tcase, a_hook_that_is_not_there_passes);
	tcase_add_test(tcase, a_question_without_a_ceiling_is_refused);
	tcase_add_test(tcase, errors_name_file_and_line);
	tcase_add_test(tcase, long_names_and_messages_are_cut_with_care);
	tcase_add_test(tcase, the_deadline_is_a_cause_of_its_own);
	tcase_add_test(tcase, causes_have_words);
	tcase_add_test(tcase, each_failing_allocation_of_a_load_is_an_error);
	tcase_add_test(tcase, each_failing_allocation_of_a_call_is_an_error);
	tcase_add_test(tcase, too_little_memory_is_refused_at_once);
	tcase_add_test(tcase, the_hash_is_sha_256);
	tcase_add_test(tcase, a_host_keeps_source_and_hash);
	tcase_add_test(tcase, the_samples_suit_a_plain_policy);
	tcase_add_test(tcase, test_files_tell_good_from_bad);
	suite_add_tcase(all, tcase);
	return all;
}

int
main(void)
{
	SRunner *runner = srunner_create(suite());
	int n_failed;

	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed == 0 ? 0 : 1;
}
