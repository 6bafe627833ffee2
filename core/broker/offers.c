/* SPDX-License-Identifier: Apache-2.0 */
/* offers.c - what makes an offer count, where they come from, how they show. */
#include "broker/offers.h"

#include "base/b64.h"
#include "base/err.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/str.h"
#include "broker/outside.h"
#include "broker/peer.h"
#include "broker/policies.h"

#include <string.h>

void
hook_put_money(struct json_writer *w, const struct aicx_money *money)
{
	json_open(w, '{');
	json_key(w, "minor");
	json_put_int(w, money->minor);
	json_key(w, "currency");
	json_put_text(w, money->currency);
	json_close(w);
}

aicx_err
terms_text_of(struct call *call, struct aicx_str terms,
    struct aicx_str *ret_text, struct aicx_error *reterr)
{
	struct json *doc = arena_new(&call->mem, sizeof *doc);
	aicx_err err = json_parse(terms, &call->mem, doc, reterr);

	if (err != AICX_OK)
		return err;
	struct aicx_str text = json_str(json_root(doc), &call->mem);
	*ret_text = text.ptr != NULL ? text : terms;
	return AICX_OK;
}

/* A new price needs a policy of the present configuration, an agreed one any
   that is kept. */
static bool
can_price(struct broker *broker, const struct terms *terms, bool agreed)
{
	struct aicx_str hash = terms->pricing.policy_sha256;

	if (terms->pricing.model == PRICING_DYNAMIC)
		return policy_offered(broker, hash, AICX_HOOK_PRICE) != NULL ||
		    (agreed &&
			policy_agreed(broker, hash, AICX_HOOK_PRICE) != NULL);
	for (const char *const *m = broker->pricing->models; *m != NULL; m++)
		if (strcmp(*m, pricing_models[terms->pricing.model]) == 0)
			return true;
	return false;
}

static aicx_err
price_bound(struct broker *broker, struct aicx_str terms_text,
    int64_t max_units, bool agreed, struct arena *mem, struct terms *ret_terms,
    struct aicx_money *ret_price, struct aicx_error *reterr)
{
	aicx_err err;

	if (terms_text.len > TERMS_BYTES_MAX)
		return err_field(reterr, AICX_ELIMIT, "too_large", "/terms",
		    "terms are larger than %d bytes", TERMS_BYTES_MAX);
	err = terms_parse(
	    terms_text, &broker->state.currencies, mem, ret_terms, reterr);
	if (err != AICX_OK)
		return err;
	if (!can_price(broker, ret_terms, agreed))
		return err_field(reterr, AICX_EINVAL, "invalid_params",
		    "/terms/pricing/model",
		    "nothing here computes pricing model \"%s\"%s",
		    pricing_models[ret_terms->pricing.model],
		    ret_terms->pricing.model == PRICING_DYNAMIC
			? " with this policy"
			: "");
	terms_complete(ret_terms, &broker->terms_default);
	if (max_units <= 0)
		max_units = ret_terms->max_units;
	if (max_units <= 0)
		max_units = 1;
	if (terms_ceiling(ret_terms, max_units, ret_price, NULL) != AICX_OK)
		return err_field(reterr, AICX_ELIMIT, "invalid_amount",
		    "/terms/pricing",
		    "what %lld units cost at most does not fit 64 bits",
		    (long long)max_units);
	return AICX_OK;
}

aicx_err
offer_price(struct broker *broker, struct aicx_str terms_text,
    int64_t max_units, struct arena *mem, struct terms *ret_terms,
    struct aicx_money *ret_price, struct aicx_error *reterr)
{
	return price_bound(broker, terms_text, max_units, false, mem, ret_terms,
	    ret_price, reterr);
}

aicx_err
offer_price_again(struct broker *broker, const struct offer *offer,
    int64_t max_units, struct arena *mem, struct terms *ret_terms,
    struct aicx_money *ret_price, struct aicx_error *reterr)
{
	return price_bound(broker, offer->terms, max_units, true, mem,
	    ret_terms, ret_price, reterr);
}

