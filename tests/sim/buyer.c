/* SPDX-License-Identifier: Apache-2.0 */
/*
 * buyer.c - what agents want: tasks of several requests, one after the other.
 * A task goes on with each answer and ends with its last.
 */
#include "audit.h"
#include "player.h"

#include "base/b64.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/str.h"
#include "negotiation/deal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct task {
	struct list node;
	struct player *agent;
	/* Asks for the next thing; false: it is done.  reply is NULL at the
	   beginning. */
	bool (*go)(struct task *task, const struct reply *reply);
	int stage, left;
	bool over;
	struct aicx_id contract_id, intent_id, mandate_id, of;
	int64_t minor;
	struct player *payee;
};

void
tasks_free(struct player *agent)
{
	LIST_EACH (node, &agent->tasks)
		free(LIST_ITEM(node, struct task, node));
	list_init(&agent->tasks);
}

void
task_goes_on(struct task *task, const struct reply *reply)
{
	if (task->over || task->go(task, reply))
		return;
	task->over = true;
	task->agent->sim->n_tasks--;
}

static void
on_begin(void *arg)
{
	task_goes_on(arg, NULL);
}

static struct task *
plan(struct player *agent, int64_t delay_ms,
    bool (*go)(struct task *task, const struct reply *reply))
{
	struct task *task = MEM_NEW(struct task);

	task->agent = agent;
	task->go = go;
	list_push(&agent->tasks, &task->node);
	agent->sim->n_tasks++;
	(void)sim_at(agent->sim, delay_ms, "task", on_begin, task);
	return task;
}

/* --- asking --------------------------------------------------------------- */

static struct inquiry *
ask(struct task *task, const char *method, struct buf *members)
{
	struct buf payload = { 0 };
	struct inquiry *inquiry;

	buf_printf(&payload, "{\"method\":\"%s\"", method);
	if (members->len > 0) {
		buf_char(&payload, ',');
		buf_str(&payload, buf_view(members));
	}
	buf_char(&payload, '}');
	inquiry = player_request(
	    task->agent, MSG_QUERY, method, NULL, buf_view(&payload), task);
	buf_fini(&payload);
	buf_fini(members);
	return inquiry;
}

static void
ask_about(struct task *task, const char *method, const char *name,
    const struct aicx_id *id)
{
	struct buf members = { 0 };

	buf_printf(&members, "\"%s\":\"%s\"", name, id_text(id).text);
	(void)ask(task, method, &members);
}

static bool
reply_id(const struct reply *reply, const char *name, struct aicx_id *ret)
{
	struct aicx_str text =
	    json_str(json_get(reply->root, name), reply->mem);

	return text.ptr != NULL && id_parse(text, ret);
}

static const char *
any_capability(struct player *agent)
{
	static const char *const names[] = { "text.count", "text.sum",
		"pix.draw" };

	return names[chance_below(&agent->chance, 3)];
}

static int64_t
any_price(struct player *agent)
{
	return player_is(agent, AGENT_POOR)
	    ? chance_between(&agent->chance, 900, 1200)
	    : chance_between(&agent->chance, 800, 20000);
}

/* --- buying in one call --------------------------------------------------- */

static void
put_mandate(struct player *agent, struct buf *text, const struct aicx_id *id,
    int64_t each_minor, int64_t total_minor, int max_deals)
{
	static const char *const rules[] = { "lowest_price", "best_score",
		"first_good" };
	struct sim *sim = agent->sim;

	buf_printf(text,
	    "{\"kind\":\"mandate\",\"id\":\"%s\",\"broker_id\":\"%s\","
	    "\"requester\":\"%s\",\"need\":[\"text.*\",\"pix.draw\"],"
	    "\"max_each\":{\"amount\":\"%s\",\"currency\":\"AIC\"},"
	    "\"max_total\":{\"amount\":\"%s\",\"currency\":\"AIC\"},"
	    "\"max_deals\":%d,\"expires\":\"%s\",\"choose\":\"%s\"}",
	    id_text(id).text, id_text(&sim->keys.broker_id).text,
	    id_text(&agent->id).text, amount_text(each_minor).text,
	    amount_text(total_minor).text, max_deals,
	    time_text(sim_world_ms(sim) + INT64_C(86400000)).text,
	    rules[chance_below(&agent->chance, 3)]);
}

