/* SPDX-License-Identifier: Apache-2.0 */
/*
 * step.c - one decision becomes one record, and the state follows from it.
 *
 * A record is one JSON object: {"seq","time","epoch","prev","shard","step",
 * "actor","deal"?,"request"? or "correlation"?,"entries"?,"put"?,"refused"? or
 * "event"?,"answer"?}.  It is the audit entry of the change as well (audit.h).
 */
#include "base/b64.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/str.h"
#include "broker/feed.h"
#include "broker/inside.h"
#include "broker/payments.h"

#include <string.h>

struct step *
step_begin(struct broker *broker, const char *name, const struct aicx_id *actor,
    const struct aicx_id *deal_id)
{
	static const struct aicx_id nobody;
	struct step *step = &broker->step;

	ENSURE(!step->active);
	step->active = true;
	own_keys_begin(&broker->own_keys);
	step->broker = broker;
	step->name = name;
	step->actor = actor ? *actor : nobody;
	step->deal_id = deal_id ? *deal_id : nobody;
	step->now_ms = broker_now(broker);
	step->n_puts = step->n_transfers = 0;
	step->request_id = step->request_sender = nobody;
	memset(step->request_body, 0, sizeof step->request_body);
	step->answer_status = 0;
	step->answer_follows = false;
	step->correlation = step->more_name = NULL;
	buf_clear(&step->puts);
	buf_clear(&step->answer);
	arena_clear(&step->mem);
	list_init(&step->letters);
	return step;
}

void
step_put(struct step *step, enum table table, const void *row)
{
	struct json_writer w = json_writer(&step->puts);
	struct aicx_error error = { 0 };

	ENSURE(step->active && step->n_puts < STEP_PUTS_MAX);
	struct step_put *put = &step->put[step->n_puts++];
	put->table = table;
	put->start = step->puts.len;
	json_open(&w, '{');
	field_print(
	    table_defs[table].fields, row, &step->broker->state.currencies, &w);
	json_close(&w);
	put->end = step->puts.len;
	put->row = row_made(
	    &step->broker->state, table, row, put->end - put->start, &error);
	if (put->row == NULL)
		log_error(step->broker->log, "step.broken",
		    KV("step", step->name), KV("reason", error.text));
	ENSURE(put->row != NULL); /* what is printed can be read */
}

static struct aicx_str
place_text(struct step *step, const struct place *place)
{
	char text[PLACE_TEXT];

	place_print(place, text);
	return arena_str(&step->mem, str_of(text));
}

static void
step_transfer(struct step *step, const struct move *move)
{
	ENSURE(step->active && step->n_transfers < STEP_TRANSFERS_MAX);
	step->transfers[step->n_transfers++] = (struct transfer) {
		.id = move->id,
		.kind = (int)move->kind,
		.debit = place_text(step, &move->from),
		.credit = place_text(step, &move->to),
		.amount = move->amount,
		.contract_id = move->contract_id,
		.execution_id = move->execution_id,
		.payee = move->payee,
		.of = move->of,
		.reference = arena_str(&step->mem, move->reference),
		.from = move->from,
		.to = move->to,
		.placed = true,
	};
}

void
step_moves(struct step *step, const struct moves *moves)
{
	for (size_t i = 0; i < moves->n; i++)
		step_transfer(step, &moves->list[i]);
}

void
step_move(struct step *step, enum transfer_kind kind, const struct aicx_id *id,
    const struct aicx_id *debit, enum column from, const struct aicx_id *credit,
    enum column to, const struct aicx_money *amount,
    const struct aicx_id *contract_id, const struct aicx_id *execution_id,
    struct aicx_str reference)
{
	struct move move = { .kind = kind,
		.id = *id,
		.from = { *debit, from },
		.to = { *credit, to },
		.amount = *amount,
		.reference = reference };

	if (amount->minor == 0)
		return;
	if (contract_id != NULL)
		move.contract_id = *contract_id;
	if (execution_id != NULL)
		move.execution_id = *execution_id;
	step_transfer(step, &move);
}

struct json_writer
step_more(struct step *step, const char *name)
{
	ENSURE(step->active && step->more_name == NULL);
	step->more_name = name;
	buf_clear(&step->more);
	return json_writer(&step->more);
}

void
step_letter(struct step *step, struct letter *letter)
{
	ENSURE(step->active);
	list_push(&step->letters, &letter->node);
}

void
step_abandon(struct step *step)
{
	LIST_EACH (node, &step->letters) {
		list_remove(node);
		letter_free(LIST_ITEM(node, struct letter, node));
	}
	own_keys_drop(&step->broker->own_keys);
	own_keys_end(&step->broker->own_keys, step->broker->journal);
	for (size_t i = 0; i < step->n_puts; i++)
		row_forget(step->put[i].row);
	step->active = false;
}

