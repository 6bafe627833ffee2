/* SPDX-License-Identifier: Apache-2.0 */
/*
 * their_task.h - what somebody's agent is asked, and what its answers come to.
 * Nothing here asks anybody.
 */
#ifndef THEIR_TASK_H
#define THEIR_TASK_H

#include "their_card.h"

enum { THEIR_TASK_MAX = 256 }; /* bytes of a task's id */

enum their_end {
	THEIR_WORKS = 0, /* ask again */
	THEIR_READ, /* it is over: read the task for what came out */
	THEIR_DONE, /* output is there */
	THEIR_FAILED, /* it says so itself */
	THEIR_ASKS, /* it waits for an answer to what it said */
	THEIR_LOST, /* it does not know the task */
	THEIR_GARBAGE
};

/* All but output borrowed from the answer. */
struct verdict {
	enum their_end end;
	json_t *output; /* new; of DONE */
	const char *code, *detail; /* of those that fail */
	bool retryable;
	const char *task; /* its id, or "" */
	const char *said; /* of its progress, or "" */
	const json_t *parts; /* of what it asks, or NULL */
};

/* SendMessageRequest for an input; id: of the message. */
json_t *their_request(const struct their_door *door, const json_t *input,
    const char *skill, const char *id);
/* The same for an answer to what a task asks. */
json_t *their_reply(const struct their_door *door, const json_t *answer,
    const char *task, const char *id);
/* An answer to a send or an event of a stream, of either binding. */
struct verdict their_answer(const struct their_door *door, const json_t *said);
/* An answer to GetTask. */
struct verdict their_task(const struct their_door *door, const json_t *said);

#endif
