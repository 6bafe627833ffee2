/* SPDX-License-Identifier: Apache-2.0 */
/* moves.c - one function for each event that moves money. */
#include "economics/moves.h"

#include "base/broken.h"
#include "base/err.h"

/* Amounts of nothing are left out. */
static void
add(struct moves *moves, const struct move *move)
{
	ENSURE(move->amount.minor >= 0);
	if (move->amount.minor == 0)
		return;
	ENSURE(moves->n < moves->cap);
	moves->list[moves->n++] = *move;
}

static struct place
at(const struct aicx_id *owner, enum column column)
{
	return (struct place) { *owner, column };
}

static struct place
free_of(const struct aicx_id *owner)
{
	return at(owner, COLUMN_AVAILABLE);
}

static struct aicx_money
minor_of(const struct aicx_money *like, int64_t minor)
{
	struct aicx_money money = *like;

	money.minor = minor;
	return money;
}

/* --- holds ------------------------------------------------------------ */

static struct move
hold_move(const struct hold *hold, enum transfer_kind kind)
{
	return (struct move) {
		.kind = kind,
		.id = hold->hold_id,
		.from = at(&hold->agent_id, COLUMN_RESERVED),
		.to = free_of(&hold->agent_id),
		.amount = hold->amount,
		.contract_id = hold->contract_id,
	};
}

void
moves_reserve(struct moves *moves, const struct hold *hold)
{
	struct move move = hold_move(hold, TRANSFER_RESERVE);
	struct place from = move.to;

	move.to = move.from;
	move.from = from;
	move.reference = hold->reference;
	add(moves, &move);
}

void
moves_give_back(struct moves *moves, const struct hold *hold,
    enum hold_state to, const struct aicx_id *execution_id)
{
	struct move move = hold_move(
	    hold, to == HOLD_EXPIRED ? TRANSFER_EXPIRE : TRANSFER_VOID);

	ENSURE(to == HOLD_VOIDED || to == HOLD_EXPIRED);
	if (execution_id != NULL)
		move.execution_id = *execution_id;
	add(moves, &move);
}

/* --- payments --------------------------------------------------------- */

static struct move
pay_move(const struct transaction_state *paid, enum transfer_kind kind)
{
	return (struct move) {
		.kind = kind,
		.id = paid->transaction_id,
		.amount = paid->amount,
		.contract_id = paid->contract_id,
		.execution_id = paid->execution_id,
	};
}

/* Pending money stays with the payer until its batch. */
static void
pay(struct moves *moves, struct move *move,
    const struct transaction_state *paid)
{
	bool pending = paid->status == TRANSACTION_PENDING;

	if (pending)
		move->payee = paid->payee_id;
	move->to = pending ? at(&paid->payer_id, COLUMN_PENDING)
			   : free_of(&paid->payee_id);
	add(moves, move);
}

static void
pay_fee(struct moves *moves, const struct transaction_state *paid)
{
	struct move fee = pay_move(paid, TRANSFER_FEE);

	if (paid->status == TRANSACTION_PENDING)
		return; /* taken by the batch */
	fee.from = free_of(&paid->payee_id);
	fee.to = free_of(&ledger_fees);
	fee.amount.minor = paid->fee_minor;
	add(moves, &fee);
}

void
moves_post(struct moves *moves, const struct hold *hold,
    const struct transaction_state *paid, struct aicx_str reference)
{
	struct move move = pay_move(paid, TRANSFER_POST);
	struct move rest = hold_move(hold, TRANSFER_RELEASE);

	move.reference = reference;
	move.from = rest.from;
	rest.execution_id = paid->execution_id;
	ENSURE(paid->amount.minor <= hold->amount.minor);
	rest.amount.minor -= paid->amount.minor;
	pay(moves, &move, paid);
	add(moves, &rest);
	pay_fee(moves, paid);
}

void
moves_charge(struct moves *moves, enum transfer_kind kind,
    const struct transaction_state *paid, struct aicx_str reference)
{
	struct move move = pay_move(paid, kind);

	move.from = free_of(&paid->payer_id);
	move.reference = reference;
	pay(moves, &move, paid);
	pay_fee(moves, paid);
}

/* --- refunds and disputes --------------------------------------------- */

static struct move
back_move(const struct transaction_state *paid, const struct aicx_id *id,
    int64_t minor)
{
	struct move move = pay_move(paid, TRANSFER_REFUND);

	move.id = *id;
	move.of = paid->transaction_id;
	move.from = free_of(&paid->payee_id);
	move.to = free_of(&paid->payer_id);
	move.amount.minor = minor;
	return move;
}

