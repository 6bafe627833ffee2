/* SPDX-License-Identifier: Apache-2.0 */
/*
 * transit_event.c - what the outside does with money without being asked.
 *
 * That something settled or failed is only a reason to ask status(): so events
 * may come late, twice and in any order.  A chargeback is booked, once.
 */
#include "base/err.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/str.h"
#include "broker/transit.h"

#include <stdlib.h>
#include <string.h>

enum { NAME_BYTES_MAX = 128, REASON_BYTES_MAX = 256 };

/* The provider's name of the event, within the instance that told it. */
static struct aicx_id
event_id(const char *instance, struct aicx_str name)
{
	uint8_t hash[HASH_BYTES];
	const struct aicx_str parts[] = { str_of(instance), STR(" event "),
		name };

	sha256_parts(parts, 3, hash);
	return id_v8(hash);
}

static aicx_err
check_event(const struct aicx_pay_event *event, struct aicx_error *reterr)
{
	if (event->id.len == 0 || event->id.len > NAME_BYTES_MAX ||
	    !str_is_utf8(event->id))
		return err_word(reterr, AICX_EINVAL, "invalid_params",
		    "an event's id has 1 to %d bytes", NAME_BYTES_MAX);
	if (event->reason.len > REASON_BYTES_MAX || !str_is_utf8(event->reason))
		return err_word(reterr, AICX_EINVAL, "invalid_params",
		    "a reason has at most %d bytes", REASON_BYTES_MAX);
	if (event->happened < AICX_PAY_SETTLED ||
	    event->happened > AICX_PAY_CHARGEBACK)
		return err_word(
		    reterr, AICX_EINVAL, "invalid_params", "no such event");
	return AICX_OK;
}

static bool
same_event(const struct payment_event *a, const struct payment_event *b)
{
	return a->happened == b->happened &&
	    id_eq(&a->payment_id, &b->payment_id) &&
	    a->amount.minor == b->amount.minor &&
	    (a->happened != PAYMENT_CHARGEBACK ||
		money_same_currency(&a->amount, &b->amount));
}

/* --- a chargeback ---------------------------------------------------- */

static void
put_taken(struct step *step, const struct payment *payment,
    const struct payment_event *event, const struct aicx_money *amount,
    const struct aicx_id *from)
{
	size_t n = step->n_transfers;

	step_move(step, TRANSFER_CHARGEBACK, &event->event_id, from,
	    COLUMN_AVAILABLE, &ledger_funding, COLUMN_AVAILABLE, amount, NULL,
	    NULL, event->reason);
	if (step->n_transfers > n)
		step->transfers[n].of = payment->payment_id;
}

static aicx_err
book_chargeback(struct broker *broker, const struct payment *row,
    const struct payment_event *event, struct aicx_error *reterr)
{
	const struct account *account = ledger_account(
	    broker->state.ledger, &row->party, event->amount.currency);
	struct aicx_money from_party, lost;
	struct payment changed = *row;
	aicx_err err = payment_take_back(&changed, &event->amount,
	    account->available_minor, &from_party, &lost, reterr);

	if (err != AICX_OK)
		return err;
	struct step *step = step_begin(
	    broker, "payment.chargeback", &broker->keys.broker_id, NULL);
	step_put(step, T_PAYMENT_EVENT, event);
	step_put(step, T_PAYMENT, &changed);
	put_taken(step, row, event, &from_party, &row->party);
	put_taken(step, row, event, &lost, &ledger_losses);
	err = step_commit(step, reterr);
	if (err == AICX_OK)
		log_warn(broker->log, "payment.chargeback",
		    KV("payment", id_text(&event->payment_id).text),
		    KV("amount",
			money_text(&broker->state.currencies, &event->amount)
			    .text),
		    KV("lost",
			money_text(&broker->state.currencies, &lost).text));
	return err;
}

/* --- something is known ---------------------------------------------- */

/* Money in that was refused and came after all; status() has the last word. */
static bool
came_late(const struct payment *row, const struct payment_event *event)
{
	return row->op == PAYMENT_FUND && row->state == PAYMENT_REFUSED &&
	    event->happened == PAYMENT_SETTLED;
}

