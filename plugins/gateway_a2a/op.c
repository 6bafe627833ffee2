/* SPDX-License-Identifier: Apache-2.0 */
/* op.c - one operation under way: its life and its wire calls; reply.c has its
   one answer. */
#include "op.h"

#include "till.h"

#include "canon.h"

#include <stdlib.h>
#include <string.h>

struct op_step {
	struct op_step *next;
	struct op *op; /* NULL: it ended meanwhile */
	struct aicx_ticket *ticket;
	op_next_fn *then;
	bool calling; /* host->call() has not returned */
	bool answered;
};

/* --- life --------------------------------------------------------------- */

static struct op **
bucket_of(struct gateway *gateway, const struct aicx_exchange *exchange)
{
	return &gateway->ops[(uintptr_t)exchange / 64 % OP_BUCKETS];
}

struct op *
op_find(struct gateway *gateway, const struct aicx_exchange *exchange)
{
	struct op *op = *bucket_of(gateway, exchange);

	while (op != NULL && op->exchange != exchange)
		op = op->next;
	return op;
}

struct op *
op_new(struct gateway *gateway, struct aicx_exchange *exchange,
    const struct aicx_http_request *request, const struct ask *ask)
{
	struct op *op = calloc(1, sizeof *op);
	struct op **bucket = bucket_of(gateway, exchange);

	if (op == NULL)
		return NULL;
	op->gateway = gateway;
	op->exchange = exchange;
	op->a2a_json = ask->a2a_json;
	op->secure = request->secure != 0;
	op->history = -1;
	op->extension =
	    ask_activates(ask->extensions, gateway->settings->extension);
	op->x402 = ask_activates(ask->extensions, TILL_URI_2) ? TILL_URI_2
	    : ask_activates(ask->extensions, TILL_URI_1)      ? TILL_URI_1
							      : NULL;
	bytes_str(&op->credential, ask->credential);
	bytes_str(&op->address, request->address);
	bytes_str(&op->trace, ask->trace);
	bytes_str(&op->etag, ask->etag);
	(void)gateway_origin(gateway, ask->host, &op->origin);
	op->next = *bucket;
	*bucket = op;
	return op;
}

/* Its exchange is itself: no client's, and not ended. */
struct op *
op_follow(struct gateway *gateway, const char *task, json_t *record)
{
	struct op *op = calloc(1, sizeof *op);
	struct op **bucket;

	if (op == NULL)
		return NULL;
	op->gateway = gateway;
	op->exchange = (struct aicx_exchange *)(void *)op;
	op->pushes = op->streams = true;
	op->history = 0;
	memcpy(op->task, task, sizeof op->task);
	op->caller =
	    json_pack("{s:O}", "agent_id", json_object_get(record, "owner"));
	op->record = json_incref(record);
	bucket = bucket_of(op->gateway, op->exchange);
	op->next = *bucket;
	*bucket = op;
	return op;
}

static void
op_free(struct op *op)
{
	bytes_fini(&op->credential);
	bytes_fini(&op->address);
	bytes_fini(&op->trace);
	bytes_fini(&op->etag);
	bytes_fini(&op->body);
	bytes_fini(&op->version);
	bytes_fini(&op->origin);
	json_decref(op->id);
	json_decref(op->params);
	json_decref(op->caller);
	json_decref(op->record);
	json_decref(op->capability);
	json_decref(op->list);
	free(op);
}

/* Nobody waits for the calls that are left; they go on without us. */
static void
drop_steps(struct op *op)
{
	while (op->steps != NULL) {
		struct op_step *step = op->steps;

		op->steps = step->next;
		step->op = NULL;
		if (step->calling)
			continue; /* freed where host->call() returns */
		op->gateway->host->call_cancel(step->ticket);
		free(step);
	}
}

void
op_hold(struct op *op)
{
	op->holds++;
}

void
op_release(struct op *op)
{
	if (--op->holds == 0 && op->exchange == NULL)
		op_free(op);
}

/* Takes it off the list; freed when nobody holds it. */
static void
op_end(struct op *op)
{
	struct op **at = bucket_of(op->gateway, op->exchange);

	while (*at != op)
		at = &(*at)->next;
	*at = op->next;
	op->exchange = NULL;
	op_hold(op);
	till_leave(op);
	drop_steps(op);
	op_release(op);
}

void
op_leave(struct op *op)
{
	op_end(op);
}

/* --- calling the wire --------------------------------------------------- */

static void
step_take(struct op *op, struct op_step *step)
{
	struct op_step **at = &op->steps;

	while (*at != step)
		at = &(*at)->next;
	*at = step->next;
}

static void
on_answer(const struct aicx_answer *answer, void *arg)
{
	struct op_step *step = arg;
	struct op *op = step->op;
	op_next_fn *then = step->then;
	bool calling = step->calling;

	step->answered = true;
	if (op != NULL) {
		json_t *body = json_loadb(answer->body.ptr, answer->body.len,
		    JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);

		step_take(op, step);
		op_hold(op);
		if (body == NULL)
			op_refuse(op, FAULT_INTERNAL, "",
			    "the broker's answer cannot be read");
		else
			then(op, answer->status, body);
		json_decref(body);
		op_release(op);
	}
	if (!calling)
		free(step);
}

static struct aicx_str
or_absent(const struct bytes *bytes)
{
	return bytes->len > 0 ? bytes_view(bytes)
			      : (struct aicx_str) { NULL, 0 };
}

void
op_call(struct op *op, const char *name, json_t *params, const char *key,
    op_next_fn *then)
{
	struct gateway *gateway = op->gateway;
	struct op_step *step = calloc(1, sizeof *step);
	struct aicx_ticket *ticket = NULL;
	struct bytes text = { 0 };
	struct aicx_call call = {
		.size = sizeof call,
		.method = gateway_method(gateway, name),
		.credential = or_absent(&op->credential),
		.correlation = or_absent(&op->trace),
		.address = bytes_view(&op->address),
		.secure = op->secure,
	};

	if (op->exchange == NULL) {
		json_decref(params);
		free(step);
		return;
	}
	plain_print(params, &text);
	json_decref(params);
	if (step == NULL || text.failed || call.method == NULL) {
		free(step);
		bytes_fini(&text);
		op_refuse(op, FAULT_INTERNAL, "", "%s cannot be called", name);
		return;
	}
	if (op->pushes) /* its credential is not kept */
		call.reader = text_of(member_text(op->caller, "agent_id"));
	if (key != NULL)
		call.idempotency_key = text_of(key);
	call.params = bytes_view(&text);
	*step = (struct op_step) {
		.next = op->steps, .op = op, .then = then, .calling = true
	};
	op->steps = step;
	gateway->host->call(gateway->self, &call, on_answer, step, &ticket);
	bytes_fini(&text);
	step->calling = false;
	step->ticket = ticket;
	if (!step->answered && step->op == NULL)
		gateway->host->call_cancel(ticket);
	if (step->answered || step->op == NULL)
		free(step);
}
