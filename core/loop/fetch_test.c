/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fetch_test.c - requests to a small server on the same loop; what https checks
 * is looked at by tests/scenario/scene_payment.py, which has certificates.
 */
#include "loop/fetch.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "loop/curl.h"

struct site { /* answers each connection with the same bytes */
	struct loop *loop;
	struct aicx_listener *listener;
	const char *answer; /* NULL: never */
	struct buf got; /* of the last connection */
	struct aicx_stream *streams[8];
	int n;
};

struct outcome {
	int n;
	aicx_err err;
	uint16_t status;
	struct buf body, type;
	struct aicx_error error;
	struct site *again; /* asks once more from inside done */
};

static void
on_data(struct aicx_str bytes, void *arg)
{
	struct site *site = arg;
	struct aicx_stream *stream = site->streams[site->n - 1];

	buf_str(&site->got, bytes);
	if (site->answer == NULL ||
	    strstr(buf_cstr(&site->got), "\r\n\r\n") == NULL)
		return;
	(void)loop_stream_write(stream, str_of(site->answer));
	loop_stream_shutdown(stream);
}

static void
on_end(enum aicx_stream_end end, void *arg)
{
	(void)end;
	(void)arg;
}

static const struct aicx_stream_ops ops = { sizeof ops, on_data, on_end, NULL,
	NULL };

static void
on_accept(struct aicx_stream *stream, struct aicx_str address, void *arg)
{
	struct site *site = arg;

	(void)address;
	ck_assert_int_lt(site->n, 8);
	buf_clear(&site->got);
	site->streams[site->n++] = stream;
	loop_stream_attach(stream, &ops, site);
}

static void
site_init(struct site *site, const char *answer)
{
	*site = (struct site) { .loop = loop_new(0), .answer = answer };
	ck_assert_int_eq(loop_listen(site->loop, "127.0.0.1:0", on_accept, site,
			     &site->listener, NULL),
	    AICX_OK);
}

static void
site_fini(struct site *site)
{
	for (int i = 0; i < site->n; i++)
		loop_stream_close(site->streams[i]);
	loop_listener_close(site->listener);
	loop_free(site->loop);
	buf_fini(&site->got);
}

static void on_done(const struct aicx_http_outcome *outcome, void *arg);

static struct aicx_http_ask
ask_of(struct site *site, struct buf *url)
{
	buf_clear(url);
	buf_printf(
	    url, "http://%s/pay?x=1", loop_listener_address(site->listener));
	return (struct aicx_http_ask) {
		.size = sizeof(struct aicx_http_ask),
		.method = STR("POST"),
		.url = buf_view(url),
		.body = STR("{\"a\":1}"),
		.timeout_ms = 5000,
		.body_max = 64,
		.allow = STR("127.0.0.1"),
	};
}

static struct aicx_fetch *
fetch(struct site *site, const struct aicx_http_ask *ask, struct outcome *out)
{
	struct aicx_fetch *made = NULL;
	struct aicx_error error = { 0 };

	ck_assert_msg(
	    loop_fetch(site->loop, ask, on_done, out, &made, &error) == AICX_OK,
	    "%s", error.text);
	ck_assert_int_eq(out->n, 0); /* never from inside the call */
	return made;
}

static void
on_done(const struct aicx_http_outcome *outcome, void *arg)
{
	struct outcome *out = arg;
	struct site *again = out->again;
	struct buf url = { 0 };

	out->n++;
	out->err = outcome->err;
	out->status = outcome->status;
	out->error = outcome->error;
	buf_str(&out->body, outcome->body);
	buf_str(&out->type, outcome->content_type);
	out->again = NULL;
	if (again != NULL) {
		struct aicx_http_ask ask = ask_of(again, &url);
		struct aicx_fetch *made;
		ck_assert_int_eq(
		    loop_fetch(again->loop, &ask, on_done, out, &made, NULL),
		    AICX_OK);
		buf_fini(&url);
	}
}

static void
outcome_fini(struct outcome *out)
{
	buf_fini(&out->body);
	buf_fini(&out->type);
}

static void
wait_for(struct site *site, struct outcome *out, int n)
{
	for (int i = 0; i < 2000 && out->n < n; i++)
		loop_once(site->loop, 1000);
	ck_assert_int_eq(out->n, n);
}

