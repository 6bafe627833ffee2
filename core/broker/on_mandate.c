/* SPDX-License-Identifier: Apache-2.0 */
/* on_mandate.c - mandates and standing offers: what is agreed to once. */
#include "base/b64.h"
#include "base/err.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/str.h"
#include "broker/granting.h"
#include "broker/handlers.h"
#include "broker/offers.h"

/* --- mandates and standing offers ------------------------------------ */

struct grant {
	PARAMS;
	struct aicx_str text, key_id, signature, mandate, offer;
};

const struct field grant_mandate_params[] = {
	PARAMS_METHOD(struct grant),
	FIELD(struct grant, text, "text", FIELD_STR, .max = 65536,
	    .help = "The mandate's exact text, signed by its requester."),
	FIELD(struct grant, key_id, "key_id", FIELD_STR, .max = 43,
	    .help = "Of the requester's key."),
	FIELD(struct grant, signature, "signature", FIELD_STR, .max = 86,
	    .help = "Over the text."),
	FIELD(struct grant, mandate, "mandate", FIELD_JSON,
	    .help = "Its members, when the broker keeps the key and signs."),
	FIELD_END,
};
PARAMS_SIZE(grant_mandate, grant);

const struct field grant_standing_offer_params[] = {
	PARAMS_METHOD(struct grant),
	FIELD(struct grant, text, "text", FIELD_STR, .max = 65536,
	    .help = "The offer's exact text, signed by its provider."),
	FIELD(struct grant, key_id, "key_id", FIELD_STR, .max = 43,
	    .help = "Of the provider's key."),
	FIELD(struct grant, signature, "signature", FIELD_STR, .max = 86,
	    .help = "Over the text."),
	FIELD(struct grant, mandate, "terms", FIELD_STR, .max = TERMS_BYTES_MAX,
	    .help = "The terms' exact text, beside a signed offer."),
	FIELD(struct grant, offer, "offer", FIELD_JSON,
	    .help = "agent_id, capability, terms, expires: the broker signs."),
	FIELD_END,
};
PARAMS_SIZE(grant_standing_offer, grant);

static aicx_err
record_mandate(
    struct call *call, struct granting *granting, struct aicx_error *reterr)
{
	const struct mandate *mandate = granting->row;
	struct step *step = call_step(call, "mandate.grant", NULL);

	step_put(step, T_MANDATE, mandate);
	struct json_writer w = step_reply(step);
	json_key(&w, "mandate_id");
	json_put_id(&w, &mandate->mandate_id);
	json_key(&w, "text");
	json_put_str(&w, mandate->text);
	json_key(&w, "custody");
	json_put_text(&w, mandate->custody ? "broker" : "own");
	json_close(&w);
	return call_commit(call, step, 201, reterr);
}

static aicx_err
record_offer(
    struct call *call, struct granting *granting, struct aicx_error *reterr)
{
	const struct standing_offer *offer = granting->row;
	struct step *step = call_step(call, "standing_offer.grant", NULL);

	step_put(step, T_STANDING_OFFER, offer);
	struct json_writer w = step_reply(step);
	json_key(&w, "standing_offer_id");
	json_put_id(&w, &offer->standing_offer_id);
	json_close(&w);
	return call_commit(call, step, 201, reterr);
}

static aicx_err
mandate_from_members(struct call *call, const struct grant *grant,
    struct granting *granting, struct mandate_text *ret_text,
    struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	struct json *doc = arena_new(&call->mem, sizeof *doc);
	struct buf text = { 0 };
	aicx_err err = json_parse(grant->mandate, &call->mem, doc, reterr);

	if (err == AICX_OK)
		err = field_parse(mandate_text_fields, json_root(doc),
		    &broker->state.currencies, true, &call->mem, ret_text,
		    sizeof *ret_text, reterr);
	if (err != AICX_OK)
		return err;
	ret_text->kind = STR("mandate");
	ret_text->broker_id = broker->keys.broker_id;
	if (id_is_nil(&ret_text->id))
		ret_text->id = broker_new_id(broker);
	if (id_is_nil(&ret_text->requester))
		ret_text->requester = call->who.agent_id;
	if (ret_text->not_before_ms == 0)
		ret_text->not_before_ms = broker_now(broker);
	if (ret_text->expires_ms == 0)
		ret_text->expires_ms =
		    ret_text->not_before_ms + INT64_C(30) * 86400000;
	ret_text->requester_custody = STR("broker");
	mandate_text_print(&text, ret_text, &broker->state.currencies);
	struct aicx_str printed = arena_str(&call->mem, buf_view(&text));
	buf_fini(&text);
	err = must_act_for(call, &ret_text->requester, reterr);
	if (err != AICX_OK)
		return err;
	return granting_sign_kept(
	    call, &ret_text->requester, granting, printed, reterr);
}

