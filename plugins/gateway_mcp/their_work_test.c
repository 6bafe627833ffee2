/* SPDX-License-Identifier: Apache-2.0 */
/* their_work_test.c - what a seller's MCP server is asked, step by step, and
   what its answers are worth. */
#include <aiconexus/gateway.h>
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_host.h"

enum { ASKS_MAX = 80 };

static const struct aicx_plugin *plugin;
static struct fake *fake;
static void *settings, *state;

/* The host's part: what was asked, and the only end of an errand. */
static struct {
	struct {
		char url[128], body[2048], headers[1024], allow[64];
		int64_t timeout_ms, body_max;
		aicx_http_done_fn *done;
		aicx_http_part_fn *part;
		void *arg;
		bool cancelled;
	} asks[ASKS_MAX];
	int n_asks;
	aicx_err refuse; /* http_request() itself */
	int n_done, n_progress;
	aicx_err err;
	char output[2048], code[64], detail[256], progress[256];
	bool retryable;
} host;

#define STR(literal) ((struct aicx_str) { (literal), sizeof(literal) - 1 })
#define ERRAND ((struct aicx_errand *)&host)
#define SCHEMA                                                                 \
	"{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\","     \
	"\"x-mcp-header\":\"Region\"}}}"
#define TOOLS                                                                  \
	"\"result\":{\"tools\":[{\"name\":\"Up\",\"inputSchema\":" SCHEMA "}]" \
	"}"

static struct aicx_str
str(const char *text)
{
	return (struct aicx_str) { text, strlen(text) };
}

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
	int n = host.n_asks;

	(void)self;
	if (host.refuse != AICX_OK) {
		reterr->code = host.refuse;
		(void)snprintf(reterr->text, sizeof reterr->text, "no url");
		return host.refuse;
	}
	ck_assert_int_lt(n, ASKS_MAX);
	host.n_asks++;
	host.asks[n].done = done;
	host.asks[n].part = ask->part;
	host.asks[n].arg = arg;
	host.asks[n].timeout_ms = ask->timeout_ms;
	host.asks[n].body_max = ask->body_max;
	copy(host.asks[n].url, sizeof host.asks[n].url, ask->url);
	copy(host.asks[n].body, sizeof host.asks[n].body, ask->body);
	copy(host.asks[n].allow, sizeof host.asks[n].allow, ask->allow);
	for (size_t i = 0; i < ask->n_headers; i++) {
		char *to = host.asks[n].headers;
		size_t len = strlen(to);
		(void)snprintf(to + len, sizeof host.asks[n].headers - len,
		    "%.*s: %.*s\n", (int)ask->headers[i].name.len,
		    ask->headers[i].name.ptr, (int)ask->headers[i].value.len,
		    ask->headers[i].value.ptr);
	}
	*ret_fetch = (struct aicx_fetch *)&host.asks[n];
	return AICX_OK;
}

static void
host_http_cancel(struct aicx_fetch *fetch)
{
	for (int i = 0; i < host.n_asks; i++)
		if ((void *)fetch == &host.asks[i])
			host.asks[i].cancelled = true;
}

static void
host_errand_done(
    struct aicx_errand *errand, const struct aicx_errand_result *result)
{
	ck_assert_ptr_eq(errand, ERRAND);
	host.n_done++;
	host.err = result->err;
	host.retryable = result->retryable != 0;
	copy(host.output, sizeof host.output, result->output);
	copy(host.code, sizeof host.code, result->code);
	copy(host.detail, sizeof host.detail, result->detail);
}

static aicx_err
host_errand_progress(struct aicx_errand *errand, struct aicx_str progress)
{
	ck_assert_ptr_eq(errand, ERRAND);
	host.n_progress++;
	copy(host.progress, sizeof host.progress, progress);
	return AICX_OK;
}

static void
setup(void)
{
	struct aicx_error error;

	memset(&host, 0, sizeof host);
	fake = fake_new();
	fake->table.http_request = host_http_request;
	fake->table.http_cancel = host_http_cancel;
	fake->table.errand_done = host_errand_done;
	fake->table.errand_progress = host_errand_progress;
	settings = fake_settings(plugin);
	fake_set(settings, plugin, "allow", 0, "10.0.0.1");
	ck_assert_int_eq(plugin->open(&fake->table, fake_self(fake), settings,
			     &state, &error),
	    AICX_OK);
}

static void
teardown(void)
{
	if (state != NULL)
		plugin->close(state);
	state = NULL;
	fake_free(fake);
	free(settings);
}

