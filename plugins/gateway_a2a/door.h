/* SPDX-License-Identifier: Apache-2.0 */
/* door.h - which operation, binding and agent a path and a verb mean. */
#ifndef DOOR_H
#define DOOR_H

#include "text.h"

enum { DOOR_ID_MAX = 128, DOOR_AGENT_MAX = 36 };

enum operation {
	OP_NONE = 0,
	OP_SEND,
	OP_STREAM,
	OP_GET,
	OP_LIST,
	OP_CANCEL,
	OP_SUBSCRIBE,
	OP_PUSH_CREATE,
	OP_PUSH_GET,
	OP_PUSH_LIST,
	OP_PUSH_DELETE,
	OP_EXTENDED_CARD,
	OP_N
};

enum door_kind {
	DOOR_NONE = 0, /* nothing answers this path */
	DOOR_CARD, /* the broker's, or the agent's */
	DOOR_KEYS, /* the key set */
	DOOR_RPC,
	DOOR_REST
};

struct door {
	enum door_kind kind;
	struct aicx_str
	    agent; /* of a fronted agent, or the tenant; or absent */
	enum operation operation; /* of DOOR_REST */
	struct aicx_str task, config; /* ids in the path; or absent */
	const char *allow; /* the verb is none of these; or NULL */
};

/* The path is decoded already; views into it. */
struct door door_find(struct aicx_str path, struct aicx_str verb);
/* "SendMessage"; OP_NONE: there is no such method. */
enum operation door_method(struct aicx_str name);

#endif
