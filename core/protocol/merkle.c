/* SPDX-License-Identifier: Apache-2.0 */
/*
 * merkle.c - a tree that grows at its right edge, and proofs out of its tiles.
 *
 * The node of height h and index i covers leaves i * 2^h to (i + 1) * 2^h - 1;
 * it stands in tile level h / 8.  Only full nodes have such a place: what ends
 * elsewhere is computed from the full nodes that it consists of (RFC 6962
 * section 2.1: the left part is the largest power of two below the number).
 */
#include "protocol/merkle.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

enum { TILE_HEIGHT = 8 };
_Static_assert(MERKLE_TILE == 1 << TILE_HEIGHT, "a tile is a tree");

struct merkle {
	struct merkle_ports ports;
	uint64_t n_leaves;
	/* The begun tile of each level, NULL before its first hash; how much of
	   it is in use follows from n_leaves. */
	struct merkle_tile *edge[MERKLE_LEVELS];
};

/* Where proofs get their nodes: a tile that was read serves the neighbours. */
struct reader {
	const struct merkle *tree;
	struct merkle_tile tile;
	int level; /* -1: none was read */
	uint64_t index;
};

void
merkle_leaf(const void *bytes, size_t n_bytes, uint8_t ret_hash[HASH_BYTES])
{
	sha256_two((struct aicx_str) { "\0", 1 },
	    (struct aicx_str) { bytes, n_bytes }, ret_hash);
}

void
merkle_node(const uint8_t left[HASH_BYTES], const uint8_t right[HASH_BYTES],
    uint8_t ret_hash[HASH_BYTES])
{
	uint8_t bytes[1 + 2 * HASH_BYTES] = { 1 };

	memcpy(bytes + 1, left, HASH_BYTES);
	memcpy(bytes + 1 + HASH_BYTES, right, HASH_BYTES);
	sha256(bytes, sizeof bytes, ret_hash);
}

void
merkle_empty(uint8_t ret_root[HASH_BYTES])
{
	sha256("", 0, ret_root);
}

struct merkle *
merkle_new(const struct merkle_ports *ports)
{
	struct merkle *tree = MEM_NEW(struct merkle);

	if (ports != NULL)
		tree->ports = *ports;
	return tree;
}

void
merkle_free(struct merkle *tree)
{
	if (tree == NULL)
		return;
	for (int level = 0; level < MERKLE_LEVELS; level++)
		free(tree->edge[level]);
	free(tree);
}

static struct merkle_tile *
edge_need(struct merkle *tree, int level)
{
	if (tree->edge[level] == NULL)
		tree->edge[level] = MEM_NEW(struct merkle_tile);
	return tree->edge[level];
}

uint64_t
merkle_size(const struct merkle *tree)
{
	return tree->n_leaves;
}

/* n hashes, a power of two of them. */
static void
fold(const uint8_t (*hash)[HASH_BYTES], size_t n, uint8_t ret_hash[HASH_BYTES])
{
	uint8_t row[MERKLE_TILE][HASH_BYTES];

	memcpy(row, hash, n * HASH_BYTES);
	for (; n > 1; n /= 2) {
		for (size_t i = 0; i < n / 2; i++)
			merkle_node(row[2 * i], row[2 * i + 1], row[i]);
	}
	memcpy(ret_hash, row[0], HASH_BYTES);
}

void
merkle_append(struct merkle *tree, const uint8_t leaf[HASH_BYTES])
{
	uint64_t index = tree->n_leaves++; /* of the hash on its level */
	uint8_t hash[HASH_BYTES];

	ENSURE(tree->n_leaves != 0);
	memcpy(hash, leaf, HASH_BYTES);
	for (int level = 0; level < MERKLE_LEVELS; level++) {
		struct merkle_tile *edge = edge_need(tree, level);

		memcpy(edge->hash[index % MERKLE_TILE], hash, HASH_BYTES);
		if (index % MERKLE_TILE != MERKLE_TILE - 1)
			return;
		index /= MERKLE_TILE;
		if (tree->ports.keep != NULL)
			tree->ports.keep(level, index, edge, tree->ports.arg);
		fold(edge->hash, MERKLE_TILE, hash);
	}
}

