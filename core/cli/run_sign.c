/* SPDX-License-Identifier: Apache-2.0 */
/* run_sign.c - mandates, delegations and offers, signed here when there is a
 * key. */
#include <string.h>

#include "base/b64.h"
#include "base/err.h"
#include "base/id.h"
#include "base/json.h"
#include "base/str.h"
#include "cli/amount.h"
#include "cli/call.h"
#include "cli/offering.h"
#include "cli/outside.h"
#include "cli/params.h"
#include "cli/run.h"
#include "protocol/object.h"

enum { OFFER_VALID_MS = 600000 };

/* Signed here, unless there is no key or --custody says otherwise. */
static bool
signs_here(const struct invocation *inv)
{
	return inv->self.key != NULL && !invocation_flag(inv, "custody");
}

/* "kind", "id", "broker_id" and who signs: what every signed text begins
   with. */
static void
put_head(struct invocation *inv, struct json_writer *w, const char *kind,
    const struct aicx_id *id, const struct aicx_id *broker_id,
    const char *signer)
{
	json_key(w, "kind");
	json_put_text(w, kind);
	json_key(w, "id");
	json_put_id(w, id);
	json_key(w, "broker_id");
	json_put_id(w, broker_id);
	json_key(w, signer);
	json_put_id(w, &inv->self.agent_id);
}

static int
ask_and_print(struct invocation *inv, struct aicx_str params)
{
	struct buf result = { 0 };
	struct aicx_error why = { 0 };
	struct call call = {
		.route = &inv->words->verb->route,
		.params = params,
		.key = invocation_value(inv, "key"),
	};

	aicx_err err = call_broker(inv, &call, &result, &why);
	if (err == AICX_OK)
		run_print_result(inv, buf_view(&result));
	buf_fini(&result);
	return err == AICX_OK ? STATUS_OK : invocation_fail(&why);
}

/* What is agreed to once: its name, who signs it. */
struct word {
	enum sig_kind kind;
	const char *name, *signer;
};

/* As text, or inside {"mandate":{...}} when the broker signs. */
static aicx_err
word_print(struct invocation *inv, const struct word *word, struct buf *out,
    struct aicx_error *reterr)
{
	struct broker_card card;
	struct buf text = { 0 };
	struct json_writer w = json_writer(&text), object = json_writer(out);
	struct aicx_id id = outside_id();
	bool own = signs_here(inv);
	aicx_err err = own ? call_broker_card(inv, &card, reterr) : AICX_OK;

	if (err == AICX_OK) {
		json_open(&w, '{');
		if (own)
			put_head(inv, &w, word->name, &id, &card.broker_id,
			    word->signer);
		err = params_put(inv, &w, reterr);
		json_close(&w);
	}
	json_open(&object, '{');
	if (err == AICX_OK && own) {
		struct signed_object it =
		    object_sign(inv->self.key, word->kind, buf_view(&text));
		object_put_members(&object, &it);
	} else if (err == AICX_OK) {
		json_key(&object, word->name);
		json_put_raw(&object, buf_view(&text));
	}
	json_close(&object);
	buf_fini(&text);
	return err;
}

static int
run_word(struct invocation *inv, const struct word *word)
{
	struct aicx_error why = { 0 };
	struct buf params = { 0 };

	aicx_err err = invocation_need_self(inv, &why);
	if (err == AICX_OK)
		err = word_print(inv, word, &params, &why);
	int status = err == AICX_OK ? ask_and_print(inv, buf_view(&params))
				    : invocation_fail(&why);
	buf_fini(&params);
	return status;
}

int
run_mandate_new(struct invocation *inv)
{
	static const struct word mandate = { SIG_MANDATE, "mandate",
		"requester" };

	return run_word(inv, &mandate);
}

int
run_permission_delegate(struct invocation *inv)
{
	static const struct word delegation = { SIG_DELEGATION, "delegation",
		"delegator" };

	return run_word(inv, &delegation);
}

