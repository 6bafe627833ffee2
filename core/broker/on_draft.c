/* SPDX-License-Identifier: Apache-2.0 */
/* on_draft.c - contracts that come to be by hand: an offer is selected, or a
   contract proposed without an intent. */
#include "base/b64.h"
#include "base/err.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/str.h"
#include "broker/contracts.h"
#include "broker/handlers.h"
#include "broker/offers.h"
#include "broker/policies.h"

#include <string.h>

/* A draft while the pool verifies the offer and signs the text. */
struct drafting {
	struct contract_draft draft;
	struct signed_object offer;
	uint8_t provider_key[KEY_BYTES];
	bool has_offer, genuine, provider_signs;
	struct aicx_id deal_id, offer_id, mandate_id;
};

static aicx_err
record_draft(
    struct call *call, struct drafting *drafting, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	struct contract *contract = &drafting->draft.contract;
	const struct deal *known =
	    state_deal(&broker->state, &drafting->deal_id);
	bool complete = contract_is_complete(contract);
	enum deal_state next = DEAL_PROPOSED;
	aicx_err err = AICX_OK;

	if (known != NULL)
		err = deal_step((enum deal_state)known->state, DEAL_SELECT,
		    PARTY_REQUESTER, &next, reterr);
	if (err == AICX_OK && complete)
		err =
		    deal_step(next, DEAL_SIGN, PARTY_REQUESTER, &next, reterr);
	if (err != AICX_OK)
		return err;
	struct step *step =
	    call_step(call, "contract.draft", &drafting->deal_id);
	struct deal deal = { .created_ms = step->now_ms };
	if (known != NULL)
		deal = *known;
	deal.deal_id = drafting->deal_id;
	deal.state = (int)next;
	deal.requester_id = contract->requester_id;
	deal.provider_id = contract->provider_id;
	deal.contract_id = contract->contract_id;
	deal.offer_id = drafting->offer_id;
	deal.mandate_id = contract->mandate_id;
	deal.changed_ms = step->now_ms;
	struct contract_state state = {
		.contract_id = contract->contract_id,
		.status = complete ? CONTRACT_SIGNED : CONTRACT_PROPOSED,
		.signed_ms = complete ? step->now_ms : 0,
	};
	step_put(step, T_CONTRACT, contract);
	step_put(step, T_CONTRACT_STATE, &state);
	policy_keep(step, &drafting->draft.pricing);
	step_put(step, T_DEAL, &deal);
	struct json_writer w = step_reply(step);
	field_print(contract_fields, contract, &broker->state.currencies, &w);
	json_key(&w, "status");
	json_put_text(&w, contract_status_names[state.status]);
	json_close(&w);
	int64_t expires_ms = contract->expires_ms;
	struct aicx_id deal_id = deal.deal_id;
	err = call_commit(call, step, 201, reterr);
	if (err == AICX_OK)
		flow_due(flow_need(broker, &deal_id), expires_ms);
	return err;
}

static void
draft_work(void *arg)
{
	struct call *call = arg;
	struct drafting *drafting = call->held;

	drafting->genuine = !drafting->has_offer ||
	    object_verify(&drafting->offer, SIG_OFFER, drafting->provider_key,
		NULL) == AICX_OK;
	if (drafting->genuine)
		contract_draft_sign(&drafting->draft, call->broker->key);
}

static void
draft_done(void *arg)
{
	struct call *call = arg;
	struct drafting *drafting = call->held;
	struct aicx_error error = { 0 };
	aicx_err err;

	if (!drafting->genuine)
		err = err_word(&error, AICX_EDENIED, "bad_signature",
		    "offer is not signed by its provider");
	else
		err = record_draft(call, drafting, &error);
	if (err != AICX_OK)
		call_fail(call, &error);
}

static aicx_err
draft_later(
    struct call *call, struct drafting *drafting, struct aicx_error *reterr)
{
	call->held = drafting;
	if (call->broker->ports.work(call->broker->ports.arg, draft_work,
		draft_done, call) != AICX_OK)
		return err_word(reterr, AICX_EAGAIN, "too_many",
		    "too many signatures to verify; try later");
	return AICX_OK;
}

/* --- select ---------------------------------------------------------- */

struct selecting {
	PARAMS;
	struct aicx_id offer_id, mandate_id;
	bool by_mandate;
	int64_t max_executions;
};

