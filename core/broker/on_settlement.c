/* SPDX-License-Identifier: Apache-2.0 */
/* on_settlement.c - the operator settles what is pending, one or many. */
#include "base/err.h"
#include "base/id.h"
#include "base/str.h"
#include "broker/balance.h"
#include "broker/payments.h"
#include "economics/bill.h"

#include <stdio.h>
#include <string.h>

struct settling {
	PARAMS;
	struct aicx_id transaction_id;
	struct field_strs transactions;
	struct aicx_str currency;
};

static void
put_parties(
    struct json_writer *w, struct broker *broker, const struct batch *batch)
{
	const struct batch_party *list = batch->parties.items;
	const char *currency = batch->total.currency;

	json_key(w, "parties");
	json_open(w, '[');
	for (size_t i = 0; i < batch->parties.n; i++) {
		json_open(w, '{');
		json_key(w, "agent_id");
		json_put_id(w, &list[i].agent_id);
		put_amount(w, broker, "earned", list[i].earned_minor, currency);
		put_amount(w, broker, "spent", list[i].spent_minor, currency);
		put_amount(w, broker, "fee", list[i].fee_minor, currency);
		put_amount(w, broker, "net", list[i].net_minor, currency);
		json_close(w);
	}
	json_close(w);
}

static aicx_err
settle(struct call *call, const struct transaction_state *const *list, size_t n,
    size_t left, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	struct step *step = call_step(call, "settlement.batch", NULL);
	struct batch batch;

	batch_put(step, list, n, &batch);
	struct json_writer w = step_reply(step);
	json_key(&w, "batch_id");
	json_put_id(&w, &batch.batch_id);
	json_key(&w, "status");
	json_put_text(&w, transaction_status_names[TRANSACTION_SETTLED]);
	json_key(&w, "settlement_time");
	json_put_time(&w, batch.settled_ms);
	json_key(&w, "total");
	money_put_json(&w, &batch.total, &broker->state.currencies);
	json_key(&w, "transactions");
	json_open(&w, '[');
	for (size_t i = 0; i < n; i++)
		json_put_id(&w, &list[i]->transaction_id);
	json_close(&w);
	put_parties(&w, broker, &batch);
	json_key(&w, "left");
	json_put_int(&w, (int64_t)left);
	json_close(&w);
	return call_commit(call, step, 201, reterr);
}

static aicx_err
find_pending(struct broker *broker, const struct aicx_id *id, const char *field,
    const struct transaction_state **ret_state, struct aicx_error *reterr)
{
	const struct transaction *transaction =
	    state_transaction(&broker->state, id);
	const struct transaction_state *state =
	    state_transaction_state(&broker->state, id);

	if (transaction == NULL && state == NULL)
		return err_field(reterr, AICX_ENOTFOUND, "not_found", field,
		    "no transaction \"%s\"", id_text(id).text);
	if (state == NULL || state->status != TRANSACTION_PENDING)
		return err_field(reterr, AICX_ESTATE, "wrong_state", field,
		    "transaction is %s",
		    state ? transaction_status_names[state->status]
			  : "settled");
	*ret_state = state;
	return AICX_OK;
}

/* --- one --------------------------------------------------------------- */

const struct field settle_transaction_params[] = {
	PARAMS_METHOD(struct settling),
	FIELD(struct settling, transaction_id, "transaction_id", FIELD_ID,
	    .flags = FIELDF_REQUIRED, .help = "Which one."),
	FIELD_END,
};
PARAMS_SIZE(settle_transaction, settling);

aicx_err
on_settle_transaction(
    struct call *call, const void *params, struct aicx_error *reterr)
{
	const struct settling *wish = params;
	const struct transaction_state *state;
	aicx_err err = find_pending(call->broker, &wish->transaction_id,
	    "/transaction_id", &state, reterr);

	return err == AICX_OK ? settle(call, &state, 1, 0, reterr) : err;
}

/* --- many -------------------------------------------------------------- */

const struct field batch_settle_params[] = {
	PARAMS_METHOD(struct settling),
	FIELD(struct settling, currency, "currency", FIELD_STR, .max = 7,
	    .help = "In which currency; absent: the broker's."),
	FIELD(struct settling, transactions, "transactions", FIELD_STRS,
	    .min = 1, .max = BATCH_TRANSACTIONS_MAX,
	    .help = "Which ones; absent: the oldest that are pending."),
	FIELD_END,
};
PARAMS_SIZE(batch_settle, settling);

static aicx_err
add_named(struct broker *broker, struct aicx_str text, size_t i,
    const struct transaction_state **list, struct aicx_error *reterr)
{
	char field[40];
	struct aicx_id id;

	(void)snprintf(field, sizeof field, "/transactions/%zu", i);
	if (!id_parse(text, &id))
		return err_field(reterr, AICX_EINVAL, "invalid_params", field,
		    "\"%.*s\" is no id", STR_ARG(text));
	aicx_err err = find_pending(broker, &id, field, &list[i], reterr);
	if (err != AICX_OK)
		return err;
	for (size_t k = 0; k < i; k++)
		if (list[k] == list[i])
			return err_field(reterr, AICX_EINVAL, "invalid_params",
			    field, "transaction is named twice");
	if (!money_same_currency(&list[i]->amount, &list[0]->amount))
		return err_field(reterr, AICX_EINVAL, "invalid_params", field,
		    "transaction is in %s, the first in %s",
		    list[i]->amount.currency, list[0]->amount.currency);
	return AICX_OK;
}

aicx_err
on_batch_settle(
    struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct settling *wish = params;
	const struct transaction_state *list[BATCH_TRANSACTIONS_MAX] = { NULL };
	struct aicx_str currency = wish->currency.len > 0
	    ? wish->currency
	    : str_of(broker->settings->currency);
	size_t n = wish->transactions.n, left = 0;
	aicx_err err = AICX_OK;

	for (size_t i = 0; i < n && err == AICX_OK; i++)
		err = add_named(
		    broker, wish->transactions.items[i], i, list, reterr);
	if (err != AICX_OK)
		return err;
	const struct currency *known =
	    currencies_find(&broker->state.currencies, currency);
	if (known == NULL)
		return err_field(reterr, AICX_EINVAL, "unknown_currency",
		    "/currency", "no currency \"%.*s\"", STR_ARG(currency));
	if (n == 0)
		n = payments_pending(broker, known->code, list, &left);
	if (n == 0)
		return err_word(reterr, AICX_ESTATE, "wrong_state",
		    "nothing is pending in %s", known->code);
	return settle(call, list, n, left, reterr);
}
