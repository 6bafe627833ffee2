/* SPDX-License-Identifier: Apache-2.0 */
/* ws_test.c - messages, pings and ends of a WebSocket, over a fake host. */
#include <check.h>
#include <string.h>

#include "test_frames.h"

/* --- messages -------------------------------------------------------- */

START_TEST(messages_of_any_length_arrive_and_return)
{
	static const size_t lengths[] = { 0, 1, 7, 8, 125, 126, 127, 700, 65535,
		65536, 100000 };
	struct site site = site_open();
	struct fake_client *client = upgraded(&site);
	size_t at = 0;

	site.fake->echo = true;
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		static char message[100000];
		struct seen seen;

		memset(message, 'a' + (int)i, lengths[i]);
		send_frame(&site, client, 0x81, message, lengths[i]);
		ck_assert_uint_eq(site.fake->n_messages, i + 1);
		ck_assert(next_frame(client, &at, &seen));
		ck_assert_uint_eq(seen.first, 0x81);
		ck_assert_uint_eq(seen.len, lengths[i]);
		ck_assert_mem_eq(seen.payload, message, lengths[i]);
	}
	site_close(&site);
}
END_TEST

/* Whatever the cuts, the same messages arrive. */
START_TEST(frames_may_be_cut_anywhere)
{
	size_t step = (size_t)_i;
	struct site site = site_open();
	struct fake_client *client = upgraded(&site);
	static struct text text;
	struct seen seen;
	size_t at = 0;
	static char big[70000];

	memset(big, 'b', sizeof big);
	text.len = 0;
	put_frame(&text, 0x81, "gr\xc3\xbc\xc3\x9f", 6);
	put_frame(&text, 0x01, "fra\xe2\x82", 5); /* a cut euro sign */
	put_frame(&text, 0x89, "ping", 4);
	put_frame(&text, 0x00, "\xac", 1);
	put_frame(&text, 0x80, "", 0);
	put_frame(&text, 0x81, big, sizeof big);
	put_frame(&text, 0x81, "last", 4);
	for (size_t i = 0; i < text.len; i += step)
		fake_send(site.fake, client, text.bytes + i,
		    i + step < text.len ? step : text.len - i);
	ck_assert_uint_eq(site.fake->n_messages, 4);
	ck_assert_str_eq(site.fake->messages[0].ptr, "gr\xc3\xbc\xc3\x9f");
	ck_assert_str_eq(site.fake->messages[1].ptr, "fra\xe2\x82\xac");
	ck_assert_uint_eq(site.fake->messages[2].len, sizeof big);
	ck_assert_str_eq(site.fake->messages[3].ptr, "last");
	ck_assert(next_frame(client, &at, &seen));
	ck_assert(is_frame(&seen, 0x8a, "ping"));
	ck_assert_uint_eq(at, client->got.len);
	site_close(&site);
}
END_TEST

START_TEST(a_message_of_exactly_the_limit_passes)
{
	struct site site = site_prepare();
	struct fake_client *client;
	static char message[1000];

	fake_set(site.settings, plugin, "max_message", 1000, NULL);
	site_start(&site);
	client = upgraded(&site);
	memset(message, 'm', sizeof message);
	send_frame(&site, client, 0x81, message, 1000);
	send_frame(&site, client, 0x01, message, 999);
	send_frame(&site, client, 0x80, message, 1);
	ck_assert_uint_eq(site.fake->n_messages, 2);
	send_frame(&site, client, 0x01, message, 999);
	send_frame(&site, client, 0x80, message, 2);
	ck_assert_uint_eq(site.fake->n_messages, 2);
	ck_assert_uint_eq(close_code(client), 1009);
	site_close(&site);
}
END_TEST

START_TEST(a_pong_answers_at_once_and_with_the_same_payload)
{
	struct site site = site_open();
	struct fake_client *client = upgraded(&site);

	send_frame(&site, client, 0x89, "", 0);
	ck_assert(got_only(client, 0x8a, ""));
	client->got.len = 0;
	send_frame(&site, client, 0x89, "here?", 5);
	ck_assert(got_only(client, 0x8a, "here?"));
	client->got.len = 0;
	send_frame(&site, client, 0x8a, "unasked", 7);
	ck_assert_uint_eq(client->got.len, 0);
	say(&site, client, "still here");
	ck_assert_uint_eq(site.fake->n_messages, 1);
	site_close(&site);
}
END_TEST

