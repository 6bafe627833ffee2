/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_signature.h - a signed HTTP request (RFC 9421) and the digest of its
 * body (RFC 9530): read, and the text that was signed put together again.
 *
 * Of what a request carries the first signature counts.  Components are fields
 * and @method @authority @path @query @target-uri @request-target @scheme, none
 * with parameters.
 */
#ifndef PROTOCOL_HTTP_SIGNATURE_H
#define PROTOCOL_HTTP_SIGNATURE_H

#include <aiconexus/msg.h>

#include "base/arena.h"
#include "base/buf.h"
#include "protocol/crypto.h"

enum { HTTP_COMPONENTS_MAX = 16, HTTP_SIGNATURE_BYTES = 64 };

enum http_alg {
	HTTP_ALG_ABSENT, /* the key says which */
	HTTP_ALG_ED25519,
	HTTP_ALG_HMAC_SHA256
};

/* Views into the fields of the request. */
struct http_signature {
	struct aicx_str components[HTTP_COMPONENTS_MAX]; /* without quotes */
	size_t n_components;
	struct aicx_str params; /* "(...);created=..." as it was signed */
	struct aicx_str key_id, nonce;
	enum http_alg alg;
	int64_t created_s, expires_s; /* 0: absent */
	uint8_t bytes[HTTP_SIGNATURE_BYTES];
	size_t n_bytes; /* 32 or 64 */
};

bool http_is_signed(const struct aicx_http_request *request);
/* "malformed", "bad_signature" (an algorithm or component that is not taken).
 */
aicx_err http_signature_parse(const struct aicx_http_request *request,
    struct http_signature *ret, struct aicx_error *reterr);
/* The signature base (section 2.5).  scheme: "http" or "https". */
aicx_err http_signature_base(const struct http_signature *signature,
    const struct aicx_http_request *request, const char *scheme,
    struct buf *ret_base, struct aicx_error *reterr);
/* It covers method, path, host, query, what makes a repeat and the digest of
   the body, as far as the request has them; and the digest is the body's. */
aicx_err http_signature_check(const struct http_signature *signature,
    const struct aicx_http_request *request, struct aicx_error *reterr);
/* "stale", with the time in the text. */
aicx_err http_signature_check_fresh(const struct http_signature *signature,
    int64_t now_ms, int64_t window_ms, struct aicx_error *reterr);

#endif
