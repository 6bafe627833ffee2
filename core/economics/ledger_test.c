/* SPDX-License-Identifier: Apache-2.0 */
/* ledger_test.c - each kind of transfer, each refusal, and sums that stay
   zero. */
#include "economics/ledger.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "base/str.h"

static const struct aicx_id buyer = { { 1 } }, seller = { { 2 } };

static struct ledger *ledger;
static struct aicx_error err;
static uint8_t n_ids;

static void
setup(void)
{
	ledger = ledger_new();
	err = (struct aicx_error) { 0 };
	n_ids = 0;
}

static void
teardown(void)
{
	ledger_free(ledger);
}

/* Places as text, by the letters of the tests: b and s available, B and S
   reserved, p and q pending; f funding, e the broker's fees, c clearing, x
   suspense, l losses. */
static struct aicx_str
place(char letter)
{
	static char texts[11][PLACE_TEXT];
	static const char letters[] = "bBpsSqfecxl";
	static const enum column columns[] = { COLUMN_AVAILABLE,
		COLUMN_RESERVED, COLUMN_PENDING };
	const struct aicx_id *owners[] = { &buyer, &buyer, &buyer, &seller,
		&seller, &seller, &ledger_funding, &ledger_fees,
		&ledger_clearing, &ledger_suspense, &ledger_losses };
	size_t i = (size_t)(strchr(letters, letter) - letters);
	struct place at = { .owner = *owners[i],
		.column = i < 6 ? columns[i % 3] : COLUMN_AVAILABLE };

	place_print(&at, texts[i]);
	return str_of(texts[i]);
}

static struct transfer
transfer(enum transfer_kind kind, char debit, char credit, int64_t minor)
{
	return (struct transfer) {
		.id = { { 0xee, ++n_ids } },
		.kind = (int)kind,
		.debit = place(debit),
		.credit = place(credit),
		.amount = { minor, "AIC" },
	};
}

static aicx_err
apply(const struct transfer *transfers, size_t n)
{
	err = (struct aicx_error) { 0 };
	aicx_err tried = ledger_try(ledger, transfers, n, &err);
	if (tried != AICX_OK)
		return tried;
	ck_assert_int_eq(
	    ledger_apply(ledger, transfers, n, 1000, 7, NULL), AICX_OK);
	return AICX_OK;
}

static aicx_err
move(enum transfer_kind kind, char debit, char credit, int64_t minor)
{
	struct transfer one = transfer(kind, debit, credit, minor);

	return apply(&one, 1);
}

static void
ck_books(const struct aicx_id *owner, int64_t available, int64_t reserved)
{
	const struct account *account = ledger_account(ledger, owner, "AIC");

	ck_assert_int_eq(account->available_minor, available);
	ck_assert_int_eq(account->reserved_minor, reserved);
	ck_assert(ledger_sum(ledger, "AIC").total == 0);
}

START_TEST(places_are_printed_and_read_back)
{
	struct place at;

	ck_assert(str_is(place('f'), "funding:available"));
	ck_assert(str_is(place('e'), "fees:available"));
	ck_assert(str_is(
	    place('B'), "01000000-0000-0000-0000-000000000000:reserved"));
	ck_assert(place_parse(place('S'), &at));
	ck_assert(id_eq(&at.owner, &seller));
	ck_assert_int_eq(at.column, COLUMN_RESERVED);
	ck_assert(place_parse(place('f'), &at));
	ck_assert(id_eq(&at.owner, &ledger_funding));
}
END_TEST

START_TEST(what_is_no_place_is_refused)
{
	struct place at;

	ck_assert(!place_parse(STR(""), &at));
	ck_assert(!place_parse(STR("funding"), &at));
	ck_assert(!place_parse(STR("funding:"), &at));
	ck_assert(!place_parse(STR("funding:spent"), &at));
	ck_assert(!place_parse(STR("elsewhere:available"), &at));
	ck_assert(!place_parse(STR(":available"), &at));
	ck_assert(!place_parse(STR("01000000:reserved"), &at));
}
END_TEST