static aicx_err
check_provider(struct broker *broker, const struct intent *intent,
    const struct aicx_id *provider_id, struct aicx_error *reterr)
{
	const struct agent *agent = state_agent(&broker->state, provider_id);
	const struct group *group =
	    state_offers(&broker->state, &intent->intent_id);

	if (agent == NULL || agent->removed ||
	    agent_capability(agent, intent->need) == NULL)
		return err_word(reterr, AICX_EDENIED, "denied",
		    "agent has not registered \"%.*s\"", STR_ARG(intent->need));
	if (id_eq(provider_id, &intent->requester_id))
		return err_word(
		    reterr, AICX_EDENIED, "denied", "nobody sells to oneself");
	if (!intent_asks(intent, provider_id))
		return err_word(reterr, AICX_EDENIED, "denied",
		    "intent asks another seller");
	if (group->n >= (size_t)broker->settings->offers_max)
		return err_word(reterr, AICX_ELIMIT, "too_many",
		    "intent has %zu offers already", group->n);
	for (size_t i = 0; i < group->n; i++)
		if (id_eq(&state_offer(&broker->state, &group->ids[i])
			       ->provider_id,
			provider_id))
			return err_word(reterr, AICX_EEXIST, "already_exists",
			    "provider has made its offer");
	return AICX_OK;
}

static aicx_err
check_price(struct broker *broker, const struct intent *intent,
    const struct aicx_money *price, struct aicx_error *reterr)
{
	const struct currencies *currencies = &broker->state.currencies;

	if (!money_same_currency(price, &intent->max_price))
		return err_field(reterr, AICX_EINVAL, "invalid_amount",
		    "/terms/pricing", "offer is in %s, the intent in %s",
		    price->currency, intent->max_price.currency);
	if (price->minor > intent->max_price.minor)
		return err_field(reterr, AICX_ELIMIT, "budget_exceeded",
		    "/terms/pricing", "offer may cost %s, the intent allows %s",
		    money_text(currencies, price).text,
		    money_text(currencies, &intent->max_price).text);
	return AICX_OK;
}

/* The key an offer is signed with is the provider's own. */
static aicx_err
check_key(struct broker *broker, const struct aicx_id *provider_id,
    struct aicx_str key_id, struct aicx_error *reterr)
{
	char expected[KEY_ID_TEXT + 1];
	uint8_t raw[KEY_BYTES];

	if (broker_agent_key(broker, provider_id, raw))
		key_id_of(raw, expected);
	else
		expected[0] = '\0';
	if (!str_is(key_id, expected))
		return err_field(reterr, AICX_EDENIED, "bad_signature",
		    "/offer/key_id", "offer is signed by a stranger's key");
	return AICX_OK;
}

/* Makes and signs the object for a provider whose key the broker keeps. */
static aicx_err
sign_for(struct broker *broker, const struct intent *intent,
    const struct aicx_id *provider_id, struct aicx_str terms_text,
    struct arena *mem, struct signed_object *ret, struct aicx_error *reterr)
{
	const struct agent *agent = state_agent(&broker->state, provider_id);
	struct buf text = { 0 };
	uint8_t hash[HASH_BYTES];
	char hash_text[B64_LEN(HASH_BYTES)];

