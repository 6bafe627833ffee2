/* SPDX-License-Identifier: Apache-2.0 */
/* gateway_http_test.c - what a plain HTTP server is asked, and what its answers
   are worth. */
#include <aiconexus/gateway.h>
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_host.h"

static const struct aicx_plugin *plugin;
static struct fake *fake;
static void *settings, *state;

/* The host's part: the only request, and the only end of an errand. */
static struct aicx_str trace; /* of the next work */

static struct {
	char url[256], method[8], body[256], headers[1024], allow[64];
	int64_t timeout_ms;
	aicx_http_done_fn *done;
	void *arg;
	int n_asked, n_cancelled, n_done;
	aicx_err refuse; /* http_request() itself */
	aicx_err err;
	char output[256], code[64], detail[256];
	bool retryable;
} host;

#define STR(literal) ((struct aicx_str) { (literal), sizeof(literal) - 1 })
#define ERRAND ((struct aicx_errand *)&host)

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
	if (host.refuse != AICX_OK) {
		reterr->code = host.refuse;
		(void)snprintf(reterr->text, sizeof reterr->text, "no url");
		return host.refuse;
	}
	host.n_asked++;
	host.done = done;
	host.arg = arg;
	host.timeout_ms = ask->timeout_ms;
	host.headers[0] = '\0';
	copy(host.url, sizeof host.url, ask->url);
	copy(host.method, sizeof host.method, ask->method);
	copy(host.body, sizeof host.body, ask->body);
	copy(host.allow, sizeof host.allow, ask->allow);
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

