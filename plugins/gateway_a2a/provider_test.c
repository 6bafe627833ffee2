/* SPDX-License-Identifier: Apache-2.0 */
/* provider_test.c - what agents of others are asked, and what their cards,
   answers and streams are worth. */
#include <aiconexus/gateway.h>
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_host.h"
#include "fake_keys.h"

static const struct aicx_plugin *plugin;
static struct fake *fake;
static void *settings, *state;

/* The host's part: the last request, and the only errand. */
static struct {
	char url[512], method[8], body[1024], headers[512], progress[256];
	aicx_http_done_fn *done;
	aicx_http_part_fn *part;
	void *arg;
	int64_t timeout_ms, body_max;
	int n_asked, n_cancelled, n_done, n_verified;
	bool open; /* a request waits for its answer */
	aicx_err err;
	char output[1024], code[64], detail[256];
	bool retryable;
} host;

#define STR(literal) ((struct aicx_str) { (literal), sizeof(literal) - 1 })
#define TRACE "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
#define ERRAND ((struct aicx_errand *)&host)
#define CARD_URL "http://a.example/.well-known/agent-card.json"
#define DOOR(url, binding)                                                     \
	"{\"url\":\"" url "\",\"protocolBinding\":\"" binding                  \
	"\",\"protocolVersion\":\"1.0\"}"
#define CARD_OF(doors, more)                                                   \
	"{\"name\":\"them\",\"description\":\"d\","                            \
	"\"supportedInterfaces\":[" doors "],"                                 \
	"\"skills\":[{\"id\":\"Echo!\",\"tags\":[\"t\",\"\"]}]" more "}"
#define RPC DOOR("http://a.example/rpc", "JSONRPC")
#define REST DOOR("http://a.example/rest/", "HTTP+JSON")
#define STREAMS ",\"capabilities\":{\"streaming\":true}"
#define RESULT(inner) "{\"jsonrpc\":\"2.0\",\"id\":\"1\",\"result\":" inner "}"
#define TASK(state)                                                            \
	"{\"id\":\"t/1\",\"status\":{\"state\":\"TASK_STATE_" state "\"}}"
#define DONE                                                                   \
	"{\"id\":\"t/1\",\"status\":{\"state\":\"TASK_STATE_COMPLETED\"},"     \
	"\"artifacts\":[{\"artifactId\":\"a\",\"parts\":[{\"data\":1.50}]}]}"
#define OUTPUT                                                                 \
	"{\"artifacts\":[{\"artifactId\":\"a\",\"parts\":[{\"data\":1.5}]}]}"

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
	(void)self, (void)reterr;
	ck_assert(!host.open);
	host.n_asked++;
	host.open = true;
	host.done = done;
	host.part = ask->part;
	host.arg = arg;
	host.timeout_ms = ask->timeout_ms;
	host.body_max = ask->body_max;
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
	ck_assert_ptr_eq(fetch, host.arg);
	host.open = false;
	host.n_cancelled++;
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
	copy(host.progress, sizeof host.progress, progress);
	return AICX_OK;
}

static int
host_verify_jws(struct aicx_self *self, struct aicx_str alg,
    struct aicx_str key, struct aicx_str text, struct aicx_str signature)
{
	(void)self, (void)text;
	host.n_verified++;
	ck_assert_uint_eq(alg.len, 5);
	ck_assert_uint_eq(
	    key.len, alg.ptr[0] == 'E' && alg.ptr[1] == 'S' ? 65 : 32);
	return signature.len == 2 && memcmp(signature.ptr, "ok", 2) == 0;
}

static aicx_err
open_plugin(const char *name, int64_t number, const char *text)
{
	struct aicx_error error = { 0 };

	if (name != NULL)
		fake_set(settings, plugin, name, number, text);
	return plugin->open(
	    &fake->table, fake_self(fake), settings, &state, &error);
}

