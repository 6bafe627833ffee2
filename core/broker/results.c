/* SPDX-License-Identifier: Apache-2.0 */
/* results.c - what the methods answer. */
#include "broker/results.h"

#include <string.h>

/* A member that is always there, and one that may be. */
#define MEMBER(flags_, name_, type_, ...)                                      \
	{                                                                      \
		.name = (name_), .name_len = sizeof(name_) - 1,                \
		.type = FIELD_##type_, .flags = (flags_), __VA_ARGS__          \
	}
#define MUST(name, ...) MEMBER(FIELDF_REQUIRED, name, __VA_ARGS__)
#define MAY(name, ...) MEMBER(0, name, __VA_ARGS__)
#define OF(table) .fields = (table)
/* Numbers of ours fit a double; no fallback is meant. */
#define ASKS .help = "What the seller asks back; execution.answer answers it."
#define COUNT .min = 0, .max = INT64_C(1) << 53, .fallback = -1

/* clang-format off */
static const struct field line[] = {
	MUST("label", STR), MUST("quantity", INT, COUNT), MUST("each", MONEY),
	MUST("amount", MONEY),
	FIELD_END,
};

static const struct field bill[] = {
	MUST("lines", LIST, OF(line)), MUST("total", MONEY),
	MUST("fee", MONEY, .help = "The broker's, which the seller pays."),
	FIELD_END,
};

static const struct field parts[] = {
	MUST("price", JSON), MUST("reputation", JSON), MUST("latency", JSON),
	FIELD_END,
};

static const struct field candidate[] = {
	MUST("offer_id", ID), MUST("provider_id", ID), MUST("price", MONEY), MUST("score", JSON),
	MAY("parts", OBJECT, OF(parts)),
	FIELD_END,
};

static const struct field why[] = {
	MUST("rule", STR, .help = "The rule that chose."), MUST("offer_id", ID), MAY("score", JSON),
	MAY("reason", JSON, .help = "What a policy says of it."), MAY("parts", OBJECT, OF(parts)),
	MUST("offers", LIST, OF(candidate)),
	FIELD_END,
};

static const struct field receipt[] = {
	MAY("transaction_id", ID, .help = "Absent: work without a hold costs nothing."),
	MUST("record", INT, COUNT, .help = "Where in the ledger."),
	MAY("mandate_id", ID),
	MAY("mandate_use", INT, COUNT, .help = "Which use of the mandate it was."),
	MAY("mandate_total", MONEY, .help = "What was paid under it so far."), MUST("held", MONEY),
	MUST("released", MONEY),
	FIELD_END,
};

static const struct field done[] = {
	MUST("deal_id", ID), MUST("state", STR), MUST("contract_id", ID), MUST("execution_id", ID),
	MUST("provider_id", ID), MUST("result", JSON, .help = "What the seller delivered."),
	MUST("price", MONEY), MUST("bill", OBJECT, OF(bill)), MUST("receipt", OBJECT, OF(receipt)),
	MAY("why", OBJECT, OF(why)),
	FIELD_END,
};

static const struct field deal[] = {
	MUST("deal_id", ID), MUST("state", STR), MUST("requester_id", ID), MAY("provider_id", ID),
	MAY("contract_id", ID), MAY("offer_id", ID), MAY("mandate_id", ID), MAY("hold_id", ID),
	MAY("execution_id", ID), MAY("buy", BOOL), MAY("why", OBJECT, OF(why)), MAY("reason", STR),
	MAY("detail", STR), MAY("request_id", ID), MAY("request_sender", ID), MUST("created", TIME),
	MUST("changed", TIME), MAY("asks", JSON, ASKS),
	FIELD_END,
};

static const struct field deals[] = {
	MUST("deals", LIST, OF(deal)),
	MAY("cursor", STR, .help = "For the next page; absent on the last one."),
	FIELD_END,
};

static const struct field deal_state[] = {
	MUST("deal_id", ID), MUST("state", STR),
	FIELD_END,
};