START_TEST(money_comes_in_by_funding_and_leaves_by_withdrawing)
{
	ck_assert_int_eq(move(TRANSFER_FUND, 'f', 'b', 100), AICX_OK);
	ck_books(&buyer, 100, 0);
	ck_books(&ledger_funding, -100, 0);
	ck_assert_int_eq(move(TRANSFER_WITHDRAW, 'b', 'f', 30), AICX_OK);
	ck_books(&buyer, 70, 0);
	ck_assert_int_eq(ledger_sum(ledger, "AIC").funding_minor, -70);
}
END_TEST

START_TEST(more_than_is_there_is_refused_and_changes_nothing)
{
	(void)move(TRANSFER_FUND, 'f', 'b', 100);
	ck_assert_int_eq(move(TRANSFER_RESERVE, 'b', 'B', 101), AICX_ELIMIT);
	ck_assert_str_eq(err.word, "insufficient_funds");
	ck_books(&buyer, 100, 0);
	ck_assert_int_eq(move(TRANSFER_CHARGE, 'b', 's', 101), AICX_ELIMIT);
	ck_assert_int_eq(move(TRANSFER_WITHDRAW, 's', 'f', 1), AICX_ELIMIT);
	ck_assert_int_eq(move(TRANSFER_POST, 'B', 's', 1), AICX_ELIMIT);
	ck_assert_int_eq(move(TRANSFER_FEE, 's', 'e', 1), AICX_ELIMIT);
	ck_books(&buyer, 100, 0);
	ck_books(&seller, 0, 0);
	ck_assert_uint_eq(ledger_sum(ledger, "AIC").n_accounts, 2);
}
END_TEST

START_TEST(a_hold_is_posted_in_full)
{
	(void)move(TRANSFER_FUND, 'f', 'b', 100);
	ck_assert_int_eq(move(TRANSFER_RESERVE, 'b', 'B', 60), AICX_OK);
	ck_books(&buyer, 40, 60);
	ck_assert_int_eq(ledger_sum(ledger, "AIC").reserved_minor, 60);
	ck_assert_int_eq(move(TRANSFER_POST, 'B', 's', 60), AICX_OK);
	ck_books(&buyer, 40, 0);
	ck_books(&seller, 60, 0);
}
END_TEST

START_TEST(a_partial_post_gives_the_rest_back_and_pays_the_fee)
{
	(void)move(TRANSFER_FUND, 'f', 'b', 100);
	(void)move(TRANSFER_RESERVE, 'b', 'B', 60);
	struct transfer steps[] = { transfer(TRANSFER_POST, 'B', 's', 45),
		transfer(TRANSFER_RELEASE, 'B', 'b', 15),
		transfer(TRANSFER_FEE, 's', 'e', 4) };
	ck_assert_int_eq(apply(steps, 3), AICX_OK);
	ck_books(&buyer, 55, 0);
	ck_books(&seller, 41, 0);
	ck_books(&ledger_fees, 4, 0);
	const struct account *account = ledger_account(ledger, &seller, "AIC");
	ck_assert_int_eq(account->earned_minor, 45);
	ck_assert_int_eq(account->fees_minor, 4);
	account = ledger_account(ledger, &buyer, "AIC");
	ck_assert_int_eq(account->spent_minor, 45);
	ck_assert_int_eq(account->earned_minor, 0);
}
END_TEST

START_TEST(void_and_expiry_give_everything_back)
{
	(void)move(TRANSFER_FUND, 'f', 'b', 100);
	(void)move(TRANSFER_RESERVE, 'b', 'B', 60);
	ck_assert_int_eq(move(TRANSFER_VOID, 'B', 'b', 60), AICX_OK);
	ck_books(&buyer, 100, 0);
	ck_assert_int_eq(move(TRANSFER_VOID, 'B', 'b', 60), AICX_ELIMIT);
	(void)move(TRANSFER_RESERVE, 'b', 'B', 100);
	ck_assert_int_eq(move(TRANSFER_EXPIRE, 'B', 'b', 100), AICX_OK);
	ck_books(&buyer, 100, 0);
	ck_assert_int_eq(ledger_account(ledger, &buyer, "AIC")->spent_minor, 0);
}
END_TEST

