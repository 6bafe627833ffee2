/* SPDX-License-Identifier: Apache-2.0 */
/* gateway_rest_test.c - requests become calls, answers become responses. */
#include <aiconexus/gateway.h>
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "fake_host.h"

static const struct aicx_plugin *plugin;

/* --- a method table, and a gateway over it --- */

#define ROW(name_, rest_, success_, raw_)                                      \
	{                                                                      \
		.size = sizeof(struct aicx_method), .name = name_,             \
		.summary = "", .rest = rest_, .permission = "",                \
		.success = success_, .raw_body = raw_,                         \
	}

static const struct aicx_method table[] = {
	ROW("deal.buy", "POST /v1/deals", 200, 0),
	ROW("deal.list", "GET /v1/deals", 200, 0),
	ROW("deal.get", "GET /v1/deals/{id}", 200, 0),
	ROW("deal.export", "GET /v1/deals/{id}/file", 200, 0),
	ROW("deal.newest", "GET /v1/deals/newest", 200, 0),
	ROW("agent.update", "PUT /v1/agents/{id}/capabilities/{cid}", 200, 0),
	ROW("mandate.revoke", "DELETE /v1/mandates/{mandate_id}", 200, 0),
	ROW("credential.new", "POST /v1/credentials", 201, 0),
	ROW("message", "POST /v1/messages", 200, 1),
	ROW("health", "GET /healthz", 200, 0),
	ROW("session.open", NULL, 200, 0),
	ROW("bad.path", "GET v1", 200, 0),
	ROW("bad.twice", "GET /healthz", 200, 0),
	ROW("bad.empty", "GET /a//b", 200, 0),
};

enum { N_METHODS = sizeof table / sizeof *table };

struct rest {
	struct fake *fake;
	void *settings, *state;
	const struct aicx_method *methods[N_METHODS];
	struct aicx_exchange exchange;
	struct aicx_header headers[8];
	size_t n_headers;
};

static void
rest_open(struct rest *rest)
{
	struct aicx_error error = { 0 };

	*rest = (struct rest) { .fake = fake_new(),
		.settings = fake_settings(plugin) };
	for (size_t i = 0; i < N_METHODS; i++)
		rest->methods[i] = &table[i];
	rest->fake->methods = rest->methods;
	rest->fake->n_methods = N_METHODS;
	ck_assert_int_eq(plugin->open(&rest->fake->table, fake_self(rest->fake),
			     rest->settings, &rest->state, &error),
	    AICX_OK);
}

static void
rest_close(struct rest *rest)
{
	plugin->close(rest->state);
	fake_free(rest->fake);
	free(rest->settings);
}

static struct aicx_str
str(const char *text)
{
	return (struct aicx_str) { text, strlen(text) };
}

static void
with(struct rest *rest, const char *name, const char *value)
{
	rest->headers[rest->n_headers++] =
	    (struct aicx_header) { str(name), str(value) };
}

/* Sends a request with the headers set by with(); they are gone afterwards. */
static void
ask(struct rest *rest, const char *method, const char *path, const char *query,
    const char *body)
{
	const struct aicx_http_request request = {
		.size = sizeof request,
		.method = str(method),
		.path = str(path),
		.query = str(query),
		.body = str(body),
		.headers = rest->headers,
		.n_headers = rest->n_headers,
		.address = str("127.0.0.1:1"),
		.secure = 1,
	};

	rest->exchange = (struct aicx_exchange) { .fake = rest->fake };
	plugin->ops.gateway->request(rest->state, &rest->exchange, &request);
	rest->n_headers = 0;
}

static const struct aicx_ticket *
last_call(const struct rest *rest)
{
	ck_assert_uint_gt(rest->fake->n_calls, 0);
	return rest->fake->calls[rest->fake->n_calls - 1];
}

static bool
has_header(const struct rest *rest, const char *line)
{
	return strstr(rest->fake->response_headers.ptr, line) != NULL;
}

/* The last response was this problem. */
static void
ck_refused(const struct rest *rest, int status, const char *text)
{
	const struct fake *fake = rest->fake;

	ck_assert_int_eq(fake->response.status, status);
	ck_assert_msg(strstr(fake->response_body.ptr, text) != NULL, "%s",
	    fake->response_body.ptr);
	ck_assert_str_eq(fake->response_type.ptr, "application/problem+json");
	ck_assert(has_header(rest, "X-Request-Id: "));
}

