/* SPDX-License-Identifier: Apache-2.0 */
/* flow.c - the life of open deals: inviting, waiting, running out of time. */
#include "broker/flow.h"

#include "base/broken.h"
#include "base/err.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/str.h"
#include "broker/herald.h"
#include "broker/offers.h"
#include "broker/outside.h"

#include <stdlib.h>
#include <string.h>

/* A payment may take long: how often to look whether it still does. */
enum { BUSY_LOOK_MS = 1000 };

struct flow *
flow_find(struct broker *broker, const struct aicx_id *deal_id)
{
	return map_find_id(&broker->flows, deal_id);
}

struct flow *
flow_need(struct broker *broker, const struct aicx_id *deal_id)
{
	struct flow *flow = flow_find(broker, deal_id);

	if (flow != NULL)
		return flow;
	flow = MEM_NEW(struct flow);
	flow->broker = broker;
	flow->deal_id = *deal_id;
	list_init(&flow->waiters);
	(void)map_put_id(&broker->flows, &flow->deal_id, flow);
	return flow;
}

void
flow_asked(struct flow *flow, const struct call *call)
{
	memcpy(flow->correlation, call->correlation, sizeof flow->correlation);
	memcpy(flow->trace, call->trace, sizeof flow->trace);
}

void
flow_free(struct flow *flow)
{
	LIST_EACH (node, &flow->waiters)
		call_free(LIST_ITEM(node, struct call, node));
	if (map_find_id(&flow->broker->flows, &flow->deal_id) == flow)
		(void)map_remove_id(&flow->broker->flows, &flow->deal_id);
	if (flow->busy) {
		flow->dead = true; /* the job frees it */
		return;
	}
	flow_end(flow);
}

void
flow_end(struct flow *flow)
{
	arena_fini(&flow->mem);
	free(flow);
}

/* --- time ------------------------------------------------------------ */

/* A contract's work moves its time back and forth, thousands of times until it
   expires: who is looked at before it is due is queued again only then. */
static void
flow_queue(struct flow *flow)
{
	if (flow->queued_ms != 0 && flow->queued_ms <= flow->due_ms)
		return;
	dues_put(&flow->broker->dues, flow->due_ms, &flow->deal_id);
	flow->queued_later_ms = flow->queued_ms;
	flow->queued_ms = flow->due_ms;
}

static void
flow_dequeued(struct flow *flow, int64_t at_ms)
{
	if (flow->queued_ms != at_ms)
		return;
	flow->queued_ms = flow->queued_later_ms;
	flow->queued_later_ms = 0;
}

void
flow_due(struct flow *flow, int64_t at_ms)
{
	struct broker *broker = flow->broker;

	flow->due_ms = at_ms;
	if (at_ms == 0)
		return;
	flow_queue(flow);
	if (!broken("lost_wakeup"))
		broker_wake(broker, at_ms);
}

/* When ordered work next needs a look: its retry, the end of its provider's
   grace, its deadline. */
void
flow_watch(struct flow *flow)
{
	struct broker *broker = flow->broker;
	const struct deal *deal = state_deal(&broker->state, &flow->deal_id);
	const struct execution_status *status =
	    state_execution_status(&broker->state, &deal->execution_id);
	const struct member *member = member_find(broker, &deal->provider_id);
	int64_t at_ms =
	    state_execution(&broker->state, &deal->execution_id)->deadline_ms;

	if (status->state == EXECUTION_RETRYING && status->retry_ms < at_ms)
		at_ms = status->retry_ms;
	if (member != NULL && member->lost_ms > 0 &&
	    !outside_is(broker, &deal->provider_id) &&
	    !member_is_there(member, broker_now(broker)) &&
	    member->lost_ms + broker->settings->grace_ms < at_ms)
		at_ms = member->lost_ms + broker->settings->grace_ms;
	flow_due(flow, at_ms);
}

