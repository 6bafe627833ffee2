/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sale.c - somebody who wants something now: what it costs, whether a payment
 * came, and whether it is for that.
 */
#include "sale.h"

#include "facilitator.h"
#include "offer.h"
#include "slice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RETRY_MS = 5000, PRICE_TEXT = 32 };

static char *
copy(struct aicx_str text)
{
	return text.ptr != NULL ? strndup(text.ptr, text.len) : NULL;
}

static struct aicx_str
view(const char *text)
{
	return (struct aicx_str) { text, text != NULL ? strlen(text) : 0 };
}

static void
sale_link(struct sale *sale, struct sale **list)
{
	sale->next = *list;
	sale->prev = list;
	if (sale->next != NULL)
		sale->next->prev = &sale->next;
	*list = sale;
}

static void
sale_unlink(struct sale *sale)
{
	*sale->prev = sale->next;
	if (sale->next != NULL)
		sale->next->prev = sale->prev;
}

static void
sale_free(struct sale *sale)
{
	sale_unlink(sale);
	free(sale->resource);
	free(sale->capability);
	free(sale->provider);
	free(sale->input);
	free(sale->payment);
	free(sale->correlation);
	promise_unref(sale->now);
	promise_unref(sale->due);
	free(sale);
}

void
sale_wait(struct sale *sale, struct job *job)
{
	sale_unlink(sale);
	sale_link(sale, &job->sales);
}

/* --- ends ------------------------------------------------------------ */

static void
end(struct sale *sale, const struct aicx_sold *sold)
{
	aicx_sold_fn *done = sale->done;
	void *arg = sale->arg;

	sale_free(sale);
	done(sold, arg);
}

static char *
problem_text(uint16_t status, const char *code, const char *detail)
{
	json_t *problem =
	    json_pack("{s:s,s:s,s:i,s:s,s:s}", "type", "about:blank", "title",
		code, "status", (int)status, "detail", detail, "code", code);
	char *text = json_dumps(problem, JSON_COMPACT);

	json_decref(problem);
	return text;
}

void
sale_problem(struct sale *sale, uint16_t status, const char *code,
    const char *detail, int32_t retry_after_ms)
{
	char *body = problem_text(status, code, detail);
	const struct aicx_sold sold = { .size = sizeof sold,
		.status = status,
		.retry_after_ms = retry_after_ms,
		.body = view(body) };

	end(sale, &sold);
	free(body);
}

void
sale_require(struct sale *sale, const char *reason, json_t *response)
{
	json_t *required = required_new(
	    sale->x402, sale->resource, sale->now->requirements, reason);
	char *text = json_dumps(required, JSON_COMPACT);
	char *answer =
	    response != NULL ? json_dumps(response, JSON_COMPACT) : NULL;
	char *body = problem_text(402, "payment_required", reason);
	const struct aicx_sold sold = { .size = sizeof sold,
		.status = 402,
		.retry_after_ms = -1,
		.required = view(text),
		.response = view(answer),
		.body = view(body) };

	json_decref(required);
	promise_keep(sale->x402, sale->now);
	sale->x402->host->count(sale->x402->self, "required", 1);
	end(sale, &sold);
	free(text);
	free(answer);
	free(body);
}

void
sale_answer(struct sale *sale, uint16_t status, const json_t *response,
    struct aicx_str body, bool replayed)
{
	char *text =
	    response != NULL ? json_dumps(response, JSON_COMPACT) : NULL;
	const struct aicx_sold sold = { .size = sizeof sold,
		.status = status,
		.replayed = replayed,
		.retry_after_ms = -1,
		.response = view(text),
		.body = body };

	end(sale, &sold);
	free(text);
}

/* --- a payment came -------------------------------------------------- */

/* Is it for what this costs now, or for a price that was told before it moved?
   NULL, or what is wrong with it. */
static const char *
take_accepted(struct sale *sale, const json_t *accepted)
{
	struct x402 *x402 = sale->x402;
	struct promise *older;
	const char *wrong =
	    requirements_differ(sale->now->requirements, accepted);

	if (wrong == NULL)
		return NULL;
	older = promise_find(x402, sale->capability, sale->provider, accepted);
	if (older == NULL)
		return wrong;
	x402->host->count(x402->self, "price_kept", 1);
	promise_unref(sale->due);
	sale->due = promise_ref(older);
	return NULL;
}

