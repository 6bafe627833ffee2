/* SPDX-License-Identifier: Apache-2.0 */
/* state_index.c - keeps the indexes beside the rows, at run time and replay. */
#include "broker/state_index.h"

#include "base/b64.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/str.h"
#include "broker/row.h"

#include <stdlib.h>
#include <string.h>

static const struct group no_group;

const struct group *
state_group(const struct map *groups, const struct aicx_id *key)
{
	const struct group *group = map_find_id(groups, key);

	return group ? group : &no_group;
}

static struct group *
group_need(struct map *groups, const struct aicx_id *key)
{
	struct group *group = map_find_id(groups, key);

	if (group == NULL) {
		group = MEM_NEW(struct group);
		group->key = *key;
		(void)map_put_id(groups, &group->key, group);
	}
	return group;
}

void
group_add(
    struct map *groups, const struct aicx_id *key, const struct aicx_id *id)
{
	if (id_is_nil(key))
		return;
	struct group *group = group_need(groups, key);
	if (group->n == group->cap) {
		group->cap = group->cap ? group->cap * 2 : 4;
		group->ids =
		    mem_grow(group->ids, group->cap * sizeof(struct aicx_id));
	}
	group->ids[group->n++] = *id;
}

void
group_remove(
    struct map *groups, const struct aicx_id *key, const struct aicx_id *id)
{
	struct group *group = map_find_id(groups, key);
	size_t n = 0;

	if (group == NULL)
		return;
	for (size_t i = 0; i < group->n; i++)
		if (!id_eq(&group->ids[i], id))
			group->ids[n++] = group->ids[i];
	group->n = n;
	if (n > 0)
		return;
	(void)map_remove_id(groups, key);
	free(group->ids);
	free(group);
}

const struct sellers *
state_sellers(const struct state *state, struct aicx_str need)
{
	return map_find(&state->sellers, need);
}

static void
sellers_add(struct state *state, struct aicx_str name, const struct aicx_id *id)
{
	struct sellers *sellers = map_find(&state->sellers, name);

	if (sellers == NULL) {
		sellers = MEM_NEW(struct sellers);
		sellers->name = mem_new(name.len + 1);
		memcpy(sellers->name, name.ptr, name.len);
		(void)map_put(&state->sellers, str_of(sellers->name), sellers);
	}
	for (size_t i = 0; i < sellers->n; i++)
		if (id_eq(&sellers->agents[i], id))
			return;
	if (sellers->n == sellers->cap) {
		sellers->cap = sellers->cap ? sellers->cap * 2 : 4;
		sellers->agents = mem_grow(
		    sellers->agents, sellers->cap * sizeof(struct aicx_id));
	}
	sellers->agents[sellers->n++] = *id;
}

static void
sellers_remove(
    struct state *state, struct aicx_str name, const struct aicx_id *id)
{
	struct sellers *sellers = map_find(&state->sellers, name);

	for (size_t i = 0; sellers != NULL && i < sellers->n; i++)
		if (id_eq(&sellers->agents[i], id)) {
			memmove(&sellers->agents[i], &sellers->agents[i + 1],
			    (sellers->n - i - 1) * sizeof(struct aicx_id));
			sellers->n--;
			return;
		}
}

static void
index_agent(struct state *state, const struct agent *agent)
{
	struct doc *doc = map_find_id(&state->docs, &agent->agent_id);
	struct index_text texts[4 + 3 * CAPABILITIES_MAX];
	const struct capability *list = agent->capabilities.items;
	size_t n = 0;

	if (doc == NULL) {
		doc = MEM_NEW(struct doc);
		doc->agent_id = agent->agent_id;
		(void)map_put_id(&state->docs, &doc->agent_id, doc);
	}
	if (agent->removed || agent->capabilities.n == 0) {
		index_remove(state->index, doc);
		return;
	}
	texts[n++] = (struct index_text) { agent->name, 3 };
	texts[n++] = (struct index_text) { agent->description, 1 };
	for (size_t i = 0; i < agent->capabilities.n; i++) {
		texts[n++] = (struct index_text) { list[i].name, 4 };
		texts[n++] = (struct index_text) { list[i].description, 2 };
	}
	index_put(state->index, doc, texts, n);
}

static void
on_agent(
    struct state *state, const struct agent *old, const struct agent *agent)
{
	if (old != NULL && !old->removed) {
		const struct capability *list = old->capabilities.items;
		for (size_t i = 0; i < old->capabilities.n; i++)
			sellers_remove(state, list[i].name, &old->agent_id);
		state->n_agents--;
	}
	if (!agent->removed) {
		const struct capability *list = agent->capabilities.items;
		for (size_t i = 0; i < agent->capabilities.n; i++)
			sellers_add(state, list[i].name, &agent->agent_id);
		state->n_agents++;
	}
	index_agent(state, agent);
}