START_TEST(a_charge_pays_at_once)
{
	(void)move(TRANSFER_FUND, 'f', 'b', 100);
	ck_assert_int_eq(move(TRANSFER_CHARGE, 'b', 's', 25), AICX_OK);
	ck_books(&buyer, 75, 0);
	ck_books(&seller, 25, 0);
	ck_assert_int_eq(
	    ledger_account(ledger, &buyer, "AIC")->spent_minor, 25);
}
END_TEST

static void
ck_adds_up(const struct aicx_id *owner)
{
	const struct account *a = ledger_account(ledger, owner, "AIC");

	ck_assert_int_eq(a->available_minor + a->reserved_minor +
		a->pending_minor + a->frozen_minor,
	    a->funded_minor + a->earned_minor - a->fees_minor - a->spent_minor);
	ck_assert(ledger_sum(ledger, "AIC").total == 0);
}

START_TEST(what_is_pending_lies_with_the_payer_until_it_is_settled)
{
	const struct transaction *news;

	(void)move(TRANSFER_FUND, 'f', 'b', 100);
	struct transfer charge = transfer(TRANSFER_CHARGE, 'b', 'p', 30);
	charge.payee = seller;
	ck_assert_int_eq(apply(&charge, 1), AICX_OK);
	ck_books(&buyer, 70, 0);
	ck_assert_int_eq(
	    ledger_account(ledger, &buyer, "AIC")->pending_minor, 30);
	ck_assert_int_eq(ledger_sum(ledger, "AIC").pending_minor, 30);
	ck_assert_int_eq(
	    ledger_account(ledger, &seller, "AIC")->earned_minor, 0);
	ck_adds_up(&buyer);
	ck_assert_ptr_nonnull(ledger_next_new(ledger));
	news = ledger_next_new(ledger);
	ck_assert(id_eq(&news->from, &buyer));
	ck_assert(id_eq(&news->to, &seller));
	ck_assert_int_eq(move(TRANSFER_WITHDRAW, 's', 'f', 1), AICX_ELIMIT);

	struct transfer back = transfer(TRANSFER_REFUND, 'p', 'b', 10);
	back.payee = seller;
	back.of = charge.id;
	ck_assert_int_eq(apply(&back, 1), AICX_OK);
	ck_adds_up(&buyer);
	news = ledger_next_new(ledger);
	ck_assert(id_eq(&news->from, &seller));
	ck_assert(id_eq(&news->to, &buyer));
	ck_assert(id_eq(&news->of, &charge.id));

	struct transfer net[] = { transfer(TRANSFER_SETTLE, 'p', 'c', 20),
		transfer(TRANSFER_SETTLE, 'c', 's', 20),
		transfer(TRANSFER_FEE, 's', 'e', 2) };
	ck_assert_int_eq(apply(net, 3), AICX_OK);
	ck_books(&seller, 18, 0);
	ck_books(&ledger_clearing, 0, 0);
	ck_assert_int_eq(ledger_sum(ledger, "AIC").clearing_minor, 0);
	ck_assert_int_eq(ledger_sum(ledger, "AIC").fees_minor, 2);
	ck_assert_int_eq(
	    ledger_account(ledger, &seller, "AIC")->earned_minor, 20);
	ck_assert_int_eq(
	    ledger_account(ledger, &buyer, "AIC")->spent_minor, 20);
	ck_adds_up(&buyer);
	ck_adds_up(&seller);
}
END_TEST

