/* SPDX-License-Identifier: Apache-2.0 */
/*
 * transit.c - a payment from its record to the answer of the plugin, as often
 * as it takes.
 *
 * First it is ordered.  No answer, an unknown one and a restart all lead to the
 * same: status() is asked, with backoff, until it knows; what it has never
 * heard of is ordered again under the same id.
 */
#include "broker/transit.h"

#include "base/broken.h"
#include "base/err.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/str.h"
#include "broker/work.h"

#include <stdlib.h>
#include <string.h>

/* How long the plugin may take before it is asked anew. */
enum { CALL_MS_MAX = 120000 };

typedef void pay_op(
    void *state, const struct aicx_pay *pay, aicx_pay_fn *done, void *arg);

static const uint32_t pay_ops[PAYMENT_N_OPS] = {
	[PAYMENT_AUTHORIZE] = AICX_PAY_AUTHORIZE,
	[PAYMENT_CAPTURE] = AICX_PAY_CAPTURE,
	[PAYMENT_VOID] = AICX_PAY_VOID,
	[PAYMENT_FUND] = AICX_PAY_FUND,
	[PAYMENT_PAYOUT] = AICX_PAY_PAYOUT,
	[PAYMENT_REFUND] = AICX_PAY_REFUND,
};

static pay_op *
op_of(const struct aicx_payment_ops *ops, enum payment_op op)
{
	switch (op) {
	case PAYMENT_AUTHORIZE:
		return ops->authorize;
	case PAYMENT_CAPTURE:
		return ops->capture;
	case PAYMENT_VOID:
		return ops->void_;
	case PAYMENT_FUND:
		return ops->fund;
	case PAYMENT_PAYOUT:
		return ops->payout;
	case PAYMENT_REFUND:
		return ops->refund;
	case PAYMENT_N_OPS:
		break;
	}
	return ops->status;
}

static struct aicx_pay
pay_of(struct broker *broker, const struct payment *payment)
{
	return (struct aicx_pay) {
		.size = sizeof(struct aicx_pay),
		.op = pay_ops[payment->op],
		.id = payment->payment_id,
		.party = payment->party,
		.payee = payment->payee,
		.of = payment->of,
		.deal_id = payment->deal_id,
		.amount = payment->amount,
		.available_minor = ledger_account(broker->state.ledger,
		    &payment->party, payment->amount.currency)
				       ->available_minor,
		.expires_ms = payment->expires_ms,
		.reference = payment->reference,
	};
}

bool
payment_is_internal(const struct broker *broker)
{
	return (broker->payment->flags & AICX_PAY_INTERNAL) != 0;
}

static bool
is_internal_for(const struct broker *broker, const struct aicx_id *party)
{
	return (payer_of(broker, party).ops->flags & AICX_PAY_INTERNAL) != 0;
}

void
transits_init(struct broker *broker)
{
	list_init(&broker->transits);
	list_init(&broker->pay_calls);
}

struct transit *
transit_find(struct broker *broker, const struct aicx_id *payment_id)
{
	LIST_EACH (node, &broker->transits) {
		struct transit *job = LIST_ITEM(node, struct transit, node);
		if (id_eq(&job->payment_id, payment_id))
			return job;
	}
	return NULL;
}

/* One call of the plugin.  A plugin that forgets to answer must not stop the
   payment, and one that answers late must not find it gone. */
struct pay_call {
	struct list node; /* in broker->pay_calls */
	struct transit *job; /* NULL: nobody waits for it any more */
};

static struct pay_call *
pay_call_new(struct transit *job)
{
	struct pay_call *call = MEM_NEW(struct pay_call);

	call->job = job;
	list_push(&job->broker->pay_calls, &call->node);
	return call;
}

static void
pay_call_free(struct pay_call *call)
{
	list_remove(&call->node);
	free(call);
}

void
transit_free(struct transit *job)
{
	if (job->call != NULL)
		job->call->job = NULL;
	list_remove(&job->node);
	free(job);
}

