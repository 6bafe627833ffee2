/* SPDX-License-Identifier: Apache-2.0 */
/* verify_objects.c - who the parties are and what each of them signed. */
#include <stdio.h>
#include <string.h>

#include "base/b64.h"
#include "base/id.h"
#include "base/str.h"
#include "cli/verify_deal.h"

/* --- registrations ---------------------------------------------------- */

static bool
registration_take(
    struct deal *deal, struct json_ref ref, struct registration *ret)
{
	static const char *const names[] = { "agent_id", "public_key",
		"custody", NULL };
	struct aicx_str key_id = deal_str(deal, ref, "key_id");
	struct aicx_id id;

	if (!deal_members(deal, "a registration", ref, names))
		return false;
	ret->agent_id = deal_str(deal, ref, "agent_id");
	ret->custody = deal_str(deal, ref, "custody");
	if (!id_parse(ret->agent_id, &id))
		return deal_bad(deal, "registration: agent_id is no UUID");
	if (!b64_parse(deal_str(deal, ref, "public_key"), ret->key, KEY_BYTES))
		return deal_bad(deal, "registration of %.*s: no public key",
		    STR_ARG(ret->agent_id));
	key_id_of(ret->key, ret->key_id);
	if (key_id.ptr != NULL && !str_is(key_id, ret->key_id))
		return deal_bad(deal,
		    "registration of %.*s: key_id is not its key's",
		    STR_ARG(ret->agent_id));
	if (!str_is(ret->custody, "own") && !str_is(ret->custody, "broker"))
		return deal_bad(deal,
		    "registration of %.*s: custody is \"%.*s\", not own or "
		    "broker",
		    STR_ARG(ret->agent_id), STR_ARG(ret->custody));
	return true;
}

/* When the deal's own records tell of the agent, they have the last word. */
static bool
registration_recorded(struct deal *deal, const struct registration *r)
{
	const struct record_part *record;
	struct json_ref row =
	    deal_row(deal, "agent", "agent_id", r->agent_id, &record);
	struct aicx_str key = deal_str(deal, row, "public_key");
	uint8_t raw[KEY_BYTES];

	if (!b64_parse(key, raw, sizeof raw) ||
	    memcmp(raw, r->key, KEY_BYTES) == 0)
		return true;
	return deal_bad(deal,
	    "registration of %.*s: its key is not the one of record %lld",
	    STR_ARG(r->agent_id), (long long)record->seq);
}

bool
check_registrations(struct deal *deal)
{
	struct json_ref list = json_get(deal->root, "registrations");
	struct json_iter it = json_iter(list);

	if (json_type(list) != JSON_ARRAY ||
	    json_len(list) > VERIFY_REGISTRATIONS_MAX)
		return deal_bad(deal, "registrations is no list of at most %d",
		    VERIFY_REGISTRATIONS_MAX);
	deal->registrations = arena_new(
	    &deal->arena, json_len(list) * sizeof *deal->registrations);
	while (json_next(&it)) {
		struct registration *r =
		    &deal->registrations[deal->n_registrations];
		if (!registration_take(deal, it.value, r) ||
		    !registration_recorded(deal, r))
			return false;
		if (deal_agent(deal, r->agent_id, str_of(r->key_id)) != NULL)
			return deal_bad(deal,
			    "registration of %.*s stands there twice",
			    STR_ARG(r->agent_id));
		deal->n_registrations++;
	}
	deal_ok(deal, "registrations: %zu keys", deal->n_registrations);
	return true;
}

/* --- signatures ------------------------------------------------------- */

const struct registration *
deal_signed_by(struct deal *deal, const char *what,
    const struct signed_part *part, enum sig_kind kind,
    struct aicx_str agent_id)
{
	struct aicx_error why = { 0 };
	struct registration *signer =
	    deal_agent(deal, agent_id, part->object.key_id);

	if (signer == NULL) {
		(void)deal_bad(deal,
		    "%s is signed under key %.*s, which is not registered for "
		    "%.*s",
		    what, STR_ARG(part->object.key_id), STR_ARG(agent_id));
		return NULL;
	}
	if (object_verify(&part->object, kind, signer->key, &why) != AICX_OK) {
		(void)deal_bad(deal, "%s: %s", what, why.text);
		return NULL;
	}
	signer->used = true;
	return signer;
}

static const char *
custody_text(const struct registration *signer)
{
	return str_is(signer->custody, "broker")
	    ? " (the key is in the broker's keeping)"
	    : "";
}

