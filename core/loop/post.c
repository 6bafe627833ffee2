/* SPDX-License-Identifier: Apache-2.0 */
/*
 * post.c - tasks from other threads, run by the loop in the order they came.
 *
 * Two arrays change places, so a post costs no allocation and the lock is held
 * for a copy of two words.  The eventfd is written once for all that came since
 * the loop last looked.
 */
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "loop/inside.h"

enum {
	TASKS_FIRST = 64,
	TASKS_KEEP = 4096 /* a longer array is given back after its burst */
};

static void
on_posted(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)posts_run(arg);
}

void
posts_init(struct posts *posts, struct event_base *base)
{
	ENSURE(pthread_mutex_init(&posts->mutex, NULL) == 0);
	posts->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	ENSURE(posts->fd >= 0);
	posts->event = event_new(
	    base, posts->fd, EV_READ | EV_PERSIST | EV_ET, on_posted, posts);
	ENSURE(posts->event != NULL && event_add(posts->event, NULL) == 0);
}

void
posts_fini(struct posts *posts)
{
	event_free(posts->event);
	(void)close(posts->fd);
	free(posts->waiting.items);
	free(posts->running.items);
	(void)pthread_mutex_destroy(&posts->mutex);
}

/* Async-signal-safe; each write is an edge, so nobody has to read. */
static void
wake(struct posts *posts)
{
	uint64_t one = 1;

	ENSURE(write(posts->fd, &one, sizeof one) == sizeof one);
}

static void
tasks_push(struct tasks *tasks, aicx_task_fn *fn, void *arg)
{
	if (tasks->n == tasks->cap) {
		tasks->cap = tasks->cap > 0 ? tasks->cap * 2 : TASKS_FIRST;
		tasks->items =
		    mem_grow(tasks->items, tasks->cap * sizeof *tasks->items);
	}
	tasks->items[tasks->n++] = (struct task) { fn, arg };
}

aicx_err
posts_put(struct posts *posts, aicx_task_fn *fn, void *arg, bool always)
{
	aicx_err err = AICX_OK;
	bool sleeping = false;

	(void)pthread_mutex_lock(&posts->mutex);
	if (posts->stopped && !always)
		err = AICX_EAGAIN;
	else if (posts->waiting.n >= LOOP_POSTS_MAX && !always)
		err = AICX_ELIMIT;
	else {
		tasks_push(&posts->waiting, fn, arg);
		sleeping = !posts->woken;
		posts->woken = true;
	}
	(void)pthread_mutex_unlock(&posts->mutex);
	if (sleeping)
		wake(posts);
	return err;
}

void
posts_stop(struct posts *posts)
{
	(void)pthread_mutex_lock(&posts->mutex);
	posts->stopped = true;
	(void)pthread_mutex_unlock(&posts->mutex);
	wake(posts);
}

bool
posts_run(struct posts *posts)
{
	struct tasks *running = &posts->running;

	(void)pthread_mutex_lock(&posts->mutex);
	struct tasks empty = *running;
	*running = posts->waiting;
	posts->waiting = empty;
	posts->woken = false;
	(void)pthread_mutex_unlock(&posts->mutex);
	bool found = running->n > 0;
	for (size_t i = 0; i < running->n; i++)
		running->items[i].fn(running->items[i].arg);
	running->n = 0;
	if (running->cap > TASKS_KEEP) {
		free(running->items);
		*running = (struct tasks) { NULL };
	}
	return found;
}
