/* SPDX-License-Identifier: Apache-2.0 */
/*
 * till.c - tasks of payers without an account: x402 inside A2A.
 *
 * Such a task is no deal of the caller's, so all of it is kept here, and
 * whoever knows its id may read it: {"context","skill","agent","input",
 * "messages","state","words"?,"meta"?,"artifacts"?,"payment"?}.  What a payment
 * is worth the payment plugin knows.
 */
#include "till.h"

#include "message.h"
#include "record.h"

#include <aiconexus/option.h>
#include <aiconexus/payment.h>
#include <stdlib.h>
#include <string.h>

#define STATUS "x402.payment.status"

/* Something that is being sold. */
struct bill {
	struct bill *next, **prev;
	struct gateway *gateway;
	struct op *op; /* who waits, or NULL */
	char task[TASK_ID_TEXT + 1];
	json_t *doc;
};

static struct bill *
bill_new(struct op *op, json_t *doc)
{
	struct gateway *gateway = op->gateway;
	struct bill *bill = calloc(1, sizeof *bill);

	if (bill == NULL)
		return NULL;
	bill->gateway = gateway;
	bill->op = op;
	bill->doc = json_incref(doc);
	memcpy(bill->task, op->task, sizeof bill->task);
	bill->next = gateway->bills;
	bill->prev = &gateway->bills;
	if (bill->next != NULL)
		bill->next->prev = &bill->next;
	gateway->bills = bill;
	op->bill = bill;
	return bill;
}

static void
bill_free(struct bill *bill)
{
	*bill->prev = bill->next;
	if (bill->next != NULL)
		bill->next->prev = bill->prev;
	if (bill->op != NULL)
		bill->op->bill = NULL;
	json_decref(bill->doc);
	free(bill);
}

void
till_leave(struct op *op)
{
	if (op->bill != NULL)
		op->bill->op = NULL;
	op->bill = NULL;
}

void
till_free_all(struct gateway *gateway)
{
	const struct aicx_ref *payments = gateway->settings->payments;

	while (gateway->bills != NULL) {
		const struct aicx_payment_ops *ops = payments->ops;
		ops->sell_cancel(payments->state, gateway->bills);
		bill_free(gateway->bills);
	}
}

static bool
is_being_sold(const struct gateway *gateway, const char *task)
{
	const struct bill *bill = gateway->bills;

	while (bill != NULL && strcmp(bill->task, task) != 0)
		bill = bill->next;
	return bill != NULL;
}

/* --- the task --------------------------------------------------------------
 */

static json_t *
task_new(struct op *op, const json_t *doc)
{
	const char *context = member_text(doc, "context");
	const char *words = member_text(doc, "words");
	json_t *status =
	    json_pack("{s:O,s:o}", "state", json_object_get(doc, "state"),
		"timestamp", record_time(op->gateway));
	json_t *message;

	if (json_object_get(doc, "meta") != NULL) {
		message = message_ours(
		    op->task, context, *words != '\0' ? words : "paid");
		(void)json_object_set(
		    message, "metadata", json_object_get(doc, "meta"));
		(void)json_object_set_new(status, "message", message);
	}
	return json_pack("{s:s,s:s,s:o,s:O*,s:O}", "id", op->task, "contextId",
	    context, "status", status, "artifacts",
	    json_object_get(doc, "artifacts"), "history",
	    json_object_get(doc, "messages"));
}

static void
answer(struct op *op, const json_t *doc)
{
	json_t *task = task_new(op, doc);

	op_result(op,
	    op->operation == OP_SEND ? json_pack("{s:o}", "task", task) : task);
}

static void
put_state(json_t *doc, const char *state, const char *words, json_t *meta)
{
	(void)json_object_set_new(doc, "state", json_string(state));
	(void)json_object_set_new(doc, "words", json_string(words));
	(void)json_object_set_new(doc, "meta", meta);
}

/* --- selling ---------------------------------------------------------------
 */

static json_t *
parse(struct aicx_str text)
{
	return text.ptr != NULL
	    ? json_loadb(text.ptr, text.len, JSON_DECODE_ANY, NULL)
	    : NULL;
}

static void
put_required(json_t *doc, const struct aicx_sold *sold)
{
	json_t *required = parse(sold->required);
	json_t *response = parse(sold->response);
	const char *error = member_text(required, "error");

	if (response != NULL)
		put_state(doc, "TASK_STATE_FAILED", error,
		    json_pack("{s:s,s:s,s:[o]}", STATUS, "payment-failed",
			"x402.payment.error", error, "x402.payment.receipts",
			response));
	else
		put_state(doc, "TASK_STATE_INPUT_REQUIRED", error,
		    json_pack("{s:s,s:O}", STATUS, "payment-required",
			"x402.payment.required", required));
	json_decref(required);
}

