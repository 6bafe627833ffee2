/* SPDX-License-Identifier: Apache-2.0 */
/*
 * on_export.c - deal.export: the file that anyone can check offline.
 *
 * Signed objects and records go in as their exact texts; proofs and a
 * checkpoint anchor the records in the tree.
 */
#include "base/b64.h"
#include "base/err.h"
#include "base/id.h"
#include "base/str.h"
#include "broker/flow.h"
#include "broker/handlers.h"
#include "broker/policies.h"
#include "broker/proofs.h"

struct export_params {
	PARAMS;
	struct aicx_id id;
};

const struct field deal_export_params[] = {
	PARAMS_METHOD(struct export_params),
	FIELD(struct export_params, id, "deal_id", FIELD_ID,
	    .flags = FIELDF_REQUIRED, .help = "Which deal."),
	FIELD_END,
};
PARAMS_SIZE(deal_export, export_params);

static void
put_object(struct json_writer *w, const char *name, struct aicx_str text,
    struct aicx_str key_id, struct aicx_str signature)
{
	if (name != NULL)
		json_key(w, name);
	json_open(w, '{');
	json_key(w, "text");
	json_put_str(w, text);
	json_key(w, "key_id");
	json_put_str(w, key_id);
	json_key(w, "signature");
	json_put_str(w, signature);
	json_close(w);
}

static void
put_registration(
    struct json_writer *w, struct broker *broker, const struct aicx_id *id)
{
	const struct agent *agent = state_agent(&broker->state, id);

	if (agent == NULL)
		return;
	json_open(w, '{');
	json_key(w, "agent_id");
	json_put_id(w, id);
	json_key(w, "public_key");
	json_put_str(w, agent->public_key);
	json_key(w, "custody");
	json_put_text(w, agent->custody ? "broker" : "own");
	json_close(w);
}

static void
put_registrations(
    struct json_writer *w, struct broker *broker, const struct deal *deal)
{
	const struct group *offers =
	    state_offers(&broker->state, &deal->deal_id);
	bool provider_seen = id_is_nil(&deal->provider_id);

	json_key(w, "registrations");
	json_open(w, '[');
	put_registration(w, broker, &deal->requester_id);
	for (size_t i = 0; i < offers->n; i++) {
		const struct offer *offer =
		    state_offer(&broker->state, &offers->ids[i]);
		put_registration(w, broker, &offer->provider_id);
		if (id_eq(&offer->provider_id, &deal->provider_id))
			provider_seen = true;
	}
	if (!provider_seen)
		put_registration(w, broker, &deal->provider_id);
	json_close(w);
}

static void
put_offers(
    struct json_writer *w, struct broker *broker, const struct deal *deal)
{
	const struct group *offers =
	    state_offers(&broker->state, &deal->deal_id);

	json_key(w, "offers");
	json_open(w, '[');
	for (size_t i = 0; i < offers->n; i++) {
		const struct offer *offer =
		    state_offer(&broker->state, &offers->ids[i]);
		json_open(w, '{');
		put_object(
		    w, "offer", offer->text, offer->key_id, offer->signature);
		json_key(w, "terms");
		json_put_str(w, offer->terms);
		json_close(w);
	}
	json_close(w);
	json_key(w, "rounds");
	json_open(w, '[');
	json_close(w);
}

static void
put_contract(
    struct json_writer *w, struct broker *broker, const struct deal *deal)
{
	const struct contract *contract =
	    state_contract(&broker->state, &deal->contract_id);

	json_key(w, "contract");
	if (contract == NULL) {
		json_put_null(w);
		return;
	}
	json_open(w, '{');
	json_key(w, "text");
	json_put_str(w, contract->text);
	json_key(w, "key_id");
	json_put_str(w, contract->key_id);
	json_key(w, "signature");
	json_put_str(w, contract->signature);
	json_key(w, "terms");
	json_put_str(w, contract->terms);
	json_key(w, "signatures");
	json_open(w, '[');
	if (contract->requester_signature.len > 0)
		put_object(w, NULL, contract->text, contract->requester_key_id,
		    contract->requester_signature);
	if (contract->provider_signature.len > 0 &&
	    id_is_nil(&contract->offer_id))
		put_object(w, NULL, contract->text, contract->provider_key_id,
		    contract->provider_signature);
	json_close(w);
	json_close(w);
}

