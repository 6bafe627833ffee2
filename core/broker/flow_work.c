/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow_work.c - a provider's answer: tried again, or billed and paid in one
 * record.
 */
#include "base/b64.h"
#include "base/broken.h"
#include "base/err.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/str.h"
#include "broker/offers.h"
#include "broker/receipt.h"
#include "broker/transit.h"
#include "broker/work.h"
#include "protocol/problem.h"

#include <string.h>

static const struct field delivery_fields[] = {
	FIELD(struct delivery, execution_id, "execution_id", FIELD_ID),
	FIELD(struct delivery, output, "output", FIELD_JSON),
	FIELD(struct delivery, usage, "usage", FIELD_JSON),
	FIELD(struct delivery, code, "code", FIELD_STR, .max = 64),
	FIELD(struct delivery, detail, "detail", FIELD_STR, .max = 4096),
	FIELD(struct delivery, retryable, "retryable", FIELD_BOOL),
	FIELD_END,
};

enum { WORK_BYTES = 2048 }; /* of what comes with most of it */

/* It lives in its own memory, whose blocks go round: one for each payment. */
static struct settlement *
settlement_new(struct flow *flow, const struct aicx_id *execution_id)
{
	struct arena mem = { NULL };

	arena_start(&mem, sizeof(struct settlement) + WORK_BYTES);
	struct settlement *settlement = arena_new(&mem, sizeof *settlement);
	settlement->mem = mem;
	settlement->flow = flow;
	settlement->broker = flow->broker;
	settlement->execution_id = *execution_id;
	return settlement;
}

static void
settlement_end(struct settlement *settlement)
{
	struct arena mem = settlement->mem;

	arena_fini(&mem);
}

static void
settlement_free(struct settlement *settlement)
{
	struct flow *flow = settlement->flow;

	flow->busy = false;
	if (flow->dead)
		flow_end(flow);
	settlement_end(settlement);
}

/* --- trying again ---------------------------------------------------- */

static bool
may_retry(struct broker *broker, const struct execution *execution,
    const struct execution_status *status, const struct retry_policy *policy,
    int64_t *ret_at_ms)
{
	int64_t delay_ms = execution_backoff_ms(policy, status->attempts + 1);

	*ret_at_ms =
	    broker_now(broker) + (broken("retry_at_once") ? 0 : delay_ms);
	return (status->attempts < policy->max_attempts ||
		   broken("retry_forever")) &&
	    *ret_at_ms < execution->deadline_ms;
}

static aicx_err
plan_retry(struct flow *flow, const struct execution_status *status,
    const struct delivery *delivery, int64_t at_ms, struct aicx_error *reterr)
{
	struct broker *broker = flow->broker;
	struct step *step = step_begin(
	    broker, "execution.retry", &broker->keys.broker_id, &flow->deal_id);
	struct execution_status next = *status;

	next.state = EXECUTION_RETRYING;
	next.retry_ms = at_ms;
	next.error = delivery->code;
	next.detail = delivery->detail;
	step_put(step, T_EXECUTION_STATUS, &next);
	aicx_err err = step_commit(step, reterr);
	if (err == AICX_OK)
		flow_due(flow, at_ms);
	return err;
}

void
flow_retry(struct flow *flow)
{
	struct broker *broker = flow->broker;
	const struct deal *deal = state_deal(&broker->state, &flow->deal_id);
	const struct execution *execution =
	    state_execution(&broker->state, &deal->execution_id);
	struct execution_status next =
	    *state_execution_status(&broker->state, &deal->execution_id);
	struct step *step = step_begin(broker, "execution.attempt",
	    &broker->keys.broker_id, &flow->deal_id);

	next.state = EXECUTION_IN_PROGRESS;
	next.attempts++;
	next.retry_ms = 0;
	step_put(step, T_EXECUTION_STATUS, &next);
	step_letter(step, execute_letter(broker, execution, next.attempts));
	if (step_commit(step, NULL) == AICX_OK)
		flow_watch(flow);
}

