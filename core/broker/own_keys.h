/* SPDX-License-Identifier: Apache-2.0 */
/*
 * own_keys.h - what plugins put under keys of their own while something is
 * being decided: it is written with the record of that step, and forgotten when
 * the step is refused.
 *
 * Between own_keys_begin() and own_keys_end(), which are around each step and
 * around an op of a plugin that the host calls for one, keys wait here.  The
 * first record that is decided takes them along.  What no record took by the
 * outermost end is written then, since nothing was refused.
 */
#ifndef BROKER_OWN_KEYS_H
#define BROKER_OWN_KEYS_H

#include "base/buf.h"

#include <aiconexus/types.h>
#include <stdbool.h>
#include <stddef.h>

struct journal;

enum { OWN_KEYS_MAX = 16 }; /* in one step */

struct own_key {
	struct buf key, value;
	bool gone; /* it is deleted */
};

struct own_keys {
	struct own_key list[OWN_KEYS_MAX];
	size_t n;
	int depth; /* of steps and ops within each other */
};

void own_keys_fini(struct own_keys *keys);
void own_keys_begin(struct own_keys *keys);
void own_keys_end(struct own_keys *keys, struct journal *journal);
/* value absent: deletes.  AICX_ELIMIT: too many in one step. */
aicx_err own_keys_put(struct own_keys *keys, struct aicx_str key,
    struct aicx_str value, struct aicx_error *reterr);
/* NULL: the key does not wait here; borrowed until the next call. */
const struct own_key *own_keys_find(
    const struct own_keys *keys, struct aicx_str key);
/* The next record of the journal takes them along. */
void own_keys_join(struct own_keys *keys, struct journal *journal);
void own_keys_drop(struct own_keys *keys);

#endif
