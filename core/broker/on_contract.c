/* SPDX-License-Identifier: Apache-2.0 */
/* on_contract.c - signing, reading and cancelling contracts. */
#include "base/b64.h"
#include "base/err.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/str.h"
#include "broker/contracts.h"
#include "broker/deal_page.h"
#include "broker/handlers.h"
#include "broker/offers.h"
#include "broker/policies.h"

#include <string.h>

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
	if (contract_is_complete(&contract)) {
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

	if (contract == NULL || deal_shown(call, &contract->deal_id) == NULL)
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

static bool
put_listed(struct reply *reply, const struct deal *deal, const void *params)
{
	const struct by_contract *by = params;
	struct broker *broker = reply->call->broker;
	const struct contract_state *state =
	    state_contract_state(&broker->state, &deal->contract_id);

	if (state == NULL || (by->status >= 0 && state->status != by->status))
		return false;
	json_open(&reply->w, '{');
	put_contract(&reply->w, broker,
	    state_contract(&broker->state, &deal->contract_id));
	json_close(&reply->w);
	return true;
}

aicx_err
on_list_contracts(
    struct call *call, const void *params, struct aicx_error *reterr)
{
	const struct by_contract *by = params;
	const struct deal_page page = {
		.name = "contracts",
		.agent_id = by->agent_id,
		.cursor = by->cursor,
		.limit = by->limit,
		.put = put_listed,
	};

	return deal_page(call, &page, params, reterr);
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
