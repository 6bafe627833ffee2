/* SPDX-License-Identifier: Apache-2.0 */
/* late_test.c - work that costs nothing has one record, when it ends. */
#include "broker/testdata/parties.h"

#include "base/id.h"

#include <stdio.h>
#include <string.h>

static char contract[40];
static size_t n_signed; /* records of the deal, when all had signed */

#define EXECUTE "{'contract_id':'%s','input':'do it','deadline_ms':60000}"

/* Of the deal, whose id is the contract's, since then. */
static size_t
n_records(void)
{
	struct aicx_id id;

	ck_assert(id_parse(str_of(contract), &id));
	return state_trail(&stage.broker->state, &id)->n - n_signed;
}

/* Ann may have bob work for her, for this price. */
static void
agree(const char *price)
{
	ck_assert_int_eq(
	    ASK(ann, "negotiation.create_contract",
		"{'provider_id':'%s','capability':'text.hand','terms':{"
		"'pricing':{'model':'per_call','base_cost':{'amount':'%s',"
		"'currency':'AIC'}}},'max_executions':2}",
		bob.id, price),
	    201);
	(void)snprintf(contract, sizeof contract, "%s", member("contract_id"));
	ck_assert_int_eq(ASK(ann, "negotiation.sign_contract",
			     "{'contract_id':'%s'}", contract),
	    201);
	ck_assert_int_eq(ASK(bob, "negotiation.sign_contract",
			     "{'contract_id':'%s'}", contract),
	    201);
	n_signed = 0;
	n_signed = n_records();
}

/* A mailbox makes bob reachable. */
static void
open_free(void)
{
	open_parties();
	ck_assert_int_eq(
	    ASK(bob, "discovery.update_capability",
		"{'agent_id':'%s','capability_id':'text.hand','name':"
		"'text.hand','pricing':{'model':'per_call','base_cost':" AIC(
		    "0") "}}",
		bob.id),
	    200);
	agree("0");
}

static int
order(const char *key)
{
	return ASK_ONCE(ann, key, "execution.execute", EXECUTE, contract);
}

/* The work that bob finds in his mailbox. */
static const char *
ordered(void)
{
	char text[64] = "";
	const char *at;

	stage_pass(&stage, 6000); /* what was seen comes again */
	ck_assert_int_eq(ASK(bob, "session.mailbox", "{'wait_ms':0}"), 200);
	at = strstr(buf_cstr(&body), "execution_id\\\":\\\"");
	ck_assert_msg(at != NULL, "%s", buf_cstr(&body));
	(void)snprintf(text, sizeof text, "{\"is\":\"%.36s\"}",
	    at + strlen("execution_id\\\":\\\""));
	buf_clear(&body);
	buf_text(&body, text);
	return member("is");
}

static int
deliver(const char *execution)
{
	return ASK(bob, "execution.result",
	    "{'execution_id':'%s','output':'done'}", execution);
}

START_TEST(it_is_recorded_when_it_ends_and_costs_nothing)
{
	ck_assert_int_eq(order("one"), 0);
	ck_assert_int_eq(order("one"), 0); /* a repeat waits with the first */
	const char *execution = ordered();
	ck_assert_uint_eq(n_records(), 0);
	ck_assert_int_eq(deliver(execution), 200);
	ck_assert_uint_eq(n_records(), 1);
	ck_assert_int_eq(order("one"), 200);
	SAYS("\"result\":\"done\"");
	SAYS("\"held\":{\"amount\":\"0.000000\"");
	ck_assert_str_eq(member("state"), "signed");
	ck_assert_int_eq(deliver(execution), 409);
	ck_account(&ann, 1000000, 0, 0);
	stage_crash(&stage);
	ck_assert_int_eq(order("one"), 200);
	SAYS("\"result\":\"done\"");
	ck_assert_uint_eq(n_records(), 1);
}
END_TEST

START_TEST(its_last_execution_ends_the_contract)
{
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(order(i > 0 ? "two" : "one"), 0);
		ck_assert_int_eq(deliver(ordered()), 200);
	}
	ck_assert_uint_eq(n_records(), 2);
	ck_assert_int_eq(order("two"), 200);
	ck_assert_str_eq(member("state"), "settled");
	ck_assert_uint_eq(broker_open_deals(stage.broker), 0);
}
END_TEST

START_TEST(after_a_crash_the_same_request_orders_the_same_work)
{
	char was[40];

	ck_assert_int_eq(order("one"), 0);
	(void)snprintf(was, sizeof was, "%s", ordered());
	stage_crash(&stage);
	ck_assert_int_eq(deliver(was), 404);
	ck_assert_int_eq(order("one"), 0);
	ck_assert_str_eq(ordered(), was);
	ck_assert_int_eq(deliver(was), 200);
	ck_assert_int_eq(order("one"), 200);
	ck_assert_uint_eq(n_records(), 1);
	/* Another request is other work. */
	ck_assert_int_eq(order("two"), 0);
	ck_assert_str_ne(ordered(), was);
}
END_TEST

