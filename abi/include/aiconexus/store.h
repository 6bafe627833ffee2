/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store.h - the store kind: ordered keys and one atomic commit.
 *
 * Keys order by memcmp().  get and range see every commit that returned.
 * After a crash what is left is what some number of the first commits wrote:
 * no commit survives an earlier one that did not.
 */
#ifndef AICX_STORE_H
#define AICX_STORE_H

#include "types.h"

enum aicx_durability {
	AICX_CACHED = 1, /* survives the process, perhaps not the machine */
	AICX_DURABLE = 2 /* on disk when commit() returns, names included */
};

struct aicx_write {
	struct aicx_str key;
	struct aicx_str value; /* ptr == NULL: delete the key */
};

/* A precondition: the key has this value now (ptr == NULL: is absent). */
struct aicx_guard {
	struct aicx_str key;
	struct aicx_str value;
};

struct aicx_batch {
	uint32_t size;
	uint32_t durability;
	const struct aicx_guard *guards;
	size_t n_guards;
	const struct aicx_write *writes;
	size_t n_writes;
};

/* Returns 0 to go on, anything else to stop. */
typedef int aicx_pair_fn(struct aicx_str key, struct aicx_str value, void *arg);

struct aicx_store_ops {
	uint32_t size;
	/* [any thread] Calls fn once, or returns AICX_ENOTFOUND. */
	aicx_err (*get)(void *state, struct aicx_str key, aicx_pair_fn *fn,
	    void *arg, struct aicx_error *reterr);
	/* [any thread] from <= key < to, ascending; to.ptr == NULL: to the end.
	   reverse != 0: descending from just below `to`. */
	aicx_err (*range)(void *state, struct aicx_str from, struct aicx_str to,
	    int reverse, aicx_pair_fn *fn, void *arg,
	    struct aicx_error *reterr);
	/* [writer thread, one call at a time; may block] All or nothing.
	   AICX_ESTATE: a guard did not hold, nothing was written.  AICX_EIO: it
	   is unknown what was written; never retry, the broker stops. */
	aicx_err (*commit)(void *state, const struct aicx_batch *batch,
	    struct aicx_error *reterr);
	/* [any thread; may block; may be absent] Copies all keys, as they are
	   at one moment, into a new store in the folder `path`, durable when it
	   returns; commits go on meanwhile.  The folder above is made when it
	   is missing.  AICX_EEXIST: path is there already.  On any failure
	   nothing is left at path. */
	aicx_err (*backup)(
	    void *state, const char *path, struct aicx_error *reterr);
	/* Other keys of the same state, for what can be made anew from the
	   first ones (may be absent: those keys go among the first).  get,
	   range and commit as above, except: a crash or damage may take any
	   number of the last of these commits, or all of them, and backup
	   leaves them out. No commit there is found while an earlier one is
	   not.  Guards name keys of the first kind. */
	const struct aicx_store_ops *derived;
};

#endif
