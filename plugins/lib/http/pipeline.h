/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pipeline.h - requests in the host's hands, and their answers in the order of
 * the requests (RFC 9112 section 9.3.2).
 *
 * An answer that comes before its turn is kept here until then.
 */
#ifndef PIPELINE_H
#define PIPELINE_H

#include "conn.h"
#include "head.h"

struct exchange;

struct pipeline {
	struct exchange *first, *last;
	size_t n; /* unanswered, or waiting for their turn */
	struct exchange *serving; /* its host->serve() has not returned */
};

/* Hands a request to the host.  False without memory.  The head and the body
   are no longer needed when this returns. */
bool pipeline_serve(struct conn *conn, struct head *head, struct aicx_str body);
/* Queues a problem document as the last answer of this connection.  extra:
   header lines, each with its CR LF, or NULL. */
bool pipeline_refuse(struct conn *conn, uint16_t status, const char *why,
    const char *extra, bool with_body);
/* Writes the answers whose turn it is; lingers behind the last one. */
void pipeline_settle(struct conn *conn);
/* All that was written has left: a stream that was too much goes on. */
void pipeline_drained(struct conn *conn);
/* The answer whose turn it is has begun and comes in parts. */
bool pipeline_streams(const struct conn *conn);
/* Nobody waits for the answers any more. */
void pipeline_cancel(struct conn *conn);

#endif
