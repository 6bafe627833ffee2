/* SPDX-License-Identifier: Apache-2.0 */
/* archive.h - a folder of audit files, each named by its records and the day of
 * the last: audit-<first>-<last>-<days after 1970>.jsonl.gz */
#ifndef CLI_ARCHIVE_H
#define CLI_ARCHIVE_H

#include "base/buf.h"

enum { ARCHIVE_DAY_MS = 86400000 };

struct segment {
	int64_t first, last, day;
};

struct archive {
	const char *folder;
	struct segment newest; /* zeros: it is empty */
	int64_t n_new, n_gone;
};

/* Finds the newest. */
aicx_err archive_look(struct archive *archive, struct aicx_error *reterr);
/* Where a segment lies; NULL: one that is being written. */
void archive_path(const struct archive *archive, const struct segment *segment,
    struct buf *ret_path);
/* Takes away what ended before that day; never the newest, from which the next
   one goes on. */
aicx_err archive_prune(
    struct archive *archive, int64_t before_ms, struct aicx_error *reterr);

#endif
