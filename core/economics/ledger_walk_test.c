/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ledger_walk_test.c - thousands of legal and illegal steps, the same ones on
 * the ledger and on a plain table of sums.
 *
 * The model knows no accounts, maps or currencies: a cell for each place, in
 * 128 bits, and the rule that no cell but funding and losses goes below zero
 * and none beyond 64 bits.  The seed is fixed; a failure prints the step.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "economics/ledger.h"

enum {
	WALK_STEPS = 20000,
	OWNERS = 9,
	FUNDING = 0,
	FEES = 1,
	CLEARING = 2,
	SUSPENSE = 3,
	LOSSES = 4,
	AGENTS = 5,
	BATCH_MAX = 4
};

struct cells {
	__int128 minor[OWNERS][3]; /* by column */
	__int128 spent[OWNERS], earned[OWNERS], fees[OWNERS], funded[OWNERS],
	    frozen[OWNERS];
	int64_t n_transactions[OWNERS];
};

/* A transfer as the model sees it. */
struct move {
	enum transfer_kind kind;
	size_t from, to;
	enum column from_column, to_column;
	int64_t minor;
	size_t payee; /* 0: the places show it */
	bool lost; /* names no place */
	bool wild; /* no way for its kind */
};

struct walk {
	struct ledger *ledger;
	struct cells cells;
	uint64_t seed, n_ids;
	size_t n_legal, n_illegal;
	char places[OWNERS][3][PLACE_TEXT];
};

static struct aicx_id
owner(size_t i)
{
	struct aicx_id id = { { 0xa0, (uint8_t)i } };

	const struct aicx_id *own[] = { &ledger_funding, &ledger_fees,
		&ledger_clearing, &ledger_suspense, &ledger_losses };

	return i < AGENTS ? *own[i] : id;
}

static uint32_t
draw(struct walk *walk, uint32_t below)
{
	walk->seed = walk->seed * UINT64_C(6364136223846793005) +
	    UINT64_C(1442695040888963407);
	return (uint32_t)((walk->seed >> 33) % below);
}

/* Mostly small, sometimes nothing, negative or at the limits. */
static int64_t
draw_minor(struct walk *walk)
{
	static const int64_t odd[] = { 0, -1, INT64_MIN, INT64_MAX,
		INT64_MAX / 2, INT64_MAX - 1000 };

	if (draw(walk, 20) == 0)
		return odd[draw(walk, 6)];
	return 1 + draw(walk, 1000);
}

/* Out at once, asked for, or one of the two answers to what was asked for. */
static void
draw_withdrawal(struct walk *walk, struct move *move, bool pending)
{
	if (pending) {
		move->to_column = COLUMN_PENDING;
		return;
	}
	if (draw(walk, 2) == 0) {
		move->from_column = COLUMN_PENDING;
		if (draw(walk, 2) == 0)
			return;
	}
	move->to = FUNDING;
}

/* To the payee, or to wait on the payer's account until it is settled. */
static void
draw_payment(struct move *move, size_t payee, bool pending)
{
	if (pending) {
		move->to_column = COLUMN_PENDING;
		move->payee = payee;
	} else {
		move->to = payee;
	}
}

static void
draw_refund(struct walk *walk, struct move *move, size_t payee, bool pending)
{
	if (pending) {
		move->from_column = COLUMN_PENDING;
		move->payee = payee;
	} else if (draw(walk, 2) == 0) {
		move->from = SUSPENSE;
		move->payee = payee;
	} else {
		move->to = payee;
	}
}

static void
draw_settlement(struct move *move, bool pending)
{
	if (pending) {
		move->from_column = COLUMN_PENDING;
		move->to = CLEARING;
	} else {
		move->from = CLEARING;
	}
}

