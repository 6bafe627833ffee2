/* SPDX-License-Identifier: Apache-2.0 */
/* gateway_mcp_test.c - messages become calls, answers become results; and the
   order in which both eras check. */
#include <aiconexus/gateway.h>
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_host.h"

static const struct aicx_plugin *plugin;

#define ROW(name_)                                                             \
	{                                                                      \
		.size = sizeof(struct aicx_method), .name = name_,             \
		.summary = "", .permission = "", .success = 200                \
	}
static const struct aicx_method table[] = {
	ROW("session.about"),
	ROW("discovery.list_capabilities"),
	ROW("discovery.search"),
	ROW("discovery.get_agent"),
	ROW("deal.buy"),
	ROW("deal.watch"),
	ROW("deal.cancel"),
	ROW("economics.audit_balance"),
};
enum { N_METHODS = sizeof table / sizeof *table };

struct bench {
	struct fake *fake;
	void *state;
	void *settings;
	const struct aicx_method *methods[N_METHODS];
	struct aicx_exchange exchanges[64];
	size_t n_exchanges;
	struct aicx_header headers[16];
	size_t n_headers;
};

static struct bench bench;

static struct aicx_str
str(const char *text)
{
	return (struct aicx_str) { text, strlen(text) };
}

static void
setup(void)
{
	struct aicx_error error = { 0 };

	bench = (struct bench) { .fake = fake_new() };
	for (size_t i = 0; i < N_METHODS; i++)
		bench.methods[i] = &table[i];
	bench.fake->methods = bench.methods;
	bench.fake->n_methods = N_METHODS;
	bench.fake->hold_calls = true;
	bench.settings = fake_settings(plugin);
	ck_assert_int_eq(plugin->open(&bench.fake->table, fake_self(bench.fake),
			     bench.settings, &bench.state, &error),
	    AICX_OK);
}

static void
teardown(void)
{
	plugin->close(bench.state);
	fake_free(bench.fake);
	free(bench.settings);
}

static void
with(const char *name, const char *value)
{
	bench.headers[bench.n_headers++] =
	    (struct aicx_header) { str(name), str(value) };
}

static void
send_raw(const char *verb, const char *body)
{
	const struct aicx_http_request request = {
		.size = sizeof request,
		.method = str(verb),
		.path = str("/mcp"),
		.body = str(body),
		.headers = bench.headers,
		.n_headers = bench.n_headers,
		.address = str("127.0.0.1:1"),
		.secure = 1,
	};

	bench.exchanges[bench.n_exchanges].fake = bench.fake;
	plugin->ops.gateway->request(
	    bench.state, &bench.exchanges[bench.n_exchanges++], &request);
	bench.n_headers = 0;
}

static void
post(const char *body)
{
	with("Host", "localhost:8700");
	with("Content-Type", "application/json; charset=utf-8");
	with("Authorization", "Bearer key");
	send_raw("POST", body);
}

/* The newest call of the broker is answered. */
static void
answer(uint16_t status, const char *body)
{
	const struct aicx_answer said = {
		.size = sizeof said,
		.status = status,
		.retry_after_ms = -1,
		.content_type = str("application/json"),
		.body = str(body),
		.correlation = str("request-1"),
	};

	fake_answer(bench.fake->calls[bench.fake->n_calls - 1], &said);
}

static void
ck_got(int status, const char *part)
{
	ck_assert_msg(bench.fake->response.status == status, "%d: %s",
	    bench.fake->response.status, bench.fake->response_body.ptr);
	ck_assert_msg(strstr(bench.fake->response_body.ptr, part) != NULL, "%s",
	    bench.fake->response_body.ptr);
}

static void
ck_asked(const char *method, const char *params)
{
	const struct aicx_ticket *call;

	ck_assert_uint_gt(bench.fake->n_calls, 0);
	call = bench.fake->calls[bench.fake->n_calls - 1];
	ck_assert_str_eq(call->method->name, method);
	ck_assert_ptr_nonnull(strstr(call->params.ptr, params));
	ck_assert_str_eq(call->credential, "key");
}