START_TEST(what_is_owed_both_ways_never_leaves_the_account)
{
	(void)move(TRANSFER_FUND, 'f', 'b', 100);
	struct transfer charge = transfer(TRANSFER_RECORD, 'b', 'p', 30);
	charge.payee = seller;
	ck_assert_int_eq(apply(&charge, 1), AICX_OK);
	ck_assert_int_eq(move(TRANSFER_NET, 'p', 'b', 30), AICX_OK);
	ck_books(&buyer, 100, 0);
	ck_adds_up(&buyer);
	ck_assert_int_eq(
	    ledger_account(ledger, &buyer, "AIC")->spent_minor, 30);
	ck_assert_int_eq(
	    ledger_account(ledger, &buyer, "AIC")->earned_minor, 30);
}
END_TEST

START_TEST(frozen_money_lies_in_suspense_until_a_ruling)
{
	(void)move(TRANSFER_FUND, 'f', 'b', 100);
	struct transfer paid[] = { transfer(TRANSFER_CHARGE, 'b', 's', 50),
		transfer(TRANSFER_FEE, 's', 'e', 5) };
	paid[1].id = paid[0].id;
	ck_assert_int_eq(apply(paid, 2), AICX_OK);
	ck_assert_int_eq(ledger_transaction(ledger, &paid[0].id)->fee_minor, 5);
	ck_assert_int_eq(move(TRANSFER_FREEZE, 's', 'x', 45), AICX_OK);
	ck_books(&seller, 0, 0);
	ck_assert_int_eq(ledger_sum(ledger, "AIC").suspense_minor, 45);
	ck_adds_up(&seller);
	struct transfer ruling[] = { transfer(TRANSFER_REFUND, 'x', 'b', 20),
		transfer(TRANSFER_FEE_REFUND, 'e', 's', 2),
		transfer(TRANSFER_THAW, 'x', 's', 25) };
	ruling[0].payee = seller;
	ck_assert_int_eq(apply(ruling, 3), AICX_OK);
	ck_books(&buyer, 70, 0);
	ck_books(&seller, 27, 0);
	ck_books(&ledger_suspense, 0, 0);
	ck_adds_up(&buyer);
	ck_adds_up(&seller);
	const struct account *account = ledger_account(ledger, &seller, "AIC");
	ck_assert_int_eq(account->earned_minor, 30);
	ck_assert_int_eq(account->fees_minor, 3);
	ck_assert_int_eq(account->frozen_minor, 0);
	/* And back from what the payee has. */
	ck_assert_int_eq(move(TRANSFER_REFUND, 's', 'b', 27), AICX_OK);
	ck_adds_up(&buyer);
	ck_adds_up(&seller);
	ck_assert_int_eq(move(TRANSFER_REFUND, 's', 'b', 1), AICX_ELIMIT);
}
END_TEST

START_TEST(a_kind_has_its_ways_and_no_others)
{
	static const struct {
		enum transfer_kind kind;
		char from, to;
	} wild[] = { { TRANSFER_FUND, 'b', 's' }, { TRANSFER_FUND, 'e', 'b' },
		{ TRANSFER_WITHDRAW, 'B', 'f' }, { TRANSFER_RESERVE, 'b', 'S' },
		{ TRANSFER_POST, 'b', 's' }, { TRANSFER_POST, 'B', 'q' },
		{ TRANSFER_RELEASE, 'B', 's' }, { TRANSFER_VOID, 'S', 'b' },
		{ TRANSFER_EXPIRE, 'b', 'b' }, { TRANSFER_FEE, 'e', 's' },
		{ TRANSFER_CHARGE, 'b', 'e' }, { TRANSFER_CHARGE, 'b', 'q' },
		{ TRANSFER_RECORD, 'f', 'b' }, { TRANSFER_REFUND, 'e', 'b' },
		{ TRANSFER_FEE_REFUND, 's', 'e' }, { TRANSFER_THAW, 'c', 's' },
		{ TRANSFER_FREEZE, 's', 'c' }, { TRANSFER_SETTLE, 'b', 'c' },
		{ TRANSFER_SETTLE, 'x', 's' }, { TRANSFER_NET, 'p', 's' } };

	(void)move(TRANSFER_FUND, 'f', 'b', 100);
	(void)move(TRANSFER_FUND, 'f', 's', 100);
	for (size_t i = 0; i < sizeof wild / sizeof *wild; i++)
		ck_assert_msg(move(wild[i].kind, wild[i].from, wild[i].to, 1) ==
			AICX_EINVAL,
		    "row %zu", i);
	ck_assert_str_eq(err.text,
	    "no net goes from \"01000000-0000-0000-0000-000000000000:pending\""
	    " to \"02000000-0000-0000-0000-000000000000:available\"");
	ck_books(&buyer, 100, 0);
	ck_books(&seller, 100, 0);
}
END_TEST