void
transits_fini(struct broker *broker)
{
	LIST_EACH (node, &broker->transits) {
		struct transit *job = LIST_ITEM(node, struct transit, node);
		LIST_EACH (waiter, &job->waiters)
			call_free(LIST_ITEM(waiter, struct call, node));
		if (job->known != NULL)
			job->known(NULL, job->arg);
		transit_free(job);
	}
	LIST_EACH (node, &broker->pay_calls)
		pay_call_free(LIST_ITEM(node, struct pay_call, node));
}

bool
transits_are_idle(const struct broker *broker)
{
	LIST_EACH (node, &broker->transits)
		if (LIST_ITEM(node, struct transit, node)->call != NULL)
			return false;
	return true;
}

size_t
transits_pending(const struct broker *broker)
{
	size_t n = 0;

	LIST_EACH (node, &broker->transits)
		n++;
	return n;
}

/* --- asking ---------------------------------------------------------- */

/* What is known ends the job; who waits for it may begin another. */
static void
tell(struct transit *job, const struct aicx_pay_result *result)
{
	struct broker *broker = job->broker;
	const struct payment *payment =
	    state_payment(&broker->state, &job->payment_id);
	transit_known_fn *known = job->known;
	void *arg = job->arg;
	bool done = result->state == AICX_PAY_DONE;

	if (done && !transit_bring(broker, payment, result)) {
		job->stuck = true;
		return;
	}
	payment = state_payment(&broker->state, &job->payment_id);

	metrics_count(broker->metrics, METRIC_PAYMENTS, 1,
	    payment_op_names[payment->op], done ? "done" : "refused");
	if (known == NULL) {
		transit_book(job, result);
		return;
	}
	transit_free(job);
	known(result, arg);
}

static void
ask_later(struct transit *job, const char *why)
{
	struct broker *broker = job->broker;
	const struct payment *payment =
	    state_payment(&broker->state, &job->payment_id);
	int64_t delay_ms =
	    payment_backoff_ms(broker->settings->payment_retry_ms,
		broker->settings->payment_retry_max_ms, job->n_asked);

	metrics_count(broker->metrics, METRIC_PAYMENTS, 1,
	    payment_op_names[payment->op], "unknown");
	log_warn(broker->log, "payment.unknown",
	    KV("payment", id_text(&job->payment_id).text),
	    KV("op", payment_op_names[payment->op]), KV("asked", job->n_asked),
	    KV("next_ms", delay_ms), KV("reason", why));
	job->next_ms = broker_now(broker) + delay_ms;
	broker_wake(broker, job->next_ms);
}

/* An answer that does not fit to what was asked is none. */
static bool
fits(const struct payment *payment, const struct aicx_pay_result *result)
{
	return result->state != AICX_PAY_DONE ||
	    (result->amount.minor == payment->amount.minor &&
		money_same_currency(&result->amount, &payment->amount));
}

static void
on_answer(const struct aicx_pay_result *result, void *arg)
{
	struct pay_call *call = arg;
	struct transit *job = call->job;

	pay_call_free(call);
	if (job == NULL)
		return; /* nobody waits any more; its row is asked about */
	const struct payment *payment =
	    state_payment(&job->broker->state, &job->payment_id);
	bool unheard = job->by_status && result->state == AICX_PAY_REFUSED &&
	    str_is(str_of(result->error.word), AICX_PAY_UNHEARD);

	job->call = NULL;
	if (unheard) {
		job->by_status = false; /* it is ordered again */
		job->next_ms = broker_now(job->broker);
		broker_wake(job->broker, job->next_ms);
		return;
	}
	job->by_status = !broken("pay_twice");
	if (!fits(payment, result))
		ask_later(job, "answer tells another amount");
	else if (result->state == AICX_PAY_DONE ||
	    result->state == AICX_PAY_REFUSED)
		tell(job, result);
	else
		ask_later(job, result->error.text);
}

