/* SPDX-License-Identifier: Apache-2.0 */
/* ruling.h - a policy that rules on disputes, before the operator has to. */
#ifndef BROKER_RULING_H
#define BROKER_RULING_H

#include "broker/handlers.h"

/* Asks the first policy that has the hook `rule`.  true: it rules; dispute gets
   its reason and hash, ret_refund_minor what goes back.  It is passed over when
   it fails, or the payee cannot pay what it says. */
bool ruling_by_policy(struct step *step, const struct transaction_state *paid,
    struct dispute *dispute, int64_t *ret_refund_minor);

#endif