static const struct field event[] = {
	MUST("cursor", STR), MUST("time", TIME), MAY("action", STR), MAY("deal_id", ID),
	MAY("state", STR), MAY("execution", JSON), MAY("execution_id", ID), MAY("progress", JSON),
	FIELD_END,
};

static const struct field events[] = {
	MUST("events", LIST, OF(event)),
	MUST("cursor", STR, .help = "Give it as `after` to go on from here."), MUST("final", BOOL),
	FIELD_END,
};

static const struct field intent[] = {
	MUST("intent_id", ID), MUST("requester_id", ID), MAY("provider_id", ID), MUST("need", STR),
	MAY("input", JSON), MAY("parameters", JSON), MAY("max_price", MONEY),
	MAY("max_units", INT, COUNT), MAY("sla", JSON), MAY("choose", STR), MAY("deadline", TIME),
	MAY("offers_until", TIME), MAY("created", TIME),
	MAY("delegate_id", ID, .help = "Who opened it for the buyer."),
	MAY("delegation_id", ID, .help = "By which signed word."),
	FIELD_END,
};

static const struct field signed_text[] = {
	MUST("text", STR), MUST("key_id", STR), MUST("signature", STR),
	FIELD_END,
};

static const struct field execution[] = {
	MUST("execution_id", ID), MUST("state", STR), MUST("attempts", INT, COUNT),
	MAY("started_at", TIME), MAY("completed_at", TIME), MAY("duration_ms", INT, COUNT),
	MAY("output", JSON), MAY("error", STR), MAY("detail", STR), MAY("units", INT, COUNT),
	MAY("unit", STR), MAY("usage", JSON), MAY("quality", INT, COUNT), MAY("period", TIME),
	MAY("used_before", INT, COUNT), MAY("decision", JSON), MAY("retry_at", TIME),
	MAY("cost", MONEY), MAY("transaction_id", ID), MAY("bill", OBJECT, OF(bill)),
	MAY("contract_id", ID), MAY("deal_id", ID), MAY("capability", STR), MAY("requester_id", ID),
	MAY("provider_id", ID), MAY("asks", JSON, ASKS),
	FIELD_END,
};

static const struct field offer_row[] = {
	MUST("offer_id", ID), MAY("intent_id", ID), MUST("provider_id", ID), MUST("text", STR),
	MUST("key_id", STR), MUST("signature", STR), MUST("terms", STR), MAY("price", MONEY),
	MUST("expires", TIME), MAY("standing", BOOL), MUST("received", TIME),
	FIELD_END,
};

static const struct field contract[] = {
	MUST("contract_id", ID), MUST("deal_id", ID), MAY("intent_id", ID), MAY("offer_id", ID),
	MAY("mandate_id", ID), MUST("requester_id", ID), MUST("provider_id", ID),
	MUST("capability", STR), MUST("text", STR, .help = "What is signed."), MUST("key_id", STR),
	MUST("signature", STR), MAY("requester_key_id", STR), MAY("requester_signature", STR),
	MAY("provider_key_id", STR), MAY("provider_signature", STR), MUST("terms", STR),
	MUST("ceiling", MONEY, .help = "The most one execution may cost."),
	MUST("max_executions", INT, COUNT), MUST("timeout_ms", INT, COUNT),
	MAY("max_units", INT, COUNT), MAY("max_attempts", INT, COUNT), MUST("expires", TIME),
	MUST("created", TIME), MAY("status", STR), MAY("n_executions", INT, COUNT),
	MAY("signed_at", TIME),
	FIELD_END,
};

static const struct field hold[] = {
	MUST("hold_id", ID), MUST("agent_id", ID), MAY("contract_id", ID), MAY("mandate_id", ID),
	MUST("amount", MONEY), MUST("state", STR), MAY("budget_id", ID), MAY("reference", STR),
	MAY("posted", JSON), MUST("created", TIME), MUST("expires", TIME),
	FIELD_END,
};

