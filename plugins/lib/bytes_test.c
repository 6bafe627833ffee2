/* SPDX-License-Identifier: Apache-2.0 */
/* bytes_test.c - bytes that grow, and what is printed into them. */
#include "bytes.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static void
ck_holds(const struct bytes *bytes, const char *text)
{
	ck_assert_msg(text_same(bytes_view(bytes), text_of(text)),
	    "\"%.*s\" is not \"%s\"", (int)bytes->len, bytes->ptr, text);
	ck_assert(!bytes->failed);
}

START_TEST(what_is_put_stands_in_order)
{
	struct bytes bytes = { 0 };

	bytes_text(&bytes, "a=");
	bytes_number(&bytes, 0);
	bytes_char(&bytes, ';');
	bytes_str(&bytes, TEXT("b="));
	bytes_number(&bytes, UINT64_MAX);
	bytes_put(&bytes, NULL, 0);
	ck_holds(&bytes, "a=0;b=18446744073709551615");
	bytes_clear(&bytes);
	ck_holds(&bytes, "");
	bytes_fini(&bytes);
	ck_assert_ptr_null(bytes.ptr);
}
END_TEST

START_TEST(room_that_was_made_keeps_the_bytes_in_place)
{
	struct bytes bytes = { 0 };
	const char *before;

	ck_assert(bytes_room(&bytes, 1000));
	before = bytes.ptr;
	for (int i = 0; i < 1000; i++)
		bytes_char(&bytes, 'x');
	ck_assert_ptr_eq(bytes.ptr, before);
	ck_assert_uint_eq(bytes.len, 1000);
	for (int i = 0; i < 1000; i++)
		bytes_char(&bytes, 'y');
	ck_assert_uint_eq(bytes.len, 2000);
	ck_assert_int_eq(bytes.ptr[999], 'x');
	ck_assert_int_eq(bytes.ptr[1999], 'y');
	bytes_fini(&bytes);
}
END_TEST

START_TEST(a_json_string_is_escaped_and_nothing_more)
{
	struct bytes bytes = { 0 };

	bytes_json(&bytes,
	    TEXT("\"a\\b\"\n\x1f"
		 "\xc3\xa9\x7f/"));
	ck_holds(&bytes, "\"\\\"a\\\\b\\\"\\u000a\\u001f\xc3\xa9\x7f/\"");
	bytes_clear(&bytes);
	bytes_json(&bytes, (struct aicx_str) { "\0", 1 });
	ck_holds(&bytes, "\"\\u0000\"");
	bytes_clear(&bytes);
	bytes_json(&bytes, (struct aicx_str) { NULL, 0 });
	ck_holds(&bytes, "\"\"");
	bytes_fini(&bytes);
}
END_TEST

START_TEST(a_long_json_string_grows_with_what_is_escaped)
{
	enum { N = 5000 };
	struct bytes bytes = { 0 };
	char *text = malloc(2 * N);

	ck_assert_ptr_nonnull(text);
	for (size_t i = 0; i < N; i++) {
		text[2 * i] = i % 2 == 0 ? '\x01' : '"';
		text[2 * i + 1] = 'x';
	}
	bytes_json(&bytes, (struct aicx_str) { text, 2 * N });
	ck_assert_uint_eq(bytes.len, 2 + N + N / 2 * (6 + 2));
	for (size_t i = 0; i < N / 2; i++)
		ck_assert_mem_eq(bytes.ptr + 1 + i * 10, "\\u0001x\\\"x", 10);
	ck_assert_int_eq(bytes.ptr[bytes.len - 1], '"');
	ck_assert(!bytes.failed);
	bytes_fini(&bytes);
	free(text);
}
END_TEST

START_TEST(a_form_is_decoded_or_refused)
{
	static const char *const bad[] = { "%", "%4", "%zz", "a%4", "%00" };
	struct bytes bytes = { 0 };

	ck_assert(bytes_form(&bytes, TEXT("a+b%2Bc%c3%A9")));
	ck_holds(&bytes, "a b+c\xc3\xa9");
	ck_assert(bytes_form(&bytes, TEXT("")));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ck_assert_msg(
		    !bytes_form(&bytes, text_of(bad[i])), "%s", bad[i]);
	ck_assert(!bytes_form(&bytes, (struct aicx_str) { "a\0", 2 }));
	bytes_fini(&bytes);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("plugin_bytes");
	TCase *tcase = tcase_create("bytes");

	tcase_add_test(tcase, what_is_put_stands_in_order);
	tcase_add_test(tcase, room_that_was_made_keeps_the_bytes_in_place);
	tcase_add_test(tcase, a_json_string_is_escaped_and_nothing_more);
	tcase_add_test(tcase, a_long_json_string_grows_with_what_is_escaped);
	tcase_add_test(tcase, a_form_is_decoded_or_refused);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
