/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan.c - frames one after the other, and what it means when one is not whole.
 *
 * A frame is only followed by another when it was finished: so one that is not
 * whole is a torn end when none follows it that was written after it was on
 * disk.  Otherwise it is damage, and nothing is cut.
 */
#include "scan.h"

#include <errno.h>
#include <string.h>

enum { AHEAD = 256 << 10 };

void
scan_begin(struct scan *scan, const struct log *log, const struct mark *mark,
    bool joined)
{
	*scan = (struct scan) { .log = log,
		.mark = *mark,
		.joined = joined,
		.window = { .fd = -1 } };
}

void
scan_fini(struct scan *scan)
{
	window_fini(&scan->window);
}

static bool
file_open(struct scan *scan, uint32_t file)
{
	int fd = log_fd(scan->log, file);

	if (fd < 0 || !log_size(scan->log, file, &scan->size)) {
		window_open(&scan->window, fd);
		return false;
	}
	window_open(&scan->window, fd);
	return true;
}

/* A whole frame at this offset?  SCAN_TORN: none. */
static enum scan_found
frame_at(struct scan *scan, uint64_t offset, struct frame_head *ret_head,
    const char **ret_bytes)
{
	size_t n = 0;
	const char *bytes =
	    window_get(&scan->window, offset, FRAME_HEAD, AHEAD, &n);

	if (bytes == NULL)
		return SCAN_FAILED;
	if (!frame_head_parse(bytes, n, ret_head) ||
	    ret_head->body_bytes > scan->size - offset - FRAME_HEAD)
		return SCAN_TORN;
	size_t whole = FRAME_HEAD + (size_t)ret_head->body_bytes;
	bytes = window_get(&scan->window, offset, whole, AHEAD, &n);
	if (bytes == NULL)
		return SCAN_FAILED;
	if (n < whole || !frame_is_whole(bytes, ret_head))
		return SCAN_TORN;
	*ret_bytes = bytes;
	return SCAN_FRAME;
}

/* The next whole frame from `offset` on in the file that is open. */
static enum scan_found
look_from(struct scan *scan, uint64_t *offset, struct frame_head *ret_head)
{
	const char *bytes;

	while (*offset < scan->size) {
		size_t n = 0;
		bytes =
		    window_get(&scan->window, *offset, FRAME_MAGIC, AHEAD, &n);
		if (bytes == NULL)
			return SCAN_FAILED;
		size_t at = frame_look(bytes, n);
		if (at == n) { /* it may begin at the end of the window */
			if (n < FRAME_MAGIC)
				break;
			*offset += n - FRAME_MAGIC + 1;
			continue;
		}
		*offset += at;
		enum scan_found found =
		    frame_at(scan, *offset, ret_head, &bytes);
		if (found != SCAN_TORN)
			return found;
		*offset += 1;
	}
	return SCAN_END;
}

/* What stands behind the mark is not whole. */
static enum scan_found
judge(struct scan *scan)
{
	struct frame_head head;
	uint64_t offset = scan->mark.offset + 1;

	if (scan->mark.file < log_last(scan->log))
		return SCAN_DAMAGE;
	for (;;) {
		enum scan_found found = look_from(scan, &offset, &head);
		if (found == SCAN_FAILED)
			return SCAN_FAILED;
		if (found == SCAN_END)
			return SCAN_TORN;
		if (!scan->joined || head.safe > scan->mark.number)
			return SCAN_DAMAGE;
		offset++;
	}
}

/* At the end of a file the next one is opened; SCAN_FRAME: there is more. */
static enum scan_found
file_seek(struct scan *scan)
{
	if (scan->mark.file == 0) {
		if (log_last(scan->log) == 0)
			return SCAN_END;
		scan->mark.file = 1;
	}
	if (scan->window.fd < 0 && !file_open(scan, scan->mark.file))
		return SCAN_FAILED;
	if (scan->mark.offset > scan->size)
		return SCAN_DAMAGE;
	while (scan->mark.offset == scan->size) {
		if (scan->mark.file == log_last(scan->log))
			return SCAN_END;
		if (!file_open(scan, scan->mark.file + 1))
			return SCAN_FAILED;
		scan->mark.file++;
		scan->mark.offset = 0;
	}
	return SCAN_FRAME;
}

enum scan_found
scan_next(
    struct scan *scan, struct frame_head *ret_head, const char **ret_bytes)
{
	enum scan_found found = file_seek(scan);

	if (found != SCAN_FRAME)
		return found;
	found = frame_at(scan, scan->mark.offset, ret_head, ret_bytes);
	if (found == SCAN_FAILED)
		return found;
	if (found == SCAN_FRAME && scan->joined &&
	    (ret_head->number != scan->mark.number + 1 ||
		ret_head->prev != scan->mark.sum))
		found = SCAN_TORN;
	if (found != SCAN_FRAME)
		return judge(scan);
	scan->joined = true;
	scan->mark.offset += FRAME_HEAD + (uint64_t)ret_head->body_bytes;
	scan->mark.number = ret_head->number;
	scan->mark.sum = ret_head->sum;
	return SCAN_FRAME;
}

enum scan_found
scan_skip(struct scan *scan)
{
	struct frame_head head;

	scan->joined = false;
	scan->mark.offset++;
	for (;;) {
		if (scan->mark.offset > scan->size)
			scan->mark.offset = scan->size;
		enum scan_found found =
		    look_from(scan, &scan->mark.offset, &head);
		if (found != SCAN_END)
			return found;
		scan->mark.offset = scan->size;
		found = file_seek(scan);
		if (found != SCAN_FRAME)
			return found;
	}
}
