/* SPDX-License-Identifier: Apache-2.0 */
/* listen.h - clients that want to be told when what is sold changes
   (subscriptions/listen of 2026-07-28). */
#ifndef LISTEN_H
#define LISTEN_H

#include "talk.h"

void listen_begin(struct talk *talk);
/* All that listen get their result: the broker stops. */
void listen_end_all(struct mcp *mcp);
void listen_close(struct mcp *mcp);

#endif
