/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pool.c - a few threads for work that blocks or computes long: signatures,
 * name look-ups, files.
 */
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "loop/inside.h"

struct job {
	struct list link;
	struct pool *pool;
	aicx_task_fn *work, *done;
	void *arg;
};

struct pool {
	struct posts *posts;
	int n_wanted, n_workers; /* n_workers: started */
	struct loop_thread **workers;
	pthread_mutex_t mutex; /* of what follows */
	pthread_cond_t wanted;
	struct list queue;
	int n_queued;
	bool ending;
};

struct pool *
pool_new(struct posts *posts, int n_workers)
{
	struct pool *pool = MEM_NEW(struct pool);

	pool->posts = posts;
	pool->n_wanted = n_workers > 0 ? n_workers : 0;
	pool->workers =
	    mem_new((size_t)pool->n_wanted * sizeof(struct loop_thread *));
	ENSURE(pthread_mutex_init(&pool->mutex, NULL) == 0);
	ENSURE(pthread_cond_init(&pool->wanted, NULL) == 0);
	list_init(&pool->queue);
	return pool;
}

static void
on_job_worked(void *arg)
{
	struct job *job = arg;

	job->done(job->arg);
	free(job);
}

/* Without workers. */
static void
on_job_turn(void *arg)
{
	struct job *job = arg;

	job->pool->n_queued--;
	job->work(job->arg);
	on_job_worked(job);
}

/* NULL: the pool ends and nothing is left. */
static struct job *
next_job(struct pool *pool)
{
	struct job *job = NULL;

	(void)pthread_mutex_lock(&pool->mutex);
	while (list_empty(&pool->queue) && !pool->ending)
		(void)pthread_cond_wait(&pool->wanted, &pool->mutex);
	if (!list_empty(&pool->queue)) {
		job = LIST_ITEM(pool->queue.next, struct job, link);
		list_remove(&job->link);
		pool->n_queued--;
	}
	(void)pthread_mutex_unlock(&pool->mutex);
	return job;
}

static void
worker_main(void *arg)
{
	struct pool *pool = arg;
	struct job *job;

	while ((job = next_job(pool)) != NULL) {
		job->work(job->arg);
		(void)posts_put(pool->posts, on_job_worked, job, true);
	}
}

/* As many as the system gives. */
static void
start_workers(struct pool *pool)
{
	while (pool->n_workers < pool->n_wanted) {
		struct loop_thread *worker =
		    loop_thread_new("aicx-pool", worker_main, pool);
		if (worker == NULL)
			return;
		pool->workers[pool->n_workers++] = worker;
	}
}

/* false: too much waits already. */
static bool
enqueue(struct pool *pool, struct job *job)
{
	(void)pthread_mutex_lock(&pool->mutex);
	bool fits = pool->n_queued < LOOP_WORK_MAX;
	if (fits) {
		list_push(&pool->queue, &job->link);
		pool->n_queued++;
	}
	(void)pthread_mutex_unlock(&pool->mutex);
	if (fits)
		(void)pthread_cond_signal(&pool->wanted);
	return fits;
}

/* There are no threads, so no lock either. */
static bool
enqueue_here(struct pool *pool, struct job *job)
{
	if (pool->n_queued >= LOOP_WORK_MAX)
		return false;
	pool->n_queued++;
	(void)posts_put(pool->posts, on_job_turn, job, true);
	return true;
}

aicx_err
pool_work(struct pool *pool, aicx_task_fn *work, aicx_task_fn *done, void *arg)
{
	if (pool->ending)
		return AICX_EAGAIN;
	if (pool->n_workers < pool->n_wanted)
		start_workers(pool);
	if (pool->n_workers == 0 && pool->n_wanted > 0)
		return AICX_EAGAIN;
	struct job *job = MEM_NEW(struct job);
	list_init(&job->link);
	job->pool = pool;
	job->work = work;
	job->done = done;
	job->arg = arg;
	if (pool->n_workers > 0 ? enqueue(pool, job) : enqueue_here(pool, job))
		return AICX_OK;
	free(job);
	return AICX_ELIMIT;
}

void
pool_end(struct pool *pool)
{
	(void)pthread_mutex_lock(&pool->mutex);
	pool->ending = true;
	(void)pthread_mutex_unlock(&pool->mutex);
	(void)pthread_cond_broadcast(&pool->wanted);
	for (int i = 0; i < pool->n_workers; i++)
		loop_thread_join(pool->workers[i]);
	pool->n_workers = 0;
}

void
pool_free(struct pool *pool)
{
	(void)pthread_cond_destroy(&pool->wanted);
	(void)pthread_mutex_destroy(&pool->mutex);
	free(pool->workers);
	free(pool);
}
