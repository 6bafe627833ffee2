/* SPDX-License-Identifier: Apache-2.0 */
/* follow_test.c - a method whose answers go on, as server-sent events. */
#include <aiconexus/gateway.h>
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "fake_host.h"

static const struct aicx_plugin *plugin;
static const struct aicx_method watch = {
	.size = sizeof watch,
	.name = "deal.watch",
	.summary = "test",
	.rest = "GET /v1/deals/{deal_id}/events",
	.permission = "deal.read",
	.success = 200,
	.follows = 1,
};

static struct fake *fake;
static void *settings, *state;
static struct aicx_exchange exchange;

static struct aicx_str
str(const char *text)
{
	return (struct aicx_str) { text, strlen(text) };
}

static void
setup(void)
{
	static const struct aicx_method *const methods[] = { &watch };
	struct aicx_error error;

	fake = fake_new();
	fake->methods = methods;
	fake->n_methods = 1;
	fake->hold_calls = true;
	settings = fake_settings(plugin);
	ck_assert_int_eq(plugin->open(&fake->table, fake_self(fake), settings,
			     &state, &error),
	    AICX_OK);
}

static void
teardown(void)
{
	if (state != NULL)
		plugin->close(state);
	state = NULL;
	fake_free(fake);
	free(settings);
}

static void
ask(const char *accept, const char *last)
{
	const struct aicx_header headers[] = {
		{ str("Accept"), str(accept) },
		{ str("Authorization"), str("Bearer key-1") },
		{ str("Last-Event-ID"), str(last != NULL ? last : "") },
	};
	const struct aicx_http_request request = {
		.size = sizeof request,
		.method = str("GET"),
		.path = str("/v1/deals/d-1/events"),
		.headers = headers,
		.n_headers = last != NULL ? 3 : 2,
		.address = str("127.0.0.1:1"),
		.secure = 1,
	};

	exchange = (struct aicx_exchange) { .fake = fake };
	plugin->ops.gateway->request(state, &exchange, &request);
}

static struct aicx_ticket *
question(size_t n)
{
	ck_assert_uint_eq(fake->n_calls, n);
	return fake->calls[n - 1];
}

static void
answer(size_t n, uint16_t status, const char *body)
{
	const struct aicx_answer said = { .size = sizeof said,
		.status = status,
		.retry_after_ms = -1,
		.content_type = str("application/json"),
		.body = str(body),
		.correlation = str("req-1") };

	fake_answer(question(n), &said);
}

#define EVENT(n, state_) "{\"cursor\":\"" n "\",\"state\":\"" state_ "\"}"
#define TOLD(events, cursor, final)                                            \
	"{\"events\":[" events "],\"cursor\":\"" cursor "\",\"final\":" final  \
	"}"

static bool
asks(size_t n, const char *text)
{
	return strstr(question(n)->params.ptr, text) != NULL;
}

START_TEST(events_go_out_until_the_final_one)
{
	ask("text/event-stream", NULL);
	ck_assert(asks(1, "\"deal_id\":\"d-1\""));
	ck_assert(!asks(1, "after"));
	ck_assert_str_eq(question(1)->credential, "key-1");
	ck_assert_uint_eq(fake->n_responses, 0);
	answer(1, 200, TOLD(EVENT("5", "open"), "5", "false"));
	ck_assert_uint_eq(fake->n_responses, 1);
	ck_assert_str_eq(fake->response_type.ptr, "text/event-stream");
	ck_assert_ptr_nonnull(
	    strstr(fake->response_headers.ptr, "Cache-Control: no-cache\n"));
	ck_assert_ptr_nonnull(
	    strstr(fake->response_headers.ptr, "X-Request-Id: req-1\n"));
	ck_assert_str_eq(
	    fake->response_body.ptr, "id: 5\ndata: " EVENT("5", "open") "\n\n");
	ck_assert(asks(2, "\"after\":\"5\""));
	answer(2, 200, TOLD("", "5", "false"));
	ck_assert_ptr_nonnull(
	    strstr(fake->response_body.ptr, "\n\n: keep-alive\n\n"));
	answer(3, 200,
	    TOLD(EVENT("6", "working") "," EVENT("7", "settled"), "7", "true"));
	ck_assert_uint_eq(fake->n_ended, 1);
	ck_assert(fake->complete);
	ck_assert_ptr_nonnull(strstr(fake->response_body.ptr,
	    "id: 6\ndata: " EVENT("6", "working") "\n\n"
						  "id: 7\ndata: " EVENT(
						      "7", "settled") "\n\n"));
	ck_assert_uint_eq(fake->n_calls, 3);
}
END_TEST

