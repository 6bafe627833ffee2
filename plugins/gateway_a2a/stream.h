/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream.h - a task as it goes on: Server-Sent Events until it is settled.
 *
 * The first event is the task as it is, then come its changes as deal.watch
 * tells them.  A client that leaves changes nothing; it may subscribe again.
 */
#ifndef STREAM_H
#define STREAM_H

#include "op.h"

/* Begins with the task of op, and follows it.  Takes task. */
void stream_begin(struct op *op, json_t *task, const char *state);
/* The same for an operation that pushes. */
void stream_follow(struct op *op);
/* An event in a stream that has begun; takes value. */
void stream_event(struct op *op, const char *name, json_t *value);
void stream_end(struct op *op);
/* SubscribeToTask. */
void stream_subscribe(struct op *op);
/* All of them end; the broker is stopping. */
void stream_end_all(struct gateway *gateway);

#endif
