/* SPDX-License-Identifier: Apache-2.0 */
/* canon_test.c - RFC 8785 by its own vectors, and what an amount may not lose.
 */
#include "canon.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct bytes out;

static const char *
canonical(const char *text)
{
	json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);

	ck_assert_ptr_nonnull(value);
	bytes_clear(&out);
	canon_print(value, &out);
	bytes_char(&out, '\0');
	json_decref(value);
	return out.ptr;
}

START_TEST(members_are_sorted_by_utf16_and_numbers_are_the_shortest)
{
	ck_assert_str_eq(canonical("{\"b\":[],\"a\":{\"d\":1,\"c\":null}}"),
	    "{\"a\":{\"c\":null,\"d\":1},\"b\":[]}");
	/* U+1F600 is a surrogate pair, so it comes before U+FB33. */
	ck_assert_str_eq(canonical("{\"\\ufb33\":1,\"\\ud83d\\ude00\":2}"),
	    "{\"\xf0\x9f\x98\x80\":2,\"\xef\xac\xb3\":1}");
	ck_assert_str_eq(canonical("[1e30,0.1,-0.0,4.50,1e-7,0.000001,1e21,"
				   "100000000000000000000.0,123.456]"),
	    "[1e+30,0.1,0,4.5,1e-7,0.000001,1e+21,100000000000000000000,"
	    "123.456]");
	ck_assert_str_eq(canonical("[9007199254740993]"), "[9007199254740992]");
	ck_assert_str_eq(
	    canonical("\"\\u001f\\b\\/\\\"\""), "\"\\u001f\\b/\\\"\"");
}
END_TEST

START_TEST(what_only_passes_through_keeps_its_order_and_its_integers)
{
	json_t *value =
	    json_loads("{\"b\":9007199254740993,\"a\":-0.1}", 0, NULL);

	bytes_clear(&out);
	plain_print(value, &out);
	bytes_char(&out, '\0');
	ck_assert_str_eq(out.ptr, "{\"b\":9007199254740993,\"a\":-0.1}");
	json_decref(value);
}
END_TEST

START_TEST(base64url_has_no_padding)
{
	static const char *const rows[][2] = { { "", "" }, { "f", "Zg" },
		{ "fo", "Zm8" }, { "foo", "Zm9v" }, { "\xff\xfe", "__4" } };

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		bytes_clear(&out);
		canon_base64(text_of(rows[i][0]), &out);
		bytes_char(&out, '\0');
		ck_assert_str_eq(out.ptr, rows[i][1]);
	}
}
END_TEST

/* False, with a visible line, when it is not there. */
static bool
read_vector(const char *folder, const char *name, struct bytes *ret_text)
{
	const char *env = getenv("AICX_VECTORS");
	const char *srcdir = getenv("srcdir");
	char path[1024];
	FILE *file;
	char block[4096];
	size_t n;

	(void)snprintf(path, sizeof path, "%s%s/jcs/testdata/%s/%s.json",
	    env != NULL          ? env
		: srcdir != NULL ? srcdir
				 : ".",
	    env != NULL ? "" : "/../shared/vectors", folder, name);
	file = fopen(path, "r");
	if (file == NULL) {
		printf("skipped: no %s\n", path);
		return false;
	}
	while ((n = fread(block, 1, sizeof block, file)) > 0)
		bytes_put(ret_text, block, n);
	(void)fclose(file);
	bytes_char(ret_text, '\0');
	return true;
}

START_TEST(the_published_vectors_come_out_byte_for_byte)
{
	static const char *const names[] = { "arrays", "french", "structures",
		"unicode", "values", "weird" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct bytes input = { 0 };
		struct bytes wanted = { 0 };

		if (read_vector("input", names[i], &input) &&
		    read_vector("output", names[i], &wanted))
			ck_assert_str_eq(canonical(input.ptr), wanted.ptr);
		bytes_fini(&input);
		bytes_fini(&wanted);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("a2a_canon");
	TCase *tcase = tcase_create("canon");

	tcase_add_test(
	    tcase, members_are_sorted_by_utf16_and_numbers_are_the_shortest);
	tcase_add_test(
	    tcase, what_only_passes_through_keeps_its_order_and_its_integers);
	tcase_add_test(tcase, base64url_has_no_padding);
	tcase_add_test(tcase, the_published_vectors_come_out_byte_for_byte);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	bytes_fini(&out);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
