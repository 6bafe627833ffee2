/* SPDX-License-Identifier: Apache-2.0 */
/*
 * memory.h - a ceiling for the process's memory: above it nothing new begins,
 * while what is under way ends and reading goes on.
 */
#ifndef BROKER_MEMORY_H
#define BROKER_MEMORY_H

#include <aiconexus/types.h>
#include <stdbool.h>
#include <stdint.h>

struct broker;

struct memory {
	bool high; /* as it was seen last */
	int64_t seen_ms; /* of ports.now_ms; 0: never */
};

/* Refuses what would take more while there is little left. */
aicx_err memory_may_begin(struct broker *broker, struct aicx_error *reterr);

#endif