const struct field select_offer_params[] = {
	PARAMS_METHOD(struct selecting),
	FIELD(struct selecting, offer_id, "offer_id", FIELD_ID,
	    .flags = FIELDF_REQUIRED, .help = "Which offer."),
	FIELD(struct selecting, mandate_id, "mandate_id", FIELD_ID,
	    .help = "A mandate that signs for the requester."),
	FIELD(struct selecting, by_mandate, "by_mandate", FIELD_BOOL,
	    .help = "Sign by the newest standing mandate that covers it, if "
		    "there is one."),
	FIELD(struct selecting, max_executions, "max_executions", FIELD_INT,
	    .min = 1, .max = 1000000, .fallback = 1,
	    .help = "How often the work may be ordered."),
	FIELD_END,
};
PARAMS_SIZE(select_offer, selecting);

static aicx_err
check_mandate(struct call *call, const struct mandate *mandate,
    const struct intent *intent, const struct aicx_money *price,
    struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	struct mandate_text text;
	aicx_err err =
	    mandate_text_parse(mandate->text, &broker->state.currencies,
		&broker->keys.broker_id, &call->mem, &text, reterr);

	if (err != AICX_OK)
		return err;
	if (!id_is_nil(&text.credential_id) &&
	    !id_eq(&text.credential_id, &call->who.credential_id))
		return err_word(reterr, AICX_EDENIED, "no_mandate",
		    "mandate is for another credential");
	return mandate_check(mandate, &text,
	    state_mandate_use(&broker->state, &mandate->mandate_id),
	    &intent->requester_id, intent->need, price, broker_now(broker),
	    reterr);
}

/* The newest of the requester's that covers it; nil: none does. */
static struct aicx_id
standing_mandate(struct call *call, const struct intent *intent,
    const struct aicx_money *price)
{
	const struct state *state = &call->broker->state;
	const struct group *group =
	    state_group(&state->mandates_of_agent, &intent->requester_id);

	for (size_t i = group->n; i > 0; i--) {
		const struct mandate *mandate =
		    state_mandate(state, &group->ids[i - 1]);
		if (!mandate->revoked &&
		    check_mandate(call, mandate, intent, price, NULL) ==
			AICX_OK)
			return mandate->mandate_id;
	}
	return (struct aicx_id) { { 0 } };
}

/* Which one signs; nil: the requester will sign itself. */
static aicx_err
find_mandate(struct call *call, const struct selecting *wish,
    const struct intent *intent, const struct aicx_money *price,
    struct aicx_id *ret_id, struct aicx_error *reterr)
{
	const struct mandate *mandate =
	    state_mandate(&call->broker->state, &wish->mandate_id);

	*ret_id = wish->mandate_id;
	if (id_is_nil(&wish->mandate_id)) {
		if (wish->by_mandate)
			*ret_id = standing_mandate(call, intent, price);
		return AICX_OK;
	}
	if (mandate == NULL)
		return not_found("mandate", &wish->mandate_id, reterr);
	return check_mandate(call, mandate, intent, price, reterr);
}

aicx_err
on_select_offer(
    struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct selecting *wish = params;
	const struct offer *offer =
	    state_offer(&broker->state, &wish->offer_id);
	struct drafting *drafting = arena_new(&call->mem, sizeof *drafting);
	struct buf why = { 0 };
	enum deal_state next;

	if (offer == NULL)
		return not_found("offer", &wish->offer_id, reterr);
	const struct intent *intent =
	    state_intent(&broker->state, &offer->intent_id);
	const struct deal *deal = state_deal(&broker->state, &offer->intent_id);
	aicx_err err = must_act_for(call, &intent->requester_id, reterr);
	if (err == AICX_OK)
		err = deal_step((enum deal_state)deal->state, DEAL_SELECT,
		    PARTY_REQUESTER, &next, reterr);
	if (err == AICX_OK && deal->buy)
		err = err_word(reterr, AICX_ESTATE, "wrong_state",
		    "deal chooses by its mandate");
	if (err == AICX_OK && offer->expires_ms <= broker_now(broker))
		err = err_word(
		    reterr, AICX_ESTATE, "expired", "offer has expired");
	if (err == AICX_OK)
		err = find_mandate(call, wish, intent, &offer->price,
		    &drafting->mandate_id, reterr);
	if (err != AICX_OK)
		return err;
	struct json_writer w = json_writer(&why);
	json_open(&w, '{');
	json_key(&w, "rule");
	json_put_text(&w, "by_hand");
	json_key(&w, "offer_id");
	json_put_id(&w, &offer->offer_id);
	json_close(&w);
	struct aicx_str why_text = arena_str(&call->mem, buf_view(&why));
	buf_fini(&why);
	struct offer copy = *offer;
	copy.text = arena_str(&call->mem, offer->text);
	copy.key_id = arena_str(&call->mem, offer->key_id);
	copy.signature = arena_str(&call->mem, offer->signature);
	copy.terms = arena_str(&call->mem, offer->terms);
	err = contract_draft_for(broker, intent, &copy, why_text,
	    &drafting->mandate_id, wish->max_executions, &call->mem,
	    &drafting->draft, reterr);
	if (err != AICX_OK)
		return err;
	drafting->has_offer = true;
	drafting->offer.text = copy.text;
	drafting->offer.key_id = copy.key_id;
	(void)b64_parse(copy.signature, drafting->offer.signature, SIG_BYTES);
	(void)broker_agent_key(
	    broker, &copy.provider_id, drafting->provider_key);
	drafting->deal_id = intent->intent_id;
	drafting->offer_id = copy.offer_id;
	return draft_later(call, drafting, reterr);
}

