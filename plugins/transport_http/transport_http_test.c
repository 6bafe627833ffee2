/* SPDX-License-Identifier: Apache-2.0 */
/*
 * transport_http_test.c - HTTP/1.1 as clients and attackers speak it, over a
 * fake host: its clock moves by hand, its clients are buffers.
 */
#include <aiconexus/transport.h>
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test_site.h"

/* Status of the answer that begins at *at, which moves behind it; 0: none. */
static int
next_status(const char **at, bool has_body)
{
	const char *end = strstr(*at, "\r\n\r\n");
	const char *length;
	int status;

	if (end == NULL || sscanf(*at, "HTTP/1.1 %d ", &status) != 1)
		return 0;
	length = strstr(*at, "Content-Length: ");
	*at = end + 4;
	if (has_body && length != NULL && length < end)
		*at += strtol(length + 16, NULL, 10);
	return status;
}

static int
status_of(const struct fake_client *client)
{
	const char *at = client->got.ptr;

	return next_status(&at, true);
}

static size_t
count_answers(const struct fake_client *client)
{
	const char *at = client->got.ptr;
	size_t n = 0;

	while (next_status(&at, true) != 0)
		n++;
	return n;
}

static bool
has(const struct fake_client *client, const char *text)
{
	return strstr(client->got.ptr, text) != NULL;
}

/* --- the table ------------------------------------------------------- */

struct row {
	const char *what;
	const char *request;
	int status; /* of the first answer */
	size_t n_answers;
	bool closes;
};

#define HOST "Host: localhost\r\n"
#define HELLO "GET /hello HTTP/1.1\r\n" HOST "\r\n"

