/* SPDX-License-Identifier: Apache-2.0 */
/* test_shop.c - a payer, a facilitator and a broker around the plugin. */
#include "test_shop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base64.h"
#include "bytes.h"
#include "fake_keys.h"
#include "text.h"

struct fake *fake;
const struct aicx_plugin *plugin;
void *settings, *state;
struct net net;
struct paid paid;

const struct aicx_path_ops *door, *listing;
void *door_arg;

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
struct asked *
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

size_t
count_asked(const char *path)
{
	size_t n = 0;

	for (size_t i = 0; i < net.n; i++)
		n += strstr(net.list[i].url, path) != NULL;
	return n;
}

void
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

void
facilitator_says(const char *path, const char *body)
{
	facilitator_fails(path, AICX_OK, 200, body);
}

struct aicx_ticket *
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

size_t
count_calls(const char *method)
{
	size_t n = 0;

	for (size_t i = 0; i < fake->n_calls; i++)
		n += strcmp(fake->calls[i]->method->name, method) == 0;
	return n;
}

void
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

struct aicx_exchange *
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

void
order(const char *payment, const char *body)
{
	(void)visit("POST", "/x402/echo", "", payment, body);
	broker_says("discovery.list_capabilities", 200, GOODS("0.05"));
}

/* A member of the response's header of that name, or NULL; to be released. */
json_t *
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
json_t *
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

char *
encode(const json_t *payment)
{
	char *text = json_dumps(payment, JSON_COMPACT);
	struct bytes out = { 0 };

	bytes_base64(&out, text, strlen(text));
	bytes_char(&out, '\0');
	free(text);
	return out.ptr;
}

char *
header_of(const char *nonce, const char *id)
{
	json_t *payment = payment_new(nonce, id);
	char *text = encode(payment);

	json_decref(payment);
	return text;
}

/* Orders with a payment; the header is freed. */
void
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

struct aicx_id
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

void
move(op_fn *op, uint32_t what, const struct aicx_id *deal, int64_t minor)
{
	struct aicx_pay pay = { .size = sizeof pay,
		.op = what,
		.id = { { 9 } },
		.deal_id = *deal,
		.amount = { minor, "AIC" } };

	op(state, &pay, on_paid, NULL);
}

void
authorize(const struct aicx_id *deal)
{
	move(plugin->ops.payment->authorize, AICX_PAY_AUTHORIZE, deal, 50000);
}

void
capture(const struct aicx_id *deal)
{
	paid.n = 0;
	move(plugin->ops.payment->capture, AICX_PAY_CAPTURE, deal, 50000);
}

void
ask_status(const struct aicx_id *deal)
{
	struct aicx_pay pay = { .size = sizeof pay,
		.op = AICX_PAY_CAPTURE,
		.deal_id = *deal,
		.amount = { 50000, "AIC" } };

	paid.n = 0;
	plugin->ops.payment->status(state, &pay, on_paid, NULL);
}

/* --- life ------------------------------------------------------------ */

void
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

void
restart(void)
{
	plugin->close(state);
	memset(&net, 0, sizeof net);
	start();
}

void
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

void
setup(void)
{
	setup_with(NULL, 0, NULL);
	start();
}

void
teardown(void)
{
	plugin->close(state);
	free(settings);
	fake_keys_free(fake->keys);
	fake_free(fake);
}

struct aicx_id
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

void
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

void
expect_required(const char *error)
{
	json_t *required;

	ck_assert_uint_eq(fake->response.status, 402);
	required = header("PAYMENT-REQUIRED");
	ck_assert_str_eq(
	    json_string_value(json_object_get(required, "error")), error);
	json_decref(required);
}

int
shop_run(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	int n_failed;

	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
