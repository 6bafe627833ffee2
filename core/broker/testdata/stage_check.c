/* SPDX-License-Identifier: Apache-2.0 */
/* stage_check.c - what holds after every step of any test: the money adds up,
   and memory, the index and the records say the same. */
#include "base/err.h"
#include "base/id.h"
#include "base/str.h"
#include "broker/testdata/stage_inside.h"

#include <stdio.h>
#include <string.h>

/* --- the same disk once more ------------------------------------------ */

/* The same disk for another broker, which may write as it likes. */
static void
shadow_open(struct stage *shadow, const struct stage *stage)
{
	*shadow = *stage;
	list_init(&shadow->jobs);
	list_init(&shadow->actors);
	stage_copy_store(shadow, stage);
	shadow->broker = NULL;
}

static aicx_err
shadow_start(struct stage *shadow, struct aicx_error *reterr)
{
	shadow->broker = stage_new_broker(shadow);
	return broker_replay(shadow->broker, reterr);
}

static void
shadow_close(struct stage *shadow)
{
	broker_free(shadow->broker);
	stage_fini_store(shadow);
}

aicx_err
stage_replay(struct stage *stage, struct aicx_error *reterr)
{
	struct stage shadow;

	shadow_open(&shadow, stage);
	aicx_err err = shadow_start(&shadow, reterr);
	shadow_close(&shadow);
	return err;
}

/* --- money and deals --------------------------------------------------- */

static void
check_holds(struct broker *broker, const struct ledger_sum *sum)
{
	int64_t held_minor = 0;
	size_t n_open = 0;

	MAP_EACH (entry, &broker->state.rows[T_HOLD]) {
		struct aicx_id id;
		memcpy(&id, entry->key.ptr, sizeof id);
		const struct hold *hold = state_hold(&broker->state, &id);
		const struct account *account =
		    ledger_account(broker->state.ledger, &hold->agent_id,
			hold->amount.currency);
		ENSURE(account->available_minor >= 0);
		ENSURE(account->reserved_minor >= 0);
		ENSURE(hold->posted_minor <= hold->amount.minor);
		if (hold->state == HOLD_OPEN) {
			if (strcmp(hold->amount.currency, "AIC") == 0)
				held_minor += hold->amount.minor;
			n_open++;
		}
	}
	ENSURE(held_minor == sum->reserved_minor);
	ENSURE(n_open == broker->state.n_holds_open);
}

/* What is pending is what was paid and not settled, and what is being paid out;
   what lies in suspense is
   disputed. */
static void
check_payments(struct broker *broker, const struct ledger_sum *sum)
{
	int64_t pending_minor = 0, frozen_minor = 0;

	MAP_EACH (entry, &broker->state.rows[T_TRANSACTION_STATE]) {
		struct aicx_id id;
		memcpy(&id, entry->key.ptr, sizeof id);
		const struct transaction_state *paid =
		    state_transaction_state(&broker->state, &id);
		ENSURE(transaction_left(paid) >= 0);
		ENSURE(paid->fee_back_minor <= paid->fee_minor);
		if (paid->settled_ms == 0)
			pending_minor += transaction_left(paid);
	}
	MAP_EACH (entry, &broker->state.rows[T_DISPUTE]) {
		struct aicx_id id;
		memcpy(&id, entry->key.ptr, sizeof id);
		const struct dispute *dispute =
		    state_dispute(&broker->state, &id);
		if (dispute->state == DISPUTE_OPEN)
			frozen_minor += dispute->frozen_minor;
	}
	MAP_EACH (entry, &broker->state.rows[T_PAYMENT]) {
		struct aicx_id id;
		memcpy(&id, entry->key.ptr, sizeof id);
		const struct payment *payment =
		    state_payment(&broker->state, &id);
		if (payment->op == PAYMENT_PAYOUT &&
		    payment->state == PAYMENT_ASKED)
			pending_minor += payment->amount.minor;
	}
	ENSURE(pending_minor == sum->pending_minor);
	ENSURE(frozen_minor == sum->suspense_minor);
	ENSURE(sum->clearing_minor == 0);
	ENSURE(sum->fees_minor >= 0);
}

/* No budget is overdrawn, in no period. */
static void
check_budgets(struct broker *broker)
{
	MAP_EACH (entry, &broker->state.rows[T_BUDGET]) {
		struct aicx_id id;
		memcpy(&id, entry->key.ptr, sizeof id);
		const struct budget *budget = state_budget(&broker->state, &id);
		ENSURE(budget->held_minor >= 0 && budget->consumed_minor >= 0);
		ENSURE(budget_available(budget) >= 0);
	}
}

