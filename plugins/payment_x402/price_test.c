/* SPDX-License-Identifier: Apache-2.0 */
/* price_test.c - a price that was told holds, for its time and for as many as
   are remembered. */
#include "test_shop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OTHER "0190a1b2-0000-7000-8000-000000000003"
#define NONCE_2                                                                \
	"0x3333333333333333333333333333333333333333333333333333333333333333"
#define GOODS_OF_OTHER                                                         \
	"{\"capabilities\":[{\"agent_id\":\"" OTHER                            \
	"\",\"name\":\"echo\",\"place\":1,\"pricing\":{\"model\":"             \
	"\"per_call\",\"base_cost\":{\"amount\":\"0.07\",\"currency\":"        \
	"\"AIC\"}}}]}"

/* With a payment of 0.05, or none, while the catalog says otherwise. */
static void
order_at(const char *nonce, const char *query, const char *goods)
{
	char *text = nonce != NULL ? header_of(nonce, NULL) : NULL;

	(void)visit("POST", "/x402/echo", query, text, "{}");
	broker_says("discovery.list_capabilities", 200, goods);
	free(text);
}

static void
expect_asked(const char *amount)
{
	json_t *required;

	ck_assert_uint_eq(fake->response.status, 402);
	required = header("PAYMENT-REQUIRED");
	ck_assert_str_eq(
	    json_string_value(json_object_get(
		json_array_get(json_object_get(required, "accepts"), 0),
		"amount")),
	    amount);
	json_decref(required);
}

/* 0.05 goes to the facilitator, and is the most that the seller gets. */
static void
expect_ordered(void)
{
	struct aicx_ticket *call;
	struct aicx_id deal;
	json_t *params;

	ck_assert_uint_eq(fake->response.status, 0);
	ck_assert_ptr_nonnull(
	    strstr(asked_for("/verify")->body, "\"amount\":\"50000\""));
	facilitator_says("/verify", VALID);
	call = call_of("deal.buy");
	params = json_loadb(call->params.ptr, call->params.len, 0, NULL);
	ck_assert_str_eq(
	    json_string_value(json_object_get(params, "provider_id")), SELLER);
	ck_assert_str_eq(json_string_value(json_object_get(
			     json_object_get(params, "max_price"), "amount")),
	    "0.05");
	json_decref(params);
	deal = deal_id();
	authorize(&deal);
	ck_assert_uint_eq(paid.state, AICX_PAY_DONE);
}

START_TEST(a_price_that_was_told_holds_while_the_catalog_moves)
{
	struct aicx_id deal;

	order_at(NULL, "", GOODS("0.05"));
	expect_asked("50000");
	fake_advance(fake, 59000);
	order_at(NONCE, "", GOODS("0.10"));
	expect_ordered();
	deal = deal_id();
	capture(&deal);
	facilitator_says("/settle", SETTLED);
	broker_says("deal.buy", 200, DEAL);
	ck_assert_uint_eq(fake->response.status, 200);
	order_at(NONCE_2, "", GOODS("0.01")); /* nobody else's price moves */
	expect_ordered();
}
END_TEST

START_TEST(a_price_that_was_told_holds_when_another_seller_is_first)
{
	order_at(NULL, "", GOODS("0.05"));
	order_at(NONCE, "", GOODS_OF_OTHER);
	expect_ordered();
	/* Who names a seller gets that one's price. */
	order_at(NONCE_2, "provider=" OTHER, GOODS_OF_OTHER);
	expect_asked("70000");
}
END_TEST

START_TEST(a_price_that_nobody_was_told_is_refused)
{
	order_at(NONCE, "", GOODS("0.10"));
	expect_asked("100000");
	ck_assert_uint_eq(count_asked("/verify"), 0);
}
END_TEST

START_TEST(after_its_time_a_price_is_told_anew)
{
	order_at(NULL, "", GOODS("0.05"));
	fake_advance(fake, 60000);
	order_at(NONCE, "", GOODS("0.10"));
	expect_asked("100000");
	ck_assert_uint_eq(count_asked("/verify"), 0);
	ck_assert_uint_eq(count_calls("deal.buy"), 0);
}
END_TEST

START_TEST(a_payment_that_fails_does_not_make_an_old_price_last)
{
	order_at(NULL, "", GOODS("0.05"));
	fake_advance(fake, 40000);
	order_at(NONCE, "", GOODS("0.10"));
	facilitator_says("/verify",
	    "{\"isValid\":false,\"invalidReason\":\"insufficient_funds\"}");
	expect_asked("100000");
	fake_advance(fake, 21000);
	order_at(NONCE_2, "", GOODS("0.10"));
	expect_asked("100000");
}
END_TEST

START_TEST(of_more_than_max_offers_prices_the_oldest_is_forgotten)
{
	plugin->close(state);
	fake_set(settings, plugin, "max_offers", 2, NULL);
	memset(&net, 0, sizeof net);
	start();
	order_at(NULL, "", GOODS("0.05"));
	order_at(NULL, "", GOODS("0.06"));
	order_at(NULL, "", GOODS("0.06")); /* once in the list */
	order_at(NONCE, "", GOODS("0.10"));
	expect_ordered();
	order_at(NULL, "", GOODS("0.07"));
	order_at(NONCE_2, "", GOODS("0.10"));
	expect_asked("100000");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("price");
	TCase *tcase = tcase_create("price");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(
	    tcase, a_price_that_was_told_holds_while_the_catalog_moves);
	tcase_add_test(
	    tcase, a_price_that_was_told_holds_when_another_seller_is_first);
	tcase_add_test(tcase, a_price_that_nobody_was_told_is_refused);
	tcase_add_test(tcase, after_its_time_a_price_is_told_anew);
	tcase_add_test(
	    tcase, a_payment_that_fails_does_not_make_an_old_price_last);
	tcase_add_test(
	    tcase, of_more_than_max_offers_prices_the_oldest_is_forgotten);
	suite_add_tcase(suite, tcase);
	return shop_run(suite);
}
