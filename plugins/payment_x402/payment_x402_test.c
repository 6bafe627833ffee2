/* SPDX-License-Identifier: Apache-2.0 */
/* payment_x402_test.c - asking for money, payments that are none, the list of
   what is sold, and settings. */
#include "test_shop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- asking for money ------------------------------------------------ */

START_TEST(an_unpaid_call_is_told_the_price_and_how_to_pay)
{
	json_t *required, *accept;

	order(NULL, "{\"say\":\"hi\"}");
	ck_assert_uint_eq(fake->response.status, 402);
	ck_assert_ptr_nonnull(
	    strstr(fake->response_headers.ptr, "Cache-Control: no-store"));
	required = header("PAYMENT-REQUIRED");
	accept = json_array_get(json_object_get(required, "accepts"), 0);
	ck_assert_str_eq(
	    json_string_value(json_object_get(accept, "amount")), "50000");
	ck_assert_str_eq(
	    json_string_value(json_object_get(accept, "payTo")), PAY_TO);
	ck_assert_str_eq(json_string_value(json_object_get(
			     json_object_get(required, "resource"), "url")),
	    "https://broker.example/x402/echo");
	ck_assert_ptr_nonnull(json_object_get(
	    json_object_get(required, "extensions"), "payment-identifier"));
	ck_assert_ptr_nonnull(json_object_get(
	    json_object_get(required, "extensions"), "offer-receipt"));
	json_decref(required);
	ck_assert_uint_eq(count_calls("deal.buy"), 0);
}
END_TEST

START_TEST(what_costs_nothing_is_given)
{
	(void)visit("POST", "/x402/echo", "", NULL, "{}");
	broker_says("discovery.list_capabilities", 200, GOODS("0"));
	broker_says("deal.buy", 200, DEAL);
	ck_assert_uint_eq(fake->response.status, 200);
	ck_assert_str_eq(fake->response_body.ptr, "{\"said\":\"hi\"}");
	ck_assert_ptr_null(header("PAYMENT-RESPONSE"));
}
END_TEST

START_TEST(nobody_sells_it_or_it_has_no_price)
{
	(void)visit("POST", "/x402/nope", "", NULL, "{}");
	broker_says(
	    "discovery.list_capabilities", 200, "{\"capabilities\":[]}");
	ck_assert_uint_eq(fake->response.status, 404);
	(void)visit("POST", "/x402/echo", "", NULL, "{}");
	broker_says("discovery.list_capabilities", 200,
	    "{\"capabilities\":[{\"agent_id\":\"" SELLER
	    "\",\"name\":\"echo\",\"pricing\":{\"model\":\"per_unit\"}}]}");
	ck_assert_uint_eq(fake->response.status, 404);
}
END_TEST

START_TEST(a_request_that_is_none_is_refused)
{
	(void)visit("GET", "/x402/echo", "", NULL, "");
	ck_assert_uint_eq(fake->response.status, 405);
	(void)visit("POST", "/x402/", "", NULL, "{}");
	ck_assert_uint_eq(fake->response.status, 404);
	(void)visit("POST", "/x402/a/b", "", NULL, "{}");
	ck_assert_uint_eq(fake->response.status, 404);
	(void)visit("POST", "/x402/echo", "provider=me", NULL, "{}");
	ck_assert_uint_eq(fake->response.status, 404);
	(void)visit("POST", "/x402/echo", "", NULL, "{\"a\":");
	ck_assert_uint_eq(fake->response.status, 400);
	ck_assert_uint_eq(fake->n_calls, 1); /* session.about */
}
END_TEST