static void
setup(void)
{
	memset(&host, 0, sizeof host);
	fake = fake_new();
	fake_keys(fake);
	fake->table.http_request = host_http_request;
	fake->table.http_cancel = host_http_cancel;
	fake->table.errand_done = host_errand_done;
	fake->table.errand_progress = host_errand_progress;
	fake->table.verify_jws = host_verify_jws;
	settings = fake_settings(plugin);
	ck_assert_int_eq(open_plugin(NULL, 0, NULL), AICX_OK);
}

static void
teardown(void)
{
	if (state != NULL)
		plugin->close(state);
	state = NULL;
	fake_keys_free(fake->keys);
	fake_free(fake);
	free(settings);
}

static void
reopen(const char *name, int64_t number, const char *text)
{
	plugin->close(state);
	ck_assert_int_eq(open_plugin(name, number, text), AICX_OK);
}

static void
execute(const char *input)
{
	const struct aicx_work work = {
		.size = sizeof work,
		.kind = STR("a2a"),
		.url = STR("http://a.example"),
		.execution_id = STR("0197f2d4-0000-7000-8000-000000000001"),
		.attempt = 1,
		.timeout_ms = 30000,
		.capability = STR("echo-"),
		.remote = STR("Echo!"),
		.traceparent = STR(TRACE),
		.input = { input, strlen(input) },
	};

	plugin->ops.gateway->execute(state, ERRAND, &work);
}

static void
describe(const char *url)
{
	plugin->ops.gateway->describe(
	    state, ERRAND, STR("a2a"), (struct aicx_str) { url, strlen(url) });
}

static void
answer_with(aicx_err err, uint16_t status, const char *body,
    const struct aicx_header *headers, size_t n_headers)
{
	struct aicx_http_outcome outcome = {
		.size = sizeof outcome,
		.err = err,
		.status = status,
		.content_type = STR("application/json"),
		.body = { body, strlen(body) },
		.headers = headers,
		.n_headers = n_headers,
	};

	(void)snprintf(
	    outcome.error.text, sizeof outcome.error.text, "the reason");
	ck_assert(host.open);
	host.open = false;
	host.done(&outcome, host.arg);
}

static void
answer(const char *body)
{
	answer_with(AICX_OK, 200, body, NULL, 0);
}

static void
part(const char *bytes)
{
	const struct aicx_http_outcome head = {
		.size = sizeof head,
		.status = 200,
		.content_type = STR("text/event-stream; charset=utf-8"),
	};

	host.part(&head, (struct aicx_str) { bytes, strlen(bytes) }, host.arg);
}

static void
stream_ends(aicx_err err)
{
	struct aicx_http_outcome outcome = { .size = sizeof outcome,
		.err = err,
		.status = 200,
		.content_type = STR("text/event-stream; charset=utf-8") };

	host.open = false;
	host.done(&outcome, host.arg);
}

/* --- cards ------------------------------------------------------------- */

START_TEST(a_card_is_described_as_capabilities)
{
	describe("http://a.example");
	ck_assert_str_eq(host.url, CARD_URL);
	ck_assert_str_eq(host.method, "GET");
	answer(CARD_OF(RPC, ""));
	ck_assert_int_eq(host.err, AICX_OK);
	ck_assert_str_eq(host.output,
	    "{\"name\":\"them\",\"description\":\"d\",\"capabilities\":["
	    "{\"name\":\"echo-\",\"remote\":\"Echo!\",\"description\":\"\","
	    "\"tags\":[\"t\"]}]}");
	describe("http://a.example/agents/7/");
	ck_assert_str_eq(
	    host.url, "http://a.example/agents/7/.well-known/agent-card.json");
	answer_with(AICX_OK, 404, "{}", NULL, 0);
	ck_assert_str_eq(host.code, "no_card");
	describe("http://a.example/my-card.json");
	ck_assert_str_eq(host.url, "http://a.example/my-card.json");
	answer_with(AICX_EDENIED, 0, "", NULL, 0);
	ck_assert_str_eq(host.code, "denied");
	ck_assert_str_eq(host.detail, "the reason");
	ck_assert_int_eq(host.n_done, 3);
}
END_TEST

