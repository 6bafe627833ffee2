/* SPDX-License-Identifier: Apache-2.0 */
/* slice_test.c - parts of a JSON text, every byte as it is written. */
#include "slice.h"

#include <check.h>
#include <stdlib.h>

static const struct {
	const char *object, *found; /* of the member "b"; NULL: there is none */
} rows[] = {
	{ "{\"a\":1,\"b\":2.50}", "2.50" },
	{ " { \"a\" : [1, {\"b\": 3}] ,\n\"b\" : { \"c\" : [ ] } } ",
	    "{ \"c\" : [ ] }" },
	{ "{\"a\":\"\\\"\",\"b\":\"x\\\"y\"}", "\"x\\\"y\"" },
	{ "{\"a\":\"\\\\\",\"b\":\"\\\\\\\\\"}", "\"\\\\\\\\\"" },
	{ "{\"a\":\"\\\\\\\",\\\"b\\\":1,\",\"b\":\"\"}", "\"\"" },
	{ "{\"a\":\"},]\",\"b\":\"{[\"}", "\"{[\"" },
	{ "{\"a\":\"\\\"\\\"\",\"b\":true}", "true" },
	{ "{\"a\":{\"b\":1}}", NULL },
	{ "{\"\\\"b\":1}", NULL },
	{ "{}", NULL },
	{ "[\"b\",1]", NULL },
	{ "\"b\"", NULL },
	{ "", NULL },
};

START_TEST(a_member_is_found_whatever_strings_hold)
{
	struct aicx_str found = slice_get(text_of(rows[_i].object), "b");

	if (rows[_i].found == NULL)
		ck_assert_ptr_null(found.ptr);
	else
		ck_assert_msg(text_same(found, text_of(rows[_i].found)),
		    "\"%.*s\" of %s", (int)found.len, found.ptr,
		    rows[_i].object);
}
END_TEST

START_TEST(a_text_that_ends_within_a_string_is_read_to_its_end)
{
	static const char *const cut[] = { "{\"a", "{\"a\\", "{\"a\\\"",
		"{\"b\":\"", "{\"b\":\"x\\", "{\"b\":\"x\\\"", "{\"b\":" };

	for (size_t i = 0; i < sizeof cut / sizeof *cut; i++) {
		struct aicx_str text = text_of(cut[i]);
		struct aicx_str found = slice_get(text, "b");

		ck_assert_msg(found.ptr == NULL ||
			found.ptr + found.len == text.ptr + text.len,
		    "%zu", i);
	}
}
END_TEST

START_TEST(elements_come_in_order_without_names)
{
	struct slice_walk walk = { .text = TEXT("[ 1 ,\"a,\\\"]\",[2]]") };
	static const char *const wanted[] = { "1", "\"a,\\\"]\"", "[2]" };
	struct aicx_str name, value;

	for (size_t i = 0; i < 3; i++) {
		ck_assert(slice_next(&walk, &name, &value));
		ck_assert_ptr_null(name.ptr);
		ck_assert(text_same(value, text_of(wanted[i])));
	}
	ck_assert(!slice_next(&walk, &name, &value));
}
END_TEST

START_TEST(only_a_string_has_an_inside)
{
	ck_assert(text_same(slice_inside(TEXT("\"a\\\"b\"")), TEXT("a\\\"b")));
	ck_assert(text_same(slice_inside(TEXT("\"\"")), TEXT("")));
	ck_assert_ptr_null(slice_inside(TEXT("12")).ptr);
	ck_assert_ptr_null(slice_inside(TEXT("\"")).ptr);
	ck_assert_ptr_null(slice_inside(TEXT("")).ptr);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("plugin_slice");
	TCase *tcase = tcase_create("slice");

	tcase_add_loop_test(tcase, a_member_is_found_whatever_strings_hold, 0,
	    sizeof rows / sizeof *rows);
	tcase_add_test(
	    tcase, a_text_that_ends_within_a_string_is_read_to_its_end);
	tcase_add_test(tcase, elements_come_in_order_without_names);
	tcase_add_test(tcase, only_a_string_has_an_inside);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
