/* SPDX-License-Identifier: Apache-2.0 */
/* table_test.c - results for people, and answers that are kept. */
#include "cli/table.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "base/str.h"
#include "cli/outside.h"
#include "cli/replies.h"

static void
expect(const char *json, const char *columns, const char *wanted)
{
	struct buf text = { 0 };

	table_print(&text, str_of(json), columns, false);
	ck_assert_str_eq(buf_cstr(&text), wanted);
	buf_fini(&text);
}

START_TEST(a_list_becomes_a_table)
{
	expect("{\"agents\":[{\"agent_id\":\"a\",\"caps\":[{\"name\":\"x\"}],"
	       "\"price\":{\"amount\":\"1.0\",\"currency\":\"AIC\"}},"
	       "{\"agent_id\":\"\xC3\xA9\xC3\xA9\xC3\xA9\"}],\"cursor\":\"c\"}",
	    "agent_id name=caps.0.name price",
	    "AGENT ID  NAME  PRICE\n"
	    "a         x     1.0 AIC\n"
	    "\xC3\xA9\xC3\xA9\xC3\xA9       -     -\n");
	expect("{\"agents\":[]}", "agent_id", "none\n");
	expect("[]", "agent_id", "none\n");
}
END_TEST

START_TEST(an_object_becomes_lines)
{
	expect("{\"a\":1,\"long\":\"text\",\"m\":{\"amount\":\"2\","
	       "\"currency\":\"AIC\"},\"n\":null,\"o\":{\"x\":[1]}}",
	    NULL, "a     1\nlong  text\nm     2 AIC\nn     -\no.x   [1]\n");
	expect("true", NULL, "true\n");
	expect("no json", NULL, "no json");
}
END_TEST

START_TEST(a_strangers_text_moves_no_cursor)
{
	expect("{\"a\":\"x\\u001b[2Jy\\n\\u009bz\"}", NULL, "a  x [2Jy   z\n");
}
END_TEST

START_TEST(a_reply_is_kept_until_there_are_too_many)
{
	struct replies replies;
	struct aicx_id first = outside_id(), again = first;

	replies_init(&replies);
	struct reply *reply =
	    replies_keep(&replies, &first, MSG_RESULT, STR("one"));
	struct aicx_id id = reply->id;
	ck_assert_ptr_eq(replies_find(&replies, &again), reply);
	ck_assert(id_eq(&replies_find(&replies, &again)->id, &id));
	for (int i = 0; i < REPLIES_MAX; i++) {
		struct aicx_id other = outside_id();
		(void)replies_keep(&replies, &other, MSG_ERROR, STR("x"));
	}
	ck_assert_ptr_null(replies_find(&replies, &first));
	ck_assert_uint_eq(map_len(&replies.by_asked), REPLIES_MAX);
	replies_fini(&replies);
}
END_TEST

START_TEST(large_replies_push_out_old_ones)
{
	enum { LARGE = 20 * 1024 * 1024 };
	struct replies replies;
	struct aicx_id ids[4];
	char *text = calloc(1, LARGE);

	replies_init(&replies);
	for (int i = 0; i < 4; i++) {
		ids[i] = outside_id();
		(void)replies_keep(&replies, &ids[i], MSG_RESULT,
		    (struct aicx_str) { text, LARGE });
	}
	ck_assert_ptr_null(replies_find(&replies, &ids[0]));
	ck_assert_ptr_nonnull(replies_find(&replies, &ids[1]));
	ck_assert_uint_eq(replies.n_bytes, 3u * LARGE);
	replies_fini(&replies);
	free(text);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("table");
	TCase *tcase = tcase_create("table");

	tcase_add_test(tcase, a_list_becomes_a_table);
	tcase_add_test(tcase, an_object_becomes_lines);
	tcase_add_test(tcase, a_strangers_text_moves_no_cursor);
	tcase_add_test(tcase, a_reply_is_kept_until_there_are_too_many);
	tcase_add_test(tcase, large_replies_push_out_old_ones);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