static aicx_err
note_known(struct broker *broker, const struct payment *row,
    const struct payment_event *event, struct aicx_error *reterr)
{
	bool late = came_late(row, event), open = row->state == PAYMENT_ASKED;

	if (!late && !open &&
	    (row->state == PAYMENT_DONE) !=
		(event->happened == PAYMENT_SETTLED))
		return err_word(reterr, AICX_ESTATE, "wrong_state",
		    "payment is a %s, %s: a provider that took its word back "
		    "tells a chargeback",
		    payment_op_names[row->op], payment_state_names[row->state]);
	struct step *step =
	    step_begin(broker, "payment.event", &broker->keys.broker_id, NULL);
	step_put(step, T_PAYMENT_EVENT, event);
	if (late) {
		struct payment again = *row;
		again.state = PAYMENT_ASKED;
		again.known_ms = 0;
		again.reason = (struct aicx_str) { NULL, 0 };
		/* Its request was answered then. */
		again.request_id = (struct aicx_id) { { 0 } };
		step_put(step, T_PAYMENT, &again);
	}
	aicx_err err = step_commit(step, reterr);
	if (err != AICX_OK)
		return err;
	struct transit *job = transit_find(broker, &event->payment_id);
	if (late && job == NULL)
		transit_start(transit_new(broker, &event->payment_id, true));
	else if (job != NULL)
		transit_soon(job);
	return AICX_OK;
}

/* --- taking ---------------------------------------------------------- */

static aicx_err
take(struct broker *broker, const char *instance,
    const struct aicx_pay_event *told, struct aicx_error *reterr)
{
	aicx_err err = check_event(told, reterr);

	if (err != AICX_OK)
		return err;
	struct payment_event event = {
		.event_id = event_id(instance, told->id),
		.payment_id = told->payment_id,
		.happened = (int)told->happened - AICX_PAY_SETTLED,
		.name = told->id,
		.reason = told->reason,
		.at_ms = broker_now(broker),
	};
	if (event.happened == PAYMENT_CHARGEBACK)
		event.amount = told->amount;
	const struct payment_event *known =
	    state_payment_event(&broker->state, &event.event_id);
	const struct payment *row =
	    state_payment(&broker->state, &event.payment_id);
	if (known != NULL && same_event(known, &event))
		return AICX_OK;
	if (known != NULL)
		return err_word(reterr, AICX_EEXIST, "conflict",
		    "another event had the same id");
	if (row == NULL)
		return err_word(reterr, AICX_ENOTFOUND, "not_found",
		    "no payment \"%s\"", id_text(&event.payment_id).text);
	if (event.happened != PAYMENT_CHARGEBACK)
		return note_known(broker, row, &event, reterr);
	err = book_chargeback(broker, row, &event, reterr);
	if (err == AICX_EAGAIN) {
		struct transit *job = transit_find(broker, &event.payment_id);
		if (job != NULL)
			transit_soon(job);
	}
	return err;
}

struct told { /* an event that is recorded and not yet on disk */
	aicx_pay_event_fn *done;
	void *arg;
};

static void
on_durable(void *arg)
{
	struct told *told = arg;
	struct aicx_error good = { .code = AICX_OK };

	told->done(&good, told->arg);
	free(told);
}

void
transit_event(void *broker_arg, const char *instance,
    const struct aicx_pay_event *event, aicx_pay_event_fn *done, void *arg)
{
	struct broker *broker = broker_arg;
	struct aicx_error error = { 0 };
	aicx_err err = take(broker, instance, event, &error);

	if (err == AICX_OK) {
		struct told *told = MEM_NEW(struct told);
		*told = (struct told) { done, arg };
		journal_after(broker->journal, on_durable, told);
		return;
	}
	log_warn(broker->log, "payment.event_refused", KV("plugin", instance),
	    KV("payment", id_text(&event->payment_id).text),
	    KV("reason", error.text));
	metrics_count(broker->metrics, METRIC_PLUGIN_EVENTS, 1, instance,
	    "event_refused");
	done(&error, arg);
}
