/* SPDX-License-Identifier: Apache-2.0 */
/* seller_offer.c - answering an intent: a signed offer, or why not. */
#include <stdio.h>

#include "base/b64.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/id.h"
#include "base/json.h"
#include "base/str.h"
#include "cli/outside.h"
#include "cli/seller.h"
#include "protocol/object.h"

/* An intent as the seller reads it. */
struct intent_read {
	struct aicx_str intent_id, need;
	struct amount max_price;
	bool has_max_price;
	int64_t expires_ms; /* how long an offer for it must hold */
	struct json_ref root;
};

static void
intent_read(struct json_ref root, struct arena *arena, struct intent_read *ret)
{
	ret->root = root;
	ret->intent_id = json_str(json_get(root, "intent_id"), arena);
	ret->need = json_str(json_get(root, "need"), arena);
	ret->has_max_price = amount_from_json(
	    json_get(root, "max_price"), arena, &ret->max_price);
	if (!time_parse(
		json_str(json_get(root, "deadline"), arena), &ret->expires_ms))
		ret->expires_ms = outside_wall_ms() + SELLER_OFFER_MS;
}

static void
decline(struct seller *seller, const struct envelope *env,
    struct aicx_str intent_id, const char *why)
{
	struct buf payload = { 0 };
	struct json_writer w = json_writer(&payload);

	json_open(&w, '{');
	json_key(&w, "code");
	json_put_text(&w, "declined");
	json_key(&w, "detail");
	json_put_text(&w, why);
	json_close(&w);
	seller_say("declined", "intent %.*s: %s", STR_ARG(intent_id), why);
	seller_answer(seller, &env->id, MSG_ERROR, buf_view(&payload));
	buf_fini(&payload);
}

/* What a policy may know about the seller. */
static void
print_me(const struct seller *seller, const struct offering *offering,
    struct buf *buf)
{
	struct json_writer w = json_writer(buf);

	json_open(&w, '{');
	json_key(&w, "agent_id");
	json_put_id(&w, &seller->inv->self.agent_id);
	json_key(&w, "capability");
	json_put_text(&w, offering->capability);
	json_key(&w, "load"); /* orders under way */
	json_put_int(&w, (int64_t)(seller->n_running + seller->n_waiting));
	json_key(&w, "max_load"); /* how many run at once */
	json_put_int(&w, seller->max_parallel);
	json_key(&w, "calls"); /* done so far */
	json_put_int(&w, seller->n_sold);
	json_key(&w, "price");
	amount_put(&w, &offering->base);
	if (offering->per_unit) {
		json_key(&w, "unit_price");
		amount_put(&w, &offering->each);
		json_key(&w, "unit");
		json_put_text(&w, offering->unit);
	}
	json_close(&w);
}

/* The terms' text, or the reason in *reterr. */
static aicx_err
terms_decide(struct seller *seller, const struct offering *offering,
    const struct intent_read *intent, struct buf *terms,
    struct aicx_error *reterr)
{
	enum policy_verdict verdict = POLICY_PASS;
	struct buf me = { 0 }, answer = { 0 };
	aicx_err err = AICX_OK;

	if (seller->policy != NULL) {
		print_me(seller, offering, &me);
		err = policy_offer(seller->policy, json_raw(intent->root),
		    buf_view(&me), &verdict, &answer, reterr);
	}
	if (err == AICX_OK && verdict == POLICY_REFUSE)
		err = err_set(
		    reterr, AICX_EDENIED, "%.*s", STR_ARG(buf_view(&answer)));
	if (err == AICX_OK && verdict == POLICY_TERMS)
		buf_str(terms, buf_view(&answer));
	if (err == AICX_OK && verdict == POLICY_PASS)
		offering_print_terms(terms, offering);
	buf_fini(&me);
	buf_fini(&answer);
	return err;
}

/* The price that the terms name, for the log and the buyer's limit. */
static bool
terms_price(struct aicx_str terms, struct arena *arena, struct amount *ret)
{
	struct json doc;

	if (json_parse(terms, arena, &doc, NULL) != AICX_OK)
		return false;
	return amount_from_json(
	    json_get(json_get(json_root(&doc), "pricing"), "base_cost"), arena,
	    ret);
}

