/* SPDX-License-Identifier: Apache-2.0 */
/* contracts.c - from an offer to a contract's text, and from that to work. */
#include "broker/contracts.h"

#include "base/b64.h"
#include "base/err.h"
#include "base/id.h"
#include "base/str.h"
#include "broker/flow.h"
#include "broker/offers.h"

#include <string.h>

static struct aicx_str
custody_of(struct broker *broker, const struct aicx_id *agent_id)
{
	const struct agent *agent = state_agent(&broker->state, agent_id);

	return agent != NULL && agent->custody ? STR("broker") : STR("own");
}

static int64_t
units_of(const struct terms *terms, int64_t wanted)
{
	if (wanted > 0)
		return wanted;
	return terms->max_units > 0 ? terms->max_units : 1;
}

/* Fills text and row alike; everything signed is in the text. */
static void
fill(struct broker *broker, struct contract_draft *draft,
    const struct contract_text *text, const struct terms *terms,
    struct aicx_str terms_text, struct arena *mem)
{
	struct contract *row = &draft->contract;
	struct buf printed = { 0 };

	contract_text_print(&printed, text, &broker->state.currencies);
	*row = (struct contract) {
		.contract_id = text->id,
		.deal_id = text->deal_id,
		.intent_id = text->intent_id,
		.offer_id = text->offer_id,
		.mandate_id = text->mandate_id,
		.requester_id = text->requester_id,
		.provider_id = text->provider_id,
		.capability = arena_str(mem, text->capability),
		.text = arena_str(mem, buf_view(&printed)),
		.terms = terms_text,
		.ceiling = text->ceiling,
		.max_executions = text->max_executions,
		.timeout_ms = text->timeout_ms,
		.max_units = text->max_units,
		.max_attempts = terms->retry_policy.max_attempts,
		.expires_ms = text->expires_ms,
		.created_ms = text->created_ms,
	};
	draft->pricing = terms->pricing;
	buf_fini(&printed);
}

static struct aicx_str
hash_text(struct aicx_str text, struct arena *mem)
{
	uint8_t hash[HASH_BYTES];
	char b64[B64_LEN(HASH_BYTES)];

	sha256(text.ptr, text.len, hash);
	b64_print(hash, sizeof hash, b64);
	return arena_str(mem, (struct aicx_str) { b64, sizeof b64 });
}

static void
common(struct broker *broker, struct contract_text *text,
    const struct terms *terms, struct aicx_str terms_text, struct arena *mem)
{
	text->kind = STR("contract");
	text->id = broker_new_id(broker);
	text->broker_id = broker->keys.broker_id;
	text->terms_sha256 = hash_text(terms_text, mem);
	text->policy_sha256 = terms->pricing.policy_sha256;
	text->custody.requester = custody_of(broker, &text->requester_id);
	text->custody.provider = custody_of(broker, &text->provider_id);
	text->timeout_ms = terms->timeout_ms;
	text->payment_method = terms->payment_method;
	text->created_ms = broker_now(broker);
}

aicx_err
contract_draft_for(struct broker *broker, const struct intent *intent,
    const struct offer *offer, struct aicx_str why,
    const struct aicx_id *mandate_id, int64_t max_executions, struct arena *mem,
    struct contract_draft *ret, struct aicx_error *reterr)
{
	struct contract_text text = { .choose = why };
	struct aicx_money ceiling;
	struct terms terms;
	aicx_err err = offer_price_again(
	    broker, offer, intent->max_units, mem, &terms, &ceiling, reterr);

