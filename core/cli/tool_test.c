/* SPDX-License-Identifier: Apache-2.0 */
/* tool_test.c - messages, tools and results of MCP servers, good and bad. */
#include "cli/tool.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

static aicx_err
read_line(const char *line, struct arena *arena, struct tool_message *ret)
{
	return tool_message_read(str_of(line), arena, ret, NULL);
}

START_TEST(messages_are_told_apart)
{
	static const struct {
		const char *line;
		enum tool_message_kind kind;
	} good[] = {
		{ "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}",
		    TOOL_REQUEST },
		{ "{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"ping\","
		  "\"params\":{}}",
		    TOOL_REQUEST },
		{ "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/x\"}",
		    TOOL_NOTIFICATION },
		{ "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}", TOOL_RESULT },
		{ "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":1}}",
		    TOOL_ERROR },
	};
	static const char *const bad[] = {
		"",
		"hello",
		"[]",
		"{\"id\":1,\"result\":{}}",
		"{\"jsonrpc\":\"1.0\",\"id\":1,\"result\":{}}",
		"{\"jsonrpc\":\"2.0\",\"id\":1}",
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{},\"error\":{}}",
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":7}",
		"{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"ping\"}",
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":5,\"result\":{}}",
	};
	struct arena arena = { 0 };
	struct tool_message message;

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		ck_assert_msg(
		    read_line(good[i].line, &arena, &message) == AICX_OK, "%s",
		    good[i].line);
		ck_assert_int_eq(message.kind, good[i].kind);
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		ck_assert_msg(
		    read_line(bad[i], &arena, &message) == AICX_EINVAL, "%s",
		    bad[i]);
	arena_fini(&arena);
}
END_TEST

static aicx_err
take(struct tools *tools, const char *page, const char *prefix,
    struct arena *arena, struct aicx_str *ret_cursor)
{
	struct json *doc = arena_new(arena, sizeof *doc);

	ck_assert_int_eq(json_parse(str_of(page), arena, doc, NULL), AICX_OK);
	return tools_take(
	    tools, json_root(doc), prefix, arena, ret_cursor, NULL);
}

START_TEST(tools_come_page_by_page_with_their_schemas_as_they_are)
{
	struct arena arena = { 0 };
	struct tools tools = { .n = 0 };
	struct aicx_str cursor;

	ck_assert_int_eq(
	    take(&tools,
		"{\"tools\":[{\"name\":\"Get Page\",\"description\":\"D\","
		"\"inputSchema\":{ \"type\": \"object\", \"x\": 1e3 }}],"
		"\"nextCursor\":\"p2\"}",
		"web", &arena, &cursor),
	    AICX_OK);
	ck_assert(str_is(cursor, "p2"));
	ck_assert_int_eq(
	    take(&tools,
		"{\"tools\":[{\"name\":\"sum\",\"title\":\"T\",\"inputSchema\":"
		"{\"type\":\"object\"},\"outputSchema\":{\"type\":\"object\"}}]"
		"}",
		"web", &arena, &cursor),
	    AICX_OK);
	ck_assert_ptr_null(cursor.ptr);
	ck_assert_uint_eq(tools.n, 2);
	const struct tool *page = tools_find(&tools, STR("web.get_page"));
	ck_assert_ptr_nonnull(page);
	ck_assert_str_eq(page->name, "Get Page");
	ck_assert_str_eq(page->description, "D");
	ck_assert_str_eq(
	    page->input_schema, "{ \"type\": \"object\", \"x\": 1e3 }");
	ck_assert_ptr_null(page->output_schema);
	ck_assert_str_eq(tools_find(&tools, STR("web.sum"))->description, "T");
	ck_assert_ptr_null(tools_find(&tools, STR("sum")));
	tools_fini(&tools);
	arena_fini(&arena);
}
END_TEST

START_TEST(tools_that_cannot_be_sold_are_left_out)
{
	static const char page[] =
	    "{\"tools\":[{\"name\":\"\",\"inputSchema\":{\"type\":\"object\"}},"
	    "{\"name\":\"a\"},{\"name\":\"b\",\"inputSchema\":{\"type\":"
	    "\"string\"}},{\"name\":\"c\\u0000d\",\"inputSchema\":{\"type\":"
	    "\"object\"}},{\"name\":\"e\",\"inputSchema\":{\"type\":\"object\"}"
	    ",\"outputSchema\":7},7,{\"name\":\"f\",\"inputSchema\":{\"type\":"
	    "\"object\"}},{\"name\":\"F\",\"inputSchema\":{\"type\":\"object\"}"
	    "}]}";
	struct arena arena = { 0 };
	struct tools tools = { .n = 0 };
	struct aicx_str cursor;

	ck_assert_int_eq(take(&tools, page, NULL, &arena, &cursor), AICX_OK);
	ck_assert_uint_eq(tools.n, 1);
	ck_assert_uint_eq(tools.n_left_out, 7);
	ck_assert_str_eq(tools.list[0].name, "f");
	ck_assert_int_eq(
	    take(&tools, "{\"tools\":{}}", NULL, &arena, &cursor), AICX_EINVAL);
	for (int i = 0; i < 2 * TOOLS_MAX; i++) {
		char one[128];
		(void)snprintf(one, sizeof one,
		    "{\"tools\":[{\"name\":\"t%d\",\"inputSchema\":{\"type\":"
		    "\"object\"}}]}",
		    i);
		ck_assert_int_eq(
		    take(&tools, one, NULL, &arena, &cursor), AICX_OK);
	}
	ck_assert_uint_eq(tools.n, TOOLS_MAX);
	tools_fini(&tools);
	arena_fini(&arena);
}
END_TEST

