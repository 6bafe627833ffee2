/* SPDX-License-Identifier: Apache-2.0 */
/*
 * backup.c - a copy of an open store, of one moment, while it is written.
 *
 * An iterator of LevelDB sees the keys as they were when it was made.  The copy
 * grows under another name ("PATH.part") and gets its own when all of it is on
 * disk, so half a copy is never taken for one.
 */
#include "backup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BATCH_BYTES = 1 << 20, PATH_BYTES = 4096 };

struct copy {
	leveldb_t *to;
	leveldb_writeoptions_t *cached, *durable;
	leveldb_writebatch_t *batch;
	size_t n_bytes; /* in the batch */
	char *why; /* the first failure; LevelDB's memory */
	const atomic_bool *stop;
};

__attribute__((format(printf, 3, 4))) static aicx_err
fail(struct aicx_error *reterr, aicx_err code, const char *fmt, ...)
{
	va_list args;

	if (reterr == NULL)
		return code;
	memset(reterr, 0, sizeof *reterr);
	reterr->code = code;
	va_start(args, fmt);
	vsnprintf(reterr->text, sizeof reterr->text, fmt, args);
	va_end(args);
	return code;
}

static bool
folder_sync(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool good = fd >= 0 && fsync(fd) == 0;
	int why = errno;

	if (fd >= 0)
		close(fd);
	errno = why;
	return good;
}

static void
copy_flush(struct copy *copy, const leveldb_writeoptions_t *how)
{
	if (copy->why == NULL)
		leveldb_write(copy->to, how, copy->batch, &copy->why);
	leveldb_writebatch_clear(copy->batch);
	copy->n_bytes = 0;
}

static void
copy_all(struct copy *copy, leveldb_iterator_t *iter)
{
	leveldb_iter_seek_to_first(iter);
	for (; copy->why == NULL && leveldb_iter_valid(iter) &&
	     !atomic_load(copy->stop);
	     leveldb_iter_next(iter)) {
		size_t key_len, value_len;
		const char *key = leveldb_iter_key(iter, &key_len);
		const char *value = leveldb_iter_value(iter, &value_len);
		leveldb_writebatch_put(
		    copy->batch, key, key_len, value, value_len);
		copy->n_bytes += key_len + value_len;
		if (copy->n_bytes >= BATCH_BYTES)
			copy_flush(copy, copy->cached);
	}
	if (copy->why == NULL)
		leveldb_iter_get_error(iter, &copy->why);
	/* Tables are synced by LevelDB as it makes them; this is the log. */
	copy_flush(copy, copy->durable);
}

/* Takes all keys into a new store of that name and closes it. */
static aicx_err
copy_into(leveldb_t *db, const leveldb_readoptions_t *read,
    const leveldb_options_t *options, const char *path, const atomic_bool *stop,
    struct aicx_error *reterr)
{
	struct copy copy = { .to = NULL, .stop = stop };
	aicx_err err = AICX_OK;

	copy.to = leveldb_open(options, path, &copy.why);
	copy.cached = leveldb_writeoptions_create();
	copy.durable = leveldb_writeoptions_create();
	leveldb_writeoptions_set_sync(copy.durable, 1);
	copy.batch = leveldb_writebatch_create();
	if (copy.why == NULL) {
		leveldb_iterator_t *iter = leveldb_create_iterator(db, read);
		copy_all(&copy, iter);
		leveldb_iter_destroy(iter);
	}
	if (copy.to != NULL)
		leveldb_close(copy.to);
	if (copy.why != NULL)
		err = fail(reterr, AICX_EIO, "cannot write the copy \"%s\": %s",
		    path, copy.why);
	else if (atomic_load(stop))
		err = fail(reterr, AICX_EIO,
		    "the store closed before the copy \"%s\" was whole", path);
	leveldb_free(copy.why);
	leveldb_writebatch_destroy(copy.batch);
	leveldb_writeoptions_destroy(copy.cached);
	leveldb_writeoptions_destroy(copy.durable);
	return err;
}

static void
drop(const leveldb_options_t *options, const char *path)
{
	char *why = NULL;

	leveldb_destroy_db(options, path, &why);
	leveldb_free(why);
	(void)rmdir(path);
}

static aicx_err
prepare(const leveldb_options_t *options, const char *path, const char *part,
    char ret_above[PATH_BYTES], struct aicx_error *reterr)
{
	struct stat st;
	char *slash;

	snprintf(ret_above, PATH_BYTES, "%s", path);
	slash = strrchr(ret_above, '/');
	if (slash == NULL)
		snprintf(ret_above, PATH_BYTES, ".");
	else if (slash != ret_above)
		*slash = '\0';
	if (mkdir(ret_above, 0700) != 0 && errno != EEXIST)
		return fail(reterr, AICX_EIO, "cannot create \"%s\": %s",
		    ret_above, strerror(errno));
	if (lstat(path, &st) == 0)
		return fail(
		    reterr, AICX_EEXIST, "\"%s\" is there already", path);
	drop(options, part); /* of a copy that was cut short */
	if (mkdir(part, 0700) != 0)
		return fail(reterr, AICX_EIO, "cannot create \"%s\": %s", part,
		    strerror(errno));
	return AICX_OK;
}

aicx_err
backup_copy(leveldb_t *db, const leveldb_readoptions_t *read,
    const leveldb_options_t *options, const char *path, const atomic_bool *stop,
    struct aicx_error *reterr)
{
	char part[PATH_BYTES], above[PATH_BYTES];

	if (snprintf(part, sizeof part, "%s.part", path) >= (int)sizeof part)
		return fail(
		    reterr, AICX_EINVAL, "name of the copy is too long");
	aicx_err err = prepare(options, path, part, above, reterr);
	if (err != AICX_OK)
		return err;
	err = copy_into(db, read, options, part, stop, reterr);
	if (err == AICX_OK &&
	    (!folder_sync(part) || rename(part, path) != 0 ||
		!folder_sync(above)))
		err = fail(reterr, AICX_EIO, "cannot keep the copy \"%s\": %s",
		    path, strerror(errno));
	if (err != AICX_OK)
		drop(options, part);
	return err;
}
