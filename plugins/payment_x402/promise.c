/* SPDX-License-Identifier: Apache-2.0 */
/*
 * promise.c - a price that was told and holds for a while.
 *
 * Who reads a price signs for just that and comes back once: a price that moves
 * in between would make every payer fail.  So what was told is remembered, one
 * entry for each price of each seller, however often it is told; without a
 * payer's part in the key nobody can push out what others were told.  The
 * oldest makes room.  A restart forgets them: then the price is told anew.
 */
#include "promise.h"

#include "offer.h"

#include <stdlib.h>
#include <string.h>

static char *
copy(struct aicx_str text)
{
	return text.ptr != NULL ? strndup(text.ptr, text.len) : NULL;
}

struct promise *
promise_new(const struct x402 *x402, const char *capability,
    struct aicx_str provider, struct aicx_str price, int64_t price_minor)
{
	struct promise *promise = calloc(1, sizeof *promise);

	if (promise == NULL)
		return NULL;
	promise->n_refs = 1;
	promise->capability = strdup(capability);
	promise->provider = copy(provider);
	promise->price = copy(price);
	promise->price_minor = price_minor;
	promise->requirements = requirements_new(x402, price_minor);
	if (promise->capability != NULL && promise->provider != NULL &&
	    promise->price != NULL)
		return promise;
	promise_unref(promise);
	return NULL;
}

struct promise *
promise_ref(struct promise *promise)
{
	promise->n_refs++;
	return promise;
}

void
promise_unref(struct promise *promise)
{
	if (promise == NULL || --promise->n_refs > 0)
		return;
	free(promise->capability);
	free(promise->provider);
	free(promise->price);
	json_decref(promise->requirements);
	free(promise);
}

/* --- those that hold ------------------------------------------------- */

static void
drop(struct x402 *x402, struct promise **at)
{
	struct promise *promise = *at;

	*at = promise->next;
	x402->n_promises--;
	promise_unref(promise);
}

static bool
is_same(const struct promise *a, const struct promise *b)
{
	return a->price_minor == b->price_minor &&
	    strcmp(a->provider, b->provider) == 0 &&
	    strcmp(a->capability, b->capability) == 0;
}

/* Each holds equally long: those that are over are in front. */
static void
drop_over(struct x402 *x402)
{
	int64_t now_ms = x402->host->now_ms(x402->self);

	while (x402->promises != NULL && x402->promises->until_ms <= now_ms)
		drop(x402, &x402->promises);
}

void
promise_keep(struct x402 *x402, struct promise *promise)
{
	struct promise **at = &x402->promises;

	(void)promise_ref(promise); /* before the same one is dropped */
	drop_over(x402);
	while (*at != NULL) {
		if (is_same(*at, promise))
			drop(x402, at);
		else
			at = &(*at)->next;
	}
	*at = promise;
	promise->next = NULL;
	promise->until_ms =
	    x402->host->now_ms(x402->self) + x402->settings->price_for;
	if (++x402->n_promises > x402->settings->max_offers)
		drop(x402, &x402->promises);
}

struct promise *
promise_find(struct x402 *x402, const char *capability, const char *provider,
    const json_t *accepted)
{
	struct promise *promise;

	drop_over(x402);
	for (promise = x402->promises; promise != NULL; promise = promise->next)
		if (strcmp(promise->capability, capability) == 0 &&
		    (provider == NULL ||
			strcmp(promise->provider, provider) == 0) &&
		    requirements_differ(promise->requirements, accepted) ==
			NULL)
			return promise;
	return NULL;
}

void
promises_free(struct x402 *x402)
{
	while (x402->promises != NULL)
		drop(x402, &x402->promises);
}
