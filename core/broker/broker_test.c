/* SPDX-License-Identifier: Apache-2.0 */
/*
 * broker_test.c - whole deals among three agents under a fake clock.
 *
 * After every event stage_check() holds the invariants: the books sum to zero,
 * reserved money is exactly the open holds, only a working deal holds money,
 * and a replay of the records gives the same rows.
 */
#include "base/id.h"
#include "base/str.h"
#include "broker/testdata/stage.h"
#include "protocol/object.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct stage stage;
static struct actor *cheap, *dear;
static char buyer_key[64];
static struct aicx_id buyer;
static struct buf body;

static void
field(const char *name, char *ret, size_t size)
{
	char pattern[64];
	(void)snprintf(pattern, sizeof pattern, "\"%s\":\"", name);
	const char *at = strstr(buf_cstr(&body), pattern);

	ck_assert_msg(at != NULL, "no %s in %s", name, buf_cstr(&body));
	at += strlen(pattern);
	(void)snprintf(ret, size, "%.*s", (int)strcspn(at, "\""), at);
}

static int
as_operator(const char *method, const char *params)
{
	return stage_call(
	    &stage, stage.operator_key, method, params, NULL, &body);
}

static int
as_buyer(const char *method, const char *params, const char *key)
{
	return stage_call(&stage, buyer_key, method, params, key, &body);
}

static void
grant(const char *limits)
{
	struct buf params = { 0 };

	buf_printf(
	    &params, "{\"mandate\":{\"need\":[\"text.count\"],%s}}", limits);
	ck_assert_int_eq(
	    as_buyer("negotiation.grant_mandate", buf_cstr(&params), NULL),
	    201);
	buf_fini(&params);
}

static void
setup(void)
{
	struct buf params = { 0 };
	char id[40];

	stage_open(&stage);
	ck_assert_int_eq(
	    as_operator("discovery.register", "{\"name\":\"buyer\"}"), 201);
	field("agent_id", id, sizeof id);
	ck_assert(id_parse(str_of(id), &buyer));
	buf_printf(&params, "{\"agent_id\":\"%s\"}", id);
	ck_assert_int_eq(
	    as_operator("security.generate_credentials", buf_cstr(&params)),
	    201);
	field("api_key", buyer_key, sizeof buyer_key);
	buf_clear(&params);
	buf_printf(&params,
	    "{\"agent_id\":\"%s\",\"amount\":{\"amount\":\"1\",\"currency\":"
	    "\"AIC\"}}",
	    id);
	ck_assert_int_eq(as_operator("economics.fund", buf_cstr(&params)), 201);
	buf_fini(&params);
	grant("\"max_each\":{\"amount\":\"0.01\",\"currency\":\"AIC\"},"
	      "\"max_total\":{\"amount\":\"0.05\",\"currency\":\"AIC\"},"
	      "\"max_deals\":5");
	cheap = actor_new(&stage, "cheap");
	dear = actor_new(&stage, "dear");
	actor_open(cheap);
	actor_open(dear);
	actor_sells(cheap, "text.count", "0.001");
	actor_sells(dear, "text.count", "0.003");
}

static void
teardown(void)
{
	stage_close(&stage);
	buf_fini(&body);
}

static const char wish[] =
    "{\"need\":\"text.count\",\"input\":\"one two\","
    "\"max_price\":{\"amount\":\"0.01\",\"currency\":\"AIC\"}}";

static int
buy(const char *key)
{
	return as_buyer("deal.buy", wish, key);
}

static const struct account *
account(const struct aicx_id *id)
{
	return ledger_account(stage.broker->state.ledger, id, "AIC");
}

/* The next message of this type; others are passed over. */
static struct envelope
expect(struct actor *actor, enum msg_type type)
{
	struct envelope env;

	while (actor_next(actor, &env))
		if (env.type == type)
			return env;
	ck_abort_msg("no %s came", msg_type_name(type));
	abort();
}

static void
expect_nothing(struct actor *actor, enum msg_type type)
{
	struct envelope env;

	while (actor_next(actor, &env))
		ck_assert_msg(env.type != type, "an unexpected %s came",
		    msg_type_name(type));
}

