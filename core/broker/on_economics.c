/* SPDX-License-Identifier: Apache-2.0 */
/* on_economics.c - money in and out, budgets, and the books. */
#include "base/err.h"
#include "base/id.h"
#include "base/str.h"
#include "broker/handlers.h"
#include "economics/bill.h"

#include <stdio.h>
#include <string.h>

static void
put_amount(struct json_writer *w, struct broker *broker, const char *name,
    int64_t minor, const char *currency)
{
	struct aicx_money money = { .minor = minor };
	struct buf text = { 0 };

	(void)snprintf(money.currency, sizeof money.currency, "%s", currency);
	money_put(&text, &broker->state.currencies, &money);
	json_key(w, name);
	json_put_str(w, buf_view(&text));
	buf_fini(&text);
}

static void
put_balance(struct json_writer *w, struct broker *broker,
    const struct aicx_id *agent_id, const char *currency)
{
	const struct account *account =
	    ledger_account(broker->state.ledger, agent_id, currency);

	json_open(w, '{');
	put_amount(w, broker, "available", account->available_minor, currency);
	put_amount(w, broker, "reserved", account->reserved_minor, currency);
	json_key(w, "currency");
	json_put_text(w, currency);
	json_close(w);
}

/* --- fund and withdraw: through the payment kind
 * -------------------------------- */

struct payment {
	PARAMS;
	struct aicx_id agent_id;
	struct aicx_money amount;
	struct aicx_str reference;
};

#define PAYMENT_PARAMS(name)                                                   \
	const struct field name##_params[] = {                                 \
		PARAMS_METHOD(struct payment),                                 \
		FIELD(struct payment, agent_id, "agent_id", FIELD_ID,          \
		    .flags = FIELDF_REQUIRED, .help = "Whose account."),       \
		FIELD(struct payment, amount, "amount", FIELD_MONEY,           \
		    .flags = FIELDF_REQUIRED, .help = "How much."),            \
		FIELD(struct payment, reference, "reference", FIELD_STR,       \
		    .max = 256, .help = "What it is for."),                    \
		FIELD_END,                                                     \
	};                                                                     \
	PARAMS_SIZE(name, payment)

PAYMENT_PARAMS(fund);
PAYMENT_PARAMS(withdraw);

struct payment_job { /* in the call's memory */
	const struct payment *payment;
	struct aicx_id transaction_id;
	struct aicx_pay pay;
	bool out;
};

static aicx_err
book(
    struct call *call, const struct payment_job *job, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct payment *payment = job->payment;
	const struct aicx_id *agent = &payment->agent_id;
	struct step *step = call_step(
	    call, job->out ? "account.withdraw" : "account.fund", NULL);

	step_move(step, job->out ? TRANSFER_WITHDRAW : TRANSFER_FUND,
	    &job->transaction_id, job->out ? agent : &ledger_funding,
	    COLUMN_AVAILABLE, job->out ? &ledger_funding : agent,
	    COLUMN_AVAILABLE, &payment->amount, NULL, NULL, payment->reference);
	struct json_writer w = step_reply(step);
	json_key(&w, "transaction_id");
	json_put_id(&w, &job->transaction_id);
	json_key(&w, "balance");
	const struct account *account = ledger_account(
	    broker->state.ledger, agent, payment->amount.currency);
	struct aicx_money after = payment->amount;
	int64_t moved =
	    job->out ? -payment->amount.minor : payment->amount.minor;
	if (__builtin_add_overflow(
		account->available_minor, moved, &after.minor))
		after.minor = INT64_MAX; /* the ledger refuses it below */
	json_open(&w, '{');
	put_amount(&w, broker, "available", after.minor, after.currency);
	put_amount(
	    &w, broker, "reserved", account->reserved_minor, after.currency);
	json_key(&w, "currency");
	json_put_text(&w, after.currency);
	json_close(&w);
	json_close(&w);
	return call_commit(call, step, 201, reterr);
}

static void
on_paid(const struct aicx_pay_result *result, void *arg)
{
	struct call *call = arg;
	struct payment_job *job = call->held;
	struct aicx_error error = { 0 };
	aicx_err err = AICX_OK;

	if (result->state != AICX_PAY_DONE)
		err = err_word(&error, AICX_ELIMIT,
		    result->state == AICX_PAY_UNKNOWN ? "unavailable"
						      : "denied",
		    "payment was refused: %s", result->error.text);
	if (err == AICX_OK)
		err = book(call, job, &error);
	if (err != AICX_OK)
		call_fail(call, &error);
}

