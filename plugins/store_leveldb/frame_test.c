/* SPDX-License-Identifier: Apache-2.0 */
/* frame_test.c - a frame is read back as it was made, and no flipped bit of it
   goes unnoticed. */
#include "frame.h"

#include "crc32c.h"

#include <check.h>
#include <string.h>

/* RFC 3720 appendix B.4, and the check value of the catalogue. */
START_TEST(the_checksum_is_that_of_iscsi)
{
	unsigned char bytes[32];

	memset(bytes, 0, sizeof bytes);
	ck_assert_uint_eq(crc32c(0, bytes, sizeof bytes), 0x8a9136aa);
	memset(bytes, 0xff, sizeof bytes);
	ck_assert_uint_eq(crc32c(0, bytes, sizeof bytes), 0x62a8ab43);
	for (unsigned char i = 0; i < 32; i++)
		bytes[i] = i;
	ck_assert_uint_eq(crc32c(0, bytes, sizeof bytes), 0x46dd794e);
	ck_assert_uint_eq(crc32c(0, "123456789", 9), 0xe3069283);
	ck_assert_uint_eq(crc32c(crc32c(0, "12345", 5), "6789", 4), 0xe3069283);
	ck_assert_uint_eq(crc32c(0, "", 0), 0);
}
END_TEST

static void
make(struct frame *frame)
{
	const struct aicx_write writes[] = {
		{ { "key", 3 }, { "value", 5 } },
		{ { "", 0 }, { "", 0 } },
		{ { "k\0y", 3 }, { NULL, 0 } },
	};

	frame_begin(frame);
	for (size_t i = 0; i < 3; i++) {
		size_t n;
		size_t at = frame_put(frame, &writes[i], &n);
		ck_assert_uint_eq(at + n, frame->bytes.len);
	}
	(void)frame_end(frame, 7, 6, 0xabcdef01);
}

START_TEST(a_frame_is_read_back_as_it_was_made)
{
	struct frame frame = { { NULL } };
	struct frame_head head;
	struct entry entry;

	for (int round = 0; round < 2; round++) {
		make(&frame);
		ck_assert(
		    frame_head_parse(frame.bytes.ptr, frame.bytes.len, &head));
		ck_assert_uint_eq(head.number, 7);
		ck_assert_uint_eq(head.safe, 6);
		ck_assert_uint_eq(head.prev, 0xabcdef01);
		ck_assert_uint_eq(head.n_entries, 3);
		ck_assert_uint_eq(
		    head.body_bytes, frame.bytes.len - FRAME_HEAD);
		ck_assert(frame_is_whole(frame.bytes.ptr, &head));
	}
	ck_assert_uint_eq(frame_look(frame.bytes.ptr, frame.bytes.len), 0);
	const char *at = frame.bytes.ptr + FRAME_HEAD;
	ck_assert(entry_parse(at, head.body_bytes, &entry));
	ck_assert_uint_eq(entry.key.len, 3);
	ck_assert_int_eq(memcmp(entry.value.ptr, "value", 5), 0);
	at += entry.n_bytes;
	ck_assert(entry_parse(at, ENTRY_HEAD, &entry));
	ck_assert(entry.value.ptr != NULL && entry.value.len == 0);
	at += entry.n_bytes;
	ck_assert(entry_parse(at, ENTRY_HEAD + 3, &entry));
	ck_assert(!entry_parse(at, ENTRY_HEAD + 2, &entry));
	ck_assert_ptr_null(entry.value.ptr);
	frame_fini(&frame);
}
END_TEST

START_TEST(every_flipped_bit_is_found)
{
	struct frame frame = { { NULL } };
	struct frame_head head;

	make(&frame);
	for (size_t i = 0; i < frame.bytes.len * 8; i++) {
		frame.bytes.ptr[i / 8] ^= (char)(1 << i % 8);
		bool good =
		    frame_head_parse(frame.bytes.ptr, frame.bytes.len, &head) &&
		    head.body_bytes == frame.bytes.len - FRAME_HEAD &&
		    frame_is_whole(frame.bytes.ptr, &head);
		ck_assert_msg(!good, "bit %zu", i);
		frame.bytes.ptr[i / 8] ^= (char)(1 << i % 8);
	}
	ck_assert(frame_head_parse(frame.bytes.ptr, frame.bytes.len, &head));
	ck_assert(frame_is_whole(frame.bytes.ptr, &head));
	ck_assert(!frame_head_parse(frame.bytes.ptr, FRAME_HEAD - 1, &head));
	frame_fini(&frame);
}
END_TEST

START_TEST(the_next_frame_is_found_behind_other_bytes)
{
	struct frame frame = { { NULL } };
	char bytes[256] = "\xf5"
			  "AICXF{}";

	make(&frame);
	memcpy(bytes + 9, frame.bytes.ptr, frame.bytes.len);
	ck_assert_uint_eq(frame_look(bytes, sizeof bytes), 9);
	ck_assert_uint_eq(
	    frame_look(bytes, 9 + FRAME_MAGIC - 1), 9 + FRAME_MAGIC - 1);
	ck_assert_uint_eq(frame_look(bytes, 3), 3);
	frame_fini(&frame);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("frame");
	TCase *tcase = tcase_create("frame");
	SRunner *runner = srunner_create(suite);
	int n_failed;

	tcase_add_test(tcase, the_checksum_is_that_of_iscsi);
	tcase_add_test(tcase, a_frame_is_read_back_as_it_was_made);
	tcase_add_test(tcase, every_flipped_bit_is_found);
	tcase_add_test(tcase, the_next_frame_is_found_behind_other_bytes);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed == 0 ? 0 : 1;
}
