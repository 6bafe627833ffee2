/* SPDX-License-Identifier: Apache-2.0 */
/* on_capabilities.c - the list of all that is sold, for those who offer it on
   under a protocol of their own. */
#include "base/err.h"
#include "base/id.h"
#include "base/str.h"
#include "broker/handlers.h"
#include "broker/outside.h"
#include "broker/state_index.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Schemas are large: a page ends behind the capability that passes this. */
enum { PAGE_BYTES = 512 * 1024 };

struct listing {
	PARAMS;
	struct aicx_str name, cursor;
	struct aicx_id agent_id;
	int64_t limit, place;
	struct aicx_id from; /* of the cursor: the first agent of the page, */
	int64_t skip; /* and how many of its capabilities went before */
};

const struct field list_capabilities_params[] = {
	PARAMS_METHOD(struct listing),
	FIELD(struct listing, name, "name", FIELD_STR, .max = 128,
	    .help = "Only those of this name."),
	FIELD(struct listing, agent_id, "agent_id", FIELD_ID,
	    .help = "Only those of this agent."),
	FIELD(struct listing, place, "place", FIELD_INT, .min = 1,
	    .max = 1000000, .help = "Only that of the how manieth seller."),
	FIELD(struct listing, limit, "limit", FIELD_INT, .min = 1,
	    .max = LIST_LIMIT_MAX, .fallback = LIST_LIMIT,
	    .help = "How many at most."),
	FIELD(struct listing, cursor, "cursor", FIELD_STR, .max = 40,
	    .help = "Where the last page ended."),
	FIELD_END,
};
PARAMS_SIZE(list_capabilities, listing);

/* "<agent id>:<capabilities of it that went before>" */
static bool
read_cursor(struct listing *listing)
{
	struct aicx_str skip, id = str_cut(listing->cursor, ':', &skip);

	return listing->cursor.ptr == NULL ||
	    (id_parse(id, &listing->from) && str_int(skip, &listing->skip) &&
		listing->skip >= 0);
}

static int
id_cmp(const struct aicx_id *a, const struct aicx_id *b)
{
	return memcmp(a->bytes, b->bytes, sizeof a->bytes);
}

/* 1: no agent that sells this name registered before. */
static int64_t
place_of(const struct state *state, const struct agent *agent,
    const struct capability *capability)
{
	const struct sellers *sellers = state_sellers(state, capability->name);
	int64_t place = 1;

	for (size_t i = 0; sellers != NULL && i < sellers->n; i++) {
		const struct agent *other =
		    state_agent(state, &sellers->agents[i]);
		if (other->created_ms < agent->created_ms ||
		    (other->created_ms == agent->created_ms &&
			id_cmp(&other->agent_id, &agent->agent_id) < 0))
			place++;
	}
	return place;
}

/* --- which agents, in order of their ids -------------------------- */

struct agents {
	const struct agent **list; /* the least ones that fit, in order */
	size_t n, cap;
};

static bool
fits(const struct state *state, const struct agent *agent,
    const struct capability *capability, const struct listing *listing)
{
	return (listing->name.len == 0 ||
		   str_eq(capability->name, listing->name)) &&
	    (listing->place == 0 ||
		place_of(state, agent, capability) == listing->place);
}

static bool
sells(const struct state *state, const struct agent *agent,
    const struct listing *listing)
{
	const struct capability *list = agent->capabilities.items;

	if (agent->removed || id_cmp(&agent->agent_id, &listing->from) < 0 ||
	    (!id_is_nil(&listing->agent_id) &&
		!id_eq(&listing->agent_id, &agent->agent_id)))
		return false;
	for (size_t i = 0; i < agent->capabilities.n; i++)
		if (fits(state, agent, &list[i], listing))
			return true;
	return false;
}

static void
agents_put(struct agents *agents, const struct state *state,
    const struct aicx_id *id, const struct listing *listing)
{
	const struct agent *agent = state_agent(state, id);
	size_t at = agents->n;

	if (agent == NULL || !sells(state, agent, listing))
		return;
	while (at > 0 &&
	    id_cmp(&agent->agent_id, &agents->list[at - 1]->agent_id) < 0)
		at--;
	if (at == agents->cap)
		return;
	if (agents->n < agents->cap)
		agents->n++;
	memmove(&agents->list[at + 1], &agents->list[at],
	    (agents->n - at - 1) * sizeof *agents->list);
	agents->list[at] = agent;
}

