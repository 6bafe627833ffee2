/* SPDX-License-Identifier: Apache-2.0 */
/*
 * push.h - events of a task, posted to URLs that its buyer named.
 *
 * A task with such configs is followed like a stream, under the credential of
 * whoever set one up; that is kept in memory only, so after a restart it goes
 * on with the buyer's next request for the task.  Each config has a courier:
 * one event after the other, each until it is taken or given up.
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

#endif
