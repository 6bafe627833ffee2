/* SPDX-License-Identifier: Apache-2.0 */
/* stage.c - the fake world of the broker's tests. */
#include "broker/testdata/stage.h"

#include "base/b64.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/str.h"
#include "broker/peer.h"
#include "protocol/object.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct pair {
	struct buf key, value;
	struct list node; /* in undo */
	bool absent;
};

static void
pair_free(struct pair *pair)
{
	buf_fini(&pair->key);
	buf_fini(&pair->value);
	free(pair);
}

struct job {
	struct list node;
	aicx_task_fn *work, *done;
	void *arg;
};

struct actor {
	struct list node;
	struct stage *stage;
	struct aicx_id id;
	struct sign_key *key;
	struct aicx_peer *peer;
	struct buf inbox[STAGE_MESSAGES_MAX];
	size_t n_in, n_read;
	struct mac *in, *out;
	struct aicx_id session_id;
	uint8_t x25519[KEY_BYTES];
};

/* --- ports ----------------------------------------------------------- */

static int64_t
port_now_ms(void *arg)
{
	return ((struct stage *)arg)->wall_ms;
}

static int64_t
port_wall_ms(void *arg)
{
	const struct stage *stage = arg;

	return stage->wall_ms + stage->jump_ms;
}

static int64_t
port_now_us(void *arg)
{
	return ((struct stage *)arg)->wall_ms * 1000;
}

/* A plain generator: the same run each time. */
static void
port_random(void *arg, void *ret_bytes, size_t n_bytes)
{
	struct stage *stage = arg;
	uint8_t *bytes = ret_bytes;

	for (size_t i = 0; i < n_bytes; i++) {
		stage->seed =
		    stage->seed * 6364136223846793005u + 1442695040888963407u;
		bytes[i] = (uint8_t)(stage->seed >> 33);
	}
}

static aicx_err
port_work(void *arg, aicx_task_fn *work, aicx_task_fn *done, void *work_arg)
{
	struct stage *stage = arg;
	struct job *job = MEM_NEW(struct job);

	*job = (struct job) { .work = work, .done = done, .arg = work_arg };
	list_push(&stage->jobs, &job->node);
	return AICX_OK;
}

static void
port_wake(void *arg, int64_t delay_ms)
{
	struct stage *stage = arg;

	stage->wake_ms = stage->wall_ms + delay_ms;
}

/* --- the store ------------------------------------------------------- */

static aicx_err
store_get(void *state, struct aicx_str key, aicx_pair_fn *fn, void *arg,
    struct aicx_error *reterr)
{
	struct stage *stage = state;
	const struct pair *pair = map_find(&stage->store, key);

	if (pair == NULL)
		return err_set(reterr, AICX_ENOTFOUND, "no such key");
	(void)fn(key, buf_view(&pair->value), arg);
	return AICX_OK;
}

static int
by_key(const void *a, const void *b)
{
	const struct pair *const *left = a, *const *right = b;

	return str_cmp(buf_view(&(*left)->key), buf_view(&(*right)->key));
}

static aicx_err
store_range(void *state, struct aicx_str from, struct aicx_str to, int reverse,
    aicx_pair_fn *fn, void *arg, struct aicx_error *reterr)
{
	struct stage *stage = state;
	struct pair **found =
	    mem_new((map_len(&stage->store) + 1) * sizeof(struct pair *));
	size_t n = 0;

	(void)reterr;
	MAP_EACH (entry, &stage->store)
		if (str_cmp(entry->key, from) >= 0 &&
		    str_cmp(entry->key, to) < 0)
			found[n++] = entry->value;
	qsort(found, n, sizeof *found, by_key);
	for (size_t i = 0; i < n; i++) {
		const struct pair *pair = found[reverse ? n - 1 - i : i];
		if (fn(buf_view(&pair->key), buf_view(&pair->value), arg) != 0)
			break;
	}
	free(found);
	return AICX_OK;
}

static void
store_write(struct stage *stage, struct aicx_str key, struct aicx_str value)
{
	struct pair *pair = map_find(&stage->store, key);

	if (pair != NULL) {
		(void)map_remove(&stage->store, key);
		pair_free(pair);
	}
	if (value.ptr == NULL)
		return;
	pair = MEM_NEW(struct pair);
	buf_str(&pair->key, key);
	buf_str(&pair->value, value);
	(void)map_put(&stage->store, buf_view(&pair->key), pair);
}