static aicx_err
take_failure(struct flow *flow, const struct execution *execution,
    const struct execution_status *status, const struct delivery *delivery,
    struct aicx_error *reterr)
{
	const struct contract *contract =
	    state_contract(&flow->broker->state, &execution->contract_id);
	struct arena mem = { NULL };
	struct aicx_error error = { 0 };
	struct terms terms;
	int64_t at_ms;

	if (delivery->retryable &&
	    terms_parse(contract->terms, &flow->broker->state.currencies, &mem,
		&terms, NULL) == AICX_OK) {
		terms_complete(&terms, &flow->broker->terms_default);
		if (may_retry(flow->broker, execution, status,
			&terms.retry_policy, &at_ms)) {
			arena_fini(&mem);
			return plan_retry(
			    flow, status, delivery, at_ms, reterr);
		}
	}
	arena_fini(&mem);
	(void)err_word(&error, AICX_EAGAIN, "provider_failed",
	    "provider failed: %.*s%s%.*s", STR_ARG(delivery->code),
	    delivery->detail.len > 0 ? ": " : "", STR_ARG(delivery->detail));
	flow_fail(flow, &error, false);
	return AICX_OK;
}

/* --- settling -------------------------------------------------------- */

static bool
is_measured(struct aicx_str unit)
{
	static const char *const measured[] = { "calls", "seconds", "bytes",
		"items" };

	for (size_t i = 0; i < sizeof measured / sizeof *measured; i++)
		if (str_is(unit, measured[i]))
			return true;
	return false;
}

/* What is used of the subscription's period from now on. */
static void
put_period(struct step *step, const struct settlement *settlement,
    const struct aicx_id *contract_id)
{
	const struct aicx_usage *used = &settlement->used;
	struct subscription row = {
		.contract_id = *contract_id,
		.period_ms = settlement->period_ms,
		.used = used->units,
	};

	if (settlement->terms.pricing.model != PRICING_SUBSCRIPTION)
		return;
	if (used->used_before >= 0)
		row.used += used->used_before;
	step_put(step, T_SUBSCRIPTION, &row);
}

enum { BILL_BYTES = 512 }; /* of one with few lines */

static void
put_done_work(struct step *step, const struct settlement *settlement,
    const struct execution *execution, struct buf *bill_text)
{
	struct broker *broker = step->broker;
	const struct currencies *currencies = &broker->state.currencies;
	const struct execution_status *status =
	    state_execution_status(&broker->state, &execution->execution_id);
	const struct hold *hold =
	    state_hold(&broker->state, &execution->hold_id);
	const struct reputation *reputation =
	    state_reputation(&broker->state, &execution->provider_id);
	struct execution_status done = *status;
	struct reputation better = { .agent_id = execution->provider_id };
	struct json_writer w = json_writer(bill_text);

	(void)buf_room(bill_text, BILL_BYTES);
	bill_put(&settlement->bill, currencies, &w);
	done.state = EXECUTION_COMPLETED;
	done.completed_ms = settlement->received_ms;
	done.duration_ms = settlement->received_ms - status->started_ms;
	done.output = settlement->delivery.output;
	done.usage = settlement->delivery.usage;
	done.units = settlement->units;
	if (settlement->units_claimed ||
	    (pricing_counts_units(&settlement->terms.pricing) &&
		is_measured(settlement->terms.pricing.unit)))
		done.unit = settlement->terms.pricing.unit;
	done.cost = settlement->bill.total;
	if (done.cost.minor > 0)
		done.transaction_id = settlement->transaction_id;
	done.period_ms = settlement->period_ms;
	done.used_before = settlement->used.used_before;
	done.decision = settlement->decision;
	done.bill = buf_view(bill_text);
	done.retry_ms = 0;
	done.error = done.detail = (struct aicx_str) { NULL, 0 };
	step_put(step, T_EXECUTION_STATUS, &done);
	put_period(step, settlement, &execution->contract_id);
	transit_put_done(step, &execution->hold_id);
	if (hold != NULL)
		hold_end(step, hold, HOLD_POSTED, &settlement->bill,
		    &settlement->transaction_id, &execution->provider_id,
		    &execution->execution_id);
	if (reputation != NULL)
		better = *reputation;
	reputation_add(&better, true, done.duration_ms, step->now_ms);
	step_put(step, T_REPUTATION, &better);
}

