/* SPDX-License-Identifier: Apache-2.0 */
/* feed_test.c - following a deal from its beginning to its end. */
#include "base/id.h"
#include "base/mem.h"
#include "base/str.h"
#include "broker/testdata/stage.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEAL "0197f2d4-0000-7000-8000-000000000001"
#define AIC(amount) "{\"amount\":\"" amount "\",\"currency\":\"AIC\"}"

static struct stage stage;
static struct actor *seller;
static char buyer_key[64];
static struct buf body;

/* One question of a follower. */
struct follower {
	struct aicx_ticket *ticket;
	int status; /* 0: still waiting */
	struct buf body;
	char cursor[24];
};

static void
field_of(const struct buf *from, const char *name, char *ret, size_t size)
{
	char pattern[64];
	const char *at = buf_cstr((struct buf *)from), *next;

	(void)snprintf(pattern, sizeof pattern, "\"%s\":\"", name);
	at = strstr(at, pattern);
	ck_assert_msg(at != NULL, "no %s in %s", name, from->ptr);
	while ((next = strstr(at + 1, pattern)) != NULL)
		at = next; /* the last one */
	at += strlen(pattern);
	(void)snprintf(ret, size, "%.*s", (int)strcspn(at, "\""), at);
}

static int
ask(const char *key, const char *method, const char *params)
{
	return stage_call(&stage, key, method, params, NULL, &body);
}

static void
on_answer(const struct aicx_answer *answer, void *arg)
{
	struct follower *follower = arg;

	follower->ticket = NULL;
	follower->status = answer->status;
	buf_clear(&follower->body);
	buf_str(&follower->body, answer->body);
	(void)buf_cstr(&follower->body);
	if (answer->status == 200)
		field_of(&follower->body, "cursor", follower->cursor,
		    sizeof follower->cursor);
}

/* Asks for what came after its cursor. */
static void
follow(struct follower *follower, const char *key)
{
	struct module_ports ports = broker_module_ports(stage.broker);
	char params[256];
	struct aicx_call call = {
		.size = sizeof call,
		.method = &route_find(STR("deal.watch"))->method,
		.credential = str_of(key),
		.secure = 1,
	};

	(void)snprintf(params, sizeof params,
	    "{\"deal_id\":\"" DEAL "\",\"wait_ms\":20000,\"after\":\"%s\"}",
	    follower->cursor);
	call.params = str_of(params);
	follower->status = 0;
	ports.call(ports.arg, &call, on_answer, follower, &follower->ticket);
	stage_run(&stage);
}

static bool
told(const struct follower *follower, const char *text)
{
	return follower->status == 200 &&
	    strstr(follower->body.ptr, text) != NULL;
}

static struct envelope
expect(enum msg_type type)
{
	struct envelope env;

	while (actor_next(seller, &env))
		if (env.type == type)
			return env;
	ck_abort_msg("no %s came", msg_type_name(type));
	abort();
}

static void
setup(void)
{
	char id[40], params[256];

	stage_open(&stage);
	ck_assert_int_eq(ask(stage.operator_key, "discovery.register",
			     "{\"name\":\"buyer\"}"),
	    201);
	field_of(&body, "agent_id", id, sizeof id);
	(void)snprintf(params, sizeof params, "{\"agent_id\":\"%s\"}", id);
	ck_assert_int_eq(
	    ask(stage.operator_key, "security.generate_credentials", params),
	    201);
	field_of(&body, "api_key", buyer_key, sizeof buyer_key);
	(void)snprintf(params, sizeof params,
	    "{\"agent_id\":\"%s\",\"amount\":" AIC("1") "}", id);
	ck_assert_int_eq(
	    ask(stage.operator_key, "economics.fund", params), 201);
	ck_assert_int_eq(ask(buyer_key, "negotiation.grant_mandate",
			     "{\"mandate\":{\"need\":[\"text.count\"],"
			     "\"max_each\":" AIC("0.01") ",\"max_total\":" AIC(
				 "0.05") ",\"max_deals\":5}}"),
	    201);
	seller = actor_new(&stage, "seller");
	actor_open(seller);
	actor_sells(seller, "text.count", "0.001");
	ck_assert_int_eq(ask(buyer_key, "deal.buy",
			     "{\"need\":\"text.count\",\"input\":\"one two\","
			     "\"deal_id\":\"" DEAL "\"}"),
	    0);
}

static void
teardown(void)
{
	stage_close(&stage);
	buf_fini(&body);
}

static char execution_id[40];

static struct envelope
order(void)
{
	struct envelope invited = expect(MSG_QUERY), execute;
	const char *at;

	actor_offers(seller, &invited, "0.001", NULL);
	execute = expect(MSG_EXECUTE);
	at = strstr(execute.payload.ptr, "\"execution_id\":\"");
	(void)snprintf(execution_id, sizeof execution_id, "%.36s",
	    at + strlen("\"execution_id\":\""));
	return execute;
}

static void
progress(const char *members)
{
	AUTO(buf_fini) struct buf payload = { 0 };

	buf_printf(&payload,
	    "{\"method\":\"execution.progress\",\"execution_id\":\"%s\"%s}",
	    execution_id, members);
	(void)actor_send(seller, MSG_QUERY, NULL, buf_cstr(&payload));
	stage_run(&stage);
}