#define TRACE "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

static void
execute(struct aicx_str input)
{
	const struct aicx_work work = {
		.size = sizeof work,
		.kind = STR("mcp"),
		.url = STR("http://10.0.0.1/mcp"),
		.execution_id = STR("execution-1"),
		.attempt = 1,
		.timeout_ms = 5000,
		.capability = STR("up"),
		.remote = STR("Up"),
		.input = input,
		.input_schema = STR(SCHEMA),
		.traceparent = STR(TRACE),
	};

	plugin->ops.gateway->execute(state, ERRAND, &work);
}

/* The last request gets this, in runs of at most `run` bytes. */
static void
answer_in_runs(uint16_t status, const char *type, const char *session,
    const char *body, size_t run)
{
	int n = host.n_asks - 1;
	const struct aicx_header headers[] = {
		{ STR("mcp-session-id"), str(session) },
	};
	struct aicx_http_outcome head = {
		.size = sizeof head,
		.status = status,
		.content_type = str(type),
		.headers = headers,
		.n_headers = session[0] != '\0',
	};
	size_t left = strlen(body);

	while (left > 0 && !host.asks[n].cancelled) {
		size_t part = left < run ? left : run;
		host.asks[n].part(&head,
		    (struct aicx_str) { body + strlen(body) - left, part },
		    host.asks[n].arg);
		left -= part;
	}
	if (!host.asks[n].cancelled)
		host.asks[n].done(&head, host.asks[n].arg);
}

static void
answer(uint16_t status, const char *type, const char *body)
{
	answer_in_runs(status, type, "", body, 7);
}

/* A message with the id of the last request. */
static void
answer_rpc(uint16_t status, const char *session, const char *members)
{
	const char *id = strstr(host.asks[host.n_asks - 1].body, "\"id\":");
	char body[1024];

	ck_assert_ptr_nonnull(id);
	(void)snprintf(body, sizeof body, "{\"jsonrpc\":\"2.0\",\"id\":%d,%s}",
	    atoi(id + 5), members);
	answer_in_runs(status, "application/json", session, body, 100);
}

static void
give_up(aicx_err err)
{
	struct aicx_http_outcome outcome = { .size = sizeof outcome,
		.err = err,
		.error = { .text = "it is so" } };

	host.asks[host.n_asks - 1].done(
	    &outcome, host.asks[host.n_asks - 1].arg);
}

static void
expect_ask(const char *part)
{
	ck_assert_int_gt(host.n_asks, 0);
	const char *body = host.asks[host.n_asks - 1].body;
	const char *headers = host.asks[host.n_asks - 1].headers;
	ck_assert_msg(
	    strstr(body, part) != NULL || strstr(headers, part) != NULL,
	    "wanted \"%s\" in\n%s\n%s", part, headers, body);
}

static void
expect_failure(const char *code, bool retryable)
{
	ck_assert_int_eq(host.n_done, 1);
	ck_assert_int_ne(host.err, AICX_OK);
	ck_assert_str_eq(host.code, code);
	ck_assert_int_eq(host.retryable, retryable);
}

/* Up to the call, by either protocol. */
static void
until_call_modern(void)
{
	execute(STR("{\"a\":\"h\xc3\xa4\"}"));
	expect_ask("\"method\":\"server/discover\"");
	expect_ask("MCP-Protocol-Version: 2026-07-28\n");
	expect_ask("Mcp-Method: server/discover\n");
	answer_rpc(200, "",
	    "\"result\":{\"supportedVersions\":[\"2025-11-25\",\"2026-07-28\"]"
	    "}");
	expect_ask("\"method\":\"tools/list\"");
	answer_rpc(200, "", TOOLS);
	expect_ask("\"method\":\"tools/call\"");
}

static void
until_call_legacy(void)
{
	execute(STR("{\"a\":\"x\"}"));
	answer_rpc(400, "", "\"error\":{\"code\":-32000,\"message\":\"no\"}");
	expect_ask("\"method\":\"initialize\"");
	ck_assert_ptr_null(
	    strstr(host.asks[host.n_asks - 1].headers, "MCP-Protocol"));
	answer_rpc(
	    200, "s-1", "\"result\":{\"protocolVersion\":\"2025-06-18\"}");
	expect_ask("\"method\":\"notifications/initialized\"");
	expect_ask("Mcp-Session-Id: s-1\n");
	expect_ask("MCP-Protocol-Version: 2025-06-18\n");
	answer(202, "", "");
	expect_ask("\"method\":\"tools/list\"");
	answer_rpc(200, "", TOOLS);
	expect_ask("\"method\":\"tools/call\"");
}