static void
put_wish(struct player *agent, struct buf *members, int64_t max_minor)
{
	buf_printf(members,
	    "\"need\":\"%s\",\"input\":\"%.*s\",\"max_price\":{\"amount\":"
	    "\"%s\",\"currency\":\"AIC\"},\"deadline_ms\":%d",
	    any_capability(agent), (int)chance_below(&agent->chance, 40),
	    "one two three four five six seven eight nine",
	    amount_text(max_minor).text,
	    (int)chance_between(&agent->chance, 3000, 40000));
}

static void
sign_mandate(struct player *agent, struct aicx_str text, struct json_writer *w,
    const char *name)
{
	struct signed_object object =
	    object_sign(agent->key, SIG_MANDATE, text);

	if (player_is(agent, AGENT_LIAR) &&
	    chance_below(&agent->chance, 6) == 0)
		object.signature[3] ^= 1;
	if (name == NULL) {
		object_put_members(w, &object);
		return;
	}
	json_key(w, name);
	object_put(w, &object);
}

/* A mandate for this deal only comes with it. */
static bool
go_buy(struct task *task, const struct reply *reply)
{
	struct player *agent = task->agent;
	struct aicx_id id = sim_new_id(agent->sim, &agent->chance);
	struct buf text = { 0 }, payload = { 0 };
	struct json_writer w = json_writer(&payload);
	struct buf wish = { 0 };
	int64_t minor = any_price(agent);

	if (reply != NULL && task->left-- == 0)
		return false;
	put_mandate(agent, &text, &id, minor, minor, 1);
	json_open(&w, '{');
	json_key(&w, "method");
	json_put_text(&w, "deal.buy");
	sign_mandate(agent, buf_view(&text), &w, "mandate");
	json_close(&w);
	payload.len--; /* go on before the bracket */
	put_wish(agent, &wish, minor);
	buf_printf(&payload, ",%.*s}", STR_ARG(buf_view(&wish)));
	(void)player_request(
	    agent, MSG_QUERY, "deal.buy", NULL, buf_view(&payload), task);
	buf_fini(&wish);
	buf_fini(&text);
	buf_fini(&payload);
	return true;
}

static void
grant(struct task *task)
{
	struct player *agent = task->agent;
	struct buf text = { 0 }, payload = { 0 };
	struct json_writer w = json_writer(&payload);
	int64_t each_minor = any_price(agent);

	task->mandate_id = sim_new_id(agent->sim, &agent->chance);
	task->minor = each_minor;
	put_mandate(agent, &text, &task->mandate_id, each_minor,
	    each_minor * chance_between(&agent->chance, 1, 4),
	    (int)chance_between(&agent->chance, 1, 4));
	json_open(&w, '{');
	json_key(&w, "method");
	json_put_text(&w, "negotiation.grant_mandate");
	sign_mandate(agent, buf_view(&text), &w, NULL);
	json_close(&w);
	(void)player_request(agent, MSG_QUERY, "negotiation.grant_mandate",
	    NULL, buf_view(&payload), task);
	buf_fini(&text);
	buf_fini(&payload);
}

