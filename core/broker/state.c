/* SPDX-License-Identifier: Apache-2.0 */
/* state.c - tables of rows made from record texts. */
#include "broker/state.h"

#include "base/b64.h"
#include "base/err.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/str.h"
#include "broker/row.h"
#include "broker/state_index.h"

#include <stdlib.h>
#include <string.h>

#define TABLE_OF(name_, type, member)                                          \
	.name = #name_, .fields = name_##_fields, .size = sizeof(struct type), \
	.id_offset = offsetof(struct type, member)
/* Live always. */
#define TABLE(...)                                                             \
	{                                                                      \
		TABLE_OF(__VA_ARGS__)                                          \
	}
/* Over when over(row). */
#define TABLE_UNTIL(over, ...)                                                 \
	{                                                                      \
		TABLE_OF(__VA_ARGS__), .is_over = (over)                       \
	}
/* Over with the row of another table under the same id. */
#define TABLE_WITH(ender, name_, type, member)                                 \
	{                                                                      \
		TABLE_OF(name_, type, member),                                 \
		    .ends_with = (ender),                                      \
		    .link_offset = offsetof(struct type, member)               \
	}

static bool
contract_is_over(const void *row)
{
	switch ((enum contract_status)((const struct contract_state *)row)
		    ->status) {
	case CONTRACT_PROPOSED:
	case CONTRACT_SIGNED:
		return false;
	case CONTRACT_COMPLETED:
	case CONTRACT_FAILED:
	case CONTRACT_CANCELLED:
	case CONTRACT_EXPIRED:
		break;
	}
	return true;
}

static bool
execution_is_over(const void *row)
{
	return execution_is_final(
	    (enum execution_state)((const struct execution_status *)row)
		->state);
}

static bool
hold_is_over(const void *row)
{
	return ((const struct hold *)row)->state != HOLD_OPEN;
}

/* A refund or a dispute may bring it back. */
static bool
payment_is_over(const void *row)
{
	switch ((enum transaction_status)((const struct transaction_state *)row)
		    ->status) {
	case TRANSACTION_PENDING:
	case TRANSACTION_FROZEN:
		return false;
	case TRANSACTION_SETTLED:
	case TRANSACTION_REFUNDED:
		break;
	}
	return true;
}

static bool
batch_is_over(const void *row)
{
	(void)row; /* it is written once */
	return true;
}

static bool
dispute_is_over(const void *row)
{
	return ((const struct dispute *)row)->state != DISPUTE_OPEN;
}

/* Late money and chargebacks may bring it back. */
static bool
outside_is_over(const void *row)
{
	return ((const struct payment *)row)->state != PAYMENT_ASKED;
}

static bool
event_is_over(const void *row)
{
	(void)row; /* it is written once */
	return true;
}

static bool
permission_is_over(const void *row)
{
	return ((const struct granted *)row)->revoked;
}

static bool
deal_is_over(const void *row)
{
	return deal_is_final(
	    (enum deal_state)((const struct deal *)row)->state);
}

