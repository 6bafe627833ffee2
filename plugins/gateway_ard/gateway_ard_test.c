/* SPDX-License-Identifier: Apache-2.0 */
/* gateway_ard_test.c - requests become wire calls, agents become entries. */
#include <aiconexus/gateway.h>
#include <check.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "fake_host.h"
#include "fake_keys.h"

static const struct aicx_plugin *plugin;

static const struct aicx_method search = {
	.size = sizeof search,
	.name = "discovery.search",
	.summary = "",
	.permission = "",
	.success = 200,
};
static const struct aicx_method *const methods[] = { &search };

static struct fake *fake;
static void *state, *settings;
static struct aicx_exchange exchange;
static json_t *body; /* of the last answer */

static void
setup(void)
{
	struct aicx_error error = { 0 };

	fake = fake_new();
	fake_keys(fake);
	fake->public_url = "https://b.example.org";
	fake->methods = methods;
	fake->n_methods = 1;
	fake->hold_calls = true;
	settings = fake_settings(plugin);
	ck_assert_int_eq(plugin->open(&fake->table, fake_self(fake), settings,
			     &state, &error),
	    AICX_OK);
}

static void
teardown(void)
{
	plugin->close(state);
	json_decref(body);
	body = NULL;
	fake_keys_free(fake->keys);
	fake_free(fake);
	free(settings);
}

static struct aicx_str
str(const char *text)
{
	return (struct aicx_str) { text, text != NULL ? strlen(text) : 0 };
}

static void
ask(const char *method, const char *path, const char *query, const char *text)
{
	const struct aicx_http_request request = {
		.size = sizeof request,
		.method = str(method),
		.path = str(path),
		.query = str(query),
		.body = str(text),
	};

	exchange = (struct aicx_exchange) { .fake = fake };
	plugin->ops.gateway->request(state, &exchange, &request);
}

static void
wire_says(int status, const char *text)
{
	const struct aicx_answer answer = {
		.size = sizeof answer,
		.status = (uint16_t)status,
		.retry_after_ms = -1,
		.content_type = str("application/json"),
		.body = str(text),
	};

	ck_assert_uint_gt(fake->n_calls, 0);
	fake_answer(fake->calls[fake->n_calls - 1], &answer);
}

/* The answer's body, until the next one. */
static const json_t *
answered(int status)
{
	ck_assert_int_eq(fake->response.status, status);
	json_decref(body);
	body =
	    json_loads(fake->response_body.ptr, JSON_REJECT_DUPLICATES, NULL);
	ck_assert_ptr_nonnull(body);
	return body;
}

#define AGENT(id, name, price)                                                 \
	"{\"agent_id\":\"" id "\",\"name\":\"" name "\",\"created\":"          \
	"\"2026-01-01T00:00:00.000Z\",\"online\":true,\"reputation\":{"        \
	"\"overall_score\":2.5},\"relevance\":800,\"capabilities\":[{"         \
	"\"name\":"                                                            \
	"\"text.up\",\"version\":\"1.0\",\"pricing\":{\"model\":\"per_call\"," \
	"\"base_cost\":{\"amount\":\"" price "\",\"currency\":\"AIC\"}}}]}"
#define BUYER "{\"agent_id\":\"c\",\"name\":\"b\",\"capabilities\":[]}"

START_TEST(the_manifest_is_made_of_all_pages_and_kept_for_a_second)
{
	ask("GET", "/.well-known/ai-catalog.json", NULL, NULL);
	wire_says(200,
	    "{\"agents\":[" AGENT("a", "A", "1.500") "],\"cursor\":\"9\"}");
	ck_assert_ptr_nonnull(
	    strstr(fake->calls[1]->params.ptr, "\"cursor\":\"9\""));
	wire_says(200, "{\"agents\":[" AGENT("b", "", "2") "," BUYER "]}");
	const json_t *entries = json_object_get(answered(200), "entries");
	ck_assert_uint_eq(json_array_size(entries), 4);
	const json_t *a = json_array_get(entries, 2);
	ck_assert_str_eq(json_string_value(json_object_get(a, "identifier")),
	    "urn:air:b.example.org:agent:a");
	ck_assert_str_eq(json_string_value(json_object_get(a, "url")),
	    "https://b.example.org/a2a/agents/a/.well-known/agent-card.json");
	const json_t *metadata = json_object_get(a, "metadata");
	ck_assert_str_eq(
	    json_string_value(json_object_get(metadata, "aiconexus.price")),
	    "1.5");
	const json_t *b = json_array_get(entries, 3);
	ck_assert_str_eq(
	    json_string_value(json_object_get(b, "displayName")), "b");
	ask("GET", "/.well-known/ai-catalog.json", NULL, NULL);
	ck_assert_uint_eq(fake->n_calls, 2);
	fake_advance(fake, 1001);
	ask("GET", "/.well-known/ai-catalog.json", NULL, NULL);
	ck_assert_uint_eq(fake->n_calls, 3);
}
END_TEST