static void
put_paid(json_t *doc, const char *task, const struct aicx_sold *sold)
{
	json_t *body = parse(sold->body);
	json_t *output = json_object_get(body, "result");
	json_t *response = parse(sold->response);

	(void)json_object_set_new(doc, "artifacts",
	    output != NULL ? message_artifacts(output, task) : json_array());
	put_state(doc, "TASK_STATE_COMPLETED", "paid",
	    response != NULL
		? json_pack("{s:s,s:[o]}", STATUS, "payment-completed",
		      "x402.payment.receipts", response)
		: json_object());
	json_decref(body);
}

/* Nothing was taken, or, by "payment_pending", that is not known yet. */
static void
put_problem(json_t *doc, const struct aicx_sold *sold)
{
	json_t *problem = parse(sold->body);
	const char *code = member_text(problem, "code");

	if (strcmp(code, "payment_pending") == 0)
		put_state(doc, "TASK_STATE_WORKING", code,
		    json_pack("{s:s}", STATUS, "payment-submitted"));
	else
		put_state(doc, "TASK_STATE_FAILED", code,
		    json_pack("{s:s,s:s}", STATUS, "payment-failed",
			"x402.payment.error", code));
	json_decref(problem);
}

static void
on_sold(const struct aicx_sold *sold, void *arg)
{
	struct bill *bill = arg;
	struct op *op = bill->op;
	json_t *doc = json_incref(bill->doc);

	if (sold->status == 402 && sold->required.ptr != NULL)
		put_required(doc, sold);
	else if (sold->status >= 400)
		put_problem(doc, sold);
	else
		put_paid(doc, bill->task, sold);
	(void)record_paid_put(bill->gateway, bill->task, doc);
	bill_free(bill);
	if (op != NULL)
		answer(op, doc);
	json_decref(doc);
}

static bool
waits(const struct op *op)
{
	return !json_is_true(
	    member(member(op->params, "configuration"), "returnImmediately"));
}

/* Takes doc.  With the payment that it has, or none. */
static void
sell(struct op *op, json_t *doc)
{
	const struct aicx_ref *payments = op->gateway->settings->payments;
	const struct aicx_payment_ops *ops = payments->ops;
	const json_t *payment = json_object_get(doc, "payment");
	char *input = json_dumps(
	    json_object_get(doc, "input"), JSON_COMPACT | JSON_ENCODE_ANY);
	char *paid = payment != NULL ? json_dumps(payment, JSON_COMPACT) : NULL;
	const char *agent = member_text(doc, "agent");
	struct bytes resource = { 0 };
	struct bill *bill;
	struct aicx_sale sale = { .size = sizeof sale,
		.capability = text_of(member_text(doc, "skill")),
		.input = { input, input != NULL ? strlen(input) : 0 },
		.payment = { paid, paid != NULL ? strlen(paid) : 0 },
		.correlation = bytes_view(&op->trace),
		.address = bytes_view(&op->address),
		.secure = op->secure };

	if (*agent != '\0')
		sale.provider_id = text_of(agent);
	if (op->trace.len == 0)
		sale.correlation = (struct aicx_str) { NULL, 0 };
	bytes_text(&resource, "a2a://skill/");
	bytes_str(&resource, sale.capability);
	sale.resource = bytes_view(&resource);
	if (payment != NULL)
		put_state(doc, "TASK_STATE_WORKING", "payment-submitted",
		    json_pack("{s:s}", STATUS, "payment-submitted"));
	bill = bill_new(op, doc);
	op_hold(op);
	if (bill == NULL || !record_paid_put(op->gateway, op->task, doc)) {
		if (bill != NULL)
			bill_free(bill);
		op_status(op, 503, "the store takes nothing now", NULL);
	} else {
		ops->sell(payments->state, &sale, on_sold, bill);
		if (op->bill != NULL && payment != NULL && !waits(op)) {
			till_leave(op);
			answer(op, doc);
		}
	}
	op_release(op);
	json_decref(doc);
	bytes_fini(&resource);
	free(input);
	free(paid);
}

/* --- messages --------------------------------------------------------------
 */

static const json_t *
metadata_of(const struct op *op)
{
	return member(member(op->params, "message"), "metadata");
}

/* Nobody but its payer knows it: a random UUID (RFC 9562, version 4). */
static void
new_task(struct op *op)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t random[16];
	size_t n = 0;

	op->gateway->host->random(op->gateway->self, random, sizeof random);
	random[6] = (uint8_t)(0x40 | (random[6] & 0x0f));
	random[8] = (uint8_t)(0x80 | (random[8] & 0x3f));
	for (size_t i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			op->task[n++] = '-';
		op->task[n++] = digits[random[i] >> 4];
		op->task[n++] = digits[random[i] & 15];
	}
	op->task[n] = '\0';
}

