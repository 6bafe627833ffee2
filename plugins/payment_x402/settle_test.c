/* SPDX-License-Identifier: Apache-2.0 */
/* settle_test.c - a payment is verified, worked for and settled; and what the
   facilitator may do instead. */
#include "test_shop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

START_TEST(a_good_payment_is_verified_worked_for_settled_and_answered)
{
	struct aicx_ticket *call;
	json_t *params;

	(void)work_done(header_of(NONCE, NULL));
	ck_assert_int_eq(paid.n, 0); /* nothing is told before the settlement */
	ck_assert_ptr_nonnull(
	    strstr(asked_for("/settle")->body, "\"paymentRequirements\""));
	facilitator_says("/settle", SETTLED);
	ck_assert_int_eq(paid.n, 1);
	ck_assert_uint_eq(paid.state, AICX_PAY_DONE);
	ck_assert_int_eq(paid.minor, 50000);
	ck_assert_ptr_nonnull(strstr(paid.reference, TX));
	ck_assert_uint_eq(fake->response.status, 0);
	call = call_of("deal.buy");
	ck_assert_str_eq(call->credential, "key");
	params = json_loadb(call->params.ptr, call->params.len, 0, NULL);
	ck_assert_str_eq(
	    json_string_value(json_object_get(params, "provider_id")), SELLER);
	json_decref(params);
	broker_says("deal.buy", 200, DEAL);
	expect_paid();
}
END_TEST

START_TEST(a_header_without_padding_is_taken)
{
	char *text = header_of(NONCE, NULL);

	text[strcspn(text, "=")] = '\0';
	pay_with(text, "{}");
	ck_assert_uint_eq(count_asked("/verify"), 1);
}
END_TEST

START_TEST(addresses_may_differ_in_case)
{
	char *text = header_of(NONCE, NULL);
	json_t *payment = payment_new(NONCE, NULL);

	free(text);
	(void)json_object_set_new(json_object_get(payment, "accepted"), "payTo",
	    json_string("0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc"));
	text = encode(payment);
	json_decref(payment);
	pay_with(text, "{}");
	ck_assert_uint_eq(count_asked("/verify"), 1);
}
END_TEST

START_TEST(what_the_facilitator_finds_invalid_is_asked_for_again)
{
	pay_with(header_of(NONCE, PAYMENT_ID), "{}");
	facilitator_says("/verify",
	    "{\"isValid\":false,\"invalidReason\":\"insufficient_funds\"}");
	expect_required("insufficient_funds");
	ck_assert_uint_eq(count_calls("deal.buy"), 0);
	/* Nothing stays of it: the true owner of the nonce is not locked
	   out. */
	pay_with(header_of(NONCE, PAYMENT_ID), "{}");
	ck_assert_uint_eq(count_asked("/verify"), 2);
}
END_TEST

START_TEST(a_facilitator_that_lies_about_the_payer_is_not_believed)
{
	pay_with(header_of(NONCE, NULL), "{}");
	facilitator_says(
	    "/verify", "{\"isValid\":true,\"payer\":\"" PAY_TO "\"}");
	expect_required("unexpected_verify_error");
	ck_assert_uint_eq(count_calls("deal.buy"), 0);
}
END_TEST

START_TEST(a_facilitator_that_does_not_answer_before_work_charges_nothing)
{
	pay_with(header_of(NONCE, NULL), "{}");
	facilitator_fails("/verify", AICX_ETIMEDOUT, 0, "");
	ck_assert_uint_eq(fake->response.status, 503);
	pay_with(header_of(NONCE, NULL), "{}");
	facilitator_fails("/verify", AICX_OK, 500, "<html>");
	ck_assert_uint_eq(fake->response.status, 503);
	pay_with(header_of(NONCE, NULL), "{}");
	facilitator_fails("/verify", AICX_OK, 200, "<html>");
	expect_required("unexpected_verify_error");
	net.err = AICX_EIO;
	pay_with(header_of(NONCE, NULL), "{}");
	ck_assert_uint_eq(fake->response.status, 503);
	ck_assert_uint_eq(count_calls("deal.buy"), 0);
}
END_TEST

START_TEST(failed_work_is_never_settled)
{
	struct aicx_id deal;

	pay_with(header_of(NONCE, NULL), "{}");
	facilitator_says("/verify", VALID);
	deal = deal_id();
	authorize(&deal);
	move(plugin->ops.payment->void_, AICX_PAY_VOID, &deal, 50000);
	broker_says("deal.buy", 502, FAILED);
	ck_assert_uint_eq(fake->response.status, 502);
	ck_assert_ptr_null(header("PAYMENT-RESPONSE"));
	ck_assert_uint_eq(count_asked("/settle"), 0);
	/* Its nonce is spent with us all the same. */
	pay_with(header_of(NONCE, NULL), "{}");
	ck_assert_uint_eq(fake->response.status, 409);
}
END_TEST

