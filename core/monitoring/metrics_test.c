/* SPDX-License-Identifier: Apache-2.0 */
/* metrics_test.c - counting, and print that Prometheus' own checker likes. */
#include "monitoring/metrics.h"

#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

/* Is this line in the text? */
static bool
has_line(struct buf *buf, const char *line)
{
	struct aicx_str rest = buf_view(buf);

	while (rest.len > 0) {
		if (str_is(str_cut(rest, '\n', &rest), line))
			return true;
	}
	return false;
}

/* Some of everything. */
static struct metrics *
busy_broker(void)
{
	struct metrics *m = metrics_new();

	metrics_count(m, METRIC_REQUESTS, 3, "http", "deal.buy", "ok");
	metrics_count(m, METRIC_REQUESTS, 1, "ws", "deal.buy", "refused");
	metrics_observe(m, METRIC_REQUEST_DURATION, 75, "deal.buy");
	metrics_observe(m, METRIC_REQUEST_DURATION, 2500, "deal.buy");
	metrics_observe(m, METRIC_REQUEST_DURATION, 99000000, "deal.buy");
	metrics_count(m, METRIC_REFUSALS, 1, "no_offer");
	metrics_count(m, METRIC_RELAYED, 2);
	metrics_count(m, METRIC_EXECUTIONS, 1, "done");
	metrics_count(m, METRIC_CONTRACTS, 1, "signed");
	metrics_count(m, METRIC_DEALS, 1, "settled");
	metrics_set(m, METRIC_REGISTRY_AGENTS, 12);
	metrics_set(m, METRIC_SESSIONS, 4);
	metrics_observe(m, METRIC_COMMIT_BATCH, 5);
	metrics_observe(m, METRIC_COMMIT_DURATION, 730);
	metrics_count(m, METRIC_HOOK_RUNS, 1, "choose", "ok");
	metrics_set(m, METRIC_PLUGIN_UP, 1, "transport_http:main");
	metrics_count(m, METRIC_PLUGIN_EVENTS, 9, "transport_http:main",
	    "bytes \"in\"\n\\");
	metrics_set(m, METRIC_BUILD_INFO, 1, "0.1.0");
	metrics_set(m, METRIC_PROCESS_START, 1795352645678);
	metrics_set(m, METRIC_PROCESS_CPU, 1250000);
	metrics_set(m, METRIC_PROCESS_MEMORY, 8 << 20);
	metrics_set(m, METRIC_PROCESS_FDS, 17);
	return m;
}

START_TEST(counters_add_up_for_each_combination_of_labels)
{
	struct metrics *m = busy_broker();

	metrics_count(m, METRIC_REQUESTS, 2, "http", "deal.buy", "ok");
	ck_assert_int_eq(
	    metrics_get(m, METRIC_REQUESTS, "http", "deal.buy", "ok"), 5);
	ck_assert_int_eq(
	    metrics_get(m, METRIC_REQUESTS, "ws", "deal.buy", "refused"), 1);
	ck_assert_int_eq(
	    metrics_get(m, METRIC_REQUESTS, "ws", "deal.buy", "ok"), 0);
	ck_assert_int_eq(metrics_get(m, METRIC_RELAYED), 2);
	metrics_free(m);
	metrics_free(NULL);
}
END_TEST

START_TEST(a_series_once_found_counts_without_a_look_up)
{
	struct metrics *m = metrics_new();
	struct series *series =
	    metrics_series(m, METRIC_DEALS, LABELS("settled"));

	for (int i = 0; i < 1000; i++) {
		char state[16];
		(void)snprintf(state, sizeof state, "s%d", i);
		metrics_count(m, METRIC_DEALS, 1, state);
		series_add(series, 1);
	}
	ck_assert_int_eq(metrics_get(m, METRIC_DEALS, "settled"), 1000);
	ck_assert_ptr_eq(
	    metrics_series(m, METRIC_DEALS, LABELS("settled")), series);
	metrics_free(m);
}
END_TEST

START_TEST(gauges_go_both_ways_and_counters_never_back)
{
	struct metrics *m = metrics_new();

	metrics_set(m, METRIC_SESSIONS, 5);
	metrics_count(m, METRIC_SESSIONS, -7);
	ck_assert_int_eq(metrics_get(m, METRIC_SESSIONS), -2);
	metrics_set(m, METRIC_RECORDS, 10);
	metrics_set(m, METRIC_RECORDS, 9);
	ck_assert_int_eq(metrics_get(m, METRIC_RECORDS), 10);
	metrics_count(m, METRIC_RECORDS, INT64_MAX);
	ck_assert_int_eq(metrics_get(m, METRIC_RECORDS), INT64_MAX);
	metrics_free(m);
}
END_TEST

START_TEST(a_counter_that_shrinks_is_a_broken_assumption)
{
	struct metrics *m = metrics_new();

	metrics_count(m, METRIC_RECORDS, -1);
	metrics_free(m);
}
END_TEST

START_TEST(one_label_too_many_is_a_broken_assumption)
{
	struct metrics *m = metrics_new();

	metrics_count(m, METRIC_RELAYED, 1, "http");
	metrics_free(m);
}
END_TEST

