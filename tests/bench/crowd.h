/* SPDX-License-Identifier: Apache-2.0 */
/* crowd.h - many connections of one load program, turned by one epoll loop, and
   the phases of a measurement. */
#ifndef BENCH_CROWD_H
#define BENCH_CROWD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "gauge.h"

enum { CROWD_WARM_UP_US = 300000 };

/* Reads, answers, writes; false ends the program. */
typedef bool crowd_turn_fn(void *arg);

struct watched {
	crowd_turn_fn *turn;
	void *arg;
};

struct crowd {
	int epoll;
	pid_t pid; /* of the program that is measured */
	bool measuring, ended;
	int64_t begun_us, took_us;
	double cpu_us; /* the program's, per exchange when it is over */
	struct spread spread; /* of the exchanges that were measured */
};

void crowd_init(struct crowd *crowd, pid_t pid);
/* `watched` stays where it is. */
void crowd_add(struct crowd *crowd, int fd, struct watched *watched);
/* An exchange that began then is over. */
void crowd_note(struct crowd *crowd, int64_t begun_us);
/* Warms up, then measures for so long. */
void crowd_run(struct crowd *crowd, int64_t measure_us);
double crowd_per_s(const struct crowd *crowd);

#endif
