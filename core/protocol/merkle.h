/* SPDX-License-Identifier: Apache-2.0 */
/*
 * merkle.h - the tree over the records: leaf and node hashes, proofs of
 * inclusion and of consistency as in RFC 6962, section 2.1.
 *
 * Leaf i (from 0) is record i + 1.  Hashes of 256 neighbours on one level are a
 * tile; a full tile never changes and is given to the owner to keep, so memory
 * holds the right edge only.  Level 0 are the leaves, one hash of level n + 1
 * stands for a full tile of level n.
 */
#ifndef PROTOCOL_MERKLE_H
#define PROTOCOL_MERKLE_H

#include "protocol/crypto.h"

#include <aiconexus/types.h>
#include <stdbool.h>

enum { MERKLE_TILE = 256, MERKLE_LEVELS = 8, MERKLE_PROOF_MAX = 64 };

struct merkle_tile {
	uint8_t hash[MERKLE_TILE][HASH_BYTES];
};

/* Bottom up, as RFC 6962 orders them. */
struct merkle_proof {
	size_t n;
	uint8_t hash[MERKLE_PROOF_MAX][HASH_BYTES];
};

/* [any thread] SHA-256(0x00 || bytes). */
void merkle_leaf(
    const void *bytes, size_t n_bytes, uint8_t ret_hash[HASH_BYTES]);
/* [any thread] SHA-256(0x01 || left || right); ret_hash may be one of them. */
void merkle_node(const uint8_t left[HASH_BYTES],
    const uint8_t right[HASH_BYTES], uint8_t ret_hash[HASH_BYTES]);
/* The root of no leaves: SHA-256 of nothing. */
void merkle_empty(uint8_t ret_root[HASH_BYTES]);

/* A tile became full: keep it. */
typedef void merkle_tile_fn(
    int level, uint64_t index, const struct merkle_tile *tile, void *arg);
/* Brings back a full tile. */
typedef aicx_err merkle_read_fn(int level, uint64_t index,
    struct merkle_tile *ret_tile, void *arg, struct aicx_error *reterr);

struct merkle_ports { /* where full tiles are; both may be NULL for a tree of
			 which no proofs are wanted */
	merkle_tile_fn *keep;
	merkle_read_fn *read;
	void *arg;
};

struct merkle;

struct merkle *merkle_new(const struct merkle_ports *ports);
void merkle_free(struct merkle *tree); /* NULL is legal */
/* Only on an empty tree: goes on after n_leaves, a multiple of MERKLE_TILE,
   whose full tiles are read back (fewer than 256 a level).  AICX_EIO: a tile
   is missing. */
aicx_err merkle_resume(
    struct merkle *tree, uint64_t n_leaves, struct aicx_error *reterr);
uint64_t merkle_size(const struct merkle *tree);
void merkle_append(struct merkle *tree, const uint8_t leaf[HASH_BYTES]);
/* Of the first n_leaves; all of them costs no read.  AICX_EINVAL: more than
   there are. */
aicx_err merkle_root(const struct merkle *tree, uint64_t n_leaves,
    uint8_t ret_root[HASH_BYTES], struct aicx_error *reterr);
/* Of leaf `index` in the tree of n_leaves.  AICX_EINVAL: not in it. */
aicx_err merkle_inclusion(const struct merkle *tree, uint64_t index,
    uint64_t n_leaves, struct merkle_proof *ret_proof,
    struct aicx_error *reterr);
/* That the tree of `to` leaves begins with the tree of `from`.  AICX_EINVAL:
   from > to, or to is more than there are.  Empty when from is 0 or to. */
aicx_err merkle_consistency(const struct merkle *tree, uint64_t from,
    uint64_t to, struct merkle_proof *ret_proof, struct aicx_error *reterr);

/* Pure [any thread]: does the proof hold?  Too long or too short a proof does
   not. */
bool merkle_includes(const uint8_t leaf[HASH_BYTES], uint64_t index,
    uint64_t n_leaves, const struct merkle_proof *proof,
    const uint8_t root[HASH_BYTES]);
/* An empty tree (from = 0) says nothing, and so is never consistent. */
bool merkle_is_consistent(uint64_t from, const uint8_t from_root[HASH_BYTES],
    uint64_t to, const uint8_t to_root[HASH_BYTES],
    const struct merkle_proof *proof);
/* The same of a subtree: leaves start to end - 1, where start is a multiple of
   the smallest power of two that is end - start at least. */
bool merkle_subtree_includes(const uint8_t leaf[HASH_BYTES], uint64_t index,
    uint64_t start, uint64_t end, const struct merkle_proof *proof,
    const uint8_t root[HASH_BYTES]);
bool merkle_subtree_is_consistent(uint64_t start, uint64_t end,
    const uint8_t part_root[HASH_BYTES], uint64_t n_leaves,
    const uint8_t root[HASH_BYTES], const struct merkle_proof *proof);

#endif
