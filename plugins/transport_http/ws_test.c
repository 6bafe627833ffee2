/* SPDX-License-Identifier: Apache-2.0 */
/* ws_test.c - the upgrade and each rule of RFC 6455, over a fake host. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "test_site.h"

/* The example of RFC 6455 section 1.3. */
#define KEY "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define ACCEPT "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
#define GET_WS "GET /ws HTTP/1.1\r\nHost: localhost\r\n"
#define UPGRADE "Upgrade: websocket\r\nConnection: Upgrade\r\n"
#define VERSION "Sec-WebSocket-Version: 13\r\n"
#define HELLO GET_WS UPGRADE VERSION KEY

static bool
has(const struct fake_client *client, const char *text)
{
	return strstr(client->got.ptr, text) != NULL;
}

/* --- frames as a client writes and reads them ------------------------ */

struct text {
	char bytes[200000];
	size_t len;
};

static void
put(struct text *text, const void *bytes, size_t n_bytes)
{
	memcpy(text->bytes + text->len, bytes, n_bytes);
	text->len += n_bytes;
}

/* A masked frame; first is the byte with FIN, RSV and opcode. */
static void
put_frame(
    struct text *text, unsigned first, const char *payload, size_t n_bytes)
{
	static const unsigned char mask[4] = { 0x37, 0xfa, 0x21, 0x3d };
	unsigned char header[10] = { (unsigned char)first };
	size_t extra = n_bytes < 126 ? 0 : n_bytes < 0x10000 ? 2 : 8;

	header[1] = (unsigned char)(0x80 |
	    (extra == 0          ? n_bytes
		    : extra == 2 ? 126
				 : 127));
	for (size_t i = 0; i < extra; i++)
		header[2 + i] =
		    (unsigned char)((uint64_t)n_bytes >> 8 * (extra - 1 - i));
	put(text, header, 2 + extra);
	put(text, mask, sizeof mask);
	for (size_t i = 0; i < n_bytes; i++) {
		char c = (char)(payload[i] ^ mask[i % 4]);

		put(text, &c, 1);
	}
}

static void
send_frame(struct site *site, struct fake_client *client, unsigned first,
    const char *payload, size_t n_bytes)
{
	static struct text text;

	text.len = 0;
	put_frame(&text, first, payload, n_bytes);
	fake_send(site->fake, client, text.bytes, text.len);
}

static void
say(struct site *site, struct fake_client *client, const char *message)
{
	send_frame(site, client, 0x81, message, strlen(message));
}

/* A frame the server sent; the next one begins at *at. */
struct seen {
	unsigned first;
	const char *payload;
	size_t len;
};

static bool
next_frame(const struct fake_client *client, size_t *at, struct seen *ret_seen)
{
	const unsigned char *bytes =
	    (const unsigned char *)client->got.ptr + *at;
	size_t left = client->got.len - *at;
	size_t extra;
	size_t len;

	if (left < 2)
		return false;
	ck_assert_uint_eq(bytes[1] & 0x80, 0); /* never masked */
	len = bytes[1];
	extra = len == 126 ? 2 : len == 127 ? 8 : 0;
	if (extra > 0)
		len = 0;
	for (size_t i = 0; i < extra; i++)
		len = len << 8 | bytes[2 + i];
	ck_assert_uint_ge(left, 2 + extra + len);
	*ret_seen =
	    (struct seen) { bytes[0], (const char *)bytes + 2 + extra, len };
	*at += 2 + extra + len;
	return true;
}

static bool
is_frame(const struct seen *seen, unsigned first, const char *payload)
{
	return seen->first == first && seen->len == strlen(payload) &&
	    memcmp(seen->payload, payload, seen->len) == 0;
}

/* What came after the upgrade is exactly this frame. */
static bool
got_only(const struct fake_client *client, unsigned first, const char *payload)
{
	struct seen seen;
	size_t at = 0;

	return next_frame(client, &at, &seen) &&
	    is_frame(&seen, first, payload) && at == client->got.len;
}