static aicx_err
read_tile(const struct merkle *tree, int level, uint64_t index,
    struct merkle_tile *ret_tile, struct aicx_error *reterr)
{
	if (tree->ports.read == NULL)
		return err_set(reterr, AICX_EIO,
		    "cannot read tile %" PRIu64 " of level %d: none was kept",
		    index, level);
	return tree->ports.read(
	    level, index, ret_tile, tree->ports.arg, reterr);
}

aicx_err
merkle_resume(struct merkle *tree, uint64_t n_leaves, struct aicx_error *reterr)
{
	struct merkle_tile tile;
	aicx_err err;

	ENSURE(tree->n_leaves == 0);
	if (n_leaves % MERKLE_TILE != 0)
		return err_set(reterr, AICX_EINVAL,
		    "cannot resume a tree at %" PRIu64
		    " leaves: no multiple of %d",
		    n_leaves, MERKLE_TILE);
	for (int level = 1; level < MERKLE_LEVELS; level++) {
		uint64_t n = n_leaves >> (TILE_HEIGHT * level);

		for (uint64_t i = n - n % MERKLE_TILE; i < n; i++) {
			err = read_tile(tree, level - 1, i, &tile, reterr);
			if (err != AICX_OK)
				return err;
			fold(tile.hash, MERKLE_TILE,
			    edge_need(tree, level)->hash[i % MERKLE_TILE]);
		}
	}
	tree->n_leaves = n_leaves;
	return AICX_OK;
}

/* The full node of this height. */
static aicx_err
read_node(struct reader *reader, int height, uint64_t index,
    uint8_t ret_hash[HASH_BYTES], struct aicx_error *reterr)
{
	const struct merkle *tree = reader->tree;
	int level = height / TILE_HEIGHT, inside = height % TILE_HEIGHT;
	uint64_t first = index << inside, at = first / MERKLE_TILE;
	uint64_t n_full =
	    tree->n_leaves >> (TILE_HEIGHT * level) >> TILE_HEIGHT;
	const struct merkle_tile *tile = &reader->tile;

	if (at >= n_full) {
		tile = tree->edge[level];
	} else if (reader->level != level || reader->index != at) {
		reader->level = -1;
		aicx_err err =
		    read_tile(tree, level, at, &reader->tile, reterr);
		if (err != AICX_OK)
			return err;
		reader->level = level;
		reader->index = at;
	}
	fold(&tile->hash[first % MERKLE_TILE], (size_t)1 << inside, ret_hash);
	return AICX_OK;
}

/* Of n leaves, the largest power of two below n; n > 1. */
static int
split_height(uint64_t n)
{
	return 63 - __builtin_clzll(n - 1);
}

/* The root over leaves start to start + n - 1; n > 0, and start a multiple of
   a power of two that is n at least. */
static aicx_err
read_range(struct reader *reader, uint64_t start, uint64_t n,
    uint8_t ret_hash[HASH_BYTES], struct aicx_error *reterr)
{
	uint8_t part[64][HASH_BYTES];
	size_t n_parts = 0;

	for (int height = 63; height >= 0; height--) {
		if ((n >> height & 1) == 0)
			continue;
		aicx_err err = read_node(
		    reader, height, start >> height, part[n_parts], reterr);
		if (err != AICX_OK)
			return err;
		n_parts++;
		start += (uint64_t)1 << height;
	}
	for (; n_parts > 1; n_parts--)
		merkle_node(
		    part[n_parts - 2], part[n_parts - 1], part[n_parts - 2]);
	memcpy(ret_hash, part[0], HASH_BYTES);
	return AICX_OK;
}

static aicx_err
refuse_size(const struct merkle *tree, uint64_t n, struct aicx_error *reterr)
{
	return err_set(reterr, AICX_EINVAL,
	    "there is no tree of %" PRIu64 " leaves: it has %" PRIu64, n,
	    tree->n_leaves);
}

