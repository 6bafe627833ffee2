/* SPDX-License-Identifier: Apache-2.0 */
/* faults.c - which faults a run has, drawn from its seed. */
#include "faults.h"

const char *const fault_names[FAULT_N] = {
	[FAULT_DELAY] = "delay",
	[FAULT_LOSS] = "loss",
	[FAULT_DUPLICATE] = "duplicate",
	[FAULT_REORDER] = "reorder",
	[FAULT_RESET] = "reset",
	[FAULT_PARTITION] = "partition",
	[FAULT_SLOW_READER] = "slow_reader",
	[FAULT_CRASH] = "crash",
	[FAULT_CRASH_IN_RECOVERY] = "crash_in_recovery",
	[FAULT_CRASH_AT_COMMIT] = "crash_at_commit",
	[FAULT_SLOW_SYNC] = "slow_sync",
	[FAULT_DISK_ERROR] = "disk_error",
	[FAULT_DISK_FULL] = "disk_full",
	[FAULT_BIT_ROT] = "bit_rot",
	[FAULT_CLOCK_JUMP] = "clock_jump",
	[FAULT_PRICING] = "pricing_failure",
	[FAULT_PAY_REFUSED] = "payment_refused",
	[FAULT_PAY_LATE] = "payment_late",
	[FAULT_PAY_UNKNOWN] = "payment_unknown",
	[FAULT_PAY_NEVER] = "payment_never",
};

/* In how many of 100 runs it can happen, and the highest rate, in ppm. */
static const struct {
	uint32_t percent, most_ppm;
} plans[FAULT_N] = {
	[FAULT_DELAY] = { 40, 200000 },
	[FAULT_LOSS] = { 30, 150000 },
	[FAULT_DUPLICATE] = { 35, 200000 },
	[FAULT_REORDER] = { 35, 300000 },
	[FAULT_RESET] = { 30, 30000 },
	[FAULT_PARTITION] = { 20, 10000 },
	[FAULT_SLOW_READER] = { 15, 10000 },
	[FAULT_CRASH] = { 45, 12000 },
	[FAULT_CRASH_IN_RECOVERY] = { 30, 400000 },
	[FAULT_CRASH_AT_COMMIT] = { 30, 30000 },
	[FAULT_SLOW_SYNC] = { 40, 300000 },
	[FAULT_DISK_ERROR] = { 15, 10000 },
	[FAULT_DISK_FULL] = { 10, 5000 },
	[FAULT_BIT_ROT] = { 30, 500000 },
	[FAULT_CLOCK_JUMP] = { 15, 5000 },
	[FAULT_PRICING] = { 10, 100000 },
	[FAULT_PAY_REFUSED] = { 15, 200000 },
	[FAULT_PAY_LATE] = { 25, 400000 },
	[FAULT_PAY_UNKNOWN] = { 10, 200000 },
	[FAULT_PAY_NEVER] = { 10, 50000 },
};

struct faults
faults_plan(struct chance *chance)
{
	struct faults faults;

	for (int i = 0; i < FAULT_N; i++) {
		uint32_t most = plans[i].most_ppm;
		bool has = chance_below(chance, 100) < plans[i].percent;
		uint64_t rate = chance_below(chance, most) + 1;
		/* Rare ones more often than frequent ones. */
		if (chance_below(chance, 2) == 0)
			rate = rate / 10 + 1;
		faults.ppm[i] = has ? (uint32_t)rate : 0;
	}
	return faults;
}
