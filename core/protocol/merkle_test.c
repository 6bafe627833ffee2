/* SPDX-License-Identifier: Apache-2.0 */
/* merkle_test.c - roots and proofs against the recursion of RFC 6962. */
#include "protocol/merkle.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

enum { SMALL = 1100, LARGE = 70000, TILES_MAX = 300 };

/* Full tiles, as a store would keep them. */
struct shelf {
	struct merkle_tile *tile[3]; /* TILES_MAX of each level */
	size_t n[3];
	uint64_t lost; /* of level 0: is not found; 0: none */
};

static void
keep(int level, uint64_t index, const struct merkle_tile *tile, void *arg)
{
	struct shelf *shelf = arg;

	ck_assert_int_lt(level, 3);
	ck_assert_uint_eq(index, shelf->n[level]);
	ck_assert_uint_lt(index, TILES_MAX);
	shelf->tile[level][shelf->n[level]++] = *tile;
}

static aicx_err
bring(int level, uint64_t index, struct merkle_tile *ret_tile, void *arg,
    struct aicx_error *reterr)
{
	struct shelf *shelf = arg;

	ck_assert_int_lt(level, 3);
	if (index >= shelf->n[level] ||
	    (shelf->lost > 0 && level == 0 && index == shelf->lost))
		return err_set(reterr, AICX_EIO, "no such tile");
	*ret_tile = shelf->tile[level][index];
	return AICX_OK;
}

static struct shelf
shelf_new(void)
{
	struct shelf shelf = { 0 };

	for (int i = 0; i < 3; i++)
		shelf.tile[i] = mem_new(TILES_MAX * sizeof(struct merkle_tile));
	return shelf;
}

static void
shelf_free(struct shelf *shelf)
{
	for (int i = 0; i < 3; i++)
		free(shelf->tile[i]);
}

static void
leaf_of(uint64_t index, uint8_t ret_hash[HASH_BYTES])
{
	char text[32];
	int n =
	    snprintf(text, sizeof text, "leaf %llu", (unsigned long long)index);

	merkle_leaf(text, (size_t)n, ret_hash);
}

static struct merkle *
grow(struct merkle *tree, uint64_t n)
{
	uint8_t leaf[HASH_BYTES];

	while (merkle_size(tree) < n) {
		leaf_of(merkle_size(tree), leaf);
		merkle_append(tree, leaf);
	}
	return tree;
}

/* MTH of section 2.1, word by word. */
static void
naive_root(uint64_t start, uint64_t n, uint8_t ret_root[HASH_BYTES])
{
	uint8_t left[HASH_BYTES], right[HASH_BYTES];
	uint64_t k = 1;

	if (n == 0) {
		sha256("", 0, ret_root);
		return;
	}
	if (n == 1) {
		leaf_of(start, ret_root);
		return;
	}
	while (2 * k < n)
		k *= 2;
	naive_root(start, k, left);
	naive_root(start + k, n - k, right);
	merkle_node(left, right, ret_root);
}

static uint64_t
chance(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return *seed >> 33;
}

static void
ck_hash_eq(const uint8_t a[HASH_BYTES], const uint8_t b[HASH_BYTES])
{
	ck_assert_mem_eq(a, b, HASH_BYTES);
}

static void
ck_inclusion(const struct merkle *tree, uint64_t index, uint64_t n)
{
	struct merkle_proof proof;
	uint8_t root[HASH_BYTES], leaf[HASH_BYTES];

	leaf_of(index, leaf);
	ck_assert_int_eq(merkle_root(tree, n, root, NULL), AICX_OK);
	ck_assert_int_eq(
	    merkle_inclusion(tree, index, n, &proof, NULL), AICX_OK);
	ck_assert(merkle_includes(leaf, index, n, &proof, root));
	ck_assert(!merkle_includes(leaf, index + 1, n, &proof, root));
	leaf[0] ^= 1;
	ck_assert(!merkle_includes(leaf, index, n, &proof, root));
	leaf[0] ^= 1;
	if (proof.n == 0)
		return;
	proof.hash[index % proof.n][7] ^= 16;
	ck_assert(!merkle_includes(leaf, index, n, &proof, root));
	proof.hash[index % proof.n][7] ^= 16;
	proof.n--;
	ck_assert(!merkle_includes(leaf, index, n, &proof, root));
	proof.n += 2;
	memset(proof.hash[proof.n - 1], 0, HASH_BYTES);
	ck_assert(!merkle_includes(leaf, index, n, &proof, root));
}

