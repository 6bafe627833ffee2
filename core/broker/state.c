/* SPDX-License-Identifier: Apache-2.0 */
/* state.c - tables of rows made from record texts. */
#include "broker/state.h"

#include "base/b64.h"
#include "base/err.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/str.h"
#include "broker/state_index.h"

#include <stdlib.h>
#include <string.h>

#define TABLE(name_, type, member)                                             \
	{                                                                      \
		.name = #name_, .fields = name_##_fields,                      \
		.size = sizeof(struct type),                                   \
		.id_offset = offsetof(struct type, member)                     \
	}

const struct table_def table_defs[T_N] = {
	[T_AGENT] = TABLE(agent, agent, agent_id),
	[T_REPUTATION] = TABLE(reputation, reputation, agent_id),
	[T_CREDENTIAL] = TABLE(credential, credential, credential_id),
	[T_MANDATE] = TABLE(mandate, mandate, mandate_id),
	[T_MANDATE_USE] = TABLE(mandate_use, mandate_use, mandate_id),
	[T_STANDING_OFFER] =
	    TABLE(standing_offer, standing_offer, standing_offer_id),
	[T_INTENT] = TABLE(intent, intent, intent_id),
	[T_OFFER] = TABLE(offer, offer, offer_id),
	[T_CONTRACT] = TABLE(contract, contract, contract_id),
	[T_CONTRACT_STATE] = TABLE(contract_state, contract_state, contract_id),
	[T_EXECUTION] = TABLE(execution, execution, execution_id),
	[T_EXECUTION_STATUS] =
	    TABLE(execution_status, execution_status, execution_id),
	[T_HOLD] = TABLE(hold, hold, hold_id),
	[T_BUDGET] = TABLE(budget, budget, budget_id),
	[T_TRANSACTION_STATE] =
	    TABLE(transaction_state, transaction_state, transaction_id),
	[T_BATCH] = TABLE(batch, batch, batch_id),
	[T_DISPUTE] = TABLE(dispute, dispute, dispute_id),
	[T_DEAL] = TABLE(deal, deal, deal_id),
};

struct row {
	struct arena mem; /* holds this struct, the text and the values */
	uint64_t seq;
	_Alignas(16) char value[];
};

/* What the row's strings take where they differ from how they are written. */
static size_t
unescaped_bytes(const struct json *doc)
{
	struct json_iter each = json_iter(json_root(doc));
	size_t n_bytes = 0;

	while (json_next(&each)) {
		const struct json_node *node = &doc->nodes[each.value.node];
		if (node->type == JSON_STRING && node->escaped)
			n_bytes += node->end - node->start + 16;
	}
	return n_bytes;
}

static struct row *
row_parse(struct state *state, const struct table_def *def,
    struct aicx_str text, struct aicx_error *reterr)
{
	struct arena mem = { NULL };
	struct json doc;

	arena_clear(&state->scratch);
	aicx_err err = json_parse(text, &state->scratch, &doc, reterr);
	if (err != AICX_OK)
		return NULL;
	arena_start(&mem,
	    sizeof(struct row) + def->size + text.len + unescaped_bytes(&doc) +
		64);
	struct row *row = arena_new(&mem, sizeof *row + def->size);
	doc.text = arena_str(&mem, text);
	err = field_parse(def->fields, json_root(&doc), &state->currencies,
	    true, &mem, row->value, def->size, reterr);
	if (err != AICX_OK) {
		arena_fini(&mem);
		return NULL;
	}
	row->mem = mem;
	return row;
}

static void
row_free(struct row *row)
{
	if (row == NULL)
		return;
	struct arena mem = row->mem;
	arena_fini(&mem);
}

void
state_init(struct state *state)
{
	memset(state, 0, sizeof *state);
	state->ledger = ledger_new();
	state->index = index_new();
}

static void
groups_fini(struct map *groups)
{
	MAP_EACH (entry, groups) {
		struct group *group = entry->value;
		free(group->ids);
		free(group);
	}
	map_fini(groups);
}

