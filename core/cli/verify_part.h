/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verify_part.h - a part of a ledger, line by line: records without a gap, and
 * the proof that the last is in the tree.  Each names the one before, so that
 * proof is good for all of them.
 */
#ifndef CLI_VERIFY_PART_H
#define CLI_VERIFY_PART_H

#include "cli/verify_deal.h"

struct part { /* begins zeroed */
	int64_t first, last; /* numbers of records; 0: none yet */
	int64_t epoch, time_ms;
	uint8_t leaf[HASH_BYTES]; /* of the last; zeros before record 1 */
};

bool part_take(
    struct part *part, struct deal *file, struct record_part *record);
/* The line after them: {"index","proof","checkpoint"}. */
bool part_close(
    const struct part *part, struct deal *file, struct json_ref end);

#endif