/* What an agent has is what came in and what it earned, less what it paid. */
static void
check_accounts(struct broker *broker)
{
	MAP_EACH (entry, &broker->state.rows[T_AGENT]) {
		struct aicx_id id;
		memcpy(&id, entry->key.ptr, sizeof id);
		const struct account *a =
		    ledger_account(broker->state.ledger, &id, "AIC");
		ENSURE(a->available_minor + a->reserved_minor +
			a->pending_minor + a->frozen_minor ==
		    a->funded_minor + a->earned_minor - a->fees_minor -
			a->spent_minor);
	}
}

static void
check_money(struct broker *broker)
{
	struct ledger_sum sum = ledger_sum(broker->state.ledger, "AIC");

	ENSURE(sum.total == 0);
	check_holds(broker, &sum);
	check_payments(broker, &sum);
	check_budgets(broker);
	check_accounts(broker);
}

/* A deal that is not working holds nothing, and one that works without a hold
   can cost nothing. */
static void
check_deals(struct broker *broker)
{
	MAP_EACH (entry, &broker->state.rows[T_DEAL]) {
		struct aicx_id id;
		memcpy(&id, entry->key.ptr, sizeof id);
		const struct deal *deal = state_deal(&broker->state, &id);
		const struct hold *hold =
		    state_hold(&broker->state, &deal->hold_id);
		const struct contract *contract =
		    state_contract(&broker->state, &deal->contract_id);
		bool is_free = id_is_nil(&deal->hold_id) && contract != NULL &&
		    contract->ceiling.minor == 0;
		ENSURE((deal->state == DEAL_WORKING && !is_free) ==
		    (hold != NULL && hold->state == HOLD_OPEN));
	}
}

/* --- memory, index and records ---------------------------------------- */

/* Memory has no row that the records do not have. */
static void
check_known(const struct stage *stage, const struct stage *full)
{
	for (enum table t = 0; t < T_N; t++)
		MAP_EACH (entry, &stage->broker->state.rows[t])
			ENSURE(map_find(&full->broker->state.rows[t],
				   entry->key) != NULL);
}

static void
check_same(struct stage *stage, const struct stage *full, const char *what)
{
	struct buf a = { 0 }, b = { 0 };
	size_t at = 0;

	stage_print(&a, full, full);
	stage_print(&b, stage, full);
	while (at < a.len && at < b.len && a.ptr[at] == b.ptr[at])
		at++;
	if (a.len != b.len || at < a.len)
		(void)fprintf(stderr, "%s differs from a replay at %zu\n%s\n",
		    what, at, buf_cstr(&b));
	ENSURE(a.len == b.len && at == a.len);
	buf_fini(&a);
	buf_fini(&b);
	check_known(stage, full);
	state_sweep(&stage->broker->state);
}

/* A replay of all records, a start from the index, and memory. */
static void
check_replay(struct stage *stage)
{
	struct stage full, again;
	struct aicx_error error = { 0 };

	shadow_open(&full, stage);
	stage_forget(&full);
	full.keep_every = UINT64_MAX;
	full.limits = (struct state_limits) { SIZE_MAX, SIZE_MAX, SIZE_MAX };
	shadow_open(&again, stage);
	if (shadow_start(&full, &error) != AICX_OK ||
	    shadow_start(&again, &error) != AICX_OK)
		(void)fprintf(stderr, "replay: %s\n", error.text);
	ENSURE(error.code == AICX_OK);
	check_same(stage, &full, "memory");
	check_same(&again, &full, "a start from the index");
	check_money(full.broker);
	check_money(again.broker);
	shadow_close(&full);
	shadow_close(&again);
}

/* Is there work that memory alone knows? */
static bool
is_ahead(const struct broker *broker)
{
	MAP_EACH (entry, &broker->flows)
		if (((const struct flow *)entry->value)->unrecorded)
			return true;
	return false;
}

void
stage_check(struct stage *stage)
{
	if (stage->unchecked || broker_failed(stage->broker, NULL))
		return;
	check_money(stage->broker);
	check_deals(stage->broker);
	/* Of many records not after each one: that would be their square. */
	uint64_t seq = broker_seq(stage->broker);
	if (!is_ahead(stage->broker) &&
	    (stage->checked_seq > seq ||
		seq - stage->checked_seq >= 1 + seq / 64 * 8)) {
		check_replay(stage);
		stage->checked_seq = seq;
	}
}