static void
deliver(struct actor *actor, const struct envelope *execute, const char *output)
{
	struct buf payload = { 0 };
	const char *at = strstr(execute->payload.ptr, "\"execution_id\":\"");

	buf_printf(&payload, "{\"execution_id\":\"%.36s\",\"output\":%s}",
	    at + strlen("\"execution_id\":\""), output);
	(void)actor_send(actor, MSG_RESULT, &execute->id, buf_cstr(&payload));
	buf_fini(&payload);
}

/* Up to the point where the chosen seller has its order. */
static struct envelope
order(const char *key)
{
	struct envelope invited;

	ck_assert_int_eq(buy(key), 0);
	invited = expect(dear, MSG_QUERY);
	actor_offers(dear, &invited, "0.003", NULL);
	invited = expect(cheap, MSG_QUERY);
	actor_offers(cheap, &invited, "0.001", NULL);
	return expect(cheap, MSG_EXECUTE);
}

START_TEST(a_deal_among_three_is_chosen_held_worked_billed_and_paid)
{
	struct envelope execute = order("one");

	ck_assert_int_eq(account(&buyer)->reserved_minor, 1000);
	expect_nothing(dear, MSG_EXECUTE);
	deliver(cheap, &execute, "2");
	ck_assert_int_eq(buy("one"), 200);
	ck_assert_ptr_nonnull(strstr(buf_cstr(&body), "\"result\":2"));
	ck_assert_int_eq(account(&buyer)->available_minor, 999000);
	ck_assert_int_eq(account(actor_id(cheap))->available_minor, 1000);
	ck_assert_uint_eq(broker_open_holds(stage.broker), 0);
}
END_TEST

START_TEST(a_deal_for_one_seller_asks_no_other_and_takes_no_other_offer)
{
	static const char deal_id[] = "0197f2d4-0000-7000-8000-000000000001";
	struct buf params = { 0 };
	struct envelope invited;

	/* The price limit is the mandate's, the id the buyer's. */
	buf_printf(&params,
	    "{\"need\":\"text.count\",\"input\":\"one two\",\"deal_id\":\"%s\","
	    "\"provider_id\":\"%s\"}",
	    deal_id, id_text(actor_id(dear)).text);
	ck_assert_int_eq(as_buyer("deal.buy", buf_cstr(&params), "one"), 0);
	expect_nothing(cheap, MSG_QUERY);
	buf_clear(&params);
	buf_printf(&params,
	    "{\"intent_id\":\"%s\",\"agent_id\":\"%s\",\"terms\":{\"pricing\":{"
	    "\"model\":\"per_call\",\"base_cost\":{\"amount\":\"0.0001\","
	    "\"currency\":\"AIC\"}}}}",
	    deal_id, id_text(actor_id(cheap)).text);
	ck_assert_int_eq(
	    as_operator("negotiation.offer", buf_cstr(&params)), 403);
	ck_assert_ptr_nonnull(strstr(buf_cstr(&body), "denied"));
	invited = expect(dear, MSG_QUERY);
	ck_assert_ptr_nonnull(strstr(invited.payload.ptr, "\"0.010000\""));
	actor_offers(dear, &invited, "0.003", NULL);
	(void)expect(dear, MSG_EXECUTE);
	buf_clear(&params);
	buf_printf(&params,
	    "{\"need\":\"text.count\",\"input\":\"x\",\"deal_id\":\"%s\"}",
	    deal_id);
	ck_assert_int_eq(as_buyer("deal.buy", buf_cstr(&params), "two"), 409);
	ck_assert_ptr_nonnull(strstr(buf_cstr(&body), "already_exists"));
	buf_fini(&params);
}
END_TEST

/* deal.cancel of the deal that `wish` opens under this id. */
static int
cancel(const char *deal_id)
{
	struct buf params = { 0 };
	int status;

	buf_printf(&params, "{\"deal_id\":\"%s\"}", deal_id);
	status = as_buyer("deal.cancel", buf_cstr(&params), NULL);
	buf_fini(&params);
	return status;
}

