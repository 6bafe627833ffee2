/* SPDX-License-Identifier: Apache-2.0 */
/* facilitator.h - the server that verifies and settles. */
#ifndef PAYMENT_X402_FACILITATOR_H
#define PAYMENT_X402_FACILITATOR_H

#include "x402.h"

/* GET /supported when it is time for it; x402->supported follows. */
void facilitator_look(struct x402 *x402);
/* POST path with the payment and what we ask for.  done is called exactly once,
   perhaps before this returns, unless the fetch is cancelled. */
void facilitator_ask(struct x402 *x402, const char *path, json_t *payment,
    json_t *requirements, aicx_http_done_fn *done, void *arg,
    struct aicx_fetch **ret_fetch);

enum verdict { VERDICT_GOOD, VERDICT_BAD, VERDICT_UNKNOWN };

/* What an answer is worth.  `reason` is for the payer; UNKNOWN: nothing was
   learned.  ret_doc to be released, perhaps NULL. */
enum verdict facilitator_verified(const struct aicx_http_outcome *outcome,
    const char *from, const char **ret_reason, json_t **ret_doc);
/* again: it was asked before without an answer, so that "used" means by us. */
enum verdict facilitator_settled(const struct aicx_http_outcome *outcome,
    const json_t *requirements, const char *from, bool again,
    const char **ret_reason, json_t **ret_doc);

#endif
