/* SPDX-License-Identifier: Apache-2.0 */
/* http_limits_test.c - what is too much, and what is too slow. */
#include <check.h>
#include <string.h>

#include "test_site.h"

/* --- limits ---------------------------------------------------------- */

START_TEST(a_head_of_200_kb_is_431)
{
	struct site site = site_open();
	struct fake_client *client = connect_to(&site);
	char block[1000];

	memset(block, 'a', sizeof block);
	fake_text(site.fake, client, "GET / HTTP/1.1\r\n" HOST "X: ");
	for (size_t i = 0; i < 200; i++)
		fake_send(site.fake, client, block, sizeof block);
	ck_assert_int_eq(status_of(client), 431);
	ck_assert_uint_eq(count_answers(client), 1);
	ck_assert(client->eof);
	site_close(&site);
}
END_TEST

START_TEST(a_request_line_of_40_kb_is_414)
{
	struct site site = site_open();
	struct fake_client *client = connect_to(&site);
	static char text[40000];

	memset(text, 'a', sizeof text - 1);
	memcpy(text, "GET /", 5);
	fake_text(site.fake, client, text);
	ck_assert_int_eq(status_of(client), 414);
	ck_assert(has(client, "\"code\":\"too_large\""));
	ck_assert(client->eof);
	site_close(&site);
}
END_TEST

START_TEST(the_101st_field_is_431)
{
	struct site site = site_open();
	struct fake_client *client = connect_to(&site);

	fake_text(site.fake, client, "GET / HTTP/1.1\r\n" HOST);
	for (size_t i = 0; i < 100; i++)
		fake_text(site.fake, client, "X: y\r\n");
	fake_text(site.fake, client, "\r\n");
	ck_assert_int_eq(status_of(client), 431);
	site_close(&site);
}
END_TEST

START_TEST(one_hundred_fields_pass)
{
	struct site site = site_open();
	struct fake_client *client = connect_to(&site);

	fake_text(site.fake, client, "GET / HTTP/1.1\r\n" HOST);
	for (size_t i = 0; i < 99; i++)
		fake_text(site.fake, client, "X: y\r\n");
	fake_text(site.fake, client, "\r\n");
	ck_assert_int_eq(status_of(client), 200);
	site_close(&site);
}
END_TEST

START_TEST(small_chunks_beyond_the_limit_are_413)
{
	struct site site = site_prepare();
	struct fake_client *client;

	fake_set(site.settings, plugin, "max_body", 100, NULL);
	site_start(&site);
	client = connect_to(&site);
	fake_text(site.fake, client, CHUNKED);
	for (size_t i = 0; i < 10; i++)
		fake_text(site.fake, client, "a\r\n0123456789\r\n");
	ck_assert_str_eq(client->got.ptr, "");
	fake_text(site.fake, client, "1\r\n");
	ck_assert_int_eq(status_of(client), 413);
	ck_assert_uint_eq(site.fake->n_requests, 0);
	site_close(&site);
}
END_TEST

START_TEST(endless_trailers_are_refused)
{
	struct site site = site_open();
	struct fake_client *client = connect_to(&site);

	fake_text(site.fake, client, CHUNKED "0\r\n");
	for (size_t i = 0; i < 10000; i++)
		fake_text(site.fake, client, "Trailer: more\r\n");
	ck_assert_int_eq(status_of(client), 400);
	site_close(&site);
}
END_TEST

START_TEST(a_body_of_exactly_the_limit_passes)
{
	struct site site = site_prepare();
	struct fake_client *client;

	fake_set(site.settings, plugin, "max_body", 5, NULL);
	site_start(&site);
	client = connect_to(&site);
	fake_text(site.fake, client, CHUNKED "5\r\nhello\r\n0\r\n\r\n");
	ck_assert_int_eq(status_of(client), 200);
	fake_text(site.fake, client,
	    "POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhello");
	ck_assert_uint_eq(count_answers(client), 2);
	fake_text(site.fake, client,
	    "POST / HTTP/1.1\r\n" HOST "Content-Length: 6\r\n\r\n");
	ck_assert(has(client, "HTTP/1.1 413 "));
	site_close(&site);
}
END_TEST

START_TEST(a_crowd_is_turned_away_with_503)
{
	struct site site = site_prepare();
	struct fake_client *clients[3];

	fake_set(site.settings, plugin, "max_connections", 2, NULL);
	site_start(&site);
	for (size_t i = 0; i < 3; i++)
		clients[i] = connect_to(&site);
	ck_assert_int_eq(status_of(clients[2]), 503);
	ck_assert(has(clients[2], "Retry-After: 1\r\n"));
	ck_assert(clients[2]->eof);
	fake_text(site.fake, clients[1], HELLO);
	ck_assert_int_eq(status_of(clients[1]), 200);
	fake_eof(site.fake, clients[0]);
	ck_assert_ptr_null(clients[0]->stream);
	fake_text(site.fake, connect_to(&site), HELLO);
	ck_assert_int_eq(status_of(site.fake->clients), 200);
	site_close(&site);
}
END_TEST

