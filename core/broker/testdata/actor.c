/* SPDX-License-Identifier: Apache-2.0 */
/* actor.c - an agent of a test, with a key of its own and one session. */
#include "broker/testdata/actor.h"

#include "base/b64.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/str.h"
#include "broker/peer.h"
#include "broker/testdata/stage_inside.h"
#include "protocol/object.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static aicx_err
on_send(void *conn, struct aicx_str message)
{
	struct actor *actor = conn;

	ENSURE(actor->n_in < ACTOR_MESSAGES_MAX);
	buf_clear(&actor->inbox[actor->n_in]);
	buf_str(&actor->inbox[actor->n_in++], message);
	return AICX_OK;
}

static void
on_close(void *conn, uint16_t code, const char *why)
{
	(void)code;
	(void)why;
	(void)conn;
}

static const struct aicx_peer_ops peer_ops = {
	.size = sizeof peer_ops,
	.send = on_send,
	.close = on_close,
};

struct actor *
actor_new(struct stage *stage, const char *name)
{
	struct actor *actor = MEM_NEW(struct actor);
	uint8_t seed[KEY_BYTES];

	(void)name;
	actor->stage = stage;
	stage_random(stage, seed, sizeof seed);
	stage_random(stage, actor->x25519, sizeof actor->x25519);
	actor->id = broker_new_id(stage->broker);
	actor->key = sign_key_new(seed);
	list_push(&stage->actors, &actor->node);
	return actor;
}

const struct aicx_id *
actor_id(const struct actor *actor)
{
	return &actor->id;
}

struct sign_key *
actor_key(struct actor *actor)
{
	return actor->key;
}

void
actor_forget(struct actor *actor)
{
	ENSURE(actor->n_read == actor->n_in);
	actor->n_in = actor->n_read = 0;
}

void
actor_close(struct actor *actor)
{
	if (actor->peer != NULL)
		peer_free(actor->peer);
	actor->peer = NULL;
	mac_free(actor->in);
	mac_free(actor->out);
	actor->in = actor->out = NULL;
	actor->n_in = actor->n_read = 0;
}

void
actor_free(struct actor *actor)
{
	actor_close(actor);
	for (size_t i = 0; i < ACTOR_MESSAGES_MAX; i++)
		buf_fini(&actor->inbox[i]);
	sign_key_free(actor->key);
	list_remove(&actor->node);
	free(actor);
}

static struct envelope_head
head_of(struct actor *actor, enum msg_type type)
{
	return (struct envelope_head) {
		.id = broker_new_id(actor->stage->broker),
		.sender_id = actor->id,
		.receiver_id = actor->stage->keys.broker_id,
		.type = type,
		.timestamp_ms = actor->stage->wall_ms,
	};
}

void
actor_open(struct actor *actor)
{
	struct stage *stage = actor->stage;
	struct aicx_peer_info info = { .size = sizeof info,
		.address = str_of(stage->address),
		.secure = 1 };
	struct session_challenge challenge;
	struct session_result result;
	struct session_keys keys;
	struct buf payload = { 0 }, open = { 0 };
	struct envelope env;
	uint8_t public_key[KEY_BYTES];

	ENSURE(peer_new(stage->broker, &peer_ops, actor, &info, &actor->peer,
		   NULL) == AICX_OK);
	stage_run(stage);
	ENSURE(actor->n_in == 1);
	struct aicx_str asked = buf_view(&actor->inbox[0]);
	ENSURE(envelope_split(asked, asked.len, &env, NULL) == AICX_OK);
	ENSURE(envelope_scan(&env, NULL) == AICX_OK);
	ENSURE(
	    session_parse_challenge(env.payload, &challenge, NULL) == AICX_OK);
	x25519_public(actor->x25519, public_key);
	session_put_open(
	    &payload, challenge.nonce, public_key, sign_key_public(actor->key));
	struct envelope_head head = head_of(actor, MSG_QUERY);
	envelope_print(&open, &head, buf_view(&payload));
	envelope_sign_key(&open, 0, actor->key);
	peer_deliver(actor->peer, buf_view(&open));
	stage_run(stage);
	ENSURE(actor->n_in >= 2);
	struct aicx_str answer = buf_view(&actor->inbox[1]);
	ENSURE(envelope_split(answer, answer.len, &env, NULL) == AICX_OK);
	ENSURE(envelope_scan(&env, NULL) == AICX_OK);
	ENSURE(session_parse_result(env.payload, &result, NULL) == AICX_OK);
	ENSURE(session_derive(actor->x25519, result.x25519, asked,
		   buf_view(&open), answer, &keys, NULL) == AICX_OK);
	actor->session_id = result.session_id;
	actor->out = mac_new(keys.agent_to_broker, KEY_BYTES);
	actor->in = mac_new(keys.broker_to_agent, KEY_BYTES);
	actor->n_read = 2;
	buf_fini(&payload);
	buf_fini(&open);
}