static void
put_hash(struct json_writer *w, const char *name, struct aicx_str bytes)
{
	uint8_t hash[HASH_BYTES];
	char text[B64_LEN(HASH_BYTES)];

	sha256(bytes.ptr, bytes.len, hash);
	b64_print(hash, sizeof hash, text);
	json_key(w, name);
	json_put_str(w, (struct aicx_str) { text, sizeof text });
}

static void
put_measured(struct json_writer *w, const struct execution_status *status)
{
	json_key(w, "latency_ms");
	json_put_int(w, status->duration_ms);
	if (status->quality >= 0) {
		json_key(w, "quality");
		json_put_int(w, status->quality);
	}
	if (status->period_ms != 0) {
		json_key(w, "period");
		json_put_time(w, status->period_ms);
	}
	if (status->used_before >= 0) {
		json_key(w, "used_before");
		json_put_int(w, status->used_before);
	}
}

static void
put_work(struct json_writer *w, struct broker *broker, const struct deal *deal)
{
	const struct group *group =
	    state_executions(&broker->state, &deal->contract_id, SIZE_MAX);

	json_key(w, "executions");
	json_open(w, '[');
	for (size_t i = 0; i < group->n; i++) {
		const struct execution *execution =
		    state_execution(&broker->state, &group->ids[i]);
		const struct execution_status *status =
		    state_execution_status(&broker->state, &group->ids[i]);
		json_open(w, '{');
		json_key(w, "execution_id");
		json_put_id(w, &group->ids[i]);
		json_key(w, "state");
		json_put_text(w, execution_state_names[status->state]);
		put_hash(w, "input_sha256", execution->input);
		if (status->output.ptr != NULL)
			put_hash(w, "output_sha256", status->output);
		json_key(w, "latency_ms");
		json_put_int(w, status->duration_ms);
		json_key(w, "attempts");
		json_put_int(w, status->attempts);
		json_close(w);
	}
	json_close(w);
	json_key(w, "usage");
	json_open(w, '[');
	for (size_t i = 0; i < group->n; i++) {
		const struct execution_status *status =
		    state_execution_status(&broker->state, &group->ids[i]);
		if (status->state != EXECUTION_COMPLETED)
			continue;
		json_open(w, '{');
		json_key(w, "execution_id");
		json_put_id(w, &group->ids[i]);
		json_key(w, "calls");
		json_put_int(w, 1);
		json_key(w, "units");
		json_put_int(w, status->units);
		json_key(w, "unit");
		json_put_str(w, status->unit.ptr ? status->unit : STR("calls"));
		put_measured(w, status);
		if (status->usage.ptr != NULL) {
			json_key(w, "object");
			json_put_raw(w, status->usage);
		}
		json_close(w);
	}
	json_close(w);
}

static void
put_money(struct json_writer *w, struct broker *broker, const struct deal *deal)
{
	const struct hold *hold = state_hold(&broker->state, &deal->hold_id);
	const struct execution_status *status =
	    state_execution_status(&broker->state, &deal->execution_id);

	json_key(w, "hold");
	if (hold == NULL)
		json_put_null(w);
	else {
		json_open(w, '{');
		field_print(hold_fields, hold, &broker->state.currencies, w);
		json_close(w);
	}
	json_key(w, "bill");
	if (status == NULL || status->bill.ptr == NULL)
		json_put_null(w);
	else
		json_put_raw(w, status->bill);
}

static void
put_policy(
    struct json_writer *w, struct broker *broker, const struct deal *deal)
{
	const struct contract *contract =
	    state_contract(&broker->state, &deal->contract_id);
	struct arena mem = { NULL };
	struct terms terms;

	json_key(w, "policy");
	if (contract == NULL ||
	    terms_parse(contract->terms, &broker->state.currencies, &mem,
		&terms, NULL) != AICX_OK ||
	    terms.pricing.policy_sha256.ptr == NULL) {
		json_put_null(w);
	} else {
		json_open(w, '{');
		json_key(w, "sha256");
		json_put_str(w, terms.pricing.policy_sha256);
		struct aicx_str source =
		    policy_source(broker, terms.pricing.policy_sha256);
		if (source.ptr != NULL) {
			json_key(w, "source");
			json_put_str(w, source);
		}
		json_close(w);
	}
	arena_fini(&mem);
}

