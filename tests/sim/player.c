/* SPDX-License-Identifier: Apache-2.0 */
/* player.c - connecting, opening a session, asking until there is an answer. */
#include "player.h"

#include "base/err.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/str.h"
#include "history.h"
#include "protocol/session.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HANDSHAKE_MS = 5000, REFUSED_MAX = 30 };
#define TEN_YEARS_MS (INT64_C(3652) * 86400000)

const char *const character_names[9] = { "slow", "forgetful", "impatient",
	"liar", "poor", "crasher", "flooder", "elsewhen", "late" };

/* Those whose answers are stored: the table of abi/wire/methods.json. */
static const char *const reads[] = { "economics.check_balance",
	"economics.get_budget", "economics.get_checkpoint",
	"economics.audit_balance", "economics.list_transactions",
	"negotiation.collect_offers", "negotiation.get_contract", "deal.get",
	"deal.list", "execution.get_execution", "execution.result", NULL };

struct player *
player_new(struct sim *sim, size_t index, const uint8_t *seed,
    const struct aicx_id *id)
{
	struct player *agent = MEM_NEW(struct player);
	uint8_t own[KEY_BYTES];

	agent->sim = sim;
	agent->index = index;
	agent->chance = (struct chance) { chance_next(&sim->agent_chance) };
	chance_bytes(&agent->chance, own, sizeof own);
	chance_bytes(&agent->chance, agent->x25519, sizeof agent->x25519);
	agent->key = sign_key_new(seed != NULL ? seed : own);
	agent->id = id != NULL ? *id : sim_new_id(sim, &agent->chance);
	list_init(&agent->requests);
	list_init(&agent->tasks);
	list_init(&agent->works);
	return agent;
}

static void
request_free(struct inquiry *request)
{
	list_remove(&request->node);
	buf_fini(&request->payload);
	free(request);
}

void
player_free(struct player *agent)
{
	LIST_EACH (node, &agent->requests)
		request_free(LIST_ITEM(node, struct inquiry, node));
	tasks_free(agent);
	seller_free(agent);
	map_fini(&agent->by_id);
	mac_free(agent->in);
	mac_free(agent->out);
	sign_key_free(agent->key);
	buf_fini(&agent->challenge);
	buf_fini(&agent->opening);
	buf_fini(&agent->last_sent);
	free(agent);
}

const struct aicx_id *
player_id(const struct player *agent)
{
	return &agent->id;
}

bool
player_is_open(const struct player *agent)
{
	return agent->state == LINK_OPEN;
}

bool
player_is(const struct player *agent, enum character character)
{
	return (agent->character & character) != 0;
}

struct amount_text
amount_text(int64_t minor)
{
	struct amount_text text;

	(void)snprintf(text.text, sizeof text.text, "%" PRId64 ".%06" PRId64,
	    minor / 1000000, minor % 1000000);
	return text;
}

/* --- connection ----------------------------------------------------------- */

static void
forget_session(struct player *agent)
{
	mac_free(agent->in);
	mac_free(agent->out);
	agent->in = agent->out = NULL;
	agent->link = NULL;
	agent->state = LINK_DOWN;
	buf_clear(&agent->challenge);
	buf_clear(&agent->opening);
}

static void
set_timer(
    struct player *agent, int64_t delay_ms, const char *name, aicx_task_fn *fn)
{
	if (agent->timer != NULL)
		sim_cancel(agent->timer);
	agent->timer = sim_at(agent->sim, delay_ms, name, fn, agent);
}

static void on_connect(void *arg);

static void
on_handshake_over(void *arg)
{
	struct player *agent = arg;
	struct link *link = agent->link;

	agent->timer = NULL;
	if (agent->state == LINK_OPEN)
		return;
	forget_session(agent);
	if (link != NULL)
		net_hang_up(link);
	set_timer(agent, chance_between(&agent->chance, 100, 2000), "connect",
	    on_connect);
}

