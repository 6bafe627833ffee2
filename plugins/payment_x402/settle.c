/* SPDX-License-Identifier: Apache-2.0 */
/*
 * settle.c - the money's own steps: what the broker asks of the payment.
 *
 * The broker asks to authorize before it orders work and to capture after the
 * result is there, and asks again until it knows.  So the facilitator settles
 * only what can be delivered, and a settlement without an answer is repeated:
 * the chain takes a nonce once.
 */
#include "settle.h"

#include "facilitator.h"
#include "offer.h"

#include <stdio.h>
#include <string.h>

/* After that a chain takes the authorization no more, whatever its clock. */
enum { GRACE_S = 300 };

static void
say(aicx_pay_fn *done, void *arg, uint32_t state,
    const struct aicx_money *amount, const char *word, const char *why)
{
	struct aicx_pay_result result = {
		.size = sizeof result, .state = state, .amount = *amount
	};

	(void)snprintf(result.error.word, sizeof result.error.word, "%s", word);
	(void)snprintf(result.error.text, sizeof result.error.text, "%s", why);
	done(&result, arg);
}

static void
say_settled(struct job *job, aicx_pay_fn *done, void *arg,
    const struct aicx_money *amount)
{
	const json_t *requirements = json_object_get(job->doc, "requirements");
	const json_t *response = json_object_get(job->doc, "response");
	char reference[256];
	struct aicx_pay_result result = {
		.size = sizeof result, .state = AICX_PAY_DONE, .amount = *amount
	};
	int len = snprintf(reference, sizeof reference,
	    "x402 %s %s of %s from %s: %s", text_in(requirements, "network"),
	    text_in(requirements, "amount"), text_in(requirements, "asset"),
	    job->claim.from, text_in(response, "transaction"));

	if (len > 0 && len < (int)sizeof reference)
		result.reference = text_of(reference);
	done(&result, arg);
}

/* --- settling -------------------------------------------------------- */

static void settle_next(struct x402 *x402);

static void
tell(struct job *job, uint32_t state, const char *why)
{
	aicx_pay_fn *done = job->pay_done;
	void *arg = job->pay_arg;

	job->pay_done = NULL;
	if (done == NULL)
		return;
	if (state == AICX_PAY_DONE)
		say_settled(job, done, arg, &job->pay_amount);
	else
		say(done, arg, state, &job->pay_amount,
		    state == AICX_PAY_REFUSED ? "denied" : "unavailable", why);
}

static void
put_response(struct job *job, const char *transaction, const char *reason)
{
	(void)json_object_set_new(job->doc, "response",
	    response_new(job->x402, text_in(job->doc, "resource"),
		json_object_get(job->doc, "requirements"), job->claim.from,
		transaction, reason));
}

static bool
is_over(const struct job *job)
{
	int64_t now_s = job->x402->host->wall_ms(job->x402->self) / 1000;

	return now_s > job->claim.valid_before + GRACE_S;
}

static void
take_unknown(struct job *job, const char *reason)
{
	struct x402 *x402 = job->x402;

	x402->host->count(x402->self, "settle_unknown", 1);
	if (job->unknown_ms == 0)
		job->unknown_ms = x402->host->now_ms(x402->self);
	(void)job_put(job, JOB_PENDING);
	x402_wake(x402, x402->settings->pending_wait);
	tell(job, AICX_PAY_UNKNOWN, reason);
}

static void
take_verdict(struct job *job, enum verdict verdict, const char *reason,
    const json_t *doc)
{
	struct x402 *x402 = job->x402;

	if (verdict == VERDICT_UNKNOWN && is_over(job) &&
	    json_is_false(json_object_get(doc, "success")))
		verdict = VERDICT_BAD;
	if (verdict == VERDICT_UNKNOWN) {
		take_unknown(job, reason);
		return;
	}
	if (verdict == VERDICT_GOOD) {
		put_response(job, text_in(doc, "transaction"), NULL);
		if (job_put(job, JOB_SETTLED))
			tell(job, AICX_PAY_DONE, "");
		else
			tell(job, AICX_PAY_UNKNOWN, "the store takes nothing");
		return;
	}
	x402->host->log(x402->self, AICX_WARN, "x402.settle_refused", reason);
	put_response(job, "", reason);
	(void)job_put(job, JOB_FAILED);
	tell(job, AICX_PAY_REFUSED, reason);
}

static void
on_settled(const struct aicx_http_outcome *outcome, void *arg)
{
	struct job *job = arg;
	struct x402 *x402 = job->x402;
	const char *reason;
	json_t *doc;
	enum verdict verdict = facilitator_settled(outcome,
	    json_object_get(job->doc, "requirements"), job->claim.from,
	    job->tries > 1, &reason, &doc);

	job->fetch = NULL;
	x402->n_settling--;
	if (verdict == VERDICT_UNKNOWN && outcome->err != AICX_OK)
		reason = "the facilitator does not answer";
	take_verdict(job, verdict, reason, doc);
	json_decref(doc);
	settle_next(x402);
}