static void
on_skill(struct op *op, int status, json_t *found)
{
	const json_t *capability =
	    json_array_get(json_object_get(found, "capabilities"), 0);
	const json_t *message = member(op->params, "message");
	const char *context = member_text(message, "contextId");

	if (status != 200) {
		op_problem(op, status, found);
		return;
	}
	if (capability == NULL) {
		op_refuse(op, FAULT_PARAMS, "message.metadata.skill",
		    "nobody sells this skill here");
		return;
	}
	new_task(op);
	sell(op,
	    json_pack("{s:s,s:O,s:s,s:o,s:[O],s:s,s:O*}", "context",
		*context != '\0' ? context : op->task, "skill",
		json_object_get(capability, "name"), "agent", op->agent,
		"input",
		message_input(
		    message, json_object_get(capability, "input_schema")),
		"messages", message, "state", "TASK_STATE_SUBMITTED", "payment",
		member(metadata_of(op), "x402.payment.payload")));
}

static void
begin(struct op *op)
{
	const char *skill = message_skill(member(op->params, "message"));
	json_t *params;

	if (*skill == '\0')
		skill = op->gateway->settings->skill;
	if (*skill == '\0') {
		op_refuse(op, FAULT_PARAMS, "message.metadata.skill",
		    "which skill is meant is not said");
		return;
	}
	params = json_pack("{s:s,s:i}", "name", skill, "limit", 1);
	if (op->agent[0] != '\0')
		(void)json_object_set_new(
		    params, "agent_id", json_string(op->agent));
	op_call(op, "discovery.list_capabilities", params, NULL, on_skill);
}

/* A payment, or the word that there will be none. */
static void
go_on(struct op *op, json_t *doc)
{
	const char *status = member_text(metadata_of(op), STATUS);
	const json_t *payment = member(metadata_of(op), "x402.payment.payload");

	if (strcmp(member_text(doc, "state"), "TASK_STATE_INPUT_REQUIRED") !=
	    0) {
		op_refuse(op, FAULT_UNSUPPORTED, "",
		    "the task takes no messages any more");
		return;
	}
	(void)json_array_append(
	    json_object_get(doc, "messages"), member(op->params, "message"));
	if (strcmp(status, "payment-rejected") == 0) {
		put_state(doc, "TASK_STATE_FAILED", status,
		    json_pack("{s:s}", STATUS, status));
		(void)record_paid_put(op->gateway, op->task, doc);
		answer(op, doc);
	} else if (strcmp(status, "payment-submitted") == 0 &&
	    json_is_object(payment)) {
		(void)json_object_set(doc, "payment", (json_t *)payment);
		sell(op, json_incref(doc));
	} else
		op_refuse(op, FAULT_PARAMS, "message.metadata",
		    "a payment is awaited, as x402 in A2A has it");
}

static bool
find_task(struct op *op, const char *task, json_t **ret_doc)
{
	*ret_doc = NULL;
	if (strlen(task) == TASK_ID_TEXT) {
		memcpy(op->task, task, sizeof op->task);
		*ret_doc = record_paid_get(op->gateway, task);
	}
	if (*ret_doc == NULL)
		op_refuse(
		    op, FAULT_TASK_NOT_FOUND, "", "there is no such task");
	return *ret_doc != NULL;
}

static void
send_message(struct op *op)
{
	const json_t *message = member(op->params, "message");
	const char *task = member_text(message, "taskId");
	struct fault fault;
	json_t *doc;

	if (!message_check(message, &fault))
		op_fail(op, &fault);
	else if (*task == '\0')
		begin(op);
	else if (find_task(op, task, &doc)) {
		go_on(op, doc);
		json_decref(doc);
	}
}

/* One that a restart left without anybody who sells it is asked about again,
   with the payment that it had. */
static void
get(struct op *op)
{
	json_t *doc;

	if (!find_task(op, member_text(op->params, "id"), &doc))
		return;
	if (strcmp(member_text(doc, "state"), "TASK_STATE_WORKING") == 0 &&
	    !is_being_sold(op->gateway, op->task))
		sell(op, json_incref(doc));
	else
		answer(op, doc);
	json_decref(doc);
}

void
till_run(struct op *op)
{
	if (op->operation == OP_SEND)
		send_message(op);
	else if (op->operation == OP_GET)
		get(op);
	else
		op_status(op, 401, "a bearer credential is needed", NULL);
}