static void
put_request(struct json_writer *w, const struct step *step)
{
	char body[B64_LEN(16)];

	json_key(w, "request");
	json_open(w, '{');
	json_key(w, "sender");
	json_put_id(w, &step->request_sender);
	json_key(w, "id");
	json_put_id(w, &step->request_id);
	b64_print(step->request_body, 16, body);
	json_key(w, "body");
	json_put_str(w, (struct aicx_str) { body, sizeof body });
	json_close(w);
}

static void
put_head(struct json_writer *w, struct step *step)
{
	struct journal *journal = step->broker->journal;
	char prev[44];

	json_key(w, "seq");
	json_put_int(w, (int64_t)journal_next(journal));
	json_key(w, "time");
	json_put_time(w, step->now_ms);
	json_key(w, "epoch");
	json_put_int(w, (int64_t)journal_epoch(journal));
	journal_prev(journal, prev);
	json_key(w, "prev");
	json_put_text(w, prev);
	json_key(w, "shard");
	json_put_text(w, "0");
	json_key(w, "step");
	json_put_text(w, step->name);
	json_key(w, "actor");
	json_put_id(w, &step->actor);
	if (!id_is_nil(&step->deal_id)) {
		json_key(w, "deal");
		json_put_id(w, &step->deal_id);
	}
}

static void
print_record(struct step *step, struct buf *buf)
{
	struct json_writer w = json_writer(buf);

	json_open(&w, '{');
	put_head(&w, step);
	if (!id_is_nil(&step->request_id))
		put_request(&w, step);
	else if (step->correlation != NULL) {
		json_key(&w, "correlation");
		json_put_text(&w, step->correlation);
	}
	if (step->n_transfers > 0) {
		json_key(&w, "entries");
		json_open(&w, '[');
		for (size_t i = 0; i < step->n_transfers; i++) {
			json_open(&w, '{');
			field_print(transfer_fields, &step->transfers[i],
			    &step->broker->state.currencies, &w);
			json_close(&w);
		}
		json_close(&w);
	}
	if (step->n_puts > 0) {
		json_key(&w, "put");
		json_open(&w, '[');
		for (size_t i = 0; i < step->n_puts; i++) {
			struct step_put *put = &step->put[i];
			json_open(&w, '{');
			json_key(&w, table_defs[put->table].name);
			json_put_raw(&w,
			    (struct aicx_str) { step->puts.ptr + put->start,
				put->end - put->start });
			put->at = buf->len - (put->end - put->start);
			json_close(&w);
		}
		json_close(&w);
	}
	if (step->more_name != NULL) {
		json_key(&w, step->more_name);
		json_put_raw(&w, buf_view(&step->more));
	}
	if (step->answer_status != 0) {
		json_key(&w, "answer");
		json_open(&w, '{');
		json_key(&w, "status");
		json_put_int(&w, step->answer_status);
		if (!step->answer_follows) {
			json_key(&w, "body");
			json_put_raw(&w, buf_view(&step->answer));
		}
		json_close(&w);
	}
	json_close(&w);
}

/* What was decided is legal by now, so a failure here is a broken broker. */
static void
apply(struct step *step, uint64_t seq)
{
	struct state *state = &step->broker->state;
	struct aicx_error error = { 0 };

	for (size_t i = 0; i < step->n_puts; i++) {
		const struct step_put *put = &step->put[i];
		struct spot spot = { seq, put->at, put->end - put->start };
		row_put(
		    state, put->table, put->row, &spot, seq << RANK_BITS | i);
	}
	ENSURE(state_apply(state, step->transfers, step->n_transfers,
		   step->now_ms, seq, &error) == AICX_OK);
	if (!id_is_nil(&step->request_id))
		state_note_request(state, &step->request_sender,
		    &step->request_id, step->request_body, &step->deal_id, seq,
		    step->answer_status != 0);
	if (!id_is_nil(&step->deal_id))
		state_note_trail(state, &step->deal_id, seq);
	if (!id_is_nil(&step->actor))
		state_note_actor(state, &step->actor, seq);
}

aicx_err
step_commit(struct step *step, struct aicx_error *reterr)
{
	struct broker *broker = step->broker;
	struct buf *record = &broker->scratch;
	aicx_err err;

	ENSURE(step->active);
	if (broker->failed) {
		step_abandon(step);
		return err_word(reterr, AICX_EIO, "unavailable",
		    broker->read_only
			? "the store cannot be written; it is only read"
			: "the store failed; the broker is stopping");
	}
	err = ledger_try(
	    broker->state.ledger, step->transfers, step->n_transfers, reterr);
	if (err != AICX_OK) {
		step_abandon(step);
		return err;
	}
	buf_clear(record);
	print_record(step, record);
	apply(step, journal_next(broker->journal));
	own_keys_join(&broker->own_keys, broker->journal);
	journal_append(broker->journal, buf_view(record));
	own_keys_end(&broker->own_keys, broker->journal);
	checkpoints_note(broker, step->now_ms);
	broker_turn(broker);
	step->active = false;
	if (step->n_transfers > 0)
		payments_wake(broker);
	feed_note(broker, &step->deal_id, step->name);
	LIST_EACH (node, &step->letters) {
		struct letter *letter = LIST_ITEM(node, struct letter, node);
		list_remove(node);
		letter_post(broker, letter);
	}
	return AICX_OK;
}