static void
ck_consistency(const struct merkle *tree, uint64_t from, uint64_t to)
{
	struct merkle_proof proof;
	uint8_t old[HASH_BYTES], new[HASH_BYTES];

	ck_assert_int_eq(merkle_root(tree, from, old, NULL), AICX_OK);
	ck_assert_int_eq(merkle_root(tree, to, new, NULL), AICX_OK);
	ck_assert_int_eq(
	    merkle_consistency(tree, from, to, &proof, NULL), AICX_OK);
	ck_assert(
	    merkle_is_consistent(from, old, to, new, &proof) == (from > 0));
	if (from == 0 || from == to) {
		ck_assert_uint_eq(proof.n, 0);
		return;
	}
	old[3] ^= 1;
	ck_assert(!merkle_is_consistent(from, old, to, new, &proof));
	old[3] ^= 1;
	new[3] ^= 1;
	ck_assert(!merkle_is_consistent(from, old, to, new, &proof));
	new[3] ^= 1;
	proof.hash[from % proof.n][0] ^= 1;
	ck_assert(!merkle_is_consistent(from, old, to, new, &proof));
	proof.hash[from % proof.n][0] ^= 1;
	proof.n--;
	ck_assert(!merkle_is_consistent(from, old, to, new, &proof));
}

START_TEST(the_root_of_every_size_is_that_of_the_recursion)
{
	struct shelf shelf = shelf_new();
	struct merkle_ports ports = { keep, bring, &shelf };
	struct merkle *tree = merkle_new(&ports);
	uint8_t want[HASH_BYTES], got[HASH_BYTES];

	for (uint64_t n = 0; n <= SMALL; n += n < 260 ? 1 : 23) {
		grow(tree, n);
		naive_root(0, n, want);
		ck_assert_int_eq(merkle_root(tree, n, got, NULL), AICX_OK);
		ck_hash_eq(got, want);
	}
	grow(tree, SMALL);
	for (uint64_t n = 0; n <= SMALL; n += 19) {
		naive_root(0, n, want);
		ck_assert_int_eq(merkle_root(tree, n, got, NULL), AICX_OK);
		ck_hash_eq(got, want);
	}
	merkle_free(tree);
	shelf_free(&shelf);
}
END_TEST

START_TEST(every_proof_of_a_tree_over_several_tiles_holds_and_altered_does_not)
{
	struct shelf shelf = shelf_new();
	struct merkle_ports ports = { keep, bring, &shelf };
	struct merkle *tree = grow(merkle_new(&ports), SMALL);
	uint64_t seed = 3;

	for (uint64_t i = 0; i < SMALL; i += 3)
		ck_inclusion(tree, i, SMALL);
	for (uint64_t from = 0; from <= SMALL; from += 3)
		ck_consistency(tree, from, SMALL);
	for (uint64_t to = 1; to < 40; to++) {
		for (uint64_t from = 0; from <= to; from++)
			ck_consistency(tree, from, to);
		for (uint64_t i = 0; i < to; i++)
			ck_inclusion(tree, i, to);
	}
	for (int i = 0; i < 1000; i++) {
		uint64_t n = 1 + chance(&seed) % SMALL;
		ck_inclusion(tree, chance(&seed) % n, n);
		ck_consistency(tree, chance(&seed) % (n + 1), n);
	}
	merkle_free(tree);
	shelf_free(&shelf);
}
END_TEST

START_TEST(a_tree_of_three_levels_proves_and_resumes)
{
	struct shelf shelf = shelf_new();
	struct merkle_ports ports = { keep, bring, &shelf };
	struct merkle *tree = grow(merkle_new(&ports), LARGE);
	uint8_t want[HASH_BYTES], got[HASH_BYTES];
	uint64_t seed = 7;

	for (int i = 0; i < 100; i++) {
		uint64_t n = 1 + chance(&seed) % LARGE;
		ck_inclusion(tree, chance(&seed) % n, n);
		ck_consistency(tree, chance(&seed) % (n + 1), n);
	}
	ck_consistency(tree, 65536, LARGE);
	ck_consistency(tree, 65535, 65537);
	naive_root(0, LARGE, want);
	ck_assert_int_eq(merkle_root(tree, LARGE, got, NULL), AICX_OK);
	ck_hash_eq(got, want);
	merkle_free(tree);

	struct shelf older = shelf;
	older.n[0] = LARGE / MERKLE_TILE;
	ports.arg = &older;
	tree = merkle_new(&ports);
	ck_assert_int_eq(
	    merkle_resume(tree, LARGE - LARGE % MERKLE_TILE, NULL), AICX_OK);
	grow(tree, LARGE);
	ck_assert_int_eq(merkle_root(tree, LARGE, got, NULL), AICX_OK);
	ck_hash_eq(got, want);
	ck_inclusion(tree, 0, LARGE);
	ck_inclusion(tree, LARGE - 1, LARGE);
	ck_consistency(tree, 300, LARGE);
	merkle_free(tree);
	shelf_free(&shelf);
}
END_TEST

