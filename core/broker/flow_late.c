/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow_late.c - work that costs nothing: one record, when it ends.
 *
 * Nobody owes anything for it, so nothing is held and its start need not
 * outlive a crash: who repeats the request orders the same execution again, and
 * the seller knows it by its id.  Until its end the rows stand in no record;
 * who wants to see them, or to change them, has them recorded first: nobody is
 * ever shown what a crash can undo.
 */
#include "base/err.h"
#include "base/id.h"
#include "broker/contracts.h"
#include "broker/offers.h"

#include <string.h>

bool
flow_is_late(
    struct flow *flow, struct call *call, const struct contract *contract)
{
	const struct deal *deal =
	    state_deal(&flow->broker->state, &flow->deal_id);
	struct terms terms;

	return contract->ceiling.minor == 0 && id_is_nil(&deal->mandate_id) &&
	    flow_terms(flow, contract, &call->mem, &terms, NULL) == AICX_OK &&
	    (terms.pricing.model == PRICING_PER_CALL ||
		terms.pricing.model == PRICING_PER_UNIT);
}

aicx_err
flow_execute_late(struct flow *flow, struct call *call,
    const struct contract *contract, const struct aicx_id *execution_id,
    struct aicx_str input, int64_t deadline_ms, struct aicx_error *reterr)
{
	static const struct aicx_id nothing;
	struct broker *broker = flow->broker;
	struct state *state = &broker->state;
	struct deal deal = *state_deal(state, &flow->deal_id);
	struct contract_state counted =
	    *state_contract_state(state, &contract->contract_id);
	struct work_plan work;
	aicx_err err = work_plan(broker, contract, execution_id, &nothing, NULL,
	    NULL, input, deadline_ms, &work, reterr);

	if (err != AICX_OK)
		return err;
	counted.n_executions++;
	deal.state = DEAL_WORKING;
	deal.execution_id = *execution_id;
	deal.hold_id = nothing;
	deal.request_id = call->id;
	deal.request_sender = id_is_nil(&call->id) ? nothing : call->sender;
	deal.changed_ms = work.execution.created_ms;
	flow_asked(flow, call); /* its trace is the work's */
	flow->unrecorded = true;
	flow->ordered_by = call->who.agent_id;
	state_put_unrecorded(state, T_EXECUTION, &work.execution);
	state_put_unrecorded(state, T_EXECUTION_STATUS, &work.status);
	state_put_unrecorded(state, T_CONTRACT_STATE, &counted);
	state_put_unrecorded(state, T_DEAL, &deal);
	if (!id_is_nil(&call->id))
		state_note_unrecorded(state, &call->sender, &call->id,
		    call->body, &flow->deal_id);
	letter_post(broker, execute_letter(broker, &work.execution, 1));
	flow_wait(flow, call);
	flow_watch(flow);
	return AICX_OK;
}

void
flow_put_start(struct flow *flow, struct step *step, bool last)
{
	const struct state *state = &flow->broker->state;
	const struct deal *deal = state_deal(state, &flow->deal_id);

	if (!flow->unrecorded)
		return;
	flow->unrecorded = false;
	step_put(
	    step, T_EXECUTION, state_execution(state, &deal->execution_id));
	if (!last)
		step_put(step, T_CONTRACT_STATE,
		    state_contract_state(state, &deal->contract_id));
}

void
flow_record_start(struct broker *broker, const struct aicx_id *deal_id)
{
	struct flow *flow = flow_find(broker, deal_id);
	const struct state *state = &broker->state;

	if (flow == NULL || !flow->unrecorded)
		return;
	const struct deal *deal = state_deal(state, &flow->deal_id);
	const struct request *request =
	    state_request(state, &deal->request_sender, &deal->request_id);
	struct step *step = step_begin(
	    broker, "deal.execute", &flow->ordered_by, &flow->deal_id);
	struct aicx_error error = { 0 };

	if (request != NULL) {
		step->request_sender = deal->request_sender;
		step->request_id = deal->request_id;
		memcpy(step->request_body, request->body, 16);
	}
	flow_put_start(flow, step, false);
	step_put(step, T_EXECUTION_STATUS,
	    state_execution_status(state, &deal->execution_id));
	step_put(step, T_DEAL, deal);
	if (step_commit(step, &error) != AICX_OK)
		log_error(broker->log, "deal.stuck",
		    KV("deal", id_text(&flow->deal_id).text),
		    KV("reason", error.text));
}
