/* SPDX-License-Identifier: Apache-2.0 */
/* web_test.c - what browsers and ordinary clients expect of answers:
   validators, gzip, limits, traces, and the description of the whole. */
#include <aiconexus/gateway.h>
#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "fake_host.h"

static const struct aicx_plugin *plugin;

#define PARAMS                                                                 \
	"{\"type\":\"object\",\"properties\":{\"id\":{\"type\":\"string\","    \
	"\"format\":\"uuid\"},\"max\":{\"type\":\"object\",\"properties\":{"   \
	"\"amount\":{\"type\":\"string\"},\"currency\":{\"type\":\"string\"}"  \
	"}},\"limit\":{\"type\":\"integer\",\"minimum\":1}},\"required\":["    \
	"\"id\",\"limit\"]}"
#define RESULT                                                                 \
	"{\"type\":\"object\",\"properties\":{\"state\":{\"enum\":["           \
	"\"open\",\"<b>\"]}},\"required\":[\"state\"]}"

static const struct aicx_method table[] = {
	{
	    .size = sizeof(struct aicx_method),
	    .name = "deal.get",
	    .summary = "A deal & its state",
	    .rest = "GET /v1/deals/{id}",
	    .permission = "deal.read",
	    .success = 200,
	    .params_schema = PARAMS,
	    .result_schema = RESULT,
	},
	{
	    .size = sizeof(struct aicx_method),
	    .name = "deal.change",
	    .summary = "Change a deal",
	    .rest = "PUT /v1/deals/{id}",
	    .permission = "deal.write",
	    .success = 201,
	    .params_schema = PARAMS,
	},
	{
	    .size = sizeof(struct aicx_method),
	    .name = "health.metrics",
	    .summary = "Figures",
	    .rest = "GET /metrics",
	    .permission = "",
	    .success = 200,
	    .params_schema = "{\"type\":\"object\",\"properties\":{}}",
	    .media = "text/plain; version=0.0.4",
	},
};

enum { N_METHODS = sizeof table / sizeof *table, BIG = 5000 };

static struct fake *fake;
static void *settings, *state;
static struct aicx_exchange exchange;
static struct aicx_header headers[8];
static size_t n_headers;
static char big[BIG + 1];

static struct aicx_str
str(const char *text)
{
	return (struct aicx_str) { text, strlen(text) };
}

static void
start(void)
{
	static const struct aicx_method *methods[N_METHODS];
	struct aicx_error error;

	for (size_t i = 0; i < N_METHODS; i++)
		methods[i] = &table[i];
	fake->methods = methods;
	fake->n_methods = N_METHODS;
	ck_assert_int_eq(plugin->open(&fake->table, fake_self(fake), settings,
			     &state, &error),
	    AICX_OK);
}

static void
setup(void)
{
	fake = fake_new();
	settings = fake_settings(plugin);
	n_headers = 0;
	memset(big, 'x', BIG);
	start();
}

static void
teardown(void)
{
	plugin->close(state);
	fake_free(fake);
	free(settings);
}

static void
limit_to(int64_t rate)
{
	plugin->close(state);
	fake_set(settings, plugin, "rate", rate, NULL);
	fake_set(settings, plugin, "rate_window", 10000, NULL);
	start();
}

static void
with(const char *name, const char *value)
{
	headers[n_headers++] = (struct aicx_header) { str(name), str(value) };
}

static int
ask_from(const char *address, const char *verb, const char *path)
{
	const struct aicx_http_request request = {
		.size = sizeof request,
		.method = str(verb),
		.path = str(path),
		.query = str(""),
		.body = str(""),
		.headers = headers,
		.n_headers = n_headers,
		.address = str(address),
		.secure = 1,
	};

	exchange = (struct aicx_exchange) { .fake = fake };
	plugin->ops.gateway->request(state, &exchange, &request);
	n_headers = 0;
	return fake->response.status;
}

static int
ask(const char *verb, const char *path)
{
	return ask_from("192.0.2.1:1", verb, path);
}

static bool
has(const char *line)
{
	return strstr(fake->response_headers.ptr, line) != NULL;
}

