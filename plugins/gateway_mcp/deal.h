/* SPDX-License-Identifier: Apache-2.0 */
/* deal.h - a purchase under way: its id, its progress, its end by request. */
#ifndef DEAL_H
#define DEAL_H

#include "talk.h"

/* Chooses the deal's id: the same again for the same idempotency key. */
void deal_name(struct talk *talk);
/* deal.buy, with params that hold the id; `then` comes after all progress. */
void deal_buy(struct talk *talk, struct aicx_str params, talk_then_fn *then);
/* Nobody wants it any more: work stops, what is held goes back. */
void deal_abandon(struct talk *talk);
/* Tells no more of progress. */
void deal_unwatch(struct talk *talk);

#endif
