/* SPDX-License-Identifier: Apache-2.0 */
/* intent.h - what a requester needs and what it may cost. */
#ifndef NEGOTIATION_INTENT_H
#define NEGOTIATION_INTENT_H

#include "protocol/field.h"
#include "protocol/terms.h"

enum choose_rule { CHOOSE_LOWEST_PRICE, CHOOSE_BEST_SCORE, CHOOSE_FIRST_GOOD };

extern const char *const choose_rule_names[];

struct intent {
	struct aicx_id intent_id, requester_id;
	struct aicx_id provider_id; /* nil, or the only one that is asked */
	struct aicx_str need; /* a capability's name */
	struct aicx_str parameters; /* JSON that sellers may price by */
	struct aicx_str input; /* JSON; only the chosen seller sees it */
	struct aicx_money max_price;
	struct sla sla;
	int choose; /* enum choose_rule */
	int64_t max_units; /* what a price per unit may be asked for */
	int64_t deadline_ms; /* absolute: when the result must be there */
	int64_t offers_until_ms; /* absolute */
	int64_t created_ms;
	struct aicx_id delegate_id, delegation_id; /* who asked for it, if
						      another, and why it may */
};

extern const struct field intent_fields[];

/* May this agent make an offer for it? */
bool intent_asks(
    const struct intent *intent, const struct aicx_id *provider_id);

#endif