/* A row that holds the same signed object holds the same three texts. */
static bool
object_recorded(struct deal *deal, const char *what,
    const struct signed_part *part, struct json_ref row,
    const struct record_part *record)
{
	char signature[B64_LEN(SIG_BYTES)];

	if (!json_has(row) || !json_has(json_get(row, "signature")))
		return true;
	b64_print(part->object.signature, SIG_BYTES, signature);
	if (str_eq(deal_str(deal, row, "text"), part->object.text) &&
	    str_eq(deal_str(deal, row, "key_id"), part->object.key_id) &&
	    str_eq(deal_str(deal, row, "signature"),
		(struct aicx_str) { signature, sizeof signature }))
		return true;
	return deal_bad(deal, "%s is not the one of record %lld", what,
	    (long long)record->seq);
}

/* --- the mandate ------------------------------------------------------ */

bool
check_mandate(struct deal *deal)
{
	struct json_ref ref = json_get(deal->root, "mandate");
	struct signed_part *mandate = &deal->mandate;
	const struct record_part *record = NULL;

	if (json_type(ref) == JSON_NULL) {
		deal_note(deal, "mandate: none, the requester signed itself");
		return true;
	}
	if (!deal_signed_part(deal, "mandate", ref, mandate))
		return false;
	struct aicx_str id = deal_str(deal, mandate->root, "id");
	struct aicx_str by = deal_str(deal, mandate->root, "requester");
	const struct registration *signer =
	    deal_signed_by(deal, "mandate", mandate, SIG_MANDATE, by);
	if (signer == NULL ||
	    !deal_equal(deal, "mandate: its broker",
		deal_str(deal, mandate->root, "broker_id"), "the file's",
		deal->broker_id))
		return false;
	struct json_ref row =
	    deal_row(deal, "mandate", "mandate_id", id, &record);
	if (!object_recorded(deal, "mandate", mandate, row, record))
		return false;
	deal_ok(deal, "mandate %.*s: signed by requester %.*s%s", STR_ARG(id),
	    STR_ARG(by), custody_text(signer));
	return true;
}

/* --- offers ----------------------------------------------------------- */

/* The id under which the broker keeps the offer.  One made for the intent has
   its own; a standing offer, signed before, got another for this deal. */
static bool
offer_identify(struct deal *deal, struct offer_part *offer)
{
	struct json_ref text = offer->offer.root;

	offer->id = deal_str(deal, text, "id");
	if (json_has(json_get(text, "intent_id")))
		return true;
	for (size_t i = 0; i < deal->n_records; i++) {
		struct json_iter it =
		    json_iter(json_get(deal->records[i].root, "put"));
		while (json_next(&it)) {
			struct json_ref row = json_get(it.value, "offer");
			if (!str_eq(deal_str(deal, row, "text"),
				offer->offer.object.text))
				continue;
			offer->id = deal_str(deal, row, "offer_id");
			return true;
		}
	}
	return deal_bad(deal, "offer %.*s: a standing offer in no record",
	    STR_ARG(offer->id));
}

static bool
offer_take(struct deal *deal, struct json_ref ref, struct offer_part *ret)
{
	static const char *const names[] = { "offer", "terms", NULL };
	struct aicx_error why = { 0 };
	char what[64];

	if (!deal_members(deal, "an offer", ref, names) ||
	    !deal_signed_part(
		deal, "an offer", json_get(ref, "offer"), &ret->offer))
		return false;
	if (!offer_identify(deal, ret))
		return false;
	ret->provider_id = deal_str(deal, ret->offer.root, "provider_id");
	ret->terms = deal_str(deal, ref, "terms");
	(void)snprintf(what, sizeof what, "offer %.*s", STR_ARG(ret->id));
	if (!deal_hash(deal, "the terms beside it", ret->terms, what,
		deal_str(deal, ret->offer.root, "terms_sha256")))
		return false;
	if (json_parse(ret->terms, &deal->arena, &ret->terms_doc, &why) !=
	    AICX_OK)
		return deal_bad(deal, "%s: its terms: %s", what, why.text);
	ret->terms_root = json_root(&ret->terms_doc);
	ret->pricing = json_get(ret->terms_root, "pricing");
	return deal_equal(deal, "offer: its broker",
	    deal_str(deal, ret->offer.root, "broker_id"), "the file's",
	    deal->broker_id);
}

static bool
is_candidate(struct deal *deal, struct aicx_str offer_id)
{
	struct json_ref choose = json_get(deal->contract.root, "choose");
	struct json_iter it = json_iter(json_get(choose, "offers"));

	while (json_next(&it))
		if (str_eq(deal_str(deal, it.value, "offer_id"), offer_id))
			return true;
	return false;
}

