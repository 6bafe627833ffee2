/* SPDX-License-Identifier: Apache-2.0 */
/* ws_upgrade_test.c - from HTTP to WebSocket, and who may not (RFC 6455 section
   4.2). */
#include <check.h>
#include <string.h>

#include "test_frames.h"

START_TEST(an_upgrade_is_accepted_with_the_digest_of_the_key)
{
	struct site site = site_open();
	struct fake_client *client = connect_to(&site);

	fake_text(site.fake, client, HELLO_WS "\r\n");
	ck_assert(has(client, "HTTP/1.1 101 Switching Protocols\r\n"));
	ck_assert(has(client, ACCEPT));
	ck_assert(has(client, "Upgrade: websocket\r\n"));
	ck_assert(has(client, "Connection: Upgrade\r\n"));
	ck_assert(!has(client, "Sec-WebSocket-Protocol"));
	ck_assert(!has(client, "Sec-WebSocket-Extensions"));
	ck_assert_ptr_nonnull(site.fake->peer);
	ck_assert(!site.fake->peer->has_credential);
	ck_assert(site.fake->peer->secure);
	site_close(&site);
}
END_TEST

START_TEST(names_and_lists_are_read_without_regard_to_case)
{
	struct site site = site_open();
	struct fake_client *client = connect_to(&site);

	fake_text(site.fake, client,
	    "GET /ws?x=y HTTP/1.1\r\nhost: localhost\r\nupgrade: WebSocket\r\n"
	    "connection: keep-alive, UPGRADE\r\nsec-websocket-version: 13\r\n"
	    "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
	    "Sec-WebSocket-Extensions: permessage-deflate\r\n"
	    "Sec-WebSocket-Protocol: other, aiconexus.v1\r\n\r\n");
	ck_assert(has(client, "HTTP/1.1 101 "));
	ck_assert(has(client, "Sec-WebSocket-Protocol: aiconexus.v1\r\n"));
	ck_assert(!has(client, "Sec-WebSocket-Extensions"));
	site_close(&site);
}
END_TEST

START_TEST(an_unknown_subprotocol_is_not_echoed)
{
	struct site site = site_open();
	struct fake_client *client = connect_to(&site);

	fake_text(site.fake, client,
	    HELLO_WS "Sec-WebSocket-Protocol: aiconexus.v2, x\r\n\r\n");
	ck_assert(has(client, "HTTP/1.1 101 "));
	ck_assert(!has(client, "Sec-WebSocket-Protocol"));
	site_close(&site);
}
END_TEST

struct refusal {
	const char *what, *request, *answer, *header;
};

