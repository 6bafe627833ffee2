/* SPDX-License-Identifier: Apache-2.0 */
/*
 * writer_test.c - order, grouping, failure and flush, against a store that
 * keeps its commits in memory and can be held up.
 */
#include "broker/writer.h"

#include <check.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "loop/loop.h"

enum { COMMITS_MAX = 64, TEXT_MAX = 8000 };

/* A commit as text: "D[guard=1]a=1,b=-;"  D durable, C cached, - deleted. */
struct store {
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	bool held; /* commits wait */
	int n_inside; /* and so many do */
	int n_commits, fail_at; /* fail_at: that one fails, from 1 */
	aicx_err failure;
	char commits[COMMITS_MAX][TEXT_MAX];
};

static void
store_hold(struct store *store, bool held)
{
	(void)pthread_mutex_lock(&store->mutex);
	store->held = held;
	(void)pthread_cond_broadcast(&store->changed);
	(void)pthread_mutex_unlock(&store->mutex);
}

static void
store_await_inside(struct store *store)
{
	(void)pthread_mutex_lock(&store->mutex);
	while (store->n_inside == 0)
		(void)pthread_cond_wait(&store->changed, &store->mutex);
	(void)pthread_mutex_unlock(&store->mutex);
}

static void
add(char *text, struct aicx_str key, struct aicx_str value, const char *end)
{
	size_t n = strlen(text);

	(void)snprintf(text + n, TEXT_MAX - n, "%.*s=%.*s%s", STR_ARG(key),
	    value.ptr != NULL ? (int)value.len : 1,
	    value.ptr != NULL ? value.ptr : "-", end);
}

static void
store_print(const struct aicx_batch *batch, char *text)
{
	text[0] = batch->durability == AICX_DURABLE ? 'D' : 'C';
	text[1] = '\0';
	for (size_t i = 0; i < batch->n_guards; i++) {
		(void)strcat(text, "[");
		add(text, batch->guards[i].key, batch->guards[i].value, "]");
	}
	for (size_t i = 0; i < batch->n_writes; i++)
		add(text, batch->writes[i].key, batch->writes[i].value, ";");
}

static aicx_err
store_commit(
    void *state, const struct aicx_batch *batch, struct aicx_error *reterr)
{
	struct store *store = state;

	(void)pthread_mutex_lock(&store->mutex);
	store->n_inside++;
	(void)pthread_cond_broadcast(&store->changed);
	while (store->held)
		(void)pthread_cond_wait(&store->changed, &store->mutex);
	store->n_inside--;
	int number = ++store->n_commits;
	if (number <= COMMITS_MAX)
		store_print(batch, store->commits[number - 1]);
	(void)pthread_mutex_unlock(&store->mutex);
	if (number == store->fail_at)
		return err_set(reterr, store->failure, "disk is on fire");
	return AICX_OK;
}

static const struct aicx_store_ops store_ops = { .size = sizeof store_ops,
	.commit = store_commit };

/* One writer with its store, and what it told. */
struct desk {
	struct loop *loop;
	struct store store;
	struct writer *writer;
	uint64_t put, durable; /* the last of each */
	size_t n_records;
	int n_reports, n_failures, n_more;
	struct aicx_error error;
};

static void
put(struct desk *desk, uint64_t seq)
{
	char key[24], value[24];
	int n_key = snprintf(key, sizeof key, "k%d", (int)seq);
	int n_value = snprintf(value, sizeof value, "%d", (int)seq);
	struct aicx_write write = { { key, (size_t)n_key },
		{ value, (size_t)n_value } };

	desk->put = seq;
	writer_put(desk->writer, seq, &write, 1, 1);
	memset(key, '!', sizeof key); /* it was copied */
}

static void
on_durable(uint64_t seq, int64_t took_us, size_t n_records, void *arg)
{
	struct desk *desk = arg;

	ck_assert_int_eq(desk->n_failures, 0);
	ck_assert_uint_gt(seq, desk->durable);
	ck_assert_int_ge(took_us, 0);
	desk->durable = seq;
	desk->n_records += n_records;
	desk->n_reports++;
	if (desk->n_more > 0) {
		desk->n_more--;
		put(desk, desk->put + 1);
	}
}

static void
on_failed(const struct aicx_error *error, void *arg)
{
	struct desk *desk = arg;

	desk->n_failures++;
	desk->error = *error;
}