START_TEST(a_buyer_cancels_before_the_work_in_it_and_not_after_it)
{
	static const char deal_id[] = "0197f2d4-0000-7000-8000-000000000002";
	static const char wanted[] =
	    "{\"need\":\"text.count\",\"input\":\"one two\",\"deal_id\":"
	    "\"0197f2d4-0000-7000-8000-000000000002\"}";
	struct envelope invited, execute;
	char open_id[40];

	/* Offers still come in. */
	ck_assert_int_eq(buy("one"), 0);
	ck_assert_int_eq(as_buyer("deal.list", "{}", NULL), 200);
	field("deal_id", open_id, sizeof open_id);
	ck_assert_int_eq(cancel(open_id), 200);
	ck_assert_ptr_nonnull(strstr(buf_cstr(&body), "\"cancelled\""));
	ck_assert_int_eq(cancel(open_id), 409);
	(void)expect(dear, MSG_QUERY);
	(void)expect(cheap, MSG_QUERY);

	ck_assert_int_eq(as_buyer("deal.buy", wanted, "two"), 0);
	invited = expect(dear, MSG_QUERY);
	actor_offers(dear, &invited, "0.003", NULL);
	invited = expect(cheap, MSG_QUERY);
	actor_offers(cheap, &invited, "0.001", NULL);
	execute = expect(cheap, MSG_EXECUTE);
	ck_assert_int_eq(stage_call(&stage, stage.operator_key, "deal.cancel",
			     "{\"deal_id\":\"0197f2d4-0000-7000-8000-"
			     "000000000003\"}",
			     NULL, &body),
	    404);
	ck_assert_int_eq(cancel(deal_id), 200);
	ck_assert_ptr_nonnull(strstr(buf_cstr(&body), "\"failed\""));
	invited = expect(cheap, MSG_QUERY);
	ck_assert_ptr_nonnull(strstr(invited.payload.ptr, "execution.cancel"));
	deliver(cheap, &execute, "2");
	ck_assert_int_eq(as_buyer("deal.buy", wanted, "two"), 409);
	ck_assert_ptr_nonnull(strstr(buf_cstr(&body), "\"cancelled\""));
	ck_assert_int_eq(account(&buyer)->available_minor, 1000000);
	ck_assert_int_eq(account(&buyer)->reserved_minor, 0);

	execute = order("three");
	deliver(cheap, &execute, "2");
	ck_assert_int_eq(buy("three"), 200);
	field("deal_id", open_id, sizeof open_id);
	ck_assert_int_eq(cancel(open_id), 409);
}
END_TEST

START_TEST(a_credential_says_whom_it_speaks_for)
{
	ck_assert_int_eq(
	    as_buyer("security.verify_credentials", "{}", NULL), 200);
	ck_assert_ptr_nonnull(strstr(buf_cstr(&body), id_text(&buyer).text));
	ck_assert_int_eq(stage_call(&stage, NULL, "security.verify_credentials",
			     "{}", NULL, &body),
	    200);
	ck_assert_ptr_nonnull(strstr(buf_cstr(&body), "{\"role\":\"guest\"}"));
	ck_assert_int_eq(stage_call(&stage, "aicx_wrong",
			     "security.verify_credentials", "{}", NULL, &body),
	    401);
}
END_TEST

START_TEST(a_repeat_gets_the_same_answer_and_costs_nothing)
{
	struct envelope execute = order("one");
	struct buf first = { 0 };

	deliver(cheap, &execute, "2");
	ck_assert_int_eq(buy("one"), 200);
	buf_str(&first, buf_view(&body));
	for (int i = 0; i < 50; i++) {
		ck_assert_int_eq(buy("one"), 200);
		ck_assert(str_eq(buf_view(&first), buf_view(&body)));
	}
	ck_assert_int_eq(account(&buyer)->spent_minor, 1000);
	ck_assert_int_eq(
	    as_buyer("deal.buy",
		"{\"need\":\"text.count\",\"input\":\"other\",\"max_price\":"
		"{\"amount\":\"0.01\",\"currency\":\"AIC\"}}",
		"one"),
	    409);
	buf_fini(&first);
}
END_TEST

START_TEST(a_silent_seller_delays_only_until_the_window_ends)
{
	struct envelope invited;

	ck_assert_int_eq(buy("one"), 0);
	invited = expect(dear, MSG_QUERY);
	actor_offers(dear, &invited, "0.003", NULL);
	expect_nothing(dear, MSG_EXECUTE);
	stage_pass(&stage, 1000);
	(void)expect(dear, MSG_EXECUTE);
	ck_assert_int_eq(account(&buyer)->reserved_minor, 3000);
}
END_TEST

