/* SPDX-License-Identifier: Apache-2.0 */
/*
 * blocks.h - bytes added to the end of a file in whole blocks, past the
 * kernel's cache where the file system allows it (open(2), O_DIRECT): through
 * the cache each byte is copied to a new page and written from there, which
 * takes a durable commit twice the processor time.
 *
 * The last block is written again with what is added to it; what it held stays
 * the same, and behind the end it is zeros.  Elsewhere all is written as it is.
 */
#ifndef STORE_LEVELDB_BLOCKS_H
#define STORE_LEVELDB_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BLOCK = 4096 };

static inline uint64_t
block_up(uint64_t n)
{
	return (n + BLOCK - 1) / BLOCK * BLOCK;
}

struct blocks { /* a zeroed one writes through the cache */
	char *bytes; /* a multiple of blocks, as all addresses must be */
	size_t cap;
	size_t n_tail; /* of the last block; they stand in bytes */
	bool direct;
};

/* The file ends at `end`; reader: another descriptor, to read its last block.
 */
void blocks_begin(struct blocks *blocks, int fd, int reader, uint64_t end);
/* From here on through the cache: what is not synced need not wait. */
void blocks_stop(struct blocks *blocks, int fd);
/* At the end, which is `at`.  false: errno says why; a part of it is none. */
bool blocks_add(
    struct blocks *blocks, int fd, const char *bytes, size_t n, uint64_t at);
/* Where a file that has no room behind its end now ends. */
static inline uint64_t
blocks_end(const struct blocks *blocks, uint64_t end)
{
	return blocks->direct ? block_up(end) : end;
}

/* Zeros, so that what is written there later is no news to the file system.
   Both are multiples of a block. */
bool blocks_clear(struct blocks *blocks, int fd, uint64_t from, uint64_t to);
void blocks_fini(struct blocks *blocks);

#endif