/* --- params --- */

struct row {
	const char *what, *method, *path, *query, *body;
	const char *name, *params;
};

static const struct row rows[] = {
	{ "a body alone passes as it is", "POST", "/v1/deals", "",
	    " {\"need\" : 1.50}\n", "deal.buy", " {\"need\" : 1.50}" },
	{ "no body is an empty object", "POST", "/v1/deals", "", "", "deal.buy",
	    "{}" },
	{ "a blank body too", "POST", "/v1/deals", "", " \n", "deal.buy",
	    "{}" },
	{ "a path value is a string", "GET", "/v1/deals/7", "", "", "deal.get",
	    "{\"id\":\"7\"}" },
	{ "a literal wins", "GET", "/v1/deals/newest", "", "", "deal.newest",
	    "{}" },
	{ "a longer path", "GET", "/v1/deals/newest/file", "", "",
	    "deal.export", "{\"id\":\"newest\"}" },
	{ "query values are strings", "GET", "/v1/deals",
	    "limit=20&cursor=a%20b+c", "", "deal.list",
	    "{\"limit\":\"20\",\"cursor\":\"a b c\"}" },
	{ "empty pairs are skipped", "GET", "/v1/deals", "&&limit=&x&", "",
	    "deal.list", "{\"limit\":\"\",\"x\":\"\"}" },
	{ "values are escaped", "GET", "/v1/deals",
	    "q=%22%5C%0a%c3%a9&a%22b=1%3D2%26", "", "deal.list",
	    "{\"q\":\"\\\"\\\\\\u000a\xc3\xa9\",\"a\\\"b\":\"1=2&\"}" },
	{ "path and query", "GET", "/v1/deals/a\"b/file", "limit=1", "",
	    "deal.export", "{\"id\":\"a\\\"b\",\"limit\":\"1\"}" },
	{ "path values follow the body", "PUT", "/v1/agents/A/capabilities/C",
	    "", "{\"name\":\"x\", \"id2\":[1,{\"id\":\"z\"}]}", "agent.update",
	    "{\"name\":\"x\", \"id2\":[1,{\"id\":\"z\"}],\"id\":\"A\",\"cid\":"
	    "\"C\"}" },
	{ "into an empty body", "PUT", "/v1/agents/A/capabilities/C", "", "{ }",
	    "agent.update", "{ \"id\":\"A\",\"cid\":\"C\"}" },
	{ "the same value in the body", "PUT", "/v1/agents/A/capabilities/C",
	    "", "{\"id\" : \"A\" ,\"n\":\"}\"}", "agent.update",
	    "{\"id\" : \"A\" ,\"n\":\"}\",\"cid\":\"C\"}" },
	{ "DELETE takes a body", "DELETE", "/v1/mandates/M", "", "{\"why\":1}",
	    "mandate.revoke", "{\"why\":1,\"mandate_id\":\"M\"}" },
	{ "GET has none", "GET", "/v1/deals/7", "", "{\"x\":1}", "deal.get",
	    "{\"id\":\"7\"}" },
	{ "a raw body is not touched", "POST", "/v1/messages", "x=y",
	    "[not json", "message", "[not json" },
	{ "a cut body goes to the host, which tells where", "PUT",
	    "/v1/agents/A/capabilities/C", "", "{\"a\":", "agent.update",
	    "{\"a\":" },
	{ "HEAD is GET", "HEAD", "/healthz", "", "", "health", "{}" },
};

START_TEST(each_row_becomes_its_call)
{
	const struct row *row = &rows[_i];
	struct rest rest;

	rest_open(&rest);
	ask(&rest, row->method, row->path, row->query, row->body);
	ck_assert_msg(rest.fake->n_calls == 1, "%s: %s", row->what,
	    rest.fake->response_body.ptr);
	ck_assert_str_eq(last_call(&rest)->method->name, row->name);
	ck_assert_msg(strcmp(last_call(&rest)->params.ptr, row->params) == 0,
	    "%s: %s", row->what, last_call(&rest)->params.ptr);
	ck_assert_int_eq(rest.fake->response.status, 200);
	ck_assert(last_call(&rest)->secure);
	rest_close(&rest);
}
END_TEST

struct bad {
	const char *what, *method, *path, *query, *body;
	int status;
	const char *text;
};

