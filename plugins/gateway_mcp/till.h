/* SPDX-License-Identifier: Apache-2.0 */
/* till.h - tools for payers without an account: x402 inside MCP. */
#ifndef TILL_H
#define TILL_H

#include "talk.h"

/* Payments are taken, and this client has no account, or brought one. */
bool till_is_for(const struct talk *talk);
/* What a client without an account may call besides what is sold. */
bool till_allows(struct aicx_str tool);
/* Sells a call of a capability: the result, or what is asked for. */
void till_sell(struct talk *talk, struct aicx_str name,
    struct aicx_str provider, struct aicx_str input);
/* Nobody waits any more; what is paid stays paid. */
void till_cancel(struct talk *talk);

#endif
