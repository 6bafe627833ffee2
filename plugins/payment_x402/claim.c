/* SPDX-License-Identifier: Apache-2.0 */
/*
 * claim.c - what a payer sends: PaymentPayload of x402 version 2, scheme
 * "exact" on EVM chains (EIP-3009).
 *
 * Only shapes are judged here.  What is signed, and whether there is money, the
 * facilitator knows.
 */
#include "claim.h"

#include "base64.h"
#include "bytes.h"
#include "number.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { ADDRESS_HEX = 40, NONCE_HEX = 64, SIGNATURE_HEX_MIN = 130 };

#define SECONDS_MAX INT64_C(253402300799) /* the end of the year 9999 */

const char *
text_in(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text != NULL ? text : "";
}

bool
same_address(const char *a, const char *b)
{
	return strcasecmp(a, b) == 0;
}

static size_t
hex_digits(const char *text)
{
	if (text[0] != '0' || text[1] != 'x')
		return 0;
	size_t n = strspn(text + 2, "0123456789abcdefABCDEF");
	return text[2 + n] == '\0' ? n : 0;
}

static bool
take_authorization(const json_t *payload, struct claim *claim)
{
	const json_t *authorization = json_object_get(payload, "authorization");
	const char *after = text_in(authorization, "validAfter");
	const char *before = text_in(authorization, "validBefore");

	claim->from = text_in(authorization, "from");
	claim->to = text_in(authorization, "to");
	claim->value = text_in(authorization, "value");
	claim->nonce = text_in(authorization, "nonce");
	if (hex_digits(claim->from) != ADDRESS_HEX ||
	    hex_digits(claim->to) != ADDRESS_HEX ||
	    hex_digits(claim->nonce) != NONCE_HEX ||
	    !digits_are(claim->value) || !digits_are(after) ||
	    !digits_are(before))
		return false;
	claim->valid_after = digits_number(after);
	claim->valid_before = digits_number(before);
	if (claim->valid_before > SECONDS_MAX)
		claim->valid_before = SECONDS_MAX;
	return true;
}

static bool
is_accepted(const json_t *accepted)
{
	return json_is_object(accepted) && *text_in(accepted, "scheme") &&
	    *text_in(accepted, "network") && *text_in(accepted, "asset") &&
	    *text_in(accepted, "payTo") &&
	    digits_are(text_in(accepted, "amount")) &&
	    json_is_number(json_object_get(accepted, "maxTimeoutSeconds"));
}

static bool
is_id(const char *id)
{
	size_t n = strspn(id,
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

	return id[n] == '\0' && n >= PAYMENT_ID_MIN && n <= PAYMENT_ID_MAX;
}

/* false: there is one, and it is no id. */
static bool
take_id(struct claim *claim)
{
	const json_t *extensions = json_object_get(claim->doc, "extensions");
	const json_t *extension =
	    json_object_get(extensions, "payment-identifier");
	const json_t *id =
	    json_object_get(json_object_get(extension, "info"), "id");

	if (id == NULL)
		return true;
	claim->id = json_string_value(id);
	return claim->id != NULL && is_id(claim->id);
}

static const char *
wrong_with(struct claim *claim)
{
	const json_t *version = json_object_get(claim->doc, "x402Version");
	const json_t *payload = json_object_get(claim->doc, "payload");

	claim->accepted = json_object_get(claim->doc, "accepted");
	if (!json_is_object(claim->doc))
		return "the payment is no JSON object";
	if (!json_is_integer(version) || json_integer_value(version) != 2)
		return "x402Version is not 2";
	if (!is_accepted(claim->accepted))
		return "accepted is no payment requirement";
	if (hex_digits(text_in(payload, "signature")) < SIGNATURE_HEX_MIN ||
	    hex_digits(text_in(payload, "signature")) % 2 != 0)
		return "payload.signature is none";
	if (!take_authorization(payload, claim))
		return "payload.authorization is none";
	if (!take_id(claim))
		return "payment-identifier is not 16 to 128 of A-Z a-z 0-9 _ -";
	return NULL;
}

bool
claim_parse(struct aicx_str text, struct claim *ret_claim, const char **ret_why)
{
	struct claim claim = { NULL };

	if (text.len > CLAIM_BYTES_MAX) {
		*ret_why = "the payment is longer than 16 KiB";
		return false;
	}
	claim.doc = json_loadb(text.ptr != NULL ? text.ptr : "", text.len,
	    JSON_REJECT_DUPLICATES, NULL);
	if (claim.doc == NULL)
		*ret_why = "the payment is no JSON";
	else
		*ret_why = wrong_with(&claim);
	if (*ret_why != NULL) {
		claim_fini(&claim);
		return false;
	}
	*ret_claim = claim;
	return true;
}

bool
claim_decode(struct aicx_str header, char **ret_json, size_t *ret_len,
    const char **ret_why)
{
	struct bytes padded = { 0 };
	struct bytes json = { 0 };
	bool good = header.len <= CLAIM_BYTES_MAX;

	bytes_str(&padded, header);
	while (padded.len % 4 != 0 && padded.len < header.len + 3)
		bytes_char(&padded, '=');
	good = good && header.len > 0 &&
	    bytes_from_base64(bytes_view(&padded), &json) && !json.failed;
	bytes_fini(&padded);
	if (!good) {
		*ret_why = header.len > CLAIM_BYTES_MAX
		    ? "the payment is longer than 16 KiB"
		    : "the payment is no base64";
		bytes_fini(&json);
		return false;
	}
	*ret_json = json.ptr;
	*ret_len = json.len;
	return true;
}

void
claim_fini(struct claim *claim)
{
	json_decref(claim->doc);
	claim->doc = NULL;
}