static const struct bad bads[] = {
	{ "a path nobody has", "GET", "/v1/nothing", "", "", 404,
	    "\"code\":\"not_found\"" },
	{ "a trailing slash", "GET", "/v1/deals/", "", "", 404, "" },
	{ "an empty segment", "GET", "/v1//deals", "", "", 404, "" },
	{ "a prefix", "GET", "/v1", "", "", 404, "" },
	{ "the root", "GET", "/", "", "", 404, "" },
	{ "no slash", "GET", "*", "", "", 404, "" },
	{ "a very deep path", "GET", "/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a", "",
	    "", 404, "" },
	{ "OPTIONS of a path nobody has", "OPTIONS", "/v1/nothing", "", "", 404,
	    "" },
	{ "a key twice", "GET", "/v1/deals", "a=1&b=2&a=1", "", 400,
	    "\\\"a\\\" is given twice in the query" },
	{ "a key twice, once encoded", "GET", "/v1/deals", "a=1&%61=2", "", 400,
	    "twice" },
	{ "path and query", "GET", "/v1/deals/7", "id=7", "", 400,
	    "\\\"id\\\" is given in the path and in the query" },
	{ "path and body differ", "PUT", "/v1/agents/A/capabilities/C", "",
	    "{\"x\":{\"cid\":\"C\"}, \"cid\":\"D\"}", 400,
	    "\\\"cid\\\" has another value in the body than in the path" },
	{ "path and body differ in type", "PUT", "/v1/agents/1/capabilities/C",
	    "", "{\"id\":1}", 400, "another value in the body" },
	{ "query and body differ", "POST", "/v1/deals", "need=a",
	    "{\"need\":\"b\"}", 400, "in the body than in the query" },
	{ "a broken escape", "GET", "/v1/deals", "a=%g1", "", 400,
	    "the query is malformed" },
	{ "half an escape", "GET", "/v1/deals", "a=%4", "", 400,
	    "the query is malformed" },
	{ "NUL", "GET", "/v1/deals", "a=%00", "", 400,
	    "the query is malformed" },
	{ "a value that is not UTF-8", "GET", "/v1/deals", "a=%ff", "", 400,
	    "the query is malformed" },
	{ "a value without key", "GET", "/v1/deals", "=1", "", 400,
	    "the query is malformed" },
	{ "a path that is not UTF-8", "GET", "/v1/deals/\xff", "", "", 400,
	    "\\\"id\\\" is not UTF-8 in the path" },
	{ "33 keys", "GET", "/v1/deals",
	    "1&2&3&4&5&6&7&8&9&10&11&12&13&14&15&16&17&18&19&20&21&22&23&24&25&"
	    "26"
	    "&27&28&29&30&31&32&33",
	    "", 400, "more than 32" },
	{ "an array", "POST", "/v1/deals", "", "[1]", 400,
	    "not a JSON object" },
	{ "words", "POST", "/v1/deals", "", "hello", 400, "not a JSON object" },
};

START_TEST(each_fault_is_refused)
{
	const struct bad *row = &bads[_i];
	struct rest rest;

	rest_open(&rest);
	ask(&rest, row->method, row->path, row->query, row->body);
	ck_assert_msg(rest.fake->n_calls == 0, "%s", row->what);
	ck_refused(&rest, row->status, row->text);
	rest_close(&rest);
}
END_TEST

/* --- verbs --- */

START_TEST(a_wrong_verb_is_405_with_allow)
{
	static const char *const verbs[] = { "PATCH", "DELETE", "PUT", "BREW",
		"get" };
	struct rest rest;

	rest_open(&rest);
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
		ask(&rest, verbs[i], "/v1/deals", "", "");
		ck_refused(&rest, 405, "\"code\":\"method_not_allowed\"");
		ck_assert(
		    has_header(&rest, "Allow: GET, HEAD, POST, OPTIONS\n"));
	}
	ask(&rest, "HEAD", "/v1/credentials", "", "");
	ck_refused(&rest, 405, "");
	ck_assert(has_header(&rest, "Allow: POST, OPTIONS\n"));
	ck_assert_uint_eq(rest.fake->n_calls, 0);
	rest_close(&rest);
}
END_TEST

START_TEST(options_is_204_with_allow)
{
	struct rest rest;

	rest_open(&rest);
	ask(&rest, "OPTIONS", "/v1/deals/7", "", "");
	ck_assert_int_eq(rest.fake->response.status, 204);
	ck_assert(has_header(&rest, "Allow: GET, HEAD, OPTIONS\n"));
	ck_assert(has_header(&rest, "X-Request-Id: "));
	ck_assert_uint_eq(rest.fake->response_body.len, 0);
	rest_close(&rest);
}
END_TEST