	if (err != AICX_OK)
		return err;
	text.deal_id = text.intent_id = intent->intent_id;
	text.offer_id = offer->offer_id;
	text.mandate_id = *mandate_id;
	text.requester_id = intent->requester_id;
	text.delegate_id = intent->delegate_id;
	text.delegation_id = intent->delegation_id;
	text.provider_id = offer->provider_id;
	text.capability = intent->need;
	text.ceiling = ceiling;
	text.max_executions = max_executions;
	text.max_units = units_of(&terms, intent->max_units);
	common(broker, &text, &terms, offer->terms, mem);
	ret->hold_id = broker_new_id(broker);
	ret->execution_id = broker_new_id(broker);
	if (state_deal(&broker->state, &intent->intent_id)->buy)
		text.hold_id = ret->hold_id;
	text.expires_ms = intent->deadline_ms;
	fill(broker, ret, &text, &terms, offer->terms, mem);
	ret->contract.provider_key_id = offer->key_id;
	ret->contract.provider_signature = offer->signature;
	return AICX_OK;
}

aicx_err
contract_draft(struct broker *broker, const struct intent *intent,
    const struct offer *offer, struct aicx_str why, struct arena *mem,
    struct contract_draft *ret, struct aicx_error *reterr)
{
	const struct deal *deal =
	    state_deal(&broker->state, &intent->intent_id);

	return contract_draft_for(
	    broker, intent, offer, why, &deal->mandate_id, 1, mem, ret, reterr);
}

aicx_err
contract_draft_direct(struct broker *broker, const struct aicx_id *requester_id,
    const struct aicx_id *provider_id, struct aicx_str capability,
    struct aicx_str terms_text, int64_t max_executions, int64_t expires_ms,
    struct arena *mem, struct contract_draft *ret, struct aicx_error *reterr)
{
	struct contract_text text = { .max_executions = max_executions };
	struct terms terms;
	aicx_err err = offer_price(
	    broker, terms_text, 0, mem, &terms, &text.ceiling, reterr);

	if (err != AICX_OK)
		return err;
	text.requester_id = *requester_id;
	text.provider_id = *provider_id;
	text.capability = capability;
	text.max_units = units_of(&terms, 0);
	common(broker, &text, &terms, terms_text, mem);
	text.deal_id = text.id;
	text.expires_ms = expires_ms;
	fill(broker, ret, &text, &terms, terms_text, mem);
	return AICX_OK;
}

void
contract_draft_sign(struct contract_draft *draft, const struct sign_key *key)
{
	struct signed_object object =
	    object_sign(key, SIG_CONTRACT, draft->contract.text);

	b64_print(object.signature, SIG_BYTES, draft->signature);
	draft->contract.key_id = object.key_id; /* lives in the key */
	draft->contract.signature =
	    (struct aicx_str) { draft->signature, B64_LEN(SIG_BYTES) };
}

bool
contract_is_complete(const struct contract *contract)
{
	return contract->provider_signature.len > 0 &&
	    (contract->requester_signature.len > 0 ||
		!id_is_nil(&contract->mandate_id));
}

/* --- work ------------------------------------------------------------ */

struct aicx_id
execute_letter_id(const struct aicx_id *execution_id, int64_t attempt)
{
	uint8_t hash[HASH_BYTES];
	char text[24], *end = text + sizeof text, *at = end;

	for (; at == end || attempt > 0; attempt /= 10)
		*--at = (char)('0' + attempt % 10);
	*--at = '/';
	sha256_two(id_bytes(execution_id),
	    (struct aicx_str) { at, (size_t)(end - at) }, hash);
	return id_v8(hash);
}

enum { LETTER_REST_BYTES = 512 }; /* but for the input and the contract */

void
contract_part_put(struct json_writer *w, const struct contract *contract)
{
	json_open(w, '{');
	json_key(w, "text");
	json_put_str(w, contract->text);
	json_key(w, "key_id");
	json_put_str(w, contract->key_id);
	json_key(w, "signature");
	json_put_str(w, contract->signature);
	json_close(w);
}