static void
on_connect(void *arg)
{
	struct player *agent = arg;

	agent->timer = NULL;
	if (agent->state != LINK_DOWN)
		return;
	agent->link = net_connect(agent->sim, agent);
	if (agent->link != NULL)
		agent->state = LINK_NEW;
	if (agent->link == NULL && player_is(agent, AGENT_ELSEWHEN) &&
	    agent->sim->healed)
		return;
	set_timer(agent, HANDSHAKE_MS, "handshake", on_handshake_over);
}

void
player_start(struct player *agent, int64_t delay_ms)
{
	if (player_is(agent, AGENT_ELSEWHEN))
		agent->clock_off_ms = chance_below(&agent->chance, 2) == 0
		    ? TEN_YEARS_MS
		    : -TEN_YEARS_MS;
	set_timer(agent, delay_ms, "connect", on_connect);
}

void
player_lost(struct player *agent)
{
	int64_t most_ms = player_is(agent, AGENT_SLOW) ? 8000 : 1500;

	forget_session(agent);
	if (player_is(agent, AGENT_ELSEWHEN) && agent->n_opens++ > 5)
		return; /* nobody understands it */
	set_timer(agent, chance_between(&agent->chance, 20, most_ms), "connect",
	    on_connect);
}

void
player_go_away(struct player *agent, int64_t ms)
{
	struct link *link = agent->link;

	forget_session(agent);
	if (link != NULL)
		net_hang_up(link);
	set_timer(agent, ms, "connect", on_connect);
}

static struct envelope_head
head_of(struct player *agent, const struct aicx_id *id, enum msg_type type,
    const struct aicx_id *correlation_id)
{
	struct envelope_head head = {
		.id = *id,
		.sender_id = agent->id,
		.receiver_id = agent->sim->keys.broker_id,
		.type = type,
		.timestamp_ms = sim_world_ms(agent->sim) + agent->clock_off_ms,
	};

	if (correlation_id != NULL)
		head.correlation_id = *correlation_id;
	return head;
}

/* By the broker's, when it is far off. */
static void
set_clock(struct player *agent, const struct envelope *env)
{
	int64_t off_ms = env->timestamp_ms - sim_world_ms(agent->sim);

	if (!player_is(agent, AGENT_ELSEWHEN) &&
	    llabs(off_ms - agent->clock_off_ms) > 20000)
		agent->clock_off_ms = off_ms;
}

static void
take_challenge(struct player *agent, struct aicx_str text)
{
	struct aicx_id id = sim_new_id(agent->sim, &agent->chance);
	struct session_challenge challenge;
	struct envelope env;
	struct buf payload = { 0 };
	uint8_t public_key[KEY_BYTES];

	if (envelope_split(text, text.len, &env, NULL) != AICX_OK ||
	    envelope_scan(&env, NULL) != AICX_OK ||
	    session_parse_challenge(env.payload, &challenge, NULL) != AICX_OK)
		return; /* a message that came out of order */
	set_clock(agent, &env);
	x25519_public(agent->x25519, public_key);
	session_put_open(
	    &payload, challenge.nonce, public_key, sign_key_public(agent->key));
	buf_clear(&agent->challenge);
	buf_str(&agent->challenge, text);
	buf_clear(&agent->opening);
	struct envelope_head head = head_of(agent, &id, MSG_QUERY, NULL);
	envelope_print(&agent->opening, &head, buf_view(&payload));
	envelope_sign_key(&agent->opening, 0, agent->key);
	agent->state = LINK_OPENING;
	net_send(agent->link, buf_view(&agent->opening));
	buf_fini(&payload);
}

static void send_request(struct inquiry *request);

static void
become_open(struct player *agent)
{
	agent->state = LINK_OPEN;
	agent->n_opens++;
	mark("session opened");
	if (agent->sells)
		seller_opened(agent);
	LIST_EACH (node, &agent->requests) {
		struct inquiry *request = LIST_ITEM(node, struct inquiry, node);
		if (!request->answered)
			send_request(request);
	}
}

