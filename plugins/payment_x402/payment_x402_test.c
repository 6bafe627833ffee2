/* SPDX-License-Identifier: Apache-2.0 */
/*
 * payment_x402_test.c - the built plugin on a fake host: what it asks for, what
 * it believes, and that nothing is worked or paid for twice.
 *
 * The test is facilitator and broker at once: it answers each request and each
 * wire call by hand.
 */
#include <aiconexus/plugin.h>
#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base64.h"
#include "bytes.h"
#include "fake_host.h"
#include "fake_keys.h"

#define STR(text) ((struct aicx_str) { (text), sizeof(text) - 1 })
#define BUYER "0190a1b2-0000-7000-8000-000000000001"
#define SELLER "0190a1b2-0000-7000-8000-000000000002"
#define ASSET "0x5FbDB2315678afecb367f032d93F642f64180aa3"
#define PAY_TO "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC"
#define FROM "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
#define NONCE                                                                  \
	"0x1111111111111111111111111111111111111111111111111111111111111111"
#define TX "0x2222222222222222222222222222222222222222222222222222222222222222"
#define PAYMENT_ID "order-0000000000001"

static struct fake *fake;
static const struct aicx_plugin *plugin;
static void *settings, *state;
static const struct aicx_path_ops *door, *listing;
static void *door_arg;

struct asked {
	char url[256], body[16384];
	aicx_http_done_fn *done;
	void *arg;
	bool cancelled;
};

static struct {
	struct asked list[64];
	size_t n;
	aicx_err err;
} net;

static struct {
	int n;
	uint32_t state;
	int64_t minor;
	char text[256], reference[256];
} paid;

static const struct aicx_method methods[] = {
	{ .size = sizeof *methods, .name = "discovery.list_capabilities" },
	{ .size = sizeof *methods, .name = "deal.buy" },
	{ .size = sizeof *methods, .name = "deal.get" },
	{ .size = sizeof *methods, .name = "session.about" },
};
static const struct aicx_method *const table[] = { &methods[0], &methods[1],
	&methods[2], &methods[3] };

/* --- the host's part ------------------------------------------------- */

static void
copy(char *to, size_t size, struct aicx_str from)
{
	(void)snprintf(
	    to, size, "%.*s", (int)from.len, from.ptr != NULL ? from.ptr : "");
}

static aicx_err
host_http_request(struct aicx_self *self, const struct aicx_http_ask *ask,
    aicx_http_done_fn *done, void *arg, struct aicx_fetch **ret_fetch,
    struct aicx_error *reterr)
{
	struct asked *asked = &net.list[net.n];

	(void)self, (void)reterr;
	if (net.err != AICX_OK)
		return net.err;
	ck_assert_uint_lt(net.n, 64);
	copy(asked->url, sizeof asked->url, ask->url);
	copy(asked->body, sizeof asked->body, ask->body);
	asked->done = done;
	asked->arg = arg;
	net.n++;
	*ret_fetch = (struct aicx_fetch *)(void *)asked;
	return AICX_OK;
}

static void
host_http_cancel(struct aicx_fetch *fetch)
{
	((struct asked *)(void *)fetch)->cancelled = true;
}

static aicx_err
host_listen_path(struct aicx_self *self, const char *prefix,
    const struct aicx_path_ops *ops, void *arg, struct aicx_error *reterr)
{
	(void)self, (void)reterr;
	if (strcmp(prefix, "/x402") == 0)
		door = ops;
	else
		listing = ops;
	door_arg = arg;
	return AICX_OK;
}

/* The last one for this path that waits. */
static struct asked *
asked_for(const char *path)
{
	size_t len = strlen(path);

	for (size_t i = net.n; i > 0; i--) {
		struct asked *asked = &net.list[i - 1];
		size_t url = strlen(asked->url);
		if (asked->done != NULL && url > len &&
		    strcmp(asked->url + url - len, path) == 0)
			return asked;
	}
	return NULL;
}

static size_t
count_asked(const char *path)
{
	size_t n = 0;

	for (size_t i = 0; i < net.n; i++)
		n += strstr(net.list[i].url, path) != NULL;
	return n;
}

static void
facilitator_fails(
    const char *path, aicx_err err, uint16_t status, const char *body)
{
	struct asked *asked = asked_for(path);
	struct aicx_http_outcome outcome = { .size = sizeof outcome,
		.err = err,
		.status = status,
		.body = { body, strlen(body) } };
	aicx_http_done_fn *done;

	ck_assert_msg(asked != NULL, "%s was not asked", path);
	done = asked->done;
	asked->done = NULL;
	done(&outcome, asked->arg);
	fake_turn(fake);
}

