/* SPDX-License-Identifier: Apache-2.0 */
/* buf_test.c - growing, shifting and taking bytes. */
#include "base/buf.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

START_TEST(pieces_are_appended_in_order)
{
	struct buf buf = { 0 };

	buf_text(&buf, "one ");
	buf_put(&buf, "two", 3);
	buf_char(&buf, ' ');
	buf_str(&buf, (struct aicx_str) { "three?", 5 });
	buf_printf(&buf, " %d", 4);
	ck_assert_str_eq(buf_cstr(&buf), "one two three 4");
	ck_assert_uint_eq(buf.len, 15);
	buf_fini(&buf);
}
END_TEST

START_TEST(a_long_print_finds_its_room)
{
	struct buf buf = { 0 };
	char text[1000];

	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	buf_text(&buf, "ab");
	buf_printf(&buf, "%s", text);
	ck_assert_uint_eq(buf.len, 1001);
	ck_assert_str_eq(buf_cstr(&buf) + 2, text);
	buf_fini(&buf);
}
END_TEST

START_TEST(growth_keeps_what_was_there)
{
	struct buf buf = { 0 };

	for (int i = 0; i < 100000; i++)
		buf_char(&buf, (char)('a' + i % 26));
	ck_assert_uint_eq(buf.len, 100000);
	for (int i = 0; i < 100000; i++)
		ck_assert_int_eq(buf.ptr[i], 'a' + i % 26);
	buf_fini(&buf);
}
END_TEST

START_TEST(an_empty_buf_is_empty_and_not_absent)
{
	struct buf buf = { 0 };

	ck_assert_ptr_nonnull(buf_view(&buf).ptr);
	ck_assert_uint_eq(buf_view(&buf).len, 0);
	buf_put(&buf, NULL, 0);
	buf_str(&buf, (struct aicx_str) { NULL, 0 });
	ck_assert_str_eq(buf_cstr(&buf), "");
	buf_fini(&buf);
}
END_TEST

START_TEST(room_that_is_used_counts)
{
	struct buf buf = { 0 };

	memcpy(buf_room(&buf, 3), "abc", 3);
	ck_assert_uint_eq(buf.len, 0);
	buf.len += 3;
	ck_assert_str_eq(buf_cstr(&buf), "abc");
	buf_fini(&buf);
}
END_TEST

START_TEST(shifting_drops_the_front)
{
	struct buf buf = { 0 };

	buf_shift(&buf, 0);
	buf_text(&buf, "abcdef");
	buf_shift(&buf, 2);
	ck_assert_str_eq(buf_cstr(&buf), "cdef");
	buf_shift(&buf, 4);
	ck_assert_uint_eq(buf.len, 0);
	buf_fini(&buf);
}
END_TEST

START_TEST(what_is_taken_belongs_to_the_caller)
{
	struct buf buf = { 0 };

	buf_text(&buf, "mine");
	(void)buf_cstr(&buf);
	char *mine = buf_take(&buf);
	ck_assert_str_eq(mine, "mine");
	ck_assert_ptr_null(buf.ptr);
	free(mine);
	mine = buf_take(&buf);
	ck_assert_ptr_nonnull(mine);
	free(mine);
}
END_TEST

START_TEST(clearing_keeps_the_memory)
{
	struct buf buf = { 0 };

	buf_text(&buf, "abc");
	char *memory = buf.ptr;
	buf_clear(&buf);
	ck_assert_uint_eq(buf.len, 0);
	ck_assert_ptr_eq(buf.ptr, memory);
	buf_fini(&buf);
	ck_assert_ptr_null(buf.ptr);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("buf");
	TCase *tcase = tcase_create("buf");

	tcase_add_test(tcase, pieces_are_appended_in_order);
	tcase_add_test(tcase, a_long_print_finds_its_room);
	tcase_add_test(tcase, growth_keeps_what_was_there);
	tcase_add_test(tcase, an_empty_buf_is_empty_and_not_absent);
	tcase_add_test(tcase, room_that_is_used_counts);
	tcase_add_test(tcase, shifting_drops_the_front);
	tcase_add_test(tcase, what_is_taken_belongs_to_the_caller);
	tcase_add_test(tcase, clearing_keeps_the_memory);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
