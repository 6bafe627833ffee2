/* SPDX-License-Identifier: Apache-2.0 */
/* stock.c - the entries of all agents, kept for a second. */
#include "stock.h"

#include "entry.h"

void
stock_drop(struct ard *ard)
{
	json_decref(ard->stock);
	ard->stock = NULL;
	bytes_fini(&ard->stock_origin);
}

static bool
is_fresh(const struct talk *talk)
{
	const struct ard *ard = talk->ard;

	return ard->stock != NULL &&
	    ard->host->now_ms(ard->self) - ard->stock_ms < ARD_STOCK_MS &&
	    text_same(
		bytes_view(&ard->stock_origin), bytes_view(&talk->origin));
}

static json_t *
entries_of(const struct talk *talk)
{
	const struct ard *ard = talk->ard;
	json_t *entries = json_array();

	for (size_t i = 0; i < json_array_size(talk->agents); i++) {
		json_t *entry = entry_of_agent(
		    ard, talk->origin.ptr, json_array_get(talk->agents, i));
		if (entry != NULL && ard->settings->a2a)
			(void)json_array_append_new(entries, entry);
		else
			json_decref(entry);
	}
	if (ard->settings->mcp)
		(void)json_array_append_new(
		    entries, entry_of_mcp(ard, talk->origin.ptr, entries));
	return entries;
}

static void
finish(struct talk *talk)
{
	struct ard *ard = talk->ard;

	stock_drop(ard);
	ard->stock = entries_of(talk);
	bytes_str(&ard->stock_origin, bytes_view(&talk->origin));
	ard->stock_ms = ard->host->now_ms(ard->self);
	talk->stock = json_incref(ard->stock);
	talk->stocked(talk);
}

static void
on_agents(struct talk *talk, json_t *body)
{
	const char *cursor = member_text(body, "cursor");

	(void)json_array_extend(talk->agents, json_object_get(body, "agents"));
	if (*cursor != '\0' &&
	    (int64_t)json_array_size(talk->agents) <
		talk->ard->settings->agents_max)
		talk_call(talk, "discovery.search",
		    json_pack(
			"{s:i,s:s}", "limit", ARD_FETCH, "cursor", cursor),
		    on_agents);
	else
		finish(talk);
}

void
stock_need(struct talk *talk, talk_fn *then)
{
	talk->stocked = then;
	if (is_fresh(talk)) {
		talk->stock = json_incref(talk->ard->stock);
		then(talk);
		return;
	}
	talk->agents = json_array();
	talk_call(talk, "discovery.search",
	    json_pack("{s:i}", "limit", ARD_FETCH), on_agents);
}
