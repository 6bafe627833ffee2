/* SPDX-License-Identifier: Apache-2.0 */
/* unwritable_test.c - a disk that takes nothing, from the start or later: what
   is there is read, every commit is refused, and nothing else is touched. */
#include "level_store.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* Files grow no more: this stands for a disk that takes nothing. */
static struct rlimit
files_fixed(void)
{
	struct rlimit limit, tight = { 0, 0 };

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &limit);
	tight.rlim_max = limit.rlim_max;
	setrlimit(RLIMIT_FSIZE, &tight);
	return limit;
}

START_TEST(a_store_that_cannot_be_written_is_read_and_refuses_every_commit)
{
	struct aicx_write write = { str("a"), str("1") };
	struct aicx_error why = { 0 };
	void *store = store_in_folder();
	char path[80];

	put(store, "a", "1");
	plugin->close(store);
	snprintf(path, sizeof path, "%s/store", folder);
	/* The scratch folder is on a disk that takes something, so only names
	   are refused: a folder in the place of the index's lock. */
	char lock[128];
	snprintf(lock, sizeof lock, "%s/index/LOCK", path);
	ck_assert_int_eq(unlink(lock), 0);
	ck_assert_int_eq(mkdir(lock, 0700), 0);
	ck_assert_msg(
	    store_open(path, &store, &why) == AICX_OK, "%s", why.text);
	check_get(store, "a", "1 ");
	check_get(store, "b", NULL);
	check_range(store, NULL, NULL, 0, 0, "a=1 ");
	ck_assert_int_eq(
	    commit(store, NULL, &write, 1, AICX_DURABLE, &why), AICX_EIO);
	ck_assert_ptr_nonnull(strstr(why.text, "cannot be written"));
	plugin->close(store);
	ck_assert_int_eq(rmdir(lock), 0);
}
END_TEST

/* Not even the scratch folder: all places are in memory then. */
START_TEST(a_store_is_read_also_where_nothing_at_all_can_be_written)
{
	struct aicx_write write = { str("a"), str("1") };
	struct aicx_error why = { 0 };
	void *store = store_in_folder();
	char path[80];

	put(store, "a", "1");
	put(store, "b", "2");
	plugin->close(store);
	snprintf(path, sizeof path, "%s/store", folder);
	struct rlimit limit = files_fixed();
	ck_assert_msg(
	    store_open(path, &store, &why) == AICX_OK, "%s", why.text);
	check_range(store, NULL, NULL, 0, 0, "a=1 b=2 ");
	ck_assert_int_eq(
	    commit(store, NULL, &write, 1, AICX_DURABLE, &why), AICX_EIO);
	plugin->close(store);
	setrlimit(RLIMIT_FSIZE, &limit);
	store = store_in_folder();
	put(store, "c", "3");
	check_range(store, NULL, NULL, 0, 0, "a=1 b=2 c=3 ");
	plugin->close(store);
}
END_TEST

/* The highest number of a file in the folder. */
static unsigned long
newest_number(const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;
	unsigned long newest = 0;

	ck_assert_ptr_nonnull(dir);
	while ((entry = readdir(dir)) != NULL) {
		unsigned long number = strtoul(entry->d_name, NULL, 10);
		if (number > newest)
			newest = number;
	}
	closedir(dir);
	return newest;
}

/* A compaction that was cut short leaves tables whose numbers come again. */
START_TEST(a_store_that_is_only_read_is_not_written_through_links)
{
	char name[128], text[16] = "", path[80], index[96];
	struct aicx_error why = { 0 };
	void *store = store_in_folder();

	put(store, "a", "1");
	plugin->close(store);
	snprintf(path, sizeof path, "%s/store", folder);
	snprintf(index, sizeof index, "%s/index", path);
	unsigned long newest = newest_number(index);
	for (unsigned long i = 1; i <= 6; i++) {
		snprintf(name, sizeof name, "%s/%06lu.ldb", index, newest + i);
		FILE *orphan = fopen(name, "w");
		ck_assert_ptr_nonnull(orphan);
		fputs("orphan", orphan);
		fclose(orphan);
	}
	snprintf(name, sizeof name, "%s/LOCK", index);
	ck_assert_int_eq(unlink(name), 0);
	ck_assert_int_eq(mkdir(name, 0700), 0);
	ck_assert_msg(
	    store_open(path, &store, &why) == AICX_OK, "%s", why.text);
	check_get(store, "a", "1 ");
	plugin->close(store);
	for (unsigned long i = 1; i <= 6; i++) {
		snprintf(name, sizeof name, "%s/%06lu.ldb", index, newest + i);
		FILE *orphan = fopen(name, "r");
		ck_assert_ptr_nonnull(orphan);
		ck_assert_ptr_nonnull(fgets(text, sizeof text, orphan));
		ck_assert_str_eq(text, "orphan");
		fclose(orphan);
	}
}
END_TEST

START_TEST(what_a_killed_reader_left_is_removed_at_the_next_start)
{
	char dead[] = "/tmp/aicx-store-XXXXXX";
	char alive[] = "/tmp/aicx-store-XXXXXX";

	ck_assert_ptr_nonnull(mkdtemp(dead));
	ck_assert_ptr_nonnull(mkdtemp(alive));
	int fd = open(alive, O_RDONLY);
	ck_assert_int_eq(flock(fd, LOCK_EX), 0);
	plugin->close(store_in_folder());
	ck_assert_int_ne(access(dead, F_OK), 0);
	ck_assert_int_eq(rmdir(alive), 0);
	close(fd);
}
END_TEST

/* The file passes the file size limit: the write fails. */
START_TEST(after_a_failed_write_every_commit_is_refused_but_reads_go_on)
{
	void *store = store_in_folder();
	static char big[64 << 10];
	struct aicx_write write = { str("big"), { big, sizeof big } };
	struct aicx_write small = { str("small"), str("1") };
	struct rlimit limit, tight = { 4096, 0 };
	struct aicx_error why;

	put(store, "k", "1");
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &limit);
	tight.rlim_max = limit.rlim_max;
	setrlimit(RLIMIT_FSIZE, &tight);
	ck_assert_int_eq(
	    commit(store, NULL, &write, 1, AICX_DURABLE, &why), AICX_EIO);
	ck_assert_ptr_nonnull(strstr(why.text, "cannot write to the store"));
	setrlimit(RLIMIT_FSIZE, &limit);

	ck_assert_int_eq(
	    commit(store, NULL, &small, 1, AICX_DURABLE, &why), AICX_EIO);
	ck_assert_ptr_nonnull(strstr(why.text, "refuses to write after"));
	check_get(store, "k", "1 ");
	check_get(store, "small", NULL);
	plugin->close(store);
}
END_TEST

static Suite *
suite(void)
{
	Suite *all = suite_create("unwritable");
	TCase *tcase = store_case("unwritable");

	tcase_add_test(tcase,
	    a_store_that_cannot_be_written_is_read_and_refuses_every_commit);
	tcase_add_test(
	    tcase, a_store_is_read_also_where_nothing_at_all_can_be_written);
	tcase_add_test(
	    tcase, a_store_that_is_only_read_is_not_written_through_links);
	tcase_add_test(
	    tcase, what_a_killed_reader_left_is_removed_at_the_next_start);
	tcase_add_test(tcase,
	    after_a_failed_write_every_commit_is_refused_but_reads_go_on);
	suite_add_tcase(all, tcase);
	return all;
}

int
main(void)
{
	return store_run(suite());
}