struct verifier {
	uint8_t hash[32];
	struct aicx_id credential_id;
};

static void
on_credential(struct state *state, const struct credential *old,
    const struct credential *credential)
{
	struct verifier *verifier = MEM_NEW(struct verifier);

	if (old == NULL)
		group_add(&state->credentials_of_agent, &credential->agent_id,
		    &credential->credential_id);
	if (!b64_parse(credential->verifier, verifier->hash, 32)) {
		free(verifier);
		return;
	}
	verifier->credential_id = credential->credential_id;
	free(map_put(&state->verifiers,
	    (struct aicx_str) { (const char *)verifier->hash, 32 }, verifier));
}

const struct credential *
state_verifier(const struct state *state, const uint8_t verifier_hash[32])
{
	const struct verifier *verifier = map_find(&state->verifiers,
	    (struct aicx_str) { (const char *)verifier_hash, 32 });
	const struct credential *credential =
	    verifier ? state_credential(state, &verifier->credential_id) : NULL;

	return credential;
}

const struct credential *
state_bearer(const struct state *state, const uint8_t verifier_hash[32])
{
	const struct credential *credential =
	    state_verifier(state, verifier_hash);

	return credential && !credential->revoked ? credential : NULL;
}

/* Partners: a count of live deals per unordered pair of ids. */
struct pair {
	struct aicx_id key[2];
	size_t n;
};

static struct pair
pair_of(const struct aicx_id *a, const struct aicx_id *b)
{
	struct pair pair = { .n = 0 };
	bool first = memcmp(a, b, sizeof *a) < 0;

	pair.key[0] = first ? *a : *b;
	pair.key[1] = first ? *b : *a;
	return pair;
}

bool
state_are_partners(
    const struct state *state, const struct aicx_id *a, const struct aicx_id *b)
{
	struct pair probe = pair_of(a, b);
	const struct pair *pair = map_find(&state->pairs,
	    (struct aicx_str) { (const char *)probe.key, sizeof probe.key });

	return pair != NULL && pair->n > 0;
}

static void
pair_count(struct state *state, const struct deal *deal, int by)
{
	if (id_is_nil(&deal->provider_id))
		return;
	struct pair probe = pair_of(&deal->requester_id, &deal->provider_id);
	struct aicx_str key = { (const char *)probe.key, sizeof probe.key };
	struct pair *pair = map_find(&state->pairs, key);

	if (pair == NULL) {
		pair = MEM_NEW(struct pair);
		*pair = probe;
		key.ptr = (const char *)pair->key;
		(void)map_put(&state->pairs, key, pair);
	}
	pair->n = by > 0 ? pair->n + 1 : pair->n - 1;
	if (pair->n == 0)
		free(map_remove(&state->pairs, key));
}

static bool
same_pair(const struct deal *old, const struct deal *deal)
{
	return id_eq(&old->requester_id, &deal->requester_id) &&
	    id_eq(&old->provider_id, &deal->provider_id);
}

static bool
is_live(const struct deal *deal)
{
	return deal != NULL && !deal_is_final((enum deal_state)deal->state);
}

static void
roll_add(struct state *state, enum roll roll, const struct aicx_id *owner,
    const struct aicx_id *id)
{
	if (!state->loading && !id_is_nil(owner))
		rolls_add(&state->rolls, roll, owner, state->rank, id);
}

/* The row in memory; nothing is read back. */
static const void *
map_row(const struct state *state, enum table table, const struct aicx_id *id)
{
	const struct row *row = map_find_id(&state->rows[table], id);

	return row ? row->value : NULL;
}

static void
on_offer(struct state *state, const struct offer *offer)
{
	group_add(
	    &state->offers_of_intent, &offer->intent_id, &offer->offer_id);
	roll_add(state, ROLL_OFFERS, &offer->intent_id, &offer->offer_id);
}

/* true: it joined the list of its provider only now. */
static bool
on_deal(struct state *state, const struct deal *old, const struct deal *deal)
{
	bool was = is_live(old), is = is_live(deal);
	bool came = !was && is;
	bool counted = was && is && same_pair(old, deal);

	if (was && !counted)
		pair_count(state, old, -1);
	if (is && !counted)
		pair_count(state, deal, 1);
	state->n_deals_open -= was;
	state->n_deals_open += is;
	if (came)
		(void)group_need(&state->offers_of_intent, &deal->deal_id);
	if (came)
		group_add(&state->deals_of_agent, &deal->requester_id,
		    &deal->deal_id);
	if (old == NULL)
		roll_add(
		    state, ROLL_DEALS, &deal->requester_id, &deal->deal_id);
	bool second = !id_is_nil(&deal->provider_id) &&
	    !id_eq(&deal->provider_id, &deal->requester_id);
	bool joined = second && (old == NULL || id_is_nil(&old->provider_id));
	if (second && is_live(deal) && (came || joined))
		group_add(
		    &state->deals_of_agent, &deal->provider_id, &deal->deal_id);
	if (joined)
		roll_add(state, ROLL_DEALS, &deal->provider_id, &deal->deal_id);
	return joined;
}