START_TEST(the_newer_protocol_is_tried_first_and_says_all_in_fields)
{
	until_call_modern();
	expect_ask("Mcp-Name: Up\n");
	expect_ask("Mcp-Param-Region: =?base64?aMOk?=\n");
	expect_ask("Idempotency-Key: execution-1\n");
	expect_ask("\"name\":\"Up\",\"arguments\":{\"a\":\"h\xc3\xa4\"}");
	expect_ask("\"progressToken\":3");
	expect_ask("traceparent: " TRACE "\n");
	expect_ask("\"traceparent\":\"" TRACE "\"");
	ck_assert_str_eq(host.asks[2].allow, "10.0.0.1");
	answer_rpc(200, "",
	    "\"result\":{\"resultType\":\"complete\",\"content\":[],"
	    "\"structuredContent\":{\"b\": 1.0}}");
	ck_assert_int_eq(host.n_done, 1);
	ck_assert_int_eq(host.err, AICX_OK);
	ck_assert_str_eq(host.output, "{\"b\": 1.0}");
}
END_TEST

START_TEST(what_is_refused_is_tried_by_handshake_and_keeps_its_session)
{
	until_call_legacy();
	ck_assert_ptr_null(strstr(host.asks[4].headers, "Mcp-Param"));
	answer_rpc(200, "", "\"result\":{\"content\":[]}");
	ck_assert_str_eq(host.output, "{\"content\":[]}");
	/* What is known is not asked again. */
	host.n_done = 0;
	execute(STR("{}"));
	ck_assert_int_eq(host.n_asks, 6);
	expect_ask("\"method\":\"tools/call\"");
	answer(404, "text/plain", "gone");
	expect_ask("\"method\":\"initialize\"");
	answer_rpc(
	    200, "s-2", "\"result\":{\"protocolVersion\":\"2025-11-25\"}");
	answer(202, "", "");
	answer_rpc(200, "", TOOLS);
	expect_ask("Mcp-Session-Id: s-2\n");
	answer(404, "text/plain", "gone"); /* once only */
	expect_failure("http_status", false);
}
END_TEST

static aicx_err
show_pass(const struct aicx_errand *errand, struct aicx_header *ret_header)
{
	(void)errand;
	*ret_header =
	    (struct aicx_header) { STR("Authorization"), STR("Bearer one") };
	return AICX_OK;
}

static aicx_err
show_other(const struct aicx_errand *errand, struct aicx_header *ret_header)
{
	(void)errand;
	*ret_header =
	    (struct aicx_header) { STR("Authorization"), STR("Bearer two") };
	return AICX_OK;
}

START_TEST(every_request_has_the_pass_and_each_pass_its_own_session)
{
	fake->table.errand_pass = show_pass;
	until_call_legacy();
	for (int i = 0; i < host.n_asks; i++)
		ck_assert_ptr_nonnull(strstr(
		    host.asks[i].headers, "Authorization: Bearer one\n"));
	answer_rpc(200, "", "\"result\":{\"content\":[]}");
	fake->table.errand_pass = show_other;
	execute(STR("{}"));
	expect_ask("\"method\":\"server/discover\""); /* known to nobody */
	expect_ask("Authorization: Bearer two\n");
	ck_assert_ptr_null(strstr(host.asks[host.n_asks - 1].headers, "s-1"));
}
END_TEST

START_TEST(events_come_in_any_pieces_and_the_last_is_the_answer)
{
	until_call_modern();
	answer_in_runs(200, "text/event-stream; charset=utf-8", "",
	    ": hello\r\n\r\nevent: message\ndata: "
	    "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\","
	    "\"params\":{\"progressToken\":3,\"progress\":1,\ndata: "
	    "\"total\":2,\"message\":\"m\"}}\n\ndata: {\"jsonrpc\":\"2.0\","
	    "\"method\":\"notifications/progress\",\"params\":{"
	    "\"progressToken\":99,\"progress\":1}}\n\ndata: "
	    "{\"jsonrpc\":\"2.0\",\"id\":3,\"result\":{\"content\":[]}}\n\n"
	    "data: {\"jsonrpc\":\"2.0\",\"id\":3,\"result\":{}}\n\n",
	    1);
	ck_assert_int_eq(host.n_progress, 1);
	ck_assert_str_eq(
	    host.progress, "{\"progress\":1,\"total\":2,\"message\":\"m\"}");
	ck_assert_int_eq(host.n_done, 1);
	ck_assert_str_eq(host.output, "{\"content\":[]}");
	ck_assert(host.asks[2].cancelled); /* the rest is not read */
}
END_TEST