/* The broker verifies the offers that it chooses among and keeps the others as
   they came, so one of those may be badly signed under its own key: if the
   records have it just so, its provider is to blame and nobody else. */
static bool
offer_signed(struct deal *deal, const struct offer_part *offer)
{
	const struct record_part *record = NULL;
	struct registration *known =
	    deal_agent(deal, offer->provider_id, offer->offer.object.key_id);
	struct aicx_str chosen =
	    deal_str(deal, deal->contract.root, "offer_id");
	struct json_ref row =
	    deal_row(deal, "offer", "offer_id", offer->id, &record);
	char what[64];

	(void)snprintf(what, sizeof what, "offer %.*s", STR_ARG(offer->id));
	if (!object_recorded(deal, what, &offer->offer, row, record))
		return false;
	if (json_has(row) &&
	    !str_eq(deal_str(deal, row, "terms"), offer->terms))
		return deal_bad(deal,
		    "%s: its terms are not those of record %lld", what,
		    (long long)record->seq);
	bool bad = known != NULL &&
	    object_verify(&offer->offer.object, SIG_OFFER, known->key, NULL) !=
		AICX_OK;
	if (bad && json_has(row) && !str_eq(chosen, offer->id) &&
	    !is_candidate(deal, offer->id)) {
		known->used = true;
		deal_note(
		    deal, "%s: not chosen, badly signed by its provider", what);
		return true;
	}
	const struct registration *signer = deal_signed_by(
	    deal, what, &offer->offer, SIG_OFFER, offer->provider_id);
	if (signer == NULL)
		return false;
	deal_ok(deal, "%s: signed by provider %.*s%s%s", what,
	    STR_ARG(offer->provider_id), custody_text(signer),
	    str_eq(chosen, offer->id) ? ", chosen" : "");
	return true;
}

bool
check_offers(struct deal *deal)
{
	struct json_ref list = json_get(deal->root, "offers");
	struct json_iter it = json_iter(list);

	if (json_type(list) != JSON_ARRAY || json_len(list) > VERIFY_OFFERS_MAX)
		return deal_bad(
		    deal, "offers is no list of at most %d", VERIFY_OFFERS_MAX);
	deal->offers =
	    arena_new(&deal->arena, json_len(list) * sizeof *deal->offers);
	while (json_next(&it)) {
		struct offer_part *offer = &deal->offers[deal->n_offers];
		if (!offer_take(deal, it.value, offer) ||
		    !offer_signed(deal, offer))
			return false;
		for (size_t i = 0; i < deal->n_offers; i++)
			if (str_eq(deal->offers[i].id, offer->id))
				return deal_bad(deal,
				    "offer %.*s stands there twice",
				    STR_ARG(offer->id));
		deal->n_offers++;
	}
	return true;
}

/* --- the rating ------------------------------------------------------- */

bool
check_rating(struct deal *deal)
{
	struct json_ref ref = json_get(deal->root, "rating");
	struct signed_part rating = { .present = false };

	if (json_type(ref) == JSON_NULL)
		return true;
	if (!deal_signed_part(deal, "rating", ref, &rating))
		return false;
	const struct registration *signer = deal_signed_by(deal, "rating",
	    &rating, SIG_RATING, contract_says(deal, "requester_id"));
	if (signer == NULL)
		return false;
	deal_ok(
	    deal, "rating: signed by the requester%s", custody_text(signer));
	return true;
}

/* --- keys that nothing here is signed with ---------------------------- */

static bool
is_party(struct deal *deal, struct aicx_str agent_id)
{
	struct json_ref intent = json_get(deal->root, "intent");

	for (size_t i = 0; i < deal->n_offers; i++)
		if (str_eq(deal->offers[i].provider_id, agent_id))
			return true;
	return str_eq(contract_says(deal, "requester_id"), agent_id) ||
	    str_eq(contract_says(deal, "provider_id"), agent_id) ||
	    str_eq(deal_str(deal, intent, "requester_id"), agent_id);
}

/* A key that signed nothing here cannot be judged: that is said, so that nobody
   takes it from this file. */
bool
check_keys_used(struct deal *deal)
{
	for (size_t i = 0; i < deal->n_registrations; i++) {
		const struct registration *r = &deal->registrations[i];
		if (!is_party(deal, r->agent_id))
			return deal_bad(deal,
			    "registration of %.*s: no party of this deal",
			    STR_ARG(r->agent_id));
		if (!r->used)
			deal_note(deal,
			    "registration of %.*s: nothing here is signed "
			    "under its key",
			    STR_ARG(r->agent_id));
	}
	return true;
}