/* Records as they are stored, each with its proof. */
static aicx_err
put_records(struct json_writer *w, struct broker *broker,
    const struct trail *trail, uint64_t n_leaves, struct aicx_error *reterr)
{
	aicx_err err = AICX_OK;

	json_key(w, "entries");
	json_open(w, '[');
	for (size_t i = 0; err == AICX_OK && i < trail->n; i++) {
		json_open(w, '{');
		err = record_put_proven(
		    w, broker, trail->seqs[i], n_leaves, reterr);
		json_close(w);
	}
	json_close(w);
	return err;
}

static void
put_intent(
    struct json_writer *w, struct broker *broker, const struct deal *deal)
{
	const struct intent *intent =
	    state_intent(&broker->state, &deal->deal_id);

	json_key(w, "intent");
	if (intent == NULL) {
		json_put_null(w);
		return;
	}
	json_open(w, '{');
	field_print(intent_fields, intent, &broker->state.currencies, w);
	json_close(w);
}

static void
put_mandate(
    struct json_writer *w, struct broker *broker, const struct deal *deal)
{
	const struct mandate *mandate =
	    state_mandate(&broker->state, &deal->mandate_id);

	if (mandate != NULL) {
		put_object(w, "mandate", mandate->text, mandate->key_id,
		    mandate->signature);
		return;
	}
	json_key(w, "mandate");
	json_put_null(w);
}

static void on_export_covered(uint64_t n_leaves, struct aicx_str note, void *);

static void
cover(struct call *call)
{
	const struct export_params *by = call->held;
	struct broker *broker = call->broker;

	flow_record_start(broker, &by->id);
	const struct trail *trail = state_trail(&broker->state, &by->id);
	checkpoints_cover(
	    broker, trail->seqs[trail->n - 1], on_export_covered, call);
}

/* By which another bought for the requester; absent: nobody did. */
static void
put_delegation(
    struct json_writer *w, struct broker *broker, const struct deal *deal)
{
	const struct intent *intent =
	    state_intent(&broker->state, &deal->deal_id);
	const struct granted *by = intent == NULL
	    ? NULL
	    : state_permission(&broker->state, &intent->delegation_id);

	if (by != NULL)
		put_object(
		    w, "delegation", by->text, by->key_id, by->signature);
}

/* Everything of the deal is covered by the checkpoint. */
static void
on_export_covered(uint64_t n_leaves, struct aicx_str note, void *arg)
{
	struct call *call = arg;
	struct broker *broker = call->broker;
	const struct export_params *by = call->held;
	const struct flow *flow = flow_find(broker, &by->id);
	const struct deal *deal = state_deal(&broker->state, &by->id);
	struct aicx_error error = { 0 };
	struct reply reply;

	if (flow != NULL && flow->unrecorded) { /* begun meanwhile */
		cover(call);
		return;
	}
	reply_begin(&reply, call);
	struct json_writer *w = &reply.w;
	json_key(w, "version");
	json_put_int(w, 1);
	json_key(w, "deal_id");
	json_put_id(w, &deal->deal_id);
	broker_put(w, broker);
	put_registrations(w, broker, deal);
	put_intent(w, broker, deal);
	put_mandate(w, broker, deal);
	put_delegation(w, broker, deal);
	put_offers(w, broker, deal);
	put_contract(w, broker, deal);
	put_policy(w, broker, deal);
	put_work(w, broker, deal);
	put_money(w, broker, deal);
	aicx_err err = put_records(
	    w, broker, state_trail(&broker->state, &by->id), n_leaves, &error);
	if (err != AICX_OK) {
		buf_fini(&reply.buf);
		call_fail(call, &error);
		return;
	}
	json_key(w, "checkpoint");
	json_put_str(w, note);
	reply_send(&reply, 200);
}

aicx_err
on_deal_export(struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct export_params *by = params;
	const struct deal *deal = state_deal(&broker->state, &by->id);

	if (deal == NULL || !may_see(call, deal))
		return not_found("deal", &by->id, reterr);
	call->held = (void *)params;
	cover(call);
	return AICX_OK;
}
