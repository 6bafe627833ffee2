/* SPDX-License-Identifier: Apache-2.0 */
/*
 * index.h - where in the log the value of each key is.
 *
 * Most of it lies in a LevelDB, the folder "index" of the store's own; what
 * came since its last batch is in memory, and is read from the log again at the
 * next open.  A batch names the frame it reaches to, so the LevelDB can be made
 * anew from the log at any time.
 */
#ifndef STORE_LEVELDB_INDEX_H
#define STORE_LEVELDB_INDEX_H

#include "derived.h"
#include "tail.h"

#include <pthread.h>

enum { INDEX_LATER = 4096 /* keys in memory, then they go into a batch */ };

struct index {
	struct derived level; /* db == NULL: all is in memory */
	leveldb_readoptions_t *read, *scan; /* borrowed */
	leveldb_writeoptions_t *durable;
	pthread_mutex_t mutex; /* of the tail */
	struct tail tail;
};

/* Keys in order, as they were when it began. */
struct cursor {
	struct index *index;
	struct tail tail;
	size_t
	    next; /* the tail's item that comes next; descending: behind it */
	leveldb_iterator_t *iter; /* NULL: there is none */
	struct aicx_str from, to;
	bool down;
	bool borrowed; /* the iterator is still at the key found last */
};

struct found {
	struct aicx_str key; /* until the next step */
	struct spot spot;
};

/* The mark of its last batch; AICX_ENOTFOUND: it has none. */
aicx_err index_mark(
    struct index *index, struct mark *ret_mark, struct aicx_error *reterr);
/* [any thread] AICX_ENOTFOUND. */
aicx_err index_find(struct index *index, struct aicx_str key,
    struct spot *ret_spot, struct aicx_error *reterr);
/* [writer thread] The entries are in the log; all of them are found from now
   on. false: out of memory. */
bool index_put(struct index *index, const struct aicx_write *writes,
    const struct spot *spots, size_t n);
/* [writer thread] All that is in memory goes into a batch, synced; mark is
   where the log has been synced to. */
aicx_err index_flush(
    struct index *index, const struct mark *mark, struct aicx_error *reterr);

/* [any thread] As the store's range; from and to are borrowed for its life. */
aicx_err cursor_begin(struct cursor *cursor, struct index *index,
    struct aicx_str from, struct aicx_str to, bool down,
    struct aicx_error *reterr);
/* AICX_ENOTFOUND: there are no more. */
aicx_err cursor_next(
    struct cursor *cursor, struct found *ret_found, struct aicx_error *reterr);
void cursor_fini(struct cursor *cursor);

#endif