START_TEST(nobody_answering_is_no_offer_and_no_money_moves)
{
	ck_assert_int_eq(buy("one"), 0);
	stage_pass(&stage, 1000);
	ck_assert_int_eq(buy("one"), 404);
	ck_assert_ptr_nonnull(strstr(buf_cstr(&body), "no_offer"));
	ck_assert_int_eq(account(&buyer)->available_minor, 1000000);
}
END_TEST

START_TEST(a_buyer_may_name_its_seller)
{
	static const char form[] =
	    "{\"need\":\"text.count\",\"input\":1,\"provider_id\":\"%s\","
	    "\"max_price\":{\"amount\":\"0.01\",\"currency\":\"AIC\"}}";
	struct buf params = { 0 };
	struct envelope invited;

	buf_printf(&params, form, id_text(actor_id(dear)).text);
	ck_assert_int_eq(as_buyer("deal.buy", buf_cstr(&params), "one"), 0);
	invited = expect(dear, MSG_QUERY);
	expect_nothing(cheap, MSG_QUERY);
	actor_offers(dear, &invited, "0.003", NULL);
	(void)expect(dear, MSG_EXECUTE);
	buf_clear(&params);
	buf_printf(&params, form, id_text(&buyer).text);
	ck_assert_int_eq(as_buyer("deal.buy", buf_cstr(&params), "two"), 404);
	ck_assert_ptr_nonnull(strstr(buf_cstr(&body), "no_offer"));
	buf_fini(&params);
}
END_TEST

static size_t
count(const char *part)
{
	size_t n = 0;

	for (const char *at = buf_cstr(&body); (at = strstr(at, part)) != NULL;
	     at++)
		n++;
	return n;
}

START_TEST(what_is_sold_is_listed_in_pages)
{
	struct buf params = { 0 };
	char cursor[64], first[40];

	ck_assert_int_eq(
	    as_buyer("discovery.list_capabilities", "{}", NULL), 200);
	ck_assert_uint_eq(count("\"name\":\"text.count\""), 2);
	ck_assert_uint_eq(count("\"place\":1"), 1);
	ck_assert_uint_eq(count("\"place\":2"), 1);
	ck_assert_uint_eq(count("\"cursor\""), 0);
	field("agent_id", first, sizeof first);
	ck_assert_int_eq(as_buyer("discovery.list_capabilities",
			     "{\"limit\":1,\"name\":\"text.count\"}", NULL),
	    200);
	ck_assert_uint_eq(count("\"agent_id\""), 1);
	field("cursor", cursor, sizeof cursor);
	buf_printf(&params, "{\"cursor\":\"%s\"}", cursor);
	ck_assert_int_eq(
	    as_buyer("discovery.list_capabilities", buf_cstr(&params), NULL),
	    200);
	ck_assert_uint_eq(count("\"agent_id\""), 1);
	ck_assert_uint_eq(count(first), 0);
	ck_assert_int_eq(as_buyer("discovery.list_capabilities",
			     "{\"name\":\"text.count\",\"place\":2}", NULL),
	    200);
	ck_assert_uint_eq(count("\"place\":2"), 1);
	ck_assert_uint_eq(count("agent_id"), 1);
	ck_assert_int_eq(as_buyer("discovery.list_capabilities",
			     "{\"name\":\"text.none\"}", NULL),
	    200);
	ck_assert_uint_eq(count("agent_id"), 0);
	ck_assert_int_eq(
	    as_buyer("discovery.list_capabilities", "{\"cursor\":\"1\"}", NULL),
	    400);
	buf_fini(&params);
}
END_TEST

START_TEST(a_forged_winner_is_passed_over_for_the_next)
{
	struct envelope invited;

	ck_assert_int_eq(buy("one"), 0);
	invited = expect(cheap, MSG_QUERY);
	actor_offers(cheap, &invited, "0.001", actor_key(dear));
	invited = expect(dear, MSG_QUERY);
	actor_offers(dear, &invited, "0.003", NULL);
	expect_nothing(cheap, MSG_EXECUTE);
	(void)expect(dear, MSG_EXECUTE);
}
END_TEST

