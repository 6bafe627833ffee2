/* SPDX-License-Identifier: Apache-2.0 */
/* verify_files_test.c - receipts, checkpoints, consistency proofs, ledgers, and
   several files held against each other. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/deal_maker.h"
#include "cli/history_maker.h"
#include "cli/verify.h"

#define BUYER "01932000-0000-7000-8000-00000000a11c"
#define HOLD "01932000-0000-7000-8000-00000000401d"
#define FIRST "01932000-0000-7000-8000-000000000000"

static struct trusted broker;
static struct history *history, *other; /* the other one forks at record 300 */

static void
set_up(void)
{
	deal_maker_broker_key(broker.key);
	(void)id_parse(str_of(deal_maker_broker_id), &broker.broker_id);
	broker.source = STR("the test");
	history = MEM_NEW(struct history);
	other = MEM_NEW(struct history);
	history_init(history);
	history_init(other);
	history_fund(history, 600);
	history_fund(other, 299);
	history_add(other, "[]", "[]");
	history_fund(other, 300);
}

static void
tear_down(void)
{
	history_fini(history);
	history_fini(other);
	free(history);
	free(other);
}

/* Files one after the other, ledgers last; NULL ends them. */
static enum verdict
judge(struct buf **files, const struct trust *trust, struct buf *report)
{
	struct verify_set *set = verify_set_new();
	enum verdict verdict, worst = VERDICT_GOOD;

	buf_clear(report);
	for (size_t i = 0; files[i] != NULL; i++) {
		struct aicx_str text = buf_view(files[i]), rest;
		char name[] = { 'f', (char)('1' + i), '\0' };
		if (!verify_is_ledger(str_cut(text, '\n', &rest))) {
			verdict = verify_file(name, text, trust, set, report);
		} else {
			struct ledger_check *check =
			    ledger_check_new(name, trust, set, report);
			while (text.len > 0 &&
			    ledger_check_line(
				check, str_cut(text, '\n', &text)))
				;
			verdict = ledger_check_end(check);
		}
		if (verdict == VERDICT_BROKEN || worst == VERDICT_GOOD)
			worst = verdict;
	}
	verify_compare(set, report);
	verify_say(report, worst);
	verify_set_free(set);
	return worst;
}

static void
expect(struct buf **files, enum verdict wanted, const char *line)
{
	struct trust trust = { &broker, 1, false };
	struct buf report = { 0 };

	enum verdict verdict = judge(files, &trust, &report);
	ck_assert_msg(strstr(buf_cstr(&report), line) != NULL,
	    "wanted \"%s\" in:\n%s", line, buf_cstr(&report));
	ck_assert_msg(
	    verdict == wanted, "%d for\n%s", (int)verdict, buf_cstr(&report));
	buf_fini(&report);
}

static void
expect_one(struct buf *file, enum verdict wanted, const char *line)
{
	expect((struct buf *[]) { file, NULL }, wanted, line);
}

static void
expect_two(struct buf *a, struct buf *b, enum verdict wanted, const char *line)
{
	expect((struct buf *[]) { a, b, NULL }, wanted, line);
}

/* The file with one text in it replaced by another. */
static void
replace(struct buf *file, const char *from, const char *to)
{
	struct buf result = { 0 };

	char *at = strstr(buf_cstr(file), from);
	ck_assert_msg(at != NULL, "no \"%s\"", from);
	buf_put(&result, file->ptr, (size_t)(at - file->ptr));
	buf_text(&result, to);
	buf_text(&result, at + strlen(from));
	buf_fini(file);
	*file = result;
}

START_TEST(a_receipt_proves_its_transaction)
{
	struct buf file = { 0 };

	history_receipt(history, 1, 600, FIRST, &file);
	expect_one(&file, VERDICT_GOOD, "receipt: fund of 1.000000 AIC from");
	buf_clear(&file);
	history_receipt(
	    history, 1, 600, "01932000-0000-7000-8000-000000000001", &file);
	expect_one(&file, VERDICT_BROKEN, "is not in record 1");
	buf_clear(&file);
	history_receipt(history, 1, 600, FIRST, &file);
	replace(&file, "\\\"amount\\\":\\\"1.0", "\\\"amount\\\":\\\"2.0");
	expect_one(&file, VERDICT_BROKEN, "record 1: it is not in the");
	buf_clear(&file);
	history_receipt(history, 2, 600, FIRST, &file);
	replace(&file, "\"index\":1,", "\"index\":2,");
	expect_one(&file, VERDICT_BROKEN, "its index is 2, but its record is");
	buf_fini(&file);
}
END_TEST