static aicx_err
pay(struct call *call, const struct payment *payment, bool out,
    struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	struct payment_job *job = arena_new(&call->mem, sizeof *job);
	const struct account *account = ledger_account(
	    broker->state.ledger, &payment->agent_id, payment->amount.currency);

	if (state_agent(&broker->state, &payment->agent_id) == NULL)
		return not_found("agent", &payment->agent_id, reterr);
	if (payment->amount.minor <= 0)
		return err_field(reterr, AICX_EINVAL, "invalid_amount",
		    "/amount/amount", "amount must be above zero");
	if (out && account->available_minor < payment->amount.minor)
		return err_word(reterr, AICX_ELIMIT, "insufficient_funds",
		    "account has less than that available");
	job->payment = payment;
	job->out = out;
	job->transaction_id = broker_new_id(broker);
	job->pay = (struct aicx_pay) {
		.size = sizeof job->pay,
		.id = job->transaction_id,
		.party = payment->agent_id,
		.amount = payment->amount,
		.available_minor = account->available_minor,
		.reference = payment->reference,
	};
	call->held = job;
	if (out)
		broker->payment->payout(
		    broker->payment_state, &job->pay, on_paid, call);
	else
		broker->payment->fund(
		    broker->payment_state, &job->pay, on_paid, call);
	return AICX_OK;
}

aicx_err
on_fund(struct call *call, const void *params, struct aicx_error *reterr)
{
	return pay(call, params, false, reterr);
}

aicx_err
on_withdraw(struct call *call, const void *params, struct aicx_error *reterr)
{
	return pay(call, params, true, reterr);
}

/* --- budgets
 * ------------------------------------------------------------------------ */

struct new_budget {
	PARAMS;
	struct aicx_id agent_id, parent;
	struct aicx_money amount;
	int period;
};

const struct field create_budget_params[] = {
	PARAMS_METHOD(struct new_budget),
	FIELD(struct new_budget, agent_id, "agent_id", FIELD_ID,
	    .help = "Whose spending it limits; absent: the caller's."),
	FIELD(struct new_budget, amount, "amount", FIELD_MONEY,
	    .flags = FIELDF_REQUIRED, .help = "How much in a period."),
	FIELD(struct new_budget, period, "period", FIELD_ENUM,
	    .names = budget_period_names,
	    .help = "When it begins anew, on UTC boundaries."),
	FIELD(struct new_budget, parent, "parent", FIELD_ID,
	    .help = "The budget it is taken from."),
	FIELD_END,
};
PARAMS_SIZE(create_budget, new_budget);

static const struct budget *
budget_of(
    struct broker *broker, const struct aicx_id *agent_id, const char *currency)
{
	const struct group *group =
	    state_group(&broker->state.budgets_of_agent, agent_id);

	for (size_t i = 0; i < group->n; i++) {
		const struct budget *budget =
		    state_budget(&broker->state, &group->ids[i]);
		if (currency == NULL ||
		    strcmp(budget->allocated.currency, currency) == 0)
			return budget;
	}
	return NULL;
}

static void
put_budget(
    struct json_writer *w, struct broker *broker, const struct budget *stored)
{
	struct budget budget = *stored;
	const char *currency = budget.allocated.currency;

	(void)budget_roll(&budget, broker_now(broker));
	json_key(w, "budget_id");
	json_put_id(w, &budget.budget_id);
	json_key(w, "agent_id");
	json_put_id(w, &budget.agent_id);
	json_key(w, "currency");
	json_put_text(w, currency);
	put_amount(
	    w, broker, "total_allocated", budget.allocated.minor, currency);
	put_amount(w, broker, "consumed", budget.consumed_minor, currency);
	put_amount(w, broker, "held", budget.held_minor, currency);
	put_amount(w, broker, "available", budget_available(&budget), currency);
	json_key(w, "period");
	json_put_text(w, budget_period_names[budget.period]);
	if (budget.reset_ms > 0) {
		json_key(w, "reset_date");
		json_put_time(w, budget.reset_ms);
	}
}

