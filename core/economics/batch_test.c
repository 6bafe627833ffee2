/* SPDX-License-Identifier: Apache-2.0 */
/* batch_test.c - nets follow from transactions, money from nets. */
#include "economics/batch.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "economics/moves.h"

static const struct aicx_id ann = { { 1 } }, bob = { { 2 } }, cat = { { 3 } };
static struct arena mem;
static uint8_t n_ids;

static void
setup(void)
{
	mem = (struct arena) { NULL };
	n_ids = 0;
}

static void
teardown(void)
{
	arena_fini(&mem);
}

static struct transaction_state
owes(const struct aicx_id *from, const struct aicx_id *to, int64_t minor,
    int64_t fee)
{
	return (struct transaction_state) {
		.transaction_id = { { 0xee, ++n_ids } },
		.payer_id = *from,
		.payee_id = *to,
		.amount = { minor, "AIC" },
		.fee_minor = fee,
		.status = TRANSACTION_PENDING,
	};
}

static struct batch
made(const struct transaction_state *list, size_t n)
{
	const struct transaction_state *all[BATCH_TRANSACTIONS_MAX];
	struct batch batch = { .batch_id = { { 0xba } } };

	for (size_t i = 0; i < n; i++)
		all[i] = &list[i];
	batch_make(all, n, &mem, &batch);
	return batch;
}

static void
ck_party(const struct batch *batch, size_t i, const struct aicx_id *id,
    int64_t earned, int64_t spent, int64_t fee)
{
	const struct batch_party *party =
	    &((const struct batch_party *)batch->parties.items)[i];

	ck_assert(id_eq(&party->agent_id, id));
	ck_assert_int_eq(party->earned_minor, earned);
	ck_assert_int_eq(party->spent_minor, spent);
	ck_assert_int_eq(party->fee_minor, fee);
	ck_assert_int_eq(party->net_minor, earned - spent);
}

START_TEST(each_party_nets_what_it_earned_less_what_it_spent)
{
	struct transaction_state list[] = { owes(&ann, &bob, 50, 5),
		owes(&bob, &ann, 30, 3), owes(&bob, &cat, 40, 0) };

	list[2].refunded_minor = 10;
	struct batch batch = made(list, 3);
	ck_assert_int_eq(batch.total.minor, 110);
	ck_assert_uint_eq(batch.parties.n, 3);
	ck_party(&batch, 0, &ann, 30, 50, 3);
	ck_party(&batch, 1, &bob, 50, 60, 5);
	ck_party(&batch, 2, &cat, 30, 0, 0);
	ck_assert(batch_is_sound(&batch));
}
END_TEST

START_TEST(only_nets_leave_an_account_and_clearing_ends_empty)
{
	struct transaction_state list[] = { owes(&ann, &bob, 50, 5),
		owes(&bob, &ann, 30, 3), owes(&bob, &cat, 40, 0) };
	struct batch batch = made(list, 3);
	struct move moved[MOVES_MAX];
	struct moves moves = { moved, 0, MOVES_MAX };
	int64_t clearing = 0, through = 0;

	moves_batch(&moves, &batch);
	for (size_t i = 0; i < moves.n; i++) {
		int64_t minor = moved[i].amount.minor;
		ck_assert(id_eq(&moved[i].id, &batch.batch_id));
		if (id_eq(&moved[i].to.owner, &ledger_clearing)) {
			clearing += minor;
			through += minor;
		}
		if (id_eq(&moved[i].from.owner, &ledger_clearing))
			clearing -= minor;
		ck_assert_int_ge(clearing, 0);
	}
	ck_assert_int_eq(clearing, 0);
	/* 120 were owed; 40 move: 20 from ann and 20 from bob, to cat. */
	ck_assert_int_eq(through, 40);
}
END_TEST

START_TEST(who_owes_each_other_the_same_pays_nothing)
{
	struct transaction_state list[] = { owes(&ann, &bob, 50, 0),
		owes(&bob, &ann, 50, 0) };
	struct batch batch = made(list, 2);
	struct move moved[MOVES_MAX];
	struct moves moves = { moved, 0, MOVES_MAX };

	moves_batch(&moves, &batch);
	ck_assert_uint_eq(moves.n, 2);
	for (size_t i = 0; i < 2; i++) {
		ck_assert_int_eq(moved[i].kind, TRANSFER_NET);
		ck_assert_int_eq(moved[i].amount.minor, 50);
	}
}
END_TEST