const struct table_def table_defs[T_N] = {
	[T_AGENT] = TABLE(agent, agent, agent_id),
	[T_REPUTATION] = TABLE(reputation, reputation, agent_id),
	[T_CREDENTIAL] = TABLE(credential, credential, credential_id),
	[T_MANDATE] = TABLE(mandate, mandate, mandate_id),
	[T_MANDATE_USE] = TABLE(mandate_use, mandate_use, mandate_id),
	[T_STANDING_OFFER] =
	    TABLE(standing_offer, standing_offer, standing_offer_id),
	[T_INTENT] = TABLE_WITH(T_DEAL, intent, intent, intent_id),
	[T_OFFER] = { TABLE_OF(offer, offer, offer_id), .ends_with = T_DEAL,
	    .link_offset = offsetof(struct offer, intent_id),
	    .followers = offsetof(struct state, offers_of_intent) },
	[T_CONTRACT] =
	    TABLE_WITH(T_CONTRACT_STATE, contract, contract, contract_id),
	[T_CONTRACT_STATE] = TABLE_UNTIL(
	    contract_is_over, contract_state, contract_state, contract_id),
	[T_EXECUTION] =
	    TABLE_WITH(T_EXECUTION_STATUS, execution, execution, execution_id),
	[T_EXECUTION_STATUS] = TABLE_UNTIL(execution_is_over, execution_status,
	    execution_status, execution_id),
	[T_HOLD] = TABLE_UNTIL(hold_is_over, hold, hold, hold_id),
	[T_BUDGET] = TABLE(budget, budget, budget_id),
	[T_TRANSACTION_STATE] = { TABLE_OF(transaction_state, transaction_state,
				      transaction_id),
	    .is_over = payment_is_over, .reopens = true },
	[T_BATCH] = TABLE_UNTIL(batch_is_over, batch, batch, batch_id),
	[T_DISPUTE] =
	    TABLE_UNTIL(dispute_is_over, dispute, dispute, dispute_id),
	[T_DEAL] = { TABLE_OF(deal, deal, deal_id), .is_over = deal_is_over,
	    .reopens = true },
	[T_SUBSCRIPTION] = TABLE_WITH(
	    T_CONTRACT_STATE, subscription, subscription, contract_id),
	[T_POLICY] = TABLE(policy, policy, policy_id),
	[T_PAYMENT] = { TABLE_OF(payment, payment, payment_id),
	    .is_over = outside_is_over, .reopens = true },
	[T_PAYMENT_EVENT] =
	    TABLE_UNTIL(event_is_over, payment_event, payment_event, event_id),
	[T_PERMISSION] =
	    TABLE_UNTIL(permission_is_over, permission, granted, permission_id),
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
	row->bytes = sizeof *row + def->size + text.len;
	return row;
}

struct row *
row_find(const struct state *state, enum table table, const struct aicx_id *id)
{
	struct row *row = state->last[table];

	if (row != NULL && id_eq(row_id(table, row), id))
		return row;
	if (id_is_nil(id))
		return NULL;
	row = map_find_id(&state->rows[table], id);
	if (row != NULL)
		state_own(state)->last[table] = row;
	return row;
}

static void
row_free(struct state *state, struct row *row)
{
	if (row == NULL)
		return;
	row_stay(state, row);
	struct arena mem = row->mem;
	arena_fini(&mem);
}

