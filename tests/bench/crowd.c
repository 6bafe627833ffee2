/* SPDX-License-Identifier: Apache-2.0 */
/* crowd.c - one epoll loop over all connections. */
#include "crowd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "base/err.h"

enum { EVENTS_MAX = 64, STUCK_MS = 10000 };

void
crowd_init(struct crowd *crowd, pid_t pid)
{
	*crowd = (struct crowd) { .pid = pid };
	crowd->epoll = epoll_create1(EPOLL_CLOEXEC);
	ENSURE(crowd->epoll >= 0);
}

void
crowd_add(struct crowd *crowd, int fd, struct watched *watched)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = watched };

	ENSURE(epoll_ctl(crowd->epoll, EPOLL_CTL_ADD, fd, &event) == 0);
}

void
crowd_note(struct crowd *crowd, int64_t begun_us)
{
	if (crowd->measuring)
		spread_add(&crowd->spread, gauge_now_us() - begun_us);
}

static void
turn_once(struct crowd *crowd)
{
	struct epoll_event events[EVENTS_MAX];

	int n = epoll_wait(crowd->epoll, events, EVENTS_MAX, STUCK_MS);
	if (n == 0) {
		(void)fprintf(stderr, "load: nothing happens any more\n");
		exit(1);
	}
	ENSURE(n > 0 || errno == EINTR);
	for (int i = 0; i < n; i++) {
		struct watched *watched = events[i].data.ptr;
		if (!watched->turn(watched->arg))
			exit(1);
	}
}

static void
turn_until_us(struct crowd *crowd, int64_t until_us)
{
	while (gauge_now_us() < until_us)
		turn_once(crowd);
}

void
crowd_run(struct crowd *crowd, int64_t measure_us)
{
	turn_until_us(crowd, gauge_now_us() + CROWD_WARM_UP_US);
	crowd->measuring = true;
	crowd->begun_us = gauge_now_us();
	double cpu_us = gauge_cpu_us(crowd->pid);
	turn_until_us(crowd, crowd->begun_us + measure_us);
	crowd->took_us = gauge_now_us() - crowd->begun_us;
	crowd->measuring = false;
	crowd->ended = true;
	if (crowd->spread.n > 0)
		crowd->cpu_us = (gauge_cpu_us(crowd->pid) - cpu_us) /
		    (double)crowd->spread.n;
}

double
crowd_per_s(const struct crowd *crowd)
{
	return (double)crowd->spread.n * 1e6 / (double)crowd->took_us;
}
