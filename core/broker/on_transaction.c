/* SPDX-License-Identifier: Apache-2.0 */
/* on_transaction.c - what was paid to whom. */
#include "base/err.h"
#include "base/id.h"
#include "base/str.h"
#include "broker/balance.h"
#include "broker/payments.h"
#include "economics/bill.h"

#include <string.h>

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

/* Of what is filtered, so many are looked at for one answer. */
enum { SCAN_MAX = 2000 };

static const char *const kind_filters[] = { "any", "fund", "withdraw", "post",
	"charge", "record", "refund", NULL };
static const char *const status_filters[] = { "any", "pending", "settled",
	"frozen", "refunded", NULL };

struct transaction_list {
	PARAMS;
	struct aicx_id agent_id, cursor, contract_id;
	int64_t limit, from_ms, to_ms;
	struct aicx_str currency;
	int kind, status; /* index into the filters' names */
};

const struct field list_transactions_params[] = {
	PARAMS_METHOD(struct transaction_list),
	FIELD(struct transaction_list, agent_id, "agent_id", FIELD_ID,
	    .help = "Whose; absent: the caller's."),
	FIELD(struct transaction_list, kind, "kind", FIELD_ENUM,
	    .names = kind_filters, .help = "Only of this kind."),
	FIELD(struct transaction_list, status, "status", FIELD_ENUM,
	    .names = status_filters, .help = "Only those that stand so."),
	FIELD(struct transaction_list, currency, "currency", FIELD_STR,
	    .max = 7, .help = "Only in this currency."),
	FIELD(struct transaction_list, contract_id, "contract_id", FIELD_ID,
	    .help = "Only under this contract."),
	FIELD(struct transaction_list, from_ms, "from", FIELD_TIME,
	    .help = "Only from this time on."),
	FIELD(struct transaction_list, to_ms, "to", FIELD_TIME,
	    .help = "Only before this time."),
	FIELD(struct transaction_list, limit, "limit", FIELD_INT, .min = 1,
	    .max = LIST_LIMIT_MAX, .fallback = LIST_LIMIT,
	    .help = "How many at most."),
	FIELD(struct transaction_list, cursor, "cursor", FIELD_ID,
	    .help = "Where the last page ended."),
	FIELD_END,
};
PARAMS_SIZE(list_transactions, transaction_list);

static bool
is_wished(struct broker *broker, const struct transaction_list *wish,
    const struct transaction *transaction)
{
	struct transaction_state state = { .status = TRANSACTION_SETTLED };

	(void)payment_state(broker, transaction, &state);
	return (wish->kind == 0 ||
		   strcmp(kind_filters[wish->kind],
		       transfer_kind_names[transaction->kind]) == 0) &&
	    (wish->status == 0 ||
		strcmp(status_filters[wish->status],
		    transaction_status_names[state.status]) == 0) &&
	    (wish->currency.len == 0 ||
		str_is(wish->currency, transaction->amount.currency)) &&
	    (id_is_nil(&wish->contract_id) ||
		id_eq(&wish->contract_id, &transaction->contract_id)) &&
	    (wish->from_ms == 0 || transaction->at_ms >= wish->from_ms) &&
	    (wish->to_ms == 0 || transaction->at_ms < wish->to_ms);
}

aicx_err
on_list_transactions(
    struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct transaction_list *wish = params;
	struct aicx_id agent_id =
	    id_is_nil(&wish->agent_id) ? call->who.agent_id : wish->agent_id;
	const struct transaction *list[LIST_LIMIT_MAX];
	size_t limit = (size_t)wish->limit, n_put = 0, n_seen = 0, n = limit;
	struct aicx_id cursor = wish->cursor;
	aicx_err err = must_see_agent(call, &agent_id, reterr);
	struct reply reply;

	if (err != AICX_OK)
		return err;
	reply_begin(&reply, call);
	json_key(&reply.w, "transactions");
	json_open(&reply.w, '[');
	while (n == limit && n_put < limit && n_seen < SCAN_MAX) {
		n = state_transactions(
		    &broker->state, &agent_id, &cursor, list, limit);
		for (size_t i = 0; i < n && n_put < limit; i++) {
			cursor = list[i]->id;
			n_seen++;
			if (!is_wished(broker, wish, list[i]))
				continue;
			put_transaction(&reply.w, broker, list[i]);
			n_put++;
		}
	}
	json_close(&reply.w);
	if (n == limit) {
		json_key(&reply.w, "cursor");
		json_put_id(&reply.w, &cursor);
	}
	reply_send(&reply, 200);
	return AICX_OK;
}
