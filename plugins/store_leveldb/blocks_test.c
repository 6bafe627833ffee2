/* SPDX-License-Identifier: Apache-2.0 */
/* blocks_test.c - what is added in whole blocks reads as if it were added byte
   by byte, whether the file system takes blocks or not. */
#include "blocks.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BYTES = 5 * BLOCK };

static char path[] = "./blocks_test.XXXXXX"; /* not in memory */
static char text[BYTES];
static struct blocks blocks;
static int fd, reader;

static void
setup(void)
{
	memcpy(path + strlen(path) - 6, "XXXXXX", 6);
	reader = mkstemp(path);
	ck_assert_int_ge(reader, 0);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	for (size_t i = 0; i < BYTES; i++)
		text[i] = (char)('a' + i % 23);
}

static void
teardown(void)
{
	blocks_fini(&blocks);
	close(fd);
	close(reader);
	(void)unlink(path);
}

static void
add(size_t from, size_t to)
{
	ck_assert_msg(
	    blocks_add(&blocks, fd, text + from, to - from, from), "%d", errno);
}

/* The text up to there, and then nothing but zeros. */
static void
holds(size_t n)
{
	char there[2 * BYTES];
	ssize_t size = pread(reader, there, sizeof there, 0);

	ck_assert_int_ge(size, (ssize_t)n);
	ck_assert_mem_eq(there, text, n);
	for (size_t i = n; i < (size_t)size; i++)
		ck_assert_int_eq(there[i], 0);
	ck_assert_uint_le((size_t)size, blocks_end(&blocks, n));
}

static void
add_in_pieces(void)
{
	static const size_t ends[] = { 0, 10, 11, BLOCK - 1, BLOCK, BLOCK + 1,
		3 * BLOCK, 3 * BLOCK + 100, BYTES };

	for (size_t i = 1; i < sizeof ends / sizeof *ends; i++) {
		add(ends[i - 1], ends[i]);
		holds(ends[i]);
	}
}

START_TEST(pieces_of_all_sizes_come_one_behind_the_other)
{
	blocks_begin(&blocks, fd, -1, 0);
	add_in_pieces();
}
END_TEST

START_TEST(what_was_not_begun_goes_through_the_cache)
{
	add_in_pieces();
	struct stat st;
	ck_assert_int_eq(fstat(fd, &st), 0);
	ck_assert_int_eq(st.st_size, BYTES);
	ck_assert(blocks_clear(&blocks, fd, 0, BLOCK)); /* does nothing */
	holds(BYTES);
}
END_TEST

START_TEST(a_file_that_ends_in_a_block_is_gone_on_with)
{
	ck_assert_int_eq(write(fd, text, BLOCK + 7), BLOCK + 7);
	blocks_begin(&blocks, fd, reader, BLOCK + 7);
	add(BLOCK + 7, 2 * BLOCK + 1);
	holds(2 * BLOCK + 1);
	blocks_fini(&blocks);
	blocks_begin(&blocks, fd, reader, 2 * BLOCK + 1);
	add(2 * BLOCK + 1, 3 * BLOCK);
	holds(3 * BLOCK);
}
END_TEST

START_TEST(without_the_last_block_it_is_written_as_it_is)
{
	ck_assert_int_eq(write(fd, text, 100), 100);
	blocks_begin(&blocks, fd, -1, 100);
	ck_assert(!blocks.direct);
	add(100, BYTES);
	holds(BYTES);
}
END_TEST

START_TEST(cleared_room_is_zeros_that_are_filled_later)
{
	blocks_begin(&blocks, fd, -1, 0);
	add(0, 50);
	ck_assert(blocks_clear(&blocks, fd, BLOCK, 2 * BLOCK));
	ck_assert(blocks_clear(&blocks, fd, 2 * BLOCK, 2 * BLOCK));
	add(50, 2 * BLOCK - 5);
	holds(2 * BLOCK - 5);
}
END_TEST

START_TEST(the_cache_goes_on_where_the_blocks_ended)
{
	blocks_begin(&blocks, fd, -1, 0);
	add(0, BLOCK + 9);
	blocks_stop(&blocks, fd);
	ck_assert(!blocks.direct);
	add(BLOCK + 9, 2 * BLOCK + 1);
	holds(2 * BLOCK + 1);
	add(2 * BLOCK + 1, BYTES);
	holds(BYTES);
}
END_TEST

START_TEST(a_file_that_takes_nothing_is_an_error)
{
	int closed = open(path, O_RDONLY | O_CLOEXEC);

	blocks_begin(&blocks, closed, reader, 0);
	ck_assert(!blocks_add(&blocks, closed, text, 10, 0));
	ck_assert_int_eq(errno, EBADF);
	close(closed);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("blocks");
	TCase *tcase = tcase_create("blocks");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, pieces_of_all_sizes_come_one_behind_the_other);
	tcase_add_test(tcase, what_was_not_begun_goes_through_the_cache);
	tcase_add_test(tcase, a_file_that_ends_in_a_block_is_gone_on_with);
	tcase_add_test(tcase, without_the_last_block_it_is_written_as_it_is);
	tcase_add_test(tcase, cleared_room_is_zeros_that_are_filled_later);
	tcase_add_test(tcase, the_cache_goes_on_where_the_blocks_ended);
	tcase_add_test(tcase, a_file_that_takes_nothing_is_an_error);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
