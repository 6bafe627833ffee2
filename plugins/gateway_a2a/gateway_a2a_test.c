/* SPDX-License-Identifier: Apache-2.0 */
/* gateway_a2a_test.c - operations become wire calls, answers become tasks. */
#include <aiconexus/gateway.h>
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_host.h"
#include "fake_keys.h"

static const struct aicx_plugin *plugin;

#define ROW(name_)                                                             \
	{                                                                      \
		.size = sizeof(struct aicx_method), .name = name_,             \
		.summary = "", .permission = "", .success = 200,               \
	}

static const struct aicx_method table[] = {
	ROW("security.verify_credentials"),
	ROW("session.about"),
	ROW("discovery.list_capabilities"),
	ROW("discovery.get_agent"),
	ROW("deal.buy"),
	ROW("deal.get"),
	ROW("deal.list"),
	ROW("deal.watch"),
	ROW("deal.cancel"),
};

enum { N_METHODS = sizeof table / sizeof *table };

/* What the wire says when it is asked. */
struct word {
	const char *method;
	int status;
	const char *body;
};

static const struct word words[] = {
	{ "security.verify_credentials", 200,
	    "{\"role\":\"agent\",\"agent_id\":\"b\"}" },
	{ "session.about", 200, "{\"key_id\":\"k\",\"public_key\":\"x\"}" },
	{ "discovery.get_agent", 404, "{}" },
	{ "discovery.list_capabilities", 200,
	    "{\"capabilities\":[{\"name\":\"text.up\",\"description\":\"\","
	    "\"tags\":[],\"pricing\":{\"model\":\"per_call\",\"base_cost\":{"
	    "\"amount\":\"0.05\",\"currency\":\"AIC\"}},\"sla\":{"
	    "\"max_latency_ms\":500}}]}" },
	{ "deal.buy", 200, "{\"state\":\"settled\"}" },
	{ "deal.get", 200,
	    "{\"state\":\"settled\",\"buy\":true,\"changed\":"
	    "\"2026-03-01T10:00:00.000Z\",\"execution_id\":\"e\","
	    "\"executions\":[{\"output\":\"HELLO\"}]}" },
};

struct a2a {
	struct fake *fake;
	void *state, *settings;
	const struct aicx_method *methods[N_METHODS];
	struct aicx_exchange exchange;
	struct aicx_header headers[8];
	size_t n_headers, n_answered;
	struct word own[4]; /* said instead of the above */
	size_t n_own, n_watched;
};

static struct a2a a2a;

static void
setup(void)
{
	struct aicx_error error = { 0 };

	a2a = (struct a2a) { .fake = fake_new() };
	fake_keys(a2a.fake);
	a2a.fake->public_url = "https://b.example.org";
	a2a.settings = fake_settings(plugin);
	for (size_t i = 0; i < N_METHODS; i++)
		a2a.methods[i] = &table[i];
	a2a.fake->methods = a2a.methods;
	a2a.fake->n_methods = N_METHODS;
	a2a.fake->hold_calls = true;
	ck_assert_int_eq(plugin->open(&a2a.fake->table, fake_self(a2a.fake),
			     a2a.settings, &a2a.state, &error),
	    AICX_OK);
}

static void
teardown(void)
{
	plugin->close(a2a.state);
	fake_keys_free(a2a.fake->keys);
	fake_free(a2a.fake);
	free(a2a.settings);
}

static struct aicx_str
str(const char *text)
{
	return (struct aicx_str) { text, text != NULL ? strlen(text) : 0 };
}

static void
with(const char *name, const char *value)
{
	a2a.headers[a2a.n_headers++] =
	    (struct aicx_header) { str(name), str(value) };
}

static const struct word *
word_of(const char *method)
{
	for (size_t i = 0; i < a2a.n_own; i++)
		if (strcmp(a2a.own[i].method, method) == 0)
			return &a2a.own[i];
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcmp(words[i].method, method) == 0)
			return &words[i];
	return NULL;
}

/* The wire answers all it was asked, but what it has no word for. */
static void
wire(void)
{
	for (; a2a.n_answered < a2a.fake->n_calls; a2a.n_answered++) {
		struct aicx_ticket *ticket = a2a.fake->calls[a2a.n_answered];
		const struct word *word = word_of(ticket->method->name);
		struct aicx_answer answer = { .size = sizeof answer,
			.retry_after_ms = -1 };

		if (ticket->cancelled || ticket->answered || word == NULL)
			continue;
		if (strcmp(word->method, "deal.watch") == 0 &&
		    a2a.n_watched++ > 0)
			continue; /* nothing more has happened */
		answer.status = (uint16_t)word->status;
		answer.body = str(word->body);
		fake_answer(ticket, &answer);
	}
}

