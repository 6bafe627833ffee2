/* SPDX-License-Identifier: Apache-2.0 */
/* batch.c - from transactions to what each party nets. */
#include "economics/batch.h"

#include "base/err.h"
#include "base/id.h"

#include <string.h>

static const struct field item_fields[] = {
	FIELD(struct batch_item, transaction_id, "transaction_id", FIELD_ID),
	FIELD(struct batch_item, payer_id, "payer_id", FIELD_ID),
	FIELD(struct batch_item, payee_id, "payee_id", FIELD_ID),
	FIELD(struct batch_item, amount_minor, "amount", FIELD_INT,
	    .flags = FIELDF_ALWAYS),
	FIELD(struct batch_item, fee_minor, "fee", FIELD_INT),
	FIELD_END,
};

static const struct field party_fields[] = {
	FIELD(struct batch_party, agent_id, "agent_id", FIELD_ID),
	FIELD(struct batch_party, earned_minor, "earned", FIELD_INT),
	FIELD(struct batch_party, spent_minor, "spent", FIELD_INT),
	FIELD(struct batch_party, fee_minor, "fee", FIELD_INT),
	FIELD(struct batch_party, net_minor, "net", FIELD_INT,
	    .flags = FIELDF_ALWAYS),
	FIELD_END,
};

const struct field batch_fields[] = {
	FIELD(struct batch, batch_id, "batch_id", FIELD_ID),
	FIELD(
	    struct batch, total, "total", FIELD_MONEY, .flags = FIELDF_ALWAYS),
	FIELD(struct batch, transactions, "transactions", FIELD_LIST,
	    .fields = item_fields, .item_size = sizeof(struct batch_item)),
	FIELD(struct batch, parties, "parties", FIELD_LIST,
	    .fields = party_fields, .item_size = sizeof(struct batch_party)),
	FIELD(struct batch, settled_ms, "settled", FIELD_TIME),
	FIELD_END,
};

static struct batch_party *
party_need(struct batch_party *list, size_t *n, const struct aicx_id *id)
{
	for (size_t i = 0; i < *n; i++)
		if (id_eq(&list[i].agent_id, id))
			return &list[i];
	list[*n] = (struct batch_party) { .agent_id = *id };
	return &list[(*n)++];
}

/* There is never more money than 64 bits hold. */
static void
add(int64_t *sum, int64_t minor)
{
	ENSURE(!__builtin_add_overflow(*sum, minor, sum));
}

static size_t
parties_of(const struct batch_item *items, size_t n_items,
    struct batch_party ret_list[2 * BATCH_TRANSACTIONS_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < n_items; i++) {
		const struct batch_item *item = &items[i];
		struct batch_party *payer =
		    party_need(ret_list, &n, &item->payer_id);
		add(&payer->spent_minor, item->amount_minor);
		struct batch_party *payee =
		    party_need(ret_list, &n, &item->payee_id);
		add(&payee->earned_minor, item->amount_minor);
		add(&payee->fee_minor, item->fee_minor);
	}
	for (size_t i = 0; i < n; i++)
		ret_list[i].net_minor =
		    ret_list[i].earned_minor - ret_list[i].spent_minor;
	return n;
}

void
batch_make(const struct transaction_state *const *list, size_t n,
    struct arena *mem, struct batch *ret_batch)
{
	struct batch_party parties[2 * BATCH_TRANSACTIONS_MAX];
	struct batch_item *items = arena_new(mem, n * sizeof *items);

	ENSURE(n > 0 && n <= BATCH_TRANSACTIONS_MAX);
	ret_batch->total = (struct aicx_money) { .minor = 0 };
	memcpy(ret_batch->total.currency, list[0]->amount.currency,
	    sizeof ret_batch->total.currency);
	for (size_t i = 0; i < n; i++) {
		const struct transaction_state *state = list[i];
		ENSURE(state->status == TRANSACTION_PENDING);
		ENSURE(money_same_currency(&state->amount, &ret_batch->total));
		items[i] = (struct batch_item) { state->transaction_id,
			state->payer_id, state->payee_id,
			transaction_left(state),
			state->fee_minor - state->fee_back_minor };
		add(&ret_batch->total.minor, items[i].amount_minor);
	}
	ret_batch->transactions = (struct field_list) { items, n };
	ret_batch->parties.n = parties_of(items, n, parties);
	ret_batch->parties.items =
	    arena_new(mem, ret_batch->parties.n * sizeof *parties);
	memcpy(ret_batch->parties.items, parties,
	    ret_batch->parties.n * sizeof *parties);
	ENSURE(batch_is_sound(ret_batch));
}

bool
batch_is_sound(const struct batch *batch)
{
	struct batch_party parties[2 * BATCH_TRANSACTIONS_MAX];
	const struct batch_party *told = batch->parties.items;
	__int128 sum = 0;

	if (batch->transactions.n > BATCH_TRANSACTIONS_MAX ||
	    parties_of(batch->transactions.items, batch->transactions.n,
		parties) != batch->parties.n)
		return false;
	for (size_t i = 0; i < batch->parties.n; i++) {
		sum += told[i].net_minor;
		if (!id_eq(&told[i].agent_id, &parties[i].agent_id) ||
		    told[i].earned_minor != parties[i].earned_minor ||
		    told[i].spent_minor != parties[i].spent_minor ||
		    told[i].fee_minor != parties[i].fee_minor ||
		    told[i].net_minor != parties[i].net_minor)
			return false;
	}
	return sum == 0;
}
