/* SPDX-License-Identifier: Apache-2.0 */
/* test_errand.c - a host that keeps what is asked of agents of others. */
#include "test_errand.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_keys.h"

const struct aicx_plugin *plugin;
struct fake *fake;
void *settings, *state;
struct errand_host host;

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

static aicx_err
host_errand_ask(struct aicx_errand *errand, struct aicx_str question)
{
	ck_assert_ptr_eq(errand, ERRAND);
	copy(host.question, sizeof host.question, question);
	return host.ask_err;
}

aicx_err
show_pass(const struct aicx_errand *errand, struct aicx_header *ret_header)
{
	(void)errand;
	*ret_header = (struct aicx_header) { STR("X-API-Key"), STR("s3cret") };
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

aicx_err
open_plugin(const char *name, int64_t number, const char *text)
{
	struct aicx_error error = { 0 };

	if (name != NULL)
		fake_set(settings, plugin, name, number, text);
	return plugin->open(
	    &fake->table, fake_self(fake), settings, &state, &error);
}

void
setup(void)
{
	memset(&host, 0, sizeof host);
	fake = fake_new();
	fake_keys(fake);
	fake->table.http_request = host_http_request;
	fake->table.http_cancel = host_http_cancel;
	fake->table.errand_done = host_errand_done;
	fake->table.errand_progress = host_errand_progress;
	fake->table.errand_ask = host_errand_ask;
	fake->table.verify_jws = host_verify_jws;
	settings = fake_settings(plugin);
	ck_assert_int_eq(open_plugin(NULL, 0, NULL), AICX_OK);
}

void
teardown(void)
{
	if (state != NULL)
		plugin->close(state);
	state = NULL;
	fake_keys_free(fake->keys);
	fake_free(fake);
	free(settings);
}

void
reopen(const char *name, int64_t number, const char *text)
{
	plugin->close(state);
	ck_assert_int_eq(open_plugin(name, number, text), AICX_OK);
}

void
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

void
describe(const char *url)
{
	plugin->ops.gateway->describe(
	    state, ERRAND, STR("a2a"), (struct aicx_str) { url, strlen(url) });
}

void
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

void
answer(const char *body)
{
	answer_with(AICX_OK, 200, body, NULL, 0);
}

void
part(const char *bytes)
{
	const struct aicx_http_outcome head = {
		.size = sizeof head,
		.status = 200,
		.content_type = STR("text/event-stream; charset=utf-8"),
	};

	host.part(&head, (struct aicx_str) { bytes, strlen(bytes) }, host.arg);
}

void
stream_ends(aicx_err err)
{
	struct aicx_http_outcome outcome = { .size = sizeof outcome,
		.err = err,
		.status = 200,
		.content_type = STR("text/event-stream; charset=utf-8") };

	host.open = false;
	host.done(&outcome, host.arg);
}

void
recall(void)
{
	plugin->ops.gateway->recall(state, ERRAND);
}

void
tell(const char *text)
{
	plugin->ops.gateway->answer(
	    state, ERRAND, (struct aicx_str) { text, strlen(text) });
}

int
errand_run(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	int n_failed;

	plugin = fake_plugin(".libs/gateway_a2a.so");
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