static void
say(const char *method, int status, const char *body)
{
	a2a.own[a2a.n_own++] = (struct word) { method, status, body };
}

static void
ask(const char *method, const char *path, const char *query, const char *body)
{
	const struct aicx_http_request request = {
		.size = sizeof request,
		.method = str(method),
		.path = str(path),
		.query = str(query),
		.body = str(body),
		.headers = a2a.headers,
		.n_headers = a2a.n_headers,
		.address = str("127.0.0.1:1"),
		.secure = 1,
	};

	a2a.exchange = (struct aicx_exchange) { .fake = a2a.fake };
	plugin->ops.gateway->request(a2a.state, &a2a.exchange, &request);
	a2a.n_headers = 0;
	wire();
}

static void
as_client(void)
{
	with("Authorization", "Bearer key");
	with("A2A-Version", "1.0");
	with("Content-Type", "application/json");
}

static const char *
rpc(const char *method, const char *params)
{
	static char body[4096];

	(void)snprintf(body, sizeof body,
	    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":%s}",
	    method, params);
	as_client();
	ask("POST", "/a2a/jsonrpc", "", body);
	return a2a.fake->response_body.ptr;
}

static bool
says(const char *text)
{
	return strstr(a2a.fake->response_body.ptr, text) != NULL;
}

static size_t
n_called(const char *method)
{
	size_t n = 0;

	for (size_t i = 0; i < a2a.fake->n_calls; i++)
		n += strcmp(a2a.fake->calls[i]->method->name, method) == 0;
	return n;
}

#define MESSAGE(text)                                                          \
	"{\"message\":{\"messageId\":\"m\",\"role\":\"ROLE_USER\",\"parts\":"  \
	"[{\"text\":\"" text "\"}],\"metadata\":{\"skill\":\"text.up\"}}}"

START_TEST(a_message_is_bought_once_and_its_result_is_an_artifact)
{
	char first[2048];

	(void)snprintf(
	    first, sizeof first, "%s", rpc("SendMessage", MESSAGE("hello")));
	ck_assert_msg(says("\"state\":\"TASK_STATE_COMPLETED\""), "%s", first);
	ck_assert(says("\"parts\":[{\"text\":\"HELLO\"}]"));
	for (size_t i = 0; i < a2a.fake->n_calls; i++) {
		const struct aicx_ticket *call = a2a.fake->calls[i];
		if (strcmp(call->method->name, "deal.buy") != 0)
			continue;
		ck_assert(call->has_key);
		ck_assert_ptr_nonnull(strstr(call->params.ptr,
		    "\"need\":\"text.up\",\"input\":{\"text\":\"hello\"}"));
	}
	ck_assert_str_eq(rpc("SendMessage", MESSAGE("hello")), first);
	ck_assert_str_eq(a2a.fake->calls[2]->key, a2a.fake->calls[6]->key);
	(void)rpc("SendMessage", MESSAGE("other"));
	ck_assert(says("-32602"));
	ck_assert_uint_eq(n_called("deal.buy"), 2);
}
END_TEST

START_TEST(a_refusal_is_a_rejected_task_and_a_malformed_order_an_error)
{
	say("deal.get", 404, "{}");
	say("deal.buy", 403, "{\"code\":\"no_mandate\",\"detail\":\"none\"}");
	(void)rpc("SendMessage", MESSAGE("hello"));
	ck_assert(says("TASK_STATE_REJECTED"));
	a2a.own[1].body = "{\"code\":\"invalid_input\",\"detail\":\"bad\"}";
	a2a.own[1].status = 422;
	(void)rpc("SendMessage",
	    "{\"message\":{\"messageId\":\"n\",\"role\":\"ROLE_USER\","
	    "\"parts\":[{\"data\":{\"skill\":\"text.up\",\"x\":1}}]}}");
	ck_assert(says("-32602"));
	/* Nothing is left of it: it may be sent again. */
	a2a.own[0] = words[5];
	a2a.own[1] = words[4];
	(void)rpc("SendMessage",
	    "{\"message\":{\"messageId\":\"n\",\"role\":\"ROLE_USER\","
	    "\"parts\":[{\"data\":{\"skill\":\"text.up\",\"y\":1}}]}}");
	ck_assert(says("TASK_STATE_COMPLETED"));
}
END_TEST