START_TEST(a_forged_loser_is_not_among_what_was_to_choose_from)
{
	struct envelope invited;

	ck_assert_int_eq(buy("one"), 0);
	invited = expect(cheap, MSG_QUERY);
	actor_offers(cheap, &invited, "0.001", NULL);
	invited = expect(dear, MSG_QUERY);
	actor_offers(dear, &invited, "0.003", actor_key(cheap));
	struct envelope execute = expect(cheap, MSG_EXECUTE);
	deliver(cheap, &execute, "2");
	ck_assert_int_eq(buy("one"), 200);
	ck_assert_ptr_nonnull(strstr(buf_cstr(&body), "\"0.001000\""));
	ck_assert_ptr_null(strstr(buf_cstr(&body), "\"0.003000\""));
}
END_TEST

START_TEST(work_that_is_late_gives_the_money_back)
{
	(void)order("one");
	stage_pass(&stage, 30000);
	ck_assert_int_eq(buy("one"), 504);
	ck_assert_int_eq(account(&buyer)->available_minor, 1000000);
	ck_assert_int_eq(account(&buyer)->reserved_minor, 0);
}
END_TEST

START_TEST(a_second_and_a_late_result_are_refused)
{
	struct envelope execute = order("one");
	struct envelope refused;

	deliver(cheap, &execute, "2");
	deliver(cheap, &execute, "3");
	refused = expect(cheap, MSG_ERROR);
	ck_assert_ptr_nonnull(strstr(refused.payload.ptr, "wrong_state"));
	ck_assert_int_eq(account(&buyer)->spent_minor, 1000);
}
END_TEST

START_TEST(a_result_for_anothers_work_is_refused)
{
	struct envelope execute = order("one");
	struct envelope refused;

	deliver(dear, &execute, "2");
	refused = expect(dear, MSG_ERROR);
	ck_assert_ptr_nonnull(strstr(refused.payload.ptr, "not_party"));
	ck_assert_int_eq(account(&buyer)->reserved_minor, 1000);
}
END_TEST

START_TEST(garbage_is_refused_and_the_right_result_still_counts)
{
	struct envelope execute = order("one");
	struct envelope refused;

	(void)actor_send(
	    cheap, MSG_RESULT, &execute.id, "{\"output\":1,\"x\":[]}");
	deliver(cheap, &execute, "2");
	(void)refused;
	ck_assert_int_eq(buy("one"), 200);
}
END_TEST

START_TEST(a_seller_that_goes_away_has_its_grace_and_no_more)
{
	(void)order("one");
	actor_close(cheap);
	stage_run(&stage);
	stage_pass(&stage, 4000);
	ck_assert_uint_eq(broker_open_holds(stage.broker), 1);
	stage_pass(&stage, 2000);
	ck_assert_int_eq(buy("one"), 502);
	ck_assert_int_eq(account(&buyer)->available_minor, 1000000);
}
END_TEST

START_TEST(a_seller_that_comes_back_gets_the_same_order_again)
{
	struct envelope execute = order("one");
	struct aicx_id id = execute.id;

	actor_close(cheap);
	actor_open(cheap);
	stage_pass(&stage, 1);
	execute = expect(cheap, MSG_EXECUTE);
	ck_assert(id_eq(&id, &execute.id));
	deliver(cheap, &execute, "2");
	ck_assert_int_eq(buy("one"), 200);
	ck_assert_int_eq(account(&buyer)->spent_minor, 1000);
}
END_TEST

START_TEST(after_a_crash_in_mid_work_the_deal_goes_on_and_is_charged_once)
{
	struct envelope execute = order("one");
	struct aicx_id id = execute.id;

	stage_crash(&stage);
	ck_assert_int_eq(account(&buyer)->reserved_minor, 1000);
	actor_open(cheap);
	stage_pass(&stage, 1);
	execute = expect(cheap, MSG_EXECUTE);
	ck_assert(id_eq(&id, &execute.id));
	deliver(cheap, &execute, "2");
	ck_assert_int_eq(buy("one"), 200);
	ck_assert_int_eq(account(&buyer)->spent_minor, 1000);
	ck_assert_int_eq(account(actor_id(cheap))->earned_minor, 1000);
}
END_TEST