START_TEST(a_refused_settlement_withholds_the_result)
{
	json_t *response;

	(void)work_done(header_of(NONCE, NULL));
	facilitator_says("/settle",
	    "{\"success\":false,\"errorReason\":\"insufficient_funds\","
	    "\"transaction\":\"\",\"network\":\"eip155:31337\"}");
	ck_assert_uint_eq(paid.state, AICX_PAY_REFUSED);
	broker_says("deal.buy", 503, FAILED);
	response = header("PAYMENT-RESPONSE");
	ck_assert(json_is_false(json_object_get(response, "success")));
	json_decref(response);
	expect_required("insufficient_funds");
	ck_assert_ptr_null(strstr(fake->response_body.ptr, "said"));
}
END_TEST

START_TEST(a_settlement_without_an_answer_is_repeated_until_it_is_known)
{
	struct aicx_id deal = work_done(header_of(NONCE, NULL));

	facilitator_fails("/settle", AICX_ETIMEDOUT, 0, "");
	ck_assert_uint_eq(paid.state, AICX_PAY_UNKNOWN);
	ask_status(&deal);
	facilitator_fails("/settle", AICX_OK, 500, "{}");
	ck_assert_uint_eq(paid.state, AICX_PAY_UNKNOWN);
	ask_status(&deal);
	facilitator_says("/settle",
	    "{\"success\":false,\"errorReason\":"
	    "\"invalid_exact_evm_nonce_already_used\",\"transaction\":\"\"}");
	ck_assert_uint_eq(paid.state, AICX_PAY_DONE);
	broker_says("deal.buy", 200, DEAL);
	ck_assert_uint_eq(fake->response.status, 200);
}
END_TEST

START_TEST(a_nonce_that_somebody_used_before_is_no_payment)
{
	(void)work_done(header_of(NONCE, NULL));
	facilitator_says("/settle",
	    "{\"success\":false,\"errorReason\":"
	    "\"invalid_exact_evm_nonce_already_used\",\"transaction\":\"\"}");
	ck_assert_uint_eq(paid.state, AICX_PAY_REFUSED);
}
END_TEST

START_TEST(a_facilitator_that_lies_about_a_settlement_is_asked_again)
{
	static const char *const lies[] = {
		"{\"success\":true,\"transaction\":\"\"}",
		"{\"success\":true,\"transaction\":\"0x1\",\"network\":\"eip155"
		":1\"}",
		"{\"success\":true,\"transaction\":\"0x1\",\"payer\":\"" PAY_TO
		"\"}",
		"{\"success\":true,\"transaction\":\"0x1\",\"amount\":\"1\"}",
		"{\"success\":1}",
		"[]",
		"{\"success\":false,\"errorReason\":\"settlement_pending\"}",
	};
	struct aicx_id deal = work_done(header_of(NONCE, NULL));

	for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
		facilitator_says("/settle", lies[i]);
		ck_assert_msg(paid.state == AICX_PAY_UNKNOWN, "%s", lies[i]);
		ask_status(&deal);
		ask_status(&deal); /* one is under way already */
		ck_assert_uint_eq(paid.state, AICX_PAY_UNKNOWN);
	}
	facilitator_says("/settle", SETTLED);
	ck_assert_uint_eq(paid.state, AICX_PAY_DONE);
	/* Once more: it is known. */
	ask_status(&deal);
	ck_assert_uint_eq(paid.state, AICX_PAY_DONE);
	broker_says("deal.buy", 200, DEAL);
	expect_paid();
}
END_TEST

START_TEST(who_waits_too_long_for_a_settlement_is_told_to_ask_again)
{
	struct aicx_id deal = work_done(header_of(NONCE, PAYMENT_ID));

	facilitator_fails("/settle", AICX_ETIMEDOUT, 0, "");
	fake_advance(fake, 16000);
	ck_assert_uint_eq(fake->response.status, 503);
	ck_assert_ptr_nonnull(
	    strstr(fake->response_body.ptr, "payment_pending"));
	/* Asked again with its identifier it waits for the same. */
	pay_with(header_of(NONCE, PAYMENT_ID), "{\"say\":\"hi\"}");
	ck_assert_uint_eq(fake->response.status, 409); /* 16 s later: another
							  validBefore */
	ask_status(&deal);
	facilitator_says("/settle", SETTLED);
	broker_says("deal.buy", 200, DEAL);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("settle");
	TCase *tcase = tcase_create("settle");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(
	    tcase, a_good_payment_is_verified_worked_for_settled_and_answered);
	tcase_add_test(tcase, a_header_without_padding_is_taken);
	tcase_add_test(tcase, addresses_may_differ_in_case);
	tcase_add_test(
	    tcase, what_the_facilitator_finds_invalid_is_asked_for_again);
	tcase_add_test(
	    tcase, a_facilitator_that_lies_about_the_payer_is_not_believed);
	tcase_add_test(tcase,
	    a_facilitator_that_does_not_answer_before_work_charges_nothing);
	tcase_add_test(tcase, failed_work_is_never_settled);
	tcase_add_test(tcase, a_refused_settlement_withholds_the_result);
	tcase_add_test(tcase,
	    a_settlement_without_an_answer_is_repeated_until_it_is_known);
	tcase_add_test(tcase, a_nonce_that_somebody_used_before_is_no_payment);
	tcase_add_test(
	    tcase, a_facilitator_that_lies_about_a_settlement_is_asked_again);
	tcase_add_test(
	    tcase, who_waits_too_long_for_a_settlement_is_told_to_ask_again);
	suite_add_tcase(suite, tcase);
	return shop_run(suite);
}
