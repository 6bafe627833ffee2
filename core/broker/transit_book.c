/* SPDX-License-Identifier: Apache-2.0 */
/*
 * transit_book.c - what became known, booked in one record with its answer:
 * money in and out, and the payments that only follow a decision.
 */
#include "base/err.h"
#include "base/id.h"
#include "base/str.h"
#include "broker/balance.h"
#include "broker/transit.h"
#include "protocol/problem.h"

#include <string.h>

void
put_account_answer(struct json_writer *w, struct broker *broker,
    const struct payment *payment, int64_t moved_minor)
{
	const char *currency = payment->amount.currency;
	const struct account *account =
	    ledger_account(broker->state.ledger, &payment->party, currency);
	int64_t after;

	if (__builtin_add_overflow(
		account->available_minor, moved_minor, &after))
		after = INT64_MAX; /* the ledger refuses it */
	json_open(w, '{');
	json_key(w, "transaction_id");
	json_put_id(w, &payment->payment_id);
	json_key(w, "balance");
	json_open(w, '{');
	put_amount(w, broker, "available", after, currency);
	put_amount(w, broker, "reserved", account->reserved_minor, currency);
	json_key(w, "currency");
	json_put_text(w, currency);
	json_close(w);
	json_close(w);
}

/* The answer that the request gets, now and whenever it is repeated. */
static void
put_request(struct step *step, const struct payment *row, int status)
{
	const struct request *request = state_request(
	    &step->broker->state, &row->request_sender, &row->request_id);

	if (request == NULL)
		return;
	step->request_sender = row->request_sender;
	step->request_id = row->request_id;
	memcpy(step->request_body, request->body, sizeof request->body);
	step->answer_status = status;
}

static void
move_account(struct step *step, const struct payment *row, bool done)
{
	const struct aicx_id *party = &row->party;

	if (row->op == PAYMENT_FUND && done)
		step_move(step, TRANSFER_FUND, &row->payment_id,
		    &ledger_funding, COLUMN_AVAILABLE, party, COLUMN_AVAILABLE,
		    &row->amount, NULL, NULL, row->reference);
	else if (row->op == PAYMENT_PAYOUT && done)
		step_move(step, TRANSFER_WITHDRAW, &row->payment_id, party,
		    COLUMN_PENDING, &ledger_funding, COLUMN_AVAILABLE,
		    &row->amount, NULL, NULL, row->reference);
	else if (row->op == PAYMENT_PAYOUT)
		step_move(step, TRANSFER_WITHDRAW, &row->payment_id, party,
		    COLUMN_PENDING, party, COLUMN_AVAILABLE, &row->amount, NULL,
		    NULL, row->reference);
}

/* Fills step->answer; returns its status. */
static int
put_answer(struct step *step, const struct payment *row,
    const struct aicx_pay_result *result)
{
	struct json_writer w = json_writer(&step->answer);
	struct aicx_error error = { 0 };

	if (result->state == AICX_PAY_DONE) {
		put_account_answer(&w, step->broker, row,
		    row->op == PAYMENT_FUND ? row->amount.minor : 0);
		return 201;
	}
	(void)err_word(&error, AICX_ELIMIT, "denied", "payment was refused: %s",
	    result->error.text);
	problem_put(&w, &error, (struct aicx_str) { NULL, 0 }, -1);
	return problem_of(&error)->status;
}

static bool
is_account(const struct payment *row)
{
	return row->op == PAYMENT_FUND || row->op == PAYMENT_PAYOUT;
}

static const char *
step_name(const struct payment *row, bool done)
{
	if (!done || !is_account(row))
		return "payment.end";
	return row->op == PAYMENT_FUND ? "account.fund" : "account.withdraw";
}

static void
answer_all(struct transit *job, int status, struct aicx_str body)
{
	LIST_EACH (node, &job->waiters)
		call_answer(LIST_ITEM(node, struct call, node), status, body);
}

static void
put_known(struct step *step, const struct payment *row,
    const struct aicx_pay_result *result)
{
	struct payment known = *row;

	known.state =
	    result->state == AICX_PAY_DONE ? PAYMENT_DONE : PAYMENT_REFUSED;
	known.known_ms = step->now_ms;
	known.reason = str_of(result->error.text);
	step_put(step, T_PAYMENT, &known);
}

/* What follows a decision is owed: a refusal is for an operator to clear. */
static void
tell_refused(struct broker *broker, const struct payment *row,
    const struct aicx_pay_result *result)
{
	log_error(broker->log, "payment.refused",
	    KV("payment", id_text(&row->payment_id).text),
	    KV("op", payment_op_names[row->op]),
	    KV("reason", result->error.text));
}

void
transit_book(struct transit *job, const struct aicx_pay_result *result)
{
	struct broker *broker = job->broker;
	const struct payment *row =
	    state_payment(&broker->state, &job->payment_id);
	bool done = result->state == AICX_PAY_DONE;
	struct aicx_error error = { 0 };
	struct buf body = { 0 };
	int status = 0;
	struct step *step = step_begin(broker, step_name(row, done),
	    id_is_nil(&row->asked_by) ? &broker->keys.broker_id
				      : &row->asked_by,
	    NULL);

	put_known(step, row, result);
	if (is_account(row)) {
		move_account(step, row, done);
		status = put_answer(step, row, result);
		buf_str(&body, buf_view(&step->answer));
		put_request(step, row, status);
	}
	if (!done)
		tell_refused(broker, row, result);
	if (step_commit(step, &error) != AICX_OK) {
		/* It happened outside and the books cannot take it. */
		log_error(broker->log, "payment.stuck",
		    KV("payment", id_text(&job->payment_id).text),
		    KV("reason", error.text));
		job->stuck = true;
	} else {
		answer_all(job, status, buf_view(&body));
		transit_free(job);
	}
	buf_fini(&body);
}

/* --- beginning ------------------------------------------------------- */

static void
wait_for(struct transit *job, struct call *call)
{
	struct broker *broker = job->broker;

	call->due_ms = broker_now(broker) + broker->settings->payment_wait_ms;
	list_push(&job->waiters, &call->node);
	broker_wake(broker, call->due_ms);
}

aicx_err
transit_begin_account(
    struct call *call, const struct payment *wish, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	struct step *step = call_step(call, "payment.ask", NULL);
	struct payment row = *wish;

	row.state = PAYMENT_ASKED;
	row.asked_ms = step->now_ms;
	row.asked_by = call->who.agent_id;
	row.request_sender = step->request_sender;
	row.request_id = step->request_id;
	step_put(step, T_PAYMENT, &row);
	/* What is being paid out cannot be spent meanwhile. */
	if (row.op == PAYMENT_PAYOUT)
		step_move(step, TRANSFER_WITHDRAW, &row.payment_id, &row.party,
		    COLUMN_AVAILABLE, &row.party, COLUMN_PENDING, &row.amount,
		    NULL, NULL, row.reference);
	aicx_err err = step_commit(step, reterr);
	if (err != AICX_OK)
		return err;
	struct transit *job = transit_new(broker, &wish->payment_id, false);
	wait_for(job, call);
	transit_start(job);
	return AICX_OK;
}

bool
transit_takes_repeat(struct call *call)
{
	struct broker *broker = call->broker;

	LIST_EACH (node, &broker->transits) {
		struct transit *job = LIST_ITEM(node, struct transit, node);
		const struct payment *row =
		    state_payment(&broker->state, &job->payment_id);
		if (!id_eq(&row->request_id, &call->id) ||
		    !id_eq(&row->request_sender, &call->sender))
			continue;
		call->replayed = true;
		wait_for(job, call);
		return true;
	}
	return false;
}
