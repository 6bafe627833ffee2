/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log.c - appending frames to files and reading entries from them.
 *
 * A file gets its room in pieces before frames fill it: a sync has then no new
 * size and no new blocks to write beside the frame.  What is not filled yet
 * reads as zeros, in which no frame begins; from the second piece on they are
 * written, so that a sync need not say that they are no longer only promised.
 *
 * A file gets its name, and the name is synced, before the first frame is in
 * it; the file before it was synced then.
 */
#include "log.h"

#include "blocks.h"
#include "fail.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OPEN_MAX_FILES = 32, NAME_BYTES = 24, ROOM_BYTES = 1 << 20 };
static const char name_end[] = ".frames";

struct log {
	int dir;
	uint64_t file_bytes_max;
	uint32_t last;
	/* Writer thread only. */
	int fd; /* of the last file, to append; -1: not begun */
	struct mark end;
	uint64_t room; /* the file's size; behind the end it is zeros */
	bool filling; /* one piece of room was filled */
	struct blocks blocks; /* of fd */
	uint64_t safe; /* the last frame known to be on disk */
	/* Files open to be read: the n-th where n % OPEN_MAX_FILES says. */
	pthread_mutex_t mutex;
	int fds[OPEN_MAX_FILES];
	uint32_t files[OPEN_MAX_FILES];
};

static void
file_name(uint32_t file, char ret_name[NAME_BYTES])
{
	(void)snprintf(ret_name, NAME_BYTES, "%08" PRIu32 "%s", file, name_end);
}

static uint32_t
file_number(const char *name)
{
	char *end = NULL;
	unsigned long number = strtoul(name, &end, 10);

	if (end != name + 8 || strcmp(end, name_end) != 0 ||
	    number > UINT32_MAX)
		return 0;
	return (uint32_t)number;
}

/* --- opening ----------------------------------------------------------- */

static bool
find_files(struct log *log, const char *path, uint32_t *ret_n)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;

	if (dir == NULL)
		return false;
	while ((entry = readdir(dir)) != NULL) {
		uint32_t file = file_number(entry->d_name);
		*ret_n += file > 0;
		if (file > log->last)
			log->last = file;
	}
	closedir(dir);
	return true;
}

aicx_err
log_open(const char *path, uint64_t file_bytes_max, struct log **ret_log,
    struct aicx_error *reterr)
{
	struct log *log = calloc(1, sizeof *log);
	uint32_t n = 0;

	if (log == NULL)
		return fail(reterr, AICX_ENOMEM, "out of memory");
	(void)pthread_mutex_init(&log->mutex, NULL);
	for (size_t i = 0; i < OPEN_MAX_FILES; i++)
		log->fds[i] = -1;
	log->fd = -1;
	log->file_bytes_max = file_bytes_max;
	log->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (log->dir < 0 || !find_files(log, path, &n)) {
		aicx_err err = fail(reterr, AICX_EIO, "%s", strerror(errno));
		log_close(log);
		return err;
	}
	if (n != log->last) {
		aicx_err err = fail(reterr, AICX_EIO,
		    "it is damaged: of %" PRIu32 " files .frames %" PRIu32
		    " are there",
		    log->last, n);
		log_close(log);
		return err;
	}
	*ret_log = log;
	return AICX_OK;
}

/* Gives back what was not filled. */
static bool
room_return(struct log *log)
{
	if (log->fd < 0 || log->room <= log->end.offset)
		return true;
	log->room = log->end.offset;
	return ftruncate(log->fd, (off_t)log->end.offset) == 0;
}

void
log_close(struct log *log)
{
	if (log == NULL)
		return;
	for (size_t i = 0; i < OPEN_MAX_FILES; i++)
		if (log->fds[i] >= 0)
			close(log->fds[i]);
	/* If it cannot, the next open does. */
	bool returned = room_return(log);
	(void)returned;
	if (log->fd >= 0)
		close(log->fd);
	if (log->dir >= 0)
		close(log->dir);
	(void)pthread_mutex_destroy(&log->mutex);
	blocks_fini(&log->blocks);
	free(log);
}

uint32_t
log_last(const struct log *log)
{
	return log->last;
}