START_TEST(a_request_goes_out_whole_and_its_answer_comes_once)
{
	static const struct aicx_header headers[] = {
		{ STR("X-Id"), STR("7") },
		{ STR("X-None"), STR("") },
	};
	struct site site;
	struct outcome out = { 0 };
	struct buf url = { 0 };

	site_init(&site,
	    "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n"
	    "Content-Length: 2\r\n\r\n{}");
	struct aicx_http_ask ask = ask_of(&site, &url);
	ask.headers = headers;
	ask.n_headers = 2;
	out.again = &site;
	(void)fetch(&site, &ask, &out);
	wait_for(&site, &out, 2);
	ck_assert_int_eq(out.err, AICX_OK);
	ck_assert_uint_eq(out.status, 201);
	ck_assert_str_eq(buf_cstr(&out.body), "{}{}");
	ck_assert_ptr_nonnull(strstr(buf_cstr(&out.type), "application/json"));
	ck_assert_ptr_nonnull(
	    strstr(buf_cstr(&site.got), "POST /pay?x=1 HTTP/1.1\r\n"));
	ck_assert_ptr_nonnull(
	    strstr(buf_cstr(&site.got), "Content-Length: 7\r\n"));
	ck_assert_int_eq(site.n, 2); /* a connection each */
	outcome_fini(&out);
	buf_fini(&url);
	site_fini(&site);
}
END_TEST

START_TEST(header_fields_go_out_as_given)
{
	static const struct aicx_header headers[] = {
		{ STR("X-Id"), STR("7") },
		{ STR("X-None"), STR("") },
	};
	struct site site;
	struct outcome out = { 0 };
	struct buf url = { 0 };

	site_init(&site,
	    "HTTP/1.1 302 Found\r\nLocation: /x\r\n"
	    "Content-Length: 0\r\n\r\n");
	struct aicx_http_ask ask = ask_of(&site, &url);
	ask.method = STR("GET");
	ask.body = (struct aicx_str) { NULL, 0 };
	ask.headers = headers;
	ask.n_headers = 2;
	(void)fetch(&site, &ask, &out);
	wait_for(&site, &out, 1);
	ck_assert_uint_eq(out.status, 302); /* and nobody follows it */
	ck_assert_int_eq(site.n, 1);
	ck_assert_ptr_nonnull(strstr(buf_cstr(&site.got), "GET /pay?x=1 "));
	ck_assert_ptr_nonnull(strstr(buf_cstr(&site.got), "X-Id: 7\r\n"));
	ck_assert_ptr_nonnull(strstr(buf_cstr(&site.got), "X-None:\r\n"));
	ck_assert_ptr_null(strstr(buf_cstr(&site.got), "Expect"));
	outcome_fini(&out);
	buf_fini(&url);
	site_fini(&site);
}
END_TEST

static void
assert_fails(const char *answer, int64_t timeout_ms, const char *allow,
    aicx_err err, const char *why)
{
	struct site site;
	struct outcome out = { 0 };
	struct buf url = { 0 };

	site_init(&site, answer);
	struct aicx_http_ask ask = ask_of(&site, &url);
	ask.timeout_ms = timeout_ms;
	ask.allow = str_of(allow);
	(void)fetch(&site, &ask, &out);
	wait_for(&site, &out, 1);
	ck_assert_msg(out.err == err, "%d: %s", out.err, out.error.text);
	ck_assert_msg(
	    strstr(out.error.text, why) != NULL, "%s", out.error.text);
	ck_assert_uint_eq(out.body.len, 0);
	outcome_fini(&out);
	buf_fini(&url);
	site_fini(&site);
}

START_TEST(what_is_no_answer_has_its_reason)
{
	static const char local[] = "127.0.0.1";

	assert_fails(NULL, 30, local, AICX_ETIMEDOUT, "127.0.0.1");
	assert_fails("", 5000, local, AICX_EIO, "Empty reply");
	assert_fails("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}", 5000,
	    local, AICX_EIO, "127.0.0.1");
	assert_fails("nonsense\r\n\r\n", 5000, local, AICX_EIO, "127.0.0.1");
	assert_fails("HTTP/1.1 200 OK\r\n\r\n"
		     "0123456789012345678901234567890123456789"
		     "0123456789012345678901234567890123456789",
	    5000, local, AICX_ELIMIT, "too large");
}
END_TEST

