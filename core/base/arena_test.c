/* SPDX-License-Identifier: Apache-2.0 */
/* arena_test.c - memory freed all at once. */
#include "base/arena.h"

#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

static bool
is_zero(const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (bytes[i] != 0)
			return false;
	}
	return true;
}

START_TEST(memory_is_zeroed_and_aligned_also_after_clearing)
{
	struct arena arena = { 0 };

	for (int round = 0; round < 3; round++) {
		for (size_t n = 0; n < 2000; n += 7) {
			char *bytes = arena_new(&arena, n);
			ck_assert_uint_eq((uintptr_t)bytes % 16, 0);
			ck_assert(is_zero(bytes, n));
			memset(bytes, 0xAA, n);
		}
		arena_clear(&arena);
	}
	arena_fini(&arena);
}
END_TEST

START_TEST(pieces_do_not_overlap)
{
	struct arena arena = { 0 };
	char *pieces[500];

	for (int i = 0; i < 500; i++) {
		size_t n = i % 50 == 49 ? 100000 : 33;
		pieces[i] = arena_new(&arena, n);
		memset(pieces[i], i % 251, n);
	}
	for (int i = 0; i < 500; i++) {
		ck_assert_int_eq((unsigned char)pieces[i][0], i % 251);
		ck_assert_int_eq((unsigned char)pieces[i][32], i % 251);
	}
	arena_fini(&arena);
}
END_TEST

START_TEST(what_is_not_cleared_is_aligned_and_leaves_the_rest_zeroed)
{
	struct arena arena = { 0 };

	for (int round = 0; round < 3; round++) {
		for (size_t n = 0; n < 40000; n += 777) {
			char *bytes = arena_bytes(&arena, n);
			ck_assert_uint_eq((uintptr_t)bytes % 16, 0);
			memset(bytes, 0xAA, n);
			char *zero = arena_new(&arena, 77);
			ck_assert(is_zero(zero, 77));
			memset(zero, 0xBB, 77);
			ck_assert(
			    n == 0 || (unsigned char)bytes[n - 1] == 0xAA);
		}
		arena_clear(&arena);
	}
	arena_fini(&arena);
}
END_TEST

START_TEST(clearing_reuses_memory)
{
	struct arena arena = { 0 };
	char *first = arena_new(&arena, 100);

	arena_clear(&arena);
	ck_assert_ptr_eq(arena_new(&arena, 100), first);
	arena_fini(&arena);
	ck_assert_ptr_null(arena.blocks);
	arena_clear(&arena);
	arena_fini(&arena);
}
END_TEST

START_TEST(a_huge_piece_is_not_kept)
{
	struct arena arena = { 0 };

	ck_assert_ptr_nonnull(arena_new(&arena, 10 << 20));
	arena_clear(&arena);
	ck_assert_ptr_null(arena.blocks);
	arena_fini(&arena);
}
END_TEST

START_TEST(texts_are_copied)
{
	struct arena arena = { 0 };
	char text[] = "abc";
	struct aicx_str copy = arena_str(&arena, str_of(text));

	text[0] = 'x';
	ck_assert(str_is(copy, "abc"));
	ck_assert_ptr_null(arena_str(&arena, str_of(NULL)).ptr);
	ck_assert_ptr_nonnull(arena_str(&arena, STR("")).ptr);
	copy = arena_printf(&arena, "%s-%d", "deal", 7);
	ck_assert(str_is(copy, "deal-7"));
	ck_assert_int_eq(copy.ptr[copy.len], '\0');
	arena_fini(&arena);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("arena");
	TCase *tcase = tcase_create("arena");

	tcase_add_test(tcase, memory_is_zeroed_and_aligned_also_after_clearing);
	tcase_add_test(tcase, pieces_do_not_overlap);
	tcase_add_test(
	    tcase, what_is_not_cleared_is_aligned_and_leaves_the_rest_zeroed);
	tcase_add_test(tcase, clearing_reuses_memory);
	tcase_add_test(tcase, a_huge_piece_is_not_kept);
	tcase_add_test(tcase, texts_are_copied);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
