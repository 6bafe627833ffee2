/* SPDX-License-Identifier: Apache-2.0 */
/*
 * transport_http_test.c - HTTP/1.1 as clients speak it, over a fake host: its
 * clock moves by hand, its clients are buffers.
 */
#include <aiconexus/transport.h>
#include <check.h>
#include <string.h>

#include "test_site.h"

/* --- what reaches the gateway ---------------------------------------- */

START_TEST(a_request_arrives_decoded_and_whole)
{
	struct site site = site_open();
	struct fake_client *client = connect_to(&site);
	struct aicx_exchange *request;

	site.fake->hold = true;
	fake_text(site.fake, client,
	    "POST http://localhost/a%20b%2Fc?d=%20e&f HTTP/1.1\r\n" HOST
	    "Content-Length: 5\r\n\r\nhel");
	ck_assert_uint_eq(site.fake->n_requests, 0);
	fake_text(site.fake, client, "lo");
	ck_assert_uint_eq(site.fake->n_requests, 1);
	request = site.fake->requests[0];
	ck_assert_str_eq(request->method, "POST");
	ck_assert_str_eq(request->path, "/a b/c");
	ck_assert_str_eq(request->query, "d=%20e&f");
	ck_assert_str_eq(request->body.ptr, "hello");
	fake_reply(request, 200, "{}");
	ck_assert_int_eq(status_of(client), 200);
	ck_assert(has(client, "Content-Type: application/json\r\n"));
	ck_assert(has(client, "Content-Length: 2\r\n"));
	ck_assert(has(client, "Keep-Alive: timeout=60\r\n"));
	ck_assert(has(client, "\r\nDate: Tue, 14 Nov 2023 22:"));
	site_close(&site);
}
END_TEST

START_TEST(chunks_arrive_joined)
{
	struct site site = site_open();
	struct fake_client *client = connect_to(&site);

	fake_text(site.fake, client,
	    CHUNKED
	    "5\r\nhello\r\n1;q=\"x\"\r\n \r\n005\r\nworld\r\n0\r\n\r\n");
	ck_assert_str_eq(site.fake->requests[0]->body.ptr, "hello world");
	site_close(&site);
}
END_TEST

START_TEST(a_head_of_a_get_is_the_same_without_body)
{
	struct site site = site_open();
	struct fake_client *client = connect_to(&site);
	const char *at = client->got.ptr;

	fake_text(site.fake, client, "HEAD /hello HTTP/1.1\r\n" HOST "\r\n");
	at = client->got.ptr;
	ck_assert_int_eq(next_status(&at, false), 200);
	ck_assert(has(client, "Content-Length: 6\r\n"));
	ck_assert_str_eq(at, "");
	site_close(&site);
}
END_TEST

START_TEST(a_204_has_neither_length_nor_body)
{
	struct site site = site_open();
	struct fake_client *client = connect_to(&site);

	site.fake->hold = true;
	fake_text(site.fake, client, "OPTIONS * HTTP/1.1\r\n" HOST "\r\n");
	ck_assert_str_eq(site.fake->requests[0]->path, "*");
	fake_reply(site.fake->requests[0], 204, "nothing of this");
	ck_assert_int_eq(status_of(client), 204);
	ck_assert(!has(client, "Content-Length"));
	ck_assert(!has(client, "nothing"));
	site_close(&site);
}
END_TEST

START_TEST(hundreds_of_requests_share_a_connection)
{
	struct site site = site_open();
	struct fake_client *client = connect_to(&site);

	for (size_t i = 0; i < 200; i++)
		fake_text(site.fake, client, HELLO);
	ck_assert_uint_eq(count_answers(client), 200);
	ck_assert(!client->eof);
	site_close(&site);
}
END_TEST

/* --- order and back-pressure ----------------------------------------- */

START_TEST(answers_leave_in_the_order_of_requests)
{
	struct site site = site_open();
	struct fake_client *client = connect_to(&site);

	site.fake->hold = true;
	fake_text(site.fake, client,
	    "GET /1 HTTP/1.1\r\n" HOST "\r\n"
	    "GET /2 HTTP/1.1\r\n" HOST "\r\n"
	    "GET /3 HTTP/1.1\r\n" HOST "\r\n");
	ck_assert_uint_eq(site.fake->n_requests, 3);
	fake_reply(site.fake->requests[2], 203, "three");
	fake_reply(site.fake->requests[1], 202, "two");
	ck_assert_str_eq(client->got.ptr, "");
	fake_reply(site.fake->requests[0], 201, "one");
	ck_assert_uint_eq(count_answers(client), 3);
	ck_assert(
	    strstr(client->got.ptr, "one") < strstr(client->got.ptr, "two"));
	ck_assert(
	    strstr(client->got.ptr, "two") < strstr(client->got.ptr, "three"));
	site_close(&site);
}
END_TEST