/* Is all that the buyer is told in the rows of this record? */
static bool
answer_follows(const struct settlement *settlement,
    const struct execution *execution, const struct deal *deal)
{
	const struct hold *hold =
	    state_hold(&settlement->broker->state, &deal->hold_id);

	if (hold == NULL)
		return true;
	return settlement->bill.total.minor > 0 &&
	    id_eq(&execution->hold_id, &deal->hold_id) &&
	    id_eq(&hold->mandate_id, &deal->mandate_id);
}

static void
settle(struct settlement *settlement)
{
	struct flow *flow = settlement->flow;
	struct broker *broker = settlement->broker;
	const struct deal *deal = state_deal(&broker->state, &flow->deal_id);
	const struct execution *execution =
	    state_execution(&broker->state, &settlement->execution_id);
	const struct contract *contract =
	    state_contract(&broker->state, &execution->contract_id);
	const struct contract_state *state =
	    state_contract_state(&broker->state, &execution->contract_id);
	bool last = contract_is_used_up(contract, state);
	enum deal_state next;
	struct aicx_error error = { 0 };
	struct buf bill_text = { 0 };

	if (deal_step((enum deal_state)deal->state,
		last ? DEAL_LAST_RESULT : DEAL_RESULT, PARTY_PROVIDER, &next,
		&error) != AICX_OK)
		return;
	bool keep_open = !deal_is_final(next);
	struct step *step = step_begin(
	    broker, "deal.settle", &execution->provider_id, &deal->deal_id);
	flow_put_start(flow, step, last);
	put_done_work(step, settlement, execution, &bill_text);
	if (last)
		put_contract_end(step, &deal->contract_id, CONTRACT_COMPLETED);
	struct deal changed = *deal;
	changed.state = (int)next;
	changed.changed_ms = step->now_ms;
	step_put(step, T_DEAL, &changed);
	struct json_writer w = json_writer(&step->answer);
	receipt_put_answer(&w, broker, &changed, execution,
	    settlement->delivery.output, &settlement->bill,
	    &settlement->transaction_id);
	/* The step's own text is the next step's. */
	struct aicx_str body =
	    arena_str(&settlement->mem, buf_view(&step->answer));
	record_answer(step, deal, 200);
	step->answer_follows = answer_follows(settlement, execution, deal);
	if (step_commit(step, &error) != AICX_OK) {
		log_error(broker->log, "deal.stuck",
		    KV("deal", id_text(&flow->deal_id).text),
		    KV("reason", error.text));
	} else {
		metrics_count(broker->metrics, METRIC_EXECUTIONS, 1,
		    execution_state_names[EXECUTION_COMPLETED]);
		metrics_count(
		    broker->metrics, METRIC_DEALS, 1, deal_state_name(next));
		flow_answer(flow, 200, body);
		if (keep_open) {
			flow_due(flow, contract->expires_ms);
		} else {
			log_info(broker->log, "deal.settled",
			    KV("deal", id_text(&flow->deal_id).text),
			    KV("correlation", flow->correlation));
			flow_free(flow);
		}
	}
	buf_fini(&bill_text);
}

static void
on_captured(const struct aicx_pay_result *result, void *arg)
{
	struct settlement *settlement = arg;
	struct flow *flow = settlement->flow;
	struct aicx_error error = { 0 };

	flow->busy = false;
	if (result == NULL) { /* the broker ends */
		settlement_free(settlement);
		return;
	}
	if (!flow->dead && result->state == AICX_PAY_DONE) {
		flow->busy = false;
		settle(settlement);
		/* settle() frees the flow when the deal is final */
		settlement_end(settlement);
		return;
	}
	bool dead = flow->dead;
	settlement_free(settlement);
	if (dead)
		return;
	(void)err_word(&error, AICX_EAGAIN, "unavailable",
	    "payment could not be captured: %s", result->error.text);
	flow_fail(flow, &error, false);
}

