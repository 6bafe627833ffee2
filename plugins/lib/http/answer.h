/* SPDX-License-Identifier: Apache-2.0 */
/* answer.h - an HTTP response as text. */
#ifndef ANSWER_H
#define ANSWER_H

#include "server.h"

/* Whether the connection goes on behind an answer, and how its end is known. */
enum framing {
	FRAMING_LENGTH = 1,
	FRAMING_LENGTH_CLOSE,
	FRAMING_CHUNKED,
	FRAMING_CHUNKED_CLOSE,
	FRAMING_CLOSE /* no length: until the connection ends */
};

/* Status line and header block; the body is up to the caller.  extra: header
   lines, each with its CR LF, or nothing.  Appends. */
void answer_head(const struct server *server,
    const struct aicx_http_response *response, enum framing framing,
    struct aicx_str extra, struct bytes *out);
/* One chunk (RFC 9112 section 7.1); bytes are not empty.  Appends. */
void answer_chunk(struct aicx_str bytes, struct bytes *out);
/* A whole RFC 9457 problem document that ends the connection.  extra: header
   lines, each with its CR LF, or NULL.  Appends. */
void answer_problem(const struct server *server, uint16_t status,
    const char *why, const char *extra, bool with_body, struct bytes *out);
/* Statuses that never have a body (RFC 9110 section 6.4.1). */
bool answer_has_body(uint16_t status);
/* IMF-fixdate of a time since 1970, 29 characters and NUL. */
void answer_date(int64_t at_s, char ret_text[32]);

#endif
