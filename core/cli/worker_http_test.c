/* SPDX-License-Identifier: Apache-2.0 */
/* worker_http_test.c - work done by a small server on the same loop. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/id.h"
#include "base/str.h"
#include "cli/worker.h"

enum { CONNECTIONS_MAX = 8 };

struct connection {
	struct site *site;
	struct aicx_stream *stream;
	struct buf got; /* of the request that is not complete */
	bool open;
};

struct site { /* answers each request with the same bytes */
	struct loop *loop;
	struct aicx_listener *listener;
	const char *answer; /* NULL: never */
	bool closes; /* after each answer */
	struct buf last; /* the last complete request */
	struct connection connections[CONNECTIONS_MAX];
	int n_connections, n_requests;
};

struct ending {
	int n;
	bool good, retryable;
	struct buf output, detail, code;
	int64_t n_units;
};

static void
on_data(struct aicx_str bytes, void *arg)
{
	struct connection *connection = arg;
	struct site *site = connection->site;

	buf_str(&connection->got, bytes);
	const char *body = strstr(buf_cstr(&connection->got), "\r\n\r\n");
	const char *length = strstr(connection->got.ptr, "Content-Length: ");
	if (body == NULL || length == NULL ||
	    strlen(body + 4) < strtoul(length + 16, NULL, 10))
		return;
	buf_clear(&site->last);
	buf_str(&site->last, buf_view(&connection->got));
	buf_clear(&connection->got);
	site->n_requests++;
	if (site->answer == NULL)
		return;
	(void)loop_stream_write(connection->stream, str_of(site->answer));
	if (site->closes)
		loop_stream_shutdown(connection->stream);
}

static void
on_end(enum aicx_stream_end end, void *arg)
{
	struct connection *connection = arg;

	(void)end;
	loop_stream_close(connection->stream);
	connection->open = false;
}

static const struct aicx_stream_ops ops = { sizeof ops, on_data, on_end, NULL,
	NULL };

static void
on_accept(struct aicx_stream *stream, struct aicx_str address, void *arg)
{
	struct site *site = arg;

	(void)address;
	ck_assert_int_lt(site->n_connections, CONNECTIONS_MAX);
	struct connection *connection =
	    &site->connections[site->n_connections++];
	connection->site = site;
	connection->stream = stream;
	connection->open = true;
	loop_stream_attach(stream, &ops, connection);
}

static struct worker *
site_init(struct site *site, const char *path, struct buf *url)
{
	struct worker *worker;

	*site = (struct site) { .loop = loop_new(0) };
	ck_assert_int_eq(loop_listen(site->loop, "127.0.0.1:0", on_accept, site,
			     &site->listener, NULL),
	    AICX_OK);
	buf_printf(
	    url, "http://%s%s", loop_listener_address(site->listener), path);
	ck_assert_int_eq(
	    worker_http_new(buf_cstr(url), &worker, NULL), AICX_OK);
	ck_assert_int_eq(worker_open(worker, site->loop, NULL), AICX_OK);
	return worker;
}

static void
site_fini(struct site *site, struct worker *worker, struct buf *url)
{
	worker_free(worker);
	for (int i = 0; i < site->n_connections; i++) {
		if (site->connections[i].open)
			loop_stream_close(site->connections[i].stream);
		buf_fini(&site->connections[i].got);
	}
	loop_listener_close(site->listener);
	loop_free(site->loop);
	buf_fini(&site->last);
	buf_fini(url);
}

static void
on_work_end(const struct work_end *end, void *arg)
{
	struct ending *ending = arg;

	ending->n++;
	ending->good = end->good;
	ending->retryable = end->retryable;
	ending->n_units = end->n_units;
	buf_clear(&ending->output);
	buf_clear(&ending->detail);
	buf_clear(&ending->code);
	buf_str(&ending->output, end->output);
	buf_str(&ending->detail, end->detail);
	buf_str(&ending->code, str_of(end->code));
}

static void
ending_fini(struct ending *ending)
{
	buf_fini(&ending->output);
	buf_fini(&ending->detail);
	buf_fini(&ending->code);
}

