/* SPDX-License-Identifier: Apache-2.0 */
/* outside_test.c - buying from servers of others through a gateway. */
#include "broker/outside.h"

#include "base/id.h"
#include "base/mem.h"
#include "base/str.h"
#include "broker/testdata/stage.h"

#include <aiconexus/gateway.h>
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEAL "0197f2d4-0000-7000-8000-000000000001"
#define AIC(amount) "{\"amount\":\"" amount "\",\"currency\":\"AIC\"}"
#define PRICE "{\"model\":\"per_call\",\"base_cost\":" AIC("0.002") "}"
#define AT "\"endpoints\":[{\"kind\":\"http\",\"url\":\"http://s.example/\"}]"

static struct stage stage;
static struct buf body;
static char buyer_key[64], seller_id[40];

static struct {
	int status; /* of the call below; 0: it waits */
	struct buf body;
} waiting;

/* --- a gateway that does as the test says ------------------------------- */

static struct {
	struct aicx_errand *errand; /* the last one; NULL: none is open */
	char execution_id[40], input[128], capability[64], url[64];
	int64_t attempt, timeout_ms;
	int n_executed, n_described, n_recalled;
	struct aicx_errand_result now; /* answered at once when size > 0 */
	char answer[64];
} server;

static const char *const *
server_speaks(void *state)
{
	static const char *const kinds[] = { "a2a", "http", NULL };

	(void)state;
	return kinds;
}

static void
copy(char *to, size_t size, struct aicx_str from)
{
	(void)snprintf(to, size, "%.*s", STR_ARG(from));
}

static void
server_ends(struct aicx_errand_result result)
{
	struct module_ports ports = broker_module_ports(stage.broker);
	struct aicx_errand *errand = server.errand;

	server.errand = NULL;
	result.size = sizeof result;
	ports.errand_done(errand, &result);
}

static void
server_execute(
    void *state, struct aicx_errand *errand, const struct aicx_work *work)
{
	(void)state;
	server.n_executed++;
	server.errand = errand;
	server.attempt = work->attempt;
	server.timeout_ms = work->timeout_ms;
	copy(server.execution_id, sizeof server.execution_id,
	    work->execution_id);
	copy(server.input, sizeof server.input, work->input);
	copy(server.capability, sizeof server.capability,
	    work->remote.len > 0 ? work->remote : work->capability);
	copy(server.url, sizeof server.url, work->url);
	if (server.now.size > 0)
		server_ends(server.now);
}

static void
server_describe(void *state, struct aicx_errand *errand, struct aicx_str kind,
    struct aicx_str url)
{
	(void)state;
	(void)kind;
	server.n_described++;
	server.errand = errand;
	copy(server.url, sizeof server.url, url);
	if (server.now.size > 0)
		server_ends(server.now);
}

static void
server_recall(void *state, struct aicx_errand *errand)
{
	(void)state;
	ck_assert_ptr_eq(errand, server.errand);
	server.errand = NULL;
	server.n_recalled++;
}

static void
server_answer(void *state, struct aicx_errand *errand, struct aicx_str answer)
{
	(void)state;
	ck_assert_ptr_eq(errand, server.errand);
	copy(server.answer, sizeof server.answer, answer);
}

static const struct aicx_gateway_ops server_ops = {
	.size = sizeof server_ops,
	.speaks = server_speaks,
	.execute = server_execute,
	.describe = server_describe,
	.recall = server_recall,
	.answer = server_answer,
};

static void
server_says(const char *output)
{
	server_ends((struct aicx_errand_result) {
	    .err = AICX_OK, .output = str_of(output) });
	stage_run(&stage);
}

static void
server_fails(const char *code, bool retryable)
{
	server_ends((struct aicx_errand_result) { .err = AICX_EIO,
	    .code = str_of(code),
	    .detail = STR("it \"broke\""),
	    .retryable = retryable });
	stage_run(&stage);
}