/* --- reading records back ------------------------------------------------ */

static aicx_err
replay_puts(struct state *state, struct json_ref root, uint64_t seq,
    struct aicx_error *reterr)
{
	struct json_iter each = json_iter(json_get(root, "put"));
	const char *record = json_raw(root).ptr;
	uint64_t rank = seq << RANK_BITS;

	while (json_next(&each)) {
		struct json_iter put = json_iter(each.value);
		if (!json_next(&put))
			return err_set(reterr, AICX_EIO, "empty put");
		enum table t = 0;
		struct aicx_str name = json_str(put.name, NULL);
		while (t < T_N && !str_is(name, table_defs[t].name))
			t++;
		if (t == T_N)
			return err_set(reterr, AICX_EIO,
			    "unknown table \"%.*s\"", STR_ARG(name));
		struct aicx_str text = json_raw(put.value);
		struct spot spot = { seq, (uint64_t)(text.ptr - record),
			text.len };
		aicx_err err = state_put(state, t, text, &spot, rank++, reterr);
		if (err != AICX_OK)
			return err;
	}
	return AICX_OK;
}

static aicx_err
replay_entries(struct broker *broker, struct json_ref entries, int64_t at_ms,
    uint64_t seq, struct arena *mem, struct aicx_error *reterr)
{
	struct json_iter each = json_iter(entries);
	size_t n = 0, n_entries = json_len(entries);
	struct transfer *list = arena_new(mem, (n_entries + 1) * sizeof *list);

	while (json_next(&each)) {
		aicx_err err = field_parse(transfer_fields, each.value,
		    &broker->state.currencies, true, mem, &list[n++],
		    sizeof list[0], reterr);
		if (err != AICX_OK)
			return err;
	}
	return state_apply(&broker->state, list, n, at_ms, seq, reterr);
}

static bool
ref_id(struct json_ref ref, struct arena *mem, struct aicx_id *ret_id)
{
	struct aicx_str text = json_str(ref, mem);

	return text.ptr != NULL && id_parse(text, ret_id);
}

/* Who stands in the audit trail for this record. */
static void
replay_actors(
    struct state *state, uint64_t seq, struct json_ref root, struct arena *mem)
{
	struct json_iter each = json_iter(json_get(root, "refused"));
	struct aicx_id id;

	if (ref_id(json_get(root, "actor"), mem, &id) && !id_is_nil(&id))
		state_note_actor(state, &id, seq);
	while (json_next(&each))
		if (ref_id(json_get(each.value, "agent_id"), mem, &id))
			state_note_actor(state, &id, seq);
}

static aicx_err
replay_record(struct broker *broker, uint64_t seq, struct json_ref root,
    struct arena *mem, struct aicx_error *reterr)
{
	struct state *state = &broker->state;
	struct aicx_id deal_id = { { 0 } }, sender, id;
	struct json_ref request = json_get(root, "request");
	int64_t at_ms = 0;
	uint8_t body[16] = { 0 };

	if (!time_parse(json_str(json_get(root, "time"), mem), &at_ms))
		return err_set(reterr, AICX_EIO, "record has no time");
	if (at_ms > broker->time.time_ms)
		broker->time.time_ms = at_ms;
	(void)ref_id(json_get(root, "deal"), mem, &deal_id);
	aicx_err err = replay_puts(state, root, seq, reterr);
	if (err == AICX_OK)
		err = replay_entries(
		    broker, json_get(root, "entries"), at_ms, seq, mem, reterr);
	if (err != AICX_OK)
		return err;
	if (ref_id(json_get(request, "sender"), mem, &sender) &&
	    ref_id(json_get(request, "id"), mem, &id)) {
		(void)b64_parse(
		    json_str(json_get(request, "body"), mem), body, 16);
		state_note_request(state, &sender, &id, body, &deal_id, seq,
		    json_has(json_get(root, "answer")));
	}
	if (!id_is_nil(&deal_id))
		state_note_trail(state, &deal_id, seq);
	replay_actors(state, seq, root, mem);
	return AICX_OK;
}

aicx_err
step_replay(struct broker *broker, uint64_t seq, struct aicx_str record,
    struct aicx_error *reterr)
{
	struct arena mem = { NULL };
	struct json doc;
	struct aicx_error error = { 0 };
	aicx_err err = json_parse(record, &mem, &doc, &error);

	if (err == AICX_OK)
		err = replay_record(broker, seq, json_root(&doc), &mem, &error);
	arena_fini(&mem);
	if (err != AICX_OK)
		return err_set(reterr, AICX_EIO, "record %llu: %s",
		    (unsigned long long)seq, error.text);
	return AICX_OK;
}
