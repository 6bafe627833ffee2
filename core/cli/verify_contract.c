/* SPDX-License-Identifier: Apache-2.0 */
/* verify_contract.c - does the contract follow from what the parties signed? */
#include <stdio.h>

#include "base/str.h"
#include "cli/verify_deal.h"

/* --- the signature ---------------------------------------------------- */

static bool
contract_signed(struct deal *deal)
{
	struct aicx_error why = { 0 };
	const struct signed_object *object = &deal->contract.object;

	if (!deal_equal(deal, "contract: its key", object->key_id,
		"the broker's", deal->broker_key_id))
		return false;
	if (deal->broker_key == NULL) {
		deal_note(deal, "contract: signature not checked");
		return true;
	}
	if (object_verify(object, SIG_CONTRACT, deal->broker_key->key, &why) !=
	    AICX_OK)
		return deal_bad(deal, "contract: %s", why.text);
	deal_ok(deal, "contract %.*s: signed by the broker",
	    STR_ARG(contract_says(deal, "id")));
	return true;
}

static bool
custody_fits(struct deal *deal, const char *party, struct aicx_str agent_id,
    struct aicx_str key_id)
{
	struct json_ref custody = json_get(deal->contract.root, "custody");
	const struct registration *r = deal_agent(deal, agent_id, key_id);
	char what[64];

	(void)snprintf(what, sizeof what, "contract: custody of the %s", party);
	if (r == NULL)
		return deal_bad(deal, "registration of the %s %.*s is missing",
		    party, STR_ARG(agent_id));
	return deal_equal(deal, what, deal_str(deal, custody, party),
	    "its registration's", r->custody);
}

/* Who signed no mandate or offer signed the contract itself, before any
   work. */
static bool
party_signed(struct deal *deal, const char *party, struct aicx_str agent_id)
{
	struct json_iter it =
	    json_iter(json_get(json_get(deal->root, "contract"), "signatures"));

	while (json_next(&it)) {
		struct aicx_str key_id = deal_str(deal, it.value, "key_id");
		if (deal_agent(deal, agent_id, key_id) == NULL)
			continue;
		deal_ok(deal, "contract: signed by %s %.*s", party,
		    STR_ARG(agent_id));
		return custody_fits(deal, party, agent_id, key_id);
	}
	if (json_len(json_get(deal->root, "executions")) > 0)
		return deal_bad(deal, "contract: not signed by the %s", party);
	deal_note(deal, "contract: never signed by the %s", party);
	return true;
}

/* Every signature on the contract is one of a party, over its very text. */
static bool
signatures_good(struct deal *deal)
{
	struct json_ref list =
	    json_get(json_get(deal->root, "contract"), "signatures");
	struct json_iter it = json_iter(list);

	if (json_type(list) != JSON_ARRAY)
		return deal_bad(deal, "contract: signatures is no list");
	while (json_next(&it)) {
		struct signed_part part = { .present = false };
		if (!deal_signed_part(
			deal, "contract: a signature", it.value, &part))
			return false;
		struct aicx_str key_id = part.object.key_id;
		struct registration *signer = deal_agent(
		    deal, contract_says(deal, "requester_id"), key_id);
		if (signer == NULL)
			signer = deal_agent(
			    deal, contract_says(deal, "provider_id"), key_id);
		if (signer == NULL ||
		    !str_eq(part.object.text, deal->contract.object.text) ||
		    object_verify(&part.object, SIG_CONTRACT, signer->key,
			NULL) != AICX_OK)
			return deal_bad(deal,
			    "contract: the signature under key %.*s is none "
			    "of a party",
			    STR_ARG(key_id));
		signer->used = true;
	}
	return true;
}

/* --- links ------------------------------------------------------------ */

