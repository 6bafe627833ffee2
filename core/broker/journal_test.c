/* SPDX-License-Identifier: Apache-2.0 */
/* journal_test.c - keys beside the records, read while the store is behind. */
#include "broker/journal.h"

#include <check.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/str.h"
#include "loop/loop.h"

/* One key, whose commits end one by one as they are let through. */
struct store {
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	int n_free, n_commits;
	struct buf value;
};

static aicx_err
store_commit(
    void *state, const struct aicx_batch *batch, struct aicx_error *reterr)
{
	struct store *store = state;

	(void)reterr;
	(void)pthread_mutex_lock(&store->mutex);
	while (store->n_commits == store->n_free)
		(void)pthread_cond_wait(&store->changed, &store->mutex);
	store->n_commits++;
	buf_clear(&store->value);
	buf_str(&store->value, batch->writes[batch->n_writes - 1].value);
	(void)pthread_mutex_unlock(&store->mutex);
	return AICX_OK;
}

static aicx_err
store_get(void *state, struct aicx_str key, aicx_pair_fn *fn, void *arg,
    struct aicx_error *reterr)
{
	struct store *store = state;

	(void)reterr;
	(void)pthread_mutex_lock(&store->mutex);
	(void)fn(key, buf_view(&store->value), arg);
	(void)pthread_mutex_unlock(&store->mutex);
	return AICX_OK;
}

static const struct aicx_store_ops store_ops = {
	.size = sizeof store_ops, .get = store_get, .commit = store_commit
};

static void
let_through(struct store *store, int n)
{
	(void)pthread_mutex_lock(&store->mutex);
	store->n_free += n;
	(void)pthread_cond_signal(&store->changed);
	(void)pthread_mutex_unlock(&store->mutex);
}

static void
on_durable(int64_t took_us, size_t n_records, void *arg)
{
	(void)took_us;
	(void)n_records;
	++*(int *)arg;
}

static void
on_failed(const struct aicx_error *error, void *arg)
{
	(void)arg;
	ck_abort_msg("%s", error->text);
}

static void
expect(struct journal *journal, const char *value)
{
	struct aicx_error error = { 0 };
	struct buf found = { 0 };

	ck_assert_int_eq(
	    journal_get(journal, STR("k"), &found, &error), AICX_OK);
	ck_assert_str_eq(buf_cstr(&found), value);
	buf_fini(&found);
}

START_TEST(a_key_written_twice_is_never_read_as_it_was_before)
{
	struct store store = { .mutex = PTHREAD_MUTEX_INITIALIZER,
		.changed = PTHREAD_COND_INITIALIZER };
	int n_told = 0;
	struct loop *loop = loop_new(0);
	struct journal *journal = journal_new(
	    loop, &store_ops, &store, 1, on_durable, on_failed, &n_told);

	journal_aside(journal, STR("k"), STR("old"), true);
	journal_aside(journal, STR("k"), STR("new"), true);
	expect(journal, "new");
	let_through(&store, 1);
	for (int i = 0; i < 1000 && n_told == 0; i++)
		loop_once(loop, 1000);
	ck_assert_int_eq(n_told, 1);
	ck_assert_str_eq(buf_cstr(&store.value), "old");
	expect(journal, "new");
	let_through(&store, 1);
	journal_flush(journal);
	expect(journal, "new");
	journal_free(journal);
	loop_free(loop);
	buf_fini(&store.value);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("journal");
	TCase *keys = tcase_create("keys");

	tcase_add_test(
	    keys, a_key_written_twice_is_never_read_as_it_was_before);
	suite_add_tcase(suite, keys);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
