/* SPDX-License-Identifier: Apache-2.0 */
/* process.h - what the kernel says of this process. */
#ifndef MAIN_PROCESS_H
#define MAIN_PROCESS_H

#include "monitoring/metrics.h"

#include <stdint.h>

/* Bytes in memory; what is above max is given back first where it can be. */
int64_t process_memory(int64_t max);
/* Sets the process_* metrics. */
void process_measure(struct metrics *metrics, int64_t started_wall_ms);

#endif