START_TEST(a_refusal_waits_for_the_answers_before_it)
{
	struct site site = site_open();
	struct fake_client *client = connect_to(&site);

	site.fake->hold = true;
	fake_text(site.fake, client, HELLO "nonsense\r\n\r\n" HELLO);
	ck_assert_uint_eq(site.fake->n_requests, 1);
	ck_assert_str_eq(client->got.ptr, "");
	fake_reply(site.fake->requests[0], 200, "{}");
	ck_assert_uint_eq(count_answers(client), 2);
	ck_assert(has(client, "HTTP/1.1 400 "));
	ck_assert(client->eof);
	site_close(&site);
}
END_TEST

START_TEST(the_65th_unanswered_request_is_not_read)
{
	struct site site = site_open();
	struct fake_client *client = connect_to(&site);
	char all[100 * sizeof HELLO] = "";

	for (size_t i = 0; i < 100; i++)
		strcat(all, HELLO);
	site.fake->hold = true;
	fake_text(site.fake, client, all);
	ck_assert_uint_eq(site.fake->n_requests, 64);
	fake_text(site.fake, client, HELLO);
	ck_assert_uint_eq(site.fake->n_requests, 64);
	for (size_t i = 0; i < 101; i++)
		fake_reply(site.fake->requests[i], 200, "{}");
	ck_assert_uint_eq(site.fake->n_requests, 101);
	ck_assert_uint_eq(count_answers(client), 101);
	site_close(&site);
}
END_TEST

START_TEST(a_client_that_does_not_read_is_not_read)
{
	struct site site = site_prepare();
	struct fake_client *client;

	fake_set(site.settings, plugin, "max_queue", 4096, NULL);
	site_start(&site);
	client = connect_to(&site);
	client->stalled = true;
	for (size_t i = 0; i < 100; i++)
		fake_text(site.fake, client, HELLO);
	ck_assert_uint_lt(site.fake->n_requests, 40);
	fake_unstall(site.fake, client);
	ck_assert_uint_eq(site.fake->n_requests, 100);
	ck_assert_uint_eq(count_answers(client), 100);
	site_close(&site);
}
END_TEST

/* --- ends ------------------------------------------------------------ */

START_TEST(expect_gets_100_before_the_body)
{
	struct site site = site_open();
	struct fake_client *client = connect_to(&site);

	fake_text(site.fake, client,
	    "POST / HTTP/1.1\r\n" HOST
	    "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n");
	ck_assert_str_eq(client->got.ptr, "HTTP/1.1 100 Continue\r\n\r\n");
	fake_text(site.fake, client, "hello");
	ck_assert(has(client, "HTTP/1.1 200 "));
	site_close(&site);
}
END_TEST

START_TEST(expect_with_too_long_a_body_gets_the_refusal_at_once)
{
	struct site site = site_open();
	struct fake_client *client = connect_to(&site);

	fake_text(site.fake, client,
	    "POST / HTTP/1.1\r\n" HOST
	    "Content-Length: 5000000\r\nExpect: 100-continue\r\n\r\n");
	ck_assert_int_eq(status_of(client), 413);
	site_close(&site);
}
END_TEST

START_TEST(a_100_waits_for_the_answers_before_it)
{
	struct site site = site_open();
	struct fake_client *client = connect_to(&site);

	site.fake->hold = true;
	fake_text(site.fake, client,
	    HELLO "POST / HTTP/1.1\r\n" HOST
		  "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n");
	ck_assert_str_eq(client->got.ptr, "");
	fake_reply(site.fake->requests[0], 200, "first");
	ck_assert_int_eq(status_of(client), 200);
	ck_assert(has(client, "firstHTTP/1.1 100 Continue\r\n\r\n"));
	site_close(&site);
}
END_TEST

START_TEST(a_half_closed_client_gets_its_answers)
{
	struct site site = site_open();
	struct fake_client *client = connect_to(&site);

	site.fake->hold = true;
	fake_text(site.fake, client, HELLO HELLO);
	fake_eof(site.fake, client);
	ck_assert(!client->eof);
	fake_reply(site.fake->requests[1], 200, "b");
	fake_reply(site.fake->requests[0], 200, "a");
	ck_assert_uint_eq(count_answers(client), 2);
	ck_assert_ptr_null(client->stream);
	site_close(&site);
}
END_TEST

START_TEST(half_a_request_is_forgotten)
{
	struct site site = site_open();
	struct fake_client *client = connect_to(&site);

	fake_text(site.fake, client,
	    "POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhe");
	fake_eof(site.fake, client);
	ck_assert_ptr_null(client->stream);
	ck_assert_str_eq(client->got.ptr, "");
	ck_assert_uint_eq(site.fake->n_requests, 0);
	site_close(&site);
}
END_TEST

