/* SPDX-License-Identifier: Apache-2.0 */
/* door.h - paid resources over HTTP, and the list of them. */
#ifndef PAYMENT_X402_DOOR_H
#define PAYMENT_X402_DOOR_H

#include "x402.h"

#define LISTING_PATH "/discovery/resources"

extern const struct aicx_path_ops door_ops, listing_ops;

/* A request that is not answered. */
struct visit {
	struct visit *next, **prev;
	struct x402 *x402;
	struct aicx_exchange *exchange;
	struct aicx_ticket *ticket; /* of the listing */
	int64_t limit, offset;
	size_t n_pages;
	json_t *items;
};

struct visit *visit_new(struct x402 *x402, struct aicx_exchange *exchange);
void visit_free(struct visit *visit);
struct visit *visit_of(struct x402 *x402, const struct aicx_exchange *exchange);
void visits_close(struct x402 *x402);
void refuse(struct x402 *x402, struct aicx_exchange *exchange, uint16_t status,
    const char *code, const char *allow);
/* What payers call a capability; provider NULL: any seller. */
char *resource_url(const struct x402 *x402, struct aicx_str capability,
    struct aicx_str provider);

#endif