/* A repeated request must be the same to the byte, its mandate too. */
static struct aicx_id
id_of_key(const struct invocation *inv, const char *key)
{
	struct id_text agent = id_text(&inv->self.agent_id);
	uint8_t hash[HASH_BYTES];

	sha256_two(
	    (struct aicx_str) { agent.text, ID_TEXT }, str_of(key), hash);
	return id_v8(hash);
}

aicx_err
run_put_deal_mandate(struct invocation *inv, struct json_writer *w,
    const struct aicx_id *broker_id, const struct mandate_wish *wish,
    struct aicx_error *reterr)
{
	struct buf text = { 0 };
	struct json_writer t = json_writer(&text);
	struct amount most;
	struct aicx_id id =
	    wish->key ? id_of_key(inv, wish->key) : outside_id();

	aicx_err err = amount_from_text(str_of(wish->max_each), &most, reterr);
	if (err != AICX_OK)
		return err;
	json_open(&t, '{');
	put_head(inv, &t, "mandate", &id, broker_id, "requester");
	json_key(&t, "need");
	json_open(&t, '[');
	json_put_text(&t, wish->need);
	json_close(&t);
	json_key(&t, "max_each");
	amount_put(&t, &most);
	json_key(&t, "max_total");
	amount_put(&t, &most);
	json_key(&t, "max_deals");
	json_put_int(&t, 1);
	if (wish->key == NULL) {
		json_key(&t, "expires");
		json_put_time(&t, outside_wall_ms() + wish->valid_ms);
	}
	if (wish->choose != NULL) {
		json_key(&t, "choose");
		json_put_text(&t, wish->choose);
	}
	json_close(&t);
	struct signed_object mandate =
	    object_sign(inv->self.key, SIG_MANDATE, buf_view(&text));
	object_put(w, &mandate);
	buf_fini(&text);
	return AICX_OK;
}

static void
put_offer(struct invocation *inv, struct json_writer *w,
    const struct broker_card *card, struct aicx_str terms)
{
	struct buf text = { 0 };
	struct json_writer t = json_writer(&text);
	struct aicx_id id = outside_id();
	uint8_t hash[HASH_BYTES];
	char hash_text[B64_LEN(HASH_BYTES)];

	sha256(terms.ptr, terms.len, hash);
	b64_print(hash, sizeof hash, hash_text);
	json_open(&t, '{');
	put_head(inv, &t, "offer", &id, &card->broker_id, "provider_id");
	json_key(&t, "intent_id");
	json_put_text(&t, invocation_value(inv, "INTENT"));
	json_key(&t, "terms_sha256");
	json_put_str(&t, (struct aicx_str) { hash_text, sizeof hash_text });
	json_key(&t, "expires");
	json_put_time(&t, outside_wall_ms() + OFFER_VALID_MS);
	json_close(&t);
	struct signed_object offer =
	    object_sign(inv->self.key, SIG_OFFER, buf_view(&text));
	object_put(w, &offer);
	buf_fini(&text);
}

/* The terms' text: a file's, or a flat price. */
static aicx_err
terms_take(
    const struct invocation *inv, struct buf *terms, struct aicx_error *reterr)
{
	const struct arg terms_arg = { .name = "terms", .type = ARG_JSON };
	const char *file = invocation_value(inv, "terms");
	struct json_writer w = json_writer(terms);
	struct offering offering = { 0 };

	if (file != NULL)
		return params_put_value(&w, &terms_arg, file, reterr);
	if (invocation_value(inv, "price") == NULL)
		return err_word(reterr, AICX_EINVAL, "usage",
		    "an offer needs a price: --price \"0.001 AIC\", or "
		    "--terms FILE");
	aicx_err err = offering_take(inv, &offering, reterr);
	if (err == AICX_OK)
		offering_print_terms(terms, &offering);
	return err;
}

