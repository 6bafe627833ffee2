/* SPDX-License-Identifier: Apache-2.0 */
/*
 * payment_webhook_test.c - the built plugin on a fake host: what it asks, what
 * it believes, and whose webhooks it takes.
 */
#include <aiconexus/plugin.h>
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_host.h"
#include "notation.h"

#define STR(text) ((struct aicx_str) { (text), sizeof(text) - 1 })

static struct fake *fake;
static const struct aicx_plugin *plugin;
static void *settings, *state;

/* The host's part. */
static struct {
	char url[512], method[8], body[1024], headers[512];
	aicx_http_done_fn *done;
	void *arg;
	int n_asked, n_cancelled;
	aicx_err err; /* of http_request() */
	const struct aicx_path_ops *ops;
	void *ops_arg;
	struct aicx_pay_event event;
	char event_id[160];
	int n_events;
	struct aicx_error verdict;
	aicx_pay_event_fn *later; /* when not at once */
	void *later_arg;
	bool hold;
} host;

static struct {
	int n;
	struct aicx_pay_result result;
} outcome;

static const struct aicx_pay pay = {
	.size = sizeof pay,
	.op = AICX_PAY_FUND,
	.id = { { 0x01, 0x8f, [15] = 0xab } },
	.party = { { 7 } },
	.amount = { 1500000, "AIC" },
	.expires_ms = 1700000000000,
	.reference = { "in\"voice", 8 },
};
#define PAY_ID "018f0000-0000-0000-0000-0000000000ab"

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
	(void)self;
	if (host.err != AICX_OK) {
		(void)snprintf(reterr->text, sizeof reterr->text, "too many");
		return host.err;
	}
	host.n_asked++;
	host.done = done;
	host.arg = arg;
	host.headers[0] = '\0';
	copy(host.url, sizeof host.url, ask->url);
	copy(host.method, sizeof host.method, ask->method);
	copy(host.body, sizeof host.body, ask->body);
	for (size_t i = 0; i < ask->n_headers; i++) {
		size_t len = strlen(host.headers);
		(void)snprintf(host.headers + len, sizeof host.headers - len,
		    "%.*s: %.*s\n", (int)ask->headers[i].name.len,
		    ask->headers[i].name.ptr, (int)ask->headers[i].value.len,
		    ask->headers[i].value.ptr);
	}
	*ret_fetch = arg;
	return AICX_OK;
}

static void
host_http_cancel(struct aicx_fetch *fetch)
{
	(void)fetch;
	host.n_cancelled++;
}

static aicx_err
host_listen_path(struct aicx_self *self, const char *prefix,
    const struct aicx_path_ops *ops, void *arg, struct aicx_error *reterr)
{
	(void)self, (void)reterr;
	ck_assert_str_eq(prefix, "/hooks/payments");
	host.ops = ops;
	host.ops_arg = arg;
	return AICX_OK;
}

/* A toy: the same bytes give the same sum, others another one. */
static void
host_hmac(struct aicx_self *self, struct aicx_str key, struct aicx_str message,
    uint8_t ret_mac[32])
{
	uint64_t sum = 14695981039346656037u;

	(void)self;
	for (size_t i = 0; i < key.len + message.len; i++) {
		char c = i < key.len ? key.ptr[i] : message.ptr[i - key.len];
		sum = (sum ^ (unsigned char)c) * 1099511628211u;
	}
	for (int i = 0; i < 32; i++)
		ret_mac[i] = (uint8_t)(sum >> (i % 8 * 8));
}

static void
host_pay_event(struct aicx_self *self, const struct aicx_pay_event *event,
    aicx_pay_event_fn *done, void *arg)
{
	(void)self;
	host.n_events++;
	host.event = *event;
	copy(host.event_id, sizeof host.event_id, event->id);
	if (host.hold) {
		host.later = done;
		host.later_arg = arg;
	} else
		done(&host.verdict, arg);
}

