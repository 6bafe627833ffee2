/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pairs_open.c - the lock, the index, and the frames it does not know yet.
 *
 * The file in which the index ends is checked from its beginning, later ones
 * wholly.  An index that reaches further than the log says that something of it
 * is gone; one that does not fit to the log is made anew.
 */
#include "pairs_inside.h"

#include "fail.h"
#include "scan.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>

enum { AHEAD_BYTES = 256 << 10 };

struct opening {
	const struct pairs_wish *wish;
	struct pairs *pairs;
	struct scan scan;
	struct mark known; /* the index reaches to here */
	bool met; /* the scan was there */
	uint64_t n_skipped; /* places that were damaged */
	struct aicx_error *reterr;
};

static aicx_err
lock_take(struct pairs *pairs, const char *path, struct aicx_error *reterr)
{
	pairs->lock = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (pairs->lock >= 0 && flock(pairs->lock, LOCK_EX | LOCK_NB) == 0)
		return AICX_OK;
	if (errno == EWOULDBLOCK)
		return fail(reterr, AICX_EIO, "another broker has it open");
	return fail(reterr, AICX_EIO, "%s", strerror(errno));
}

/* --- the index ----------------------------------------------------------- */

static aicx_err
index_open(
    struct opening *opening, const char *scratch, struct aicx_error *reterr)
{
	const struct pairs_wish *wish = opening->wish;

	return derived_open(&opening->pairs->index.level, wish->options,
	    wish->path, "index", scratch, wish->host, wish->self, reterr);
}

/* What is wrong with it is no reason to stop. */
static void
index_renew(struct opening *opening, const char *why)
{
	const struct pairs_wish *wish = opening->wish;
	struct derived *level = &opening->pairs->index.level;
	struct aicx_error error = { 0 };

	derived_close(level);
	opening->known = (struct mark) { 0 };
	if (opening->pairs->failed)
		return; /* all of it in memory then */
	derived_forget(
	    wish->options, wish->path, "index", why, wish->host, wish->self);
	if (index_open(opening, NULL, &error) == AICX_OK)
		return;
	pairs_fail(opening->pairs, wish->path, error.text);
	derived_close(level);
}

static void
index_begin(struct opening *opening)
{
	const struct pairs_wish *wish = opening->wish;
	struct aicx_error error = { 0 };
	aicx_err err = AICX_OK;

	if (wish->lenient) {
		index_renew(opening, NULL);
		return;
	}
	if (index_open(opening, NULL, &error) != AICX_OK) {
		derived_close(&opening->pairs->index.level);
		pairs_fail(opening->pairs, wish->path, error.text);
		(void)index_open(opening, wish->scratch, NULL);
	}
	err = index_mark(&opening->pairs->index, &opening->known, &error);
	if (err != AICX_OK && err != AICX_ENOTFOUND)
		index_renew(opening, error.text);
}

/* --- the log ------------------------------------------------------------- */

static aicx_err
fail_damaged(const struct opening *opening)
{
	return fail(opening->reterr, AICX_EIO,
	    "it is damaged (%08" PRIu32 ".frames from byte %" PRIu64
	    " on, after commit %" PRIu64 ")",
	    opening->scan.mark.file, opening->scan.mark.offset,
	    opening->scan.mark.number);
}

static aicx_err
take_entries(
    struct opening *opening, const struct frame_head *head, const char *frame)
{
	struct pairs *pairs = opening->pairs;
	struct spot spot = { opening->scan.mark.file, 0,
		opening->scan.mark.offset - head->body_bytes };
	const char *at = frame + FRAME_HEAD;
	size_t left = head->body_bytes;
	struct entry entry;

	for (uint32_t i = 0; i < head->n_entries; i++) {
		if (!entry_parse(at, left, &entry))
			return fail_damaged(opening);
		spot.n_bytes = (uint32_t)entry.n_bytes;
		struct aicx_write write = { entry.key, entry.value };
		if (!index_put(&pairs->index, &write, &spot, 1))
			return fail(
			    opening->reterr, AICX_ENOMEM, "out of memory");
		spot.offset += entry.n_bytes;
		at += entry.n_bytes;
		left -= entry.n_bytes;
	}
	struct aicx_error why = { 0 };
	if (!pairs->failed && pairs->index.tail.n >= INDEX_LATER &&
	    index_flush(&pairs->index, &opening->scan.mark, &why) != AICX_OK)
		pairs_fail(pairs, opening->wish->path, why.text);
	return AICX_OK;
}

/* Is the mark of the index where the scan is?  AICX_ESTATE: it does not fit to
   this log. */
static aicx_err
meet(struct opening *opening)
{
	const struct mark *known = &opening->known, *mark = &opening->scan.mark;

	if (mark->file < known->file ||
	    (mark->file == known->file && mark->offset < known->offset))
		return AICX_OK;
	opening->met = true;
	return mark->file == known->file && mark->offset == known->offset &&
		mark->number == known->number && mark->sum == known->sum
	    ? AICX_OK
	    : AICX_ESTATE;
}

