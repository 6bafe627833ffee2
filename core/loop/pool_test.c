/* SPDX-License-Identifier: Apache-2.0 */
/* pool_test.c - posts from threads, work on the pool, and the stop. */
#include "loop/loop.h"

#include <check.h>
#include <pthread.h>
#include <stdatomic.h>

enum { N_THREADS = 4, N_POSTS = 5000 };

struct poster {
	struct loop *loop;
	pthread_t thread, home;
	int next; /* of the loop thread */
	struct {
		struct poster *poster;
		int number;
	} posts[N_POSTS];
};

static atomic_int n_disordered;

static void
on_post(void *arg)
{
	typeof(((struct poster *)0)->posts[0]) *post = arg;

	ck_assert(pthread_equal(pthread_self(), post->poster->home));
	if (post->poster->next++ != post->number)
		atomic_fetch_add(&n_disordered, 1);
}

static void *
post_all(void *arg)
{
	struct poster *poster = arg;

	for (int i = 0; i < N_POSTS; i++) {
		poster->posts[i].poster = poster;
		poster->posts[i].number = i;
		if (loop_post(poster->loop, on_post, &poster->posts[i]) != 0)
			return poster;
		int64_t now_ms = loop_now_ms(poster->loop);
		uint8_t bytes[8];
		loop_random(poster->loop, bytes, sizeof bytes);
		if (now_ms <= 0)
			return poster;
	}
	return NULL;
}

START_TEST(posts_from_threads_run_here_in_the_order_of_each)
{
	struct loop *loop = loop_new(0);
	static struct poster posters[N_THREADS];
	void *failed;

	for (int i = 0; i < N_THREADS; i++) {
		posters[i].loop = loop;
		posters[i].home = pthread_self();
		ck_assert_int_eq(pthread_create(&posters[i].thread, NULL,
				     post_all, &posters[i]),
		    0);
	}
	for (int i = 0; i < N_THREADS; i++)
		while (posters[i].next < N_POSTS)
			loop_once(loop, 1000);
	for (int i = 0; i < N_THREADS; i++) {
		ck_assert_int_eq(pthread_join(posters[i].thread, &failed), 0);
		ck_assert_ptr_null(failed);
	}
	ck_assert_int_eq(atomic_load(&n_disordered), 0);
	loop_free(loop);
}
END_TEST

static void
on_count(void *arg)
{
	++*(int *)arg;
}

static void *
stop_from_here(void *arg)
{
	loop_stop(arg);
	return NULL;
}

START_TEST(a_stop_from_a_thread_ends_the_run_and_refuses_posts)
{
	struct loop *loop = loop_new(0);
	pthread_t thread;
	int n = 0;

	ck_assert_int_eq(loop_post(loop, on_count, &n), AICX_OK);
	ck_assert_int_eq(
	    pthread_create(&thread, NULL, stop_from_here, loop), 0);
	loop_run(loop);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	ck_assert_int_eq(n, 1); /* what came before the stop still ran */
	ck_assert_int_eq(loop_post(loop, on_count, &n), AICX_EAGAIN);
	loop_run(loop); /* returns at once */
	ck_assert_int_eq(n, 1);
	loop_free(loop);
}
END_TEST

START_TEST(posts_beyond_the_limit_are_refused)
{
	struct loop *loop = loop_new(0);
	int n = 0;

	for (int i = 0; i < LOOP_POSTS_MAX; i++)
		ck_assert_int_eq(loop_post(loop, on_count, &n), AICX_OK);
	ck_assert_int_eq(loop_post(loop, on_count, &n), AICX_ELIMIT);
	loop_once(loop, 1000);
	ck_assert_int_eq(n, LOOP_POSTS_MAX);
	ck_assert_int_eq(loop_post(loop, on_count, &n), AICX_OK);
	loop_once(loop, 1000);
	ck_assert_int_eq(n, LOOP_POSTS_MAX + 1);
	loop_free(loop);
}
END_TEST

struct chore {
	struct loop *loop;
	pthread_t home;
	bool elsewhere; /* work() ran on another thread */
	int n_worked, n_done;
	pthread_mutex_t *gate; /* work() waits here */
};

static void
chore_work(void *arg)
{
	struct chore *chore = arg;

	if (chore->gate != NULL) {
		(void)pthread_mutex_lock(chore->gate);
		(void)pthread_mutex_unlock(chore->gate);
	}
	chore->elsewhere = !pthread_equal(pthread_self(), chore->home);
	chore->n_worked++;
}