aicx_err
merkle_root(const struct merkle *tree, uint64_t n_leaves,
    uint8_t ret_root[HASH_BYTES], struct aicx_error *reterr)
{
	struct reader reader = { .tree = tree, .level = -1 };
	uint8_t root[HASH_BYTES];

	if (n_leaves > tree->n_leaves)
		return refuse_size(tree, n_leaves, reterr);
	if (n_leaves == 0) {
		merkle_empty(ret_root);
		return AICX_OK;
	}
	aicx_err err = read_range(&reader, 0, n_leaves, root, reterr);
	if (err == AICX_OK)
		memcpy(ret_root, root, HASH_BYTES);
	return err;
}

/* A proof is found from the root down and told from the leaf up. */
static void
turn(struct merkle_proof *proof)
{
	uint8_t hash[HASH_BYTES];

	for (size_t i = 0; i < proof->n / 2; i++) {
		uint8_t *a = proof->hash[i], *b = proof->hash[proof->n - 1 - i];
		memcpy(hash, a, HASH_BYTES);
		memcpy(a, b, HASH_BYTES);
		memcpy(b, hash, HASH_BYTES);
	}
}

static aicx_err
add_range(struct reader *reader, uint64_t start, uint64_t n,
    struct merkle_proof *proof, struct aicx_error *reterr)
{
	ENSURE(proof->n < MERKLE_PROOF_MAX);
	aicx_err err =
	    read_range(reader, start, n, proof->hash[proof->n], reterr);
	if (err == AICX_OK)
		proof->n++;
	return err;
}

aicx_err
merkle_inclusion(const struct merkle *tree, uint64_t index, uint64_t n_leaves,
    struct merkle_proof *ret_proof, struct aicx_error *reterr)
{
	struct reader reader = { .tree = tree, .level = -1 };
	struct merkle_proof proof = { 0 };
	uint64_t start = 0, n = n_leaves;

	if (n_leaves > tree->n_leaves)
		return refuse_size(tree, n_leaves, reterr);
	if (index >= n_leaves)
		return err_set(reterr, AICX_EINVAL,
		    "leaf %" PRIu64 " is not in a tree of %" PRIu64, index,
		    n_leaves);
	while (n > 1) {
		uint64_t left = (uint64_t)1 << split_height(n);
		bool right = index - start >= left;
		aicx_err err = right
		    ? add_range(&reader, start, left, &proof, reterr)
		    : add_range(
			  &reader, start + left, n - left, &proof, reterr);

		if (err != AICX_OK)
			return err;
		start += right ? left : 0;
		n = right ? n - left : left;
	}
	turn(&proof);
	*ret_proof = proof;
	return AICX_OK;
}

aicx_err
merkle_consistency(const struct merkle *tree, uint64_t from, uint64_t to,
    struct merkle_proof *ret_proof, struct aicx_error *reterr)
{
	struct reader reader = { .tree = tree, .level = -1 };
	struct merkle_proof proof = { 0 };
	uint64_t start = 0, n = to;
	aicx_err err = AICX_OK;

	if (to > tree->n_leaves)
		return refuse_size(tree, to, reterr);
	if (from > to)
		return err_set(reterr, AICX_EINVAL,
		    "a tree of %" PRIu64 " cannot begin with one of %" PRIu64,
		    to, from);
	while (from > 0 && from < start + n && err == AICX_OK) {
		uint64_t left = (uint64_t)1 << split_height(n);
		bool right = from - start > left;

		err = right ? add_range(&reader, start, left, &proof, reterr)
			    : add_range(&reader, start + left, n - left, &proof,
				  reterr);
		start += right ? left : 0;
		n = right ? n - left : left;
	}
	/* Whoever checks it knows the root of `from` when that is a node. */
	if (err == AICX_OK && from > 0 && start > 0)
		err = add_range(&reader, start, n, &proof, reterr);
	if (err != AICX_OK)
		return err;
	turn(&proof);
	*ret_proof = proof;
	return AICX_OK;
}