/* --- header fields --- */

START_TEST(a_bearer_credential_reaches_the_call)
{
	struct rest rest;

	rest_open(&rest);
	ask(&rest, "GET", "/v1/deals", "", "");
	ck_assert(!last_call(&rest)->has_credential);
	with(&rest, "authorization", "bEARER  aicx_Ab-_.~+/==");
	ask(&rest, "GET", "/v1/deals", "", "");
	ck_assert(last_call(&rest)->has_credential);
	ck_assert_str_eq(last_call(&rest)->credential, "aicx_Ab-_.~+/==");
	rest_close(&rest);
}
END_TEST

START_TEST(another_credential_is_401_with_a_challenge)
{
	static const char *const values[] = { "Basic Zm9vOmJhcg==", "Bearer",
		"Bearer ", "Bearer a b", "Bearer \"a\"", "aicx_abc", "" };
	struct rest rest;

	rest_open(&rest);
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		with(&rest, "Authorization", values[i]);
		ask(&rest, "GET", "/v1/deals", "", "");
		ck_refused(&rest, 401, "\"code\":\"unauthenticated\"");
		ck_assert(has_header(
		    &rest, "WWW-Authenticate: Bearer realm=\"aiconexus\"\n"));
	}
	with(&rest, "Authorization", "Bearer a");
	with(&rest, "Authorization", "Bearer a");
	ask(&rest, "GET", "/v1/deals", "", "");
	ck_refused(&rest, 401, "");
	ck_assert_uint_eq(rest.fake->n_calls, 0);
	rest_close(&rest);
}
END_TEST

START_TEST(a_401_of_the_broker_gets_the_challenge_too)
{
	struct rest rest;

	rest_open(&rest);
	rest.fake->answer =
	    (struct aicx_answer) { .size = sizeof rest.fake->answer,
		    .status = 401,
		    .retry_after_ms = -1,
		    .content_type = str("application/problem+json"),
		    .body = str("{}"),
		    .correlation = str("req-9") };
	ask(&rest, "GET", "/v1/deals", "", "");
	ck_refused(&rest, 401, "{}");
	ck_assert(has_header(
	    &rest, "WWW-Authenticate: Bearer realm=\"aiconexus\"\n"));
	ck_assert(has_header(&rest, "X-Request-Id: req-9\n"));
	rest_close(&rest);
}
END_TEST

START_TEST(an_idempotency_key_is_visible_ascii)
{
	char key[257];
	struct rest rest;

	rest_open(&rest);
	memset(key, 'k', sizeof key);
	key[256] = '\0';
	with(&rest, "Idempotency-Key", key);
	ask(&rest, "POST", "/v1/deals", "", "{}");
	ck_refused(&rest, 400, "Idempotency-Key is not 1 to 255");
	with(&rest, "Idempotency-Key", "a b");
	ask(&rest, "POST", "/v1/deals", "", "{}");
	ck_refused(&rest, 400, "Idempotency-Key");
	with(&rest, "Idempotency-Key", "");
	ask(&rest, "POST", "/v1/deals", "", "{}");
	ck_refused(&rest, 400, "Idempotency-Key");
	with(&rest, "Idempotency-Key", "a");
	with(&rest, "Idempotency-Key", "b");
	ask(&rest, "POST", "/v1/deals", "", "{}");
	ck_refused(&rest, 400, "Idempotency-Key");
	key[255] = '\0';
	with(&rest, "Idempotency-Key", key);
	ask(&rest, "POST", "/v1/deals", "", "{}");
	ck_assert_int_eq(rest.fake->response.status, 200);
	ck_assert_str_eq(last_call(&rest)->key, key);
	ck_assert(!has_header(&rest, "Idempotency-Replayed"));
	with(&rest, "Idempotency-Key", key);
	ask(&rest, "GET", "/v1/deals", "", "");
	ck_assert(!last_call(&rest)->has_key);
	rest_close(&rest);
}
END_TEST