/* The value of a field of the last answer, until the next one. */
static const char *
field(const char *name)
{
	static char value[256];
	const char *at = strstr(fake->response_headers.ptr, name);

	if (at == NULL)
		return "";
	at += strlen(name) + 2;
	(void)snprintf(value, sizeof value, "%.*s", (int)strcspn(at, "\n"), at);
	return value;
}

static void
answer(uint16_t status, const char *body)
{
	fake->answer = (struct aicx_answer) {
		.size = sizeof fake->answer,
		.status = status,
		.retry_after_ms = -1,
		.content_type = str("application/json"),
		.body = str(body),
		.correlation = str("req-1"),
	};
}

/* --- validators ------------------------------------------------------ */

START_TEST(what_has_not_changed_is_not_sent_again)
{
	char entity[64], list[128];

	answer(200, "{\"state\":\"open\"}");
	ck_assert_int_eq(ask("GET", "/v1/deals/7"), 200);
	(void)snprintf(entity, sizeof entity, "%s", field("ETag"));
	ck_assert_uint_gt(strlen(entity), 10);
	ck_assert_int_eq(entity[0], '"');
	ck_assert(has("Cache-Control: private, no-cache\n"));
	with("If-None-Match", entity);
	ck_assert_int_eq(ask("GET", "/v1/deals/7"), 304);
	ck_assert_uint_eq(fake->response_body.len, 0);
	ck_assert_str_eq(field("ETag"), entity);
	(void)snprintf(list, sizeof list, "\"other\", W/%s", entity);
	with("If-None-Match", list);
	ck_assert_int_eq(ask("HEAD", "/v1/deals/7"), 304);
	with("If-None-Match", "*");
	ck_assert_int_eq(ask("GET", "/v1/deals/7"), 304);
	answer(200, "{\"state\":\"settled\"}");
	with("If-None-Match", entity);
	ck_assert_int_eq(ask("GET", "/v1/deals/7"), 200);
	ck_assert_str_ne(field("ETag"), entity);
}
END_TEST

START_TEST(changes_and_refusals_have_no_validator)
{
	answer(200, "{}");
	with("If-None-Match", "*");
	ck_assert_int_eq(ask("PUT", "/v1/deals/7"), 200);
	ck_assert(!has("ETag"));
	answer(404, "{}");
	with("If-None-Match", "*");
	ck_assert_int_eq(ask("GET", "/v1/deals/7"), 404);
	ck_assert(!has("ETag"));
}
END_TEST

/* --- gzip ------------------------------------------------------------ */

static size_t
unpack(char *out, size_t size)
{
	z_stream stream = { .next_in = (Bytef *)fake->response_body.ptr,
		.avail_in = (uInt)fake->response_body.len,
		.next_out = (Bytef *)out,
		.avail_out = (uInt)size };

	ck_assert_int_eq(inflateInit2(&stream, 31), Z_OK);
	ck_assert_int_eq(inflate(&stream, Z_FINISH), Z_STREAM_END);
	(void)inflateEnd(&stream);
	return stream.total_out;
}

static const struct coding {
	const char *accept;
	bool packed;
} codings[] = {
	{ "gzip", true },
	{ "br, GZIP;q=0.5", true },
	{ "x-gzip", true },
	{ "*", true },
	{ "gzip;q=1.0, *;q=0", true },
	{ "gzip;q=0", false },
	{ "*, gzip; q=0.000", false },
	{ "*;q=0", false },
	{ "br", false },
	{ "", false },
};

START_TEST(gzip_goes_to_those_who_take_it)
{
	char out[BIG];

	answer(200, big);
	with("Accept-Encoding", codings[_i].accept);
	ck_assert_int_eq(ask("GET", "/v1/deals/7"), 200);
	ck_assert(has("Vary: Accept-Encoding\n"));
	ck_assert_int_eq(has("Content-Encoding: gzip\n"), codings[_i].packed);
	if (!codings[_i].packed) {
		ck_assert_uint_eq(fake->response_body.len, BIG);
		return;
	}
	ck_assert_uint_lt(fake->response_body.len, 200);
	ck_assert_uint_eq(unpack(out, sizeof out), BIG);
	ck_assert_mem_eq(out, big, BIG);
}
END_TEST

