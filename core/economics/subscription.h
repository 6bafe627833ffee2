/* SPDX-License-Identifier: Apache-2.0 */
/*
 * subscription.h - what was used of a contract's present period.
 *
 * The first execution that is billed in a period pays for it; the row is
 * written in the record of each bill.
 */
#ifndef ECONOMICS_SUBSCRIPTION_H
#define ECONOMICS_SUBSCRIPTION_H

#include "protocol/field.h"

struct subscription {
	struct aicx_id contract_id;
	int64_t period_ms; /* start of the period that is paid for */
	int64_t used; /* units in it */
};

extern const struct field subscription_fields[];

/* Units used before in the period that begins at period_ms; -1: it is not paid
   for yet.  The row may be NULL. */
int64_t subscription_used(const struct subscription *row, int64_t period_ms);

#endif