/* --- the buyer ------------------------------------------------------------ */

static void
field(const char *name, char *ret, size_t size)
{
	char pattern[64];
	(void)snprintf(pattern, sizeof pattern, "\"%s\":\"", name);
	const char *at = strstr(buf_cstr(&body), pattern);

	ck_assert_msg(at != NULL, "no %s in %s", name, buf_cstr(&body));
	at += strlen(pattern);
	(void)snprintf(ret, size, "%.*s", (int)strcspn(at, "\""), at);
}

static int
ask(const char *key, const char *method, const char *params, const char *once)
{
	return stage_call(&stage, key, method, params, once, &body);
}

static bool
says(const char *text)
{
	return strstr(buf_cstr(&body), text) != NULL;
}

static int
as_operator(const char *method, const char *params)
{
	return ask(stage.operator_key, method, params, NULL);
}

static int
buy(void)
{
	return ask(buyer_key, "deal.buy",
	    "{\"need\":\"text.count\",\"input\":\"one two\",\"deal_id\":\"" DEAL
	    "\"}",
	    "one");
}

static void
setup(void)
{
	char id[40], params[256];

	memset(&server, 0, sizeof server);
	stage_open(&stage);
	ck_assert_int_eq(
	    as_operator("discovery.register", "{\"name\":\"buyer\"}"), 201);
	field("agent_id", id, sizeof id);
	(void)snprintf(params, sizeof params, "{\"agent_id\":\"%s\"}", id);
	ck_assert_int_eq(
	    as_operator("security.generate_credentials", params), 201);
	field("api_key", buyer_key, sizeof buyer_key);
	(void)snprintf(params, sizeof params,
	    "{\"agent_id\":\"%s\",\"amount\":" AIC("1") "}", id);
	ck_assert_int_eq(as_operator("economics.fund", params), 201);
	ck_assert_int_eq(ask(buyer_key, "negotiation.grant_mandate",
			     "{\"mandate\":{\"need\":[\"text.count\"],"
			     "\"max_each\":" AIC("0.01") ",\"max_total\":" AIC(
				 "0.05") ",\"max_deals\":5}}",
			     NULL),
	    201);
	stage_gateway(&stage, &server_ops, NULL);
	ck_assert_int_eq(
	    as_operator("discovery.register",
		"{\"name\":\"server\"," AT ",\"capabilities\":[{\"name\":"
		"\"text.count\",\"remote\":\"Count\",\"pricing\":" PRICE "}]}"),
	    201);
	field("agent_id", seller_id, sizeof seller_id);
}

static void
teardown(void)
{
	stage_close(&stage);
	buf_fini(&body);
	buf_fini(&waiting.body);
}

START_TEST(a_server_outside_sells_at_its_listed_price)
{
	ck_assert_int_eq(buy(), 0);
	ck_assert_int_eq(server.n_executed, 1);
	ck_assert_str_eq(server.input, "\"one two\"");
	ck_assert_str_eq(server.capability, "Count");
	ck_assert_str_eq(server.url, "http://s.example/");
	ck_assert_int_eq(server.attempt, 1);
	ck_assert_int_gt(server.timeout_ms, 1000);
	server_says("{\"n\":2}");
	ck_assert_int_eq(buy(), 200);
	ck_assert(says("\"result\":{\"n\":2}"));
	ck_assert(says("\"price\":{\"amount\":\"0.002000\""));
	ck_assert_int_eq(
	    ask(buyer_key, "deal.export", "{\"deal_id\":\"" DEAL "\"}", NULL),
	    200);
	/* The contract and the registration say whose key signed. */
	ck_assert(says("\\\"provider\\\":\\\"broker\\\""));
	ck_assert(says("\"custody\":\"broker\""));
	ck_assert_int_eq(server.n_executed, 1);
	ck_assert_int_eq(server.n_recalled, 0);
}
END_TEST

