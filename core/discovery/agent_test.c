/* SPDX-License-Identifier: Apache-2.0 */
/* agent_test.c - names and ids that are good, and those that are refused. */
#include "discovery/agent.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

static struct currencies currencies;
static struct arena arena;
static struct aicx_error err;

static void
setup(void)
{
	currencies = (struct currencies) { 0 };
	(void)currencies_add(&currencies, STR("AIC"), 6, NULL);
	err = (struct aicx_error) { 0 };
}

static void
teardown(void)
{
	arena_fini(&arena);
}

static aicx_err
check_name(struct aicx_str name)
{
	struct capability capability = { .name = name };

	err = (struct aicx_error) { 0 };
	return capability_check(&capability, &err);
}

START_TEST(a_name_is_made_of_small_letters_digits_and_three_signs)
{
	static const char *const good[] = { "a", "text.spellcheck", "0",
		"a-b_c.d9", "..." };

	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		ck_assert_msg(check_name(str_of(good[i])) == AICX_OK, "%s: %s",
		    good[i], err.text);
}
END_TEST

START_TEST(any_other_name_is_refused)
{
	static const char *const bad[] = { "", "Text", "a b", "a/b", "a*",
		"\xc3\xa4", "a\n", "a\"b" };

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		ck_assert_msg(
		    check_name(str_of(bad[i])) == AICX_EINVAL, "%s", bad[i]);
		ck_assert_str_eq(err.word, "invalid_params");
		ck_assert_str_eq(err.field, "/name");
	}
	ck_assert_int_eq(check_name(str_of(NULL)), AICX_EINVAL);
}
END_TEST

START_TEST(a_name_has_at_most_128_letters)
{
	char name[129];

	memset(name, 'a', sizeof name);
	ck_assert_int_eq(check_name((struct aicx_str) { name, 128 }), AICX_OK);
	ck_assert_int_eq(
	    check_name((struct aicx_str) { name, 129 }), AICX_EINVAL);
}
END_TEST

START_TEST(an_id_follows_the_same_rule)
{
	struct capability capability = { .name = STR("a") };

	capability.capability_id = STR("b.1");
	ck_assert_int_eq(capability_check(&capability, &err), AICX_OK);
	capability.capability_id = STR("B 1");
	ck_assert_int_eq(capability_check(&capability, &err), AICX_EINVAL);
	ck_assert_str_eq(err.field, "/capability_id");
}
END_TEST

static struct agent
agent_of(struct capability *list, size_t n)
{
	return (struct agent) { .capabilities = { list, n } };
}

START_TEST(no_id_is_there_twice)
{
	struct capability list[] = {
		{ .capability_id = STR("one"), .name = STR("text") },
		{ .capability_id = STR("two"), .name = STR("text") },
		{ .capability_id = STR("three"), .name = STR("text") },
	};
	struct agent agent = agent_of(list, 3);

	ck_assert_int_eq(agent_check(&agent, &err), AICX_OK);
	list[2].capability_id = STR("one");
	ck_assert_int_eq(agent_check(&agent, &err), AICX_EINVAL);
	ck_assert_str_eq(err.field, "/capabilities");
	ck_assert_str_eq(err.text, "capability \"one\" is there twice");
	agent.capabilities.n = 0;
	ck_assert_int_eq(agent_check(&agent, &err), AICX_OK);
}
END_TEST

START_TEST(one_bad_capability_refuses_the_agent)
{
	struct capability list[] = {
		{ .capability_id = STR("one"), .name = STR("text") },
		{ .capability_id = STR("two"), .name = STR("Text") },
	};
	struct agent agent = agent_of(list, 2);

	ck_assert_int_eq(agent_check(&agent, &err), AICX_EINVAL);
	ck_assert_str_eq(err.field, "/name");
}
END_TEST

START_TEST(an_id_is_found_before_a_name)
{
	struct capability list[] = {
		{ .capability_id = STR("one"), .name = STR("two") },
		{ .capability_id = STR("two"), .name = STR("text") },
		{ .capability_id = STR("three"), .name = STR("text") },
	};
	struct agent agent = agent_of(list, 3);

	ck_assert_ptr_eq(agent_capability(&agent, STR("one")), &list[0]);
	ck_assert_ptr_eq(agent_capability(&agent, STR("two")), &list[1]);
	ck_assert_ptr_eq(agent_capability(&agent, STR("text")), &list[1]);
	ck_assert_ptr_null(agent_capability(&agent, STR("four")));
	agent.capabilities.n = 0;
	ck_assert_ptr_null(agent_capability(&agent, STR("one")));
}
END_TEST