START_TEST(a_server_that_asks_is_answered)
{
	until_call_legacy();
	answer(200, "text/event-stream",
	    "data: {\"jsonrpc\":\"2.0\",\"id\":\"p\",\"method\":\"ping\"}\n\n");
	ck_assert_ptr_nonnull(strstr(host.asks[5].body, "\"id\":\"p\""));
	ck_assert_ptr_nonnull(strstr(host.asks[5].body, "\"result\":{}"));
	expect_failure("unreachable", false); /* then its stream ended */
}
END_TEST

START_TEST(what_is_no_result_is_a_failure)
{
	static const struct {
		const char *members, *code;
	} bad[] = {
		{ "\"result\":{\"isError\":true,\"content\":[{\"type\":"
		  "\"text\",\"text\":\"disk full\"}]}",
		    "tool_failed" },
		{ "\"result\":{}", "invalid_result" },
		{ "\"result\":{\"resultType\":\"input_required\"}",
		    "invalid_result" },
		{ "\"error\":{\"code\":-32602,\"message\":\"no\"}",
		    "invalid_input" },
		{ "\"error\":{\"code\":-32000,\"message\":\"no\"}",
		    "server_refused" },
		{ "\"error\":7", "server_refused" },
	};

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		until_call_modern();
		answer_rpc(200, "", bad[i].members);
		expect_failure(bad[i].code, false);
		teardown();
		setup();
	}
}
END_TEST

START_TEST(before_the_call_a_failure_may_be_tried_again_after_it_not)
{
	execute(STR("{}"));
	give_up(AICX_EIO);
	expect_failure("unreachable", true);
	host.n_done = 0;
	execute(STR("{}"));
	give_up(AICX_EDENIED);
	expect_failure("denied", false);
	host.n_done = 0;
	execute(STR("{}"));
	answer(503, "text/plain", "later");
	expect_failure("http_status", true);
	host.n_done = 0;
	until_call_modern();
	give_up(AICX_EIO);
	expect_failure("unreachable", false);
	host.n_done = 0;
	execute(STR("{}"));
	give_up(AICX_ELIMIT);
	expect_failure("too_large", false);
	host.n_done = 0;
	host.refuse = AICX_EINVAL;
	execute(STR("{}"));
	expect_failure("unreachable", false);
}
END_TEST

START_TEST(a_server_with_a_handshake_is_told_that_nobody_waits)
{
	until_call_legacy();
	plugin->ops.gateway->recall(state, ERRAND);
	expect_ask("\"method\":\"notifications/cancelled\"");
	expect_ask("\"requestId\":4");
	ck_assert(host.asks[4].cancelled);
	ck_assert_int_eq(host.n_done, 0);
	/* A time-out is the same. */
	execute(STR("{}"));
	ck_assert_int_eq(host.n_asks, 7);
	give_up(AICX_ETIMEDOUT);
	expect_ask("\"method\":\"notifications/cancelled\"");
	expect_failure("timeout", false);
}
END_TEST

START_TEST(one_without_sees_its_stream_end)
{
	until_call_modern();
	plugin->ops.gateway->recall(state, ERRAND);
	ck_assert_int_eq(host.n_asks, 3);
	ck_assert(host.asks[2].cancelled);
	ck_assert_int_eq(host.n_done, 0);
}
END_TEST

START_TEST(a_tool_that_is_another_is_not_called)
{
	execute(STR("{}"));
	answer_rpc(
	    200, "", "\"result\":{\"supportedVersions\":[\"2026-07-28\"]}");
	answer_rpc(200, "",
	    "\"result\":{\"tools\":[{\"name\":\"Up\",\"inputSchema\":{\"type\":"
	    "\"object\"}}]}");
	expect_failure("schema_changed", false);
	/* The list is believed for a while, and no longer. */
	host.n_done = 0;
	fake_advance(fake, 60000);
	execute(STR("{}"));
	expect_ask("\"method\":\"tools/list\"");
	answer_rpc(200, "", "\"result\":{\"tools\":[]}");
	expect_failure("schema_changed", false);
	host.n_done = 0;
	fake_advance(fake, 60000);
	execute(STR("\"text\""));
	answer_rpc(200, "", TOOLS);
	expect_failure("invalid_input", false);
}
END_TEST