START_TEST(small_and_incompressible_answers_go_as_they_are)
{
	unsigned seed = 1;

	answer(200, "{}");
	with("Accept-Encoding", "gzip");
	(void)ask("GET", "/v1/deals/7");
	ck_assert(!has("Content-Encoding"));
	ck_assert(!has("Vary"));
	for (size_t i = 0; i < BIG; i++)
		big[i] = (char)(1 +
		    (seed = seed * 1103515245 + 12345) / 65536 % 255);
	answer(200, big);
	with("Accept-Encoding", "gzip");
	(void)ask("GET", "/v1/deals/7");
	ck_assert(!has("Content-Encoding"));
	ck_assert_uint_eq(fake->response_body.len, BIG);
}
END_TEST

START_TEST(each_coding_has_a_validator_of_its_own)
{
	char plain[64];

	answer(200, big);
	(void)ask("GET", "/v1/deals/7");
	(void)snprintf(plain, sizeof plain, "%s", field("ETag"));
	with("Accept-Encoding", "gzip");
	with("If-None-Match", plain);
	ck_assert_int_eq(ask("GET", "/v1/deals/7"), 200);
	ck_assert_str_ne(field("ETag"), plain);
}
END_TEST

/* --- types ----------------------------------------------------------- */

static const struct type {
	const char *path, *accept;
	int status;
} types[] = {
	{ "/v1/deals/7", "application/json", 200 },
	{ "/v1/deals/7", "text/html, application/*;q=0.1", 200 },
	{ "/v1/deals/7", "*/*", 200 },
	{ "/v1/deals/7", "application/problem+json", 200 },
	{ "/v1/deals/7", "text/html", 406 },
	{ "/v1/deals/7", "application/json;q=0", 406 },
	{ "/v1/deals/7", "text/event-stream", 406 },
	{ "/metrics", "text/plain", 200 },
	{ "/metrics", "application/openmetrics-text, */*;q=0.1", 200 },
	{ "/metrics", "image/png", 406 },
	{ "/docs", "text/html", 200 },
	{ "/docs", "application/json", 406 },
	{ "/openapi.json", "text/html", 406 },
};

START_TEST(an_answer_of_another_type_is_406)
{
	answer(200, "{}");
	with("Accept", types[_i].accept);
	ck_assert_int_eq(ask("GET", types[_i].path), types[_i].status);
	if (types[_i].status == 406)
		ck_assert_ptr_nonnull(strstr(
		    fake->response_body.ptr, "\"code\":\"not_acceptable\""));
}
END_TEST

/* --- limits ---------------------------------------------------------- */

START_TEST(without_a_limit_none_is_told)
{
	answer(200, "{}");
	(void)ask("GET", "/v1/deals/7");
	ck_assert(!has("RateLimit"));
}
END_TEST

START_TEST(one_too_many_is_429_until_the_window_is_over)
{
	limit_to(2);
	answer(200, "{}");
	ck_assert_int_eq(ask("GET", "/v1/deals/7"), 200);
	ck_assert(has("RateLimit-Policy: \"default\";q=2;w=10\n"));
	ck_assert(has("RateLimit: \"default\";r=1;t=10\n"));
	fake_advance(fake, 4500);
	ck_assert_int_eq(ask("PUT", "/v1/deals/7"), 200);
	ck_assert_int_eq(ask("GET", "/v1/deals/7"), 429);
	ck_assert(has("RateLimit: \"default\";r=0;t=6\n"));
	ck_assert(has("Retry-After: 6\n"));
	ck_assert_ptr_nonnull(
	    strstr(fake->response_body.ptr, "\"code\":\"rate_limited\""));
	ck_assert_uint_eq(fake->n_calls, 2);
	fake_advance(fake, 5500);
	ck_assert_int_eq(ask("GET", "/v1/deals/7"), 200);
}
END_TEST

START_TEST(each_caller_has_a_count_of_its_own)
{
	limit_to(1);
	answer(200, "{}");
	ck_assert_int_eq(ask_from("192.0.2.1:1", "GET", "/v1/deals/7"), 200);
	ck_assert_int_eq(ask_from("192.0.2.1:2", "GET", "/v1/deals/7"), 429);
	ck_assert_int_eq(ask_from("192.0.2.2:1", "GET", "/v1/deals/7"), 200);
	with("Authorization", "Bearer key-1");
	ck_assert_int_eq(ask_from("192.0.2.1:3", "GET", "/v1/deals/7"), 200);
	with("Authorization", "Bearer key-1");
	ck_assert_int_eq(ask_from("192.0.2.9:1", "GET", "/v1/deals/7"), 429);
	with("Authorization", "Bearer key-2");
	ck_assert_int_eq(ask_from("192.0.2.9:1", "GET", "/v1/deals/7"), 200);
}
END_TEST