static void
setup(void)
{
	memset(&host, 0, sizeof host);
	memset(&outcome, 0, sizeof outcome);
	fake = fake_new();
	fake->table.http_request = host_http_request;
	fake->table.http_cancel = host_http_cancel;
	fake->table.listen_path = host_listen_path;
	fake->table.hmac_sha256 = host_hmac;
	fake->table.pay_event = host_pay_event;
	plugin = fake_plugin(".libs/payment_webhook.so");
	settings = calloc(1, plugin->settings_size + 1);
	fake_set(settings, plugin, "url", 0, "https://pay.example/v1");
	fake_set(settings, plugin, "secret", 0, "0123456789abcdef");
	fake_set(settings, plugin, "path", 0, "/hooks/payments");
	fake_set(settings, plugin, "timeout", 10000, NULL);
	fake_set(settings, plugin, "window", 300000, NULL);
	ck_assert_int_eq(
	    plugin->open(&fake->table, fake_self(fake), settings, &state, NULL),
	    AICX_OK);
}

static void
teardown(void)
{
	plugin->close(state);
	free(settings);
	fake_free(fake);
}

static void
on_done(const struct aicx_pay_result *result, void *arg)
{
	(void)arg;
	outcome.n++;
	outcome.result = *result;
}

static void
answer(aicx_err err, uint16_t status, const char *body)
{
	struct aicx_http_outcome told = {
		.size = sizeof told,
		.err = err,
		.status = status,
		.body = { body, strlen(body) },
	};

	(void)snprintf(told.error.text, sizeof told.error.text, "timed out");
	host.done(&told, host.arg);
}

static uint32_t
fund_gets(uint16_t status, const char *body)
{
	outcome.n = 0;
	plugin->ops.payment->fund(state, &pay, on_done, NULL);
	answer(AICX_OK, status, body);
	ck_assert_int_eq(outcome.n, 1);
	return outcome.result.state;
}

static uint32_t
status_gets(uint16_t status, const char *body)
{
	outcome.n = 0;
	plugin->ops.payment->status(state, &pay, on_done, NULL);
	answer(AICX_OK, status, body);
	ck_assert_int_eq(outcome.n, 1);
	return outcome.result.state;
}

#define ABOUT "{\"id\":\"" PAY_ID "\",\"op\":\"fund\","
#define GOOD ABOUT "\"state\":\"done\",\"amount\":\"1.5\",\"currency\":\"AIC\"}"

START_TEST(an_order_says_who_what_and_how_much_and_is_signed)
{
	plugin->ops.payment->fund(state, &pay, on_done, NULL);
	ck_assert_str_eq(host.url, "https://pay.example/v1/fund");
	ck_assert_str_eq(host.method, "POST");
	ck_assert_str_eq(host.body,
	    ABOUT "\"amount\":\"1.500000\",\"currency\":\"AIC\","
		  "\"party\":\"07000000-0000-0000-0000-000000000000\","
		  "\"expires\":1700000000,\"reference\":\"in\\\"voice\"}");
	ck_assert_ptr_nonnull(
	    strstr(host.headers, "Idempotency-Key: " PAY_ID "\n"));
	ck_assert_ptr_nonnull(strstr(host.headers, "AIConexus-Timestamp: 17"));
	ck_assert_ptr_nonnull(strstr(host.headers, "AIConexus-Signature: v1="));
	answer(AICX_OK, 200, GOOD);
	ck_assert_uint_eq(outcome.result.state, AICX_PAY_DONE);
	ck_assert_int_eq(outcome.result.amount.minor, 1500000);
	plugin->ops.payment->status(state, &pay, on_done, NULL);
	ck_assert_str_eq(
	    host.url, "https://pay.example/v1/status/" PAY_ID "?op=fund");
	ck_assert_str_eq(host.method, "GET");
	answer(AICX_OK, 200, GOOD);
}
END_TEST

