/* SPDX-License-Identifier: Apache-2.0 */
/*
 * slew.h - a time that never goes back and never jumps.
 *
 * It runs on a clock that only counts (CLOCK_BOOTTIME) and is drawn towards the
 * wall clock by at most one part in a hundred, whatever that does.
 */
#ifndef BASE_SLEW_H
#define BASE_SLEW_H

#include <stdint.h>

struct slew {
	int64_t time_ms; /* since 1970 */
	int64_t counter_ms; /* when it was read last */
	int64_t credit_us; /* correction that may be made by now */
};

/* Sets it; what it was before does not count. */
void slew_start(struct slew *slew, int64_t time_ms, int64_t counter_ms);
int64_t slew_now(struct slew *slew, int64_t counter_ms, int64_t wall_ms);

#endif
