/* SPDX-License-Identifier: Apache-2.0 */
/* on_contract.c - selecting an offer by hand, signing, reading, cancelling. */
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

static void
put_contract(struct json_writer *w, struct broker *broker,
    const struct contract *contract)
{
	const struct contract_state *state =
	    state_contract_state(&broker->state, &contract->contract_id);

	field_print(contract_fields, contract, &broker->state.currencies, w);
	if (state != NULL) {
		json_key(w, "status");
		json_put_text(w, contract_status_names[state->status]);
		json_key(w, "n_executions");
		json_put_int(w, state->n_executions);
	}
}

static bool
is_complete(const struct contract *contract)
{
	return contract->provider_signature.len > 0 &&
	    (contract->requester_signature.len > 0 ||
		!id_is_nil(&contract->mandate_id));
}

static aicx_err
record_draft(
    struct call *call, struct drafting *drafting, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	struct contract *contract = &drafting->draft.contract;
	const struct deal *known =
	    state_deal(&broker->state, &drafting->deal_id);
	bool complete = is_complete(contract);
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

/* --- signing --------------------------------------------------------- */

struct signing {
	PARAMS;
	struct aicx_id contract_id;
	struct aicx_str key_id, signature;
};

const struct field sign_contract_params[] = {
	PARAMS_METHOD(struct signing),
	FIELD(struct signing, contract_id, "contract_id", FIELD_ID,
	    .flags = FIELDF_REQUIRED, .help = "Which contract."),
	FIELD(struct signing, key_id, "key_id", FIELD_STR, .max = 43,
	    .help = "Of the signer's key; absent: the broker signs for it."),
	FIELD(struct signing, signature, "signature", FIELD_STR, .max = 86,
	    .help = "Over the contract's text, as kind contract."),
	FIELD_END,
};
PARAMS_SIZE(sign_contract, signing);

struct signature_job { /* in the call's memory */
	struct aicx_id contract_id, signer;
	struct signed_object object;
	uint8_t key[KEY_BYTES];
	bool genuine;
};

static aicx_err
record_signature(
    struct call *call, struct signature_job *job, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	struct contract contract =
	    *state_contract(&broker->state, &job->contract_id);
	struct contract_state state =
	    *state_contract_state(&broker->state, &job->contract_id);
	struct deal deal = *state_deal(&broker->state, &contract.deal_id);
	bool buys = id_eq(&job->signer, &contract.requester_id);
	char signature[B64_LEN(SIG_BYTES)];
	enum deal_state next;
	aicx_err err = deal_step((enum deal_state)deal.state, DEAL_SIGN,
	    buys ? PARTY_REQUESTER : PARTY_PROVIDER, &next, reterr);

	if (err != AICX_OK)
		return err;
	b64_print(job->object.signature, SIG_BYTES, signature);
	struct aicx_str text = { signature, sizeof signature };
	if (buys) {
		contract.requester_key_id = job->object.key_id;
		contract.requester_signature = text;
	} else {
		contract.provider_key_id = job->object.key_id;
		contract.provider_signature = text;
	}
	struct step *step = call_step(call, "contract.sign", &contract.deal_id);
	if (is_complete(&contract)) {
		state.status = CONTRACT_SIGNED;
		state.signed_ms = step->now_ms;
		deal.state = (int)next;
		deal.changed_ms = step->now_ms;
		step_put(step, T_CONTRACT_STATE, &state);
		step_put(step, T_DEAL, &deal);
	}
	step_put(step, T_CONTRACT, &contract);
	struct json_writer w = step_reply(step);
	json_key(&w, "contract_id");
	json_put_id(&w, &contract.contract_id);
	json_key(&w, "status");
	json_put_text(&w, contract_status_names[state.status]);
	json_close(&w);
	return call_commit(call, step, 201, reterr);
}

static void
signature_work(void *arg)
{
	struct call *call = arg;
	struct signature_job *job = call->held;

	job->genuine = object_verify(&job->object, SIG_CONTRACT, job->key,
			   NULL) == AICX_OK;
}

static void
signature_done(void *arg)
{
	struct call *call = arg;
	struct signature_job *job = call->held;
	struct aicx_error error = { 0 };
	aicx_err err;

	if (!job->genuine)
		err = err_word(&error, AICX_EDENIED, "bad_signature",
		    "contract is not signed by this key");
	else
		err = record_signature(call, job, &error);
	if (err != AICX_OK)
		call_fail(call, &error);
}

static aicx_err
check_signer(struct call *call, const struct contract *contract,
    const struct signing *wish, struct signature_job *job,
    struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	char key_id[KEY_ID_TEXT + 1] = "";

	if (must_act_for(call, &contract->requester_id, NULL) == AICX_OK &&
	    contract->requester_signature.len == 0)
		job->signer = contract->requester_id;
	else
		job->signer = contract->provider_id;
	aicx_err err = must_act_for(call, &job->signer, reterr);
	if (err != AICX_OK)
		return err_word(reterr, AICX_EDENIED, "not_party",
		    "caller is no party of this contract");
	if (broker_agent_key(broker, &job->signer, job->key))
		key_id_of(job->key, key_id);
	if (wish->key_id.len > 0 && !str_is(wish->key_id, key_id))
		return err_field(reterr, AICX_EDENIED, "bad_signature",
		    "/key_id", "contract is signed by a stranger");
	return AICX_OK;
}

aicx_err
on_sign_contract(
    struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct signing *wish = params;
	const struct contract *contract =
	    state_contract(&broker->state, &wish->contract_id);
	struct signature_job *job = arena_new(&call->mem, sizeof *job);

	if (contract == NULL)
		return not_found("contract", &wish->contract_id, reterr);
	aicx_err err = check_signer(call, contract, wish, job, reterr);
	if (err != AICX_OK)
		return err;
	job->contract_id = wish->contract_id;
	job->object.text = arena_str(&call->mem, contract->text);
	if (wish->key_id.len == 0) {
		const struct agent *agent =
		    state_agent(&broker->state, &job->signer);
		if (agent == NULL || !agent->custody)
			return err_field(reterr, AICX_EINVAL, "invalid_params",
			    "/signature",
			    "the broker has no key to sign for this agent");
		struct sign_key *key = broker_custody_key(broker, &job->signer);
		job->object = object_sign(key, SIG_CONTRACT, job->object.text);
		job->object.key_id = arena_str(&call->mem, job->object.key_id);
		sign_key_free(key);
		return record_signature(call, job, reterr);
	}
	job->object.key_id = wish->key_id;
	if (!b64_parse(wish->signature, job->object.signature, SIG_BYTES))
		return err_field(reterr, AICX_EINVAL, "invalid_params",
		    "/signature", "signature is no base64url of 64 bytes");
	call->held = job;
	if (broker->ports.work(broker->ports.arg, signature_work,
		signature_done, call) != AICX_OK)
		return err_word(reterr, AICX_EAGAIN, "too_many",
		    "too many signatures to verify; try later");
	return AICX_OK;
}

/* --- reading and cancelling ------------------------------------------ */

struct by_contract {
	PARAMS;
	struct aicx_id id, agent_id, cursor;
	int64_t limit;
	int status;
};

const struct field get_contract_params[] = {
	PARAMS_METHOD(struct by_contract),
	FIELD(struct by_contract, id, "contract_id", FIELD_ID,
	    .flags = FIELDF_REQUIRED, .help = "Which contract."),
	FIELD_END,
};
PARAMS_SIZE(get_contract, by_contract);

aicx_err
on_get_contract(
    struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct by_contract *by = params;
	const struct contract *contract =
	    state_contract(&broker->state, &by->id);
	struct reply reply;

	if (contract == NULL ||
	    !may_see(call, state_deal(&broker->state, &contract->deal_id)))
		return not_found("contract", &by->id, reterr);
	reply_begin(&reply, call);
	put_contract(&reply.w, broker, contract);
	reply_send(&reply, 200);
	return AICX_OK;
}

const struct field list_contracts_params[] = {
	PARAMS_METHOD(struct by_contract),
	FIELD(struct by_contract, agent_id, "agent_id", FIELD_ID,
	    .help = "Whose; absent: the caller's."),
	FIELD(struct by_contract, status, "status", FIELD_ENUM,
	    .names = contract_status_names, .fallback = -1,
	    .help = "Only contracts in this status."),
	FIELD(struct by_contract, limit, "limit", FIELD_INT, .min = 1,
	    .max = LIST_LIMIT_MAX, .fallback = LIST_LIMIT,
	    .help = "How many at most."),
	FIELD(struct by_contract, cursor, "cursor", FIELD_ID,
	    .help = "Where the last page ended."),
	FIELD_END,
};
PARAMS_SIZE(list_contracts, by_contract);

aicx_err
on_list_contracts(
    struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct by_contract *by = params;
	struct aicx_id agent_id =
	    id_is_nil(&by->agent_id) ? call->who.agent_id : by->agent_id;
	aicx_err err = must_see_agent(call, &agent_id, reterr);
	struct aicx_id ids[LIST_LOOKS_MAX];
	struct aicx_id last = by->cursor;
	struct reply reply;
	int64_t n = 0;

	if (err != AICX_OK)
		return err;
	size_t i = 0,
	       n_ids = state_deals(
		   &broker->state, &agent_id, &last, ids, LIST_LOOKS_MAX);
	reply_begin(&reply, call);
	json_key(&reply.w, "contracts");
	json_open(&reply.w, '[');
	for (; i < n_ids && n < by->limit; i++) {
		const struct deal *deal = state_deal(&broker->state, &ids[i]);
		last = ids[i];
		if (deal == NULL)
			continue;
		const struct contract_state *state =
		    state_contract_state(&broker->state, &deal->contract_id);
		if (state == NULL ||
		    (by->status >= 0 && state->status != by->status))
			continue;
		json_open(&reply.w, '{');
		put_contract(&reply.w, broker,
		    state_contract(&broker->state, &deal->contract_id));
		json_close(&reply.w);
		n++;
	}
	json_close(&reply.w);
	if (i < n_ids || n_ids == LIST_LOOKS_MAX) {
		json_key(&reply.w, "cursor");
		json_put_id(&reply.w, &last);
	}
	reply_send(&reply, 200);
	return AICX_OK;
}

const struct field cancel_contract_params[] = {
	PARAMS_METHOD(struct by_contract),
	FIELD(struct by_contract, id, "contract_id", FIELD_ID,
	    .flags = FIELDF_REQUIRED, .help = "Which contract."),
	FIELD_END,
};
PARAMS_SIZE(cancel_contract, by_contract);

aicx_err
on_cancel_contract(
    struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct by_contract *by = params;
	const struct contract *contract =
	    state_contract(&broker->state, &by->id);
	enum deal_party who = PARTY_OPERATOR;

	if (contract == NULL)
		return not_found("contract", &by->id, reterr);
	if (must_act_for(call, &contract->requester_id, NULL) == AICX_OK)
		who = PARTY_REQUESTER;
	else if (must_act_for(call, &contract->provider_id, NULL) == AICX_OK)
		who = PARTY_PROVIDER;
	else
		return not_found("contract", &by->id, reterr);
	struct flow *flow = flow_find(broker, &contract->deal_id);
	if (flow == NULL)
		return err_word(
		    reterr, AICX_ESTATE, "wrong_state", "contract has ended");
	return flow_close(
	    flow, DEAL_CANCEL, who, &call->who.agent_id, call, reterr);
}
