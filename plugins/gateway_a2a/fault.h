/* SPDX-License-Identifier: Apache-2.0 */
/* fault.h - what can go wrong, and how each binding says it. */
#ifndef FAULT_H
#define FAULT_H

#include <jansson.h>
#include <stdint.h>

/* A2A 1.0, section 9.5 (JSON-RPC) and 11.6 (HTTP+JSON). */
enum fault_kind {
	FAULT_PARSE = 1,
	FAULT_REQUEST,
	FAULT_METHOD,
	FAULT_PARAMS,
	FAULT_INTERNAL,
	FAULT_TASK_NOT_FOUND,
	FAULT_TASK_NOT_CANCELABLE,
	FAULT_PUSH,
	FAULT_UNSUPPORTED,
	FAULT_CONTENT_TYPE,
	FAULT_AGENT_ANSWER,
	FAULT_NO_EXTENDED_CARD,
	FAULT_EXTENSION,
	FAULT_VERSION,
	FAULT_N
};

struct fault {
	enum fault_kind kind;
	char field[64]; /* of the request, or "" */
	char text[224];
};

__attribute__((format(printf, 4, 5))) void fault_set(struct fault *fault,
    enum fault_kind kind, const char *field, const char *format, ...);
uint16_t fault_status(const struct fault *fault); /* of HTTP */
/* {"code","message","data":[..]} of JSON-RPC. */
json_t *fault_rpc(const struct fault *fault);
/* {"error":{"code","status","message","details":[..]}} of HTTP+JSON. */
json_t *fault_rest(const struct fault *fault);

#endif
