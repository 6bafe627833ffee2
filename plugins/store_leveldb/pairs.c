/* SPDX-License-Identifier: Apache-2.0 */
/* pairs.c - committing and reading; pairs_open.c opens them. */
#include "pairs_inside.h"

#include "fail.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	FRAME_BYTES_MAX = 1 << 30,
	AHEAD_BYTES = 64 << 10,
	/* So much is read again at most after a crash. */
	LATER_BYTES = 32 << 20
};

void
pairs_fail(struct pairs *pairs, const char *what, const char *why)
{
	if (pairs->failed)
		return;
	(void)snprintf(
	    pairs->why, sizeof pairs->why, "%.40s: %.110s", what, why);
	pairs->failed = true;
}

const char *
pairs_failure(const struct pairs *pairs)
{
	return pairs->failed ? pairs->why : NULL;
}

void
pairs_close(struct pairs *pairs)
{
	if (pairs == NULL)
		return;
	/* So that the next open has nothing to read again. */
	if (!pairs->failed && pairs->index.tail.n > 0 && log_sync(pairs->log))
		(void)index_flush(&pairs->index, log_end(pairs->log), NULL);
	log_close(pairs->log);
	derived_close(&pairs->index.level);
	tail_fini(&pairs->index.tail);
	(void)pthread_mutex_destroy(&pairs->index.mutex);
	frame_fini(&pairs->frame);
	free(pairs->spots);
	if (pairs->lock >= 0)
		close(pairs->lock);
	free(pairs);
}

/* --- writing ------------------------------------------------------------ */

static aicx_err
commit_fail(struct pairs *pairs, const char *what, const char *why,
    struct aicx_error *reterr)
{
	pairs_fail(pairs, what, why);
	return fail(reterr, AICX_EIO, "%s", pairs->why);
}

/* The frame, and where in it each entry lies. */
static aicx_err
make_frame(struct pairs *pairs, const struct aicx_write *writes, size_t n,
    struct aicx_error *reterr)
{
	uint64_t n_bytes = 0;

	for (size_t i = 0; i < n; i++)
		n_bytes += ENTRY_HEAD + (uint64_t)writes[i].key.len +
		    (writes[i].value.ptr != NULL ? writes[i].value.len : 0);
	if (n_bytes > FRAME_BYTES_MAX)
		return fail(reterr, AICX_ELIMIT,
		    "cannot commit %" PRIu64 " bytes at once", n_bytes);
	if (n > pairs->cap_spots) {
		free(pairs->spots);
		pairs->spots = calloc(n, 2 * sizeof *pairs->spots);
		pairs->cap_spots = pairs->spots != NULL ? 2 * n : 0;
	}
	frame_begin(&pairs->frame);
	if (pairs->cap_spots < n ||
	    !bytes_room(&pairs->frame.bytes, FRAME_HEAD + (size_t)n_bytes))
		return fail(reterr, AICX_ENOMEM, "out of memory");
	for (size_t i = 0; i < n; i++) {
		size_t len;
		size_t at = frame_put(&pairs->frame, &writes[i], &len);
		pairs->spots[i] = (struct spot) { 0, (uint32_t)len, at };
	}
	return pairs->frame.bytes.failed
	    ? fail(reterr, AICX_ENOMEM, "out of memory")
	    : AICX_OK;
}

/* Rarely, and many keys at once. */
static aicx_err
index_when_due(struct pairs *pairs, struct aicx_error *reterr)
{
	if (pairs->index.tail.n < INDEX_LATER && pairs->later < LATER_BYTES)
		return AICX_OK;
	pairs->later = 0;
	if (!log_sync(pairs->log))
		return commit_fail(
		    pairs, "cannot sync the store", strerror(errno), reterr);
	struct aicx_error why = { 0 };
	if (index_flush(&pairs->index, log_end(pairs->log), &why) != AICX_OK)
		return commit_fail(pairs, "cannot keep", why.text, reterr);
	return AICX_OK;
}

