/* SPDX-License-Identifier: Apache-2.0 */
/* payments.c - how payments stand, and what time does to money. */
#include "broker/payments.h"

#include "base/err.h"
#include "base/id.h"
#include "base/str.h"
#include "broker/balance.h"
#include "broker/flow.h"

#include <string.h>

/* --- budgets ---------------------------------------------------------- */

void
budget_line_load(struct broker *broker, const struct aicx_id *budget_id,
    int64_t now_ms, struct budget_line *ret_line)
{
	const struct budget *budget = state_budget(&broker->state, budget_id);

	ret_line->n = 0;
	while (budget != NULL) {
		ENSURE(ret_line->n < BUDGET_DEPTH_MAX);
		struct budget *copy = &ret_line->list[ret_line->n++];
		*copy = *budget;
		(void)budget_roll(copy, now_ms);
		budget = state_budget(&broker->state, &budget->parent_id);
	}
}

void
budget_line_put(struct step *step, const struct budget_line *line)
{
	for (size_t i = 0; i < line->n; i++)
		step_put(step, T_BUDGET, &line->list[i]);
}

aicx_err
budget_choose(struct broker *broker, const struct aicx_id *agent_id,
    const struct aicx_id *named, const char *currency, struct aicx_id *ret_id,
    struct aicx_error *reterr)
{
	const struct budget *budget = budget_of(broker, agent_id, currency);

	if (!id_is_nil(named)) {
		budget = state_budget(&broker->state, named);
		if (budget == NULL || !id_eq(&budget->agent_id, agent_id))
			return err_field(reterr, AICX_ENOTFOUND, "not_found",
			    "/budget_id", "agent has no budget \"%s\"",
			    id_text(named).text);
	}
	*ret_id = budget ? budget->budget_id : (struct aicx_id) { { 0 } };
	return AICX_OK;
}

/* --- how a payment stands --------------------------------------------- */

bool
payments_are_batched(const struct broker *broker)
{
	return broker->settings->settlement != NULL &&
	    strcmp(broker->settings->settlement, "batch") == 0;
}

void
payment_begin(struct step *step, struct transaction_state *paid)
{
	bool later = payments_are_batched(step->broker);

	paid->status = later ? TRANSACTION_PENDING : TRANSACTION_SETTLED;
	paid->settled_ms = later ? 0 : step->now_ms;
}

void
payment_put(struct step *step, const struct transaction_state *paid)
{
	if (paid->amount.minor > 0 &&
	    (paid->status == TRANSACTION_PENDING ||
		!id_is_nil(&paid->budget_id)))
		step_put(step, T_TRANSACTION_STATE, paid);
}

void
payment_move(struct step *step, enum transfer_kind kind,
    const struct transaction_state *paid, struct aicx_str reference)
{
	struct move list[2];
	struct moves moves = { .list = list, .cap = 2 };

	payment_put(step, paid);
	moves_charge(&moves, kind, paid, reference);
	step_moves(step, &moves);
}

aicx_err
payment_charge(struct step *step, const struct aicx_id *named_budget,
    struct transaction_state *paid, struct aicx_str reference,
    struct aicx_error *reterr)
{
	struct broker *broker = step->broker;
	struct budget_line line;
	aicx_err err = budget_choose(broker, &paid->payer_id, named_budget,
	    paid->amount.currency, &paid->budget_id, reterr);

	if (err != AICX_OK)
		return err;
	paid->made_ms = step->now_ms;
	budget_line_load(broker, &paid->budget_id, step->now_ms, &line);
	err = budget_line_check(
	    &line, &paid->amount, &broker->state.currencies, reterr);
	if (err != AICX_OK)
		return err;
	budget_line_charge(&line, paid->amount.minor);
	budget_line_put(step, &line);
	payment_move(step, TRANSFER_CHARGE, paid, reference);
	return AICX_OK;
}

/* Where it was counted, and when: a contract's payment by its hold. */
static void
find_budget(struct broker *broker, struct transaction_state *state)
{
	const struct execution *execution =
	    state_execution(&broker->state, &state->execution_id);
	const struct hold *hold =
	    execution ? state_hold(&broker->state, &execution->hold_id) : NULL;

	if (hold == NULL)
		return;
	state->budget_id = hold->budget_id;
	state->made_ms = hold->created_ms;
}

bool
payment_state(struct broker *broker, const struct transaction *transaction,
    struct transaction_state *ret_state)
{
	const struct transaction_state *known =
	    state_transaction_state(&broker->state, &transaction->id);

	if (transaction->kind != TRANSFER_POST &&
	    transaction->kind != TRANSFER_CHARGE &&
	    transaction->kind != TRANSFER_RECORD)
		return false;
	if (known != NULL) {
		*ret_state = *known;
		return true;
	}
	*ret_state = (struct transaction_state) {
		.transaction_id = transaction->id,
		.payer_id = transaction->from,
		.payee_id = transaction->to,
		.contract_id = transaction->contract_id,
		.execution_id = transaction->execution_id,
		.amount = transaction->amount,
		.fee_minor = transaction->fee_minor,
		.status = TRANSACTION_SETTLED,
		.made_ms = transaction->at_ms,
		.settled_ms = transaction->at_ms,
	};
	if (transaction->kind == TRANSFER_POST)
		find_budget(broker, ret_state);
	return true;
}

