/* SPDX-License-Identifier: Apache-2.0 */
/* stream_test.c - answers in parts: their framing, their turn, their end. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "test_site.h"

static bool
ends(const struct fake_client *client, const char *text)
{
	size_t len = strlen(text);

	return client->got.len >= len &&
	    strcmp(client->got.ptr + client->got.len - len, text) == 0;
}

START_TEST(parts_leave_as_chunks_at_once)
{
	struct site site = site_open();
	struct fake_client *client = connect_to(&site);
	struct aicx_exchange *exchange;

	site.fake->hold = true;
	fake_text(site.fake, client, HELLO);
	exchange = site.fake->requests[0];
	fake_begin(exchange, 200);
	ck_assert(has(client, "HTTP/1.1 200 OK\r\n"));
	ck_assert(has(client, "Content-Type: text/event-stream\r\n"));
	ck_assert(has(client, "Transfer-Encoding: chunked\r\n"));
	ck_assert(!has(client, "Content-Length"));
	ck_assert_int_eq(fake_part(exchange, "data: 1\n\n"), AICX_OK);
	ck_assert(ends(client, "\r\n\r\n9\r\ndata: 1\n\n\r\n"));
	ck_assert_int_eq(fake_part(exchange, ""), AICX_OK);
	ck_assert_int_eq(fake_part(exchange, "data: 22\n\n"), AICX_OK);
	ck_assert(ends(client, "a\r\ndata: 22\n\n\r\n"));
	fake_end(exchange, true);
	ck_assert(ends(client, "\r\n0\r\n\r\n"));
	ck_assert(!client->eof);
	site.fake->hold = false;
	fake_text(site.fake, client, HELLO);
	ck_assert(has(client, "0\r\n\r\nHTTP/1.1 200 OK\r\n"));
	site_close(&site);
}
END_TEST

START_TEST(an_http_1_0_stream_ends_with_its_connection)
{
	struct site site = site_open();
	struct fake_client *client = connect_to(&site);

	site.fake->hold = true;
	fake_text(site.fake, client,
	    "GET / HTTP/1.0\r\n" HOST "Connection: keep-alive\r\n\r\n");
	fake_begin(site.fake->requests[0], 200);
	(void)fake_part(site.fake->requests[0], "one");
	ck_assert(!has(client, "chunked"));
	ck_assert(has(client, "Connection: close\r\n"));
	ck_assert(ends(client, "\r\n\r\none"));
	fake_end(site.fake->requests[0], true);
	ck_assert(ends(client, "\r\n\r\none"));
	ck_assert(client->eof);
	site_close(&site);
}
END_TEST

START_TEST(a_head_of_a_stream_has_no_parts)
{
	struct site site = site_open();
	struct fake_client *client = connect_to(&site);

	site.fake->hold = true;
	fake_text(site.fake, client, "HEAD / HTTP/1.1\r\n" HOST "\r\n");
	fake_begin(site.fake->requests[0], 200);
	(void)fake_part(site.fake->requests[0], "one");
	fake_end(site.fake->requests[0], true);
	ck_assert(ends(client, "chunked\r\n\r\n"));
	ck_assert(!client->eof);
	site_close(&site);
}
END_TEST

START_TEST(a_stream_waits_for_its_turn)
{
	struct site site = site_open();
	struct fake_client *client = connect_to(&site);

	site.fake->hold = true;
	fake_text(site.fake, client, HELLO HELLO);
	fake_begin(site.fake->requests[1], 200);
	(void)fake_part(site.fake->requests[1], "early");
	ck_assert_str_eq(client->got.ptr, "");
	fake_reply(site.fake->requests[0], 201, "first");
	ck_assert(has(client, "HTTP/1.1 201 Created\r\n"));
	ck_assert(ends(client, "5\r\nearly\r\n"));
	(void)fake_part(site.fake->requests[1], "late");
	fake_end(site.fake->requests[1], true);
	ck_assert(ends(client, "4\r\nlate\r\n0\r\n\r\n"));
	site_close(&site);
}
END_TEST

START_TEST(a_stream_broken_off_is_not_complete)
{
	struct site site = site_open();
	struct fake_client *client = connect_to(&site);

	site.fake->hold = true;
	fake_text(site.fake, client, HELLO);
	fake_begin(site.fake->requests[0], 200);
	(void)fake_part(site.fake->requests[0], "half");
	fake_end(site.fake->requests[0], false);
	ck_assert(ends(client, "4\r\nhalf\r\n"));
	ck_assert(client->eof);
	site_close(&site);
}
END_TEST

START_TEST(who_closes_gives_up_a_stream)
{
	struct site site = site_open();
	struct fake_client *closed = connect_to(&site);
	struct fake_client *reset = connect_to(&site);

	site.fake->hold = true;
	fake_text(site.fake, closed, HELLO);
	fake_text(site.fake, reset, HELLO);
	fake_begin(site.fake->requests[0], 200);
	fake_begin(site.fake->requests[1], 200);
	fake_eof(site.fake, closed);
	ck_assert(site.fake->requests[0]->cancelled);
	ck_assert_ptr_null(closed->stream);
	fake_reset(site.fake, reset);
	ck_assert(site.fake->requests[1]->cancelled);
	site_close(&site);
}
END_TEST

START_TEST(a_slow_reader_pushes_back_and_is_cut_off)
{
	struct site site = site_prepare();
	struct fake_client *client;
	struct aicx_exchange *exchange;
	char part[1001] = { 0 };

	memset(part, 'p', sizeof part - 1);
	fake_set(site.settings, plugin, "max_queue", 4096, NULL);
	site_start(&site);
	client = connect_to(&site);
	site.fake->hold = true;
	fake_text(site.fake, client, HELLO);
	exchange = site.fake->requests[0];
	fake_begin(exchange, 200);
	client->stalled = true;
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(fake_part(exchange, part), AICX_OK);
	ck_assert_int_eq(fake_part(exchange, part), AICX_EAGAIN);
	ck_assert(exchange->refused);
	fake_unstall(site.fake, client);
	ck_assert(!exchange->refused); /* told that there is room again */
	ck_assert_int_eq(fake_part(exchange, part), AICX_OK);
	client->stalled = true;
	ck_assert_int_eq(fake_part(exchange, part), AICX_OK);
	fake_advance(site.fake, 61000);
	ck_assert(exchange->cancelled);
	ck_assert_ptr_null(client->stream);
	site_close(&site);
}
END_TEST

