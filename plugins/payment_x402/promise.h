/* SPDX-License-Identifier: Apache-2.0 */
/* promise.h - a price that was told and holds for a while. */
#ifndef PAYMENT_X402_PROMISE_H
#define PAYMENT_X402_PROMISE_H

#include "x402.h"

struct promise {
	struct promise *next; /* in x402->promises, the oldest first */
	size_t n_refs;
	int64_t until_ms; /* host's now_ms */
	char *capability, *provider;
	char *price; /* "0.25" */
	int64_t price_minor;
	json_t *requirements; /* NULL: the price is too large for us */
};

/* What a seller asks for now; nobody was told yet.  NULL: no memory. */
struct promise *promise_new(const struct x402 *x402, const char *capability,
    struct aicx_str provider, struct aicx_str price, int64_t price_minor);
struct promise *promise_ref(struct promise *promise);
void promise_unref(struct promise *promise); /* NULL is none */
/* Somebody is told: from now on it holds for price_for. */
void promise_keep(struct x402 *x402, struct promise *promise);
/* The one that a payment is for, and that still holds; provider NULL: of any
   seller.  Borrowed; NULL: there is none. */
struct promise *promise_find(struct x402 *x402, const char *capability,
    const char *provider, const json_t *accepted);
void promises_free(struct x402 *x402);

#endif