/* The fee's share first: the payee may need it to pay the refund. */
static void
fee_back(struct moves *moves, const struct transaction_state *paid,
    const struct aicx_id *id, int64_t minor)
{
	struct move move =
	    back_move(paid, id, transaction_fee_back(paid, minor));

	if (broken("keep_fee"))
		return;
	move.kind = TRANSFER_FEE_REFUND;
	move.from = free_of(&ledger_fees);
	move.to = free_of(&paid->payee_id);
	add(moves, &move);
}

/* A pending payment has paid no fee, and lies with the payer. */
static void
refund_pending(struct moves *moves, const struct transaction_state *paid,
    const struct aicx_id *refund_id, int64_t minor, struct aicx_str reference)
{
	struct move move = back_move(paid, refund_id, minor);

	move.from = at(&paid->payer_id, COLUMN_PENDING);
	move.payee = paid->payee_id;
	move.reference = reference;
	add(moves, &move);
}

void
moves_refund(struct moves *moves, const struct transaction_state *paid,
    const struct aicx_id *refund_id, int64_t minor, struct aicx_str reference)
{
	struct move move = back_move(paid, refund_id, minor);

	if (paid->settled_ms == 0) {
		refund_pending(moves, paid, refund_id, minor, reference);
		return;
	}
	move.reference = reference;
	fee_back(moves, paid, refund_id, minor);
	add(moves, &move);
}

void
moves_freeze(struct moves *moves, const struct transaction_state *paid,
    const struct dispute *dispute)
{
	struct move move =
	    back_move(paid, &dispute->dispute_id, dispute->frozen_minor);

	move.kind = TRANSFER_FREEZE;
	move.to = free_of(&ledger_suspense);
	add(moves, &move);
}

void
moves_rule(struct moves *moves, const struct transaction_state *paid,
    const struct dispute *dispute, const struct aicx_id *refund_id,
    int64_t minor)
{
	int64_t frozen_minor =
	    minor < dispute->frozen_minor ? minor : dispute->frozen_minor;
	struct move move = back_move(paid, refund_id, frozen_minor);

	if (paid->settled_ms == 0) {
		refund_pending(moves, paid, refund_id, minor, dispute->ruling);
		return;
	}
	fee_back(moves, paid, refund_id, minor);
	move.reference = dispute->ruling;
	move.from = free_of(&ledger_suspense);
	move.payee = paid->payee_id;
	add(moves, &move);
	/* What the payee had spent before the freeze it pays now. */
	move = back_move(paid, refund_id, minor - frozen_minor);
	move.reference = dispute->ruling;
	add(moves, &move);
	move = back_move(
	    paid, &dispute->dispute_id, dispute->frozen_minor - frozen_minor);
	move.kind = TRANSFER_THAW;
	move.from = free_of(&ledger_suspense);
	move.to = free_of(&paid->payee_id);
	add(moves, &move);
}

/* --- batches ---------------------------------------------------------- */

static void
net_in_or_out(struct moves *moves, const struct batch *batch, bool in)
{
	const struct batch_party *list = batch->parties.items;

	for (size_t i = 0; i < batch->parties.n; i++) {
		int64_t net_minor = list[i].net_minor;
		struct move move = { .kind = TRANSFER_SETTLE,
			.id = batch->batch_id,
			.from = at(&list[i].agent_id, COLUMN_PENDING),
			.to = free_of(&ledger_clearing),
			.amount = minor_of(&batch->total, -net_minor) };
		if (in != (net_minor < 0))
			continue;
		if (!in) {
			move.from = free_of(&ledger_clearing);
			move.to = free_of(&list[i].agent_id);
			move.amount.minor = net_minor;
		}
		add(moves, &move);
	}
}

static void
net_within(struct moves *moves, const struct batch *batch)
{
	const struct batch_party *list = batch->parties.items;

	for (size_t i = 0; i < batch->parties.n; i++) {
		const struct batch_party *party = &list[i];
		struct move net = { .kind = TRANSFER_NET,
			.id = batch->batch_id,
			.from = at(&party->agent_id, COLUMN_PENDING),
			.to = free_of(&party->agent_id),
			.amount = minor_of(&batch->total,
			    party->earned_minor < party->spent_minor
				? party->earned_minor
				: party->spent_minor) };
		struct move fee = { .kind = TRANSFER_FEE,
			.id = batch->batch_id,
			.from = free_of(&party->agent_id),
			.to = free_of(&ledger_fees),
			.amount = minor_of(&batch->total, party->fee_minor) };
		add(moves, &net);
		add(moves, &fee);
	}
}

void
moves_batch(struct moves *moves, const struct batch *batch)
{
	net_in_or_out(moves, batch, true);
	net_in_or_out(moves, batch, false);
	net_within(moves, batch);
}