/* The code of a close frame that ends what came; 0: none, 1: without code. */
static unsigned
close_code(const struct fake_client *client)
{
	struct seen seen;
	size_t at = 0;
	unsigned code = 0;

	while (next_frame(client, &at, &seen)) {
		ck_assert_uint_eq(code, 0);
		if (seen.first == 0x88)
			code = seen.len == 0
			    ? 1
			    : (unsigned)((unsigned char)seen.payload[0] << 8 |
				  (unsigned char)seen.payload[1]);
	}
	return code;
}

static struct fake_client *
upgraded(struct site *site)
{
	struct fake_client *client = connect_to(site);

	fake_text(site->fake, client, HELLO "\r\n");
	ck_assert(has(client, "HTTP/1.1 101 "));
	client->got.len = 0;
	return client;
}

/* --- the upgrade ----------------------------------------------------- */

START_TEST(an_upgrade_is_accepted_with_the_digest_of_the_key)
{
	struct site site = site_open();
	struct fake_client *client = connect_to(&site);

	fake_text(site.fake, client, HELLO "\r\n");
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
	    HELLO "Sec-WebSocket-Protocol: aiconexus.v2, x\r\n\r\n");
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
	{ "two keys", HELLO KEY "\r\n", "HTTP/1.1 400 ", "" },
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
	{ "a body", HELLO "Content-Length: 1\r\n\r\n", "HTTP/1.1 400 ", "" },
	{ "basic authentication",
	    HELLO "Authorization: Basic Zm9vOmJhcg==\r\n\r\n", "HTTP/1.1 401 ",
	    "WWW-Authenticate: Bearer realm=\"aiconexus\"\r\n" },
	{ "a bearer without token", HELLO "Authorization: Bearer\r\n\r\n",
	    "HTTP/1.1 401 ", "" },
	{ "two credentials",
	    HELLO "Authorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n",
	    "HTTP/1.1 401 ", "" },
	{ "a foreign Origin", HELLO "Origin: http://evil.test\r\n\r\n",
	    "HTTP/1.1 403 ", "" },
	{ "a null Origin", HELLO "Origin: null\r\n\r\n", "HTTP/1.1 403 ", "" },
	{ "an Origin of our host as path",
	    HELLO "Origin: http:///localhost\r\n\r\n", "HTTP/1.1 403 ", "" },
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
	fake_text(site.fake, client, HELLO "Origin: http://localhost\r\n\r\n");
	ck_assert(has(client, "HTTP/1.1 101 "));
	client = connect_to(&site);
	fake_text(
	    site.fake, client, HELLO "Origin: https://console.test\r\n\r\n");
	ck_assert(has(client, "HTTP/1.1 101 "));
	client = connect_to(&site);
	fake_text(site.fake, client, HELLO "Origin: https://b.test\r\n\r\n");
	ck_assert(has(client, "HTTP/1.1 403 "));
	site_close(&site);
}
END_TEST

START_TEST(the_credential_reaches_the_host)
{
	struct site site = site_open();
	struct fake_client *client = connect_to(&site);

	fake_text(site.fake, client,
	    HELLO "Authorization: bearer aicx_abc-_9\r\n\r\n");
	ck_assert(site.fake->peer->has_credential);
	ck_assert_str_eq(site.fake->peer->credential, "aicx_abc-_9");
	client = fake_connect(site.fake, "192.0.2.1:9");
	fake_text(site.fake, client, HELLO "\r\n");
	ck_assert(!site.fake->peer->secure);
	site_close(&site);
}
END_TEST

START_TEST(a_wrong_credential_is_401_before_any_101)
{
	struct site site = site_open();
	struct fake_client *client = connect_to(&site);

	site.fake->peer_error = AICX_EDENIED;
	fake_text(site.fake, client, HELLO "Authorization: Bearer x\r\n\r\n");
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
	fake_text(site.fake, client, HELLO "\r\n");
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
	fake_text(site.fake, client, HELLO "\r\n");
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

	put(&text, HELLO "\r\n", strlen(HELLO "\r\n"));
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
	    "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" HELLO "\r\n");
	ck_assert_uint_eq(site.fake->n_peers, 0);
	fake_reply(site.fake->requests[0], 200, "");
	ck_assert(has(client, "HTTP/1.1 400 "));
	site_close(&site);
}
END_TEST

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

