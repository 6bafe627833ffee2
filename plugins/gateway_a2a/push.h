/* SPDX-License-Identifier: Apache-2.0 */
/*
 * push.h - events of a task, posted to URLs that its buyer named.
 *
 * A task with such configs is followed like a stream, for its owner and without
 * its credential; which tasks are followed is kept, so a restart goes on with
 * them.  Each config has a courier.
 */
#ifndef PUSH_H
#define PUSH_H

#include "op.h"

enum { PUSH_CONFIGS_MAX = 8, PUSH_URL_MAX = 2048 };

void push_create(struct op *op);
void push_get(struct op *op);
void push_list(struct op *op);
void push_delete(struct op *op);

/* The shape of a config; false: *ret_fault. */
bool push_check(const json_t *config, struct fault *ret_fault);
/* Keeps a checked config of op's task and gives it with its id; NULL: there are
   too many. */
json_t *push_keep(struct op *op, const json_t *config);
/* Follows op's task if it has configs and nobody does. */
void push_follow(struct op *op);
/* After a start: all that were followed.  false: the store is not open yet. */
bool push_resume(struct gateway *gateway);

#endif