	if (agent == NULL || !agent->custody)
		return err_field(reterr, AICX_EINVAL, "invalid_params",
		    "/offer",
		    "offer is not signed and the broker has no key to sign it");
	sha256(terms_text.ptr, terms_text.len, hash);
	b64_print(hash, sizeof hash, hash_text);
	struct offer_text offer = {
		.kind = STR("offer"),
		.id = broker_new_id(broker),
		.broker_id = broker->keys.broker_id,
		.intent_id = intent->intent_id,
		.provider_id = *provider_id,
		.terms_sha256 = { hash_text, sizeof hash_text },
		.expires_ms = intent->deadline_ms,
	};
	offer_text_print(&text, &offer);
	struct sign_key *key = broker_custody_key(broker, provider_id);
	struct signed_object object =
	    object_sign(key, SIG_OFFER, arena_str(mem, buf_view(&text)));
	object.key_id = arena_str(mem, object.key_id);
	*ret = object;
	sign_key_free(key);
	buf_fini(&text);
	return AICX_OK;
}

static aicx_err
parse_text(struct broker *broker, struct aicx_str text, struct arena *mem,
    struct offer_text *ret, struct aicx_error *reterr)
{
	struct json *doc = arena_new(mem, sizeof *doc);
	aicx_err err = json_parse(text, mem, doc, reterr);

	if (err != AICX_OK)
		return err;
	return field_parse(offer_text_fields, json_root(doc),
	    &broker->state.currencies, true, mem, ret, sizeof *ret, reterr);
}

aicx_err
offer_prepare(struct broker *broker, const struct intent *intent,
    const struct aicx_id *provider_id, struct aicx_str terms_text,
    const struct signed_object *given, struct arena *mem,
    struct offer_draft *ret, struct aicx_error *reterr)
{
	struct signed_object object = { .key_id = { NULL, 0 } };
	struct offer_text text = { .expires_ms = 0 };
	struct aicx_money price = { .minor = 0 };
	aicx_err err = check_provider(broker, intent, provider_id, reterr);

	if (err == AICX_OK)
		err = offer_price(broker, terms_text, intent->max_units, mem,
		    &ret->terms, &price, reterr);
	if (err == AICX_OK)
		err = check_price(broker, intent, &price, reterr);
	if (err != AICX_OK)
		return err;
	if (given != NULL) {
		object = *given;
		err = check_key(broker, provider_id, object.key_id, reterr);
	} else
		err = sign_for(broker, intent, provider_id, terms_text, mem,
		    &object, reterr);
	if (err == AICX_OK)
		err = parse_text(broker, object.text, mem, &text, reterr);
	if (err == AICX_OK)
		err = offer_check(&text, terms_text, intent, provider_id,
		    &broker->keys.broker_id, broker_now(broker), reterr);
	if (err == AICX_OK && state_offer(&broker->state, &text.id) != NULL)
		err = err_word(reterr, AICX_EEXIST, "already_exists",
		    "an offer with this id exists");
	if (err != AICX_OK)
		return err;

	char *signature = arena_new(mem, B64_LEN(SIG_BYTES));
	b64_print(object.signature, SIG_BYTES, signature);
	ret->offer = (struct offer) {
		.offer_id = text.id,
		.intent_id = intent->intent_id,
		.provider_id = *provider_id,
		.text = object.text,
		.key_id = object.key_id,
		.signature = { signature, B64_LEN(SIG_BYTES) },
		.terms = terms_text,
		.price = price,
		.expires_ms = text.expires_ms,
		.standing = given == NULL,
		.received_ms = broker_now(broker),
	};
	return AICX_OK;
}

/* --- standing offers ------------------------------------------------- */

static const struct standing_offer *
standing_for(struct broker *broker, const struct aicx_id *provider_id,
    struct aicx_str need)
{
	const struct group *group =
	    state_group(&broker->state.standing_of_agent, provider_id);

	for (size_t i = group->n; i > 0; i--) {
		const struct standing_offer *standing =
		    state_standing_offer(&broker->state, &group->ids[i - 1]);
		if (!standing->revoked &&
		    (standing->expires_ms == 0 ||
			standing->expires_ms > broker_now(broker)) &&
		    str_eq(standing->capability, need))
			return standing;
	}
	return NULL;
}

/* A standing offer signed by the provider itself is used as it is; it names
   the capability instead of an intent. */
