/* SPDX-License-Identifier: Apache-2.0 */
/*
 * replies.h - what was answered to which message, so that a repeat gets the
 * same answer and no second piece of work.
 */
#ifndef CLI_REPLIES_H
#define CLI_REPLIES_H

#include "base/list.h"
#include "base/map.h"
#include "protocol/envelope.h"

#include <aiconexus/types.h>
#include <stdbool.h>

enum { REPLIES_MAX = 1024, REPLIES_BYTES_MAX = 64 * 1024 * 1024 };

struct reply {
	struct list node;
	struct aicx_id asked; /* the message it answers */
	struct aicx_id id; /* of the answer: the same in every repeat */
	enum msg_type type;
	struct aicx_str payload; /* owned */
	bool sent;
};

struct replies {
	struct list all; /* oldest first */
	struct map by_asked;
	size_t n_bytes;
};

void replies_init(struct replies *replies);
void replies_fini(struct replies *replies);
struct reply *replies_find(
    const struct replies *replies, const struct aicx_id *asked); /* or NULL */
/* Copies the payload; the oldest are forgotten beyond the limits. */
struct reply *replies_keep(struct replies *replies, const struct aicx_id *asked,
    enum msg_type type, struct aicx_str payload);

#endif
