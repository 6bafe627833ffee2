/* SPDX-License-Identifier: Apache-2.0 */
/* ws_test.c - frames and the handshake against RFC 6455's own examples. */
#include "cli/ws.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

#define BYTES(...)                                                             \
	((struct aicx_str) { (const char *)(const uint8_t[]) { __VA_ARGS__ },  \
	    sizeof(const uint8_t[]) { __VA_ARGS__ } })

START_TEST(the_accept_value_is_checked)
{
	/* "dGhlIHNhbXBsZSBub25jZQ==" of section 1.3 */
	const uint8_t *nonce = (const uint8_t *)"the sample nonce";

	ck_assert(ws_accept_ok(STR("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), nonce));
	ck_assert(!ws_accept_ok(STR("s3pPLMBiTxaQ9kYGzzhZRbK+xOO="), nonce));
	ck_assert(!ws_accept_ok((struct aicx_str) { 0 }, nonce));
}
END_TEST

START_TEST(frames_of_a_client_are_masked)
{
	const uint8_t mask[4] = { 0x37, 0xfa, 0x21, 0x3d };
	struct buf buf = { 0 };

	ws_put_frame(&buf, WS_TEXT, STR("Hello"), mask);
	/* section 5.7: a single-frame masked text message */
	ck_assert(str_eq(buf_view(&buf),
	    BYTES(0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51,
		0x58)));
	buf_clear(&buf);
	char *large = calloc(1, 70000);
	ws_put_frame(&buf, WS_TEXT, (struct aicx_str) { large, 300 }, mask);
	ck_assert(memcmp(buf.ptr, "\x81\xfe\x01\x2c", 4) == 0);
	buf_clear(&buf);
	ws_put_frame(&buf, WS_TEXT, (struct aicx_str) { large, 70000 }, mask);
	ck_assert(memcmp(buf.ptr, "\x81\xff\0\0\0\0\0\1\x11\x70", 10) == 0);
	free(large);
	buf_fini(&buf);
}
END_TEST

static aicx_err
take(struct ws_reader *reader, struct aicx_str bytes, struct ws_event *event,
    size_t *used)
{
	return ws_take(reader, bytes, used, event, NULL);
}

START_TEST(messages_come_whole_in_pieces_and_with_pings_between)
{
	struct ws_reader reader = { 0 };
	struct ws_event event;
	size_t used;
	/* "Hel", ping "x", "lo" */
	struct aicx_str bytes = BYTES(
	    0x01, 3, 'H', 'e', 'l', 0x89, 1, 'x', 0x80, 2, 'l', 'o', 0x81, 0);

	ck_assert_int_eq(take(&reader, bytes, &event, &used), AICX_OK);
	ck_assert_int_eq(event.opcode, WS_PING);
	ck_assert(str_is(event.payload, "x"));
	bytes.ptr += used, bytes.len -= used;
	ck_assert_int_eq(take(&reader, bytes, &event, &used), AICX_OK);
	ck_assert_int_eq(event.opcode, WS_TEXT);
	ck_assert(str_is(event.payload, "Hello"));
	bytes.ptr += used, bytes.len -= used;
	ck_assert_int_eq(take(&reader, bytes, &event, &used), AICX_OK);
	ck_assert_uint_eq(event.payload.len, 0);
	ck_assert_uint_eq(used, bytes.len);
	ws_reader_fini(&reader);
}
END_TEST

START_TEST(half_a_frame_waits)
{
	struct ws_reader reader = { 0 };
	struct ws_event event;
	size_t used;
	struct aicx_str bytes = BYTES(0x81, 126, 0, 130, 'a', 'b');

	for (size_t n = 0; n <= bytes.len; n++) {
		struct aicx_str part = { bytes.ptr, n };
		ck_assert_int_eq(
		    take(&reader, part, &event, &used), AICX_EAGAIN);
		ck_assert_uint_eq(used, 0);
	}
	ws_reader_fini(&reader);
}
END_TEST

START_TEST(what_a_server_may_not_send_is_refused)
{
	const struct aicx_str bad[] = {
		BYTES(0xC1, 0), /* a reserved bit */
		BYTES(0x81, 0x80, 0, 0, 0, 0), /* a mask */
		BYTES(0x80, 0), /* a continuation of nothing */
		BYTES(0x82, 0), /* binary */
		BYTES(0x83, 0), /* an unknown opcode */
		BYTES(0x09, 0), /* a ping in pieces */
		BYTES(0x89, 126, 0, 126), /* a large ping */
		BYTES(0x81, 127, 0, 0, 0, 1, 0, 0, 0, 0), /* 4 GiB */
		BYTES(0x81, 127, 255, 255, 255, 255, 255, 255, 255, 255),
		BYTES(0x01, 0, 0x81, 0), /* a message inside a message */
	};

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct ws_reader reader = { 0 };
		struct ws_event event;
		size_t used;
		ck_assert_msg(
		    take(&reader, bad[i], &event, &used) == AICX_EINVAL,
		    "case %zu was taken", i);
		ws_reader_fini(&reader);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("ws");
	TCase *tcase = tcase_create("ws");

	tcase_add_test(tcase, the_accept_value_is_checked);
	tcase_add_test(tcase, frames_of_a_client_are_masked);
	tcase_add_test(
	    tcase, messages_come_whole_in_pieces_and_with_pings_between);
	tcase_add_test(tcase, half_a_frame_waits);
	tcase_add_test(tcase, what_a_server_may_not_send_is_refused);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
