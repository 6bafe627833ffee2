/* SPDX-License-Identifier: Apache-2.0 */
/*
 * batch.h - many pending transactions settled at once: each party pays or gets
 * the difference of what it earned and spent, and nothing else leaves its
 * account.
 *
 * The batch is its own proof: its transactions sum to each party's earned,
 * spent and fee, net is earned - spent, and all nets sum to zero.
 */
#ifndef ECONOMICS_BATCH_H
#define ECONOMICS_BATCH_H

#include "economics/transaction.h"

enum { BATCH_TRANSACTIONS_MAX = 128 };

struct batch_item { /* refunds taken off */
	struct aicx_id transaction_id, payer_id, payee_id;
	int64_t amount_minor, fee_minor;
};

struct batch_party {
	struct aicx_id agent_id;
	int64_t earned_minor, spent_minor, fee_minor, net_minor;
};

struct batch {
	struct aicx_id batch_id;
	struct aicx_money total; /* of all transactions */
	struct field_list transactions; /* struct batch_item */
	struct field_list parties; /* struct batch_party, by first mention */
	int64_t settled_ms;
};

extern const struct field batch_fields[];

/* All are pending and in one currency; 1..BATCH_TRANSACTIONS_MAX of them. */
void batch_make(const struct transaction_state *const *list, size_t n,
    struct arena *mem, struct batch *ret_batch);
/* Do the parties follow from the transactions, and sum to zero? */
bool batch_is_sound(const struct batch *batch);

#endif