static aicx_err
draft_standing(struct broker *broker, const struct intent *intent,
    const struct standing_offer *standing, struct arena *mem,
    struct offer_draft *ret, struct aicx_error *reterr)
{
	aicx_err err =
	    check_provider(broker, intent, &standing->provider_id, reterr);

	if (err == AICX_OK)
		err = offer_price(broker, standing->terms, intent->max_units,
		    mem, &ret->terms, &ret->offer.price, reterr);
	if (err == AICX_OK)
		err = check_price(broker, intent, &ret->offer.price, reterr);
	if (err != AICX_OK)
		return err;
	struct aicx_money price = ret->offer.price;
	ret->offer = (struct offer) {
		.offer_id = broker_new_id(broker),
		.intent_id = intent->intent_id,
		.provider_id = standing->provider_id,
		.text = standing->text,
		.key_id = standing->key_id,
		.signature = standing->signature,
		.terms = standing->terms,
		.price = price,
		.expires_ms = intent->deadline_ms,
		.standing = true,
		.received_ms = broker_now(broker),
	};
	return AICX_OK;
}

static void
record_draft(struct broker *broker, const struct intent *intent,
    const struct agent *agent, aicx_err err, const struct offer_draft *draft,
    struct aicx_error *error)
{
	if (err == AICX_OK) {
		struct step *step = step_begin(
		    broker, "deal.offer", &agent->agent_id, &intent->intent_id);
		step_put(step, T_OFFER, &draft->offer);
		policy_keep(step, &draft->terms.pricing);
		err = step_commit(step, error);
	}
	if (err != AICX_OK)
		log_info(broker->log, "offer.refused",
		    KV("agent", id_text(&agent->agent_id).text),
		    KV("reason", error->text));
}

bool
offers_from_standing(struct broker *broker, const struct intent *intent,
    const struct agent *agent)
{
	const struct standing_offer *standing =
	    standing_for(broker, &agent->agent_id, intent->need);
	struct offer_draft draft = { .offer = { .standing = true } };
	struct arena mem = { NULL };
	struct aicx_error error = { 0 };

	if (standing == NULL)
		return false;
	record_draft(broker, intent, agent,
	    draft_standing(broker, intent, standing, &mem, &draft, &error),
	    &draft, &error);
	arena_fini(&mem);
	return true;
}

/* --- what a server outside lists --------------------------------------- */

static aicx_err
draft_listing(struct broker *broker, const struct intent *intent,
    const struct agent *agent, struct arena *mem, struct offer_draft *ret,
    struct aicx_error *reterr)
{
	const struct capability *capability =
	    agent_capability(agent, intent->need);
	AUTO(buf_fini) struct buf text = { 0 };
	struct json_writer w = json_writer(&text);

	json_open(&w, '{');
	json_key(&w, "pricing");
	json_open(&w, '{');
	field_print(pricing_fields, &capability->pricing,
	    &broker->state.currencies, &w);
	json_close(&w);
	json_key(&w, "sla");
	json_open(&w, '{');
	field_print(
	    sla_fields, &capability->sla, &broker->state.currencies, &w);
	json_close(&w);
	json_close(&w);
	return offer_prepare(broker, intent, &agent->agent_id,
	    arena_str(mem, buf_view(&text)), NULL, mem, ret, reterr);
}

bool
offers_from_listing(struct broker *broker, const struct intent *intent,
    const struct agent *agent)
{
	struct offer_draft draft = { .offer = { .standing = true } };
	struct aicx_error error = { 0 };
	struct arena mem = { NULL };

	if (!outside_sells(broker, agent))
		return false;
	record_draft(broker, intent, agent,
	    draft_listing(broker, intent, agent, &mem, &draft, &error), &draft,
	    &error);
	arena_fini(&mem);
	return true;
}

/* --- the choice ------------------------------------------------------ */

