/* SPDX-License-Identifier: Apache-2.0 */
/* str_test.c - comparing, cutting and checking text. */
#include "base/str.h"

#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

START_TEST(texts_are_equal_byte_for_byte)
{
	ck_assert(str_eq(STR("abc"), str_of("abc")));
	ck_assert(!str_eq(STR("abc"), STR("abd")));
	ck_assert(!str_eq(STR("abc"), STR("ab")));
	ck_assert(str_eq(STR(""), str_of(NULL)));
	ck_assert(str_is(STR("a"), "a"));
	ck_assert_ptr_null(str_of(NULL).ptr);
}
END_TEST

START_TEST(beginnings_and_ends_are_recognised)
{
	ck_assert(str_starts(STR("deal.buy"), "deal."));
	ck_assert(!str_starts(STR("deal"), "deal."));
	ck_assert(str_starts(STR(""), ""));
	ck_assert(str_ends(STR("x.conf"), ".conf"));
	ck_assert(!str_ends(STR("conf"), ".conf"));
}
END_TEST

START_TEST(order_is_by_bytes_then_length)
{
	ck_assert_int_lt(str_cmp(STR("a"), STR("b")), 0);
	ck_assert_int_lt(str_cmp(STR("a"), STR("aa")), 0);
	ck_assert_int_gt(str_cmp(STR("\xff"), STR("a")), 0);
	ck_assert_int_eq(str_cmp(STR("a"), STR("a")), 0);
	ck_assert_int_eq(str_cmp(STR(""), str_of(NULL)), 0);
}
END_TEST

START_TEST(blanks_are_trimmed_at_both_ends)
{
	ck_assert(str_is(str_trim(STR(" \t a b \t")), "a b"));
	ck_assert(str_is(str_trim(STR("  ")), ""));
	ck_assert(str_is(str_trim(STR("\na")), "\na"));
}
END_TEST

START_TEST(a_text_is_cut_at_the_first_separator)
{
	struct aicx_str rest;

	ck_assert(str_is(str_cut(STR("a:b:c"), ':', &rest), "a"));
	ck_assert(str_is(rest, "b:c"));
	ck_assert(str_is(str_cut(STR("a:"), ':', &rest), "a"));
	ck_assert_ptr_nonnull(rest.ptr);
	ck_assert_uint_eq(rest.len, 0);
	ck_assert(str_is(str_cut(STR("abc"), ':', &rest), "abc"));
	ck_assert_ptr_null(rest.ptr);
	ck_assert(str_is(str_cut(str_of(NULL), ':', &rest), ""));
}
END_TEST

START_TEST(integers_are_read_up_to_both_limits)
{
	int64_t value = 0;

	ck_assert(str_int(STR("9223372036854775807"), &value));
	ck_assert_int_eq(value, INT64_MAX);
	ck_assert(str_int(STR("-9223372036854775808"), &value));
	ck_assert_int_eq(value, INT64_MIN);
	ck_assert(str_int(STR("007"), &value));
	ck_assert_int_eq(value, 7);
	ck_assert(str_int(STR("-0"), &value));
	ck_assert_int_eq(value, 0);
}
END_TEST

START_TEST(what_is_no_integer_is_refused_and_changes_nothing)
{
	static const char *const bad[] = { "", "-", "+1", " 1", "1 ", "1.0",
		"1e3", "0x10", "9223372036854775808", "-9223372036854775809",
		"99999999999999999999", "--1", NULL };
	int64_t value = 42;

	for (int i = 0; bad[i] != NULL; i++)
		ck_assert_msg(!str_int(str_of(bad[i]), &value), "%s", bad[i]);
	ck_assert_int_eq(value, 42);
}
END_TEST

START_TEST(a_copy_that_does_not_fit_is_refused_and_empty)
{
	char text[4];

	ck_assert(str_copy(STR("abc"), text, sizeof text));
	ck_assert_str_eq(text, "abc");
	ck_assert(!str_copy(STR("abcd"), text, sizeof text));
	ck_assert_str_eq(text, "");
	ck_assert(!str_copy(STR(""), text, 0));
	ck_assert(str_copy(str_of(NULL), text, 1));
}
END_TEST

