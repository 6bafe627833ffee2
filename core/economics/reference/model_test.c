/* SPDX-License-Identifier: Apache-2.0 */
/*
 * model_test.c - random events on the economics module and on the reference:
 * equal answers, and equal balances and budgets after each.
 *
 * The module is driven as the broker drives it: its decision, then its moves
 * tried and applied to the ledger.  OPS=1000000 makes the walk long, SEED=n
 * takes another.  A failure prints both.
 */
#include "economics/reference/reference.h"

#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/id.h"
#include "base/str.h"
#include "economics/budget.h"
#include "economics/ledger.h"
#include "economics/moves.h"

enum { OPS_SHORT = 20000, FEE_PPM = 33333, WINDOW_MS = 86400000 };

/* What the broker keeps in rows. */
struct bank {
	struct ledger *ledger;
	struct currencies currencies;
	struct budget budgets[REF_BUDGETS];
	struct hold holds[REF_HOLDS];
	struct transaction_state paid[REF_PAYMENTS];
	struct dispute disputes[REF_PAYMENTS];
	int64_t now_ms;
	uint64_t n_ids, seq;
};

struct walk {
	struct bank bank;
	struct ref ref;
	uint64_t seed;
	int64_t op, n_done, n_refused;
	const char *what;
};

static uint32_t
draw(struct walk *walk, uint32_t below)
{
	walk->seed = walk->seed * UINT64_C(6364136223846793005) +
	    UINT64_C(1442695040888963407);
	return (uint32_t)((walk->seed >> 33) % below);
}

static struct aicx_id
agent_id(int agent)
{
	return (struct aicx_id) { { 0xa0, (uint8_t)agent } };
}

static struct aicx_id
new_id(struct bank *bank)
{
	struct aicx_id id = { { [15] = 1 } };

	bank->n_ids++;
	memcpy(id.bytes, &bank->n_ids, sizeof bank->n_ids);
	return id;
}

static struct aicx_money
aic(int64_t minor)
{
	return (struct aicx_money) { minor, "AIC" };
}

/* --- the module, as the broker uses it --------------------------------- */

/* Tries and applies; the word of the refusal, NULL when it is done. */
static const char *
book(struct bank *bank, const struct moves *moves)
{
	static struct transfer list[MOVES_MAX];
	static char places[MOVES_MAX][2][PLACE_TEXT];
	static struct aicx_error error;

	error = (struct aicx_error) { 0 };
	for (size_t i = 0; i < moves->n; i++) {
		const struct move *move = &moves->list[i];
		place_print(&move->from, places[i][0]);
		place_print(&move->to, places[i][1]);
		list[i] = (struct transfer) { .id = move->id,
			.kind = (int)move->kind,
			.debit = str_of(places[i][0]),
			.credit = str_of(places[i][1]),
			.amount = move->amount,
			.payee = move->payee,
			.of = move->of };
	}
	if (ledger_try(bank->ledger, list, moves->n, &error) != AICX_OK)
		return error.word;
	ck_assert_int_eq(ledger_apply(bank->ledger, list, moves->n,
			     bank->now_ms, ++bank->seq, NULL),
	    AICX_OK);
	return NULL;
}

static struct budget_line
line_load(const struct bank *bank, const struct aicx_id *id)
{
	struct budget_line line = { .n = 0 };
	struct aicx_id next = *id;

	while (!id_is_nil(&next)) {
		struct budget *copy = &line.list[line.n++];
		*copy = bank->budgets[next.bytes[0] - 1];
		(void)budget_roll(copy, bank->now_ms);
		next = copy->parent_id;
	}
	return line;
}

static void
line_keep(struct bank *bank, const struct budget_line *line)
{
	for (size_t i = 0; i < line->n; i++)
		bank->budgets[line->list[i].budget_id.bytes[0] - 1] =
		    line->list[i];
}

static struct aicx_id
budget_id(int budget)
{
	return (struct aicx_id) { { (uint8_t)(budget + 1) } };
}