static void
take_claim(struct sale *sale, struct claim *claim)
{
	struct x402 *x402 = sale->x402;
	char key[KEY_TEXT], of_id[KEY_TEXT];
	const char *wrong;

	if (!jobs_load(x402) || !job_key(x402, claim, key)) {
		claim_fini(claim);
		sale_problem(sale, 503, "unavailable",
		    "payments are not taken yet", RETRY_MS);
		return;
	}
	if (claim->id != NULL && job_key_of_id(x402, claim->id, of_id) &&
	    strcmp(of_id, key) != 0) {
		claim_fini(claim);
		sale_problem(sale, 409, "conflict",
		    "this payment-identifier came with another payment", -1);
		return;
	}
	json_t *known = job_read(x402, key);
	if (known != NULL) {
		json_decref(known);
		order_repeat(sale, claim, key);
		return;
	}
	wrong = take_accepted(sale, claim->accepted);
	if (wrong == NULL)
		wrong =
		    authorization_differs(x402, sale->due->requirements, claim);
	if (wrong != NULL) {
		claim_fini(claim);
		sale_require(sale, wrong, NULL);
	} else if (x402->supported != SUPPORT_YES) {
		claim_fini(claim);
		sale_problem(sale, 503, "unavailable",
		    "the facilitator does not answer", RETRY_MS);
	} else
		order_begin(sale, claim);
}

static void
take_payment(struct sale *sale)
{
	struct claim claim;
	const char *why = NULL;

	if (claim_parse(view(sale->payment), &claim, &why))
		take_claim(sale, &claim);
	else
		sale_problem(sale, 400, "invalid_payment", why, -1);
}

/* --- what it costs --------------------------------------------------- */

static void
on_free(const struct aicx_answer *answer, void *arg)
{
	struct sale *sale = arg;

	sale->ticket = NULL;
	sale->calling = false;
	sale_answer(sale, answer->status, NULL, answer->body, false);
}

static void
give(struct sale *sale)
{
	char *params = order_params(sale, NULL, 0);

	sale->calling = true;
	if (params == NULL ||
	    !x402_call(sale->x402, "deal.buy", view(params),
		(struct aicx_str) { NULL, 0 }, view(sale->correlation), on_free,
		sale, &sale->ticket))
		sale_problem(sale, 500, "internal", "no memory", -1);
	free(params);
}

/* "0.25" of {"amount":"0.25","currency":"AIC"} when there is nothing else to
   pay. */
static bool
take_price(const struct x402 *x402, struct aicx_str pricing,
    char ret_price[PRICE_TEXT], int64_t *ret_minor)
{
	const char *currency = x402->settings->currency;
	struct aicx_str base = slice_get(pricing, "base_cost");
	struct aicx_str amount = slice_inside(slice_get(base, "amount"));
	int scale = x402->host->currency_scale(x402->self, currency);

	if (!text_same(slice_get(pricing, "model"), TEXT("\"per_call\"")))
		return false;
	if (amount.len == 0 || amount.len >= PRICE_TEXT)
		return false;
	memcpy(ret_price, amount.ptr, amount.len);
	ret_price[amount.len] = '\0';
	return text_same(slice_inside(slice_get(base, "currency")),
		   text_of(currency)) &&
	    minor_parse(ret_price, scale, ret_minor);
}

/* The price is known: does it have to be paid, and was it? */
static void
price(struct sale *sale, struct promise *now)
{
	sale->now = now;
	sale->due = now != NULL ? promise_ref(now) : NULL;
	if (now == NULL)
		sale_problem(sale, 503, "unavailable", "no memory", RETRY_MS);
	else if (now->price_minor == 0)
		give(sale);
	else if (now->requirements == NULL)
		sale_problem(
		    sale, 500, "internal", "the price has too many digits", -1);
	else if (sale->payment != NULL)
		take_payment(sale);
	else if (sale->x402->supported == SUPPORT_YES)
		sale_require(
		    sale, "PAYMENT-SIGNATURE header is required", NULL);
	else
		sale_problem(sale, 503, "unavailable",
		    "the facilitator does not answer", RETRY_MS);
}