static aicx_err
parse(const char *text, struct agent *ret)
{
	struct json *doc = arena_new(&arena, sizeof *doc);

	ck_assert_int_eq(json_parse(str_of(text), &arena, doc, NULL), AICX_OK);
	err = (struct aicx_error) { 0 };
	return field_parse(agent_fields, json_root(doc), &currencies, true,
	    &arena, ret, sizeof *ret, &err);
}

static const char shop[] =
    "{\"agent_id\":\"01000000-0000-0000-0000-000000000000\","
    "\"name\":\"Spell shop\",\"tags\":[\"text\",\"fast\"],"
    "\"endpoints\":[{\"kind\":\"mailbox\"},"
    "{\"kind\":\"http\",\"url\":\"https://example.org/\"}],"
    "\"capabilities\":[{\"capability_id\":\"s\","
    "\"name\":\"text.spellcheck\",\"input_schema\":{\"type\": \"string\"},"
    "\"pricing\":{\"model\":\"per_call\",\"base_cost\":"
    "{\"amount\":\"0.001000\",\"currency\":\"AIC\"}}}]}";

START_TEST(an_agent_is_read_and_printed_back)
{
	struct agent agent;
	struct buf buf = { 0 };
	struct json_writer w = json_writer(&buf);

	ck_assert_msg(parse(shop, &agent) == AICX_OK, "%s", err.text);
	ck_assert_int_eq(agent_check(&agent, &err), AICX_OK);
	const struct endpoint *endpoints = agent.endpoints.items;
	ck_assert_uint_eq(agent.endpoints.n, 2);
	ck_assert_int_eq(endpoints[0].kind, ENDPOINT_MAILBOX);
	ck_assert(str_is(endpoints[1].url, "https://example.org/"));
	const struct capability *capability =
	    agent_capability(&agent, STR("text.spellcheck"));
	ck_assert_int_eq(capability->pricing.base_cost.minor, 1000);
	ck_assert(str_is(capability->input_schema, "{\"type\": \"string\"}"));
	json_open(&w, '{');
	field_print(agent_fields, &agent, &currencies, &w);
	json_close(&w);
	ck_assert_str_eq(buf_cstr(&buf), shop);
	buf_fini(&buf);
}
END_TEST

START_TEST(a_mistyped_agent_is_refused_by_field)
{
	struct agent agent;

	ck_assert_int_ne(parse("{\"name\":7}", &agent), AICX_OK);
	ck_assert_str_eq(err.field, "/name");
	ck_assert_int_ne(
	    parse("{\"endpoints\":[{\"kind\":\"pigeon\"}]}", &agent), AICX_OK);
	ck_assert_str_eq(err.field, "/endpoints/0/kind");
	ck_assert_int_ne(parse("{\"endpoints\":[{}]}", &agent), AICX_OK);
	ck_assert_int_ne(parse("{\"capabilities\":[{}]}", &agent), AICX_OK);
	ck_assert_str_eq(err.field, "/capabilities/0/name");
	ck_assert_int_ne(parse("{\"nmae\":\"x\"}", &agent), AICX_OK);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("agent");
	TCase *tcase = tcase_create("agent");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(
	    tcase, a_name_is_made_of_small_letters_digits_and_three_signs);
	tcase_add_test(tcase, any_other_name_is_refused);
	tcase_add_test(tcase, a_name_has_at_most_128_letters);
	tcase_add_test(tcase, an_id_follows_the_same_rule);
	tcase_add_test(tcase, no_id_is_there_twice);
	tcase_add_test(tcase, one_bad_capability_refuses_the_agent);
	tcase_add_test(tcase, an_id_is_found_before_a_name);
	tcase_add_test(tcase, an_agent_is_read_and_printed_back);
	tcase_add_test(tcase, a_mistyped_agent_is_refused_by_field);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
