/* SPDX-License-Identifier: Apache-2.0 */
/* reputation_test.c - where a newcomer starts, and how fast it moves. */
#include "discovery/reputation.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static void
add(struct reputation *reputation, int n, bool success, int64_t latency_ms)
{
	for (int i = 0; i < n; i++)
		reputation_add(reputation, success, latency_ms, 1000 + i);
}

START_TEST(a_newcomer_has_three_stars_and_no_latency)
{
	struct reputation none = { .total_calls = 0 };

	ck_assert_int_eq(reputation_score(NULL), 3000);
	ck_assert_int_eq(reputation_score(&none), 3000);
	ck_assert_int_eq(reputation_latency_ms(NULL), 0);
	ck_assert_int_eq(reputation_latency_ms(&none), 0);
}
END_TEST

START_TEST(one_call_is_no_verdict)
{
	struct reputation good = { .total_calls = 0 }, bad = good;

	add(&good, 1, true, 10);
	add(&bad, 1, false, 10);
	ck_assert_int_eq(reputation_score(&good), 3400);
	ck_assert_int_eq(reputation_score(&bad), 2400);
}
END_TEST

START_TEST(many_calls_come_near_the_ends_and_never_beyond)
{
	struct reputation good = { .total_calls = 0 }, bad = good;
	int64_t last = 3000;

	for (int i = 0; i < 1000; i++) {
		add(&good, 1, true, 1);
		ck_assert_int_ge(reputation_score(&good), last);
		last = reputation_score(&good);
	}
	ck_assert_int_eq(last, 4992);
	add(&bad, 1000, false, 1);
	ck_assert_int_eq(reputation_score(&bad), 11);
	good.successful_calls = good.total_calls = INT64_C(1000000000000000);
	ck_assert_int_eq(reputation_score(&good), 4999);
}
END_TEST

START_TEST(every_finished_call_is_counted)
{
	struct reputation reputation = { .total_calls = 0 };

	add(&reputation, 3, true, 30);
	add(&reputation, 1, true, 70);
	add(&reputation, 2, false, 9999);
	ck_assert_int_eq(reputation.total_calls, 6);
	ck_assert_int_eq(reputation.successful_calls, 4);
	ck_assert_int_eq(reputation.failed_calls, 2);
	/* Time that a failure took says nothing about results. */
	ck_assert_int_eq(reputation_latency_ms(&reputation), 40);
	ck_assert_int_eq(reputation.updated_ms, 1001);
	ck_assert_int_eq(
	    reputation_score(&reputation), (4 * 5000 + 12000) / 10);
}
END_TEST

static const char *
printed(const struct reputation *reputation, struct buf *buf)
{
	struct json_writer w = json_writer(buf);

	json_open(&w, '{');
	reputation_put(reputation, &w);
	json_close(&w);
	return buf_cstr(buf);
}

START_TEST(stars_are_printed_with_three_decimals)
{
	struct reputation reputation = { .total_calls = 0 };
	struct buf buf = { 0 };

	ck_assert_str_eq(printed(NULL, &buf),
	    "{\"overall_score\":3.000,\"total_calls\":0,"
	    "\"successful_calls\":0,\"failed_calls\":0,\"avg_latency_ms\":0}");
	buf_clear(&buf);
	add(&reputation, 1000, false, 1);
	reputation.updated_ms = INT64_C(1795352646000);
	ck_assert_str_eq(printed(&reputation, &buf),
	    "{\"overall_score\":0.011,\"total_calls\":1000,"
	    "\"successful_calls\":0,\"failed_calls\":1000,"
	    "\"avg_latency_ms\":0,"
	    "\"last_updated\":\"2026-11-22T13:04:06.000Z\"}");
	buf_fini(&buf);
}
END_TEST

START_TEST(a_row_is_printed_and_read_back)
{
	struct reputation reputation = { .agent_id = { { 1 } } }, back;
	struct arena arena = { 0 };
	struct buf buf = { 0 };
	struct json doc;
	struct json_writer w = json_writer(&buf);

	add(&reputation, 5, true, 12);
	add(&reputation, 2, false, 12);
	json_open(&w, '{');
	field_print(reputation_fields, &reputation, NULL, &w);
	json_close(&w);
	ck_assert_int_eq(
	    json_parse(buf_view(&buf), &arena, &doc, NULL), AICX_OK);
	ck_assert_int_eq(field_parse(reputation_fields, json_root(&doc), NULL,
			     true, &arena, &back, sizeof back, NULL),
	    AICX_OK);
	ck_assert_mem_eq(&back, &reputation, sizeof back);
	buf_fini(&buf);
	arena_fini(&arena);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("reputation");
	TCase *tcase = tcase_create("reputation");

	tcase_add_test(tcase, a_newcomer_has_three_stars_and_no_latency);
	tcase_add_test(tcase, one_call_is_no_verdict);
	tcase_add_test(tcase, many_calls_come_near_the_ends_and_never_beyond);
	tcase_add_test(tcase, every_finished_call_is_counted);
	tcase_add_test(tcase, stars_are_printed_with_three_decimals);
	tcase_add_test(tcase, a_row_is_printed_and_read_back);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