static void
undo_forget(struct stage *stage)
{
	LIST_EACH (node, &stage->undo) {
		list_remove(node);
		pair_free(LIST_ITEM(node, struct pair, node));
	}
}

static void
undo_note(struct stage *stage, struct aicx_str key)
{
	const struct pair *before = map_find(&stage->store, key);
	struct pair *undo = MEM_NEW(struct pair);

	buf_str(&undo->key, key);
	undo->absent = before == NULL;
	if (before != NULL)
		buf_str(&undo->value, buf_view(&before->value));
	list_push_front(&stage->undo, &undo->node);
}

static aicx_err
store_commit(
    void *state, const struct aicx_batch *batch, struct aicx_error *reterr)
{
	struct stage *stage = state;

	if (stage->commits_left == 0)
		return err_set(reterr, AICX_EIO, "the disk is gone");
	stage->commits_left--;
	for (size_t i = 0; i < batch->n_writes; i++) {
		if (batch->durability == AICX_CACHED)
			undo_note(stage, batch->writes[i].key);
		store_write(
		    stage, batch->writes[i].key, batch->writes[i].value);
	}
	if (batch->durability == AICX_DURABLE)
		undo_forget(stage);
	return AICX_OK;
}

/* A crash of the machine: what no durable commit came after is gone. */
static void
store_lose(struct stage *stage)
{
	LIST_EACH (node, &stage->undo) {
		const struct pair *undo = LIST_ITEM(node, struct pair, node);
		struct aicx_str value = buf_view(&undo->value);
		if (!undo->absent && value.ptr == NULL)
			value = STR("");
		store_write(stage, buf_view(&undo->key),
		    undo->absent ? (struct aicx_str) { NULL, 0 } : value);
	}
	undo_forget(stage);
}

static void
store_fini(struct stage *stage)
{
	undo_forget(stage);
	MAP_EACH (entry, &stage->store)
		pair_free(entry->value);
	map_fini(&stage->store);
}

static const struct aicx_store_ops store_ops = {
	.size = sizeof store_ops,
	.get = store_get,
	.range = store_range,
	.commit = store_commit,
};

/* --- price and payment ----------------------------------------------- */

static aicx_err
quote(void *state, const struct aicx_price_terms *terms,
    const struct aicx_usage *usage, struct aicx_price *ret_price,
    struct aicx_error *reterr)
{
	(void)state;
	(void)usage;
	(void)reterr;
	ret_price->n_lines = 1;
	ret_price->lines[0] = (struct aicx_price_line) { .label = "base",
		.quantity = 1,
		.per = 1,
		.each = terms->base_cost };
	return AICX_OK;
}

static aicx_err
standard(
    void *state, struct aicx_price_terms *ret_terms, struct aicx_error *reterr)
{
	(void)state;
	(void)ret_terms;
	return err_set(reterr, AICX_ENOTFOUND, "no standard price");
}

static const char *const models[] = { "per_call", NULL };

static const struct aicx_pricing_ops pricing_ops = {
	.size = sizeof pricing_ops,
	.models = models,
	.quote = quote,
	.standard = standard,
};

static void
pay_done(void *state, const struct aicx_pay *pay, aicx_pay_fn *done, void *arg)
{
	struct aicx_pay_result result = { .size = sizeof result,
		.state = AICX_PAY_DONE,
		.amount = pay->amount };

	(void)state;
	done(&result, arg);
}

static const struct aicx_payment_ops payment_ops = {
	.size = sizeof payment_ops,
	.flags = AICX_PAY_INTERNAL,
	.authorize = pay_done,
	.capture = pay_done,
	.void_ = pay_done,
	.fund = pay_done,
	.payout = pay_done,
	.status = pay_done,
	.refund = pay_done,
};

/* --- life ------------------------------------------------------------ */

