/* SPDX-License-Identifier: Apache-2.0 */
/* state_past.c - what left memory: letting go of it and reading it back. */
#include "base/broken.h"
#include "base/err.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/str.h"
#include "broker/row.h"

#include <stdlib.h>
#include <string.h>

const struct state_limits state_limits_default = {
	.rows_max = 512,
	.bytes_max = 1 << 20,
	.requests_max = 512,
};

void
state_break(struct state *state, const struct aicx_error *error)
{
	if (state->on_broken != NULL)
		state->on_broken(error, state->broken_arg);
}

/* --- leaving --------------------------------------------------------- */

void
row_may_leave(struct state *state, struct row *row)
{
	list_push(&state->over_rows, &row->node);
	state->n_over_rows++;
	state->n_over_bytes += row->bytes;
}

void
row_stay(struct state *state, struct row *row)
{
	if (list_empty(&row->node))
		return;
	list_remove(&row->node);
	list_init(&row->node);
	state->n_over_rows--;
	state->n_over_bytes -= row->bytes;
}

void
request_may_leave(struct state *state, struct request *request)
{
	list_push(&state->over_requests, &request->node);
	state->n_over_requests++;
}

void
request_stay(struct state *state, struct request *request)
{
	if (list_empty(&request->node))
		return;
	list_remove(&request->node);
	list_init(&request->node);
	state->n_over_requests--;
}

static void
request_drop(struct state *state, struct request *request)
{
	request_stay(state, request);
	(void)map_remove(&state->requests,
	    (struct aicx_str) {
		(const char *)&request->key, sizeof request->key });
	free(request);
}

void
state_sweep(struct state *state)
{
	const struct state_limits *limits = &state->limits;

	arena_clear(&state->lent);
	while (state->n_over_rows > limits->rows_max ||
	    state->n_over_bytes > limits->bytes_max) {
		struct row *row =
		    LIST_ITEM(state->over_rows.next, struct row, node);
		row_drop(state, (enum table)row->table, row);
	}
	while (state->n_over_requests > limits->requests_max)
		request_drop(state,
		    LIST_ITEM(state->over_requests.next, struct request, node));
}

/* --- reading back ---------------------------------------------------- */

static aicx_err
read_row(struct state *state, enum table table, const struct row_entry *entry,
    struct row **ret_row, struct aicx_error *reterr)
{
	struct buf record = { 0 };
	aicx_err err =
	    catalog_record(&state->catalog, entry->spot.seq, &record, reterr);

	if (err == AICX_OK &&
	    (entry->spot.offset > record.len ||
		entry->spot.len > record.len - entry->spot.offset))
		err = err_set(
		    reterr, AICX_EIO, "record is shorter than the index says");
	if (err == AICX_OK) {
		*ret_row = row_from_record(state, table,
		    (struct aicx_str) {
			record.ptr + entry->spot.offset, entry->spot.len },
		    entry, reterr);
		err = *ret_row != NULL ? AICX_OK : AICX_EIO;
	}
	buf_fini(&record);
	return err;
}

struct row *
row_back(struct state *state, enum table table, const struct aicx_id *id)
{
	const struct table_def *def = &table_defs[table];
	struct aicx_error error = { 0 }, why = { 0 };
	struct buf value = { 0 };
	struct row_entry entry;
	struct row *row = NULL;

	if (id_is_nil(id) || state->catalog.ops == NULL ||
	    (def->is_over == NULL && def->ends_with == T_AGENT))
		return NULL;
	struct catalog_key key = catalog_row_key(def->name, id, false);
	aicx_err err = catalog_get(&state->catalog, &key, &value, &why);
	if (err == AICX_OK && !row_entry_parse(buf_view(&value), &entry))
		err = err_set(&why, AICX_EIO, "index's key cannot be read");
	if (err == AICX_OK)
		err = read_row(state, table, &entry, &row, &why);
	if (err == AICX_OK && !id_eq(row_id(table, row), id))
		err = err_set(&why, AICX_EIO, "record has another row there");
	buf_fini(&value);
	if (err == AICX_OK)
		return row;
	if (err != AICX_ENOTFOUND) {
		(void)err_set(&error, AICX_EIO, "cannot read %s \"%s\": %s",
		    def->name, id_text(id).text, why.text);
		state_break(state, &error);
	}
	return NULL;
}

static void
break_on_roll(
    const struct state *state, aicx_err err, const struct aicx_error *error)
{
	if (err != AICX_OK)
		state_break(state_own(state), error);
}

