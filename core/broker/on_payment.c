/* SPDX-License-Identifier: Apache-2.0 */
/* on_payment.c - what operators see of payments outside the ledger. */
#include "base/err.h"
#include "base/id.h"
#include "broker/handlers.h"
#include "broker/transit.h"
#include "economics/bill.h"

#include <stdlib.h>
#include <string.h>

struct payment_query {
	PARAMS;
	struct aicx_id payment_id, cursor;
	int64_t limit;
};

const struct field list_payments_params[] = {
	PARAMS_METHOD(struct payment_query),
	FIELD(struct payment_query, limit, "limit", FIELD_INT, .min = 1,
	    .max = LIST_LIMIT_MAX, .fallback = LIST_LIMIT,
	    .help = "How many at most."),
	FIELD(struct payment_query, cursor, "cursor", FIELD_ID,
	    .help = "Where the last page ended."),
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

static int
by_id(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct aicx_id));
}

/* The ids of those under way that come after this one, sorted. */
static size_t
pending_after(struct broker *broker, const struct aicx_id *after,
    struct arena *mem, struct aicx_id **ret_ids)
{
	struct aicx_id *ids =
	    arena_new(mem, (transits_pending(broker) + 1) * sizeof *ids);
	size_t n = 0;

	LIST_EACH (node, &broker->transits) {
		const struct transit *job =
		    LIST_ITEM(node, struct transit, node);
		if (by_id(&job->payment_id, after) > 0)
			ids[n++] = job->payment_id;
	}
	qsort(ids, n, sizeof *ids, by_id);
	*ret_ids = ids;
	return n;
}

/* Those whose outcome is not known, by their ids, so that pages hold while some
   of them end. */
aicx_err
on_list_payments(
    struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct payment_query *query = params;
	struct aicx_id *ids;
	struct reply reply;

	if (!role_sees_all(call->who.role))
		return err_word(reterr, AICX_EDENIED, "denied",
		    "payments are for operators and auditors to see");
	size_t n = pending_after(broker, &query->cursor, &call->mem, &ids);
	size_t shown = n < (size_t)query->limit ? n : (size_t)query->limit;
	reply_begin(&reply, call);
	json_key(&reply.w, "payments");
	json_open(&reply.w, '[');
	for (size_t i = 0; i < shown; i++)
		put_payment(
		    &reply.w, broker, state_payment(&broker->state, &ids[i]));
	json_close(&reply.w);
	json_key(&reply.w, "pending");
	json_put_int(&reply.w, (int64_t)transits_pending(broker));
	if (shown < n)
		put_id(&reply.w, "cursor", &ids[shown - 1]);
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