START_TEST(after_a_crash_while_offers_come_in_sellers_are_asked_again)
{
	struct envelope invited;

	ck_assert_int_eq(buy("one"), 0);
	invited = expect(dear, MSG_QUERY);
	actor_offers(dear, &invited, "0.003", NULL);
	stage_crash(&stage);
	actor_open(cheap);
	stage_pass(&stage, 1);
	invited = expect(cheap, MSG_QUERY);
	actor_offers(cheap, &invited, "0.001", NULL);
	struct envelope execute = expect(cheap, MSG_EXECUTE);
	deliver(cheap, &execute, "2");
	ck_assert_int_eq(buy("one"), 200);
	ck_assert_int_eq(account(&buyer)->spent_minor, 1000);
}
END_TEST

START_TEST(after_a_crash_when_all_is_done_the_answer_is_still_there)
{
	struct envelope execute = order("one");

	deliver(cheap, &execute, "2");
	stage_crash(&stage);
	ck_assert_int_eq(buy("one"), 200);
	ck_assert_ptr_nonnull(strstr(buf_cstr(&body), "\"result\":2"));
	ck_assert_int_eq(account(&buyer)->spent_minor, 1000);
}
END_TEST

START_TEST(a_message_nobody_fetches_is_given_up_and_its_sender_told)
{
	struct aicx_id id;
	struct envelope told;

	(void)order("one");
	ck_assert_int_eq(
	    as_buyer("session.mailbox", "{\"wait_ms\":0}", NULL), 200);
	id = actor_tells(cheap, &buyer, 2000, "{\"hello\":1}");
	expect_nothing(cheap, MSG_ERROR);
	stage_pass(&stage, 2000);
	told = expect(cheap, MSG_ERROR);
	ck_assert(id_eq(&told.correlation_id, &id));
	ck_assert_ptr_nonnull(strstr(told.payload.ptr, "expired"));
	/* To somebody it has no deal with it says nothing at all. */
	(void)actor_tells(dear, &buyer, 2000, "{\"hello\":1}");
	told = expect(dear, MSG_ERROR);
	ck_assert_ptr_nonnull(strstr(told.payload.ptr, "not_party"));
}
END_TEST

START_TEST(a_message_in_the_mailbox_is_there_until_it_is_acknowledged)
{
	(void)order("one");
	ck_assert_int_eq(
	    as_buyer("session.mailbox", "{\"wait_ms\":0}", NULL), 200);
	(void)actor_tells(cheap, &buyer, 60000, "{\"hello\":1}");
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(
		    as_buyer("session.mailbox", "{\"wait_ms\":0}", NULL), 200);
		ck_assert_ptr_nonnull(strstr(buf_cstr(&body), "hello"));
		stage_pass(&stage, 5000);
	}
}
END_TEST

START_TEST(a_mandate_ends_when_its_deals_are_used)
{
	char key[24];

	for (int i = 0; i < 5; i++) {
		(void)snprintf(key, sizeof key, "k%d", i);
		struct envelope execute = order(key);
		deliver(cheap, &execute, "2");
		ck_assert_int_eq(buy(key), 200);
	}
	ck_assert_int_eq(buy("six"), 403);
	ck_assert_ptr_nonnull(strstr(buf_cstr(&body), "mandate_exhausted"));
	ck_assert_int_eq(account(&buyer)->spent_minor, 5000);
}
END_TEST

START_TEST(a_budget_that_is_too_small_holds_nothing)
{
	struct envelope invited;

	ck_assert_int_eq(as_buyer("economics.create_budget",
			     "{\"amount\":{\"amount\":\"0.0005\",\"currency\":"
			     "\"AIC\"},\"period\":\"daily\"}",
			     NULL),
	    201);
	ck_assert_int_eq(buy("one"), 0);
	invited = expect(cheap, MSG_QUERY);
	actor_offers(cheap, &invited, "0.001", NULL);
	invited = expect(dear, MSG_QUERY);
	actor_offers(dear, &invited, "0.003", NULL);
	ck_assert_int_eq(buy("one"), 402);
	ck_assert_ptr_nonnull(strstr(buf_cstr(&body), "budget_exceeded"));
	ck_assert_int_eq(account(&buyer)->available_minor, 1000000);
}
END_TEST

