/* SPDX-License-Identifier: Apache-2.0 */
/*
 * follow.h - a method whose answers go on, as server-sent events.
 *
 * The first answer of the method decides: an error is an ordinary error, else a
 * stream begins.  Each event goes out as it comes, a comment where nothing has
 * come for a while; it ends behind the final answer.
 */
#ifndef FOLLOW_H
#define FOLLOW_H

#include "ask.h"
#include "reply.h"
#include "route.h"

struct follow;

/* All streams of an instance. */
struct follows {
	const struct aicx_host *host;
	struct aicx_self *self;
	struct follow *first;
};

/* The client asks for events: Accept names text/event-stream. */
bool follow_wants(const struct aicx_http_request *request);
/* values: of the route's names in the path.  false: without memory, and
   nothing was answered. */
bool follow_begin(struct follows *follows, const struct client *client,
    const struct aicx_http_request *request, const struct ask *ask,
    const struct route *route, const struct aicx_str *values);
/* The client went away; false: it follows nothing. */
bool follow_cancel(
    struct follows *follows, const struct aicx_exchange *exchange);
/* There is room again. */
void follow_drained(
    struct follows *follows, const struct aicx_exchange *exchange);
/* The broker stops: each stream ends in order. */
void follows_drain(struct follows *follows);
void follows_fini(struct follows *follows);

#endif
