/* SPDX-License-Identifier: Apache-2.0 */
/*
 * threads.c - NNG's threads, begun so that they leave the loop its turn.
 *
 * Each message wakes several of them in a row.  Under the usual policy each
 * that wakes takes the processor from the loop, and the next one from it; under
 * SCHED_BATCH it runs on an idle one, or when the turn is over and more has
 * gathered; where other programs keep all processors busy it waits for one of
 * them, some milliseconds.  A thread has the policy of the one that makes it.
 */
#include "threads.h"

#include <nng/nng.h>
#include <sched.h>

void
threads_begin(bool batch)
{
	const struct sched_param none = { .sched_priority = 0 };
	nng_aio *aio = NULL;
	/* Another policy is the operator's wish, and might not come back. */
	bool calm = batch && sched_getscheduler(0) == SCHED_OTHER &&
	    sched_setscheduler(0, SCHED_BATCH, &none) == 0;

	/* The first call of NNG begins them all. */
	if (nng_aio_alloc(&aio, NULL, NULL) == 0)
		nng_aio_free(aio);
	if (calm)
		(void)sched_setscheduler(0, SCHED_OTHER, &none);
}