START_TEST(a_batch_that_was_changed_is_not_sound)
{
	struct transaction_state list[] = { owes(&ann, &bob, 50, 5),
		owes(&bob, &cat, 40, 4) };
	struct batch batch = made(list, 2);
	struct batch_party *parties = batch.parties.items;
	struct batch_item *items = batch.transactions.items;
	int64_t *cells[] = { &parties[0].spent_minor, &parties[0].net_minor,
		&parties[1].earned_minor, &parties[1].fee_minor,
		&items[0].amount_minor, &items[1].fee_minor };

	for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
		++*cells[i];
		ck_assert_msg(!batch_is_sound(&batch), "cell %zu", i);
		--*cells[i];
	}
	parties[0].agent_id = cat;
	ck_assert(!batch_is_sound(&batch));
	parties[0].agent_id = ann;
	ck_assert(batch_is_sound(&batch));
	batch.parties.n--;
	ck_assert(!batch_is_sound(&batch));
	batch.parties.n++;
	batch.transactions.n = BATCH_TRANSACTIONS_MAX + 1;
	ck_assert(!batch_is_sound(&batch));
}
END_TEST

START_TEST(a_full_batch_fits_its_moves)
{
	struct transaction_state list[BATCH_TRANSACTIONS_MAX];
	static struct move moved[MOVES_MAX];
	struct moves moves = { moved, 0, MOVES_MAX };

	/* A ring in which each pays the next, one more each: all net. */
	for (uint8_t i = 0; i < BATCH_TRANSACTIONS_MAX; i++) {
		struct aicx_id from = { { 9, i } }, to = { { 9, i } };
		to.bytes[1] = (uint8_t)((i + 1) % BATCH_TRANSACTIONS_MAX);
		list[i] = owes(&from, &to, 100 + i, 1);
	}
	struct batch batch = made(list, BATCH_TRANSACTIONS_MAX);
	moves_batch(&moves, &batch);
	ck_assert_uint_eq(batch.parties.n, BATCH_TRANSACTIONS_MAX);
	ck_assert_uint_eq(moves.n, MOVES_MAX);
	/* And with twice as many parties. */
	for (uint8_t i = 0; i < BATCH_TRANSACTIONS_MAX; i++) {
		struct aicx_id from = { { 9, i } }, to = { { 8, i } };
		list[i] = owes(&from, &to, 100 + i, 1);
	}
	batch = made(list, BATCH_TRANSACTIONS_MAX);
	moves.n = 0;
	moves_batch(&moves, &batch);
	ck_assert_uint_eq(batch.parties.n, 2 * BATCH_TRANSACTIONS_MAX);
	ck_assert_uint_eq(moves.n, MOVES_MAX);
}
END_TEST

START_TEST(what_is_given_back_names_its_work)
{
	struct hold hold = { .hold_id = { { 7 } },
		.agent_id = ann,
		.contract_id = { { 8 } },
		.amount = { 5, "AIC" } };
	struct aicx_id work = { { 9 } };
	struct move moved[1];
	struct moves moves = { moved, 0, 1 };

	moves_give_back(&moves, &hold, HOLD_VOIDED, &work);
	ck_assert_uint_eq(moves.n, 1);
	ck_assert_int_eq(moved[0].kind, TRANSFER_VOID);
	ck_assert(id_eq(&moved[0].execution_id, &work));
	ck_assert(id_eq(&moved[0].contract_id, &hold.contract_id));
	ck_assert_int_eq(moved[0].from.column, COLUMN_RESERVED);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("batch");
	TCase *tcase = tcase_create("batch");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(
	    tcase, each_party_nets_what_it_earned_less_what_it_spent);
	tcase_add_test(
	    tcase, only_nets_leave_an_account_and_clearing_ends_empty);
	tcase_add_test(tcase, who_owes_each_other_the_same_pays_nothing);
	tcase_add_test(tcase, a_batch_that_was_changed_is_not_sound);
	tcase_add_test(tcase, a_full_batch_fits_its_moves);
	tcase_add_test(tcase, what_is_given_back_names_its_work);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
