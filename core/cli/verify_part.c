/* SPDX-License-Identifier: Apache-2.0 */
/* verify_part.c - records without a gap, bound by the last one's proof. */
#include "cli/verify_part.h"

#include <string.h>

#include "base/str.h"
#include "cli/verify_set.h"

static bool
chained(const struct part *part, struct deal *file,
    const struct record_part *record)
{
	char prev[44];

	if (part->last == 0 && record->seq > 1)
		return true;
	if (record->seq != part->last + 1)
		return deal_bad(file, "record %lld stands after record %lld",
		    (long long)record->seq, (long long)part->last);
	hash_print(part->leaf, prev);
	if (!str_is(deal_str(file, record->root, "prev"), prev))
		return deal_bad(file,
		    "record %lld: prev is %.*s, but the hash of the record "
		    "before is %s",
		    (long long)record->seq,
		    STR_ARG(deal_str(file, record->root, "prev")), prev);
	return true;
}

bool
part_take(struct part *part, struct deal *file, struct record_part *record)
{
	int64_t epoch, time_ms;

	if (!chained(part, file, record) ||
	    !record_head(file, record, &epoch, &time_ms))
		return false;
	if (epoch < part->epoch || time_ms < part->time_ms)
		return deal_bad(file, "record %lld goes back in time or epoch",
		    (long long)record->seq);
	part->epoch = epoch, part->time_ms = time_ms;
	if (part->first == 0)
		part->first = record->seq;
	part->last = record->seq;
	merkle_leaf(record->text.ptr, record->text.len, part->leaf);
	return true;
}

bool
part_close(const struct part *part, struct deal *file, struct json_ref end)
{
	static const char *const names[] = { "index", "proof", "checkpoint",
		NULL };
	struct record_part last = { .seq = part->last,
		.proof = json_get(end, "proof") };
	int64_t index;
	size_t at;

	memcpy(last.leaf, part->leaf, sizeof last.leaf);
	if (part->last == 0)
		return deal_bad(file, "there is no record in it");
	if (!deal_members(file, "the last line", end, names))
		return false;
	if (!json_int(json_get(end, "index"), &index) ||
	    index != part->last - 1)
		return deal_bad(file,
		    "index is %.*s, but the last record is number %lld",
		    STR_ARG(json_raw(json_get(end, "index"))),
		    (long long)part->last);
	if (!deal_note_take(file, "checkpoint",
		deal_str(file, end, "checkpoint"), &file->checkpoint) ||
	    !record_included(file, &last))
		return false;
	deal_ok(file,
	    "records: %lld to %lld, chained without a gap, the last in the "
	    "checkpoint's tree",
	    (long long)part->first, (long long)part->last);
	return set_add_note(file, &file->checkpoint, &at);
}