static void
working_is_due(struct flow *flow, const struct deal *deal, int64_t now_ms)
{
	struct broker *broker = flow->broker;
	const struct execution *execution =
	    state_execution(&broker->state, &deal->execution_id);
	const struct execution_status *status =
	    state_execution_status(&broker->state, &deal->execution_id);
	const struct member *member = member_find(broker, &deal->provider_id);
	bool outside = outside_is(broker, &deal->provider_id);
	struct aicx_error error = { 0 };

	if (now_ms >= execution->deadline_ms) {
		(void)err_word(&error, AICX_ETIMEDOUT, "timeout",
		    "provider did not deliver in time");
		flow_fail(flow, &error, true);
	} else if (status->state == EXECUTION_RETRYING &&
	    now_ms >= status->retry_ms)
		flow_retry(flow);
	else if (!outside && !member_is_there(member, now_ms) &&
	    member != NULL && member->lost_ms > 0 &&
	    now_ms >= member->lost_ms + broker->settings->grace_ms) {
		(void)err_word(&error, AICX_EAGAIN, "provider_failed",
		    "provider disconnected and did not come back");
		flow_fail(flow, &error, false);
	} else
		flow_watch(flow);
}

static void
flow_is_due(struct flow *flow, int64_t now_ms)
{
	struct broker *broker = flow->broker;
	const struct deal *deal = state_deal(&broker->state, &flow->deal_id);
	const struct intent *intent =
	    state_intent(&broker->state, &flow->deal_id);
	const struct contract *contract;

	flow->due_ms = 0;
	if (flow->busy) {
		flow_due(flow, now_ms + BUSY_LOOK_MS);
		return;
	}
	switch ((enum deal_state)deal->state) {
	case DEAL_OPEN:
		if (deal->buy) {
			flow_choose(flow);
		} else if (now_ms >= intent->deadline_ms)
			(void)flow_close(flow, DEAL_EXPIRE, PARTY_BROKER,
			    &broker->keys.broker_id, NULL, NULL);
		else
			offers_collected(flow);
		break;
	case DEAL_PROPOSED:
	case DEAL_SIGNED:
		contract = state_contract(&broker->state, &deal->contract_id);
		if (now_ms < contract->expires_ms)
			flow_due(flow, contract->expires_ms);
		else
			(void)flow_close(flow, DEAL_EXPIRE, PARTY_BROKER,
			    &broker->keys.broker_id, NULL, NULL);
		break;
	case DEAL_WORKING:
		working_is_due(flow, deal, now_ms);
		break;
	case DEAL_SETTLED:
	case DEAL_FAILED:
	case DEAL_EXPIRED:
	case DEAL_CANCELLED:
	case DEAL_N_STATES:
		flow_free(flow);
		break;
	}
}

void
flow_tick(struct broker *broker, int64_t now_ms)
{
	struct due due;

	while (dues_take(&broker->dues, now_ms, &due)) {
		struct flow *flow = flow_find(broker, &due.id);
		if (flow == NULL)
			continue;
		flow_dequeued(flow, due.at_ms);
		if (flow->due_ms != 0 && flow->due_ms <= now_ms)
			flow_is_due(flow, now_ms);
		else if (flow->due_ms != 0)
			flow_queue(flow);
	}
	if (dues_next(&broker->dues) != 0)
		broker_wake(broker, dues_next(&broker->dues));
}

/* --- inviting -------------------------------------------------------- */