/* A standing mandate, several deals under it, one too many; it is revoked. */
static bool
go_mandate(struct task *task, const struct reply *reply)
{
	struct buf members = { 0 };

	if (reply == NULL) {
		task->left = (int)chance_between(&task->agent->chance, 1, 5);
		grant(task);
		return true;
	}
	if (!reply->good && task->stage == 0)
		return false;
	if (task->stage == 2)
		return false;
	if (task->left-- == 0) {
		task->stage = 2;
		ask_about(task, "negotiation.revoke_mandate", "mandate_id",
		    &task->mandate_id);
		return true;
	}
	task->stage = 1;
	put_wish(task->agent, &members, task->minor);
	buf_printf(&members, ",\"mandate_id\":\"%s\"",
	    id_text(&task->mandate_id).text);
	(void)ask(task, "deal.buy", &members);
	return true;
}

/* --- paying without a deal ------------------------------------------- */

static struct player *
any_other(struct player *agent)
{
	struct sim *sim = agent->sim;

	for (int i = 0; i < 20; i++) {
		struct player *other = sim->agents[1 +
		    chance_below(&agent->chance, sim->n_agents - 1)];
		if (other != agent && !player_is(other, AGENT_ELSEWHEN))
			return other;
	}
	return NULL;
}

static void
put_amount(struct buf *members, const char *name, int64_t minor)
{
	buf_printf(members, "\"%s\":{\"amount\":\"%s\",\"currency\":\"AIC\"}",
	    name, amount_text(minor).text);
}

/* Gives a payment back, or what it takes for a part of it; twice to see that
   no more goes back than came. */
static bool
go_refund(struct task *task, const struct reply *reply)
{
	struct buf members = { 0 };

	if (reply != NULL && task->left-- == 0)
		return false;
	buf_printf(
	    &members, "\"transaction_id\":\"%s\"", id_text(&task->of).text);
	if (chance_below(&task->agent->chance, 3) != 0) {
		buf_char(&members, ',');
		put_amount(&members, "amount",
		    chance_between(&task->agent->chance, 1, task->minor));
	}
	(void)ask(task, "economics.refund", &members);
	return true;
}

static void
refund_later(
    struct player *payee, const struct aicx_id *transaction_id, int64_t minor)
{
	struct task *task =
	    plan(payee, chance_between(&payee->chance, 10, 30000), go_refund);

	task->of = *transaction_id;
	task->minor = minor;
	task->left = (int)chance_below(&payee->chance, 3);
}

static void
ask_charge(struct task *task, struct player *payee, int64_t minor)
{
	struct buf members = { 0 };

	buf_printf(&members, "\"agent_id\":\"%s\",\"to_agent_id\":\"%s\",",
	    id_text(&task->agent->id).text, id_text(&payee->id).text);
	put_amount(&members, "amount", minor);
	if (!id_is_nil(&task->contract_id)) /* the reservation */
		buf_printf(&members, ",\"reservation_id\":\"%s\"",
		    id_text(&task->contract_id).text);
	task->payee = payee;
	(void)ask(task, "economics.charge", &members);
}

static bool
charged(struct task *task, const struct reply *reply)
{
	struct aicx_id id;

	if (reply->good && reply_id(reply, "transaction_id", &id) &&
	    chance_below(&task->agent->chance, 3) != 0)
		refund_later(task->payee, &id, task->minor);
	return false;
}

static bool
go_charge(struct task *task, const struct reply *reply)
{
	struct player *agent = task->agent;
	struct player *payee = any_other(agent);

	if (reply != NULL)
		return charged(task, reply);
	task->minor = chance_between(&agent->chance, 1, 9000);
	if (payee != NULL)
		ask_charge(task, payee, task->minor);
	return payee != NULL;
}