static void
take_opened(struct player *agent, struct aicx_str text)
{
	struct session_result result;
	struct session_keys keys;
	struct envelope env;

	if (envelope_split(text, text.len, &env, NULL) != AICX_OK ||
	    envelope_scan(&env, NULL) != AICX_OK ||
	    session_parse_result(env.payload, &result, NULL) != AICX_OK ||
	    session_derive(agent->x25519, result.x25519,
		buf_view(&agent->challenge), buf_view(&agent->opening), text,
		&keys, NULL) != AICX_OK)
		return;
	agent->session_id = result.session_id;
	agent->out = mac_new(keys.agent_to_broker, KEY_BYTES);
	agent->in = mac_new(keys.broker_to_agent, KEY_BYTES);
	become_open(agent);
}

/* --- saying --------------------------------------------------------------- */

/* What a liar does beside; all of it must be refused or change nothing. */
static void
lie(struct player *agent, const struct envelope_head *head,
    struct aicx_str payload)
{
	struct buf text = { 0 };
	struct mac *wrong;

	switch (chance_below(&agent->chance, 3)) {
	case 0: /* signed under another key */
		envelope_print(&text, head, payload);
		wrong = mac_new("wrong", 5);
		envelope_sign_mac(
		    &text, 0, wrong, str_of(id_text(&agent->session_id).text));
		mac_free(wrong);
		mark("lie: signature");
		break;
	case 1: /* an old message, once more */
		buf_str(&text, buf_view(&agent->last_sent));
		mark("lie: replay");
		break;
	default: /* another body under the same id */
		envelope_print(&text, head,
		    STR("{\"method\":\"economics.fund\",\"agent_id\":\"\"}"));
		envelope_sign_mac(&text, 0, agent->out,
		    str_of(id_text(&agent->session_id).text));
		mark("lie: other body");
		break;
	}
	if (text.len > 0)
		net_send(agent->link, buf_view(&text));
	buf_fini(&text);
}

void
player_say(struct player *agent, enum msg_type type, const struct aicx_id *id,
    const struct aicx_id *correlation_id, struct aicx_str payload)
{
	struct envelope_head head = head_of(agent, id, type, correlation_id);
	struct buf text = { 0 };

	if (agent->state != LINK_OPEN)
		return;
	envelope_print(&text, &head, payload);
	envelope_sign_mac(
	    &text, 0, agent->out, str_of(id_text(&agent->session_id).text));
	net_send(agent->link, buf_view(&text));
	if (player_is(agent, AGENT_IMPATIENT) && !agent->sim->healed)
		net_send(agent->link, buf_view(&text));
	if (player_is(agent, AGENT_LIAR) && !agent->sim->healed &&
	    chance_below(&agent->chance, 4) == 0)
		lie(agent, &head, payload);
	buf_clear(&agent->last_sent);
	buf_str(&agent->last_sent, buf_view(&text));
	buf_fini(&text);
}

static void
on_again(void *arg)
{
	struct inquiry *request = arg;

	request->again = NULL;
	if (!request->answered)
		send_request(request);
}

static void
send_request(struct inquiry *request)
{
	struct player *agent = request->agent;
	int64_t wait_ms = 2000 << (request->n_sent < 4 ? request->n_sent : 4);

	request->n_sent++;
	if (request->again != NULL)
		sim_cancel(request->again);
	request->again =
	    sim_at(agent->sim, wait_ms + chance_between(&agent->chance, 0, 500),
		"again", on_again, request);
	player_say(agent, request->type, &request->id,
	    id_is_nil(&request->correlation_id) ? NULL
						: &request->correlation_id,
	    buf_view(&request->payload));
}

struct inquiry *
player_request(struct player *agent, enum msg_type type, const char *method,
    const struct aicx_id *correlation_id, struct aicx_str payload,
    struct task *task)
{
	struct inquiry *request = MEM_NEW(struct inquiry);