START_TEST(a_large_part_passes_when_nothing_waits)
{
	struct site site = site_prepare();
	struct fake_client *client;
	char part[10001] = { 0 };

	memset(part, 'p', sizeof part - 1);
	fake_set(site.settings, plugin, "max_queue", 4096, NULL);
	site_start(&site);
	client = connect_to(&site);
	site.fake->hold = true;
	fake_text(site.fake, client, HELLO);
	fake_begin(site.fake->requests[0], 200);
	ck_assert_int_eq(fake_part(site.fake->requests[0], part), AICX_OK);
	fake_end(site.fake->requests[0], true);
	ck_assert(has(client, "2710\r\nppp"));
	site_close(&site);
}
END_TEST

static Suite *
suite(void)
{
	const TTest *const all[] = { parts_leave_as_chunks_at_once,
		an_http_1_0_stream_ends_with_its_connection,
		a_head_of_a_stream_has_no_parts, a_stream_waits_for_its_turn,
		a_stream_broken_off_is_not_complete,
		who_closes_gives_up_a_stream,
		a_slow_reader_pushes_back_and_is_cut_off,
		a_large_part_passes_when_nothing_waits };
	Suite *suite = suite_create("streams");
	TCase *tcase = tcase_create("streams");

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		tcase_add_test(tcase, all[i]);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	return site_run(suite());
}