static const char *
bank_reserve(struct bank *bank, size_t slot, int agent, int budget,
    int64_t minor, int64_t ttl_ms)
{
	struct move list[1];
	struct moves moves = { list, 0, 1 };
	struct hold hold = { .hold_id = new_id(bank),
		.agent_id = agent_id(agent),
		.budget_id = budget_id(budget),
		.amount = aic(minor),
		.created_ms = bank->now_ms,
		.expires_ms = bank->now_ms + ttl_ms };
	struct budget_line line = line_load(bank, &hold.budget_id);
	struct aicx_error error = { 0 };

	if (budget_line_check(&line, &hold.amount, &bank->currencies, &error) !=
	    AICX_OK)
		return "budget_exceeded";
	budget_line_hold(&line, minor);
	moves_reserve(&moves, &hold);
	const char *word = book(bank, &moves);
	if (word != NULL)
		return word;
	line_keep(bank, &line);
	bank->holds[slot] = hold;
	return NULL;
}

static void
bank_end(struct bank *bank, struct hold *hold, enum hold_state to, int64_t paid)
{
	struct budget_line line = line_load(bank, &hold->budget_id);

	budget_line_resolve(&line, hold, paid);
	line_keep(bank, &line);
	hold->state = (int)to;
	hold->posted_minor = paid;
}

static const char *
bank_give_back(struct bank *bank, size_t slot, enum hold_state to)
{
	struct hold *hold = &bank->holds[slot];
	static struct aicx_error error;
	struct move list[1];
	struct moves moves = { list, 0, 1 };

	error = (struct aicx_error) { 0 };
	if (hold_resolve(hold, to, bank->now_ms, &error) != AICX_OK)
		return error.word;
	moves_give_back(&moves, hold, to, NULL);
	ck_assert_ptr_null(book(bank, &moves));
	bank_end(bank, hold, to, 0);
	return NULL;
}

static struct transaction_state
payment_of(struct bank *bank, int from, int to, int64_t minor, bool pending)
{
	return (struct transaction_state) {
		.transaction_id = new_id(bank),
		.payer_id = agent_id(from),
		.payee_id = agent_id(to),
		.amount = aic(minor),
		.fee_minor = transaction_fee(minor, FEE_PPM),
		.status = pending ? TRANSACTION_PENDING : TRANSACTION_SETTLED,
		.settled_ms = pending ? 0 : bank->now_ms,
	};
}

static const char *
bank_charge(struct bank *bank, size_t slot, int from, int to, int budget,
    int64_t minor, bool pending)
{
	struct move list[2];
	struct moves moves = { list, 0, 2 };
	struct transaction_state paid =
	    payment_of(bank, from, to, minor, pending);
	struct aicx_error error = { 0 };

	paid.budget_id = budget_id(budget);
	paid.made_ms = bank->now_ms;
	struct budget_line line = line_load(bank, &paid.budget_id);
	if (budget_line_check(&line, &paid.amount, &bank->currencies, &error) !=
	    AICX_OK)
		return "budget_exceeded";
	moves_charge(
	    &moves, TRANSFER_CHARGE, &paid, (struct aicx_str) { NULL, 0 });
	const char *word = book(bank, &moves);
	if (word != NULL)
		return word;
	budget_line_charge(&line, minor);
	line_keep(bank, &line);
	bank->paid[slot] = paid;
	bank->disputes[slot] = (struct dispute) { .opened_ms = bank->now_ms };
	return NULL;
}