/* The row keeps the delivery: a capture that became known after a restart is
   settled from it. */
static void
capture(struct settlement *settlement, const struct execution *execution)
{
	struct flow *flow = settlement->flow;
	struct broker *broker = settlement->broker;
	struct aicx_error error = { 0 };

	if (id_is_nil(&execution->hold_id)) { /* it costs nothing */
		flow->busy = false;
		settle(settlement);
		settlement_end(settlement);
		return;
	}
	if (id_is_nil(&settlement->transaction_id))
		settlement->transaction_id = broker_new_id(broker);
	struct payment wish = {
		.payment_id = execution->hold_id,
		.op = PAYMENT_CAPTURE,
		.party = execution->requester_id,
		.payee = execution->provider_id,
		.deal_id = execution->deal_id,
		.execution_id = execution->execution_id,
		.transaction_id = settlement->transaction_id,
		.amount = settlement->bill.total,
		.work = settlement->payload,
		.received_ms = settlement->received_ms,
	};
	if (transit_begin(broker, &wish, 0, on_captured, settlement, &error) ==
	    AICX_OK)
		return;
	log_error(broker->log, "deal.stuck",
	    KV("deal", id_text(&flow->deal_id).text), KV("reason", error.text));
	settlement_free(settlement);
	/* Perhaps it was captured: nothing else may happen to the hold. */
	flow->busy = transit_find(broker, &wish.payment_id) != NULL;
}

static void
bill_and_capture(struct settlement *settlement)
{
	struct flow *flow = settlement->flow;
	struct broker *broker = settlement->broker;
	const struct execution *execution =
	    state_execution(&broker->state, &settlement->execution_id);
	struct aicx_error error = { 0 };
	aicx_err err = bill_work(settlement, &error);

	if (err != AICX_OK) {
		own_keys_drop(&broker->own_keys);
		settlement_free(settlement);
		if (transit_find(broker, &execution->hold_id) == NULL) {
			flow_fail(flow, &error, false);
			return;
		}
		flow->busy = true; /* perhaps it was captured before */
		log_error(broker->log, "deal.stuck",
		    KV("deal", id_text(&flow->deal_id).text),
		    KV("reason", error.text));
		return;
	}
	capture(settlement, execution);
}

/* What plugins keep meanwhile belongs to the step that follows. */
static void
decide_bill(struct settlement *settlement)
{
	struct broker *broker = settlement->broker;

	own_keys_begin(&broker->own_keys);
	bill_and_capture(settlement);
	own_keys_end(&broker->own_keys, broker->journal);
}

/* --- a signed claim -------------------------------------------------- */

static void
claim_work(void *arg)
{
	struct settlement *settlement = arg;

	settlement->claim_good = object_verify(&settlement->claim, SIG_USAGE,
				     settlement->provider_key, NULL) == AICX_OK;
}

/* A hash that the claim names, if it does, is that of what is known here. */
static bool
claim_binds(struct arena *mem, struct json_ref root, const char *name,
    struct aicx_str known)
{
	struct json_ref named = json_get(root, name);
	uint8_t hash[HASH_BYTES];
	char text[B64_LEN(HASH_BYTES)];

	if (!json_has(named))
		return true;
	sha256(known.ptr, known.len, hash);
	b64_print(hash, sizeof hash, text);
	return str_eq(
	    json_str(named, mem), (struct aicx_str) { text, sizeof text });
}

static bool
claim_fits(struct settlement *settlement)
{
	const struct state *state = &settlement->broker->state;
	const struct contract *contract = state_contract(state,
	    &state_execution(state, &settlement->execution_id)->contract_id);
	struct arena *mem = &settlement->mem;
	struct json doc;
	struct aicx_id id;

	if (!settlement->claim_good ||
	    json_parse(settlement->claim.text, mem, &doc, NULL) != AICX_OK)
		return false;
	struct json_ref root = json_root(&doc);
	return id_parse(json_str(json_get(root, "execution_id"), mem), &id) &&
	    id_eq(&id, &settlement->execution_id) &&
	    json_int(json_get(root, "units"), &settlement->units) &&
	    settlement->units >= 0 &&
	    claim_binds(mem, root, "contract_sha256", contract->text) &&
	    claim_binds(
		mem, root, "output_sha256", settlement->delivery.output);
}

