/* SPDX-License-Identifier: Apache-2.0 */
/*
 * courier.h - brings the events of a task to one URL: one after the other, each
 * until it is taken or given up.
 */
#ifndef COURIER_H
#define COURIER_H

#include "op.h"

enum { COURIER_WAITING_MAX = 256 };

struct courier;

/* One for each config of a task; nothing when there is one. */
void courier_need(
    struct gateway *gateway, const char *task, const json_t *config);
struct courier *courier_find(
    struct gateway *gateway, const char *task, const char *config);
void courier_free(struct courier *courier);
/* An operation tells the task's events. */
bool courier_follows(const struct gateway *gateway, const char *task);
/* For all couriers of the task; takes event. */
void courier_event(struct gateway *gateway, const char *task, json_t *event);
void courier_free_all(struct gateway *gateway);

#endif
