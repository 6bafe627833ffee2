/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verify_ledger.c - a whole ledger, line by line: numbers, chain, tree, money.
 *
 * Memory holds the tree's right edge and the places money is in; no record is
 * kept, so the file may be of any size.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/b64.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/verify_books.h"
#include "cli/verify_part.h"
#include "cli/verify_set.h"

/* A root on the way, to be held against the checkpoints of other files. */
struct midway {
	uint64_t size;
	uint8_t root[HASH_BYTES];
};

struct ledger_check {
	struct deal file; /* its arena: of one line */
	struct arena arena; /* of the whole */
	struct merkle *tree;
	struct books books;
	uint8_t prev[HASH_BYTES];
	int64_t epoch, time_ms;
	uint64_t next_size; /* that a checkpoint has */
	struct midway *midways;
	size_t n_midways, cap_midways;
	struct part part; /* in place of tree and books when it is one */
	bool is_part;
	bool broken;
	enum { AT_HEAD, AT_RECORDS, AT_END } at;
};

struct ledger_check *
ledger_check_new(const char *file, const struct trust *trust,
    struct verify_set *set, struct buf *report)
{
	struct ledger_check *check = MEM_NEW(struct ledger_check);

	check->file = (struct deal) {
		.file = file, .trust = trust, .set = set, .report = report
	};
	check->tree = merkle_new(NULL);
	check->next_size = set_next_size(set, 0);
	return check;
}

static void
ledger_check_free(struct ledger_check *check)
{
	books_fini(&check->books);
	merkle_free(check->tree);
	free(check->midways);
	arena_fini(&check->file.arena);
	arena_fini(&check->arena);
	free(check);
}

static bool
take_head(struct ledger_check *check)
{
	struct deal *file = &check->file;

	if (!broker_take(file))
		return false;
	/* The line goes, what is said of the broker stays. */
	file->broker_id = arena_str(&check->arena, file->broker_id);
	file->broker_key_id = arena_str(&check->arena, file->broker_key_id);
	check->is_part = str_is(deal_str(file, file->root, "kind"), "audit");
	check->at = AT_RECORDS;
	return broker_key_find(file);
}

static void
note_midway(struct ledger_check *check)
{
	if (merkle_size(check->tree) != check->next_size)
		return;
	if (check->n_midways == check->cap_midways) {
		check->cap_midways += 16;
		check->midways = mem_grow(check->midways,
		    check->cap_midways * sizeof *check->midways);
	}
	struct midway *midway = &check->midways[check->n_midways++];
	midway->size = check->next_size;
	(void)merkle_root(
	    check->tree, midway->size, midway->root, NULL); /* no read */
	check->next_size = set_next_size(check->file.set, midway->size);
}

static bool
chained(struct ledger_check *check, const struct record_part *record)
{
	struct deal *file = &check->file;
	int64_t wanted = (int64_t)merkle_size(check->tree) + 1;
	char prev[44];

	if (record->seq != wanted)
		return deal_bad(file, "record %lld stands where %lld should be",
		    (long long)record->seq, (long long)wanted);
	hash_print(check->prev, prev);
	if (!str_is(deal_str(file, record->root, "prev"), prev))
		return deal_bad(file,
		    "record %lld: prev is %.*s, but the hash of the record "
		    "before is %s",
		    (long long)record->seq,
		    STR_ARG(deal_str(file, record->root, "prev")), prev);
	return true;
}

static uint64_t
last_number(const struct ledger_check *check)
{
	return check->is_part ? (uint64_t)check->part.last
			      : merkle_size(check->tree);
}

static bool
take_record(
    struct ledger_check *check, struct aicx_str line, struct json_ref root)
{
	struct deal *file = &check->file;
	struct record_part record = { .text = line, .root = root };
	int64_t epoch, time_ms;

	if (!json_int(json_get(root, "seq"), &record.seq))
		return deal_bad(file,
		    "the line after record %" PRIu64 " is no record",
		    last_number(check));
	if (check->is_part)
		return part_take(&check->part, file, &record);
	if (!chained(check, &record) ||
	    !record_head(file, &record, &epoch, &time_ms))
		return false;
	if (epoch < check->epoch || time_ms < check->time_ms)
		return deal_bad(file, "record %lld goes back in time or epoch",
		    (long long)record.seq);
	check->epoch = epoch, check->time_ms = time_ms;
	if (!books_take(&check->books, file, &record) ||
	    !batches_check(file, &record))
		return false;
	merkle_leaf(line.ptr, line.len, record.leaf);
	merkle_append(check->tree, record.leaf);
	memcpy(check->prev, record.leaf, HASH_BYTES);
	note_midway(check);
	return true;
}