static void
facilitator_says(const char *path, const char *body)
{
	facilitator_fails(path, AICX_OK, 200, body);
}

static struct aicx_ticket *
call_of(const char *method)
{
	for (size_t i = fake->n_calls; i > 0; i--) {
		struct aicx_ticket *call = fake->calls[i - 1];
		if (!call->answered && !call->cancelled &&
		    strcmp(call->method->name, method) == 0)
			return call;
	}
	return NULL;
}

static size_t
count_calls(const char *method)
{
	size_t n = 0;

	for (size_t i = 0; i < fake->n_calls; i++)
		n += strcmp(fake->calls[i]->method->name, method) == 0;
	return n;
}

static void
broker_says(const char *method, uint16_t status, const char *body)
{
	struct aicx_ticket *call = call_of(method);
	struct aicx_answer answer = { .size = sizeof answer,
		.status = status,
		.retry_after_ms = -1,
		.body = { body, strlen(body) } };

	ck_assert_msg(call != NULL, "%s was not called", method);
	fake_answer(call, &answer);
}

/* --- the payer's part ------------------------------------------------ */

static struct aicx_exchange *
visit(const char *method, const char *path, const char *query,
    const char *payment, const char *body)
{
	struct aicx_exchange *exchange = calloc(1, sizeof *exchange);
	struct aicx_header headers[2] = {
		{ STR("Content-Type"), STR("application/json") },
		{ STR("PAYMENT-SIGNATURE"),
		    { payment, payment != NULL ? strlen(payment) : 0 } },
	};
	struct aicx_http_request request = { .size = sizeof request,
		.method = { method, strlen(method) },
		.path = { path, strlen(path) },
		.query = { query, strlen(query) },
		.headers = headers,
		.n_headers = payment != NULL ? 2 : 1,
		.body = { body, strlen(body) } };
	const struct aicx_path_ops *ops =
	    strncmp(path, "/x402", 5) == 0 ? door : listing;

	exchange->fake = fake;
	fake->response.status = 0;
	fake->requests[fake->n_requests++] = exchange;
	ops->request(door_arg, exchange, &request);
	fake_turn(fake);
	return exchange;
}

#define GOODS(price)                                                           \
	"{\"capabilities\":[{\"agent_id\":\"" SELLER                           \
	"\",\"name\":\"echo\",\"place\":1,\"description\":\"says it\","        \
	"\"pricing\":{\"model\":\"per_call\",\"base_cost\":{\"amount\":"       \
	"\"" price "\",\"currency\":\"AIC\"}}}]}"

static void
order(const char *payment, const char *body)
{
	(void)visit("POST", "/x402/echo", "", payment, body);
	broker_says("discovery.list_capabilities", 200, GOODS("0.05"));
}

/* A member of the response's header of that name, or NULL; to be released. */
static json_t *
header(const char *name)
{
	char *headers = fake->response_headers.ptr;
	char *at = headers != NULL ? strstr(headers, name) : NULL;
	struct bytes text = { 0 };
	json_t *doc;

	if (at == NULL)
		return NULL;
	at += strlen(name) + 2;
	ck_assert(bytes_from_base64(
	    (struct aicx_str) { at, strcspn(at, "\r\n") }, &text));
	doc = json_loadb(text.ptr, text.len, 0, NULL);
	bytes_fini(&text);
	ck_assert_ptr_nonnull(doc);
	return doc;
}

/* PaymentPayload; caller frees. */
static json_t *
payment_new(const char *nonce, const char *id)
{
	int64_t now_s = fake->table.wall_ms(fake_self(fake)) / 1000;
	json_t *payment = json_pack(
	    "{s:i,s:{s:s,s:s,s:s,s:s,s:s,s:i,s:{s:s,s:s}},s:{s:o,s:{s:s,s:s,"
	    "s:s,s:s,s:o,s:s}},s:{s:{s:{s:b}}}}",
	    "x402Version", 2, "accepted", "scheme", "exact", "network",
	    "eip155:31337", "amount", "50000", "asset", ASSET, "payTo", PAY_TO,
	    "maxTimeoutSeconds", 60, "extra", "name", "Test USD", "version",
	    "1", "payload", "signature", json_sprintf("0x%0130d", 7),
	    "authorization", "from", FROM, "to", PAY_TO, "value", "50000",
	    "validAfter", "0", "validBefore",
	    json_sprintf("%lld", (long long)now_s + 60), "nonce", nonce,
	    "extensions", "payment-identifier", "info", "required", 0);

	if (id != NULL)
		(void)json_object_set_new(
		    json_object_get(
			json_object_get(json_object_get(payment, "extensions"),
			    "payment-identifier"),
			"info"),
		    "id", json_string(id));
	return payment;
}

