/* SPDX-License-Identifier: Apache-2.0 */
/* send.h - a message that becomes a task: checked, bought, waited for. */
#ifndef SEND_H
#define SEND_H

#include "op.h"

/* SendMessage. */
/* Has work done for op's task: next gets the answer, and sets op->bought.
   Followed when somebody is told of its events; who does not wait gets the task
   as it is now. */
void send_work(struct op *op, const char *method, json_t *params,
    const char *key, op_next_fn *next, bool follow);
bool send_pushes(const struct op *op); /* the message says where to */
void send_message(struct op *op);
/* Goes on by the wire's answer to what was ordered: the task, or a refusal. */
void send_ended(struct op *op, int status, json_t *answer);

#endif
