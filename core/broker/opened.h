/* SPDX-License-Identifier: Apache-2.0 */
/* opened.h - a record read back, and where the records of a time begin. */
#ifndef BROKER_OPENED_H
#define BROKER_OPENED_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"

struct journal;

struct opened { /* begins zeroed; opened_close() also after a failure */
	struct buf text;
	struct arena mem;
	struct json doc;
	int64_t at_ms;
};

aicx_err opened_read(struct journal *journal, uint64_t seq,
    struct opened *record, struct aicx_error *reterr);
void opened_close(struct opened *record);
/* The first below `end` that is not older than this, or `end`.  Times never
   fall, so it takes as many looks as their number has bits. */
aicx_err opened_seek(struct journal *journal, int64_t at_ms, uint64_t end,
    uint64_t *ret_seq, struct aicx_error *reterr);

#endif