/* --- what closes a connection ---------------------------------------- */

struct bad {
	const char *what;
	const char *bytes;
	size_t len;
	unsigned code;
};

#define M "\0\0\0\0" /* a mask that changes nothing */
#define BAD(what_, bytes_, code_)                                              \
	{                                                                      \
		what_, bytes_, sizeof(bytes_) - 1, code_                       \
	}

static const struct bad bads[] = {
	BAD("an unmasked frame", "\x81\x02hi", 1002),
	BAD("an unmasked empty frame", "\x81\x00", 1002),
	BAD("RSV1", "\xc1\x82" M "hi", 1002),
	BAD("RSV2", "\xa1\x82" M "hi", 1002),
	BAD("RSV3 on a ping", "\x99\x80" M, 1002),
	BAD("opcode 3", "\x83\x80" M, 1002),
	BAD("opcode 11", "\x8b\x80" M, 1002),
	BAD("a fragmented ping", "\x09\x80" M, 1002),
	BAD("a ping of 126 bytes", "\x89\xfe\x00\x7e" M, 1002),
	BAD("a close of 126 bytes", "\x88\xfe\x00\x7e" M, 1002),
	BAD("a continuation without start", "\x80\x82" M "hi", 1002),
	BAD("a continuation behind a whole message",
	    "\x81\x82" M "hi"
	    "\x80\x82" M "hi",
	    1002),
	BAD("a new message inside another",
	    "\x01\x82" M "hi"
	    "\x81\x82" M "hi",
	    1002),
	BAD("a length in two bytes that needs one", "\x81\xfe\x00\x7d" M, 1002),
	BAD("a length in eight bytes that needs two",
	    "\x81\xff\0\0\0\0\0\0\xff\xff" M, 1002),
	BAD("a binary message", "\x82\x82" M "hi", 1003),
	BAD("a fragmented binary message", "\x02\x82" M "hi", 1003),
	BAD("text that is Latin-1", "\x81\x82" M "\xe9x", 1007),
	BAD("an overlong slash", "\x81\x82" M "\xc0\xaf", 1007),
	BAD("a surrogate", "\x81\x83" M "\xed\xa0\x80", 1007),
	BAD("beyond U+10FFFF", "\x81\x84" M "\xf4\x90\x80\x80", 1007),
	BAD("a sequence cut at the end", "\x81\x82" M "\xe2\x82", 1007),
	BAD("bad text in a later fragment",
	    "\x01\x82" M "hi"
	    "\x80\x81" M "\xff",
	    1007),
	BAD("a sequence cut at the end of the message",
	    "\x01\x82" M "hi"
	    "\x80\x81" M "\xe2",
	    1007),
	BAD("an announced 2 MiB", "\x81\xff\0\0\0\0\0\x20\0\0", 1009),
	BAD("an announced 2^31", "\x81\xff\0\0\0\0\x80\0\0\0", 1009),
	BAD("an announced 2^63", "\x81\xff\x80\0\0\0\0\0\0\0", 1009),
	BAD("an announced 2^64-1", "\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff",
	    1009),
	BAD("a close", "\x88\x80" M, 1),
	BAD("a close 1000", "\x88\x82" M "\x03\xe8", 1000),
	BAD("a close 1001 with a reason", "\x88\x86" M "\x03\xe9gone", 1001),
	BAD("a close 3000", "\x88\x82" M "\x0b\xb8", 3000),
	BAD("a close 4999", "\x88\x82" M "\x13\x87", 4999),
	BAD("a close inside a message",
	    "\x01\x82" M "hi"
	    "\x88\x82" M "\x03\xe8",
	    1000),
	BAD("a close of one byte", "\x88\x81" M "\x03", 1002),
	BAD("a close 0", "\x88\x82" M "\0\0", 1002),
	BAD("a close 999", "\x88\x82" M "\x03\xe7", 1002),
	BAD("a close 1004", "\x88\x82" M "\x03\xec", 1002),
	BAD("a close 1005", "\x88\x82" M "\x03\xed", 1002),
	BAD("a close 1006", "\x88\x82" M "\x03\xee", 1002),
	BAD("a close 1015", "\x88\x82" M "\x03\xf7", 1002),
	BAD("a close 2999", "\x88\x82" M "\x0b\xb7", 1002),
	BAD("a close 5000", "\x88\x82" M "\x13\x88", 1002),
	BAD("a close whose reason is not UTF-8",
	    "\x88\x84" M "\x03\xe8\xff\xff", 1007),
};

