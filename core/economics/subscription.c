/* SPDX-License-Identifier: Apache-2.0 */
/* subscription.c - what was used of a contract's present period. */
#include "economics/subscription.h"

const struct field subscription_fields[] = {
	FIELD(struct subscription, contract_id, "contract_id", FIELD_ID),
	FIELD(struct subscription, period_ms, "period", FIELD_TIME),
	FIELD(struct subscription, used, "used", FIELD_INT,
	    .flags = FIELDF_ALWAYS),
	FIELD_END,
};

int64_t
subscription_used(const struct subscription *row, int64_t period_ms)
{
	return row != NULL && row->period_ms == period_ms ? row->used : -1;
}