START_TEST(a_failing_store_ends_everything_without_an_answer)
{
	ck_assert_int_eq(buy("one"), 0);
	struct envelope invited = expect(cheap, MSG_QUERY);

	stage.commits_left = 0;
	actor_offers(cheap, &invited, "0.001", NULL);
	expect_nothing(cheap, MSG_RESULT);
	ck_assert(broker_failed(stage.broker, NULL));
	/* Not even a refusal: memory is ahead of the disk. */
	ck_assert_int_eq(buy("two"), 0);
}
END_TEST

/* A mandate of an agent with a key of its own, to be verified on the pool. */
static void
put_signed_grant(struct actor *actor, struct buf *payload)
{
	struct buf text = { 0 };
	struct aicx_id id = broker_new_id(stage.broker);
	struct json_writer w = json_writer(payload);

	buf_printf(&text,
	    "{\"kind\":\"mandate\",\"id\":\"%s\",\"broker_id\":\"%s\","
	    "\"requester\":\"%s\",\"need\":[\"text.count\"],\"max_each\":"
	    "{\"amount\":\"1\",\"currency\":\"AIC\"},\"max_total\":"
	    "{\"amount\":\"1\",\"currency\":\"AIC\"}}",
	    id_text(&id).text, id_text(broker_id(stage.broker)).text,
	    id_text(actor_id(actor)).text);
	struct signed_object object =
	    object_sign(actor_key(actor), SIG_MANDATE, buf_view(&text));
	json_open(&w, '{');
	json_key(&w, "method");
	json_put_text(&w, "negotiation.grant_mandate");
	object_put_members(&w, &object);
	json_close(&w);
	buf_fini(&text);
}

START_TEST(a_repeat_that_overtakes_its_first_has_one_effect)
{
	struct aicx_id id = broker_new_id(stage.broker);
	struct envelope first, second;
	struct buf payload = { 0 };
	uint64_t seq = broker_seq(stage.broker);

	put_signed_grant(cheap, &payload);
	stage.lazy = true;
	actor_send_as(cheap, &id, MSG_QUERY, NULL, buf_cstr(&payload));
	actor_send_as(cheap, &id, MSG_QUERY, NULL, buf_cstr(&payload));
	stage.lazy = false;
	stage_run(&stage);
	ck_assert_uint_eq(broker_seq(stage.broker), seq + 1);
	first = expect(cheap, MSG_RESULT);
	second = expect(cheap, MSG_RESULT);
	ck_assert(str_eq(first.payload, second.payload));
	buf_fini(&payload);
}
END_TEST

/* By hand, for two executions; the seller answers the first by `answer`. */
static void
order_by_hand(const char *answer)
{
	struct envelope env;
	struct buf params = { 0 };
	char id[40];

	ck_assert_int_eq(
	    as_buyer("negotiation.broadcast_intent", wish, NULL), 201);
	env = expect(cheap, MSG_QUERY);
	actor_offers(cheap, &env, "0.001", NULL);
	stage_pass(&stage, 1000);
	const struct offer *offer = NULL;
	MAP_EACH (entry, &stage.broker->state.rows[T_OFFER]) {
		struct aicx_id offer_id;
		memcpy(&offer_id, entry->key.ptr, sizeof offer_id);
		offer = state_offer(&stage.broker->state, &offer_id);
	}
	buf_printf(&params, "{\"offer_id\":\"%s\",\"max_executions\":2}",
	    id_text(&offer->offer_id).text);
	ck_assert_int_eq(
	    as_buyer("negotiation.select_offer", buf_cstr(&params), NULL), 201);
	field("contract_id", id, sizeof id);
	buf_clear(&params);
	buf_printf(&params, "{\"contract_id\":\"%s\"}", id);
	ck_assert_int_eq(
	    as_buyer("negotiation.sign_contract", buf_cstr(&params), NULL),
	    201);
	buf_clear(&params);
	buf_printf(&params, "{\"contract_id\":\"%s\",\"input\":1}", id);
	ck_assert_int_eq(
	    as_buyer("execution.execute", buf_cstr(&params), "work"), 0);
	env = expect(cheap, MSG_EXECUTE);
	(void)actor_send(cheap, MSG_ERROR, &env.id, answer);
	ck_assert_int_eq(
	    as_buyer("execution.execute", buf_cstr(&params), "work"), 502);
	buf_fini(&params);
}

