/* SPDX-License-Identifier: Apache-2.0 */
/* id_test.c - UUIDs made, printed and read. */
#include "base/id.h"

#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

START_TEST(a_version_7_id_carries_its_time)
{
	/* The example of RFC 9562 appendix A.6. */
	static const uint8_t random[10] = { 0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c,
		0x0c, 0x07, 0x39, 0x8f };
	struct aicx_id id = id_v7(0x017F22E279B0, random);

	ck_assert_str_eq(
	    id_text(&id).text, "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
}
END_TEST

START_TEST(a_version_8_id_has_its_marks)
{
	uint8_t hash[16];

	memset(hash, 0xff, sizeof hash);
	struct aicx_id id = id_v8(hash);
	ck_assert_str_eq(
	    id_text(&id).text, "ffffffff-ffff-8fff-bfff-ffffffffffff");
}
END_TEST

START_TEST(later_ids_sort_later)
{
	uint8_t low[10] = { 0 }, high[10];

	memset(high, 0xff, sizeof high);
	struct aicx_id older = id_v7(1000, high), newer = id_v7(1001, low);
	ck_assert_int_lt(memcmp(older.bytes, newer.bytes, 16), 0);
}
END_TEST

START_TEST(a_printed_id_reads_back)
{
	struct aicx_id id, back;

	for (int i = 0; i < 16; i++)
		id.bytes[i] = (uint8_t)(i * 17);
	ck_assert(id_parse(str_of(id_text(&id).text), &back));
	ck_assert(id_eq(&id, &back));
	ck_assert_uint_eq(id_bytes(&id).len, 16);
	ck_assert_mem_eq(id_bytes(&id).ptr, id.bytes, 16);
}
END_TEST

START_TEST(other_forms_are_refused_and_change_nothing)
{
	static const char *const bad[] = { "",
		"017F22E2-79B0-7CC3-98C4-DC0C0C07398F",
		"017f22e279b07cc398c4dc0c0c07398f",
		"{017f22e2-79b0-7cc3-98c4-dc0c0c07398f}",
		"017f22e2-79b0-7cc3-98c4-dc0c0c07398",
		"017f22e2-79b0-7cc3-98c4-dc0c0c07398ff",
		"017f22e2079b0-7cc3-98c4-dc0c0c07398f",
		"017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
		"017f22e2-79b0-7cc3-98c4-dc0c0c07 98f",
		"017f22e-279b0-7cc3-98c4-dc0c0c07398f", NULL };
	struct aicx_id id = { { 1 } };

	for (int i = 0; bad[i] != NULL; i++)
		ck_assert_msg(!id_parse(str_of(bad[i]), &id), "%s", bad[i]);
	ck_assert_uint_eq(id.bytes[0], 1);
}
END_TEST

/* A digit is told from every other byte in every place. */
START_TEST(each_place_takes_sixteen_digits_and_nothing_else)
{
	static const char good[] = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";
	char text[ID_TEXT + 1];
	struct aicx_id id;

	for (size_t at = 0; at < ID_TEXT; at++) {
		for (int c = 1; c < 256; c++) {
			bool digit =
			    (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
			memcpy(text, good, sizeof text);
			text[at] = (char)c;
			bool want = good[at] == '-' ? c == '-' : digit;
			ck_assert_int_eq(id_parse(str_of(text), &id), want);
			if (want)
				ck_assert_str_eq(id_text(&id).text, text);
		}
	}
}
END_TEST

START_TEST(only_zeros_are_nil)
{
	struct aicx_id id = { { 0 } };

	ck_assert(id_is_nil(&id));
	id.bytes[15] = 1;
	ck_assert(!id_is_nil(&id));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("id");
	TCase *tcase = tcase_create("id");

	tcase_add_test(tcase, a_version_7_id_carries_its_time);
	tcase_add_test(tcase, a_version_8_id_has_its_marks);
	tcase_add_test(tcase, later_ids_sort_later);
	tcase_add_test(tcase, a_printed_id_reads_back);
	tcase_add_test(tcase, other_forms_are_refused_and_change_nothing);
	tcase_add_test(tcase, each_place_takes_sixteen_digits_and_nothing_else);
	tcase_add_test(tcase, only_zeros_are_nil);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