/* Money set aside: released, paid from, or left until it expires. */
static bool
go_reserve(struct task *task, const struct reply *reply)
{
	struct player *agent = task->agent;
	struct player *payee = any_other(agent);
	struct buf members = { 0 };

	if (reply == NULL) {
		task->minor = chance_between(&agent->chance, 10, 9000);
		buf_printf(&members,
		    "\"agent_id\":\"%s\",\"expires_in_ms\":%d,",
		    id_text(&agent->id).text,
		    (int)chance_between(&agent->chance, 1000, 60000));
		put_amount(&members, "amount", task->minor);
		(void)ask(task, "economics.reserve_funds", &members);
		return true;
	}
	if (task->stage == 2)
		return charged(task, reply);
	if (task->stage++ == 1 || !reply->good ||
	    !reply_id(reply, "reservation_id", &task->contract_id))
		return false;
	if (payee != NULL && chance_below(&agent->chance, 2) == 0) {
		task->stage = 2;
		ask_charge(task, payee,
		    chance_between(&agent->chance, 1, task->minor + 5));
	} else if (chance_below(&agent->chance, 2) == 0)
		ask_about(task, "economics.release_reservation",
		    "reservation_id", &task->contract_id);
	else
		return false;
	return true;
}

/* --- by hand -------------------------------------------------------------- */

enum {
	HAND_INTENT,
	HAND_OFFERS,
	HAND_SELECT,
	HAND_SIGN,
	HAND_WORK,
	HAND_END,
	HAND_DISPUTE,
	HAND_MANDATE
};

static void
sign_contract(struct task *task, struct aicx_str text)
{
	struct player *agent = task->agent;
	struct buf members = { 0 };
	char signature[B64_LEN(SIG_BYTES) + 1] = "";
	struct signed_object object =
	    object_sign(agent->key, SIG_CONTRACT, text);

	b64_print(object.signature, SIG_BYTES, signature);
	buf_printf(&members,
	    "\"contract_id\":\"%s\",\"key_id\":\"%s\",\"signature\":\"%s\"",
	    id_text(&task->contract_id).text, sign_key_id(agent->key),
	    signature);
	(void)ask(task, "negotiation.sign_contract", &members);
}

/* The operator rules on a dispute, sooner or later, until it is taken. */
static bool
go_rule(struct task *task, const struct reply *reply)
{
	static const char *const rulings[] = { "release", "refund" };
	struct buf members = { 0 };

	if (reply != NULL)
		return false;
	buf_printf(&members, "\"dispute_id\":\"%s\",\"ruling\":\"%s\"",
	    id_text(&task->of).text,
	    rulings[chance_below(&task->agent->chance, 2)]);
	(void)ask(task, "economics.resolve_dispute", &members);
	return true;
}

void
operator_rules(struct player *agent)
{
	MAP_EACH (entry, &agent->sim->audit->disputes) {
		const struct audit_dispute *dispute = entry->value;
		if (dispute->open)
			plan(agent, 10, go_rule)->of = dispute->id;
	}
}

static bool
disputed(struct task *task, const struct reply *reply)
{
	struct player *operator= task->agent->sim->agents[0];
	struct aicx_id id;

	if (reply->good && reply_id(reply, "dispute_id", &id))
		plan(operator, chance_between(&operator->chance, 100, 40000),
		    go_rule)
		    ->of = id;
	return false;
}

static bool
disputes(struct task *task, const struct reply *reply)
{
	struct buf members = { 0 };

	if (!reply->good || chance_below(&task->agent->chance, 5) != 0)
		return false;
	task->stage = HAND_DISPUTE;
	buf_printf(&members, "\"contract_id\":\"%s\",\"reason\":\"no good\"",
	    id_text(&task->contract_id).text);
	(void)ask(task, "economics.dispute", &members);
	return true;
}

static bool
execute(struct task *task)
{
	struct buf members = { 0 };

	if (task->left-- == 0)
		return false;
	buf_printf(&members,
	    "\"contract_id\":\"%s\",\"input\":[1,2],\"deadline_ms\":%d",
	    id_text(&task->contract_id).text,
	    (int)chance_between(&task->agent->chance, 2000, 30000));
	(void)ask(task, "execution.execute", &members);
	return true;
}

/* Buyers think better of it at any stage. */
static bool
cancels(struct task *task)
{
	if (id_is_nil(&task->contract_id) ||
	    chance_below(&task->agent->chance, 10) != 0)
		return false;
	task->stage = HAND_END;
	ask_about(task, "negotiation.cancel_contract", "contract_id",
	    &task->contract_id);
	return true;
}

