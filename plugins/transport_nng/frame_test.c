/* SPDX-License-Identifier: Apache-2.0 */
/* frame_test.c - what is read of a message, whole or hostile. */
#include "frame.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static void
expect(const char *text, const char *id, const char *correlation, bool asks)
{
	struct frame frame = frame_read(text_of(text));

	ck_assert_msg(text_same(frame.id, text_of(id)) &&
		text_same(frame.correlation, text_of(correlation)) &&
		frame.asks == asks,
	    "%s", text);
}

START_TEST(a_message_says_what_it_is_and_what_it_answers)
{
	expect("{\"id\":\"1\",\"version\":\"1.0\",\"type\":\"QUERY\","
	       "\"payload\":{\"id\":\"2\"},\"signature\":\"x\"}",
	    "1", "", true);
	expect("{\"id\":\"1\",\"type\":\"RESULT\",\"correlation_id\":\"3\","
	       "\"payload\":{}}",
	    "1", "3", false);
	expect("{\"id\":\"1\",\"type\":\"EXECUTE\"}", "1", "", true);
	expect("{\"id\":\"1\",\"type\":\"OFFER\"}", "1", "", true);
	expect("{\"id\":\"1\",\"type\":\"HEARTBEAT\"}", "1", "", true);
	expect("{\"id\":\"1\",\"type\":\"ACK\",\"correlation_id\":\"4\"}", "1",
	    "4", false);
}
END_TEST

START_TEST(the_order_of_members_does_not_matter)
{
	expect(
	    "{ \"payload\" : {\"type\":\"QUERY\",\"correlation_id\":\"9\"}, "
	    "\"correlation_id\" : \"3\", \"type\" : \"ERROR\", \"id\":\"1\"}",
	    "1", "3", false);
	expect("{\"id\":\"1\",\"type\":\"RESULT\",\"payload\":{\"a\":[1,{}]},"
	       "\"correlation_id\":\"3\"}",
	    "1", "3", false);
}
END_TEST

START_TEST(what_is_no_message_is_nothing)
{
	static const char *const texts[] = { "", "{", "}", "[]", "null",
		"\"id\"", "{\"id\"", "{\"id\":", "{\"id\":1}", "{\"id\":\"",
		"{\"", "{\"\\", "{\"type\":\"query\"}",
		"{\"type\":{\"QUERY\":1}}", "{{{{{{", "[[[[[[\"id\":\"1\"" };

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		expect(texts[i], "", "", false);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("frame");
	TCase *tcase = tcase_create("frame");
	SRunner *runner;
	int n_failed;

	tcase_add_test(tcase, a_message_says_what_it_is_and_what_it_answers);
	tcase_add_test(tcase, the_order_of_members_does_not_matter);
	tcase_add_test(tcase, what_is_no_message_is_nothing);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