void
payment_refunded(
    struct step *step, struct transaction_state *paid, int64_t refund_minor)
{
	struct budget_line line;

	transaction_refund(paid, refund_minor);
	step_put(step, T_TRANSACTION_STATE, paid);
	if (refund_minor == 0)
		return;
	budget_line_load(step->broker, &paid->budget_id, step->now_ms, &line);
	budget_line_refund(&line, paid->made_ms, refund_minor);
	budget_line_put(step, &line);
}

/* --- batches ---------------------------------------------------------- */

void
batch_put(struct step *step, const struct transaction_state *const *list,
    size_t n, struct batch *ret_batch)
{
	struct moves moves = { .cap = MOVES_MAX };

	moves.list = arena_new(&step->mem, MOVES_MAX * sizeof *moves.list);
	batch_make(list, n, &step->mem, ret_batch);
	ret_batch->batch_id = broker_new_id(step->broker);
	ret_batch->settled_ms = step->now_ms;
	step_put(step, T_BATCH, ret_batch);
	for (size_t i = 0; i < n; i++) {
		struct transaction_state settled = *list[i];
		settled.status = TRANSACTION_SETTLED;
		settled.batch_id = ret_batch->batch_id;
		settled.settled_ms = step->now_ms;
		step_put(step, T_TRANSACTION_STATE, &settled);
	}
	moves_batch(&moves, ret_batch);
	step_moves(step, &moves);
}

size_t
payments_pending(struct broker *broker, const char *currency,
    const struct transaction_state *ret_list[BATCH_TRANSACTIONS_MAX],
    size_t *ret_left)
{
	size_t n = 0;

	*ret_left = 0;
	MAP_EACH (entry, &broker->state.pending) {
		const struct transaction_state *state =
		    state_transaction_state(&broker->state, entry->value);
		if (strcmp(state->amount.currency, currency) != 0)
			continue;
		if (n < BATCH_TRANSACTIONS_MAX)
			ret_list[n++] = state;
		else
			++*ret_left;
	}
	return n;
}

/* --- time ------------------------------------------------------------- */

static void
expire(struct broker *broker, const struct hold *hold)
{
	struct step *step = step_begin(
	    broker, "reservation.expire", &broker->keys.broker_id, NULL);
	struct aicx_error error = { 0 };

	hold_end(step, hold, HOLD_EXPIRED, NULL, NULL, NULL, NULL);
	if (step_commit(step, &error) != AICX_OK)
		log_error(broker->log, "reservation.stuck",
		    KV("hold", id_text(&hold->hold_id).text),
		    KV("reason", error.text));
}

static void
settle_all(struct broker *broker, const char *currency)
{
	const struct transaction_state *list[BATCH_TRANSACTIONS_MAX];
	size_t left = 1;

	while (left > 0) {
		size_t n = payments_pending(broker, currency, list, &left);
		struct aicx_error error = { 0 };
		struct batch batch;

		if (n == 0)
			return;
		struct step *step = step_begin(
		    broker, "settlement.batch", &broker->keys.broker_id, NULL);
		batch_put(step, list, n, &batch);
		if (step_commit(step, &error) == AICX_OK)
			continue;
		log_error(broker->log, "settlement.stuck",
		    KV("currency", currency), KV("reason", error.text));
		return;
	}
}

/* The next full interval of UTC. */
static int64_t
next_batch(const struct broker *broker, int64_t now_ms)
{
	int64_t every_ms = broker->settings->settle_every_ms;

	if (every_ms <= 0 || map_len(&broker->state.pending) == 0)
		return 0;
	return (now_ms / every_ms + 1) * every_ms;
}

void
payments_wake(struct broker *broker)
{
	int64_t expiry_ms = dues_next(&broker->state.reservations);

	if (broker->settle_ms == 0)
		broker->settle_ms = next_batch(broker, broker_now(broker));
	if (expiry_ms != 0)
		broker_wake(broker, expiry_ms);
	if (broker->settle_ms != 0)
		broker_wake(broker, broker->settle_ms);
}

void
payments_tick(struct broker *broker, int64_t now_ms)
{
	const struct currencies *all = &broker->state.currencies;
	struct due due;

	while (dues_take(&broker->state.reservations, now_ms, &due)) {
		const struct hold *hold = state_hold(&broker->state, &due.id);
		if (hold != NULL && hold_is_due(hold, now_ms))
			expire(broker, hold);
	}
	if (broker->settle_ms != 0 && now_ms >= broker->settle_ms) {
		broker->settle_ms = 0;
		for (size_t i = 0; i < all->n; i++)
			settle_all(broker, all->list[i].code);
	}
	payments_wake(broker);
}

const struct aicx_id *
deal_of_contract(const struct broker *broker, const struct aicx_id *contract_id)
{
	const struct contract *contract =
	    state_contract(&broker->state, contract_id);

	return contract != NULL && !id_is_nil(&contract->deal_id)
	    ? &contract->deal_id
	    : NULL;
}