START_TEST(a_private_address_is_asked_only_where_the_operator_says_so)
{
	static const char good[] =
	    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

	assert_fails(good, 5000, NULL, AICX_EDENIED, "not public");
	assert_fails(good, 5000, "10.0.0.1", AICX_EDENIED, "not public");
	/* As a name it resolves to the same. */
	struct site site;
	struct outcome out = { 0 };
	struct buf url = { 0 };

	site_init(&site, good);
	struct aicx_http_ask ask = ask_of(&site, &url);
	buf_clear(&url);
	buf_printf(&url, "http://localhost%s/",
	    strrchr(loop_listener_address(site.listener), ':'));
	ask.url = buf_view(&url);
	ask.allow = (struct aicx_str) { NULL, 0 };
	(void)fetch(&site, &ask, &out);
	wait_for(&site, &out, 1);
	ck_assert_int_eq(out.err, AICX_EDENIED);
	ask.allow = STR("localhost");
	out.n = 0;
	(void)fetch(&site, &ask, &out);
	wait_for(&site, &out, 1);
	ck_assert_int_eq(out.err, AICX_OK);
	outcome_fini(&out);
	buf_fini(&url);
	site_fini(&site);
}
END_TEST

/* --- fields and parts ------------------------------------------------- */

struct parts {
	struct outcome out; /* first: done gets the same */
	struct buf bytes;
	int n;
	uint16_t status;
	char tag[16];
	struct aicx_fetch *cancel; /* from inside the first part */
};

static void
on_part(const struct aicx_http_outcome *head, struct aicx_str bytes, void *arg)
{
	struct parts *parts = arg;

	parts->n++;
	parts->status = head->status;
	buf_str(&parts->bytes, bytes);
	for (size_t i = 0; i < head->n_headers; i++)
		if (str_is(head->headers[i].name, "ETag"))
			(void)str_copy(head->headers[i].value, parts->tag,
			    sizeof parts->tag);
	if (parts->cancel != NULL)
		loop_fetch_cancel(parts->cancel);
}

static void
parts_fini(struct parts *parts)
{
	outcome_fini(&parts->out);
	buf_fini(&parts->bytes);
}

START_TEST(parts_come_before_the_end_with_the_fields_of_the_answer)
{
	struct site site;
	struct parts parts = { 0 };
	struct buf url = { 0 };

	site_init(&site,
	    "HTTP/1.1 100 Continue\r\nETag: wrong\r\n\r\n"
	    "HTTP/1.1 200 OK\r\nETag:  \"a\" \r\nX-None:\r\n\r\n"
	    "data: 1\n\n");
	struct aicx_http_ask ask = ask_of(&site, &url);
	ask.part = on_part;
	(void)fetch(&site, &ask, &parts.out);
	wait_for(&site, &parts.out, 1);
	ck_assert_int_eq(parts.out.err, AICX_OK);
	ck_assert_int_ge(parts.n, 1);
	ck_assert_uint_eq(parts.status, 200);
	ck_assert_str_eq(buf_cstr(&parts.bytes), "data: 1\n\n");
	ck_assert_str_eq(parts.tag, "\"a\"");
	ck_assert_uint_eq(parts.out.body.len, 0);
	parts_fini(&parts);
	buf_fini(&url);
	site_fini(&site);
}
END_TEST

START_TEST(parts_together_have_the_limit_of_a_body)
{
	struct site site;
	struct parts parts = { 0 };
	struct buf url = { 0 };

	site_init(&site, "HTTP/1.1 200 OK\r\n\r\n0123456789");
	struct aicx_http_ask ask = ask_of(&site, &url);
	ask.part = on_part;
	ask.body_max = 9;
	(void)fetch(&site, &ask, &parts.out);
	wait_for(&site, &parts.out, 1);
	ck_assert_int_eq(parts.out.err, AICX_ELIMIT);
	parts_fini(&parts);
	buf_fini(&url);
	site_fini(&site);
}
END_TEST

START_TEST(a_part_may_cancel_its_request)
{
	struct site site;
	struct parts parts = { 0 };
	struct buf url = { 0 };

	site_init(&site, "HTTP/1.1 200 OK\r\n\r\n0123456789");
	struct aicx_http_ask ask = ask_of(&site, &url);
	ask.part = on_part;
	parts.cancel = fetch(&site, &ask, &parts.out);
	for (int i = 0; i < 2000 && parts.n == 0; i++)
		loop_once(site.loop, 1000);
	ck_assert_int_eq(parts.n, 1);
	ck_assert_int_eq(parts.out.n, 0);
	parts_fini(&parts);
	buf_fini(&url);
	site_fini(&site);
}
END_TEST