static const struct refusal refusals[] = {
	{ "no upgrade", GET_WS "\r\n", "HTTP/1.1 426 ",
	    "Upgrade: websocket\r\n" },
	{ "another upgrade",
	    GET_WS "Upgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
	    "HTTP/1.1 426 ", "Sec-WebSocket-Version: 13\r\n" },
	{ "no Connection", GET_WS "Upgrade: websocket\r\n" VERSION KEY "\r\n",
	    "HTTP/1.1 426 ", "" },
	{ "no version", GET_WS UPGRADE KEY "\r\n", "HTTP/1.1 426 ",
	    "Sec-WebSocket-Version: 13\r\n" },
	{ "version 8", GET_WS UPGRADE KEY "Sec-WebSocket-Version: 8\r\n\r\n",
	    "HTTP/1.1 426 ", "Sec-WebSocket-Version: 13\r\n" },
	{ "no key", GET_WS UPGRADE VERSION "\r\n", "HTTP/1.1 400 ", "" },
	{ "two keys", HELLO_WS KEY "\r\n", "HTTP/1.1 400 ", "" },
	{ "a short key",
	    GET_WS UPGRADE VERSION
	    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j\r\n\r\n",
	    "HTTP/1.1 400 ", "" },
	{ "a key with loose bits",
	    GET_WS UPGRADE VERSION
	    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZR==\r\n\r\n",
	    "HTTP/1.1 400 ", "" },
	{ "a key that is no base64",
	    GET_WS UPGRADE VERSION
	    "Sec-WebSocket-Key: dGhlIHNhbXBs!SBub25jZQ==\r\n\r\n",
	    "HTTP/1.1 400 ", "" },
	{ "POST",
	    "POST /ws HTTP/1.1\r\nHost: localhost\r\n" UPGRADE VERSION KEY
	    "\r\n",
	    "HTTP/1.1 405 ", "Allow: GET\r\n" },
	{ "HTTP/1.0",
	    "GET /ws HTTP/1.0\r\nHost: localhost\r\n" UPGRADE VERSION KEY
	    "\r\n",
	    "HTTP/1.1 426 ", "" },
	{ "a body", HELLO_WS "Content-Length: 1\r\n\r\n", "HTTP/1.1 400 ", "" },
	{ "basic authentication",
	    HELLO_WS "Authorization: Basic Zm9vOmJhcg==\r\n\r\n",
	    "HTTP/1.1 401 ",
	    "WWW-Authenticate: Bearer realm=\"aiconexus\"\r\n" },
	{ "a bearer without token", HELLO_WS "Authorization: Bearer\r\n\r\n",
	    "HTTP/1.1 401 ", "" },
	{ "two credentials",
	    HELLO_WS
	    "Authorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n",
	    "HTTP/1.1 401 ", "" },
	{ "a foreign Origin", HELLO_WS "Origin: http://evil.test\r\n\r\n",
	    "HTTP/1.1 403 ", "" },
	{ "a null Origin", HELLO_WS "Origin: null\r\n\r\n", "HTTP/1.1 403 ",
	    "" },
	{ "an Origin of our host as path",
	    HELLO_WS "Origin: http:///localhost\r\n\r\n", "HTTP/1.1 403 ", "" },
};

START_TEST(a_wrong_upgrade_is_refused)
{
	const struct refusal *row = &refusals[_i];
	struct site site = site_open();
	struct fake_client *client = connect_to(&site);

	fake_text(site.fake, client, row->request);
	ck_assert_msg(
	    strncmp(client->got.ptr, row->answer, strlen(row->answer)) == 0 &&
		has(client, row->header),
	    "%s: %s", row->what, client->got.ptr);
	ck_assert_uint_eq(site.fake->n_peers, 0);
	ck_assert(client->eof);
	site_close(&site);
}
END_TEST

START_TEST(our_own_pages_and_listed_ones_may_connect)
{
	struct site site = site_prepare();
	struct fake_client *client;

	fake_set(site.settings, plugin, "origins", 0,
	    "https://a.test, https://console.test");
	site_start(&site);
	client = connect_to(&site);
	fake_text(
	    site.fake, client, HELLO_WS "Origin: http://localhost\r\n\r\n");
	ck_assert(has(client, "HTTP/1.1 101 "));
	client = connect_to(&site);
	fake_text(
	    site.fake, client, HELLO_WS "Origin: https://console.test\r\n\r\n");
	ck_assert(has(client, "HTTP/1.1 101 "));
	client = connect_to(&site);
	fake_text(site.fake, client, HELLO_WS "Origin: https://b.test\r\n\r\n");
	ck_assert(has(client, "HTTP/1.1 403 "));
	site_close(&site);
}
END_TEST

START_TEST(the_credential_reaches_the_host)
{
	struct site site = site_open();
	struct fake_client *client = connect_to(&site);

	fake_text(site.fake, client,
	    HELLO_WS "Authorization: bearer aicx_abc-_9\r\n\r\n");
	ck_assert(site.fake->peer->has_credential);
	ck_assert_str_eq(site.fake->peer->credential, "aicx_abc-_9");
	client = fake_connect(site.fake, "192.0.2.1:9");
	fake_text(site.fake, client, HELLO_WS "\r\n");
	ck_assert(!site.fake->peer->secure);
	site_close(&site);
}
END_TEST