START_TEST(made_up_credentials_do_not_buy_more_than_the_table)
{
	char value[64];
	size_t n_good = 0;

	limit_to(1);
	answer(401, "{}");
	fake->quiet = true;
	for (int i = 0; i < 20000; i++) {
		(void)snprintf(value, sizeof value, "Bearer made-up-%d", i);
		with("Authorization", value);
		n_good += ask("GET", "/openapi.json") == 200;
	}
	ck_assert_uint_le(n_good, 16384 / 2 + 1);
	/* Another address is still served. */
	ck_assert_int_eq(ask_from("192.0.2.7:1", "GET", "/openapi.json"), 200);
}
END_TEST

/* --- traces ---------------------------------------------------------- */

#define TRACE "0af7651916cd43dd8448eb211c80319c"

static const struct trace {
	const char *given;
	bool kept;
} traces[] = {
	{ "00-" TRACE "-b7ad6b7169203331-01", true },
	{ "cc-" TRACE "-b7ad6b7169203331-01-what-comes", true },
	{ "00-" TRACE "-b7ad6b7169203331-01-more", false },
	{ "ff-" TRACE "-b7ad6b7169203331-01", false },
	{ "00-" TRACE "-0000000000000000-01", false },
	{ "00-00000000000000000000000000000000-b7ad6b7169203331-01", false },
	{ "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01", false },
	{ "00-" TRACE "-b7ad6b71692033-01", false },
	{ "", false },
};

START_TEST(a_trace_goes_on_and_a_bad_one_is_replaced)
{
	const struct aicx_ticket *call;

	answer(200, "{}");
	with("traceparent", traces[_i].given);
	ck_assert_int_eq(ask("GET", "/v1/deals/7"), 200);
	call = fake->calls[0];
	ck_assert_uint_eq(strlen(field("traceparent")), 55);
	ck_assert_int_eq(has("traceparent: 00-" TRACE "-"), traces[_i].kept);
	ck_assert(!has("b7ad6b7169203331"));
	ck_assert(call->has_correlation);
	ck_assert_int_eq(
	    strstr(call->correlation, TRACE) != NULL, traces[_i].kept);
}
END_TEST

START_TEST(who_takes_part_in_no_trace_gets_none)
{
	answer(200, "{}");
	(void)ask("GET", "/v1/deals/7");
	ck_assert(!has("traceparent"));
	ck_assert(!fake->calls[0]->has_correlation);
}
END_TEST

/* --- the description ------------------------------------------------- */

static const json_t *
at(const json_t *value, const char *const *path)
{
	for (; *path != NULL && value != NULL; path++)
		value = json_object_get(value, *path);
	return value;
}

#define AT(value, ...) at(value, (const char *const[]) { __VA_ARGS__, NULL })