START_TEST(an_interface_elsewhere_is_asked_for_before_it_is_believed)
{
	static const char card[] =
	    CARD_OF(DOOR("http://b.example/rpc", "JSONRPC"), "");

	describe("http://a.example");
	answer(card);
	ck_assert_str_eq(host.url, "http://b.example/rpc");
	answer_with(AICX_EDENIED, 0, "", NULL, 0);
	ck_assert_str_eq(host.code, "denied");
	describe("http://a.example");
	answer(card);
	answer_with(AICX_OK, 405, "", NULL, 0);
	ck_assert_int_eq(host.err, AICX_OK);
	/* http://a.example is not http://a.example.evil */
	describe("http://a.example");
	answer(CARD_OF(DOOR("http://a.example.evil/rpc", "JSONRPC"), ""));
	ck_assert_str_eq(host.url, "http://a.example.evil/rpc");
	answer_with(AICX_EIO, 0, "", NULL, 0);
	ck_assert_int_eq(host.err, AICX_OK);
}
END_TEST

static const struct {
	const char *url, *card, *why;
} flaws[] = {
	{ "http://a.example", "[]", "no name" },
	{ "http://a.example", "{", "no JSON" },
	{ "http://a.example", "{\"name\":\"a\",\"name\":\"b\"}", "no JSON" },
	{ "http://a.example", "{\"name\":\"a\"}", "version 1.0" },
	{ "http://a.example", CARD_OF(DOOR("ftp://a/", "JSONRPC"), ""),
	    "version 1.0" },
	{ "http://a.example", CARD_OF(DOOR("http://a/ b", "JSONRPC"), ""),
	    "version 1.0" },
	{ "http://a.example", CARD_OF(DOOR("http://a/?b", "JSONRPC"), ""),
	    "version 1.0" },
	{ "https://a.example", CARD_OF(RPC, ""), "over https" },
	{ "http://a.example",
	    CARD_OF(RPC,
		",\"capabilities\":{\"extensions\":[{\"uri\":\"u\","
		"\"required\":true}]}"),
	    "extension" },
};

START_TEST(a_card_that_cannot_be_used_says_why)
{
	describe(flaws[_i].url);
	answer(flaws[_i].card);
	ck_assert_int_eq(host.n_done, 1);
	ck_assert_str_eq(host.code, "invalid_card");
	ck_assert_msg(
	    strstr(host.detail, flaws[_i].why) != NULL, "%s", host.detail);
}
END_TEST

START_TEST(a_kept_card_is_asked_for_by_its_tag)
{
	static const struct aicx_header headers[] = {
		{ STR("Cache-Control"), STR("public, max-age=10") },
		{ STR("etag"), STR("\"x\"") },
	};

	describe("http://a.example");
	answer_with(AICX_OK, 200, CARD_OF(RPC, ""), headers, 2);
	execute("1");
	ck_assert_str_eq(host.url, "http://a.example/rpc"); /* it is fresh */
	answer(RESULT("{\"task\":" DONE "}"));
	fake_advance(fake, 10000);
	execute("1");
	ck_assert_str_eq(host.url, CARD_URL);
	ck_assert_ptr_nonnull(strstr(host.headers, "If-None-Match: \"x\"\n"));
	answer_with(AICX_OK, 304, "", headers, 1);
	ck_assert_str_eq(host.url, "http://a.example/rpc");
	answer(RESULT("{\"task\":" DONE "}"));
	execute("1");
	ck_assert_str_eq(host.url, "http://a.example/rpc");
	answer(RESULT("{\"task\":" DONE "}"));
	ck_assert_int_eq(host.n_done, 4);
}
END_TEST

#define SIGNED(kid, signature)                                                 \
	CARD_OF(RPC,                                                           \
	    ",\"signatures\":[{\"protected\":\"" kid                           \
	    "\",\"signature\":\"" signature "\"}]")
/* {"alg":"EdDSA","kid":"k1"}, ES256 and k1, EdDSA and k9 */
#define K1 "eyJhbGciOiJFZERTQSIsImtpZCI6ImsxIn0"
#define ES_K1 "eyJhbGciOiJFUzI1NiIsImtpZCI6ImsxIn0"
#define K9 "eyJhbGciOiJFZERTQSIsImtpZCI6Ims5In0"
#define X "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define OK "b2s" /* "ok" */

