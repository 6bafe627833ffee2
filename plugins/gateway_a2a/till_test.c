/* SPDX-License-Identifier: Apache-2.0 */
/*
 * till_test.c - what payers without a key are told of their tasks: each state
 * of a payment, and the messages that bring none.
 *
 * The test is the payment plugin: it is asked to sell, and says what became of
 * that by hand.
 */
#include <aiconexus/gateway.h>
#include <aiconexus/option.h>
#include <aiconexus/payment.h>
#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_host.h"
#include "fake_keys.h"

#define ROW(name_)                                                             \
	{                                                                      \
		.size = sizeof(struct aicx_method), .name = name_,             \
		.summary = "", .permission = "", .success = 200,               \
	}

static const struct aicx_method rows[] = {
	ROW("security.verify_credentials"),
	ROW("session.about"),
	ROW("discovery.list_capabilities"),
	ROW("discovery.get_agent"),
	ROW("deal.buy"),
	ROW("deal.get"),
	ROW("deal.list"),
};

enum { N_ROWS = sizeof rows / sizeof *rows, EXCHANGES = 32 };

/* One sale that was asked for. */
struct sold {
	char resource[128], capability[64], input[256], payment[256];
	aicx_sold_fn *done; /* NULL: it is over */
	void *arg;
};

static struct {
	struct fake *fake;
	const struct aicx_plugin *plugin;
	void *state, *settings;
	const struct aicx_method *methods[N_ROWS];
	struct aicx_exchange exchanges[EXCHANGES];
	size_t n_exchanges, n_answered;
	struct sold sales[EXCHANGES];
	size_t n_sales, n_cancelled;
	struct aicx_ref payments;
	bool none_sold;
	json_t *answer; /* to the last request */
} till;

/* --- the payment plugin ---------------------------------------------- */

static void
copy(char *to, size_t size, struct aicx_str from)
{
	(void)snprintf(
	    to, size, "%.*s", (int)from.len, from.ptr != NULL ? from.ptr : "");
}

static void
sell(void *state, const struct aicx_sale *sale, aicx_sold_fn *done, void *arg)
{
	struct sold *sold = &till.sales[till.n_sales++];

	ck_assert_ptr_eq(state, &till);
	copy(sold->resource, sizeof sold->resource, sale->resource);
	copy(sold->capability, sizeof sold->capability, sale->capability);
	copy(sold->input, sizeof sold->input, sale->input);
	copy(sold->payment, sizeof sold->payment, sale->payment);
	sold->done = done;
	sold->arg = arg;
}

static void
sell_cancel(void *state, void *arg)
{
	ck_assert_ptr_eq(state, &till);
	for (size_t i = 0; i < till.n_sales; i++)
		if (till.sales[i].arg == arg && till.sales[i].done != NULL) {
			till.sales[i].done = NULL;
			till.n_cancelled++;
		}
}

static const struct aicx_payment_ops payment_ops = {
	.size = sizeof payment_ops,
	.sell = sell,
	.sell_cancel = sell_cancel,
};

static struct aicx_str
str(const char *text)
{
	return (struct aicx_str) { text, text != NULL ? strlen(text) : 0 };
}

static void
take_answer(void)
{
	json_decref(till.answer);
	till.answer = till.fake->response_body.ptr != NULL
	    ? json_loads(till.fake->response_body.ptr, 0, NULL)
	    : NULL;
}

/* What became of the last sale; NULL is absent. */
static void
sold(uint16_t status, const char *required, const char *response,
    const char *body)
{
	struct sold *sale = &till.sales[till.n_sales - 1];
	const struct aicx_sold what = { .size = sizeof what,
		.status = status,
		.retry_after_ms = -1,
		.required = str(required),
		.response = str(response),
		.body = str(body) };
	aicx_sold_fn *done = sale->done;

	ck_assert(done != NULL);
	sale->done = NULL;
	done(&what, sale->arg);
	take_answer();
}

/* --- the broker and the payer ---------------------------------------- */

#define CAPABILITY                                                             \
	"{\"capabilities\":[{\"name\":\"text.up\",\"description\":\"\","       \
	"\"input_schema\":{}}]}"

