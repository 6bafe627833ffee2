/* SPDX-License-Identifier: Apache-2.0 */
/* on_balance.c - is it there, and do the books add up? */
#include "base/err.h"
#include "base/id.h"
#include "base/str.h"
#include "broker/balance.h"
#include "broker/payments.h"

#include <stdio.h>
#include <string.h>

const struct field check_balance_params[] = {
	PARAMS_METHOD(struct account_query),
	FIELD(struct account_query, agent_id, "agent_id", FIELD_ID,
	    .help = "Whose account; absent: the caller's."),
	FIELD(struct account_query, amount_json, "amount", FIELD_JSON,
	    .flags = FIELDF_REQUIRED,
	    .help = "Is this there? An amount, or in a query \"0.01 AIC\"."),
	FIELD_END,
};
PARAMS_SIZE(check_balance, account_query);

/* A query of a path has no objects: there the amount is a text. */
static aicx_err
asked_amount(
    struct call *call, struct aicx_money *ret_amount, struct aicx_error *reterr)
{
	static const struct field fields[] = {
		FIELD(struct account_query, amount, "amount", FIELD_MONEY),
		FIELD_END,
	};
	const struct currencies *currencies = &call->broker->state.currencies;
	struct json_ref root = json_root(&call->doc);
	struct aicx_str text = json_str(json_get(root, "amount"), &call->mem);
	struct account_query query;

	if (text.ptr != NULL) {
		if (money_parse_text(currencies, text, ret_amount, reterr) ==
		    AICX_OK)
			return AICX_OK;
		return err_field(reterr, AICX_EINVAL, "invalid_amount",
		    "/amount", "\"%.*s\" is no amount with its currency",
		    STR_ARG(text));
	}
	aicx_err err = field_parse(fields, root, currencies, false, &call->mem,
	    &query, sizeof query, reterr);
	*ret_amount = query.amount;
	return err;
}

aicx_err
on_check_balance(
    struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	static const struct aicx_id nobody;
	const struct account_query *query = params;
	struct aicx_id agent_id = query_subject(call, query);
	struct aicx_money amount;
	const char *currency = amount.currency;
	aicx_err err = must_see_agent(call, &agent_id, reterr);

	if (err == AICX_OK)
		err = asked_amount(call, &amount, reterr);
	struct reply reply;

	if (err != AICX_OK)
		return err;
	const struct budget *budget = budget_of(broker, &agent_id, currency);
	int64_t left_minor =
	    ledger_account(broker->state.ledger, &agent_id, currency)
		->available_minor;
	struct budget_line line;
	budget_line_load(broker, budget ? &budget->budget_id : &nobody,
	    broker_now(broker), &line);
	if (budget_line_available(&line) < left_minor)
		left_minor = budget_line_available(&line);
	reply_begin(&reply, call);
	json_key(&reply.w, "agent_id");
	json_put_id(&reply.w, &agent_id);
	json_key(&reply.w, "sufficient");
	json_put_bool(&reply.w, left_minor >= amount.minor);
	json_key(&reply.w, "balance");
	put_balance(&reply.w, broker, &agent_id, currency);
	reply_send(&reply, 200);
	return AICX_OK;
}

const struct field audit_balance_params[] = {
	PARAMS_METHOD(struct account_query),
	FIELD(struct account_query, agent_id, "agent_id", FIELD_ID,
	    .help = "Whose account; absent: the caller's."),
	FIELD(struct account_query, currency, "currency", FIELD_STR, .max = 7,
	    .help = "In which currency."),
	FIELD_END,
};
PARAMS_SIZE(audit_balance, account_query);

/* Who sees everything also sees that the books add up. */
static void
put_books(struct json_writer *w, struct broker *broker, const char *currency)
{
	struct ledger_sum sum = ledger_sum(broker->state.ledger, currency);
	ENSURE(sum.total == 0);

	json_key(w, "books");
	json_open(w, '{');
	json_key(w, "accounts");
	json_put_int(w, (int64_t)sum.n_accounts);
	json_key(w, "transactions");
	json_put_int(w, (int64_t)sum.n_transactions);
	put_amount(w, broker, "sum", (int64_t)sum.total, currency);
	put_amount(w, broker, "reserved", sum.reserved_minor, currency);
	put_amount(w, broker, "pending", sum.pending_minor, currency);
	put_amount(w, broker, "funding", sum.funding_minor, currency);
	put_amount(w, broker, "fees", sum.fees_minor, currency);
	put_amount(w, broker, "clearing", sum.clearing_minor, currency);
	put_amount(w, broker, "suspense", sum.suspense_minor, currency);
	json_key(w, "open_holds");
	json_put_int(w, (int64_t)broker->state.n_holds_open);
	json_close(w);
}

aicx_err
on_audit_balance(
    struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct account_query *query = params;
	struct aicx_id agent_id = query_subject(call, query);
	char currency[8];
	aicx_err err = must_see_agent(call, &agent_id, reterr);
	struct reply reply;

	if (err != AICX_OK)
		return err;
	(void)snprintf(
	    currency, sizeof currency, "%s", broker->settings->currency);
	if (query->currency.len > 0)
		(void)str_copy(query->currency, currency, sizeof currency);
	if (currencies_find(&broker->state.currencies, str_of(currency)) ==
	    NULL)
		return err_field(reterr, AICX_EINVAL, "unknown_currency",
		    "/currency", "no currency \"%s\"", currency);
	const struct account *account =
	    ledger_account(broker->state.ledger, &agent_id, currency);
	reply_begin(&reply, call);
	struct json_writer *w = &reply.w;
	json_key(w, "agent_id");
	json_put_id(w, &agent_id);
	json_key(w, "currency");
	json_put_text(w, currency);
	put_amount(w, broker, "earned", account->earned_minor, currency);
	put_amount(w, broker, "fees", account->fees_minor, currency);
	put_amount(w, broker, "spent", account->spent_minor, currency);
	put_amount(w, broker, "available", account->available_minor, currency);
	put_amount(w, broker, "reserved", account->reserved_minor, currency);
	put_amount(w, broker, "pending", account->pending_minor, currency);
	put_amount(w, broker, "frozen", account->frozen_minor, currency);
	put_amount(w, broker, "funded", account->funded_minor, currency);
	json_key(w, "transactions");
	json_put_int(w, account->n_transactions);
	if (role_sees_all(call->who.role))
		put_books(w, broker, currency);
	reply_send(&reply, 200);
	return AICX_OK;
}
