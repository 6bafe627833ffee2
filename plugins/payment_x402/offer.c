/* SPDX-License-Identifier: Apache-2.0 */
/*
 * offer.c - what we ask for, and what we say of a payment.
 *
 * Offers and receipts are signed in the form of the extension offer-receipt, by
 * the broker's key: what session.about tells verifies them.
 */
#include "offer.h"

#include "base64.h"
#include "bytes.h"

#include <stdlib.h>
#include <string.h>

enum { SIGNATURE_BYTES = 64, SKEW_S = 30 };

/* --- signing --------------------------------------------------------- */

/* base64url without padding (RFC 4648 section 5). */
static void
put_url(struct bytes *out, const void *from, size_t n_bytes)
{
	size_t start = out->len;

	bytes_base64(out, from, n_bytes);
	if (out->failed)
		return;
	while (out->len > start && out->ptr[out->len - 1] == '=')
		out->len--;
	for (size_t i = start; i < out->len; i++) {
		if (out->ptr[i] == '+')
			out->ptr[i] = '-';
		else if (out->ptr[i] == '/')
			out->ptr[i] = '_';
	}
}

/* {format: "jws", signature}; takes the payload.  NULL: no key, no memory. */
static json_t *
signed_new(const struct x402 *x402, json_t *payload)
{
	json_t *head =
	    json_pack("{s:s,s:s}", "alg", "EdDSA", "kid", x402->key_id);
	char *head_text = json_dumps(head, JSON_COMPACT);
	char *text = json_dumps(payload, JSON_COMPACT);
	uint8_t signature[SIGNATURE_BYTES];
	struct bytes jws = { 0 };
	json_t *value = NULL;

	if (head_text != NULL && text != NULL && x402->key_id[0] != '\0') {
		x402->host->sign_jws(
		    x402->self, text_of(head_text), text_of(text), signature);
		put_url(&jws, head_text, strlen(head_text));
		bytes_char(&jws, '.');
		put_url(&jws, text, strlen(text));
		bytes_char(&jws, '.');
		put_url(&jws, signature, sizeof signature);
		if (!jws.failed)
			value = json_pack("{s:s,s:s%}", "format", "jws",
			    "signature", jws.ptr, jws.len);
	}
	bytes_fini(&jws);
	free(head_text);
	free(text);
	json_decref(head);
	json_decref(payload);
	return value;
}

/* --- what we ask for ------------------------------------------------- */

json_t *
requirements_new(const struct x402 *x402, int64_t price_minor)
{
	const struct x402_settings *settings = x402->settings;
	int scale = x402->host->currency_scale(x402->self, settings->currency);
	char amount[ATOMIC_TEXT];

	if (scale < 0 ||
	    !atomic_print(price_minor, scale, &x402->rate,
		(int)settings->decimals, amount))
		return NULL;
	return json_pack("{s:s,s:s,s:s,s:s,s:s,s:I,s:{s:s,s:s}}", "scheme",
	    "exact", "network", settings->network, "amount", amount, "asset",
	    settings->asset, "payTo", settings->pay_to, "maxTimeoutSeconds",
	    (json_int_t)(settings->price_for / 1000), "extra", "name",
	    settings->token_name, "version", settings->token_version);
}

const char *
requirements_differ(const json_t *requirements, const json_t *accepted)
{
	const json_t *extra = json_object_get(accepted, "extra");
	const char *const texts[] = { "scheme", "network" };
	const char *const addresses[] = { "asset", "payTo" };

	for (size_t i = 0; i < 2; i++)
		if (strcmp(text_in(requirements, texts[i]),
			text_in(accepted, texts[i])) != 0)
			return "unsupported_scheme";
	for (size_t i = 0; i < 2; i++)
		if (!same_address(text_in(requirements, addresses[i]),
			text_in(accepted, addresses[i])))
			return "invalid_payment_requirements";
	if (!digits_same(
		text_in(requirements, "amount"), text_in(accepted, "amount")) ||
	    json_number_value(json_object_get(accepted, "maxTimeoutSeconds")) !=
		json_number_value(
		    json_object_get(requirements, "maxTimeoutSeconds")) ||
	    (extra != NULL &&
		!json_equal(extra, json_object_get(requirements, "extra"))))
		return "invalid_payment_requirements";
	return NULL;
}

