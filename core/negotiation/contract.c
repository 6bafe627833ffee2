/* SPDX-License-Identifier: Apache-2.0 */
/* contract.c - field tables of contracts. */
#include "negotiation/contract.h"

const char *const contract_status_names[] = { "proposed", "signed", "completed",
	"failed", "cancelled", "expired", NULL };

static const struct field custody_fields[] = {
	FIELD(struct custody, requester, "requester", FIELD_STR),
	FIELD(struct custody, provider, "provider", FIELD_STR),
	FIELD_END,
};

const struct field contract_text_fields[] = {
	FIELD(struct contract_text, kind, "kind", FIELD_STR),
	FIELD(struct contract_text, id, "id", FIELD_ID),
	FIELD(struct contract_text, broker_id, "broker_id", FIELD_ID),
	FIELD(struct contract_text, deal_id, "deal_id", FIELD_ID),
	FIELD(struct contract_text, intent_id, "intent_id", FIELD_ID),
	FIELD(struct contract_text, offer_id, "offer_id", FIELD_ID),
	FIELD(struct contract_text, mandate_id, "mandate_id", FIELD_ID),
	FIELD(struct contract_text, requester_id, "requester_id", FIELD_ID),
	FIELD(struct contract_text, provider_id, "provider_id", FIELD_ID),
	FIELD(struct contract_text, hold_id, "hold_id", FIELD_ID),
	FIELD(struct contract_text, capability, "capability", FIELD_STR),
	FIELD(struct contract_text, terms_sha256, "terms_sha256", FIELD_STR),
	FIELD(struct contract_text, ceiling, "ceiling", FIELD_MONEY,
	    .flags = FIELDF_ALWAYS),
	FIELD(
	    struct contract_text, max_executions, "max_executions", FIELD_INT),
	FIELD(struct contract_text, choose, "choose", FIELD_JSON),
	FIELD(struct contract_text, policy_sha256, "policy_sha256", FIELD_STR),
	FIELD(struct contract_text, custody, "custody", FIELD_OBJECT,
	    .fields = custody_fields, .item_size = sizeof(struct custody)),
	FIELD(struct contract_text, timeout_ms, "timeout_ms", FIELD_INT),
	FIELD(struct contract_text, max_units, "max_units", FIELD_INT),
	FIELD(
	    struct contract_text, payment_method, "payment_method", FIELD_STR),
	FIELD(struct contract_text, created_ms, "created", FIELD_TIME),
	FIELD(struct contract_text, expires_ms, "expires", FIELD_TIME),
	FIELD(struct contract_text, delegate_id, "delegate_id", FIELD_ID),
	FIELD(struct contract_text, delegation_id, "delegation_id", FIELD_ID),
	FIELD_END,
};

const struct field contract_fields[] = {
	FIELD(struct contract, contract_id, "contract_id", FIELD_ID),
	FIELD(struct contract, deal_id, "deal_id", FIELD_ID),
	FIELD(struct contract, intent_id, "intent_id", FIELD_ID),
	FIELD(struct contract, offer_id, "offer_id", FIELD_ID),
	FIELD(struct contract, mandate_id, "mandate_id", FIELD_ID),
	FIELD(struct contract, requester_id, "requester_id", FIELD_ID),
	FIELD(struct contract, provider_id, "provider_id", FIELD_ID),
	FIELD(struct contract, capability, "capability", FIELD_STR),
	FIELD(struct contract, text, "text", FIELD_STR),
	FIELD(struct contract, key_id, "key_id", FIELD_STR),
	FIELD(struct contract, signature, "signature", FIELD_STR),
	FIELD(struct contract, requester_key_id, "requester_key_id", FIELD_STR),
	FIELD(struct contract, requester_signature, "requester_signature",
	    FIELD_STR),
	FIELD(struct contract, provider_key_id, "provider_key_id", FIELD_STR),
	FIELD(struct contract, provider_signature, "provider_signature",
	    FIELD_STR),
	FIELD(struct contract, terms, "terms", FIELD_STR),
	FIELD(struct contract, ceiling, "ceiling", FIELD_MONEY),
	FIELD(struct contract, max_executions, "max_executions", FIELD_INT),
	FIELD(struct contract, timeout_ms, "timeout_ms", FIELD_INT),
	FIELD(struct contract, max_units, "max_units", FIELD_INT),
	FIELD(struct contract, max_attempts, "max_attempts", FIELD_INT),
	FIELD(struct contract, expires_ms, "expires", FIELD_TIME),
	FIELD(struct contract, created_ms, "created", FIELD_TIME),
	FIELD_END,
};

const struct field contract_state_fields[] = {
	FIELD(struct contract_state, contract_id, "contract_id", FIELD_ID),
	FIELD(struct contract_state, status, "status", FIELD_ENUM,
	    .flags = FIELDF_ALWAYS, .names = contract_status_names),
	FIELD(struct contract_state, n_executions, "n_executions", FIELD_INT,
	    .flags = FIELDF_ALWAYS),
	FIELD(struct contract_state, signed_ms, "signed_at", FIELD_TIME),
	FIELD_END,
};

void
contract_text_print(struct buf *buf, const struct contract_text *text,
    const struct currencies *currencies)
{
	struct json_writer w = json_writer(buf);

	json_open(&w, '{');
	field_print(contract_text_fields, text, currencies, &w);
	json_close(&w);
}
