/* SPDX-License-Identifier: Apache-2.0 */
/* damage_test.c - files of commits that are damaged, cut or missing: an end
   that was never finished is cut off, everything else is refused and named. */
#include "level_store.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Flips a bit of the first byte of `word` in a file of commits. */
static void
frames_damage(int file, const char *word)
{
	static char bytes[1 << 20];
	char path[128];

	frames_path(path, sizeof path, file);
	int fd = open(path, O_RDWR);
	ssize_t n = read(fd, bytes, sizeof bytes);
	char *at = memmem(bytes, (size_t)n, word, strlen(word));
	ck_assert_ptr_nonnull(at);
	*at ^= 1;
	ck_assert_int_eq(pwrite(fd, at, 1, at - bytes), 1);
	close(fd);
}

/* Without the room that is not filled. */
static off_t
frames_size(int file)
{
	static char bytes[1 << 20];
	char path[128];

	frames_path(path, sizeof path, file);
	int fd = open(path, O_RDONLY);
	ssize_t n = read(fd, bytes, sizeof bytes);
	close(fd);
	ck_assert_int_ge(n, 0);
	while (n > 0 && bytes[n - 1] == 0)
		n--;
	return n;
}

static void
frames_cut(int file, off_t size)
{
	char path[128];

	frames_path(path, sizeof path, file);
	ck_assert_int_eq(truncate(path, size), 0);
}

static void
frames_add(int file, const char *bytes, size_t n)
{
	char path[128];
	off_t end = frames_size(file);

	frames_path(path, sizeof path, file);
	int fd = open(path, O_WRONLY);
	ck_assert_int_eq(pwrite(fd, bytes, n, end), n);
	close(fd);
}

static void
check_refused(const char *words)
{
	struct aicx_error why = { 0 };
	char path[80];
	void *store = NULL;

	snprintf(path, sizeof path, "%s/store", folder);
	ck_assert_int_eq(store_open(path, &store, &why), AICX_EIO);
	ck_assert_msg(strstr(why.text, words) != NULL, "%s", why.text);
}

START_TEST(a_damaged_commit_with_others_behind_it_is_refused)
{
	killed_store();
	frames_damage(1, "second");
	check_refused("it is damaged (00000001.frames from byte 58 on, after "
		      "commit 1)");
	frames_damage(1, "recond"); /* back again */
	void *store = store_in_folder();
	check_range(store, NULL, NULL, 0, 0, "a=first b=second c=third ");
	plugin->close(store);
}
END_TEST

START_TEST(an_end_that_was_never_finished_is_cut_off)
{
	char path[128];
	struct stat st;

	killed_store();
	off_t whole = frames_size(1);
	frames_add(1, "garbage", 7);
	plugin->close(store_in_folder());
	ck_assert_int_eq(n_cut, 1);
	ck_assert_int_eq(frames_size(1), whole);
	frames_path(path, sizeof path, 1);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_size, whole);
	/* Room that was not filled is no end of a commit. */
	frames_cut(1, whole + 5000);
	void *store = store_in_folder();
	ck_assert_int_eq(n_cut, 1);
	put(store, "d", "4");
	plugin->close(store);
	store = store_in_folder();
	check_range(store, NULL, NULL, 0, 0, "a=first b=second c=third d=4 ");
	plugin->close(store);
}
END_TEST

START_TEST(a_half_written_commit_is_cut_off)
{
	for (off_t less = 1; less < 40; less += 6) {
		killed_store();
		frames_cut(1, frames_size(1) - less);
		void *store = store_in_folder();
		check_range(store, NULL, NULL, 0, 0, "a=first b=second ");
		plugin->close(store);
		folder_remove();
		ck_assert_int_eq(mkdir(folder, 0700), 0);
	}
}
END_TEST

START_TEST(what_the_index_knows_may_not_be_missing_at_the_end)
{
	killed_store();
	plugin->close(store_in_folder()); /* the index knows all of it */
	frames_damage(1, "third");
	check_refused("it is damaged");
	frames_damage(1, "uhird"); /* back again */
	frames_cut(1, frames_size(1) - 3);
	check_refused("it is damaged");
	char path[128];
	frames_path(path, sizeof path, 1);
	ck_assert_int_eq(unlink(path), 0);
	check_refused("it is damaged");
}
END_TEST

START_TEST(a_missing_file_is_named)
{
	static char big[200 << 10];
	void *store = store_in_folder();
	char path[128], key[2] = "a";

	for (; key[0] < 'f'; key[0]++) {
		struct aicx_write write = { str(key), { big, sizeof big } };
		ck_assert_int_eq(
		    commit(store, NULL, &write, 1, AICX_DURABLE, NULL),
		    AICX_OK);
	}
	plugin->close(store);
	ck_assert_int_gt(frames_size(5), 0);
	frames_path(path, sizeof path, 3);
	ck_assert_int_eq(unlink(path), 0);
	check_refused("of 5 files .frames 4 are there");
}
END_TEST

START_TEST(damage_that_is_skipped_leaves_the_rest_and_can_be_written_on)
{
	struct settings lenient = { NULL, 0, 64 << 10, 64 << 10, 74, 0, "/tmp",
		0, 256 << 10 };
	struct aicx_error why = { 0 };
	void *store = NULL;
	char path[80];

	killed_store();
	frames_damage(1, "second");
	snprintf(path, sizeof path, "%s/store", folder);
	lenient.path = path;
	ck_assert_int_eq(
	    plugin->open(&host, NULL, &lenient, &store, &why), AICX_OK);
	check_range(store, NULL, NULL, 0, 0, "a=first c=third ");
	put(store, "d", "4");
	plugin->close(store);
	store = store_in_folder();
	check_range(store, NULL, NULL, 0, 0, "a=first c=third d=4 ");
	plugin->close(store);
}
END_TEST

START_TEST(a_value_that_is_damaged_later_is_refused_when_it_is_read)
{
	struct aicx_error why = { 0 };
	void *store;

	killed_store();
	store = store_in_folder();
	frames_damage(1, "second");
	ck_assert_int_eq(
	    ops->get(store, str("b"), see_nothing, NULL, &why), AICX_EIO);
	ck_assert_ptr_nonnull(strstr(why.text, "00000001.frames at byte 98"));
	ck_assert_int_eq(
	    ops->range(store, str(NULL), str(NULL), 0, see_nothing, NULL, &why),
	    AICX_EIO);
	check_get(store, "a", "first ");
	plugin->close(store);
}
END_TEST

static Suite *
suite(void)
{
	Suite *all = suite_create("damage");
	TCase *tcase = store_case("damage");

	tcase_add_test(
	    tcase, a_damaged_commit_with_others_behind_it_is_refused);
	tcase_add_test(tcase, an_end_that_was_never_finished_is_cut_off);
	tcase_add_test(tcase, a_half_written_commit_is_cut_off);
	tcase_add_test(
	    tcase, what_the_index_knows_may_not_be_missing_at_the_end);
	tcase_add_test(tcase, a_missing_file_is_named);
	tcase_add_test(tcase,
	    damage_that_is_skipped_leaves_the_rest_and_can_be_written_on);
	tcase_add_test(
	    tcase, a_value_that_is_damaged_later_is_refused_when_it_is_read);
	suite_add_tcase(all, tcase);
	return all;
}

int
main(void)
{
	return store_run(suite());
}