START_TEST(one_address_cannot_take_all_connections)
{
	struct site site = site_prepare();
	struct fake_client *last;

	fake_set(site.settings, plugin, "max_per_address", 2, NULL);
	site_start(&site);
	(void)fake_connect(site.fake, "192.0.2.1:1");
	last = fake_connect(site.fake, "192.0.2.1:2");
	ck_assert_int_eq(
	    status_of(fake_connect(site.fake, "192.0.2.1:3")), 503);
	ck_assert(!fake_connect(site.fake, "192.0.2.11:1")->eof);
	ck_assert(!fake_connect(site.fake, "[2001:db8::1]:1")->eof);
	ck_assert(!fake_connect(site.fake, "[2001:db8::1]:2")->eof);
	ck_assert(fake_connect(site.fake, "[2001:db8::1]:3")->eof);
	fake_reset(site.fake, last);
	ck_assert(!fake_connect(site.fake, "192.0.2.1:4")->eof);
	for (size_t i = 0; i < 5; i++)
		ck_assert(!connect_to(&site)->eof);
	site_close(&site);
}
END_TEST

/* --- time ------------------------------------------------------------ */

/* Bodies that are not whole, of clients that wait. */
START_TEST(bodies_that_come_slowly_are_held_up_to_a_limit)
{
	struct site site = site_prepare();
	struct fake_client *one, *other;
	static char bytes[100000];

	memset(bytes, 'a', sizeof bytes);
	fake_set(site.settings, plugin, "max_held", 150000, NULL);
	site_start(&site);
	one = connect_to(&site);
	other = connect_to(&site);
	fake_text(site.fake, one,
	    "POST /x HTTP/1.1\r\n" HOST "Content-Length: 100001\r\n\r\n");
	fake_send(site.fake, one, bytes, sizeof bytes);
	ck_assert_uint_eq(count_answers(one), 0);
	fake_text(site.fake, other,
	    "POST /x HTTP/1.1\r\n" HOST "Content-Length: 100001\r\n\r\n");
	fake_send(site.fake, other, bytes, sizeof bytes);
	ck_assert_int_eq(status_of(other), 503);
	ck_assert(has(other, "Retry-After: 1"));
	/* The first is served, and then there is room again. */
	fake_text(site.fake, one, "a");
	ck_assert_int_eq(status_of(one), 200);
	other = connect_to(&site);
	fake_text(site.fake, other,
	    "POST /x HTTP/1.1\r\n" HOST "Content-Length: 100001\r\n\r\n");
	fake_send(site.fake, other, bytes, sizeof bytes);
	fake_text(site.fake, other, "a");
	ck_assert_int_eq(status_of(other), 200);
	site_close(&site);
}
END_TEST

START_TEST(a_head_must_be_whole_within_ten_seconds)
{
	struct site site = site_open();
	struct fake_client *slow = connect_to(&site);

	for (size_t i = 0; i < 9; i++) {
		fake_text(site.fake, slow, &"GET / HTTP/1.1"[i]);
		fake_advance(site.fake, 1000);
	}
	ck_assert(!slow->eof);
	fake_advance(site.fake, 2000);
	ck_assert_int_eq(status_of(slow), 408);
	ck_assert(slow->eof);
	site_close(&site);
}
END_TEST

START_TEST(a_stalled_head_delays_nobody_else)
{
	struct site site = site_open();
	struct fake_client *slow = connect_to(&site);

	fake_text(site.fake, slow, "GET / HTTP/1.1\r\nHo");
	for (size_t i = 0; i < 20; i++) {
		struct fake_client *client = connect_to(&site);

		fake_text(site.fake, client, HELLO);
		ck_assert_int_eq(status_of(client), 200);
	}
	fake_text(site.fake, slow, "st: a\r\n\r\n");
	ck_assert_int_eq(status_of(slow), 200);
	site_close(&site);
}
END_TEST

START_TEST(a_body_must_bring_1_kib_a_second)
{
	struct site site = site_open();
	struct fake_client *fast = connect_to(&site);
	struct fake_client *slow = connect_to(&site);
	char block[2048] = { 0 };

	fake_text(site.fake, fast,
	    "POST / HTTP/1.1\r\n" HOST "Content-Length: 1000000\r\n\r\n");
	fake_text(site.fake, slow,
	    "POST / HTTP/1.1\r\n" HOST "Content-Length: 1000000\r\n\r\n");
	for (size_t i = 0; i < 30; i++) {
		fake_send(site.fake, fast, block, sizeof block);
		fake_send(site.fake, slow, block, 100);
		fake_advance(site.fake, 1000);
	}
	ck_assert_int_eq(status_of(slow), 408);
	ck_assert(slow->eof);
	ck_assert_str_eq(fast->got.ptr, "");
	site_close(&site);
}
END_TEST

