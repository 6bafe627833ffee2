/* SPDX-License-Identifier: Apache-2.0 */
/* send.h - a message that becomes a task: checked, bought, waited for. */
#ifndef SEND_H
#define SEND_H

#include "op.h"

/* SendMessage. */
void send_message(struct op *op);
/* Goes on by the wire's answer to what was ordered: the task, or a refusal. */
void send_ended(struct op *op, int status, json_t *answer);

#endif