START_TEST(a_checkpoint_is_signed_by_the_broker_it_names)
{
	struct trust nobody = { NULL, 0, false };
	struct buf file = { 0 }, report = { 0 };

	history_note(history, 600, &file);
	expect_one(&file, VERDICT_GOOD, "600 records of aiconexus/");
	ck_assert_int_eq(
	    judge((struct buf *[]) { &file, NULL }, &nobody, &report),
	    VERDICT_UNKNOWN_KEY);
	replace(&file, "\n600\n", "\n601\n");
	expect_one(&file, VERDICT_BROKEN, "not signed by the key trusted by");
	buf_clear(&file);
	history->signer = "stranger";
	history_note(history, 600, &file);
	history->signer = "broker";
	expect_one(&file, VERDICT_BROKEN, "not signed by the key trusted by");
	buf_clear(&file);
	history->origin = "example.org/log";
	history_note(history, 600, &file);
	expect_one(&file, VERDICT_BROKEN, "is no broker's");
	buf_clear(&file);
	history->origin = "aiconexus/somebody/0";
	history_note(history, 600, &file);
	expect_one(&file, VERDICT_BROKEN, "names no broker");
	buf_fini(&report);
	buf_fini(&file);
}
END_TEST

START_TEST(consistency_connects_two_checkpoints_and_refuses_a_fork)
{
	struct buf file = { 0 }, a = { 0 }, b = { 0 };

	history_consistency(history, 250, 600, &file);
	expect_one(&file, VERDICT_GOOD, "250 records of aiconexus/");
	expect_one(&file, VERDICT_GOOD, "are the first of 600");
	history_note(history, 250, &a);
	history_note(history, 600, &b);
	expect_two(&a, &b, VERDICT_GOOD, "no consistency proof and no ledger");
	expect((struct buf *[]) { &a, &b, &file, NULL }, VERDICT_GOOD,
	    "are the first of 600");
	/* The other's checkpoint in the place of ours. */
	buf_clear(&a);
	history_note(other, 600, &a);
	expect_two(&file, &a, VERDICT_BROKEN, "has told two histories");
	expect_two(&a, &b, VERDICT_BROKEN,
	    "at 600 records it has another root than in \"f1\"");
	buf_clear(&file);
	history_consistency(history, 400, 600, &file);
	buf_clear(&a);
	history_consistency(other, 400, 600, &a);
	expect_two(&file, &a, VERDICT_BROKEN, "has told two histories");
	replace(&file, "\"proof\":[\"", "\"proof\":[\"A");
	expect_one(&file, VERDICT_BROKEN, "hash 1 of its proof is none");
	buf_clear(&file);
	history_consistency(history, 600, 600, &file);
	expect_one(&file, VERDICT_GOOD, "good");
	buf_clear(&file);
	history_consistency(history, 0, 600, &file);
	expect_one(&file, VERDICT_GOOD, "good");
	buf_clear(&file);
	history_consistency(history, 600, 400, &file);
	expect_one(&file, VERDICT_BROKEN, "does not begin with");
	buf_fini(&file);
	buf_fini(&a);
	buf_fini(&b);
}
END_TEST