/* --- how connections end ----------------------------------------------- */

START_TEST(a_client_that_vanishes_frees_its_peer)
{
	struct site site = site_open();
	struct fake_client *a = upgraded(&site);
	struct fake_client *b = upgraded(&site);

	send_frame(&site, a, 0x01, "half", 4);
	fake_reset(site.fake, a);
	ck_assert_uint_eq(site.fake->n_peers, 1);
	fake_eof(site.fake, b);
	ck_assert_uint_eq(site.fake->n_peers, 0);
	ck_assert_ptr_null(b->stream);
	site_close(&site);
}
END_TEST

START_TEST(the_host_closes_and_the_client_echoes)
{
	struct site site = site_open();
	struct fake_client *client = upgraded(&site);
	struct aicx_peer *peer = site.fake->peer;
	struct aicx_str late = { "late", 4 };

	peer->ops->close(peer->conn, 1008, "not welcome");
	fake_turn(site.fake);
	ck_assert(got_only(client, 0x88,
	    "\x03\xf0"
	    "not welcome"));
	ck_assert_int_eq(peer->ops->send(peer->conn, late), AICX_ESTATE);
	ck_assert(!client->eof);
	say(&site, client, "was under way");
	ck_assert_uint_eq(site.fake->n_messages, 0);
	send_frame(&site, client, 0x88, "\x03\xf0", 2);
	ck_assert_uint_eq(close_code(client), 1008);
	ck_assert(client->eof);
	ck_assert_uint_eq(site.fake->n_peers, 0);
	site_close(&site);
}
END_TEST

START_TEST(a_client_that_never_echoes_is_dropped_after_five_seconds)
{
	struct site site = site_open();
	struct fake_client *client = upgraded(&site);
	struct aicx_peer *peer = site.fake->peer;

	peer->ops->close(peer->conn, 1000, NULL);
	fake_advance(site.fake, 4000);
	ck_assert_ptr_nonnull(client->stream);
	fake_advance(site.fake, 2000);
	ck_assert_ptr_null(client->stream);
	ck_assert_uint_eq(site.fake->n_peers, 0);
	site_close(&site);
}
END_TEST

START_TEST(draining_says_1001)
{
	struct site site = site_open();
	struct fake_client *client = upgraded(&site);

	plugin->drain(site.state);
	fake_turn(site.fake);
	ck_assert_uint_eq(close_code(client), 1001);
	site_close(&site);
}
END_TEST

START_TEST(a_silent_client_is_pinged_and_then_dropped)
{
	struct site site = site_open();
	struct fake_client *client = upgraded(&site);

	fake_advance(site.fake, 29000);
	ck_assert_uint_eq(client->got.len, 0);
	fake_advance(site.fake, 2000);
	ck_assert(got_only(client, 0x89, ""));
	client->got.len = 0;
	fake_advance(site.fake, 30000);
	ck_assert(got_only(client, 0x89, ""));
	ck_assert_ptr_nonnull(client->stream);
	fake_advance(site.fake, 31000);
	ck_assert_ptr_null(client->stream);
	ck_assert_uint_eq(site.fake->n_peers, 0);
	site_close(&site);
}
END_TEST

START_TEST(a_client_that_answers_pings_stays)
{
	struct site site = site_open();
	struct fake_client *client = upgraded(&site);

	for (size_t i = 0; i < 20; i++) {
		fake_advance(site.fake, 31000);
		ck_assert(got_only(client, 0x89, ""));
		client->got.len = 0;
		send_frame(&site, client, 0x8a, "", 0);
	}
	ck_assert_ptr_nonnull(client->stream);
	site_close(&site);
}
END_TEST

