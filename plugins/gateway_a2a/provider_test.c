/* SPDX-License-Identifier: Apache-2.0 */
/* provider_test.c - work for agents of others: what they are asked, and what
   their answers are worth. */
#include "test_errand.h"

#include <string.h>

START_TEST(work_is_a_message_whose_id_is_the_execution)
{
	execute("{\"n\":1.5}");
	answer(CARD_OF(RPC, ""));
	ck_assert_str_eq(host.url, "http://a.example/rpc");
	ck_assert_ptr_nonnull(strstr(host.headers, "A2A-Version: 1.0\n"));
	ck_assert_ptr_nonnull(strstr(host.headers, "traceparent: " TRACE "\n"));
	ck_assert_ptr_nonnull(strstr(host.body, "\"method\":\"SendMessage\""));
	ck_assert_ptr_nonnull(strstr(host.body,
	    "\"messageId\":\"0197f2d4-0000-7000-8000-000000000001\""));
	ck_assert_ptr_nonnull(
	    strstr(host.body, "\"parts\":[{\"data\":{\"n\":1.5}}]"));
	ck_assert_ptr_nonnull(
	    strstr(host.body, "\"metadata\":{\"skill\":\"Echo!\"}"));
	answer(RESULT("{\"task\":" DONE "}"));
	ck_assert_int_eq(host.n_done, 1);
	ck_assert_str_eq(host.output, OUTPUT);
}
END_TEST

START_TEST(text_goes_as_a_text_part)
{
	static const char *const inputs[] = { "\"hi\"", "{\"text\":\"hi\"}" };

	for (int i = 0; i < 2; i++) {
		execute(inputs[i]);
		if (i == 0)
			answer(CARD_OF(RPC, ""));
		ck_assert_ptr_nonnull(
		    strstr(host.body, "\"parts\":[{\"text\":\"hi\"}]"));
		answer(RESULT("{\"message\":{\"parts\":[{\"text\":\"ho\"}]}}"));
		ck_assert_str_eq(host.output,
		    "{\"artifacts\":[{\"artifactId\":\"message\",\"parts\":["
		    "{\"text\":\"ho\"}]}]}");
	}
}
END_TEST

START_TEST(a_task_is_asked_about_until_it_ends)
{
	execute("1");
	answer(CARD_OF(REST, ""));
	ck_assert_str_eq(host.url, "http://a.example/rest/message:send");
	answer("{\"task\":" TASK("SUBMITTED") "}");
	ck_assert_int_eq(host.n_asked, 2);
	fake_advance(fake, 200);
	ck_assert_str_eq(
	    host.url, "http://a.example/rest/tasks/t%2F1?historyLength=0");
	ck_assert_str_eq(host.method, "GET");
	answer_with(AICX_EIO, 0, "", NULL, 0); /* a lost answer says nothing */
	fake_advance(fake, 400);
	answer_with(AICX_OK, 503, "", NULL, 0);
	fake_advance(fake, 800);
	answer(TASK("WORKING"));
	ck_assert_int_eq(host.n_done, 0);
	fake_advance(fake, 1600);
	answer(DONE);
	ck_assert_int_eq(host.n_done, 1);
	ck_assert_str_eq(host.output, OUTPUT);
	ck_assert_ptr_null(fake->keys); /* nothing of it is kept */
}
END_TEST

START_TEST(a_tenant_is_said_in_the_path_or_the_params)
{
	execute("1");
	answer(CARD_OF(
	    "{\"url\":\"http://a.example/r\",\"protocolBinding\":\"HTTP+JSON\","
	    "\"protocolVersion\":\"1.0\",\"tenant\":\"x\"}",
	    ""));
	ck_assert_str_eq(host.url, "http://a.example/r/x/message:send");
	answer("{\"task\":" DONE "}");
	fake_advance(fake, 60000);
	execute("1");
	answer(CARD_OF(
	    "{\"url\":\"http://a.example/r\",\"protocolBinding\":\"JSONRPC\","
	    "\"protocolVersion\":\"1.0\",\"tenant\":\"x\"}",
	    ""));
	ck_assert_ptr_nonnull(strstr(host.body, "\"tenant\":\"x\""));
	answer(RESULT("{\"task\":" DONE "}"));
}
END_TEST