START_TEST(an_answer_may_come_at_once)
{
	server.now = (struct aicx_errand_result) { .size = sizeof server.now,
		.output = STR("2") };
	ck_assert_int_eq(buy(), 200);
	ck_assert(says("\"result\":2"));
}
END_TEST

START_TEST(a_failure_is_tried_again_only_when_it_may_be_better)
{
	ck_assert_int_eq(buy(), 0);
	server_fails("busy", true);
	stage_pass(&stage, 5000);
	ck_assert_int_eq(server.n_executed, 2);
	ck_assert_int_eq(server.attempt, 2);
	server_fails("broken", false);
	ck_assert_int_eq(server.n_executed, 2);
	ck_assert_int_eq(buy(), 502);
	ck_assert(says("broken: it"));
	ck_assert_uint_eq(broker_open_holds(stage.broker), 0);
}
END_TEST

START_TEST(what_is_no_json_is_not_paid)
{
	ck_assert_int_eq(buy(), 0);
	server_says("{\"n\":");
	ck_assert_int_eq(buy(), 502);
	ck_assert(says("invalid_result"));
	ck_assert_uint_eq(broker_open_holds(stage.broker), 0);
}
END_TEST

START_TEST(a_server_that_takes_too_long_is_recalled)
{
	ck_assert_int_eq(buy(), 0);
	stage_pass(&stage, 100000);
	ck_assert_int_eq(server.n_recalled, 1);
	ck_assert_int_eq(buy(), 504);
	ck_assert_uint_eq(broker_open_holds(stage.broker), 0);
}
END_TEST

START_TEST(a_deal_that_its_buyer_ends_recalls_the_work)
{
	ck_assert_int_eq(buy(), 0);
	ck_assert_int_eq(
	    ask(buyer_key, "deal.cancel", "{\"deal_id\":\"" DEAL "\"}", NULL),
	    200);
	ck_assert_int_eq(server.n_recalled, 1);
	ck_assert_uint_eq(broker_open_holds(stage.broker), 0);
}
END_TEST

START_TEST(a_restart_asks_again_under_the_same_id)
{
	char id[40];

	ck_assert_int_eq(buy(), 0);
	(void)snprintf(id, sizeof id, "%s", server.execution_id);
	stage_crash(&stage);
	stage_run(&stage);
	ck_assert_int_eq(server.n_executed, 2);
	ck_assert_str_eq(server.execution_id, id);
	ck_assert_int_eq(server.attempt, 1);
	stage_pass(&stage, 10000); /* it needs no grace to come back */
	server_says("2");
	ck_assert_int_eq(buy(), 200);
}
END_TEST

START_TEST(progress_reaches_who_follows_the_deal)
{
	struct module_ports ports = broker_module_ports(stage.broker);
	char after[24], params[128];

	ck_assert_int_eq(buy(), 0);
	ck_assert_int_eq(
	    ask(buyer_key, "deal.watch", "{\"deal_id\":\"" DEAL "\"}", NULL),
	    200);
	field("cursor", after, sizeof after);
	ck_assert_int_eq(ports.errand_progress(server.errand,
			     STR("{\"progress\":1,\"total\":2}")),
	    AICX_OK);
	ck_assert_int_eq(
	    ports.errand_progress(server.errand, STR("{\"progress\":\"1\"}")),
	    AICX_EINVAL);
	ck_assert_int_eq(
	    ports.errand_progress(server.errand, STR("{\"extra\":1}")),
	    AICX_EINVAL);
	ck_assert_int_eq(
	    ports.errand_progress(server.errand, STR("{")), AICX_EINVAL);
	(void)snprintf(params, sizeof params,
	    "{\"deal_id\":\"" DEAL "\",\"after\":\"%s\"}", after);
	ck_assert_int_eq(ask(buyer_key, "deal.watch", params, NULL), 200);
	ck_assert(says("\"progress\":{\"progress\":1,\"total\":2}"));
	server_says("2");
}
END_TEST