static void
wire(void)
{
	for (; till.n_answered < till.fake->n_calls; till.n_answered++) {
		struct aicx_ticket *call = till.fake->calls[till.n_answered];
		struct aicx_answer answer = { .size = sizeof answer,
			.status = 200,
			.retry_after_ms = -1 };

		if (strcmp(call->method->name, "security.verify_credentials") ==
		    0)
			answer.body =
			    str("{\"role\":\"agent\",\"agent_id\":\"b\"}");
		else if (strcmp(call->method->name,
			     "discovery.list_capabilities") == 0)
			answer.body =
			    str(till.none_sold ? "{\"capabilities\":[]}"
					       : CAPABILITY);
		else
			continue;
		ck_assert_str_eq(call->credential, "payer key");
		fake_answer(call, &answer);
	}
}

static struct aicx_exchange *
rpc(const char *method, const char *params)
{
	char body[2048];
	struct aicx_header headers[] = {
		{ str("A2A-Version"), str("1.0") },
		{ str("Content-Type"), str("application/json") },
	};
	struct aicx_http_request request = { .size = sizeof request,
		.method = str("POST"),
		.path = str("/a2a/jsonrpc"),
		.headers = headers,
		.n_headers = 2,
		.address = str("127.0.0.1:1"),
		.secure = 1 };
	struct aicx_exchange *exchange = &till.exchanges[till.n_exchanges++];

	(void)snprintf(body, sizeof body,
	    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":%s}",
	    method, params);
	request.body = str(body);
	exchange->fake = till.fake;
	till.plugin->ops.gateway->request(till.state, exchange, &request);
	wire();
	take_answer();
	return exchange;
}

/* SendMessage with this metadata, to a task or, NULL, to a new one. */
static struct aicx_exchange *
say(const char *task, const char *metadata, const char *configuration)
{
	char params[1024], of[64] = "";

	if (task != NULL)
		(void)snprintf(of, sizeof of, "\"taskId\":\"%s\",", task);
	(void)snprintf(params, sizeof params,
	    "{\"message\":{\"messageId\":\"m\",%s\"role\":\"ROLE_USER\","
	    "\"parts\":[{\"text\":\"hi\"}],\"metadata\":%s},"
	    "\"configuration\":%s}",
	    of, metadata, configuration);
	return rpc("SendMessage", params);
}

/* --- what the payer reads -------------------------------------------- */

static const json_t *
task(void)
{
	const json_t *result = json_object_get(till.answer, "result");
	const json_t *task = json_object_get(result, "task");

	return task != NULL ? task : result;
}

static const json_t *
told(const char *name)
{
	const json_t *status = json_object_get(task(), "status");
	const json_t *message = json_object_get(status, "message");

	return json_object_get(json_object_get(message, "metadata"), name);
}

static void
expect(const char *state, const char *payment)
{
	const json_t *status = json_object_get(task(), "status");
	const char *is = json_string_value(json_object_get(status, "state"));

	ck_assert_msg(is != NULL && strcmp(is, state) == 0, "%s is not %s: %s",
	    is != NULL ? is : "nothing", state, till.fake->response_body.ptr);
	if (payment != NULL)
		ck_assert_str_eq(
		    json_string_value(told("x402.payment.status")), payment);
}

static void
expect_error(int code)
{
	const json_t *error = json_object_get(till.answer, "error");

	ck_assert_msg(
	    json_integer_value(json_object_get(error, "code")) == code,
	    "no %d: %s", code, till.fake->response_body.ptr);
}

static bool
has_artifacts(void)
{
	return json_array_size(json_object_get(task(), "artifacts")) > 0;
}

#define SKILL "{\"skill\":\"text.up\"}"
#define UNPAID "{\"x402Version\":2,\"error\":\"unpaid\",\"accepts\":[]}"
#define PAYLOAD "{\"x402Version\":2,\"payload\":{}}"
#define SUBMITTED                                                              \
	"{\"x402.payment.status\":\"payment-submitted\","                      \
	"\"x402.payment.payload\":" PAYLOAD "}"
