/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow_end.c - deals that end without a result: what is held goes back, in one
 * record with the reason.
 */
#include "base/err.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/str.h"
#include "broker/offers.h"
#include "broker/payments.h"
#include "broker/transit.h"
#include "broker/work.h"
#include "protocol/problem.h"

#include <string.h>

/* --- failing --------------------------------------------------------- */

bool
contract_is_used_up(
    const struct contract *contract, const struct contract_state *state)
{
	return state->n_executions >= contract->max_executions;
}

static void
put_failed_work(struct step *step, const struct deal *deal,
    const struct aicx_error *error, bool timeout)
{
	struct broker *broker = step->broker;
	const struct execution_status *status =
	    state_execution_status(&broker->state, &deal->execution_id);
	const struct hold *hold = state_hold(&broker->state, &deal->hold_id);
	const struct reputation *reputation =
	    state_reputation(&broker->state, &deal->provider_id);
	struct execution_status failed = *status;
	struct reputation worse = { .agent_id = deal->provider_id };

	failed.state = timeout ? EXECUTION_TIMEOUT : EXECUTION_FAILED;
	failed.completed_ms = step->now_ms;
	failed.duration_ms = step->now_ms - status->started_ms;
	failed.retry_ms = 0;
	failed.error = str_of(problem_of(error)->word);
	failed.detail = str_of(error->text);
	step_put(step, T_EXECUTION_STATUS, &failed);
	transit_put_void(step, &deal->hold_id);
	if (hold != NULL)
		hold_end(step, hold, HOLD_VOIDED, NULL, NULL, NULL,
		    &deal->execution_id);
	if (reputation != NULL)
		worse = *reputation;
	/* A buyer that changed its mind says nothing about the seller. */
	if (strcmp(error->word, "cancelled") != 0) {
		reputation_add(&worse, false, 0, step->now_ms);
		step_put(step, T_REPUTATION, &worse);
	}
	metrics_count(broker->metrics, METRIC_EXECUTIONS, 1,
	    execution_state_names[failed.state]);
}

void
put_contract_end(struct step *step, const struct aicx_id *contract_id,
    enum contract_status status)
{
	const struct contract_state *state =
	    state_contract_state(&step->broker->state, contract_id);

	if (state == NULL)
		return;
	struct contract_state ended = *state;
	ended.status = (int)status;
	step_put(step, T_CONTRACT_STATE, &ended);
}

void
record_answer(struct step *step, const struct deal *deal, int status)
{
	if (id_is_nil(&deal->request_id))
		return;
	const struct request *request = state_request(
	    &step->broker->state, &deal->request_sender, &deal->request_id);
	step->request_sender = deal->request_sender;
	step->request_id = deal->request_id;
	if (request != NULL)
		memcpy(step->request_body, request->body, 16);
	step->answer_status = status;
}

/* --- the next state of a deal whose work ended badly ----------------- */

static enum deal_event
fail_event(struct broker *broker, const struct deal *deal)
{
	const struct contract *contract =
	    state_contract(&broker->state, &deal->contract_id);
	const struct contract_state *state =
	    state_contract_state(&broker->state, &deal->contract_id);

	if (deal->state != DEAL_WORKING || contract_is_used_up(contract, state))
		return DEAL_LAST_FAIL;
	return DEAL_FAIL;
}

void
flow_fail(struct flow *flow, const struct aicx_error *error, bool timeout)
{
	struct broker *broker = flow->broker;
	flow_record_start(broker, &flow->deal_id);
	const struct deal *deal = state_deal(&broker->state, &flow->deal_id);
	const struct problem *problem = problem_of(error);
	enum deal_event event = fail_event(broker, deal);
	enum deal_state next;
	struct aicx_error refused = { 0 };

	if (deal_step((enum deal_state)deal->state, event, PARTY_BROKER, &next,
		&refused) != AICX_OK)
		return; /* it ended meanwhile */
	bool was_working = deal->state == DEAL_WORKING;
	struct aicx_id hold_id = deal->hold_id;
	struct step *step = step_begin(
	    broker, "deal.fail", &broker->keys.broker_id, &deal->deal_id);
	struct deal changed = *deal;
	changed.state = (int)next;
	changed.reason = str_of(problem->word);
	changed.detail = str_of(error->text);
	changed.changed_ms = step->now_ms;
	if (was_working) {
		put_failed_work(step, deal, error, timeout);
		if (next == DEAL_FAILED)
			put_contract_end(
			    step, &deal->contract_id, CONTRACT_FAILED);
		member_drop_subject(
		    broker, &deal->provider_id, &deal->execution_id);
	}
	step_put(step, T_DEAL, &changed);
	struct json_writer w = json_writer(&step->answer);
	problem_put(&w, error, (struct aicx_str) { NULL, 0 }, -1);
	record_answer(step, deal, problem->status);
	struct buf body = { 0 };
	buf_str(&body, buf_view(&step->answer));
	if (step_commit(step, &refused) != AICX_OK)
		log_error(broker->log, "deal.stuck",
		    KV("deal", id_text(&flow->deal_id).text),
		    KV("reason", refused.text));
	else {
		log_info(broker->log, "deal.failed",
		    KV("deal", id_text(&flow->deal_id).text),
		    KV("reason", problem->word), KV("detail", error->text),
		    KV("correlation", flow->correlation));
		metrics_count(
		    broker->metrics, METRIC_DEALS, 1, deal_state_name(next));
		flow_answer(flow, problem->status, buf_view(&body));
		if (was_working)
			transit_go(broker, &hold_id);
		if (deal_is_final(next))
			flow_free(flow);
		else /* the contract may be used again until it ends */
			flow_due(flow,
			    state_contract(&broker->state, &changed.contract_id)
				->expires_ms);
	}
	buf_fini(&body);
}

