/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow_execute.c - one more execution under a signed contract: authorize the
 * payment, then hold and order in one record.
 */
#include "base/err.h"
#include "base/id.h"
#include "base/mem.h"
#include "broker/contracts.h"
#include "broker/transit.h"

#include <stdlib.h>

struct order { /* between the request and the payment's yes */
	struct flow *flow;
	struct call *call;
	struct aicx_id contract_id, execution_id, hold_id;
	struct aicx_str input; /* in the call's memory */
	int64_t deadline_ms;
};

static aicx_err
commit_order(struct order *order, struct aicx_error *reterr)
{
	struct flow *flow = order->flow;
	struct broker *broker = flow->broker;
	const struct deal *deal = state_deal(&broker->state, &flow->deal_id);
	const struct contract *contract =
	    state_contract(&broker->state, &order->contract_id);
	const struct contract_state *state =
	    state_contract_state(&broker->state, &order->contract_id);
	const struct mandate *mandate =
	    state_mandate(&broker->state, &deal->mandate_id);
	struct mandate_text text;
	struct work_plan work;
	enum deal_state next;
	aicx_err err = deal_step((enum deal_state)deal->state, DEAL_EXECUTE,
	    PARTY_REQUESTER, &next, reterr);

	if (err == AICX_OK && contract->expires_ms <= broker_now(broker))
		err = err_word(reterr, AICX_ESTATE, "expired",
		    "contract expired while the payment was authorized");
	if (err == AICX_OK && mandate != NULL)
		err = mandate_text_parse(mandate->text,
		    &broker->state.currencies, &broker->keys.broker_id,
		    &order->call->mem, &text, reterr);
	if (err == AICX_OK)
		err = work_plan(broker, contract, &order->execution_id,
		    &order->hold_id, mandate, &text, order->input,
		    order->deadline_ms, &work, reterr);
	if (err != AICX_OK)
		return err;
	struct step *step =
	    call_step(order->call, "deal.execute", &deal->deal_id);
	struct contract_state counted = *state;
	counted.n_executions++;
	struct deal changed = *deal;
	changed.state = (int)next;
	changed.execution_id = order->execution_id;
	changed.hold_id = order->hold_id;
	changed.request_id = step->request_id;
	changed.request_sender = step->request_sender;
	changed.changed_ms = step->now_ms;
	flow_asked(flow, order->call); /* its trace is the work's */
	work_plan_put(step, &work);
	transit_put_done(step, &order->hold_id);
	step_put(step, T_CONTRACT_STATE, &counted);
	step_put(step, T_DEAL, &changed);
	err = step_commit(step, reterr);
	if (err != AICX_OK)
		return err;
	flow_wait(flow, order->call);
	flow_watch(flow);
	return AICX_OK;
}

static void
on_authorized(const struct aicx_pay_result *result, void *arg)
{
	struct order *order = arg;
	struct flow *flow = order->flow;
	struct call *call = order->call;
	struct aicx_id hold_id = order->hold_id;
	struct broker *broker = flow->broker;
	struct aicx_error error = { 0 };
	aicx_err err = AICX_OK;

	flow->busy = false;
	if (result == NULL) { /* the broker ends */
		free(order);
		return;
	}
	if (flow->dead)
		err = err_word(&error, AICX_ESTATE, "wrong_state",
		    "contract ended meanwhile");
	else if (result->state != AICX_PAY_DONE)
		err = err_word(&error, AICX_ELIMIT, "insufficient_funds",
		    "payment was not authorized: %s", result->error.text);
	else
		err = commit_order(order, &error);
	if (flow->dead)
		flow_end(flow);
	free(order);
	if (err == AICX_OK)
		return;
	transit_void(broker, &hold_id);
	call_fail(call, &error);
}

aicx_err
flow_execute(struct flow *flow, struct call *call,
    const struct contract *contract, const struct aicx_id *execution_id,
    struct aicx_str input, int64_t deadline_ms, struct aicx_error *reterr)
{
	struct broker *broker = flow->broker;
	const struct deal *deal = state_deal(&broker->state, &flow->deal_id);
	enum deal_state next;
	aicx_err err = deal_step((enum deal_state)deal->state, DEAL_EXECUTE,
	    PARTY_REQUESTER, &next, reterr);

	if (err == AICX_OK && flow->busy)
		err = err_word(reterr, AICX_ESTATE, "wrong_state",
		    "another execution is being ordered");
	if (err == AICX_OK && broker_now(broker) >= contract->expires_ms)
		err = err_word(
		    reterr, AICX_ESTATE, "expired", "contract has expired");
	if (err != AICX_OK) {
		if (deal_is_final((enum deal_state)deal->state))
			flow_free(flow);
		return err;
	}
	if (flow_is_late(flow, call, contract))
		return flow_execute_late(flow, call, contract, execution_id,
		    input, deadline_ms, reterr);
	struct order *order = MEM_NEW(struct order);
	order->flow = flow;
	order->call = call;
	order->contract_id = contract->contract_id;
	order->execution_id = *execution_id;
	order->hold_id = broker_new_id(broker);
	order->input = input;
	order->deadline_ms = deadline_ms;
	struct payment wish = {
		.payment_id = order->hold_id,
		.op = PAYMENT_AUTHORIZE,
		.party = contract->requester_id,
		.payee = contract->provider_id,
		.deal_id = flow->deal_id,
		.amount = contract->ceiling,
		.expires_ms = contract->expires_ms,
	};
	flow->busy = true;
	err = transit_begin(
	    broker, &wish, deadline_ms, on_authorized, order, reterr);
	if (err == AICX_OK)
		return AICX_OK;
	flow->busy = false;
	free(order);
	return err;
}
