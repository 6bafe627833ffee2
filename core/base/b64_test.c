/* SPDX-License-Identifier: Apache-2.0 */
/* b64_test.c - base64url both ways, and texts that are refused. */
#include "base/b64.h"

#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

START_TEST(the_vectors_of_the_standard_come_out)
{
	/* RFC 4648 section 10, without padding. */
	static const char *const pairs[][2] = { { "", "" }, { "f", "Zg" },
		{ "fo", "Zm8" }, { "foo", "Zm9v" }, { "foob", "Zm9vYg" },
		{ "fooba", "Zm9vYmE" }, { "foobar", "Zm9vYmFy" } };

	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		struct buf buf = { 0 };
		char back[8];
		size_t n = 99;
		b64_put(&buf, pairs[i][0], strlen(pairs[i][0]));
		ck_assert_str_eq(buf_cstr(&buf), pairs[i][1]);
		ck_assert(b64_parse_any(buf_view(&buf), back, sizeof back, &n));
		ck_assert_uint_eq(n, strlen(pairs[i][0]));
		ck_assert_mem_eq(back, pairs[i][0], n);
		buf_fini(&buf);
	}
}
END_TEST

START_TEST(every_byte_survives_the_way_there_and_back)
{
	uint8_t bytes[256], back[256];
	char text[B64_LEN(256)];

	for (int i = 0; i < 256; i++)
		bytes[i] = (uint8_t)(i * 7 + 1);
	for (size_t n = 1; n <= sizeof bytes; n++) {
		b64_print(bytes, n, text);
		struct aicx_str view = { text, B64_LEN(n) };
		ck_assert(b64_parse(view, back, n));
		ck_assert_mem_eq(back, bytes, n);
		ck_assert(!b64_parse(view, back, n - 1));
	}
}
END_TEST

START_TEST(the_url_alphabet_is_used)
{
	char text[4];

	b64_print("\xfb\xff\xbf", 3, text);
	ck_assert_mem_eq(text, "-_-_", 4);
}
END_TEST

START_TEST(foreign_text_is_refused_and_changes_nothing)
{
	static const char *const bad[] = { "A", "Zg==", "Zm9v\n", "Zm 9",
		"Zm+v", "Zm/v", "Zh", "Zm9", "Zm9vYg=", "\xc3\xbc\xc3\xbc",
		"Zm9vA", NULL };
	uint8_t out[8] = { 1, 2, 3 }, before[8];
	size_t n = 5;

	memcpy(before, out, sizeof out);
	for (int i = 0; bad[i] != NULL; i++)
		ck_assert_msg(
		    !b64_parse_any(str_of(bad[i]), out, 8, &n), "%s", bad[i]);
	ck_assert_uint_eq(n, 5);
	ck_assert_mem_eq(out, before, sizeof out);
}
END_TEST

START_TEST(bytes_beyond_the_cap_are_refused)
{
	uint8_t out[3];
	size_t n;

	ck_assert(b64_parse_any(STR("Zm9v"), out, 3, &n));
	ck_assert(!b64_parse_any(STR("Zm9v"), out, 2, &n));
	ck_assert(!b64_parse(STR("Zm9v"), out, 2));
	ck_assert(!b64_parse(str_of(NULL), out, 0));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("b64");
	TCase *tcase = tcase_create("b64");

	tcase_add_test(tcase, the_vectors_of_the_standard_come_out);
	tcase_add_test(tcase, every_byte_survives_the_way_there_and_back);
	tcase_add_test(tcase, the_url_alphabet_is_used);
	tcase_add_test(tcase, foreign_text_is_refused_and_changes_nothing);
	tcase_add_test(tcase, bytes_beyond_the_cap_are_refused);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
