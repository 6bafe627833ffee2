/* SPDX-License-Identifier: Apache-2.0 */
/*
 * faults.h - what goes wrong in a run, and how often: each kind has a rate of
 * its own, often zero, so that single causes are seen as well as mixtures.
 */
#ifndef SIM_FAULTS_H
#define SIM_FAULTS_H

#include "chance.h"

enum fault {
	FAULT_DELAY, /* a message is on its way for seconds */
	FAULT_LOSS,
	FAULT_DUPLICATE,
	FAULT_REORDER,
	FAULT_RESET, /* a connection ends */
	FAULT_PARTITION, /* an agent is unreachable for a while */
	FAULT_SLOW_READER, /* a connection does not take what is sent */
	FAULT_CRASH, /* of the broker, after any event */
	FAULT_CRASH_IN_RECOVERY,
	FAULT_CRASH_AT_COMMIT, /* the disk has it, or not; nobody was told */
	FAULT_SLOW_SYNC,
	FAULT_DISK_ERROR,
	FAULT_DISK_FULL,
	FAULT_BIT_ROT, /* of a record, found at the next start */
	FAULT_CLOCK_JUMP,
	FAULT_PRICING,
	FAULT_PAY_REFUSED,
	FAULT_PAY_LATE,
	FAULT_PAY_UNKNOWN,
	FAULT_PAY_NEVER, /* not before all is healed */
	FAULT_N
};

extern const char *const fault_names[FAULT_N];

struct faults {
	uint32_t ppm[FAULT_N];
};

/* The plan of a seed. */
struct faults faults_plan(struct chance *chance);

#endif