START_TEST(a_payout_is_pending_until_it_is_known)
{
	(void)move(TRANSFER_FUND, 'f', 'b', 100);
	ck_assert_int_eq(move(TRANSFER_WITHDRAW, 'b', 'p', 60), AICX_OK);
	ck_assert_int_eq(move(TRANSFER_WITHDRAW, 'b', 'p', 60), AICX_ELIMIT);
	ck_adds_up(&buyer);
	ck_assert_int_eq(
	    ledger_account(ledger, &buyer, "AIC")->funded_minor, 100);
	ck_assert_int_eq(move(TRANSFER_WITHDRAW, 'p', 'f', 45), AICX_OK);
	ck_assert_int_eq(move(TRANSFER_WITHDRAW, 'p', 'b', 15), AICX_OK);
	ck_adds_up(&buyer);
	ck_books(&buyer, 55, 0);
	ck_assert_int_eq(
	    ledger_account(ledger, &buyer, "AIC")->funded_minor, 55);
}
END_TEST

START_TEST(a_chargeback_takes_from_the_party_or_is_a_loss)
{
	(void)move(TRANSFER_FUND, 'f', 'b', 100);
	ck_assert_int_eq(move(TRANSFER_CHARGEBACK, 'b', 'f', 70), AICX_OK);
	ck_assert_int_eq(move(TRANSFER_CHARGEBACK, 'b', 'f', 31), AICX_ELIMIT);
	ck_assert_int_eq(move(TRANSFER_CHARGEBACK, 'l', 'f', 30), AICX_OK);
	ck_assert_int_eq(move(TRANSFER_CHARGEBACK, 'b', 'l', 1), AICX_EINVAL);
	ck_assert_int_eq(move(TRANSFER_CHARGEBACK, 'e', 'f', 1), AICX_EINVAL);
	ck_books(&buyer, 30, 0);
	ck_adds_up(&buyer);
	struct ledger_sum sum = ledger_sum(ledger, "AIC");
	ck_assert_int_eq(sum.losses_minor, -30);
	ck_assert_int_eq(sum.funding_minor, 0);
	ck_assert(sum.total == 0);
}
END_TEST

START_TEST(nothing_and_less_than_nothing_are_no_amounts)
{
	(void)move(TRANSFER_FUND, 'f', 'b', 100);
	ck_assert_int_eq(move(TRANSFER_CHARGE, 'b', 's', 0), AICX_EINVAL);
	ck_assert_str_eq(err.word, "invalid_amount");
	ck_assert_int_eq(move(TRANSFER_CHARGE, 'b', 's', -5), AICX_EINVAL);
	ck_assert_int_eq(
	    move(TRANSFER_CHARGE, 'b', 's', INT64_MIN), AICX_EINVAL);
	ck_books(&buyer, 100, 0);
	ck_books(&seller, 0, 0);
}
END_TEST

