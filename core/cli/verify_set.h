/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verify_set.h - what several files say about the same histories.
 *
 * Each file that was found good adds its checkpoints, records and uses of
 * mandates; what contradicts something added before is a broken link.
 */
#ifndef CLI_VERIFY_SET_H
#define CLI_VERIFY_SET_H

#include "cli/verify_deal.h"

/* Each says so by deal_bad() and gives false when another file says
   otherwise. */
bool set_add_note(
    struct deal *deal, const struct checkpoint *checkpoint, size_t *ret_index);
bool set_add_record(struct deal *deal, const struct record_part *record);
bool set_add_deal(struct deal *deal);
/* These two are proven to be one history. */
void set_join(struct verify_set *set, size_t a, size_t b);
/* The smallest size above this one that a checkpoint has; UINT64_MAX: none. */
uint64_t set_next_size(const struct verify_set *set, uint64_t above);
/* A ledger's tree had this root at this size: all checkpoints of its origin
   (file->checkpoint) and size must too, and are one history with *last, which
   is SET_NONE or one of them. */
enum { SET_NONE = -1 };
bool set_recomputed(struct deal *file, size_t *last, uint64_t size,
    const uint8_t root[HASH_BYTES]);
/* No checkpoint of the file's origin is of more than n records. */
bool set_covered(struct deal *file, uint64_t n_records);

#endif
