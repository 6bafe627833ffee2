/* SPDX-License-Identifier: Apache-2.0 */
/* broker_test.c - whole deals among three agents under a fake clock. */
#include "broker/testdata/market.h"

#include "base/id.h"
#include "base/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	ck_assert_ptr_nonnull(
	    strstr(buf_cstr(&body), "{\"role\":\"guest\",\"principal\":"));
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

START_TEST(who_collects_after_the_first_good_offer_does_not_wait)
{
	static const char *const asked[] = { "first_good", "lowest_price" };
	struct buf params = { 0 };

	for (int i = 0; i < 2; i++) {
		char deal_id[40];

		(void)snprintf(deal_id, sizeof deal_id,
		    "0197f2d4-0000-7000-8000-00000000000%d", i);
		buf_clear(&params);
		buf_printf(&params,
		    "{\"intent_id\":\"%s\",\"need\":\"text.count\","
		    "\"max_price\":{\"amount\":\"0.01\",\"currency\":"
		    "\"AIC\"},\"choose\":\"%s\"}",
		    deal_id, asked[i]);
		ck_assert_int_eq(as_buyer("negotiation.broadcast_intent",
				     buf_cstr(&params), deal_id),
		    201);
		struct envelope invited = expect(dear, MSG_QUERY);
		actor_offers(dear, &invited, "0.003", NULL);
		buf_clear(&params);
		buf_printf(&params,
		    "{\"intent_id\":\"%s\",\"timeout_ms\":20000}", deal_id);
		/* The other seller is still to answer. */
		ck_assert_int_eq(as_buyer("negotiation.collect_offers",
				     buf_cstr(&params), NULL),
		    i == 0 ? 200 : 0);
	}
	stage_pass(&stage, 1000);
	ck_assert_int_eq(
	    as_buyer("negotiation.collect_offers", buf_cstr(&params), NULL),
	    200);
	ck_assert_ptr_nonnull(strstr(buf_cstr(&body), "0.003"));
	buf_fini(&params);
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

static Suite *
broker_suite(void)
{
	Suite *suite = suite_create("broker");
	TCase *deals = tcase_create("deals");

	tcase_add_checked_fixture(deals, open_market, close_market);
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
	tcase_add_test(
	    deals, who_collects_after_the_first_good_offer_does_not_wait);
	tcase_add_test(deals, nobody_answering_is_no_offer_and_no_money_moves);
	tcase_add_test(deals, a_buyer_may_name_its_seller);
	tcase_add_test(deals, what_is_sold_is_listed_in_pages);
	tcase_add_test(deals, a_forged_winner_is_passed_over_for_the_next);
	tcase_add_test(
	    deals, a_forged_loser_is_not_among_what_was_to_choose_from);
	add_faults(deals);
	suite_add_tcase(suite, deals);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(broker_suite());

	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
