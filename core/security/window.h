/* SPDX-License-Identifier: Apache-2.0 */
/*
 * window.h - which message ids were seen in the last minute or two, so that a
 * repeat is told from a forgery of the same id.
 *
 * Two generations of fixed-size entries (8 bytes of keyed hash for sender and
 * id, 8 for the body); a generation lives for one window, so an entry is known
 * for one to two windows.
 */
#ifndef SECURITY_WINDOW_H
#define SECURITY_WINDOW_H

#include <aiconexus/types.h>

struct window;

enum window_verdict {
	WINDOW_NEW,
	WINDOW_REPEAT, /* the same id with the same body */
	WINDOW_CONFLICT, /* the same id with another body */
	WINDOW_FULL /* more ids in one window than the limit, or than its share
		     */
};

/* window_ms: how long a message may be fresh after it was first seen.  Where a
   timestamp may be m away from the broker's time, in either direction, that is
   2 m.  ids_max: in one generation.  No sender takes more of it than it leaves
   free: one alone has half, and who sends little always finds room. */
struct window *window_new(int64_t window_ms, size_t ids_max);
void window_free(struct window *window);
/* Looks (sender, id) up and remembers it.  body: a hash of type, receiver,
   correlation and payload. */
enum window_verdict window_see(struct window *window,
    const struct aicx_id *sender, const struct aicx_id *id, uint64_t body,
    int64_t now_ms);

#endif