/* --- what both eras refuse ------------------------------------------- */

struct bad {
	const char *body;
	int status;
	const char *part;
};

static const struct bad bads[] = {
	{ "", 400, "\"id\":null,\"error\":{\"code\":-32700" },
	{ "{\"jsonrpc\"", 400, "-32700" },
	{ "{\"a\":1,\"a\":2}", 400, "-32700" },
	{ "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}]", 400,
	    "\"id\":null,\"error\":{\"code\":-32600" },
	{ "{\"id\":7,\"method\":\"ping\"}", 400,
	    "\"id\":7,\"error\":{\"code\":-32600" },
	{ "{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":5}", 400,
	    "\"id\":\"a\",\"error\":{\"code\":-32600" },
	{ "{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"ping\"}", 400,
	    "-32600" },
	{ "{\"jsonrpc\":\"2.0\",\"id\":1.5,\"method\":\"ping\"}", 400,
	    "-32600" },
	{ "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":[]}",
	    400, "-32600" },
	{ "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"none\"}", 200, "-32601" },
	{ "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\"}", 200,
	    "-32602" },
	{ "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\"}", 200,
	    "-32602" },
	{ "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{"
	  "\"name\":\"x\",\"arguments\":[]}}",
	    200, "-32602" },
	{ "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{"
	  "\"cursor\":1}}",
	    200, "-32602" },
	{ "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"resources/read\","
	  "\"params\":{\"uri\":\"x:y\"}}",
	    200, "-32002" },
};

START_TEST(each_bad_message_gets_its_code)
{
	post(bads[_i].body);
	ck_got(bads[_i].status, bads[_i].part);
	ck_assert_uint_eq(bench.fake->n_calls, 0);
}
END_TEST

#define PING "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}"

START_TEST(the_head_is_judged_before_the_body)
{
	with("Host", "evil.example");
	send_raw("GET", "{");
	ck_got(403, "-32000");
	with("Host", "[::1]:99");
	with("Origin", "http://evil.example");
	send_raw("POST", "{");
	ck_got(403, "-32000");
	with("Host", "LOCALHOST");
	send_raw("GET", "");
	ck_got(405, "-32000");
	ck_assert_ptr_nonnull(
	    strstr(bench.fake->response_headers.ptr, "Allow: POST"));
	with("Host", "127.0.0.1:1");
	send_raw("POST", "{");
	ck_got(401, "-32000");
	ck_assert_ptr_nonnull(strstr(bench.fake->response_headers.ptr,
	    "WWW-Authenticate: Bearer resource_metadata=\"http://127.0.0.1:1/"
	    ".well-known/oauth-protected-resource\""));
	with("Accept", "text/html");
	post(PING);
	ck_got(406, "-32000");
	post(PING);
	ck_got(200, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}");
}
END_TEST

START_TEST(ids_come_back_as_they_were_written)
{
	static const char *const ids[] = { "0", "\"0\"", "\"\\u00e9\\n\"", "-3",
		"12345678901234567890123" };

	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
		char body[200], wanted[200];

		(void)snprintf(body, sizeof body,
		    "{\"jsonrpc\":\"2.0\",\"method\":\"ping\",\"id\": %s }",
		    ids[i]);
		(void)snprintf(
		    wanted, sizeof wanted, "\"id\":%s,\"result\"", ids[i]);
		post(body);
		ck_got(200, wanted);
	}
}
END_TEST

START_TEST(notifications_and_responses_are_taken_without_a_word)
{
	post("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}");
	ck_got(202, "");
	ck_assert_uint_eq(bench.fake->response_body.len, 0);
	post("{\"jsonrpc\":\"2.0\",\"id\":4,\"result\":{}}");
	ck_got(202, "");
}
END_TEST

/* --- 2026-07-28 ------------------------------------------------------ */

#define META(version)                                                          \
	"\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"" version    \
	"\",\"io.modelcontextprotocol/clientCapabilities\":{}}"
