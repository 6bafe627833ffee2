/* SPDX-License-Identifier: Apache-2.0 */
/*
 * migrate.c - a store of an older form, in which LevelDB had the values.
 *
 * LevelDB's file CURRENT says that the old files count.  When all keys are in
 * the new ones and on disk, one rename puts a text in its place that no LevelDB
 * takes: so a broker of the older form refuses the folder, and does not begin a
 * new store beside the records.  Until then the new files are begun again.
 */
#include "migrate.h"

#include "fail.h"
#include "folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What LevelDB then says: "CURRENT points to a non-existent file: ...". */
static const char mark[] = "a-store-of-a-newer-broker\n";
static const char old_start[] = "MANIFEST-";

static void
path_of(const struct pairs_wish *wish, const char *name, char ret[PATH_MAX])
{
	(void)snprintf(ret, PATH_MAX, "%s/%s", wish->path, name);
}

/* Its beginning; empty when it is not there. */
static void
current_read(const struct pairs_wish *wish, char *ret_text, size_t size)
{
	char path[PATH_MAX];
	ssize_t n = -1;

	path_of(wish, "CURRENT", path);
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0)
		n = read(fd, ret_text, size - 1);
	if (fd >= 0)
		close(fd);
	ret_text[n > 0 ? n : 0] = '\0';
}

/* The folder is of today's form from now on. */
static aicx_err
mark_write(const struct pairs_wish *wish, struct aicx_error *reterr)
{
	char early[PATH_MAX], path[PATH_MAX];
	const size_t n = sizeof mark - 1;

	path_of(wish, "CURRENT.new", early);
	path_of(wish, "CURRENT", path);
	int fd = open(early, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool good = fd >= 0 && write(fd, mark, n) == (ssize_t)n &&
	    fsync(fd) == 0 && rename(early, path) == 0 &&
	    folder_sync(wish->path);
	int why = errno;
	if (fd >= 0)
		close(fd);
	return good ? AICX_OK
		    : fail(reterr, AICX_EIO, "cannot write \"%s\": %s", path,
			  strerror(why));
}

static bool
has_end(const char *name, const char *end)
{
	size_t n = strlen(name), n_end = strlen(end);

	return n > n_end && strcmp(name + n - n_end, end) == 0;
}

static bool
is_new(const char *name)
{
	return has_end(name, ".frames");
}

static bool
is_old(const char *name)
{
	return has_end(name, ".ldb") || has_end(name, ".sst") ||
	    has_end(name, ".log") || has_end(name, ".dbtmp") ||
	    strncmp(name, "MANIFEST-", 9) == 0 || strcmp(name, "LOCK") == 0 ||
	    strcmp(name, "LOG") == 0 || strcmp(name, "LOG.old") == 0;
}

static void
remove_files(const char *path, bool (*is_one)(const char *name))
{
	DIR *dir = opendir(path);
	const struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL)
		if (is_one(entry->d_name))
			(void)unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir != NULL)
		closedir(dir);
}

static aicx_err
take_all(leveldb_t *old, const struct pairs_wish *wish, struct pairs *pairs,
    struct aicx_error *reterr)
{
	leveldb_iterator_t *iter = leveldb_create_iterator(old, wish->scan);
	char *why = NULL;
	aicx_err err = AICX_OK;

	leveldb_iter_seek_to_first(iter);
	for (; err == AICX_OK && leveldb_iter_valid(iter);
	     leveldb_iter_next(iter)) {
		struct aicx_write write;
		write.key.ptr = leveldb_iter_key(iter, &write.key.len);
		write.value.ptr = leveldb_iter_value(iter, &write.value.len);
		err = pairs_commit(pairs, &write, 1, false, reterr);
	}
	if (err == AICX_OK)
		leveldb_iter_get_error(iter, &why);
	leveldb_iter_destroy(iter);
	if (why != NULL)
		return fail_with(reterr, "cannot read its older form", why);
	return err != AICX_OK ? err
			      : pairs_commit(pairs, NULL, 0, true, reterr);
}

static aicx_err
take_over(
    leveldb_t *old, const struct pairs_wish *wish, struct aicx_error *reterr)
{
	struct pairs *pairs = NULL;
	struct aicx_error why = { 0 };
	char index[PATH_MAX];

	(void)snprintf(index, sizeof index, "%s/index", wish->path);
	folder_drop(index);
	remove_files(wish->path, is_new);
	aicx_err err = pairs_open(wish, &pairs, &why);
	if (err == AICX_OK && pairs_failure(pairs) != NULL)
		err = fail(&why, AICX_EIO, "%s", pairs_failure(pairs));
	if (err == AICX_OK)
		err = take_all(old, wish, pairs, &why);
	pairs_close(pairs);
	if (err == AICX_OK && !folder_sync(wish->path))
		err = fail(&why, AICX_EIO, "%s", strerror(errno));
	if (err != AICX_OK)
		return fail(reterr, err,
		    "it is of an older form and cannot be taken over: %s",
		    why.text);
	return AICX_OK;
}

/* Says in an operator's words what LevelDB says in its own; takes `why`. */
static aicx_err
old_fail(char *why, struct aicx_error *reterr)
{
	const char *what = strncmp(why, "IO error: lock ", 15) == 0
	    ? "another broker has it open"
	    : strncmp(why, "Corruption", 10) == 0 ? "it is damaged"
						  : "it is of an older form";
	aicx_err err = fail(reterr, AICX_EIO, "%s (%s)", what, why);

	leveldb_free(why);
	return err;
}

static aicx_err
take_over_old(const struct pairs_wish *wish, struct aicx_error *reterr)
{
	char *why = NULL;
	leveldb_t *old = leveldb_open(wish->options, wish->path, &why);

	if (why != NULL)
		return old_fail(why, reterr);
	aicx_err err = take_over(old, wish, reterr);
	leveldb_close(old);
	if (err == AICX_OK)
		err = mark_write(wish, reterr);
	if (err != AICX_OK)
		return err;
	remove_files(wish->path, is_old);
	wish->host->log(wish->self, AICX_INFO, "store.taken_over",
	    "the store was of an older form");
	return AICX_OK;
}

aicx_err
migrate(const struct pairs_wish *wish, struct aicx_error *reterr)
{
	char current[64];

	current_read(wish, current, sizeof current);
	if (strcmp(current, mark) == 0)
		return AICX_OK;
	if (strncmp(current, old_start, strlen(old_start)) == 0)
		return take_over_old(wish, reterr);
	return mark_write(wish, reterr);
}