START_TEST(an_account_never_overflows)
{
	ck_assert_int_eq(move(TRANSFER_FUND, 'f', 'b', INT64_MAX), AICX_OK);
	ck_assert_int_eq(move(TRANSFER_FUND, 'f', 'b', 1), AICX_ELIMIT);
	ck_assert_str_eq(err.word, "invalid_amount");
	ck_books(&buyer, INT64_MAX, 0);
	/* What was given out is bounded too: the last one fits, no more. */
	ck_assert_int_eq(move(TRANSFER_FUND, 'f', 's', 1), AICX_OK);
	ck_assert_int_eq(move(TRANSFER_FUND, 'f', 's', 1), AICX_ELIMIT);
	ck_assert_int_eq(move(TRANSFER_CHARGE, 's', 'b', 1), AICX_ELIMIT);
	ck_books(&seller, 1, 0);
}
END_TEST

START_TEST(totals_that_reach_their_limit_stay_there)
{
	(void)move(TRANSFER_FUND, 'f', 'b', INT64_MAX);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(
		    move(TRANSFER_CHARGE, 'b', 's', INT64_MAX), AICX_OK);
		ck_assert_int_eq(
		    move(TRANSFER_CHARGE, 's', 'b', INT64_MAX), AICX_OK);
	}
	ck_books(&buyer, INT64_MAX, 0);
	ck_assert_int_eq(
	    ledger_account(ledger, &buyer, "AIC")->spent_minor, INT64_MAX);
	ck_assert_int_eq(
	    ledger_account(ledger, &seller, "AIC")->earned_minor, INT64_MAX);
}
END_TEST

START_TEST(a_look_changes_nothing_whether_it_passes_or_not)
{
	(void)move(TRANSFER_FUND, 'f', 'b', 100);
	struct transfer good[] = { transfer(TRANSFER_RESERVE, 'b', 'B', 60),
		transfer(TRANSFER_POST, 'B', 's', 60) };
	struct transfer bad[] = { good[0], good[1],
		transfer(TRANSFER_CHARGE, 'b', 's', 41) };
	ck_assert_int_eq(ledger_try(ledger, good, 2, &err), AICX_OK);
	ck_books(&buyer, 100, 0);
	ck_books(&seller, 0, 0);
	ck_assert_int_eq(ledger_try(ledger, bad, 3, &err), AICX_ELIMIT);
	ck_books(&buyer, 100, 0);
	ck_books(&seller, 0, 0);
	ck_assert_int_eq(ledger_try(ledger, NULL, 0, &err), AICX_OK);
	struct ledger_sum sum = ledger_sum(ledger, "AIC");
	ck_assert_uint_eq(sum.n_accounts, 2);
	ck_assert_uint_eq(sum.n_transactions, 1);
	/* In order: what comes in first may be spent by the next. */
	struct transfer chain[] = { transfer(TRANSFER_CHARGE, 'b', 's', 100),
		transfer(TRANSFER_CHARGE, 's', 'b', 100),
		transfer(TRANSFER_RESERVE, 'b', 'B', 100) };
	ck_assert_int_eq(apply(chain, 3), AICX_OK);
	ck_books(&buyer, 0, 100);
}
END_TEST

START_TEST(a_transfer_without_places_is_refused)
{
	struct transfer lost = transfer(TRANSFER_CHARGE, 'b', 's', 1);

	lost.credit = STR("nowhere");
	ck_assert_int_eq(apply(&lost, 1), AICX_EINVAL);
	lost = transfer(TRANSFER_CHARGE, 'b', 's', 1);
	lost.debit = (struct aicx_str) { NULL, 0 };
	ck_assert_int_eq(apply(&lost, 1), AICX_EINVAL);
}
END_TEST

START_TEST(a_broken_record_stops_the_replay)
{
	struct transfer broken = transfer(TRANSFER_CHARGE, 'b', 's', 1);

	ck_assert_int_eq(
	    ledger_apply(ledger, &broken, 1, 0, 1, &err), AICX_ELIMIT);
	ck_books(&buyer, 0, 0);
}
END_TEST

