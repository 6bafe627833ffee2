/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log.h - the files that hold every commit, one frame after the other:
 * 00000001.frames and so on in the store's folder, a new one when the last is
 * large enough.
 *
 * Frames are only appended.  A write or sync that failed is never tried
 * again; that is the caller's part.
 */
#ifndef STORE_LEVELDB_LOG_H
#define STORE_LEVELDB_LOG_H

#include "frame.h"

#include <stdbool.h>

struct log;

struct spot { /* of an entry */
	uint32_t file, n_bytes;
	uint64_t offset;
};

struct mark { /* the end of a frame; zeroed: before the first */
	uint32_t file, sum;
	uint64_t offset, number;
};

/* Looks which files there are; makes none.  AICX_EIO: one is missing. */
aicx_err log_open(const char *path, uint64_t file_bytes_max,
    struct log **ret_log, struct aicx_error *reterr);
void log_close(struct log *log); /* NULL is legal */
uint32_t log_last(const struct log *log); /* file; 0: there is none */
/* The size of a file; false: errno says why. */
bool log_size(const struct log *log, uint32_t file, uint64_t *ret_bytes);
int log_fd(const struct log *log, uint32_t file); /* to read; -1: errno */
/* What a killed process wrote is on disk when this returns.  false: errno. */
bool log_settle(struct log *log);
/* Then: where the next frame comes; what lies behind is cut off, or left and a
   new file begun when `fresh`.  false: errno says why. */
bool log_begin(struct log *log, const struct mark *end, bool fresh);
const struct mark *log_end(const struct log *log);

/* [writer thread] The frame's number, place and sum are filled in; durable: it
   is on disk with its name when this returns.  *ret_start: where it begins.
   false: errno says why, and what reached the disk is unknown. */
bool log_append(
    struct log *log, struct frame *frame, bool durable, struct spot *ret_start);
bool log_sync(struct log *log); /* all of it; [writer thread], as above */
/* [any thread] The bytes of an entry.  false: errno says why, EBADMSG: they are
   not there. */
bool log_read(
    struct log *log, const struct spot *spot, struct bytes *ret_bytes);

#endif