/* Keeps the ids of live deals: the others go when they are the greater part. */
static void
group_lose(struct state *state, const struct aicx_id *agent_id)
{
	struct group *group = map_find_id(&state->deals_of_agent, agent_id);
	size_t n = 0;

	if (group == NULL || ++group->n_over * 2 <= group->n)
		return;
	for (size_t i = 0; i < group->n; i++)
		if (is_live(map_row(state, T_DEAL, &group->ids[i])))
			group->ids[n++] = group->ids[i];
	group->n = n;
	group->n_over = 0;
	if (n > 0)
		return;
	(void)map_remove_id(&state->deals_of_agent, agent_id);
	free(group->ids);
	free(group);
}

void
state_index_leave(struct state *state, const struct deal *deal)
{
	struct group *offers =
	    map_remove_id(&state->offers_of_intent, &deal->deal_id);

	if (offers != NULL)
		free(offers->ids);
	free(offers);
	group_lose(state, &deal->requester_id);
	if (!id_is_nil(&deal->provider_id) &&
	    !id_eq(&deal->provider_id, &deal->requester_id))
		group_lose(state, &deal->provider_id);
}

static bool
is_reservation(const struct hold *hold)
{
	return hold != NULL && hold->state == HOLD_OPEN &&
	    id_is_nil(&hold->contract_id);
}

static void
on_hold(struct state *state, const struct hold *old, const struct hold *hold)
{
	if (old != NULL && old->state == HOLD_OPEN)
		state->n_holds_open--;
	if (hold->state == HOLD_OPEN)
		state->n_holds_open++;
	state->n_reservations -= is_reservation(old);
	state->n_reservations += is_reservation(hold);
	if (old == NULL && is_reservation(hold))
		dues_put(
		    &state->reservations, hold->expires_ms, &hold->hold_id);
}

static void
on_transaction_state(struct state *state, const struct transaction_state *row)
{
	struct aicx_id *id = map_find_id(&state->pending, &row->transaction_id);
	bool pending = row->status == TRANSACTION_PENDING;

	if (pending && id == NULL) {
		id = MEM_NEW(struct aicx_id);
		*id = row->transaction_id;
		(void)map_put_id(&state->pending, id, id);
	} else if (!pending && id != NULL) {
		(void)map_remove_id(&state->pending, id);
		free(id);
	}
}

/* Rows that are listed once, when they are made, by whom they belong to. */
static void
list_new(struct state *state, enum table table, const void *row)
{
	const struct mandate *mandate = row;
	const struct standing_offer *standing = row;
	const struct execution *execution = row;
	const struct budget *budget = row;

	if (table == T_MANDATE)
		group_add(&state->mandates_of_agent, &mandate->requester_id,
		    &mandate->mandate_id);
	else if (table == T_STANDING_OFFER)
		group_add(&state->standing_of_agent, &standing->provider_id,
		    &standing->standing_offer_id);
	else if (table == T_OFFER)
		on_offer(state, row);
	else if (table == T_EXECUTION)
		roll_add(state, ROLL_EXECUTIONS, &execution->contract_id,
		    &execution->execution_id);
	else if (table == T_BUDGET)
		group_add(&state->budgets_of_agent, &budget->agent_id,
		    &budget->budget_id);
}

bool
state_index_row(
    struct state *state, enum table table, const void *old, const void *row)
{
	if (old == NULL)
		list_new(state, table, row);
	switch (table) {
	case T_AGENT:
		state->agents_version++;
		on_agent(state, old, row);
		return false;
	case T_CREDENTIAL:
		on_credential(state, old, row);
		return false;
	case T_DEAL:
		return on_deal(state, old, row);
	case T_HOLD:
		on_hold(state, old, row);
		return false;
	case T_PERMISSION:
		state_index_granted(state, old, row);
		return false;
	case T_TRANSACTION_STATE:
		on_transaction_state(state, row);
		return false;
	default:
		return false;
	}
}

static void
free_values(struct map *map)
{
	MAP_EACH (entry, map)
		free(entry->value);
	map_fini(map);
}

void
state_index_fini(struct state *state)
{
	MAP_EACH (entry, &state->sellers) {
		struct sellers *sellers = entry->value;
		free(sellers->name);
		free(sellers->agents);
		free(sellers);
	}
	map_fini(&state->sellers);
	free_values(&state->verifiers);
	free_values(&state->pairs);
	free_values(&state->docs);
	free_values(&state->pending);
	grants_fini(&state->grants);
	dues_fini(&state->reservations);
}
