/* SPDX-License-Identifier: Apache-2.0 */
/* threads.h - NNG's threads, begun so that they leave the loop its turn. */
#ifndef THREADS_H
#define THREADS_H

/* Before the first socket; again: nothing happens. */
void threads_begin(void);

#endif
