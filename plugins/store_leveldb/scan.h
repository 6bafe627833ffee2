/* SPDX-License-Identifier: Apache-2.0 */
/* scan.h - the frames of a log from one mark on, each checked. */
#ifndef STORE_LEVELDB_SCAN_H
#define STORE_LEVELDB_SCAN_H

#include "log.h"
#include "window.h"

struct scan {
	const struct log *log;
	struct mark mark; /* behind the frame that came last */
	bool joined; /* the next one has to follow it */
	struct window window;
	uint64_t size; /* of the file */
};

enum scan_found {
	SCAN_FRAME,
	SCAN_END,
	SCAN_TORN, /* what lies behind the mark was never finished */
	SCAN_DAMAGE, /* a frame that was whole is not any more, or is missing */
	SCAN_FAILED /* errno says why */
};

/* joined: mark is the end of a frame; else a place at which one begins. */
void scan_begin(struct scan *scan, const struct log *log,
    const struct mark *mark, bool joined);
/* On SCAN_FRAME *ret_bytes has head and body until the next call, and the mark
   is behind it. */
enum scan_found scan_next(
    struct scan *scan, struct frame_head *ret_head, const char **ret_bytes);
/* After damage: goes to the next frame that is whole, SCAN_FRAME or
   SCAN_END or SCAN_FAILED; the next scan_next() returns it. */
enum scan_found scan_skip(struct scan *scan);
void scan_fini(struct scan *scan);

#endif
