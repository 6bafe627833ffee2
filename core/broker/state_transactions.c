/* SPDX-License-Identifier: Apache-2.0 */
/* state_transactions.c - what an owner paid and got: the newest from the
   ledger, the others from their records. */
#include "base/clock.h"
#include "base/err.h"
#include "base/id.h"
#include "base/str.h"
#include "base/varint.h"
#include "broker/row.h"

#include <string.h>

/* The fee has the payment's id and is in the same record. */
static aicx_err
parse_entries(const struct state *state, struct json_ref root, uint64_t rank,
    struct transaction *ret_transaction, struct aicx_error *reterr)
{
	struct arena *lent = &state_own(state)->lent;
	struct json_iter each = json_iter(json_get(root, "entries"));
	uint64_t nth = rank & ((1u << RANK_BITS) - 1);
	struct transfer transfer;
	int64_t at_ms = 0;
	bool found = false;

	if (!time_parse(json_str(json_get(root, "time"), lent), &at_ms))
		return err_set(reterr, AICX_EIO, "record has no time");
	for (uint64_t i = 0; json_next(&each); i++) {
		aicx_err err =
		    field_parse(transfer_fields, each.value, &state->currencies,
			true, lent, &transfer, sizeof transfer, reterr);
		if (err != AICX_OK)
			return err;
		if (i == nth)
			found = transaction_of(&transfer, at_ms,
			    rank >> RANK_BITS, nth, ret_transaction);
		else if (found && transfer.kind == TRANSFER_FEE &&
		    id_eq(&transfer.id, &ret_transaction->id))
			ret_transaction->fee_minor += transfer.amount.minor;
		else if (found && transfer.kind == TRANSFER_REFUND &&
		    id_eq(&transfer.id, &ret_transaction->id))
			ret_transaction->amount.minor += transfer.amount.minor;
	}
	return found
	    ? AICX_OK
	    : err_set(reterr, AICX_EIO, "there is no payment in the record");
}

/* NULL: it cannot be read, and the broker ends. */
static const struct transaction *
from_record(const struct state *state, const struct aicx_id *id, uint64_t rank)
{
	struct arena *lent = &state_own(state)->lent;
	struct transaction *transaction = arena_new(lent, sizeof *transaction);
	struct aicx_error error = { 0 }, why = { 0 };
	struct buf record = { 0 };
	struct json doc;
	aicx_err err =
	    catalog_record(&state->catalog, rank >> RANK_BITS, &record, &why);

	if (err == AICX_OK)
		err = json_parse(
		    arena_str(lent, buf_view(&record)), lent, &doc, &why);
	buf_fini(&record);
	if (err == AICX_OK)
		err = parse_entries(
		    state, json_root(&doc), rank, transaction, &why);
	if (err == AICX_OK && !id_eq(&transaction->id, id))
		err = err_set(&why, AICX_EIO, "record has another entry there");
	if (err == AICX_OK)
		return transaction;
	(void)err_set(&error, AICX_EIO, "cannot read transaction \"%s\": %s",
	    id_text(id).text, why.text);
	state_break(state_own(state), &error);
	return NULL;
}

/* 0: there is no such transaction. */
static uint64_t
rank_of(const struct state *state, const struct aicx_id *id)
{
	const struct transaction *transaction =
	    ledger_transaction(state->ledger, id);
	struct catalog_key key = catalog_transaction_key(id);
	struct aicx_error error = { 0 };
	struct buf value = { 0 };
	uint64_t rank = 0;

	if (transaction != NULL)
		return transaction->seq << RANK_BITS | transaction->nth;
	aicx_err err = catalog_get(&state->catalog, &key, &value, &error);
	struct aicx_str text = buf_view(&value);
	if (err == AICX_OK && (!varint_take(&text, &rank) || text.len != 0))
		err = err_set(&error, AICX_EIO,
		    "index's key of transaction \"%s\" cannot be read",
		    id_text(id).text);
	if (err != AICX_OK && err != AICX_ENOTFOUND)
		state_break(state_own(state), &error);
	buf_fini(&value);
	return err == AICX_OK ? rank : 0;
}

const struct transaction *
state_transaction(const struct state *state, const struct aicx_id *id)
{
	const struct transaction *transaction =
	    ledger_transaction(state->ledger, id);

	if (transaction != NULL)
		return transaction;
	uint64_t rank = rank_of(state, id);
	return rank != 0 ? from_record(state, id, rank) : NULL;
}

size_t
state_transactions(const struct state *state, const struct aicx_id *owner_id,
    const struct aicx_id *before, const struct transaction **ret_list,
    size_t cap)
{
	struct roll_entry *entries =
	    arena_new(&state_own(state)->lent, cap * sizeof *entries);
	struct aicx_error error = { 0 };
	uint64_t rank = 0;
	size_t n = 0, n_read = 0;

	if (!id_is_nil(before)) {
		rank = rank_of(state, before);
		if (rank == 0)
			return 0;
	}
	if (rolls_newest(&state->rolls, &state->catalog, ROLL_TRANSACTIONS,
		owner_id, rank, entries, cap, &n_read, &error) != AICX_OK)
		state_break(state_own(state), &error);
	for (size_t i = 0; i < n_read; i++) {
		ret_list[n] = ledger_transaction(state->ledger, &entries[i].id);
		if (ret_list[n] == NULL)
			ret_list[n] =
			    from_record(state, &entries[i].id, entries[i].rank);
		if (ret_list[n] != NULL)
			n++;
	}
	return n;
}