START_TEST(a_wrong_credential_is_401_before_any_101)
{
	struct site site = site_open();
	struct fake_client *client = connect_to(&site);

	site.fake->peer_error = AICX_EDENIED;
	fake_text(
	    site.fake, client, HELLO_WS "Authorization: Bearer x\r\n\r\n");
	ck_assert(has(client, "HTTP/1.1 401 "));
	ck_assert(
	    has(client, "WWW-Authenticate: Bearer realm=\"aiconexus\"\r\n"));
	ck_assert(!has(client, " 101 "));
	site_close(&site);
}
END_TEST

START_TEST(a_full_house_is_503)
{
	struct site site = site_open();
	struct fake_client *client = connect_to(&site);

	site.fake->peer_error = AICX_ELIMIT;
	fake_text(site.fake, client, HELLO_WS "\r\n");
	ck_assert(has(client, "HTTP/1.1 503 "));
	ck_assert(has(client, "Retry-After: 1\r\n"));
	site_close(&site);
}
END_TEST

START_TEST(what_the_host_says_at_once_follows_the_101)
{
	struct site site = site_open();
	struct fake_client *client = connect_to(&site);

	site.fake->peer_greeting = "{\"challenge\":1}";
	fake_text(site.fake, client, HELLO_WS "\r\n");
	ck_assert(strncmp(client->got.ptr, "HTTP/1.1 101 ", 13) == 0);
	ck_assert(has(client, "\r\n\r\n\x81\x0f{\"challenge\":1}"));
	site_close(&site);
}
END_TEST

START_TEST(frames_behind_the_upgrade_are_not_lost)
{
	struct site site = site_open();
	struct fake_client *client = connect_to(&site);
	struct text text = { .len = 0 };

	put_bytes(&text, HELLO_WS "\r\n", strlen(HELLO_WS "\r\n"));
	put_frame(&text, 0x81, "one", 3);
	put_frame(&text, 0x81, "two", 3);
	fake_send(site.fake, client, text.bytes, text.len);
	ck_assert_uint_eq(site.fake->n_messages, 2);
	ck_assert_str_eq(site.fake->messages[1].ptr, "two");
	site_close(&site);
}
END_TEST

START_TEST(an_upgrade_behind_an_unanswered_request_is_refused)
{
	struct site site = site_open();
	struct fake_client *client = connect_to(&site);

	site.fake->hold = true;
	fake_text(site.fake, client,
	    "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" HELLO_WS "\r\n");
	ck_assert_uint_eq(site.fake->n_peers, 0);
	fake_reply(site.fake->requests[0], 200, "");
	ck_assert(has(client, "HTTP/1.1 400 "));
	site_close(&site);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("transport_http");
	TCase *tcase = tcase_create("upgrade");

	tcase_add_test(
	    tcase, an_upgrade_is_accepted_with_the_digest_of_the_key);
	tcase_add_test(tcase, names_and_lists_are_read_without_regard_to_case);
	tcase_add_test(tcase, an_unknown_subprotocol_is_not_echoed);
	tcase_add_loop_test(tcase, a_wrong_upgrade_is_refused, 0,
	    (int)(sizeof refusals / sizeof *refusals));
	tcase_add_test(tcase, our_own_pages_and_listed_ones_may_connect);
	tcase_add_test(tcase, the_credential_reaches_the_host);
	tcase_add_test(tcase, a_wrong_credential_is_401_before_any_101);
	tcase_add_test(tcase, a_full_house_is_503);
	tcase_add_test(tcase, what_the_host_says_at_once_follows_the_101);
	tcase_add_test(tcase, frames_behind_the_upgrade_are_not_lost);
	tcase_add_test(
	    tcase, an_upgrade_behind_an_unanswered_request_is_refused);
	suite_add_tcase(suite, tcase);
	return site_run(suite);
}
