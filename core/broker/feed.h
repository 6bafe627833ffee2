/* SPDX-License-Identifier: Apache-2.0 */
/* feed.h - what happens to a deal, for those who follow it. */
#ifndef BROKER_FEED_H
#define BROKER_FEED_H

#include "broker/inside.h"

/* A record of the deal was made; after it is applied. */
void feed_note(
    struct broker *broker, const struct aicx_id *deal_id, const char *action);
/* A provider says how far it is; told to those who follow now, not recorded.
   members: of a JSON object, "\"progress\":1". */
void feed_progress(struct broker *broker, const struct aicx_id *deal_id,
    struct aicx_str members);
/* The same from a JSON object with progress, total, message and data.
   AICX_EINVAL: it is not like that. */
aicx_err feed_take_progress(struct broker *broker,
    const struct aicx_id *deal_id, struct aicx_str object, struct arena *mem);
/* Feeds of deals that ended a while ago go. */
void feeds_tick(struct broker *broker, int64_t now_ms);
void feeds_fini(struct broker *broker);

#endif
