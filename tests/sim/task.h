/* SPDX-License-Identifier: Apache-2.0 */
/*
 * task.h - tasks of several requests, one after the other.  A task goes on with
 * each answer and ends with its last.
 */
#ifndef SIM_TASK_H
#define SIM_TASK_H

#include "player.h"

/* Asks for the next thing; false: it is done.  reply is NULL at the
   beginning. */
typedef bool task_fn(struct task *task, const struct reply *reply);

struct task {
	struct list node;
	struct player *agent;
	task_fn *go;
	int stage, left;
	bool over;
	bool gratis; /* what it orders costs nothing */
	struct aicx_id contract_id, intent_id, mandate_id, of;
	int64_t minor;
	struct player *payee;
};

/* After delay_ms. */
struct task *task_plan(struct player *agent, int64_t delay_ms, task_fn *go);
/* Calls a method; takes the members of its parameters. */
struct inquiry *task_ask(
    struct task *task, const char *method, struct buf *members);
/* With one id as its parameter. */
void task_ask_about(struct task *task, const char *method, const char *name,
    const struct aicx_id *id);
bool reply_id(const struct reply *reply, const char *name, struct aicx_id *ret);
const char *any_capability(struct player *agent);
int64_t any_price(struct player *agent);
/* A member in AIC. */
void put_aic(struct buf *members, const char *name, int64_t minor);

task_fn go_buy, go_mandate; /* buy_by_call.c */
void task_grant(struct task *task); /* asks for a mandate */
task_fn go_by_hand, go_direct; /* buy_by_hand.c */
task_fn go_charge, go_reserve; /* pay.c */
task_fn go_rule; /* buyer.c */

#endif
