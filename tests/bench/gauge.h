/* SPDX-License-Identifier: Apache-2.0 */
/* gauge.h - what the load programs measure with: time, another process's
   processor time and memory, and the spread of many durations. */
#ifndef BENCH_GAUGE_H
#define BENCH_GAUGE_H

#include <stdint.h>
#include <sys/types.h>

int64_t gauge_now_us(void); /* never goes back */
/* User and system time of all threads of a process, also ended ones. */
double gauge_cpu_us(pid_t pid);

/* Logarithmic, 64 steps for each power of two: less than 1.6 % off. */
struct spread {
	uint64_t n, counts[64 * 58];
};

void spread_add(struct spread *spread, int64_t us);
/* The value that per_mille of all do not exceed; 0 when there is none. */
int64_t spread_quantile_us(const struct spread *spread, unsigned per_mille);

#endif
