/* SPDX-License-Identifier: Apache-2.0 */
/* sale.h - somebody who wants something now, with a payment or without. */
#ifndef PAYMENT_X402_SALE_H
#define PAYMENT_X402_SALE_H

#include "job.h"
#include "promise.h"

struct sale {
	struct sale *next, **prev; /* in x402->sales, or in its job's */
	struct x402 *x402;
	aicx_sold_fn *done;
	void *arg;
	char *resource, *capability, *provider, *input, *payment, *correlation;
	struct aicx_ticket *ticket;
	bool calling;
	struct promise *now; /* what it costs now; NULL: not known yet */
	struct promise *due; /* what the payment is for: that, or an older */
};

/* The semantics of payment.h. */
void sale_begin(
    void *state, const struct aicx_sale *wish, aicx_sold_fn *done, void *arg);
void sale_cancel(void *state, void *arg);
void sales_close(struct x402 *x402);

/* Ends it: exactly one of these.  A problem has its status and word; the reason
   of a 402 is x402's. */
void sale_problem(struct sale *sale, uint16_t status, const char *code,
    const char *detail, int32_t retry_after_ms);
void sale_require(struct sale *sale, const char *reason, json_t *response);
void sale_answer(struct sale *sale, uint16_t status, const json_t *response,
    struct aicx_str body, bool replayed);
/* It waits for the end of a payment. */
void sale_wait(struct sale *sale, struct job *job);

/* order.c: a payment that was checked is reserved, verified, worked for. */
void order_begin(struct sale *sale, struct claim *claim);
/* The same payment again. */
void order_repeat(struct sale *sale, struct claim *claim, const char *key);
/* What restarts and time ask for. */
void orders_tick(struct x402 *x402);
/* Parameters of deal.buy, to be freed; deal_id NULL: of what is free. */
char *order_params(
    const struct sale *sale, const char *deal_id, int64_t time_ms);

#endif