START_TEST(a_ledger_is_read_line_by_line_and_recomputes_checkpoints)
{
	struct buf ledger = { 0 }, a = { 0 }, receipt = { 0 };

	history_ledger(history, &ledger);
	expect_one(&ledger, VERDICT_GOOD, "records: 600, numbered and chained");
	expect_one(
	    &ledger, VERDICT_GOOD, "600 entries in 2 places sum to zero");
	history_note(history, 300, &a);
	expect_two(&a, &ledger, VERDICT_GOOD,
	    "recomputed: the root of 300 records is that in \"f1\"");
	expect_two(&a, &ledger, VERDICT_GOOD, "are the first of 600");
	buf_clear(&a);
	history_note(other, 299, &a);
	expect_two(&a, &ledger, VERDICT_GOOD, "recomputed");
	buf_clear(&a);
	history_note(other, 300, &a);
	expect_two(&a, &ledger, VERDICT_BROKEN, "has told two histories");
	history_receipt(
	    other, 301, 599, "01932000-0000-7000-8000-00000000012c", &receipt);
	expect_two(&receipt, &ledger, VERDICT_BROKEN, "two histories");
	buf_fini(&ledger);
	buf_fini(&a);
	buf_fini(&receipt);
}
END_TEST

START_TEST(a_ledger_with_a_changed_lost_or_moved_line_is_broken)
{
	struct buf ledger = { 0 };

	history_ledger(history, &ledger);
	replace(&ledger, "{\"seq\":300,", "{ \"seq\":300,");
	expect_one(&ledger, VERDICT_BROKEN, "record 301: prev is ");
	buf_clear(&ledger);
	history_ledger(history, &ledger);
	replace(&ledger, "{\"seq\":600,", "{ \"seq\":600,"); /* the last one */
	expect_one(&ledger, VERDICT_BROKEN,
	    "checkpoint: its root is not that of the 600 records");
	buf_clear(&ledger);
	history_ledger(history, &ledger);
	replace(&ledger, buf_cstr(&history->record[299]), "");
	expect_one(&ledger, VERDICT_BROKEN,
	    "the line after record 299 cannot be read");
	replace(&ledger, "\n\n", "\n");
	expect_one(
	    &ledger, VERDICT_BROKEN, "record 301 stands where 300 should be");
	buf_clear(&ledger);
	history_ledger(history, &ledger);
	buf_text(&ledger, "{}\n");
	expect_one(&ledger, VERDICT_BROKEN, "a line after the checkpoint");
	buf_clear(&ledger);
	history_ledger(history, &ledger);
	ledger.len =
	    (size_t)(strstr(buf_cstr(&ledger), "{\"checkpoint\"") - ledger.ptr);
	expect_one(&ledger, VERDICT_BROKEN,
	    "ends after record 600 without a checkpoint");
	buf_clear(&ledger);
	history_ledger(history, &ledger);
	replace(&ledger, buf_cstr(&history->record[599]), "{}");
	expect_one(&ledger, VERDICT_BROKEN, "record 599 is no record");
	buf_fini(&ledger);
}
END_TEST

#define AMOUNT(text) "\"amount\":{\"amount\":\"" text "\",\"currency\":\"AIC\"}"
#define ENTRY(kind, from, to, text)                                            \
	"[{\"id\":\"" HOLD "\",\"kind\":\"" kind "\",\"debit\":\"" from        \
	"\",\"credit\":\"" to "\"," AMOUNT(text) "}]"
#define RESERVE                                                                \
	ENTRY("reserve", BUYER ":available", BUYER ":reserved", "1.000000")
#define HOLD_ROW(state)                                                        \
	"[{\"hold\":{\"hold_id\":\"" HOLD "\",\"state\":\"" state "\"}}]"
#define USE_ROW(n)                                                             \
	"[{\"mandate_use\":{\"mandate_id\":\"" HOLD "\",\"uses\":" n "}}]"

/* One fund, then these records. */
static void
expect_books(
    const char *const (*records)[2], enum verdict wanted, const char *line)
{
	struct history *books = MEM_NEW(struct history);
	struct buf ledger = { 0 };

	history_init(books);
	history_fund(books, 1);
	for (; (*records)[0] != NULL; records++)
		history_add(books, (*records)[0], (*records)[1]);
	history_ledger(books, &ledger);
	expect_one(&ledger, wanted, line);
	buf_fini(&ledger);
	history_fini(books);
	free(books);
}

