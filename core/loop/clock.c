/* SPDX-License-Identifier: Apache-2.0 */
/* clock.c - what time it is; the only reader of the system's clocks. */
#include <time.h>

#include "base/err.h"
#include "loop/inside.h"

static struct timespec
clock_read(clockid_t id)
{
	struct timespec at;

	ENSURE(clock_gettime(id, &at) == 0);
	return at;
}

static int64_t
clock_ms(clockid_t id)
{
	struct timespec at = clock_read(id);

	return (int64_t)at.tv_sec * 1000 + at.tv_nsec / 1000000;
}

int64_t
clock_boot_ms(void)
{
	return clock_ms(CLOCK_BOOTTIME);
}

/* The caller is the loop's own thread, inside a turn. */
static bool
in_turn(const struct loop *loop)
{
	pthread_t owner =
	    atomic_load_explicit(&loop->thread, memory_order_relaxed);

	return pthread_equal(owner, pthread_self()) && loop->clock->in_turn;
}

int64_t
loop_now_ms(const struct loop *loop)
{
	if (!in_turn(loop))
		return clock_boot_ms();
	if (loop->clock->now_ms == 0)
		loop->clock->now_ms = clock_boot_ms();
	return loop->clock->now_ms;
}

int64_t
loop_now_us(const struct loop *loop)
{
	struct timespec at = clock_read(CLOCK_MONOTONIC);

	(void)loop;
	return (int64_t)at.tv_sec * 1000000 + at.tv_nsec / 1000;
}

int64_t
loop_wall_ms(const struct loop *loop)
{
	if (!in_turn(loop))
		return clock_ms(CLOCK_REALTIME);
	if (loop->clock->wall_ms == 0)
		loop->clock->wall_ms = clock_ms(CLOCK_REALTIME);
	return loop->clock->wall_ms;
}