START_TEST(a_resumed_tree_gives_the_same_roots_and_proofs)
{
	for (uint64_t at = 0; at <= 1024; at += MERKLE_TILE) {
		struct shelf shelf = shelf_new();
		struct merkle_ports ports = { keep, bring, &shelf };
		struct merkle *tree = grow(merkle_new(&ports), at);
		merkle_free(tree);
		tree = merkle_new(&ports);
		ck_assert_int_eq(merkle_resume(tree, at, NULL), AICX_OK);
		ck_assert_uint_eq(merkle_size(tree), at);
		grow(tree, SMALL);
		uint8_t want[HASH_BYTES], got[HASH_BYTES];
		naive_root(0, SMALL, want);
		ck_assert_int_eq(merkle_root(tree, SMALL, got, NULL), AICX_OK);
		ck_hash_eq(got, want);
		for (uint64_t i = 0; i < SMALL; i += 91) {
			ck_inclusion(tree, i, SMALL);
			ck_consistency(tree, i, SMALL);
		}
		merkle_free(tree);
		shelf_free(&shelf);
	}
}
END_TEST

START_TEST(what_is_not_in_the_tree_or_not_kept_is_refused)
{
	struct shelf shelf = shelf_new();
	struct merkle_ports ports = { keep, bring, &shelf };
	struct merkle *tree = grow(merkle_new(&ports), SMALL);
	struct merkle *bare = grow(merkle_new(NULL), SMALL);
	struct merkle *fresh = merkle_new(&ports);
	struct merkle_proof proof;
	uint8_t root[HASH_BYTES];
	struct aicx_error err;

	ck_assert_int_eq(merkle_root(tree, SMALL + 1, root, &err), AICX_EINVAL);
	ck_assert_int_eq(
	    merkle_inclusion(tree, 5, 5, &proof, &err), AICX_EINVAL);
	ck_assert_int_eq(
	    merkle_inclusion(tree, 0, SMALL + 1, &proof, &err), AICX_EINVAL);
	ck_assert_int_eq(
	    merkle_consistency(tree, 6, 5, &proof, &err), AICX_EINVAL);
	ck_assert_int_eq(
	    merkle_consistency(tree, 6, SMALL + 1, &proof, &err), AICX_EINVAL);

	ck_assert_int_eq(merkle_root(bare, SMALL, root, &err), AICX_OK);
	ck_assert_int_eq(
	    merkle_inclusion(bare, 0, SMALL, &proof, &err), AICX_EIO);

	shelf.lost = 1;
	ck_assert_int_eq(
	    merkle_inclusion(tree, 300, SMALL, &proof, &err), AICX_EIO);
	ck_assert_int_eq(merkle_resume(fresh, 1024, &err), AICX_EIO);
	ck_assert_int_eq(merkle_resume(fresh, 1000, &err), AICX_EINVAL);
	merkle_free(fresh);
	merkle_free(bare);
	merkle_free(tree);
	merkle_free(NULL);
	shelf_free(&shelf);
}
END_TEST

START_TEST(a_proof_beyond_every_limit_does_not_hold)
{
	static struct merkle_proof proof = { .n = MERKLE_PROOF_MAX + 1 };
	uint8_t root[HASH_BYTES] = { 0 };

	ck_assert(!merkle_includes(root, 0, UINT64_MAX, &proof, root));
	ck_assert(!merkle_is_consistent(1, root, UINT64_MAX, root, &proof));
	proof.n = MERKLE_PROOF_MAX;
	ck_assert(!merkle_includes(root, 0, UINT64_MAX, &proof, root));
	ck_assert(!merkle_includes(root, 0, 0, &proof, root));
	ck_assert(!merkle_is_consistent(1, root, UINT64_MAX, root, &proof));
	ck_assert(!merkle_is_consistent(2, root, 1, root, &proof));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("merkle");
	TCase *tcase = tcase_create("merkle");
	SRunner *runner = srunner_create(suite);

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, the_root_of_every_size_is_that_of_the_recursion);
	tcase_add_test(tcase,
	    every_proof_of_a_tree_over_several_tiles_holds_and_altered_does_not);
	tcase_add_test(tcase, a_tree_of_three_levels_proves_and_resumes);
	tcase_add_test(tcase, a_resumed_tree_gives_the_same_roots_and_proofs);
	tcase_add_test(tcase, what_is_not_in_the_tree_or_not_kept_is_refused);
	tcase_add_test(tcase, a_proof_beyond_every_limit_does_not_hold);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	int n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed != 0;
}