aicx_err
on_grant_mandate(
    struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct grant *grant = params;
	struct granting *granting = arena_new(&call->mem, sizeof *granting);
	bool kept = grant->mandate.ptr != NULL;
	struct mandate_text text;
	aicx_err err;

	granting->kind = SIG_MANDATE;
	granting->record = record_mandate;
	if (kept == (grant->text.ptr != NULL))
		return err_field(reterr, AICX_EINVAL, "invalid_params",
		    "/mandate", "give either \"mandate\" or a signed \"text\"");
	err = kept ? mandate_from_members(call, grant, granting, &text, reterr)
		   : granting_take(call, grant->text, grant->key_id,
			 grant->signature, granting, reterr);
	if (err == AICX_OK)
		err = mandate_text_parse(granting->object.text,
		    &broker->state.currencies, &broker->keys.broker_id,
		    &call->mem, &text, reterr);
	if (err == AICX_OK)
		err = must_act_for(call, &text.requester, reterr);
	if (err == AICX_OK && state_mandate(&broker->state, &text.id) != NULL)
		err = err_word(reterr, AICX_EEXIST, "already_exists",
		    "a mandate with this id exists");
	if (err != AICX_OK)
		return err;
	struct mandate *mandate = arena_new(&call->mem, sizeof *mandate);
	*mandate = (struct mandate) {
		.mandate_id = text.id,
		.requester_id = text.requester,
		.text = granting->object.text,
		.key_id = granting->object.key_id,
		.signature = granting_signature(call, granting),
		.custody = kept,
		.granted_ms = broker_now(broker),
	};
	granting->row = mandate;
	return kept ? record_mandate(call, granting, reterr)
		    : granting_verify(call, granting, &text.requester, reterr);
}

struct by_mandate {
	PARAMS;
	struct aicx_id id;
};

const struct field revoke_mandate_params[] = {
	PARAMS_METHOD(struct by_mandate),
	FIELD(struct by_mandate, id, "mandate_id", FIELD_ID,
	    .flags = FIELDF_REQUIRED, .help = "Which mandate."),
	FIELD_END,
};
PARAMS_SIZE(revoke_mandate, by_mandate);

aicx_err
on_revoke_mandate(
    struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct by_mandate *by = params;
	const struct mandate *known = state_mandate(&broker->state, &by->id);

	if (known == NULL ||
	    must_act_for(call, &known->requester_id, NULL) != AICX_OK)
		return not_found("mandate", &by->id, reterr);
	struct mandate mandate = *known;
	mandate.revoked = true;
	struct step *step = call_step(call, "mandate.revoke", NULL);
	step_put(step, T_MANDATE, &mandate);
	struct json_writer w = step_reply(step);
	json_key(&w, "mandate_id");
	json_put_id(&w, &by->id);
	json_key(&w, "revoked");
	json_put_bool(&w, true);
	json_close(&w);
	return call_commit(call, step, 200, reterr);
}

/* --- standing offers ------------------------------------------------- */

struct standing {
	struct aicx_id agent_id;
	struct aicx_str capability, terms;
	int64_t expires_ms;
};

static const struct field standing_fields[] = {
	FIELD(struct standing, agent_id, "agent_id", FIELD_ID),
	FIELD(struct standing, capability, "capability", FIELD_STR,
	    .flags = FIELDF_REQUIRED, .max = 128),
	FIELD(struct standing, terms, "terms", FIELD_JSON,
	    .flags = FIELDF_REQUIRED),
	FIELD(struct standing, expires_ms, "expires", FIELD_TIME),
	FIELD_END,
};