START_TEST(a_contract_ends_in_time_though_its_last_work_failed)
{
	order_by_hand("{\"code\":\"failed\",\"retryable\":false}");
	ck_assert_uint_eq(broker_open_deals(stage.broker), 1);
	stage_pass(&stage, stage.settings.contract_ms - 2000);
	ck_assert_uint_eq(broker_open_deals(stage.broker), 1);
	stage_pass(&stage, 2000);
	ck_assert_uint_eq(broker_open_deals(stage.broker), 0);
}
END_TEST

START_TEST(a_record_that_was_changed_stops_the_replay_by_number)
{
	struct aicx_error error = { 0 };
	struct envelope execute = order("one");

	deliver(cheap, &execute, "2");
	stage_tamper(&stage, 3);
	ck_assert_int_eq(stage_replay(&stage, &error), AICX_EIO);
	ck_assert_ptr_nonnull(strstr(error.text, "record 4"));
}
END_TEST

static Suite *
broker_suite(void)
{
	Suite *suite = suite_create("broker");
	TCase *deals = tcase_create("deals");

	tcase_add_checked_fixture(deals, setup, teardown);
	tcase_add_test(
	    deals, a_deal_among_three_is_chosen_held_worked_billed_and_paid);
	tcase_add_test(deals,
	    a_deal_for_one_seller_asks_no_other_and_takes_no_other_offer);
	tcase_add_test(
	    deals, a_buyer_cancels_before_the_work_in_it_and_not_after_it);
	tcase_add_test(deals, a_credential_says_whom_it_speaks_for);
	tcase_add_test(deals, a_repeat_gets_the_same_answer_and_costs_nothing);
	tcase_add_test(
	    deals, a_silent_seller_delays_only_until_the_window_ends);
	tcase_add_test(deals, nobody_answering_is_no_offer_and_no_money_moves);
	tcase_add_test(deals, a_buyer_may_name_its_seller);
	tcase_add_test(deals, what_is_sold_is_listed_in_pages);
	tcase_add_test(deals, a_forged_winner_is_passed_over_for_the_next);
	tcase_add_test(
	    deals, a_forged_loser_is_not_among_what_was_to_choose_from);
	tcase_add_test(deals, work_that_is_late_gives_the_money_back);
	tcase_add_test(deals, a_second_and_a_late_result_are_refused);
	tcase_add_test(deals, a_result_for_anothers_work_is_refused);
	tcase_add_test(
	    deals, garbage_is_refused_and_the_right_result_still_counts);
	tcase_add_test(
	    deals, a_seller_that_goes_away_has_its_grace_and_no_more);
	tcase_add_test(
	    deals, a_seller_that_comes_back_gets_the_same_order_again);
	tcase_add_test(deals,
	    after_a_crash_in_mid_work_the_deal_goes_on_and_is_charged_once);
	tcase_add_test(
	    deals, after_a_crash_while_offers_come_in_sellers_are_asked_again);
	tcase_add_test(
	    deals, after_a_crash_when_all_is_done_the_answer_is_still_there);
	tcase_add_test(
	    deals, a_message_nobody_fetches_is_given_up_and_its_sender_told);
	tcase_add_test(
	    deals, a_message_in_the_mailbox_is_there_until_it_is_acknowledged);
	tcase_add_test(deals, a_mandate_ends_when_its_deals_are_used);
	tcase_add_test(deals, a_budget_that_is_too_small_holds_nothing);
	tcase_add_test(
	    deals, a_failing_store_ends_everything_without_an_answer);
	tcase_add_test(deals, a_repeat_that_overtakes_its_first_has_one_effect);
	tcase_add_test(
	    deals, a_contract_ends_in_time_though_its_last_work_failed);
	tcase_add_test(
	    deals, a_record_that_was_changed_stops_the_replay_by_number);
	suite_add_tcase(suite, deals);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(broker_suite());

	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
