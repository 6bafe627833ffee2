/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load_paid.c - paid executions under contracts that exist: EXECUTE in, hold
 * durable, EXECUTE out, RESULT in, post durable, RESULT out, both acknowledged.
 * Each buyer has one execution under way.
 */
#include <stdio.h>

#include "base/b64.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/outside.h"
#include "load.h"
#include "protocol/object.h"

enum { SELLERS = 8 };

static const char capability[] = "bench.paid";

struct buyer {
	struct party party;
	struct buf request; /* execution.execute, but for the object's end */
};

struct shop {
	struct party sellers[SELLERS];
	struct buyer *buyers;
	struct crowd *crowd;
};

static void
on_order(struct party *party, const struct envelope *env)
{
	struct buf payload = { 0 };
	struct json doc;

	if (env->type != MSG_EXECUTE ||
	    json_parse(env->payload, &party->mem, &doc, NULL) != AICX_OK)
		return;
	struct json_ref execute = json_root(&doc);
	struct aicx_id id = party_id_of(party, execute, "execution_id");
	struct json_writer w = json_writer(&payload);
	json_open(&w, '{');
	json_key(&w, "execution_id");
	json_put_id(&w, &id);
	json_key(&w, "output");
	json_put_raw(&w, json_raw(json_get(execute, "input")));
	json_close(&w);
	party_send(party, MSG_RESULT, NULL, &env->id, buf_view(&payload));
	buf_fini(&payload);
}

static void
order(struct buyer *buyer)
{
	buyer->party.begun_us = gauge_now_us();
	party_send(
	    &buyer->party, MSG_EXECUTE, NULL, NULL, buf_view(&buyer->request));
}

static void
on_paid(struct party *party, const struct envelope *env)
{
	struct buyer *buyer = (struct buyer *)(void *)party;
	struct shop *shop = party->arg;

	if (env->type != MSG_RESULT)
		return;
	party_send(party, MSG_ACK, NULL, &env->id, STR("{}"));
	crowd_note(shop->crowd, party->begun_us);
	order(buyer);
}

static void
sign(struct party *party, struct aicx_str contract_id, struct aicx_str text,
    struct buf *buf)
{
	struct json_writer w = request_begin(buf, "negotiation.sign_contract");
	struct signed_object object =
	    object_sign(party->self.key, SIG_CONTRACT, text);
	char signature[B64_LEN(SIG_BYTES)];

	json_key(&w, "contract_id");
	json_put_str(&w, contract_id);
	json_key(&w, "key_id");
	json_put_str(&w, object.key_id);
	json_key(&w, "signature");
	b64_print(object.signature, SIG_BYTES, signature);
	json_put_str(&w, (struct aicx_str) { signature, sizeof signature });
	json_close(&w);
	(void)party_ask(party, buf);
}

static void
agree(struct buyer *buyer, struct party *seller, struct buf *buf)
{
	struct arena *mem = &buyer->party.town->mem;
	struct json_writer w =
	    request_begin(buf, "negotiation.create_contract");

	json_key(&w, "provider_id");
	json_put_id(&w, &seller->self.agent_id);
	json_key(&w, "capability");
	json_put_text(&w, capability);
	json_key(&w, "terms");
	json_put_text(&w,
	    "{\"pricing\":{\"model\":\"per_call\",\"base_cost\":"
	    "{\"amount\":\"0.001\",\"currency\":\"AIC\"}}}");
	json_key(&w, "max_executions");
	json_put_int(&w, 1000000);
	json_close(&w);
	struct json made = party_ask(&buyer->party, buf);
	struct json_ref root = json_root(&made);
	struct aicx_str id =
	    arena_str(mem, json_str(json_get(root, "contract_id"), mem));
	struct aicx_str text =
	    arena_str(mem, json_str(json_get(root, "text"), mem));
	sign(&buyer->party, id, text, buf);
	sign(seller, id, text, buf);
	w = request_begin(&buyer->request, "execution.execute");
	json_key(&w, "contract_id");
	json_put_str(&w, id);
	json_key(&w, "input");
	json_put_text(&w,
	    "Words enough for a small piece of work: the text that a seller "
	    "would check, turn round and give back.");
	json_close(&w);
}

void
load_paid(const struct load *load)
{
	struct shop shop = { .crowd = &load->town->crowd };
	struct party operator;
	struct buf buf = { 0 };

	party_open(
	    &operator, load->town, load->operator_identity, on_order, NULL);
	for (int i = 0; i < SELLERS; i++) {
		party_open(&shop.sellers[i], load->town, NULL, on_order, &shop);
		load_register(&shop.sellers[i], capability, "0.001", &buf);
	}
	shop.buyers = mem_new((size_t)load->n_askers * sizeof *shop.buyers);
	for (int i = 0; i < load->n_askers; i++) {
		struct buyer *buyer = &shop.buyers[i];
		party_open(&buyer->party, load->town, NULL, on_paid, &shop);
		load_fund(&operator, & buyer->party.self.agent_id, &buf);
		agree(buyer, &shop.sellers[i % SELLERS], &buf);
	}
	for (int i = 0; i < SELLERS; i++)
		party_join(&shop.sellers[i]);
	for (int i = 0; i < load->n_askers; i++) {
		party_join(&shop.buyers[i].party);
		order(&shop.buyers[i]);
		party_flush(&shop.buyers[i].party);
	}
	crowd_run(shop.crowd, load->measure_us);
	load_print(shop.crowd, "paid");
}
