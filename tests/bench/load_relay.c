/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load_relay.c - QUERY and RESULT between parties of a contract: each asker has
 * a contract with the one answerer, and one question under way.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/b64.h"
#include "base/mem.h"
#include "base/str.h"
#include "load.h"
#include "load_nng.h"

enum { MESSAGE_BYTES = 600, POLLS = 32 };

struct relay {
	struct buf payload; /* makes a message of MESSAGE_BYTES */
	struct party answerer, *askers;
	struct crowd *crowd;
};

static void
on_question(struct party *party, const struct envelope *env)
{
	party_send(party, MSG_RESULT, &env->sender_id, &env->id, env->payload);
}

static void
ask(struct party *party)
{
	struct relay *relay = party->arg;

	party->begun_us = gauge_now_us();
	party_send(party, MSG_QUERY, &relay->answerer.self.agent_id, NULL,
	    buf_view(&relay->payload));
}

static void
on_answer(struct party *party, const struct envelope *env)
{
	struct relay *relay = party->arg;

	(void)env;
	crowd_note(relay->crowd, party->begun_us);
	ask(party);
}

static void
sign(struct party *party, const struct aicx_id *contract_id,
    struct aicx_str text, struct buf *buf)
{
	char signature[B64_LEN(SIG_BYTES)];
	uint8_t bytes[SIG_BYTES];
	struct json_writer w = request_begin(buf, "negotiation.sign_contract");

	sign_bytes(party->self.key, SIG_CONTRACT, text,
	    (struct aicx_str) { "", 0 }, bytes);
	b64_print(bytes, SIG_BYTES, signature);
	json_key(&w, "contract_id");
	json_put_id(&w, contract_id);
	json_key(&w, "key_id");
	json_put_text(&w, sign_key_id(party->self.key));
	json_key(&w, "signature");
	json_put_str(&w, (struct aicx_str) { signature, sizeof signature });
	json_close(&w);
	(void)party_ask(party, buf);
}

static void
contract(struct relay *relay, struct party *asker, struct buf *buf)
{
	struct party *answerer = &relay->answerer;
	struct json_writer w =
	    request_begin(buf, "negotiation.create_contract");

	json_key(&w, "provider_id");
	json_put_id(&w, &answerer->self.agent_id);
	json_key(&w, "capability");
	json_put_text(&w, "bench.relay");
	json_key(&w, "terms");
	json_put_raw(&w,
	    STR("{\"pricing\":{\"model\":\"per_call\",\"base_cost\":"
		"{\"amount\":\"0.001\",\"currency\":\"AIC\"}}}"));
	json_close(&w);
	struct json doc = party_ask(asker, buf);
	struct json_ref root = json_root(&doc);
	struct aicx_id id = party_id_of(asker, root, "contract_id");
	struct aicx_str text = json_str(json_get(root, "text"), &asker->mem);
	struct buf copy = { 0 };
	buf_str(&copy, text);
	sign(asker, &id, buf_view(&copy), buf);
	sign(answerer, &id, buf_view(&copy), buf);
	buf_fini(&copy);
}

/* The members around a payload and its signature take about 450 bytes. */
static void
make_payload(struct buf *payload)
{
	enum { AROUND = 450 };

	buf_text(payload, "{\"text\":\"");
	while (payload->len < MESSAGE_BYTES - AROUND)
		buf_char(payload, payload->len % 7 == 0 ? ' ' : 'x');
	buf_text(payload, "\"}");
}

/* url NULL: they stay where they are. */
static void
join(struct party *party, const struct url *url, int n_polls)
{
	if (url == NULL)
		party_join(party);
	else
		nng_move(party, url, n_polls);
}

static void
run(const struct load *load, const struct url *url, const char *name)
{
	struct relay relay = { .crowd = &load->town->crowd };
	struct buf buf = { 0 };

	make_payload(&relay.payload);
	relay.askers = mem_new((size_t)load->n_askers * sizeof *relay.askers);
	party_open(&relay.answerer, load->town, NULL, on_question, &relay);
	load_register(&relay.answerer, "bench.relay", "0.001", &buf);
	for (int i = 0; i < load->n_askers; i++) {
		struct party *asker = &relay.askers[i];
		party_open(asker, load->town, NULL, on_answer, &relay);
		contract(&relay, asker, &buf);
	}
	join(&relay.answerer, url, POLLS);
	for (int i = 0; i < load->n_askers; i++) {
		join(&relay.askers[i], url, 0);
		ask(&relay.askers[i]);
		party_flush(&relay.askers[i]);
	}
	crowd_run(relay.crowd, load->measure_us);
	load_print(relay.crowd, name);
}

void
load_relay(const struct load *load)
{
	run(load, NULL, "relay");
}

/* The place of the operator's identity has where transport_nng is. */
void
load_relay_nng(const struct load *load)
{
	struct aicx_error error = { 0 };
	struct url url;

	if (url_parse(str_of(load->operator_identity), &url, &error) !=
	    AICX_OK) {
		(void)fprintf(stderr, "load: %s\n", error.text);
		exit(1);
	}
	run(load, &url, "nng_relay");
}
