/* SPDX-License-Identifier: Apache-2.0 */
/*
 * merkle_vectors_test.c - the published cases of proofs that must hold and of
 * proofs that must not: inclusion, consistency, and both of subtrees.
 */
#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/merkle.h"
#include "protocol/note.h"
#include "protocol/vectors.h"

enum { N_CASES = 518, PATH_BYTES = 1024, FILE_BYTES = 560 };

typedef bool case_fn(struct vectors *vectors);

/* Some roots of cases are no hashes but other words; with zeros behind them
   they are as different.  false: there is none, which nobody can ask about. */
static bool
hash_of(
    struct vectors *vectors, struct json_ref ref, uint8_t ret_hash[HASH_BYTES])
{
	struct aicx_str text = json_str(ref, &vectors->arena);
	size_t n;

	memset(ret_hash, 0, HASH_BYTES);
	if (text.len == 0)
		return false;
	ck_assert(base64_parse(text, ret_hash, HASH_BYTES, &n));
	return true;
}

static bool
get_hash(
    struct vectors *vectors, const char *name, uint8_t ret_hash[HASH_BYTES])
{
	return hash_of(vectors, json_get(vectors->root, name), ret_hash);
}

/* Some numbers are beyond int64. */
static uint64_t
get_number(struct vectors *vectors, const char *name)
{
	struct json_ref ref = json_get(vectors->root, name);

	ck_assert_int_eq(json_type(ref), JSON_NUMBER);
	return strtoull(json_raw(ref).ptr, NULL, 10);
}

static bool
get_proof(struct vectors *vectors, struct merkle_proof *ret_proof)
{
	struct json_iter iter = json_iter(json_get(vectors->root, "proof"));

	ret_proof->n = 0;
	while (json_next(&iter)) {
		ck_assert_uint_lt(ret_proof->n, MERKLE_PROOF_MAX);
		if (!hash_of(
			vectors, iter.value, ret_proof->hash[ret_proof->n++]))
			return false;
	}
	return true;
}

static bool
inclusion(struct vectors *vectors)
{
	struct merkle_proof proof;
	uint8_t leaf[HASH_BYTES], root[HASH_BYTES];

	if (!get_proof(vectors, &proof) ||
	    !get_hash(vectors, "leafHash", leaf) ||
	    !get_hash(vectors, "root", root))
		return false;
	return merkle_includes(leaf, get_number(vectors, "leafIdx"),
	    get_number(vectors, "treeSize"), &proof, root);
}

static bool
consistency(struct vectors *vectors)
{
	struct merkle_proof proof;
	uint8_t from[HASH_BYTES], to[HASH_BYTES];

	if (!get_proof(vectors, &proof) || !get_hash(vectors, "root1", from) ||
	    !get_hash(vectors, "root2", to))
		return false;
	return merkle_is_consistent(get_number(vectors, "size1"), from,
	    get_number(vectors, "size2"), to, &proof);
}

static bool
subtree_inclusion(struct vectors *vectors)
{
	struct merkle_proof proof;
	uint8_t leaf[HASH_BYTES], root[HASH_BYTES];

	if (!get_proof(vectors, &proof) ||
	    !get_hash(vectors, "leafHash", leaf) ||
	    !get_hash(vectors, "root", root))
		return false;
	return merkle_subtree_includes(leaf, get_number(vectors, "leafIdx"),
	    get_number(vectors, "start"), get_number(vectors, "end"), &proof,
	    root);
}

static bool
subtree_consistency(struct vectors *vectors)
{
	struct merkle_proof proof;
	uint8_t part[HASH_BYTES], root[HASH_BYTES];

	if (!get_proof(vectors, &proof) || !get_hash(vectors, "root1", part) ||
	    !get_hash(vectors, "root2", root))
		return false;
	return merkle_subtree_is_consistent(get_number(vectors, "start"),
	    get_number(vectors, "end"), part, get_number(vectors, "size"), root,
	    &proof);
}

static void
run_case(const char *file, case_fn *holds)
{
	struct vectors vectors;
	bool want_error = false;

	ck_assert(vectors_open(&vectors, file));
	ck_assert(json_bool(json_get(vectors.root, "wantErr"), &want_error));
	ck_assert_msg(holds(&vectors) != want_error, "%s: %s", file,
	    want_error ? "holds and must not" : "does not hold");
	vectors_close(&vectors);
}

static void
real_path(const char *file, char path[PATH_BYTES])
{
	const char *env = getenv("AICX_VECTORS"), *src = getenv("srcdir");

	if (env != NULL)
		(void)snprintf(path, PATH_BYTES, "%s/%s", env, file);
	else
		(void)snprintf(path, PATH_BYTES, "%s/../shared/vectors/%s",
		    src != NULL ? src : ".", file);
}

/* All files below; the number of cases. */
static int
run_folder(const char *folder, case_fn *holds)
{
	char path[PATH_BYTES], file[FILE_BYTES];
	struct dirent *entry;
	int n = 0;

	real_path(folder, path);
	DIR *dir = opendir(path);
	if (dir == NULL) {
		(void)printf("skipped: no vectors (%s)\n", path);
		return 0;
	}
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(
		    file, sizeof file, "%.300s/%.255s", folder, entry->d_name);
		if (entry->d_type == DT_DIR) {
			n += run_folder(file, holds);
		} else {
			run_case(file, holds);
			n++;
		}
	}
	(void)closedir(dir);
	return n;
}

START_TEST(every_published_case_gets_its_verdict)
{
	static const struct {
		const char *folder;
		case_fn *holds;
	} kinds[] = { { "merkle/testdata/inclusion", inclusion },
		{ "merkle/testdata/consistency", consistency },
		{ "merkle/testdata/subtreeinclusion", subtree_inclusion },
		{ "merkle/testdata/subtreeconsistency", subtree_consistency } };
	int n, n_all = 0;

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		n = run_folder(kinds[i].folder, kinds[i].holds);
		(void)printf("%s: %d cases\n", kinds[i].folder, n);
		n_all += n;
	}
	if (n_all == 0)
		return; /* said so */
	(void)printf("%d passed, 0 failed\n", n_all);
	ck_assert_int_eq(n_all, N_CASES);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("merkle_vectors");
	TCase *tcase = tcase_create("merkle_vectors");
	SRunner *runner = srunner_create(suite);

	tcase_add_test(tcase, every_published_case_gets_its_verdict);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	int n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed != 0;
}
