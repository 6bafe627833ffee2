/* SPDX-License-Identifier: Apache-2.0 */
/* tasks.h - tasks that are there: read, listed, cancelled. */
#ifndef TASKS_H
#define TASKS_H

#include "op.h"

void tasks_get(struct op *op);
void tasks_list(struct op *op);
void tasks_cancel(struct op *op);
/* params.id into op->task; false: it was refused. */
bool tasks_named(struct op *op, const char *member_name);

#endif
