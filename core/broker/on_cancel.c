/* SPDX-License-Identifier: Apache-2.0 */
/*
 * on_cancel.c - deal.cancel: a buyer ends its deal, whatever it has come to.
 *
 * Before any work it is cancelled; in the work it fails, what is held goes
 * back, and the seller is told.
 */
#include "base/err.h"
#include "base/id.h"
#include "base/str.h"
#include "broker/flow.h"
#include "broker/handlers.h"

struct cancelling {
	PARAMS;
	struct aicx_id deal_id;
};

const struct field deal_cancel_params[] = {
	PARAMS_METHOD(struct cancelling),
	FIELD(struct cancelling, deal_id, "deal_id", FIELD_ID,
	    .flags = FIELDF_REQUIRED, .help = "Which deal."),
	FIELD_END,
};
PARAMS_SIZE(deal_cancel, cancelling);

/* It may stop; whatever it answers changes nothing any more. */
static void
tell_seller(struct broker *broker, const struct aicx_id *provider_id,
    const struct aicx_id *execution_id, int64_t until_ms)
{
	struct buf payload = { 0 };
	struct json_writer w = json_writer(&payload);
	struct aicx_id id = broker_new_id(broker);

	json_open(&w, '{');
	json_key(&w, "method");
	json_put_text(&w, "execution.cancel");
	json_key(&w, "execution_id");
	json_put_id(&w, execution_id);
	json_close(&w);
	struct letter *letter =
	    letter_new(provider_id, MSG_QUERY, &id, NULL, buf_view(&payload));
	buf_fini(&payload);
	letter->keep = true;
	letter->expires_ms = until_ms;
	letter->subject = *execution_id;
	letter_post(broker, letter);
}

static aicx_err
stop_work(struct call *call, struct flow *flow, const struct deal *deal,
    struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct execution *execution =
	    state_execution(&broker->state, &deal->execution_id);
	struct aicx_id deal_id = deal->deal_id;
	struct aicx_id provider_id = deal->provider_id;
	struct aicx_id execution_id = deal->execution_id;
	int64_t until_ms = execution->deadline_ms;
	struct aicx_error why = { 0 };
	struct reply reply;

	if (flow->busy)
		return err_word(reterr, AICX_ESTATE, "wrong_state",
		    "the deal is being settled");
	(void)err_word(
	    &why, AICX_ESTATE, "cancelled", "the buyer cancelled the deal");
	flow_fail(flow, &why, false);
	deal = state_deal(&broker->state, &deal_id);
	if (deal->state == DEAL_WORKING)
		return err_word(reterr, AICX_ESTATE, "wrong_state",
		    "the deal cannot be stopped now");
	tell_seller(broker, &provider_id, &execution_id, until_ms);
	reply_begin(&reply, call);
	json_key(&reply.w, "deal_id");
	json_put_id(&reply.w, &deal_id);
	json_key(&reply.w, "state");
	json_put_text(&reply.w, deal_state_name((enum deal_state)deal->state));
	reply_send(&reply, 200);
	return AICX_OK;
}

aicx_err
on_deal_cancel(struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct cancelling *wish = params;
	const struct deal *deal = deal_shown(call, &wish->deal_id);
	struct flow *flow = flow_find(broker, &wish->deal_id);

	if (deal == NULL)
		return not_found("deal", &wish->deal_id, reterr);
	aicx_err err = must_act_for(call, &deal->requester_id, reterr);
	if (err != AICX_OK)
		return err;
	if (flow == NULL || deal_is_final((enum deal_state)deal->state))
		return err_word(
		    reterr, AICX_ESTATE, "wrong_state", "the deal is over");
	if (deal->state == DEAL_WORKING)
		return stop_work(call, flow, deal, reterr);
	return flow_close(flow, DEAL_CANCEL, PARTY_REQUESTER,
	    &call->who.agent_id, call, reterr);
}
