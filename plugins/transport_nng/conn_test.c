/* SPDX-License-Identifier: Apache-2.0 */
/* conn_test.c - which request gets which message; NNG itself is played here. */
#include "conn.h"

#include "fake_host.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REPLIES_MAX = 128 };

/* What left, in order: the request's header and the reply. */
static struct {
	char header[8];
	char body[512];
} replies[REPLIES_MAX];
static size_t n_replies;

bool
door_send(struct door *door, enum pipe_kind kind, const void *header,
    size_t n_header, struct aicx_str body)
{
	(void)door;
	ck_assert_int_eq(kind, PIPE_REQUESTS);
	ck_assert_uint_lt(n_replies, REPLIES_MAX);
	(void)snprintf(replies[n_replies].header,
	    sizeof replies[n_replies].header, "%.*s", (int)n_header,
	    (const char *)header);
	(void)snprintf(replies[n_replies].body, sizeof replies[n_replies].body,
	    "%.*s", (int)body.len, body.ptr);
	n_replies++;
	return true;
}

struct scene {
	struct fake *fake;
	struct settings settings;
	struct door door;
	struct conn *conn;
};

static const struct aicx_method method = {
	.size = sizeof method, .name = "take", .permission = "", .raw_body = 1
};

static struct scene *
scene_new(void)
{
	struct scene *scene = calloc(1, sizeof *scene);
	const struct arrival from = {
		.id = 1, .local = true, .address = "127.0.0.1:1"
	};

	ck_assert_ptr_nonnull(scene);
	n_replies = 0;
	scene->fake = fake_new();
	scene->fake->peer_greeting = "{\"type\":\"QUERY\",\"id\":\"c\"}";
	scene->settings = (struct settings) { .max_queue = 1024,
		.max_pending = 4,
		.poll_timeout = 1000,
		.answer_timeout = 5000,
		.idle_timeout = 60000 };
	scene->door.host = &scene->fake->table;
	scene->door.self = fake_self(scene->fake);
	scene->door.settings = &scene->settings;
	scene->door.take = &method;
	scene->conn = conn_new(&scene->door, &from);
	ck_assert_ptr_nonnull(scene->conn);
	return scene;
}

static void
scene_free(struct scene *scene)
{
	conn_free(scene->conn);
	ck_assert_uint_eq(scene->fake->n_peers, 0);
	fake_free(scene->fake);
	free(scene);
}

static void
request(struct scene *scene, const char *header, const char *body)
{
	conn_take(scene->conn, header, strlen(header), text_of(body));
}

static aicx_err
message(struct scene *scene, const char *text)
{
	const struct aicx_peer *peer = scene->fake->peer;

	return peer->ops->send(peer->conn, text_of(text));
}

static void
expect(size_t n, const char *header, const char *body)
{
	ck_assert_uint_gt(n_replies, n);
	ck_assert_str_eq(replies[n].header, header);
	ck_assert_msg(strstr(replies[n].body, body) != NULL, "%s: no %s",
	    replies[n].body, body);
}

START_TEST(an_empty_request_opens_a_session_and_asks_for_the_next_message)
{
	struct scene *scene = scene_new();

	request(scene, "1", "");
	expect(0, "1", "QUERY");
	request(scene, "2", "");
	request(scene, "3", "");
	ck_assert_uint_eq(n_replies, 1);
	ck_assert_int_eq(message(scene, "{\"id\":\"a\"}"), AICX_OK);
	ck_assert_int_eq(message(scene, "{\"id\":\"b\"}"), AICX_OK);
	expect(1, "2", "a");
	expect(2, "3", "b");
	scene_free(scene);
}
END_TEST

START_TEST(an_answer_goes_to_who_asked_and_other_news_to_who_asks_for_any)
{
	struct scene *scene = scene_new();

	request(scene, "1", "");
	request(scene, "2", "");
	request(scene, "3", "{\"id\":\"q\",\"type\":\"QUERY\"}");
	ck_assert_uint_eq(scene->fake->n_messages, 1);
	ck_assert_int_eq(message(scene,
			     "{\"id\":\"a\",\"type\":\"RESULT\","
			     "\"correlation_id\":\"q\"}"),
	    AICX_OK);
	expect(1, "3", "correlation");
	/* A result is handed in: the next message is its reply. */
	request(scene, "4",
	    "{\"id\":\"r\",\"type\":\"RESULT\",\"correlation_id\":\"x\"}");
	ck_assert_int_eq(message(scene, "{\"id\":\"e\"}"), AICX_OK);
	ck_assert_int_eq(message(scene, "{\"id\":\"f\"}"), AICX_OK);
	expect(2, "2", "e");
	expect(3, "4", "f");
	scene_free(scene);
}
END_TEST