static const char *
bank_charge_hold(struct bank *bank, size_t slot, size_t hold_slot, int from,
    int to, int64_t minor, bool pending)
{
	struct hold *hold = &bank->holds[hold_slot];
	struct move list[3];
	struct moves moves = { list, 0, 3 };
	static struct aicx_error error;
	struct transaction_state paid =
	    payment_of(bank, from, to, minor, pending);

	error = (struct aicx_error) { 0 };
	if (hold_resolve(hold, HOLD_POSTED, bank->now_ms, &error) != AICX_OK)
		return error.word;
	if (minor > hold->amount.minor)
		return "invalid_amount";
	paid.budget_id = hold->budget_id;
	paid.made_ms = hold->created_ms;
	moves_post(&moves, hold, &paid, (struct aicx_str) { NULL, 0 });
	ck_assert_ptr_null(book(bank, &moves));
	bank_end(bank, hold, HOLD_POSTED, minor);
	bank->paid[slot] = paid;
	bank->disputes[slot] = (struct dispute) { .opened_ms = bank->now_ms };
	return NULL;
}

static void
bank_refunded(struct bank *bank, struct transaction_state *paid, int64_t minor)
{
	struct budget_line line = line_load(bank, &paid->budget_id);

	budget_line_refund(&line, paid->made_ms, minor);
	line_keep(bank, &line);
	transaction_refund(paid, minor);
}

static const char *
bank_refund(struct bank *bank, size_t slot, int64_t minor)
{
	struct transaction_state *paid = &bank->paid[slot];
	struct aicx_money amount = aic(minor);
	struct aicx_id id = new_id(bank);
	struct move list[2];
	struct moves moves = { list, 0, 2 };
	static struct aicx_error error;

	error = (struct aicx_error) { 0 };
	if (transaction_refund_check(
		paid, &amount, &bank->currencies, &error) != AICX_OK)
		return error.word;
	moves_refund(&moves, paid, &id, minor, (struct aicx_str) { NULL, 0 });
	const char *word = book(bank, &moves);
	if (word == NULL)
		bank_refunded(bank, paid, minor);
	return word;
}

static int64_t
available(const struct bank *bank, const struct aicx_id *id)
{
	return ledger_account(bank->ledger, id, "AIC")->available_minor;
}

static const char *
bank_dispute(struct bank *bank, size_t slot)
{
	struct transaction_state *paid = &bank->paid[slot];
	struct dispute *dispute = &bank->disputes[slot];
	struct move list[1];
	struct moves moves = { list, 0, 1 };
	static struct aicx_error error;

	error = (struct aicx_error) { 0 };
	if (dispute_check(paid, dispute->opened_ms, WINDOW_MS, bank->now_ms,
		&error) != AICX_OK)
		return error.word;
	dispute->dispute_id = paid->dispute_id = new_id(bank);
	dispute->amount = aic(transaction_left(paid));
	dispute->frozen_minor =
	    dispute_frozen(paid, available(bank, &paid->payee_id));
	moves_freeze(&moves, paid, dispute);
	ck_assert_ptr_null(book(bank, &moves));
	paid->status = TRANSACTION_FROZEN;
	return NULL;
}

static const char *
bank_rule(struct bank *bank, size_t slot, int64_t minor)
{
	struct transaction_state *paid = &bank->paid[slot];
	struct dispute *dispute = &bank->disputes[slot];
	struct aicx_money amount = aic(minor);
	struct aicx_id id = new_id(bank);
	struct move list[4];
	struct moves moves = { list, 0, 4 };
	static struct aicx_error error;

	error = (struct aicx_error) { 0 };
	if (id_is_nil(&paid->dispute_id))
		return "wrong_state"; /* there is none */
	if (dispute_rule_check(dispute, &amount, &bank->currencies, &error) !=
	    AICX_OK)
		return error.word;
	moves_rule(&moves, paid, dispute, &id, minor);
	const char *word = book(bank, &moves);
	if (word != NULL)
		return word;
	dispute->state = minor > 0 ? DISPUTE_REFUNDED : DISPUTE_RELEASED;
	bank_refunded(bank, paid, minor);
	return NULL;
}

static bool
is_pending(const struct transaction_state *paid)
{
	return paid->amount.minor > 0 && paid->status == TRANSACTION_PENDING;
}