static void
ask(struct transit *job)
{
	struct broker *broker = job->broker;
	const struct payment *payment =
	    state_payment(&broker->state, &job->payment_id);
	struct aicx_pay pay = pay_of(broker, payment);
	struct payer payer = payer_of(broker, &payment->party);
	pay_op *op = job->by_status
	    ? payer.ops->status
	    : op_of(payer.ops, (enum payment_op)payment->op);

	job->next_ms = 0;
	job->call = pay_call_new(job);
	job->called_ms = broker_now(broker);
	broker_wake(broker, job->called_ms + CALL_MS_MAX);
	job->n_asked++;
	if (broken("pay_twice") && job->n_asked > 1)
		pay.id = broker_new_id(broker); /* as if it were another one */
	own_keys_begin(&broker->own_keys);
	op(payer.state, &pay, on_answer, job->call);
	own_keys_end(&broker->own_keys, broker->journal);
}

static void
on_durable(void *arg)
{
	struct transit *job = arg;

	job->waits = false;
	ask(job);
}

struct transit *
transit_new(
    struct broker *broker, const struct aicx_id *payment_id, bool by_status)
{
	struct transit *job = MEM_NEW(struct transit);

	job->broker = broker;
	job->payment_id = *payment_id;
	job->by_status = by_status && !broken("pay_twice");
	job->waits = true;
	list_init(&job->waiters);
	list_push(&broker->transits, &job->node);
	return job;
}

void
transit_start(struct transit *job)
{
	journal_after(job->broker->journal, on_durable, job);
}

void
transit_soon(struct transit *job)
{
	if (job->call != NULL || job->waits || job->stuck)
		return;
	job->n_asked = 0; /* the backoff begins anew */
	job->next_ms = broker_now(job->broker);
	broker_wake(job->broker, job->next_ms);
}

/* --- for deals ------------------------------------------------------- */

/* Credit has no rows; then none is looked for on the disk. */
static const struct payment *
row_of(const struct broker *broker, const struct aicx_id *payment_id)
{
	const struct hold *hold;

	if (id_is_nil(payment_id)) /* it costs nothing */
		return NULL;
	if (!payment_is_internal(broker) || !list_empty(&broker->transits))
		return state_payment(&broker->state, payment_id);
	if (broker->n_payers == 0)
		return NULL;
	hold = state_hold(&broker->state, payment_id);
	if (hold != NULL && is_internal_for(broker, &hold->agent_id))
		return NULL;
	return state_payment(&broker->state, payment_id);
}

static aicx_err
put_asked(struct broker *broker, const struct payment *wish,
    struct aicx_error *reterr)
{
	struct payment row = *wish;
	struct step *step =
	    step_begin(broker, "payment.ask", &wish->party, NULL);

	row.state = PAYMENT_ASKED;
	row.asked_ms = step->now_ms;
	step_put(step, T_PAYMENT, &row);
	return step_commit(step, reterr);
}

/* A capture that a restart found in its row; who settles joins it. */
static aicx_err
join(struct transit *job, const struct payment *row, const struct payment *wish,
    transit_known_fn *known, void *arg, struct aicx_error *reterr)
{
	if (job->stuck || row->op != wish->op ||
	    row->amount.minor != wish->amount.minor ||
	    !money_same_currency(&row->amount, &wish->amount)) {
		job->stuck = true;
		return err_word(reterr, AICX_ESTATE, "wrong_state",
		    "payment \"%s\" is under way with another amount",
		    id_text(&row->payment_id).text);
	}
	job->known = known;
	job->arg = arg;
	transit_start(job);
	return AICX_OK;
}

aicx_err
transit_begin(struct broker *broker, const struct payment *wish,
    int64_t until_ms, transit_known_fn *known, void *arg,
    struct aicx_error *reterr)
{
	struct transit *job = transit_find(broker, &wish->payment_id);
	const struct payment *row = row_of(broker, &wish->payment_id);
	aicx_err err;