static const struct group *
group_from_roll(const struct state *state, enum roll roll,
    const struct aicx_id *owner, size_t cap)
{
	struct arena *lent = &state_own(state)->lent;
	struct group *group = arena_new(lent, sizeof *group);
	struct roll_entry *entries = NULL;
	struct aicx_error error = { 0 };
	size_t n = 0;
	aicx_err err = rolls_oldest(&state->rolls, &state->catalog, roll, owner,
	    cap, lent, &entries, &n, &error);

	break_on_roll(state, err, &error);
	group->key = *owner;
	group->ids = arena_new(lent, n * sizeof *group->ids + 1);
	for (; group->n < n; group->n++)
		group->ids[group->n] = entries[group->n].id;
	return group;
}

const struct group *
state_offers(const struct state *state, const struct aicx_id *intent_id)
{
	const struct group *group =
	    map_find_id(&state->offers_of_intent, intent_id);

	return group != NULL
	    ? group
	    : group_from_roll(state, ROLL_OFFERS, intent_id, SIZE_MAX);
}

const struct group *
state_executions(
    const struct state *state, const struct aicx_id *contract_id, size_t cap)
{
	return group_from_roll(state, ROLL_EXECUTIONS, contract_id, cap);
}

const struct trail *
state_trail(const struct state *state, const struct aicx_id *deal_id)
{
	struct arena *lent = &state_own(state)->lent;
	struct trail *trail = arena_new(lent, sizeof *trail);
	struct roll_entry *entries = NULL;
	struct aicx_error error = { 0 };
	size_t n = 0;
	aicx_err err = rolls_oldest(&state->rolls, &state->catalog, ROLL_TRAIL,
	    deal_id, SIZE_MAX, lent, &entries, &n, &error);

	break_on_roll(state, err, &error);
	uint64_t *seqs = arena_new(lent, n * sizeof *seqs + 1);
	for (; trail->n < n; trail->n++)
		seqs[trail->n] = entries[trail->n].rank >> RANK_BITS;
	trail->seqs = seqs;
	return trail;
}

static size_t
newest_ids(const struct state *state, enum roll roll,
    const struct aicx_id *owner, uint64_t before, struct aicx_id *ret_ids,
    size_t cap)
{
	struct roll_entry *entries =
	    arena_new(&state_own(state)->lent, cap * sizeof *entries);
	struct aicx_error error = { 0 };
	size_t n = 0;

	break_on_roll(state,
	    rolls_newest(&state->rolls, &state->catalog, roll, owner, before,
		entries, cap, &n, &error),
	    &error);
	for (size_t i = 0; i < n; i++)
		ret_ids[i] = entries[i].id;
	return n;
}

size_t
state_records(const struct state *state, enum roll roll,
    const struct aicx_id *owner, uint64_t before, uint64_t *ret_seqs,
    size_t cap)
{
	struct roll_entry *entries =
	    arena_new(&state_own(state)->lent, cap * sizeof *entries);
	struct aicx_error error = { 0 };
	size_t n = 0;

	break_on_roll(state,
	    rolls_newest(&state->rolls, &state->catalog, roll, owner,
		before << RANK_BITS, entries, cap, &n, &error),
	    &error);
	for (size_t i = 0; i < n; i++)
		ret_seqs[i] = entries[i].rank >> RANK_BITS;
	return n;
}

size_t
state_payments(const struct state *state, const struct aicx_id *contract_id,
    struct aicx_id *ret_ids, size_t cap)
{
	if (id_is_nil(contract_id))
		return 0;
	return newest_ids(state, ROLL_PAYMENTS, contract_id, 0, ret_ids, cap);
}

size_t
state_deals(const struct state *state, const struct aicx_id *agent_id,
    const struct aicx_id *before, struct aicx_id *ret_ids, size_t cap)
{
	const struct deal *deal = state_deal(state, before);
	uint64_t rank = 0;

	if (!id_is_nil(before)) {
		const struct row *row =
		    map_find_id(&state->rows[T_DEAL], before);
		if (deal == NULL)
			return 0;
		rank = row->entry
			   .rank[id_eq(&deal->requester_id, agent_id) ? 0 : 1];
		if (rank == 0)
			return 0; /* it is not this agent's */
	}
	return newest_ids(state, ROLL_DEALS, agent_id, rank, ret_ids, cap);
}

/* --- requests and transactions --------------------------------------- */

static struct request *
request_find(const struct state *state, const struct aicx_id *sender,
    const struct aicx_id *id)
{
	struct request probe = { .key = { *sender, *id } };

	return map_find(&state->requests,
	    (struct aicx_str) { (const char *)&probe.key, sizeof probe.key });
}