static void
bank_settle(struct bank *bank)
{
	const struct transaction_state *list[BATCH_TRANSACTIONS_MAX];
	static struct move moves_list[MOVES_MAX];
	struct moves moves = { moves_list, 0, MOVES_MAX };
	struct arena mem = { NULL };
	struct batch batch = { .batch_id = new_id(bank) };
	size_t n = 0;

	for (size_t i = 0; i < REF_PAYMENTS; i++)
		if (n < BATCH_TRANSACTIONS_MAX && is_pending(&bank->paid[i]))
			list[n++] = &bank->paid[i];
	if (n == 0)
		return;
	batch_make(list, n, &mem, &batch);
	moves_batch(&moves, &batch);
	ck_assert_ptr_null(book(bank, &moves));
	for (size_t i = 0; i < REF_PAYMENTS; i++)
		for (size_t k = 0; k < n; k++)
			if (list[k] == &bank->paid[i]) {
				bank->paid[i].status = TRANSACTION_SETTLED;
				bank->paid[i].settled_ms = bank->now_ms;
			}
	arena_fini(&mem);
	if (n == BATCH_TRANSACTIONS_MAX)
		bank_settle(bank); /* the next batch */
}

static void
bank_pass(struct bank *bank, int64_t ms)
{
	bank->now_ms += ms;
	for (size_t i = 0; i < REF_HOLDS; i++)
		if (bank->holds[i].amount.minor > 0 &&
		    hold_is_due(&bank->holds[i], bank->now_ms))
			ck_assert_ptr_null(
			    bank_give_back(bank, i, HOLD_EXPIRED));
}

/* --- the walk ---------------------------------------------------------- */

static int64_t
balance_of(const struct walk *walk, const struct aicx_id *id)
{
	return available(&walk->bank, id);
}

static bool
agents_agree(const struct walk *walk)
{
	for (int i = 0; i < REF_AGENTS; i++) {
		struct aicx_id id = agent_id(i);
		const struct account *a =
		    ledger_account(walk->bank.ledger, &id, "AIC");
		if (a->available_minor != ref_available(&walk->ref, i) ||
		    a->reserved_minor != ref_reserved(&walk->ref, i) ||
		    a->pending_minor != ref_pending(&walk->ref, i) ||
		    a->available_minor + a->reserved_minor + a->pending_minor +
			    a->frozen_minor !=
			a->funded_minor + a->earned_minor - a->fees_minor -
			    a->spent_minor)
			return false;
	}
	return true;
}

static bool
budgets_agree(const struct walk *walk)
{
	for (int i = 0; i < REF_BUDGETS; i++) {
		struct budget budget = walk->bank.budgets[i];
		(void)budget_roll(&budget, walk->bank.now_ms);
		if (budget.consumed_minor != ref_consumed(&walk->ref, i) ||
		    budget.held_minor != ref_held(&walk->ref, i) ||
		    budget_available(&budget) < 0)
			return false;
	}
	return true;
}

static void
compare(struct walk *walk, const char *told, const char *expected)
{
	bool same = told == expected ||
	    (told != NULL && expected != NULL && strcmp(told, expected) == 0);
	bool good = same && agents_agree(walk) && budgets_agree(walk) &&
	    balance_of(walk, &ledger_fees) == ref_fees(&walk->ref) &&
	    balance_of(walk, &ledger_suspense) == ref_suspense(&walk->ref) &&
	    balance_of(walk, &ledger_clearing) == 0;

	if (told == NULL)
		walk->n_done++;
	else
		walk->n_refused++;
	ck_assert_msg(good, "operation %" PRId64 ", %s: \"%s\" and \"%s\"",
	    walk->op, walk->what, told ? told : "done",
	    expected ? expected : "done");
}

