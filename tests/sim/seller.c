/* SPDX-License-Identifier: Apache-2.0 */
/* seller.c - offers, and work that is done well, badly, late or twice. */
#include "player.h"

#include "audit.h"
#include "base/b64.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/str.h"

#include <stdlib.h>

struct work { /* an EXECUTE or an invitation that was heard */
	struct list node;
	struct player *agent;
	struct aicx_id id, execution_id, answer_id;
	struct buf answer; /* its payload, once it is decided */
	enum msg_type type;
	struct event *due;
	bool said;
};

void
seller_free(struct player *agent)
{
	LIST_EACH (node, &agent->works) {
		struct work *work = LIST_ITEM(node, struct work, node);
		buf_fini(&work->answer);
		free(work);
	}
	list_init(&agent->works);
	map_fini(&agent->work);
}

void
seller_forgets(struct player *agent)
{
	LIST_EACH (node, &agent->works) {
		struct work *work = LIST_ITEM(node, struct work, node);
		if (work->due != NULL)
			sim_cancel(work->due);
	}
	seller_free(agent);
}

/* --- what is for sale ----------------------------------------------------- */

static void
put_money(struct buf *buf, const char *name, int64_t minor)
{
	buf_printf(buf, "\"%s\":{\"amount\":\"%s\",\"currency\":\"AIC\"}", name,
	    amount_text(minor).text);
}

/* By the call, or by units that the broker measures or the seller claims. */
static void
put_terms(struct player *agent, struct buf *buf)
{
	static const char *const units[] = { "bytes", "items", "tokens" };
	struct chance *chance = &agent->chance;
	size_t unit = agent->index % 6;

	buf_printf(buf, "{\"pricing\":{\"model\":\"%s\",",
	    unit < 3 ? "per_unit" : "per_call");
	put_money(buf, "base_cost", agent->price_minor);
	if (unit < 3) {
		buf_char(buf, ',');
		put_money(buf, "unit_cost", 3);
		buf_printf(buf, ",\"unit\":\"%s\"", units[unit]);
	}
	buf_text(buf, "}");
	if (unit < 3)
		buf_text(buf, ",\"max_units\":100");
	if (chance_below(chance, 3) == 0)
		buf_printf(buf, ",\"timeout_ms\":%d",
		    (int)chance_between(chance, 500, 20000));
	if (chance_below(chance, 3) == 0)
		buf_text(buf,
		    ",\"retry_policy\":{\"max_attempts\":4,"
		    "\"backoff_strategy\":\"fixed\",\"initial_delay_ms\":"
		    "9000,\"max_delay_ms\":9000}");
	if (chance_below(chance, 5) == 0) {
		buf_char(buf, ',');
		put_money(buf, "cancel_fee", agent->price_minor / 4 + 1);
	}
	buf_char(buf, '}');
}

static void
hash_text(struct aicx_str text, char ret[B64_LEN(HASH_BYTES) + 1])
{
	uint8_t hash[HASH_BYTES];

	sha256(text.ptr, text.len, hash);
	b64_print(hash, sizeof hash, ret);
	ret[B64_LEN(HASH_BYTES)] = '\0';
}

/* `what` is an intent's id or a capability. */
static void
put_offer(struct player *agent, struct buf *buf, const char *member,
    struct aicx_str what, struct aicx_str terms)
{
	struct sim *sim = agent->sim;
	struct aicx_id id = sim_new_id(sim, &agent->chance);
	char hash[B64_LEN(HASH_BYTES) + 1];

	hash_text(terms, hash);
	buf_printf(buf,
	    "{\"kind\":\"offer\",\"id\":\"%s\",\"broker_id\":\"%s\","
	    "\"%s\":\"%.*s\",\"provider_id\":\"%s\",\"terms_sha256\":\"%s\","
	    "\"expires\":\"%s\"}",
	    id_text(&id).text, id_text(&sim->keys.broker_id).text, member,
	    STR_ARG(what), id_text(&agent->id).text, hash,
	    time_text(sim_world_ms(sim) + 3600000).text);
}

/* A liar signs with a key that is not its own. */
static struct signed_object
sign(struct player *agent, enum sig_kind kind, struct aicx_str text)
{
	struct signed_object object = object_sign(agent->key, kind, text);

	if (player_is(agent, AGENT_LIAR) &&
	    chance_below(&agent->chance, 4) == 0) {
		object.signature[7] ^= 1;
		mark("lie: object");
	}
	return object;
}