static bool
broadcast(struct task *task)
{
	struct player *agent = task->agent;
	struct buf members = { 0 };

	task->minor = any_price(agent);
	task->left = (int)chance_between(&agent->chance, 1, 3);
	buf_printf(&members,
	    "\"need\":\"%s\",\"input\":\"abc\",\"max_price\":{\"amount\":"
	    "\"%s\",\"currency\":\"AIC\"},\"timeout_ms\":%d,"
	    "\"deadline_ms\":%d",
	    any_capability(agent), amount_text(task->minor).text,
	    (int)chance_between(&agent->chance, 200, 4000),
	    (int)chance_between(&agent->chance, 5000, 120000));
	(void)ask(task, "negotiation.broadcast_intent", &members);
	return true;
}

static bool
choose(struct task *task, const struct reply *reply)
{
	struct json_ref offers = json_get(reply->root, "offers");
	struct buf members = { 0 };
	struct aicx_id offer_id;
	size_t n = json_len(offers);

	if (n == 0)
		return false;
	struct json_ref chosen =
	    json_at(offers, chance_below(&task->agent->chance, n));
	struct aicx_str text =
	    json_str(json_get(chosen, "offer_id"), reply->mem);
	if (text.ptr == NULL || !id_parse(text, &offer_id))
		return false;
	buf_printf(&members, "\"offer_id\":\"%s\",\"max_executions\":%d",
	    id_text(&offer_id).text, task->left);
	if (!id_is_nil(&task->mandate_id))
		buf_printf(&members, ",\"mandate_id\":\"%s\"",
		    id_text(&task->mandate_id).text);
	(void)ask(task, "negotiation.select_offer", &members);
	return true;
}

static bool
sign_first(struct task *task, const struct reply *reply)
{
	struct aicx_str text =
	    json_str(json_get(reply->root, "text"), reply->mem);

	if (!reply_id(reply, "contract_id", &task->contract_id))
		return false;
	if (cancels(task))
		return true;
	if (str_is(json_str(json_get(reply->root, "status"), reply->mem),
		"signed")) {
		task->stage = HAND_WORK;
		return execute(task); /* the mandate has signed */
	}
	sign_contract(task, text);
	return true;
}

static bool
go_by_hand(struct task *task, const struct reply *reply)
{
	if (reply == NULL && chance_below(&task->agent->chance, 4) == 0) {
		task->stage = HAND_MANDATE;
		grant(task);
		return true;
	}
	if (reply == NULL || task->stage == HAND_MANDATE) {
		task->stage = HAND_INTENT;
		return (reply == NULL || reply->good) && broadcast(task);
	}
	if (task->stage == HAND_DISPUTE)
		return disputed(task, reply);
	if (task->stage == HAND_END ||
	    (!reply->good && task->stage < HAND_WORK))
		return false;
	switch (task->stage++) {
	case HAND_INTENT: {
		struct buf members = { 0 };
		if (!reply_id(reply, "intent_id", &task->intent_id))
			return false;
		buf_printf(&members, "\"intent_id\":\"%s\",\"timeout_ms\":5000",
		    id_text(&task->intent_id).text);
		(void)ask(task, "negotiation.collect_offers", &members);
		return true;
	}
	case HAND_OFFERS:
		return choose(task, reply);
	case HAND_SELECT:
		return sign_first(task, reply);
	case HAND_SIGN:
		return cancels(task) || execute(task);
	default:
		task->stage = HAND_WORK;
		return disputes(task, reply) || cancels(task) || execute(task);
	}
}

/* A contract without an intent: both sign. */
static struct player *
any_seller(struct player *agent)
{
	struct sim *sim = agent->sim;

	for (int i = 0; i < 20; i++) {
		struct player *seller =
		    sim->agents[chance_below(&agent->chance, sim->n_agents)];
		if (seller->sells && seller != agent)
			return seller;
	}
	return NULL;
}

