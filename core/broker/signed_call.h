/* SPDX-License-Identifier: Apache-2.0 */
/*
 * signed_call.h - a gateway's call whose HTTP request is signed (RFC 9421)
 * instead of bringing a bearer key; this folder only.
 *
 * The key id of hmac-sha256 is a credential's, its key the API key's MAC key
 * for messages to the broker.  That of ed25519 is an agent's, its key the
 * agent's own; it is verified on the pool.
 */
#ifndef BROKER_SIGNED_CALL_H
#define BROKER_SIGNED_CALL_H

#include "broker/inside.h"

bool signed_call_is(const struct aicx_call *wish);
/* Verifies, now or later, then dispatches; or answers why not. */
void signed_call_take(struct call *call, const struct aicx_call *wish);
/* What follows from who calls, whatever showed it (broker.c). */
void call_speaks_for(struct call *call, const struct principal *who,
    struct aicx_str idempotency_key);

#endif