/* --- what sellers ask back ----------------------------------------------- */

static void
on_waited(const struct aicx_answer *answer, void *arg)
{
	(void)arg;
	waiting.status = answer->status;
	buf_clear(&waiting.body);
	buf_str(&waiting.body, answer->body);
}

/* Unlike ask(), this one goes on waiting. */
static void
wait_for(const char *method, const char *params, const char *once)
{
	struct module_ports ports = broker_module_ports(stage.broker);
	struct aicx_ticket *ticket = NULL;
	struct aicx_call call = {
		.size = sizeof call,
		.method = &route_find(str_of(method))->method,
		.params = str_of(params),
		.credential = str_of(buyer_key),
		.idempotency_key = str_of(once),
		.secure = 1,
	};

	waiting.status = 0;
	ports.call(ports.arg, &call, on_waited, NULL, &ticket);
	stage_run(&stage);
}

static bool
was_told(const char *text)
{
	return strstr(buf_cstr(&waiting.body), text) != NULL;
}

static aicx_err
server_asks(const char *question)
{
	struct module_ports ports = broker_module_ports(stage.broker);
	aicx_err err = ports.errand_ask(server.errand,
	    question != NULL ? str_of(question)
			     : (struct aicx_str) { NULL, 0 });

	stage_run(&stage);
	return err;
}

#define WHICH "{\"message\":\"which one?\"}"
#define BUY_AND_ANSWER                                                         \
	"{\"need\":\"text.count\",\"input\":1,\"answers\":true,"               \
	"\"deal_id\":\"" DEAL "\"}"

static void
answer(const char *text)
{
	char params[128];

	(void)snprintf(params, sizeof params,
	    "{\"execution_id\":\"%s\",\"answer\":%s}", server.execution_id,
	    text);
	wait_for("execution.answer", params, "");
}

static int
execution(void)
{
	char params[80];

	(void)snprintf(params, sizeof params, "{\"execution_id\":\"%s\"}",
	    server.execution_id);
	return ask(buyer_key, "execution.get_execution", params, NULL);
}

START_TEST(a_seller_that_asks_back_is_answered_and_paid)
{
	wait_for("deal.buy", BUY_AND_ANSWER, "one");
	ck_assert_int_eq(waiting.status, 0);
	ck_assert_int_eq(server_asks(WHICH), AICX_OK);
	ck_assert_int_eq(waiting.status, 202);
	ck_assert(was_told("\"asks\":" WHICH));
	ck_assert(was_told(server.execution_id));
	ck_assert_int_eq(execution(), 200);
	ck_assert(says("\"asks\":" WHICH));
	ck_assert_int_eq(
	    ask(buyer_key, "deal.get", "{\"deal_id\":\"" DEAL "\"}", NULL),
	    200);
	ck_assert(says("\"asks\":" WHICH));
	ck_assert_int_eq(
	    ask(buyer_key, "deal.watch", "{\"deal_id\":\"" DEAL "\"}", NULL),
	    200);
	ck_assert(says("\"asks\":" WHICH));
	wait_for("deal.buy", BUY_AND_ANSWER, "one");
	ck_assert_int_eq(waiting.status, 202); /* who asks again, too */
	answer("\"the red one\"");
	ck_assert_str_eq(server.answer, "\"the red one\"");
	ck_assert_int_eq(waiting.status, 0);
	ck_assert_int_eq(execution(), 200);
	ck_assert(!says("\"asks\""));
	ck_assert_int_eq(server_asks("{\"auth\":true}"), AICX_OK);
	ck_assert_int_eq(waiting.status, 202);
	ck_assert_int_eq(server_asks(NULL), AICX_OK); /* it knows by now */
	ck_assert_int_eq(execution(), 200);
	ck_assert(!says("\"asks\""));
	wait_for("deal.buy", BUY_AND_ANSWER, "one");
	ck_assert_int_eq(waiting.status, 0);
	server_says("\"red\"");
	ck_assert_int_eq(waiting.status, 200);
	ck_assert(was_told("\"result\":\"red\""));
	ck_assert_int_eq(server.n_executed, 1);
}
END_TEST