static const struct {
	aicx_err err;
	uint16_t status;
	const char *body, *code;
	bool retryable;
} ends[] = {
	{ AICX_OK, 200, RESULT("{\"task\":" TASK("FAILED") "}"), "agent_failed",
	    false },
	{ AICX_OK, 200, RESULT("{\"task\":" TASK("REJECTED") "}"),
	    "agent_rejected", false },
	{ AICX_OK, 200, RESULT("{\"task\":" TASK("CANCELED") "}"),
	    "agent_canceled", false },
	{ AICX_OK, 200, RESULT("{\"task\":" TASK("MARRIED") "}"),
	    "invalid_agent_response", false },
	{ AICX_OK, 200, RESULT("{\"task\":{\"id\":\"\",\"status\":{}}}"),
	    "invalid_agent_response", false },
	{ AICX_OK, 200, RESULT("{}"), "invalid_agent_response", false },
	{ AICX_OK, 200, RESULT("7"), "invalid_agent_response", false },
	{ AICX_OK, 200, RESULT("{\"message\":{\"parts\":[]}}"),
	    "invalid_agent_response", false },
	{ AICX_OK, 200,
	    RESULT("{\"task\":{\"id\":\"t\",\"status\":{\"state\":"
		   "\"TASK_STATE_COMPLETED\"},\"artifacts\":[{}]}}"),
	    "invalid_agent_response", false },
	{ AICX_OK, 200, "{", "invalid_agent_response", false },
	{ AICX_OK, 200, "", "invalid_agent_response", false },
	{ AICX_OK, 200, "{\"error\":{\"code\":-32602,\"message\":\"no\"}}",
	    "agent_refused", false },
	{ AICX_OK, 200, "{\"error\":{\"code\":-32603,\"message\":\"ow\"}}",
	    "agent_refused", true },
	{ AICX_OK, 401, "{}", "auth_required", false },
	{ AICX_OK, 403, "{}", "auth_required", false },
	{ AICX_OK, 429, "{}", "agent_failed", true },
	{ AICX_OK, 500, "{}", "agent_failed", true },
	{ AICX_ETIMEDOUT, 0, "", "timeout", true },
	{ AICX_EDENIED, 0, "", "denied", false },
	{ AICX_ELIMIT, 0, "", "too_large", false },
	{ AICX_EIO, 0, "", "agent_unreachable", true },
};

START_TEST(each_end_has_its_word)
{
	execute("1");
	answer(CARD_OF(RPC, ""));
	answer_with(ends[_i].err, ends[_i].status, ends[_i].body, NULL, 0);
	ck_assert_int_eq(host.n_done, 1);
	ck_assert_int_ne(host.err, AICX_OK);
	ck_assert_str_eq(host.code, ends[_i].code);
	ck_assert_msg(host.retryable == ends[_i].retryable, "%s", host.code);
	ck_assert(!host.open);
}
END_TEST

START_TEST(a_task_that_asks_in_vain_fails_and_is_cancelled)
{
	host.ask_err = AICX_ESTATE;
	execute("1");
	answer(CARD_OF(RPC, ""));
	answer(RESULT(
	    "{\"task\":{\"id\":\"t/1\",\"status\":{\"state\":"
	    "\"TASK_STATE_AUTH_REQUIRED\",\"message\":{\"parts\":[{\"text\":"
	    "\"who?\"}]}}}}"));
	ck_assert_int_eq(host.n_done, 1);
	ck_assert_str_eq(host.code, "auth_required");
	ck_assert_str_eq(host.detail, "who?");
	ck_assert_ptr_nonnull(strstr(host.body, "\"method\":\"CancelTask\""));
	ck_assert_ptr_nonnull(strstr(host.body, "\"id\":\"t/1\""));
	answer("nonsense");
	ck_assert_int_eq(host.n_done, 1);
}
END_TEST

#define ASKS                                                                   \
	"{\"id\":\"t/1\",\"status\":{\"state\":\"TASK_STATE_INPUT_REQUIRED\"," \
	"\"message\":{\"parts\":[{\"text\":\"which?\"}]}}}"