	request->agent = agent;
	request->id = sim_new_id(agent->sim, &agent->chance);
	request->type = type;
	request->method = method;
	request->task = task;
	request->durable = true;
	for (size_t i = 0; reads[i] != NULL; i++)
		if (strcmp(reads[i], method) == 0)
			request->durable = false;
	request->reads_balance = strcmp(method, "economics.check_balance") == 0;
	request->reads_checkpoint =
	    strcmp(method, "economics.get_checkpoint") == 0;
	if (correlation_id != NULL)
		request->correlation_id = *correlation_id;
	buf_str(&request->payload, payload);
	list_push(&agent->requests, &request->node);
	(void)map_put_id(&agent->by_id, &request->id, request);
	agent->sim->n_unanswered++;
	history_request(agent->sim, agent, request);
	send_request(request);
	return request;
}

const struct inquiry *
player_find_request(const struct player *agent, const struct aicx_id *id)
{
	return map_find_id(&agent->by_id, id);
}

/* --- hearing -------------------------------------------------------------- */

static bool
is_passing(struct aicx_str code)
{
	static const char *const words[] = { "stale", "rate_limited",
		"too_many", "draining", "unavailable", "bad_signature" };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (str_is(code, words[i]))
			return true;
	return false;
}

static void
take_answer(struct player *agent, const struct envelope *env)
{
	struct inquiry *request =
	    map_find_id(&agent->by_id, &env->correlation_id);
	struct arena mem = { NULL };
	struct json doc;
	char name[MARK_NAME];

	if (request == NULL || request->answered)
		return;
	if (json_parse(env->payload, &mem, &doc, NULL) != AICX_OK)
		sim_fail(
		    agent->sim, "form", "answer %.*s", STR_ARG(env->payload));
	struct reply reply = { .good = env->type == MSG_RESULT,
		.root = json_root(&doc),
		.mem = &mem };
	if (!reply.good)
		reply.code = json_str(json_get(reply.root, "code"), &mem);
	(void)snprintf(name, sizeof name, "%s %.*s", request->method,
	    STR_ARG(reply.good ? STR("ok") : reply.code));
	mark(name);
	trace_line(&agent->sim->trace, agent->sim->now_ms,
	    "agent %zu is answered: %s", agent->index, name);
	bool again = !reply.good && is_passing(reply.code) &&
	    request->n_refused++ < REFUSED_MAX;
	if (!again) {
		request->answered = true;
		agent->sim->n_unanswered--;
		if (request->again != NULL)
			sim_cancel(request->again);
		request->again = NULL;
		if (request->task != NULL)
			task_goes_on(request->task, &reply);
	}
	arena_fini(&mem);
}

static void
take_message(struct player *agent, struct aicx_str text)
{
	struct envelope env;

	if (envelope_split(text, text.len, &env, NULL) != AICX_OK)
		sim_fail(agent->sim, "form", "message %.*s", STR_ARG(text));
	if (env.signature.alg != ALG_HMAC_SHA256)
		return; /* the handshake's, once more */
	if (!envelope_verify_mac(&env, agent->in))
		sim_fail(agent->sim, "signature", "of %.*s", STR_ARG(text));
	if (envelope_scan(&env, NULL) != AICX_OK)
		sim_fail(agent->sim, "form", "message %.*s", STR_ARG(text));
	set_clock(agent, &env);
	switch (env.type) {
	case MSG_RESULT:
	case MSG_ERROR:
		take_answer(agent, &env);
		break;
	case MSG_QUERY:
		seller_invited(agent, &env);
		break;
	case MSG_EXECUTE:
		seller_ordered(agent, &env);
		break;
	case MSG_OFFER:
	case MSG_ACK:
	case MSG_HEARTBEAT:
		break;
	}
}

void
player_message(struct player *agent, struct aicx_str text)
{
	switch (agent->state) {
	case LINK_DOWN:
		break;
	case LINK_NEW:
		take_challenge(agent, text);
		break;
	case LINK_OPENING:
		take_opened(agent, text);
		break;
	case LINK_OPEN:
		take_message(agent, text);
		break;
	}
}