START_TEST(a_server_is_described_by_all_pages_of_its_list)
{
	fake_set(settings, plugin, "prices", 0, "b=0.5 AIC, A=0.25 USD");
	plugin->ops.gateway->describe(
	    state, ERRAND, STR("mcp"), STR("http://10.0.0.1/mcp"));
	answer_rpc(
	    200, "", "\"result\":{\"supportedVersions\":[\"2026-07-28\"]}");
	answer_rpc(200, "",
	    "\"result\":{\"tools\":[{\"name\":\"A\",\"description\":\"d\","
	    "\"inputSchema\":{\"type\":\"object\"}}],\"nextCursor\":\"c\"}");
	expect_ask("\"cursor\":\"c\"");
	answer_rpc(200, "",
	    "\"result\":{\"tools\":[{\"name\":\"c\",\"inputSchema\":{\"type\":"
	    "\"object\"},\"outputSchema\":{\"type\":\"object\"}},{\"name\":"
	    "\"bad\"}]}");
	ck_assert_int_eq(host.err, AICX_OK);
	ck_assert_str_eq(host.output,
	    "{\"capabilities\":[{\"name\":\"a\",\"remote\":\"A\","
	    "\"description\":\"d\",\"input_schema\":{\"type\":\"object\"},"
	    "\"pricing\":{\"model\":\"per_call\",\"base_cost\":{\"amount\":"
	    "\"0.25\",\"currency\":\"USD\"}}},{\"name\":\"c\",\"remote\":"
	    "\"c\",\"input_schema\":{\"type\":\"object\"},\"output_schema\":{"
	    "\"type\":\"object\"}}]}");
}
END_TEST

START_TEST(a_list_that_does_not_end_or_is_none_describes_nothing)
{
	plugin->ops.gateway->describe(
	    state, ERRAND, STR("mcp"), STR("http://10.0.0.1/mcp"));
	answer_rpc(
	    200, "", "\"result\":{\"supportedVersions\":[\"2026-07-28\"]}");
	while (host.n_done == 0)
		answer_rpc(
		    200, "", "\"result\":{\"tools\":[],\"nextCursor\":\"c\"}");
	expect_failure("invalid_result", false);
	host.n_done = 0;
	plugin->ops.gateway->describe(
	    state, ERRAND, STR("mcp"), STR("http://10.0.0.1/mcp"));
	answer_rpc(200, "", "\"result\":{\"tools\":[]}");
	expect_failure("no_tools", false);
}
END_TEST

START_TEST(a_gateway_that_closes_gives_up_what_is_open)
{
	until_call_modern();
	plugin->close(state);
	state = NULL;
	ck_assert(host.asks[2].cancelled);
	ck_assert_int_eq(host.n_done, 0);
}
END_TEST

START_TEST(prices_that_are_none_do_not_open)
{
	static const char *const bad[] = { "a", "a=", "a=1", "=1 AIC",
		"a=1 AIC,b" };
	struct aicx_error error;
	void *other;

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		fake_set(settings, plugin, "prices", 0, bad[i]);
		ck_assert_msg(plugin->open(&fake->table, fake_self(fake),
				  settings, &other, &error) == AICX_EINVAL,
		    "%s", bad[i]);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("their_work");
	TCase *tcase = tcase_create("their_work");

	plugin = fake_plugin(".libs/gateway_mcp.so");
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(
	    tcase, the_newer_protocol_is_tried_first_and_says_all_in_fields);
	tcase_add_test(
	    tcase, what_is_refused_is_tried_by_handshake_and_keeps_its_session);
	tcase_add_test(
	    tcase, every_request_has_the_pass_and_each_pass_its_own_session);
	tcase_add_test(
	    tcase, events_come_in_any_pieces_and_the_last_is_the_answer);
	tcase_add_test(tcase, a_server_that_asks_is_answered);
	tcase_add_test(tcase, what_is_no_result_is_a_failure);
	tcase_add_test(
	    tcase, before_the_call_a_failure_may_be_tried_again_after_it_not);
	tcase_add_test(
	    tcase, a_server_with_a_handshake_is_told_that_nobody_waits);
	tcase_add_test(tcase, one_without_sees_its_stream_end);
	tcase_add_test(tcase, a_tool_that_is_another_is_not_called);
	tcase_add_test(tcase, a_server_is_described_by_all_pages_of_its_list);
	tcase_add_test(
	    tcase, a_list_that_does_not_end_or_is_none_describes_nothing);
	tcase_add_test(tcase, a_gateway_that_closes_gives_up_what_is_open);
	tcase_add_test(tcase, prices_that_are_none_do_not_open);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