static void
fund_or_withdraw(struct walk *walk)
{
	int agent = (int)draw(walk, REF_AGENTS);
	int64_t minor = 1 + draw(walk, 3000);
	bool in = draw(walk, 3) != 0;
	struct aicx_id id = agent_id(agent);
	struct place own = { id, COLUMN_AVAILABLE };
	struct place outside = { ledger_funding, COLUMN_AVAILABLE };
	struct move move = { .kind = in ? TRANSFER_FUND : TRANSFER_WITHDRAW,
		.id = new_id(&walk->bank),
		.from = in ? outside : own,
		.to = in ? own : outside,
		.amount = aic(minor) };
	struct moves moves = { &move, 1, 1 };
	const char *expected = NULL;

	walk->what = in ? "fund" : "withdraw";
	if (in)
		walk->ref.base[agent] += minor;
	else
		expected = ref_withdraw(&walk->ref, agent, minor);
	compare(walk, book(&walk->bank, &moves), expected);
}

/* Agents 0 to 2 have budgets: 0 two of them, 2 a pipeline's; the others none
   of their own. */
static int
budget_for(struct walk *walk, int agent)
{
	if (agent == 0)
		return (int)draw(walk, 2);
	if (agent == 2)
		return 3 + (int)draw(walk, 2);
	return agent == 1 ? 2 : -1;
}

static void
reserve(struct walk *walk)
{
	size_t slot = draw(walk, REF_HOLDS);
	int agent = (int)draw(walk, REF_AGENTS);
	int budget = budget_for(walk, agent);
	int64_t minor = 1 + draw(walk, 900);
	int64_t ttl_ms = 1 + draw(walk, 200000000);

	if (walk->ref.holds[slot].ended == NULL &&
	    walk->ref.holds[slot].amount > 0)
		return;
	walk->what = "reserve";
	compare(walk,
	    bank_reserve(&walk->bank, slot, agent, budget, minor, ttl_ms),
	    ref_reserve(&walk->ref, slot, agent, budget, minor, ttl_ms));
}

static void
release(struct walk *walk)
{
	size_t slot = draw(walk, REF_HOLDS);

	if (walk->ref.holds[slot].amount == 0)
		return;
	walk->what = "release";
	compare(walk, bank_give_back(&walk->bank, slot, HOLD_VOIDED),
	    ref_release(&walk->ref, slot));
}

static void
charge(struct walk *walk)
{
	size_t slot = draw(walk, REF_PAYMENTS), hold = draw(walk, REF_HOLDS);
	int from = (int)draw(walk, REF_AGENTS);
	int to = (int)(((uint32_t)from + 1 + draw(walk, REF_AGENTS - 1)) %
	    REF_AGENTS);
	int64_t minor = 1 + draw(walk, 900);
	bool pending = draw(walk, 2) == 0;

	if (!ref_can_forget(&walk->ref, slot))
		return;
	if (draw(walk, 2) == 0) {
		int budget = budget_for(walk, from);
		walk->what = "charge";
		compare(walk,
		    bank_charge(
			&walk->bank, slot, from, to, budget, minor, pending),
		    ref_charge(
			&walk->ref, slot, from, to, budget, minor, pending));
	} else if (walk->ref.holds[hold].amount > 0) {
		from = walk->ref.holds[hold].agent;
		if (from == to)
			to = (to + 1) % REF_AGENTS;
		walk->what = "charge of a hold";
		compare(walk,
		    bank_charge_hold(
			&walk->bank, slot, hold, from, to, minor, pending),
		    ref_charge_hold(
			&walk->ref, slot, hold, to, minor, pending));
	}
}

static void
dispute_or_refund(struct walk *walk)
{
	size_t slot = draw(walk, REF_PAYMENTS);
	int64_t minor = (int64_t)draw(walk, 1000) - 20;

	if (walk->ref.payments[slot].amount == 0)
		return;
	if (draw(walk, 4) == 0) {
		minor = walk->ref.payments[slot].amount -
		    walk->ref.payments[slot].refunded;
	}
	switch (draw(walk, 3)) {
	case 0:
		walk->what = "dispute";
		compare(walk, bank_dispute(&walk->bank, slot),
		    ref_dispute(&walk->ref, slot));
		break;
	case 1:
		walk->what = "ruling";
		compare(walk, bank_rule(&walk->bank, slot, minor),
		    ref_rule(&walk->ref, slot, minor));
		break;
	default:
		walk->what = "refund";
		compare(walk, bank_refund(&walk->bank, slot, minor),
		    ref_refund(&walk->ref, slot, minor));
	}
}