static const struct {
	const char *keys;
	int must;
	const char *card;
	bool good;
} seals[] = {
	{ "", 0, CARD_OF(RPC, ""), true },
	{ "", 0, SIGNED(K1, OK), true },
	{ "EdDSA:" X ":k1", 0, CARD_OF(RPC, ""), true },
	{ "EdDSA:" X ":k1", 1, CARD_OF(RPC, ""), false },
	{ "EdDSA:" X ":k1", 1, SIGNED(K1, OK), true },
	{ "EdDSA:" X ":k1", 0, SIGNED(K1, "AAAA"), false },
	{ "EdDSA:" X ":k1", 0, SIGNED(K1, "!"), false },
	{ "EdDSA:" X ":k1", 0, SIGNED(K9, OK), true },
	{ "EdDSA:" X ":k1", 1, SIGNED(K9, OK), false },
	{ "EdDSA:" X ":k1", 0, SIGNED(ES_K1, OK), false },
	{ "EdDSA:" X ":k2, ES256:" X ":" X ":k1", 1, SIGNED(ES_K1, OK), true },
};

START_TEST(a_signature_counts_when_its_key_is_pinned)
{
	fake_set(settings, plugin, "card_keys", 0, seals[_i].keys);
	reopen("cards_signed", seals[_i].must, NULL);
	describe("http://a.example");
	answer(seals[_i].card);
	ck_assert_msg(
	    (host.err == AICX_OK) == seals[_i].good, "%s", host.detail);
	if (!seals[_i].good)
		ck_assert_ptr_nonnull(strstr(host.detail, "sign"));
}
END_TEST

START_TEST(keys_that_are_none_are_refused_at_the_start)
{
	static const char *const bad[] = { "k", "EdDSA:", "EdDSA:" X,
		"EdDSA:AAAA:k", "EdDSA:" X ":", "ES256:" X ":k",
		"RS256:" X ":k", "EdDSA:" X ":k, x" };

	plugin->close(state);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ck_assert_msg(
		    open_plugin("card_keys", 0, bad[i]) == AICX_EINVAL, "%s",
		    bad[i]);
	state = NULL;
}
END_TEST

/* --- work ---------------------------------------------------------------- */

START_TEST(work_is_a_message_whose_id_is_the_execution)
{
	execute("{\"n\":1.5}");
	answer(CARD_OF(RPC, ""));
	ck_assert_str_eq(host.url, "http://a.example/rpc");
	ck_assert_ptr_nonnull(strstr(host.headers, "A2A-Version: 1.0\n"));
	ck_assert_ptr_nonnull(strstr(host.headers, "traceparent: " TRACE "\n"));
	ck_assert_ptr_nonnull(strstr(host.body, "\"method\":\"SendMessage\""));
	ck_assert_ptr_nonnull(strstr(host.body,
	    "\"messageId\":\"0197f2d4-0000-7000-8000-000000000001\""));
	ck_assert_ptr_nonnull(
	    strstr(host.body, "\"parts\":[{\"data\":{\"n\":1.5}}]"));
	ck_assert_ptr_nonnull(
	    strstr(host.body, "\"metadata\":{\"skill\":\"Echo!\"}"));
	answer(RESULT("{\"task\":" DONE "}"));
	ck_assert_int_eq(host.n_done, 1);
	ck_assert_str_eq(host.output, OUTPUT);
}
END_TEST

START_TEST(text_goes_as_a_text_part)
{
	static const char *const inputs[] = { "\"hi\"", "{\"text\":\"hi\"}" };

	for (int i = 0; i < 2; i++) {
		execute(inputs[i]);
		if (i == 0)
			answer(CARD_OF(RPC, ""));
		ck_assert_ptr_nonnull(
		    strstr(host.body, "\"parts\":[{\"text\":\"hi\"}]"));
		answer(RESULT("{\"message\":{\"parts\":[{\"text\":\"ho\"}]}}"));
		ck_assert_str_eq(host.output,
		    "{\"artifacts\":[{\"artifactId\":\"message\",\"parts\":["
		    "{\"text\":\"ho\"}]}]}");
	}
}
END_TEST