static void
setup(void)
{
	struct aicx_error error;

	memset(&host, 0, sizeof host);
	fake = fake_new();
	fake->table.http_request = host_http_request;
	fake->table.http_cancel = host_http_cancel;
	fake->table.errand_done = host_errand_done;
	settings = fake_settings(plugin);
	fake_set(settings, plugin, "allow", 0, "127.0.0.1");
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

static void
execute(struct aicx_str remote)
{
	const struct aicx_work work = {
		.size = sizeof work,
		.kind = STR("http"),
		.url = STR("http://127.0.0.1:9/count"),
		.deal_id = STR("deal-1"),
		.execution_id = STR("execution-1"),
		.attempt = 1,
		.timeout_ms = 5000,
		.capability = STR("text.count"),
		.remote = remote,
		.input = STR("\"one two\""),
		.traceparent = trace,
	};

	plugin->ops.gateway->execute(state, ERRAND, &work);
}

static void
answer(aicx_err err, uint16_t status, const char *type, const char *body)
{
	struct aicx_http_outcome outcome = {
		.size = sizeof outcome,
		.err = err,
		.status = status,
		.content_type = { type, strlen(type) },
		.body = { body, strlen(body) },
	};

	(void)snprintf(
	    outcome.error.text, sizeof outcome.error.text, "the reason");
	host.done(&outcome, host.arg);
}

START_TEST(work_is_a_post_of_the_input)
{
	execute((struct aicx_str) { NULL, 0 });
	ck_assert_str_eq(host.method, "POST");
	ck_assert_str_eq(host.url, "http://127.0.0.1:9/count");
	ck_assert_str_eq(host.body, "\"one two\"");
	ck_assert_str_eq(host.allow, "127.0.0.1");
	ck_assert_int_eq(host.timeout_ms, 5000);
	ck_assert_ptr_nonnull(
	    strstr(host.headers, "Idempotency-Key: execution-1\n"));
	ck_assert_ptr_nonnull(
	    strstr(host.headers, "X-AIConexus-Capability: text.count\n"));
	ck_assert_int_eq(host.n_done, 0);
	answer(AICX_OK, 200, "application/json; charset=utf-8", "{\"n\":2.0}");
	ck_assert_int_eq(host.n_done, 1);
	ck_assert_int_eq(host.err, AICX_OK);
	ck_assert_str_eq(host.output, "{\"n\":2.0}");
}
END_TEST

START_TEST(a_trace_goes_along)
{
	execute((struct aicx_str) { NULL, 0 });
	ck_assert_ptr_null(strstr(host.headers, "traceparent"));
	answer(AICX_OK, 200, "application/json", "1");
	trace = STR("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
	execute((struct aicx_str) { NULL, 0 });
	trace = (struct aicx_str) { NULL, 0 };
	ck_assert_ptr_nonnull(strstr(host.headers,
	    "traceparent: 00-0af7651916cd43dd8448eb211c80319c-"
	    "b7ad6b7169203331-01\n"));
}
END_TEST

START_TEST(a_capability_goes_by_its_own_name)
{
	execute(STR("Count Words"));
	ck_assert_ptr_nonnull(
	    strstr(host.headers, "X-AIConexus-Capability: Count Words\n"));
	answer(AICX_OK, 204, "", "");
	ck_assert_str_eq(host.output, "null");
}
END_TEST

static const struct {
	const char *what;
	aicx_err err;
	uint16_t status;
	const char *type, *body;
	aicx_err wanted;
	const char *output, *code;
	bool retryable;
} rows[] = {
	{ "text", AICX_OK, 200, "text/plain", "a \"b\"\n", AICX_OK,
	    "\"a \\\"b\\\"\\n\"", "", false },
	{ "another JSON", AICX_OK, 201, "application/geo+json", "[]", AICX_OK,
	    "[]", "", false },
	{ "broken JSON", AICX_OK, 200, "application/json", "{", AICX_EIO, "",
	    "invalid_result", false },
	{ "a member twice", AICX_OK, 200, "application/json",
	    "{\"a\":1,\"a\":2}", AICX_EIO, "", "invalid_result", false },
	{ "text that is no UTF-8", AICX_OK, 200, "text/plain", "\xff", AICX_EIO,
	    "", "invalid_result", false },
	{ "a page", AICX_OK, 200, "text/html", "<p>", AICX_EIO, "",
	    "invalid_result", false },
	{ "a redirect", AICX_OK, 302, "application/json", "{}", AICX_EIO, "",
	    "http_status", false },
	{ "a refusal", AICX_OK, 400, "application/json", "{}", AICX_EIO, "",
	    "http_status", false },
	{ "too much at once", AICX_OK, 429, "", "", AICX_EIO, "", "http_status",
	    true },
	{ "a failure", AICX_OK, 500, "", "", AICX_EIO, "", "http_status",
	    true },
	{ "no time", AICX_ETIMEDOUT, 0, "", "", AICX_ETIMEDOUT, "", "timeout",
	    true },
	{ "a neighbour", AICX_EDENIED, 0, "", "", AICX_EDENIED, "", "denied",
	    false },
	{ "too large", AICX_ELIMIT, 0, "", "", AICX_ELIMIT, "", "too_large",
	    false },
	{ "nobody there", AICX_EIO, 0, "", "", AICX_EIO, "", "unreachable",
	    true },
};

START_TEST(each_answer_has_its_worth)
{
	execute((struct aicx_str) { NULL, 0 });
	answer(rows[_i].err, rows[_i].status, rows[_i].type, rows[_i].body);
	ck_assert_msg(host.err == rows[_i].wanted, "%s", rows[_i].what);
	ck_assert_str_eq(host.output, rows[_i].output);
	ck_assert_str_eq(host.code, rows[_i].code);
	ck_assert_msg(
	    host.retryable == rows[_i].retryable, "%s", rows[_i].what);
	ck_assert_int_eq(host.n_done, 1);
}
END_TEST

START_TEST(what_cannot_be_asked_fails_at_once)
{
	host.refuse = AICX_EINVAL;
	execute((struct aicx_str) { NULL, 0 });
	ck_assert_int_eq(host.n_done, 1);
	ck_assert_str_eq(host.detail, "no url");
	ck_assert(!host.retryable);
	host.refuse = AICX_ELIMIT;
	execute((struct aicx_str) { NULL, 0 });
	ck_assert_int_eq(host.n_done, 2);
	ck_assert(host.retryable);
}
END_TEST

START_TEST(recalled_work_is_cancelled_and_never_ends)
{
	execute((struct aicx_str) { NULL, 0 });
	plugin->ops.gateway->recall(state, ERRAND);
	ck_assert_int_eq(host.n_cancelled, 1);
	ck_assert_int_eq(host.n_done, 0);
}
END_TEST

START_TEST(closing_gives_up_what_is_open)
{
	execute((struct aicx_str) { NULL, 0 });
	plugin->close(state);
	state = NULL;
	ck_assert_int_eq(host.n_cancelled, 1);
	ck_assert_int_eq(host.n_done, 0);
}
END_TEST

START_TEST(a_server_describes_itself_to_a_get)
{
	plugin->ops.gateway->describe(
	    state, ERRAND, STR("http"), STR("http://127.0.0.1:9/"));
	ck_assert_str_eq(host.method, "GET");
	answer(AICX_OK, 200, "application/json", "{\"capabilities\":[]}");
	ck_assert_str_eq(host.output, "{\"capabilities\":[]}");
	plugin->ops.gateway->describe(
	    state, ERRAND, STR("http"), STR("http://127.0.0.1:9/"));
	answer(AICX_OK, 200, "text/plain", "hello");
	ck_assert_int_eq(host.n_done, 2);
	ck_assert_str_eq(host.code, "invalid_result");
}
END_TEST

START_TEST(it_speaks_http_and_serves_no_path)
{
	ck_assert_str_eq(plugin->ops.gateway->speaks(state)[0], "http");
	ck_assert_ptr_null(plugin->ops.gateway->speaks(state)[1]);
	ck_assert_ptr_null(plugin->ops.gateway->prefixes(state)[0]);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("gateway_http");
	TCase *tcase = tcase_create("http");
	SRunner *runner = srunner_create(suite);
	int n_failed;

	plugin = fake_plugin(".libs/gateway_http.so");
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, work_is_a_post_of_the_input);
	tcase_add_test(tcase, a_trace_goes_along);
	tcase_add_test(tcase, a_capability_goes_by_its_own_name);
	tcase_add_loop_test(tcase, each_answer_has_its_worth, 0,
	    (int)(sizeof rows / sizeof rows[0]));
	tcase_add_test(tcase, what_cannot_be_asked_fails_at_once);
	tcase_add_test(tcase, recalled_work_is_cancelled_and_never_ends);
	tcase_add_test(tcase, closing_gives_up_what_is_open);
	tcase_add_test(tcase, a_server_describes_itself_to_a_get);
	tcase_add_test(tcase, it_speaks_http_and_serves_no_path);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
