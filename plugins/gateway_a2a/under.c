/* SPDX-License-Identifier: Apache-2.0 */
/*
 * under.c - a message that orders work under a contract that is there: signed
 * over REST, or by another client of the same buyer.
 *
 * The task has the id of the contract's deal, whichever message orders it; so a
 * contract has one task, and another message for it is refused.
 */
#include "under.h"

#include "message.h"
#include "push.h"
#include "record.h"
#include "send.h"
#include "task.h"

#include <stdio.h>
#include <string.h>

static const json_t *
message_of(const struct op *op)
{
	return member(op->params, "message");
}

/* Work that failed is a task that failed; what was not ordered is no task. */
static void
on_worked(struct op *op, int status, json_t *answer)
{
	op->bought = true;
	if (status == 502 || status == 504 || status < 400) {
		if (!op->streams) /* else deal.watch tells it */
			task_answer(op);
		return;
	}
	record_drop(op->gateway, op->task);
	op_problem(op, status, answer);
}

static void
order(struct op *op)
{
	json_t *input = message_input(
	    message_of(op), json_object_get(op->capability, "input_schema"));
	char key[TASK_ID_TEXT + 8];

	(void)snprintf(key, sizeof key, "work-%s", op->task);
	send_work(op, "execution.execute",
	    json_pack("{s:O,s:o,s:b}", "contract_id",
		json_object_get(op->list, "contract_id"), "input", input,
		"answers", 1),
	    key, on_worked, send_pushes(op));
}

/* false: the operation was answered. */
static bool
keep(struct op *op)
{
	const json_t *push = member(
	    member(op->params, "configuration"), "taskPushNotificationConfig");

	op->record = record_new(
	    op, member_text(op->list, "capability"), record_hash(op));
	if (push != NULL)
		json_decref(push_keep(op, push));
	if (record_put(op->gateway, op->task, op->record))
		return true;
	op_status(op, 503, "the store takes nothing now", NULL);
	return false;
}

/* The same message orders again, and by its key gets what it got. */
static void
on_capability(struct op *op, int status, json_t *answer)
{
	const json_t *list = json_object_get(answer, "capabilities");

	if (status == 200)
		op->capability = json_incref(json_array_get(list, 0));
	if (op->record != NULL || keep(op))
		order(op);
}

static bool
is_another(struct op *op)
{
	json_t *hash = record_hash(op);
	bool other = op->record != NULL &&
	    !json_equal(json_object_get(op->record, "hash"), hash);

	json_decref(hash);
	return other;
}

static void
on_contract(struct op *op, int status, json_t *contract)
{
	const char *deal = member_text(contract, "deal_id");

	if (status != 200 || strlen(deal) != TASK_ID_TEXT) {
		op_refuse(op, FAULT_PARAMS, "message.metadata",
		    "there is no such contract");
		return;
	}
	memcpy(op->task, deal, sizeof op->task);
	op->list = json_incref(contract);
	op->record = record_get(op->gateway, op->task);
	if (is_another(op))
		op_refuse(op, FAULT_UNSUPPORTED, "",
		    "the work of this contract is task %s", op->task);
	else
		op_call(op, "discovery.list_capabilities",
		    json_pack("{s:O,s:O,s:i}", "name",
			json_object_get(contract, "capability"), "agent_id",
			json_object_get(contract, "provider_id"), "limit", 1),
		    NULL, on_capability);
}

void
under_contract(struct op *op, const char *contract_id)
{
	op_call(op, "negotiation.get_contract",
	    json_pack("{s:s}", "contract_id", contract_id), NULL, on_contract);
}