static char *
encode(const json_t *payment)
{
	char *text = json_dumps(payment, JSON_COMPACT);
	struct bytes out = { 0 };

	bytes_base64(&out, text, strlen(text));
	bytes_char(&out, '\0');
	free(text);
	return out.ptr;
}

static char *
header_of(const char *nonce, const char *id)
{
	json_t *payment = payment_new(nonce, id);
	char *text = encode(payment);

	json_decref(payment);
	return text;
}

/* Orders with a payment; the header is freed. */
static void
pay_with(char *text, const char *body)
{
	order(text, body);
	free(text);
}

/* --- the broker's part of a deal ------------------------------------- */

static void
on_paid(const struct aicx_pay_result *result, void *arg)
{
	(void)arg;
	paid.n++;
	paid.state = result->state;
	paid.minor = result->amount.minor;
	copy(paid.text, sizeof paid.text,
	    (struct aicx_str) {
		result->error.text, strlen(result->error.text) });
	copy(paid.reference, sizeof paid.reference, result->reference);
}

static struct aicx_id
deal_id(void)
{
	struct aicx_ticket *call = call_of("deal.buy");
	json_t *params;
	struct aicx_id id = { { 0 } };
	const char *text;
	size_t n = 0;

	ck_assert_msg(call != NULL, "deal.buy was not called");
	params = json_loadb(call->params.ptr, call->params.len, 0, NULL);
	text = json_string_value(json_object_get(params, "deal_id"));
	ck_assert_str_eq(call->key, text);
	for (; *text != '\0'; text++) {
		int digit = text_hex(*text);
		if (digit < 0)
			continue;
		id.bytes[n / 2] = (uint8_t)(id.bytes[n / 2] << 4 | digit);
		n++;
	}
	json_decref(params);
	return id;
}

typedef void op_fn(
    void *self, const struct aicx_pay *pay, aicx_pay_fn *done, void *arg);

static void
move(op_fn *op, uint32_t what, const struct aicx_id *deal, int64_t minor)
{
	struct aicx_pay pay = { .size = sizeof pay,
		.op = what,
		.id = { { 9 } },
		.deal_id = *deal,
		.amount = { minor, "AIC" } };

	op(state, &pay, on_paid, NULL);
}

static void
authorize(const struct aicx_id *deal)
{
	move(plugin->ops.payment->authorize, AICX_PAY_AUTHORIZE, deal, 50000);
}

static void
capture(const struct aicx_id *deal)
{
	paid.n = 0;
	move(plugin->ops.payment->capture, AICX_PAY_CAPTURE, deal, 50000);
}

static void
ask_status(const struct aicx_id *deal)
{
	struct aicx_pay pay = { .size = sizeof pay,
		.op = AICX_PAY_CAPTURE,
		.deal_id = *deal,
		.amount = { 50000, "AIC" } };

	paid.n = 0;
	plugin->ops.payment->status(state, &pay, on_paid, NULL);
}

#define VALID "{\"isValid\":true,\"payer\":\"" FROM "\"}"
#define SETTLED                                                                \
	"{\"success\":true,\"transaction\":\"" TX                              \
	"\",\"network\":\"eip155:31337\",\"payer\":\"" FROM "\"}"
#define DEAL "{\"state\":\"completed\",\"result\":{\"said\":\"hi\"}}"
#define FAILED "{\"status\":502,\"code\":\"provider_failed\",\"detail\":\"no\"}"

/* --- life ------------------------------------------------------------ */

static void
start(void)
{
	ck_assert_int_eq(
	    plugin->open(&fake->table, fake_self(fake), settings, &state, NULL),
	    AICX_OK);
	fake_advance(fake, 100);
	if (call_of("session.about") != NULL)
		broker_says(
		    "session.about", 200, "{\"key_id\":\"ed25519:abc\"}");
	if (asked_for("/supported") != NULL)
		facilitator_says("/supported",
		    "{\"kinds\":[{\"x402Version\":2,\"scheme\":\"exact\","
		    "\"network\":\"eip155:31337\"}],\"extensions\":[],"
		    "\"signers\":{}}");
}

static void
restart(void)
{
	plugin->close(state);
	memset(&net, 0, sizeof net);
	start();
}

