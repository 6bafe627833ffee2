/* SPDX-License-Identifier: Apache-2.0 */
/*
 * backup.c - a copy of an open store, of one moment, while it is written.
 *
 * A range sees the keys as they were when it began.  The copy grows under
 * another name ("PATH.part") and gets its own when all of it is on disk, so
 * half a copy is never taken for one.  What was overwritten or deleted is not
 * in it.
 */
#include "backup.h"

#include "fail.h"
#include "folder.h"
#include "migrate.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES = 4096 };

struct copy {
	struct pairs *to;
	const atomic_bool *stop;
	struct aicx_error why;
	aicx_err err;
};

static int
on_pair(struct aicx_str key, struct aicx_str value, void *arg)
{
	struct copy *copy = arg;
	struct aicx_write write = { key, value };

	copy->err = pairs_commit(copy->to, &write, 1, false, &copy->why);
	return copy->err != AICX_OK || atomic_load(copy->stop);
}

/* Takes all keys into a new store of that name and closes it. */
static aicx_err
copy_into(struct pairs *pairs, const struct pairs_wish *wish, const char *path,
    const atomic_bool *stop, struct aicx_error *reterr)
{
	struct aicx_str none = { NULL, 0 };
	struct copy copy = { .stop = stop };
	struct pairs_wish to = *wish;

	to.path = path;
	copy.err = migrate(&to, &copy.why); /* it gets its mark */
	if (copy.err == AICX_OK)
		copy.err = pairs_open(&to, &copy.to, &copy.why);
	if (copy.err == AICX_OK) {
		aicx_err err = pairs_range(
		    pairs, none, none, false, on_pair, &copy, &copy.why);
		if (copy.err == AICX_OK)
			copy.err = err;
	}
	if (copy.err == AICX_OK)
		copy.err = pairs_commit(copy.to, NULL, 0, true, &copy.why);
	pairs_close(copy.to);
	if (copy.err != AICX_OK)
		return fail(reterr, AICX_EIO,
		    "cannot write the copy \"%s\": %s", path, copy.why.text);
	if (atomic_load(stop))
		return fail(reterr, AICX_EIO,
		    "the store closed before the copy \"%s\" was whole", path);
	return AICX_OK;
}

static aicx_err
prepare(const char *path, const char *part, char ret_above[PATH_BYTES],
    struct aicx_error *reterr)
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
	folder_drop(part); /* of a copy that was cut short */
	if (mkdir(part, 0700) != 0)
		return fail(reterr, AICX_EIO, "cannot create \"%s\": %s", part,
		    strerror(errno));
	return AICX_OK;
}

aicx_err
backup_copy(struct pairs *pairs, const struct pairs_wish *wish,
    const char *path, const atomic_bool *stop, struct aicx_error *reterr)
{
	char part[PATH_BYTES], above[PATH_BYTES];

	if (snprintf(part, sizeof part, "%s.part", path) >= (int)sizeof part)
		return fail(
		    reterr, AICX_EINVAL, "name of the copy is too long");
	aicx_err err = prepare(path, part, above, reterr);
	if (err != AICX_OK)
		return err;
	err = copy_into(pairs, wish, part, stop, reterr);
	if (err == AICX_OK &&
	    (!folder_sync(part) || rename(part, path) != 0 ||
		!folder_sync(above)))
		err = fail(reterr, AICX_EIO, "cannot keep the copy \"%s\": %s",
		    path, strerror(errno));
	if (err != AICX_OK)
		folder_drop(part);
	return err;
}