START_TEST(well_formed_utf8_is_accepted)
{
	static const char *const good[] = { "", "plain", "gr\xC3\xBC\xC3\x9F",
		"\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\xED\x9F\xBF",
		"\xEE\x80\x80", "\xF4\x8F\xBF\xBF", "\xC2\x80", "\xE0\xA0\x80",
		"\xF0\x90\x80\x80", "\x7f", "eight by8\xC3\xBC eight by8",
		NULL };

	for (int i = 0; good[i] != NULL; i++)
		ck_assert_msg(str_is_utf8(str_of(good[i])), "%d", i);
}
END_TEST

START_TEST(malformed_utf8_is_refused)
{
	static const char *const bad[] = { "\x80", "\xBF", "\xC0\x80",
		"\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xED\xBF\xBF",
		"\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80",
		"\xFF", "\xC3", "\xE2\x82", "\xF0\x9F\x98",
		"a\xC3"
		"a",
		"eight bytes and \xE2\x82"
		"x",
		"\xE2"
		"a\x80",
		NULL };

	for (int i = 0; bad[i] != NULL; i++)
		ck_assert_msg(!str_is_utf8(str_of(bad[i])), "%d", i);
}
END_TEST

START_TEST(a_character_tells_its_bytes)
{
	ck_assert_uint_eq(str_char_bytes(STR("a")), 1);
	ck_assert_uint_eq(str_char_bytes(STR("\xE2\x82\xAC"
					     "a")),
	    3);
	ck_assert_uint_eq(str_char_bytes(STR("\xE2\x82")), 0);
	ck_assert_uint_eq(str_char_bytes(STR("")), 0);
}
END_TEST

START_TEST(the_nearest_name_is_found)
{
	static const char *const names[] = { "port", "timeout_ms", "listen",
		"per_call", NULL };

	ck_assert_str_eq(str_nearest(STR("prot"), names), "port");
	ck_assert_str_eq(str_nearest(STR("timeout"), names), "timeout_ms");
	ck_assert_str_eq(str_nearest(STR("listne"), names), "listen");
	ck_assert_str_eq(str_nearest(STR("percall"), names), "per_call");
	ck_assert_str_eq(str_nearest(STR("port"), names), "port");
}
END_TEST

START_TEST(a_word_far_from_all_has_no_nearest)
{
	static const char *const names[] = { "port", "listen", NULL };
	char word[100];

	memset(word, 'p', sizeof word);
	ck_assert_ptr_null(str_nearest(STR("colour"), names));
	ck_assert_ptr_null(str_nearest(STR(""), names));
	ck_assert_ptr_null(
	    str_nearest((struct aicx_str) { word, sizeof word }, names));
	ck_assert_ptr_null(str_nearest(STR("x"), names + 2));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("str");
	TCase *tcase = tcase_create("str");

	tcase_add_test(tcase, texts_are_equal_byte_for_byte);
	tcase_add_test(tcase, beginnings_and_ends_are_recognised);
	tcase_add_test(tcase, order_is_by_bytes_then_length);
	tcase_add_test(tcase, blanks_are_trimmed_at_both_ends);
	tcase_add_test(tcase, a_text_is_cut_at_the_first_separator);
	tcase_add_test(tcase, integers_are_read_up_to_both_limits);
	tcase_add_test(
	    tcase, what_is_no_integer_is_refused_and_changes_nothing);
	tcase_add_test(tcase, a_copy_that_does_not_fit_is_refused_and_empty);
	tcase_add_test(tcase, well_formed_utf8_is_accepted);
	tcase_add_test(tcase, malformed_utf8_is_refused);
	tcase_add_test(tcase, a_character_tells_its_bytes);
	tcase_add_test(tcase, the_nearest_name_is_found);
	tcase_add_test(tcase, a_word_far_from_all_has_no_nearest);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