static const struct field deal_all[] = {
	MUST("deal_id", ID), MUST("state", STR), MUST("requester_id", ID), MAY("provider_id", ID),
	MAY("contract_id", ID), MAY("offer_id", ID), MAY("mandate_id", ID), MAY("hold_id", ID),
	MAY("execution_id", ID), MAY("buy", BOOL), MAY("why", OBJECT, OF(why)), MAY("reason", STR),
	MAY("detail", STR), MAY("request_id", ID), MAY("request_sender", ID), MUST("created", TIME),
	MUST("changed", TIME), MAY("intent", OBJECT, OF(intent)),
	MUST("offers", LIST, OF(offer_row)), MAY("contract", OBJECT, OF(contract)),
	MAY("hold", OBJECT, OF(hold)), MUST("executions", LIST, OF(execution)),
	MAY("bill", OBJECT, OF(bill)), MUST("transactions", STRS), MAY("rating", JSON),
	FIELD_END,
};

static const struct field broker[] = {
	MUST("id", ID), MUST("key_id", STR),
	FIELD_END,
};

static const struct field file[] = {
	MUST("version", INT, COUNT), MUST("deal_id", ID), MUST("broker", OBJECT, OF(broker)),
	MUST("registrations", JSON, .help = "Public keys of the parties, and who keeps them."),
	MUST("intent", JSON), MUST("mandate", JSON),
	MAY("delegation", JSON, .help = "By which another bought for the requester."),
	MUST("offers", JSON), MUST("rounds", JSON),
	MUST("contract", JSON), MUST("policy", JSON), MUST("hold", JSON), MUST("executions", JSON),
	MUST("usage", JSON), MUST("bill", JSON),
	MUST("entries", JSON, .help = "Records of the ledger, each with its proof."),
	MUST("checkpoint", STR), MAY("rating", JSON),
	FIELD_END,
};

static const struct field registered[] = {
	MUST("agent_id", ID), MUST("registration_token", STR),
	MUST("lease_ms", INT, COUNT, .help = "The agent counts as there for so long."),
	FIELD_END,
};

static const struct field unregistered[] = {
	MUST("agent_id", ID), MUST("removed", BOOL),
	FIELD_END,
};

static const struct field capability_ref[] = {
	MUST("agent_id", ID), MUST("capability_id", STR),
	FIELD_END,
};

static const struct field lease[] = {
	MUST("agent_id", ID), MUST("lease_ms", INT, COUNT),
	FIELD_END,
};

static const struct field capability[] = {
	MAY("agent_id", ID), MUST("capability_id", STR), MUST("name", STR), MAY("version", STR),
	MAY("description", STR), MAY("tags", STRS), MAY("input_schema", JSON),
	MAY("output_schema", JSON), MAY("pricing", JSON), MAY("sla", JSON), MAY("remote", STR),
	FIELD_END,
};

static const struct field endpoint[] = {
	MUST("kind", STR), MAY("url", STR),
	FIELD_END,
};

static const struct field reputation[] = {
	MUST("overall_score", JSON, .help = "0 to 5."), MUST("total_calls", INT, COUNT),
	MUST("successful_calls", INT, COUNT), MUST("failed_calls", INT, COUNT),
	MUST("avg_latency_ms", INT, COUNT), MAY("last_updated", TIME),
	FIELD_END,
};

static const struct field agent[] = {
	MUST("agent_id", ID), MAY("owner_id", ID), MUST("name", STR), MAY("description", STR),
	MAY("tags", STRS), MUST("public_key", STR),
	MAY("custody", BOOL, .help = "The broker keeps the key."),
	MAY("passes", BOOL, .help = "Its server is shown a credential."),
	MAY("endpoints", LIST, OF(endpoint)), MAY("capabilities", LIST, OF(capability)),
	MAY("pricing", JSON), MUST("created", TIME), MUST("online", BOOL),
	MUST("reputation", OBJECT, OF(reputation)), MAY("relevance", JSON),
	FIELD_END,
};

static const struct field agents[] = {
	MUST("agents", LIST, OF(agent)),
	MAY("cursor", STR, .help = "For the next page; absent on the last one."),
	FIELD_END,
};