START_TEST(who_waits_without_answering_is_not_left_waiting)
{
	wait_for("deal.buy",
	    "{\"need\":\"text.count\",\"input\":1,\"deal_id\":\"" DEAL "\"}",
	    "one");
	ck_assert_int_eq(server_asks(WHICH), AICX_ESTATE);
	ck_assert_int_eq(waiting.status, 0);
	server_fails("input_required", false);
	ck_assert_int_eq(waiting.status, 502);
	ck_assert(was_told("input_required"));
	ck_assert_uint_eq(broker_open_holds(stage.broker), 0);
}
END_TEST

START_TEST(nothing_is_answered_that_was_not_asked)
{
	ck_assert_int_eq(buy(), 0);
	answer("1");
	ck_assert_int_eq(waiting.status, 409);
	ck_assert(was_told("wrong_state"));
	ck_assert_int_eq(server_asks("{\"message\":1}"), AICX_EINVAL);
	ck_assert_int_eq(server_asks("{"), AICX_EINVAL);
	ck_assert_int_eq(server_asks(WHICH), AICX_OK); /* nobody waits */
	answer("1");
	ck_assert_str_eq(server.answer, "1");
	answer("2");
	ck_assert_int_eq(waiting.status, 409);
	ck_assert_str_eq(server.answer, "1");
}
END_TEST

START_TEST(a_question_is_for_the_buyer_alone)
{
	char id[40], key[64], params[128];

	ck_assert_int_eq(buy(), 0);
	ck_assert_int_eq(server_asks(WHICH), AICX_OK);
	ck_assert_int_eq(
	    as_operator("discovery.register", "{\"name\":\"other\"}"), 201);
	field("agent_id", id, sizeof id);
	(void)snprintf(params, sizeof params, "{\"agent_id\":\"%s\"}", id);
	ck_assert_int_eq(
	    as_operator("security.generate_credentials", params), 201);
	field("api_key", key, sizeof key);
	(void)snprintf(params, sizeof params,
	    "{\"execution_id\":\"%s\",\"answer\":1}", server.execution_id);
	ck_assert_int_eq(ask(key, "execution.answer", params, NULL), 404);
	ck_assert_str_eq(server.answer, "");
	server_says("2");
	ck_assert_int_eq(buy(), 200);
}
END_TEST

START_TEST(time_runs_on_while_a_seller_asks)
{
	wait_for("deal.buy", BUY_AND_ANSWER, "one");
	ck_assert_int_eq(server_asks(WHICH), AICX_OK);
	stage_pass(&stage, 100000);
	ck_assert_int_eq(server.n_recalled, 1);
	answer("1");
	ck_assert_int_eq(waiting.status, 409);
	ck_assert_uint_eq(broker_open_holds(stage.broker), 0);
}
END_TEST

/* --- what servers want to see -------------------------------------------- */

#define WITH(credential)                                                       \
	"{\"name\":\"server\"," AT_HOME ",\"credential\":" credential          \
	",\"capabilities\":[{\"name\":\"text.count\",\"pricing\":" PRICE "}]}"
#define AT_HOME                                                                \
	"\"endpoints\":[{\"kind\":\"http\",\"url\":\"https://s.example/\"}]"

static void
expect_pass(const char *name, const char *value)
{
	struct module_ports ports = broker_module_ports(stage.broker);
	struct aicx_header header;

	ck_assert_int_eq(ports.errand_pass(server.errand, &header), AICX_OK);
	ck_assert(str_is(header.name, name));
	ck_assert(str_is(header.value, value));
}