START_TEST(a_follower_sees_each_change_until_the_end)
{
	struct follower me = { NULL }, late = { NULL };
	AUTO(buf_fini) struct buf result = { 0 };

	follow(&me, buyer_key);
	ck_assert(told(&me, "\"state\":\"open\""));
	ck_assert(told(&me, "\"final\":false"));
	follow(&me, buyer_key);
	ck_assert_int_eq(me.status, 0); /* nothing is new */
	struct envelope execute = order();
	ck_assert_int_eq(me.status, 200);
	follow(&me, buyer_key); /* what came between two questions */
	ck_assert(told(&me, "\"state\":\"working\""));
	ck_assert(told(&me, execution_id));
	follow(&me, buyer_key);
	ck_assert_int_eq(me.status, 0);
	progress(",\"progress\":50,\"total\":100,\"message\":\"half\","
		 "\"data\":{\"a\":1}");
	ck_assert(told(&me,
	    "\"progress\":{\"progress\":50,\"total\":100,"
	    "\"message\":\"half\",\"data\":{\"a\":1}}"));
	progress(",\"progress\":99");
	buf_printf(
	    &result, "{\"execution_id\":\"%s\",\"output\":2}", execution_id);
	(void)actor_send(seller, MSG_RESULT, &execute.id, buf_cstr(&result));
	stage_run(&stage);
	follow(&me, buyer_key); /* both, in their order */
	ck_assert(told(&me, "\"progress\":{\"progress\":99}"));
	ck_assert(told(&me, "\"action\":\"deal.settle\""));
	ck_assert(told(&me, "\"final\":true"));
	follow(&me, buyer_key);
	ck_assert(told(&me, "\"events\":[]"));
	follow(&late, buyer_key);
	ck_assert(told(&late, "\"state\":\"settled\""));
	stage_pass(&stage, 120000);
	ck_assert_uint_eq(map_len(&stage.broker->feeds), 0);
	follow(&me, buyer_key); /* its place is no longer known */
	ck_assert(told(&me, "\"state\":\"settled\""));
	buf_fini(&me.body);
	buf_fini(&late.body);
}
END_TEST

START_TEST(a_question_ends_when_its_time_is_over)
{
	struct follower me = { NULL };
	char cursor[24];

	follow(&me, buyer_key);
	(void)snprintf(cursor, sizeof cursor, "%s", me.cursor);
	(void)order();
	follow(&me, buyer_key);
	follow(&me, buyer_key);
	ck_assert_int_eq(me.status, 0);
	(void)snprintf(cursor, sizeof cursor, "%s", me.cursor);
	stage_pass(&stage, 20000);
	ck_assert(told(&me, "\"events\":[]"));
	ck_assert_str_eq(me.cursor, cursor);
	buf_fini(&me.body);
}
END_TEST

START_TEST(more_than_is_kept_is_summed_up)
{
	struct follower me = { NULL }, slow = { NULL };

	(void)order();
	follow(&me, buyer_key);
	slow = me;
	slow.body = (struct buf) { 0 };
	for (int i = 0; i < 70; i++)
		progress(",\"message\":\"more\"");
	follow(&slow, buyer_key);
	ck_assert(told(&slow, "\"state\":\"working\""));
	ck_assert(!told(&slow, "more"));
	follow(&slow, buyer_key);
	ck_assert_int_eq(slow.status, 0);
	buf_fini(&me.body);
	buf_fini(&slow.body);
}
END_TEST

START_TEST(a_follower_goes_on_after_a_restart)
{
	struct follower me = { NULL };

	(void)order();
	follow(&me, buyer_key);
	stage_pass(&stage, 10);
	stage_crash(&stage);
	stage_run(&stage);
	follow(&me, buyer_key);
	ck_assert(told(&me, "\"state\":\"working\""));
	follow(&me, buyer_key);
	ck_assert_int_eq(me.status, 0);
	buf_fini(&me.body);
}
END_TEST

START_TEST(strangers_and_bad_questions_are_refused)
{
	struct follower me = { NULL };
	struct actor *other = actor_new(&stage, "other");
	struct envelope env;
	char params[200];

	(void)order();
	follow(&me, NULL);
	ck_assert_int_eq(me.status, 401);
	(void)snprintf(me.cursor, sizeof me.cursor, "12x");
	follow(&me, buyer_key);
	ck_assert_int_eq(me.status, 400);
	ck_assert_int_eq(
	    ask(buyer_key, "deal.watch",
		"{\"deal_id\":\"0197f2d4-0000-7000-8000-00000000000f\"}"),
	    404);
	actor_open(other);
	(void)actor_send(other, MSG_QUERY, NULL,
	    "{\"method\":\"deal.watch\",\"deal_id\":\"" DEAL "\"}");
	stage_run(&stage);
	while (actor_next(other, &env))
		ck_assert_msg(env.type != MSG_RESULT ||
			strstr(env.payload.ptr, "\"events\"") == NULL,
		    "a stranger was told");
	/* Only who does the work says how far it is. */
	(void)snprintf(params, sizeof params,
	    "{\"execution_id\":\"%s\",\"progress\":1}", execution_id);
	ck_assert_int_eq(ask(buyer_key, "execution.progress", params), 403);
	(void)snprintf(params, sizeof params,
	    "{\"execution_id\":\"%s\",\"progress\":\"1\"}", execution_id);
	ck_assert_int_eq(
	    ask(stage.operator_key, "execution.progress", params), 400);
	ck_assert_int_eq(ask(stage.operator_key, "execution.progress",
			     "{\"execution_id\":\"" DEAL "\"}"),
	    404);
	buf_fini(&me.body);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("feed");
	TCase *tcase = tcase_create("feed");
	SRunner *runner = srunner_create(suite);
	int n_failed;

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_follower_sees_each_change_until_the_end);
	tcase_add_test(tcase, a_question_ends_when_its_time_is_over);
	tcase_add_test(tcase, more_than_is_kept_is_summed_up);
	tcase_add_test(tcase, a_follower_goes_on_after_a_restart);
	tcase_add_test(tcase, strangers_and_bad_questions_are_refused);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