#define RECEIPT "{\"success\":true,\"transaction\":\"0x1\"}"
#define REFUSED                                                                \
	"{\"success\":false,\"transaction\":\"\",\"errorReason\":\"no_"        \
	"funds\"}"
#define RESULT "{\"state\":\"settled\",\"result\":\"HELLO\"}"

/* A new task that awaits its payment. */
static const char *
unpaid(void)
{
	static char id[64];

	(void)say(NULL, SKILL, "{}");
	sold(402, UNPAID, NULL, "{}");
	expect("TASK_STATE_INPUT_REQUIRED", "payment-required");
	(void)snprintf(id, sizeof id, "%s",
	    json_string_value(json_object_get(task(), "id")));
	return id;
}

static void
get(const char *id)
{
	char params[96];

	(void)snprintf(params, sizeof params, "{\"id\":\"%s\"}", id);
	(void)rpc("GetTask", params);
}

/* --- life ------------------------------------------------------------ */

static void
set_payments(void)
{
	const struct aicx_option *option = till.plugin->options;
	const struct aicx_ref *ref = &till.payments;

	while (strcmp(option->name, "payments") != 0)
		option++;
	memcpy((char *)till.settings + option->offset, &ref, sizeof ref);
}

static void
setup(void)
{
	struct aicx_error error = { 0 };

	memset(&till, 0, sizeof till);
	till.plugin = fake_plugin(".libs/gateway_a2a.so");
	till.fake = fake_new();
	fake_keys(till.fake);
	till.fake->public_url = "https://b.example.org";
	till.fake->hold_calls = true;
	for (size_t i = 0; i < N_ROWS; i++)
		till.methods[i] = &rows[i];
	till.fake->methods = till.methods;
	till.fake->n_methods = N_ROWS;
	till.payments = (struct aicx_ref) { .kind = AICX_PAYMENT,
		.instance = "x402",
		.ops = &payment_ops,
		.state = &till };
	till.settings = fake_settings(till.plugin);
	fake_set(till.settings, till.plugin, "payer_key", 0, "payer key");
	set_payments();
	ck_assert_int_eq(
	    till.plugin->open(&till.fake->table, fake_self(till.fake),
		till.settings, &till.state, &error),
	    AICX_OK);
}

static void
teardown(void)
{
	till.plugin->close(till.state);
	json_decref(till.answer);
	fake_keys_free(till.fake->keys);
	fake_free(till.fake);
	free(till.settings);
}

/* --- tests ----------------------------------------------------------- */

START_TEST(a_task_without_a_payment_is_told_how_to_pay)
{
	json_t *required = json_loads(UNPAID, 0, NULL);

	(void)unpaid();
	ck_assert(json_equal(told("x402.payment.required"), required));
	json_decref(required);
	ck_assert_uint_eq(till.n_sales, 1);
	ck_assert_str_eq(till.sales[0].capability, "text.up");
	ck_assert_str_eq(till.sales[0].resource, "a2a://skill/text.up");
	ck_assert_ptr_nonnull(strstr(till.sales[0].input, "hi"));
	ck_assert_str_eq(till.sales[0].payment, "");
	ck_assert(!has_artifacts());
}
END_TEST

START_TEST(a_submitted_payment_completes_its_task)
{
	const char *id = unpaid();

	(void)say(id, SUBMITTED, "{}");
	ck_assert_uint_eq(till.n_sales, 2);
	ck_assert_str_eq(till.sales[1].payment, PAYLOAD);
	ck_assert_str_eq(till.sales[1].input, till.sales[0].input);
	sold(200, NULL, RECEIPT, RESULT);
	expect("TASK_STATE_COMPLETED", "payment-completed");
	ck_assert(json_is_true(json_object_get(
	    json_array_get(told("x402.payment.receipts"), 0), "success")));
	ck_assert(has_artifacts());
	get(id);
	expect("TASK_STATE_COMPLETED", "payment-completed");
	ck_assert(has_artifacts());
	(void)say(id, SUBMITTED, "{}"); /* it is over */
	expect_error(-32004);
	ck_assert_uint_eq(till.n_sales, 2);
}
END_TEST

