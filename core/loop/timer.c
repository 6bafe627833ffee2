/* SPDX-License-Identifier: Apache-2.0 */
/*
 * timer.c - one-shot timers: a heap, and one timerfd set to its first.
 *
 * Putting a timer off, which connections do on each message, writes two words:
 * its slot stays where it is and is moved when its old time comes.  The timerfd
 * is set again only for an earlier time, so an ordinary turn makes no call.
 */
#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "loop/inside.h"

enum { TIMERS_FIRST = 16 };
static const int64_t delay_ms_max = INT64_C(1) << 52; /* no sum overflows */

struct aicx_timer {
	struct loop *loop;
	aicx_task_fn *fn;
	void *arg;
	int64_t at_ms; /* when to fire */
	uint64_t seq;
	size_t place; /* in the heap, from 1; 0: not running */
};

static bool
slot_before(const struct timer_slot *a, const struct timer_slot *b)
{
	return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->seq < b->seq;
}

static void
slot_put(struct timers *timers, size_t place, struct timer_slot slot)
{
	timers->heap[place - 1] = slot;
	slot.timer->place = place;
}

static void
slot_up(struct timers *timers, size_t place, struct timer_slot slot)
{
	while (place > 1) {
		struct timer_slot *parent = &timers->heap[place / 2 - 1];
		if (!slot_before(&slot, parent))
			break;
		slot_put(timers, place, *parent);
		place /= 2;
	}
	slot_put(timers, place, slot);
}

static void
slot_down(struct timers *timers, size_t place, struct timer_slot slot)
{
	for (;;) {
		size_t child = place * 2;
		if (child > timers->n)
			break;
		struct timer_slot *heap = timers->heap;
		if (child < timers->n &&
		    slot_before(&heap[child], &heap[child - 1]))
			child++;
		if (!slot_before(&heap[child - 1], &slot))
			break;
		slot_put(timers, place, heap[child - 1]);
		place = child;
	}
	slot_put(timers, place, slot);
}

static void
slot_remove(struct timers *timers, size_t place)
{
	struct timer_slot last = timers->heap[--timers->n];

	timers->heap[place - 1].timer->place = 0;
	if (place == timers->n + 1)
		return;
	if (place > 1 && slot_before(&last, &timers->heap[place / 2 - 1]))
		slot_up(timers, place, last);
	else
		slot_down(timers, place, last);
}

/* Sets the timerfd to the first timer, unless it rings before that anyway. */
static void
arm(struct timers *timers)
{
	if (timers->n == 0 || timers->heap[0].at_ms >= timers->armed_ms)
		return;
	int64_t at_ms = timers->heap[0].at_ms;
	struct itimerspec when = { .it_value = { .tv_sec = at_ms / 1000,
				       .tv_nsec = at_ms % 1000 * 1000000 } };
	ENSURE(
	    timerfd_settime(timers->fd, TFD_TIMER_ABSTIME, &when, NULL) == 0);
	timers->armed_ms = at_ms;
}

static void
timer_fire(struct timers *timers, struct aicx_timer *timer)
{
	slot_remove(timers, timer->place);
	timer->fn(timer->arg);
}

/* Those due now; what a callback sets waits for the next round. */
static void
on_ring(evutil_socket_t fd, short what, void *arg)
{
	struct loop *loop = arg;
	struct timers *timers = &loop->timers;
	uint64_t end = timers->seq;
	int64_t now_ms = clock_boot_ms();

	(void)fd;
	(void)what;
	loop->clock->now_ms = now_ms;
	timers->armed_ms = INT64_MAX;
	while (timers->n > 0) {
		struct timer_slot first = timers->heap[0];
		if (first.at_ms > now_ms || first.seq >= end)
			break;
		if (first.timer->seq == first.seq) {
			timer_fire(timers, first.timer);
			continue;
		}
		first.at_ms = first.timer->at_ms; /* it was put off */
		first.seq = first.timer->seq;
		slot_down(timers, 1, first);
	}
	arm(timers);
}

void
timers_init(struct loop *loop)
{
	struct timers *timers = &loop->timers;

	timers->armed_ms = INT64_MAX;
	timers->fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	ENSURE(timers->fd >= 0);
	timers->event = event_new(loop->base, timers->fd,
	    EV_READ | EV_PERSIST | EV_ET, on_ring, loop);
	ENSURE(timers->event != NULL && event_add(timers->event, NULL) == 0);
}

void
timers_fini(struct timers *timers)
{
	event_free(timers->event);
	(void)close(timers->fd);
	free(timers->heap);
}

struct aicx_timer *
loop_timer_new(struct loop *loop, aicx_task_fn *fn, void *arg)
{
	struct aicx_timer *timer = MEM_NEW(struct aicx_timer);

	timer->loop = loop;
	timer->fn = fn;
	timer->arg = arg;
	return timer;
}

static void
timer_insert(struct timers *timers, struct aicx_timer *timer)
{
	if (timers->n == timers->cap) {
		timers->cap = timers->cap > 0 ? timers->cap * 2 : TIMERS_FIRST;
		timers->heap =
		    mem_grow(timers->heap, timers->cap * sizeof *timers->heap);
	}
	struct timer_slot slot = { timer->at_ms, timer->seq, timer };
	slot_up(timers, ++timers->n, slot);
	arm(timers);
}

void
loop_timer_set(struct aicx_timer *timer, int64_t delay_ms)
{
	struct timers *timers = &timer->loop->timers;

	if (delay_ms < 0) {
		if (timer->place != 0)
			slot_remove(timers, timer->place);
		return;
	}
	if (delay_ms > delay_ms_max)
		delay_ms = delay_ms_max;
	timer->at_ms = clock_boot_ms() + delay_ms;
	timer->seq = timers->seq++;
	if (timer->place != 0) {
		if (timers->heap[timer->place - 1].at_ms <= timer->at_ms)
			return;
		slot_remove(timers, timer->place);
	}
	timer_insert(timers, timer);
}

void
loop_timer_free(struct aicx_timer *timer)
{
	if (timer == NULL)
		return;
	loop_timer_set(timer, -1);
	free(timer);
}
