/* SPDX-License-Identifier: Apache-2.0 */
/* threads.h - NNG's threads, begun so that they leave the loop its turn. */
#ifndef THREADS_H
#define THREADS_H

#include <stdbool.h>

/* Before the first socket; again: nothing happens.  batch: under SCHED_BATCH.
 */
void threads_begin(bool batch);

#endif
