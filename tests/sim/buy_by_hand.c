/* SPDX-License-Identifier: Apache-2.0 */
/* buy_by_hand.c - intents, offers and contracts step by step, and their
 * disputes. */
#include "task.h"

#include "base/b64.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/str.h"
#include "negotiation/deal.h"

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
	(void)task_ask(task, "negotiation.sign_contract", &members);
}

static bool
disputed(struct task *task, const struct reply *reply)
{
	struct player *operator= task->agent->sim->agents[0];
	struct aicx_id id;

	if (reply->good && reply_id(reply, "dispute_id", &id))
		task_plan(operator,
		    chance_between(&operator->chance, 100, 40000), go_rule)
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
	(void)task_ask(task, "economics.dispute", &members);
	return true;
}

static bool
execute(struct task *task)
{
	struct buf members = { 0 };

	if (task->left-- == 0)
		return false;
	buf_printf(&members, "\"contract_id\":\"%s\",\"input\":",
	    id_text(&task->contract_id).text);
	if (task->gratis) { /* named, so that it is known when done again */
		struct aicx_id work_id =
		    sim_new_id(task->agent->sim, &task->agent->chance);
		buf_printf(
		    &members, "{\"work\":\"%s\"}", id_text(&work_id).text);
	} else
		buf_text(&members, "[1,2]");
	buf_printf(&members, ",\"deadline_ms\":%d",
	    (int)chance_between(&task->agent->chance, 2000, 30000));
	(void)task_ask(task, "execution.execute", &members);
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
	task_ask_about(task, "negotiation.cancel_contract", "contract_id",
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
	(void)task_ask(task, "negotiation.broadcast_intent", &members);
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
	(void)task_ask(task, "negotiation.select_offer", &members);
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

bool
go_by_hand(struct task *task, const struct reply *reply)
{
	if (reply == NULL && chance_below(&task->agent->chance, 4) == 0) {
		task->stage = HAND_MANDATE;
		task_grant(task);
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
		(void)task_ask(task, "negotiation.collect_offers", &members);
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
	task->gratis = chance_below(&agent->chance, 3) == 0;
	buf_printf(&members,
	    "\"provider_id\":\"%s\",\"capability\":\"%s\",\"terms\":"
	    "{\"pricing\":{\"model\":\"per_call\",\"base_cost\":{\"amount\":"
	    "\"%s\",\"currency\":\"AIC\"}},\"cancel_fee\":{\"amount\":"
	    "\"%s\",\"currency\":\"AIC\"}},\"max_executions\":%d,"
	    "\"expires\":\"%s\"",
	    id_text(&seller->id).text, seller->capability,
	    amount_text(task->gratis ? 0 : any_price(agent)).text,
	    amount_text(task->gratis ? 0 : 100).text, task->left,
	    time_text(sim_world_ms(agent->sim) +
		chance_between(&agent->chance, 2000, 120000))
		.text);
	(void)task_ask(task, "negotiation.create_contract", &members);
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

bool
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