START_TEST(a_slow_reader_is_told_to_the_host)
{
	struct site site = site_prepare();
	struct fake_client *client;
	struct aicx_peer *peer;
	char block[1000] = { 0 };
	size_t n_sent = 0;

	fake_set(site.settings, plugin, "max_queue", 10000, NULL);
	site_start(&site);
	client = upgraded(&site);
	peer = site.fake->peer;
	client->stalled = true;
	while (peer->ops->send(peer->conn,
		   (struct aicx_str) { block, sizeof block }) == AICX_OK)
		ck_assert_uint_lt(n_sent++, 12);
	peer->ops->close(peer->conn, 1013, "reads too slowly");
	fake_unstall(site.fake, client);
	ck_assert_uint_eq(close_code(client), 1013);
	site_close(&site);
}
END_TEST

START_TEST(a_message_that_fills_the_queue_is_no_fault)
{
	struct site site = site_prepare();
	struct fake_client *client;
	static char message[5000];

	fake_set(site.settings, plugin, "max_queue", 4096, NULL);
	site_start(&site);
	client = upgraded(&site);
	site.fake->echo = true;
	client->stalled = true;
	memset(message, 'm', sizeof message);
	send_frame(&site, client, 0x01, message, 2500);
	send_frame(&site, client, 0x80, message + 2500, 2500);
	send_frame(&site, client, 0x89, "", 0);
	fake_unstall(site.fake, client);
	ck_assert_uint_eq(client->got.len, 4 + 5000 + 2);
	ck_assert_uint_eq(site.fake->n_peers, 1);
	site_close(&site);
}
END_TEST

START_TEST(pings_that_nobody_reads_the_answers_of_end_with_1013)
{
	struct site site = site_prepare();
	struct fake_client *client;
	char payload[125] = { 0 };

	fake_set(site.settings, plugin, "max_queue", 10000, NULL);
	fake_set(site.settings, plugin, "max_message", 10000, NULL);
	site_start(&site);
	client = upgraded(&site);
	client->stalled = true;
	for (size_t i = 0; i < 200; i++)
		send_frame(&site, client, 0x89, payload, sizeof payload);
	ck_assert_uint_eq(site.fake->n_peers, 0);
	fake_unstall(site.fake, client);
	ck_assert_uint_eq(close_code(client), 1013);
	site_close(&site);
}
END_TEST

START_TEST(fifty_connections_do_not_mix)
{
	struct site site = site_open();
	struct fake_client *clients[50];

	site.fake->echo = true;
	for (size_t i = 0; i < 50; i++)
		clients[i] = upgraded(&site);
	for (size_t i = 0; i < 50; i++) {
		const char name[2] = { (char)('0' + i), '\0' };

		say(&site, clients[i], name);
		ck_assert(got_only(clients[i], 0x81, name));
	}
	site_close(&site);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("transport_http");
	TCase *tcase = tcase_create("ws");

	tcase_add_test(tcase, messages_of_any_length_arrive_and_return);
	tcase_add_loop_test(tcase, frames_may_be_cut_anywhere, 1, 32);
	tcase_add_test(tcase, a_message_of_exactly_the_limit_passes);
	tcase_add_test(tcase, a_pong_answers_at_once_and_with_the_same_payload);
	tcase_add_test(tcase, a_client_that_vanishes_frees_its_peer);
	tcase_add_test(tcase, the_host_closes_and_the_client_echoes);
	tcase_add_test(
	    tcase, a_client_that_never_echoes_is_dropped_after_five_seconds);
	tcase_add_test(tcase, draining_says_1001);
	tcase_add_test(tcase, a_silent_client_is_pinged_and_then_dropped);
	tcase_add_test(tcase, a_client_that_answers_pings_stays);
	tcase_add_test(tcase, a_slow_reader_is_told_to_the_host);
	tcase_add_test(tcase, a_message_that_fills_the_queue_is_no_fault);
	tcase_add_test(
	    tcase, pings_that_nobody_reads_the_answers_of_end_with_1013);
	tcase_add_test(tcase, fifty_connections_do_not_mix);
	suite_add_tcase(suite, tcase);
	return site_run(suite);
}
