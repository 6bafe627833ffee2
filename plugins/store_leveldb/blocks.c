/* SPDX-License-Identifier: Apache-2.0 */
/* blocks.c - one buffer, aligned, with the last block at its beginning. */
#include "blocks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CLEAR_BYTES = 256 << 10 };

/* Keeps the tail. */
static bool
room(struct blocks *blocks, size_t n)
{
	void *bytes = NULL;

	if (n <= blocks->cap)
		return true;
	errno = posix_memalign(&bytes, BLOCK, block_up(2 * n));
	if (errno != 0)
		return false;
	if (blocks->n_tail > 0)
		memcpy(bytes, blocks->bytes, blocks->n_tail);
	free(blocks->bytes);
	blocks->bytes = bytes;
	blocks->cap = block_up(2 * n);
	return true;
}

void
blocks_begin(struct blocks *blocks, int fd, int reader, uint64_t end)
{
	size_t n = end % BLOCK;
	int flags = fcntl(fd, F_GETFL);

	blocks->direct = false;
	blocks->n_tail = 0;
	if (flags < 0 || !room(blocks, BLOCK) ||
	    (n > 0 &&
		pread(reader, blocks->bytes, n, (off_t)(end - n)) !=
		    (ssize_t)n))
		return;
	blocks->n_tail = n;
	blocks->direct = fcntl(fd, F_SETFL, flags | O_DIRECT) == 0;
}

void
blocks_stop(struct blocks *blocks, int fd)
{
	if (!blocks->direct)
		return;
	blocks->direct = false;
	(void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_DIRECT);
}

/* A short write is an error; an interrupted one has written nothing. */
static bool
put(int fd, const char *bytes, size_t n, uint64_t at)
{
	ssize_t done;

	do
		done = pwrite(fd, bytes, n, (off_t)at);
	while (done < 0 && errno == EINTR);
	if (done >= 0 && (size_t)done != n)
		errno = ENOSPC;
	return done >= 0 && (size_t)done == n;
}

static void
keep_tail(struct blocks *blocks, size_t n)
{
	blocks->n_tail = n % BLOCK;
	memmove(
	    blocks->bytes, blocks->bytes + n - blocks->n_tail, blocks->n_tail);
}

bool
blocks_add(
    struct blocks *blocks, int fd, const char *bytes, size_t n, uint64_t at)
{
	size_t whole = blocks->n_tail + n;

	if (!blocks->direct)
		return put(fd, bytes, n, at);
	if (!room(blocks, block_up(whole)))
		return false;
	memcpy(blocks->bytes + blocks->n_tail, bytes, n);
	memset(blocks->bytes + whole, 0, block_up(whole) - whole);
	if (!put(fd, blocks->bytes, block_up(whole), at - blocks->n_tail)) {
		if (errno != EINVAL)
			return false;
		/* Some file systems take the flag, and then no write. */
		blocks_stop(blocks, fd);
		return put(fd, bytes, n, at);
	}
	keep_tail(blocks, whole);
	return true;
}

bool
blocks_clear(struct blocks *blocks, int fd, uint64_t from, uint64_t to)
{
	void *zeros = NULL;
	bool good = true;

	if (!blocks->direct)
		return true;
	errno = posix_memalign(&zeros, BLOCK, CLEAR_BYTES);
	if (errno != 0)
		return false;
	memset(zeros, 0, CLEAR_BYTES);
	for (; good && from < to; from += CLEAR_BYTES)
		good = put(fd, zeros,
		    to - from < CLEAR_BYTES ? (size_t)(to - from) : CLEAR_BYTES,
		    from);
	free(zeros);
	if (good || errno != EINVAL)
		return good;
	blocks_stop(blocks, fd);
	return true;
}

void
blocks_fini(struct blocks *blocks)
{
	free(blocks->bytes);
	*blocks = (struct blocks) { NULL };
}