static struct desk *
desk_new(const struct writer_limits *limits)
{
	struct desk *desk = calloc(1, sizeof *desk);

	(void)pthread_mutex_init(&desk->store.mutex, NULL);
	(void)pthread_cond_init(&desk->store.changed, NULL);
	desk->loop = loop_new(0);
	desk->writer = writer_new(desk->loop, &store_ops, &desk->store, limits,
	    on_durable, on_failed, desk);
	return desk;
}

static void
desk_free(struct desk *desk)
{
	writer_free(desk->writer);
	loop_free(desk->loop);
	(void)pthread_cond_destroy(&desk->store.changed);
	(void)pthread_mutex_destroy(&desk->store.mutex);
	free(desk);
}

static void
run_until_durable(struct desk *desk, uint64_t seq)
{
	for (int i = 0; i < 1000 && desk->durable < seq; i++)
		loop_once(desk->loop, 1000);
	ck_assert_uint_eq(desk->durable, seq);
}

/* With step 1 held inside a commit, so that what follows has to wait. */
static struct desk *
desk_held(const struct writer_limits *limits)
{
	struct desk *desk = desk_new(limits);

	store_hold(&desk->store, true);
	put(desk, 1);
	loop_once(desk->loop, 0);
	store_await_inside(&desk->store);
	return desk;
}

START_TEST(a_step_becomes_durable_and_nothing_is_told_before)
{
	struct desk *desk = desk_held(NULL);

	loop_once(desk->loop, 1);
	ck_assert_int_eq(desk->n_reports, 0);
	ck_assert_uint_eq(writer_pending(desk->writer), 1);
	store_hold(&desk->store, false);
	run_until_durable(desk, 1);
	ck_assert_str_eq(desk->store.commits[0], "Dk1=1;");
	ck_assert_uint_eq(writer_pending(desk->writer), 0);
	desk_free(desk);
}
END_TEST

START_TEST(what_comes_during_a_commit_goes_together_into_the_next)
{
	struct desk *desk = desk_held(NULL);

	for (uint64_t seq = 2; seq <= 5; seq++)
		put(desk, seq);
	loop_once(desk->loop, 0);
	put(desk, 6); /* in a later turn, the same commit */
	loop_once(desk->loop, 0);
	store_hold(&desk->store, false);
	run_until_durable(desk, 6);
	ck_assert_int_eq(desk->store.n_commits, 2);
	ck_assert_str_eq(desk->store.commits[1], "Dk2=2;k3=3;k4=4;k5=5;k6=6;");
	ck_assert_int_eq(desk->n_reports, 2);
	ck_assert_uint_eq(desk->n_records, 6);
	desk_free(desk);
}
END_TEST

START_TEST(a_commit_has_at_most_its_number_of_steps)
{
	struct writer_limits limits = writer_limits_default;

	limits.records_max = 3;
	struct desk *desk = desk_held(&limits);
	for (uint64_t seq = 2; seq <= 8; seq++)
		put(desk, seq);
	loop_once(desk->loop, 0);
	store_hold(&desk->store, false);
	run_until_durable(desk, 8);
	ck_assert_int_eq(desk->store.n_commits, 4);
	ck_assert_str_eq(desk->store.commits[1], "Dk2=2;k3=3;k4=4;");
	ck_assert_str_eq(desk->store.commits[2], "Dk5=5;k6=6;k7=7;");
	ck_assert_str_eq(desk->store.commits[3], "Dk8=8;");
	ck_assert_int_eq(desk->n_reports, 4);
	desk_free(desk);
}
END_TEST

START_TEST(a_commit_has_at_most_its_bytes_but_a_step_is_never_cut)
{
	struct writer_limits limits = writer_limits_default;
	struct aicx_write large[3] = { { STR("a"), STR("12345") },
		{ STR("b"), STR("12345") }, { STR("c"), STR("12345") } };

	limits.bytes_max = 9;
	struct desk *desk = desk_held(&limits);
	put(desk, 2); /* three bytes each */
	put(desk, 3);
	put(desk, 4);
	put(desk, 5);
	writer_put(desk->writer, 6, large, 3, 1);
	put(desk, 7);
	loop_once(desk->loop, 0);
	store_hold(&desk->store, false);
	run_until_durable(desk, 7);
	ck_assert_str_eq(desk->store.commits[1], "Dk2=2;k3=3;k4=4;");
	ck_assert_str_eq(desk->store.commits[2], "Dk5=5;");
	ck_assert_str_eq(desk->store.commits[3], "Da=12345;b=12345;c=12345;");
	ck_assert_str_eq(desk->store.commits[4], "Dk7=7;");
	desk_free(desk);
}
END_TEST

