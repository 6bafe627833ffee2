/* SPDX-License-Identifier: Apache-2.0 */
/* http_test.c - URLs, answers and targets: what is taken and what is not. */
#include "cli/http.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "cli/call.h"
#include "cli/problem.h"

START_TEST(a_url_names_host_port_and_prefix)
{
	struct url url;

	ck_assert_int_eq(
	    url_parse(STR("http://LocalHost:8700/x/"), &url, NULL), AICX_OK);
	ck_assert_str_eq(url.host, "localhost");
	ck_assert_str_eq(url.port, "8700");
	ck_assert_str_eq(url.prefix, "/x");
	ck_assert_str_eq(url.origin, "http://localhost:8700");
	ck_assert(url_is_loopback(&url));
	ck_assert_int_eq(url_parse(STR("http://[::1]"), &url, NULL), AICX_OK);
	ck_assert_str_eq(url.authority, "[::1]:80");
	ck_assert(url_is_loopback(&url));
	ck_assert_int_eq(
	    url_parse(STR("http://127.example.org"), &url, NULL), AICX_OK);
	ck_assert(!url_is_loopback(&url));
	ck_assert_int_eq(
	    url_parse(STR("http://127.0.0.1.evil.org"), &url, NULL), AICX_OK);
	ck_assert(!url_is_loopback(&url));
}
END_TEST

START_TEST(a_url_may_be_a_unix_socket_with_an_absolute_path)
{
	struct url url;
	char deep[200] = "unix:/";

	ck_assert_int_eq(
	    url_parse(STR("unix:/run/broker.sock"), &url, NULL), AICX_OK);
	ck_assert_str_eq(url.path, "/run/broker.sock");
	ck_assert_str_eq(url.origin, "unix:/run/broker.sock");
	ck_assert_str_eq(url.authority, "localhost");
	ck_assert(url_is_loopback(&url));
	ck_assert_int_eq(url_parse(STR("unix:b.sock"), &url, NULL), AICX_OK);
	ck_assert_int_eq(url.path[0], '/');
	ck_assert_ptr_nonnull(strstr(url.path, "/b.sock"));
	memset(deep + 6, 'x', sizeof deep - 7);
	ck_assert_int_eq(url_parse(str_of(deep), &url, NULL), AICX_EINVAL);
}
END_TEST

START_TEST(a_url_of_another_kind_is_refused)
{
	const char *urls[] = { "", "unix:", "unix:a b", "unix:/\n",
		"localhost:8700", "ftp://x", "http://", "http://x:0",
		"http://x:65536", "http://x:", "http://x y", "http://[::1",
		"http://[::1]x", "http://a@b", "http://x/?q", "http://x/\n",
		"https://", "https://x:0", "wss://x" };
	struct url url;

	for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++)
		ck_assert_msg(
		    url_parse(str_of(urls[i]), &url, NULL) == AICX_EINVAL,
		    "\"%s\" was taken", urls[i]);
}
END_TEST

START_TEST(https_has_a_port_of_its_own)
{
	struct url url;

	ck_assert_int_eq(
	    url_parse(STR("https://Broker.example.org/x/"), &url, NULL),
	    AICX_OK);
	ck_assert(url.secure);
	ck_assert_str_eq(url.origin, "https://broker.example.org:443");
	ck_assert_str_eq(url.prefix, "/x");
	ck_assert_int_eq(url_parse(STR("http://x"), &url, NULL), AICX_OK);
	ck_assert(!url.secure);
}
END_TEST

static aicx_err
read_answer(const char *text, bool eof, struct buf *body)
{
	struct http_head head;

	aicx_err err = http_head_parse(str_of(text), &head, NULL);
	return err == AICX_OK
	    ? http_body_parse(&head, str_of(text), eof, body, NULL)
	    : err;
}

START_TEST(answers_of_three_forms_are_read)
{
	struct buf body = { 0 };

	ck_assert_int_eq(read_answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"
				     "\r\nhi and more",
			     false, &body),
	    AICX_OK);
	ck_assert_str_eq(buf_cstr(&body), "hi");
	ck_assert_int_eq(
	    read_answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
			"3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n",
		false, &body),
	    AICX_OK);
	ck_assert_str_eq(buf_cstr(&body), "abc0123456789");
	ck_assert_int_eq(
	    read_answer("HTTP/1.1 200 OK\r\n\r\nall", true, &body), AICX_OK);
	ck_assert_str_eq(buf_cstr(&body), "all");
	buf_fini(&body);
}
END_TEST