START_TEST(a_credential_is_shown_to_the_server_and_to_nobody_else)
{
	struct module_ports ports = broker_module_ports(stage.broker);
	struct aicx_header header;
	char params[512];

	ck_assert_int_eq(buy(), 0);
	ck_assert_int_eq(
	    ports.errand_pass(server.errand, &header), AICX_ENOTFOUND);
	server_says("1");
	(void)snprintf(params, sizeof params, "{\"agent_id\":\"%s\",%s",
	    seller_id, WITH("{\"value\":\"Bearer xyzzy\"}") + 1);
	ck_assert_int_eq(as_operator("discovery.register", params), 201);
	ck_assert(!says("xyzzy"));
	(void)snprintf(
	    params, sizeof params, "{\"agent_id\":\"%s\"}", seller_id);
	ck_assert_int_eq(as_operator("discovery.get_agent", params), 200);
	ck_assert(says("\"passes\":true") && !says("xyzzy"));
	ck_assert_int_eq(ask(buyer_key, "deal.buy",
			     "{\"need\":\"text.count\",\"input\":1}", "two"),
	    0);
	expect_pass("Authorization", "Bearer xyzzy");
	stage_crash(&stage);
	stage_run(&stage);
	expect_pass("Authorization", "Bearer xyzzy");
	server_says("1");
	/* Another registration of the address without one takes it away. */
	(void)snprintf(params, sizeof params,
	    "{\"agent_id\":\"%s\"," AT_HOME "}", seller_id);
	server.now = (struct aicx_errand_result) { .size = sizeof server.now,
		.output = STR("{\"capabilities\":[{\"name\":\"text.count\","
			      "\"pricing\":" PRICE "}]}") };
	ck_assert_int_eq(as_operator("discovery.register", params), 201);
	server.now.size = 0;
	ck_assert_int_eq(ask(buyer_key, "deal.buy",
			     "{\"need\":\"text.count\",\"input\":1}", "three"),
	    0);
	ports = broker_module_ports(stage.broker);
	ck_assert_int_eq(
	    ports.errand_pass(server.errand, &header), AICX_ENOTFOUND);
}
END_TEST

START_TEST(a_credential_that_could_be_overheard_or_is_none_is_refused)
{
	static const char *const bad[] = {
		WITH("{\"value\":\"a\\nb\"}"),
		WITH("{\"value\":\"a\",\"header\":\"Host\"}"),
		WITH("{\"value\":\"a\",\"header\":\"a b\"}"),
		WITH("{\"value\":\"\"}"),
		WITH("{\"header\":\"X-Key\"}"),
		"{\"name\":\"n\",\"credential\":{\"value\":\"a\"}}",
		"{\"name\":\"n\"," AT ",\"credential\":{\"value\":\"a\"}}",
	};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		ck_assert_int_eq(
		    as_operator("discovery.register", bad[i]), 400);
		ck_assert(says("invalid_params"));
	}
	ck_assert_int_eq(server.n_described, 0);
}
END_TEST

/* --- registering by address ------------------------------------------------
 */

#define ELSEWHERE                                                              \
	"\"endpoints\":[{\"kind\":\"a2a\",\"url\":\"http://t.example\"}]"

START_TEST(an_address_alone_makes_a_seller)
{
	server.now = (struct aicx_errand_result) { .size = sizeof server.now,
		.output = STR("{\"name\":\"translator\",\"version\":\"7\","
			      "\"capabilities\":[{\"name\":\"text.translate\","
			      "\"remote\":\"Translate!\",\"input_schema\":"
			      "{\"type\":\"object\"}}]}") };
	ck_assert_int_eq(as_operator("discovery.register",
			     "{" ELSEWHERE ",\"pricing\":" PRICE "}"),
	    201);
	field("agent_id", seller_id, sizeof seller_id);
	ck_assert_int_eq(server.n_described, 1);
	ck_assert_int_eq(
	    as_operator("discovery.search", "{\"q\":\"translator\"}"), 200);
	ck_assert(says(seller_id));
	ck_assert(says("\"remote\":\"Translate!\""));
	ck_assert(says("\"amount\":\"0.002000\""));
	ck_assert(says("\"input_schema\":{\"type\":\"object\"}"));
	ck_assert(says("\"online\":true"));
}
END_TEST