START_TEST(deletes_empty_values_and_durability_reach_the_store)
{
	struct aicx_write writes[2] = { { STR("gone"), { NULL, 0 } },
		{ STR("empty"), STR("") } };
	struct desk *desk = desk_new(NULL);

	writer_put(desk->writer, 1, writes, 2, 0);
	writer_flush(desk->writer);
	ck_assert_str_eq(desk->store.commits[0], "Cgone=-;empty=;");
	store_hold(&desk->store, true);
	put(desk, 2);
	loop_once(desk->loop, 0);
	store_await_inside(&desk->store);
	writer_put(desk->writer, 3, writes, 1, 0);
	put(desk, 4); /* one that is to be durable makes all so */
	store_hold(&desk->store, false);
	writer_flush(desk->writer);
	ck_assert_str_eq(desk->store.commits[2], "Dgone=-;k4=4;");
	desk_free(desk);
}
END_TEST

START_TEST(each_commit_carries_the_guards_as_they_are_then)
{
	struct desk *desk = desk_new(NULL);

	writer_guard(desk->writer, STR("epoch"), STR("1"));
	writer_guard(desk->writer, STR("lock"), (struct aicx_str) { NULL, 0 });
	put(desk, 1);
	writer_flush(desk->writer);
	writer_guard(desk->writer, STR("epoch"), STR("22"));
	put(desk, 2);
	writer_flush(desk->writer);
	ck_assert_str_eq(desk->store.commits[0], "D[epoch=1][lock=-]k1=1;");
	ck_assert_str_eq(desk->store.commits[1], "D[epoch=22][lock=-]k2=2;");
	desk_free(desk);
}
END_TEST

START_TEST(a_failed_commit_is_told_once_and_is_the_last)
{
	struct desk *desk = desk_held(NULL);

	desk->store.fail_at = 2;
	desk->store.failure = AICX_EIO;
	put(desk, 2);
	store_hold(&desk->store, false);
	writer_flush(desk->writer);
	ck_assert_uint_eq(desk->durable, 1);
	ck_assert_int_eq(desk->n_failures, 1);
	ck_assert_int_eq(desk->error.code, AICX_EIO);
	ck_assert_str_eq(desk->error.text, "disk is on fire");
	put(desk, 3);
	loop_once(desk->loop, 1);
	writer_flush(desk->writer);
	ck_assert_int_eq(desk->store.n_commits, 2);
	ck_assert_int_eq(desk->n_failures, 1);
	ck_assert_uint_eq(desk->durable, 1);
	ck_assert_uint_eq(writer_pending(desk->writer), 0);
	desk_free(desk);
}
END_TEST

START_TEST(after_a_failure_the_rest_of_the_queue_is_dropped)
{
	struct writer_limits limits = writer_limits_default;

	limits.records_max = 1;
	struct desk *desk = desk_held(&limits);
	desk->store.fail_at = 2;
	desk->store.failure = AICX_ESTATE; /* a guard: another took over */
	for (uint64_t seq = 2; seq <= 9; seq++)
		put(desk, seq);
	loop_once(desk->loop, 0);
	store_hold(&desk->store, false);
	for (int i = 0; i < 1000 && desk->n_failures == 0; i++)
		loop_once(desk->loop, 1000);
	ck_assert_int_eq(desk->n_failures, 1);
	ck_assert_int_eq(desk->error.code, AICX_ESTATE);
	ck_assert_int_eq(desk->store.n_commits, 2);
	ck_assert_uint_eq(desk->durable, 1);
	desk_free(desk);
}
END_TEST

START_TEST(a_flush_waits_for_all_even_for_what_callbacks_put)
{
	struct desk *desk = desk_new(NULL);

	for (uint64_t seq = 1; seq <= 1000; seq++)
		put(desk, seq);
	desk->n_more = 0;
	writer_flush(desk->writer);
	ck_assert_uint_eq(desk->durable, 1000);
	ck_assert_uint_eq(desk->n_records, 1000);
	desk->n_more = 3;
	put(desk, 1001);
	writer_flush(desk->writer);
	ck_assert_uint_eq(desk->durable, 1004);
	writer_flush(desk->writer); /* nothing to do */
	loop_once(desk->loop, 0); /* what was posted finds nothing to tell */
	ck_assert_uint_eq(desk->n_records, 1004);
	desk_free(desk);
}
END_TEST

