/* SPDX-License-Identifier: Apache-2.0 */
/* offer.h - what we ask for, and what we say of a payment. */
#ifndef PAYMENT_X402_OFFER_H
#define PAYMENT_X402_OFFER_H

#include "x402.h"

/* Our PaymentRequirements for a price; NULL: it is too large for us. */
json_t *requirements_new(const struct x402 *x402, int64_t price_minor);
/* Is this an entry of ours?  NULL, or what is wrong with it. */
const char *requirements_differ(
    const json_t *requirements, const json_t *accepted);
/* Is the authorization for just that, and usable in the next price_for? */
const char *authorization_differs(const struct x402 *x402,
    const json_t *requirements, const struct claim *claim);
/* PaymentRequired, with the offer signed. */
json_t *required_new(const struct x402 *x402, const char *resource,
    json_t *requirements, const char *error);
/* SettlementResponse; transaction "" and a reason: it failed. */
json_t *response_new(const struct x402 *x402, const char *resource,
    const json_t *requirements, const char *payer, const char *transaction,
    const char *reason);

#endif