START_TEST(an_incomplete_answer_needs_more)
{
	const char *texts[] = { "", "HTTP/1.1 200 OK\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab",
		"HTTP/1.1 200 OK\r\n\r\nall" };
	struct buf body = { 0 };

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		ck_assert_int_eq(
		    read_answer(texts[i], false, &body), AICX_EAGAIN);
	buf_fini(&body);
}
END_TEST

START_TEST(what_is_no_http_is_refused)
{
	const char *texts[] = { "SSH-2.0-x\r\n\r\n", "HTTP/2 200\r\n\r\n",
		"HTTP/1.1 999 X\r\n\r\n", "HTTP/1.1 200 OK\r\nnocolon\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2"
		"\r\n\r\nab",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxx\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
		"1\r\nabc\r\n" };
	struct buf body = { 0 };

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		ck_assert_msg(
		    read_answer(texts[i], false, &body) == AICX_EINVAL,
		    "%s was taken", texts[i]);
	ck_assert_int_eq(read_answer("HTTP/1.1 200 OK\r\nContent-Length: "
				     "99999999999\r\n\r\n",
			     false, &body),
	    AICX_ELIMIT);
	buf_fini(&body);
}
END_TEST

START_TEST(parameters_fill_the_path_and_the_rest_goes_on)
{
	static const struct route get = { "m", "GET", "/v1/x/{id}/y", NULL };
	static const struct route post = { "m", "POST", "/v1/x/{id}", NULL };
	struct buf target = { 0 }, body = { 0 };
	struct aicx_error why;
	struct aicx_str params = STR("{\"id\":\"a b\",\"n\":3,\"t\":[\"u\","
				     "\"v&\"],\"m\":{\"amount\":\"1\","
				     "\"currency\":\"AIC\"}}");

	ck_assert_int_eq(
	    call_target(&get, params, &target, &body, NULL), AICX_OK);
	ck_assert_str_eq(
	    buf_cstr(&target), "/v1/x/a%20b/y?n=3&t=u&t=v%26&m=1%20AIC");
	ck_assert_uint_eq(body.len, 0);
	buf_clear(&target);
	ck_assert_int_eq(
	    call_target(&post, params, &target, &body, NULL), AICX_OK);
	ck_assert_str_eq(buf_cstr(&target), "/v1/x/a%20b");
	ck_assert_str_eq(buf_cstr(&body),
	    "{\"n\":3,\"t\":[\"u\",\"v&\"],\"m\":{\"amount\":\"1\","
	    "\"currency\":\"AIC\"}}");
	ck_assert_int_eq(
	    call_target(&get, STR("{}"), &target, &body, &why), AICX_EINVAL);
	ck_assert_ptr_nonnull(strstr(why.text, "\"id\" is missing"));
	buf_fini(&target);
	buf_fini(&body);
}
END_TEST

START_TEST(a_problem_becomes_an_error)
{
	struct aicx_error why;

	ck_assert_int_eq(
	    problem_parse(STR("{\"title\":\"T\",\"detail\":\"D\",\"code\":"
			      "\"no_offer\",\"field\":\"/need\"}"),
		404, &why),
	    AICX_EDENIED);
	ck_assert_str_eq(why.word, "no_offer");
	ck_assert_str_eq(why.text, "D");
	ck_assert_str_eq(why.field, "/need");
	ck_assert_ptr_nonnull(problem_hint(why.word));
	ck_assert_int_eq(problem_parse(STR("<html>"), 502, &why), AICX_EDENIED);
	ck_assert_ptr_nonnull(strstr(why.text, "502"));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("http");
	TCase *tcase = tcase_create("http");

	tcase_add_test(tcase, a_url_names_host_port_and_prefix);
	tcase_add_test(tcase, a_url_may_be_a_unix_socket_with_an_absolute_path);
	tcase_add_test(tcase, a_url_of_another_kind_is_refused);
	tcase_add_test(tcase, https_has_a_port_of_its_own);
	tcase_add_test(tcase, answers_of_three_forms_are_read);
	tcase_add_test(tcase, an_incomplete_answer_needs_more);
	tcase_add_test(tcase, what_is_no_http_is_refused);
	tcase_add_test(tcase, parameters_fill_the_path_and_the_rest_goes_on);
	tcase_add_test(tcase, a_problem_becomes_an_error);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
