/* SPDX-License-Identifier: Apache-2.0 */
/* ws_faults_test.c - frames that break RFC 6455, each with the code it is
   closed with. */
#include <check.h>

#include "test_frames.h"

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

int
main(void)
{
	Suite *suite = suite_create("transport_http");
	TCase *tcase = tcase_create("faults");

	tcase_add_loop_test(tcase, each_fault_has_its_code, 0,
	    (int)(sizeof bads / sizeof *bads));
	tcase_add_loop_test(tcase, each_fault_has_its_code_byte_by_byte, 0,
	    (int)(sizeof bads / sizeof *bads));
	suite_add_tcase(suite, tcase);
	return site_run(suite);
}
