/* SPDX-License-Identifier: Apache-2.0 */
/* payments.c - a payment provider of moods, and prices by the call and unit. */
#include "payments.h"

#include "base/err.h"
#include "base/list.h"
#include "base/mem.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>

struct waiting { /* a payment that is not answered yet */
	struct list node;
	struct payments *payments;
	struct event *event; /* NULL: never */
	struct aicx_pay_result result;
	aicx_pay_fn *done;
	void *arg;
};

struct payments {
	struct sim *sim;
	struct list waiting;
};

struct payments *
payments_new(struct sim *sim)
{
	struct payments *payments = MEM_NEW(struct payments);

	payments->sim = sim;
	list_init(&payments->waiting);
	return payments;
}

void
payments_free(struct payments *payments)
{
	free(payments);
}

static void
finish(struct waiting *waiting)
{
	aicx_pay_fn *done = waiting->done;
	struct aicx_pay_result result = waiting->result;
	void *arg = waiting->arg;

	list_remove(&waiting->node);
	free(waiting);
	done(&result, arg);
}

static void
on_late(void *arg)
{
	struct waiting *waiting = arg;

	finish(waiting);
}

void
payments_end(struct payments *payments, bool broker_ends)
{
	while (!list_empty(&payments->waiting)) {
		struct waiting *waiting =
		    LIST_ITEM(payments->waiting.next, struct waiting, node);
		if (waiting->event != NULL)
			sim_cancel(waiting->event);
		if (broker_ends)
			waiting->result.state = AICX_PAY_UNKNOWN;
		finish(waiting);
	}
}

static uint32_t
outcome(struct sim *sim, struct aicx_error *ret_error)
{
	const uint32_t *ppm = sim->faults.ppm;

	if (chance_hit(&sim->fault_chance, ppm[FAULT_PAY_REFUSED])) {
		mark(fault_names[FAULT_PAY_REFUSED]);
		(void)err_set(ret_error, AICX_EDENIED, "card was declined");
		return AICX_PAY_REFUSED;
	}
	if (chance_hit(&sim->fault_chance, ppm[FAULT_PAY_UNKNOWN])) {
		mark(fault_names[FAULT_PAY_UNKNOWN]);
		(void)err_set(ret_error, AICX_EAGAIN, "no answer came");
		return AICX_PAY_UNKNOWN;
	}
	return AICX_PAY_DONE;
}

static void
answer(void *state, const struct aicx_pay *pay, aicx_pay_fn *done, void *arg)
{
	struct payments *payments = state;
	struct sim *sim = payments->sim;
	const uint32_t *ppm = sim->faults.ppm;
	struct aicx_pay_result result = { .size = sizeof result,
		.amount = pay->amount };
	bool never = chance_hit(&sim->fault_chance, ppm[FAULT_PAY_NEVER]);
	bool late = chance_hit(&sim->fault_chance, ppm[FAULT_PAY_LATE]);

	result.state = outcome(sim, &result.error);
	if (!never && !late) {
		done(&result, arg);
		return;
	}
	struct waiting *waiting = MEM_NEW(struct waiting);
	*waiting = (struct waiting) {
		.payments = payments, .result = result, .done = done, .arg = arg
	};
	list_push(&payments->waiting, &waiting->node);
	mark(fault_names[never ? FAULT_PAY_NEVER : FAULT_PAY_LATE]);
	if (!never)
		waiting->event =
		    sim_at(sim, chance_between(&sim->fault_chance, 1, 20000),
			"pay", on_late, waiting);
}

static void
answer_done(
    void *state, const struct aicx_pay *pay, aicx_pay_fn *done, void *arg)
{
	struct aicx_pay_result result = { .size = sizeof result,
		.state = AICX_PAY_DONE,
		.amount = pay->amount };

	(void)state;
	done(&result, arg);
}

const struct aicx_payment_ops payments_ops = {
	.size = sizeof payments_ops,
	.authorize = answer,
	.capture = answer,
	.void_ = answer_done,
	.fund = answer,
	.payout = answer,
	.status = answer_done,
	.refund = answer_done,
};

/* --- prices --------------------------------------------------------------- */

static void
line_add(struct aicx_price *price, const char *label, int64_t quantity,
    const struct aicx_money *each)
{
	struct aicx_price_line *line = &price->lines[price->n_lines++];

	*line = (struct aicx_price_line) {
		.quantity = quantity, .per = 1, .each = *each
	};
	(void)str_copy(str_of(label), line->label, sizeof line->label);
}

static aicx_err
quote(void *state, const struct aicx_price_terms *terms,
    const struct aicx_usage *usage, struct aicx_price *ret_price,
    struct aicx_error *reterr)
{
	struct sim *sim = state;

	if (chance_hit(&sim->fault_chance, sim->faults.ppm[FAULT_PRICING])) {
		mark(fault_names[FAULT_PRICING]);
		return err_set(reterr, AICX_EINVAL, "price list is lost");
	}
	ret_price->n_lines = 0;
	if (terms->base_cost.currency[0] != '\0')
		line_add(ret_price, "base", usage->calls, &terms->base_cost);
	if (str_is(terms->model, "per_unit"))
		line_add(ret_price, "units", usage->units, &terms->unit_cost);
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

static const char *const models[] = { "per_call", "per_unit", NULL };

const struct aicx_pricing_ops pricing_sim_ops = {
	.size = sizeof pricing_sim_ops,
	.models = models,
	.quote = quote,
	.standard = standard,
};