START_TEST(who_does_not_wait_reads_working_and_asks_later)
{
	const char *id = unpaid();

	(void)say(id, SUBMITTED, "{\"returnImmediately\":true}");
	expect("TASK_STATE_WORKING", "payment-submitted");
	get(id);
	expect("TASK_STATE_WORKING", "payment-submitted");
	(void)say(id, SUBMITTED, "{}");
	expect_error(-32004);
	ck_assert_uint_eq(till.n_sales, 2); /* it is sold once */
	sold(200, NULL, RECEIPT, RESULT);
	get(id);
	expect("TASK_STATE_COMPLETED", "payment-completed");
}
END_TEST

START_TEST(a_payment_that_is_not_taken_is_asked_for_again)
{
	const char *id = unpaid();

	(void)say(id, SUBMITTED, "{}");
	sold(
	    402, "{\"x402Version\":2,\"error\":\"bad_signature\"}", NULL, "{}");
	expect("TASK_STATE_INPUT_REQUIRED", "payment-required");
	ck_assert_str_eq(json_string_value(json_object_get(
			     told("x402.payment.required"), "error")),
	    "bad_signature");
	(void)say(id, SUBMITTED, "{}");
	sold(200, NULL, RECEIPT, RESULT);
	expect("TASK_STATE_COMPLETED", "payment-completed");
}
END_TEST

START_TEST(who_rejects_the_price_ends_the_task)
{
	const char *id = unpaid();

	(void)say(id, "{\"x402.payment.status\":\"payment-rejected\"}", "{}");
	expect("TASK_STATE_FAILED", "payment-rejected");
	(void)say(id, SUBMITTED, "{}");
	expect_error(-32004);
	ck_assert_uint_eq(till.n_sales, 1);
}
END_TEST

START_TEST(a_refused_settlement_fails_and_withholds_the_result)
{
	const char *id = unpaid();

	(void)say(id, SUBMITTED, "{}");
	sold(
	    402, "{\"x402Version\":2,\"error\":\"no_funds\"}", REFUSED, RESULT);
	expect("TASK_STATE_FAILED", "payment-failed");
	ck_assert_str_eq(
	    json_string_value(told("x402.payment.error")), "no_funds");
	ck_assert(json_is_false(json_object_get(
	    json_array_get(told("x402.payment.receipts"), 0), "success")));
	ck_assert(!has_artifacts());
	ck_assert_ptr_null(strstr(till.fake->response_body.ptr, "HELLO"));
}
END_TEST

START_TEST(failed_work_fails_the_task_with_its_code)
{
	const char *id = unpaid();

	(void)say(id, SUBMITTED, "{}");
	sold(502, NULL, NULL, "{\"code\":\"provider_failed\"}");
	expect("TASK_STATE_FAILED", "payment-failed");
	ck_assert_str_eq(
	    json_string_value(told("x402.payment.error")), "provider_failed");
	ck_assert_ptr_null(told("x402.payment.receipts"));
}
END_TEST

START_TEST(a_settlement_that_is_not_known_is_asked_about_with_the_same_payment)
{
	const char *id = unpaid();

	(void)say(id, SUBMITTED, "{}");
	sold(503, NULL, NULL, "{\"code\":\"payment_pending\"}");
	expect("TASK_STATE_WORKING", "payment-submitted");
	get(id);
	ck_assert_uint_eq(till.n_sales, 3);
	ck_assert_str_eq(till.sales[2].payment, PAYLOAD);
	sold(200, NULL, RECEIPT, RESULT);
	expect("TASK_STATE_COMPLETED", "payment-completed");
}
END_TEST