START_TEST(a_replay_and_a_wait_are_told)
{
	struct rest rest;

	rest_open(&rest);
	rest.fake->answer =
	    (struct aicx_answer) { .size = sizeof rest.fake->answer,
		    .status = 429,
		    .replayed = 1,
		    .retry_after_ms = 1001,
		    .content_type = str("application/json"),
		    .body = str("{}") };
	ask(&rest, "POST", "/v1/deals", "", "{}");
	ck_assert_int_eq(rest.fake->response.status, 429);
	ck_assert(has_header(&rest, "Retry-After: 2\n"));
	ck_assert(has_header(&rest, "Idempotency-Replayed: true\n"));
	rest.fake->answer.retry_after_ms = 0;
	rest.fake->answer.replayed = 0;
	ask(&rest, "POST", "/v1/deals", "", "{}");
	ck_assert(has_header(&rest, "Retry-After: 0\n"));
	ck_assert(!has_header(&rest, "Idempotency-Replayed"));
	rest_close(&rest);
}
END_TEST

START_TEST(the_request_id_comes_back)
{
	static const char trace[] =
	    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
	struct rest rest;

	rest_open(&rest);
	with(&rest, "X-Request-Id", "mine-1");
	with(&rest, "traceparent", trace);
	ask(&rest, "GET", "/v1/deals", "", "");
	ck_assert_str_eq(last_call(&rest)->correlation, "mine-1");
	ck_assert(has_header(&rest, "X-Request-Id: mine-1\n"));
	with(&rest, "traceparent", trace);
	ask(&rest, "GET", "/v1/deals", "", "");
	ck_assert_str_eq(last_call(&rest)->correlation, trace);
	ck_assert(has_header(&rest, "X-Request-Id: req-1\n"));
	with(&rest, "X-Request-Id", "has a blank");
	ask(&rest, "GET", "/v1/deals", "", "");
	ck_assert(!last_call(&rest)->has_correlation);
	ck_assert(has_header(&rest, "X-Request-Id: req-1\n"));
	with(&rest, "X-Request-Id", "mine-2");
	ask(&rest, "GET", "/nothing", "", "");
	ck_refused(&rest, 404, "\"correlation_id\":\"mine-2\"");
	ck_assert(has_header(&rest, "X-Request-Id: mine-2\n"));
	rest_close(&rest);
}
END_TEST

START_TEST(a_body_is_json_or_415)
{
	static const char *const good[] = { "application/json",
		"Application/JSON; charset=utf-8",
		"application/merge-patch+json" };
	static const char *const bad[] = { "text/plain",
		"application/x-www-form-urlencoded", "application/jsonp",
		"+json", "json", "" };
	struct rest rest;

	rest_open(&rest);
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		with(&rest, "Content-Type", good[i]);
		ask(&rest, "POST", "/v1/deals", "", "{}");
		ck_assert_int_eq(rest.fake->response.status, 200);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		with(&rest, "Content-Type", bad[i]);
		ask(&rest, "POST", "/v1/deals", "", "{}");
		ck_refused(&rest, 415, "\"code\":\"unsupported_media_type\"");
	}
	with(&rest, "Content-Type", "text/plain");
	ask(&rest, "POST", "/v1/deals", "", "");
	ck_assert_int_eq(rest.fake->response.status, 200);
	rest_close(&rest);
}
END_TEST

START_TEST(problems_are_plain_json_for_those_who_ask)
{
	struct rest rest;

	rest_open(&rest);
	with(&rest, "Accept", "text/html, application/json;q=0.9");
	ask(&rest, "GET", "/nothing", "", "");
	ck_assert_str_eq(rest.fake->response_type.ptr, "application/json");
	with(&rest, "Accept", "application/problem+json, application/json");
	ask(&rest, "GET", "/nothing", "", "");
	ck_refused(&rest, 404, "");
	with(&rest, "Accept", "*/*");
	ask(&rest, "GET", "/nothing", "", "");
	ck_refused(&rest, 404, "");
	rest.fake->answer =
	    (struct aicx_answer) { .size = sizeof rest.fake->answer,
		    .status = 409,
		    .retry_after_ms = -1,
		    .content_type = str("application/problem+json"),
		    .body = str("{}") };
	with(&rest, "Accept", "application/json");
	ask(&rest, "GET", "/v1/deals", "", "");
	ck_assert_str_eq(rest.fake->response_type.ptr, "application/json");
	ask(&rest, "GET", "/v1/deals", "", "");
	ck_refused(&rest, 409, "{}");
	rest_close(&rest);
}
END_TEST

