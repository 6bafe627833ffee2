/* SPDX-License-Identifier: Apache-2.0 */
/* offer.c - field tables of offers, and what makes one fit its intent. */
#include "negotiation/offer.h"

#include "base/b64.h"
#include "base/err.h"
#include "base/id.h"
#include "base/str.h"
#include "negotiation/intent.h"

#include <string.h>

const struct field offer_fields[] = {
	FIELD(struct offer, offer_id, "offer_id", FIELD_ID),
	FIELD(struct offer, intent_id, "intent_id", FIELD_ID),
	FIELD(struct offer, provider_id, "provider_id", FIELD_ID),
	FIELD(struct offer, text, "text", FIELD_STR),
	FIELD(struct offer, key_id, "key_id", FIELD_STR),
	FIELD(struct offer, signature, "signature", FIELD_STR),
	FIELD(struct offer, terms, "terms", FIELD_STR),
	FIELD(struct offer, price, "price", FIELD_MONEY),
	FIELD(struct offer, expires_ms, "expires", FIELD_TIME),
	FIELD(struct offer, standing, "standing", FIELD_BOOL),
	FIELD(struct offer, received_ms, "received", FIELD_TIME),
	FIELD_END,
};

const struct field offer_text_fields[] = {
	FIELD(struct offer_text, kind, "kind", FIELD_STR,
	    .flags = FIELDF_REQUIRED),
	FIELD(struct offer_text, id, "id", FIELD_ID, .flags = FIELDF_REQUIRED),
	FIELD(struct offer_text, broker_id, "broker_id", FIELD_ID,
	    .flags = FIELDF_REQUIRED),
	FIELD(struct offer_text, intent_id, "intent_id", FIELD_ID),
	FIELD(
	    struct offer_text, capability, "capability", FIELD_STR, .max = 128),
	FIELD(struct offer_text, provider_id, "provider_id", FIELD_ID,
	    .flags = FIELDF_REQUIRED),
	FIELD(struct offer_text, terms_sha256, "terms_sha256", FIELD_STR,
	    .flags = FIELDF_REQUIRED, .min = 43, .max = 43),
	FIELD(struct offer_text, expires_ms, "expires", FIELD_TIME,
	    .flags = FIELDF_REQUIRED),
	FIELD(struct offer_text, standby_until_ms, "standby_until", FIELD_TIME),
	FIELD_END,
};

const struct field standing_offer_fields[] = {
	FIELD(struct standing_offer, standing_offer_id, "standing_offer_id",
	    FIELD_ID),
	FIELD(struct standing_offer, provider_id, "provider_id", FIELD_ID),
	FIELD(struct standing_offer, capability, "capability", FIELD_STR),
	FIELD(struct standing_offer, text, "text", FIELD_STR),
	FIELD(struct standing_offer, key_id, "key_id", FIELD_STR),
	FIELD(struct standing_offer, signature, "signature", FIELD_STR),
	FIELD(struct standing_offer, terms, "terms", FIELD_STR),
	FIELD(struct standing_offer, expires_ms, "expires", FIELD_TIME),
	FIELD(struct standing_offer, revoked, "revoked", FIELD_BOOL),
	FIELD_END,
};

void
offer_text_print(struct buf *buf, const struct offer_text *text)
{
	struct json_writer w = json_writer(buf);

	json_open(&w, '{');
	field_print(offer_text_fields, text, NULL, &w);
	json_close(&w);
}

static aicx_err
hash_fits(struct aicx_str sha256_text, struct aicx_str terms,
    struct aicx_error *reterr)
{
	uint8_t said[HASH_BYTES], is[HASH_BYTES];

	sha256(terms.ptr, terms.len, is);
	if (!b64_parse(sha256_text, said, sizeof said) ||
	    memcmp(said, is, sizeof is) != 0)
		return err_field(reterr, AICX_EINVAL, "invalid_params",
		    "/offer/text",
		    "offer's terms_sha256 is not the hash of the terms");
	return AICX_OK;
}

aicx_err
offer_check(const struct offer_text *text, struct aicx_str terms,
    const struct intent *intent, const struct aicx_id *provider_id,
    const struct aicx_id *broker_id, int64_t now_ms, struct aicx_error *reterr)
{
	if (!str_is(text->kind, "offer"))
		return err_field(reterr, AICX_EINVAL, "invalid_params",
		    "/offer/text", "signed text is of kind \"%.*s\", not offer",
		    STR_ARG(text->kind));
	if (!id_eq(&text->broker_id, broker_id))
		return err_word(reterr, AICX_EDENIED, "misaddressed",
		    "offer names another broker");
	if (!id_eq(&text->provider_id, provider_id))
		return err_word(reterr, AICX_EDENIED, "sender_mismatch",
		    "offer names another provider than its sender");
	if (intent != NULL && !id_eq(&text->intent_id, &intent->intent_id))
		return err_field(reterr, AICX_EINVAL, "invalid_params",
		    "/offer/text", "offer names another intent");
	if (text->expires_ms <= now_ms)
		return err_word(
		    reterr, AICX_ESTATE, "expired", "offer has expired");
	return hash_fits(text->terms_sha256, terms, reterr);
}