static const struct row rows[] = {
	{ "a plain GET", HELLO, 200, 1, false },
	{ "an empty line before the request", "\r\n" HELLO, 200, 1, false },
	{ "nine empty lines", "\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n", 400, 1,
	    true },
	{ "two pipelined requests", HELLO HELLO, 200, 2, false },
	{ "a body of known length",
	    "POST /x HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhello", 200,
	    1, false },
	{ "a body and a request behind it",
	    "POST /x HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhello" HELLO,
	    200, 2, false },
	{ "a chunked body",
	    "POST /x HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
	    "5\r\nhello\r\n6;a=b\r\n world\r\n0\r\nTrailer: x\r\n\r\n" HELLO,
	    200, 2, false },
	{ "an unknown method goes to the gateway",
	    "BREW /pot HTTP/1.1\r\n" HOST "\r\n", 200, 1, false },
	{ "Connection: close",
	    "GET / HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n", 200, 1,
	    true },
	{ "nothing is read after Connection: close",
	    "GET / HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n" HELLO, 200, 1,
	    true },
	{ "HTTP/1.0 closes", "GET / HTTP/1.0\r\n\r\n", 200, 1, true },
	{ "HTTP/1.0 with keep-alive",
	    "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 200, 1, false },
	{ "absolute-form", "GET http://localhost/a?b HTTP/1.1\r\n" HOST "\r\n",
	    200, 1, false },
	{ "an upgrade to something else is ignored",
	    "GET / HTTP/1.1\r\n" HOST
	    "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n" HELLO,
	    200, 2, false },

	{ "garbage", "\x16\x03\x01 garbage", 400, 1, true },
	{ "no method", "/ HTTP/1.1\r\n" HOST "\r\n", 400, 1, true },
	{ "a method that is no token", "G@T / HTTP/1.1\r\n" HOST "\r\n", 400, 1,
	    true },
	{ "HTTP/0.9", "GET /\r\n" HOST "\r\n", 400, 1, true },
	{ "two blanks in the request line", "GET  / HTTP/1.1\r\n" HOST "\r\n",
	    400, 1, true },
	{ "a blank behind the version", "GET / HTTP/1.1 \r\n" HOST "\r\n", 400,
	    1, true },
	{ "version 9.9", "GET / HTTP/9.9\r\n" HOST "\r\n", 505, 1, true },
	{ "version 2.0", "GET / HTTP/2.0\r\n" HOST "\r\n", 505, 1, true },
	{ "another protocol", "GET / ICE/1.1\r\n" HOST "\r\n", 400, 1, true },
	{ "a tab in the target", "GET /a\tb HTTP/1.1\r\n" HOST "\r\n", 400, 1,
	    true },
	{ "an encoded NUL", "GET /a%00b HTTP/1.1\r\n" HOST "\r\n", 400, 1,
	    true },
	{ "a broken escape", "GET /a%g0b HTTP/1.1\r\n" HOST "\r\n", 400, 1,
	    true },
	{ "half an escape", "GET /a%2 HTTP/1.1\r\n" HOST "\r\n", 400, 1, true },
	{ "a fragment", "GET /a#b HTTP/1.1\r\n" HOST "\r\n", 400, 1, true },
	{ "a relative target", "GET a HTTP/1.1\r\n" HOST "\r\n", 400, 1, true },
	{ "CONNECT", "CONNECT h:443 HTTP/1.1\r\n" HOST "\r\n", 400, 1, true },
	{ "another scheme", "GET ftp://h/a HTTP/1.1\r\n" HOST "\r\n", 400, 1,
	    true },

	{ "no Host", "GET / HTTP/1.1\r\n\r\n", 400, 1, true },
	{ "two Hosts", "GET / HTTP/1.1\r\n" HOST "Host: other\r\n\r\n", 400, 1,
	    true },
	{ "the same Host twice", "GET / HTTP/1.1\r\n" HOST HOST "\r\n", 400, 1,
	    true },
	{ "an empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400, 1, true },
	{ "a Host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400, 1,
	    true },
	{ "a Host with a user", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", 400, 1,
	    true },
	{ "a blank before the colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400,
	    1, true },
	{ "a tab before the colon", "GET / HTTP/1.1\r\nHost\t: a\r\n\r\n", 400,
	    1, true },
	{ "a blank in a name", "GET / HTTP/1.1\r\n" HOST "X Y: 1\r\n\r\n", 400,
	    1, true },
	{ "no colon", "GET / HTTP/1.1\r\n" HOST "Nonsense\r\n\r\n", 400, 1,
	    true },
	{ "an empty name", "GET / HTTP/1.1\r\n" HOST ": x\r\n\r\n", 400, 1,
	    true },
	{ "a folded field", "GET / HTTP/1.1\r\n" HOST "X: a\r\n b\r\n\r\n", 400,
	    1, true },
	{ "a field folded by a tab",
	    "GET / HTTP/1.1\r\n" HOST "X: a\r\n\tb\r\n\r\n", 400, 1, true },
	{ "a fold behind the request line",
	    "GET / HTTP/1.1\r\n X: a\r\n" HOST "\r\n", 400, 1, true },
	{ "a bare LF", "GET / HTTP/1.1\n" HOST "\r\n", 400, 1, true },
	{ "a bare LF in the fields", "GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n",
	    400, 1, true },
	{ "a bare LF at the end", "GET / HTTP/1.1\r\n" HOST "\n", 400, 1,
	    true },
	{ "a bare LF first", "\nGET / HTTP/1.1\r\n" HOST "\r\n", 400, 1, true },
	{ "a bare CR", "GET / HTTP/1.1\r\n" HOST "X: a\rb\r\n\r\n", 400, 1,
	    true },
	{ "a control byte in a value",
	    "GET / HTTP/1.1\r\n" HOST "X: a\x01\r\n\r\n", 400, 1, true },

	{ "Content-Length beside Transfer-Encoding",
	    "POST / HTTP/1.1\r\n" HOST
	    "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
	    "0\r\n\r\n" HELLO,
	    400, 1, true },
	{ "Transfer-Encoding beside Content-Length",
	    "POST / HTTP/1.1\r\n" HOST
	    "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n"
	    "0\r\n\r\n" HELLO,
	    400, 1, true },
	{ "two different Content-Lengths",
	    "POST / HTTP/1.1\r\n" HOST
	    "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello" HELLO,
	    400, 1, true },
	{ "two equal Content-Lengths",
	    "POST / HTTP/1.1\r\n" HOST
	    "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
	    400, 1, true },
	{ "a list of Content-Lengths",
	    "POST / HTTP/1.1\r\n" HOST "Content-Length: 5, 5\r\n\r\nhello", 400,
	    1, true },
	{ "a signed Content-Length",
	    "POST / HTTP/1.1\r\n" HOST "Content-Length: +5\r\n\r\nhello", 400,
	    1, true },
	{ "a negative Content-Length",
	    "POST / HTTP/1.1\r\n" HOST "Content-Length: -1\r\n\r\nhello", 400,
	    1, true },
	{ "a hexadecimal Content-Length",
	    "POST / HTTP/1.1\r\n" HOST "Content-Length: 0x5\r\n\r\nhello", 400,
	    1, true },
	{ "an empty Content-Length",
	    "POST / HTTP/1.1\r\n" HOST "Content-Length:\r\n\r\nhello", 400, 1,
	    true },
	{ "a Content-Length of 2^64",
	    "POST / HTTP/1.1\r\n" HOST
	    "Content-Length: 18446744073709551616\r\n\r\n",
	    400, 1, true },
	{ "an unknown Transfer-Encoding",
	    "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: xchunked\r\n\r\n"
	    "0\r\n\r\n",
	    400, 1, true },
	{ "a Transfer-Encoding before chunked",
	    "POST / HTTP/1.1\r\n" HOST
	    "Transfer-Encoding: gzip, chunked\r\n\r\n"
	    "0\r\n\r\n",
	    501, 1, true },
	{ "chunked twice",
	    "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	    501, 1, true },
	{ "chunked in HTTP/1.0",
	    "POST / HTTP/1.0\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
	    "0\r\n\r\n",
	    400, 1, true },
	{ "an unknown expectation",
	    "POST / HTTP/1.1\r\n" HOST
	    "Expect: tea\r\nContent-Length: 5\r\n\r\n",
	    417, 1, true },

#define CHUNKED "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
	{ "a chunk without its CR LF", CHUNKED "5\r\nhelloXX0\r\n\r\n", 400, 1,
	    true },
	{ "a chunk size that ends in CR alone",
	    CHUNKED "5\rXhello\r\n0\r\n\r\n", 400, 1, true },
	{ "a chunk size that ends in LF alone", CHUNKED "5\nhello\r\n0\r\n\r\n",
	    400, 1, true },
	{ "a LF in a chunk extension", CHUNKED "5;\nX\r\nhello\r\n0\r\n\r\n",
	    400, 1, true },
	{ "a chunk size without digits", CHUNKED "\r\nhello\r\n0\r\n\r\n", 400,
	    1, true },
	{ "a signed chunk size", CHUNKED "+5\r\nhello\r\n0\r\n\r\n", 400, 1,
	    true },
	{ "a chunk size with 0x", CHUNKED "0x5\r\nhello\r\n0\r\n\r\n", 400, 1,
	    true },
	{ "a chunk size of ten digits", CHUNKED "0000000005\r\nhello\r\n", 400,
	    1, true },
	{ "a blank behind a chunk size", CHUNKED "5 \r\nhello\r\n0\r\n\r\n",
	    400, 1, true },
	{ "a folded trailer", CHUNKED "0\r\n x: y\r\n\r\n", 400, 1, true },
	{ "a bare LF in a trailer", CHUNKED "0\r\nX: y\n\r\n", 400, 1, true },
	{ "a chunk above the limit", CHUNKED "fffffff\r\n", 413, 1, true },

	{ "a length above the limit",
	    "POST / HTTP/1.1\r\n" HOST "Content-Length: 1048577\r\n\r\n", 413,
	    1, true },
};

static void
check_row(const struct row *row, size_t step)
{
	struct site site = site_open();
	struct fake_client *client = connect_to(&site);
	size_t len = strlen(row->request);

	for (size_t at = 0; at < len; at += step)
		fake_send(site.fake, client, row->request + at,
		    at + step < len ? step : len - at);
	ck_assert_msg(status_of(client) == row->status, "%s (step %zu): %s",
	    row->what, step, client->got.ptr);
	ck_assert_msg(count_answers(client) == row->n_answers,
	    "%s (step %zu): %s", row->what, step, client->got.ptr);
	ck_assert_msg(client->eof == row->closes, "%s (step %zu): %s",
	    row->what, step, client->got.ptr);
	if (row->status >= 400)
		ck_assert_msg(has(client, "application/problem+json") &&
			has(client, "\"correlation_id\":") &&
			has(client, "X-Request-Id: "),
		    "%s: %s", row->what, client->got.ptr);
	site_close(&site);
}

START_TEST(each_row_has_its_answer)
{
	check_row(&rows[_i], SIZE_MAX / 2);
}
END_TEST

START_TEST(each_row_has_its_answer_byte_by_byte)
{
	check_row(&rows[_i], 1);
}
END_TEST

START_TEST(each_row_has_its_answer_in_sevens)
{
	check_row(&rows[_i], 7);
}
END_TEST

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

static Suite *
suite(void)
{
	const TTest *const plain[] = { a_request_arrives_decoded_and_whole,
		chunks_arrive_joined, a_head_of_a_get_is_the_same_without_body,
		a_204_has_neither_length_nor_body,
		hundreds_of_requests_share_a_connection,
		answers_leave_in_the_order_of_requests,
		a_refusal_waits_for_the_answers_before_it,
		the_65th_unanswered_request_is_not_read,
		a_client_that_does_not_read_is_not_read,
		a_head_of_200_kb_is_431, the_101st_field_is_431,
		one_hundred_fields_pass, small_chunks_beyond_the_limit_are_413,
		endless_trailers_are_refused,
		a_body_of_exactly_the_limit_passes,
		a_crowd_is_turned_away_with_503,
		one_address_cannot_take_all_connections,
		a_head_must_be_whole_within_ten_seconds,
		a_stalled_head_delays_nobody_else,
		a_body_must_bring_1_kib_a_second,
		an_idle_connection_is_closed_after_a_minute,
		a_slow_answer_is_waited_for,
		a_client_that_stops_reading_is_dropped,
		after_an_early_answer_the_rest_is_read_and_dropped,
		without_connections_no_timer_runs,
		expect_gets_100_before_the_body,
		expect_with_too_long_a_body_gets_the_refusal_at_once,
		a_100_waits_for_the_answers_before_it,
		a_half_closed_client_gets_its_answers,
		half_a_request_is_forgotten,
		a_client_that_goes_away_cancels_its_requests,
		closing_cancels_what_is_unanswered,
		draining_finishes_what_is_in_flight,
		listen_overrides_the_configured_address,
		a_ws_path_without_slash_is_refused };
	Suite *suite = suite_create("transport_http");
	TCase *tcase = tcase_create("http");
	const int n_rows = (int)(sizeof rows / sizeof *rows);

	tcase_add_loop_test(tcase, each_row_has_its_answer, 0, n_rows);
	tcase_add_loop_test(
	    tcase, each_row_has_its_answer_byte_by_byte, 0, n_rows);
	tcase_add_loop_test(
	    tcase, each_row_has_its_answer_in_sevens, 0, n_rows);
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

	site_load();
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