START_TEST(an_idle_connection_is_closed_after_a_minute)
{
	struct site site = site_open();
	struct fake_client *fresh = connect_to(&site);
	struct fake_client *used = connect_to(&site);

	fake_advance(site.fake, 30000);
	fake_text(site.fake, used, HELLO);
	fake_advance(site.fake, 29000);
	ck_assert(!fresh->eof);
	fake_advance(site.fake, 2000);
	ck_assert(fresh->eof);
	ck_assert_str_eq(fresh->got.ptr, "");
	fake_advance(site.fake, 28000);
	ck_assert(!used->eof);
	fake_advance(site.fake, 2000);
	ck_assert(used->eof);
	site_close(&site);
}
END_TEST

START_TEST(a_slow_answer_is_waited_for)
{
	struct site site = site_open();
	struct fake_client *client = connect_to(&site);

	site.fake->hold = true;
	fake_text(site.fake, client, HELLO);
	fake_advance(site.fake, 300000);
	ck_assert(!client->eof);
	fake_reply(site.fake->requests[0], 200, "{}");
	ck_assert_int_eq(status_of(client), 200);
	site_close(&site);
}
END_TEST

START_TEST(a_client_that_stops_reading_is_dropped)
{
	struct site site = site_open();
	struct fake_client *client = connect_to(&site);

	client->stalled = true;
	fake_text(site.fake, client, HELLO);
	fake_advance(site.fake, 29000);
	ck_assert_ptr_nonnull(client->stream);
	fake_advance(site.fake, 31000);
	ck_assert_ptr_null(client->stream);
	site_close(&site);
}
END_TEST

START_TEST(after_an_early_answer_the_rest_is_read_and_dropped)
{
	struct site site = site_open();
	struct fake_client *client = connect_to(&site);
	char block[1000] = { 0 };

	fake_text(site.fake, client,
	    "POST / HTTP/1.1\r\n" HOST "Content-Length: 100000000\r\n\r\n");
	ck_assert_int_eq(status_of(client), 413);
	for (size_t i = 0; i < 100; i++)
		fake_send(site.fake, client, block, sizeof block);
	ck_assert_ptr_nonnull(client->stream);
	fake_advance(site.fake, 6000);
	ck_assert_ptr_null(client->stream);
	ck_assert_uint_eq(count_answers(client), 1);
	site_close(&site);
}
END_TEST

START_TEST(without_connections_no_timer_runs)
{
	struct site site = site_open();
	struct fake_client *client = connect_to(&site);

	fake_eof(site.fake, client);
	ck_assert_ptr_null(client->stream);
	fake_advance(site.fake, 1000);
	fake_advance(site.fake, INT64_C(10000000000)); /* else it takes ages */
	client = connect_to(&site);
	fake_text(site.fake, client, HELLO);
	ck_assert_int_eq(status_of(client), 200);
	site_close(&site);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("transport_http");
	TCase *tcase = tcase_create("limits");

	tcase_add_test(tcase, a_head_of_200_kb_is_431);
	tcase_add_test(tcase, a_request_line_of_40_kb_is_414);
	tcase_add_test(tcase, the_101st_field_is_431);
	tcase_add_test(tcase, one_hundred_fields_pass);
	tcase_add_test(tcase, small_chunks_beyond_the_limit_are_413);
	tcase_add_test(tcase, endless_trailers_are_refused);
	tcase_add_test(tcase, a_body_of_exactly_the_limit_passes);
	tcase_add_test(tcase, a_crowd_is_turned_away_with_503);
	tcase_add_test(tcase, one_address_cannot_take_all_connections);
	tcase_add_test(tcase, bodies_that_come_slowly_are_held_up_to_a_limit);
	tcase_add_test(tcase, a_head_must_be_whole_within_ten_seconds);
	tcase_add_test(tcase, a_stalled_head_delays_nobody_else);
	tcase_add_test(tcase, a_body_must_bring_1_kib_a_second);
	tcase_add_test(tcase, an_idle_connection_is_closed_after_a_minute);
	tcase_add_test(tcase, a_slow_answer_is_waited_for);
	tcase_add_test(tcase, a_client_that_stops_reading_is_dropped);
	tcase_add_test(
	    tcase, after_an_early_answer_the_rest_is_read_and_dropped);
	tcase_add_test(tcase, without_connections_no_timer_runs);
	suite_add_tcase(suite, tcase);
	return site_run(suite);
}
