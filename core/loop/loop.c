/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loop.c - one turn after the other: what is ready, then what was put off to
 * the end of the turn, then one write for each stream that has something.
 *
 * libevent runs without locks and without timers of its own; other threads come
 * in through an eventfd (post.c), time through a timerfd (timer.c).
 */
#include "loop/loop.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "loop/inside.h"

/* What late callbacks put off once more still runs in the same turn, this many
   times over; then the descriptors get their chance again. */
enum { LATE_ROUNDS_MAX = 16 };

/* libevent warns of what its return values say as well; only what ends the
   process is printed. */
static void
print_fatal(int severity, const char *text)
{
	if (severity >= EVENT_LOG_ERR)
		(void)fprintf(stderr, "libevent: %s\n", text);
}

static struct event_base *
base_new(void)
{
	struct event_config *config = event_config_new();

	ENSURE(config != NULL);
	event_set_log_callback(print_fatal);
	ENSURE(event_config_set_flag(config,
		   EVENT_BASE_FLAG_NOLOCK | EVENT_BASE_FLAG_IGNORE_ENV |
		       EVENT_BASE_FLAG_NO_CACHE_TIME) == 0);
	ENSURE(event_config_require_features(config, EV_FEATURE_ET) == 0);
	struct event_base *base = event_base_new_with_config(config);
	event_config_free(config);
	ENSURE(base != NULL);
	return base;
}

static void
on_patience_ended(void *arg)
{
	(void)arg; /* it is enough that the wait ended */
}

struct loop *
loop_new(int n_workers)
{
	struct loop *loop = MEM_NEW(struct loop);

	loop->base = base_new();
	atomic_init(&loop->thread, pthread_self());
	atomic_init(&loop->stopping, false);
	loop->clock = MEM_NEW(struct turn_clock);
	loop->late.next = loop->late.prev = &loop->late;
	list_init(&loop->dirty);
	list_init(&loop->dead);
	list_init(&loop->shakes);
	list_init(&loop->doors);
	timers_init(loop);
	posts_init(&loop->posts, loop->base);
	chance_init(&loop->chance);
	loop->pool = pool_new(&loop->posts, n_workers);
	loop->patience = loop_timer_new(loop, on_patience_ended, NULL);
	loop->read_buf = mem_new(STREAM_READ_BYTES);
	return loop;
}

static bool
has_late(const struct loop *loop)
{
	return loop->late.next != &loop->late || !list_empty(&loop->dirty);
}

void
loop_late(struct loop *loop, struct loop_late *node)
{
	if (node->queued)
		return;
	node->queued = true;
	node->next = &loop->late;
	node->prev = loop->late.prev;
	node->prev->next = node;
	loop->late.prev = node;
}

void
loop_late_cancel(struct loop *loop, struct loop_late *node)
{
	(void)loop;
	if (!node->queued)
		return;
	node->queued = false;
	node->prev->next = node->next;
	node->next->prev = node->prev;
}

/* Runs those queued now; a mark keeps apart what they queue. */
static void
run_late_round(struct loop *loop)
{
	struct loop_late mark = { NULL };

	if (loop->late.next == &loop->late)
		return;
	loop_late(loop, &mark);
	for (;;) {
		struct loop_late *node = loop->late.next;
		loop_late_cancel(loop, node);
		if (node == &mark)
			return;
		node->fn(node->arg);
	}
}

static void
run_late(struct loop *loop)
{
	for (int i = 0; i < LATE_ROUNDS_MAX && has_late(loop); i++) {
		run_late_round(loop);
		if (loop->late.next == &loop->late)
			streams_flush(loop);
	}
}

/* Streams and listeners closed in this turn may have been touched until now. */
static void
bury_dead(struct loop *loop)
{
	LIST_EACH (node, &loop->dead) {
		list_remove(node);
		free(node);
	}
}

static void
turn(struct loop *loop, bool wait)
{
	/* Once: what stays readable must not keep the turn from its end. */
	int flags =
	    EVLOOP_ONCE | (wait && !has_late(loop) ? 0 : EVLOOP_NONBLOCK);

	ENSURE(!loop->clock->in_turn); /* not from inside a callback */
	loop->clock->in_turn = true;
	ENSURE(event_base_loop(loop->base, flags) >= 0);
	run_late(loop);
	bury_dead(loop);
	loop->clock->in_turn = false;
	loop->clock->now_ms = loop->clock->wall_ms = 0;
}

void
loop_run(struct loop *loop)
{
	atomic_store(&loop->thread, pthread_self());
	while (!atomic_load_explicit(&loop->stopping, memory_order_acquire))
		turn(loop, true);
	turn(loop, false); /* what was posted before the stop */
}

void
loop_once(struct loop *loop, int64_t timeout_ms)
{
	atomic_store(&loop->thread, pthread_self());
	if (timeout_ms > 0)
		loop_timer_set(loop->patience, timeout_ms);
	turn(loop, timeout_ms > 0);
	loop_timer_set(loop->patience, -1);
}

void
loop_stop(struct loop *loop)
{
	atomic_store_explicit(&loop->stopping, true, memory_order_release);
	posts_stop(&loop->posts);
}

aicx_err
loop_post(struct loop *loop, aicx_task_fn *fn, void *arg)
{
	return posts_put(&loop->posts, fn, arg, false);
}

aicx_err
loop_work(struct loop *loop, aicx_task_fn *work, aicx_task_fn *done, void *arg)
{
	return pool_work(loop->pool, work, done, arg);
}

void
loop_finish(struct loop *loop)
{
	posts_stop(&loop->posts);
	pool_end(loop->pool);
	while (posts_run(&loop->posts) || has_late(loop))
		run_late(loop);
}

void
loop_free(struct loop *loop)
{
	if (loop == NULL)
		return;
	loop_finish(loop);
	pool_free(loop->pool);
	if (loop->fetcher != NULL)
		loop->fetcher_free(loop->fetcher);
	bury_dead(loop);
	loop_timer_free(loop->patience);
	timers_fini(&loop->timers);
	posts_fini(&loop->posts);
	chance_fini(&loop->chance);
	out_spare_fini(&loop->spare);
	event_base_free(loop->base);
	free(loop->read_buf);
	free(loop->clock);
	free(loop);
}