static const struct {
	const char *what;
	struct aicx_errand_result said;
	int status;
	const char *word;
} descriptions[] = {
	{ "a server that fails",
	    { .err = AICX_EIO, .code = { "http_status", 11 } }, 502,
	    "http_status" },
	{ "a server that is slow",
	    { .err = AICX_ETIMEDOUT, .code = { "timeout", 7 } }, 504,
	    "timeout" },
	{ "no JSON", { .output = { "{", 1 } }, 502, "provider_failed" },
	{ "nothing to sell", { .output = { "{}", 2 } }, 502,
	    "provider_failed" },
	{ "a name that is none",
	    { .output = { "{\"capabilities\":[{\"name\":\"A B\"}]}", 33 } },
	    400, "invalid_params" },
};

START_TEST(a_description_that_is_none_registers_nothing)
{
	size_t n = stage.broker->state.n_agents;

	server.now = descriptions[_i].said;
	server.now.size = sizeof server.now;
	ck_assert_msg(as_operator("discovery.register", "{" ELSEWHERE "}") ==
		descriptions[_i].status,
	    "%s: %s", descriptions[_i].what, buf_cstr(&body));
	ck_assert(says(descriptions[_i].word));
	ck_assert_uint_eq(stage.broker->state.n_agents, n);
}
END_TEST

START_TEST(nobody_is_asked_for_who_may_not_register)
{
	ck_assert_int_eq(
	    ask(NULL, "discovery.register", "{" ELSEWHERE "}", NULL), 401);
	ck_assert_int_eq(as_operator("discovery.register",
			     "{\"endpoints\":[{\"kind\":\"mcp\",\"url\":"
			     "\"http://t.example\"}]}"),
	    400);
	ck_assert(says("no gateway is loaded that speaks"));
	ck_assert_int_eq(server.n_described, 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("outside");
	TCase *tcase = tcase_create("outside");
	SRunner *runner = srunner_create(suite);
	int n_failed;

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_server_outside_sells_at_its_listed_price);
	tcase_add_test(tcase, an_answer_may_come_at_once);
	tcase_add_test(
	    tcase, a_failure_is_tried_again_only_when_it_may_be_better);
	tcase_add_test(tcase, what_is_no_json_is_not_paid);
	tcase_add_test(tcase, a_server_that_takes_too_long_is_recalled);
	tcase_add_test(tcase, a_deal_that_its_buyer_ends_recalls_the_work);
	tcase_add_test(tcase, a_restart_asks_again_under_the_same_id);
	tcase_add_test(tcase, progress_reaches_who_follows_the_deal);
	tcase_add_test(tcase, a_seller_that_asks_back_is_answered_and_paid);
	tcase_add_test(tcase, who_waits_without_answering_is_not_left_waiting);
	tcase_add_test(tcase, nothing_is_answered_that_was_not_asked);
	tcase_add_test(tcase, a_question_is_for_the_buyer_alone);
	tcase_add_test(tcase, time_runs_on_while_a_seller_asks);
	tcase_add_test(
	    tcase, a_credential_is_shown_to_the_server_and_to_nobody_else);
	tcase_add_test(
	    tcase, a_credential_that_could_be_overheard_or_is_none_is_refused);
	tcase_add_test(tcase, an_address_alone_makes_a_seller);
	tcase_add_loop_test(tcase, a_description_that_is_none_registers_nothing,
	    0, (int)(sizeof descriptions / sizeof descriptions[0]));
	tcase_add_test(tcase, nobody_is_asked_for_who_may_not_register);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