static const struct field goods[] = {
	MUST("agent_id", ID), MAY("agent_name", STR), MUST("online", BOOL),
	MAY("place", INT, COUNT), MUST("capability_id", STR), MUST("name", STR),
	MAY("version", STR), MAY("description", STR), MAY("tags", STRS), MAY("input_schema", JSON),
	MAY("output_schema", JSON), MAY("pricing", JSON), MAY("sla", JSON), MAY("remote", STR),
	FIELD_END,
};

static const struct field capabilities[] = {
	MUST("capabilities", LIST, OF(goods)),
	MAY("cursor", STR, .help = "For the next page; absent on the last one."),
	FIELD_END,
};

static const struct field intent_made[] = {
	MUST("intent_id", ID), MUST("deal_id", ID), MUST("state", STR), MUST("offers_until", TIME),
	FIELD_END,
};

static const struct field offer[] = {
	MUST("offer_id", ID), MUST("provider_id", ID), MAY("price", MONEY),
	MUST("reputation", JSON), MUST("terms", STR), MUST("offer", OBJECT, OF(signed_text)),
	MUST("expires", TIME),
	FIELD_END,
};

static const struct field offers[] = {
	MUST("intent_id", ID), MUST("offers", LIST, OF(offer)),
	FIELD_END,
};

static const struct field offer_made[] = {
	MUST("offer_id", ID), MUST("state", STR),
	FIELD_END,
};

static const struct field contracts[] = {
	MUST("contracts", LIST, OF(contract)),
	MAY("cursor", STR, .help = "For the next page; absent on the last one."),
	FIELD_END,
};

static const struct field contract_state[] = {
	MUST("contract_id", ID), MUST("status", STR),
	FIELD_END,
};

static const struct field mandate[] = {
	MUST("mandate_id", ID), MAY("text", STR, .help = "What was signed."), MAY("custody", STR),
	FIELD_END,
};

static const struct field revoked_mandate[] = {
	MUST("mandate_id", ID), MUST("revoked", BOOL),
	FIELD_END,
};

static const struct field standing[] = {
	MUST("standing_offer_id", ID),
	FIELD_END,
};

static const struct field execution_state[] = {
	MUST("execution_id", ID), MUST("state", STR),
	FIELD_END,
};

static const struct field execution_ref[] = {
	MUST("execution_id", ID),
	FIELD_END,
};

static const struct field trail_event[] = {
	MUST("record", INT, COUNT), MUST("timestamp", TIME), MAY("actor_id", JSON), MAY("address", STR),
	MAY("action", STR), MAY("resource", STR), MUST("result", STR), MAY("status", JSON),
	MAY("cause", STR), MAY("count", INT, COUNT), MAY("first", TIME), MAY("last", TIME),
	MAY("deal_id", ID), MAY("correlation_id", STR), MAY("details", JSON),
	FIELD_END,
};

static const struct field trail[] = {
	MUST("events", LIST, OF(trail_event)), MAY("cursor", INT, COUNT),
	FIELD_END,
};

static const struct field executions[] = {
	MUST("executions", LIST, OF(execution)), MAY("cursor", STR),
	FIELD_END,
};

static const struct field balance[] = {
	MUST("available", STR), MUST("reserved", STR), MUST("currency", STR),
	FIELD_END,
};

static const struct field moved[] = {
	MUST("transaction_id", ID), MUST("balance", OBJECT, OF(balance)), MAY("payment_id", ID),
	MAY("state", STR),
	FIELD_END,
};

static const struct field payment[] = {
	MUST("payment_id", ID), MUST("op", STR), MUST("state", STR), MUST("agent_id", ID),
	MAY("payee_id", ID), MAY("deal_id", ID), MAY("of", ID), MUST("amount", MONEY),
	MAY("taken_back", MONEY), MAY("lost", MONEY), MAY("reason", STR), MUST("asked_at", TIME),
	MAY("known_at", TIME), MAY("times_asked", INT, COUNT), MAY("stuck", BOOL),
	FIELD_END,
};

