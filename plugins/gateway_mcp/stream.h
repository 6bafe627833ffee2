/* SPDX-License-Identifier: Apache-2.0 */
/* stream.h - an answer as a stream of server-sent events, begun when something
   has to be said before the result. */
#ifndef STREAM_H
#define STREAM_H

#include "talk.h"

/* A notification; dropped when the client reads too slowly.  params: JSON. */
void stream_notify(
    struct talk *talk, const char *method, struct aicx_str params);
/* What keeps an idle stream open. */
void stream_comment(struct talk *talk);
/* The last message, or nothing but the end; the talk is over when it left. */
void stream_finish(struct talk *talk, struct aicx_str message);
/* Nothing waits any more in the transport. */
void stream_drained(struct talk *talk);

#endif
