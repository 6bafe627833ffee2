/* SPDX-License-Identifier: Apache-2.0 */
/* cards.c - cards and the key set as they are served. */
#include "cards.h"

#include "canon.h"
#include "card.h"
#include "op.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { KEPT_MAX = 256, SIGNATURE_BYTES = 64, EXTENDED_SKILLS_MAX = 500 };

/* One document that was served, by its URL. */
struct kept {
	struct kept *next;
	struct bytes url, payload, body; /* payload: what was signed */
	char etag[36];
	char modified[32]; /* IMF-fixdate (RFC 9110 section 5.6.7) */
};

struct cards {
	struct kept *kept; /* newest first */
	size_t n_kept;
};

/* --- what is kept
 * ------------------------------------------------------------- */

static void
kept_free(struct kept *kept)
{
	bytes_fini(&kept->url);
	bytes_fini(&kept->payload);
	bytes_fini(&kept->body);
	free(kept);
}

static void
drop_oldest(struct cards *cards)
{
	struct kept **at = &cards->kept;

	while ((*at)->next != NULL)
		at = &(*at)->next;
	kept_free(*at);
	*at = NULL;
	cards->n_kept--;
}

static struct kept *
kept_need(struct cards *cards, struct aicx_str url)
{
	struct kept *kept = cards->kept;

	while (kept != NULL && !text_same(bytes_view(&kept->url), url))
		kept = kept->next;
	if (kept != NULL)
		return kept;
	kept = calloc(1, sizeof *kept);
	if (kept == NULL)
		return NULL;
	bytes_str(&kept->url, url);
	kept->next = cards->kept;
	cards->kept = kept;
	if (++cards->n_kept > KEPT_MAX)
		drop_oldest(cards);
	return kept;
}

static void
stamp(const struct gateway *gateway, struct kept *kept)
{
	time_t now = (time_t)(gateway->host->wall_ms(gateway->self) / 1000);
	struct tm parts;
	uint8_t mac[32];

	(void)gmtime_r(&now, &parts);
	(void)strftime(kept->modified, sizeof kept->modified,
	    "%a, %d %b %Y %H:%M:%S GMT", &parts);
	gateway->host->hmac_sha256(
	    gateway->self, TEXT("etag"), bytes_view(&kept->body), mac);
	kept->etag[0] = '"';
	for (int i = 0; i < 16; i++)
		(void)snprintf(kept->etag + 1 + 2 * i, 3, "%02x", mac[i]);
	(void)snprintf(kept->etag + 33, 2, "\"");
}

/* --- signing
 * -------------------------------------------------------------------- */

static json_t *
signature_of(const struct op *op, const struct bytes *payload)
{
	const struct gateway *gateway = op->gateway;
	json_t *header = json_pack("{s:s,s:s,s:s,s:o}", "alg", "EdDSA", "typ",
	    "JOSE", "kid", member_text(op->caller, "key_id"), "jku",
	    json_sprintf("%.*s/.well-known/jwks.json", (int)op->origin.len,
		op->origin.ptr));
	struct bytes text = { 0 };
	struct bytes protected = { 0 };
	struct bytes signature = { 0 };
	uint8_t raw[SIGNATURE_BYTES];
	json_t *value;

	canon_print(header, &text);
	json_decref(header);
	gateway->host->sign_jws(
	    gateway->self, bytes_view(&text), bytes_view(payload), raw);
	canon_base64(bytes_view(&text), &protected);
	canon_base64(
	    (struct aicx_str) { (const char *)raw, sizeof raw }, &signature);
	value = json_pack("[{s:s%,s:s%}]", "protected", protected.ptr,
	    protected.len, "signature", signature.ptr, signature.len);
	bytes_fini(&text);
	bytes_fini(&protected);
	bytes_fini(&signature);
	return value;
}

/* Takes document; signed and stamped only when it is another than before. */
static struct kept *
keep(const struct op *op, json_t *document)
{
	struct bytes url = { 0 };
	struct bytes payload = { 0 };
	struct kept *kept;

	bytes_str(&url, bytes_view(&op->origin));
	bytes_char(&url, op->keys ? 'k' : 'c');
	bytes_text(&url, op->agent);
	canon_print(document, &payload);
	kept = url.failed || payload.failed
	    ? NULL
	    : kept_need(op->gateway->cards, bytes_view(&url));
	if (kept != NULL &&
	    !text_same(bytes_view(&payload), bytes_view(&kept->payload))) {
		bytes_fini(&kept->payload);
		kept->payload = payload;
		payload = (struct bytes) { 0 };
		if (!op->keys)
			(void)json_object_set_new(document, "signatures",
			    signature_of(op, &kept->payload));
		bytes_clear(&kept->body);
		plain_print(document, &kept->body);
		stamp(op->gateway, kept);
	}
	json_decref(document);
	bytes_fini(&url);
	bytes_fini(&payload);
	return kept;
}

