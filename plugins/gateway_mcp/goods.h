/* SPDX-License-Identifier: Apache-2.0 */
/*
 * goods.h - capabilities that agents sell, as tools.
 *
 * A tool's name is the capability's, for the agent that registered it first;
 * the same of a later one is NAME.AGENT-ID, and so is one whose name a tool of
 * the broker has.  Both names always work.
 */
#ifndef GOODS_H
#define GOODS_H

#include "talk.h"

enum { GOODS_NAME_MAX = 128 }; /* characters of a tool's name */

/* One of discovery.list_capabilities as a tool; nothing when its name is too
   long for one. */
void goods_put(struct talk *talk, struct aicx_str capability);
/* Looks the tool up and buys: -32602 when nobody sells it. */
void goods_call(struct talk *talk, const char *name);
/* The price of the first that sells `name` comes into talk->bargain, then
   `then` is called (with the list, which may be empty). */
void goods_price(struct talk *talk, const char *name, talk_then_fn *then);
/* Fills talk->bargain from such a list; false: it is empty. */
bool goods_take(struct talk *talk, const struct aicx_answer *answer);
/* deal.buy; provider absent: any.  input and max_price are JSON; max_price
   empty: what the mandate allows. */
void goods_buy(struct talk *talk, struct aicx_str name,
    struct aicx_str provider, struct aicx_str input, struct aicx_str max_price);
/* More than anything costs: offers bind nobody yet. */
void goods_no_limit(struct talk *talk, struct print *out);

/* PREFIX/name, a key of _meta. */
void goods_put_key(struct talk *talk, struct print *out, const char *name);

#endif