START_TEST(a_search_asks_for_each_telling_word)
{
	ask("POST", "/ard/v1/search", NULL,
	    "{\"query\":{\"text\":\"who can shout LOUD?\"}}");
	ck_assert_ptr_nonnull(
	    strstr(fake->calls[0]->params.ptr, "\"q\":\"shout\""));
	wire_says(200, "{\"agents\":[" AGENT("a", "A", "1") "]}");
	ck_assert_ptr_nonnull(
	    strstr(fake->calls[1]->params.ptr, "\"q\":\"LOUD\""));
	wire_says(200, "{\"agents\":[]}");
	wire_says(200, "{\"agents\":[" AGENT("a", "A", "1") "]}");
	const json_t *results = json_object_get(answered(200), "results");
	ck_assert_uint_eq(json_array_size(results), 1);
	ck_assert_int_eq(json_integer_value(json_object_get(
			     json_array_get(results, 0), "score")),
	    40);
}
END_TEST

static void
expect_error(int status, const char *code)
{
	ck_assert_str_eq(
	    json_string_value(json_object_get(answered(status), "errorCode")),
	    code);
}

START_TEST(what_the_wire_refuses_is_told_in_the_registrys_words)
{
	static const struct {
		int status, told;
		const char *code;
	} rows[] = { { 403, 401, "UNAUTHENTICATED" },
		{ 429, 429, "RATE_LIMIT_EXCEEDED" },
		{ 503, 500, "INTERNAL_ERROR" } };

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		ask("GET", "/ard/v1/agents", NULL, NULL);
		wire_says(rows[i].status, "{}");
		expect_error(rows[i].told, rows[i].code);
	}
	ask("GET", "/ard/v1/agents", NULL, NULL);
	wire_says(200, "no JSON");
	expect_error(500, "INTERNAL_ERROR");
}
END_TEST

START_TEST(what_is_malformed_never_reaches_the_wire)
{
	static const char *const bodies[] = { NULL, "", "{", "[]", "{}",
		"{\"query\":{\"text\":\"\\u0000\"}}", "{\"query\":[]}",
		"{\"query\":{\"text\":\"x\",\"filter\":{\"\":1}}}" };

	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		ask("POST", "/ard/v1/search", NULL, bodies[i]);
		expect_error(400, "INVALID_ARGUMENT");
	}
	ask("GET", "/ard/v1/agents/urn:air:x", NULL, NULL);
	expect_error(400, "INVALID_ARGUMENT");
	ask("GET", "/ard/v1/agents", "a=%00", NULL);
	expect_error(400, "INVALID_ARGUMENT");
	fake->public_url = NULL;
	ask("GET", "/ard/v1/agents", NULL, NULL);
	expect_error(500, "INTERNAL_ERROR");
	ck_assert_uint_eq(fake->n_calls, 0);
}
END_TEST

START_TEST(a_client_that_leaves_is_not_answered)
{
	ask("GET", "/ard/v1/agents", NULL, NULL);
	plugin->ops.gateway->cancel(state, &exchange);
	ck_assert(fake->calls[0]->cancelled);
	ck_assert_uint_eq(fake->n_responses, 0);
	ask("GET", "/ard/v1/agents", NULL, NULL); /* close() cancels this */
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("gateway_ard");
	TCase *tcase = tcase_create("gateway_ard");

	plugin = fake_plugin(".libs/gateway_ard.so");
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(
	    tcase, the_manifest_is_made_of_all_pages_and_kept_for_a_second);
	tcase_add_test(tcase, a_search_asks_for_each_telling_word);
	tcase_add_test(
	    tcase, what_the_wire_refuses_is_told_in_the_registrys_words);
	tcase_add_test(tcase, what_is_malformed_never_reaches_the_wire);
	tcase_add_test(tcase, a_client_that_leaves_is_not_answered);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