/* --- answering --------------------------------------------------------- */

/* Takes document. */
static void
answer(struct op *op, json_t *document)
{
	const struct gateway *gateway = op->gateway;
	const struct kept *kept = keep(op, document);
	char cache[64];
	struct aicx_header headers[3];
	struct aicx_http_response response = {
		.size = sizeof response,
		.status = 200,
		.content_type = TEXT("application/json"),
		.headers = headers,
		.n_headers = 3,
	};

	if (kept == NULL) {
		op_status(op, 503, "out of memory", NULL);
		return;
	}
	(void)snprintf(cache, sizeof cache, "public, max-age=%lld",
	    (long long)(gateway->settings->card_max_age_ms / 1000));
	headers[0] =
	    (struct aicx_header) { TEXT("Cache-Control"), text_of(cache) };
	headers[1] = (struct aicx_header) { TEXT("ETag"), text_of(kept->etag) };
	headers[2] = (struct aicx_header) { TEXT("Last-Modified"),
		text_of(kept->modified) };
	response.body = bytes_view(&kept->body);
	if (ask_has_tag(bytes_view(&op->etag), text_of(kept->etag))) {
		response.status = 304;
		response.body = (struct aicx_str) { NULL, 0 };
		response.content_type = (struct aicx_str) { NULL, 0 };
	}
	op_send(op, &response);
}

/* Signed for this answer alone.  Takes document. */
static void
answer_extended(struct op *op, json_t *document)
{
	struct bytes payload = { 0 };

	canon_print(document, &payload);
	(void)json_object_set_new(
	    document, "signatures", signature_of(op, &payload));
	bytes_fini(&payload);
	op_result(op, document);
}

/* --- asking the wire --------------------------------------------------- */

/* False: the operation was answered. */
static bool
is_good(struct op *op, int status)
{
	if (status == 200)
		return true;
	if (status == 404)
		op_status(op, 404, "there is no such agent", NULL);
	else
		op_status(op, 503, "the broker does not answer", NULL);
	return false;
}

static void
on_capabilities(struct op *op, int status, json_t *body)
{
	const struct card_facts facts = {
		.origin = op->origin.ptr,
		.agent = op->agent,
		.entry = op->capability,
		.capabilities = json_object_get(body, "capabilities"),
		.settings = op->gateway->settings,
	};

	if (!is_good(op, status))
		return;
	if (op->operation == OP_EXTENDED_CARD)
		answer_extended(op, card_new(&facts));
	else
		answer(op, card_new(&facts));
}

static void
ask_capabilities(struct op *op)
{
	json_int_t limit = op->operation == OP_EXTENDED_CARD
	    ? EXTENDED_SKILLS_MAX
	    : op->gateway->settings->skills_max;
	json_t *params = json_pack("{s:I}", "limit", limit);

	if (op->agent[0] != '\0')
		(void)json_object_set_new(
		    params, "agent_id", json_string(op->agent));
	op_call(
	    op, "discovery.list_capabilities", params, NULL, on_capabilities);
}

static void
on_entry(struct op *op, int status, json_t *entry)
{
	if (!is_good(op, status))
		return;
	op->capability = json_incref(entry);
	ask_capabilities(op);
}

static json_t *
key_set(const json_t *about)
{
	return json_pack("{s:[{s:s,s:s,s:s,s:s,s:s,s:s}]}", "keys", "kty",
	    "OKP", "crv", "Ed25519", "x", member_text(about, "public_key"),
	    "kid", member_text(about, "key_id"), "alg", "EdDSA", "use", "sig");
}

static void
on_about(struct op *op, int status, json_t *about)
{
	if (!is_good(op, status))
		return;
	json_decref(op->caller);
	op->caller = json_incref(about);
	if (op->keys)
		answer(op, key_set(about));
	else if (op->agent[0] != '\0')
		op_call(op, "discovery.get_agent",
		    json_pack("{s:s}", "agent_id", op->agent), NULL, on_entry);
	else
		ask_capabilities(op);
}

static void
begin(struct op *op)
{
	if (op->origin.len == 0)
		op_status(op, 503,
		    "the operator has not said under which URL the broker is "
		    "reached",
		    NULL);
	else
		op_call(op, "session.about", json_object(), NULL, on_about);
}

void
cards_serve(struct op *op)
{
	bytes_clear(&op->credential); /* everybody gets the same */
	begin(op);
}

void
cards_extended(struct op *op)
{
	begin(op);
}

struct cards *
cards_new(void)
{
	return calloc(1, sizeof(struct cards));
}

void
cards_free(struct cards *cards)
{
	if (cards == NULL)
		return;
	while (cards->n_kept > 0)
		drop_oldest(cards);
	free(cards);
}