START_TEST(what_comes_unasked_waits_within_a_limit)
{
	struct scene *scene = scene_new();
	char text[500];

	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	request(scene, "1", "");
	ck_assert_int_eq(message(scene, text), AICX_OK);
	ck_assert_int_eq(message(scene, "{\"id\":\"second\"}"), AICX_OK);
	ck_assert_int_eq(message(scene, text), AICX_OK);
	ck_assert_int_eq(message(scene, text), AICX_ELIMIT);
	ck_assert_uint_eq(n_replies, 1);
	request(scene, "2", "");
	request(scene, "3", "");
	expect(1, "2", "xxxx");
	expect(2, "3", "second");
	scene_free(scene);
}
END_TEST

START_TEST(a_session_that_ends_is_told_and_the_next_begins)
{
	struct scene *scene = scene_new();
	const struct aicx_peer *peer;

	request(scene, "1", "");
	request(scene, "2", "");
	peer = scene->fake->peer;
	peer->ops->close(peer->conn, 1008, "bad_signature");
	expect(1, "2", "\"status\":401");
	ck_assert_int_eq(message(scene, "{}"), AICX_ESTATE);
	request(scene, "3", "");
	expect(2, "3", "QUERY");
	ck_assert_uint_eq(scene->fake->n_peers, 1);
	peer = scene->fake->peer;
	peer->ops->close(peer->conn, 1013, "reads too slowly");
	ck_assert_uint_eq(n_replies, 3);
	request(scene, "4", "");
	expect(3, "4", "reads too slowly");
	request(scene, "5", "");
	expect(4, "5", "QUERY");
	scene_free(scene);
}
END_TEST

START_TEST(who_waits_too_long_is_told_and_who_is_silent_may_go)
{
	struct scene *scene = scene_new();
	int64_t now_ms = scene->fake->now_ms;

	request(scene, "1", "");
	request(scene, "2", "");
	request(scene, "3", "{\"id\":\"q\",\"type\":\"QUERY\"}");
	ck_assert(conn_sweep(scene->conn, now_ms + 999));
	ck_assert_uint_eq(n_replies, 1);
	ck_assert(conn_sweep(scene->conn, now_ms + 1000));
	ck_assert_uint_eq(n_replies, 2);
	ck_assert_str_eq(replies[1].header, "2");
	ck_assert_str_eq(replies[1].body, "");
	ck_assert(conn_sweep(scene->conn, now_ms + 5000));
	expect(2, "3", "\"status\":504");
	ck_assert(conn_sweep(scene->conn, now_ms + 59999));
	ck_assert(!conn_sweep(scene->conn, now_ms + 60000));
	scene_free(scene);
}
END_TEST

START_TEST(a_repeat_of_nng_is_no_second_request_and_too_many_are_refused)
{
	struct scene *scene = scene_new();

	request(scene, "1", "");
	request(scene, "2", "{\"id\":\"q\",\"type\":\"QUERY\"}");
	request(scene, "2", "{\"id\":\"q\",\"type\":\"QUERY\"}");
	ck_assert_uint_eq(scene->fake->n_messages, 1);
	request(scene, "3", "");
	request(scene, "4", "");
	request(scene, "5", "");
	ck_assert_uint_eq(n_replies, 1);
	request(scene, "6", "");
	expect(1, "6", "\"status\":429");
	scene_free(scene);
}
END_TEST

START_TEST(a_message_by_itself_is_judged_by_itself)
{
	struct scene *scene = scene_new();
	const struct aicx_answer answer = { .size = sizeof answer,
		.status = 200,
		.body = TEXT("{\"type\":\"RESULT\"}") };

	scene->fake->hold_calls = true;
	request(scene, "1", "{\"id\":\"q\",\"type\":\"QUERY\"}");
	request(scene, "2", "garbage");
	ck_assert_uint_eq(scene->fake->n_calls, 2);
	ck_assert_uint_eq(scene->fake->n_peers, 0);
	ck_assert(scene->fake->calls[0]->secure);
	ck_assert(!scene->fake->calls[0]->has_credential);
	fake_answer(scene->fake->calls[0], &answer);
	expect(0, "1", "RESULT");
	scene_free(scene); /* who goes meanwhile is not answered */
}
END_TEST

START_TEST(without_room_for_a_session_it_is_refused)
{
	struct scene *scene = scene_new();

	scene->fake->peer_error = AICX_ELIMIT;
	request(scene, "1", "");
	expect(0, "1", "\"status\":503");
	scene->fake->peer_error = AICX_OK;
	request(scene, "2", "");
	expect(1, "2", "QUERY");
	scene->door.draining = true;
	request(scene, "3", "");
	expect(2, "3", "draining");
	scene_free(scene);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		an_empty_request_opens_a_session_and_asks_for_the_next_message,
		an_answer_goes_to_who_asked_and_other_news_to_who_asks_for_any,
		what_comes_unasked_waits_within_a_limit,
		a_session_that_ends_is_told_and_the_next_begins,
		who_waits_too_long_is_told_and_who_is_silent_may_go,
		a_repeat_of_nng_is_no_second_request_and_too_many_are_refused,
		a_message_by_itself_is_judged_by_itself,
		without_room_for_a_session_it_is_refused,
	};
	Suite *suite = suite_create("conn");
	TCase *tcase = tcase_create("conn");
	SRunner *runner;
	int n_failed;

	for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
