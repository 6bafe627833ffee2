/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dir_sync_test.c - a folder is synced when its names changed, also when the
 * clock of the files did not tick, and not otherwise.
 *
 * This program's fsync() stands in for the C library's and counts.
 */
#include "dir_sync.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int n_syncs, sync_error;
static int64_t clock_ms;
static char folder[64];

int
fsync(int fd)
{
	(void)fd;
	n_syncs++;
	errno = sync_error;
	return sync_error == 0 ? 0 : -1;
}

static int64_t
host_now_ms(struct aicx_self *self)
{
	(void)self;
	return clock_ms;
}

static const struct aicx_host host = { .size = sizeof host,
	.now_ms = host_now_ms };

/* Sets the mtime as a change within a given tick of the kernel would. */
static void
folder_stamp(int64_t tick)
{
	struct timespec times[2] = { { .tv_nsec = UTIME_OMIT },
		{ .tv_sec = 1000 + tick } };

	ck_assert_int_eq(utimensat(AT_FDCWD, folder, times, 0), 0);
}

static struct dir_sync *
dir_at_tick_1(void)
{
	struct dir_sync *dir;

	snprintf(folder, sizeof folder, "/tmp/dir_sync_XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	folder_stamp(1);
	clock_ms = 5000;
	n_syncs = sync_error = 0;
	dir = dir_sync_new(folder, &host, NULL);
	ck_assert_ptr_nonnull(dir);
	return dir;
}

static void
check_settle(struct dir_sync *dir, int want_syncs)
{
	n_syncs = 0;
	ck_assert(dir_sync_settle(dir));
	ck_assert_int_eq(n_syncs, want_syncs);
}

START_TEST(opening_syncs_the_folder_and_its_parent)
{
	struct dir_sync *dir = dir_at_tick_1();

	ck_assert_int_eq(n_syncs, 2);
	dir_sync_free(dir);
	rmdir(folder);
}
END_TEST

START_TEST(a_quiet_folder_is_synced_no_more_once_its_tick_is_over)
{
	struct dir_sync *dir = dir_at_tick_1();

	/* A change now could still carry the same stamp. */
	check_settle(dir, 1);
	clock_ms += 20;
	check_settle(dir, 1);
	clock_ms += 1;
	check_settle(dir, 1);
	check_settle(dir, 0);
	clock_ms += 100000;
	check_settle(dir, 0);
	dir_sync_free(dir);
	rmdir(folder);
}
END_TEST

START_TEST(a_moved_stamp_is_synced_forwards_and_backwards)
{
	struct dir_sync *dir = dir_at_tick_1();

	clock_ms += 21;
	check_settle(dir, 1);
	check_settle(dir, 0);
	folder_stamp(2);
	check_settle(dir, 1);
	check_settle(dir, 1);
	clock_ms += 21;
	check_settle(dir, 1);
	check_settle(dir, 0);
	folder_stamp(-7);
	check_settle(dir, 1);
	dir_sync_free(dir);
	rmdir(folder);
}
END_TEST

START_TEST(a_failed_sync_is_told)
{
	struct dir_sync *dir = dir_at_tick_1();

	sync_error = EIO;
	ck_assert(!dir_sync_settle(dir));
	ck_assert_int_eq(errno, EIO);
	dir_sync_free(dir);
	ck_assert_ptr_null(dir_sync_new(folder, &host, NULL));
	rmdir(folder);
	ck_assert_ptr_null(dir_sync_new("/nowhere", &host, NULL));
	ck_assert_int_eq(errno, ENOENT);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("dir_sync");
	TCase *tcase = tcase_create("dir_sync");
	SRunner *runner = srunner_create(suite);
	int n_failed;

	tcase_add_test(tcase, opening_syncs_the_folder_and_its_parent);
	tcase_add_test(
	    tcase, a_quiet_folder_is_synced_no_more_once_its_tick_is_over);
	tcase_add_test(tcase, a_moved_stamp_is_synced_forwards_and_backwards);
	tcase_add_test(tcase, a_failed_sync_is_told);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed == 0 ? 0 : 1;
}
