/* SPDX-License-Identifier: Apache-2.0 */
/* store_leveldb_test.c - the promises of the store kind: order, guards, all or
   nothing, one owner. */
#include "level_store.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- order ----------------------------------------------------------- */

START_TEST(a_range_is_ascending_half_open_and_stops_when_told)
{
	void *store = store_in_folder();

	put(store, "b", "2");
	put(store, "a", "1");
	put(store, "c", "3");
	put(store, "bb", "22");
	check_range(store, NULL, NULL, 0, 0, "a=1 b=2 bb=22 c=3 ");
	check_range(store, "b", "c", 0, 0, "b=2 bb=22 ");
	check_range(store, "ab", NULL, 0, 0, "b=2 bb=22 c=3 ");
	check_range(store, NULL, "b", 0, 0, "a=1 ");
	check_range(store, "b", NULL, 0, 1, "b=2 ");
	check_range(store, "x", NULL, 0, 0, "");
	check_range(store, "c", "a", 0, 0, "");
	plugin->close(store);
}
END_TEST

START_TEST(a_reverse_range_starts_just_below_its_end)
{
	void *store = store_in_folder();

	check_range(store, NULL, NULL, 1, 0, "");
	put(store, "a", "1");
	put(store, "b", "2");
	put(store, "c", "3");
	check_range(store, NULL, NULL, 1, 0, "c=3 b=2 a=1 ");
	check_range(store, NULL, "c", 1, 0, "b=2 a=1 ");
	check_range(store, "b", "c", 1, 0, "b=2 ");
	check_range(store, "b", "zz", 1, 0, "c=3 b=2 ");
	check_range(store, NULL, "a", 1, 0, "");
	check_range(store, NULL, NULL, 1, 2, "c=3 b=2 ");
	plugin->close(store);
}
END_TEST

START_TEST(keys_order_as_unsigned_bytes_and_may_hold_any)
{
	void *store = store_in_folder();
	struct aicx_write writes[] = {
		{ { "\xff", 1 }, { "high", 4 } },
		{ { "\0z", 2 }, { "low", 3 } },
		{ { "a\0b", 3 }, { "", 0 } },
		{ { "a", 1 }, { "x\0y", 3 } },
	};
	struct listing list = { "", 0 };

	ck_assert_int_eq(
	    commit(store, NULL, writes, 4, AICX_CACHED, NULL), AICX_OK);
	ck_assert_int_eq(
	    ops->range(store, str(NULL), str(NULL), 0, on_pair, &list, NULL),
	    AICX_OK);
	ck_assert_str_eq(list.text, "=low a=x a= \xff=high ");
	plugin->close(store);
}
END_TEST

/* --- guards, atomicity ----------------------------------------------- */

START_TEST(a_guard_that_holds_lets_the_batch_pass)
{
	void *store = store_in_folder();
	struct aicx_write write = { str("k"), str("2") };
	struct aicx_guard absent = { str("k"), str(NULL) };
	struct aicx_guard is_two = { str("k"), str("2") };

	ck_assert_int_eq(
	    commit(store, &absent, &write, 1, AICX_DURABLE, NULL), AICX_OK);
	write.value = str("3");
	ck_assert_int_eq(
	    commit(store, &is_two, &write, 1, AICX_DURABLE, NULL), AICX_OK);
	check_get(store, "k", "3 ");
	plugin->close(store);
}
END_TEST

START_TEST(a_guard_that_does_not_hold_refuses_the_whole_batch)
{
	void *store = store_in_folder();
	struct aicx_write writes[] = { { str("n"), str("9") },
		{ str("k"), str(NULL) } };
	struct aicx_guard wrong[] = {
		{ str("k"), str("2") }, /* is 1 */
		{ str("k"), str("11") }, { str("k"), str("") },
		{ str("k"), str(NULL) }, /* is there */
		{ str("n"), str("") }, /* is not there */
	};

	put(store, "k", "1");
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct aicx_error why;

		ck_assert_int_eq(
		    commit(store, &wrong[i], writes, 2, AICX_DURABLE, &why),
		    AICX_ESTATE);
		check_range(store, NULL, NULL, 0, 0, "k=1 ");
	}
	/* A refusal is no failure: the next batch passes. */
	ck_assert_int_eq(
	    commit(store, NULL, writes, 2, AICX_DURABLE, NULL), AICX_OK);
	check_range(store, NULL, NULL, 0, 0, "n=9 ");
	plugin->close(store);
}
END_TEST

START_TEST(later_writes_of_a_batch_win_and_deletes_remove)
{
	void *store = store_in_folder();
	struct aicx_write writes[] = {
		{ str("a"), str("1") },
		{ str("a"), str("2") },
		{ str("b"), str("1") },
		{ str("b"), str(NULL) },
		{ str("never"), str(NULL) },
	};

	ck_assert_int_eq(
	    commit(store, NULL, writes, 5, AICX_DURABLE, NULL), AICX_OK);
	check_range(store, NULL, NULL, 0, 0, "a=2 ");
	check_get(store, "b", NULL);
	ck_assert_int_eq(
	    commit(store, NULL, NULL, 0, AICX_DURABLE, NULL), AICX_OK);
	plugin->close(store);
}
END_TEST

