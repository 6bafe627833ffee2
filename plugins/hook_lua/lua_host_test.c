/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lua_host_test.c - errors with file and line, memory that fails, hashes,
 * samples and files of cases.
 */
#include "lua_case.h"
#include "policy_hash.h"
#include "test_host.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
			     &luahost_broker_limits, &test_ports, &host, &why),
	    AICX_EINVAL);
	ck_assert_int_eq(strncmp(why.text, "...ddd", 6), 0);
	ck_assert_ptr_nonnull(strstr(why.text, "d/rule.lua:2: é"));
	ck_assert_ptr_null(strchr(why.text, '?'));
	ck_assert_uint_lt(strlen(why.text), sizeof why.text);

	snprintf(source, sizeof source, "error('x', 0)");
	ck_assert_int_eq(luahost_new(name, str(source), &luahost_broker_limits,
			     &test_ports, &host, &why),
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
	struct luahost_ports racing = { on_racing_ms, test_ports.scale,
		&now_ms };
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
		aicx_err err = luahost_new("rule.lua", str(busy_source),
		    &limits, &test_ports, &host, &why);

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
				     &limits, &test_ports, &host, &why),
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
			     &test_ports, &host, &why),
	    AICX_EINVAL);
	limits.memory_bytes = LUAHOST_MEMORY_MIN;
	ck_assert_int_eq(luahost_new("rule.lua", str(busy_source), &limits,
			     &test_ports, &host, &why),
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
			     &luahost_broker_limits, &test_ports, on_case, all,
			     &n_cases, &n_failed, &why),
	    AICX_OK);
	ck_assert_str_eq(all,
	    "a ok;b failed;c ok;d failed;e ok;f failed;g ok;h failed;i failed;"
	    "j failed;k failed;");
	ck_assert_uint_eq(n_cases, 11);
	ck_assert_uint_eq(n_failed, 7);
	ck_assert_int_eq(
	    luacase_run(host, "rule_test.lua", str("return { 1.5 }"),
		&luahost_broker_limits, &test_ports, NULL, NULL, &n_cases,
		&n_failed, &why),
	    AICX_EINVAL);
	ck_assert_ptr_nonnull(strstr(why.text, "rule_test.lua: returned"));
	luahost_free(host);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("lua_host");
	TCase *tcase = tcase_create("host");

	tcase_set_timeout(tcase, 60);
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
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