START_TEST(what_a_task_asks_goes_to_the_buyer_and_the_answer_back)
{
	execute("1");
	answer(CARD_OF(RPC, ""));
	answer(RESULT("{\"task\":" ASKS "}"));
	ck_assert_str_eq(host.question,
	    "{\"message\":\"which?\",\"auth\":false,\"data\":{\"parts\":"
	    "[{\"text\":\"which?\"}]}}");
	ck_assert_int_eq(host.n_done, 0);
	fake_advance(fake, 60000); /* it is asked about meanwhile */
	ck_assert_ptr_nonnull(strstr(host.body, "\"method\":\"GetTask\""));
	tell("\"the red one\"");
	ck_assert_int_eq(host.n_cancelled, 1); /* of that */
	ck_assert_ptr_nonnull(strstr(host.body, "\"method\":\"SendMessage\""));
	ck_assert_ptr_nonnull(strstr(host.body, "\"taskId\":\"t/1\""));
	ck_assert_ptr_nonnull(
	    strstr(host.body, "[{\"text\":\"the red one\"}]"));
	answer(RESULT("{\"task\":" TASK("WORKING") "}"));
	fake_advance(fake, 60000);
	answer(RESULT(DONE));
	ck_assert_str_eq(host.output, OUTPUT);
	ck_assert_ptr_null(fake->keys);
}
END_TEST

START_TEST(a_task_that_goes_on_by_itself_asks_no_more)
{
	execute("1");
	answer(CARD_OF(RPC, ""));
	answer(RESULT("{\"task\":" ASKS "}"));
	fake_advance(fake, 60000);
	answer(RESULT(TASK("WORKING")));
	ck_assert_str_eq(host.question, "");
	fake_advance(fake, 60000);
	answer(RESULT(DONE));
	ck_assert_int_eq(host.n_done, 1);
}
END_TEST

START_TEST(an_answer_that_is_lost_is_asked_for_again)
{
	execute("1");
	answer(CARD_OF(RPC, ""));
	answer(RESULT("{\"task\":" ASKS "}"));
	tell("{\"n\":1}");
	ck_assert_ptr_nonnull(strstr(host.body, "[{\"data\":{\"n\":1}}]"));
	host.question[0] = '\0';
	answer_with(AICX_EIO, 0, "", NULL, 0);
	fake_advance(fake, 60000);
	answer(RESULT(ASKS));
	ck_assert_str_ne(host.question, "");
	recall();
	ck_assert_ptr_nonnull(strstr(host.body, "\"method\":\"CancelTask\""));
	answer(RESULT(ASKS));
	ck_assert_int_eq(host.n_done, 0);
}
END_TEST

START_TEST(an_answer_that_the_agent_refuses_fails_the_work)
{
	execute("1");
	answer(CARD_OF(RPC, ""));
	answer(RESULT("{\"task\":" ASKS "}"));
	tell("1");
	answer("{\"error\":{\"code\":-32602,\"message\":\"no\"}}");
	ck_assert_str_eq(host.code, "agent_refused");
	ck_assert(!host.open);
}
END_TEST

#define AWAY DOOR("http://b.example/rpc", "JSONRPC")

START_TEST(what_the_agent_wants_to_see_goes_to_its_own_origin_alone)
{
	fake->table.errand_pass = show_pass;
	execute("1");
	ck_assert_ptr_nonnull(strstr(host.headers, "X-API-Key: s3cret\n"));
	answer(CARD_OF(RPC, ""));
	ck_assert_str_eq(host.url, "http://a.example/rpc");
	ck_assert_ptr_nonnull(strstr(host.headers, "X-API-Key: s3cret\n"));
	answer(RESULT("{\"task\":" TASK("WORKING") "}"));
	recall(); /* the task is cancelled under it, too */
	ck_assert_ptr_nonnull(strstr(host.body, "\"method\":\"CancelTask\""));
	ck_assert_ptr_nonnull(strstr(host.headers, "X-API-Key: s3cret\n"));
	answer("{}");
	fake_advance(fake, 60000);
	execute("1");
	answer(CARD_OF(AWAY, ""));
	ck_assert_str_eq(host.url, "http://b.example/rpc");
	ck_assert_ptr_null(strstr(host.headers, "s3cret"));
	answer(RESULT("{\"task\":" DONE "}"));
	fake->table.errand_pass = NULL;
}
END_TEST