	if (job == NULL && row == NULL &&
	    is_internal_for(broker, &wish->party)) {
		struct aicx_pay pay = pay_of(broker, wish);
		struct payer payer = payer_of(broker, &wish->party);
		own_keys_begin(&broker->own_keys);
		op_of(payer.ops, (enum payment_op)wish->op)(
		    payer.state, &pay, known, arg);
		own_keys_end(&broker->own_keys, broker->journal);
		return AICX_OK;
	}
	if (job != NULL)
		return join(job, row, wish, known, arg, reterr);
	if (row != NULL && !payment_may_become(row, (enum payment_op)wish->op))
		return err_word(reterr, AICX_ESTATE, "wrong_state",
		    "payment is a %s, %s", payment_op_names[row->op],
		    payment_state_names[row->state]);
	err = put_asked(broker, wish, reterr);
	if (err != AICX_OK)
		return err;
	job = transit_new(broker, &wish->payment_id, false);
	job->known = known;
	job->arg = arg;
	job->until_ms = until_ms;
	if (until_ms > 0)
		broker_wake(broker, until_ms);
	transit_start(job);
	return AICX_OK;
}

void
transit_put_done(struct step *step, const struct aicx_id *payment_id)
{
	const struct payment *row = row_of(step->broker, payment_id);

	if (row == NULL)
		return;
	struct payment done = *row;
	done.state = PAYMENT_DONE;
	done.known_ms = step->now_ms;
	done.work = (struct aicx_str) { NULL, 0 }; /* it is booked */
	step_put(step, T_PAYMENT, &done);
}

static void
put_void(struct step *step, const struct payment *row)
{
	struct payment given = *row;

	given.op = PAYMENT_VOID;
	given.state = PAYMENT_ASKED;
	given.asked_ms = step->now_ms;
	given.known_ms = 0;
	given.work = (struct aicx_str) { NULL, 0 };
	step_put(step, T_PAYMENT, &given);
}

void
transit_put_void(struct step *step, const struct aicx_id *payment_id)
{
	const struct payment *row = row_of(step->broker, payment_id);

	if (row != NULL)
		put_void(step, row);
}

void
transit_put_refund(struct step *step, const struct transaction_state *paid,
    const struct aicx_id *refund_id, int64_t refund_minor)
{
	struct broker *broker = step->broker;
	const struct execution *work =
	    state_execution(&broker->state, &paid->execution_id);

	if (work == NULL || refund_minor == 0 ||
	    row_of(broker, &work->hold_id) == NULL)
		return; /* what it gives back never moved outside */
	struct payment row = {
		.payment_id = *refund_id,
		.op = PAYMENT_REFUND,
		.state = PAYMENT_ASKED,
		.party = paid->payer_id,
		.payee = paid->payee_id,
		.of = work->hold_id,
		.deal_id = work->deal_id,
		.execution_id = work->execution_id,
		.amount = paid->amount,
		.asked_ms = step->now_ms,
	};
	row.amount.minor = refund_minor;
	step_put(step, T_PAYMENT, &row);
}

void
transit_go(struct broker *broker, const struct aicx_id *payment_id)
{
	const struct payment *row = row_of(broker, payment_id);

	if (row != NULL && row->state == PAYMENT_ASKED &&
	    transit_find(broker, payment_id) == NULL)
		transit_start(transit_new(broker, payment_id, false));
}

void
transit_void(struct broker *broker, const struct aicx_id *payment_id)
{
	const struct payment *row = row_of(broker, payment_id);
	struct aicx_error error = { 0 };

	if (row == NULL || !payment_may_become(row, PAYMENT_VOID))
		return;
	struct step *step =
	    step_begin(broker, "payment.void", &broker->keys.broker_id, NULL);
	put_void(step, row);
	if (step_commit(step, &error) == AICX_OK)
		transit_go(broker, payment_id);
	else
		log_error(broker->log, "payment.stuck",
		    KV("payment", id_text(payment_id).text),
		    KV("reason", error.text));
}

/* --- time ------------------------------------------------------------ */