static void
claim_done(void *arg)
{
	struct settlement *settlement = arg;
	struct flow *flow = settlement->flow;
	struct aicx_error error = { 0 };

	if (flow->dead) {
		settlement_free(settlement);
		return;
	}
	if (claim_fits(settlement)) {
		decide_bill(settlement);
		return;
	}
	settlement_free(settlement);
	(void)err_word(&error, AICX_EDENIED, "provider_failed",
	    "provider's usage claim is not signed by it for this execution, "
	    "contract and output");
	flow_fail(flow, &error, false);
}

/* A policy may do without: then it is one call. */
static bool
needs_claim(const struct settlement *settlement)
{
	const struct pricing *pricing = &settlement->terms.pricing;

	return pricing_counts_units(pricing) && !is_measured(pricing->unit) &&
	    (pricing->model != PRICING_DYNAMIC ||
		settlement->delivery.usage.ptr != NULL);
}

static aicx_err
read_claim(struct settlement *settlement, struct aicx_error *reterr)
{
	struct arena *mem = &settlement->mem;
	struct json doc;
	aicx_err err;

	settlement->units_claimed = needs_claim(settlement);
	if (settlement->delivery.usage.ptr == NULL &&
	    !settlement->units_claimed)
		return AICX_OK;
	if (settlement->delivery.usage.ptr == NULL)
		return err_field(reterr, AICX_EINVAL, "invalid_params",
		    "/usage", "unit \"%.*s\" needs a signed usage claim",
		    STR_ARG(settlement->terms.pricing.unit));
	err = json_parse(settlement->delivery.usage, mem, &doc, reterr);
	if (err == AICX_OK)
		err = object_parse(
		    json_root(&doc), mem, &settlement->claim, reterr);
	settlement->has_claim = err == AICX_OK;
	return err;
}

/* --- a provider's answer --------------------------------------------- */

/* As its seller says it looks; a better one may still come. */
static aicx_err
check_output(struct settlement *settlement, const struct execution *execution,
    struct aicx_error *reterr)
{
	struct aicx_error why = { 0 };

	if (schemas_check_output(settlement->broker, &execution->provider_id,
		execution->capability, settlement->delivery.output,
		&why) == AICX_OK)
		return AICX_OK;
	return err_field(reterr, AICX_EINVAL, "invalid_params", "/output",
	    "output does not fit the capability's schema: %s", why.text);
}

static aicx_err
take_output(struct flow *flow, const struct execution *execution,
    struct aicx_str payload, int64_t received_ms,
    const struct aicx_id *transaction_id, struct aicx_error *reterr)
{
	struct broker *broker = flow->broker;
	const struct contract *contract =
	    state_contract(&broker->state, &execution->contract_id);
	struct settlement *settlement =
	    settlement_new(flow, &execution->execution_id);
	struct arena *mem = &settlement->mem;
	struct json doc;

	settlement->received_ms = received_ms;
	if (transaction_id != NULL)
		settlement->transaction_id = *transaction_id;
	char *line = arena_new(mem, payload.len + 1); /* as the record has it */
	memcpy(line, payload.ptr, payload.len);
	json_one_line(line, payload.len);
	settlement->payload = (struct aicx_str) { line, payload.len };
	aicx_err err = json_parse(settlement->payload, mem, &doc, reterr);
	if (err == AICX_OK)
		err = field_parse(delivery_fields, json_root(&doc),
		    &broker->state.currencies, false, mem,
		    &settlement->delivery, sizeof settlement->delivery, reterr);
	if (err == AICX_OK && settlement->delivery.output.ptr == NULL)
		err = err_field(reterr, AICX_EINVAL, "invalid_params",
		    "/output", "result has no \"output\"");
	if (err == AICX_OK && transaction_id == NULL)
		err = check_output(settlement, execution, reterr);
	if (err == AICX_OK)
		err =
		    flow_terms(flow, contract, mem, &settlement->terms, reterr);
	if (err == AICX_OK)
		err = read_claim(settlement, reterr);
	if (err != AICX_OK) {
		settlement_free(settlement);
		return err;
	}
	flow->busy = true;
	if (!settlement->has_claim) {
		decide_bill(settlement);
		return AICX_OK;
	}
	(void)broker_agent_key(
	    broker, &execution->provider_id, settlement->provider_key);
	err = broker->ports.work(
	    broker->ports.arg, claim_work, claim_done, settlement);
	if (err != AICX_OK) {
		settlement_free(settlement);
		return err_word(reterr, AICX_EAGAIN, "unavailable",
		    "too many signatures to verify; send the result again");
	}
	return AICX_OK;
}