#define MODERN(method, params)                                                 \
	"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" method                   \
	"\",\"params\":{" params "}}"

struct step {
	const char *version, *method, *name;
	const char *body;
	int status;
	const char *part;
};

#define OK META("2026-07-28")
static const struct step steps[] = {
	{ NULL, NULL, NULL, MODERN("tools/list", OK), 400, "-32020" },
	{ "2026-07-28", NULL, NULL, MODERN("tools/list", ""), 400, "-32602" },
	{ "2025-11-25", NULL, NULL, MODERN("tools/list", OK), 400, "-32020" },
	{ "2031-01-01", NULL, NULL, MODERN("tools/list", META("2031-01-01")),
	    400,
	    "-32022,\"message\":\"this protocol version is not "
	    "supported\",\"data\":{\"supported\":[\"2026-07-28\",\"2025-11-25\""
	    ",\"2025-06-18\",\"2025-03-26\"],\"requested\":\"2031-01-01\"}" },
	{ "2026-07-28", NULL, NULL, MODERN("ping", OK), 400, "-32020" },
	{ "2026-07-28", "TOOLS/list", NULL, MODERN("tools/list", OK), 400,
	    "-32020" },
	{ "2026-07-28", "tools/call", NULL,
	    MODERN("tools/call", OK ",\"name\":\"x\""), 400, "-32020" },
	{ "2026-07-28", "tools/call", "=?base64?!?=",
	    MODERN("tools/call", OK ",\"name\":\"x\""), 400, "-32020" },
	{ "2026-07-28", "ping", NULL, MODERN("ping", OK), 404, "-32601" },
	{ "2026-07-28", "initialize", NULL, MODERN("initialize", OK), 404,
	    "-32601" },
	{ "2026-07-28", "resources/read", "a:b",
	    MODERN("resources/read", OK ",\"uri\":\"a:b\""), 400, "-32602" },
	{ "2026-07-28", "prompts/list", NULL, MODERN("prompts/list", OK), 200,
	    "\"resultType\":\"complete\",\"prompts\":[],\"ttlMs\":60000,"
	    "\"cacheScope\":\"public\",\"_meta\":{"
	    "\"io.modelcontextprotocol/serverInfo\":{\"name\":\"aiconexus\"" },
};

START_TEST(the_stateless_era_checks_in_its_order)
{
	const struct step *step = &steps[_i];

	if (step->version != NULL)
		with("MCP-Protocol-Version", step->version);
	if (step->method != NULL)
		with("Mcp-Method", step->method);
	if (step->name != NULL)
		with("Mcp-Name", step->name);
	post(step->body);
	ck_got(step->status, step->part);
}
END_TEST

/* --- buying ---------------------------------------------------------- */

#define AGENT "01900000-0000-7000-8000-000000000001"
#define SOLD(schema)                                                           \
	"{\"capabilities\":[{\"agent_id\":\"" AGENT                            \
	"\",\"place\":1,\"name\":\"text.up\",\"description\":\"Says "          \
	"\\\"up\\\"."                                                          \
	"\",\"input_schema\":" schema                                          \
	",\"pricing\":{\"model\":\"per_call\",\"base_cost\":{\"amount\":"      \
	"\"0.002000\",\"currency\":\"AIC\"}}}]}"
#define DEAL                                                                   \
	"{\"deal_id\":\"d\",\"contract_id\":\"c\",\"execution_id\":\"e\","     \
	"\"result\":%s,\"price\":{\"amount\":\"0.002000\",\"currency\":"       \
	"\"AIC\"},\"receipt\":{}}"
#define CALL(name, arguments)                                                  \
	"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{" \
	"\"name\":\"" name "\",\"arguments\":" arguments "}}"