static void
print_offer_text(const struct seller *seller, const struct intent_read *intent,
    const struct aicx_id *offer_id, struct aicx_str terms, struct buf *buf)
{
	struct json_writer w = json_writer(buf);
	uint8_t hash[HASH_BYTES];
	char hash_text[B64_LEN(HASH_BYTES)];

	sha256(terms.ptr, terms.len, hash);
	b64_print(hash, sizeof hash, hash_text);
	json_open(&w, '{');
	json_key(&w, "kind");
	json_put_text(&w, "offer");
	json_key(&w, "id");
	json_put_id(&w, offer_id);
	json_key(&w, "broker_id");
	json_put_id(&w, channel_broker_id(seller->channel));
	json_key(&w, "intent_id");
	json_put_str(&w, intent->intent_id);
	json_key(&w, "provider_id");
	json_put_id(&w, &seller->inv->self.agent_id);
	json_key(&w, "terms_sha256");
	json_put_str(&w, (struct aicx_str) { hash_text, sizeof hash_text });
	json_key(&w, "expires");
	json_put_time(&w, intent->expires_ms);
	json_close(&w);
}

static void
offer_send(struct seller *seller, const struct envelope *env,
    const struct intent_read *intent, struct aicx_str terms)
{
	struct buf text = { 0 }, payload = { 0 };
	struct json_writer w = json_writer(&payload);
	struct aicx_id offer_id = outside_id();

	print_offer_text(seller, intent, &offer_id, terms, &text);
	struct signed_object offer =
	    object_sign(seller->inv->self.key, SIG_OFFER, buf_view(&text));
	json_open(&w, '{');
	json_key(&w, "method");
	json_put_text(&w, "negotiation.offer");
	json_key(&w, "intent_id");
	json_put_str(&w, intent->intent_id);
	json_key(&w, "offer");
	object_put(&w, &offer);
	json_key(&w, "terms");
	json_put_str(&w, terms);
	json_close(&w);
	seller_answer(seller, &env->id, MSG_OFFER, buf_view(&payload));
	buf_fini(&text);
	buf_fini(&payload);
}

static void
intent_answer(struct seller *seller, const struct offering *offering,
    const struct envelope *env, const struct intent_read *intent,
    struct arena *arena)
{
	struct buf terms = { 0 };
	struct aicx_error why = { 0 };
	struct amount price;

	if (terms_decide(seller, offering, intent, &terms, &why) != AICX_OK) {
		decline(seller, env, intent->intent_id, why.text);
	} else if (!terms_price(buf_view(&terms), arena, &price)) {
		decline(seller, env, intent->intent_id,
		    "the policy's terms name no price");
	} else if (intent->has_max_price &&
	    (!amount_same_currency(&price, &intent->max_price) ||
		amount_cmp(&price, &intent->max_price) > 0)) {
		decline(seller, env, intent->intent_id,
		    "the price is above what the buyer allows");
	} else {
		seller_say("offer", "intent %.*s at %s",
		    STR_ARG(intent->intent_id), amount_text(&price).text);
		offer_send(seller, env, intent, buf_view(&terms));
	}
	buf_fini(&terms);
}

void
seller_on_intent(struct seller *seller, const struct envelope *env)
{
	struct arena arena = { 0 };
	struct intent_read intent = { 0 };
	struct offering offering;
	struct json doc;

	if (json_parse(env->payload, &arena, &doc, NULL) == AICX_OK)
		intent_read(json_root(&doc), &arena, &intent);
	if (!seller_offering(seller, intent.need, &offering))
		decline(seller, env, intent.intent_id,
		    "this agent does not sell that");
	else if (seller->stopping)
		decline(seller, env, intent.intent_id, "this agent is leaving");
	else if (seller->n_waiting >= SELLER_QUEUE_MAX)
		decline(seller, env, intent.intent_id, "this agent is busy");
	else
		intent_answer(seller, &offering, env, &intent, &arena);
	arena_fini(&arena);
}