void
flow_recapture(struct broker *broker, const struct payment *payment)
{
	const struct execution *execution =
	    state_execution(&broker->state, &payment->execution_id);
	struct flow *flow = flow_need(broker, &payment->deal_id);
	struct aicx_error error = { 0 };
	aicx_err err = take_output(flow, execution, payment->work,
	    payment->received_ms, &payment->transaction_id, &error);

	if (err == AICX_OK)
		return;
	flow->busy = true; /* perhaps it was captured: the hold stays */
	log_error(broker->log, "deal.stuck",
	    KV("deal", id_text(&flow->deal_id).text), KV("reason", error.text));
}

static aicx_err
check_answer(struct broker *broker, const struct execution *execution,
    const struct execution_status *status, const struct aicx_id *provider_id,
    struct aicx_error *reterr)
{
	if (execution == NULL)
		return err_word(
		    reterr, AICX_ENOTFOUND, "not_found", "no such execution");
	if (!id_eq(&execution->provider_id, provider_id))
		return err_word(reterr, AICX_EDENIED, "not_party",
		    "execution is another provider's");
	if (status->state != EXECUTION_IN_PROGRESS)
		return err_word(reterr, AICX_ESTATE, "wrong_state",
		    "execution is %s: its result comes too late or twice",
		    execution_state_names[status->state]);
	if (flow_find(broker, &execution->deal_id) == NULL ||
	    flow_find(broker, &execution->deal_id)->busy)
		return err_word(reterr, AICX_ESTATE, "wrong_state",
		    "execution is being settled");
	return AICX_OK;
}

aicx_err
execution_answer(struct broker *broker, const struct aicx_id *execution_id,
    const struct aicx_id *provider_id, struct aicx_str payload, bool failed,
    struct aicx_error *reterr)
{
	const struct execution *execution =
	    state_execution(&broker->state, execution_id);
	const struct execution_status *status =
	    state_execution_status(&broker->state, execution_id);
	struct delivery delivery;
	struct arena mem = { NULL };
	struct json doc;
	aicx_err err =
	    check_answer(broker, execution, status, provider_id, reterr);

	if (err != AICX_OK)
		return err;
	struct flow *flow = flow_find(broker, &execution->deal_id);
	if (!failed)
		return take_output(
		    flow, execution, payload, broker_now(broker), NULL, reterr);
	err = json_parse(payload, &mem, &doc, reterr);
	if (err == AICX_OK)
		err = field_parse(delivery_fields, json_root(&doc),
		    &broker->state.currencies, false, &mem, &delivery,
		    sizeof delivery, reterr);
	if (err == AICX_OK && delivery.code.ptr == NULL)
		delivery.code = STR("failed");
	if (err == AICX_OK) {
		flow_record_start(broker, &flow->deal_id);
		err = take_failure(flow,
		    state_execution(&broker->state, execution_id),
		    state_execution_status(&broker->state, execution_id),
		    &delivery, reterr);
	}
	arena_fini(&mem);
	return err;
}
