/* SPDX-License-Identifier: Apache-2.0 */
/* their_ask.h - one message to somebody's MCP server, as it is written. */
#ifndef THEIR_ASK_H
#define THEIR_ASK_H

#include "print.h"
#include "their_post.h"

/* Header fields; they borrow of the ask. */
struct their_fields {
	struct aicx_header list[THEIR_FIELDS_MAX];
	size_t n;
	struct bytes text[THEIR_FIELDS_MAX]; /* of those that are made here */
	struct bytes name; /* what Mcp-Name says */
};

void their_fields_fill(
    struct their_fields *fields, const struct their_ask *ask);
void their_fields_fini(struct their_fields *fields);
/* id 0: a notification; method NULL: the members are those of an answer to the
   server.  prefix: of our own names in _meta. */
void their_ask_print(const struct their_ask *ask, int64_t id,
    const char *prefix, struct print *out);

#endif
