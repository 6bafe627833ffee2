/* SPDX-License-Identifier: Apache-2.0 */
/* state_send.c - what changed goes to the index, and then may be forgotten. */
#include "base/err.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/varint.h"
#include "broker/row.h"
#include "broker/state_index.h"

#include <string.h>

struct sending {
	struct state *state;
	state_write_fn *write;
	void *arg;
	struct buf value;
};

static void
write_value(struct sending *sending, const struct catalog_key *key)
{
	sending->write(key, buf_view(&sending->value), sending->arg);
	buf_clear(&sending->value);
}

static void
send_row(struct sending *sending, struct row *row)
{
	struct state *state = sending->state;
	const char *table = table_defs[row->table].name;
	const struct aicx_id *id = row_id((enum table)row->table, row);
	struct catalog_key key = catalog_row_key(table, id, !row->over);

	row->sent_at = row->now_at;
	row->now_at = 0;
	row_entry_print(&sending->value, &row->entry);
	write_value(sending, &key);
	if (row->over && row->listed) {
		key = catalog_row_key(table, id, true);
		sending->write(
		    &key, (struct aicx_str) { NULL, 0 }, sending->arg);
	}
	state->n_listed += !row->over && !row->listed;
	state->n_listed -= row->over && row->listed;
	row->listed = !row->over;
}

static void
send_request(struct sending *sending, struct request *request)
{
	struct request_entry entry = { .seq = request->seq,
		.deal_id = request->deal_id };
	struct catalog_key key =
	    catalog_request_key(&request->key.sender, &request->key.id);

	request->changed = false;
	memcpy(entry.body, request->body, sizeof entry.body);
	request_entry_print(&sending->value, &entry);
	write_value(sending, &key);
}

static void
send_account(const struct account *account, void *arg)
{
	struct sending *sending = arg;
	struct json_writer w = json_writer(&sending->value);
	struct catalog_key key =
	    catalog_account_key(&account->owner, account->currency);

	json_open(&w, '{');
	field_print(account_fields, account, &sending->state->currencies, &w);
	json_close(&w);
	write_value(sending, &key);
}

static void
send_chunk(const struct catalog_key *key, struct aicx_str value, void *arg)
{
	struct sending *sending = arg;

	sending->write(key, value, sending->arg);
}

static void
send_transactions(struct sending *sending)
{
	const struct transaction *transaction =
	    ledger_oldest(sending->state->ledger);

	for (; transaction != NULL; transaction = transaction->next) {
		struct catalog_key key =
		    catalog_transaction_key(&transaction->id);
		varint_put(&sending->value,
		    transaction->seq << RANK_BITS | transaction->nth);
		write_value(sending, &key);
	}
}

void
state_send(struct state *state, state_write_fn *write, void *arg)
{
	struct sending sending = { state, write, arg, { NULL } };
	struct changes sent = state->sent;

	ENSURE(sent.n_rows == 0 && sent.n_requests == 0);
	state->sent = state->now;
	state->now = sent;
	for (size_t i = 0; i < state->sent.n_rows; i++)
		send_row(&sending, state->sent.rows[i]);
	for (size_t i = 0; i < state->sent.n_requests; i++)
		send_request(&sending, state->sent.requests[i]);
	send_transactions(&sending);
	ledger_each_changed(state->ledger, send_account, &sending);
	rolls_send(&state->rolls, send_chunk, &sending);
	buf_fini(&sending.value);
}

/* It may have come back to life, or changed once more, while it was sent. */
static void
confirm_row(struct state *state, struct row *row)
{
	row->sent_at = 0;
	if (!row->over || row->now_at != 0 || !list_empty(&row->node))
		return;
	if (row->table == T_DEAL)
		state_index_leave(state, (const struct deal *)row->value);
	row_may_leave(state, row);
}

void
state_confirm(struct state *state, uint64_t seq)
{
	struct changes *sent = &state->sent;

	for (size_t i = 0; i < sent->n_rows; i++)
		confirm_row(state, sent->rows[i]);
	for (size_t i = 0; i < sent->n_requests; i++)
		if (!sent->requests[i]->changed &&
		    list_empty(&sent->requests[i]->node))
			request_may_leave(state, sent->requests[i]);
	sent->n_rows = sent->n_requests = 0;
	rolls_confirm(&state->rolls);
	ledger_forget(state->ledger, seq);
}