/* A name or an agent is looked up; else all agents are looked at once. */
static void
find_agents(const struct state *state, const struct listing *listing,
    struct agents *agents)
{
	const struct sellers *sellers =
	    listing->name.len > 0 ? state_sellers(state, listing->name) : NULL;

	if (!id_is_nil(&listing->agent_id)) {
		agents_put(agents, state, &listing->agent_id, listing);
	} else if (listing->name.len > 0) {
		for (size_t i = 0; sellers != NULL && i < sellers->n; i++)
			agents_put(agents, state, &sellers->agents[i], listing);
	} else {
		MAP_EACH (entry, &state->docs) {
			const struct doc *doc = entry->value;
			agents_put(agents, state, &doc->agent_id, listing);
		}
	}
}

/* --- printing ----------------------------------------------------- */

static void
put_capability(struct json_writer *w, struct broker *broker,
    const struct agent *agent, const struct capability *capability)
{
	json_open(w, '{');
	json_key(w, "agent_id");
	json_put_id(w, &agent->agent_id);
	json_key(w, "agent_name");
	json_put_str(w, agent->name);
	json_key(w, "online");
	json_put_bool(w,
	    member_is_there(
		member_find(broker, &agent->agent_id), broker_now(broker)) ||
		outside_is(broker, &agent->agent_id));
	json_key(w, "place");
	json_put_int(w, place_of(&broker->state, agent, capability));
	field_print(
	    capability_fields, capability, &broker->state.currencies, w);
	json_close(w);
}

static void
put_cursor(struct json_writer *w, const struct agent *agent, size_t n_before)
{
	char cursor[ID_TEXT + 24];

	(void)snprintf(cursor, sizeof cursor, "%s:%zu",
	    id_text(&agent->agent_id).text, n_before);
	json_key(w, "cursor");
	json_put_text(w, cursor);
}

/* True when the page ended before the list did. */
static bool
put_page(struct reply *reply, struct broker *broker,
    const struct listing *listing, const struct agents *agents,
    const struct agent **ret_next, size_t *ret_before)
{
	int64_t n = 0;

	for (size_t i = 0; i < agents->n; i++) {
		const struct agent *agent = agents->list[i];
		const struct capability *list = agent->capabilities.items;
		size_t k = id_eq(&agent->agent_id, &listing->from)
		    ? (size_t)listing->skip
		    : 0;
		for (; k < agent->capabilities.n; k++) {
			if (!fits(&broker->state, agent, &list[k], listing))
				continue;
			if (n == listing->limit ||
			    reply->buf.len > PAGE_BYTES) {
				*ret_next = agent;
				*ret_before = k;
				return true;
			}
			put_capability(&reply->w, broker, agent, &list[k]);
			n++;
		}
	}
	return false;
}

aicx_err
on_list_capabilities(
    struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	struct listing listing = *(const struct listing *)params;
	struct agents agents = { .n = 0 };
	const struct agent *next = NULL;
	size_t n_before = 0;
	struct reply reply;

	if (!read_cursor(&listing))
		return err_field(reterr, AICX_EINVAL, "invalid_params",
		    "/cursor", "\"%.*s\" is no cursor of this list",
		    STR_ARG(listing.cursor));
	/* Each has one that fits; the first may have given all of its. */
	agents.cap = (size_t)listing.limit + 2;
	agents.list =
	    arena_new(&call->mem, agents.cap * sizeof(struct agent *));
	find_agents(&broker->state, &listing, &agents);
	reply_begin(&reply, call);
	json_key(&reply.w, "capabilities");
	json_open(&reply.w, '[');
	bool more =
	    put_page(&reply, broker, &listing, &agents, &next, &n_before);
	json_close(&reply.w);
	if (more)
		put_cursor(&reply.w, next, n_before);
	reply_send(&reply, 200);
	return AICX_OK;
}