/* The broker writes and signs the offer for a kept key. */
static aicx_err
standing_from_members(struct call *call, const struct grant *grant,
    struct granting *granting, struct offer_text *ret_text,
    struct aicx_str *ret_terms, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	struct json *doc = arena_new(&call->mem, sizeof *doc);
	struct standing wish;
	struct buf text = { 0 };
	uint8_t hash[HASH_BYTES];
	char *hash_text = arena_new(&call->mem, B64_LEN(HASH_BYTES));
	aicx_err err = json_parse(grant->offer, &call->mem, doc, reterr);

	if (err == AICX_OK)
		err = field_parse(standing_fields, json_root(doc),
		    &broker->state.currencies, true, &call->mem, &wish,
		    sizeof wish, reterr);
	if (err == AICX_OK)
		err = terms_text_of(call, wish.terms, ret_terms, reterr);
	if (err != AICX_OK)
		return err;
	if (id_is_nil(&wish.agent_id))
		wish.agent_id = call->who.agent_id;
	err = must_act_for(call, &wish.agent_id, reterr);
	if (err != AICX_OK)
		return err;
	sha256(ret_terms->ptr, ret_terms->len, hash);
	b64_print(hash, sizeof hash, hash_text);
	*ret_text = (struct offer_text) {
		.kind = STR("offer"),
		.id = broker_new_id(broker),
		.broker_id = broker->keys.broker_id,
		.capability = wish.capability,
		.provider_id = wish.agent_id,
		.terms_sha256 = { hash_text, B64_LEN(HASH_BYTES) },
		.expires_ms = wish.expires_ms > 0
		    ? wish.expires_ms
		    : broker_now(broker) + INT64_C(365) * 86400000,
	};
	offer_text_print(&text, ret_text);
	struct aicx_str printed = arena_str(&call->mem, buf_view(&text));
	buf_fini(&text);
	return granting_sign_kept(
	    call, &wish.agent_id, granting, printed, reterr);
}

static aicx_err
standing_from_object(struct call *call, const struct grant *grant,
    struct granting *granting, struct offer_text *ret_text,
    struct aicx_error *reterr)
{
	struct json *doc = arena_new(&call->mem, sizeof *doc);
	aicx_err err = granting_take(call, grant->text, grant->key_id,
	    grant->signature, granting, reterr);

	if (err == AICX_OK)
		err =
		    json_parse(granting->object.text, &call->mem, doc, reterr);
	if (err != AICX_OK)
		return err;
	return field_parse(offer_text_fields, json_root(doc),
	    &call->broker->state.currencies, true, &call->mem, ret_text,
	    sizeof *ret_text, reterr);
}

aicx_err
on_grant_standing_offer(
    struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct grant *grant = params;
	struct granting *granting = arena_new(&call->mem, sizeof *granting);
	bool kept = grant->offer.ptr != NULL;
	struct aicx_str terms = grant->mandate; /* the member "terms" */
	struct aicx_money price;
	struct offer_text text;
	struct terms parsed;
	aicx_err err;

	granting->kind = SIG_OFFER;
	granting->record = record_offer;
	if (kept == (grant->text.ptr != NULL))
		return err_field(reterr, AICX_EINVAL, "invalid_params",
		    "/offer", "give either \"offer\" or a signed \"text\"");
	err = kept ? standing_from_members(
			 call, grant, granting, &text, &terms, reterr)
		   : standing_from_object(call, grant, granting, &text, reterr);
	if (err == AICX_OK)
		err = must_act_for(call, &text.provider_id, reterr);
	if (err == AICX_OK)
		err = offer_price(
		    broker, terms, 0, &call->mem, &parsed, &price, reterr);
	if (err == AICX_OK)
		err = offer_check(&text, terms, NULL, &text.provider_id,
		    &broker->keys.broker_id, broker_now(broker), reterr);
	if (err != AICX_OK)
		return err;
	if (text.capability.len == 0)
		return err_field(reterr, AICX_EINVAL, "invalid_params", "/text",
		    "a standing offer names its capability");
	struct standing_offer *offer = arena_new(&call->mem, sizeof *offer);
	*offer = (struct standing_offer) {
		.standing_offer_id = text.id,
		.provider_id = text.provider_id,
		.capability = text.capability,
		.text = granting->object.text,
		.key_id = granting->object.key_id,
		.signature = granting_signature(call, granting),
		.terms = terms,
		.expires_ms = text.expires_ms,
	};
	granting->row = offer;
	return kept
	    ? record_offer(call, granting, reterr)
	    : granting_verify(call, granting, &text.provider_id, reterr);
}