/* The terms' text that the contract names by its hash. */
static bool
terms_linked(struct deal *deal)
{
	struct aicx_str terms =
	    deal_str(deal, json_get(deal->root, "contract"), "terms");

	if (!deal_hash(deal, "the contract's terms", terms, "the contract",
		contract_says(deal, "terms_sha256")))
		return false;
	if (json_parse(terms, &deal->arena, &deal->terms_doc, NULL) != AICX_OK)
		return deal_bad(deal, "contract: its terms cannot be read");
	deal->terms = json_root(&deal->terms_doc);
	return true;
}

static bool
offer_linked(struct deal *deal)
{
	const struct offer_part *offer =
	    deal_offer(deal, contract_says(deal, "offer_id"));
	int64_t created_ms, expires_ms;

	if (contract_says(deal, "offer_id").ptr == NULL)
		return party_signed(
		    deal, "provider", contract_says(deal, "provider_id"));
	if (offer == NULL)
		return deal_bad(deal,
		    "contract: its offer %.*s is not in the file",
		    STR_ARG(contract_says(deal, "offer_id")));
	deal->chosen = offer;
	struct json_ref text = offer->offer.root;
	if (!deal_equal(deal, "contract: provider_id",
		contract_says(deal, "provider_id"), "its offer's",
		offer->provider_id) ||
	    !deal_equal(deal, "contract: terms_sha256",
		contract_says(deal, "terms_sha256"), "its offer's",
		deal_str(deal, text, "terms_sha256")) ||
	    !deal_time(deal, "contract: created",
		json_get(deal->contract.root, "created"), &created_ms) ||
	    !deal_time(
		deal, "offer: expires", json_get(text, "expires"), &expires_ms))
		return false;
	if (created_ms > expires_ms)
		return deal_bad(
		    deal, "contract: made when its offer had expired");
	return custody_fits(
	    deal, "provider", offer->provider_id, offer->offer.object.key_id);
}

/* A deal bought in one call knows its hold beforehand; work that is ordered
   later holds under the contract's id. */
static bool
hold_linked(struct deal *deal)
{
	struct json_ref hold = json_get(deal->root, "hold");

	if (json_type(hold) == JSON_NULL)
		return true;
	if (json_has(json_get(deal->contract.root, "hold_id")) &&
	    !deal_equal(deal, "contract: hold_id",
		contract_says(deal, "hold_id"), "the hold's",
		deal_str(deal, hold, "hold_id")))
		return false;
	return deal_equal(deal, "contract: id", contract_says(deal, "id"),
	    "the hold's contract", deal_str(deal, hold, "contract_id"));
}

static bool
requester_linked(struct deal *deal)
{
	struct aicx_str requester = contract_says(deal, "requester_id");

	return deal->mandate.present
	    ? custody_fits(
		  deal, "requester", requester, deal->mandate.object.key_id)
	    : party_signed(deal, "requester", requester);
}

bool
check_contract(struct deal *deal)
{
	if (!deal->contract.present) {
		deal_note(deal, "contract: none was made");
		return true;
	}
	if (!contract_signed(deal) ||
	    !deal_equal(deal, "contract: kind", contract_says(deal, "kind"),
		"a contract's", STR("contract")) ||
	    !deal_equal(deal, "contract: broker_id",
		contract_says(deal, "broker_id"), "the file's",
		deal->broker_id) ||
	    !deal_equal(deal, "contract: deal_id",
		contract_says(deal, "deal_id"), "the file's", deal->deal_id) ||
	    !signatures_good(deal) || !terms_linked(deal) ||
	    !offer_linked(deal) || !hold_linked(deal) ||
	    !requester_linked(deal))
		return false;
	const struct record_part *record = NULL;
	struct json_ref row = deal_row(deal, "contract", "contract_id",
	    contract_says(deal, "id"), &record);
	if (json_has(row) &&
	    !str_eq(deal_str(deal, row, "text"), deal->contract.object.text))
		return deal_bad(deal, "contract: not the one of record %lld",
		    (long long)record->seq);
	deal_ok(deal, "contract: names this deal, offer, terms and parties");
	return true;
}
