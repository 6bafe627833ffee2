/* SPDX-License-Identifier: Apache-2.0 */
/* index_test.c - keys in memory and keys in the index are one; an index that is
   missing or another store's is made anew. */
#include "level_store.h"

#include <stdio.h>
#include <unistd.h>

static void
check_many(void *store, int n)
{
	struct listing list = { "", 1 };
	char key[16], want[32];

	for (int i = 0; i < n; i += 97) {
		snprintf(key, sizeof key, "%08d", i);
		snprintf(want, sizeof want, "%d ", i * 3);
		check_get(store, key, want);
	}
	ck_assert_int_eq(
	    ops->range(store, str(NULL), str(NULL), 1, on_pair, &list, NULL),
	    AICX_OK);
	snprintf(want, sizeof want, "%08d=%d ", n - 1, (n - 1) * 3);
	ck_assert_str_eq(list.text, want);
	list = (struct listing) { "", 2 };
	ck_assert_int_eq(
	    ops->range(store, str(NULL), str(NULL), 0, on_pair, &list, NULL),
	    AICX_OK);
	ck_assert_str_eq(list.text, "00000000=0 00000001=3 ");
}

/* More keys than stay in memory, overwritten and deleted on both sides. */
START_TEST(keys_in_memory_and_in_the_index_are_seen_as_one_range)
{
	enum { MANY = 5000 };
	void *store = store_in_folder();
	char key[16], value[16], path[128];

	for (int round = 1; round <= 3; round += 2)
		for (int i = 0; i < MANY; i++) {
			struct aicx_write write = { { key, 8 }, { value, 0 } };
			snprintf(key, sizeof key, "%08d", i);
			write.value.len = (size_t)snprintf(
			    value, sizeof value, "%d", i * round);
			ck_assert_int_eq(
			    commit(store, NULL, &write, 1, AICX_CACHED, NULL),
			    AICX_OK);
		}
	check_many(store, MANY);
	struct aicx_write gone = { str("00000002"), str(NULL) };
	ck_assert_int_eq(
	    commit(store, NULL, &gone, 1, AICX_DURABLE, NULL), AICX_OK);
	check_range(
	    store, "00000001", "00000004", 0, 0, "00000001=3 00000003=9 ");
	check_range(
	    store, "00000001", "00000004", 1, 0, "00000003=9 00000001=3 ");
	plugin->close(store);
	store = store_in_folder();
	check_many(store, MANY);
	check_get(store, "00000002", NULL);
	plugin->close(store);

	/* Without its index, too. */
	snprintf(path, sizeof path, "%s/store/index", folder);
	nftw(path, on_path, 8, FTW_DEPTH | FTW_PHYS);
	store = store_in_folder();
	check_many(store, MANY);
	check_get(store, "00000002", NULL);
	plugin->close(store);
}
END_TEST

START_TEST(an_index_of_another_store_is_made_anew)
{
	char from[160], to[160];

	killed_store();
	plugin->close(store_in_folder());
	snprintf(from, sizeof from, "%s/store/index", folder);
	snprintf(to, sizeof to, "%s/other", folder);
	ck_assert_int_eq(rename(from, to), 0);
	char path[128];
	frames_path(path, sizeof path, 1);
	ck_assert_int_eq(unlink(path), 0);
	void *store = store_in_folder();
	for (int i = 0; i < 9; i++)
		put(store, "k", i % 2 ? "other value" : "that value");
	plugin->close(store);
	nftw(from, on_path, 8, FTW_DEPTH | FTW_PHYS);
	ck_assert_int_eq(rename(to, from), 0);
	store = store_in_folder();
	ck_assert_int_eq(n_thrown_away, 1);
	check_range(store, NULL, NULL, 0, 0, "k=that value ");
	plugin->close(store);
}
END_TEST

static Suite *
suite(void)
{
	Suite *all = suite_create("index");
	TCase *tcase = store_case("index");

	tcase_add_test(
	    tcase, keys_in_memory_and_in_the_index_are_seen_as_one_range);
	tcase_add_test(tcase, an_index_of_another_store_is_made_anew);
	suite_add_tcase(all, tcase);
	return all;
}

int
main(void)
{
	return store_run(suite());
}