static const struct field payments[] = {
	MUST("payments", LIST, OF(payment)), MUST("pending", INT, COUNT), MAY("cursor", STR),
	FIELD_END,
};

static const struct field budget[] = {
	MUST("budget_id", ID), MUST("agent_id", ID), MAY("parent", ID), MUST("currency", STR),
	MUST("total_allocated", STR), MUST("consumed", STR), MUST("held", STR),
	MUST("available", STR), MUST("period", STR), MAY("reset_date", TIME),
	FIELD_END,
};

static const struct field enough[] = {
	MUST("agent_id", ID), MUST("sufficient", BOOL), MUST("balance", OBJECT, OF(balance)),
	FIELD_END,
};

static const struct field reservation[] = {
	MUST("reservation_id", ID), MUST("agent_id", ID), MAY("budget_id", ID),
	MUST("amount", MONEY), MUST("state", STR), MUST("expires", TIME),
	FIELD_END,
};

static const struct field paid[] = {
	MUST("transaction_id", ID), MUST("status", STR), MUST("amount", MONEY), MUST("fee", MONEY),
	MAY("settlement_time", TIME),
	FIELD_END,
};

static const struct field party[] = {
	MUST("agent_id", ID), MUST("earned", STR), MUST("spent", STR), MUST("fee", STR),
	MUST("net", STR),
	FIELD_END,
};

static const struct field batch[] = {
	MUST("batch_id", ID), MUST("status", STR), MUST("settlement_time", TIME),
	MUST("total", MONEY), MUST("transactions", STRS), MUST("parties", LIST, OF(party)),
	MUST("left", INT, COUNT, .help = "Pending ones that were not taken."),
	FIELD_END,
};

static const struct field refund[] = {
	MUST("transaction_id", ID), MUST("refunds", ID, .help = "What is given back."),
	MUST("amount", MONEY), MAY("fee_back", MONEY),
	MUST("left", MONEY, .help = "What may still be given back."), MUST("status", STR),
	FIELD_END,
};

static const struct field dispute[] = {
	MUST("dispute_id", ID), MUST("state", STR), MUST("transaction_id", ID), MUST("status", STR),
	MUST("amount", MONEY), MAY("frozen", MONEY), MAY("refunded", MONEY),
	FIELD_END,
};

static const struct field transaction[] = {
	MUST("transaction_id", ID), MUST("kind", STR), MUST("timestamp", TIME),
	MUST("from_agent_id", STR), MUST("to_agent_id", STR), MUST("amount", MONEY),
	MAY("fee", STR), MAY("contract_id", ID), MAY("execution_id", ID), MUST("status", STR),
	MAY("settlement_time", TIME), MAY("batch_id", ID), MAY("batch_record", INT, COUNT),
	MAY("dispute_id", ID), MUST("record", INT, COUNT), MAY("refunds", ID),
	MAY("reference", STR),
	FIELD_END,
};

static const struct field transactions[] = {
	MUST("transactions", LIST, OF(transaction)),
	MAY("cursor", STR, .help = "For the next page; absent on the last one."),
	FIELD_END,
};

static const struct field books[] = {
	MUST("accounts", INT, COUNT), MUST("transactions", INT, COUNT), MUST("sum", STR),
	MUST("reserved", STR), MUST("pending", STR), MUST("funding", STR), MUST("fees", STR),
	MUST("clearing", STR), MUST("suspense", STR), MUST("open_holds", INT, COUNT),
	FIELD_END,
};

static const struct field audit[] = {
	MUST("agent_id", ID), MUST("currency", STR), MUST("earned", STR), MUST("fees", STR),
	MUST("spent", STR), MUST("available", STR), MUST("reserved", STR), MUST("pending", STR),
	MUST("frozen", STR), MUST("funded", STR), MUST("transactions", INT, COUNT),
	MAY("books", OBJECT, OF(books), .help = "For operators and auditors."),
	FIELD_END,
};