START_TEST(only_a_certain_answer_is_believed)
{
	static const char *const doubtful[] = { "", "[]", "{}", "nonsense",
		"{\"id\":\"018f0000-0000-0000-0000-0000000000ac\",\"op\":"
		"\"fund\",\"state\":\"done\",\"amount\":\"1.5\",\"currency\":"
		"\"AIC\"}",
		"{\"id\":\"" PAY_ID "\",\"op\":\"payout\",\"state\":\"done\","
		"\"amount\":\"1.5\",\"currency\":\"AIC\"}",
		ABOUT "\"state\":\"done\"}",
		ABOUT "\"state\":\"done\",\"amount\":1.5,\"currency\":\"AIC\"}",
		ABOUT "\"state\":\"done\",\"amount\":\"1.500001\","
		      "\"currency\":\"AIC\"}",
		ABOUT "\"state\":\"done\",\"amount\":\"-1.5\","
		      "\"currency\":\"AIC\"}",
		ABOUT "\"state\":\"done\",\"amount\":\"1.5\","
		      "\"currency\":\"JPY\"}",
		ABOUT "\"state\":\"done\",\"amount\":\"1.5\","
		      "\"currency\":\"XYZ\"}",
		ABOUT "\"state\":\"perhaps\"}", ABOUT "\"state\":\"unknown\"}",
		ABOUT "\"state\":\"unheard\"}",
		ABOUT "\"state\":\"done\",\"state\":\"done\",\"amount\":"
		      "\"1.5\",\"currency\":\"AIC\"}" };

	for (size_t i = 0; i < sizeof doubtful / sizeof *doubtful; i++)
		ck_assert_msg(fund_gets(200, doubtful[i]) == AICX_PAY_UNKNOWN,
		    "%s", doubtful[i]);
	ck_assert_uint_eq(fund_gets(200, GOOD), AICX_PAY_DONE);
	ck_assert_uint_eq(fund_gets(201, GOOD), AICX_PAY_UNKNOWN);
	ck_assert_uint_eq(fund_gets(302, GOOD), AICX_PAY_UNKNOWN);
	ck_assert_uint_eq(fund_gets(500, GOOD), AICX_PAY_UNKNOWN);
	ck_assert_uint_eq(fund_gets(404, "<html>"), AICX_PAY_UNKNOWN);
	ck_assert_uint_eq(
	    fund_gets(402, ABOUT "\"state\":\"refused\",\"reason\":\"no\"}"),
	    AICX_PAY_REFUSED);
	ck_assert_str_eq(outcome.result.error.text, "no");
	ck_assert_uint_eq(
	    fund_gets(500, ABOUT "\"state\":\"refused\"}"), AICX_PAY_UNKNOWN);
	outcome.n = 0;
	plugin->ops.payment->fund(state, &pay, on_done, NULL);
	answer(AICX_ETIMEDOUT, 0, "");
	ck_assert_uint_eq(outcome.result.state, AICX_PAY_UNKNOWN);
	host.err = AICX_ELIMIT;
	plugin->ops.payment->fund(state, &pay, on_done, NULL);
	ck_assert_int_eq(outcome.n, 2);
	ck_assert_uint_eq(outcome.result.state, AICX_PAY_UNKNOWN);
}
END_TEST

START_TEST(an_unheard_payment_is_told_as_such)
{
	ck_assert_uint_eq(
	    status_gets(404, ABOUT "\"state\":\"unheard\"}"), AICX_PAY_REFUSED);
	ck_assert_str_eq(outcome.result.error.word, AICX_PAY_UNHEARD);
	ck_assert_uint_eq(status_gets(404, "{}"), AICX_PAY_UNKNOWN);
	ck_assert_uint_eq(status_gets(404, "not here"), AICX_PAY_UNKNOWN);
	ck_assert_uint_eq(
	    status_gets(200, ABOUT "\"state\":\"unheard\"}"), AICX_PAY_UNKNOWN);
}
END_TEST

