/* SPDX-License-Identifier: Apache-2.0 */
/* gauge.c - clocks of this and another process, and a histogram. */
#include "gauge.h"

#include <time.h>

#include "base/err.h"

static double
read_us(clockid_t clock)
{
	struct timespec at;

	ENSURE(clock_gettime(clock, &at) == 0);
	return (double)at.tv_sec * 1e6 + (double)at.tv_nsec / 1e3;
}

int64_t
gauge_now_us(void)
{
	return (int64_t)read_us(CLOCK_MONOTONIC);
}

double
gauge_cpu_us(pid_t pid)
{
	clockid_t clock;

	ENSURE(clock_getcpuclockid(pid, &clock) == 0);
	return read_us(clock);
}

static unsigned
step_of(uint64_t us)
{
	if (us < 64)
		return (unsigned)us;
	unsigned top = 63 - (unsigned)__builtin_clzll(us);
	return (top - 5) * 64 + (unsigned)(us >> (top - 6) & 63);
}

static int64_t
value_of(unsigned step)
{
	if (step < 64)
		return step;
	unsigned top = step / 64 + 5;
	return (INT64_C(1) << top) + ((int64_t)(step & 63) << (top - 6));
}

void
spread_add(struct spread *spread, int64_t us)
{
	spread->counts[step_of(us > 0 ? (uint64_t)us : 0)]++;
	spread->n++;
}

int64_t
spread_quantile_us(const struct spread *spread, unsigned per_mille)
{
	uint64_t rank = (spread->n * per_mille + 999) / 1000, below = 0;

	for (unsigned i = 0; i < sizeof spread->counts / sizeof(uint64_t);
	     i++) {
		below += spread->counts[i];
		if (below >= rank && below > 0)
			return value_of(i);
	}
	return 0;
}