static struct broker *
broker_over(struct stage *stage)
{
	struct broker_ports ports = {
		.now_ms = port_now_ms,
		.now_us = port_now_us,
		.wall_ms = port_wall_ms,
		.random = port_random,
		.work = port_work,
		.wake = port_wake,
		.arg = stage,
	};
	struct broker *broker = broker_new(
	    &ports, &stage->settings, &stage->keys, &stage->currencies, NULL);

	if (stage->ops != NULL)
		broker_bind_store(broker, stage->ops, stage->ops_state, NULL);
	else
		broker_bind_store(broker, &store_ops, stage, NULL);
	broker->keep.every = stage->keep_every;
	broker->state.limits = stage->limits;
	broker_bind_pricing(broker, &pricing_ops, NULL);
	if (stage->bank != NULL)
		broker_bind_payment(broker, stage->bank, stage->bank_state);
	else
		broker_bind_payment(broker, &payment_ops, NULL);
	return broker;
}

void
stage_open(struct stage *stage)
{
	stage_open_on(stage, NULL, NULL);
}

void
stage_open_on(
    struct stage *stage, const struct aicx_store_ops *ops, void *ops_state)
{
	uint8_t seed[KEY_BYTES];
	struct aicx_error error = { 0 };

	memset(stage, 0, sizeof *stage);
	stage->ops = ops;
	stage->ops_state = ops_state;
	stage->settings = (struct broker_settings) {
		.registration = "open",
		.currency = "AIC",
		.lease_ms = 60000,
		.window_ms = 60000,
		.offer_window_ms = 1000,
		.deadline_ms = 60000,
		.deadline_max_ms = 3600000,
		.timeout_ms = 30000,
		.grace_ms = 5000,
		.contract_ms = 3600000,
		.clock_gap_ms = 86400000,
		.mailbox_max = 100,
		.sessions_max = 100,
		.unopened_max = 100,
		.ids_max = 100000,
		.deals_max = 1000,
		.offers_max = 64,
		.message_max = 1048576,
		.input_max = 65536,
		.settlement = "immediate",
		.settle_every_ms = 3600000,
		.dispute_window_ms = 3600000,
		.reservation_max_ms = 86400000,
		.reservations_max = 1000,
		.batch_max = 64,
		.payment_retry_ms = 1000,
		.payment_retry_max_ms = 8000,
		.payment_wait_ms = 10000,
	};
	stage->wall_ms = 1795000000000;
	stage->commits_left = SIZE_MAX;
	stage->keep_every = 3;
	stage->lose_cached = true;
	stage->limits = (struct state_limits) { 4, SIZE_MAX, 2 };
	stage->seed = 7;
	list_init(&stage->undo);
	list_init(&stage->jobs);
	list_init(&stage->actors);
	ENSURE(
	    currencies_add(&stage->currencies, STR("AIC"), 6, NULL) == AICX_OK);
	ENSURE(
	    currencies_add(&stage->currencies, STR("JPY"), 0, NULL) == AICX_OK);
	ENSURE(currencies_add(&stage->currencies, STR("NANO"), 9, NULL) ==
	    AICX_OK);
	port_random(stage, stage->keys.seed, KEY_BYTES);
	port_random(stage, stage->keys.master, KEY_BYTES);
	port_random(stage, &stage->keys.broker_id, 16);
	stage->broker = broker_over(stage);
	ENSURE(broker_replay(stage->broker, &error) == AICX_OK);
	bool fresh = broker_new_operator(
	    stage->broker, &stage->operator_id, seed, stage->operator_key);
	ENSURE(fresh || ops != NULL);
}

void
stage_bank(struct stage *stage, const struct aicx_payment_ops *ops, void *state)
{
	stage->bank = ops;
	stage->bank_state = state;
	broker_bind_payment(stage->broker, ops, state);
}

static void
drop_jobs(struct stage *stage)
{
	/* Jobs hold memory of the broker: let them finish, as threads would. */
	while (!list_empty(&stage->jobs)) {
		struct job *job = LIST_ITEM(stage->jobs.next, struct job, node);
		list_remove(&job->node);
		job->work(job->arg);
		job->done(job->arg);
		free(job);
	}
}

static void
actor_free(struct actor *actor)
{
	actor_close(actor);
	for (size_t i = 0; i < STAGE_MESSAGES_MAX; i++)
		buf_fini(&actor->inbox[i]);
	sign_key_free(actor->key);
	list_remove(&actor->node);
	free(actor);
}

void
stage_close(struct stage *stage)
{
	drop_jobs(stage);
	LIST_EACH (node, &stage->actors)
		actor_free(LIST_ITEM(node, struct actor, node));
	drop_jobs(stage);
	broker_free(stage->broker);
	store_fini(stage);
}