START_TEST(what_is_under_way_ends_with_the_instance)
{
	plugin->ops.payment->fund(state, &pay, on_done, NULL);
	plugin->ops.payment->status(state, &pay, on_done, NULL);
	plugin->close(state);
	ck_assert_int_eq(host.n_cancelled, 2);
	ck_assert_int_eq(outcome.n, 0);
	ck_assert_int_eq(
	    plugin->open(&fake->table, fake_self(fake), settings, &state, NULL),
	    AICX_OK);
}
END_TEST

START_TEST(a_wrong_url_or_a_short_secret_does_not_open)
{
	static const char *const urls[] = { "", "pay.example", "ftp://a/",
		"https://", "https://a/v1/", "https://a/v1?x=1",
		"https://a/v1#x" };
	struct aicx_error error;
	void *none = NULL;

	for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
		fake_set(settings, plugin, "url", 0, urls[i]);
		ck_assert_msg(plugin->open(&fake->table, fake_self(fake),
				  settings, &none, &error) == AICX_EINVAL,
		    "%s", urls[i]);
	}
	fake_set(settings, plugin, "url", 0, "https://a");
	fake_set(settings, plugin, "secret", 0, "0123456789abcde");
	ck_assert_int_eq(plugin->open(&fake->table, fake_self(fake), settings,
			     &none, &error),
	    AICX_EINVAL);
	ck_assert_str_eq(error.text, "secret is shorter than 16 bytes");
}
END_TEST

/* --- webhooks -------------------------------------------------------- */

static struct aicx_exchange *
exchange_new(void)
{
	struct aicx_exchange *exchange = calloc(1, sizeof *exchange);

	exchange->fake = fake;
	return exchange;
}

static void
signature(const char *body, int64_t at_s, char ret_time[24], char *ret_text)
{
	char message[2048];
	uint8_t mac[32];

	(void)snprintf(ret_time, 24, "%lld", (long long)at_s);
	(void)snprintf(message, sizeof message, "%s\nPOST\n/hooks/payments\n%s",
	    ret_time, body);
	host_hmac(NULL, STR("0123456789abcdef"),
	    (struct aicx_str) { message, strlen(message) }, mac);
	memcpy(ret_text, "v1=", 3);
	mac_print(mac, ret_text + 3);
}

static struct aicx_exchange *left; /* of a tell() that was not answered */

/* Gives the status of the answer; break_at >= 0 changes that digit. */
static int
tell(const char *body, int64_t off_s, int break_at)
{
	struct aicx_exchange *exchange = exchange_new();
	int64_t now_s = fake->table.wall_ms(fake_self(fake)) / 1000;
	char time[24], text[MAC_TEXT + 3];

	signature(body, now_s + off_s, time, text);
	if (break_at >= 0)
		text[break_at] = text[break_at] == '0' ? '1' : '0';
	const struct aicx_header headers[] = {
		{ STR("aiconexus-timestamp"), { time, strlen(time) } },
		{ STR("AICONEXUS-SIGNATURE"), { text, strlen(text) } },
	};
	struct aicx_http_request request = { .size = sizeof request,
		.method = STR("POST"),
		.path = STR("/hooks/payments"),
		.body = { body, strlen(body) },
		.headers = headers,
		.n_headers = 2 };
	size_t n = fake->n_responses;
	host.ops->request(host.ops_arg, exchange, &request);
	if (fake->n_responses == n) {
		left = exchange;
		return 0;
	}
	ck_assert_uint_eq(fake->n_responses, n + 1);
	free(exchange);
	return fake->response.status;
}

#define TOLD "{\"event\":\"e1\",\"payment_id\":\"" PAY_ID "\","
#define BACK                                                                   \
	TOLD "\"type\":\"chargeback\",\"amount\":\"0.25\",\"currency\":"       \
	     "\"AIC\",\"reason\":\"why\"}"

