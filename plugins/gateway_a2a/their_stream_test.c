/* SPDX-License-Identifier: Apache-2.0 */
/* their_stream_test.c - work whose answer is a stream: its progress, its end,
   and what is left when it breaks. */
#include "test_errand.h"

#include <string.h>

#define EVENT(inner) "data: " RESULT(inner) "\n\n"
#define UPDATE(state, more)                                                    \
	"{\"statusUpdate\":{\"taskId\":\"t/1\",\"status\":{\"state\":"         \
	"\"TASK_STATE_" state "\"" more "}}}"

static void
open_stream(void)
{
	execute("1");
	answer(CARD_OF(RPC, STREAMS));
	ck_assert_ptr_nonnull(
	    strstr(host.body, "\"method\":\"SendStreamingMessage\""));
	ck_assert_ptr_nonnull(strstr(host.headers, "text/event-stream"));
	ck_assert_ptr_nonnull(host.part);
	ck_assert_int_eq(host.timeout_ms, 30000); /* the work's own time */
}

START_TEST(a_stream_is_progress_and_the_task_is_the_result)
{
	open_stream();
	part(EVENT("{\"task\":" TASK("SUBMITTED") "}") ": tick\n\ndata: ");
	part(RESULT(UPDATE(
	    "WORKING", ",\"message\":{\"parts\":[{\"text\":\"half\"}]}")));
	ck_assert_str_eq(host.progress, "");
	part("\n\n");
	ck_assert_str_eq(host.progress, "{\"message\":\"half\"}");
	part(
	    EVENT("{\"artifactUpdate\":{\"taskId\":\"t/1\",\"artifact\":{}}}"));
	part(EVENT(UPDATE("COMPLETED", "")));
	ck_assert_int_eq(host.n_cancelled, 1); /* the stream is done with */
	ck_assert_ptr_nonnull(strstr(host.body, "\"method\":\"GetTask\""));
	answer(RESULT(DONE));
	ck_assert_str_eq(host.output, OUTPUT);
	ck_assert_int_eq(host.n_done, 1);
}
END_TEST

START_TEST(a_stream_may_be_one_message_or_end_with_the_task)
{
	open_stream();
	part(EVENT("{\"message\":{\"parts\":[{\"text\":\"ho\"}]}}") "more");
	ck_assert_int_eq(host.n_done, 1);
	fake_advance(fake, 60000);
	open_stream();
	part(EVENT("{\"task\":" DONE "}"));
	ck_assert_int_eq(host.n_done, 2);
	ck_assert_str_eq(host.output, OUTPUT);
	fake_advance(fake, 60000);
	open_stream();
	part(EVENT("{\"task\":" TASK("WORKING") "}"));
	part(EVENT(UPDATE("FAILED", "")));
	ck_assert_int_eq(host.n_done, 3);
	ck_assert_str_eq(host.code, "agent_failed");
	ck_assert(!host.open);
}
END_TEST

START_TEST(a_lost_stream_is_no_lost_task)
{
	open_stream();
	part(EVENT("{\"task\":" TASK("WORKING") "}"));
	stream_ends(AICX_EIO);
	ck_assert_ptr_nonnull(strstr(host.body, "\"method\":\"GetTask\""));
	answer(RESULT(DONE));
	ck_assert_str_eq(host.output, OUTPUT);
	fake_advance(fake, 60000);
	open_stream();
	stream_ends(AICX_OK);
	ck_assert_str_eq(host.code, "invalid_agent_response");
	fake_advance(fake, 60000);
	open_stream();
	part("data: {broken\n\n");
	ck_assert_int_eq(host.n_done, 3);
	ck_assert_str_eq(host.code, "invalid_agent_response");
	ck_assert(!host.open);
}
END_TEST

START_TEST(an_answer_instead_of_a_stream_is_an_answer)
{
	const struct aicx_http_outcome head = { .size = sizeof head,
		.status = 200,
		.content_type = STR("application/json") };

	open_stream();
	host.part(&head, STR("{\"error\":{\"code\":-32004,"), host.arg);
	host.part(&head, STR("\"message\":\"no streams\"}}"), host.arg);
	answer("");
	ck_assert_str_eq(host.code, "agent_refused");
	ck_assert_str_eq(host.detail, "no streams");
}
END_TEST

START_TEST(recalled_streams_are_cancelled_too)
{
	open_stream();
	recall();
	part(EVENT("{\"task\":" TASK("WORKING") "}"));
	ck_assert_ptr_nonnull(strstr(host.body, "\"method\":\"CancelTask\""));
	answer("{}");
	fake_advance(fake, 60000);
	open_stream();
	part(EVENT("{\"task\":" TASK("WORKING") "}"));
	recall();
	ck_assert_ptr_nonnull(strstr(host.body, "\"method\":\"CancelTask\""));
	answer("{}");
	ck_assert_int_eq(host.n_done, 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("their_stream");
	TCase *tcase = tcase_create("their_stream");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_stream_is_progress_and_the_task_is_the_result);
	tcase_add_test(tcase, a_stream_may_be_one_message_or_end_with_the_task);
	tcase_add_test(tcase, a_lost_stream_is_no_lost_task);
	tcase_add_test(tcase, an_answer_instead_of_a_stream_is_an_answer);
	tcase_add_test(tcase, recalled_streams_are_cancelled_too);
	suite_add_tcase(suite, tcase);
	return errand_run(suite);
}
