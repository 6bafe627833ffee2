/* SPDX-License-Identifier: Apache-2.0 */
/* their_work.h - work at somebody's agent, from the message to its end. */
#ifndef THEIR_WORK_H
#define THEIR_WORK_H

#include "job.h"

/* The job has its card, door and input; a task that is known already is asked
   about instead of ordered again. */
void their_work_begin(struct job *job);
/* The buyer's answer to what the agent asked. */
void their_work_answer(struct job *job, struct aicx_str answer);
/* Nobody waits any more: what the agent does of it is cancelled. */
void their_work_stop(struct job *job);

#endif
