/* SPDX-License-Identifier: Apache-2.0 */
/* news.h - what is for everybody who listens: news of deals by pub, intents by
   survey, and what respondents answer. */
#ifndef NEWS_H
#define NEWS_H

#include "door.h"

size_t news_announce(
    void *state, uint32_t kind, struct aicx_str topic, struct aicx_str text);
/* A respondent's answer: a signed message by itself. */
void news_vote(struct door *door, struct aicx_str message);
void news_forget(struct door *door); /* votes that are being judged */

#endif