static bool
draft(struct task *task)
{
	struct player *agent = task->agent;
	struct player *seller = any_seller(agent);
	struct buf members = { 0 };

	if (seller == NULL)
		return false;
	task->left = (int)chance_between(&agent->chance, 1, 3);
	task->of = seller->id;
	buf_printf(&members,
	    "\"provider_id\":\"%s\",\"capability\":\"%s\",\"terms\":"
	    "{\"pricing\":{\"model\":\"per_call\",\"base_cost\":{\"amount\":"
	    "\"%s\",\"currency\":\"AIC\"}},\"cancel_fee\":{\"amount\":"
	    "\"0.000100\",\"currency\":\"AIC\"}},\"max_executions\":%d,"
	    "\"expires\":\"%s\"",
	    id_text(&seller->id).text, seller->capability,
	    amount_text(any_price(agent)).text, task->left,
	    time_text(sim_world_ms(agent->sim) +
		chance_between(&agent->chance, 2000, 120000))
		.text);
	(void)ask(task, "negotiation.create_contract", &members);
	return true;
}

static bool
drafted(struct task *task, const struct reply *reply)
{
	struct sim *sim = task->agent->sim;
	struct aicx_str text =
	    json_str(json_get(reply->root, "text"), reply->mem);

	for (size_t i = 0; i < sim->n_agents; i++)
		if (id_eq(&sim->agents[i]->id, &task->of) &&
		    reply_id(reply, "contract_id", &task->contract_id))
			seller_sign(sim->agents[i], &task->contract_id, text);
	return sign_first(task, reply);
}

static bool
go_direct(struct task *task, const struct reply *reply)
{
	if (reply == NULL)
		return draft(task);
	if (task->stage == HAND_DISPUTE)
		return disputed(task, reply);
	if (task->stage == HAND_END ||
	    (!reply->good && task->stage < HAND_WORK))
		return false;
	if (task->stage == HAND_INTENT) {
		task->stage = HAND_SIGN;
		return drafted(task, reply);
	}
	bool worked = task->stage == HAND_WORK;
	task->stage = HAND_WORK;
	return (worked && disputes(task, reply)) || cancels(task) ||
	    execute(task);
}

/* --- looking -------------------------------------------------------------- */

static bool
go_look(struct task *task, const struct reply *reply)
{
	struct buf members = { 0 };

	if (reply != NULL && task->left-- == 0)
		return false;
	if (chance_below(&task->agent->chance, 4) == 0) {
		(void)ask(task, "economics.get_checkpoint", &members);
		return true;
	}
	put_amount(&members, "amount", 1000);
	(void)ask(task, "economics.check_balance", &members);
	return true;
}

/* A deal that is over, between two others. */
static bool
go_snoop(struct task *task, const struct reply *reply)
{
	struct player *agent = task->agent;
	const struct audit_deal *found = NULL;
	struct buf members = { 0 };
	uint64_t left = chance_below(&agent->chance, 20);

	if (reply != NULL)
		return false;
	MAP_EACH (entry, &agent->sim->audit->deals) {
		const struct audit_deal *deal = entry->value;
		if (!deal_is_final((enum deal_state)deal->state) ||
		    id_eq(&deal->requester, &agent->id) ||
		    id_eq(&deal->provider, &agent->id))
			continue;
		found = deal;
		if (left-- == 0)
			break;
	}
	if (found == NULL)
		return false;
	buf_printf(&members, "\"deal_id\":\"%s\"", id_text(&found->id).text);
	ask(task, "deal.get", &members)->snoops = true;
	mark("snoops");
	return true;
}

