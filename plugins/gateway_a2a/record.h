/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record.h - what the gateway keeps of a task beside its deal.
 *
 * A task is a deal with the same id; state, result and money are the deal's.
 * Only what A2A alone knows is kept here: {"owner","context","hash","skill",
 * "messages":[..],"refused"?:{"code","detail","at"}}.
 */
#ifndef RECORD_H
#define RECORD_H

#include "op.h"

enum { REFUSED_MAX = 100 };

/* NULL: there is none. */
json_t *record_get(struct gateway *gateway, const char *task);
bool record_put(
    struct gateway *gateway, const char *task, const json_t *record);
void record_drop(struct gateway *gateway, const char *task);
/* Tasks that never became deals, newest first: the last REFUSED_MAX of each
   owner; a list of ids. */
json_t *record_refused(struct gateway *gateway, const char *owner);
void record_refuse(struct gateway *gateway, const char *task, json_t *record,
    const char *code, const char *detail);
/* Where the task's events are posted: a list of TaskPushNotificationConfig. */
json_t *record_configs(struct gateway *gateway, const char *task);
void record_configs_put(
    struct gateway *gateway, const char *task, const json_t *configs);
/* Tasks whose events are posted and that are not over: kept in FOLLOWED_LISTS
   lists by the end of the task's id, so that each change is a small one. */
enum { FOLLOWED_LISTS = 256 };
void record_follow(struct gateway *gateway, const char *task);
void record_unfollow(struct gateway *gateway, const char *task);
/* A list of ids. */
json_t *record_followed(struct gateway *gateway, unsigned list);
/* All of a payer's task, see till.h; NULL: there is none. */
json_t *record_paid_get(struct gateway *gateway, const char *task);
bool record_paid_put(
    struct gateway *gateway, const char *task, const json_t *doc);
/* The id that a message makes: the same caller and messageId, the same id. */
void record_id(
    struct op *op, const char *message_id, char ret_task[TASK_ID_TEXT + 1]);
/* What tells one SendMessageRequest from another; 32 hex digits. */
json_t *record_hash(struct op *op);
/* The record of op's message; takes hash. */
json_t *record_new(struct op *op, const char *skill, json_t *hash);
/* "2026-11-22T13:04:05.678Z" */
json_t *record_time(struct gateway *gateway);

#endif
