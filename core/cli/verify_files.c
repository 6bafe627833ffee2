/* SPDX-License-Identifier: Apache-2.0 */
/* verify_files.c - receipts, checkpoints, and proofs that one tree begins with
   another. */
#include <inttypes.h>
#include <string.h>

#include "base/id.h"
#include "base/str.h"
#include "cli/verify_deal.h"
#include "cli/verify_set.h"

/* --- a receipt -------------------------------------------------------- */

/* The entries of a record that are the transaction. */
static bool
transaction_show(struct deal *file, const struct record_part *record)
{
	struct aicx_str id = deal_str(file, file->root, "transaction_id");
	struct json_iter it = json_iter(json_get(record->root, "entries"));
	struct amount amount;
	bool found = false;

	while (json_next(&it)) {
		if (!str_eq(deal_str(file, it.value, "id"), id))
			continue;
		if (!deal_amount(file, "receipt: amount",
			json_get(it.value, "amount"), &amount))
			return false;
		deal_ok(file, "receipt: %.*s of %s from %.*s to %.*s",
		    STR_ARG(deal_str(file, it.value, "kind")),
		    amount_text(&amount).text,
		    STR_ARG(deal_str(file, it.value, "debit")),
		    STR_ARG(deal_str(file, it.value, "credit")));
		found = true;
	}
	if (!found)
		return deal_bad(file,
		    "receipt: transaction %.*s is not in record %lld",
		    STR_ARG(id), (long long)record->seq);
	return true;
}

bool
verify_receipt(struct deal *file)
{
	static const char *const names[] = { "version", "kind", "broker",
		"transaction_id", "record", "index", "proof", "checkpoint",
		NULL };
	struct record_part record = { 0 };
	int64_t epoch, time_ms;
	size_t index;

	return deal_members(file, "the file", file->root, names) &&
	    broker_take(file) && broker_key_find(file) &&
	    record_take(file, "receipt", file->root, &record) &&
	    deal_note_take(file, "checkpoint",
		deal_str(file, file->root, "checkpoint"), &file->checkpoint) &&
	    record_included(file, &record) &&
	    record_head(file, &record, &epoch, &time_ms) &&
	    transaction_show(file, &record) &&
	    set_add_note(file, &file->checkpoint, &index) &&
	    set_add_record(file, &record);
}

/* --- a proof of consistency ------------------------------------------- */

static bool
is_consistent(const struct checkpoint *from, const struct checkpoint *to,
    const struct merkle_proof *proof)
{
	uint8_t empty[HASH_BYTES];

	if (from->n_leaves > 0)
		return merkle_is_consistent(
		    from->n_leaves, from->root, to->n_leaves, to->root, proof);
	/* Every tree begins with the empty one. */
	merkle_empty(empty);
	return proof->n == 0 && memcmp(from->root, empty, HASH_BYTES) == 0 &&
	    (to->n_leaves > 0 || memcmp(to->root, empty, HASH_BYTES) == 0);
}

bool
verify_consistency(struct deal *file)
{
	static const char *const names[] = { "version", "kind", "broker",
		"from", "to", "proof", NULL };
	struct checkpoint from, to;
	struct merkle_proof proof;
	size_t a, b;

	if (!deal_members(file, "the file", file->root, names) ||
	    !broker_take(file) || !broker_key_find(file) ||
	    !deal_note_take(
		file, "from", deal_str(file, file->root, "from"), &from) ||
	    !deal_note_take(
		file, "to", deal_str(file, file->root, "to"), &to) ||
	    !deal_equal(file, "from: its origin", from.origin, "that of to",
		to.origin) ||
	    !deal_proof(
		file, "consistency", json_get(file->root, "proof"), &proof))
		return false;
	if (!is_consistent(&from, &to, &proof))
		return deal_bad(file,
		    "consistency: the tree of %" PRIu64
		    " records does not begin with that of %" PRIu64,
		    to.n_leaves, from.n_leaves);
	deal_ok(file,
	    "consistency: the tree of %" PRIu64
	    " records begins with that of %" PRIu64,
	    to.n_leaves, from.n_leaves);
	if (!set_add_note(file, &from, &a) || !set_add_note(file, &to, &b))
		return false;
	set_join(file->set, a, b);
	return true;
}

/* --- a checkpoint ----------------------------------------------------- */

/* The broker is the one that the origin names; its key is one trusted. */
static bool
signer_find(struct deal *file, struct aicx_str note, struct aicx_str origin)
{
	const struct trust *trust = file->trust;
	const struct trusted *other = NULL;
	struct aicx_id id;

	(void)id_parse(file->broker_id, &id);
	for (size_t i = 0; i < trust->n; i++) {
		const struct trusted *t = &trust->list[i];
		bool any = id_is_nil(&t->broker_id);

		if (!any && !id_eq(&t->broker_id, &id)) {
			if (trust->strict)
				other = t;
			continue;
		}
		if (note_verify(note, origin, t->key)) {
			file->broker_key = t;
			deal_ok(file, "broker: %.*s, key trusted by %.*s",
			    STR_ARG(file->broker_id), STR_ARG(t->source));
			return true;
		}
		if (trust->strict || !any)
			other = t;
	}
	if (other != NULL)
		return deal_bad(file,
		    "checkpoint: not signed by the key trusted by %.*s",
		    STR_ARG(other->source));
	deal_note(
	    file, "broker: no key of %.*s is known", STR_ARG(file->broker_id));
	return true;
}

bool
verify_checkpoint(struct deal *file, struct aicx_str note)
{
	struct aicx_str rest;
	struct aicx_id id;
	size_t index;

	if (!str_is(str_cut(file->checkpoint.origin, '/', &rest), "aiconexus"))
		return deal_bad(file, "checkpoint: \"%.*s\" is no broker's",
		    STR_ARG(file->checkpoint.origin));
	file->broker_id = str_cut(rest, '/', &rest);
	if (!id_parse(file->broker_id, &id))
		return deal_bad(file, "checkpoint: \"%.*s\" names no broker",
		    STR_ARG(file->checkpoint.origin));
	return signer_find(file, note, file->checkpoint.origin) &&
	    deal_note_take(file, "checkpoint", note, &file->checkpoint) &&
	    set_add_note(file, &file->checkpoint, &index);
}