static void
put_intent(struct json_writer *w, struct broker *broker,
    const struct intent *intent, const struct capability *capability,
    int64_t until_ms)
{
	const struct currencies *currencies = &broker->state.currencies;

	json_key(w, "intent_id");
	json_put_id(w, &intent->intent_id);
	json_key(w, "need");
	json_put_str(w, intent->need);
	json_key(w, "max_price");
	money_put_json(w, &intent->max_price, currencies);
	json_key(w, "input_bytes");
	json_put_int(w, (int64_t)intent->input.len);
	if (intent->parameters.ptr != NULL) {
		json_key(w, "parameters");
		json_put_raw(w, intent->parameters);
	}
	if (intent->max_units > 0) {
		json_key(w, "max_units");
		json_put_int(w, intent->max_units);
	}
	if (intent->sla.max_latency_ms > 0 || intent->sla.min_uptime_ppm > 0 ||
	    intent->sla.max_error_ppm > 0) {
		json_key(w, "sla");
		json_open(w, '{');
		field_print(sla_fields, &intent->sla, currencies, w);
		json_close(w);
	}
	json_key(w, "deadline");
	json_put_time(w, intent->deadline_ms);
	json_key(w, "offers_until");
	json_put_time(w, until_ms);
	json_key(w, "requester_id");
	json_put_id(w, &intent->requester_id);
	json_key(w, "requester_reputation");
	json_put_int(w, broker_reputation(broker, &intent->requester_id));
	if (capability == NULL) /* it is for everybody */
		return;
	json_key(w, "capability_id");
	json_put_str(w, capability->capability_id);
	json_key(w, "pricing");
	json_open(w, '{');
	field_print(pricing_fields, &capability->pricing, currencies, w);
	json_close(w);
}

static void
invite(struct flow *flow, const struct intent *intent,
    const struct agent *agent, const struct capability *capability)
{
	struct broker *broker = flow->broker;
	struct buf payload = { 0 };
	struct json_writer w = json_writer(&payload);
	struct aicx_id id = broker_new_id(broker);

	json_open(&w, '{');
	json_key(&w, "method");
	json_put_text(&w, "negotiation.intent");
	put_intent(&w, broker, intent, capability, flow->until_ms);
	json_close(&w);
	struct letter *letter = letter_new(
	    &agent->agent_id, MSG_QUERY, &id, NULL, buf_view(&payload));
	buf_fini(&payload);
	letter->keep = true;
	letter->expires_ms = flow->until_ms;
	letter->subject = flow->deal_id;
	memcpy(letter->trace, flow->trace, sizeof letter->trace);
	flow->invited[flow->n_invited++] = agent->agent_id;
	letter_post(broker, letter);
}

/* Who listens may offer too; nobody knows who will, so the time is given. */
static void
invite_listeners(struct flow *flow, const struct intent *intent)
{
	struct broker *broker = flow->broker;
	AUTO(buf_fini) struct buf text = { 0 };
	struct json_writer w = json_writer(&text);

	flow->announced = id_is_nil(&intent->provider_id) &&
	    herald_listeners(broker, AICX_NEWS_INTENT) > 0;
	if (!flow->announced)
		return;
	json_open(&w, '{');
	put_intent(&w, broker, intent, NULL, flow->until_ms);
	json_close(&w);
	herald_tell(
	    broker, AICX_NEWS_INTENT, "intent.", intent->need, buf_view(&text));
}

static bool
has_offered(struct broker *broker, const struct aicx_id *intent_id,
    const struct aicx_id *provider_id)
{
	const struct group *group = state_offers(&broker->state, intent_id);

	for (size_t i = 0; i < group->n; i++)
		if (id_eq(&state_offer(&broker->state, &group->ids[i])
			       ->provider_id,
			provider_id))
			return true;
	return false;
}

static void
invite_all(struct flow *flow, bool absent_too)
{
	struct broker *broker = flow->broker;
	const struct intent *intent =
	    state_intent(&broker->state, &flow->deal_id);
	const struct sellers *sellers =
	    state_sellers(&broker->state, intent->need);
	int64_t now_ms = broker_now(broker);

	flow->n_invited = flow->n_answered = 0;
	memset(flow->answered, 0, sizeof flow->answered);
	for (size_t i = 0;
	     sellers != NULL && i < sellers->n && flow->n_invited < INVITED_MAX;
	     i++) {
		const struct agent *agent =
		    state_agent(&broker->state, &sellers->agents[i]);
		const struct member *member =
		    member_find(broker, &agent->agent_id);
		if (!intent_asks(intent, &agent->agent_id) ||
		    has_offered(broker, &intent->intent_id, &agent->agent_id))
			continue;
		if (offers_from_standing(broker, intent, agent) ||
		    offers_from_listing(broker, intent, agent))
			continue;
		if (absent_too || member_is_there(member, now_ms))
			invite(flow, intent, agent,
			    agent_capability(agent, intent->need));
	}
	invite_listeners(flow, intent);
	flow_due(flow, flow->until_ms);
}