static void
draw_way(struct walk *walk, struct move *move, size_t b)
{
	bool pending = draw(walk, 2) == 0;

	switch (move->kind) {
	case TRANSFER_FUND:
		move->from = FUNDING;
		break;
	case TRANSFER_WITHDRAW:
		draw_withdrawal(walk, move, pending);
		break;
	case TRANSFER_CHARGEBACK:
		if (pending)
			move->from = LOSSES;
		move->to = FUNDING;
		break;
	case TRANSFER_RESERVE:
		move->to_column = COLUMN_RESERVED;
		break;
	case TRANSFER_POST:
		move->from_column = COLUMN_RESERVED;
		draw_payment(move, b, pending);
		break;
	case TRANSFER_CHARGE:
	case TRANSFER_RECORD:
		draw_payment(move, b, pending);
		break;
	case TRANSFER_RELEASE:
	case TRANSFER_VOID:
	case TRANSFER_EXPIRE:
		move->from_column = COLUMN_RESERVED;
		break;
	case TRANSFER_FEE:
		move->to = FEES;
		break;
	case TRANSFER_FEE_REFUND:
		move->from = FEES;
		break;
	case TRANSFER_REFUND:
		draw_refund(walk, move, b, pending);
		break;
	case TRANSFER_FREEZE:
		move->to = SUSPENSE;
		break;
	case TRANSFER_THAW:
		move->from = SUSPENSE;
		break;
	case TRANSFER_SETTLE:
		draw_settlement(move, pending);
		break;
	case TRANSFER_NET:
		move->from_column = COLUMN_PENDING;
		break;
	case TRANSFER_N_KINDS:
		break;
	}
}

/* Who and where follow from the kind, as the broker does it. */
static struct move
draw_move(struct walk *walk)
{
	size_t a = AGENTS + draw(walk, OWNERS - AGENTS);
	size_t b = AGENTS + draw(walk, OWNERS - AGENTS);
	struct move move = { .kind = (enum transfer_kind)draw(
				 walk, TRANSFER_N_KINDS),
		.from = a,
		.to = a,
		.minor = draw_minor(walk),
		.lost = draw(walk, 100) == 0,
		.wild = draw(walk, 100) == 0 };

	draw_way(walk, &move, b);
	if (move.wild) { /* nothing ever leaves the fees' reserved column */
		move.from = FEES;
		move.from_column = COLUMN_RESERVED;
	}
	return move;
}

static struct transfer
transfer_of(struct walk *walk, const struct move *move)
{
	struct transfer transfer = {
		.kind = (int)move->kind,
		.debit = str_of(walk->places[move->from][move->from_column]),
		.credit = str_of(walk->places[move->to][move->to_column]),
		.amount = { move->minor, "AIC" },
	};

	walk->n_ids++;
	memcpy(transfer.id.bytes, &walk->n_ids, sizeof walk->n_ids);
	if (move->payee != 0)
		transfer.payee = owner(move->payee);
	if (move->lost)
		transfer.credit = STR("nobody:available");
	return transfer;
}

static void
total(__int128 *sum, __int128 more)
{
	*sum += more;
	if (*sum > INT64_MAX)
		*sum = INT64_MAX;
	if (*sum < INT64_MIN)
		*sum = INT64_MIN;
}

static void
cells_count(struct cells *cells, const struct move *move)
{
	size_t from = move->from, to = move->to;
	bool pending = move->to_column == COLUMN_PENDING ||
	    move->from_column == COLUMN_PENDING;
	enum transfer_kind kind = move->kind;
	bool paid = kind == TRANSFER_POST || kind == TRANSFER_CHARGE ||
	    kind == TRANSFER_RECORD;

	if (kind == TRANSFER_FEE)
		total(&cells->fees[from], move->minor);
	if (kind == TRANSFER_FEE_REFUND)
		total(&cells->fees[to], -move->minor);
	if (kind == TRANSFER_FREEZE)
		total(&cells->frozen[from], move->minor);
	if (kind == TRANSFER_THAW)
		total(&cells->frozen[to], -move->minor);
	if (kind == TRANSFER_FUND)
		total(&cells->funded[to], move->minor);
	if ((kind == TRANSFER_WITHDRAW || kind == TRANSFER_CHARGEBACK) &&
	    to == FUNDING)
		total(&cells->funded[from], -move->minor);
	if ((paid && !pending) || kind == TRANSFER_NET ||
	    kind == TRANSFER_SETTLE) {
		total(&cells->spent[from], move->minor);
		total(&cells->earned[to], move->minor);
	}
	if (kind == TRANSFER_REFUND) {
		if (from == SUSPENSE)
			total(&cells->frozen[move->payee], -move->minor);
		if (move->payee != 0)
			from = move->payee;
		if (!pending) {
			total(&cells->earned[from], -move->minor);
			total(&cells->spent[to], -move->minor);
		}
	} else if (move->payee != 0)
		to = move->payee;
	if (from == to ||
	    (!paid && kind != TRANSFER_FUND && kind != TRANSFER_WITHDRAW &&
		kind != TRANSFER_REFUND && kind != TRANSFER_CHARGEBACK))
		return;
	cells->n_transactions[from]++;
	cells->n_transactions[to]++;
}