/* AICX_ENOTFOUND: that was all. */
static aicx_err
take_frame(struct opening *opening)
{
	struct frame_head head;
	const char *frame = NULL;
	enum scan_found found = scan_next(&opening->scan, &head, &frame);

	if (found == SCAN_DAMAGE && opening->wish->lenient) {
		opening->n_skipped++;
		found = scan_skip(&opening->scan);
		if (found == SCAN_FRAME)
			return AICX_OK;
	}
	switch (found) {
	case SCAN_FRAME:
		return opening->met ? take_entries(opening, &head, frame)
				    : meet(opening);
	case SCAN_END:
	case SCAN_TORN:
		/* What the index knows was on disk. */
		return opening->met ? AICX_ENOTFOUND : fail_damaged(opening);
	case SCAN_DAMAGE:
		return fail_damaged(opening);
	case SCAN_FAILED:
		break;
	}
	return fail(
	    opening->reterr, AICX_EIO, "cannot read it: %s", strerror(errno));
}

static aicx_err
replay(struct opening *opening)
{
	struct mark from = opening->known;
	aicx_err err = AICX_OK;

	opening->met = from.offset == 0;
	if (!opening->met)
		from = (struct mark) { .file = from.file };
	if (from.file > log_last(opening->pairs->log))
		return fail(opening->reterr, AICX_EIO,
		    "it is damaged (%08" PRIu32 ".frames is missing)",
		    from.file);
	scan_begin(&opening->scan, opening->pairs->log, &from, opening->met);
	while (err == AICX_OK)
		err = take_frame(opening);
	if (err == AICX_ENOTFOUND)
		return AICX_OK;
	scan_fini(&opening->scan);
	return err;
}

static aicx_err
replay_all(struct opening *opening)
{
	aicx_err err = replay(opening);

	if (err != AICX_ESTATE)
		return err;
	index_renew(opening, "the index does not belong to this log");
	tail_clear(&opening->pairs->index.tail);
	return replay(opening);
}

/* --- together ------------------------------------------------------------ */

/* Room that was made for frames and not filled. */
static bool
is_room(struct opening *opening, uint64_t size)
{
	static const char zeros[4096];
	uint64_t at = opening->scan.mark.offset;
	size_t n = 0;

	while (at < size) {
		const char *bytes = window_get(
		    &opening->scan.window, at, sizeof zeros, AHEAD_BYTES, &n);
		if (bytes == NULL || n == 0)
			return false;
		if (n > sizeof zeros)
			n = sizeof zeros;
		if (memcmp(bytes, zeros, n) != 0)
			return false;
		at += n;
	}
	return true;
}

static void
note_cut(struct opening *opening)
{
	const struct pairs_wish *wish = opening->wish;
	const struct mark *mark = &opening->scan.mark;
	uint64_t size = 0;
	char text[120];

	if (!log_size(opening->pairs->log, mark->file, &size) ||
	    size <= mark->offset || is_room(opening, size))
		return;
	(void)snprintf(text, sizeof text,
	    "%08" PRIu32 ".frames: %" PRIu64
	    " bytes of a commit that was never finished",
	    mark->file, size - mark->offset);
	wish->host->log(wish->self, AICX_WARN, "store.end_cut", text);
}

/* From here on it is written, if it can be. */
static void
begin(struct opening *opening)
{
	struct pairs *pairs = opening->pairs;
	bool fresh = opening->n_skipped > 0;
	struct spot start;

	if (pairs->failed)
		return;
	if (!fresh)
		note_cut(opening);
	frame_begin(&pairs->frame);
	/* What is damaged stays behind; the index begins to be checked here. */
	if (!log_begin(pairs->log, &opening->scan.mark, fresh) ||
	    (fresh && !log_append(pairs->log, &pairs->frame, true, &start)))
		pairs_fail(pairs, opening->wish->path, strerror(errno));
}

aicx_err
pairs_open(const struct pairs_wish *wish, struct pairs **ret_pairs,
    struct aicx_error *reterr)
{
	struct pairs *pairs = calloc(1, sizeof *pairs);
	struct opening opening = { wish, pairs, .reterr = reterr };

	if (pairs == NULL)
		return fail(reterr, AICX_ENOMEM, "out of memory");
	pairs->lock = -1;
	(void)pthread_mutex_init(&pairs->index.mutex, NULL);
	pairs->index.read = wish->read;
	pairs->index.scan = wish->scan;
	pairs->index.durable = wish->durable;
	aicx_err err = lock_take(pairs, wish->path, reterr);
	if (err == AICX_OK)
		err = log_open(
		    wish->path, wish->file_bytes_max, &pairs->log, reterr);
	if (err == AICX_OK) {
		index_begin(&opening);
		if (!pairs->failed && !log_settle(pairs->log))
			pairs_fail(pairs, wish->path, strerror(errno));
		err = replay_all(&opening);
	}
	if (err == AICX_OK) {
		begin(&opening);
		scan_fini(&opening.scan);
		*ret_pairs = pairs;
		return AICX_OK;
	}
	pairs->failed = true; /* nothing is flushed */
	pairs_close(pairs);
	return err;
}