static bool
go_budget(struct task *task, const struct reply *reply)
{
	static const char *const periods[] = { "unlimited", "daily", "monthly",
		"yearly" };
	struct player *agent = task->agent;
	struct buf members = { 0 };

	switch (task->stage++) {
	case 0:
		buf_printf(&members,
		    "\"amount\":{\"amount\":\"%s\",\"currency\":\"AIC\"},"
		    "\"period\":\"%s\"",
		    amount_text(chance_between(&agent->chance, 1000, 60000))
			.text,
		    periods[chance_below(&agent->chance, 4)]);
		(void)ask(task, "economics.create_budget", &members);
		return true;
	case 1:
		if (reply == NULL)
			return false;
		(void)ask(task, "economics.get_budget", &members);
		return true;
	default:
		return false;
	}
}

/* --- what an agent wants -------------------------------------------------- */

static void
plan_any(struct player *agent, int64_t delay_ms)
{
	uint64_t draw = chance_below(&agent->chance, 100);
	int more = player_is(agent, AGENT_FLOODER) ? 6 : 2;

	if (draw < 30)
		plan(agent, delay_ms, go_buy)->left =
		    (int)chance_below(&agent->chance, (uint64_t)more);
	else if (draw < 43)
		(void)plan(agent, delay_ms, go_mandate);
	else if (draw < 60)
		(void)plan(agent, delay_ms, go_by_hand);
	else if (draw < 70)
		(void)plan(agent, delay_ms, go_direct);
	else if (draw < 76)
		(void)plan(agent, delay_ms, go_charge);
	else if (draw < 82)
		(void)plan(agent, delay_ms, go_reserve);
	else if (draw < 85)
		(void)plan(agent, delay_ms + 20000, go_snoop);
	else
		plan(agent, delay_ms, go_look)->left =
		    (int)chance_below(&agent->chance, 8);
}

void
buyer_plan(struct player *agent)
{
	int n = (int)chance_between(&agent->chance, 1, 4);

	if (player_is(agent, AGENT_FLOODER))
		n *= 3;
	if (chance_below(&agent->chance, 3) == 0)
		(void)plan(agent, chance_between(&agent->chance, 300, 20000),
		    go_budget);
	for (int i = 0; i < n; i++)
		plan_any(agent, chance_between(&agent->chance, 500, 60000));
}

/* --- the operator --------------------------------------------------------- */

static bool
go_fund(struct task *task, const struct reply *reply)
{
	struct buf members = { 0 };

	if (reply != NULL)
		return false;
	buf_printf(&members,
	    "\"agent_id\":\"%s\",\"amount\":{\"amount\":\"%s\",\"currency\":"
	    "\"AIC\"}",
	    id_text(&task->of).text, amount_text(task->minor).text);
	(void)ask(task,
	    task->stage == 0 ? "economics.fund" : "economics.withdraw",
	    &members);
	return true;
}

static bool
go_accept(struct task *task, const struct reply *reply)
{
	struct buf members = { 0 };

	if (reply == NULL)
		(void)ask(task, "economics.accept_clock", &members);
	return reply == NULL;
}

void
operator_accepts_clock(struct player *agent)
{
	(void)plan(
	    agent, chance_between(&agent->chance, 100, 20000), go_accept);
}

void
operator_plan(struct player *agent)
{
	struct sim *sim = agent->sim;
	struct chance *chance = &agent->chance;

	for (size_t i = 1; i < sim->n_agents; i++) {
		struct player *other = sim->agents[i];
		if (!other->buys)
			continue;
		struct task *task =
		    plan(agent, chance_between(chance, 100, 3000), go_fund);
		task->of = other->id;
		task->minor = player_is(other, AGENT_POOR)
		    ? chance_between(chance, 500, 3000)
		    : chance_between(chance, 20000, 2000000);
		if (chance_below(chance, 3) != 0)
			continue;
		task =
		    plan(agent, chance_between(chance, 5000, 70000), go_fund);
		task->of = other->id;
		task->stage = 1;
		task->minor = chance_between(chance, 1, 30000);
	}
}
