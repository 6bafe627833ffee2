/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cors.h - which pages of others may read answers (WHATWG Fetch, section 3.2).
 *
 * Off while no origins are configured.  Answers never allow cookies, so `*` is
 * legal; what lets a page in is the bearer key it sends itself.
 */
#ifndef CORS_H
#define CORS_H

#include "head.h"
#include "server.h"

/* Whether the configured list names the request's Origin. */
bool cors_lists(const struct settings *settings, struct aicx_str origin);
/* Header lines for the answer to this request; none while it is off. */
void cors_put(const struct settings *settings, const struct head *head,
    struct bytes *out);
/* A question of a browser before the request itself, from a page that may ask:
   it is answered with 204 and what cors_put() says. */
bool cors_is_preflight(
    const struct settings *settings, const struct head *head);

#endif