void
stage_run(struct stage *stage)
{
	if (stage->lazy)
		return;
	keep_turn(stage->broker);
	for (int turns = 0; turns < 1000; turns++) {
		if (!list_empty(&stage->jobs)) {
			struct job *job =
			    LIST_ITEM(stage->jobs.next, struct job, node);
			list_remove(&job->node);
			job->work(job->arg);
			job->done(job->arg);
			free(job);
			keep_turn(stage->broker);
		} else if (stage->wake_ms != 0 &&
		    stage->wake_ms <= stage->wall_ms) {
			stage->wake_ms = 0;
			broker_tick(stage->broker);
			keep_turn(stage->broker);
		} else
			break;
	}
	stage_check(stage);
}

void
stage_pass(struct stage *stage, int64_t ms)
{
	int64_t until_ms = stage->wall_ms + ms;

	while (stage->wake_ms != 0 && stage->wake_ms <= until_ms) {
		if (stage->wake_ms > stage->wall_ms)
			stage->wall_ms = stage->wake_ms;
		stage_run(stage);
	}
	stage->wall_ms = until_ms;
	stage_run(stage);
}

void
stage_crash(struct stage *stage)
{
	struct aicx_error error = { 0 };

	LIST_EACH (node, &stage->actors)
		actor_close(LIST_ITEM(node, struct actor, node));
	/* What the old one decides from now on reaches no disk. */
	stage->commits_left = 0;
	drop_jobs(stage);
	broker_free(stage->broker);
	if (stage->lose_cached)
		store_lose(stage);
	undo_forget(stage);
	stage->commits_left = SIZE_MAX;
	stage->wake_ms = 0;
	stage->checked_seq = UINT64_MAX;
	stage->broker = broker_over(stage);
	if (broker_replay(stage->broker, &error) != AICX_OK)
		(void)fprintf(stderr, "replay: %s\n", error.text);
	ENSURE(error.code == AICX_OK);
	broker_resume(stage->broker);
	stage_run(stage);
}

static struct pair *
record_pair(struct stage *stage, uint64_t seq)
{
	char key[12] = "0/r/";

	for (int i = 0; i < 8; i++)
		key[4 + i] = (char)(seq >> (56 - 8 * i));
	return map_find(&stage->store, (struct aicx_str) { key, sizeof key });
}

void
stage_lose(struct stage *stage, uint64_t seq)
{
	struct pair *pair = record_pair(stage, seq);

	(void)map_remove(&stage->store, buf_view(&pair->key));
	pair_free(pair);
}

void
stage_tamper(struct stage *stage, uint64_t seq)
{
	struct pair *pair = record_pair(stage, seq);
	char *at = memmem(pair->value.ptr, pair->value.len, ".", 1);
	at[1] = at[1] == '0' ? '1' : '0';
}

void
stage_forget(struct stage *stage)
{
	static const char index_letters[] = "wiqxal";

	undo_forget(stage);
	store_write(stage, str_of(applied_key), (struct aicx_str) { NULL, 0 });
	MAP_EACH (entry, &stage->store) {
		struct pair *pair = entry->value;
		if (!str_starts(entry->key, "0/") || entry->key.len < 4 ||
		    entry->key.ptr[3] != '/' ||
		    strchr(index_letters, entry->key.ptr[2]) == NULL)
			continue;
		(void)map_remove(&stage->store, buf_view(&pair->key));
		pair_free(pair);
	}
}

void
stage_rebuild(struct stage *stage)
{
	struct aicx_error error = { 0 };
	struct broker *broker = broker_over(stage);
	int64_t wake_ms = stage->wake_ms;

	ENSURE(broker_rebuild(broker, &error) == AICX_OK);
	ENSURE(broker_replay(broker, &error) == AICX_OK);
	broker_free(broker);
	stage->wake_ms = wake_ms;
}

struct buf *
stage_value(struct stage *stage, const char *prefix, size_t n)
{
	MAP_EACH (entry, &stage->store)
		if (str_starts(entry->key, prefix) && n-- == 0)
			return &((struct pair *)entry->value)->value;
	return NULL;
}