START_TEST(foreign_label_values_become_other)
{
	struct metrics *m = metrics_new();
	char longest[METRIC_LABEL_BYTES_MAX + 2];

	memset(longest, 'x', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	metrics_count(m, METRIC_REFUSALS, 1, longest);
	metrics_count(m, METRIC_REFUSALS, 1, "\xFF");
	metrics_count(m, METRIC_REFUSALS, 1, (const char *)NULL);
	ck_assert_int_eq(metrics_get(m, METRIC_REFUSALS, "other"), 3);
	metrics_count(m, METRIC_REFUSALS, 1, longest + 1);
	ck_assert_int_eq(metrics_get(m, METRIC_REFUSALS, longest + 1), 1);
	metrics_count(m, METRIC_REQUESTS, 1, "http");
	ck_assert_int_eq(
	    metrics_get(m, METRIC_REQUESTS, "http", "other", "other"), 1);
	metrics_free(m);
}
END_TEST

START_TEST(a_family_has_a_bounded_number_of_series)
{
	struct metrics *m = metrics_new();
	struct buf buf = { 0 };
	char name[32];

	for (int i = 0; i < METRIC_SERIES_MAX + 100; i++) {
		(void)snprintf(name, sizeof name, "m%d", i);
		metrics_count(m, METRIC_PLUGIN_EVENTS, 1, "p", name);
	}
	ck_assert_int_eq(
	    metrics_get(m, METRIC_PLUGIN_EVENTS, "other", "other"), 100);
	ck_assert_int_eq(metrics_get(m, METRIC_PLUGIN_EVENTS, "p", "m0"), 1);
	ck_assert_int_eq(metrics_get(m, METRIC_PLUGIN_EVENTS, "p", "m2050"), 0);
	metrics_print(m, false, &buf);
	ck_assert_uint_lt(buf.len, 300000);
	buf_fini(&buf);
	metrics_free(m);
}
END_TEST

START_TEST(the_text_has_help_type_and_all_samples_together)
{
	struct metrics *m = busy_broker();
	struct buf buf = { 0 };

	metrics_print(m, false, &buf);
	ck_assert(str_starts(buf_view(&buf),
	    "# HELP aiconexus_requests_total Messages answered, by transport, "
	    "operation and outcome.\n"
	    "# TYPE aiconexus_requests_total counter\n"
	    "aiconexus_requests_total{transport=\"http\","
	    "operation=\"deal.buy\",outcome=\"ok\"} 3\n"
	    "aiconexus_requests_total{transport=\"ws\","
	    "operation=\"deal.buy\",outcome=\"refused\"} 1\n"
	    "# HELP aiconexus_request_duration_seconds "));
	ck_assert(has_line(&buf, "aiconexus_relayed_total 2"));
	ck_assert(has_line(&buf, "aiconexus_holds_open 0"));
	ck_assert(has_line(&buf, "aiconexus_registry_agents 12"));
	ck_assert(has_line(&buf, "aiconexus_build_info{version=\"0.1.0\"} 1"));
	ck_assert(has_line(&buf, "# TYPE aiconexus_build_info gauge"));
	ck_assert(has_line(&buf, "process_start_time_seconds 1795352645.678"));
	ck_assert(has_line(&buf, "process_cpu_seconds_total 1.25"));
	ck_assert(has_line(&buf, "process_resident_memory_bytes 8388608"));
	ck_assert(has_line(&buf,
	    "aiconexus_plugin_events_total{plugin=\"transport_http:main\","
	    "metric=\"bytes \\\"in\\\"\\n\\\\\"} 9"));
	ck_assert_int_eq(buf.ptr[buf.len - 1], '\n');
	ck_assert(!has_line(&buf, "# EOF"));
	buf_fini(&buf);
	metrics_free(m);
}
END_TEST

START_TEST(buckets_are_cumulated_and_in_seconds)
{
	struct metrics *m = busy_broker();
	struct buf buf = { 0 };

#define NAME "aiconexus_request_duration_seconds"
#define OF "operation=\"deal.buy\""
	metrics_print(m, false, &buf);
	ck_assert(has_line(&buf, "# TYPE " NAME " histogram"));
	ck_assert(has_line(&buf, NAME "_bucket{" OF ",le=\"0.0001\"} 1"));
	ck_assert(has_line(&buf, NAME "_bucket{" OF ",le=\"0.001\"} 1"));
	ck_assert(has_line(&buf, NAME "_bucket{" OF ",le=\"0.0025\"} 2"));
	ck_assert(has_line(&buf, NAME "_bucket{" OF ",le=\"1\"} 2"));
	ck_assert(has_line(&buf, NAME "_bucket{" OF ",le=\"10\"} 2"));
	ck_assert(has_line(&buf, NAME "_bucket{" OF ",le=\"+Inf\"} 3"));
	ck_assert(has_line(&buf, NAME "_sum{" OF "} 99.002575"));
	ck_assert(has_line(&buf, NAME "_count{" OF "} 3"));
#undef NAME
#undef OF
	ck_assert(has_line(
	    &buf, "aiconexus_commit_batch_records_bucket{le=\"8\"} 1"));
	ck_assert(has_line(&buf, "aiconexus_commit_batch_records_sum 5"));
	ck_assert(
	    has_line(&buf, "aiconexus_commit_duration_seconds_sum 0.00073"));
	buf_fini(&buf);
	metrics_free(m);
}
END_TEST

START_TEST(openmetrics_names_families_and_ends)
{
	struct metrics *m = busy_broker();
	struct buf buf = { 0 };

	metrics_print(m, true, &buf);
	ck_assert(has_line(&buf, "# TYPE aiconexus_requests counter"));
	ck_assert(has_line(&buf, "# TYPE aiconexus_build info"));
	ck_assert(has_line(&buf, "aiconexus_build_info{version=\"0.1.0\"} 1"));
	ck_assert(has_line(&buf, "# TYPE process_cpu_seconds counter"));
	ck_assert(has_line(&buf, "process_cpu_seconds_total 1.25"));
	ck_assert(has_line(&buf,
	    "aiconexus_request_duration_seconds_bucket{operation=\"deal.buy\","
	    "le=\"1.0\"} 2"));
	ck_assert(has_line(
	    &buf, "aiconexus_commit_batch_records_bucket{le=\"128.0\"} 1"));
	ck_assert(str_ends(buf_view(&buf), "\n# EOF\n"));
	buf_fini(&buf);
	metrics_free(m);
}
END_TEST

START_TEST(quantiles_lie_inside_their_bucket)
{
	struct metrics *m = metrics_new();
	int64_t value = -1;

	ck_assert(
	    !metrics_quantile(m, METRIC_REQUEST_DURATION, NULL, 500, &value));
	ck_assert_int_eq(value, -1);
	for (int i = 1; i <= 90; i++)
		metrics_observe(m, METRIC_REQUEST_DURATION, 200, "a");
	for (int i = 1; i <= 10; i++)
		metrics_observe(m, METRIC_REQUEST_DURATION, 7000, "b");
	/* 50 of the 90 values between 100 and 250 us. */
	ck_assert(
	    metrics_quantile(m, METRIC_REQUEST_DURATION, NULL, 500, &value));
	ck_assert_int_eq(value, 100 + 150 * 50 / 90);
	ck_assert(
	    metrics_quantile(m, METRIC_REQUEST_DURATION, NULL, 990, &value));
	ck_assert_int_eq(value, 5000 + 5000 * 9 / 10);
	ck_assert(metrics_quantile(
	    m, METRIC_REQUEST_DURATION, LABELS("b"), 0, &value));
	ck_assert_int_eq(value, 5000 + 5000 * 1 / 10);
	ck_assert(!metrics_quantile(
	    m, METRIC_REQUEST_DURATION, LABELS("c"), 500, &value));
	metrics_observe(m, METRIC_REQUEST_DURATION, INT64_MAX, "c");
	ck_assert(metrics_quantile(
	    m, METRIC_REQUEST_DURATION, LABELS("c"), 500, &value));
	ck_assert_int_eq(value, 10000000);
	metrics_observe(m, METRIC_REQUEST_DURATION, -5, "c");
	ck_assert_int_eq(metrics_get(m, METRIC_REQUEST_DURATION, "c"), 2);
	metrics_free(m);
}
END_TEST

START_TEST(promtool_finds_nothing_to_say)
{
	struct metrics *m = busy_broker();
	struct buf buf = { 0 };

	if (system("command -v promtool >/dev/null 2>&1") != 0) {
		(void)printf("skipped: no promtool\n");
	} else {
		metrics_print(m, false, &buf);
		FILE *pipe = popen("promtool check metrics", "w");
		ck_assert_ptr_nonnull(pipe);
		ck_assert_uint_eq(fwrite(buf.ptr, 1, buf.len, pipe), buf.len);
		ck_assert_int_eq(pclose(pipe), 0);
	}
	buf_fini(&buf);
	metrics_free(m);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("metrics");
	TCase *tcase = tcase_create("metrics");

	tcase_add_test(tcase, counters_add_up_for_each_combination_of_labels);
	tcase_add_test(tcase, a_series_once_found_counts_without_a_look_up);
	tcase_add_test(tcase, gauges_go_both_ways_and_counters_never_back);
	tcase_add_test_raise_signal(
	    tcase, a_counter_that_shrinks_is_a_broken_assumption, SIGABRT);
	tcase_add_test_raise_signal(
	    tcase, one_label_too_many_is_a_broken_assumption, SIGABRT);
	tcase_add_test(tcase, foreign_label_values_become_other);
	tcase_add_test(tcase, a_family_has_a_bounded_number_of_series);
	tcase_add_test(tcase, the_text_has_help_type_and_all_samples_together);
	tcase_add_test(tcase, buckets_are_cumulated_and_in_seconds);
	tcase_add_test(tcase, openmetrics_names_families_and_ends);
	tcase_add_test(tcase, quantiles_lie_inside_their_bucket);
	tcase_add_test(tcase, promtool_finds_nothing_to_say);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
