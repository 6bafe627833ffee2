/* SPDX-License-Identifier: Apache-2.0 */
/* stage_print.c - all that a broker knows, as one text to compare. */
#include "base/err.h"
#include "base/str.h"
#include "broker/testdata/stage_inside.h"

#include <string.h>

static void
print_row(struct buf *buf, const struct stage *stage, enum table table,
    const struct aicx_id *id)
{
	const void *row = state_row(&stage->broker->state, table, id);
	struct json_writer w = json_writer(buf);

	json_open(&w, '{');
	if (row != NULL)
		field_print(
		    table_defs[table].fields, row, &stage->currencies, &w);
	json_close(&w);
}

static void
print_list(struct buf *buf, const char *name, const void *items, size_t n_bytes)
{
	buf_printf(buf, "\n%s %zu ", name, n_bytes);
	if (n_bytes > 0)
		buf_put(buf, items, n_bytes);
}

static void
print_deal(struct buf *buf, const struct stage *stage, const struct aicx_id *id)
{
	const struct state *state = &stage->broker->state;
	const struct deal *deal = state_deal(state, id);
	const struct trail *trail = state_trail(state, id);
	const struct group *offers = state_offers(state, id);
	struct aicx_id ids[64];

	print_list(buf, "trail", trail->seqs, trail->n * sizeof *trail->seqs);
	print_list(buf, "offers", offers->ids, offers->n * sizeof ids[0]);
	const struct group *group =
	    state_executions(state, &deal->contract_id, 64);
	print_list(buf, "executions", group->ids, group->n * sizeof ids[0]);
	size_t n = state_payments(state, &deal->contract_id, ids, 64);
	print_list(buf, "payments", ids, n * sizeof ids[0]);
}

static void
print_transaction(struct buf *buf, const struct transaction *transaction)
{
	struct transaction copy = *transaction;

	copy.reference = (struct aicx_str) { NULL, 0 };
	copy.next = NULL;
	print_list(buf, "transaction", &copy, sizeof copy);
	buf_str(buf, transaction->reference);
}

/* Lists page by page, so that each cursor is used. */
static void
print_agent(
    struct buf *buf, const struct stage *stage, const struct aicx_id *id)
{
	const struct state *state = &stage->broker->state;
	const struct transaction *list[3];
	struct aicx_id last = { { 0 } }, ids[3];
	size_t n;

	print_list(buf, "account", ledger_account(state->ledger, id, "AIC"),
	    sizeof(struct account));
	while ((n = state_deals(state, id, &last, ids, 3)) > 0) {
		print_list(buf, "deals", ids, n * sizeof ids[0]);
		last = ids[n - 1];
	}
	last = (struct aicx_id) { { 0 } };
	while ((n = state_transactions(state, id, &last, list, 3)) > 0) {
		for (size_t i = 0; i < n; i++)
			print_transaction(buf, list[i]);
		last = list[n - 1]->id;
		print_transaction(buf, state_transaction(state, &last));
	}
}

static void
print_request(
    struct buf *buf, const struct stage *stage, const struct request *request)
{
	request = state_request(
	    &stage->broker->state, &request->key.sender, &request->key.id);
	ENSURE(request != NULL);
	print_list(buf, "request", request->body, sizeof request->body);
	buf_printf(buf, "%llu", (unsigned long long)request->seq);
	if (request->seq == 0)
		buf_put(buf, &request->deal_id, sizeof request->deal_id);
}

void
stage_print(
    struct buf *buf, const struct stage *stage, const struct stage *full)
{
	const struct state *known = &full->broker->state;
	const struct state *state = &stage->broker->state;

	for (enum table t = 0; t < T_N; t++)
		MAP_EACH (entry, &known->rows[t]) {
			struct aicx_id id;
			memcpy(&id, entry->key.ptr, sizeof id);
			print_row(buf, stage, t, &id);
			if (t == T_DEAL)
				print_deal(buf, stage, &id);
			if (t == T_AGENT)
				print_agent(buf, stage, &id);
		}
	MAP_EACH (entry, &known->requests)
		print_request(buf, stage, entry->value);
	print_agent(buf, stage, &ledger_funding);
	print_agent(buf, stage, &ledger_fees);
	struct ledger_sum sum = ledger_sum(state->ledger, "AIC");
	buf_printf(buf, "\n%zu %zu %zu %zu %zu", state->n_holds_open,
	    state->n_deals_open, state->n_agents, sum.n_accounts,
	    sum.n_transactions);
}