static void
setup_with(const char *name, int64_t number, const char *text)
{
	memset(&net, 0, sizeof net);
	memset(&paid, 0, sizeof paid);
	fake = fake_new();
	fake_keys(fake);
	fake->table.http_request = host_http_request;
	fake->table.http_cancel = host_http_cancel;
	fake->table.listen_path = host_listen_path;
	fake->methods = table;
	fake->n_methods = 4;
	fake->hold_calls = true;
	fake->public_url = "https://broker.example";
	plugin = fake_plugin(".libs/payment_x402.so");
	settings = fake_settings(plugin);
	fake_set(settings, plugin, "facilitator", 0, "https://pay.example");
	fake_set(settings, plugin, "network", 0, "eip155:31337");
	fake_set(settings, plugin, "asset", 0, ASSET);
	fake_set(settings, plugin, "pay_to", 0, PAY_TO);
	fake_set(settings, plugin, "token_name", 0, "Test USD");
	fake_set(settings, plugin, "token_version", 0, "1");
	fake_set(settings, plugin, "buyer", 0, BUYER);
	fake_set(settings, plugin, "buyer_key", 0, "key");
	if (name != NULL)
		fake_set(settings, plugin, name, number, text);
}

static void
setup(void)
{
	setup_with(NULL, 0, NULL);
	start();
}

static void
teardown(void)
{
	plugin->close(state);
	free(settings);
	fake_keys_free(fake->keys);
	fake_free(fake);
}

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

/* --- prices that move ------------------------------------------------ */

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

/* --- a good one ------------------------------------------------------ */

/* Up to the result that waits for the settlement. */
static struct aicx_id
work_done(char *text)
{
	struct aicx_id deal;
	size_t n_settled = count_asked("/settle");

	pay_with(text, "{\"say\":\"hi\"}");
	facilitator_says("/verify", VALID);
	deal = deal_id();
	authorize(&deal);
	ck_assert_uint_eq(paid.state, AICX_PAY_DONE);
	ck_assert_uint_eq(count_asked("/settle"), n_settled);
	capture(&deal);
	return deal;
}

static void
expect_paid(void)
{
	json_t *response;

	ck_assert_uint_eq(fake->response.status, 200);
	ck_assert_str_eq(fake->response_body.ptr, "{\"said\":\"hi\"}");
	response = header("PAYMENT-RESPONSE");
	ck_assert(json_is_true(json_object_get(response, "success")));
	ck_assert_str_eq(
	    json_string_value(json_object_get(response, "transaction")), TX);
	ck_assert_ptr_nonnull(json_object_get(response, "extensions"));
	json_decref(response);
}

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

/* --- facilitators ---------------------------------------------------- */

static void
expect_required(const char *error)
{
	json_t *required;

	ck_assert_uint_eq(fake->response.status, 402);
	required = header("PAYMENT-REQUIRED");
	ck_assert_str_eq(
	    json_string_value(json_object_get(required, "error")), error);
	json_decref(required);
}

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

/* --- the same again -------------------------------------------------- */

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

/* --- the broker's questions ------------------------------------------ */

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
	TCase *tcase = tcase_create("x402");
	SRunner *runner;
	int n_failed;

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, an_unpaid_call_is_told_the_price_and_how_to_pay);
	tcase_add_test(tcase, what_costs_nothing_is_given);
	tcase_add_test(tcase, nobody_sells_it_or_it_has_no_price);
	tcase_add_test(tcase, a_request_that_is_none_is_refused);
	tcase_add_test(tcase, without_a_facilitator_nothing_is_advertised);
	tcase_add_test(tcase, a_header_that_is_garbage_is_a_bad_request);
	tcase_add_test(tcase, a_payment_of_another_shape_is_a_bad_request);
	tcase_add_test(tcase, a_payment_for_something_else_is_asked_for_again);
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
	tcase_add_test(
	    tcase, the_same_identifier_and_payment_give_the_same_answer);
	tcase_add_test(tcase, a_nonce_seen_before_does_nothing);
	tcase_add_test(tcase, a_client_that_went_away_finds_its_answer);
	tcase_add_test(tcase, settlements_wait_for_their_turn);
	tcase_add_test(tcase, more_than_max_open_payments_wait);
	tcase_add_test(tcase, money_without_a_payment_is_refused);
	tcase_add_test(tcase, more_than_the_price_is_not_authorized);
	tcase_add_test(tcase, it_pays_for_the_buyer_alone);
	tcase_add_test(
	    tcase, what_the_buyers_account_lacks_is_not_the_payers_fault);
	tcase_add_test(
	    tcase, a_reservation_without_a_deal_is_forgotten_at_a_restart);
	tcase_add_test(
	    tcase, work_under_way_is_taken_up_at_a_restart_and_paid_once);
	tcase_add_test(
	    tcase, a_settlement_cut_by_a_restart_is_asked_again_and_known);
	tcase_add_test(tcase, a_deal_that_cannot_be_asked_is_asked_later);
	tcase_add_test(tcase, what_is_sold_is_listed);
	tcase_add_test(tcase, a_list_asked_for_wrongly_is_refused);
	tcase_add_test(tcase, settings_that_make_no_sense_are_refused);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