static struct request *
request_new(
    struct state *state, const struct aicx_id *sender, const struct aicx_id *id)
{
	struct request *request = MEM_NEW(struct request);

	list_init(&request->node);
	request->key.sender = *sender;
	request->key.id = *id;
	(void)map_put(&state->requests,
	    (struct aicx_str) {
		(const char *)&request->key, sizeof request->key },
	    request);
	return request;
}

const struct request *
state_request(const struct state *state, const struct aicx_id *sender,
    const struct aicx_id *id)
{
	struct aicx_error error = { 0 };
	struct request_entry entry;
	struct buf value = { 0 };
	bool new = false;
	aicx_err err = horizon_is_new(&state_own(state)->horizon,
	    &state->catalog, sender, id, &new, &error);

	if (err != AICX_OK)
		state_break(state_own(state), &error);
	if (err != AICX_OK || new)
		return NULL;
	struct request *request = request_find(state, sender, id);
	if (request != NULL || state->catalog.ops == NULL)
		return request;
	struct catalog_key key = catalog_request_key(sender, id);
	err = catalog_get(&state->catalog, &key, &value, &error);
	if (err == AICX_OK && !request_entry_parse(buf_view(&value), &entry))
		err = err_set(&error, AICX_EIO,
		    "index's key of request \"%s\" cannot be read",
		    id_text(id).text);
	if (err == AICX_OK) {
		request = request_new(state_own(state), sender, id);
		memcpy(request->body, entry.body, sizeof request->body);
		request->deal_id = entry.deal_id;
		request->seq = entry.seq;
		request_may_leave(state_own(state), request);
	} else if (err != AICX_ENOTFOUND) {
		state_break(state_own(state), &error);
	}
	buf_fini(&value);
	return request;
}

void
state_note_request(struct state *state, const struct aicx_id *sender,
    const struct aicx_id *id, const uint8_t body[16],
    const struct aicx_id *deal_id, uint64_t seq, bool answered)
{
	struct request *request = request_find(state, sender, id);
	struct changes *now = &state->now;

	if (request == NULL)
		request = request_new(state, sender, id);
	horizon_note(&state->horizon, sender, id);
	request_stay(state, request);
	memcpy(request->body, body, sizeof request->body);
	request->deal_id = *deal_id;
	if (answered)
		request->seq = seq;
	if (request->changed)
		return;
	if (now->n_requests == now->cap_requests) {
		now->cap_requests =
		    now->cap_requests ? now->cap_requests * 2 : 64;
		now->requests = mem_grow(now->requests,
		    now->cap_requests * sizeof(struct request *));
	}
	request->changed = true;
	now->requests[now->n_requests++] = request;
}

void
state_note_unrecorded(struct state *state, const struct aicx_id *sender,
    const struct aicx_id *id, const uint8_t body[16],
    const struct aicx_id *deal_id)
{
	struct request *request = request_new(state, sender, id);

	horizon_note(&state->horizon, sender, id);
	memcpy(request->body, body, sizeof request->body);
	request->deal_id = *deal_id;
}

void
state_note_trail(
    struct state *state, const struct aicx_id *deal_id, uint64_t seq)
{
	rolls_add(&state->rolls, ROLL_TRAIL, deal_id, seq << RANK_BITS, NULL);
}

void
state_note_actor(
    struct state *state, const struct aicx_id *agent_id, uint64_t seq)
{
	if (broken("no_trail"))
		return;
	rolls_add(&state->rolls, ROLL_ACTS, agent_id, seq << RANK_BITS, NULL);
}

aicx_err
state_apply(struct state *state, const struct transfer *transfers, size_t n,
    int64_t at_ms, uint64_t seq, struct aicx_error *reterr)
{
	const struct transaction *news;
	aicx_err err =
	    ledger_apply(state->ledger, transfers, n, at_ms, seq, reterr);

	while ((news = ledger_next_new(state->ledger)) != NULL) {
		uint64_t rank = news->seq << RANK_BITS | news->nth;
		rolls_add(&state->rolls, ROLL_TRANSACTIONS, &news->from, rank,
		    &news->id);
		rolls_add(&state->rolls, ROLL_TRANSACTIONS, &news->to, rank,
		    &news->id);
		if (!id_is_nil(&news->contract_id))
			rolls_add(&state->rolls, ROLL_PAYMENTS,
			    &news->contract_id, rank, &news->id);
	}
	return err;
}