START_TEST(a_ledger_whose_money_cannot_be_right_is_broken)
{
	expect_books((const char *const[][2]) { { RESERVE, HOLD_ROW("open") },
			 { "[]", HOLD_ROW("voided") }, { NULL, NULL } },
	    VERDICT_GOOD, "0 holds open");
	expect_books((const char *const[][2]) { { RESERVE, "[]" },
			 { RESERVE, "[]" }, { NULL, NULL } },
	    VERDICT_BROKEN,
	    "record 3: " BUYER ":available AIC is left with -1.000000");
	expect_books(
	    (const char *const[][2]) { { ENTRY("settle", BUYER ":available",
					     "clearing:available", "0.5"),
					   "[]" },
		{ NULL, NULL } },
	    VERDICT_BROKEN, "record 2: clearing:available AIC is left with");
	expect_books(
	    (const char *const[][2]) {
		{ ENTRY("fund", "funding:available", BUYER ":available", "0"),
		    "[]" },
		{ NULL, NULL } },
	    VERDICT_BROKEN, "record 2: an entry has no amount");
	expect_books((const char *const[][2]) { { "[]", HOLD_ROW("open") },
			 { "[]", HOLD_ROW("posted") },
			 { "[]", HOLD_ROW("voided") }, { NULL, NULL } },
	    VERDICT_BROKEN, "record 4: hold " HOLD " is resolved a second");
	expect_books((const char *const[][2]) { { "[]", HOLD_ROW("posted") },
			 { NULL, NULL } },
	    VERDICT_BROKEN, "is resolved and was never made");
	expect_books((const char *const[][2]) { { "[]", USE_ROW("1") },
			 { "[]", USE_ROW("1") }, { "[]", USE_ROW("2") },
			 { NULL, NULL } },
	    VERDICT_GOOD, "good");
	expect_books((const char *const[][2]) { { "[]", USE_ROW("1") },
			 { "[]", USE_ROW("3") }, { NULL, NULL } },
	    VERDICT_BROKEN, "record 3: use 3 of mandate");
}
END_TEST

START_TEST(two_deals_have_two_uses_of_a_mandate_and_one_key_of_an_agent)
{
	struct deal_maker maker = deal_maker();
	struct buf a = { 0 }, b = { 0 };

	deal_make(&maker, &a);
	maker.deal_id = "01932000-0000-7000-8000-00000000dea2";
	maker.seq_first = 70;
	maker.n_leaves = 90;
	deal_make(&maker, &b);
	expect_one(&b, VERDICT_GOOD, "good");
	expect_two(&a, &b, VERDICT_BROKEN, "mandate: use 1 of ");
	buf_clear(&b);
	maker.uses = "2";
	deal_make(&maker, &b);
	expect_two(&a, &b, VERDICT_GOOD, "no consistency proof and no ledger");
	/* The broker shows another key for the same agent. */
	buf_clear(&b);
	maker.loser = "stranger";
	deal_make(&maker, &b);
	expect_one(&b, VERDICT_GOOD, "good");
	expect_two(&a, &b, VERDICT_BROKEN, "\"f1\" shows another key");
	buf_fini(&a);
	buf_fini(&b);
}
END_TEST

START_TEST(a_part_of_a_ledger_is_bound_by_its_last_record)
{
	static const struct {
		const char *from, *to, *why;
	} changes[] = {
		{ "\"seq\":31,", "\"seq\":32,", "stands after record 30" },
		{ "\"step\":\"test\"", "\"step\":\"tost\"", "but the hash" },
		{ "\"index\":39", "\"index\":38", "index is 38" },
		{ "\"index\":39", "\"at\":39", "lacks \"index\"" },
		{ "aiconexus/", "aiconexus.", "checkpoint" },
	};
	struct buf file = { 0 }, other_end = { 0 };

	for (size_t first = 1; first <= 40; first += 13) {
		buf_clear(&file);
		history_part(history, first, 40, &file);
		expect_one(&file, VERDICT_GOOD, "chained without a gap");
	}
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		buf_clear(&file);
		history_part(history, 30, 40, &file);
		replace(&file, changes[i].from, changes[i].to);
		expect_one(&file, VERDICT_BROKEN, changes[i].why);
	}
	/* The records of one history under the proof of another. */
	buf_clear(&file);
	history_part(history, 310, 320, &file);
	history_part(other, 310, 320, &other_end);
	char *from = strstr(buf_cstr(&file), "{\"index\"");
	char *to = strstr(buf_cstr(&other_end), "{\"index\"");
	ck_assert(from != NULL && to != NULL);
	file.len = (size_t)(from - file.ptr);
	buf_text(&file, to);
	expect_one(&file, VERDICT_BROKEN, "is not in the checkpoint's tree");
	expect_two(&other_end, &other_end, VERDICT_GOOD, "chained");
	file.len = (size_t)(from - file.ptr);
	expect_one(&file, VERDICT_BROKEN, "without a checkpoint");
	buf_fini(&file);
	buf_fini(&other_end);
}
END_TEST