START_TEST(the_table_is_described)
{
	json_t *all;
	const json_t *get;
	const json_t *put;

	fake->public_url = "https://broker.example.net";
	ck_assert_int_eq(ask("GET", "/openapi.json"), 200);
	ck_assert_str_eq(fake->response_type.ptr, "application/json");
	all = json_loads(fake->response_body.ptr, JSON_REJECT_DUPLICATES, NULL);
	ck_assert_ptr_nonnull(all);
	ck_assert_str_eq(
	    json_string_value(json_object_get(all, "openapi")), "3.1.0");
	ck_assert_str_eq(
	    json_string_value(json_object_get(
		json_array_get(json_object_get(all, "servers"), 0), "url")),
	    "https://broker.example.net");
	get = AT(all, "paths", "/v1/deals/{id}", "get");
	put = AT(all, "paths", "/v1/deals/{id}", "put");
	ck_assert_str_eq(json_string_value(AT(get, "operationId")), "deal.get");
	ck_assert_uint_eq(json_array_size(AT(get, "parameters")), 3);
	ck_assert_ptr_null(AT(get, "requestBody"));
	ck_assert_ptr_nonnull(AT(get, "responses", "200", "content",
	    "application/json", "schema", "properties", "state"));
	ck_assert_ptr_nonnull(AT(get, "responses", "404"));
	/* The path's value is not in the body; money is shared. */
	ck_assert_uint_eq(json_array_size(AT(put, "parameters")), 2);
	ck_assert_ptr_null(AT(put, "requestBody", "content", "application/json",
	    "schema", "properties", "id"));
	ck_assert_str_eq(
	    json_string_value(AT(put, "requestBody", "content",
		"application/json", "schema", "properties", "max", "$ref")),
	    "#/components/schemas/Money");
	ck_assert_uint_eq(json_array_size(AT(put, "requestBody", "content",
			      "application/json", "schema", "required")),
	    1);
	ck_assert_ptr_nonnull(AT(put, "responses", "201"));
	/* Everybody may read the figures, and they are no JSON. */
	ck_assert_uint_eq(
	    json_array_size(AT(all, "paths", "/metrics", "get", "security")),
	    0);
	ck_assert_ptr_nonnull(AT(all, "paths", "/metrics", "get", "responses",
	    "200", "content", "text/plain; version=0.0.4"));
	json_decref(all);
}
END_TEST

START_TEST(the_page_needs_nothing_else)
{
	ck_assert_int_eq(ask("GET", "/docs"), 200);
	ck_assert_str_eq(fake->response_type.ptr, "text/html; charset=utf-8");
	ck_assert(has("Content-Security-Policy: default-src 'none'; "));
	ck_assert(has("X-Content-Type-Options: nosniff\n"));
	ck_assert_ptr_nonnull(
	    strstr(fake->response_body.ptr, "A deal &amp; its state"));
	ck_assert_ptr_nonnull(strstr(fake->response_body.ptr, "&lt;b&gt;"));
	ck_assert_ptr_null(strstr(fake->response_body.ptr, "<b>"));
	ck_assert_ptr_null(strstr(fake->response_body.ptr, "<script"));
	ck_assert_ptr_null(strstr(fake->response_body.ptr, "src="));
	with("If-None-Match", "*");
	ck_assert_int_eq(ask("GET", "/docs"), 304);
}
END_TEST

START_TEST(pages_are_only_read)
{
	ck_assert_int_eq(ask("POST", "/docs"), 405);
	ck_assert(has("Allow: GET, HEAD, OPTIONS\n"));
	ck_assert_int_eq(ask("OPTIONS", "/openapi.json"), 204);
	ck_assert(has("Allow: GET, HEAD, OPTIONS\n"));
	ck_assert_int_eq(ask("GET", "/docs/more"), 404);
}
END_TEST

int
main(void)
{
	const TTest *const plain[] = {
		what_has_not_changed_is_not_sent_again,
		changes_and_refusals_have_no_validator,
		small_and_incompressible_answers_go_as_they_are,
		each_coding_has_a_validator_of_its_own,
		without_a_limit_none_is_told,
		one_too_many_is_429_until_the_window_is_over,
		each_caller_has_a_count_of_its_own,
		made_up_credentials_do_not_buy_more_than_the_table,
		who_takes_part_in_no_trace_gets_none,
		the_table_is_described,
		the_page_needs_nothing_else,
		pages_are_only_read,
	};
	Suite *suite = suite_create("web");
	TCase *tcase = tcase_create("web");
	SRunner *runner = srunner_create(suite);
	int n_failed;

	plugin = fake_plugin(".libs/gateway_rest.so");
	tcase_add_checked_fixture(tcase, setup, teardown);
	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
		tcase_add_test(tcase, plain[i]);
	tcase_add_loop_test(tcase, gzip_goes_to_those_who_take_it, 0,
	    (int)(sizeof codings / sizeof *codings));
	tcase_add_loop_test(tcase, an_answer_of_another_type_is_406, 0,
	    (int)(sizeof types / sizeof *types));
	tcase_add_loop_test(tcase, a_trace_goes_on_and_a_bad_one_is_replaced, 0,
	    (int)(sizeof traces / sizeof *traces));
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
