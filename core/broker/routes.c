/* SPDX-License-Identifier: Apache-2.0 */
/*
 * routes.c - the protocol on one page: each wire method with its permission,
 * its door on REST, its parameters and its handler.  A route without a
 * permission does not start.
 */
#include "base/err.h"
#include "base/str.h"
#include "broker/handlers.h"

#include <string.h>

#define ROUTE(name_, rest_, perm_, handler, success_, summary_, ...)           \
	{                                                                      \
		.method = { .size = sizeof(struct aicx_method),                \
			.name = (name_),                                       \
			.summary = (summary_),                                 \
			.rest = (rest_),                                       \
			.permission = NAME_##perm_,                            \
			.success = (success_) },                               \
		.permission = PERM_##perm_, .params = handler##_params,        \
		.params_size = &handler##_params_size, .handle = on_##handler, \
		__VA_ARGS__                                                    \
	}
/* The names of access.c; a broker does not start when they differ. */
#define NAME_PUBLIC ""
#define NAME_DISCOVERY_READ "discovery.read"
#define NAME_DISCOVERY_WRITE "discovery.write"
#define NAME_DEAL_READ "deal.read"
#define NAME_DEAL_WRITE "deal.write"
#define NAME_MONEY_READ "money.read"
#define NAME_MONEY_WRITE "money.write"
#define NAME_MONEY_ISSUE "money.issue"
#define NAME_BROKER_RUN "broker.run"
#define NAME_CREDENTIAL_WRITE "credential.write"
#define NAME_PERMISSION_READ "permission.read"
#define NAME_PERMISSION_WRITE "permission.write"
#define NAME_AUDIT_READ "audit.read"
#define NAME_AUDIT_EXPORT "audit.export"
#define NAME_AUDIT_WRITE "audit.write"
#define NAME_KEYS_WRITE "keys.write"
#define NAME_METRICS_READ "metrics.read"
#define DURABLE .durable = true
#define ENDS .ends = true
#define ASKS .method.asks = 1
#define RAW(type) .content_type = (type)