void
state_init(struct state *state)
{
	memset(state, 0, sizeof *state);
	state->ledger = ledger_new();
	state->index = index_new();
	state->limits = state_limits_default;
	list_init(&state->over_rows);
	list_init(&state->over_requests);
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

static void
changes_fini(struct changes *changes)
{
	free(changes->rows);
	free(changes->requests);
}

void
state_fini(struct state *state)
{
	struct map *groups[] = { &state->offers_of_intent,
		&state->mandates_of_agent, &state->deals_of_agent,
		&state->credentials_of_agent, &state->standing_of_agent,
		&state->budgets_of_agent, &state->permissions_of_agent };

	for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
		groups_fini(groups[i]);
	state_index_fini(state);
	for (enum table t = 0; t < T_N; t++) {
		MAP_EACH (entry, &state->rows[t])
			row_free(state, entry->value);
		map_fini(&state->rows[t]);
	}
	MAP_EACH (entry, &state->requests)
		free(entry->value);
	map_fini(&state->requests);
	horizon_fini(&state->horizon);
	rolls_fini(&state->rolls);
	changes_fini(&state->now);
	changes_fini(&state->sent);
	arena_fini(&state->scratch);
	arena_fini(&state->lent);
	ledger_free(state->ledger);
	index_free(state->index);
}

/* --- which rows are over --------------------------------------------- */

static void
row_touch(struct state *state, struct row *row)
{
	struct changes *now = &state->now;

	if (row->now_at != 0 || state->loading)
		return;
	if (now->n_rows == now->cap_rows) {
		now->cap_rows = now->cap_rows ? now->cap_rows * 2 : 256;
		now->rows =
		    mem_grow(now->rows, now->cap_rows * sizeof *now->rows);
	}
	now->rows[now->n_rows++] = row;
	row->now_at = (uint32_t)now->n_rows;
}

/* The row stands for the one it replaces, there as well. */
static void
row_inherit(struct state *state, struct row *row, const struct row *old)
{
	row->entry.rank[0] = old->entry.rank[0];
	row->entry.rank[1] = old->entry.rank[1];
	row->listed = old->listed;
	row->now_at = old->now_at;
	row->sent_at = old->sent_at;
	if (row->now_at != 0)
		state->now.rows[row->now_at - 1] = row;
	if (row->sent_at != 0)
		state->sent.rows[row->sent_at - 1] = row;
}

static void
row_end(struct state *state, enum table table, const struct aicx_id *id)
{
	struct row *row = map_find_id(&state->rows[table], id);

	if (row == NULL || row->over)
		return;
	row->over = true;
	row_touch(state, row);
}

/* Those that end with this row. */
static void
row_end_others(struct state *state, enum table table, const struct aicx_id *id)
{
	for (enum table t = 0; t < T_N; t++) {
		const struct table_def *def = &table_defs[t];
		if (def->ends_with != table || table == T_AGENT)
			continue;
		if (def->followers == 0) {
			row_end(state, t, id);
			continue;
		}
		const struct map *groups =
		    (const struct map *)(const void *)((const char *)state +
			def->followers);
		const struct group *group = state_group(groups, id);
		for (size_t i = 0; i < group->n; i++)
			row_end(state, t, &group->ids[i]);
	}
}

static bool
row_is_over(const struct state *state, enum table table, const struct row *row)
{
	const struct table_def *def = &table_defs[table];

	if (def->is_over != NULL)
		return def->is_over(row->value);
	if (def->ends_with == T_AGENT)
		return false;
	struct aicx_id link;
	memcpy(&link, row->value + def->link_offset, sizeof link);
	const struct row *ender =
	    map_find_id(&state->rows[def->ends_with], &link);
	return ender != NULL && ender->over;
}

/* --- putting and getting --------------------------------------------- */

/* Takes the row; NULL, with the error, when it is none of this table. */
static struct row *
row_checked(struct state *state, enum table table, struct row *row,
    struct aicx_error *reterr)
{
	list_init(&row->node);
	row->table = (uint8_t)table;
	if (!id_is_nil(row_id(table, row)))
		return row;
	row_free(state, row);
	(void)err_set(reterr, AICX_EINVAL, "row of table \"%s\" has no id",
	    table_defs[table].name);
	return NULL;
}

static struct row *
parse_new(struct state *state, enum table table, struct aicx_str text,
    struct aicx_error *reterr)
{
	struct row *row = row_parse(state, &table_defs[table], text, reterr);

	return row != NULL ? row_checked(state, table, row, reterr) : NULL;
}

static bool
row_is_recorded(const struct row *row)
{
	return row->entry.spot.seq != 0;
}

static void
row_place(
    struct state *state, enum table table, struct row *row, struct row *old)
{
	const struct aicx_id *id = row_id(table, row);
	bool known = old != NULL && row_is_recorded(old);

	if (state_index_row(
		state, table, known ? old->value : NULL, row->value))
		row->entry.rank[1] = state->rank;
	(void)map_put_id(&state->rows[table], id, row);
	state->last[table] = row;
	row_free(state, old);
	row->over = row_is_over(state, table, row);
	row_touch(state, row);
	if (row->over)
		row_end_others(state, table, id);
}

struct row *
row_made(struct state *state, enum table table, const void *value,
    size_t n_bytes, struct aicx_error *reterr)
{
	const struct table_def *def = &table_defs[table];
	struct arena mem = { NULL };

	arena_start(&mem,
	    sizeof(struct row) + def->size +
		field_copy_bytes(def->fields, value) + 16);
	struct row *row = arena_new(&mem, sizeof *row + def->size);
	aicx_err err = field_copy(def->fields, value, &state->currencies, &mem,
	    row->value, def->size, reterr);
	if (err != AICX_OK) {
		arena_fini(&mem);
		return NULL;
	}
	row->mem = mem;
	row->bytes = sizeof *row + def->size + n_bytes;
	return row_checked(state, table, row, reterr);
}

void
row_forget(struct row *row)
{
	struct arena mem = row->mem;

	arena_fini(&mem);
}

void
row_put(struct state *state, enum table table, struct row *row,
    const struct spot *spot, uint64_t rank)
{
	const struct aicx_id *id = row_id(table, row);
	struct row *old = row_find(state, table, id);

	if (old == NULL && table_defs[table].reopens)
		old = row_back(state, table, id);
	row->entry.spot = *spot;
	row->entry.rank[0] = rank;
	if (old != NULL && row_is_recorded(old))
		row_inherit(state, row, old);
	state->rank = rank;
	row_place(state, table, row, old);
}

/* The index goes on to say where the recorded one stands, if there is one. */
void
state_put_unrecorded(struct state *state, enum table table, const void *value)
{
	struct aicx_error error = { 0 };
	struct row *row = row_made(state, table, value, 0, &error);

	ENSURE(row != NULL);
	const struct aicx_id *id = row_id(table, row);
	struct row *old = row_find(state, table, id);
	ENSURE(old == NULL || !old->over);
	if (old != NULL) {
		row->entry = old->entry;
		row_inherit(state, row, old);
	}
	(void)map_put_id(&state->rows[table], id, row);
	state->last[table] = row;
	row_free(state, old);
}

aicx_err
state_put(struct state *state, enum table table, struct aicx_str text,
    const struct spot *spot, uint64_t rank, struct aicx_error *reterr)
{
	struct row *row = parse_new(state, table, text, reterr);

	if (row == NULL)
		return AICX_EINVAL;
	row_put(state, table, row, spot, rank);
	return AICX_OK;
}

aicx_err
state_load(struct state *state, enum table table, struct aicx_str text,
    const struct row_entry *entry, struct aicx_error *reterr)
{
	struct row *row = parse_new(state, table, text, reterr);

	if (row == NULL)
		return AICX_EINVAL;
	row->entry = *entry;
	row->listed = true;
	state->loading = true;
	state->n_listed++;
	row_place(state, table, row, NULL);
	state->loading = false;
	row->entry = *entry;
	return AICX_OK;
}

/* One that is over, from its record; it may leave again. */
struct row *
row_from_record(struct state *state, enum table table, struct aicx_str text,
    const struct row_entry *entry, struct aicx_error *reterr)
{
	struct row *row = parse_new(state, table, text, reterr);

	if (row == NULL)
		return NULL;
	row->entry = *entry;
	row->over = true;
	(void)map_put_id(&state->rows[table], row_id(table, row), row);
	row_may_leave(state, row);
	return row;
}

void
row_drop(struct state *state, enum table table, struct row *row)
{
	if (state->last[table] == row)
		state->last[table] = NULL;
	(void)map_remove_id(&state->rows[table], row_id(table, row));
	row_free(state, row);
}

uint64_t
state_row_seq(
    const struct state *state, enum table table, const struct aicx_id *id)
{
	(void)state_row(state, table, id);
	const struct row *row = row_find(state, table, id);
	return row ? row->entry.spot.seq : 0;
}

const void *
state_row(const struct state *state, enum table table, const struct aicx_id *id)
{
	const struct row *row = row_find(state, table, id);

	if (row == NULL)
		row = row_back(state_own(state), table, id);
	return row ? row->value : NULL;
}
