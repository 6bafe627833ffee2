/* SPDX-License-Identifier: Apache-2.0 */
/* outside.c - what a client takes from the system: time and chance. */
#include "cli/outside.h"

#include <errno.h>
#include <sys/random.h>
#include <time.h>

#include "base/err.h"
#include "base/id.h"

static int64_t
read_ms(clockid_t clock)
{
	struct timespec at;

	ENSURE(clock_gettime(clock, &at) == 0);
	return (int64_t)at.tv_sec * 1000 + at.tv_nsec / 1000000;
}

int64_t
outside_wall_ms(void)
{
	return read_ms(CLOCK_REALTIME);
}

int64_t
outside_now_ms(void)
{
	return read_ms(CLOCK_BOOTTIME);
}

void
outside_random(void *ret_bytes, size_t n_bytes)
{
	uint8_t *at = ret_bytes;

	while (n_bytes > 0) {
		ssize_t n = getrandom(at, n_bytes, 0);
		ENSURE(n > 0 || errno == EINTR);
		if (n > 0)
			at += n, n_bytes -= (size_t)n;
	}
}

struct aicx_id
outside_id(void)
{
	uint8_t random[10];

	outside_random(random, sizeof random);
	return id_v7(outside_wall_ms(), random);
}