/* clang-format off */
const struct route routes[] = {
	ROUTE("deal.buy", "POST /v1/deals", DEAL_WRITE, deal_buy, 200, "Find, bargain, contract, run, bill and pay in one call", DURABLE, ASKS),
	ROUTE("deal.cancel", "POST /v1/deals/{deal_id}/cancel", DEAL_WRITE, deal_cancel, 200, "End a deal; work under way is stopped and not paid", DURABLE, ENDS),
	ROUTE("deal.list", "GET /v1/deals", DEAL_READ, deal_list, 200, "Deals of an agent"),
	ROUTE("deal.get", "GET /v1/deals/{deal_id}", DEAL_READ, deal_get, 200, "All there is of a deal"),
	ROUTE("deal.watch", "GET /v1/deals/{deal_id}/events", DEAL_READ, deal_watch, 200, "What happens to a deal, as it happens", .method.follows = 1),
	ROUTE("deal.export", "GET /v1/deals/{deal_id}/file", DEAL_READ, deal_export, 200, "The file that proves a deal"),

	ROUTE("discovery.register", "POST /v1/agents", DISCOVERY_WRITE, register, 201, "Register an agent, or change one's entry", DURABLE),
	ROUTE("discovery.unregister", "DELETE /v1/agents/{agent_id}", DISCOVERY_WRITE, unregister, 200, "Take an agent out", DURABLE),
	ROUTE("discovery.update_capability", "PUT /v1/agents/{agent_id}/capabilities/{capability_id}", DISCOVERY_WRITE, update_capability, 200, "Add or change a capability", DURABLE),
	ROUTE("discovery.heartbeat", "POST /v1/agents/{agent_id}/heartbeat", DISCOVERY_WRITE, heartbeat, 200, "Renew an agent's lease"),
	ROUTE("discovery.search", "GET /v1/search", DISCOVERY_READ, search, 200, "Find agents by words, tag, price and reputation"),
	ROUTE("discovery.list_capabilities", "GET /v1/capabilities", DISCOVERY_READ, list_capabilities, 200, "What is sold, with schemas and prices"),
	ROUTE("discovery.get_agent", "GET /v1/agents/{agent_id}", DISCOVERY_READ, get_agent, 200, "An agent's entry"),
	ROUTE("discovery.get_capability", "GET /v1/agents/{agent_id}/capabilities/{capability_id}", DISCOVERY_READ, get_capability, 200, "One capability of an agent"),

	ROUTE("negotiation.broadcast_intent", "POST /v1/intents", DEAL_WRITE, broadcast_intent, 201, "Say what is needed; sellers are asked", DURABLE),
	ROUTE("negotiation.collect_offers", "GET /v1/intents/{intent_id}/offers", DEAL_READ, collect_offers, 200, "Offers that came in"),
	ROUTE("negotiation.offer", "POST /v1/intents/{intent_id}/offers", DEAL_WRITE, offer, 201, "Make an offer", DURABLE, ENDS),
	ROUTE("negotiation.select_offer", "POST /v1/offers/{offer_id}/select", DEAL_WRITE, select_offer, 201, "Choose an offer by hand: drafts the contract", DURABLE),
	ROUTE("negotiation.create_contract", "POST /v1/contracts", DEAL_WRITE, create_contract, 201, "Draft a contract without an intent", DURABLE),
	ROUTE("negotiation.list_contracts", "GET /v1/contracts", DEAL_READ, list_contracts, 200, "Contracts of an agent"),
	ROUTE("negotiation.get_contract", "GET /v1/contracts/{contract_id}", DEAL_READ, get_contract, 200, "A contract"),
	ROUTE("negotiation.cancel_contract", "DELETE /v1/contracts/{contract_id}", DEAL_WRITE, cancel_contract, 200, "End a contract before work", DURABLE),
	ROUTE("negotiation.sign_contract", "POST /v1/contracts/{contract_id}/signatures", DEAL_WRITE, sign_contract, 201, "Sign a contract", DURABLE),
	ROUTE("negotiation.grant_mandate", "POST /v1/mandates", DEAL_WRITE, grant_mandate, 201, "Allow purchases within limits", DURABLE),
	ROUTE("negotiation.revoke_mandate", "DELETE /v1/mandates/{mandate_id}", DEAL_WRITE, revoke_mandate, 200, "Allow them no longer", DURABLE),
	ROUTE("negotiation.grant_standing_offer", "POST /v1/standing-offers", DEAL_WRITE, grant_standing_offer, 201, "Offer a capability without being asked each time", DURABLE),

	ROUTE("execution.execute", "POST /v1/contracts/{contract_id}/executions", DEAL_WRITE, execute, 200, "Order work under a contract", DURABLE, ASKS),
	ROUTE("execution.result", "POST /v1/executions/{execution_id}/result", DEAL_WRITE, result, 200, "Deliver work"),
	ROUTE("execution.progress", "POST /v1/executions/{execution_id}/progress", DEAL_WRITE, progress, 200, "Say how far work is"),
	ROUTE("execution.answer", "POST /v1/executions/{execution_id}/answer", DEAL_WRITE, answer, 200, "Answer what the seller asks back; the answer comes when the work ends, or asks again", ASKS),
	ROUTE("execution.get_execution", "GET /v1/executions/{execution_id}", DEAL_READ, get_execution, 200, "How work stands"),
	ROUTE("execution.list_executions", "GET /v1/executions", DEAL_READ, list_executions, 200, "Work under a contract"),

	ROUTE("economics.fund", "POST /v1/accounts/{agent_id}/fund", MONEY_ISSUE, fund, 201, "Money in from outside", DURABLE),
	ROUTE("economics.withdraw", "POST /v1/accounts/{agent_id}/withdraw", MONEY_ISSUE, withdraw, 201, "Money out", DURABLE),
	ROUTE("economics.list_payments", "GET /v1/payments", MONEY_READ, list_payments, 200, "Payments whose outcome is not known yet"),
	ROUTE("economics.get_payment", "GET /v1/payments/{payment_id}", MONEY_READ, get_payment, 200, "What is known of a payment"),
	ROUTE("economics.create_budget", "POST /v1/budgets", MONEY_WRITE, create_budget, 201, "Limit what an agent may spend", DURABLE),
	ROUTE("economics.get_budget", "GET /v1/budgets/{agent_id}", MONEY_READ, get_budget, 200, "A budget and what is left of it"),
	ROUTE("economics.check_balance", "GET /v1/accounts/{agent_id}/balance", MONEY_READ, check_balance, 200, "Is an amount there?"),
	ROUTE("economics.reserve_funds", "POST /v1/budgets/{agent_id}/reservations", MONEY_WRITE, reserve_funds, 201, "Set money aside", DURABLE),
	ROUTE("economics.release_reservation", "DELETE /v1/reservations/{reservation_id}", MONEY_WRITE, release_reservation, 200, "Give reserved money back", DURABLE, ENDS),
	ROUTE("economics.charge", "POST /v1/accounts/{agent_id}/charges", MONEY_WRITE, charge, 201, "Pay another agent", DURABLE),
	ROUTE("economics.record_transaction", "POST /v1/transactions", MONEY_ISSUE, record_transaction, 201, "Record a payment between two agents", DURABLE),
	ROUTE("economics.settle_transaction", "POST /v1/transactions/{transaction_id}/settlement", MONEY_ISSUE, settle_transaction, 201, "Settle what is pending", DURABLE, ENDS),
	ROUTE("economics.batch_settle", "POST /v1/settlements", MONEY_ISSUE, batch_settle, 201, "Settle many at once, netted across parties", DURABLE, ENDS),
	ROUTE("economics.refund", "POST /v1/transactions/{transaction_id}/refund", MONEY_WRITE, refund, 201, "Give a payment back, in part or in full", DURABLE, ENDS),
	ROUTE("economics.dispute", "POST /v1/contracts/{contract_id}/dispute", DEAL_WRITE, dispute, 201, "Object to a payment: it is frozen", DURABLE, ENDS),
	ROUTE("economics.resolve_dispute", "POST /v1/disputes/{dispute_id}/resolution", MONEY_ISSUE, resolve_dispute, 200, "Rule on a disputed payment", DURABLE, ENDS),
	ROUTE("economics.list_transactions", "GET /v1/transactions", MONEY_READ, list_transactions, 200, "Transactions of an agent"),
	ROUTE("economics.get_transaction", "GET /v1/transactions/{transaction_id}", MONEY_READ, get_transaction, 200, "A transaction"),
	ROUTE("economics.audit_balance", "GET /v1/audit/balance/{agent_id}", MONEY_READ, audit_balance, 200, "What was earned and spent"),

	ROUTE("economics.get_receipt", "GET /v1/transactions/{transaction_id}/receipt", MONEY_READ, get_receipt, 200, "The record of a transaction, with its proof"),
	ROUTE("economics.get_checkpoint", "GET /v1/ledger/checkpoint", PUBLIC, get_checkpoint, 200, "The newest signed checkpoint"),
	ROUTE("economics.get_consistency", "GET /v1/ledger/consistency", PUBLIC, get_consistency, 200, "That one checkpoint's records begin another's"),
	ROUTE("economics.backup", "POST /v1/ledger/backups", BROKER_RUN, backup, 201, "Copy the store while it is used"),
	ROUTE("economics.accept_clock", "POST /v1/ledger/clock", BROKER_RUN, accept_clock, 200, "Go on with the system's clock as it is", DURABLE),

	ROUTE("security.generate_credentials", "POST /v1/credentials", CREDENTIAL_WRITE, generate_credentials, 201, "A new API key, shown once", DURABLE),
	ROUTE("security.verify_credentials", "GET /v1/credentials/current", PUBLIC, verify_credentials, 200, "Whom the caller's credential speaks for"),
	ROUTE("security.rotate_credentials", "POST /v1/credentials/{credential_id}/rotate", CREDENTIAL_WRITE, rotate_credentials, 201, "A new key for an old one, which stays good for a while", DURABLE),
	ROUTE("security.revoke_credentials", "DELETE /v1/credentials/{credential_id}", CREDENTIAL_WRITE, revoke_credentials, 200, "End a credential", DURABLE),
	ROUTE("security.delegate", "POST /v1/delegations", PERMISSION_WRITE, delegate, 201, "Sign that another agent may act for one", DURABLE),
	ROUTE("security.check_permission", "GET /v1/permissions/check", PERMISSION_READ, check_permission, 200, "May an agent do that?"),
	ROUTE("security.grant_permission", "POST /v1/permissions", PERMISSION_WRITE, grant_permission, 201, "Let another agent do something with one's own things", DURABLE),
	ROUTE("security.revoke_permission", "DELETE /v1/permissions/{permission_id}", PERMISSION_WRITE, revoke_permission, 200, "Let it no longer", DURABLE),
	ROUTE("security.list_permissions", "GET /v1/permissions", PERMISSION_READ, list_permissions, 200, "What was granted to an agent, and of its things"),
	ROUTE("security.get_audit_trail", "GET /v1/audit", AUDIT_READ, get_audit_trail, 200, "What an agent did and was refused, newest first"),
	ROUTE("security.log_event", "POST /v1/audit", AUDIT_WRITE, log_event, 201, "Put an event of one's own on record", DURABLE),
	ROUTE("security.export_audit", "GET /v1/audit/records", AUDIT_EXPORT, export_audit, 200, "Records as they are, with the proof of the last"),
	ROUTE("security.rotate_master_key", "POST /v1/master-key/rotation", KEYS_WRITE, rotate_master_key, 200, "Another master key seals the broker's keys", DURABLE),

	ROUTE("session.message", "POST /v1/messages", PUBLIC, message, 200, "A signed envelope, answered with one", .method.raw_body = 1),
	ROUTE("session.mailbox", "GET /v1/mailbox", DEAL_READ, mailbox, 200, "Wait for messages"),
	ROUTE("monitoring.live", "GET /healthz", PUBLIC, healthz, 200, "Is the broker alive?"),
	ROUTE("monitoring.ready", "GET /readyz", PUBLIC, readyz, 200, "Does it take work?"),
	ROUTE("monitoring.scrape", "GET /metrics", METRICS_READ, metrics, 200, "Metrics for Prometheus", RAW("text/plain; version=0.0.4; charset=utf-8")),
	ROUTE("session.about", "GET /.well-known/aiconexus", PUBLIC, well_known, 200, "Ids, keys and versions of this broker"),
};
/* clang-format on */
const size_t n_routes = sizeof routes / sizeof routes[0];

const struct route *
route_unsound(const struct route *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].permission == PERM_NONE ||
		    list[i].method.permission == NULL ||
		    strcmp(list[i].method.permission,
			permission_name(list[i].permission)) != 0)
			return &list[i];
	return NULL;
}

const struct route *
route_find(struct aicx_str name)
{
	for (size_t i = 0; i < n_routes; i++)
		if (str_is(name, routes[i].method.name))
			return &routes[i];
	return NULL;
}
