/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load_deals.c - whole deals: each buyer buys one thing after the other with
 * deal.buy under a standing mandate; three sellers sign an offer for every
 * intent and do the work at once.
 */
#include <stdio.h>
#include <string.h>

#include "base/b64.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/outside.h"
#include "load.h"

enum { SELLERS = 3, MANDATE_TTL_MS = 3600000, OFFER_TTL_MS = 60000 };

static const char capability[] = "bench.work";

struct seller {
	struct party party;
	struct aicx_str terms;
	char terms_hash[B64_LEN(HASH_BYTES)];
};

struct market {
	struct seller sellers[SELLERS];
	struct party *buyers;
	struct buf request; /* deal.buy */
	struct crowd *crowd;
};

static void
sell_offer(struct seller *seller, const struct envelope *env,
    struct json_ref intent, struct buf *payload)
{
	struct party *party = &seller->party;
	struct aicx_id intent_id = party_id_of(party, intent, "intent_id");
	struct aicx_id offer_id = outside_id();
	struct buf text = { 0 };
	struct json_writer w = json_writer(&text);

	json_open(&w, '{');
	json_key(&w, "kind");
	json_put_text(&w, "offer");
	json_key(&w, "id");
	json_put_id(&w, &offer_id);
	json_key(&w, "broker_id");
	json_put_id(&w, &env->sender_id);
	json_key(&w, "intent_id");
	json_put_id(&w, &intent_id);
	json_key(&w, "provider_id");
	json_put_id(&w, &party->self.agent_id);
	json_key(&w, "terms_sha256");
	json_put_str(&w,
	    (struct aicx_str) {
		seller->terms_hash, sizeof seller->terms_hash });
	json_key(&w, "expires");
	json_put_time(&w, outside_wall_ms() + OFFER_TTL_MS);
	json_close(&w);
	w = request_begin(payload, "negotiation.offer");
	json_key(&w, "intent_id");
	json_put_id(&w, &intent_id);
	json_key(&w, "terms");
	json_put_str(&w, seller->terms);
	party_put_signed(party, &w, "offer", SIG_OFFER, buf_view(&text));
	json_close(&w);
	party_send(party, MSG_OFFER, NULL, &env->id, buf_view(payload));
	buf_fini(&text);
}

static void
sell_work(struct party *party, const struct envelope *env,
    struct json_ref execute, struct buf *payload)
{
	struct aicx_id id = party_id_of(party, execute, "execution_id");
	struct json_writer w = json_writer(payload);

	json_open(&w, '{');
	json_key(&w, "execution_id");
	json_put_id(&w, &id);
	json_key(&w, "output");
	json_put_raw(&w, json_raw(json_get(execute, "input")));
	json_close(&w);
	party_send(party, MSG_RESULT, NULL, &env->id, buf_view(payload));
}

/* RESULTs to offers and ACKs need no answer. */
static void
on_order(struct party *party, const struct envelope *env)
{
	struct buf payload = { 0 };
	struct json doc;

	if (env->type != MSG_QUERY && env->type != MSG_EXECUTE)
		return;
	if (json_parse(env->payload, &party->mem, &doc, NULL) != AICX_OK)
		return;
	if (env->type == MSG_QUERY)
		sell_offer(party->arg, env, json_root(&doc), &payload);
	else
		sell_work(party, env, json_root(&doc), &payload);
	buf_fini(&payload);
}

static void
buy(struct party *party)
{
	struct market *market = party->arg;

	party->begun_us = gauge_now_us();
	party_send(party, MSG_QUERY, NULL, NULL, buf_view(&market->request));
}

static void
on_bought(struct party *party, const struct envelope *env)
{
	struct market *market = party->arg;

	if (env->type != MSG_RESULT)
		return;
	crowd_note(market->crowd, party->begun_us);
	buy(party);
}

static void
seller_open(
    struct seller *seller, const struct load *load, int n, struct buf *buf)
{
	char price[16];
	uint8_t hash[HASH_BYTES];

	(void)snprintf(price, sizeof price, "0.00%d", 1 + n);
	party_open(&seller->party, load->town, NULL, on_order, seller);
	load_register(&seller->party, capability, price, buf);
	seller->terms = arena_printf(&load->town->mem,
	    "{\"pricing\":{\"model\":\"per_call\",\"base_cost\":"
	    "{\"amount\":\"%s\",\"currency\":\"AIC\"}}}",
	    price);
	sha256(seller->terms.ptr, seller->terms.len, hash);
	b64_print(hash, HASH_BYTES, seller->terms_hash);
	party_join(&seller->party);
}

static void
grant(struct party *buyer, struct buf *buf)
{
	struct aicx_id id = outside_id();
	struct buf text = { 0 };
	struct json_writer w = json_writer(&text);

	json_open(&w, '{');
	json_key(&w, "kind");
	json_put_text(&w, "mandate");
	json_key(&w, "id");
	json_put_id(&w, &id);
	json_key(&w, "broker_id");
	json_put_id(&w, channel_broker_id(buyer->channel));
	json_key(&w, "requester");
	json_put_id(&w, &buyer->self.agent_id);
	json_key(&w, "need");
	json_open(&w, '[');
	json_put_text(&w, capability);
	json_close(&w);
	put_money(&w, "max_each", "1");
	put_money(&w, "max_total", "1000000");
	json_key(&w, "max_deals");
	json_put_int(&w, 1000000);
	json_key(&w, "not_before");
	json_put_time(&w, outside_wall_ms() - 1000);
	json_key(&w, "expires");
	json_put_time(&w, outside_wall_ms() + MANDATE_TTL_MS);
	json_key(&w, "choose");
	json_put_text(&w, "lowest_price");
	json_close(&w);
	w = request_begin(buf, "negotiation.grant_mandate");
	party_put_signed(buyer, &w, NULL, SIG_MANDATE, buf_view(&text));
	json_close(&w);
	(void)party_ask(buyer, buf);
	buf_fini(&text);
}

static void
request_make(struct buf *request)
{
	struct json_writer w = request_begin(request, "deal.buy");

	json_key(&w, "need");
	json_put_text(&w, capability);
	json_key(&w, "input");
	json_put_text(&w,
	    "Words enough for a small piece of work: the text that a seller "
	    "would check, turn round and give back.");
	put_money(&w, "max_price", "0.01");
	json_close(&w);
}

void
load_deals(const struct load *load)
{
	struct market market = { .crowd = &load->town->crowd };
	struct party operator;
	struct buf buf = { 0 };

	request_make(&market.request);
	party_open(
	    &operator, load->town, load->operator_identity, on_order, NULL);
	for (int i = 0; i < SELLERS; i++)
		seller_open(&market.sellers[i], load, i, &buf);
	market.buyers = mem_new((size_t)load->n_askers * sizeof *market.buyers);
	for (int i = 0; i < load->n_askers; i++) {
		struct party *buyer = &market.buyers[i];
		party_open(buyer, load->town, NULL, on_bought, &market);
		load_fund(&operator, & buyer->self.agent_id, &buf);
		grant(buyer, &buf);
	}
	for (int i = 0; i < load->n_askers; i++) {
		party_join(&market.buyers[i]);
		buy(&market.buyers[i]);
		party_flush(&market.buyers[i]);
	}
	crowd_run(market.crowd, load->measure_us);
	load_print(market.crowd, "deal");
}