START_TEST(a_client_that_goes_away_cancels_its_requests)
{
	struct site site = site_open();
	struct fake_client *client = connect_to(&site);

	site.fake->hold = true;
	fake_text(site.fake, client, HELLO HELLO);
	fake_reply(site.fake->requests[1], 200, "{}");
	fake_reset(site.fake, client);
	ck_assert(site.fake->requests[0]->cancelled);
	ck_assert(!site.fake->requests[1]->cancelled);
	site_close(&site);
}
END_TEST

START_TEST(closing_cancels_what_is_unanswered)
{
	struct site site = site_open();
	struct fake *fake = site.fake;
	struct fake_client *client = connect_to(&site);

	fake->hold = true;
	fake_text(fake, client, HELLO);
	plugin->close(site.state);
	ck_assert(fake->requests[0]->cancelled);
	ck_assert_ptr_null(client->stream);
	ck_assert_ptr_null(fake->listener);
	site_forget(&site);
}
END_TEST

START_TEST(draining_finishes_what_is_in_flight)
{
	struct site site = site_open();
	struct fake_client *idle = connect_to(&site);
	struct fake_client *busy = connect_to(&site);
	struct fake_client *late = connect_to(&site);

	site.fake->hold = true;
	fake_text(site.fake, busy, HELLO);
	fake_text(site.fake, late, HELLO);
	plugin->drain(site.state);
	fake_turn(site.fake);
	ck_assert_ptr_null(site.fake->listener);
	ck_assert(idle->eof);
	ck_assert(!busy->eof);
	fake_text(site.fake, late, HELLO);
	fake_reply(site.fake->requests[0], 200, "{}");
	ck_assert_int_eq(status_of(busy), 200);
	ck_assert(has(busy, "Connection: close\r\n"));
	ck_assert(busy->eof);
	fake_reply(site.fake->requests[1], 200, "{}");
	ck_assert_uint_eq(count_answers(late), 2);
	ck_assert(has(late, "HTTP/1.1 503 "));
	ck_assert(late->eof);
	site_close(&site);
}
END_TEST

START_TEST(listen_overrides_the_configured_address)
{
	struct site site = site_prepare();
	struct aicx_error error = { 0 };
	const struct aicx_transport_ops *ops = plugin->ops.transport;

	ck_assert_int_eq(plugin->open(&site.fake->table, fake_self(site.fake),
			     site.settings, &site.state, &error),
	    AICX_OK);
	ck_assert_str_eq(ops->address(site.state), "");
	ck_assert_int_eq(
	    ops->start(site.state, "127.0.0.1:9", &error), AICX_OK);
	ck_assert_str_eq(ops->address(site.state), "127.0.0.1:9");
	site_close(&site);
}
END_TEST

START_TEST(a_ws_path_without_slash_is_refused)
{
	struct site site = site_prepare();
	struct aicx_error error = { 0 };

	fake_set(site.settings, plugin, "ws_path", 0, "ws");
	ck_assert_int_eq(plugin->open(&site.fake->table, fake_self(site.fake),
			     site.settings, &site.state, &error),
	    AICX_EINVAL);
	ck_assert_str_eq(error.text, "ws_path does not begin with /");
	ck_assert_ptr_null(site.fake->timers);
	site_forget(&site);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("transport_http");
	TCase *tcase = tcase_create("http");

	tcase_add_test(tcase, a_request_arrives_decoded_and_whole);
	tcase_add_test(tcase, chunks_arrive_joined);
	tcase_add_test(tcase, a_head_of_a_get_is_the_same_without_body);
	tcase_add_test(tcase, a_204_has_neither_length_nor_body);
	tcase_add_test(tcase, hundreds_of_requests_share_a_connection);
	tcase_add_test(tcase, answers_leave_in_the_order_of_requests);
	tcase_add_test(tcase, a_refusal_waits_for_the_answers_before_it);
	tcase_add_test(tcase, the_65th_unanswered_request_is_not_read);
	tcase_add_test(tcase, a_client_that_does_not_read_is_not_read);
	tcase_add_test(tcase, expect_gets_100_before_the_body);
	tcase_add_test(
	    tcase, expect_with_too_long_a_body_gets_the_refusal_at_once);
	tcase_add_test(tcase, a_100_waits_for_the_answers_before_it);
	tcase_add_test(tcase, a_half_closed_client_gets_its_answers);
	tcase_add_test(tcase, half_a_request_is_forgotten);
	tcase_add_test(tcase, a_client_that_goes_away_cancels_its_requests);
	tcase_add_test(tcase, closing_cancels_what_is_unanswered);
	tcase_add_test(tcase, draining_finishes_what_is_in_flight);
	tcase_add_test(tcase, listen_overrides_the_configured_address);
	tcase_add_test(tcase, a_ws_path_without_slash_is_refused);
	suite_add_tcase(suite, tcase);
	return site_run(suite);
}
