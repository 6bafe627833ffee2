/* SPDX-License-Identifier: Apache-2.0 */
/* text_test.c - comparing, cutting and checking borrowed text. */
#include "text.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const struct aicx_str absent = { NULL, 0 };

START_TEST(texts_are_the_same_byte_for_byte)
{
	ck_assert(text_same(TEXT("abc"), text_of("abc")));
	ck_assert(!text_same(TEXT("abc"), TEXT("abC")));
	ck_assert(!text_same(TEXT("abc"), TEXT("ab")));
	ck_assert(text_same(TEXT(""), absent));
}
END_TEST

START_TEST(texts_are_alike_whatever_the_case_of_ascii)
{
	ck_assert(text_alike(TEXT("Content-Type"), TEXT("content-TYPE")));
	ck_assert(!text_alike(TEXT("\xc3\xa9"), TEXT("\xc3\x89")));
	ck_assert(!text_alike(TEXT("a"), TEXT("aa")));
	ck_assert(text_alike(absent, TEXT("")));
}
END_TEST

START_TEST(blanks_and_tabs_are_trimmed_at_both_ends)
{
	ck_assert(text_same(text_trim(TEXT(" \ta b\t ")), TEXT("a b")));
	ck_assert(text_same(text_trim(TEXT("\na")), TEXT("\na")));
	ck_assert_uint_eq(text_trim(TEXT(" \t ")).len, 0);
	ck_assert_uint_eq(text_trim(absent).len, 0);
}
END_TEST

START_TEST(a_cut_tells_an_empty_rest_from_none)
{
	struct aicx_str rest;

	ck_assert(text_same(text_cut(TEXT("a/b/c"), '/', &rest), TEXT("a")));
	ck_assert(text_same(rest, TEXT("b/c")));
	ck_assert(text_same(text_cut(TEXT("a/"), '/', &rest), TEXT("a")));
	ck_assert_ptr_nonnull(rest.ptr);
	ck_assert_uint_eq(rest.len, 0);
	ck_assert(text_same(text_cut(TEXT("a"), '/', &rest), TEXT("a")));
	ck_assert_ptr_null(rest.ptr);
	ck_assert_uint_eq(text_cut(absent, '/', &rest).len, 0);
	ck_assert_ptr_null(rest.ptr);
}
END_TEST

START_TEST(a_list_names_its_items_and_no_parts_of_them)
{
	ck_assert(text_lists(TEXT("gzip, Upgrade ,x"), TEXT("upgrade")));
	ck_assert(!text_lists(TEXT("gzip, Upgraded"), TEXT("upgrade")));
	ck_assert(!text_lists(absent, TEXT("upgrade")));
}
END_TEST

START_TEST(a_bearer_credential_is_one_token)
{
	static const char *const bad[] = { "", "Bearer", "Bearer ", "Basic a",
		"Bearer a b", "Bearer a,b", "Bearer \"a\"", "aicx_a" };
	struct aicx_str token = TEXT("kept");

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ck_assert_msg(
		    !text_bearer(text_of(bad[i]), &token), "%s", bad[i]);
	ck_assert(text_same(token, TEXT("kept")));
	ck_assert(text_bearer(TEXT("bEARER  aZ09-._~+/= "), &token));
	ck_assert(text_same(token, TEXT("aZ09-._~+/=")));
}
END_TEST

START_TEST(hex_digits_have_a_value_in_both_cases)
{
	ck_assert_int_eq(text_hex('0'), 0);
	ck_assert_int_eq(text_hex('f'), 15);
	ck_assert_int_eq(text_hex('A'), 10);
	ck_assert_int_eq(text_hex('g'), -1);
	ck_assert_int_eq(text_hex('\0'), -1);
}
END_TEST

START_TEST(well_formed_utf8_is_taken)
{
	static const char *const good[] = { "", "a", "0123456789",
		"01234567\xc3\xa9", "\xe0\xa0\x80", "\xed\x9f\xbf",
		"\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf" };

	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		ck_assert_msg(text_is_utf8(text_of(good[i])), "%zu", i);
	ck_assert(text_is_utf8((struct aicx_str) { "\0", 1 }));
}
END_TEST

START_TEST(malformed_utf8_is_refused)
{
	static const char *const bad[] = { "\x80", "\xc0\x80", "\xc1\xbf",
		"\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
		"\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xc3",
		"\xe2\x82", "\xe2\x82z", "01234567\x80", "0123456\xc3" };

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ck_assert_msg(!text_is_utf8(text_of(bad[i])), "%zu", i);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("plugin_text");
	TCase *tcase = tcase_create("text");

	tcase_add_test(tcase, texts_are_the_same_byte_for_byte);
	tcase_add_test(tcase, texts_are_alike_whatever_the_case_of_ascii);
	tcase_add_test(tcase, blanks_and_tabs_are_trimmed_at_both_ends);
	tcase_add_test(tcase, a_cut_tells_an_empty_rest_from_none);
	tcase_add_test(tcase, a_list_names_its_items_and_no_parts_of_them);
	tcase_add_test(tcase, a_bearer_credential_is_one_token);
	tcase_add_test(tcase, hex_digits_have_a_value_in_both_cases);
	tcase_add_test(tcase, well_formed_utf8_is_taken);
	tcase_add_test(tcase, malformed_utf8_is_refused);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