/* What the tree comes to is what the broker signed. */
static bool
root_signed(struct ledger_check *check, const struct checkpoint *checkpoint)
{
	struct deal *file = &check->file;
	uint64_t size = merkle_size(check->tree);
	uint8_t root[HASH_BYTES];

	if (checkpoint->n_leaves != size)
		return deal_bad(file,
		    "checkpoint: of %" PRIu64 " records, the file has %" PRIu64,
		    checkpoint->n_leaves, size);
	(void)merkle_root(check->tree, size, root, NULL); /* no read */
	if (memcmp(root, checkpoint->root, HASH_BYTES) != 0)
		return deal_bad(file,
		    "checkpoint: its root is not that of the %" PRIu64
		    " records",
		    size);
	deal_ok(file,
	    "tree: the checkpoint's root is that of all %" PRIu64 " records",
	    size);
	return true;
}

static bool
records_close(struct ledger_check *check)
{
	deal_ok(&check->file,
	    "records: %" PRIu64 ", numbered and chained without a gap",
	    merkle_size(check->tree));
	return books_close(&check->books, &check->file);
}

/* What other files said of the sizes that were passed. */
static bool
midways_hold(struct ledger_check *check, size_t last)
{
	for (size_t i = 0; i < check->n_midways; i++)
		if (!set_recomputed(&check->file, &last, check->midways[i].size,
			check->midways[i].root))
			return false;
	return true;
}

static bool
take_end(struct ledger_check *check, struct json_ref root)
{
	struct deal *file = &check->file;
	size_t last;

	check->at = AT_END;
	if (check->is_part)
		return part_close(&check->part, file, root);
	return records_close(check) &&
	    deal_note_take(file, "checkpoint",
		deal_str(file, root, "checkpoint"), &file->checkpoint) &&
	    root_signed(check, &file->checkpoint) &&
	    set_add_note(file, &file->checkpoint, &last) &&
	    midways_hold(check, last);
}

static bool
take(struct ledger_check *check, struct aicx_str line, struct json_ref root)
{
	switch (check->at) {
	case AT_HEAD:
		return take_head(check);
	case AT_RECORDS:
		return json_has(json_get(root, "checkpoint"))
		    ? take_end(check, root)
		    : take_record(check, line, root);
	case AT_END:
		break;
	}
	return deal_bad(&check->file, "there is a line after the checkpoint");
}

bool
ledger_check_line(struct ledger_check *check, struct aicx_str line)
{
	struct deal *file = &check->file;
	struct aicx_error why = { 0 };
	bool good;

	if (check->broken)
		return false;
	arena_clear(&file->arena);
	if (json_parse(line, &file->arena, &file->doc, &why) != AICX_OK) {
		good = deal_bad(file,
		    "the line after record %" PRIu64 " cannot be read: %s",
		    last_number(check), why.text);
	} else {
		file->root = json_root(&file->doc);
		good = take(check, line, file->root);
	}
	check->broken = !good;
	return good;
}

enum verdict
ledger_check_stop(struct ledger_check *check, struct aicx_str origin)
{
	struct deal *file = &check->file;

	file->checkpoint.origin = origin;
	if (!check->broken)
		check->broken = !records_close(check) ||
		    !set_covered(file, merkle_size(check->tree)) ||
		    !midways_hold(check, (size_t)SET_NONE);
	check->at = AT_END;
	return ledger_check_end(check);
}

enum verdict
ledger_check_end(struct ledger_check *check)
{
	struct deal *file = &check->file;

	if (!check->broken && check->at != AT_END)
		check->broken = !deal_bad(file,
		    "the file ends after record %" PRIu64
		    " without a checkpoint",
		    last_number(check));
	enum verdict verdict = verify_verdict(file, !check->broken);
	ledger_check_free(check);
	return verdict;
}