START_TEST(a_message_that_brings_no_payment_is_refused_and_changes_nothing)
{
	static const char *const wrong[] = {
		"{}",
		SKILL,
		"{\"x402.payment.status\":\"payment-submitted\"}",
		"{\"x402.payment.status\":\"payment-submitted\","
		"\"x402.payment.payload\":\"paid\"}",
		"{\"x402.payment.status\":\"payment-submitted\","
		"\"x402.payment.payload\":[1]}",
		"{\"x402.payment.status\":\"payment-completed\","
		"\"x402.payment.payload\":" PAYLOAD "}",
		"{\"x402.payment.payload\":" PAYLOAD "}",
	};
	const char *id = unpaid();

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		(void)say(id, wrong[i], "{}");
		expect_error(-32602);
	}
	ck_assert_uint_eq(till.n_sales, 1);
	get(id);
	expect("TASK_STATE_INPUT_REQUIRED", "payment-required");
	ck_assert_uint_eq(
	    json_array_size(json_object_get(task(), "history")), 1);
}
END_TEST

START_TEST(tasks_and_skills_that_are_not_there_are_refused)
{
	(void)say("00000000-0000-4000-8000-000000000000", SUBMITTED, "{}");
	expect_error(-32001);
	(void)say("short", SUBMITTED, "{}");
	expect_error(-32001);
	(void)say(NULL, "{}", "{}"); /* of which skill? */
	expect_error(-32602);
	till.none_sold = true;
	(void)say(NULL, SKILL, "{}");
	expect_error(-32602);
	(void)rpc("ListTasks", "{}");
	ck_assert_int_eq(till.fake->response.status, 401);
	ck_assert_uint_eq(till.n_sales, 0);
}
END_TEST

START_TEST(what_costs_nothing_completes_without_a_receipt)
{
	(void)say(NULL, SKILL, "{}");
	sold(200, NULL, NULL, RESULT);
	expect("TASK_STATE_COMPLETED", NULL);
	ck_assert_ptr_null(told("x402.payment.status"));
	ck_assert(has_artifacts());
}
END_TEST

START_TEST(a_payer_that_went_away_finds_its_task)
{
	const char *id = unpaid();
	struct aicx_exchange *exchange = say(id, SUBMITTED, "{}");

	till.plugin->ops.gateway->cancel(till.state, exchange);
	ck_assert_uint_eq(till.n_cancelled, 0);
	sold(200, NULL, RECEIPT, RESULT);
	get(id);
	expect("TASK_STATE_COMPLETED", "payment-completed");
	/* What is being sold at the end of the broker is let go. */
	id = unpaid();
	exchange = say(id, SUBMITTED, "{}");
	till.plugin->ops.gateway->cancel(till.state, exchange);
	till.plugin->close(till.state);
	ck_assert_uint_eq(till.n_cancelled, 1);
	ck_assert_int_eq(
	    till.plugin->open(&till.fake->table, fake_self(till.fake),
		till.settings, &till.state, NULL),
	    AICX_OK);
	get(id); /* and asked for again after its start */
	ck_assert_str_eq(till.sales[till.n_sales - 1].payment, PAYLOAD);
	sold(200, NULL, RECEIPT, RESULT);
	expect("TASK_STATE_COMPLETED", "payment-completed");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("till");
	TCase *tcase = tcase_create("x402 in A2A");
	SRunner *runner;
	int n_failed;

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_task_without_a_payment_is_told_how_to_pay);
	tcase_add_test(tcase, a_submitted_payment_completes_its_task);
	tcase_add_test(tcase, who_does_not_wait_reads_working_and_asks_later);
	tcase_add_test(tcase, a_payment_that_is_not_taken_is_asked_for_again);
	tcase_add_test(tcase, who_rejects_the_price_ends_the_task);
	tcase_add_test(
	    tcase, a_refused_settlement_fails_and_withholds_the_result);
	tcase_add_test(tcase, failed_work_fails_the_task_with_its_code);
	tcase_add_test(tcase,
	    a_settlement_that_is_not_known_is_asked_about_with_the_same_payment);
	tcase_add_test(tcase,
	    a_message_that_brings_no_payment_is_refused_and_changes_nothing);
	tcase_add_test(tcase, tasks_and_skills_that_are_not_there_are_refused);
	tcase_add_test(tcase, what_costs_nothing_completes_without_a_receipt);
	tcase_add_test(tcase, a_payer_that_went_away_finds_its_task);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
