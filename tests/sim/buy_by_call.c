/* SPDX-License-Identifier: Apache-2.0 */
/* buy_by_call.c - deals bought in one call, and the mandates for it. */
#include "task.h"

#include "base/b64.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/str.h"

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
bool
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

void
task_grant(struct task *task)
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
bool
go_mandate(struct task *task, const struct reply *reply)
{
	struct buf members = { 0 };

	if (reply == NULL) {
		task->left = (int)chance_between(&task->agent->chance, 1, 5);
		task_grant(task);
		return true;
	}
	if (!reply->good && task->stage == 0)
		return false;
	if (task->stage == 2)
		return false;
	if (task->left-- == 0) {
		task->stage = 2;
		task_ask_about(task, "negotiation.revoke_mandate", "mandate_id",
		    &task->mandate_id);
		return true;
	}
	task->stage = 1;
	put_wish(task->agent, &members, task->minor);
	buf_printf(&members, ",\"mandate_id\":\"%s\"",
	    id_text(&task->mandate_id).text);
	(void)task_ask(task, "deal.buy", &members);
	return true;
}
