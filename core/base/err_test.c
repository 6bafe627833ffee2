/* SPDX-License-Identifier: Apache-2.0 */
/* err_test.c - filled error structs. */
#include "base/err.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

START_TEST(the_code_comes_back_and_the_struct_is_filled)
{
	struct aicx_error err;

	ck_assert_int_eq(
	    err_set(&err, AICX_EIO, "cannot open \"%s\"", "x"), AICX_EIO);
	ck_assert_int_eq(err.code, AICX_EIO);
	ck_assert_str_eq(err.word, "");
	ck_assert_str_eq(err.field, "");
	ck_assert_str_eq(err.text, "cannot open \"x\"");
	ck_assert_int_eq(
	    err_field(&err, AICX_EINVAL, "invalid_params", "/a/b", "no"),
	    AICX_EINVAL);
	ck_assert_str_eq(err.word, "invalid_params");
	ck_assert_str_eq(err.field, "/a/b");
	ck_assert_int_eq(
	    err_word(&err, AICX_EEXIST, "conflict", "no"), AICX_EEXIST);
	ck_assert_str_eq(err.word, "conflict");
	ck_assert_str_eq(err.field, "");
}
END_TEST

START_TEST(nobody_need_listen)
{
	ck_assert_int_eq(err_set(NULL, AICX_EIO, "x"), AICX_EIO);
}
END_TEST

START_TEST(a_long_text_is_cut_between_characters)
{
	struct aicx_error err;
	char text[400];

	for (size_t i = 0; i + 1 < sizeof text; i += 2)
		memcpy(text + i, "\xC3\xBC", 2);
	text[sizeof text - 2] = '\0';
	(void)err_set(&err, AICX_EIO, "%s", text);
	ck_assert_uint_eq(strlen(err.text), 222);
	ck_assert(str_is_utf8(str_of(err.text)));
	(void)err_set(&err, AICX_EIO, "a%s", text);
	ck_assert_uint_eq(strlen(err.text), 223);
	ck_assert(str_is_utf8(str_of(err.text)));
}
END_TEST

START_TEST(bytes_that_are_no_text_become_question_marks)
{
	struct aicx_error err;

	(void)err_field(
	    &err, AICX_EIO, "w", "/\xFF", "a\xC3 b\x80\xC3\xBC\xED\xA0\x80");
	ck_assert_str_eq(err.text, "a? b?\xC3\xBC???");
	ck_assert_str_eq(err.field, "/?");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("err");
	TCase *tcase = tcase_create("err");

	tcase_add_test(tcase, the_code_comes_back_and_the_struct_is_filled);
	tcase_add_test(tcase, nobody_need_listen);
	tcase_add_test(tcase, a_long_text_is_cut_between_characters);
	tcase_add_test(tcase, bytes_that_are_no_text_become_question_marks);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
