/* SPDX-License-Identifier: Apache-2.0 */
/* clock_test.c - times as text, and the calendar. */
#include "base/clock.h"

#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

/* The time a text stands for; the test fails when it stands for none. */
static int64_t
ms_of(const char *text)
{
	int64_t at_ms = 0;

	ck_assert_msg(time_parse(str_of(text), &at_ms), "%s", text);
	return at_ms;
}

START_TEST(known_times_print_and_read)
{
	static const struct {
		int64_t at_ms;
		const char *text;
	} known[] = { { 0, "1970-01-01T00:00:00.000Z" },
		{ -1, "1969-12-31T23:59:59.999Z" },
		{ 951782400000, "2000-02-29T00:00:00.000Z" },
		{ 1795352645678, "2026-11-22T13:04:05.678Z" },
		{ -62167219200000, "0000-01-01T00:00:00.000Z" },
		{ 253402300799999, "9999-12-31T23:59:59.999Z" } };

	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		ck_assert_str_eq(time_text(known[i].at_ms).text, known[i].text);
		ck_assert_int_eq(ms_of(known[i].text), known[i].at_ms);
	}
}
END_TEST

START_TEST(every_day_of_eight_hundred_years_reads_back)
{
	const int64_t day = 86400000;

	for (int64_t n = -146097; n <= 146097; n++) {
		struct time_text text = time_text(n * day + 3723004);
		ck_assert_int_eq(ms_of(text.text), n * day + 3723004);
	}
}
END_TEST

START_TEST(every_second_of_a_day_and_millisecond_of_one_reads_back)
{
	for (int64_t at_ms = 0; at_ms < 86400000; at_ms += 1000)
		ck_assert_int_eq(ms_of(time_text(at_ms).text), at_ms);
	for (int64_t at_ms = 0; at_ms < 1000; at_ms++)
		ck_assert_int_eq(ms_of(time_text(at_ms).text), at_ms);
}
END_TEST

START_TEST(times_out_of_range_are_clamped)
{
	ck_assert_str_eq(time_text(INT64_MAX).text, "9999-12-31T23:59:59.999Z");
	ck_assert_str_eq(time_text(INT64_MIN).text, "0000-01-01T00:00:00.000Z");
}
END_TEST

START_TEST(decimals_are_cut_to_milliseconds)
{
	ck_assert_int_eq(ms_of("1970-01-01T00:00:01Z"), 1000);
	ck_assert_int_eq(ms_of("1970-01-01T00:00:01.5Z"), 1500);
	ck_assert_int_eq(ms_of("1970-01-01T00:00:01.25Z"), 1250);
	ck_assert_int_eq(ms_of("1970-01-01T00:00:01.999999999Z"), 1999);
}
END_TEST

START_TEST(a_leap_second_is_the_next_second)
{
	int64_t at_ms;

	ck_assert_int_eq(
	    ms_of("2016-12-31T23:59:60Z"), ms_of("2017-01-01T00:00:00Z"));
	ck_assert(!time_parse(STR("2016-12-30T23:59:60Z"), &at_ms));
	ck_assert(!time_parse(STR("2016-12-31T22:59:60Z"), &at_ms));
	ck_assert(!time_parse(STR("2016-12-31T23:59:61Z"), &at_ms));
	ck_assert(!time_parse(STR("9999-12-31T23:59:60Z"), &at_ms));
}
END_TEST

START_TEST(what_the_calendar_lacks_is_refused)
{
	static const char *const bad[] = { "2026-02-29T00:00:00Z",
		"1900-02-29T00:00:00Z", "2026-04-31T00:00:00Z",
		"2026-00-01T00:00:00Z", "2026-13-01T00:00:00Z",
		"2026-01-00T00:00:00Z", "2026-01-01T24:00:00Z",
		"2026-01-01T00:60:00Z", NULL };
	int64_t at_ms = 7;

	for (int i = 0; bad[i] != NULL; i++)
		ck_assert_msg(
		    !time_parse(str_of(bad[i]), &at_ms), "%s", bad[i]);
	ck_assert_int_eq(at_ms, 7);
	ck_assert_int_eq(ms_of("2000-02-29T00:00:00Z"), INT64_C(951782400000));
}
END_TEST

START_TEST(other_forms_are_refused)
{
	static const char *const bad[] = { "", "2026-11-22",
		"2026-11-22 13:04:05Z", "2026-11-22t13:04:05z",
		"2026-11-22T13:04:05", "2026-11-22T13:04:05+00:00",
		"2026-11-22T13:04:05.Z", "2026-11-22T13:04:05,5Z",
		"2026-11-22T13:04:05.1234567890Z", "2026-11-22T13:04:05.67xZ",
		"2026-11-22T13:04Z", "+026-11-22T13:04:05Z",
		"2026-11-22T13:04:5.1Z", "2026-11-22T13:04:05Z ",
		"20261122T130405.00000Z", "2026-11-22T1 :04:05Z", NULL };
	int64_t at_ms;

	for (int i = 0; bad[i] != NULL; i++)
		ck_assert_msg(
		    !time_parse(str_of(bad[i]), &at_ms), "%s", bad[i]);
}
END_TEST

START_TEST(periods_start_at_midnight)
{
	int64_t leap = ms_of("2024-02-29T12:00:00Z");
	int64_t last = ms_of("2025-12-31T23:59:59.999Z");

	ck_assert_int_eq(time_next_day(leap), ms_of("2024-03-01T00:00:00Z"));
	ck_assert_int_eq(time_next_month(leap), ms_of("2024-03-01T00:00:00Z"));
	ck_assert_int_eq(time_next_year(leap), ms_of("2025-01-01T00:00:00Z"));
	ck_assert_int_eq(time_next_day(last), last + 1);
	ck_assert_int_eq(time_next_month(last), last + 1);
	ck_assert_int_eq(time_next_year(last), last + 1);
	/* At a boundary it is the next one. */
	ck_assert_int_eq(time_next_day(0), 86400000);
	ck_assert_int_eq(time_next_day(-1), 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("clock");
	TCase *tcase = tcase_create("clock");

	tcase_add_test(tcase, known_times_print_and_read);
	tcase_add_test(tcase, every_day_of_eight_hundred_years_reads_back);
	tcase_add_test(
	    tcase, every_second_of_a_day_and_millisecond_of_one_reads_back);
	tcase_add_test(tcase, times_out_of_range_are_clamped);
	tcase_add_test(tcase, decimals_are_cut_to_milliseconds);
	tcase_add_test(tcase, a_leap_second_is_the_next_second);
	tcase_add_test(tcase, what_the_calendar_lacks_is_refused);
	tcase_add_test(tcase, other_forms_are_refused);
	tcase_add_test(tcase, periods_start_at_midnight);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
