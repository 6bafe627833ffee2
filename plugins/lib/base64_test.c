/* SPDX-License-Identifier: Apache-2.0 */
/* base64_test.c - the vectors of RFC 4648 section 10, and what is none. */
#include "base64.h"

#include <check.h>
#include <stdlib.h>

static const struct {
	struct aicx_str bytes, text;
} rows[] = {
	{ TEXT(""), TEXT("") },
	{ TEXT("f"), TEXT("Zg==") },
	{ TEXT("fo"), TEXT("Zm8=") },
	{ TEXT("foo"), TEXT("Zm9v") },
	{ TEXT("foob"), TEXT("Zm9vYg==") },
	{ TEXT("fooba"), TEXT("Zm9vYmE=") },
	{ TEXT("foobar"), TEXT("Zm9vYmFy") },
	{ TEXT("\xff\xfe\0"), TEXT("//4A") },
	{ TEXT("\xfb\xef\xbe"), TEXT("++++") },
};

START_TEST(bytes_have_one_text_and_it_stands_for_them)
{
	struct bytes out = { 0 };

	bytes_base64(&out, rows[_i].bytes.ptr, rows[_i].bytes.len);
	ck_assert(text_same(bytes_view(&out), rows[_i].text));
	bytes_clear(&out);
	ck_assert(bytes_from_base64(rows[_i].text, &out));
	ck_assert(text_same(bytes_view(&out), rows[_i].bytes));
	bytes_fini(&out);
}
END_TEST

START_TEST(any_other_text_is_refused_and_changes_nothing)
{
	static const char *const bad[] = { "Z", "Zg",
		"Zg=", "Zg===", "Zh==", "Zm9=", "=",
		"==", "===", "====", "Zg==Zg==", "Z===", " Zg==", "Zm9v\n",
		"Zm9v\nYmF", "Zm-v", "Zm_v", "Zm9\x80" };
	struct bytes out = { 0 };

	bytes_text(&out, "kept");
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		ck_assert_msg(!bytes_from_base64(text_of(bad[i]), &out),
		    "\"%s\"", bad[i]);
		ck_assert(text_same(bytes_view(&out), TEXT("kept")));
	}
	ck_assert(!bytes_from_base64((struct aicx_str) { "Zg\0=", 4 }, &out));
	bytes_fini(&out);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("plugin_base64");
	TCase *tcase = tcase_create("base64");

	tcase_add_loop_test(tcase, bytes_have_one_text_and_it_stands_for_them,
	    0, sizeof rows / sizeof *rows);
	tcase_add_test(tcase, any_other_text_is_refused_and_changes_nothing);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