static void *
begin(struct worker *worker, const char *input, int64_t timeout_ms,
    struct ending *ending)
{
	const struct work work = {
		.capability = "text.up",
		.input = str_of(input),
		.execution_id = { { 1, 2, 3 } },
		.timeout_ms = timeout_ms,
		.on_end = on_work_end,
		.arg = ending,
	};
	void *run = NULL;

	ck_assert_int_eq(
	    worker->ops->start(worker, &work, &run, NULL), AICX_OK);
	return run;
}

static void
do_work(struct worker *worker, const char *input, struct ending *ending)
{
	int n = ending->n;

	(void)begin(worker, input, 5000, ending);
	while (ending->n == n)
		loop_once(worker->loop, 5000);
}

#define HEAD(status, type, length)                                             \
	"HTTP/1.1 " status "\r\nContent-Type: " type                           \
	"\r\nContent-Length: " #length "\r\n\r\n"

START_TEST(the_input_is_posted_and_the_answer_is_the_result)
{
	struct buf url = { 0 };
	struct site site;
	struct worker *worker = site_init(&site, "/a/{capability}?x", &url);
	struct ending end = { 0 };

	site.answer = HEAD(
	    "200 OK", "Application/JSON; charset=utf-8", 11) "{ \"n\": 1.0}";
	do_work(worker, "{\"text\":\"hi\"}", &end);
	ck_assert(end.good);
	ck_assert_str_eq(buf_cstr(&end.output), "{ \"n\": 1.0}");
	const char *got = buf_cstr(&site.last);
	ck_assert_ptr_eq(strstr(got, "POST /a/text.up?x HTTP/1.1\r\n"), got);
	ck_assert_ptr_nonnull(strstr(got, "Content-Type: application/json"));
	ck_assert_ptr_nonnull(strstr(
	    got, "Idempotency-Key: 01020300-0000-0000-0000-000000000000\r\n"));
	ck_assert_ptr_nonnull(strstr(got, "X-AIConexus-Capability: text.up"));
	ck_assert_ptr_nonnull(strstr(got, "\r\n\r\n{\"text\":\"hi\"}"));
	site.answer = HEAD("201 Made", "text/plain", 6) "a\n\n\"b\"";
	do_work(worker, "1", &end);
	ck_assert(end.good);
	ck_assert_str_eq(buf_cstr(&end.output), "\"a\\n\\n\\\"b\\\"\"");
	ck_assert_int_eq(end.n_units, 2);
	site.answer = "HTTP/1.1 204 No Content\r\n\r\n";
	do_work(worker, "1", &end);
	ck_assert_str_eq(buf_cstr(&end.output), "null");
	site_fini(&site, worker, &url);
	ending_fini(&end);
}
END_TEST

START_TEST(one_connection_serves_many_and_a_dead_one_is_replaced)
{
	struct buf url = { 0 };
	struct site site;
	struct worker *worker = site_init(&site, "", &url);
	struct ending end = { 0 };

	site.answer = HEAD("200 OK", "application/json", 1) "1";
	for (int i = 0; i < 20; i++)
		do_work(worker, "1", &end);
	ck_assert_int_eq(site.n_requests, 20);
	ck_assert_int_eq(site.n_connections, 1);
	site.closes = true;
	do_work(worker, "1", &end);
	do_work(worker, "1", &end);
	ck_assert(end.good);
	ck_assert_int_eq(site.n_requests, 22);
	site_fini(&site, worker, &url);
	ending_fini(&end);
}
END_TEST

static void
expect_failure(struct worker *worker, struct site *site, const char *answer,
    const char *code, bool retryable, const char *detail)
{
	struct ending end = { 0 };

	site->answer = answer;
	site->closes = true;
	do_work(worker, "\"x\"", &end);
	ck_assert(!end.good);
	ck_assert_str_eq(buf_cstr(&end.code), code);
	ck_assert_msg(strstr(buf_cstr(&end.detail), detail) != NULL, "%s",
	    buf_cstr(&end.detail));
	ck_assert_int_eq(end.retryable, retryable);
	ending_fini(&end);
}