static void
on_capability(const struct aicx_answer *answer, void *arg)
{
	struct sale *sale = arg;
	struct slice_walk walk = { .text = slice_get(
				       answer->body, "capabilities") };
	struct aicx_str name, good = { NULL, 0 };
	char text[PRICE_TEXT];
	int64_t price_minor;

	sale->ticket = NULL;
	sale->calling = false;
	if (answer->status >= 400) {
		sale->x402->host->log(sale->x402->self, AICX_ERROR,
		    "x402.no_buyer", "the buyer's key cannot see what is sold");
		sale_problem(sale, 503, "unavailable",
		    "what is sold cannot be seen", RETRY_MS);
	} else if (!slice_next(&walk, &name, &good))
		sale_problem(
		    sale, 404, "not_found", "nobody sells this here", -1);
	else if (!take_price(sale->x402, slice_get(good, "pricing"), text,
		     &price_minor))
		sale_problem(sale, 404, "not_found",
		    "this has no fixed price in the currency that is taken",
		    -1);
	else
		price(sale,
		    promise_new(sale->x402, sale->capability,
			slice_inside(slice_get(good, "agent_id")),
			text_of(text), price_minor));
}

static void
look_up(struct sale *sale)
{
	json_t *params =
	    json_pack("{s:s,s:i}", "name", sale->capability, "limit", 1);
	char *text;

	if (sale->provider != NULL)
		(void)json_object_set_new(
		    params, "agent_id", json_string(sale->provider));
	else
		(void)json_object_set_new(params, "place", json_integer(1));
	text = json_dumps(params, JSON_COMPACT);
	json_decref(params);
	sale->calling = true;
	if (text == NULL ||
	    !x402_call(sale->x402, "discovery.list_capabilities", view(text),
		(struct aicx_str) { NULL, 0 }, view(sale->correlation),
		on_capability, sale, &sale->ticket))
		sale_problem(sale, 400, "invalid_params",
		    "this is no name of a capability", -1);
	free(text);
}

void
sale_begin(
    void *state, const struct aicx_sale *wish, aicx_sold_fn *done, void *arg)
{
	struct x402 *x402 = state;
	struct sale *sale = calloc(1, sizeof *sale);
	const struct aicx_sold none = {
		.size = sizeof none, .status = 503, .retry_after_ms = RETRY_MS
	};

	if (sale == NULL) {
		done(&none, arg);
		return;
	}
	sale->x402 = x402;
	sale->done = done;
	sale->arg = arg;
	sale->resource = copy(wish->resource);
	sale->capability = copy(wish->capability);
	sale->provider = copy(wish->provider_id);
	sale->input = copy(wish->input);
	sale->payment = copy(wish->payment);
	sale->correlation = copy(wish->correlation);
	sale_link(sale, &x402->sales);
	x402_tick(x402);
	if (sale->resource == NULL || sale->capability == NULL ||
	    sale->input == NULL)
		sale_problem(sale, 503, "unavailable", "no memory", RETRY_MS);
	else
		look_up(sale);
}

static struct sale *
sale_of(struct x402 *x402, const void *arg)
{
	struct sale *sale = x402->sales;

	while (sale != NULL && sale->arg != arg)
		sale = sale->next;
	for (struct job *job = x402->jobs; sale == NULL && job != NULL;
	     job = job->next)
		for (sale = job->sales; sale != NULL && sale->arg != arg;)
			sale = sale->next;
	return sale;
}

static void
give_up(struct sale *sale)
{
	if (sale->calling && sale->ticket != NULL)
		sale->x402->host->call_cancel(sale->ticket);
	sale_free(sale);
}

void
sale_cancel(void *state, void *arg)
{
	struct sale *sale = sale_of(state, arg);

	if (sale != NULL)
		give_up(sale);
}

void
sales_close(struct x402 *x402)
{
	while (x402->sales != NULL)
		give_up(x402->sales);
	for (struct job *job = x402->jobs; job != NULL; job = job->next)
		while (job->sales != NULL)
			give_up(job->sales);
}
