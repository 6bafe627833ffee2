/* SPDX-License-Identifier: Apache-2.0 */
/* stage_ports.c - what a broker on the stage reaches: a clock, chance, a pool,
   a price for each call and a payment that says yes. */
#include "base/err.h"
#include "base/mem.h"
#include "broker/outside.h"
#include "broker/testdata/stage_inside.h"

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

void
stage_random(void *arg, void *ret_bytes, size_t n_bytes)
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
	stage->n_jobs++;
	return AICX_OK;
}

static int64_t
port_memory_used(void *arg, int64_t max)
{
	(void)max;
	return ((struct stage *)arg)->memory_used;
}

static void
port_wake(void *arg, int64_t delay_ms)
{
	struct stage *stage = arg;

	stage->wake_ms = stage->wall_ms + delay_ms;
}

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

struct broker *
stage_new_broker(struct stage *stage)
{
	struct broker_ports ports = {
		.now_ms = port_now_ms,
		.now_us = port_now_us,
		.wall_ms = port_wall_ms,
		.random = stage_random,
		.work = port_work,
		.wake = port_wake,
		.memory_used = port_memory_used,
		.arg = stage,
	};
	struct broker *broker = broker_new(
	    &ports, &stage->settings, &stage->keys, &stage->currencies, NULL);

	if (stage->ops != NULL)
		broker_bind_store(broker, stage->ops, stage->ops_state, NULL);
	else
		broker_bind_store(broker, &stage_store_ops, stage, NULL);
	broker->keep.every = stage->keep_every;
	broker->state.limits = stage->limits;
	broker_bind_pricing(broker, &pricing_ops, NULL);
	if (stage->bank != NULL)
		broker_bind_payment(broker, stage->bank, stage->bank_state);
	else
		broker_bind_payment(broker, &payment_ops, NULL);
	if (stage->gateway != NULL)
		outside_bind_gateway(
		    broker, stage->gateway, stage->gateway_state);
	return broker;
}