static const struct field proof[] = {
	MUST("version", INT, COUNT), MUST("kind", STR), MUST("broker", OBJECT, OF(broker)),
	MUST("transaction_id", ID), MUST("record", STR, .help = "Its exact text."),
	MUST("index", INT, COUNT), MUST("proof", STRS), MUST("checkpoint", STR),
	FIELD_END,
};

static const struct field checkpoint[] = {
	MUST("records", INT, COUNT),
	MUST("checkpoint", STR, .help = "A signed note: origin, size, root."),
	FIELD_END,
};

static const struct field sealed[] = {
	MUST("data_keys", INT, COUNT),
	FIELD_END,
};

static const struct field on_record[] = {
	MUST("record", INT, COUNT),
	FIELD_END,
};

static const struct field records[] = {
	MUST("broker", OBJECT, OF(broker)), MUST("records", STRS),
	MAY("index", INT, COUNT), MAY("proof", STRS), MUST("checkpoint", STR),
	FIELD_END,
};

static const struct field consistency[] = {
	MUST("version", INT, COUNT), MUST("kind", STR), MUST("broker", OBJECT, OF(broker)),
	MUST("from", STR, .help = "A signed note."), MUST("to", STR, .help = "A signed note."),
	MUST("proof", STRS),
	FIELD_END,
};

static const struct field backup[] = {
	MUST("path", STR), MUST("records", INT, COUNT), MUST("took_ms", INT, COUNT),
	FIELD_END,
};

static const struct field clock[] = {
	MUST("time", TIME), MUST("clock", TIME),
	FIELD_END,
};

static const struct field credential[] = {
	MUST("credential_id", ID), MUST("agent_id", ID), MAY("role", STR), MAY("expires", TIME),
	MAY("api_key", STR, .help = "Shown once."),
	MAY("certificate", STR, .help = "PEM."),
	MAY("authority", STR, .help = "PEM: the broker's certificate that signed it."),
	FIELD_END,
};

static const struct field rotated[] = {
	MUST("credential_id", ID), MUST("agent_id", ID), MAY("role", STR), MAY("expires", TIME),
	MUST("replaces", ID, .help = "The old credential."),
	MUST("valid_until", TIME, .help = "Until then the old key is good."),
	MAY("api_key", STR, .help = "Shown once."),
	FIELD_END,
};

static const struct field permission[] = {
	MUST("permission_id", ID), MUST("agent_id", ID, .help = "Who may."),
	MUST("resource", STR), MUST("action", STR),
	MUST("scope", STR, .help = "Whose things: an agent's id, or * for everybody's."),
	MUST("granted_by", ID), MUST("created_at", TIME), MAY("expires_at", TIME),
	MUST("delegated", BOOL, .help = "By a signed delegation."),
	FIELD_END,
};

static const struct field permissions[] = {
	MUST("permissions", LIST, OF(permission)),
	MAY("cursor", STR, .help = "For the next page; absent on the last one."),
	FIELD_END,
};

static const struct field delegated[] = {
	MUST("delegation_id", ID), MUST("text", STR, .help = "What was signed."),
	MUST("custody", STR, .help = "Who holds the key that signed: own or broker."),
	FIELD_END,
};

static const struct field allowed[] = {
	MUST("allowed", BOOL), MUST("by", STR, .help = "role, grant or none."),
	MUST("agent_id", ID), MUST("principal", STR), MUST("role", STR),
	FIELD_END,
};

static const struct field withdrawn[] = {
	MUST("permission_id", ID), MUST("revoked", BOOL),
	FIELD_END,
};

static const struct field caller[] = {
	MUST("role", STR), MUST("principal", STR, .help = "agent, user or service."),
	MUST("permissions", STRS, .help = "Of the role, less what the credential leaves out."),
	MAY("agent_id", ID), MAY("credential_id", ID),
	FIELD_END,
};

static const struct field revoked[] = {
	MUST("credential_id", ID), MUST("revoked", BOOL),
	FIELD_END,
};

static const struct field mailbox[] = {
	MUST("messages", STRS, .help = "Envelopes, each as its exact text."),
	FIELD_END,
};

static const struct field health[] = {
	MUST("status", STR), MAY("checks", JSON),
	FIELD_END,
};

