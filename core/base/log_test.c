/* SPDX-License-Identifier: Apache-2.0 */
/* log_test.c - lines as JSON, whatever is put in. */
#include "base/log.h"

#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/str.h"

struct sink {
	int fds[2];
	struct log *log;
	char line[16384];
};

static int64_t
fixed_clock(void *arg)
{
	(void)arg;
	return INT64_C(1795352645678);
}

static void
sink_open(struct sink *sink, enum log_level min)
{
	ck_assert_int_eq(pipe(sink->fds), 0);
	sink->log = log_new(sink->fds[1], min, fixed_clock, NULL);
}

/* What one read(2) gives; the line is checked to be strict JSON. */
static const char *
sink_read(struct sink *sink)
{
	struct arena arena = { 0 };
	struct json doc;
	ssize_t n = read(sink->fds[0], sink->line, sizeof sink->line - 1);

	ck_assert_int_gt(n, 0);
	ck_assert_int_eq(sink->line[n - 1], '\n');
	sink->line[n - 1] = '\0';
	ck_assert_ptr_null(strchr(sink->line, '\n'));
	ck_assert_int_eq(
	    json_parse(str_of(sink->line), &arena, &doc, NULL), AICX_OK);
	arena_fini(&arena);
	return sink->line;
}

static void
sink_close(struct sink *sink)
{
	log_free(sink->log);
	close(sink->fds[0]);
	close(sink->fds[1]);
}

START_TEST(a_line_is_time_level_event_and_pairs)
{
	struct sink sink;

	sink_open(&sink, LOG_INFO);
	log_info(sink.log, "deal.settled", KV("deal", "d1"), KV("n", -3),
	    KV("bytes", 18446744073709551615ul), KV("paid", (bool)true));
	ck_assert_str_eq(sink_read(&sink),
	    "{\"time\":\"2026-11-22T13:04:05.678Z\",\"level\":\"info\","
	    "\"event\":\"deal.settled\",\"deal\":\"d1\",\"n\":-3,"
	    "\"bytes\":18446744073709551615,\"paid\":true}");
	log_error(sink.log, "store.failed");
	ck_assert_str_eq(sink_read(&sink),
	    "{\"time\":\"2026-11-22T13:04:05.678Z\",\"level\":\"error\","
	    "\"event\":\"store.failed\"}");
	sink_close(&sink);
}
END_TEST

START_TEST(lines_below_the_level_are_dropped)
{
	struct sink sink;

	sink_open(&sink, LOG_WARN);
	log_debug(sink.log, "a.done");
	log_info(sink.log, "b.done");
	log_warn(sink.log, "c.done");
	ck_assert_ptr_nonnull(strstr(sink_read(&sink), "c.done"));
	sink_close(&sink);
}
END_TEST

START_TEST(a_value_cannot_break_its_line)
{
	struct sink sink;

	sink_open(&sink, LOG_DEBUG);
	log_info(sink.log, "x.done",
	    KV("text", "a\"b\\c\nd\x01,\"level\":\"error\"}"));
	ck_assert_ptr_nonnull(strstr(sink_read(&sink),
	    "\"text\":\"a\\\"b\\\\c\\nd\\u0001,\\\"level\\\":\\\"error\\\"}"
	    "\""));
	sink_close(&sink);
}
END_TEST

START_TEST(bytes_that_are_no_text_are_replaced)
{
	struct sink sink;

	sink_open(&sink, LOG_DEBUG);
	log_info(sink.log, "x.done",
	    KV("text", "a\xFF\xC3\xBC\xED\xA0\x80z\xE2\x82"));
	ck_assert_ptr_nonnull(strstr(sink_read(&sink),
	    "\"text\":\"a\xEF\xBF\xBD\xC3\xBC\xEF\xBF\xBD\xEF\xBF\xBD"
	    "\xEF\xBF\xBDz\xEF\xBF\xBD\xEF\xBF\xBD\""));
	sink_close(&sink);
}
END_TEST

START_TEST(a_long_value_is_cut)
{
	struct sink sink;
	char text[10000];

	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	sink_open(&sink, LOG_DEBUG);
	log_info(sink.log, "x.done", KV("text", text), KV("after", 1));
	ck_assert_uint_lt(strlen(sink_read(&sink)), 4300);
	ck_assert_ptr_nonnull(strstr(sink.line, "x\",\"after\":1}"));
	sink_close(&sink);
}
END_TEST

START_TEST(an_absent_text_is_null)
{
	struct sink sink;
	const char *none = NULL;

	sink_open(&sink, LOG_DEBUG);
	log_info(sink.log, "x.done", KV("text", none));
	ck_assert_ptr_nonnull(strstr(sink_read(&sink), "\"text\":null}"));
	sink_close(&sink);
}
END_TEST

START_TEST(a_scope_adds_its_pairs_to_each_line)
{
	struct sink sink;

	sink_open(&sink, LOG_INFO);
	struct log *outer = log_scope(sink.log,
	    (const struct kv[]) { KV("plugin", "http"), { .type = KV_END } });
	struct log *inner = log_scope(
	    outer, (const struct kv[]) { KV("peer", 7), { .type = KV_END } });
	log_info(inner, "peer.opened", KV("ok", (bool)false));
	ck_assert_ptr_nonnull(strstr(sink_read(&sink),
	    "\"event\":\"peer.opened\",\"plugin\":\"http\",\"peer\":7,"
	    "\"ok\":false}"));
	log_info(sink.log, "x.done");
	ck_assert_ptr_null(strstr(sink_read(&sink), "plugin"));
	log_free(inner);
	log_free(outer);
	sink_close(&sink);
}
END_TEST

START_TEST(no_log_drops_everything)
{
	log_error(NULL, "x.failed", KV("n", 1));
	ck_assert_ptr_null(log_scope(NULL, NULL));
	log_free(NULL);
}
END_TEST

START_TEST(levels_have_names)
{
	enum log_level level = LOG_INFO;

	ck_assert(log_level_parse("warn", &level));
	ck_assert_int_eq(level, LOG_WARN);
	ck_assert(!log_level_parse("WARN", &level));
	ck_assert(!log_level_parse("", &level));
	ck_assert_int_eq(level, LOG_WARN);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("log");
	TCase *tcase = tcase_create("log");

	tcase_add_test(tcase, a_line_is_time_level_event_and_pairs);
	tcase_add_test(tcase, lines_below_the_level_are_dropped);
	tcase_add_test(tcase, a_value_cannot_break_its_line);
	tcase_add_test(tcase, bytes_that_are_no_text_are_replaced);
	tcase_add_test(tcase, a_long_value_is_cut);
	tcase_add_test(tcase, an_absent_text_is_null);
	tcase_add_test(tcase, a_scope_adds_its_pairs_to_each_line);
	tcase_add_test(tcase, no_log_drops_everything);
	tcase_add_test(tcase, levels_have_names);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