/* --- a contract without an intent ------------------------------------ */

struct creating {
	PARAMS;
	struct aicx_id requester_id, provider_id;
	struct aicx_str capability, terms;
	int64_t max_executions;
	int64_t expires_ms;
};

const struct field create_contract_params[] = {
	PARAMS_METHOD(struct creating),
	FIELD(struct creating, requester_id, "requester_id", FIELD_ID,
	    .help = "Who buys; absent: the caller."),
	FIELD(struct creating, provider_id, "provider_id", FIELD_ID,
	    .flags = FIELDF_REQUIRED, .help = "Who sells."),
	FIELD(struct creating, capability, "capability", FIELD_STR,
	    .flags = FIELDF_REQUIRED, .max = 128, .help = "What is sold."),
	FIELD(struct creating, terms, "terms", FIELD_JSON,
	    .flags = FIELDF_REQUIRED,
	    .help = "The terms' exact text as a string, or an object."),
	FIELD(struct creating, max_executions, "max_executions", FIELD_INT,
	    .min = 1, .max = 1000000, .fallback = 1,
	    .help = "How often the work may be ordered."),
	FIELD(struct creating, expires_ms, "expires", FIELD_TIME,
	    .help = "When the contract ends."),
	FIELD_END,
};
PARAMS_SIZE(create_contract, creating);

aicx_err
on_create_contract(
    struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct creating *wish = params;
	struct drafting *drafting = arena_new(&call->mem, sizeof *drafting);
	struct aicx_id requester_id = id_is_nil(&wish->requester_id)
	    ? call->who.agent_id
	    : wish->requester_id;
	const struct agent *provider =
	    state_agent(&broker->state, &wish->provider_id);
	struct json *doc = arena_new(&call->mem, sizeof *doc);
	int64_t expires_ms = wish->expires_ms > 0
	    ? wish->expires_ms
	    : broker_now(broker) + broker->settings->contract_ms;
	aicx_err err = must_act_for(call, &requester_id, reterr);

	if (err != AICX_OK)
		return err;
	if (provider == NULL || provider->removed ||
	    agent_capability(provider, wish->capability) == NULL)
		return err_word(reterr, AICX_ENOTFOUND, "not_found",
		    "provider does not sell \"%.*s\"",
		    STR_ARG(wish->capability));
	if (id_eq(&requester_id, &wish->provider_id))
		return err_word(
		    reterr, AICX_EDENIED, "denied", "nobody sells to oneself");
	if (expires_ms <= broker_now(broker))
		return err_field(reterr, AICX_EINVAL, "invalid_params",
		    "/expires", "contract would have ended already");
	err = json_parse(wish->terms, &call->mem, doc, reterr);
	if (err != AICX_OK)
		return err;
	struct aicx_str text = json_str(json_root(doc), &call->mem);
	err = contract_draft_direct(broker, &requester_id, &wish->provider_id,
	    wish->capability, text.ptr != NULL ? text : wish->terms,
	    wish->max_executions, expires_ms, &call->mem, &drafting->draft,
	    reterr);
	if (err != AICX_OK)
		return err;
	drafting->deal_id = drafting->draft.contract.deal_id;
	return draft_later(call, drafting, reterr);
}
