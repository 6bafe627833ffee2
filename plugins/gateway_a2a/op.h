/* SPDX-License-Identifier: Apache-2.0 */
/*
 * op.h - one operation under way: from its request to its answer.
 *
 * An operation is a chain of wire calls; each goes on with a function that gets
 * the answer.  After op_fail(), op_result() or op_call() the operation may be
 * gone: return at once.
 */
#ifndef OP_H
#define OP_H

#include "ask.h"
#include "door.h"
#include "fault.h"
#include "gateway.h"
#include "member.h"

enum { TASK_ID_TEXT = 36 };

/* status: HTTP status of the wire's answer; answer: its body, borrowed. */
typedef void op_next_fn(struct op *op, int status, json_t *answer);

struct op_step;
struct bill;

struct op {
	struct op *next;
	struct gateway *gateway;
	struct aicx_exchange *exchange; /* NULL: answered, or the client left */
	struct op_step *steps; /* wire calls that are not answered */
	int holds; /* frames of the stack that use it */

	bool is_rpc, a2a_json;
	bool extension; /* ours is activated */
	bool secure;
	bool pays; /* for each task: it has no account; see till.h */
	const char *x402; /* the extension's URI as it was activated, or NULL */
	struct bill *bill;
	enum operation operation;
	struct bytes credential, address, trace, origin;
	char agent[DOOR_AGENT_MAX + 1]; /* the fronted one, or "" */
	json_t *id; /* of JSON-RPC; NULL: not known */
	json_t *params; /* an object */
	json_t *caller; /* what the wire says of the credential */

	/* Of a send, and of whatever reads a task. */
	char task[TASK_ID_TEXT + 1];
	json_t *record; /* what we keep of the task */
	json_t *capability;
	json_t *list; /* tasks collected so far */
	struct bytes body, version; /* of the request, until it is read */
	bool media_good;
	struct bytes etag; /* If-None-Match */
	bool keys; /* the key set, not a card */
	bool pushes; /* nobody waits: what is told goes to couriers */
	bool streams; /* its answer has begun, and goes on in parts */
	const char *state; /* that was told last */
	bool waits; /* for the end of the work */
	bool bought;
	json_int_t history; /* how many messages to show; -1: all */
};

struct op *op_new(struct gateway *gateway, struct aicx_exchange *exchange,
    const struct aicx_http_request *request, const struct ask *ask);
/* One that nobody waits for; it reads for the owner of the task's record. */
struct op *op_follow(struct gateway *gateway, const char *task, json_t *record);
/* The client went away; what was asked of the wire goes on. */
void op_leave(struct op *op);
struct op *op_find(
    struct gateway *gateway, const struct aicx_exchange *exchange);
/* Around a part of the program in which it may end. */
void op_hold(struct op *op);
void op_release(struct op *op);

/* Takes params.  key: for repeats, or NULL. */
void op_call(struct op *op, const char *method, json_t *params, const char *key,
    op_next_fn *next);
/* Takes result. */
void op_result(struct op *op, json_t *result);
void op_fail(struct op *op, const struct fault *fault);
__attribute__((format(printf, 4, 5))) void op_refuse(struct op *op,
    enum fault_kind kind, const char *field, const char *format, ...);
/* What the binding puts around a result; takes value. */
json_t *op_wrap(struct op *op, json_t *value);
/* Ends a stream; complete: as it should. */
void op_close_stream(struct op *op, bool complete);
/* A response of the caller's own making. */
void op_send(struct op *op, const struct aicx_http_response *response);
/* Without a shape of A2A: 401, 403, 404, 405. */
void op_status(
    struct op *op, uint16_t status, const char *text, const char *allow);
/* The wire refused: its problem as an A2A error, or 401, 403. */
void op_problem(struct op *op, int status, const json_t *problem);

#endif
