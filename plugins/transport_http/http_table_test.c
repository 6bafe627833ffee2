/* SPDX-License-Identifier: Apache-2.0 */
/* http_table_test.c - requests good and bad, each with its answer, in pieces of
   any size. */
#include <check.h>
#include <string.h>

#include "test_site.h"

struct row {
	const char *what;
	const char *request;
	int status; /* of the first answer */
	size_t n_answers;
	bool closes;
};

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

int
main(void)
{
	Suite *suite = suite_create("transport_http");
	TCase *tcase = tcase_create("table");

	tcase_add_loop_test(tcase, each_row_has_its_answer, 0,
	    (int)(sizeof rows / sizeof *rows));
	tcase_add_loop_test(tcase, each_row_has_its_answer_byte_by_byte, 0,
	    (int)(sizeof rows / sizeof *rows));
	tcase_add_loop_test(tcase, each_row_has_its_answer_in_sevens, 0,
	    (int)(sizeof rows / sizeof *rows));
	suite_add_tcase(suite, tcase);
	return site_run(suite);
}