START_TEST(a_task_is_asked_about_until_it_ends)
{
	execute("1");
	answer(CARD_OF(REST, ""));
	ck_assert_str_eq(host.url, "http://a.example/rest/message:send");
	answer("{\"task\":" TASK("SUBMITTED") "}");
	ck_assert_int_eq(host.n_asked, 2);
	fake_advance(fake, 200);
	ck_assert_str_eq(
	    host.url, "http://a.example/rest/tasks/t%2F1?historyLength=0");
	ck_assert_str_eq(host.method, "GET");
	answer_with(AICX_EIO, 0, "", NULL, 0); /* a lost answer says nothing */
	fake_advance(fake, 400);
	answer_with(AICX_OK, 503, "", NULL, 0);
	fake_advance(fake, 800);
	answer(TASK("WORKING"));
	ck_assert_int_eq(host.n_done, 0);
	fake_advance(fake, 1600);
	answer(DONE);
	ck_assert_int_eq(host.n_done, 1);
	ck_assert_str_eq(host.output, OUTPUT);
	ck_assert_ptr_null(fake->keys); /* nothing of it is kept */
}
END_TEST

START_TEST(a_tenant_is_said_in_the_path_or_the_params)
{
	execute("1");
	answer(CARD_OF(
	    "{\"url\":\"http://a.example/r\",\"protocolBinding\":\"HTTP+JSON\","
	    "\"protocolVersion\":\"1.0\",\"tenant\":\"x\"}",
	    ""));
	ck_assert_str_eq(host.url, "http://a.example/r/x/message:send");
	answer("{\"task\":" DONE "}");
	fake_advance(fake, 60000);
	execute("1");
	answer(CARD_OF(
	    "{\"url\":\"http://a.example/r\",\"protocolBinding\":\"JSONRPC\","
	    "\"protocolVersion\":\"1.0\",\"tenant\":\"x\"}",
	    ""));
	ck_assert_ptr_nonnull(strstr(host.body, "\"tenant\":\"x\""));
	answer(RESULT("{\"task\":" DONE "}"));
}
END_TEST

static const struct {
	aicx_err err;
	uint16_t status;
	const char *body, *code;
	bool retryable;
} ends[] = {
	{ AICX_OK, 200, RESULT("{\"task\":" TASK("FAILED") "}"), "agent_failed",
	    false },
	{ AICX_OK, 200, RESULT("{\"task\":" TASK("REJECTED") "}"),
	    "agent_rejected", false },
	{ AICX_OK, 200, RESULT("{\"task\":" TASK("CANCELED") "}"),
	    "agent_canceled", false },
	{ AICX_OK, 200, RESULT("{\"task\":" TASK("MARRIED") "}"),
	    "invalid_agent_response", false },
	{ AICX_OK, 200, RESULT("{\"task\":{\"id\":\"\",\"status\":{}}}"),
	    "invalid_agent_response", false },
	{ AICX_OK, 200, RESULT("{}"), "invalid_agent_response", false },
	{ AICX_OK, 200, RESULT("7"), "invalid_agent_response", false },
	{ AICX_OK, 200, RESULT("{\"message\":{\"parts\":[]}}"),
	    "invalid_agent_response", false },
	{ AICX_OK, 200,
	    RESULT("{\"task\":{\"id\":\"t\",\"status\":{\"state\":"
		   "\"TASK_STATE_COMPLETED\"},\"artifacts\":[{}]}}"),
	    "invalid_agent_response", false },
	{ AICX_OK, 200, "{", "invalid_agent_response", false },
	{ AICX_OK, 200, "", "invalid_agent_response", false },
	{ AICX_OK, 200, "{\"error\":{\"code\":-32602,\"message\":\"no\"}}",
	    "agent_refused", false },
	{ AICX_OK, 200, "{\"error\":{\"code\":-32603,\"message\":\"ow\"}}",
	    "agent_refused", true },
	{ AICX_OK, 401, "{}", "auth_required", false },
	{ AICX_OK, 403, "{}", "auth_required", false },
	{ AICX_OK, 429, "{}", "agent_failed", true },
	{ AICX_OK, 500, "{}", "agent_failed", true },
	{ AICX_ETIMEDOUT, 0, "", "timeout", true },
	{ AICX_EDENIED, 0, "", "denied", false },
	{ AICX_ELIMIT, 0, "", "too_large", false },
	{ AICX_EIO, 0, "", "agent_unreachable", true },
};

