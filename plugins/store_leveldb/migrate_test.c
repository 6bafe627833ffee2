/* SPDX-License-Identifier: Apache-2.0 */
/* migrate_test.c - a store of an older form is taken over, and a broker of the
   older form refuses one of today. */
#include "level_store.h"

#include <leveldb/c.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void
old_store(void)
{
	leveldb_options_t *options = leveldb_options_create();
	leveldb_writeoptions_t *how = leveldb_writeoptions_create();
	char path[80], *why = NULL;

	snprintf(path, sizeof path, "%s/store", folder);
	leveldb_options_set_create_if_missing(options, 1);
	leveldb_t *db = leveldb_open(options, path, &why);
	ck_assert_ptr_null(why);
	leveldb_put(db, how, "a", 1, "1", 1, &why);
	leveldb_put(db, how, "b", 1, "2", 1, &why);
	ck_assert_ptr_null(why);
	leveldb_close(db);
	leveldb_writeoptions_destroy(how);
	leveldb_options_destroy(options);
}

START_TEST(a_store_of_an_older_form_is_taken_over)
{
	char path[128];

	old_store();
	void *store = store_in_folder();
	check_range(store, NULL, NULL, 0, 0, "a=1 b=2 ");
	put(store, "b", "3");
	plugin->close(store);
	snprintf(path, sizeof path, "%s/store/MANIFEST-000002", folder);
	ck_assert_int_ne(access(path, F_OK), 0);
	store = store_in_folder();
	check_range(store, NULL, NULL, 0, 0, "a=1 b=3 ");
	plugin->close(store);
}
END_TEST

START_TEST(a_take_over_that_was_cut_short_begins_anew)
{
	char path[128];

	killed_store(); /* stands for what it had written */
	snprintf(path, sizeof path, "%s/store/CURRENT", folder);
	ck_assert_int_eq(unlink(path), 0);
	old_store();
	void *store = store_in_folder();
	check_range(store, NULL, NULL, 0, 0, "a=1 b=2 ");
	plugin->close(store);
}
END_TEST

/* It would not see the records, and begin a store beside them. */
START_TEST(a_broker_of_the_older_form_refuses_a_store_of_today)
{
	leveldb_options_t *options = leveldb_options_create();
	char path[80], *why = NULL;

	killed_store();
	snprintf(path, sizeof path, "%s/store", folder);
	leveldb_options_set_create_if_missing(options, 1);
	ck_assert_ptr_null(leveldb_open(options, path, &why));
	ck_assert_ptr_nonnull(strstr(why, "a-store-of-a-newer-broker"));
	leveldb_free(why);
	leveldb_options_destroy(options);
	void *store = store_in_folder();
	check_range(store, NULL, NULL, 0, 0, "a=first b=second c=third ");
	plugin->close(store);
}
END_TEST

static Suite *
suite(void)
{
	Suite *all = suite_create("migrate");
	TCase *tcase = store_case("migrate");

	tcase_add_test(tcase, a_store_of_an_older_form_is_taken_over);
	tcase_add_test(tcase, a_take_over_that_was_cut_short_begins_anew);
	tcase_add_test(
	    tcase, a_broker_of_the_older_form_refuses_a_store_of_today);
	suite_add_tcase(all, tcase);
	return all;
}

int
main(void)
{
	return store_run(suite());
}