void
flow_invite(struct flow *flow)
{
	const struct intent *intent =
	    state_intent(&flow->broker->state, &flow->deal_id);

	flow->until_ms = intent->offers_until_ms;
	invite_all(flow, false);
	if (flow->n_invited == 0 && !flow->announced)
		flow_answered(flow->broker, &flow->deal_id, &flow->deal_id);
}

void
flow_invite_again(struct flow *flow, int64_t until_ms)
{
	flow->until_ms = until_ms;
	invite_all(flow, true);
	if (flow->n_invited == 0 && !flow->announced)
		flow_due(flow, broker_now(flow->broker));
}

bool
flow_all_answered(const struct flow *flow, int64_t now_ms)
{
	return now_ms >= flow->until_ms ||
	    (!flow->announced && flow->n_answered >= flow->n_invited);
}

bool
flow_has_enough(const struct flow *flow)
{
	struct broker *broker = flow->broker;
	const struct state *state = &broker->state;

	return flow_all_answered(flow, broker_now(broker)) ||
	    (state_intent(state, &flow->deal_id)->choose == CHOOSE_FIRST_GOOD &&
		state_offers(state, &flow->deal_id)->n > 0);
}

void
flow_answered(struct broker *broker, const struct aicx_id *deal_id,
    const struct aicx_id *provider_id)
{
	struct flow *flow = flow_find(broker, deal_id);
	const struct deal *deal = state_deal(&broker->state, deal_id);

	if (flow == NULL || deal == NULL || deal->state != DEAL_OPEN)
		return;
	for (size_t i = 0; i < flow->n_invited; i++)
		if (!flow->answered[i] &&
		    id_eq(&flow->invited[i], provider_id)) {
			flow->answered[i] = true;
			flow->n_answered++;
		}
	if (!flow_has_enough(flow))
		return;
	if (deal->buy)
		flow_choose(flow);
	else
		offers_collected(flow);
}

/* --- waiting --------------------------------------------------------- */

void
flow_wait(struct flow *flow, struct call *call)
{
	struct list repeats;

	/* Its record is made: a repeat will find it. */
	underway_end(call, &repeats);
	list_push(&flow->waiters, &call->node);
	flow_asked(flow, call);
	(void)json_bool(
	    json_get(json_root(&call->doc), "answers"), &call->answers);
	underway_again(&repeats);
}

void
flow_answer(struct flow *flow, int status, struct aicx_str body)
{
	LIST_EACH (node, &flow->waiters)
		call_answer(LIST_ITEM(node, struct call, node), status, body);
}

bool
flow_takes_questions(const struct flow *flow)
{
	if (list_empty(&flow->waiters))
		return true;
	LIST_EACH (node, &flow->waiters)
		if (LIST_ITEM(node, struct call, node)->answers)
			return true;
	return false;
}

static void
print_question(struct buf *out, struct broker *broker, const struct deal *deal,
    const struct aicx_id *execution_id)
{
	struct json_writer w = json_writer(out);

	json_open(&w, '{');
	json_key(&w, "deal_id");
	json_put_id(&w, &deal->deal_id);
	json_key(&w, "contract_id");
	json_put_id(&w, &deal->contract_id);
	json_key(&w, "execution_id");
	json_put_id(&w, execution_id);
	json_key(&w, "state");
	json_put_text(&w, deal_state_names[deal->state]);
	outside_put_question(&w, broker, execution_id);
	json_close(&w);
}

void
flow_ask(struct flow *flow, const struct aicx_id *execution_id)
{
	AUTO(buf_fini) struct buf body = { 0 };
	struct aicx_id id = *execution_id; /* the deal's row may be replaced */

	flow_record_start(flow->broker, &flow->deal_id);
	print_question(&body, flow->broker,
	    state_deal(&flow->broker->state, &flow->deal_id), &id);
	LIST_EACH (node, &flow->waiters) {
		struct call *call = LIST_ITEM(node, struct call, node);
		if (call->answers)
			call_answer(call, 202, buf_view(&body));
	}
}