START_TEST(the_answer_passes_as_it_is)
{
	struct rest rest;

	rest_open(&rest);
	ask(&rest, "POST", "/v1/credentials", "", "{\"a\":[1,2]}");
	ck_assert_int_eq(rest.fake->response.status, 201);
	ck_assert_str_eq(rest.fake->response_body.ptr, "{\"a\":[1,2]}");
	ck_assert_str_eq(rest.fake->response_type.ptr, "application/json");
	rest.fake->answer = (struct aicx_answer) { .size =
						       sizeof rest.fake->answer,
		.status = 200,
		.retry_after_ms = -1,
		.content_type = str("text/plain; version=0.0.4; charset=utf-8"),
		.body = str("# HELP x y\n") };
	ask(&rest, "GET", "/healthz", "", "");
	ck_assert_str_eq(rest.fake->response_type.ptr,
	    "text/plain; version=0.0.4; charset=utf-8");
	ck_assert_str_eq(rest.fake->response_body.ptr, "# HELP x y\n");
	rest_close(&rest);
}
END_TEST

/* --- later --- */

START_TEST(an_answer_may_come_later)
{
	struct aicx_answer answer = { .size = sizeof answer,
		.status = 200,
		.retry_after_ms = -1,
		.content_type = str("application/json"),
		.body = str("{\"late\":1}") };
	struct rest rest;

	rest_open(&rest);
	rest.fake->hold_calls = true;
	with(&rest, "X-Request-Id", "late-1");
	ask(&rest, "GET", "/v1/deals", "", "");
	ck_assert_uint_eq(rest.fake->n_responses, 0);
	fake_answer(rest.fake->calls[0], &answer);
	ck_assert_uint_eq(rest.fake->n_responses, 1);
	ck_assert_str_eq(rest.fake->response_body.ptr, "{\"late\":1}");
	ck_assert(has_header(&rest, "X-Request-Id: late-1\n"));
	rest_close(&rest);
}
END_TEST

START_TEST(a_cancelled_request_cancels_its_call)
{
	struct rest rest;

	rest_open(&rest);
	rest.fake->hold_calls = true;
	ask(&rest, "GET", "/v1/deals", "", "");
	plugin->ops.gateway->cancel(rest.state, &rest.exchange);
	ck_assert(rest.fake->calls[0]->cancelled);
	plugin->ops.gateway->cancel(rest.state, &rest.exchange);
	rest_close(&rest);
	ck_assert(true);
}
END_TEST

START_TEST(closing_cancels_what_is_unanswered)
{
	struct rest rest;

	rest_open(&rest);
	rest.fake->hold_calls = true;
	ask(&rest, "GET", "/v1/deals", "", "");
	plugin->close(rest.state);
	ck_assert(rest.fake->calls[0]->cancelled);
	fake_free(rest.fake);
	free(rest.settings);
}
END_TEST

START_TEST(it_answers_every_path)
{
	struct rest rest;
	const char *const *prefixes;

	rest_open(&rest);
	prefixes = plugin->ops.gateway->prefixes(rest.state);
	ck_assert_str_eq(prefixes[0], "/");
	ck_assert_ptr_null(prefixes[1]);
	rest_close(&rest);
}
END_TEST

static Suite *
suite(void)
{
	const TTest *const plain[] = { a_wrong_verb_is_405_with_allow,
		options_is_204_with_allow, a_bearer_credential_reaches_the_call,
		another_credential_is_401_with_a_challenge,
		a_401_of_the_broker_gets_the_challenge_too,
		an_idempotency_key_is_visible_ascii,
		a_replay_and_a_wait_are_told, the_request_id_comes_back,
		a_body_is_json_or_415,
		problems_are_plain_json_for_those_who_ask,
		the_answer_passes_as_it_is, an_answer_may_come_later,
		a_cancelled_request_cancels_its_call,
		closing_cancels_what_is_unanswered, it_answers_every_path };
	Suite *suite = suite_create("gateway_rest");
	TCase *tcase = tcase_create("rest");

	tcase_add_loop_test(tcase, each_row_becomes_its_call, 0,
	    (int)(sizeof rows / sizeof *rows));
	tcase_add_loop_test(
	    tcase, each_fault_is_refused, 0, (int)(sizeof bads / sizeof *bads));
	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
		tcase_add_test(tcase, plain[i]);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(suite());
	int n_failed;

	plugin = fake_plugin(".libs/gateway_rest.so");
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