static void
check_bad(const struct bad *row, size_t step)
{
	struct site site = site_open();
	struct fake_client *client = upgraded(&site);

	for (size_t at = 0; at < row->len; at += step)
		fake_send(site.fake, client, row->bytes + at,
		    at + step < row->len ? step : row->len - at);
	ck_assert_msg(close_code(client) == row->code, "%s (step %zu): %u",
	    row->what, step, close_code(client));
	ck_assert_msg(client->eof, "%s", row->what);
	ck_assert_msg(site.fake->n_peers == 0, "%s", row->what);
	say(&site, client, "nobody listens");
	ck_assert_uint_le(site.fake->n_messages, 1);
	fake_eof(site.fake, client);
	ck_assert_ptr_null(client->stream);
	site_close(&site);
}

START_TEST(each_fault_has_its_code)
{
	check_bad(&bads[_i], SIZE_MAX / 2);
}
END_TEST

START_TEST(each_fault_has_its_code_byte_by_byte)
{
	check_bad(&bads[_i], 1);
}
END_TEST

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

static Suite *
suite(void)
{
	const TTest *const plain[] = {
		an_upgrade_is_accepted_with_the_digest_of_the_key,
		names_and_lists_are_read_without_regard_to_case,
		an_unknown_subprotocol_is_not_echoed,
		our_own_pages_and_listed_ones_may_connect,
		the_credential_reaches_the_host,
		a_wrong_credential_is_401_before_any_101, a_full_house_is_503,
		what_the_host_says_at_once_follows_the_101,
		frames_behind_the_upgrade_are_not_lost,
		an_upgrade_behind_an_unanswered_request_is_refused,
		messages_of_any_length_arrive_and_return,
		a_message_of_exactly_the_limit_passes,
		a_pong_answers_at_once_and_with_the_same_payload,
		a_client_that_vanishes_frees_its_peer,
		the_host_closes_and_the_client_echoes,
		a_client_that_never_echoes_is_dropped_after_five_seconds,
		draining_says_1001, a_silent_client_is_pinged_and_then_dropped,
		a_client_that_answers_pings_stays,
		a_slow_reader_is_told_to_the_host,
		a_message_that_fills_the_queue_is_no_fault,
		pings_that_nobody_reads_the_answers_of_end_with_1013,
		fifty_connections_do_not_mix
	};
	Suite *suite = suite_create("transport_http");
	TCase *tcase = tcase_create("ws");
	const int n_bads = (int)(sizeof bads / sizeof *bads);

	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
		tcase_add_test(tcase, plain[i]);
	tcase_add_loop_test(tcase, a_wrong_upgrade_is_refused, 0,
	    (int)(sizeof refusals / sizeof *refusals));
	tcase_add_loop_test(tcase, frames_may_be_cut_anywhere, 1, 32);
	tcase_add_loop_test(tcase, each_fault_has_its_code, 0, n_bads);
	tcase_add_loop_test(
	    tcase, each_fault_has_its_code_byte_by_byte, 0, n_bads);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(suite());
	int n_failed;

	site_load();
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
