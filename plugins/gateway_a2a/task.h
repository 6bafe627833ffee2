/* SPDX-License-Identifier: Apache-2.0 */
/* task.h - a deal as A2A shows it. */
#ifndef TASK_H
#define TASK_H

#include "op.h"

/* "TASK_STATE_WORKING"; deal: as deal.get or deal.list gives it, or NULL. */
const char *task_state(const json_t *deal, const json_t *record);
/* What the seller asks, or NULL: {"message","auth"?,"data"?}. */
const json_t *task_asks(const json_t *deal);
bool task_is_over(const char *state);
/* Interrupted states end a wait, too. */
bool task_is_settled(const char *state);
/* The whole Task.  history: messages to show, -1: all. */
json_t *task_of(struct op *op, const char *id, const json_t *deal,
    const json_t *record, bool artifacts);
/* Reads the deal of op->task and goes on with it; TaskNotFound when the caller
   has no such task.  answer is NULL when it never became a deal. */
void task_read(struct op *op, op_next_fn *next);
/* Answers with op's task, read anew; of a send in the wrapping that it has. */
void task_answer(struct op *op);

#endif