static struct letter *
letter_of(struct broker *broker, const struct contract *contract,
    const struct execution *execution, int64_t attempt)
{
	const struct flow *flow = flow_find(broker, &execution->deal_id);
	struct aicx_str part = { NULL, 0 };
	struct aicx_id id = attempt == 1
	    ? execution->message_id
	    : execute_letter_id(&execution->execution_id, attempt);
	struct buf payload = { 0 };
	struct json_writer w = json_writer(&payload);

	(void)buf_room(&payload,
	    LETTER_REST_BYTES + execution->input.len +
		contract->text.len * 5 / 4);
	json_open(&w, '{');
	json_key(&w, "execution_id");
	json_put_id(&w, &execution->execution_id);
	json_key(&w, "contract_id");
	json_put_id(&w, &execution->contract_id);
	json_key(&w, "capability");
	json_put_str(&w, execution->capability);
	json_key(&w, "input");
	json_put_raw(&w, execution->input);
	json_key(&w, "attempt");
	json_put_int(&w, attempt);
	json_key(&w, "deadline");
	json_put_time(&w, execution->deadline_ms);
	json_key(&w, "contract");
	if (flow != NULL)
		part = flow_contract_part(flow, contract);
	if (part.ptr != NULL)
		json_put_raw(&w, part);
	else
		contract_part_put(&w, contract);
	json_close(&w);
	struct letter *letter = letter_made(
	    &execution->provider_id, MSG_EXECUTE, &id, NULL, &payload);
	letter->keep = true;
	letter->expires_ms = execution->deadline_ms;
	letter->subject = execution->execution_id;
	/* The work goes on in the trace of who asked for the deal. */
	if (flow != NULL)
		memcpy(letter->trace, flow->trace, sizeof letter->trace);
	return letter;
}

struct letter *
execute_letter(
    struct broker *broker, const struct execution *execution, int64_t attempt)
{
	return letter_of(broker,
	    state_contract(&broker->state, &execution->contract_id), execution,
	    attempt);
}

aicx_err
work_plan(struct broker *broker, const struct contract *contract,
    const struct aicx_id *execution_id, const struct aicx_id *hold_id,
    const struct mandate *mandate, const struct mandate_text *mandate_text,
    struct aicx_str input, int64_t deadline_ms, struct work_plan *ret,
    struct aicx_error *reterr)
{
	int64_t now_ms = broker_now(broker);
	int64_t latest_ms = now_ms + contract->timeout_ms;

	if (deadline_ms == 0 || deadline_ms > latest_ms)
		deadline_ms = latest_ms;
	if (deadline_ms <= now_ms)
		return err_word(reterr, AICX_ETIMEDOUT, "timeout",
		    "no time is left for the work");
	ret->contract = *contract;
	ret->execution = (struct execution) {
		.execution_id = *execution_id,
		.contract_id = contract->contract_id,
		.deal_id = contract->deal_id,
		.requester_id = contract->requester_id,
		.provider_id = contract->provider_id,
		.hold_id = *hold_id,
		.capability = contract->capability,
		.input = input,
		.created_ms = now_ms,
		.deadline_ms = deadline_ms,
	};
	ret->execution.message_id = execute_letter_id(execution_id, 1);
	ret->status = (struct execution_status) {
		.execution_id = *execution_id,
		.state = EXECUTION_IN_PROGRESS,
		.attempts = 1,
		.started_ms = now_ms,
		.quality = -1,
		.used_before = -1,
	};
	if (id_is_nil(hold_id)) /* it costs nothing */
		return disk_may_begin(broker, reterr);
	return hold_plan(broker, &contract->requester_id, hold_id,
	    &contract->contract_id, mandate, mandate_text, contract->capability,
	    &contract->ceiling, deadline_ms + 60000, &ret->hold, reterr);
}

void
work_plan_put(struct step *step, const struct work_plan *plan)
{
	step_put(step, T_EXECUTION, &plan->execution);
	step_put(step, T_EXECUTION_STATUS, &plan->status);
	hold_plan_put(step, &plan->hold);
	step_letter(step,
	    letter_of(step->broker, &plan->contract, &plan->execution, 1));
}
