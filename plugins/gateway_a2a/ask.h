/* SPDX-License-Identifier: Apache-2.0 */
/* ask.h - what the header fields and the query of a request ask for. */
#ifndef ASK_H
#define ASK_H

#include "text.h"

#include <aiconexus/msg.h>
#include <jansson.h>

enum { ASK_QUERY_MAX = 32 };

/* All absent when not given; borrowed from the request. */
struct ask {
	struct aicx_str credential; /* bearer text */
	struct aicx_str version; /* A2A-Version */
	struct aicx_str extensions; /* A2A-Extensions, or X-A2A-Extensions */
	struct aicx_str media; /* Content-Type */
	struct aicx_str etag; /* If-None-Match */
	struct aicx_str host;
	struct aicx_str trace; /* traceparent or X-Request-Id */
	bool bad_credential; /* Authorization is there and not understood */
	bool a2a_json; /* Accept or Content-Type names application/a2a+json */
};

struct ask ask_read(const struct aicx_http_request *request);
/* application/json, application/a2a+json, or absent. */
bool ask_is_json(const struct ask *ask);
/* Whether a comma list names this extension, exactly. */
bool ask_activates(struct aicx_str list, const char *uri);
/* Whether a list of entity tags names this one (RFC 9110 section 13.1.2). */
bool ask_has_tag(struct aicx_str list, struct aicx_str tag);
/* The query as an object of strings; NULL: it is malformed. */
json_t *ask_query(struct aicx_str query);

#endif