static void
pass_or_settle(struct walk *walk)
{
	if (draw(walk, 4) == 0) {
		walk->what = "batch";
		bank_settle(&walk->bank);
		ref_settle(&walk->ref);
	} else {
		int64_t ms = 1 + draw(walk, 40000000);
		walk->what = "time";
		bank_pass(&walk->bank, ms);
		ref_pass(&walk->ref, ms);
	}
	compare(walk, NULL, NULL);
}

static void
walk_init(struct walk *walk, uint64_t seed)
{
	static const struct {
		int parent;
		char period;
		enum budget_period kind;
		int64_t allocated;
	} rows[REF_BUDGETS] = {
		{ -1, 'y', PERIOD_YEARLY, 400000 },
		{ 0, 'm', PERIOD_MONTHLY, 30000 },
		{ 1, 'd', PERIOD_DAILY, 2500 },
		{ 0, 'u', PERIOD_UNLIMITED, 400000 },
		{ 3, 'd', PERIOD_DAILY, 900 },
	};

	memset(walk, 0, sizeof *walk);
	walk->seed = seed;
	walk->bank.ledger = ledger_new();
	walk->bank.now_ms = walk->ref.now_ms = INT64_C(1795000000000);
	walk->ref.fee_ppm = FEE_PPM;
	walk->ref.window_ms = WINDOW_MS;
	ck_assert_int_eq(
	    currencies_add(&walk->bank.currencies, STR("AIC"), 6, NULL),
	    AICX_OK);
	for (int i = 0; i < REF_BUDGETS; i++) {
		struct budget *budget = &walk->bank.budgets[i];
		*budget = (struct budget) { .budget_id = budget_id(i),
			.parent_id = budget_id(rows[i].parent),
			.allocated = aic(rows[i].allocated),
			.period = (int)rows[i].kind };
		(void)budget_roll(budget, walk->bank.now_ms);
		walk->ref.budgets[i] = (struct ref_budget) { rows[i].parent,
			rows[i].period, rows[i].allocated, 0, 0 };
	}
	for (size_t i = 0; i < REF_PAYMENTS; i++)
		walk->ref.payments[i].budget = -1;
}

static int64_t
number(const char *name, int64_t fallback)
{
	const char *text = getenv(name);

	return text ? strtoll(text, NULL, 10) : fallback;
}

START_TEST(a_random_walk_agrees_with_the_reference)
{
	static struct walk walk;
	int64_t n_ops = number("OPS", OPS_SHORT);

	walk_init(&walk, (uint64_t)number("SEED", 2026));
	for (walk.op = 0; walk.op < n_ops; walk.op++) {
		uint32_t which = draw(&walk, 100);
		if (which < 10)
			fund_or_withdraw(&walk);
		else if (which < 30)
			reserve(&walk);
		else if (which < 40)
			release(&walk);
		else if (which < 70)
			charge(&walk);
		else if (which < 93)
			dispute_or_refund(&walk);
		else
			pass_or_settle(&walk);
	}
	(void)printf("model: %" PRId64 " operations, %" PRId64
		     " done and %" PRId64 " refused alike\n",
	    n_ops, walk.n_done, walk.n_refused);
	/* It was a walk worth taking. */
	ck_assert_int_gt(walk.n_done, n_ops / 4);
	ck_assert_int_gt(walk.n_refused, n_ops / 20);
	ledger_free(walk.bank.ledger);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("model");
	TCase *tcase = tcase_create("model");

	tcase_set_timeout(tcase, 0);
	tcase_add_test(tcase, a_random_walk_agrees_with_the_reference);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	(void)printf("%d passed, %d failed\n", 1 - failed, failed);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
