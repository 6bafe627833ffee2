/* SPDX-License-Identifier: Apache-2.0 */
/*
 * checkpoint.h - a signed statement of how many records there are and what
 * their tree's root is.
 *
 * The text is a C2SP tlog-checkpoint: origin, size and root (base64), a line
 * each; around it stands a C2SP signed note (note.h).  The origin is also the
 * name of the broker's key in the note.
 */
#ifndef PROTOCOL_CHECKPOINT_H
#define PROTOCOL_CHECKPOINT_H

#include "base/buf.h"
#include "protocol/crypto.h"
#include "protocol/note.h"

#include <aiconexus/types.h>
#include <stdbool.h>

enum { CHECKPOINT_MAX = NOTE_MAX, ORIGIN_MAX = 128 };

struct checkpoint {
	struct aicx_str origin; /* into the text */
	uint64_t n_leaves;
	uint8_t root[HASH_BYTES];
};

/* "aiconexus/<broker id>/<shard>" and, after a history was begun anew,
   "-<generation>" (from 2). */
void checkpoint_origin(const struct aicx_id *broker_id, const char *shard,
    uint64_t generation, char ret_origin[ORIGIN_MAX]);
/* Appends the text without signatures. */
void checkpoint_print(struct buf *buf, const struct checkpoint *checkpoint);
/* A whole note.  AICX_EINVAL names the line; signatures are not looked at.
   Lines after the root (extensions) are legal and covered by signatures. */
aicx_err checkpoint_parse(struct aicx_str note,
    struct checkpoint *ret_checkpoint, struct aicx_error *reterr);

#endif
