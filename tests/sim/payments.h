/* SPDX-License-Identifier: Apache-2.0 */
/*
 * payments.h - the payment and the pricing kind, as faulty as the run wants:
 * refusals, late answers, unknown outcomes, none before all is healed.
 */
#ifndef SIM_PAYMENTS_H
#define SIM_PAYMENTS_H

#include "sim.h"

#include <aiconexus/payment.h>
#include <aiconexus/pricing.h>

struct payments;

struct payments *payments_new(struct sim *sim);
void payments_free(struct payments *payments);
/* What waits is answered now: the broker ends, or all is healed. */
void payments_end(struct payments *payments, bool broker_ends);

extern const struct aicx_payment_ops payments_ops; /* state: the payments */
extern const struct aicx_pricing_ops pricing_sim_ops; /* state: the sim */

#endif