START_TEST(a_task_that_the_agent_forgot_is_ordered_again)
{
	execute("1");
	answer(CARD_OF(RPC, ""));
	answer(RESULT("{\"task\":" TASK("WORKING") "}"));
	/* The broker is started again: it asks, it does not order. */
	reopen(NULL, 0, NULL);
	host.open = false;
	execute("1");
	answer(CARD_OF(RPC, ""));
	ck_assert_ptr_nonnull(strstr(host.body, "\"method\":\"GetTask\""));
	answer("{\"error\":{\"code\":-32001,\"message\":\"none\"}}");
	ck_assert_str_eq(host.code, "task_lost");
	ck_assert(host.retryable);
	execute("1");
	ck_assert_ptr_nonnull(strstr(host.body, "\"method\":\"SendMessage\""));
}
END_TEST

START_TEST(a_skill_that_changed_is_not_asked)
{
	static const char other[] =
	    "{\"name\":\"them\",\"supportedInterfaces\":[" RPC "],"
	    "\"skills\":[{\"id\":\"Echo!\",\"outputModes\":[\"a/b\"]}]}";
	static const char none[] =
	    "{\"name\":\"them\",\"supportedInterfaces\":[" RPC "],"
	    "\"skills\":[{\"id\":\"Other\"}]}";

	describe("http://a.example");
	answer(CARD_OF(RPC, ""));
	fake_advance(fake, 60000);
	execute("1");
	answer(other);
	ck_assert_str_eq(host.code, "skill_changed");
	fake_advance(fake, 60000);
	execute("1");
	answer(none);
	ck_assert_str_eq(host.code, "skill_gone");
	ck_assert(!host.retryable);
	ck_assert(!host.open);
	/* Registered anew it is what it is now. */
	describe("http://a.example");
	answer(other);
	execute("1");
	ck_assert_str_eq(host.url, "http://a.example/rpc");
}
END_TEST

START_TEST(recalled_work_is_cancelled_at_the_agent)
{
	execute("1");
	recall();
	ck_assert_int_eq(host.n_cancelled, 1); /* of the card: that was all */
	execute("1");
	answer(CARD_OF(RPC, ""));
	recall(); /* the message is out: its answer names the task */
	ck_assert(host.open);
	answer(RESULT("{\"task\":" TASK("WORKING") "}"));
	ck_assert_ptr_nonnull(strstr(host.body, "\"method\":\"CancelTask\""));
	ck_assert_ptr_nonnull(strstr(host.body, "\"id\":\"t/1\""));
	answer("{}");
	execute("1");
	answer(RESULT("{\"task\":" TASK("WORKING") "}"));
	recall();
	ck_assert_ptr_nonnull(strstr(host.body, "\"method\":\"CancelTask\""));
	answer_with(AICX_EIO, 0, "", NULL, 0);
	fake_advance(fake, 60000);
	ck_assert_int_eq(host.n_done, 0);
	ck_assert(!host.open);
}
END_TEST

START_TEST(closing_gives_up_what_is_open)
{
	execute("1");
	answer(CARD_OF(RPC, ""));
	answer(RESULT("{\"task\":" TASK("WORKING") "}"));
	plugin->close(state);
	state = NULL;
	ck_assert_int_eq(host.n_done, 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("provider");
	TCase *tcase = tcase_create("provider");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, work_is_a_message_whose_id_is_the_execution);
	tcase_add_test(tcase, text_goes_as_a_text_part);
	tcase_add_test(tcase, a_task_is_asked_about_until_it_ends);
	tcase_add_test(tcase, a_tenant_is_said_in_the_path_or_the_params);
	tcase_add_loop_test(tcase, each_end_has_its_word, 0,
	    (int)(sizeof ends / sizeof ends[0]));
	tcase_add_test(tcase, a_task_that_asks_in_vain_fails_and_is_cancelled);
	tcase_add_test(
	    tcase, what_a_task_asks_goes_to_the_buyer_and_the_answer_back);
	tcase_add_test(
	    tcase, what_the_agent_wants_to_see_goes_to_its_own_origin_alone);
	tcase_add_test(tcase, a_task_that_goes_on_by_itself_asks_no_more);
	tcase_add_test(tcase, an_answer_that_is_lost_is_asked_for_again);
	tcase_add_test(tcase, an_answer_that_the_agent_refuses_fails_the_work);
	tcase_add_test(tcase, a_task_that_the_agent_forgot_is_ordered_again);
	tcase_add_test(tcase, a_skill_that_changed_is_not_asked);
	tcase_add_test(tcase, recalled_work_is_cancelled_at_the_agent);
	tcase_add_test(tcase, closing_gives_up_what_is_open);
	suite_add_tcase(suite, tcase);
	return errand_run(suite);
}