START_TEST(currencies_do_not_mix)
{
	struct transfer dollars = transfer(TRANSFER_FUND, 'f', 'b', 50);

	memcpy(dollars.amount.currency, "USD", 4);
	ck_assert_int_eq(apply(&dollars, 1), AICX_OK);
	ck_books(&buyer, 0, 0);
	ck_assert_int_eq(
	    ledger_account(ledger, &buyer, "USD")->available_minor, 50);
	ck_assert_int_eq(move(TRANSFER_CHARGE, 'b', 's', 1), AICX_ELIMIT);
	ck_assert_uint_eq(ledger_sum(ledger, "USD").n_accounts, 2);
	ck_assert_uint_eq(ledger_sum(ledger, "AIC").n_accounts, 0);
}
END_TEST

START_TEST(transactions_are_told_once_each_until_they_are_forgotten)
{
	const struct transaction *first, *second;

	struct transfer fund = transfer(TRANSFER_FUND, 'f', 'b', 100);
	fund.reference = STR("invoice 7");
	ck_assert_int_eq(apply(&fund, 1), AICX_OK);
	(void)move(TRANSFER_RESERVE, 'b', 'B', 60);
	struct transfer post = transfer(TRANSFER_POST, 'B', 's', 60);
	post.contract_id = (struct aicx_id) { { 0xc0 } };
	ck_assert_int_eq(apply(&post, 1), AICX_OK);
	(void)move(TRANSFER_FEE, 's', 'e', 1);

	first = ledger_next_new(ledger);
	second = ledger_next_new(ledger);
	ck_assert_ptr_null(ledger_next_new(ledger));
	ck_assert_ptr_eq(ledger_transaction(ledger, &fund.id), first);
	ck_assert(str_is(first->reference, "invoice 7"));
	ck_assert_int_eq(first->kind, TRANSFER_FUND);
	ck_assert_ptr_eq(ledger_transaction(ledger, &post.id), second);
	ck_assert(id_eq(&second->contract_id, &post.contract_id));
	ck_assert_int_eq(second->at_ms, 1000);
	ck_assert_uint_eq(second->seq, 7);
	ck_assert_int_eq(
	    ledger_account(ledger, &seller, "AIC")->n_transactions, 1);

	ledger_forget(ledger, 6);
	ck_assert_ptr_nonnull(ledger_transaction(ledger, &fund.id));
	ledger_forget(ledger, 7);
	ck_assert_ptr_null(ledger_transaction(ledger, &fund.id));
	ck_assert_ptr_null(ledger_next_new(ledger));
	ck_assert_uint_eq(ledger_sum(ledger, "AIC").n_transactions, 2);
	fund.id = (struct aicx_id) { { 0x77 } };
	ck_assert_int_eq(apply(&fund, 1), AICX_OK);
	ck_assert(id_eq(&ledger_next_new(ledger)->id, &fund.id));
}
END_TEST

struct listing {
	struct account accounts[8];
	size_t n;
};

static void
list_account(const struct account *account, void *arg)
{
	struct listing *listing = arg;

	listing->accounts[listing->n++] = *account;
}

START_TEST(accounts_that_changed_are_told_and_can_be_restored)
{
	struct listing listing = { .n = 0 };
	struct ledger *again = ledger_new();

	(void)move(TRANSFER_FUND, 'f', 'b', 100);
	(void)move(TRANSFER_CHARGE, 'b', 's', 30);
	ledger_each_changed(ledger, list_account, &listing);
	ck_assert_uint_eq(listing.n, 3);
	for (size_t i = 0; i < listing.n; i++)
		ledger_restore(again, &listing.accounts[i]);
	ledger_restore_count(again, 2);
	ck_assert_mem_eq(ledger_account(again, &buyer, "AIC"),
	    ledger_account(ledger, &buyer, "AIC"), sizeof(struct account));
	ck_assert_uint_eq(ledger_sum(again, "AIC").n_transactions, 2);
	ck_assert(ledger_sum(again, "AIC").total == 0);

	listing.n = 0;
	ledger_each_changed(ledger, list_account, &listing);
	ck_assert_uint_eq(listing.n, 0);
	(void)move(TRANSFER_RESERVE, 'b', 'B', 10);
	ledger_each_changed(ledger, list_account, &listing);
	ck_assert_uint_eq(listing.n, 1);
	ck_assert_int_eq(listing.accounts[0].reserved_minor, 10);
	ledger_free(again);
}
END_TEST