START_TEST(a_request_that_is_cancelled_says_nothing)
{
	struct site site;
	struct outcome out = { 0 }, other = { 0 };
	struct buf url = { 0 };

	site_init(&site, NULL);
	struct aicx_http_ask ask = ask_of(&site, &url);
	struct aicx_fetch *first = fetch(&site, &ask, &out);
	ask.timeout_ms = 60;
	(void)fetch(&site, &ask, &other);
	for (int i = 0; i < 2000 && site.n < 2; i++)
		loop_once(site.loop, 1000);
	loop_fetch_cancel(first);
	wait_for(&site, &other, 1);
	ck_assert_int_eq(out.n, 0);
	(void)fetch(&site, &ask, &out); /* freed with the loop */
	outcome_fini(&other);
	buf_fini(&url);
	site_fini(&site);
	ck_assert_int_eq(out.n, 0);
}
END_TEST

START_TEST(what_cannot_be_asked_is_refused_at_once)
{
	static const char *const urls[] = { "", "ftp://a.example/", "a.example",
		"file:///etc/passwd", "http://", "http://a b/", "://x" };
	struct site site;
	struct outcome out = { 0 };
	struct buf url = { 0 };
	struct aicx_fetch *made;
	struct aicx_header bad = { STR("X"), STR("a\r\nHost: b") };

	site_init(&site, NULL);
	struct aicx_http_ask good = ask_of(&site, &url), ask;
	for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
		ask = good;
		ask.url = str_of(urls[i]);
		ck_assert_msg(loop_fetch(site.loop, &ask, on_done, &out, &made,
				  NULL) == AICX_EINVAL,
		    "%s", urls[i]);
	}
	ask = good;
	ask.headers = &bad;
	ask.n_headers = 1;
	ck_assert_int_eq(
	    loop_fetch(site.loop, &ask, on_done, &out, &made, NULL),
	    AICX_EINVAL);
	ask = good;
	ask.method = STR("PO ST");
	ck_assert_int_eq(
	    loop_fetch(site.loop, &ask, on_done, &out, &made, NULL),
	    AICX_EINVAL);
	ask = good;
	ask.timeout_ms = 0;
	ck_assert_int_eq(
	    loop_fetch(site.loop, &ask, on_done, &out, &made, NULL),
	    AICX_EINVAL);
	ask = good;
	ask.body_max = FETCH_BODY_MAX + 1;
	ck_assert_int_eq(
	    loop_fetch(site.loop, &ask, on_done, &out, &made, NULL),
	    AICX_EINVAL);
	for (int i = 0; i < FETCHES_MAX; i++)
		ck_assert_int_eq(
		    loop_fetch(site.loop, &good, on_done, &out, &made, NULL),
		    AICX_OK);
	ck_assert_int_eq(
	    loop_fetch(site.loop, &good, on_done, &out, &made, NULL),
	    AICX_ELIMIT);
	buf_fini(&url);
	site_fini(&site);
	ck_assert_int_eq(out.n, 0);
}
END_TEST

START_TEST(a_library_that_is_missing_or_another_is_refused_by_name)
{
	struct curl curl;
	struct aicx_error error;

	ck_assert_int_eq(curl_open(CURL_LIBRARY, &curl, &error), AICX_OK);
	ck_assert_int_eq(curl_open("libnobody.so.4", &curl, &error), AICX_EIO);
	ck_assert_ptr_nonnull(
	    strstr(error.text, "cannot open \"libnobody.so.4\""));
	ck_assert_int_eq(curl_open("libc.so.6", &curl, &error), AICX_EIO);
	ck_assert_str_eq(
	    error.text, "cannot use \"libc.so.6\": it lacks curl_easy_cleanup");
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("fetch");
	Suite *suite = suite_create("fetch");

	tcase_add_test(
	    tests, a_request_goes_out_whole_and_its_answer_comes_once);
	tcase_add_test(tests, header_fields_go_out_as_given);
	tcase_add_test(tests, what_is_no_answer_has_its_reason);
	tcase_add_test(
	    tests, a_private_address_is_asked_only_where_the_operator_says_so);
	tcase_add_test(
	    tests, parts_come_before_the_end_with_the_fields_of_the_answer);
	tcase_add_test(tests, parts_together_have_the_limit_of_a_body);
	tcase_add_test(tests, a_part_may_cancel_its_request);
	tcase_add_test(tests, a_request_that_is_cancelled_says_nothing);
	tcase_add_test(tests, what_cannot_be_asked_is_refused_at_once);
	tcase_add_test(
	    tests, a_library_that_is_missing_or_another_is_refused_by_name);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed != 0;
}