/* The same disk for another broker, which may write as it likes. */
static void
shadow_open(struct stage *shadow, const struct stage *stage)
{
	*shadow = *stage;
	memset(&shadow->store, 0, sizeof shadow->store);
	list_init(&shadow->undo);
	list_init(&shadow->jobs);
	list_init(&shadow->actors);
	MAP_EACH (entry, &stage->store) {
		const struct pair *pair = entry->value;
		struct aicx_str value = buf_view(&pair->value);
		store_write(
		    shadow, entry->key, value.ptr != NULL ? value : STR(""));
	}
	shadow->broker = NULL;
}

static aicx_err
shadow_start(struct stage *shadow, struct aicx_error *reterr)
{
	shadow->broker = broker_over(shadow);
	return broker_replay(shadow->broker, reterr);
}

static void
shadow_close(struct stage *shadow)
{
	broker_free(shadow->broker);
	store_fini(shadow);
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

/* --- invariants ------------------------------------------------------ */

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

/* A deal that is not working holds nothing. */
static void
check_deals(struct broker *broker)
{
	MAP_EACH (entry, &broker->state.rows[T_DEAL]) {
		struct aicx_id id;
		memcpy(&id, entry->key.ptr, sizeof id);
		const struct deal *deal = state_deal(&broker->state, &id);
		const struct hold *hold =
		    state_hold(&broker->state, &deal->hold_id);
		ENSURE((deal->state == DEAL_WORKING) ==
		    (hold != NULL && hold->state == HOLD_OPEN));
	}
}

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

/* All that `stage` knows, in the order of `full`, which has it in memory. */
static void
print_all(struct buf *buf, const struct stage *stage, const struct stage *full)
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

/* And it has no row in memory that the records do not have. */
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

	print_all(&a, full, full);
	print_all(&b, stage, full);
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

void
stage_check(struct stage *stage)
{
	if (stage->unchecked || broker_failed(stage->broker, NULL))
		return;
	check_money(stage->broker);
	check_deals(stage->broker);
	/* Of many records not after each one: that would be their square. */
	uint64_t seq = broker_seq(stage->broker);
	if (stage->checked_seq > seq ||
	    seq - stage->checked_seq >= 1 + seq / 64 * 8) {
		check_replay(stage);
		stage->checked_seq = seq;
	}
}

/* --- calls ----------------------------------------------------------- */

struct waiting_call {
	int status;
	struct buf *body;
};

static void
answered(const struct aicx_answer *answer, void *arg)
{
	struct waiting_call *waiting = arg;

	waiting->status = answer->status;
	buf_clear(waiting->body);
	buf_str(waiting->body, answer->body);
	(void)buf_cstr(waiting->body);
}

int
stage_call(struct stage *stage, const char *credential, const char *method,
    const char *params, const char *idempotency_key, struct buf *ret_body)
{
	struct module_ports ports = broker_module_ports(stage->broker);
	struct waiting_call waiting = { 0, ret_body };
	struct aicx_ticket *ticket = NULL;
	struct aicx_call call = {
		.size = sizeof call,
		.method = &route_find(str_of(method))->method,
		.params = str_of(params),
		.credential = str_of(credential),
		.idempotency_key = str_of(idempotency_key),
		.secure = 1,
	};

	ports.call(ports.arg, &call, answered, &waiting, &ticket);
	stage_run(stage);
	if (waiting.status == 0 && ticket != NULL)
		ports.call_cancel(ticket);
	return waiting.status;
}

/* --- agents ---------------------------------------------------------- */

static aicx_err
on_send(void *conn, struct aicx_str message)
{
	struct actor *actor = conn;

	ENSURE(actor->n_in < STAGE_MESSAGES_MAX);
	buf_clear(&actor->inbox[actor->n_in]);
	buf_str(&actor->inbox[actor->n_in++], message);
	return AICX_OK;
}

static void
on_close(void *conn, uint16_t code, const char *why)
{
	(void)code;
	(void)why;
	(void)conn;
}

static const struct aicx_peer_ops peer_ops = {
	.size = sizeof peer_ops,
	.send = on_send,
	.close = on_close,
};

struct actor *
actor_new(struct stage *stage, const char *name)
{
	struct actor *actor = MEM_NEW(struct actor);
	uint8_t seed[KEY_BYTES];

	(void)name;
	actor->stage = stage;
	port_random(stage, seed, sizeof seed);
	port_random(stage, actor->x25519, sizeof actor->x25519);
	actor->id = broker_new_id(stage->broker);
	actor->key = sign_key_new(seed);
	list_push(&stage->actors, &actor->node);
	return actor;
}

const struct aicx_id *
actor_id(const struct actor *actor)
{
	return &actor->id;
}

struct sign_key *
actor_key(struct actor *actor)
{
	return actor->key;
}

void
actor_forget(struct actor *actor)
{
	ENSURE(actor->n_read == actor->n_in);
	actor->n_in = actor->n_read = 0;
}

void
actor_close(struct actor *actor)
{
	if (actor->peer != NULL)
		peer_free(actor->peer);
	actor->peer = NULL;
	mac_free(actor->in);
	mac_free(actor->out);
	actor->in = actor->out = NULL;
	actor->n_in = actor->n_read = 0;
}

static struct envelope_head
head_of(struct actor *actor, enum msg_type type)
{
	return (struct envelope_head) {
		.id = broker_new_id(actor->stage->broker),
		.sender_id = actor->id,
		.receiver_id = actor->stage->keys.broker_id,
		.type = type,
		.timestamp_ms = actor->stage->wall_ms,
	};
}

void
actor_open(struct actor *actor)
{
	struct stage *stage = actor->stage;
	struct aicx_peer_info info = { .size = sizeof info, .secure = 1 };
	struct session_challenge challenge;
	struct session_result result;
	struct session_keys keys;
	struct buf payload = { 0 }, open = { 0 };
	struct envelope env;
	uint8_t public_key[KEY_BYTES];

	ENSURE(peer_new(stage->broker, &peer_ops, actor, &info, &actor->peer,
		   NULL) == AICX_OK);
	stage_run(stage);
	ENSURE(actor->n_in == 1);
	struct aicx_str asked = buf_view(&actor->inbox[0]);
	ENSURE(envelope_split(asked, asked.len, &env, NULL) == AICX_OK);
	ENSURE(envelope_scan(&env, NULL) == AICX_OK);
	ENSURE(
	    session_parse_challenge(env.payload, &challenge, NULL) == AICX_OK);
	x25519_public(actor->x25519, public_key);
	session_put_open(
	    &payload, challenge.nonce, public_key, sign_key_public(actor->key));
	struct envelope_head head = head_of(actor, MSG_QUERY);
	envelope_print(&open, &head, buf_view(&payload));
	envelope_sign_key(&open, 0, actor->key);
	peer_deliver(actor->peer, buf_view(&open));
	stage_run(stage);
	ENSURE(actor->n_in >= 2);
	struct aicx_str answer = buf_view(&actor->inbox[1]);
	ENSURE(envelope_split(answer, answer.len, &env, NULL) == AICX_OK);
	ENSURE(envelope_scan(&env, NULL) == AICX_OK);
	ENSURE(session_parse_result(env.payload, &result, NULL) == AICX_OK);
	ENSURE(session_derive(actor->x25519, result.x25519, asked,
		   buf_view(&open), answer, &keys, NULL) == AICX_OK);
	actor->session_id = result.session_id;
	actor->out = mac_new(keys.agent_to_broker, KEY_BYTES);
	actor->in = mac_new(keys.broker_to_agent, KEY_BYTES);
	actor->n_read = 2;
	buf_fini(&payload);
	buf_fini(&open);
}

void
actor_send_as(struct actor *actor, const struct aicx_id *id, enum msg_type type,
    const struct aicx_id *correlation_id, const char *payload)
{
	struct envelope_head head = head_of(actor, type);
	struct buf text = { 0 };

	head.id = *id;
	if (correlation_id != NULL)
		head.correlation_id = *correlation_id;
	envelope_print(&text, &head, str_of(payload));
	envelope_sign_mac(
	    &text, 0, actor->out, str_of(id_text(&actor->session_id).text));
	peer_deliver(actor->peer, buf_view(&text));
	buf_fini(&text);
	stage_run(actor->stage);
}

struct aicx_id
actor_send(struct actor *actor, enum msg_type type,
    const struct aicx_id *correlation_id, const char *payload)
{
	struct aicx_id id = broker_new_id(actor->stage->broker);

	actor_send_as(actor, &id, type, correlation_id, payload);
	return id;
}

struct aicx_id
actor_tells(struct actor *actor, const struct aicx_id *to, int64_t ttl_ms,
    const char *payload)
{
	struct envelope_head head = head_of(actor, MSG_QUERY);
	struct buf text = { 0 };

	head.receiver_id = *to;
	head.expires_ms = actor->stage->wall_ms + ttl_ms;
	envelope_print(&text, &head, str_of(payload));
	envelope_sign_mac(
	    &text, 0, actor->out, str_of(id_text(&actor->session_id).text));
	peer_deliver(actor->peer, buf_view(&text));
	buf_fini(&text);
	stage_run(actor->stage);
	return head.id;
}

bool
actor_next(struct actor *actor, struct envelope *ret_env)
{
	if (actor->n_read == actor->n_in)
		return false;
	struct aicx_str text = buf_view(&actor->inbox[actor->n_read++]);
	ENSURE(envelope_split(text, text.len, ret_env, NULL) == AICX_OK);
	ENSURE(envelope_verify_mac(ret_env, actor->in));
	ENSURE(envelope_scan(ret_env, NULL) == AICX_OK);
	return true;
}

void
actor_sells(struct actor *actor, const char *capability, const char *price)
{
	struct buf payload = { 0 };
	struct envelope env;

	buf_printf(&payload,
	    "{\"method\":\"discovery.register\",\"name\":\"seller\","
	    "\"capabilities\":[{\"name\":\"%s\",\"pricing\":{\"model\":"
	    "\"per_call\",\"base_cost\":{\"amount\":\"%s\",\"currency\":"
	    "\"AIC\"}}}]}",
	    capability, price);
	(void)actor_send(actor, MSG_QUERY, NULL, buf_cstr(&payload));
	ENSURE(actor_next(actor, &env));
	ENSURE(env.type == MSG_RESULT);
	buf_fini(&payload);
}

static struct aicx_str
member(struct aicx_str payload, const char *name, struct arena *mem)
{
	struct json *doc = arena_new(mem, sizeof *doc);

	ENSURE(json_parse(payload, mem, doc, NULL) == AICX_OK);
	return json_str(json_get(json_root(doc), name), mem);
}

void
actor_offers(struct actor *actor, const struct envelope *invitation,
    const char *price, struct sign_key *key)
{
	struct stage *stage = actor->stage;
	struct arena mem = { NULL };
	struct buf terms = { 0 }, text = { 0 }, payload = { 0 };
	struct aicx_str intent_id =
	    member(invitation->payload, "intent_id", &mem);
	struct aicx_id id = broker_new_id(stage->broker);
	uint8_t hash[HASH_BYTES];
	char hash_text[B64_LEN(HASH_BYTES) + 1] = "";

	buf_printf(&terms,
	    "{\"pricing\":{\"model\":\"per_call\",\"base_cost\":{\"amount\":"
	    "\"%s\",\"currency\":\"AIC\"}}}",
	    price);
	sha256(terms.ptr, terms.len, hash);
	b64_print(hash, sizeof hash, hash_text);
	buf_printf(&text,
	    "{\"kind\":\"offer\",\"id\":\"%s\",\"broker_id\":\"%s\","
	    "\"intent_id\":\"%.*s\",\"provider_id\":\"%s\",\"terms_sha256\":"
	    "\"%s\",\"expires\":\"%s\"}",
	    id_text(&id).text, id_text(&stage->keys.broker_id).text,
	    STR_ARG(intent_id), id_text(&actor->id).text, hash_text,
	    time_text(stage->wall_ms + 60000).text);
	struct signed_object object =
	    object_sign(key ? key : actor->key, SIG_OFFER, buf_view(&text));
	object.key_id = str_of(sign_key_id(actor->key));
	struct json_writer w = json_writer(&payload);
	json_open(&w, '{');
	json_key(&w, "method");
	json_put_text(&w, "negotiation.offer");
	json_key(&w, "intent_id");
	json_put_str(&w, intent_id);
	json_key(&w, "offer");
	object_put(&w, &object);
	json_key(&w, "terms");
	json_put_str(&w, buf_view(&terms));
	json_close(&w);
	(void)actor_send(actor, MSG_OFFER, &invitation->id, buf_cstr(&payload));
	buf_fini(&terms);
	buf_fini(&text);
	buf_fini(&payload);
	arena_fini(&mem);
}