START_TEST(each_end_has_its_word)
{
	execute("1");
	answer(CARD_OF(RPC, ""));
	answer_with(ends[_i].err, ends[_i].status, ends[_i].body, NULL, 0);
	ck_assert_int_eq(host.n_done, 1);
	ck_assert_int_ne(host.err, AICX_OK);
	ck_assert_str_eq(host.code, ends[_i].code);
	ck_assert_msg(host.retryable == ends[_i].retryable, "%s", host.code);
	ck_assert(!host.open);
}
END_TEST

START_TEST(a_task_that_asks_back_fails_and_is_cancelled)
{
	execute("1");
	answer(CARD_OF(RPC, ""));
	answer(RESULT(
	    "{\"task\":{\"id\":\"t/1\",\"status\":{\"state\":"
	    "\"TASK_STATE_AUTH_REQUIRED\",\"message\":{\"parts\":[{\"text\":"
	    "\"who?\"}]}}}}"));
	ck_assert_int_eq(host.n_done, 1);
	ck_assert_str_eq(host.code, "auth_required");
	ck_assert_str_eq(host.detail, "who?");
	ck_assert_ptr_nonnull(strstr(host.body, "\"method\":\"CancelTask\""));
	ck_assert_ptr_nonnull(strstr(host.body, "\"id\":\"t/1\""));
	answer("nonsense");
	ck_assert_int_eq(host.n_done, 1);
}
END_TEST

START_TEST(a_task_that_the_agent_forgot_is_ordered_again)
{
	execute("1");
	answer(CARD_OF(RPC, ""));
	answer(RESULT("{\"task\":" TASK("WORKING") "}"));
	/* The broker is started again: it asks, it does not order. */
	reopen(NULL, 0, NULL);
	host.open = false;
	execute("1");
	answer(CARD_OF(RPC, ""));
	ck_assert_ptr_nonnull(strstr(host.body, "\"method\":\"GetTask\""));
	answer("{\"error\":{\"code\":-32001,\"message\":\"none\"}}");
	ck_assert_str_eq(host.code, "task_lost");
	ck_assert(host.retryable);
	execute("1");
	ck_assert_ptr_nonnull(strstr(host.body, "\"method\":\"SendMessage\""));
}
END_TEST

START_TEST(a_skill_that_changed_is_not_asked)
{
	static const char other[] =
	    "{\"name\":\"them\",\"supportedInterfaces\":[" RPC "],"
	    "\"skills\":[{\"id\":\"Echo!\",\"outputModes\":[\"a/b\"]}]}";
	static const char none[] =
	    "{\"name\":\"them\",\"supportedInterfaces\":[" RPC "],"
	    "\"skills\":[{\"id\":\"Other\"}]}";

	describe("http://a.example");
	answer(CARD_OF(RPC, ""));
	fake_advance(fake, 60000);
	execute("1");
	answer(other);
	ck_assert_str_eq(host.code, "skill_changed");
	fake_advance(fake, 60000);
	execute("1");
	answer(none);
	ck_assert_str_eq(host.code, "skill_gone");
	ck_assert(!host.retryable);
	ck_assert(!host.open);
	/* Registered anew it is what it is now. */
	describe("http://a.example");
	answer(other);
	execute("1");
	ck_assert_str_eq(host.url, "http://a.example/rpc");
}
END_TEST

/* --- streams -----------------------------------------------------------------
 */