static void
offer_standing(struct player *agent)
{
	struct buf terms = { 0 }, text = { 0 }, payload = { 0 };
	struct json_writer w = json_writer(&payload);

	put_terms(agent, &terms);
	put_offer(agent, &text, "capability", str_of(agent->capability),
	    buf_view(&terms));
	struct signed_object object = sign(agent, SIG_OFFER, buf_view(&text));
	json_open(&w, '{');
	json_key(&w, "method");
	json_put_text(&w, "negotiation.grant_standing_offer");
	object_put_members(&w, &object);
	json_key(&w, "terms");
	json_put_str(&w, buf_view(&terms));
	json_close(&w);
	(void)player_request(agent, MSG_QUERY,
	    "negotiation.grant_standing_offer", NULL, buf_view(&payload), NULL);
	buf_fini(&terms);
	buf_fini(&text);
	buf_fini(&payload);
}

void
seller_opened(struct player *agent)
{
	struct buf payload = { 0 };

	if (agent->n_opens > 1)
		return;
	buf_printf(&payload,
	    "{\"method\":\"discovery.register\",\"name\":\"seller %zu\","
	    "\"capabilities\":[{\"name\":\"%s\",\"pricing\":{\"model\":"
	    "\"per_call\",",
	    agent->index, agent->capability);
	put_money(&payload, "base_cost", agent->price_minor);
	buf_text(&payload, "}}]}");
	(void)player_request(agent, MSG_QUERY, "discovery.register", NULL,
	    buf_view(&payload), NULL);
	buf_fini(&payload);
	if (chance_below(&agent->chance, 5) == 0)
		offer_standing(agent);
}

/* --- hearing -------------------------------------------------------------- */

static struct work *
heard(struct player *agent, const struct aicx_id *id, bool *ret_new)
{
	struct work *work = map_find_id(&agent->work, id);

	*ret_new = work == NULL;
	if (work != NULL)
		return work;
	work = MEM_NEW(struct work);
	work->agent = agent;
	work->id = *id;
	list_push(&agent->works, &work->node);
	(void)map_put_id(&agent->work, &work->id, work);
	return work;
}

static bool
payload_id(const struct envelope *env, const char *name, struct aicx_id *ret)
{
	struct arena mem = { NULL };
	struct json doc;
	bool found = json_parse(env->payload, &mem, &doc, NULL) == AICX_OK;

	if (found) {
		struct aicx_str text =
		    json_str(json_get(json_root(&doc), name), &mem);
		found = text.ptr != NULL && id_parse(text, ret);
	}
	arena_fini(&mem);
	return found;
}

static void
offer(struct player *agent, const struct envelope *env,
    const struct aicx_id *intent_id)
{
	struct buf terms = { 0 }, text = { 0 }, payload = { 0 };
	struct json_writer w = json_writer(&payload);
	struct id_text intent = id_text(intent_id);

	put_terms(agent, &terms);
	put_offer(
	    agent, &text, "intent_id", str_of(intent.text), buf_view(&terms));
	struct signed_object object = sign(agent, SIG_OFFER, buf_view(&text));
	json_open(&w, '{');
	json_key(&w, "method");
	json_put_text(&w, "negotiation.offer");
	json_key(&w, "intent_id");
	json_put_id(&w, intent_id);
	json_key(&w, "offer");
	object_put(&w, &object);
	json_key(&w, "terms");
	json_put_str(&w, buf_view(&terms));
	json_close(&w);
	(void)player_request(agent, MSG_OFFER, "negotiation.offer", &env->id,
	    buf_view(&payload), NULL);
	buf_fini(&terms);
	buf_fini(&text);
	buf_fini(&payload);
}

void
seller_invited(struct player *agent, const struct envelope *env)
{
	struct aicx_id intent_id, id;
	bool is_new;

	if (!str_is(envelope_method(env), "negotiation.intent") ||
	    !payload_id(env, "intent_id", &intent_id))
		return;
	(void)heard(agent, &env->id, &is_new);
	if (!is_new)
		return;
	if (player_is(agent, AGENT_FORGETFUL) &&
	    chance_below(&agent->chance, 2) == 0)
		return;
	if (chance_below(&agent->chance, 12) == 0) {
		id = sim_new_id(agent->sim, &agent->chance);
		player_say(agent, MSG_ERROR, &id, &env->id,
		    STR("{\"code\":\"busy\",\"detail\":\"not now\"}"));
		return;
	}
	offer(agent, env, &intent_id);
}

/* --- work ----------------------------------------------------------------- */

static void
put_usage(struct work *work, struct json_writer *w)
{
	struct player *agent = work->agent;
	struct buf text = { 0 };

	buf_printf(&text,
	    "{\"kind\":\"usage\",\"broker_id\":\"%s\",\"execution_id\":\"%s\","
	    "\"units\":%d}",
	    id_text(&agent->sim->keys.broker_id).text,
	    id_text(&work->execution_id).text,
	    (int)chance_below(&agent->chance, 150));
	struct signed_object object = sign(agent, SIG_USAGE, buf_view(&text));
	json_key(w, "usage");
	object_put(w, &object);
	buf_fini(&text);
}