static void
buy(const char *result)
{
	char deal[1000];

	post(CALL("text.up", "{ \"text\": \"a\", \"n\": 1.50 }"));
	ck_asked("discovery.list_capabilities",
	    "{\"name\":\"text.up\",\"place\":1,\"limit\":1}");
	answer(200, SOLD("{\"type\":\"object\"}"));
	ck_asked("deal.buy",
	    "\"need\":\"text.up\",\"provider_id\":\"" AGENT
	    "\",\"input\":{ \"text\": \"a\", \"n\": 1.50 },\"max_price\":{"
	    "\"amount\":\"0.002000\",\"currency\":\"AIC\"}}");
	(void)snprintf(deal, sizeof deal, DEAL, result);
	answer(200, deal);
}

START_TEST(a_capability_is_bought_with_its_arguments_as_written)
{
	buy("{\"up\":\"A\"}");
	ck_got(200,
	    "\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"{\\\"up\\\""
	    ":\\\"A\\\"}\"}],\"structuredContent\":{\"up\":\"A\"},\"_meta\":{"
	    "\"example.aiconexus/execution\":{\"execution_id\":\"e\","
	    "\"contract_id\":\"c\",\"deal_id\":\"d\",\"cost\":\"0.002000\","
	    "\"currency\":\"AIC\",\"receipt\":{}}}}");
	ck_assert_ptr_nonnull(strstr(
	    bench.fake->response_headers.ptr, "X-Request-Id: request-1"));
	buy("\"A \\\"b\\\"\"");
	ck_got(200, "[{\"type\":\"text\",\"text\":\"A \\\"b\\\"\"}]");
	buy("[1, 2]");
	ck_got(200, "[{\"type\":\"text\",\"text\":\"[1, 2]\"}]");
	buy("{\"content\":[{\"type\":\"image\",\"data\":\"AA==\",\"mimeType\":"
	    "\"image/png\"}]}");
	ck_got(200,
	    "\"content\":[{\"type\":\"image\",\"data\":\"AA==\",\"mimeType\":"
	    "\"image/png\"}],\"_meta\"");
	buy("{\"content\":[{\"type\":\"image\"}]}");
	ck_got(200, "\"structuredContent\":{\"content\":[{\"type\":\"image\"");
}
END_TEST

START_TEST(what_fails_is_a_result_that_says_so)
{
	post(CALL("text.up", "{}"));
	answer(200, "{\"capabilities\":[]}");
	ck_got(200, "-32602");
	post(CALL("text.up", "{}"));
	answer(200, SOLD("{\"type\":\"string\"}"));
	ck_got(200, "\"isError\":true");
	post(CALL("text.up", "{}"));
	answer(200, SOLD("{\"type\":\"object\"}"));
	answer(403, "{\"code\":\"no_mandate\",\"detail\":\"none \\\"x\\\"\"}");
	ck_got(200,
	    "\"text\":\"no_mandate: none \\\"x\\\"\"}],\"structuredContent\":{"
	    "\"error\":\"no_mandate\"");
	post(CALL("text.up", "{}"));
	answer(200, SOLD("{\"type\":\"object\"}"));
	answer(402, "{\"code\":\"insufficient_funds\",\"detail\":\"\"}");
	ck_asked("economics.audit_balance", "{}");
	answer(200, "{\"available\":\"0.001\"}");
	ck_got(200,
	    "\"structuredContent\":{\"error\":\"insufficient_funds\","
	    "\"needed\":\"0.002000\",\"available\":\"0.001\"},\"isError\":"
	    "true");
	post(CALL("text.up", "{}"));
	answer(401, "{\"code\":\"unauthenticated\"}");
	ck_got(401, "-32000");
}
END_TEST

START_TEST(an_input_that_is_no_object_is_one_argument)
{
	post(CALL("text.up", "{\"input\" : \"a\"}"));
	answer(200, SOLD("{\"type\":\"string\"}"));
	ck_asked("deal.buy",
	    "\"need\":\"text.up\",\"provider_id\":\"" AGENT
	    "\",\"input\":\"a\",\"max_price\":{"
	    "\"amount\":\"0.002000\",\"currency\":\"AIC\"}}");
	post("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}");
	ck_asked("discovery.list_capabilities", "{\"limit\":100}");
	answer(200, SOLD("{\"type\" : \"string\"}"));
	ck_got(200,
	    "\"name\":\"text.up\",\"description\":\"Says \\\"up\\\". Costs "
	    "0.002000 AIC per call.\",\"inputSchema\":{\"type\":\"object\","
	    "\"properties\":{\"input\":{\"type\" : \"string\"}},\"required\":["
	    "\"input\"]}");
}
END_TEST

#define PARAMS                                                                 \
	"{\"type\":\"object\",\"properties\":{\"region\":{\"type\":"           \
	"\"string\",\"x-mcp-header\":\"Region\"},\"n\":{\"type\":"             \
	"\"integer\",\"x-mcp-header\":\"N\"}}}"

START_TEST(headers_repeat_the_arguments_that_ask_for_it)
{
	static const struct {
		const char *region, *n, *arguments;
		bool fits;
	} rows[] = {
		{ "eu", NULL, "{\"region\":\"eu\"}", true },
		{ "=?base64?w6k=?=", NULL, "{\"region\":\"\xc3\xa9\"}", true },
		{ "eu", "42.0", "{\"region\":\"eu\",\"n\":42}", true },
		{ NULL, NULL, "{\"region\":null}", true },
		{ NULL, NULL, "{\"region\":\"eu\"}", false },
		{ "us", NULL, "{\"region\":\"eu\"}", false },
		{ "eu", NULL, "{}", false },
		{ "=?base64?%%%?=", NULL, "{\"region\":\"eu\"}", false },
		{ "eu", "43", "{\"region\":\"eu\",\"n\":42}", false },
		{ "eu", "x", "{\"region\":\"eu\",\"n\":42}", false },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char body[1000];

		(void)snprintf(body, sizeof body,
		    MODERN("tools/call",
			OK ",\"name\":\"text.up\",\"arguments\":%s"),
		    rows[i].arguments);
		with("MCP-Protocol-Version", "2026-07-28");
		with("Mcp-Method", "tools/call");
		with("Mcp-Name", "=?base64?dGV4dC51cA==?=");
		if (rows[i].region != NULL)
			with("mcp-param-region", rows[i].region);
		if (rows[i].n != NULL)
			with("Mcp-Param-N", rows[i].n);
		post(body);
		answer(200, SOLD(PARAMS));
		if (rows[i].fits) {
			answer(404, "{\"code\":\"no_offer\"}");
			ck_got(200, "\"isError\":true");
		} else {
			ck_got(400, "-32020");
		}
	}
}
END_TEST

START_TEST(a_key_goes_with_what_changes_something)
{
	post("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/"
	     "call\",\"params\":"
	     "{\"name\":\"text.up\",\"_meta\":{\"example.aiconexus/"
	     "idempotency_key\":\"k-1\"}}}");
	ck_assert(!bench.fake->calls[0]->has_key);
	answer(200, SOLD("{\"type\":\"object\"}"));
	ck_assert_str_eq(bench.fake->calls[1]->key, "k-1");
}
END_TEST

/* Up to the point where deal.buy (call 1) and deal.watch (call 2) wait. */
static void
buy_and_watch(const char *token)
{
	char body[400];

	(void)snprintf(body, sizeof body,
	    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/"
	    "call\",\"params\":"
	    "{\"name\":\"text.up\",\"_meta\":{\"progressToken\":%s}}}",
	    token);
	with("Accept", "application/json, text/event-stream");
	post(body);
	answer(200, SOLD("{\"type\":\"object\"}"));
	ck_assert_uint_eq(bench.fake->n_calls, 3);
	ck_assert_str_eq(bench.fake->calls[1]->method->name, "deal.buy");
	ck_asked("deal.watch", "\"wait_ms\":30000}");
}

static void
ck_part(size_t n, const char *text)
{
	char *part = fake_sent(bench.fake, n);

	ck_assert_str_eq(part, text);
	free(part);
}

START_TEST(progress_goes_before_the_result_under_the_callers_token)
{
	static const struct aicx_answer done = {
		.size = sizeof done,
		.status = 200,
		.retry_after_ms = -1,
		.body = { "{\"result\":\n\"x\"}", 15 },
	};

	buy_and_watch("\"t\"");
	answer(200,
	    "{\"events\":[{\"progress\":{\"progress\":0,\"total\":9}},"
	    "{\"state\":\"working\"},{\"progress\":{\"progress\":0}}],"
	    "\"cursor\":\"c1\",\"final\":false}");
	ck_part(1,
	    "event: message\ndata: {\"jsonrpc\":\"2.0\",\"method\":"
	    "\"notifications/progress\",\"params\":{\"progressToken\":\"t\","
	    "\"progress\":0,\"total\":9}}\n\n");
	ck_assert_uint_eq(bench.fake->n_parts, 2);
	ck_asked("deal.watch", "\"after\":\"c1\"");
	fake_answer(bench.fake->calls[1], &done);
	ck_assert_uint_eq(bench.fake->n_ended, 0);
	answer(200,
	    "{\"events\":[{\"progress\":{\"progress\":9}}],\"cursor\":\"c2\","
	    "\"final\":true}");
	ck_assert_uint_eq(bench.fake->n_parts, 4);
	ck_assert_uint_eq(bench.fake->n_ended, 1);
	ck_assert(bench.fake->complete);
	ck_assert_uint_eq(bench.fake->n_calls, 4);
}
END_TEST

START_TEST(no_token_no_stream)
{
	post(CALL("text.up", "{}"));
	answer(200, SOLD("{\"type\":\"object\"}"));
	ck_assert_uint_eq(bench.fake->n_calls, 2);
}
END_TEST

START_TEST(a_purchase_that_is_called_off_ends)
{
	buy_and_watch("7");
	post("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\","
	     "\"params\":{\"requestId\":1}}");
	ck_asked("deal.cancel", "{\"deal_id\":\"");
	ck_assert(bench.fake->calls[1]->cancelled);
	ck_assert(bench.fake->calls[2]->cancelled);
}
END_TEST

/* A request of 2026-07-28 that listens. */
static void
listen_to(const char *notifications)
{
	char body[512];

	(void)snprintf(body, sizeof body,
	    MODERN("subscriptions/listen", OK ",\"notifications\":%s"),
	    notifications);
	with("MCP-Protocol-Version", "2026-07-28");
	with("Mcp-Method", "subscriptions/listen");
	post(body);
}

#define MINE "\"_meta\":{\"io.modelcontextprotocol/subscriptionId\":1}"

START_TEST(who_listens_is_told_of_changes_and_of_the_end)
{
	listen_to("{\"toolsListChanged\":true,\"resourceSubscriptions\":["
		  "\"aiconexus://agents\",\"file:///etc/passwd\"]}");
	ck_asked("session.about", "{}");
	answer(200, "{}");
	ck_part(1,
	    "event: message\ndata: {\"jsonrpc\":\"2.0\",\"method\":"
	    "\"notifications/subscriptions/acknowledged\",\"params\":{" MINE
	    ",\"notifications\":{\"toolsListChanged\":true,"
	    "\"resourceSubscriptions\":[\"aiconexus://agents\"]}}}\n\n");
	fake_advance(bench.fake, 10000);
	ck_assert_uint_eq(bench.fake->n_parts, 2);
	fake_advance(bench.fake, 10000);
	ck_part(2, ": keep-alive\n\n");
	bench.fake->catalog += 3;
	fake_advance(bench.fake, 1000);
	ck_part(3,
	    "event: message\ndata: {\"jsonrpc\":\"2.0\",\"method\":"
	    "\"notifications/tools/list_changed\",\"params\":{" MINE "}}\n\n");
	ck_part(4,
	    "event: message\ndata: {\"jsonrpc\":\"2.0\",\"method\":"
	    "\"notifications/resources/updated\",\"params\":{" MINE
	    ",\"uri\":\"aiconexus://agents\"}}\n\n");
	ck_assert_uint_eq(bench.fake->n_parts, 5);
	plugin->drain(bench.state);
	ck_assert_uint_eq(bench.fake->n_parts, 6);
	ck_assert_uint_eq(bench.fake->n_ended, 1);
	bench.fake->catalog++;
	fake_advance(bench.fake, 20000);
	ck_assert_uint_eq(bench.fake->n_parts, 6);
}
END_TEST

START_TEST(who_listens_to_nothing_that_there_is_is_told_so)
{
	listen_to("7");
	ck_got(400, "-32602");
	ck_assert_uint_eq(bench.fake->n_calls, 0);
	listen_to("{\"promptsListChanged\":true}");
	answer(200, "{}");
	ck_part(1,
	    "event: message\ndata: {\"jsonrpc\":\"2.0\",\"method\":"
	    "\"notifications/subscriptions/acknowledged\",\"params\":{" MINE
	    ",\"notifications\":{}}}\n\n");
	bench.fake->catalog++;
	fake_advance(bench.fake, 1000);
	ck_assert_uint_eq(bench.fake->n_parts, 2);
	plugin->ops.gateway->cancel(
	    bench.state, &bench.exchanges[bench.n_exchanges - 1]);
	fake_advance(bench.fake, 60000);
	ck_assert_uint_eq(bench.fake->n_parts, 2);
}
END_TEST

START_TEST(a_client_that_goes_away_is_forgotten)
{
	post(CALL("text.up", "{}"));
	plugin->ops.gateway->cancel(bench.state, &bench.exchanges[0]);
	ck_assert(bench.fake->calls[0]->cancelled);
	ck_assert_uint_eq(bench.fake->n_responses, 0);
}
END_TEST

START_TEST(a_cancelled_request_gets_no_answer)
{
	post(CALL("text.up", "{}"));
	post("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\","
	     "\"params\":{\"requestId\":\"1\"}}");
	ck_assert(!bench.fake->calls[0]->cancelled);
	ck_assert_uint_eq(bench.fake->n_responses, 1);
	post("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\","
	     "\"params\":{\"requestId\":1}}");
	ck_assert(bench.fake->calls[0]->cancelled);
	ck_assert_uint_eq(bench.fake->n_responses, 3);
	ck_got(202, "");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("gateway_mcp");
	TCase *all = tcase_create("gateway_mcp");
	SRunner *runner;
	int n_failed;

	plugin = fake_plugin(".libs/gateway_mcp.so");
	tcase_add_checked_fixture(all, setup, teardown);
	tcase_add_loop_test(
	    all, each_bad_message_gets_its_code, 0, sizeof bads / sizeof *bads);
	tcase_add_test(all, the_head_is_judged_before_the_body);
	tcase_add_test(all, ids_come_back_as_they_were_written);
	tcase_add_test(
	    all, notifications_and_responses_are_taken_without_a_word);
	tcase_add_loop_test(all, the_stateless_era_checks_in_its_order, 0,
	    sizeof steps / sizeof *steps);
	tcase_add_test(
	    all, a_capability_is_bought_with_its_arguments_as_written);
	tcase_add_test(all, what_fails_is_a_result_that_says_so);
	tcase_add_test(all, an_input_that_is_no_object_is_one_argument);
	tcase_add_test(all, headers_repeat_the_arguments_that_ask_for_it);
	tcase_add_test(all, a_key_goes_with_what_changes_something);
	tcase_add_test(all, who_listens_is_told_of_changes_and_of_the_end);
	tcase_add_test(all, who_listens_to_nothing_that_there_is_is_told_so);
	tcase_add_test(all, a_client_that_goes_away_is_forgotten);
	tcase_add_test(all, a_cancelled_request_gets_no_answer);
	tcase_add_test(
	    all, progress_goes_before_the_result_under_the_callers_token);
	tcase_add_test(all, no_token_no_stream);
	tcase_add_test(all, a_purchase_that_is_called_off_ends);
	suite_add_tcase(suite, all);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
