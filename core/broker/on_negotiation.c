/* SPDX-License-Identifier: Apache-2.0 */
/* on_negotiation.c - intents and offers, step by step. */
#include "base/b64.h"
#include "base/err.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/str.h"
#include "broker/handlers.h"
#include "broker/offers.h"
#include "broker/policies.h"

#include <string.h>

struct broadcast {
	PARAMS;
	struct aicx_id intent_id, provider_id;
	struct aicx_str need, parameters, input;
	struct aicx_money max_price;
	struct sla sla;
	int64_t timeout_ms, deadline_ms, max_units;
	int choose;
};

const struct field broadcast_intent_params[] = {
	PARAMS_METHOD(struct broadcast),
	FIELD(struct broadcast, intent_id, "intent_id", FIELD_ID,
	    .help = "Made by the caller, or absent."),
	FIELD(struct broadcast, need, "need", FIELD_STR,
	    .flags = FIELDF_REQUIRED, .min = 1, .max = 128,
	    .help = "The capability's name."),
	FIELD(struct broadcast, provider_id, "provider_id", FIELD_ID,
	    .help = "The only seller that is asked; absent: all are."),
	FIELD(struct broadcast, max_price, "max_price", FIELD_MONEY,
	    .flags = FIELDF_REQUIRED, .help = "The most one call may cost."),
	FIELD(struct broadcast, parameters, "parameters", FIELD_JSON,
	    .help = "What sellers may price by."),
	FIELD(struct broadcast, input, "input", FIELD_JSON,
	    .help = "What the chosen seller works on."),
	FIELD(struct broadcast, sla, "sla", FIELD_OBJECT, .fields = sla_fields,
	    .item_size = sizeof(struct sla), .help = "Service that is needed."),
	FIELD(struct broadcast, timeout_ms, "timeout_ms", FIELD_INT, .min = 1,
	    .max = 3600000, .help = "How long sellers have to answer."),
	FIELD(struct broadcast, deadline_ms, "deadline_ms", FIELD_INT, .min = 1,
	    .max = 86400000, .help = "How long the intent stays open."),
	FIELD(struct broadcast, max_units, "max_units", FIELD_INT, .min = 1,
	    .max = 1000000000, .help = "The most units that may be billed."),
	FIELD(struct broadcast, choose, "choose", FIELD_ENUM,
	    .names = choose_rule_names,
	    .help = "How an offer would be chosen."),
	FIELD_END,
};
PARAMS_SIZE(broadcast_intent, broadcast);

static struct intent
intent_of(struct call *call, const struct broadcast *wish)
{
	struct broker *broker = call->broker;
	const struct broker_settings *settings = broker->settings;
	int64_t now_ms = broker_now(broker);
	int64_t time_ms =
	    wish->deadline_ms > 0 ? wish->deadline_ms : settings->contract_ms;

	return (struct intent) {
		.intent_id = id_is_nil(&wish->intent_id) ? broker_new_id(broker)
							 : wish->intent_id,
		.requester_id = call->who.agent_id,
		.provider_id = wish->provider_id,
		.need = wish->need,
		.parameters = wish->parameters,
		.input = wish->input,
		.max_price = wish->max_price,
		.sla = wish->sla,
		.choose = wish->choose,
		.max_units = wish->max_units,
		.deadline_ms = now_ms + time_ms,
		.offers_until_ms = now_ms +
		    (wish->timeout_ms > 0 ? wish->timeout_ms
					  : settings->offer_window_ms),
		.created_ms = now_ms,
	};
}

aicx_err
on_broadcast_intent(
    struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct broadcast *wish = params;
	struct intent intent = intent_of(call, wish);

	if (wish->max_price.minor <= 0)
		return err_field(reterr, AICX_EINVAL, "invalid_amount",
		    "/max_price/amount", "max_price must be above zero");
	if (state_intent(&broker->state, &intent.intent_id) != NULL)
		return err_word(reterr, AICX_EEXIST, "already_exists",
		    "an intent with this id exists");
	if (broker->state.n_deals_open >= (size_t)broker->settings->deals_max)
		return err_word(reterr, AICX_ELIMIT, "too_many",
		    "too many deals are open; try later");
	struct step *step =
	    call_step(call, "intent.broadcast", &intent.intent_id);
	struct deal deal = {
		.deal_id = intent.intent_id,
		.state = DEAL_OPEN,
		.requester_id = intent.requester_id,
		.created_ms = step->now_ms,
		.changed_ms = step->now_ms,
	};
	step_put(step, T_INTENT, &intent);
	step_put(step, T_DEAL, &deal);
	struct json_writer w = step_reply(step);
	json_key(&w, "intent_id");
	json_put_id(&w, &intent.intent_id);
	json_key(&w, "deal_id");
	json_put_id(&w, &deal.deal_id);
	json_key(&w, "state");
	json_put_text(&w, deal_state_name(DEAL_OPEN));
	json_key(&w, "offers_until");
	json_put_time(&w, intent.offers_until_ms);
	json_close(&w);
	char correlation[sizeof call->correlation]; /* outlive the call */
	char trace[sizeof call->trace];
	memcpy(correlation, call->correlation, sizeof correlation);
	memcpy(trace, call->trace, sizeof trace);
	aicx_err err = call_commit(call, step, 201, reterr);
	if (err != AICX_OK)
		return err;
	struct flow *flow = flow_need(broker, &deal.deal_id);
	memcpy(flow->correlation, correlation, sizeof correlation);
	memcpy(flow->trace, trace, sizeof trace);
	flow_invite(flow);
	return AICX_OK;
}

