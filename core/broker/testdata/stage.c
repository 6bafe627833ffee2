/* SPDX-License-Identifier: Apache-2.0 */
/* stage.c - the fake world of the broker's tests: its life and its calls. */
#include "broker/testdata/stage.h"

#include "base/err.h"
#include "base/str.h"
#include "broker/outside.h"
#include "broker/testdata/stage_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	stage_random(stage, &stage->keys.broker_id, 16);
	stage->keys.ring = keyring_new(&stage->keys.broker_id,
	    &(struct keyring_chance) { stage_random, stage });
	stage->broker = stage_new_broker(stage);
	ENSURE(broker_replay(stage->broker, &error) == AICX_OK);
	bool fresh = broker_new_operator(
	    stage->broker, &stage->operator_id, seed, stage->operator_key);
	ENSURE(fresh || ops != NULL);
}

void
stage_gateway(
    struct stage *stage, const struct aicx_gateway_ops *ops, void *state)
{
	stage->gateway = ops;
	stage->gateway_state = state;
	outside_bind_gateway(stage->broker, ops, state);
}

void
stage_bank(struct stage *stage, const struct aicx_payment_ops *ops, void *state)
{
	stage->bank = ops;
	stage->bank_state = state;
	broker_bind_payment(stage->broker, ops, state);
}

/* The oldest job; false: there is none. */
static bool
run_job(struct stage *stage)
{
	struct job *job;

	if (list_empty(&stage->jobs))
		return false;
	job = LIST_ITEM(stage->jobs.next, struct job, node);
	list_remove(&job->node);
	job->work(job->arg);
	job->done(job->arg);
	free(job);
	return true;
}

/* Jobs hold memory of the broker: let them finish, as threads would. */
static void
drop_jobs(struct stage *stage)
{
	while (run_job(stage))
		continue;
}

void
stage_close(struct stage *stage)
{
	drop_jobs(stage);
	LIST_EACH (node, &stage->actors)
		actor_free(LIST_ITEM(node, struct actor, node));
	drop_jobs(stage);
	broker_free(stage->broker);
	keyring_free(stage->keys.ring);
	stage_fini_store(stage);
}

void
stage_run(struct stage *stage)
{
	if (stage->lazy)
		return;
	keep_turn(stage->broker);
	for (int turns = 0; turns < 1000; turns++) {
		if (run_job(stage)) {
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
		stage_lose_cached(stage);
	stage_keep_cached(stage);
	stage->commits_left = SIZE_MAX;
	stage->wake_ms = 0;
	stage->checked_seq = UINT64_MAX;
	stage->broker = stage_new_broker(stage);
	if (broker_replay(stage->broker, &error) != AICX_OK)
		(void)fprintf(stderr, "replay: %s\n", error.text);
	ENSURE(error.code == AICX_OK);
	broker_resume(stage->broker);
	stage_run(stage);
}

void
stage_rebuild(struct stage *stage)
{
	struct aicx_error error = { 0 };
	struct broker *broker = stage_new_broker(stage);
	int64_t wake_ms = stage->wake_ms;

	ENSURE(broker_rebuild(broker, &error) == AICX_OK);
	ENSURE(broker_replay(broker, &error) == AICX_OK);
	broker_free(broker);
	stage->wake_ms = wake_ms;
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
		.address = str_of(stage->address),
		.secure = 1,
	};

	ports.call(ports.arg, &call, answered, &waiting, &ticket);
	stage_run(stage);
	if (waiting.status == 0 && ticket != NULL)
		ports.call_cancel(ticket);
	return waiting.status;
}
