/* SPDX-License-Identifier: Apache-2.0 */
/* archive.c - what is in an archive, and what has been there for too long. */
#include "cli/archive.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/str.h"

/* The number before `end`; *text is what follows. */
static bool
number_before(struct aicx_str *text, char end, int64_t *ret)
{
	struct aicx_str rest;
	struct aicx_str number = str_cut(*text, end, &rest);

	*text = rest;
	return rest.ptr != NULL && number.len > 0 && number.len <= 12 &&
	    number.ptr[0] != '-' && str_int(number, ret);
}

static bool
segment_parse(const char *name, struct segment *ret)
{
	struct aicx_str text = str_of(name);

	if (!str_starts(text, "audit-"))
		return false;
	text.ptr += 6;
	text.len -= 6;
	return number_before(&text, '-', &ret->first) &&
	    number_before(&text, '-', &ret->last) &&
	    number_before(&text, '.', &ret->day) && str_is(text, "jsonl.gz");
}

typedef aicx_err segment_fn(struct archive *archive,
    const struct segment *segment, int64_t day, struct aicx_error *reterr);

static aicx_err
walk(struct archive *archive, segment_fn *fn, int64_t day,
    struct aicx_error *reterr)
{
	DIR *dir = opendir(archive->folder);
	struct segment segment;
	struct dirent *entry;
	aicx_err err = AICX_OK;

	if (dir == NULL)
		return err_set(reterr, AICX_ENOTFOUND,
		    "cannot open the archive \"%s\": %s", archive->folder,
		    strerror(errno));
	while (err == AICX_OK && (entry = readdir(dir)) != NULL)
		if (segment_parse(entry->d_name, &segment))
			err = fn(archive, &segment, day, reterr);
	(void)closedir(dir);
	return err;
}

static aicx_err
look_at(struct archive *archive, const struct segment *segment, int64_t day,
    struct aicx_error *reterr)
{
	(void)day;
	(void)reterr;
	if (segment->last > archive->newest.last)
		archive->newest = *segment;
	return AICX_OK;
}

aicx_err
archive_look(struct archive *archive, struct aicx_error *reterr)
{
	return walk(archive, look_at, 0, reterr);
}

void
archive_path(const struct archive *archive, const struct segment *segment,
    struct buf *ret_path)
{
	if (segment == NULL)
		buf_printf(ret_path, "%s/new.jsonl.gz", archive->folder);
	else
		buf_printf(ret_path,
		    "%s/audit-%012" PRId64 "-%012" PRId64 "-%06" PRId64
		    ".jsonl.gz",
		    archive->folder, segment->first, segment->last,
		    segment->day);
}

static aicx_err
take_away(struct archive *archive, const struct segment *segment, int64_t day,
    struct aicx_error *reterr)
{
	struct buf path = { 0 };
	aicx_err err = AICX_OK;

	if (segment->day >= day || segment->last == archive->newest.last)
		return AICX_OK;
	archive_path(archive, segment, &path);
	if (unlink(buf_cstr(&path)) != 0)
		err = err_set(reterr, AICX_EIO, "cannot remove \"%s\": %s",
		    buf_cstr(&path), strerror(errno));
	else
		archive->n_gone++;
	buf_fini(&path);
	return err;
}

aicx_err
archive_prune(
    struct archive *archive, int64_t before_ms, struct aicx_error *reterr)
{
	return walk(archive, take_away, before_ms / ARCHIVE_DAY_MS, reterr);
}
