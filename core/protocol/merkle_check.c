/* SPDX-License-Identifier: Apache-2.0 */
/*
 * merkle_check.c - do proofs hold?  Values in, an answer out.
 *
 * A subtree is a run of leaves [start, end) that some larger tree has as a node
 * of its own; RFC 9162 sections 2.1.3.2 and 2.1.4.2 are the case start = 0.
 */
#include <string.h>

#include "protocol/merkle.h"

static bool
same(const uint8_t a[HASH_BYTES], const uint8_t b[HASH_BYTES])
{
	return memcmp(a, b, HASH_BYTES) == 0;
}

/* start is a multiple of the smallest power of two that is end - start at
   least. */
static bool
is_subtree(uint64_t start, uint64_t end)
{
	uint64_t power = 1;

	if (start > end)
		return false;
	while (power < end - start && power <= UINT64_MAX / 2)
		power *= 2;
	return power >= end - start && start % power == 0;
}

bool
merkle_includes(const uint8_t leaf[HASH_BYTES], uint64_t index,
    uint64_t n_leaves, const struct merkle_proof *proof,
    const uint8_t root[HASH_BYTES])
{
	uint8_t hash[HASH_BYTES];

	if (index >= n_leaves || proof->n > MERKLE_PROOF_MAX)
		return false;
	memcpy(hash, leaf, HASH_BYTES);
	uint64_t at = index, last = n_leaves - 1;
	for (size_t i = 0; i < proof->n; i++) {
		if (last == 0)
			return false;
		if (at % 2 == 1 || at == last) {
			merkle_node(proof->hash[i], hash, hash);
			/* A last node without a neighbour moves up as it is. */
			for (; at % 2 == 0 && at != 0; at /= 2)
				last /= 2;
		} else {
			merkle_node(hash, proof->hash[i], hash);
		}
		at /= 2;
		last /= 2;
	}
	return last == 0 && same(hash, root);
}

bool
merkle_subtree_includes(const uint8_t leaf[HASH_BYTES], uint64_t index,
    uint64_t start, uint64_t end, const struct merkle_proof *proof,
    const uint8_t root[HASH_BYTES])
{
	return is_subtree(start, end) && index >= start && index < end &&
	    merkle_includes(leaf, index - start, end - start, proof, root);
}

/* The walk up from the subtree's last leaf: `part` becomes its root, `whole`
   the tree's. */
static bool
climb(uint64_t start, uint64_t end, uint64_t n_leaves,
    const uint8_t known[HASH_BYTES], const struct merkle_proof *proof,
    uint8_t part[HASH_BYTES], uint8_t whole[HASH_BYTES])
{
	uint64_t first = start, at = end - 1, last = n_leaves - 1;
	bool to_the_end = at == last;
	size_t i = 0;

	while (first != at && (to_the_end || at % 2 == 1)) {
		first /= 2;
		at /= 2;
		last /= 2;
	}
	if (first != at && proof->n == 0)
		return false;
	memcpy(part, first == at ? known : proof->hash[i++], HASH_BYTES);
	memcpy(whole, part, HASH_BYTES);
	for (; i < proof->n; i++) {
		const uint8_t *hash = proof->hash[i];

		if (last == 0)
			return false;
		if (at % 2 == 1 || at == last) {
			if (first < at)
				merkle_node(hash, part, part);
			merkle_node(hash, whole, whole);
			for (; at % 2 == 0 && at != 0; at /= 2) {
				first /= 2;
				last /= 2;
			}
		} else {
			merkle_node(whole, hash, whole);
		}
		first /= 2;
		at /= 2;
		last /= 2;
	}
	return last == 0;
}

bool
merkle_subtree_is_consistent(uint64_t start, uint64_t end,
    const uint8_t part_root[HASH_BYTES], uint64_t n_leaves,
    const uint8_t root[HASH_BYTES], const struct merkle_proof *proof)
{
	uint8_t part[HASH_BYTES], whole[HASH_BYTES];

	if (!is_subtree(start, end) || end > n_leaves ||
	    proof->n > MERKLE_PROOF_MAX)
		return false;
	if (start == end) { /* nothing is in every tree */
		merkle_empty(part);
		return proof->n == 0 && same(part, part_root);
	}
	return climb(start, end, n_leaves, part_root, proof, part, whole) &&
	    same(part, part_root) && same(whole, root);
}

bool
merkle_is_consistent(uint64_t from, const uint8_t from_root[HASH_BYTES],
    uint64_t to, const uint8_t to_root[HASH_BYTES],
    const struct merkle_proof *proof)
{
	return from > 0 &&
	    merkle_subtree_is_consistent(
		0, from, from_root, to, to_root, proof);
}