START_TEST(a_signed_webhook_becomes_an_event)
{
	ck_assert_int_eq(tell(BACK, 0, -1), 200);
	ck_assert_int_eq(host.n_events, 1);
	ck_assert_str_eq(host.event_id, "e1");
	ck_assert_uint_eq(host.event.happened, AICX_PAY_CHARGEBACK);
	ck_assert_int_eq(host.event.amount.minor, 250000);
	ck_assert_mem_eq(&host.event.payment_id, &pay.id, sizeof pay.id);
	ck_assert_int_eq(tell(TOLD "\"type\":\"settled\"}", 299, -1), 200);
	ck_assert_int_eq(tell(TOLD "\"type\":\"failed\"}", -299, -1), 200);
	ck_assert_int_eq(host.n_events, 3);
}
END_TEST

START_TEST(a_webhook_of_somebody_else_is_turned_away)
{
	struct aicx_http_request bare = { .size = sizeof bare,
		.method = STR("POST"),
		.path = STR("/hooks/payments"),
		.body = STR(BACK) };
	struct aicx_exchange *exchange = exchange_new();

	for (int i = 0; i < 67; i++)
		ck_assert_int_eq(tell(BACK, 0, i), 401);
	ck_assert_int_eq(tell(BACK, 302, -1), 401);
	ck_assert_int_eq(tell(BACK, -302, -1), 401);
	host.ops->request(host.ops_arg, exchange, &bare);
	ck_assert_int_eq(fake->response.status, 401);
	memset(exchange, 0, sizeof *exchange);
	exchange->fake = fake;
	bare.method = STR("GET");
	host.ops->request(host.ops_arg, exchange, &bare);
	ck_assert_int_eq(fake->response.status, 405);
	free(exchange);
	ck_assert_int_eq(host.n_events, 0);
}
END_TEST

START_TEST(a_webhook_that_tells_nothing_is_malformed)
{
	static const char *const bad[] = { "", "[]", "{", "{}",
		TOLD "\"type\":\"gift\"}",
		"{\"event\":\"e\",\"type\":\"failed\"}",
		"{\"event\":\"e\",\"type\":\"failed\",\"payment_id\":\"7\"}",
		"{\"event\":\"e\",\"type\":\"failed\",\"payment_id\":"
		"\"018F0000-0000-0000-0000-0000000000AB\"}",
		"{\"event\":7,\"type\":\"failed\",\"payment_id\":\"" PAY_ID
		"\"}",
		TOLD "\"type\":\"chargeback\"}",
		TOLD "\"type\":\"chargeback\",\"amount\":\"1\"}",
		TOLD "\"type\":\"chargeback\",\"amount\":\"1\",\"currency\":"
		     "\"XYZ\"}",
		TOLD "\"type\":\"chargeback\",\"amount\":\"1\",\"currency\":"
		     "\"LONGNAME\"}",
		TOLD "\"type\":\"chargeback\",\"amount\":\"1.0000001\","
		     "\"currency\":\"AIC\"}",
		TOLD "\"type\":\"failed\",\"type\":\"failed\"}" };

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ck_assert_msg(tell(bad[i], 0, -1) == 400, "%s", bad[i]);
	ck_assert_int_eq(host.n_events, 0);
}
END_TEST

START_TEST(what_the_broker_says_decides_the_answer)
{
	static const struct {
		aicx_err err;
		int status;
	} cases[] = { { AICX_ENOTFOUND, 404 }, { AICX_EEXIST, 409 },
		{ AICX_ESTATE, 409 }, { AICX_EINVAL, 422 },
		{ AICX_EAGAIN, 503 }, { AICX_EIO, 503 }, { AICX_OK, 200 } };

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		host.verdict.code = cases[i].err;
		ck_assert_int_eq(tell(BACK, 0, -1), cases[i].status);
	}
}
END_TEST