int
log_fd(const struct log *log, uint32_t file)
{
	char name[NAME_BYTES];

	file_name(file, name);
	return openat(log->dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
}

bool
log_size(const struct log *log, uint32_t file, uint64_t *ret_bytes)
{
	char name[NAME_BYTES];
	struct stat st;

	file_name(file, name);
	if (fstatat(log->dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return false;
	*ret_bytes = (uint64_t)st.st_size;
	return true;
}

/* --- appending --------------------------------------------------------- */

static bool
file_next(struct log *log)
{
	char name[NAME_BYTES];

	file_name(log->last + 1, name);
	int fd = openat(
	    log->dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	if (log->fd >= 0)
		close(log->fd);
	log->fd = fd;
	log->end.file = ++log->last;
	log->end.offset = log->room = 0;
	blocks_begin(&log->blocks, fd, -1, 0);
	return fsync(log->dir) == 0;
}

bool
log_settle(struct log *log)
{
	char name[NAME_BYTES];

	if (log->last == 0)
		return true;
	file_name(log->last, name);
	log->fd = openat(log->dir, name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	return log->fd >= 0 && fdatasync(log->fd) == 0;
}

static bool
cut(struct log *log)
{
	struct stat st;

	log->room = log->end.offset;
	if (fstat(log->fd, &st) != 0)
		return false;
	if ((uint64_t)st.st_size == log->end.offset)
		return true;
	return ftruncate(log->fd, (off_t)log->end.offset) == 0 &&
	    fdatasync(log->fd) == 0;
}

static bool
go_on(struct log *log)
{
	if (!cut(log))
		return false;
	int reader = log_fd(log, log->end.file);
	blocks_begin(&log->blocks, log->fd, reader, log->end.offset);
	if (reader >= 0)
		close(reader);
	return true;
}

bool
log_begin(struct log *log, const struct mark *end, bool fresh)
{
	log->end = *end;
	log->safe = end->number;
	if (log->last == 0 || fresh)
		return file_next(log);
	if (end->file < log->last) { /* it was made, and got no frame */
		log->end.file = log->last;
		log->end.offset = 0;
	}
	return go_on(log);
}

const struct mark *
log_end(const struct log *log)
{
	return &log->end;
}

bool
log_sync(struct log *log)
{
	if (log->safe == log->end.number)
		return true;
	if (fdatasync(log->fd) != 0) {
		log->room = 0; /* the file is left as it is */
		return false;
	}
	log->safe = log->end.number;
	return true;
}

/* Where it cannot be had before, each write takes its own. */
static bool
make_room(struct log *log, size_t n)
{
	uint64_t piece =
	    log->file_bytes_max < ROOM_BYTES ? log->file_bytes_max : ROOM_BYTES;
	uint64_t from = log->room,
		 want = (log->end.offset + n + piece - 1) / piece * piece;

	want = block_up(want);
	if (log->end.offset + n <= log->room ||
	    fallocate(log->fd, 0, (off_t)from, (off_t)(want - from)) != 0)
		return true;
	log->room = want;
	bool again = log->filling;
	log->filling = true;
	return !again ||
	    blocks_clear(&log->blocks, log->fd, block_up(from), want);
}

/* In a file that has a successor nothing stands behind the frames. */
static bool
file_turn(struct log *log)
{
	if (!room_return(log) || fdatasync(log->fd) != 0)
		return false;
	log->safe = log->end.number;
	return file_next(log);
}

bool
log_append(
    struct log *log, struct frame *frame, bool durable, struct spot *ret_start)
{
	size_t n = frame->bytes.len;

	if (log->end.offset > 0 && log->end.offset + n > log->file_bytes_max &&
	    !file_turn(log))
		return false;
	uint32_t sum =
	    frame_end(frame, log->end.number + 1, log->safe, log->end.sum);
	if (!durable)
		blocks_stop(&log->blocks, log->fd);
	if (!make_room(log, n) ||
	    !blocks_add(
		&log->blocks, log->fd, frame->bytes.ptr, n, log->end.offset)) {
		log->room = 0; /* the file is left as it is */
		return false;
	}
	*ret_start = (struct spot) { log->end.file, 0, log->end.offset };
	log->end.offset += n;
	if (log->room < log->end.offset)
		log->room = blocks_end(&log->blocks, log->end.offset);
	log->end.number++;
	log->end.sum = sum;
	return !durable || log_sync(log);
}

/* --- reading: [any thread] ---------------------------------------------- */

/* Under the mutex. */
static int
fd_to_read(struct log *log, uint32_t file)
{
	size_t at = file % OPEN_MAX_FILES;

	if (log->fds[at] >= 0 && log->files[at] == file)
		return log->fds[at];
	int fd = log_fd(log, file);
	if (fd < 0)
		return -1;
	if (log->fds[at] >= 0)
		close(log->fds[at]);
	log->fds[at] = fd;
	log->files[at] = file;
	return fd;
}

bool
log_read(struct log *log, const struct spot *spot, struct bytes *ret_bytes)
{
	ssize_t n = -1;

	bytes_clear(ret_bytes);
	if (!bytes_room(ret_bytes, spot->n_bytes)) {
		errno = ENOMEM;
		return false;
	}
	(void)pthread_mutex_lock(&log->mutex);
	int fd = fd_to_read(log, spot->file);
	if (fd >= 0)
		n = pread(
		    fd, ret_bytes->ptr, spot->n_bytes, (off_t)spot->offset);
	int why = errno;
	(void)pthread_mutex_unlock(&log->mutex);
	errno = n < 0 ? why : EBADMSG;
	ret_bytes->len = n < 0 ? 0 : (size_t)n;
	return n == (ssize_t)spot->n_bytes;
}