START_TEST(what_differs_has_changed_and_the_rest_has_not)
{
	static const char before[] =
	    "{\"tools\":[{\"name\":\"a\",\"inputSchema\":{\"type\":\"object\"}}"
	    ",{\"name\":\"b\",\"inputSchema\":{\"type\":\"object\"}}]}";
	static const char after[] =
	    "{\"tools\":[{\"name\":\"b\",\"description\":\"new "
	    "words\",\"inputSchema\":{\"type\":\"object\"}},{\"name\":\"a\","
	    "\"inputSchema\":{\"type\":\"object\",\"required\":[\"x\"]}},"
	    "{\"name\":\"c\",\"inputSchema\":{\"type\":\"object\"}}]}";
	struct arena arena = { 0 };
	struct tools old = { .n = 0 }, new = { .n = 0 };
	struct aicx_str cursor;

	ck_assert_int_eq(take(&old, before, NULL, &arena, &cursor), AICX_OK);
	ck_assert_int_eq(take(&new, after, NULL, &arena, &cursor), AICX_OK);
	tools_compare(&new, &old, 5000);
	ck_assert_int_eq(tools_find(&new, STR("a"))->changed_ms, 5000);
	ck_assert_int_eq(tools_find(&new, STR("b"))->changed_ms, 0);
	ck_assert_int_eq(tools_find(&new, STR("c"))->changed_ms, 5000);
	tools_fini(&old);
	tools_fini(&new);
	arena_fini(&arena);
}
END_TEST

static void
expect_output(const char *result, bool has_schema, const char *output)
{
	struct arena arena = { 0 };
	struct buf buf = { 0 };
	struct json doc;

	ck_assert_int_eq(
	    json_parse(str_of(result), &arena, &doc, NULL), AICX_OK);
	ck_assert_int_eq(
	    tool_output(json_root(&doc), has_schema, &arena, &buf, NULL),
	    AICX_OK);
	ck_assert_str_eq(buf_cstr(&buf), output);
	buf_fini(&buf);
	arena_fini(&arena);
}

static void
expect_failure(
    const char *result, bool has_schema, const char *word, const char *text)
{
	struct arena arena = { 0 };
	struct buf buf = { 0 };
	struct aicx_error why = { 0 };
	struct json doc;

	ck_assert_int_eq(
	    json_parse(str_of(result), &arena, &doc, NULL), AICX_OK);
	ck_assert_int_eq(
	    tool_output(json_root(&doc), has_schema, &arena, &buf, &why),
	    AICX_EIO);
	ck_assert_str_eq(why.word, word);
	ck_assert_msg(strstr(why.text, text) != NULL, "%s", why.text);
	buf_fini(&buf);
	arena_fini(&arena);
}

START_TEST(a_result_is_its_structure_or_its_content)
{
	expect_output("{\"content\":[],\"structuredContent\":{\"a\": 1.50}}",
	    true, "{\"a\": 1.50}");
	expect_output(
	    "{\"resultType\":\"complete\",\"content\":[{\"type\":\"text\","
	    "\"text\":\"x\"}],\"_meta\":{}}",
	    false, "{\"content\":[{\"type\":\"text\",\"text\":\"x\"}]}");
}
END_TEST

START_TEST(a_result_that_is_none_is_a_failure)
{
	expect_failure("{\"content\":[{\"type\":\"text\",\"text\":\"disk "
		       "full\"}],\"isError\":true}",
	    false, "tool_failed", "disk full");
	expect_failure("{\"isError\":true}", false, "tool_failed", "failed");
	expect_failure("{\"content\":[]}", true, "invalid_output", "promises");
	expect_failure("{}", false, "invalid_output", "no content");
	expect_failure("{\"resultType\":\"input_required\",\"content\":[]}",
	    false, "invalid_output", "input_required");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("tool");
	TCase *tcase = tcase_create("tool");

	tcase_add_test(tcase, messages_are_told_apart);
	tcase_add_test(
	    tcase, tools_come_page_by_page_with_their_schemas_as_they_are);
	tcase_add_test(tcase, tools_that_cannot_be_sold_are_left_out);
	tcase_add_test(tcase, what_differs_has_changed_and_the_rest_has_not);
	tcase_add_test(tcase, a_result_is_its_structure_or_its_content);
	tcase_add_test(tcase, a_result_that_is_none_is_a_failure);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