/* Who ends a signed contract without work owes what its terms say. */
static aicx_err
charge_cancel_fee(struct step *step, const struct deal *deal,
    enum deal_party who, struct aicx_error *reterr)
{
	struct broker *broker = step->broker;
	const struct contract *contract =
	    state_contract(&broker->state, &deal->contract_id);
	static const struct aicx_id nobody;
	struct terms terms;

	if (deal->state != DEAL_SIGNED || who != PARTY_REQUESTER)
		return AICX_OK;
	aicx_err err = terms_parse(contract->terms, &broker->state.currencies,
	    &step->mem, &terms, reterr);
	if (err != AICX_OK || terms.cancel_fee.minor == 0)
		return err;
	struct transaction_state paid = {
		.transaction_id = broker_new_id(broker),
		.payer_id = deal->requester_id,
		.payee_id = deal->provider_id,
		.contract_id = deal->contract_id,
		.amount = terms.cancel_fee,
		.status = TRANSACTION_SETTLED, /* at once, in all modes */
		.settled_ms = step->now_ms,
	};
	return payment_charge(step, &nobody, &paid, STR("cancel fee"), reterr);
}

/* --- cancelling and expiring before work ----------------------------- */

aicx_err
flow_close(struct flow *flow, enum deal_event event, enum deal_party who,
    const struct aicx_id *actor, struct call *call, struct aicx_error *reterr)
{
	struct broker *broker = flow->broker;
	const struct deal *deal = state_deal(&broker->state, &flow->deal_id);
	enum deal_state next;
	struct aicx_error error = { 0 };
	aicx_err err =
	    deal_step((enum deal_state)deal->state, event, who, &next, reterr);

	if (err != AICX_OK)
		return err;
	if (flow->busy)
		return err_word(reterr, AICX_ESTATE, "wrong_state",
		    "contract is being signed");
	struct step *step = call != NULL
	    ? call_step(call, "deal.cancel", &deal->deal_id)
	    : step_begin(broker, "deal.expire", actor, &deal->deal_id);
	struct deal changed = *deal;
	changed.state = (int)next;
	changed.changed_ms = step->now_ms;
	changed.reason =
	    next == DEAL_EXPIRED ? STR("expired") : STR("cancelled");
	put_contract_end(step, &deal->contract_id,
	    next == DEAL_EXPIRED ? CONTRACT_EXPIRED : CONTRACT_CANCELLED);
	step_put(step, T_DEAL, &changed);
	if (event == DEAL_CANCEL)
		err = charge_cancel_fee(step, deal, who, reterr);
	if (err != AICX_OK) {
		step_abandon(step);
		return err;
	}
	if (call != NULL) {
		struct json_writer w = json_writer(&step->answer);
		json_open(&w, '{');
		json_key(&w, "deal_id");
		json_put_id(&w, &flow->deal_id);
		json_key(&w, "state");
		json_put_text(&w, deal_state_name(next));
		json_close(&w);
		err = call_commit(call, step, 200, reterr);
	} else
		err = step_commit(step, reterr);
	if (err != AICX_OK)
		return err;
	metrics_count(broker->metrics, METRIC_DEALS, 1, deal_state_name(next));
	(void)err_word(&error, AICX_ESTATE,
	    next == DEAL_EXPIRED ? "expired" : "wrong_state", "deal is %s",
	    deal_state_name(next));
	struct buf body = { 0 };
	struct json_writer w = json_writer(&body);
	problem_put(&w, &error, (struct aicx_str) { NULL, 0 }, -1);
	flow_answer(flow, problem_of(&error)->status, buf_view(&body));
	buf_fini(&body);
	flow_free(flow);
	return AICX_OK;
}