static const struct field currency[] = {
	MUST("currency", STR), MUST("scale", INT, COUNT),
	FIELD_END,
};

static const struct field endpoints[] = {
	MUST("rest", STR), MUST("ws", STR),
	FIELD_END,
};

static const struct field about[] = {
	MUST("broker_id", ID), MUST("key_id", STR), MUST("public_key", STR), MUST("versions", STRS),
	MUST("endpoints", OBJECT, OF(endpoints)), MUST("currencies", LIST, OF(currency)),
	MUST("version", STR),
	FIELD_END,
};

static const struct {
	const char *method;
	const struct field *fields;
} results[] = {
	{ "deal.buy", done },
	{ "deal.cancel", deal_state },
	{ "deal.list", deals },
	{ "deal.get", deal_all },
	{ "deal.watch", events },
	{ "deal.export", file },
	{ "discovery.register", registered },
	{ "discovery.unregister", unregistered },
	{ "discovery.update_capability", capability_ref },
	{ "discovery.heartbeat", lease },
	{ "discovery.search", agents },
	{ "discovery.list_capabilities", capabilities },
	{ "discovery.get_agent", agent },
	{ "discovery.get_capability", capability },
	{ "negotiation.broadcast_intent", intent_made },
	{ "negotiation.collect_offers", offers },
	{ "negotiation.offer", offer_made },
	{ "negotiation.select_offer", contract },
	{ "negotiation.create_contract", contract },
	{ "negotiation.list_contracts", contracts },
	{ "negotiation.get_contract", contract },
	{ "negotiation.cancel_contract", deal_state },
	{ "negotiation.sign_contract", contract_state },
	{ "negotiation.grant_mandate", mandate },
	{ "negotiation.revoke_mandate", revoked_mandate },
	{ "negotiation.grant_standing_offer", standing },
	{ "execution.execute", done },
	{ "execution.answer", done },
	{ "execution.result", execution_state },
	{ "execution.progress", execution_ref },
	{ "execution.get_execution", execution },
	{ "execution.list_executions", executions },
	{ "economics.fund", moved },
	{ "economics.withdraw", moved },
	{ "economics.list_payments", payments },
	{ "economics.get_payment", payment },
	{ "economics.create_budget", budget },
	{ "economics.get_budget", budget },
	{ "economics.check_balance", enough },
	{ "economics.reserve_funds", reservation },
	{ "economics.release_reservation", reservation },
	{ "economics.charge", paid },
	{ "economics.record_transaction", paid },
	{ "economics.settle_transaction", paid },
	{ "economics.batch_settle", batch },
	{ "economics.refund", refund },
	{ "economics.dispute", dispute },
	{ "economics.resolve_dispute", dispute },
	{ "economics.list_transactions", transactions },
	{ "economics.get_transaction", transaction },
	{ "economics.audit_balance", audit },
	{ "economics.get_receipt", proof },
	{ "economics.get_checkpoint", checkpoint },
	{ "economics.get_consistency", consistency },
	{ "economics.backup", backup },
	{ "economics.accept_clock", clock },
	{ "security.generate_credentials", credential },
	{ "security.verify_credentials", caller },
	{ "security.rotate_credentials", rotated },
	{ "security.revoke_credentials", revoked },
	{ "security.delegate", delegated },
	{ "security.check_permission", allowed },
	{ "security.grant_permission", permission },
	{ "security.revoke_permission", withdrawn },
	{ "security.list_permissions", permissions },
	{ "security.get_audit_trail", trail },
	{ "security.log_event", on_record },
	{ "security.rotate_master_key", sealed },
	{ "security.export_audit", records },
	{ "session.mailbox", mailbox },
	{ "monitoring.live", health },
	{ "monitoring.ready", health },
	{ "session.about", about },
};
/* clang-format on */

const struct field *
results_find(const char *method)
{
	for (size_t i = 0; i < sizeof results / sizeof results[0]; i++)
		if (strcmp(results[i].method, method) == 0)
			return results[i].fields;
	return NULL;
}