START_TEST(one_deal_is_not_shown_in_two_ways)
{
	struct deal_maker maker = deal_maker();
	struct buf a = { 0 }, b = { 0 };

	deal_make(&maker, &a);
	expect_two(&a, &a, VERDICT_GOOD, "good");
	maker.others = "somebody"; /* the same deal, another history */
	deal_make(&maker, &b);
	expect_one(&b, VERDICT_GOOD, "good");
	expect_two(&a, &b, VERDICT_BROKEN, "has told two histories");
	buf_clear(&b);
	maker.n_leaves = 61;
	maker.fee = "0.000010";
	deal_make(&maker, &b);
	expect_one(&b, VERDICT_GOOD, "good");
	expect_two(
	    &a, &b, VERDICT_BROKEN, "record 47 is another one than in \"f1\"");
	buf_clear(&b);
	maker = deal_maker();
	maker.seq_first = 41;
	maker.n_leaves = 61;
	maker.uses = "2";
	deal_make(&maker, &b);
	expect_two(&a, &b, VERDICT_BROKEN, "two histories");
	maker.seq_first = 50;
	buf_clear(&b);
	deal_make(&maker, &b);
	expect_two(&a, &b, VERDICT_BROKEN, "\"f1\" shows other records");
	buf_fini(&a);
	buf_fini(&b);
}
END_TEST

enum { STRIDE = 97 };

/* Whatever byte of a ledger is changed, it is not good any more. */
START_TEST(every_changed_byte_of_a_ledger_is_found)
{
	struct trust trust = { &broker, 1, false };
	struct history *small = MEM_NEW(struct history);
	struct buf ledger = { 0 }, report = { 0 };

	history_init(small);
	history_fund(small, 40);
	history_ledger(small, &ledger);
	for (size_t i = 0; i < ledger.len; i += STRIDE) {
		char was = ledger.ptr[i];
		ledger.ptr[i] = was == '0' ? '1' : '0';
		ck_assert_msg(judge((struct buf *[]) { &ledger, NULL }, &trust,
				  &report) != VERDICT_GOOD,
		    "byte %zu", i);
		ledger.ptr[i] = was;
	}
	buf_fini(&ledger);
	buf_fini(&report);
	history_fini(small);
	free(small);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("verify files");
	TCase *tcase = tcase_create("files");

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, a_receipt_proves_its_transaction);
	tcase_add_test(tcase, a_checkpoint_is_signed_by_the_broker_it_names);
	tcase_add_test(
	    tcase, consistency_connects_two_checkpoints_and_refuses_a_fork);
	tcase_add_test(
	    tcase, a_ledger_is_read_line_by_line_and_recomputes_checkpoints);
	tcase_add_test(
	    tcase, a_ledger_with_a_changed_lost_or_moved_line_is_broken);
	tcase_add_test(tcase, a_ledger_whose_money_cannot_be_right_is_broken);
	tcase_add_test(tcase,
	    two_deals_have_two_uses_of_a_mandate_and_one_key_of_an_agent);
	tcase_add_test(tcase, one_deal_is_not_shown_in_two_ways);
	tcase_add_test(tcase, a_part_of_a_ledger_is_bound_by_its_last_record);
	tcase_add_test(tcase, every_changed_byte_of_a_ledger_is_found);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