void
actor_send_as(struct actor *actor, const struct aicx_id *id, enum msg_type type,
    const struct aicx_id *correlation_id, const char *payload)
{
	struct envelope_head head = head_of(actor, type);
	struct buf text = { 0 };

	head.id = *id;
	if (correlation_id != NULL)
		head.correlation_id = *correlation_id;
	envelope_print(&text, &head, str_of(payload));
	envelope_sign_mac(
	    &text, 0, actor->out, str_of(id_text(&actor->session_id).text));
	peer_deliver(actor->peer, buf_view(&text));
	buf_fini(&text);
	stage_run(actor->stage);
}

struct aicx_id
actor_send(struct actor *actor, enum msg_type type,
    const struct aicx_id *correlation_id, const char *payload)
{
	struct aicx_id id = broker_new_id(actor->stage->broker);

	actor_send_as(actor, &id, type, correlation_id, payload);
	return id;
}

struct aicx_id
actor_tells(struct actor *actor, const struct aicx_id *to, int64_t ttl_ms,
    const char *payload)
{
	struct envelope_head head = head_of(actor, MSG_QUERY);
	struct buf text = { 0 };

	head.receiver_id = *to;
	head.expires_ms = actor->stage->wall_ms + ttl_ms;
	envelope_print(&text, &head, str_of(payload));
	envelope_sign_mac(
	    &text, 0, actor->out, str_of(id_text(&actor->session_id).text));
	peer_deliver(actor->peer, buf_view(&text));
	buf_fini(&text);
	stage_run(actor->stage);
	return head.id;
}

bool
actor_next(struct actor *actor, struct envelope *ret_env)
{
	if (actor->n_read == actor->n_in)
		return false;
	struct aicx_str text = buf_view(&actor->inbox[actor->n_read++]);
	ENSURE(envelope_split(text, text.len, ret_env, NULL) == AICX_OK);
	ENSURE(envelope_verify_mac(ret_env, actor->in));
	ENSURE(envelope_scan(ret_env, NULL) == AICX_OK);
	return true;
}

void
actor_sells(struct actor *actor, const char *capability, const char *price)
{
	struct buf payload = { 0 };
	struct envelope env;

	buf_printf(&payload,
	    "{\"method\":\"discovery.register\",\"name\":\"seller\","
	    "\"capabilities\":[{\"name\":\"%s\",\"pricing\":{\"model\":"
	    "\"per_call\",\"base_cost\":{\"amount\":\"%s\",\"currency\":"
	    "\"AIC\"}}}]}",
	    capability, price);
	(void)actor_send(actor, MSG_QUERY, NULL, buf_cstr(&payload));
	ENSURE(actor_next(actor, &env));
	ENSURE(env.type == MSG_RESULT);
	buf_fini(&payload);
}

static struct aicx_str
member(struct aicx_str payload, const char *name, struct arena *mem)
{
	struct json *doc = arena_new(mem, sizeof *doc);

	ENSURE(json_parse(payload, mem, doc, NULL) == AICX_OK);
	return json_str(json_get(json_root(doc), name), mem);
}

void
actor_offers(struct actor *actor, const struct envelope *invitation,
    const char *price, struct sign_key *key)
{
	struct stage *stage = actor->stage;
	struct arena mem = { NULL };
	struct buf terms = { 0 }, text = { 0 }, payload = { 0 };
	struct aicx_str intent_id =
	    member(invitation->payload, "intent_id", &mem);
	struct aicx_id id = broker_new_id(stage->broker);
	uint8_t hash[HASH_BYTES];
	char hash_text[B64_LEN(HASH_BYTES) + 1] = "";

	buf_printf(&terms,
	    "{\"pricing\":{\"model\":\"per_call\",\"base_cost\":{\"amount\":"
	    "\"%s\",\"currency\":\"AIC\"}}}",
	    price);
	sha256(terms.ptr, terms.len, hash);
	b64_print(hash, sizeof hash, hash_text);
	buf_printf(&text,
	    "{\"kind\":\"offer\",\"id\":\"%s\",\"broker_id\":\"%s\","
	    "\"intent_id\":\"%.*s\",\"provider_id\":\"%s\",\"terms_sha256\":"
	    "\"%s\",\"expires\":\"%s\"}",
	    id_text(&id).text, id_text(&stage->keys.broker_id).text,
	    STR_ARG(intent_id), id_text(&actor->id).text, hash_text,
	    time_text(stage->wall_ms + 60000).text);
	struct signed_object object =
	    object_sign(key ? key : actor->key, SIG_OFFER, buf_view(&text));
	object.key_id = str_of(sign_key_id(actor->key));
	struct json_writer w = json_writer(&payload);
	json_open(&w, '{');
	json_key(&w, "method");
	json_put_text(&w, "negotiation.offer");
	json_key(&w, "intent_id");
	json_put_str(&w, intent_id);
	json_key(&w, "offer");
	object_put(&w, &object);
	json_key(&w, "terms");
	json_put_str(&w, buf_view(&terms));
	json_close(&w);
	(void)actor_send(actor, MSG_OFFER, &invitation->id, buf_cstr(&payload));
	buf_fini(&terms);
	buf_fini(&text);
	buf_fini(&payload);
	arena_fini(&mem);
}