START_TEST(without_a_facilitator_nothing_is_advertised)
{
	plugin->close(state);
	memset(&net, 0, sizeof net);
	ck_assert_int_eq(
	    plugin->open(&fake->table, fake_self(fake), settings, &state, NULL),
	    AICX_OK);
	fake_advance(fake, 100);
	order(NULL, "{}");
	ck_assert_uint_eq(fake->response.status, 503);
	ck_assert_ptr_nonnull(
	    strstr(fake->response_headers.ptr, "Retry-After: 5"));
	facilitator_says("/supported",
	    "{\"kinds\":[{\"x402Version\":2,\"scheme\":\"exact\","
	    "\"network\":\"eip155:1\"}]}");
	order(NULL, "{}");
	ck_assert_uint_eq(fake->response.status, 503);
	fake_advance(fake, 301000);
	facilitator_says("/supported",
	    "{\"kinds\":[{\"x402Version\":2,\"scheme\":\"exact\","
	    "\"network\":\"eip155:*\"}]}");
	order(NULL, "{}");
	ck_assert_uint_eq(fake->response.status, 402);
}
END_TEST

/* --- payments that are none ------------------------------------------ */

static void
refused_with(const char *text, const char *body, uint16_t status)
{
	(void)visit("POST", "/x402/echo", "", text, body);
	if (fake->response.status == 0)
		broker_says("discovery.list_capabilities", 200, GOODS("0.05"));
	ck_assert_uint_eq(fake->response.status, status);
	ck_assert_uint_eq(count_asked("/verify"), 0);
	ck_assert_uint_eq(count_calls("deal.buy"), 0);
}

START_TEST(a_header_that_is_garbage_is_a_bad_request)
{
	static char large[17 << 10];

	refused_with("%%%", "{}", 400);
	refused_with("e30=", "{}", 400); /* {} */
	refused_with("bm8=", "{}", 400); /* no */
	refused_with("", "{}", 400);
	memset(large, 'A', sizeof large - 1);
	refused_with(large, "{}", 400);
}
END_TEST

static void
refused_change(const char *path, const char *name, json_t *value,
    uint16_t status, const char *error)
{
	json_t *payment = payment_new(NONCE, NULL);
	json_t *at = payment, *required;
	char *text;

	for (; *path != '\0'; path += strlen(path) + 1)
		at = json_object_get(at, path);
	(void)json_object_set_new(at, name, value);
	text = encode(payment);
	refused_with(text, "{}", status);
	free(text);
	json_decref(payment);
	if (error == NULL)
		return;
	required = header("PAYMENT-REQUIRED");
	ck_assert_str_eq(
	    json_string_value(json_object_get(required, "error")), error);
	json_decref(required);
}

START_TEST(a_payment_of_another_shape_is_a_bad_request)
{
	refused_change("", "x402Version", json_integer(1), 400, NULL);
	refused_change("", "accepted", json_string("x"), 400, NULL);
	refused_change(
	    "payload\0", "signature", json_string("0xzz"), 400, NULL);
	refused_change(
	    "payload\0authorization\0", "nonce", json_string("0x1"), 400, NULL);
	refused_change(
	    "payload\0authorization\0", "value", json_string("-1"), 400, NULL);
	refused_change("extensions\0payment-identifier\0info\0", "id",
	    json_string("short"), 400, NULL);
}
END_TEST

START_TEST(a_payment_for_something_else_is_asked_for_again)
{
	refused_change("accepted\0", "amount", json_string("1"), 402,
	    "invalid_payment_requirements");
	refused_change("accepted\0", "payTo", json_string(FROM), 402,
	    "invalid_payment_requirements");
	refused_change("accepted\0", "network", json_string("eip155:1"), 402,
	    "unsupported_scheme");
	refused_change("accepted\0", "maxTimeoutSeconds", json_integer(6000),
	    402, "invalid_payment_requirements");
	refused_change("payload\0authorization\0", "value", json_string("1"),
	    402, "invalid_exact_evm_payload_authorization_value_mismatch");
	refused_change("payload\0authorization\0", "to", json_string(FROM), 402,
	    "invalid_exact_evm_payload_recipient_mismatch");
	refused_change("payload\0authorization\0", "validBefore",
	    json_string("1"), 402,
	    "invalid_exact_evm_payload_authorization_valid_before");
	refused_change("payload\0authorization\0", "validAfter",
	    json_string("99999999999"), 402,
	    "invalid_exact_evm_payload_authorization_valid_after");
}
END_TEST