static void
decide(struct work *work)
{
	struct player *agent = work->agent;
	struct json_writer w = json_writer(&work->answer);
	uint64_t draw = chance_below(&agent->chance, 100);

	work->answer_id = sim_new_id(agent->sim, &agent->chance);
	work->type = draw < 80 ? MSG_RESULT : MSG_ERROR;
	json_open(&w, '{');
	json_key(&w, "execution_id");
	json_put_id(&w, &work->execution_id);
	if (work->type == MSG_RESULT) {
		json_key(&w, "output");
		json_put_raw(&w, STR("[1,2,3]"));
		if (agent->index % 6 == 2)
			put_usage(work, &w);
	} else {
		json_key(&w, "code");
		json_put_text(&w, "failed");
		json_key(&w, "detail");
		json_put_text(&w, "out of luck");
		json_key(&w, "retryable");
		json_put_bool(&w, draw < 92);
	}
	json_close(&w);
}

static void
say_answer(struct work *work)
{
	struct player *agent = work->agent;
	struct buf wrong = { 0 };

	player_say(agent, work->type, &work->answer_id, &work->id,
	    buf_view(&work->answer));
	work->said = true;
	if (!player_is(agent, AGENT_LIAR) || agent->sim->healed)
		return;
	/* Another result for the same work, and under another's name. */
	struct aicx_id id = sim_new_id(agent->sim, &agent->chance);
	buf_printf(&wrong, "{\"execution_id\":\"%s\",\"output\":[9]}",
	    id_text(&work->execution_id).text);
	player_say(agent, MSG_RESULT, &id, &work->id, buf_view(&wrong));
	mark("lie: second result");
	buf_fini(&wrong);
}

static void
on_done(void *arg)
{
	struct work *work = arg;

	work->due = NULL;
	if (work->answer.len == 0)
		decide(work);
	say_answer(work);
}

static int64_t
work_ms(struct player *agent)
{
	if (player_is(agent, AGENT_LATE) &&
	    chance_below(&agent->chance, 2) == 0)
		return chance_between(&agent->chance, 15000, 90000);
	if (player_is(agent, AGENT_SLOW))
		return chance_between(&agent->chance, 500, 8000);
	return chance_between(&agent->chance, 1, 400);
}

/* Free work says which request asked for it. */
static void
note_order(struct player *agent, const struct envelope *env,
    const struct aicx_id *execution_id)
{
	struct arena mem = { NULL };
	struct json doc;
	struct aicx_id work_id;

	if (json_parse(env->payload, &mem, &doc, NULL) == AICX_OK &&
	    id_parse(
		json_str(
		    json_get(json_get(json_root(&doc), "input"), "work"), &mem),
		&work_id))
		audit_ordered(agent->sim->audit, &work_id, execution_id);
	arena_fini(&mem);
}

void
seller_ordered(struct player *agent, const struct envelope *env)
{
	struct aicx_id execution_id, id;
	bool is_new;

	if (!payload_id(env, "execution_id", &execution_id))
		return;
	struct work *work = heard(agent, &env->id, &is_new);
	if (work->due != NULL)
		return;
	if (work->said) {
		say_answer(work);
		return;
	}
	work->execution_id = execution_id;
	note_order(agent, env, &execution_id);
	if (is_new && player_is(agent, AGENT_FORGETFUL) &&
	    chance_below(&agent->chance, 2) == 0)
		return;
	if (chance_below(&agent->chance, 20) == 0 && !agent->sim->healed)
		return; /* silence: it is asked again */
	if (chance_below(&agent->chance, 8) == 0) {
		id = sim_new_id(agent->sim, &agent->chance);
		player_say(agent, MSG_ACK, &id, &env->id, STR("{}"));
	}
	work->due = sim_at(agent->sim, work_ms(agent), "work", on_done, work);
}

void
seller_sign(struct player *agent, const struct aicx_id *contract_id,
    struct aicx_str text)
{
	struct buf payload = { 0 };
	char signature[B64_LEN(SIG_BYTES) + 1] = "";
	struct signed_object object = sign(agent, SIG_CONTRACT, text);

	b64_print(object.signature, SIG_BYTES, signature);
	buf_printf(&payload,
	    "{\"method\":\"negotiation.sign_contract\",\"contract_id\":\"%s\","
	    "\"key_id\":\"%s\",\"signature\":\"%s\"}",
	    id_text(contract_id).text, sign_key_id(agent->key), signature);
	(void)player_request(agent, MSG_QUERY, "negotiation.sign_contract",
	    NULL, buf_view(&payload), NULL);
	buf_fini(&payload);
}
