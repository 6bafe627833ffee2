/* SPDX-License-Identifier: Apache-2.0 */
/* slew.c - one part in a hundred, counted in microseconds. */
#include "base/slew.h"

enum { SLEW_US_PER_MS = 10, CREDIT_MAX_US = 1000 };

void
slew_start(struct slew *slew, int64_t time_ms, int64_t counter_ms)
{
	*slew = (struct slew) { .time_ms = time_ms, .counter_ms = counter_ms };
}

int64_t
slew_now(struct slew *slew, int64_t counter_ms, int64_t wall_ms)
{
	int64_t passed_ms = counter_ms - slew->counter_ms;

	if (passed_ms <= 0)
		return slew->time_ms;
	slew->counter_ms = counter_ms;
	slew->time_ms += passed_ms;
	slew->credit_us += passed_ms * SLEW_US_PER_MS;

	int64_t most_ms = slew->credit_us / 1000;
	int64_t wrong_ms = wall_ms - slew->time_ms;
	if (wrong_ms > most_ms)
		wrong_ms = most_ms;
	if (wrong_ms < -most_ms)
		wrong_ms = -most_ms;
	slew->time_ms += wrong_ms;
	slew->credit_us -= (wrong_ms < 0 ? -wrong_ms : wrong_ms) * 1000;
	/* A clock that was right for long may not jump afterwards. */
	if (slew->credit_us > CREDIT_MAX_US)
		slew->credit_us = CREDIT_MAX_US;
	return slew->time_ms;
}