START_TEST(who_comes_back_goes_on_from_there)
{
	ask("text/html, text/event-stream;q=0.9", "41");
	ck_assert(asks(1, "\"after\":\"41\""));
}
END_TEST

START_TEST(a_refusal_before_the_first_event_is_an_ordinary_answer)
{
	ask("text/event-stream", NULL);
	answer(1, 404, "{\"code\":\"not_found\"}");
	ck_assert_int_eq(fake->response.status, 404);
	ck_assert(!exchange.begun);
	ck_assert_uint_eq(fake->n_ended, 0);
}
END_TEST

START_TEST(a_refusal_later_breaks_the_stream_off)
{
	ask("text/event-stream", NULL);
	answer(1, 200, TOLD(EVENT("5", "open"), "5", "false"));
	answer(2, 401, "{}");
	ck_assert_uint_eq(fake->n_ended, 1);
	ck_assert(!fake->complete);
}
END_TEST

START_TEST(an_answer_that_is_none_breaks_the_stream_off)
{
	ask("text/event-stream", NULL);
	answer(1, 200, "[1");
	ck_assert_uint_eq(fake->n_ended, 1);
	ck_assert(!fake->complete);
}
END_TEST

START_TEST(a_client_that_goes_away_asks_no_more)
{
	ask("text/event-stream", NULL);
	answer(1, 200, TOLD(EVENT("5", "open"), "5", "false"));
	exchange.cancelled = true;
	plugin->ops.gateway->cancel(state, &exchange);
	ck_assert(question(2)->cancelled);
}
END_TEST

START_TEST(a_slow_client_gets_the_rest_when_it_has_room)
{
	ask("text/event-stream", NULL);
	answer(1, 200, TOLD(EVENT("5", "open"), "5", "false"));
	fake->part_error = AICX_EAGAIN;
	answer(2, 200, TOLD(EVENT("6", "working"), "6", "false"));
	ck_assert_uint_eq(fake->n_calls, 2);
	ck_assert_uint_eq(fake->n_ended, 0);
	fake->part_error = AICX_OK;
	plugin->ops.gateway->drained(state, &exchange);
	ck_assert(asks(3, "\"after\":\"5\""));
	answer(3, 200, TOLD(EVENT("6", "settled"), "6", "true"));
	ck_assert(fake->complete);
}
END_TEST

START_TEST(draining_ends_streams_in_order)
{
	ask("text/event-stream", NULL);
	answer(1, 200, TOLD(EVENT("5", "open"), "5", "false"));
	plugin->drain(state);
	ck_assert_uint_eq(fake->n_ended, 1);
	ck_assert(fake->complete);
	ck_assert(question(2)->cancelled);
}
END_TEST

START_TEST(answers_that_come_at_once_do_not_nest)
{
	fake->hold_calls = false;
	fake->answer = (struct aicx_answer) { .size = sizeof fake->answer,
		.status = 200,
		.retry_after_ms = -1,
		.content_type = str("application/json"),
		.body = str(TOLD(EVENT("5", "settled"), "5", "true")) };
	ask("text/event-stream", NULL);
	ck_assert_uint_eq(fake->n_ended, 1);
	ck_assert(fake->complete);
}
END_TEST

START_TEST(without_the_wish_it_is_one_answer)
{
	ask("application/json", NULL);
	answer(1, 200, TOLD("", "5", "false"));
	ck_assert(!exchange.begun);
	ck_assert_int_eq(fake->response.status, 200);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("follow");
	TCase *tcase = tcase_create("follow");
	SRunner *runner = srunner_create(suite);
	int n_failed;

	plugin = fake_plugin(".libs/gateway_rest.so");
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, events_go_out_until_the_final_one);
	tcase_add_test(tcase, who_comes_back_goes_on_from_there);
	tcase_add_test(
	    tcase, a_refusal_before_the_first_event_is_an_ordinary_answer);
	tcase_add_test(tcase, a_refusal_later_breaks_the_stream_off);
	tcase_add_test(tcase, an_answer_that_is_none_breaks_the_stream_off);
	tcase_add_test(tcase, a_client_that_goes_away_asks_no_more);
	tcase_add_test(tcase, a_slow_client_gets_the_rest_when_it_has_room);
	tcase_add_test(tcase, draining_ends_streams_in_order);
	tcase_add_test(tcase, answers_that_come_at_once_do_not_nest);
	tcase_add_test(tcase, without_the_wish_it_is_one_answer);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