START_TEST(states_are_those_of_the_table)
{
	static const char *const rows[][2] = {
		{ "{\"state\":\"open\",\"buy\":true}", "SUBMITTED" },
		{ "{\"state\":\"open\"}", "INPUT_REQUIRED" },
		{ "{\"state\":\"proposed\"}", "INPUT_REQUIRED" },
		{ "{\"state\":\"signed\"}", "SUBMITTED" },
		{ "{\"state\":\"working\"}", "WORKING" },
		{ "{\"state\":\"settled\"}", "COMPLETED" },
		{ "{\"state\":\"cancelled\"}", "CANCELED" },
		{ "{\"state\":\"expired\"}", "REJECTED" },
		{ "{\"state\":\"failed\",\"reason\":\"no_offer\"}",
		    "REJECTED" },
		{ "{\"state\":\"failed\",\"execution_id\":\"e\"}", "FAILED" },
		{ "{\"state\":\"failed\",\"execution_id\":\"e\",\"reason\":"
		  "\"cancelled\"}",
		    "CANCELED" },
		{ "{\"state\":\"failed\",\"execution_id\":\"e\",\"executions\":"
		  "[{"
		  "\"state\":\"TIMEOUT\",\"detail\":\"late\"}]}",
		    "TIMEOUT: late" },
	};
	char id[64];

	(void)rpc("SendMessage", MESSAGE("hello"));
	(void)snprintf(id, sizeof id, "{\"id\":\"%.36s\"}",
	    strstr(a2a.fake->response_body.ptr, "\"task\":{\"id\":\"") + 14);
	say("deal.get", 200, "");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		a2a.own[0].body = rows[i][0];
		(void)rpc("GetTask", id);
		ck_assert_msg(says(rows[i][1]), "%s: %s", rows[i][0],
		    a2a.fake->response_body.ptr);
	}
}
END_TEST

START_TEST(checks_come_in_their_order_and_both_bindings_say_the_same)
{
	ask("POST", "/a2a/jsonrpc", "", "{");
	ck_assert_int_eq(a2a.fake->response.status, 200);
	ck_assert(says("-32700"));
	with("Authorization", "Basic x");
	ask("POST", "/a2a/jsonrpc", "", "{");
	ck_assert_int_eq(a2a.fake->response.status, 401);
	with("Content-Type", "text/plain");
	ask("POST", "/a2a/jsonrpc", "", "{");
	ck_assert(says("-32005"));
	ask("POST", "/a2a/jsonrpc", "", "[]");
	ck_assert(says("-32600"));
	ask("POST", "/a2a/jsonrpc", "",
	    "{\"jsonrpc\":\"2.0\",\"id\":\"i\",\"method\":\"X\"}");
	ck_assert(says("-32009"));
	ck_assert(says("\"id\":\"i\""));
	ask("POST", "/a2a/jsonrpc", "A2A-Version=1.0",
	    "{\"jsonrpc\":\"2.0\",\"id\":\"i\",\"method\":\"X\"}");
	ck_assert(says("-32601"));
	(void)rpc("GetTask", "{\"id\":\"x\"}");
	ck_assert(says("-32001"));
	(void)rpc("SendMessage",
	    "{\"message\":{\"messageId\":\"m\",\"role\":"
	    "\"ROLE_USER\",\"parts\":[{\"text\":\"a\","
	    "\"url\":\"b\"}]}}");
	ck_assert(says("message.parts"));
	as_client();
	ask("GET", "/a2a/rest/tasks/x", "", "");
	ck_assert_int_eq(a2a.fake->response.status, 404);
	ck_assert(says("TASK_NOT_FOUND"));
	as_client();
	ask("POST", "/a2a/rest/message:send", "", "{\"message\":{}}");
	ck_assert_int_eq(a2a.fake->response.status, 400);
	say("security.verify_credentials", 200, "{\"role\":\"guest\"}");
	ask("POST", "/a2a/jsonrpc", "", "{");
	ck_assert_int_eq(a2a.fake->response.status, 401);
}
END_TEST

START_TEST(paths_have_their_verbs_and_suffixes)
{
	static const struct {
		const char *verb, *path;
		int status;
	} rows[] = {
		{ "GET", "/a2a/rest/tasks/x:cancel", 405 },
		{ "POST", "/a2a/rest/tasks/x", 405 },
		{ "OPTIONS", "/a2a/rest/tasks/x:subscribe", 204 },
		{ "GET", "/a2a/rest/tasks/x:subscribe", 404 },
		{ "POST", "/a2a/rest/tasks/x:cancel", 404 },
		{ "POST", "/a2a/rest/tasks/:cancel", 405 },
		{ "GET", "/a2a/rest/tasks/x/pushNotificationConfigs", 404 },
		{ "GET", "/a2a/rest/tasks/x/other", 404 },
		{ "GET", "/a2a/agents/short/rest/tasks", 404 },
		{ "GET", "/a2a/nothing", 404 },
		{ "GET", "/a2a/jsonrpc", 405 },
		{ "GET", "/a2a/rest/extendedAgentCard", 200 },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		with("A2A-Version", "1.0");
		with("Authorization", "Bearer key");
		ask(rows[i].verb, rows[i].path, "", "");
		ck_assert_msg(a2a.fake->response.status == rows[i].status,
		    "%s %s: %d", rows[i].verb, rows[i].path,
		    a2a.fake->response.status);
	}
}
END_TEST

