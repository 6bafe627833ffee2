/* SPDX-License-Identifier: Apache-2.0 */
/* transit_deal_test.c - deals whose money a bank holds and captures. */
#include "broker/testdata/bank.h"

#include "base/id.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>

static struct actor *seller;

static const char wish[] =
    "{\"need\":\"text.count\",\"input\":\"one two\","
    "\"max_price\":{\"amount\":\"0.01\",\"currency\":\"AIC\"}}";

static int
buy(const char *key)
{
	return stage_call(&stage, buyer_key, "deal.buy", wish, key, &body);
}

static void
open_deal(void)
{
	open_bank();
	ck_assert_int_eq(move("economics.fund", "1", NULL), 201);
	ck_assert_int_eq(
	    stage_call(&stage, buyer_key, "negotiation.grant_mandate",
		"{\"mandate\":{\"need\":[\"text.count\"],"
		"\"max_each\":{\"amount\":\"0.01\",\"currency\":"
		"\"AIC\"},\"max_total\":{\"amount\":\"0.05\","
		"\"currency\":\"AIC\"},\"max_deals\":5}}",
		NULL, &body),
	    201);
	seller = actor_new(&stage, "seller");
	actor_open(seller);
	actor_sells(seller, "text.count", "0.003");
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
offer(void)
{
	struct envelope asked = expect(MSG_QUERY);

	actor_offers(seller, &asked, "0.002", NULL);
	stage_pass(&stage, 0);
}

static void
work(void)
{
	struct envelope order = expect(MSG_EXECUTE);
	struct buf text = { 0 };
	const char *at = strstr(order.payload.ptr, "\"execution_id\":\"");

	buf_printf(&text, "{%.*s,\"output\":{\"words\":2}}", 53, at);
	(void)actor_send(seller, MSG_RESULT, &order.id, buf_cstr(&text));
	buf_fini(&text);
}

static void
expect_settled(void)
{
	ck_assert_int_eq(account(&buyer)->available_minor, 998000);
	ck_assert_int_eq(account(&buyer)->reserved_minor, 0);
	ck_assert_int_eq(account(actor_id(seller))->available_minor, 2000);
	ck_assert_uint_eq(bank_count(AICX_PAY_CAPTURE), 1);
	ck_assert_uint_eq(bank_count(AICX_PAY_VOID), 0);
	ck_assert_int_eq(bank.did[bank.n_did - 1].minor, 2000);
	expect_row(PAYMENT_CAPTURE, PAYMENT_DONE);
	ck_assert_int_eq(buy("deal"), 200);
	ck_assert_ptr_nonnull(strstr(buf_cstr(&body), "\"words\":2"));
}

START_TEST(a_deal_is_authorized_then_captured)
{
	ck_assert_int_eq(buy("deal"), 0);
	offer();
	expect_row(PAYMENT_AUTHORIZE, PAYMENT_DONE);
	ck_assert_int_eq(account(&buyer)->reserved_minor, 2000);
	work();
	expect_settled();
}
END_TEST

START_TEST(a_lost_answer_to_either_only_delays_the_deal)
{
	ck_assert_int_eq(buy("deal"), 0);
	bank_will(SILENT_DONE, SILENT_DONE);
	offer();
	expect_row(PAYMENT_AUTHORIZE, PAYMENT_ASKED);
	ck_assert_int_eq(account(&buyer)->reserved_minor, 0);
	stage_pass(&stage, 1000);
	ck_assert_int_eq(account(&buyer)->reserved_minor, 2000);
	work();
	expect_row(PAYMENT_CAPTURE, PAYMENT_ASKED);
	ck_assert_int_eq(account(&buyer)->reserved_minor, 2000);
	stage_pass(&stage, 1000);
	expect_settled();
}
END_TEST

START_TEST(a_capture_nobody_knows_of_keeps_the_hold)
{
	ck_assert_int_eq(buy("deal"), 0);
	offer();
	bank_will(SILENT_DONE, SAY_DONE);
	bank.status_silent = true;
	work();
	stage_pass(&stage, 100000); /* beyond the deal's deadline */
	ck_assert_int_eq(account(&buyer)->reserved_minor, 2000);
	stage_crash(&stage);
	stage_pass(&stage, 100000);
	ck_assert_int_eq(account(&buyer)->reserved_minor, 2000);
	bank.status_silent = false;
	stage_pass(&stage, 10000);
	expect_settled();
}
END_TEST

START_TEST(a_capture_is_settled_from_its_record_after_a_restart)
{
	ck_assert_int_eq(buy("deal"), 0);
	offer();
	bank_will(SAY_NOTHING_YET, SAY_DONE);
	work();
	stage_crash(&stage);
	stage_pass(&stage, 5000);
	expect_settled();
	stage_crash(&stage);
	expect_settled();
}
END_TEST

START_TEST(a_capture_that_is_refused_fails_the_deal_and_is_voided)
{
	ck_assert_int_eq(buy("deal"), 0);
	offer();
	bank_will(SAY_REFUSED, SILENT_DONE);
	work();
	ck_assert_int_eq(account(&buyer)->available_minor, 1000000);
	expect_row(PAYMENT_VOID, PAYMENT_ASKED);
	stage_pass(&stage, 2000);
	expect_row(PAYMENT_VOID, PAYMENT_DONE);
	ck_assert_uint_eq(bank_count(AICX_PAY_CAPTURE), 0);
	ck_assert_int_eq(buy("deal"), 503);
}
END_TEST

START_TEST(an_authorization_whose_deal_died_is_voided)
{
	ck_assert_int_eq(buy("deal"), 0);
	bank_will(SAY_NOTHING_YET, SAY_DONE);
	offer();
	struct aicx_id first = payment_id;
	stage_crash(&stage);
	/* The deal goes on at once, with an authorization of its own. */
	const struct payment *died =
	    state_payment(&stage.broker->state, &first);
	ck_assert_ptr_nonnull(died);
	ck_assert_int_eq(died->op, PAYMENT_VOID);
	ck_assert_int_eq(died->state, PAYMENT_DONE);
	ck_assert(bank_did(&first, AICX_PAY_VOID) != NULL);
	stage_pass(&stage, 120000);
	ck_assert_int_eq(account(&buyer)->available_minor, 1000000);
}
END_TEST

START_TEST(an_authorization_nobody_knows_of_in_time_ends_the_deal)
{
	ck_assert_int_eq(buy("deal"), 0);
	bank_will(SILENT_DONE, SAY_DONE);
	bank.status_silent = true;
	offer();
	stage_pass(&stage, 61000);
	ck_assert_int_eq(buy("deal"), 402);
	expect_row(PAYMENT_VOID, PAYMENT_DONE);
	ck_assert_int_eq(account(&buyer)->available_minor, 1000000);
}
END_TEST

START_TEST(a_deal_that_times_out_gives_its_authorization_back)
{
	ck_assert_int_eq(buy("deal"), 0);
	offer();
	stage_pass(&stage, 120000);
	expect_row(PAYMENT_VOID, PAYMENT_DONE);
	ck_assert_int_eq(account(&buyer)->available_minor, 1000000);
	ck_assert_uint_eq(bank_count(AICX_PAY_CAPTURE), 0);
}
END_TEST

int
main(void)
{
	TCase *deals = tcase_create("deals");
	Suite *suite = suite_create("transit_deal");

	tcase_add_checked_fixture(deals, open_deal, close_bank);
	tcase_add_test(deals, a_deal_is_authorized_then_captured);
	tcase_add_test(deals, a_lost_answer_to_either_only_delays_the_deal);
	tcase_add_test(deals, a_capture_nobody_knows_of_keeps_the_hold);
	tcase_add_test(
	    deals, a_capture_is_settled_from_its_record_after_a_restart);
	tcase_add_test(
	    deals, a_capture_that_is_refused_fails_the_deal_and_is_voided);
	tcase_add_test(deals, an_authorization_whose_deal_died_is_voided);
	tcase_add_test(
	    deals, an_authorization_nobody_knows_of_in_time_ends_the_deal);
	tcase_add_test(
	    deals, a_deal_that_times_out_gives_its_authorization_back);
	suite_add_tcase(suite, deals);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
