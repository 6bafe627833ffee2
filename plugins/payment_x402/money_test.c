/* SPDX-License-Identifier: Apache-2.0 */
/* money_test.c - the broker's questions: whose money there is, and how much. */
#include "test_shop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

START_TEST(money_without_a_payment_is_refused)
{
	struct aicx_id nobody = { { 1 } };

	authorize(&nobody);
	ck_assert_uint_eq(paid.state, AICX_PAY_REFUSED);
	capture(&nobody);
	ck_assert_uint_eq(paid.state, AICX_PAY_UNKNOWN);
	move(plugin->ops.payment->fund, AICX_PAY_FUND, &nobody, 1);
	ck_assert_uint_eq(paid.state, AICX_PAY_REFUSED);
	move(plugin->ops.payment->refund, AICX_PAY_REFUND, &nobody, 1);
	ck_assert_uint_eq(paid.state, AICX_PAY_REFUSED);
	move(plugin->ops.payment->void_, AICX_PAY_VOID, &nobody, 1);
	ck_assert_uint_eq(paid.state, AICX_PAY_DONE);
	ck_assert_uint_eq(count_asked("/settle"), 0);
}
END_TEST

START_TEST(more_than_the_price_is_not_authorized)
{
	struct aicx_id deal;

	pay_with(header_of(NONCE, NULL), "{}");
	facilitator_says("/verify", VALID);
	deal = deal_id();
	move(plugin->ops.payment->authorize, AICX_PAY_AUTHORIZE, &deal, 50001);
	ck_assert_uint_eq(paid.state, AICX_PAY_REFUSED);
}
END_TEST

START_TEST(it_pays_for_the_buyer_alone)
{
	struct aicx_id buyer = { { 0x01, 0x90, 0xa1, 0xb2, 0, 0, 0x70, 0,
	    0x80, [15] = 1 } };
	struct aicx_id other = { { 7 } };

	ck_assert(plugin->ops.payment->pays_for(state, &buyer) != 0);
	ck_assert(plugin->ops.payment->pays_for(state, &other) == 0);
}
END_TEST

START_TEST(what_the_buyers_account_lacks_is_not_the_payers_fault)
{
	pay_with(header_of(NONCE, NULL), "{}");
	facilitator_says("/verify", VALID);
	broker_says("deal.buy", 402, "{\"code\":\"insufficient_funds\"}");
	ck_assert_uint_eq(fake->response.status, 503);
	ck_assert_ptr_null(header("PAYMENT-REQUIRED"));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("money");
	TCase *tcase = tcase_create("money");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, money_without_a_payment_is_refused);
	tcase_add_test(tcase, more_than_the_price_is_not_authorized);
	tcase_add_test(tcase, it_pays_for_the_buyer_alone);
	tcase_add_test(
	    tcase, what_the_buyers_account_lacks_is_not_the_payers_fault);
	suite_add_tcase(suite, tcase);
	return shop_run(suite);
}
