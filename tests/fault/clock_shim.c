/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock_shim.c - preloaded into a broker: its wall clock is off by as many
 * seconds as the page of shim.h says (`pause_us`, signed), from one call to the
 * next.  The clocks that only count stay as they are.
 */
#include "shim.h"

#include <sys/time.h>
#include <time.h>

static int64_t
off_s(void)
{
	const struct shim_page *page = shim_page();

	return page == NULL
	    ? 0
	    : (int64_t)__atomic_load_n(&page->pause_us, __ATOMIC_SEQ_CST);
}

int
clock_gettime(clockid_t id, struct timespec *ret)
{
	static int (*real)(clockid_t, struct timespec *);

	if (real == NULL)
		*(void **)&real = shim_next("clock_gettime");
	int result = real(id, ret);
	if (result == 0 &&
	    (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE))
		ret->tv_sec += off_s();
	return result;
}

int
gettimeofday(struct timeval *restrict ret, void *restrict zone)
{
	struct timespec now;

	(void)zone;
	int result = clock_gettime(CLOCK_REALTIME, &now);
	ret->tv_sec = now.tv_sec;
	ret->tv_usec = now.tv_nsec / 1000;
	return result;
}

time_t
time(time_t *ret)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	if (ret != NULL)
		*ret = now.tv_sec;
	return now.tv_sec;
}
