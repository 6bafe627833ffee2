/* SPDX-License-Identifier: Apache-2.0 */
/* varint_test.c - every length comes back; what is cut or too large does
   not. */
#include "base/varint.h"

#include <check.h>
#include <stdlib.h>

#include "base/str.h"

START_TEST(numbers_of_every_length_come_back)
{
	for (int bits = 0; bits <= 64; bits++) {
		uint64_t value = bits == 64
		    ? UINT64_MAX
		    : ((uint64_t)1 << bits) - (bits & 1);
		struct buf buf = { 0 };
		uint64_t again = 0;
		varint_put(&buf, value);
		varint_put(&buf, 5);
		struct aicx_str text = buf_view(&buf);
		ck_assert(varint_take(&text, &again));
		ck_assert_uint_eq(again, value);
		ck_assert_uint_eq(text.len, 1);
		ck_assert(varint_take(&text, &again));
		ck_assert_uint_eq(again, 5);
		ck_assert(!varint_take(&text, &again));
		buf_fini(&buf);
	}
}
END_TEST

START_TEST(what_is_cut_or_above_64_bits_is_refused_and_takes_nothing)
{
	struct aicx_str cut = STR("\x80\x80");
	struct aicx_str large = STR("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02");
	struct aicx_str endless =
	    STR("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01");
	uint64_t value = 7;

	ck_assert(!varint_take(&cut, &value));
	ck_assert(!varint_take(&large, &value));
	ck_assert(!varint_take(&endless, &value));
	ck_assert_uint_eq(cut.len, 2);
	ck_assert_uint_eq(value, 7);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("varint");
	TCase *tcase = tcase_create("varint");

	tcase_add_test(tcase, numbers_of_every_length_come_back);
	tcase_add_test(
	    tcase, what_is_cut_or_above_64_bits_is_refused_and_takes_nothing);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
