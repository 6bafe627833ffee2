/* SPDX-License-Identifier: Apache-2.0 */
/*
 * offer.h - a provider's signed proposal: an object that names the hash of the
 * terms, and beside it the terms' exact text.
 */
#ifndef NEGOTIATION_OFFER_H
#define NEGOTIATION_OFFER_H

#include "protocol/field.h"
#include "protocol/object.h"
#include "protocol/terms.h"

enum { TERMS_BYTES_MAX = 16384 };

struct offer {
	struct aicx_id offer_id, intent_id, provider_id;
	struct aicx_str text, key_id, signature; /* the object, signature b64 */
	struct aicx_str terms; /* exact text */
	struct aicx_money price; /* the most it can cost: what is compared */
	int64_t expires_ms;
	bool standing; /* made by the broker from a standing offer */
	int64_t received_ms;
};

extern const struct field offer_fields[];

/* The members of an offer's text. */
struct offer_text {
	struct aicx_str kind;
	struct aicx_id id, broker_id, intent_id, provider_id;
	struct aicx_str capability; /* of a standing offer */
	struct aicx_str terms_sha256;
	int64_t expires_ms, standby_until_ms;
};

extern const struct field offer_text_fields[];

/* Appends {"kind":"offer",...}. */
void offer_text_print(struct buf *buf, const struct offer_text *text);

/*
 * What an offer's text says, without signature and price: it is an offer of
 * this provider for this intent (NULL: a standing offer, for any) to this
 * broker, names these terms and has not expired.
 * "invalid_params", "sender_mismatch", "misaddressed", "expired".
 */
struct intent;
aicx_err offer_check(const struct offer_text *text, struct aicx_str terms,
    const struct intent *intent, const struct aicx_id *provider_id,
    const struct aicx_id *broker_id, int64_t now_ms, struct aicx_error *reterr);

/* Agreed once by a provider's owner: offers are made from it without asking. */
struct standing_offer {
	struct aicx_id standing_offer_id, provider_id;
	struct aicx_str capability;
	struct aicx_str text, key_id, signature, terms;
	int64_t expires_ms;
	bool revoked;
};

extern const struct field standing_offer_fields[];

#endif