/* A child's budget is taken from its parent's; it creates nothing. */
static aicx_err
take_from_parent(struct call *call, const struct new_budget *wish,
    struct budget *ret_parent, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct budget *parent =
	    state_budget(&broker->state, &wish->parent);

	if (parent == NULL)
		return not_found("budget", &wish->parent, reterr);
	aicx_err err = must_act_for(call, &parent->agent_id, reterr);
	if (err != AICX_OK)
		return err;
	*ret_parent = *parent;
	(void)budget_roll(ret_parent, broker_now(broker));
	err = budget_check(
	    ret_parent, &wish->amount, &broker->state.currencies, reterr);
	if (err == AICX_OK)
		ret_parent->given_minor += wish->amount.minor;
	return err;
}

aicx_err
on_create_budget(
    struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct new_budget *wish = params;
	struct aicx_id agent_id =
	    id_is_nil(&wish->agent_id) ? call->who.agent_id : wish->agent_id;
	struct budget parent = { .given_minor = 0 };
	bool has_parent = !id_is_nil(&wish->parent);
	aicx_err err = must_act_for(call, &agent_id, reterr);

	if (err != AICX_OK)
		return err;
	if (wish->amount.minor <= 0)
		return err_field(reterr, AICX_EINVAL, "invalid_amount",
		    "/amount/amount", "a budget must be above zero");
	if (state_agent(&broker->state, &agent_id) == NULL)
		return not_found("agent", &agent_id, reterr);
	if (budget_of(broker, &agent_id, wish->amount.currency) != NULL)
		return err_word(reterr, AICX_EEXIST, "already_exists",
		    "agent has a budget in %s", wish->amount.currency);
	if (has_parent)
		err = take_from_parent(call, wish, &parent, reterr);
	if (err != AICX_OK)
		return err;
	struct step *step = call_step(call, "budget.create", NULL);
	struct budget budget = {
		.budget_id = broker_new_id(broker),
		.agent_id = agent_id,
		.parent_id = wish->parent,
		.allocated = wish->amount,
		.period = wish->period,
		.created_ms = step->now_ms,
	};
	(void)budget_roll(&budget, step->now_ms);
	step_put(step, T_BUDGET, &budget);
	if (has_parent)
		step_put(step, T_BUDGET, &parent);
	struct json_writer w = step_reply(step);
	put_budget(&w, broker, &budget);
	json_close(&w);
	return call_commit(call, step, 201, reterr);
}

struct account_query {
	PARAMS;
	struct aicx_id agent_id;
	struct aicx_str currency, amount_json;
	struct aicx_money amount;
};

const struct field get_budget_params[] = {
	PARAMS_METHOD(struct account_query),
	FIELD(struct account_query, agent_id, "agent_id", FIELD_ID,
	    .help = "Whose budget; absent: the caller's."),
	FIELD(struct account_query, currency, "currency", FIELD_STR, .max = 7,
	    .help = "In which currency; absent: the first."),
	FIELD_END,
};
PARAMS_SIZE(get_budget, account_query);

static struct aicx_id
subject(const struct call *call, const struct account_query *query)
{
	return id_is_nil(&query->agent_id) ? call->who.agent_id
					   : query->agent_id;
}

aicx_err
on_get_budget(struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct account_query *query = params;
	struct aicx_id agent_id = subject(call, query);
	char currency[8] = "";
	aicx_err err = must_see_agent(call, &agent_id, reterr);
	struct reply reply;

	if (err != AICX_OK)
		return err;
	(void)str_copy(query->currency, currency, sizeof currency);
	const struct budget *budget =
	    budget_of(broker, &agent_id, currency[0] ? currency : NULL);
	if (budget == NULL)
		return err_word(
		    reterr, AICX_ENOTFOUND, "not_found", "agent has no budget");
	reply_begin(&reply, call);
	put_budget(&reply.w, broker, budget);
	reply_send(&reply, 200);
	return AICX_OK;
}

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
	const struct account_query *query = params;
	struct aicx_id agent_id = subject(call, query);
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
	if (budget != NULL) {
		struct budget now = *budget;
		(void)budget_roll(&now, broker_now(broker));
		if (budget_available(&now) < left_minor)
			left_minor = budget_available(&now);
	}
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

/* --- transactions
 * -------------------------------------------------------------------- */

struct by_transaction {
	PARAMS;
	struct aicx_id id;
};