static void
settle_now(struct job *job)
{
	job->wants_settle = false;
	job->tries++;
	if (!job_put(job, JOB_SETTLING)) {
		tell(job, AICX_PAY_UNKNOWN, "the store takes nothing");
		return;
	}
	job->x402->n_settling++;
	facilitator_ask(job->x402, "/settle",
	    json_object_get(job->doc, "payment"),
	    json_object_get(job->doc, "requirements"), on_settled, job,
	    &job->fetch);
}

/* The oldest first: jobs are in the order of their coming, newest in front. */
static void
settle_next(struct x402 *x402)
{
	struct job *next = NULL;

	if (x402->n_settling >= x402->settings->max_parallel_settle)
		return;
	for (struct job *job = x402->jobs; job != NULL; job = job->next)
		if (job->wants_settle)
			next = job;
	if (next != NULL)
		settle_now(next);
}

/* Once more: what is on its way already answers only the first. */
static void
settle(
    struct job *job, const struct aicx_pay *pay, aicx_pay_fn *done, void *arg)
{
	if (job->pay_done != NULL) {
		say(done, arg, AICX_PAY_UNKNOWN, &pay->amount, "unavailable",
		    "the settlement is under way");
		return;
	}
	job->pay_done = done;
	job->pay_arg = arg;
	job->pay_amount = pay->amount;
	job->wants_settle = true;
	settle_next(job->x402);
}

/* --- what the broker asks -------------------------------------------- */

void
pay_authorize(
    void *state, const struct aicx_pay *pay, aicx_pay_fn *done, void *arg)
{
	struct job *job = NULL;

	if (jobs_load(state))
		job = job_of_deal(state, &pay->deal_id);
	if (pay->amount.minor == 0)
		say(done, arg, AICX_PAY_DONE, &pay->amount, "", "");
	else if (job == NULL)
		say(done, arg, AICX_PAY_REFUSED, &pay->amount, "denied",
		    "no payment came with this deal");
	else if ((job->state != JOB_VERIFIED && job->state != JOB_EXECUTING) ||
	    pay->amount.minor > job->price_minor)
		say(done, arg, AICX_PAY_REFUSED, &pay->amount, "denied",
		    "the payment is not for this");
	else if (!job_put(job, JOB_EXECUTING))
		say(done, arg, AICX_PAY_UNKNOWN, &pay->amount, "unavailable",
		    "the store takes nothing");
	else
		say(done, arg, AICX_PAY_DONE, &pay->amount, "", "");
}

/* "exact" knows no parts: what is due is at most the price, and all of the
   authorization is settled. */
static void
capture(
    struct job *job, const struct aicx_pay *pay, aicx_pay_fn *done, void *arg)
{
	switch (job->state) {
	case JOB_VERIFIED:
	case JOB_EXECUTING:
	case JOB_SETTLING:
	case JOB_PENDING:
		settle(job, pay, done, arg);
		break;
	case JOB_SETTLED:
		say_settled(job, done, arg, &pay->amount);
		break;
	case JOB_RESERVED:
	case JOB_RELEASED:
	case JOB_FAILED:
		say(done, arg, AICX_PAY_REFUSED, &pay->amount, "denied",
		    text_in(
			json_object_get(job->doc, "response"), "errorReason"));
		break;
	}
}

void
pay_capture(
    void *state, const struct aicx_pay *pay, aicx_pay_fn *done, void *arg)
{
	struct job *job = NULL;

	if (jobs_load(state))
		job = job_of_deal(state, &pay->deal_id);
	if (pay->amount.minor == 0)
		say(done, arg, AICX_PAY_DONE, &pay->amount, "", "");
	else if (job == NULL)
		say(done, arg, AICX_PAY_UNKNOWN, &pay->amount, "unavailable",
		    "there is no payment for this deal");
	else
		capture(job, pay, done, arg);
}

/* The hold ends without work; the deal's answer says whether others follow. */
void
pay_void(void *state, const struct aicx_pay *pay, aicx_pay_fn *done, void *arg)
{
	struct job *job = NULL;

	if (jobs_load(state))
		job = job_of_deal(state, &pay->deal_id);
	if (job != NULL && job->state == JOB_EXECUTING)
		(void)job_put(job, JOB_VERIFIED);
	say(done, arg, AICX_PAY_DONE, &pay->amount, "", "");
}

void
pay_status(
    void *state, const struct aicx_pay *pay, aicx_pay_fn *done, void *arg)
{
	struct job *job = NULL;

	switch (pay->op) {
	case AICX_PAY_CAPTURE:
		/* The broker has it on record that it asked: perhaps the
		   facilitator was asked as well. */
		if (jobs_load(state))
			job = job_of_deal(state, &pay->deal_id);
		if (job != NULL && job->tries == 0)
			job->tries = 1;
		pay_capture(state, pay, done, arg);
		break;
	case AICX_PAY_AUTHORIZE:
		pay_authorize(state, pay, done, arg);
		break;
	case AICX_PAY_VOID:
		pay_void(state, pay, done, arg);
		break;
	default:
		pay_none(state, pay, done, arg);
		break;
	}
}

void
pay_none(void *state, const struct aicx_pay *pay, aicx_pay_fn *done, void *arg)
{
	(void)state;
	say(done, arg, AICX_PAY_REFUSED, &pay->amount, "denied",
	    "x402 takes payments for deals and gives none back");
}