/* --- collecting ------------------------------------------------------ */

struct collect {
	PARAMS;
	struct aicx_id intent_id;
	int64_t timeout_ms;
};

const struct field collect_offers_params[] = {
	PARAMS_METHOD(struct collect),
	FIELD(struct collect, intent_id, "intent_id", FIELD_ID,
	    .flags = FIELDF_REQUIRED, .help = "Which intent."),
	FIELD(struct collect, timeout_ms, "timeout_ms", FIELD_INT, .min = 0,
	    .max = 60000, .help = "How long to wait for those still missing."),
	FIELD_END,
};
PARAMS_SIZE(collect_offers, collect);

static aicx_err
collect_now(struct call *call, struct aicx_error *reterr)
{
	struct reply reply;

	(void)reterr;
	reply_begin(&reply, call);
	json_key(&reply.w, "intent_id");
	json_put_id(&reply.w, &call->subject);
	offers_put(call->broker, &call->subject, &reply.w);
	reply_send(&reply, 200);
	return AICX_OK;
}

aicx_err
on_collect_offers(
    struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct collect *wish = params;
	const struct deal *deal = state_deal(&broker->state, &wish->intent_id);
	struct flow *flow = flow_find(broker, &wish->intent_id);

	if (deal == NULL ||
	    state_intent(&broker->state, &deal->deal_id) == NULL)
		return not_found("intent", &wish->intent_id, reterr);
	aicx_err err = must_see_agent(call, &deal->requester_id, reterr);
	if (err != AICX_OK)
		return err;
	call->subject = wish->intent_id;
	if (flow == NULL || wish->timeout_ms == 0 || deal->state != DEAL_OPEN ||
	    flow_has_enough(flow))
		return collect_now(call, reterr);
	/* Answered when all are in, or when the time is over. */
	call->due_ms = broker_now(broker) + wish->timeout_ms;
	call->resume = collect_now;
	call->collects = true;
	list_push(&broker->calls, &call->node);
	broker_wake(broker, call->due_ms);
	return AICX_OK;
}

/* --- offering -------------------------------------------------------- */

struct offering {
	PARAMS;
	struct aicx_id intent_id, agent_id;
	struct aicx_str offer, terms;
};

const struct field offer_params[] = {
	PARAMS_METHOD(struct offering),
	FIELD(struct offering, intent_id, "intent_id", FIELD_ID,
	    .flags = FIELDF_REQUIRED, .help = "For which intent."),
	FIELD(struct offering, terms, "terms", FIELD_JSON,
	    .flags = FIELDF_REQUIRED,
	    .help = "The terms' exact text as a string, or an object."),
	FIELD(struct offering, offer, "offer", FIELD_JSON,
	    .help = "The signed offer; absent: signed by the kept key."),
	FIELD(struct offering, agent_id, "agent_id", FIELD_ID,
	    .help = "Who offers; absent: the caller."),
	FIELD_END,
};
PARAMS_SIZE(offer, offering);

static aicx_err
signed_part(struct call *call, struct aicx_str json,
    struct signed_object *ret_object, struct aicx_error *reterr)
{
	struct json *doc = arena_new(&call->mem, sizeof *doc);
	aicx_err err = json_parse(json, &call->mem, doc, reterr);

	if (err != AICX_OK)
		return err;
	return object_parse(json_root(doc), &call->mem, ret_object, reterr);
}

aicx_err
on_offer(struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct offering *offering = params;
	const struct intent *intent =
	    state_intent(&broker->state, &offering->intent_id);
	const struct deal *deal =
	    state_deal(&broker->state, &offering->intent_id);
	struct aicx_id provider_id = id_is_nil(&offering->agent_id)
	    ? call->who.agent_id
	    : offering->agent_id;
	struct signed_object object;
	struct offer_draft draft;
	struct aicx_str text;
	enum deal_state next;

	if (intent == NULL)
		return not_found("intent", &offering->intent_id, reterr);
	aicx_err err = must_act_for(call, &provider_id, reterr);
	if (err == AICX_OK)
		err = deal_step((enum deal_state)deal->state, DEAL_OFFER,
		    PARTY_PROVIDER, &next, reterr);
	if (err == AICX_OK)
		err = terms_text_of(call, offering->terms, &text, reterr);
	if (err == AICX_OK && offering->offer.ptr != NULL)
		err = signed_part(call, offering->offer, &object, reterr);
	if (err == AICX_OK)
		err = offer_prepare(broker, intent, &provider_id, text,
		    offering->offer.ptr ? &object : NULL, &call->mem, &draft,
		    reterr);
	struct aicx_id deal_id = deal->deal_id;
	if (err != AICX_OK) {
		/* It has answered, if badly: nobody waits for it any more. */
		if (access_acts_for(&call->who, &provider_id, &provider_id))
			flow_answered(broker, &deal_id, &provider_id);
		return err;
	}
	struct step *step = call_step(call, "deal.offer", &deal_id);
	step_put(step, T_OFFER, &draft.offer);
	policy_keep(step, &draft.terms.pricing);
	struct json_writer w = step_reply(step);
	json_key(&w, "offer_id");
	json_put_id(&w, &draft.offer.offer_id);
	json_key(&w, "state");
	json_put_text(&w, "open");
	json_close(&w);
	err = call_commit(call, step, 201, reterr);
	if (err != AICX_OK)
		return err;
	member_drop_subject(broker, &provider_id, &deal_id);
	flow_answered(broker, &deal_id, &provider_id);
	return AICX_OK;
}
