/* SPDX-License-Identifier: Apache-2.0 */
/*
 * disk.h - what a disk that fills up means: obligations end, none begin.
 *
 * Below the floor money is neither set aside nor taken in, while what is held
 * is posted, voided, expires and is given back.  Below the last reserve the
 * process gives up its ballast and stops in order.
 */
#ifndef BROKER_DISK_H
#define BROKER_DISK_H

#include <aiconexus/types.h>
#include <stdbool.h>
#include <stdint.h>

struct broker;

struct disk {
	bool low, full; /* as it was seen last */
	int64_t seen_ms; /* of ports.now_ms; 0: never */
};

/* Refuses what would begin an obligation while there is little room. */
aicx_err disk_may_begin(struct broker *broker, struct aicx_error *reterr);
/* Looks once a second. */
void disk_tick(struct broker *broker);

#endif