static aicx_err
offer_print(struct invocation *inv, struct buf *out, struct aicx_error *reterr)
{
	struct broker_card card;
	struct buf terms = { 0 };
	struct json_writer w = json_writer(out);
	bool own = signs_here(inv);
	aicx_err err = terms_take(inv, &terms, reterr);

	if (err == AICX_OK && own)
		err = call_broker_card(inv, &card, reterr);
	json_open(&w, '{');
	if (err == AICX_OK)
		err = params_put(inv, &w, reterr);
	if (err == AICX_OK) {
		json_key(&w, "terms");
		json_put_str(&w, buf_view(&terms));
	}
	if (err == AICX_OK && own) {
		json_key(&w, "offer");
		put_offer(inv, &w, &card, buf_view(&terms));
	}
	json_close(&w);
	buf_fini(&terms);
	return err;
}

int
run_offer_make(struct invocation *inv)
{
	struct aicx_error why = { 0 };
	struct buf params = { 0 };

	aicx_err err = invocation_need_self(inv, &why);
	if (err == AICX_OK)
		err = offer_print(inv, &params, &why);
	int status = err == AICX_OK ? ask_and_print(inv, buf_view(&params))
				    : invocation_fail(&why);
	buf_fini(&params);
	return status;
}

/* --- contracts -------------------------------------------------------- */

static const struct route show_route = { "negotiation.get_contract", "GET",
	"/v1/contracts/{contract_id}", NULL };

/* The contract's exact text, as the broker shows it. */
static aicx_err
contract_fetch(struct invocation *inv, struct aicx_str params,
    struct buf *ret_text, struct aicx_error *reterr)
{
	struct call call = { .route = &show_route, .params = params };
	struct buf result = { 0 };
	struct json doc;

	aicx_err err = call_broker(inv, &call, &result, reterr);
	if (err == AICX_OK)
		err = json_parse(buf_view(&result), &inv->arena, &doc, reterr);
	if (err == AICX_OK) {
		struct json_ref root = json_root(&doc);
		struct aicx_str text =
		    json_str(json_get(root, "text"), &inv->arena);
		if (text.ptr == NULL)
			text = json_str(
			    json_get(json_get(root, "contract"), "text"),
			    &inv->arena);
		if (text.ptr == NULL)
			err = err_word(reterr, AICX_EINVAL, "malformed",
			    "the broker's answer holds no contract text");
		else
			buf_str(ret_text, text);
	}
	buf_fini(&result);
	return err;
}

/* The broker has the text: what it needs is who signed it and how. */
static void
put_signature(struct json_writer *w, const struct signed_object *contract)
{
	char signature[B64_LEN(SIG_BYTES)];

	b64_print(contract->signature, SIG_BYTES, signature);
	json_key(w, "key_id");
	json_put_str(w, contract->key_id);
	json_key(w, "signature");
	json_put_str(w, (struct aicx_str) { signature, sizeof signature });
}

static aicx_err
signature_print(
    struct invocation *inv, struct buf *out, struct aicx_error *reterr)
{
	struct buf params = { 0 }, text = { 0 };
	struct json_writer w = json_writer(out);

	aicx_err err = params_print(inv, &params, reterr);
	if (err == AICX_OK && inv->self.key != NULL)
		err = contract_fetch(inv, buf_view(&params), &text, reterr);
	json_open(&w, '{');
	if (err == AICX_OK)
		err = params_put(inv, &w, reterr);
	if (err == AICX_OK && inv->self.key != NULL) {
		struct signed_object contract =
		    object_sign(inv->self.key, SIG_CONTRACT, buf_view(&text));
		put_signature(&w, &contract);
	}
	json_close(&w);
	buf_fini(&params);
	buf_fini(&text);
	return err;
}

int
run_contract_sign(struct invocation *inv)
{
	struct aicx_error why = { 0 };
	struct buf params = { 0 };

	aicx_err err = invocation_need_self(inv, &why);
	if (err == AICX_OK)
		err = signature_print(inv, &params, &why);
	int status = err == AICX_OK ? ask_and_print(inv, buf_view(&params))
				    : invocation_fail(&why);
	buf_fini(&params);
	return status;
}
