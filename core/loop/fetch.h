/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fetch.h - requests to HTTP servers outside, on the loop.
 *
 * The semantics of host.h: done comes from the loop, exactly once, never from
 * inside the call; https with certificate and name checked, TLS 1.2 at least;
 * public addresses only, but for those that the ask allows.
 */
#ifndef LOOP_FETCH_H
#define LOOP_FETCH_H

#include "loop/loop.h"

enum {
	FETCHES_MAX = 256, /* under way at once */
	FETCH_BODY_MAX = 16 << 20, /* what body_max may say */
	FETCH_HEADERS_MAX = 32
};

/* AICX_EINVAL, AICX_ELIMIT, AICX_EIO (libcurl is not installed): nothing was
   asked, done is not called. */
aicx_err loop_fetch(struct loop *loop, const struct aicx_http_ask *ask,
    aicx_http_done_fn *done, void *arg, struct aicx_fetch **ret_fetch,
    struct aicx_error *reterr);
/* Before the first request: connections are kept and used again, for who asks
   only servers of its own.  The guard looks at an address once for each
   connection, and a request goes out once more when a kept connection turns out
   dead: it must be one that may be repeated, or have a key. */
void loop_fetch_keep(struct loop *loop);
void loop_fetch_cancel(struct aicx_fetch *fetch); /* NULL is legal */

#endif