#define EVENT(inner) "data: " RESULT(inner) "\n\n"
#define UPDATE(state, more)                                                    \
	"{\"statusUpdate\":{\"taskId\":\"t/1\",\"status\":{\"state\":"         \
	"\"TASK_STATE_" state "\"" more "}}}"

static void
open_stream(void)
{
	execute("1");
	answer(CARD_OF(RPC, STREAMS));
	ck_assert_ptr_nonnull(
	    strstr(host.body, "\"method\":\"SendStreamingMessage\""));
	ck_assert_ptr_nonnull(strstr(host.headers, "text/event-stream"));
	ck_assert_ptr_nonnull(host.part);
	ck_assert_int_eq(host.timeout_ms, 30000); /* the work's own time */
}

START_TEST(a_stream_is_progress_and_the_task_is_the_result)
{
	open_stream();
	part(EVENT("{\"task\":" TASK("SUBMITTED") "}") ": tick\n\ndata: ");
	part(RESULT(UPDATE(
	    "WORKING", ",\"message\":{\"parts\":[{\"text\":\"half\"}]}")));
	ck_assert_str_eq(host.progress, "");
	part("\n\n");
	ck_assert_str_eq(host.progress, "{\"message\":\"half\"}");
	part(
	    EVENT("{\"artifactUpdate\":{\"taskId\":\"t/1\",\"artifact\":{}}}"));
	part(EVENT(UPDATE("COMPLETED", "")));
	ck_assert_int_eq(host.n_cancelled, 1); /* the stream is done with */
	ck_assert_ptr_nonnull(strstr(host.body, "\"method\":\"GetTask\""));
	answer(RESULT(DONE));
	ck_assert_str_eq(host.output, OUTPUT);
	ck_assert_int_eq(host.n_done, 1);
}
END_TEST

START_TEST(a_stream_may_be_one_message_or_end_with_the_task)
{
	open_stream();
	part(EVENT("{\"message\":{\"parts\":[{\"text\":\"ho\"}]}}") "more");
	ck_assert_int_eq(host.n_done, 1);
	fake_advance(fake, 60000);
	open_stream();
	part(EVENT("{\"task\":" DONE "}"));
	ck_assert_int_eq(host.n_done, 2);
	ck_assert_str_eq(host.output, OUTPUT);
	fake_advance(fake, 60000);
	open_stream();
	part(EVENT("{\"task\":" TASK("WORKING") "}"));
	part(EVENT(UPDATE("FAILED", "")));
	ck_assert_int_eq(host.n_done, 3);
	ck_assert_str_eq(host.code, "agent_failed");
	ck_assert(!host.open);
}
END_TEST

START_TEST(a_lost_stream_is_no_lost_task)
{
	open_stream();
	part(EVENT("{\"task\":" TASK("WORKING") "}"));
	stream_ends(AICX_EIO);
	ck_assert_ptr_nonnull(strstr(host.body, "\"method\":\"GetTask\""));
	answer(RESULT(DONE));
	ck_assert_str_eq(host.output, OUTPUT);
	fake_advance(fake, 60000);
	open_stream();
	stream_ends(AICX_OK);
	ck_assert_str_eq(host.code, "invalid_agent_response");
	fake_advance(fake, 60000);
	open_stream();
	part("data: {broken\n\n");
	ck_assert_int_eq(host.n_done, 3);
	ck_assert_str_eq(host.code, "invalid_agent_response");
	ck_assert(!host.open);
}
END_TEST

START_TEST(an_answer_instead_of_a_stream_is_an_answer)
{
	const struct aicx_http_outcome head = { .size = sizeof head,
		.status = 200,
		.content_type = STR("application/json") };

	open_stream();
	host.part(&head, STR("{\"error\":{\"code\":-32004,"), host.arg);
	host.part(&head, STR("\"message\":\"no streams\"}}"), host.arg);
	answer("");
	ck_assert_str_eq(host.code, "agent_refused");
	ck_assert_str_eq(host.detail, "no streams");
}
END_TEST

/* --- who waits no more --------------------------------------------------- */

static void
recall(void)
{
	plugin->ops.gateway->recall(state, ERRAND);
}