START_TEST(a_provider_that_went_away_is_not_answered)
{
	struct aicx_error good = { .code = AICX_OK };

	host.hold = true;
	ck_assert_int_eq(tell(BACK, 0, -1), 0);
	struct aicx_exchange *other = exchange_new();
	host.ops->cancel(host.ops_arg, other); /* somebody else's: nothing */
	free(other);
	size_t n = fake->n_responses;
	host.later(&good, host.later_arg);
	ck_assert_uint_eq(fake->n_responses, n + 1);
	free(left);
	left = NULL;
	ck_assert_int_eq(tell(BACK, 0, -1), 0);
	host.ops->cancel(host.ops_arg, left);
	host.later(&good, host.later_arg); /* it is recorded, nobody hears */
	ck_assert_uint_eq(fake->n_responses, n + 1);
	free(left);
	left = NULL;
	ck_assert_int_eq(tell(BACK, 0, -1), 0);
	plugin->close(state);
	free(left);
	left = NULL;
	host.later(&good, host.later_arg); /* the instance has gone */
	ck_assert_uint_eq(fake->n_responses, n + 1);
	ck_assert_int_eq(
	    plugin->open(&fake->table, fake_self(fake), settings, &state, NULL),
	    AICX_OK);
}
END_TEST

/* --- texts ----------------------------------------------------------- */

START_TEST(amounts_are_decimals_and_nothing_else)
{
	static const char *const bad[] = { "", ".", "1.", ".5", "-1", "+1",
		" 1", "1 ", "1e3", "1.0000001", "0x1", "1..2",
		"9223372036854.775808", "99999999999999999999" };
	char text[AMOUNT_TEXT];
	int64_t minor = 0;

	amount_print(INT64_MIN, 9, text);
	ck_assert_str_eq(text, "-9223372036.854775808");
	amount_print(5, 6, text);
	ck_assert_str_eq(text, "0.000005");
	amount_print(0, 0, text);
	ck_assert_str_eq(text, "0");
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ck_assert_msg(!amount_parse(bad[i], 6, &minor), "%s", bad[i]);
	ck_assert(amount_parse("9223372036854.775807", 6, &minor));
	ck_assert_int_eq(minor, INT64_MAX);
	ck_assert(amount_parse("7", 0, &minor));
	ck_assert_int_eq(minor, 7);
	ck_assert(!amount_parse("7.0", 0, &minor));
}
END_TEST

int
main(void)
{
	TCase *orders = tcase_create("orders"), *hooks = tcase_create("hooks");
	TCase *texts = tcase_create("texts");
	Suite *suite = suite_create("payment_webhook");

	tcase_add_checked_fixture(orders, setup, teardown);
	tcase_add_test(
	    orders, an_order_says_who_what_and_how_much_and_is_signed);
	tcase_add_test(orders, only_a_certain_answer_is_believed);
	tcase_add_test(orders, an_unheard_payment_is_told_as_such);
	tcase_add_test(orders, what_is_under_way_ends_with_the_instance);
	tcase_add_test(orders, a_wrong_url_or_a_short_secret_does_not_open);
	tcase_add_checked_fixture(hooks, setup, teardown);
	tcase_add_test(hooks, a_signed_webhook_becomes_an_event);
	tcase_add_test(hooks, a_webhook_of_somebody_else_is_turned_away);
	tcase_add_test(hooks, a_webhook_that_tells_nothing_is_malformed);
	tcase_add_test(hooks, what_the_broker_says_decides_the_answer);
	tcase_add_test(hooks, a_provider_that_went_away_is_not_answered);
	tcase_add_test(texts, amounts_are_decimals_and_nothing_else);
	suite_add_tcase(suite, orders);
	suite_add_tcase(suite, hooks);
	suite_add_tcase(suite, texts);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed != 0;
}
