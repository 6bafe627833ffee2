/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reference.h - the books once more, by another hand, for the model test.
 *
 * It knows no entries, places or rows.  It keeps what people did (payments,
 * reservations) and works out every balance and budget from that, each time.
 * Answers are the word of the refusal, NULL when it was done.  Tests only.
 */
#ifndef ECONOMICS_REFERENCE_H
#define ECONOMICS_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { REF_AGENTS = 5, REF_BUDGETS = 5, REF_PAYMENTS = 256, REF_HOLDS = 64 };

struct ref_payment {
	int from, to, budget; /* budget -1: none */
	int64_t amount, fee, refunded, frozen, made_ms, done_ms;
	bool pending, open, disputed; /* open: a dispute is */
	int64_t contested; /* what is disputed */
};

struct ref_hold {
	int agent, budget;
	int64_t amount, made_ms, expires_ms;
	const char *ended; /* the word of a second end; NULL: open */
};

struct ref_budget {
	int parent; /* -1: none */
	char period; /* d, m, y, or u for unlimited */
	int64_t allocated;
	int64_t past, past_period; /* of payments that are forgotten */
};

struct ref {
	int64_t now_ms, fee_ppm, window_ms;
	int64_t base[REF_AGENTS], base_fees; /* of what is forgotten */
	struct ref_budget budgets[REF_BUDGETS];
	struct ref_payment payments[REF_PAYMENTS]; /* a ring */
	struct ref_hold holds[REF_HOLDS]; /* a ring */
};

int64_t ref_available(const struct ref *ref, int agent);
int64_t ref_reserved(const struct ref *ref, int agent);
int64_t ref_pending(const struct ref *ref, int agent);
int64_t ref_fees(const struct ref *ref);
int64_t ref_suspense(const struct ref *ref);
int64_t ref_consumed(const struct ref *ref, int budget);
int64_t ref_held(const struct ref *ref, int budget);

const char *ref_withdraw(struct ref *ref, int agent, int64_t amount);
/* Slots are free or ended; the caller chooses them. */
const char *ref_reserve(struct ref *ref, size_t slot, int agent, int budget,
    int64_t amount, int64_t ttl_ms);
const char *ref_release(struct ref *ref, size_t slot);
const char *ref_charge(struct ref *ref, size_t payment, int from, int to,
    int budget, int64_t amount, bool pending);
const char *ref_charge_hold(struct ref *ref, size_t payment, size_t hold,
    int to, int64_t amount, bool pending);
const char *ref_refund(struct ref *ref, size_t payment, int64_t amount);
const char *ref_dispute(struct ref *ref, size_t payment);
const char *ref_rule(struct ref *ref, size_t payment, int64_t amount);
void ref_settle(struct ref *ref); /* all that is pending and undisputed */
void ref_pass(struct ref *ref, int64_t ms); /* holds expire */
bool ref_can_forget(const struct ref *ref, size_t payment);

#endif
