/* SPDX-License-Identifier: Apache-2.0 */
/* reference.c - balances and budgets worked out from what was done. */
#include "economics/reference/reference.h"

#include <time.h>

/* The fee's share of what is left of a payment. */
static int64_t
fee_now(const struct ref_payment *p)
{
	return p->amount == 0
	    ? 0
	    : p->fee - (int64_t)((__int128)p->fee * p->refunded / p->amount);
}

int64_t
ref_available(const struct ref *ref, int agent)
{
	int64_t sum = ref->base[agent] - ref_reserved(ref, agent);

	for (size_t i = 0; i < REF_PAYMENTS; i++) {
		const struct ref_payment *p = &ref->payments[i];
		if (p->from == agent)
			sum -= p->amount - p->refunded;
		if (p->to == agent && !p->pending)
			sum += p->amount - p->refunded - fee_now(p) - p->frozen;
	}
	return sum;
}

int64_t
ref_reserved(const struct ref *ref, int agent)
{
	int64_t sum = 0;

	for (size_t i = 0; i < REF_HOLDS; i++)
		if (ref->holds[i].agent == agent && ref->holds[i].ended == NULL)
			sum += ref->holds[i].amount;
	return sum;
}

int64_t
ref_pending(const struct ref *ref, int agent)
{
	int64_t sum = 0;

	for (size_t i = 0; i < REF_PAYMENTS; i++)
		if (ref->payments[i].from == agent && ref->payments[i].pending)
			sum +=
			    ref->payments[i].amount - ref->payments[i].refunded;
	return sum;
}

int64_t
ref_fees(const struct ref *ref)
{
	int64_t sum = ref->base_fees;

	for (size_t i = 0; i < REF_PAYMENTS; i++)
		if (!ref->payments[i].pending)
			sum += fee_now(&ref->payments[i]);
	return sum;
}

int64_t
ref_suspense(const struct ref *ref)
{
	int64_t sum = 0;

	for (size_t i = 0; i < REF_PAYMENTS; i++)
		sum += ref->payments[i].frozen;
	return sum;
}

/* --- budgets ----------------------------------------------------------- */

/* The number of the period that a time lies in. */
static int64_t
period_of(char period, int64_t at_ms)
{
	time_t at = (time_t)(at_ms / 1000);
	struct tm tm;

	gmtime_r(&at, &tm);
	if (period == 'd')
		return tm.tm_year * 400 + tm.tm_yday;
	if (period == 'm')
		return tm.tm_year * 12 + tm.tm_mon;
	return period == 'y' ? tm.tm_year : 0;
}

static bool
is_under(const struct ref *ref, int budget, int top)
{
	while (budget != -1 && budget != top)
		budget = ref->budgets[budget].parent;
	return budget == top;
}

static bool
counts(const struct ref *ref, int top, int budget, int64_t made_ms)
{
	char period = ref->budgets[top].period;

	return budget != -1 && is_under(ref, budget, top) &&
	    period_of(period, made_ms) == period_of(period, ref->now_ms);
}

int64_t
ref_consumed(const struct ref *ref, int budget)
{
	const struct ref_budget *top = &ref->budgets[budget];
	int64_t sum = top->past_period == period_of(top->period, ref->now_ms)
	    ? top->past
	    : 0;

	for (size_t i = 0; i < REF_PAYMENTS; i++) {
		const struct ref_payment *p = &ref->payments[i];
		if (p->amount > 0 && counts(ref, budget, p->budget, p->made_ms))
			sum += p->amount - p->refunded;
	}
	return sum;
}

int64_t
ref_held(const struct ref *ref, int budget)
{
	int64_t sum = 0;

	for (size_t i = 0; i < REF_HOLDS; i++) {
		const struct ref_hold *h = &ref->holds[i];
		if (h->ended == NULL && h->amount > 0 &&
		    counts(ref, budget, h->budget, h->made_ms))
			sum += h->amount;
	}
	return sum;
}

/* May this agent spend it? */
static const char *
can_spend(const struct ref *ref, int agent, int budget, int64_t amount)
{
	for (int b = budget; b != -1; b = ref->budgets[b].parent)
		if (ref_consumed(ref, b) + ref_held(ref, b) + amount >
		    ref->budgets[b].allocated)
			return "budget_exceeded";
	return amount > ref_available(ref, agent) ? "insufficient_funds" : NULL;
}

/* --- what people do ---------------------------------------------------- */

const char *
ref_withdraw(struct ref *ref, int agent, int64_t amount)
{
	if (amount > ref_available(ref, agent))
		return "insufficient_funds";
	ref->base[agent] -= amount;
	return NULL;
}

const char *
ref_reserve(struct ref *ref, size_t slot, int agent, int budget, int64_t amount,
    int64_t ttl_ms)
{
	const char *word = can_spend(ref, agent, budget, amount);

	if (word == NULL)
		ref->holds[slot] = (struct ref_hold) { agent, budget, amount,
			ref->now_ms, ref->now_ms + ttl_ms, NULL };
	return word;
}