START_TEST(recalled_work_is_cancelled_at_the_agent)
{
	execute("1");
	recall();
	ck_assert_int_eq(host.n_cancelled, 1); /* of the card: that was all */
	execute("1");
	answer(CARD_OF(RPC, ""));
	recall(); /* the message is out: its answer names the task */
	ck_assert(host.open);
	answer(RESULT("{\"task\":" TASK("WORKING") "}"));
	ck_assert_ptr_nonnull(strstr(host.body, "\"method\":\"CancelTask\""));
	ck_assert_ptr_nonnull(strstr(host.body, "\"id\":\"t/1\""));
	answer("{}");
	execute("1");
	answer(RESULT("{\"task\":" TASK("WORKING") "}"));
	recall();
	ck_assert_ptr_nonnull(strstr(host.body, "\"method\":\"CancelTask\""));
	answer_with(AICX_EIO, 0, "", NULL, 0);
	fake_advance(fake, 60000);
	ck_assert_int_eq(host.n_done, 0);
	ck_assert(!host.open);
}
END_TEST

START_TEST(recalled_streams_are_cancelled_too)
{
	open_stream();
	recall();
	part(EVENT("{\"task\":" TASK("WORKING") "}"));
	ck_assert_ptr_nonnull(strstr(host.body, "\"method\":\"CancelTask\""));
	answer("{}");
	fake_advance(fake, 60000);
	open_stream();
	part(EVENT("{\"task\":" TASK("WORKING") "}"));
	recall();
	ck_assert_ptr_nonnull(strstr(host.body, "\"method\":\"CancelTask\""));
	answer("{}");
	ck_assert_int_eq(host.n_done, 0);
}
END_TEST

START_TEST(closing_gives_up_what_is_open)
{
	execute("1");
	answer(CARD_OF(RPC, ""));
	answer(RESULT("{\"task\":" TASK("WORKING") "}"));
	plugin->close(state);
	state = NULL;
	ck_assert_int_eq(host.n_done, 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("provider");
	TCase *tcase = tcase_create("provider");
	SRunner *runner = srunner_create(suite);
	int n_failed;

	plugin = fake_plugin(".libs/gateway_a2a.so");
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_card_is_described_as_capabilities);
	tcase_add_test(
	    tcase, an_interface_elsewhere_is_asked_for_before_it_is_believed);
	tcase_add_loop_test(tcase, a_card_that_cannot_be_used_says_why, 0,
	    (int)(sizeof flaws / sizeof flaws[0]));
	tcase_add_test(tcase, a_kept_card_is_asked_for_by_its_tag);
	tcase_add_loop_test(tcase, a_signature_counts_when_its_key_is_pinned, 0,
	    (int)(sizeof seals / sizeof seals[0]));
	tcase_add_test(tcase, keys_that_are_none_are_refused_at_the_start);
	tcase_add_test(tcase, work_is_a_message_whose_id_is_the_execution);
	tcase_add_test(tcase, text_goes_as_a_text_part);
	tcase_add_test(tcase, a_task_is_asked_about_until_it_ends);
	tcase_add_test(tcase, a_tenant_is_said_in_the_path_or_the_params);
	tcase_add_loop_test(tcase, each_end_has_its_word, 0,
	    (int)(sizeof ends / sizeof ends[0]));
	tcase_add_test(tcase, a_task_that_asks_back_fails_and_is_cancelled);
	tcase_add_test(tcase, a_task_that_the_agent_forgot_is_ordered_again);
	tcase_add_test(tcase, a_skill_that_changed_is_not_asked);
	tcase_add_test(tcase, a_stream_is_progress_and_the_task_is_the_result);
	tcase_add_test(tcase, a_stream_may_be_one_message_or_end_with_the_task);
	tcase_add_test(tcase, a_lost_stream_is_no_lost_task);
	tcase_add_test(tcase, an_answer_instead_of_a_stream_is_an_answer);
	tcase_add_test(tcase, recalled_work_is_cancelled_at_the_agent);
	tcase_add_test(tcase, recalled_streams_are_cancelled_too);
	tcase_add_test(tcase, closing_gives_up_what_is_open);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