void
flow_ask_again(struct flow *flow)
{
	struct broker *broker = flow->broker;
	const struct deal *deal = state_deal(&broker->state, &flow->deal_id);

	if (outside_question(broker, &deal->execution_id).ptr != NULL)
		flow_ask(flow, &deal->execution_id);
}

/* --- a restart, and a provider that went away ------------------------ */

static void
resend_work(struct broker *broker, const struct deal *deal, struct flow *flow)
{
	const struct execution_status *status =
	    state_execution_status(&broker->state, &deal->execution_id);
	const struct execution *execution =
	    state_execution(&broker->state, &deal->execution_id);
	struct member *member = member_need(broker, &deal->provider_id);
	bool outside = outside_is(broker, &deal->provider_id);

	/* It has its grace to come back to a broker that was away. */
	if (!outside && member->peer == NULL && member->lost_ms == 0)
		member->lost_ms =
		    broker_now(broker) + broker->settings->grace_ms;
	if (status->state == EXECUTION_RETRYING) {
		flow_due(flow, status->retry_ms);
		return;
	}
	letter_post(
	    broker, execute_letter(broker, execution, status->attempts));
	if (outside) {
		flow_watch(flow);
		return;
	}
	int64_t at_ms = member->lost_ms + broker->settings->grace_ms;
	flow_due(flow,
	    at_ms < execution->deadline_ms ? at_ms : execution->deadline_ms);
}

static void
resume(struct broker *broker, const struct deal *deal)
{
	struct flow *flow = flow_need(broker, &deal->deal_id);
	const struct contract *contract =
	    state_contract(&broker->state, &deal->contract_id);

	switch ((enum deal_state)deal->state) {
	case DEAL_OPEN:
		offers_reopen(flow);
		break;
	case DEAL_PROPOSED:
	case DEAL_SIGNED:
		flow_due(flow, contract->expires_ms);
		break;
	case DEAL_WORKING:
		if (!flow->busy) /* else its payment is under way */
			resend_work(broker, deal, flow);
		break;
	case DEAL_SETTLED:
	case DEAL_FAILED:
	case DEAL_EXPIRED:
	case DEAL_CANCELLED:
	case DEAL_N_STATES:
		flow_free(flow);
		break;
	}
}

void
flow_resume_all(struct broker *broker)
{
	struct aicx_id *ids = NULL;
	size_t n = 0;

	/* Resuming may replace rows: walk a copy of the ids. */
	ids = mem_new((map_len(&broker->state.rows[T_DEAL]) + 1) * sizeof *ids);
	MAP_EACH (entry, &broker->state.rows[T_DEAL]) {
		struct aicx_id id;
		memcpy(&id, entry->key.ptr, sizeof id);
		const struct deal *deal = state_deal(&broker->state, &id);
		if (!deal_is_final((enum deal_state)deal->state))
			ids[n++] = id;
	}
	for (size_t i = 0; i < n; i++)
		resume(broker, state_deal(&broker->state, &ids[i]));
	free(ids);
	if (n > 0)
		log_info(broker->log, "deals.resumed", KV("count", n));
}

void
flow_provider_lost(struct broker *broker, const struct aicx_id *agent_id)
{
	const struct group *group =
	    state_group(&broker->state.deals_of_agent, agent_id);
	int64_t at_ms = broker_now(broker) + broker->settings->grace_ms;

	for (size_t i = group->n; i > 0; i--) {
		const struct deal *deal =
		    state_deal(&broker->state, &group->ids[i - 1]);
		struct flow *flow = flow_find(broker, &group->ids[i - 1]);
		if (flow == NULL || !id_eq(&deal->provider_id, agent_id))
			continue;
		if (deal->state == DEAL_WORKING &&
		    (flow->due_ms == 0 || at_ms < flow->due_ms))
			flow_due(flow, at_ms);
	}
}