void
state_fini(struct state *state)
{
	struct map *groups[] = { &state->offers_of_intent,
		&state->mandates_of_agent, &state->deals_of_agent,
		&state->executions_of_contract, &state->credentials_of_agent,
		&state->standing_of_agent, &state->budgets_of_agent };

	for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
		groups_fini(groups[i]);
	state_index_fini(state);
	for (enum table t = 0; t < T_N; t++) {
		MAP_EACH (entry, &state->rows[t])
			row_free(entry->value);
		map_fini(&state->rows[t]);
	}
	MAP_EACH (entry, &state->requests)
		free(entry->value);
	map_fini(&state->requests);
	MAP_EACH (entry, &state->trails) {
		struct trail *trail = entry->value;
		free(trail->seqs);
		free(trail);
	}
	map_fini(&state->trails);
	arena_fini(&state->scratch);
	ledger_free(state->ledger);
	index_free(state->index);
}

aicx_err
state_put(struct state *state, enum table table, struct aicx_str text,
    uint64_t seq, struct aicx_error *reterr)
{
	const struct table_def *def = &table_defs[table];
	struct row *row = row_parse(state, def, text, reterr);

	if (row == NULL)
		return AICX_EINVAL;
	row->seq = seq;
	const struct aicx_id *id =
	    (const struct aicx_id *)(const void *)(row->value + def->id_offset);
	if (id_is_nil(id)) {
		row_free(row);
		return err_set(reterr, AICX_EINVAL,
		    "row of table \"%s\" has no id", def->name);
	}
	struct row *old = map_find_id(&state->rows[table], id);
	state_index_row(state, table, old ? old->value : NULL, row->value);
	(void)map_put_id(&state->rows[table], id, row);
	row_free(old);
	return AICX_OK;
}

const void *
state_row(const struct state *state, enum table table, const struct aicx_id *id)
{
	const struct row *row = map_find_id(&state->rows[table], id);

	return row ? row->value : NULL;
}

uint64_t
state_row_seq(
    const struct state *state, enum table table, const struct aicx_id *id)
{
	const struct row *row = map_find_id(&state->rows[table], id);

	return row ? row->seq : 0;
}

struct request *
state_request(const struct state *state, const struct aicx_id *sender,
    const struct aicx_id *id)
{
	struct request probe = { .key = { *sender, *id } };

	return map_find(&state->requests,
	    (struct aicx_str) { (const char *)&probe.key, sizeof probe.key });
}

void
state_note_request(struct state *state, const struct aicx_id *sender,
    const struct aicx_id *id, const uint8_t body[16],
    const struct aicx_id *deal_id, uint64_t seq, bool answered)
{
	struct request *request = state_request(state, sender, id);

	if (request == NULL) {
		request = MEM_NEW(struct request);
		request->key.sender = *sender;
		request->key.id = *id;
		memcpy(request->body, body, sizeof request->body);
		(void)map_put(&state->requests,
		    (struct aicx_str) {
			(const char *)&request->key, sizeof request->key },
		    request);
	}
	request->deal_id = *deal_id;
	if (answered)
		request->seq = seq;
}

void
state_note_trail(
    struct state *state, const struct aicx_id *deal_id, uint64_t seq)
{
	struct trail *trail = map_find_id(&state->trails, deal_id);

	if (trail == NULL) {
		trail = MEM_NEW(struct trail);
		trail->deal_id = *deal_id;
		(void)map_put_id(&state->trails, &trail->deal_id, trail);
	}
	if (trail->n == trail->cap) {
		trail->cap = trail->cap ? trail->cap * 2 : 8;
		trail->seqs =
		    mem_grow(trail->seqs, trail->cap * sizeof(uint64_t));
	}
	trail->seqs[trail->n++] = seq;
}

const struct trail *
state_trail(const struct state *state, const struct aicx_id *deal_id)
{
	return map_find_id(&state->trails, deal_id);
}