/* --- the list -------------------------------------------------------- */

START_TEST(what_is_sold_is_listed)
{
	json_t *doc, *item;

	(void)visit(
	    "GET", "/discovery/resources", "type=http&limit=5", NULL, "");
	broker_says("discovery.list_capabilities", 200, GOODS("0.05"));
	ck_assert_uint_eq(fake->response.status, 200);
	doc = json_loads(fake->response_body.ptr, 0, NULL);
	item = json_array_get(json_object_get(doc, "items"), 0);
	ck_assert_str_eq(json_string_value(json_object_get(item, "resource")),
	    "https://broker.example/x402/echo");
	ck_assert_int_eq(json_integer_value(json_object_get(
			     json_object_get(doc, "pagination"), "total")),
	    1);
	json_decref(doc);
	(void)visit("GET", "/discovery/resources", "offset=1", NULL, "");
	broker_says("discovery.list_capabilities", 200, GOODS("0.05"));
	ck_assert_ptr_nonnull(strstr(fake->response_body.ptr, "\"items\":[]"));
}
END_TEST

START_TEST(a_list_asked_for_wrongly_is_refused)
{
	(void)visit("GET", "/discovery/resources", "limit=0", NULL, "");
	ck_assert_uint_eq(fake->response.status, 400);
	(void)visit("GET", "/discovery/resources", "limit=101", NULL, "");
	ck_assert_uint_eq(fake->response.status, 400);
	(void)visit("GET", "/discovery/resources", "offset=-1", NULL, "");
	ck_assert_uint_eq(fake->response.status, 400);
	(void)visit("POST", "/discovery/resources", "", NULL, "");
	ck_assert_uint_eq(fake->response.status, 405);
	(void)visit("GET", "/discovery/resources/x", "", NULL, "");
	ck_assert_uint_eq(fake->response.status, 404);
}
END_TEST

/* --- settings -------------------------------------------------------- */

static void
unopenable(const char *name, const char *text)
{
	struct aicx_error error = { 0 };
	void *other;

	fake_set(settings, plugin, name, 0, text);
	ck_assert_int_eq(plugin->open(&fake->table, fake_self(fake), settings,
			     &other, &error),
	    AICX_EINVAL);
	ck_assert_str_ne(error.text, "");
}

START_TEST(settings_that_make_no_sense_are_refused)
{
	unopenable("facilitator", "pay.example");
	fake_set(settings, plugin, "facilitator", 0, "https://pay.example");
	unopenable("network", "base");
	fake_set(settings, plugin, "network", 0, "eip155:1");
	unopenable("asset", "0x12");
	fake_set(settings, plugin, "asset", 0, ASSET);
	unopenable("rate", "free");
	fake_set(settings, plugin, "rate", 0, "1");
	unopenable("buyer", "me");
	fake_set(settings, plugin, "buyer", 0, BUYER);
	unopenable("path", "x402");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("payment_x402");
	TCase *tcase = tcase_create("payment_x402");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, an_unpaid_call_is_told_the_price_and_how_to_pay);
	tcase_add_test(tcase, what_costs_nothing_is_given);
	tcase_add_test(tcase, nobody_sells_it_or_it_has_no_price);
	tcase_add_test(tcase, a_request_that_is_none_is_refused);
	tcase_add_test(tcase, without_a_facilitator_nothing_is_advertised);
	tcase_add_test(tcase, a_header_that_is_garbage_is_a_bad_request);
	tcase_add_test(tcase, a_payment_of_another_shape_is_a_bad_request);
	tcase_add_test(tcase, a_payment_for_something_else_is_asked_for_again);
	tcase_add_test(tcase, what_is_sold_is_listed);
	tcase_add_test(tcase, a_list_asked_for_wrongly_is_refused);
	tcase_add_test(tcase, settings_that_make_no_sense_are_refused);
	suite_add_tcase(suite, tcase);
	return shop_run(suite);
}