const char *
ref_release(struct ref *ref, size_t slot)
{
	const char *word = ref->holds[slot].ended;

	if (word == NULL)
		ref->holds[slot].ended = "already_voided";
	return word;
}

/* What an old payment did to balances and budgets stays, when it goes. */
static void
forget(struct ref *ref, size_t payment)
{
	struct ref_payment *p = &ref->payments[payment];
	int64_t left = p->amount - p->refunded;

	for (int b = p->budget; p->amount > 0 && b != -1;
	     b = ref->budgets[b].parent) {
		struct ref_budget *budget = &ref->budgets[b];
		int64_t now = period_of(budget->period, ref->now_ms);
		if (budget->past_period != now)
			budget->past = 0;
		budget->past_period = now;
		if (counts(ref, b, b, p->made_ms))
			budget->past += left;
	}
	ref->base[p->from] -= left;
	ref->base[p->to] += left - fee_now(p);
	ref->base_fees += fee_now(p);
	*p = (struct ref_payment) { .budget = -1 };
}

bool
ref_can_forget(const struct ref *ref, size_t payment)
{
	const struct ref_payment *p = &ref->payments[payment];

	return (!p->pending || p->refunded == p->amount) && !p->open;
}

static void
pay(struct ref *ref, size_t payment, int from, int to, int budget,
    int64_t amount, int64_t made_ms, bool pending)
{
	forget(ref, payment);
	ref->payments[payment] = (struct ref_payment) { .from = from,
		.to = to,
		.budget = budget,
		.amount = amount,
		.fee = (int64_t)((__int128)amount * ref->fee_ppm / 1000000),
		.made_ms = made_ms,
		.done_ms = ref->now_ms,
		.pending = pending };
}

const char *
ref_charge(struct ref *ref, size_t payment, int from, int to, int budget,
    int64_t amount, bool pending)
{
	const char *word = can_spend(ref, from, budget, amount);

	if (word == NULL)
		pay(ref, payment, from, to, budget, amount, ref->now_ms,
		    pending);
	return word;
}

const char *
ref_charge_hold(struct ref *ref, size_t payment, size_t hold, int to,
    int64_t amount, bool pending)
{
	struct ref_hold *h = &ref->holds[hold];

	if (h->ended != NULL)
		return h->ended;
	if (amount > h->amount)
		return "invalid_amount";
	h->ended = "already_posted";
	pay(ref, payment, h->agent, to, h->budget, amount, h->made_ms, pending);
	return NULL;
}

/* Takes it back if the payee can pay its part. */
static const char *
give_back(struct ref *ref, struct ref_payment *p, int64_t amount)
{
	struct ref_payment before = *p;

	p->refunded += amount;
	p->frozen = 0;
	if (p->pending || ref_available(ref, p->to) >= 0)
		return NULL;
	*p = before;
	return "insufficient_funds";
}

const char *
ref_refund(struct ref *ref, size_t payment, int64_t amount)
{
	struct ref_payment *p = &ref->payments[payment];

	if (p->open || p->refunded == p->amount)
		return "wrong_state";
	if (amount <= 0 || amount > p->amount - p->refunded)
		return "invalid_amount";
	return give_back(ref, p, amount);
}

const char *
ref_dispute(struct ref *ref, size_t payment)
{
	struct ref_payment *p = &ref->payments[payment];
	int64_t got = p->amount - p->refunded - fee_now(p);
	int64_t has = ref_available(ref, p->to);

	if (p->disputed || p->refunded == p->amount)
		return "wrong_state";
	if (ref->now_ms >= p->done_ms + ref->window_ms)
		return "expired";
	p->disputed = p->open = true;
	p->contested = p->amount - p->refunded;
	p->frozen = p->pending ? 0 : got < has ? got : has;
	return NULL;
}

const char *
ref_rule(struct ref *ref, size_t payment, int64_t amount)
{
	struct ref_payment *p = &ref->payments[payment];
	const char *word;

	if (!p->open)
		return "wrong_state";
	if (amount < 0 || amount > p->contested)
		return "invalid_amount";
	word = give_back(ref, p, amount);
	if (word == NULL)
		p->open = false;
	return word;
}

void
ref_settle(struct ref *ref)
{
	for (size_t i = 0; i < REF_PAYMENTS; i++)
		if (!ref->payments[i].open &&
		    ref->payments[i].refunded < ref->payments[i].amount)
			ref->payments[i].pending = false;
}

void
ref_pass(struct ref *ref, int64_t ms)
{
	ref->now_ms += ms;
	for (size_t i = 0; i < REF_HOLDS; i++)
		if (ref->holds[i].ended == NULL &&
		    ref->now_ms >= ref->holds[i].expires_ms)
			ref->holds[i].ended = "expired";
}