START_TEST(what_is_no_result_is_named_and_costs_nothing)
{
	struct buf url = { 0 };
	struct site site;
	struct worker *worker = site_init(&site, "/", &url);

	expect_failure(worker, &site,
	    HEAD("400 Bad", "application/json", 2) "{}", "http_status", false,
	    "answered 400");
	expect_failure(worker, &site, HEAD("503 Busy", "text/plain", 0),
	    "http_status", true, "answered 503");
	expect_failure(worker, &site,
	    "HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n",
	    "http_status", false, "redirects are not followed");
	expect_failure(worker, &site,
	    HEAD("200 OK", "application/json", 5) "{oops", "invalid_output",
	    false, "no JSON");
	expect_failure(worker, &site, HEAD("200 OK", "text/plain", 1) "\377",
	    "invalid_output", false, "no UTF-8");
	site_fini(&site, worker, &url);
}
END_TEST

START_TEST(what_is_no_answer_is_named_too)
{
	struct buf url = { 0 }, huge = { 0 };
	struct site site;
	struct worker *worker = site_init(&site, "/", &url);

	expect_failure(worker, &site, HEAD("200 OK", "image/png", 1) "x",
	    "invalid_output", false, "neither JSON nor text");
	buf_text(&huge, HEAD("200 OK", "text/plain", 2000000));
	memset(buf_room(&huge, 2000000), 'x', 2000000);
	huge.len += 2000000;
	expect_failure(worker, &site, buf_cstr(&huge), "output_too_large",
	    false, "more than");
	buf_fini(&huge);
	expect_failure(
	    worker, &site, "garbage\r\n\r\n", "unreachable", true, "");
	expect_failure(worker, &site, HEAD("200 OK", "text/plain", 10) "abc",
	    "unreachable", true, "");
	site_fini(&site, worker, &url);
}
END_TEST

START_TEST(who_stalls_is_given_up_and_who_is_cancelled_says_nothing)
{
	struct buf url = { 0 };
	struct site site;
	struct worker *worker = site_init(&site, "/", &url);
	struct ending late = { 0 }, never = { 0 };

	void *run = begin(worker, "1", 60000, &never);
	(void)begin(worker, "2", 50, &late);
	while (site.n_requests < 2 || late.n == 0)
		loop_once(site.loop, 5000);
	ck_assert_str_eq(buf_cstr(&late.code), "timeout");
	ck_assert(late.retryable);
	worker->ops->cancel(worker, run);
	loop_once(site.loop, 10);
	ck_assert_int_eq(never.n, 0);
	site_fini(&site, worker, &url);
	ending_fini(&late);
}
END_TEST

START_TEST(an_address_that_is_none_is_refused)
{
	static const char *const bad[] = { "", "127.0.0.1:80", "ftp://a/",
		"http://", "http:///x", "http://user:word@a/", "http://a/b c",
		"http://a/#b", "https://?x" };
	struct worker *worker = NULL;
	struct aicx_error why;

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		ck_assert_int_eq(
		    worker_http_new(bad[i], &worker, &why), AICX_EINVAL);
		ck_assert_str_eq(why.word, "invalid_url");
	}
	ck_assert_ptr_null(worker);
	ck_assert_int_eq(
	    worker_http_new("https://[::1]:9/x", &worker, &why), AICX_OK);
	worker_free(worker);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("worker_http");
	TCase *tcase = tcase_create("worker_http");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, the_input_is_posted_and_the_answer_is_the_result);
	tcase_add_test(
	    tcase, one_connection_serves_many_and_a_dead_one_is_replaced);
	tcase_add_test(tcase, what_is_no_result_is_named_and_costs_nothing);
	tcase_add_test(tcase, what_is_no_answer_is_named_too);
	tcase_add_test(
	    tcase, who_stalls_is_given_up_and_who_is_cancelled_says_nothing);
	tcase_add_test(tcase, an_address_that_is_none_is_refused);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