static bool
is_bad(const struct flow *flow, const struct aicx_id *offer_id)
{
	for (size_t i = 0; i < flow->n_bad; i++)
		if (id_eq(&flow->bad[i], offer_id))
			return true;
	return false;
}

size_t
offers_candidates(struct flow *flow, struct candidate *ret_list, size_t cap)
{
	struct broker *broker = flow->broker;
	const struct group *group =
	    state_offers(&broker->state, &flow->deal_id);
	size_t n = 0;

	for (size_t i = 0; i < group->n && n < cap; i++) {
		const struct offer *offer =
		    state_offer(&broker->state, &group->ids[i]);
		const struct reputation *reputation =
		    state_reputation(&broker->state, &offer->provider_id);
		if (offer->expires_ms <= broker_now(broker) ||
		    is_bad(flow, &offer->offer_id))
			continue;
		ret_list[n++] = (struct candidate) {
			.offer_id = &offer->offer_id,
			.provider_id = &offer->provider_id,
			.price_minor = offer->price.minor,
			.reputation = reputation_score(reputation),
			.latency_ms = reputation_latency_ms(reputation),
		};
	}
	choose_score(ret_list, n);
	return n;
}

/* --- collecting by hand ---------------------------------------------- */

void
offers_put(struct broker *broker, const struct aicx_id *intent_id,
    struct json_writer *w)
{
	const struct group *group = state_offers(&broker->state, intent_id);

	json_key(w, "offers");
	json_open(w, '[');
	for (size_t i = 0; i < group->n; i++) {
		const struct offer *offer =
		    state_offer(&broker->state, &group->ids[i]);
		json_open(w, '{');
		json_key(w, "offer_id");
		json_put_id(w, &offer->offer_id);
		json_key(w, "provider_id");
		json_put_id(w, &offer->provider_id);
		json_key(w, "price");
		money_put_json(w, &offer->price, &broker->state.currencies);
		json_key(w, "reputation");
		json_put_int(w, broker_reputation(broker, &offer->provider_id));
		json_key(w, "terms");
		json_put_str(w, offer->terms);
		json_key(w, "offer");
		json_open(w, '{');
		json_key(w, "text");
		json_put_str(w, offer->text);
		json_key(w, "key_id");
		json_put_str(w, offer->key_id);
		json_key(w, "signature");
		json_put_str(w, offer->signature);
		json_close(w);
		json_key(w, "expires");
		json_put_time(w, offer->expires_ms);
		json_close(w);
	}
	json_close(w);
}

void
offers_collected(struct flow *flow)
{
	struct broker *broker = flow->broker;
	const struct intent *intent =
	    state_intent(&broker->state, &flow->deal_id);

	LIST_EACH (node, &broker->calls) {
		struct call *call = LIST_ITEM(node, struct call, node);
		if (!call->collects || !id_eq(&call->subject, &flow->deal_id))
			continue;
		struct buf body = { 0 };
		struct json_writer w = json_writer(&body);
		json_open(&w, '{');
		json_key(&w, "intent_id");
		json_put_id(&w, &flow->deal_id);
		offers_put(broker, &flow->deal_id, &w);
		json_close(&w);
		call_answer(call, 200, buf_view(&body));
		buf_fini(&body);
	}
	flow_due(flow, intent->deadline_ms);
}

/* Those who had no time to answer get it again, within the deadline. */
void
offers_reopen(struct flow *flow)
{
	struct broker *broker = flow->broker;
	const struct intent *intent =
	    state_intent(&broker->state, &flow->deal_id);
	int64_t now_ms = broker_now(broker);
	int64_t until_ms = now_ms + broker->settings->grace_ms;

	if (now_ms >= intent->deadline_ms) {
		flow_due(flow, now_ms);
		return;
	}
	if (until_ms > intent->deadline_ms)
		until_ms = intent->deadline_ms;
	flow_invite_again(flow, until_ms);
}
