/* SPDX-License-Identifier: Apache-2.0 */
/*
 * problem.h - what is said to the outside when something is refused.
 *
 * The words are part of the protocol: append, never rename.  The body is the
 * same behind an HTTP status (RFC 9457) and in an ERROR message.
 */
#ifndef PROTOCOL_PROBLEM_H
#define PROTOCOL_PROBLEM_H

#include "base/json.h"

#include <aiconexus/types.h>

struct problem {
	const char *word; /* "insufficient_funds" */
	int status; /* of HTTP */
	const char *title; /* the same for every occurrence */
};

/* The row of a stable word, or NULL. */
const struct problem *problem_find(const char *word);
/* The row of the error's word; without a known one, that of its code.  Never
   NULL. */
const struct problem *problem_of(const struct aicx_error *error);
/*
 * Writes {"type","title","status","detail","code","field"?,"retry_after_ms"?,
 * "correlation_id"?} as one value.  correlation may be absent; retry_after_ms
 * < 0 is left out.
 */
void problem_put(struct json_writer *w, const struct aicx_error *error,
    struct aicx_str correlation, int64_t retry_after_ms);

#endif