START_TEST(an_unknown_durability_is_refused)
{
	void *store = store_in_folder();
	struct aicx_write write = { str("k"), str("1") };
	struct aicx_error why;

	ck_assert_int_eq(commit(store, NULL, &write, 1, 0, &why), AICX_EINVAL);
	ck_assert_ptr_nonnull(strstr(why.text, "durability 0"));
	check_get(store, "k", NULL);
	plugin->close(store);
}
END_TEST

/* --- files ----------------------------------------------------------- */

START_TEST(what_was_written_is_there_after_reopening)
{
	void *store = store_in_folder();
	struct aicx_write write = { str("cached"), str("1") };
	struct stat st;
	char path[80];

	put(store, "durable", "1");
	ck_assert_int_eq(
	    commit(store, NULL, &write, 1, AICX_CACHED, NULL), AICX_OK);
	plugin->close(store);
	store = store_in_folder();
	check_range(store, NULL, NULL, 0, 0, "cached=1 durable=1 ");
	plugin->close(store);

	snprintf(path, sizeof path, "%s/store", folder);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0700);
}
END_TEST

START_TEST(many_keys_pass_through_table_files)
{
	void *store = store_in_folder();
	char key[16], value[1024];
	struct listing list = { "", 1 };

	memset(value, 'v', sizeof value);
	for (int i = 0; i < 2000; i++) {
		struct aicx_write write = { { key, 8 },
			{ value, sizeof value } };

		snprintf(key, sizeof key, "%08d", i);
		snprintf(value, sizeof value, "%d", i);
		ck_assert_int_eq(
		    commit(store, NULL, &write, 1,
			i % 100 == 0 ? AICX_DURABLE : AICX_CACHED, NULL),
		    AICX_OK);
	}
	plugin->close(store);
	store = store_in_folder();
	ck_assert_int_eq(
	    ops->range(store, str(NULL), str(NULL), 1, on_pair, &list, NULL),
	    AICX_OK);
	ck_assert_int_eq(strncmp(list.text, "00001999=1999", 13), 0);
	plugin->close(store);
}
END_TEST

START_TEST(a_second_open_of_the_same_store_is_refused)
{
	void *store = store_in_folder(), *other = NULL;
	struct aicx_error why;
	char path[80];
	int status;
	pid_t child;

	snprintf(path, sizeof path, "%s/store", folder);
	ck_assert_int_eq(store_open(path, &other, &why), AICX_EIO);
	ck_assert_ptr_null(other);
	ck_assert_ptr_nonnull(strstr(why.text, "another broker has it open"));
	ck_assert_ptr_nonnull(strstr(why.text, path));

	/* Another process is told the same, and does no harm. */
	child = fork();
	if (child == 0)
		_exit(store_open(path, &other, &why) == AICX_EIO &&
			    strstr(why.text, "another broker") != NULL
			? 0
			: 1);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);

	put(store, "k", "1");
	plugin->close(store);
	plugin->close(store_in_folder());
}
END_TEST

START_TEST(a_store_that_cannot_be_created_is_named)
{
	struct aicx_error why;
	void *store = NULL;

	ck_assert_int_eq(store_open("/nowhere/at/all", &store, &why), AICX_EIO);
	ck_assert_str_eq(why.text,
	    "cannot create the store \"/nowhere/at/all\": "
	    "No such file or directory");
}
END_TEST

/* --- the plugin ------------------------------------------------------ */

START_TEST(the_descriptor_says_what_it_is)
{
	ck_assert_uint_eq(plugin->magic, AICX_PLUGIN_MAGIC);
	ck_assert_uint_eq(plugin->kind, AICX_STORE);
	ck_assert_str_eq(plugin->name, "leveldb");
	ck_assert_uint_eq(plugin->settings_size, sizeof(struct settings));
	ck_assert_str_eq(plugin->options[0].name, "path");
	ck_assert_str_eq(plugin->options[0].fallback, "store");
}
END_TEST

static Suite *
suite(void)
{
	Suite *all = suite_create("store_leveldb");
	TCase *tcase = store_case("store_leveldb");

	tcase_add_test(
	    tcase, a_range_is_ascending_half_open_and_stops_when_told);
	tcase_add_test(tcase, a_reverse_range_starts_just_below_its_end);
	tcase_add_test(tcase, keys_order_as_unsigned_bytes_and_may_hold_any);
	tcase_add_test(tcase, a_guard_that_holds_lets_the_batch_pass);
	tcase_add_test(
	    tcase, a_guard_that_does_not_hold_refuses_the_whole_batch);
	tcase_add_test(tcase, later_writes_of_a_batch_win_and_deletes_remove);
	tcase_add_test(tcase, an_unknown_durability_is_refused);
	tcase_add_test(tcase, what_was_written_is_there_after_reopening);
	tcase_add_test(tcase, many_keys_pass_through_table_files);
	tcase_add_test(tcase, a_second_open_of_the_same_store_is_refused);
	tcase_add_test(tcase, a_store_that_cannot_be_created_is_named);
	tcase_add_test(tcase, the_descriptor_says_what_it_is);
	suite_add_tcase(all, tcase);
	return all;
}

int
main(void)
{
	return store_run(suite());
}