const char *
authorization_differs(const struct x402 *x402, const json_t *requirements,
    const struct claim *claim)
{
	int64_t now_s = x402->host->wall_ms(x402->self) / 1000;

	if (!same_address(claim->to, text_in(requirements, "payTo")))
		return "invalid_exact_evm_payload_recipient_mismatch";
	if (!digits_same(claim->value, text_in(requirements, "amount")))
		return "invalid_exact_evm_payload_authorization_value_"
		       "mismatch";
	if (claim->valid_after > now_s + SKEW_S)
		return "invalid_exact_evm_payload_authorization_valid_after";
	/* Work and settlement take time: six seconds at the least. */
	if (claim->valid_before < now_s + 6)
		return "invalid_exact_evm_payload_authorization_valid_before";
	return NULL;
}

static json_t *
offers_new(
    const struct x402 *x402, const char *resource, const json_t *requirements)
{
	int64_t until_s =
	    (x402->host->wall_ms(x402->self) + x402->settings->price_for) /
	    1000;
	json_t *offer = signed_new(x402,
	    json_pack("{s:i,s:s,s:s,s:s,s:s,s:s,s:s,s:I}", "version", 1,
		"resourceUrl", resource, "scheme", "exact", "network",
		text_in(requirements, "network"), "asset",
		text_in(requirements, "asset"), "payTo",
		text_in(requirements, "payTo"), "amount",
		text_in(requirements, "amount"), "validUntil",
		(json_int_t)until_s));

	if (offer == NULL)
		return NULL;
	(void)json_object_set_new(offer, "acceptIndex", json_integer(0));
	return json_pack("{s:{s:[o]},s:{s:s,s:{s:{s:s}}}}", "info", "offers",
	    offer, "schema", "type", "object", "properties", "offers", "type",
	    "array");
}

json_t *
required_new(const struct x402 *x402, const char *resource,
    json_t *requirements, const char *error)
{
	json_t *offers = offers_new(x402, resource, requirements);
	json_t *extensions = json_pack(
	    "{s:{s:{s:b},s:{s:s,s:{s:{s:s},s:{s:s,s:i,s:i,s:s}},"
	    "s:[s]}}}",
	    "payment-identifier", "info", "required", 0, "schema", "type",
	    "object", "properties", "required", "type", "boolean", "id", "type",
	    "string", "minLength", PAYMENT_ID_MIN, "maxLength", PAYMENT_ID_MAX,
	    "pattern", "^[a-zA-Z0-9_-]+$", "required", "required");
	json_t *required = json_pack("{s:i,s:s,s:{s:s,s:s},s:[O],s:o}",
	    "x402Version", 2, "error", error, "resource", "url", resource,
	    "mimeType", "application/json", "accepts", requirements,
	    "extensions", extensions);

	if (offers != NULL)
		(void)json_object_set_new(
		    json_object_get(required, "extensions"), "offer-receipt",
		    offers);
	return required;
}

/* --- what became of it ----------------------------------------------- */

static json_t *
receipt_new(const struct x402 *x402, const char *resource,
    const json_t *requirements, const char *payer, const char *transaction)
{
	json_t *payload = json_pack("{s:i,s:s,s:s,s:s,s:I}", "version", 1,
	    "network", text_in(requirements, "network"), "resourceUrl",
	    resource, "payer", payer, "issuedAt",
	    (json_int_t)(x402->host->wall_ms(x402->self) / 1000));
	json_t *receipt;

	if (*transaction != '\0')
		(void)json_object_set_new(
		    payload, "transaction", json_string(transaction));
	receipt = signed_new(x402, payload);
	return receipt != NULL ? json_pack("{s:{s:{s:o}}}", "offer-receipt",
				     "info", "receipt", receipt)
			       : NULL;
}

json_t *
response_new(const struct x402 *x402, const char *resource,
    const json_t *requirements, const char *payer, const char *transaction,
    const char *reason)
{
	json_t *response = json_pack("{s:b,s:s,s:s,s:s}", "success",
	    reason == NULL, "transaction", reason == NULL ? transaction : "",
	    "network", text_in(requirements, "network"), "payer", payer);
	json_t *extensions;

	if (reason != NULL) {
		(void)json_object_set_new(
		    response, "errorReason", json_string(reason));
		return response;
	}
	(void)json_object_set_new(
	    response, "amount", json_string(text_in(requirements, "amount")));
	extensions =
	    receipt_new(x402, resource, requirements, payer, transaction);
	if (extensions != NULL)
		(void)json_object_set_new(response, "extensions", extensions);
	return response;
}
