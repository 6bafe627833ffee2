/* SPDX-License-Identifier: Apache-2.0 */
/* http.h - one HTTP/1.1 request and its answer (RFC 9112), blocking. */
#ifndef CLI_HTTP_H
#define CLI_HTTP_H

#include "base/buf.h"
#include "cli/url.h"

#include <aiconexus/types.h>
#include <stdbool.h>

enum { HTTP_HEAD_MAX = 64 * 1024, HTTP_BODY_MAX = 64 * 1024 * 1024 };

struct http_request {
	const char *method; /* "GET" */
	struct aicx_str target; /* path and query behind the URL's prefix */
	const char *bearer; /* API key or NULL */
	const char *idempotency_key; /* or NULL */
	struct aicx_str body; /* JSON; absent: none */
	int64_t timeout_ms; /* for the whole exchange */
};

struct http_answer {
	int status;
	struct buf body;
};

/* AICX_EIO "unavailable": no broker, or it went away before it answered;
   AICX_ETIMEDOUT; AICX_EINVAL "malformed": what came is no HTTP. */
aicx_err http_ask(const struct url *url, const struct http_request *request,
    struct http_answer *ret, struct aicx_error *reterr);
void http_answer_fini(struct http_answer *answer);

/* Percent-encodes what is not unreserved (RFC 3986 section 2.3). */
void http_put_escaped(struct buf *buf, struct aicx_str text);

/* The pieces, for tests and the WebSocket handshake. */

struct http_head {
	int status;
	size_t head_bytes; /* up to and with the empty line */
	int64_t content_length; /* -1: none */
	bool chunked;
	struct aicx_str upgrade, accept; /* of a 101 answer; or absent */
};

/* AICX_EAGAIN: the head is not complete yet.  Views point into bytes. */
aicx_err http_head_parse(
    struct aicx_str bytes, struct http_head *ret, struct aicx_error *reterr);
/* The body of an answer, complete or AICX_EAGAIN; eof: nothing more comes. */
aicx_err http_body_parse(const struct http_head *head, struct aicx_str bytes,
    bool eof, struct buf *body, struct aicx_error *reterr);

#endif
