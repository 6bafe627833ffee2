/* SPDX-License-Identifier: Apache-2.0 */
/* level_derived_test.c - derived keys are others than the store's, and damage
   to them throws away nothing else. */
#include "level_store.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int
on_damage(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	size_t len = strlen(path);
	int fd;

	(void)st, (void)flag, (void)ftw;
	if (len < 4 || strcmp(path + len - 4, ".log") != 0)
		return 0;
	fd = open(path, O_WRONLY);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(pwrite(fd, "\xAA\xAA\xAA\xAA", 4, 20), 4);
	close(fd);
	return 0;
}

static aicx_err
put_derived(void *store, const char *key, const char *value)
{
	struct aicx_write write = { str(key), str(value) };
	struct aicx_batch batch = {
		.size = sizeof batch,
		.durability = AICX_CACHED,
		.writes = &write,
		.n_writes = 1,
	};

	return ops->derived->commit(store, &batch, NULL);
}

static bool
has_derived(void *store, const char *key)
{
	return ops->derived->get(store, str(key), see_nothing, NULL, NULL) ==
	    AICX_OK;
}

START_TEST(derived_keys_are_others_and_outlive_the_process)
{
	void *store = store_in_folder();
	struct listing list = { "", 0 };

	put(store, "k", "1");
	ck_assert_int_eq(put_derived(store, "d", "2"), AICX_OK);
	ck_assert(has_derived(store, "d") && !has_derived(store, "k"));
	check_get(store, "d", NULL);
	check_range(store, NULL, NULL, 0, 0, "k=1 ");
	plugin->close(store);
	store = store_in_folder();
	ck_assert_int_eq(ops->derived->range(store, str(NULL), str(NULL), 0,
			     on_pair, &list, NULL),
	    AICX_OK);
	ck_assert_str_eq(list.text, "d=2 ");
	plugin->close(store);
	ck_assert_int_eq(n_thrown_away, 0);
}
END_TEST

START_TEST(damaged_derived_keys_are_thrown_away_and_the_others_stay)
{
	void *store = store_in_folder();
	char path[sizeof folder + 24];

	put(store, "k", "1");
	ck_assert_int_eq(put_derived(store, "d", "2"), AICX_OK);
	ck_assert_int_eq(put_derived(store, "e", "3"), AICX_OK);
	plugin->close(store);
	snprintf(path, sizeof path, "%s/store/derived", folder);
	nftw(path, on_damage, 8, FTW_PHYS);
	store = store_in_folder();
	ck_assert_int_eq(n_thrown_away, 1);
	ck_assert(!has_derived(store, "d") && !has_derived(store, "e"));
	check_get(store, "k", "1 ");
	ck_assert_int_eq(put_derived(store, "d", "4"), AICX_OK);
	plugin->close(store);
	store = store_in_folder();
	ck_assert(has_derived(store, "d"));
	plugin->close(store);
	ck_assert_int_eq(n_thrown_away, 1);
}
END_TEST

START_TEST(derived_keys_that_could_not_be_read_are_thrown_away_later)
{
	void *store = store_in_folder();
	char path[sizeof folder + 24];

	ck_assert_int_eq(put_derived(store, "d", "2"), AICX_OK);
	plugin->close(store);
	snprintf(path, sizeof path, "%s/store/derived/DAMAGED", folder);
	ck_assert_int_ge(close(open(path, O_CREAT | O_WRONLY, 0600)), 0);
	store = store_in_folder();
	ck_assert_int_eq(n_thrown_away, 1);
	ck_assert(!has_derived(store, "d"));
	plugin->close(store);
}
END_TEST

static Suite *
suite(void)
{
	Suite *all = suite_create("derived");
	TCase *tcase = store_case("derived");

	tcase_add_test(tcase, derived_keys_are_others_and_outlive_the_process);
	tcase_add_test(
	    tcase, damaged_derived_keys_are_thrown_away_and_the_others_stay);
	tcase_add_test(
	    tcase, derived_keys_that_could_not_be_read_are_thrown_away_later);
	suite_add_tcase(all, tcase);
	return all;
}

int
main(void)
{
	return store_run(suite());
}