START_TEST(a_flush_works_after_the_loop_has_stopped)
{
	struct desk *desk = desk_new(NULL);

	loop_stop(desk->loop);
	loop_run(desk->loop);
	put(desk, 1);
	writer_flush(desk->writer);
	ck_assert_uint_eq(desk->durable, 1);
	desk_free(desk);
}
END_TEST

START_TEST(freed_without_a_flush_it_drops_what_was_not_begun)
{
	struct desk *desk = desk_held(NULL);

	for (uint64_t seq = 2; seq <= 9; seq++)
		put(desk, seq);
	store_hold(&desk->store, false);
	writer_free(desk->writer);
	writer_free(NULL);
	desk->writer = NULL;
	loop_once(desk->loop, 0); /* a task that was posted finds it gone */
	ck_assert_int_eq(desk->n_reports, 0);
	ck_assert_int_le(desk->store.n_commits, 2);
	desk_free(desk);
}
END_TEST

START_TEST(without_a_thread_commits_run_at_the_end_of_the_turn)
{
	struct writer_limits limits = writer_limits_default;

	limits.threaded = false;
	limits.records_max = 2;
	struct desk *desk = desk_new(&limits);
	put(desk, 1);
	put(desk, 2);
	put(desk, 3);
	ck_assert_int_eq(desk->store.n_commits, 0);
	desk->n_more = 1;
	loop_once(desk->loop, 0); /* with what the callback put */
	ck_assert_uint_eq(desk->durable, 4);
	ck_assert_str_eq(desk->store.commits[0], "Dk1=1;k2=2;");
	ck_assert_str_eq(desk->store.commits[1], "Dk3=3;");
	ck_assert_str_eq(desk->store.commits[2], "Dk4=4;");
	desk->store.fail_at = 4;
	desk->store.failure = AICX_EIO;
	put(desk, 5);
	writer_flush(desk->writer);
	ck_assert_int_eq(desk->n_failures, 1);
	put(desk, 6);
	loop_once(desk->loop, 0);
	ck_assert_int_eq(desk->store.n_commits, 4);
	desk_free(desk);
}
END_TEST

START_TEST(under_load_a_commit_waits_for_more_until_it_is_full)
{
	struct writer_limits limits = writer_limits_default;

	limits.wait_us_max = 3600 * INT64_C(1000000); /* full comes first */
	limits.records_max = 4;
	struct desk *desk = desk_held(&limits);
	for (uint64_t seq = 2; seq <= 5; seq++)
		put(desk, seq);
	store_hold(&desk->store, false);
	run_until_durable(desk, 5); /* after a commit of one, at once */
	put(desk, 6); /* after one of several, only in company */
	loop_once(desk->loop, 1);
	ck_assert_uint_eq(desk->durable, 5);
	put(desk, 7);
	put(desk, 8);
	put(desk, 9);
	run_until_durable(desk, 9);
	ck_assert_str_eq(desk->store.commits[2], "Dk6=6;k7=7;k8=8;k9=9;");
	put(desk, 10);
	writer_flush(desk->writer); /* or in a hurry */
	ck_assert_uint_eq(desk->durable, 10);
	desk_free(desk);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		a_step_becomes_durable_and_nothing_is_told_before,
		what_comes_during_a_commit_goes_together_into_the_next,
		a_commit_has_at_most_its_number_of_steps,
		a_commit_has_at_most_its_bytes_but_a_step_is_never_cut,
		deletes_empty_values_and_durability_reach_the_store,
		each_commit_carries_the_guards_as_they_are_then,
		a_failed_commit_is_told_once_and_is_the_last,
		after_a_failure_the_rest_of_the_queue_is_dropped,
		a_flush_waits_for_all_even_for_what_callbacks_put,
		a_flush_works_after_the_loop_has_stopped,
		freed_without_a_flush_it_drops_what_was_not_begun,
		without_a_thread_commits_run_at_the_end_of_the_turn,
		under_load_a_commit_waits_for_more_until_it_is_full
	};
	Suite *suite = suite_create("writer");
	TCase *tcase = tcase_create("writer");

	tcase_set_timeout(tcase, 60); /* for valgrind */
	for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed == 0 ? 0 : 1;
}