/* Nobody knows whether it was authorized, and the deal's time is up. */
static void
give_up(struct transit *job)
{
	struct broker *broker = job->broker;
	struct aicx_id payment_id = job->payment_id;
	transit_known_fn *known = job->known;
	void *arg = job->arg;
	struct aicx_pay_result result = { .size = sizeof result,
		.state = AICX_PAY_REFUSED };

	(void)err_word(&result.error, AICX_ETIMEDOUT, "timeout",
	    "nobody knows in time whether it was authorized");
	transit_free(job);
	transit_void(broker, &payment_id);
	known(&result, arg);
}

static void
answer_waiters(struct transit *job, int64_t now_ms)
{
	LIST_EACH (node, &job->waiters) {
		struct call *call = LIST_ITEM(node, struct call, node);
		struct aicx_error error = { 0 };
		if (call->due_ms > now_ms) {
			broker_wake(job->broker, call->due_ms);
			continue;
		}
		(void)err_word(&error, AICX_EAGAIN, "unavailable",
		    "payment \"%s\" is not known yet; ask again with the same "
		    "id",
		    id_text(&job->payment_id).text);
		call_fail(call, &error);
	}
}

void
transits_tick(struct broker *broker, int64_t now_ms)
{
	LIST_EACH (node, &broker->transits) {
		struct transit *job = LIST_ITEM(node, struct transit, node);
		answer_waiters(job, now_ms);
		if (job->call != NULL &&
		    now_ms >= job->called_ms + CALL_MS_MAX) {
			job->call->job = NULL;
			job->call = NULL;
			job->by_status = true;
			ask_later(job, "plugin does not answer");
		} else if (job->call != NULL)
			broker_wake(broker, job->called_ms + CALL_MS_MAX);
		if (job->until_ms > now_ms)
			broker_wake(broker, job->until_ms);
		if (job->next_ms > now_ms)
			broker_wake(broker, job->next_ms);
	}
	/* One at a time from the front: what is known may begin others. */
	for (bool again = true; again;) {
		again = false;
		LIST_EACH (node, &broker->transits) {
			struct transit *job =
			    LIST_ITEM(node, struct transit, node);
			if (job->call != NULL || job->waits || job->stuck)
				continue;
			bool late = job->until_ms > 0 &&
			    job->until_ms <= now_ms && job->known != NULL;
			if (!late &&
			    (job->next_ms == 0 || job->next_ms > now_ms))
				continue;
			if (late)
				give_up(job);
			else
				ask(job);
			again = true;
			break;
		}
	}
}

void
transits_resume(struct broker *broker)
{
	size_t n = 0, cap = map_len(&broker->state.rows[T_PAYMENT]);
	size_t n_stranded = 0;
	struct aicx_id *ids = mem_new((cap + 1) * sizeof *ids);

	/* Resuming may replace rows: walk a copy of the ids. */
	MAP_EACH (entry, &broker->state.rows[T_PAYMENT]) {
		struct aicx_id id;
		memcpy(&id, entry->key.ptr, sizeof id);
		if (state_payment(&broker->state, &id)->state == PAYMENT_ASKED)
			ids[n++] = id;
	}
	for (size_t i = 0; i < n; i++) {
		const struct payment *row =
		    state_payment(&broker->state, &ids[i]);
		if (is_internal_for(broker, &row->party)) {
			n_stranded++;
			transit_new(broker, &ids[i], true)->stuck = true;
			if (row->op == PAYMENT_CAPTURE)
				flow_need(broker, &row->deal_id)->busy = true;
			continue;
		}
		if (row->op == PAYMENT_AUTHORIZE) {
			transit_void(broker, &ids[i]); /* who asked is gone */
			continue;
		}
		struct transit *job = transit_new(broker, &ids[i], true);
		if (row->op == PAYMENT_CAPTURE)
			flow_recapture(broker, row);
		else
			transit_start(job);
	}
	if (n_stranded > 0)
		log_error(broker->log, "payments.stranded",
		    KV("count", n_stranded),
		    KV("reason", "the plugin that moved them is not loaded"));
	if (n > n_stranded)
		log_info(broker->log, "payments.resumed",
		    KV("count", n - n_stranded));
	free(ids);
}
