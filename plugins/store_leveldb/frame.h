/* SPDX-License-Identifier: Apache-2.0 */
/*
 * frame.h - the form of the store's files: one frame for each commit.
 *
 *	head   8 magic, 4 bytes of the body, 4 entries, 8 number, 8 safe,
 *	       4 sum of the frame before, 4 sum of this one
 *	body   entries: 4 sum, 4 bytes of the key, 4 bytes of the value, key,
 *	       value
 *
 * Numbers are little-endian, sums CRC-32C.  The sum of an entry is of all that
 * follows it; the sum of a frame is of the sums of its entries, then of its
 *head up to there: so one pass over the bytes makes both, and an entry alone
 *can be checked.  A deleted key has 2^32-1 as the length of its value.  `safe`
 *is the last frame known to be on disk when this one was written: a frame up to
 *there that is not whole is damage, a later one may never have been finished.
 */
#ifndef STORE_LEVELDB_FRAME_H
#define STORE_LEVELDB_FRAME_H

#include "bytes.h"

#include <aiconexus/store.h>

enum { FRAME_MAGIC = 8, FRAME_HEAD = 40, ENTRY_HEAD = 12 };

struct frame_head {
	uint32_t body_bytes, n_entries;
	uint64_t number, safe;
	uint32_t prev, sum;
};

struct entry { /* views of the frame */
	struct aicx_str key, value; /* value.ptr == NULL: deleted */
	size_t n_bytes; /* of all of it */
	uint32_t sum;
};

struct frame { /* being made */
	struct bytes bytes;
	uint32_t n_entries, sums;
};

void frame_begin(struct frame *frame); /* of a zeroed one, or again */
/* Returns where in the frame the entry begins, and its length. */
size_t frame_put(
    struct frame *frame, const struct aicx_write *write, size_t *ret_n_bytes);
/* Fills in the head; returns the frame's sum.  bytes.failed: it is not whole.
 */
uint32_t frame_end(
    struct frame *frame, uint64_t number, uint64_t safe, uint32_t prev);
void frame_fini(struct frame *frame);

/* The position of the next magic in bytes, n when there is none. */
size_t frame_look(const char *bytes, size_t n);
/* false: a frame does not begin here. */
bool frame_head_parse(const char *bytes, size_t n, struct frame_head *ret_head);
/* bytes: head and body.  All sums are right. */
bool frame_is_whole(const char *bytes, const struct frame_head *head);
/* false: it is damaged, or longer than n. */
bool entry_parse(const char *bytes, size_t n, struct entry *ret_entry);

void put_le32(char *to, uint32_t number);
void put_le64(char *to, uint64_t number);
uint32_t get_le32(const char *from);
uint64_t get_le64(const char *from);

#endif
