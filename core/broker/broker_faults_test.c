/* SPDX-License-Identifier: Apache-2.0 */
/* broker_faults_test.c - late, wrong and repeated answers, crashes and limits
   in the middle of deals; a part of broker_test. */
#include "broker/testdata/market.h"

#include "base/id.h"
#include "base/str.h"
#include "protocol/object.h"

#include <stdio.h>
#include <string.h>

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

	(void)actor_send(cheap, MSG_RESULT, &execute.id, "{\"x\":[]}");
	refused = expect(cheap, MSG_ERROR);
	ck_assert_ptr_nonnull(strstr(refused.payload.ptr, "invalid_params"));
	deliver(cheap, &execute, "2");
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

START_TEST(after_a_crash_when_all_have_offered_nobody_is_waited_for)
{
	struct buf params = { 0 };
	struct envelope invited;

	ck_assert_int_eq(buy("one"), 0);
	invited = expect(dear, MSG_QUERY);
	actor_offers(dear, &invited, "0.003", NULL);
	buf_printf(
	    &params, "{\"agent_id\":\"%s\"}", id_text(actor_id(cheap)).text);
	ck_assert_int_lt(
	    as_operator("discovery.unregister", buf_cstr(&params)), 300);
	buf_fini(&params);
	stage_crash(&stage);
	actor_open(dear);
	stage_pass(&stage, 1);
	struct envelope execute = expect(dear, MSG_EXECUTE);
	deliver(dear, &execute, "2");
	ck_assert_int_eq(buy("one"), 200);
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

static void
poll_answered(const struct aicx_answer *answer, void *arg)
{
	/* A letter that came now would be given to those that wait. */
	*(int *)arg = answer->status;
	ck_assert(list_empty(&member_find(stage.broker, &buyer)->polls));
}

START_TEST(a_poll_that_is_answered_waits_no_more)
{
	struct module_ports ports = broker_module_ports(stage.broker);
	struct aicx_ticket *ticket = NULL;
	int status = 0;
	struct aicx_call call = {
		.size = sizeof call,
		.method = &route_find(STR("session.mailbox"))->method,
		.params = STR("{\"wait_ms\":5000}"),
		.credential = str_of(buyer_key),
		.secure = 1,
	};

	(void)order("one");
	ports.call(ports.arg, &call, poll_answered, &status, &ticket);
	ck_assert_int_eq(status, 0);
	ck_assert(!list_empty(&member_find(stage.broker, &buyer)->polls));
	(void)actor_tells(cheap, &buyer, 60000, "{\"hello\":1}");
	ck_assert_int_eq(status, 200);
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

void
add_faults(TCase *deals)
{
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
	    deals, after_a_crash_when_all_have_offered_nobody_is_waited_for);
	tcase_add_test(
	    deals, after_a_crash_when_all_is_done_the_answer_is_still_there);
	tcase_add_test(
	    deals, a_message_nobody_fetches_is_given_up_and_its_sender_told);
	tcase_add_test(
	    deals, a_message_in_the_mailbox_is_there_until_it_is_acknowledged);
	tcase_add_test(deals, a_poll_that_is_answered_waits_no_more);
	tcase_add_test(deals, a_mandate_ends_when_its_deals_are_used);
	tcase_add_test(deals, a_budget_that_is_too_small_holds_nothing);
	tcase_add_test(
	    deals, a_failing_store_ends_everything_without_an_answer);
	tcase_add_test(deals, a_repeat_that_overtakes_its_first_has_one_effect);
	tcase_add_test(
	    deals, a_contract_ends_in_time_though_its_last_work_failed);
	tcase_add_test(
	    deals, a_record_that_was_changed_stops_the_replay_by_number);
}
