/* SPDX-License-Identifier: Apache-2.0 */
/* ask.h - what the header fields of a request ask for. */
#ifndef ASK_H
#define ASK_H

#include "text.h"

#include <aiconexus/msg.h>

enum { ASK_ID_MAX = 128, ASK_KEY_MAX = 255, ASK_MATCH_MAX = 128 };

/* All absent when not given; borrowed from the request. */
struct ask {
	struct aicx_str credential; /* bearer text */
	struct aicx_str key; /* Idempotency-Key */
	struct aicx_str id; /* X-Request-Id */
	struct aicx_str trace; /* traceparent, of the form of version 00 */
	struct aicx_str match; /* If-None-Match */
	struct aicx_str accept; /* Accept */
	struct aicx_str media; /* Content-Type */
	bool bad_credential; /* Authorization is there and not understood */
	bool bad_key;
	bool traced; /* there is a traceparent, of whatever form */
	bool gzip; /* Accept-Encoding allows it */
	bool plain_json; /* errors as application/json, not problem+json */
};

struct ask ask_read(const struct aicx_http_request *request);
/* Accept allows this type (RFC 9110 section 12.5.1), or is absent. */
bool ask_accepts(const struct ask *ask, struct aicx_str media);
/* application/json, anything+json, or absent. */
bool ask_is_json(const struct ask *ask);

#endif