static void
chore_done(void *arg)
{
	struct chore *chore = arg;

	ck_assert(pthread_equal(pthread_self(), chore->home));
	ck_assert_int_eq(chore->n_worked, 1);
	chore->n_done++;
}

START_TEST(work_runs_on_the_pool_and_done_here_once)
{
	enum { N = 300 };
	struct chore chores[N];
	struct loop *loop = loop_new(3);

	for (int i = 0; i < N; i++) {
		chores[i] = (struct chore) { loop, pthread_self() };
		ck_assert_int_eq(
		    loop_work(loop, chore_work, chore_done, &chores[i]),
		    AICX_OK);
	}
	for (int i = 0; i < N; i++) {
		while (chores[i].n_done == 0)
			loop_once(loop, 1000);
		ck_assert(chores[i].elsewhere);
	}
	loop_once(loop, 0);
	for (int i = 0; i < N; i++)
		ck_assert_int_eq(chores[i].n_done, 1);
	loop_free(loop);
}
END_TEST

START_TEST(without_workers_work_runs_here_in_a_later_turn)
{
	struct loop *loop = loop_new(0);
	struct chore chore = { loop, pthread_self() };

	ck_assert_int_eq(
	    loop_work(loop, chore_work, chore_done, &chore), AICX_OK);
	ck_assert_int_eq(chore.n_worked, 0);
	loop_once(loop, 1000);
	ck_assert_int_eq(chore.n_done, 1);
	ck_assert(!chore.elsewhere);
	loop_free(loop);
}
END_TEST

START_TEST(work_beyond_the_limit_is_refused_and_the_rest_is_done)
{
	enum { N = LOOP_WORK_MAX + 1 }; /* one runs, the others wait */
	static struct chore chores[N];
	struct loop *loop = loop_new(1);
	pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
	int n_taken = 0, n_done = 0;

	(void)pthread_mutex_lock(&gate);
	for (int i = 0; i < N; i++) {
		chores[i] = (struct chore) { loop, pthread_self(),
			.gate = i == 0 ? &gate : NULL };
		aicx_err err =
		    loop_work(loop, chore_work, chore_done, &chores[i]);
		if (err != AICX_OK) { /* the worker had not taken the first */
			ck_assert_int_eq(err, AICX_ELIMIT);
			ck_assert_int_eq(i, N - 1);
		} else
			n_taken++;
	}
	struct chore extra = { loop, pthread_self() };
	if (n_taken == N)
		ck_assert_int_eq(
		    loop_work(loop, chore_work, chore_done, &extra),
		    AICX_ELIMIT);
	(void)pthread_mutex_unlock(&gate);
	loop_free(loop); /* ends what was accepted */
	for (int i = 0; i < N; i++)
		n_done += chores[i].n_done;
	ck_assert_int_eq(n_done, n_taken);
	ck_assert_int_eq(extra.n_done, 0);
}
END_TEST

static void
chore_again(void *arg)
{
	struct chore *chore = arg;

	chore->n_done++;
	ck_assert_int_eq(
	    loop_work(chore->loop, chore_work, chore_done, chore), AICX_EAGAIN);
}

START_TEST(freeing_the_loop_completes_each_task_once_and_takes_no_more)
{
	struct loop *loop = loop_new(2);
	struct chore chore = { loop, pthread_self() };
	int n = 0;

	ck_assert_int_eq(loop_post(loop, on_count, &n), AICX_OK);
	ck_assert_int_eq(
	    loop_work(loop, chore_work, chore_again, &chore), AICX_OK);
	loop_free(loop);
	ck_assert_int_eq(n, 1);
	ck_assert_int_eq(chore.n_worked, 1);
	ck_assert_int_eq(chore.n_done, 1);
	loop_free(NULL);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("pool");
	TCase *tcase = tcase_create("pool");

	tcase_set_timeout(tcase, 60); /* for valgrind */
	tcase_add_test(tcase, posts_from_threads_run_here_in_the_order_of_each);
	tcase_add_test(
	    tcase, a_stop_from_a_thread_ends_the_run_and_refuses_posts);
	tcase_add_test(tcase, posts_beyond_the_limit_are_refused);
	tcase_add_test(tcase, work_runs_on_the_pool_and_done_here_once);
	tcase_add_test(tcase, without_workers_work_runs_here_in_a_later_turn);
	tcase_add_test(
	    tcase, work_beyond_the_limit_is_refused_and_the_rest_is_done);
	tcase_add_test(
	    tcase, freeing_the_loop_completes_each_task_once_and_takes_no_more);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed == 0 ? 0 : 1;
}
