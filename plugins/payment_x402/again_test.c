/* SPDX-License-Identifier: Apache-2.0 */
/* again_test.c - the same payment again, payments that wait for their turn, and
   what a restart takes up. */
#include "test_shop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

START_TEST(the_same_identifier_and_payment_give_the_same_answer)
{
	json_t *payment = payment_new(NONCE, PAYMENT_ID);
	char *text = encode(payment);

	(void)work_done(strdup(text));
	facilitator_says("/settle", SETTLED);
	broker_says("deal.buy", 200, DEAL);
	order(text, "{\"say\":\"hi\"}");
	expect_paid();
	ck_assert_ptr_nonnull(
	    strstr(fake->response_headers.ptr, "Idempotency-Replayed: true"));
	order(text, "{\"say\":\"something else\"}");
	ck_assert_uint_eq(fake->response.status, 409);
	free(text);
	pay_with(header_of("0x333333333333333333333333333333333333333333333333"
			   "3333333333333333",
		     PAYMENT_ID),
	    "{\"say\":\"hi\"}");
	ck_assert_uint_eq(fake->response.status, 409);
	ck_assert_uint_eq(count_calls("deal.buy"), 1);
	ck_assert_uint_eq(count_asked("/settle"), 1);
	json_decref(payment);
}
END_TEST

START_TEST(a_nonce_seen_before_does_nothing)
{
	char *text = header_of(NONCE, NULL);

	(void)work_done(strdup(text));
	order(text, "{\"say\":\"hi\"}"); /* while it is under way */
	ck_assert_uint_eq(fake->response.status, 409);
	facilitator_says("/settle", SETTLED);
	broker_says("deal.buy", 200, DEAL);
	order(text, "{\"say\":\"hi\"}");
	ck_assert_uint_eq(fake->response.status, 409);
	ck_assert_uint_eq(count_calls("deal.buy"), 1);
	ck_assert_uint_eq(count_asked("/verify"), 1);
	free(text);
}
END_TEST

START_TEST(a_client_that_went_away_finds_its_answer)
{
	char *text = header_of(NONCE, PAYMENT_ID);
	struct aicx_exchange *exchange =
	    visit("POST", "/x402/echo", "", text, "{}");
	struct aicx_id deal;

	broker_says("discovery.list_capabilities", 200, GOODS("0.05"));
	facilitator_says("/verify", VALID);
	deal = deal_id();
	door->cancel(door_arg, exchange);
	authorize(&deal);
	capture(&deal);
	facilitator_says("/settle", SETTLED);
	broker_says("deal.buy", 200, DEAL);
	ck_assert_uint_eq(fake->response.status, 0);
	order(text, "{}");
	expect_paid();
	free(text);
}
END_TEST

START_TEST(settlements_wait_for_their_turn)
{
	static const char nonce[] = "0x4444444444444444444444444444444444444444"
				    "444444444444444444444444";

	teardown();
	setup_with("max_parallel_settle", 1, NULL);
	start();
	struct aicx_id one = work_done(header_of(NONCE, NULL));
	fake_advance(fake, 1); /* another id */
	struct aicx_id two = work_done(header_of(nonce, NULL));
	ck_assert_mem_ne(&one, &two, sizeof one);
	ck_assert_uint_eq(count_asked("/settle"), 1);
	facilitator_says("/settle", SETTLED);
	ck_assert_uint_eq(count_asked("/settle"), 2);
	facilitator_says("/settle", SETTLED);
	ck_assert_uint_eq(paid.state, AICX_PAY_DONE);
}
END_TEST

START_TEST(more_than_max_open_payments_wait)
{
	teardown();
	setup_with("max_open", 1, NULL);
	start();
	(void)work_done(header_of(NONCE, NULL));
	pay_with(header_of("0x4444444444444444444444444444444444444444"
			   "444444444444444444444444",
		     NULL),
	    "{}");
	ck_assert_uint_eq(fake->response.status, 503);
}
END_TEST

/* --- restarts -------------------------------------------------------- */

START_TEST(a_reservation_without_a_deal_is_forgotten_at_a_restart)
{
	pay_with(header_of(NONCE, NULL), "{}");
	restart();
	broker_says("deal.get", 404, "{\"code\":\"not_found\"}");
	ck_assert_uint_eq(count_calls("deal.buy"), 0);
	pay_with(header_of(NONCE, NULL), "{}");
	ck_assert_uint_eq(count_asked("/verify"), 1);
}
END_TEST

START_TEST(work_under_way_is_taken_up_at_a_restart_and_paid_once)
{
	char *text = header_of(NONCE, PAYMENT_ID);
	struct aicx_id deal, again;

	order(text, "{}");
	facilitator_says("/verify", VALID);
	deal = deal_id();
	authorize(&deal);
	restart();
	again = deal_id(); /* the same deal under the same key */
	ck_assert_mem_eq(&deal, &again, sizeof deal);
	capture(&deal);
	facilitator_says("/settle", SETTLED);
	order(text, "{}"); /* its payer is back and waits */
	ck_assert_uint_eq(fake->response.status, 0);
	broker_says("deal.buy", 200, DEAL);
	expect_paid();
	free(text);
}
END_TEST

START_TEST(a_settlement_cut_by_a_restart_is_asked_again_and_known)
{
	char *text = header_of(NONCE, PAYMENT_ID);
	struct aicx_id deal = work_done(strdup(text));

	restart();
	ask_status(&deal);
	facilitator_says("/settle",
	    "{\"success\":false,\"errorReason\":"
	    "\"invalid_exact_evm_nonce_already_used\",\"transaction\":\"" TX
	    "\"}");
	ck_assert_uint_eq(paid.state, AICX_PAY_DONE);
	broker_says("deal.buy", 200, DEAL);
	restart();
	ck_assert_ptr_null(call_of("deal.buy"));
	order(text, "{\"say\":\"hi\"}");
	expect_paid();
	free(text);
}
END_TEST

START_TEST(a_deal_that_cannot_be_asked_is_asked_later)
{
	struct aicx_id deal = work_done(header_of(NONCE, NULL));

	facilitator_fails("/settle", AICX_ETIMEDOUT, 0, "");
	broker_says("deal.buy", 503, FAILED);
	ck_assert_ptr_null(call_of("deal.buy"));
	fake_advance(fake, 1100);
	ck_assert_ptr_nonnull(call_of("deal.buy"));
	ask_status(&deal);
	facilitator_says("/settle", SETTLED);
	broker_says("deal.buy", 200, DEAL);
	expect_paid();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("again");
	TCase *tcase = tcase_create("again");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(
	    tcase, the_same_identifier_and_payment_give_the_same_answer);
	tcase_add_test(tcase, a_nonce_seen_before_does_nothing);
	tcase_add_test(tcase, a_client_that_went_away_finds_its_answer);
	tcase_add_test(tcase, settlements_wait_for_their_turn);
	tcase_add_test(tcase, more_than_max_open_payments_wait);
	tcase_add_test(
	    tcase, a_reservation_without_a_deal_is_forgotten_at_a_restart);
	tcase_add_test(
	    tcase, work_under_way_is_taken_up_at_a_restart_and_paid_once);
	tcase_add_test(
	    tcase, a_settlement_cut_by_a_restart_is_asked_again_and_known);
	tcase_add_test(tcase, a_deal_that_cannot_be_asked_is_asked_later);
	suite_add_tcase(suite, tcase);
	return shop_run(suite);
}
