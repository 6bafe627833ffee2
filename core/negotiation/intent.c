/* SPDX-License-Identifier: Apache-2.0 */
/* intent.c - the field table of intents. */
#include "negotiation/intent.h"

#include "base/id.h"

const char *const choose_rule_names[] = { "lowest_price", "best_score",
	"first_good", NULL };

const struct field intent_fields[] = {
	FIELD(struct intent, intent_id, "intent_id", FIELD_ID),
	FIELD(struct intent, requester_id, "requester_id", FIELD_ID),
	FIELD(struct intent, provider_id, "provider_id", FIELD_ID),
	FIELD(struct intent, need, "need", FIELD_STR),
	FIELD(struct intent, parameters, "parameters", FIELD_JSON),
	FIELD(struct intent, input, "input", FIELD_JSON),
	FIELD(struct intent, max_price, "max_price", FIELD_MONEY),
	FIELD(struct intent, sla, "sla", FIELD_OBJECT, .fields = sla_fields,
	    .item_size = sizeof(struct sla)),
	FIELD(struct intent, choose, "choose", FIELD_ENUM,
	    .names = choose_rule_names, .flags = FIELDF_ALWAYS),
	FIELD(struct intent, max_units, "max_units", FIELD_INT),
	FIELD(struct intent, deadline_ms, "deadline", FIELD_TIME),
	FIELD(struct intent, offers_until_ms, "offers_until", FIELD_TIME),
	FIELD(struct intent, created_ms, "created", FIELD_TIME),
	FIELD(struct intent, delegate_id, "delegate_id", FIELD_ID),
	FIELD(struct intent, delegation_id, "delegation_id", FIELD_ID),
	FIELD_END,
};

bool
intent_asks(const struct intent *intent, const struct aicx_id *provider_id)
{
	return !id_eq(&intent->requester_id, provider_id) &&
	    (id_is_nil(&intent->provider_id) ||
		id_eq(&intent->provider_id, provider_id));
}