/* false: not allowed; then the cells are worth nothing. */
static bool
cells_move(struct cells *cells, const struct move *move)
{
	__int128 *from = &cells->minor[move->from][move->from_column];
	__int128 *to = &cells->minor[move->to][move->to_column];

	if (move->lost || move->wild || move->minor <= 0)
		return false;
	*from -= move->minor;
	if (*from < INT64_MIN ||
	    (*from < 0 && move->from != FUNDING && move->from != LOSSES))
		return false;
	*to += move->minor;
	if (*to > INT64_MAX)
		return false;
	cells_count(cells, move);
	return true;
}

static bool
account_is(const struct walk *walk, size_t i)
{
	struct aicx_id id = owner(i);
	const struct account *account =
	    ledger_account(walk->ledger, &id, "AIC");
	const struct cells *cells = &walk->cells;

	return account->available_minor == cells->minor[i][COLUMN_AVAILABLE] &&
	    account->reserved_minor == cells->minor[i][COLUMN_RESERVED] &&
	    account->pending_minor == cells->minor[i][COLUMN_PENDING] &&
	    account->funded_minor == cells->funded[i] &&
	    account->frozen_minor == cells->frozen[i] &&
	    account->spent_minor == cells->spent[i] &&
	    account->earned_minor == cells->earned[i] &&
	    account->fees_minor == cells->fees[i] &&
	    account->n_transactions == cells->n_transactions[i];
}

static void
check_books(const struct walk *walk, int step)
{
	bool good = ledger_sum(walk->ledger, "AIC").total == 0;

	for (size_t i = 0; i < OWNERS; i++)
		good = good && account_is(walk, i);
	ck_assert_msg(good, "step %d: the books differ", step);
}

static void
walk_step(struct walk *walk, int step)
{
	size_t n = 1 + draw(walk, BATCH_MAX);
	struct transfer transfers[BATCH_MAX];
	struct cells after = walk->cells;
	bool legal = true;

	for (size_t i = 0; i < n; i++) {
		struct move move = draw_move(walk);
		transfers[i] = transfer_of(walk, &move);
		legal = legal && cells_move(&after, &move);
	}
	aicx_err tried = ledger_try(walk->ledger, transfers, n, NULL);
	ck_assert_msg((tried == AICX_OK) == legal, "step %d: %d", step, tried);
	check_books(walk, step);
	walk->n_illegal += !legal;
	if (!legal)
		return;
	walk->n_legal++;
	ck_assert_int_eq(ledger_apply(walk->ledger, transfers, n, step,
			     (uint64_t)step, NULL),
	    AICX_OK);
	walk->cells = after;
	check_books(walk, step);
}

static void
walk_init(struct walk *walk, uint64_t seed)
{
	*walk = (struct walk) { .ledger = ledger_new(), .seed = seed };
	for (size_t i = 0; i < OWNERS; i++)
		for (int column = 0; column < 3; column++)
			place_print(
			    &(struct place) { owner(i), (enum column)column },
			    walk->places[i][column]);
}

START_TEST(a_random_walk_agrees_with_a_plain_table)
{
	static struct walk walk;

	walk_init(&walk, 2026);
	for (int step = 0; step < WALK_STEPS; step++)
		walk_step(&walk, step);
	/* It was a walk worth taking. */
	ck_assert_uint_gt(walk.n_legal, WALK_STEPS / 10);
	ck_assert_uint_gt(walk.n_illegal, WALK_STEPS / 10);
	ledger_free(walk.ledger);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("ledger_walk");
	TCase *tcase = tcase_create("ledger_walk");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, a_random_walk_agrees_with_a_plain_table);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