START_TEST(what_stays_with_one_owner_and_a_fee_are_no_transactions)
{
	struct transaction transaction;
	struct transfer reserve = transfer(TRANSFER_RESERVE, 'b', 'B', 10);
	struct transfer fee = transfer(TRANSFER_FEE, 's', 'e', 1);
	struct transfer charge = transfer(TRANSFER_CHARGE, 'b', 's', 1);

	ck_assert(!transaction_of(&reserve, 1, 2, 0, &transaction));
	ck_assert(!transaction_of(&fee, 1, 2, 0, &transaction));
	ck_assert(transaction_of(&charge, 1, 2, 3, &transaction));
	ck_assert(id_eq(&transaction.from, &buyer));
	ck_assert(id_eq(&transaction.to, &seller));
	ck_assert_uint_eq(transaction.nth, 3);
	charge.debit = STR("nobody");
	ck_assert(!transaction_of(&charge, 1, 2, 0, &transaction));
}
END_TEST

START_TEST(an_unknown_transaction_or_owner_has_nothing)
{
	static const struct aicx_id stranger = { { 9 } };

	(void)move(TRANSFER_FUND, 'f', 'b', 100);
	ck_assert_ptr_null(ledger_transaction(ledger, &stranger));
	ck_assert_int_eq(
	    ledger_account(ledger, &stranger, "AIC")->available_minor, 0);
	ledger_free(NULL);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("ledger");
	TCase *tcase = tcase_create("ledger");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, places_are_printed_and_read_back);
	tcase_add_test(tcase, what_is_no_place_is_refused);
	tcase_add_test(
	    tcase, money_comes_in_by_funding_and_leaves_by_withdrawing);
	tcase_add_test(
	    tcase, more_than_is_there_is_refused_and_changes_nothing);
	tcase_add_test(tcase, a_hold_is_posted_in_full);
	tcase_add_test(
	    tcase, a_partial_post_gives_the_rest_back_and_pays_the_fee);
	tcase_add_test(tcase, void_and_expiry_give_everything_back);
	tcase_add_test(tcase, a_charge_pays_at_once);
	tcase_add_test(
	    tcase, what_is_pending_lies_with_the_payer_until_it_is_settled);
	tcase_add_test(tcase, what_is_owed_both_ways_never_leaves_the_account);
	tcase_add_test(tcase, frozen_money_lies_in_suspense_until_a_ruling);
	tcase_add_test(tcase, a_kind_has_its_ways_and_no_others);
	tcase_add_test(tcase, a_payout_is_pending_until_it_is_known);
	tcase_add_test(tcase, a_chargeback_takes_from_the_party_or_is_a_loss);
	tcase_add_test(tcase, nothing_and_less_than_nothing_are_no_amounts);
	tcase_add_test(tcase, an_account_never_overflows);
	tcase_add_test(tcase, totals_that_reach_their_limit_stay_there);
	tcase_add_test(tcase, a_look_changes_nothing_whether_it_passes_or_not);
	tcase_add_test(tcase, a_transfer_without_places_is_refused);
	tcase_add_test(tcase, a_broken_record_stops_the_replay);
	tcase_add_test(tcase, currencies_do_not_mix);
	tcase_add_test(
	    tcase, transactions_are_told_once_each_until_they_are_forgotten);
	tcase_add_test(
	    tcase, accounts_that_changed_are_told_and_can_be_restored);
	tcase_add_test(
	    tcase, what_stays_with_one_owner_and_a_fee_are_no_transactions);
	tcase_add_test(tcase, an_unknown_transaction_or_owner_has_nothing);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