START_TEST(who_looks_at_it_is_shown_what_no_crash_undoes)
{
	char execution[40];

	ck_assert_int_eq(order("one"), 0);
	(void)snprintf(execution, sizeof execution, "%s", ordered());
	ck_assert_int_eq(ASK(ann, "execution.get_execution",
			     "{'execution_id':'%s'}", execution),
	    200);
	ck_assert_str_eq(member("state"), "IN_PROGRESS");
	ck_assert_uint_eq(n_records(), 1);
	ck_assert_int_eq(
	    ASK(cat, "deal.get", "{'deal_id':'%s'}", contract), 404);
	stage_crash(&stage);
	ck_assert_int_eq(order("one"), 0);
	ck_assert_str_eq(ordered(), execution);
	ck_assert_int_eq(deliver(execution), 200);
	ck_assert_int_eq(order("one"), 200);
	ck_assert_uint_eq(n_records(), 2);
}
END_TEST

START_TEST(a_strangers_look_records_nothing)
{
	ck_assert_int_eq(order("one"), 0);
	ck_assert_int_eq(
	    ASK(cat, "deal.get", "{'deal_id':'%s'}", contract), 404);
	ck_assert_uint_eq(n_records(), 0);
	ck_assert_int_eq(deliver(ordered()), 200);
}
END_TEST

START_TEST(what_is_tried_again_or_fails_is_recorded_before)
{
	static const char *const busy =
	    "{'execution_id':'%s','error':{'code':'busy','retryable':%s}}";

	ck_assert_int_eq(order("one"), 0);
	const char *execution = ordered();
	ck_assert_int_eq(
	    ASK(bob, "execution.result", busy, execution, "true"), 200);
	ck_assert_str_eq(member("state"), "RETRYING");
	ck_assert_uint_eq(n_records(), 2);
	stage_pass(&stage, 1000);
	ck_assert_str_eq(ordered(), execution);
	ck_assert_int_eq(
	    ASK(bob, "execution.result", busy, execution, "false"), 200);
	ck_assert_int_eq(order("one"), 502);
	ck_assert_int_eq(order("two"), 0);
	ck_assert_int_eq(
	    ASK(ann, "deal.cancel", "{'deal_id':'%s'}", contract), 200);
	ck_assert_int_eq(order("two"), 409);
	ck_account(&ann, 1000000, 0, 0);
}
END_TEST

START_TEST(a_broker_that_stops_in_order_forgets_none)
{
	char execution[40];

	ck_assert_int_eq(order("one"), 0);
	(void)snprintf(execution, sizeof execution, "%s", ordered());
	broker_drain(stage.broker);
	stage_run(&stage);
	stage_crash(&stage);
	ck_assert_uint_eq(n_records(), 1);
	ck_assert_int_eq(deliver(execution), 200);
	ck_assert_int_eq(order("one"), 200);
}
END_TEST

START_TEST(an_id_that_is_taken_is_refused)
{
	static const char *const named =
	    "{'contract_id':'%s','execution_id':'%s','input':1}";

	ck_assert_int_eq(order("one"), 0);
	const char *execution = ordered();
	REFUSED(409, ASK(ann, "execution.execute", named, contract, execution),
	    "already_exists");
	REFUSED(409, order("two"), "wrong_state");
	ck_assert_int_eq(deliver(execution), 200);
	REFUSED(409, ASK(ann, "execution.execute", named, contract, execution),
	    "already_exists");
}
END_TEST

START_TEST(what_costs_something_is_held_and_recorded_first)
{
	agree("0.1");
	ck_assert_int_eq(order("dear"), 0);
	ck_assert_uint_eq(n_records(), 1);
	ck_account(&ann, 900000, 100000, 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("late");
	TCase *work = parties_case(suite, "free work", open_free);

	tcase_add_test(work, it_is_recorded_when_it_ends_and_costs_nothing);
	tcase_add_test(work, its_last_execution_ends_the_contract);
	tcase_add_test(
	    work, after_a_crash_the_same_request_orders_the_same_work);
	tcase_add_test(work, who_looks_at_it_is_shown_what_no_crash_undoes);
	tcase_add_test(work, a_strangers_look_records_nothing);
	tcase_add_test(work, what_is_tried_again_or_fails_is_recorded_before);
	tcase_add_test(work, a_broker_that_stops_in_order_forgets_none);
	tcase_add_test(work, an_id_that_is_taken_is_refused);
	tcase_add_test(work, what_costs_something_is_held_and_recorded_first);
	return parties_run(suite);
}