aicx_err
pairs_commit(struct pairs *pairs, const struct aicx_write *writes,
    size_t n_writes, bool durable, struct aicx_error *reterr)
{
	struct spot start;

	if (n_writes == 0)
		return !durable || log_sync(pairs->log)
		    ? AICX_OK
		    : commit_fail(pairs, "cannot sync the store",
			  strerror(errno), reterr);
	aicx_err err = make_frame(pairs, writes, n_writes, reterr);
	if (err != AICX_OK)
		return err;
	if (!log_append(pairs->log, &pairs->frame, durable, &start))
		return commit_fail(pairs, "cannot write to the store",
		    strerror(errno), reterr);
	for (size_t i = 0; i < n_writes; i++) {
		pairs->spots[i].file = start.file;
		pairs->spots[i].offset += start.offset;
	}
	if (!index_put(&pairs->index, writes, pairs->spots, n_writes))
		return commit_fail(pairs, "cannot keep what was written",
		    "out of memory", reterr);
	pairs->later += pairs->frame.bytes.len;
	return index_when_due(pairs, reterr);
}

/* --- reading: [any thread] ----------------------------------------------- */

static aicx_err
fail_spot(const struct spot *spot, struct aicx_error *reterr)
{
	return fail(reterr, AICX_EIO,
	    "cannot read a key: %08" PRIu32 ".frames at byte %" PRIu64 ": %s",
	    spot->file, spot->offset,
	    errno == EBADMSG ? "it is damaged" : strerror(errno));
}

/* The entry at the spot is whole, and of this key. */
static bool
entry_is(
    struct aicx_str key, const char *bytes, size_t n, struct entry *ret_entry)
{
	errno = EBADMSG;
	return entry_parse(bytes, n, ret_entry) &&
	    ret_entry->value.ptr != NULL &&
	    key_compare(ret_entry->key, key) == 0;
}

aicx_err
pairs_get(struct pairs *pairs, struct aicx_str key, aicx_pair_fn *fn, void *arg,
    struct aicx_error *reterr)
{
	struct bytes bytes = { NULL };
	struct entry entry;
	struct spot spot;
	aicx_err err = index_find(&pairs->index, key, &spot, reterr);

	if (err != AICX_OK)
		return err;
	if (log_read(pairs->log, &spot, &bytes) &&
	    entry_is(key, bytes.ptr, bytes.len, &entry))
		fn(key, entry.value, arg);
	else
		err = fail_spot(&spot, reterr);
	bytes_fini(&bytes);
	return err;
}

static bool
window_entry(const struct pairs *pairs, struct window *window, uint32_t *file,
    const struct found *found, size_t ahead, struct entry *ret_entry)
{
	const struct spot *spot = &found->spot;
	size_t n = 0;

	if (window->fd < 0 || *file != spot->file) {
		window_open(window, log_fd(pairs->log, spot->file));
		if (window->fd < 0)
			return false;
		*file = spot->file;
	}
	const char *bytes =
	    window_get(window, spot->offset, spot->n_bytes, ahead, &n);
	return bytes != NULL && entry_is(found->key, bytes, n, ret_entry);
}

aicx_err
pairs_range(struct pairs *pairs, struct aicx_str from, struct aicx_str to,
    bool down, aicx_pair_fn *fn, void *arg, struct aicx_error *reterr)
{
	struct window window = { .fd = -1 };
	struct cursor cursor;
	struct found found;
	uint32_t file = 0;
	bool more = true;
	aicx_err err =
	    cursor_begin(&cursor, &pairs->index, from, to, down, reterr);

	if (err != AICX_OK)
		return err;
	while (more) {
		struct entry entry;
		err = cursor_next(&cursor, &found, reterr);
		if (err != AICX_OK)
			break;
		if (!window_entry(pairs, &window, &file, &found,
			down ? 0 : AHEAD_BYTES, &entry)) {
			err = fail_spot(&found.spot, reterr);
			break;
		}
		more = fn(found.key, entry.value, arg) == 0;
	}
	cursor_fini(&cursor);
	window_fini(&window);
	return err == AICX_ENOTFOUND ? AICX_OK : err;
}
