/* SPDX-License-Identifier: Apache-2.0 */
/* on_transaction.c - what was paid to whom. */
#include "base/err.h"
#include "base/id.h"
#include "base/str.h"
#include "broker/balance.h"
#include "broker/payments.h"
#include "economics/bill.h"

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
	if (place_own_name(id) != NULL)
		json_put_text(w, place_own_name(id));
	else
		json_put_id(w, id);
}

/* Status, fee and what became of it. */
static void
put_standing(struct json_writer *w, struct broker *broker,
    const struct transaction *transaction)
{
	const char *currency = transaction->amount.currency;
	struct transaction_state state = { .status = TRANSACTION_SETTLED,
		.settled_ms = transaction->at_ms };

	if (payment_state(broker, transaction, &state))
		put_amount(w, broker, "fee", state.fee_minor, currency);
	json_key(w, "status");
	json_put_text(w, transaction_status_names[state.status]);
	if (state.settled_ms > 0) {
		json_key(w, "settlement_time");
		json_put_time(w, state.settled_ms);
	}
	if (state.refunded_minor > 0)
		put_amount(
		    w, broker, "refunded", state.refunded_minor, currency);
	if (!id_is_nil(&state.batch_id)) {
		json_key(w, "batch_id");
		json_put_id(w, &state.batch_id);
		json_key(w, "batch_record");
		json_put_int(w,
		    (int64_t)state_row_seq(
			&broker->state, T_BATCH, &state.batch_id));
	}
	if (!id_is_nil(&state.dispute_id)) {
		json_key(w, "dispute_id");
		json_put_id(w, &state.dispute_id);
	}
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
	put_standing(w, broker, transaction);
	json_key(w, "record");
	json_put_int(w, (int64_t)transaction->seq);
	if (!id_is_nil(&transaction->of)) {
		json_key(w, "refunds");
		json_put_id(w, &transaction->of);
	}
	if (transaction->reference.len > 0) {
		json_key(w, "reference");
		json_put_str(w, transaction->reference);
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
	    state_transaction(&broker->state, &by->id);
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
	size_t n = state_transactions(&broker->state, &agent_id, &wish->cursor,
	    list, (size_t)wish->limit);
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