START_TEST(a_card_is_signed_once_and_then_not_modified)
{
	char etag[64];
	char card[4096];
	const char *at;

	ask("GET", "/.well-known/agent-card.json", "", "");
	ck_assert(says("https://b.example.org/a2a/jsonrpc"));
	ck_assert(says("\"base_cost\":\"0.05\""));
	ck_assert(says("\"max_latency_ms\":\"500\""));
	ck_assert(says("\"signatures\":[{\"protected\":\""));
	ck_assert(!says("\"\"") && !says("[]") && !says("{}"));
	(void)snprintf(card, sizeof card, "%s", a2a.fake->response_body.ptr);
	at = strstr(a2a.fake->response_headers.ptr, "ETag: ") + 6;
	(void)snprintf(etag, sizeof etag, "%.*s", (int)strcspn(at, "\n"), at);
	with("If-None-Match", etag);
	ask("GET", "/.well-known/agent-card.json", "", "");
	ck_assert_int_eq(a2a.fake->response.status, 304);
	ask("GET", "/.well-known/agent-card.json", "", "");
	ck_assert_str_eq(a2a.fake->response_body.ptr, card);
	ask("GET",
	    "/a2a/agents/0197f2d4-0000-7000-8000-000000000001/"
	    ".well-known/agent-card.json",
	    "", "");
	ck_assert_int_eq(a2a.fake->response.status, 404);
	ask("GET", "/.well-known/jwks.json", "", "");
	ck_assert(says("\"kty\":\"OKP\""));

	/* Without a name of its own only loopback is told one. */
	a2a.fake->public_url = NULL;
	with("Host", "evil.example.org");
	ask("GET", "/.well-known/agent-card.json", "", "");
	ck_assert_int_eq(a2a.fake->response.status, 503);
	with("Host", "[::1]:8700");
	ask("GET", "/.well-known/agent-card.json", "", "");
	ck_assert(says("http://[::1]:8700/a2a/rest"));
}
END_TEST

START_TEST(a_stream_begins_with_the_task_and_ends_with_its_last_state)
{
	char *part;

	say("deal.get", 200, "{\"state\":\"open\",\"buy\":true}");
	a2a.own[a2a.n_own++] = (struct word) { "deal.watch", 200,
		"{\"events\":[{\"state\":\"open\"},{\"state\":\"working\","
		"\"time\":\"t\"},{\"state\":\"working\",\"progress\":{"
		"\"message\":\"half\"}}],\"cursor\":\"3\"}" };
	a2a.n_answered = 0;
	(void)rpc("SendStreamingMessage", MESSAGE("hello"));
	ck_assert_uint_ge(a2a.fake->n_parts, 3);
	part = fake_sent(a2a.fake, 0);
	ck_assert_ptr_nonnull(
	    strstr(part, "data: {\"jsonrpc\":\"2.0\",\"id\":1"));
	ck_assert_ptr_nonnull(strstr(part, "\"task\":{"));
	ck_assert_str_eq(part + strlen(part) - 2, "\n\n");
	free(part);
	part = fake_sent(a2a.fake, 1);
	ck_assert_ptr_nonnull(strstr(part, "TASK_STATE_WORKING"));
	free(part);
	part = fake_sent(a2a.fake, 2);
	ck_assert_ptr_nonnull(strstr(part, "half"));
	free(part);
}
END_TEST

int
main(void)
{
	plugin = fake_plugin(".libs/gateway_a2a.so");
	Suite *suite = suite_create("gateway_a2a");
	TCase *tcase = tcase_create("gateway");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(
	    tcase, a_message_is_bought_once_and_its_result_is_an_artifact);
	tcase_add_test(
	    tcase, a_refusal_is_a_rejected_task_and_a_malformed_order_an_error);
	tcase_add_test(tcase, states_are_those_of_the_table);
	tcase_add_test(
	    tcase, checks_come_in_their_order_and_both_bindings_say_the_same);
	tcase_add_test(tcase, paths_have_their_verbs_and_suffixes);
	tcase_add_test(tcase, a_card_is_signed_once_and_then_not_modified);
	tcase_add_test(
	    tcase, a_stream_begins_with_the_task_and_ends_with_its_last_state);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
