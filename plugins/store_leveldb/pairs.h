/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pairs.h - keys and values: each commit a frame at the end of a log, found by
 * an index that can be made anew.
 */
#ifndef STORE_LEVELDB_PAIRS_H
#define STORE_LEVELDB_PAIRS_H

#include "index.h"

#include <aiconexus/host.h>

struct pairs_wish { /* borrowed for the pairs' life */
	const char *path;
	const char *scratch; /* for reading what cannot be written */
	uint64_t file_bytes_max;
	bool lenient; /* leaves out what is damaged */
	leveldb_options_t *options;
	leveldb_readoptions_t *read, *scan;
	leveldb_writeoptions_t *durable;
	const struct aicx_host *host;
	struct aicx_self *self;
};

struct pairs;

/* The folder is there.  AICX_EIO: damage, or another one has it open.  When it
   can only be read, pairs_failure() says why. */
aicx_err pairs_open(const struct pairs_wish *wish, struct pairs **ret_pairs,
    struct aicx_error *reterr);
/* NULL: it can be written. */
const char *pairs_failure(const struct pairs *pairs);
void pairs_close(struct pairs *pairs); /* NULL is legal */

/* [any thread] get and range of the store. */
aicx_err pairs_get(struct pairs *pairs, struct aicx_str key, aicx_pair_fn *fn,
    void *arg, struct aicx_error *reterr);
aicx_err pairs_range(struct pairs *pairs, struct aicx_str from,
    struct aicx_str to, bool down, aicx_pair_fn *fn, void *arg,
    struct aicx_error *reterr);
/* [writer thread] After AICX_EIO nothing is known of the disk, and
   pairs_failure() says why: do not call it again.  AICX_ELIMIT: nothing was
   written. */
aicx_err pairs_commit(struct pairs *pairs, const struct aicx_write *writes,
    size_t n_writes, bool durable, struct aicx_error *reterr);

#endif
