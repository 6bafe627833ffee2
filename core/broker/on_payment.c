/* SPDX-License-Identifier: Apache-2.0 */
/* on_payment.c - what operators see of payments outside the ledger. */
#include "base/err.h"
#include "base/id.h"
#include "broker/handlers.h"
#include "broker/transit.h"
#include "economics/bill.h"

struct payment_query {
	PARAMS;
	struct aicx_id payment_id;
	int64_t limit;
};

const struct field list_payments_params[] = {
	PARAMS_METHOD(struct payment_query),
	FIELD(struct payment_query, limit, "limit", FIELD_INT, .min = 1,
	    .max = LIST_LIMIT_MAX, .fallback = LIST_LIMIT,
	    .help = "How many at most."),
	FIELD_END,
};
PARAMS_SIZE(list_payments, payment_query);

const struct field get_payment_params[] = {
	PARAMS_METHOD(struct payment_query),
	FIELD(struct payment_query, payment_id, "payment_id", FIELD_ID,
	    .flags = FIELDF_REQUIRED, .help = "Which one."),
	FIELD_END,
};
PARAMS_SIZE(get_payment, payment_query);

static void
put_id(struct json_writer *w, const char *name, const struct aicx_id *id)
{
	if (id_is_nil(id))
		return;
	json_key(w, name);
	json_put_id(w, id);
}

static void
put_minor(struct json_writer *w, struct broker *broker, const char *name,
    const struct payment *row, int64_t minor)
{
	struct aicx_money money = row->amount;

	if (minor == 0)
		return;
	money.minor = minor;
	json_key(w, name);
	money_put_json(w, &money, &broker->state.currencies);
}

static void
put_payment(
    struct json_writer *w, struct broker *broker, const struct payment *row)
{
	const struct transit *job = transit_find(broker, &row->payment_id);

	json_open(w, '{');
	put_id(w, "payment_id", &row->payment_id);
	json_key(w, "op");
	json_put_text(w, payment_op_names[row->op]);
	json_key(w, "state");
	json_put_text(w, payment_state_names[row->state]);
	put_id(w, "agent_id", &row->party);
	put_id(w, "payee_id", &row->payee);
	put_id(w, "deal_id", &row->deal_id);
	put_id(w, "of", &row->of);
	put_minor(w, broker, "amount", row, row->amount.minor);
	put_minor(w, broker, "taken_back", row, row->back_minor);
	put_minor(w, broker, "lost", row, row->lost_minor);
	if (row->reason.len > 0) {
		json_key(w, "reason");
		json_put_str(w, row->reason);
	}
	json_key(w, "asked_at");
	json_put_time(w, row->asked_ms);
	if (row->known_ms > 0) {
		json_key(w, "known_at");
		json_put_time(w, row->known_ms);
	}
	if (job != NULL) {
		json_key(w, "times_asked");
		json_put_int(w, job->n_asked);
		json_key(w, "stuck");
		json_put_bool(w, job->stuck);
	}
	json_close(w);
}

/* Those whose outcome is not known, in the order in which they began. */
aicx_err
on_list_payments(
    struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct payment_query *query = params;
	struct reply reply;
	int64_t n = 0;

	if (!role_sees_all(call->who.role))
		return err_word(reterr, AICX_EDENIED, "denied",
		    "payments are for operators and auditors to see");
	reply_begin(&reply, call);
	json_key(&reply.w, "payments");
	json_open(&reply.w, '[');
	LIST_EACH (node, &broker->transits) {
		const struct transit *job =
		    LIST_ITEM(node, struct transit, node);
		if (n++ < query->limit)
			put_payment(&reply.w, broker,
			    state_payment(&broker->state, &job->payment_id));
	}
	json_close(&reply.w);
	json_key(&reply.w, "pending");
	json_put_int(&reply.w, (int64_t)transits_pending(broker));
	reply_send(&reply, 200);
	return AICX_OK;
}

aicx_err
on_get_payment(struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct payment_query *query = params;
	const struct payment *row =
	    state_payment(&broker->state, &query->payment_id);
	struct buf body = { 0 };
	struct json_writer w = json_writer(&body);

	if (row == NULL || must_see_agent(call, &row->party, NULL) != AICX_OK)
		return not_found("payment", &query->payment_id, reterr);
	put_payment(&w, broker, row);
	call_answer(call, 200, buf_view(&body));
	buf_fini(&body);
	return AICX_OK;
}