const struct field get_transaction_params[] = {
	PARAMS_METHOD(struct by_transaction),
	FIELD(struct by_transaction, id, "transaction_id", FIELD_ID,
	    .flags = FIELDF_REQUIRED, .help = "Which one."),
	FIELD_END,
};
PARAMS_SIZE(get_transaction, by_transaction);

static void
put_party(struct json_writer *w, const char *name, const struct aicx_id *id)
{
	json_key(w, name);
	if (id_eq(id, &ledger_funding))
		json_put_text(w, "funding");
	else
		json_put_id(w, id);
}

static void
put_transaction(struct json_writer *w, struct broker *broker,
    const struct transaction *transaction)
{
	json_open(w, '{');
	json_key(w, "transaction_id");
	json_put_id(w, &transaction->id);
	json_key(w, "kind");
	json_put_text(w, transfer_kind_names[transaction->kind]);
	json_key(w, "timestamp");
	json_put_time(w, transaction->at_ms);
	put_party(w, "from_agent_id", &transaction->from);
	put_party(w, "to_agent_id", &transaction->to);
	json_key(w, "amount");
	money_put_json(w, &transaction->amount, &broker->state.currencies);
	if (!id_is_nil(&transaction->contract_id)) {
		json_key(w, "contract_id");
		json_put_id(w, &transaction->contract_id);
	}
	if (!id_is_nil(&transaction->execution_id)) {
		json_key(w, "execution_id");
		json_put_id(w, &transaction->execution_id);
	}
	json_key(w, "status");
	json_put_text(w, "settled");
	json_key(w, "settlement_time");
	json_put_time(w, transaction->at_ms);
	json_key(w, "record");
	json_put_int(w, (int64_t)transaction->seq);
	if (transaction->reference != NULL) {
		json_key(w, "reference");
		json_put_text(w, transaction->reference);
	}
	json_close(w);
}

aicx_err
on_get_transaction(
    struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct by_transaction *by = params;
	const struct transaction *transaction =
	    ledger_transaction(broker->state.ledger, &by->id);
	struct buf body = { 0 };
	struct json_writer w = json_writer(&body);

	if (transaction == NULL ||
	    (must_see_agent(call, &transaction->from, NULL) != AICX_OK &&
		must_see_agent(call, &transaction->to, NULL) != AICX_OK))
		return not_found("transaction", &by->id, reterr);
	put_transaction(&w, broker, transaction);
	call_answer(call, 200, buf_view(&body));
	buf_fini(&body);
	return AICX_OK;
}

struct transaction_list {
	PARAMS;
	struct aicx_id agent_id, cursor;
	int64_t limit;
};

const struct field list_transactions_params[] = {
	PARAMS_METHOD(struct transaction_list),
	FIELD(struct transaction_list, agent_id, "agent_id", FIELD_ID,
	    .help = "Whose; absent: the caller's."),
	FIELD(struct transaction_list, limit, "limit", FIELD_INT, .min = 1,
	    .max = LIST_LIMIT_MAX, .fallback = LIST_LIMIT,
	    .help = "How many at most."),
	FIELD(struct transaction_list, cursor, "cursor", FIELD_ID,
	    .help = "Where the last page ended."),
	FIELD_END,
};
PARAMS_SIZE(list_transactions, transaction_list);

aicx_err
on_list_transactions(
    struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct transaction_list *wish = params;
	struct aicx_id agent_id =
	    id_is_nil(&wish->agent_id) ? call->who.agent_id : wish->agent_id;
	const struct transaction *list[LIST_LIMIT_MAX];
	aicx_err err = must_see_agent(call, &agent_id, reterr);
	struct reply reply;

	if (err != AICX_OK)
		return err;
	size_t n = ledger_transactions(broker->state.ledger, &agent_id,
	    &wish->cursor, list, (size_t)wish->limit);
	reply_begin(&reply, call);
	json_key(&reply.w, "transactions");
	json_open(&reply.w, '[');
	for (size_t i = 0; i < n; i++)
		put_transaction(&reply.w, broker, list[i]);
	json_close(&reply.w);
	if (n == (size_t)wish->limit) {
		json_key(&reply.w, "cursor");
		json_put_id(&reply.w, &list[n - 1]->id);
	}
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
	struct aicx_id agent_id = subject(call, query);
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
	json_key(w, "transactions");
	json_put_int(w, account->n_transactions);
	if (role_sees_all(call->who.role))
		put_books(w, broker, currency);
	reply_send(&reply, 200);
	return AICX_OK;
}
