/* SPDX-License-Identifier: Apache-2.0 */
/* verify_test.c - a good deal file is good; every lie in it is found. */
#include "cli/verify.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "base/str.h"
#include "cli/deal_maker.h"

static struct trusted broker;

static void
trust_broker(void)
{
	deal_maker_broker_key(broker.key);
	(void)id_parse(str_of(deal_maker_broker_id), &broker.broker_id);
	broker.source = STR("the test");
}

static enum verdict
verify(const struct buf *file, struct buf *report)
{
	struct trust trust = { &broker, 1, false };

	buf_clear(report);
	return verify_text(buf_view(file), &trust, report);
}

/* The file is broken, and the report says why. */
static void
expect_broken(const struct deal_maker *maker, const char *why)
{
	struct buf file = { 0 }, report = { 0 };

	deal_make(maker, &file);
	ck_assert_int_eq(verify(&file, &report), VERDICT_BROKEN);
	ck_assert_msg(strstr(buf_cstr(&report), why) != NULL,
	    "wanted \"%s\" in:\n%s", why, buf_cstr(&report));
	buf_fini(&file);
	buf_fini(&report);
}

static void
expect_good(const struct deal_maker *maker, const char *line)
{
	struct buf file = { 0 }, report = { 0 };

	deal_make(maker, &file);
	enum verdict verdict = verify(&file, &report);
	ck_assert_msg(verdict == VERDICT_GOOD, "%s", buf_cstr(&report));
	ck_assert_msg(strstr(buf_cstr(&report), line) != NULL,
	    "wanted \"%s\" in:\n%s", line, buf_cstr(&report));
	buf_fini(&file);
	buf_fini(&report);
}

START_TEST(a_good_deal_is_good)
{
	struct deal_maker maker = deal_maker();

	expect_good(&maker, "proofs: all 5 records are in the checkpoint");
	expect_good(&maker, "\nnot compared: there is no other");
	maker.origin = "aiconexus/01932000-0000-7000-8000-00000000b0b0/0-2";
	expect_good(&maker, "b0b0/0-2");
}
END_TEST

START_TEST(a_checkpoint_that_does_not_fit_is_named)
{
	struct deal_maker maker = deal_maker();

	maker.note_signer = "stranger";
	expect_broken(&maker, "checkpoint: not signed by the broker's key");
	maker = deal_maker();
	maker.origin = "aiconexus/01932000-0000-7000-8000-00000000b0b1/0";
	expect_broken(&maker, "which is none of broker");
	maker.origin = "aiconexus/01932000-0000-7000-8000-00000000b0b0/0-1";
	expect_broken(&maker, "which is none of broker");
	maker.origin = "aiconexus/01932000-0000-7000-8000-00000000b0b0/1";
	expect_broken(&maker, "which is none of broker");
	maker = deal_maker();
	maker.proof_broken = true;
	expect_broken(&maker,
	    "record 40: it is not in the checkpoint's tree of 60 records");
	maker = deal_maker();
	maker.n_leaves = 45;
	expect_broken(&maker, "record 47: it is not in the checkpoint's tree");
}
END_TEST

START_TEST(a_claim_binds_contract_and_output)
{
	struct deal_maker maker = deal_maker();

	maker.claim = true;
	expect_good(&maker, "claim binds the contract and the output");
	maker.claim_contract = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";
	expect_broken(&maker, "the hash of the contract is ");
	maker.claim_contract = NULL;
	maker.claim_output = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";
	expect_broken(&maker, "the hash of the output is ");
}
END_TEST

START_TEST(a_price_per_unit_is_recomputed)
{
	struct deal_maker maker = deal_maker();

	maker.per_unit = true;
	maker.units = 17; /* bytes of the input's JSON text */
	maker.ceiling = maker.held = maker.listed_price = "0.009000";
	maker.listed_other = "0.010000";
	maker.total = "0.002700";
	maker.released = "0.006300";
	expect_good(&maker, "bill: 0.002700 AIC, recomputed");
	maker.units = 18;
	maker.total = "0.002800";
	maker.released = "0.006200";
	expect_broken(&maker, "18 bytes are billed, but there were 17");
}
END_TEST

START_TEST(a_claim_of_units_counts_as_signed)
{
	struct deal_maker maker = deal_maker();

	maker.per_unit = maker.claim = true;
	maker.units = 2;
	maker.ceiling = maker.held = maker.listed_price = "0.009000";
	maker.listed_other = "0.010000";
	maker.total = "0.001200";
	maker.released = "0.007800";
	expect_good(&maker, "bill: 0.001200 AIC, recomputed");
	maker.units = 3;
	maker.total = "0.001300";
	maker.released = "0.007700";
	expect_broken(&maker, "3 words are billed, but there were 2");
}
END_TEST

#define AIC(amount) "{\"amount\":\"" amount "\",\"currency\":\"AIC\"}"
#define LINE(label, quantity, each, amount)                                    \
	"{\"label\":\"" label "\",\"quantity\":" quantity                      \
	",\"each\":" AIC(each) ",\"amount\":" AIC(amount) "}"
#define SLA(per_ms, cap)                                                       \
	"{\"max_latency_ms\":10,\"penalty_per_ms\":" AIC(                      \
	    per_ms) ",\"penalty_cap\":" AIC(cap) "}"

START_TEST(a_penalty_for_lateness_is_recomputed)
{
	struct deal_maker maker = deal_maker();

	maker.sla = SLA("0.00001", "0.0005");
	maker.latency_ms = 25;
	maker.lines = LINE("base", "1", "0.001000", "0.001000") "," LINE(
	    "penalty", "15", "-0.000010", "-0.000150");
	maker.total = "0.000850";
	maker.released = "0.000150";
	expect_good(&maker, "bill: 0.000850 AIC, recomputed");
	maker.latency_ms = 24;
	expect_broken(&maker,
	    "line penalty is 15 times -0.000010 AIC, but the signed terms come "
	    "to penalty: 14 times -0.00001 AIC");
	maker.latency_ms = 10;
	expect_broken(&maker, "line penalty is none of the signed terms");
	maker.latency_ms = 25;
	maker.lines = NULL;
	maker.total = "0.001000";
	maker.released = NULL;
	expect_broken(&maker, "it has 1 lines, the signed terms come to 2");
}
END_TEST

START_TEST(a_penalty_ends_at_its_cap)
{
	struct deal_maker maker = deal_maker();

	maker.sla = SLA("0.00001", "0.000145");
	maker.latency_ms = 25;
	maker.lines = LINE("base", "1", "0.001000", "0.001000") "," LINE(
	    "penalty", "1", "-0.000145", "-0.000145");
	maker.total = "0.000855";
	maker.released = "0.000145";
	expect_good(&maker, "bill: 0.000855 AIC, recomputed");
	maker.sla = SLA("0.00001", "0.000150");
	expect_broken(&maker, "the signed terms come to penalty: 15 times");
}
END_TEST

START_TEST(a_quality_that_nobody_signed_is_found)
{
	struct deal_maker maker = deal_maker();

	maker.more_usage = ",\"quality\":500";
	expect_broken(&maker, "a quality that nobody signed");
}
END_TEST

START_TEST(a_subscription_is_paid_once_in_its_period)
{
	struct deal_maker maker = deal_maker();
	static const char paid[] = LINE("subscription", "1", "0.000900",
	    "0.000900") "," LINE("base", "1", "0.000100", "0.000100");

	maker.listed_other = "0.001000";
	maker.pricing = "{\"model\":\"subscription\",\"base_cost\":" AIC(
	    "0.0001") ",\"subscription_cost\":" AIC("0.0009") ",\"subscription_"
							      "period\":"
							      "\"monthly\"}";
	maker.more_usage = ",\"period\":\"2026-11-01T00:00:00.000Z\"";
	maker.lines = paid;
	expect_good(&maker, "bill: 0.001000 AIC, recomputed");
	maker.more_usage = ",\"period\":\"2026-11-22T00:00:00.000Z\"";
	expect_broken(&maker, "usage: period is");
	maker.more_usage = "";
	expect_broken(&maker, "usage: period");
	maker.more_usage = ",\"period\":\"2026-11-01T00:00:00.000Z\","
			   "\"used_before\":0";
	maker.lines = LINE("base", "1", "0.000100", "0.000100");
	maker.total = "0.000100";
	maker.released = "0.000900";
	expect_broken(&maker, "says 0 were used before");
}
END_TEST

START_TEST(a_period_without_a_subscription_is_found)
{
	struct deal_maker maker = deal_maker();

	maker.more_usage = ",\"period\":\"2026-11-01T00:00:00.000Z\"";
	expect_broken(&maker, "a period, but there is no subscription");
}
END_TEST

/* --- prices by a policy ----------------------------------------------- */

/* return { price = function(usage, terms) ... end }: 700 + latency. */
#define SOURCE                                                                 \
	"return { price = function(usage, terms) return 700 + "                \
	"usage.latency_ms end }"
#define SOURCE_SHA "mUzx18txe98DgKcA5uoLAwOKapKIyXf-ENii9cTWd6c"
#define DYNAMIC(sha)                                                           \
	"{\"model\":\"dynamic\",\"base_cost\":" AIC(                           \
	    "0.001") ",\"policy_sha256\":\"" sha "\"}"
#define MINOR(minor) "{\"minor\":" minor ",\"currency\":\"AIC\"}"
#define DECISION(sha, latency, answer)                                         \
	",\"decision\":{\"sha256\":\"" sha                                     \
	"\",\"inputs\":{\"usage\":{\"calls\":1,\"units\":1,\"latency_"         \
	"ms\":" latency ",\"capability\":\"text.spellcheck\",\"buyer\":\""     \
	"01932000-0000-7000-8000-00000000a11c\",\"contract\":\""               \
	"01932000-0000-7000-8000-00000000c0c0\",\"attempts\":1},\"terms\":{"   \
	"\"base_cost\":" MINOR("1000") ",\"sla\":{}},\"ceiling\":" MINOR(      \
	    "1000") ",\"now\":\"2026-11-22T13:04:07.012Z\"},\"answer\":{"      \
		    "\"minor\":" answer "}}"

static struct deal_maker
policy_deal(void)
{
	struct deal_maker maker = deal_maker();

	maker.listed_other = "0.001000";
	maker.pricing = DYNAMIC(SOURCE_SHA);
	maker.decision = DECISION(SOURCE_SHA, "12", "712");
	maker.policy =
	    "{\"sha256\":\"" SOURCE_SHA "\",\"source\":\"" SOURCE "\"}";
	maker.lines = LINE("policy", "1", "0.000712", "0.000712");
	maker.total = "0.000712";
	maker.released = "0.000288";
	return maker;
}

START_TEST(a_policy_is_asked_again)
{
	struct deal_maker maker = policy_deal();

	expect_good(&maker, "bill: 0.000712 AIC, recomputed");
	maker.policy = "{\"sha256\":\"" SOURCE_SHA "\"}";
	expect_good(&maker, "bill: price not recomputed, the model is dynamic");
}
END_TEST

START_TEST(a_price_that_the_policy_does_not_say_is_found)
{
	struct deal_maker maker = policy_deal();

	maker.lines = LINE("policy", "1", "0.000713", "0.000713");
	maker.total = "0.000713";
	maker.released = "0.000287";
	expect_broken(&maker, "it is 0.000713 AIC, but the policy said 712");
	maker.decision = DECISION(SOURCE_SHA, "12", "713");
	expect_broken(&maker, "asked again, the policy says another price");
	maker.decision = DECISION(SOURCE_SHA, "13", "713");
	expect_broken(&maker, "asked for something else than was recorded");
	maker = policy_deal();
	maker.decision = NULL;
	expect_broken(&maker, "bill: the policy's decision");
	maker = policy_deal();
	maker.decision = DECISION(
	    "mUzx18txe98DgKcA5uoLAwOKapKIyXf-ENii9cTWd6A", "12", "712");
	expect_broken(&maker, "bill: its policy is");
	maker = policy_deal();
	maker.policy =
	    "{\"sha256\":\"" SOURCE_SHA "\",\"source\":\"return {}\"}";
	expect_broken(&maker, "the policy's source");
	maker = policy_deal();
	maker.lines = LINE("base", "1", "0.000712", "0.000712");
	expect_broken(&maker, "the line is not the policy's");
	maker.lines = LINE("policy", "1", "0.000712", "0.000712") "," LINE(
	    "bonus", "1", "0.000000", "0.000000");
	expect_broken(&maker, "a policy's price is one line");
}
END_TEST

START_TEST(a_fee_goes_to_the_broker)
{
	struct deal_maker maker = deal_maker();

	maker.fee = "0.000010";
	expect_good(&maker, "entries: 0.001000 AIC reserved");
}
END_TEST

START_TEST(a_payment_that_waits_for_its_batch_names_its_payee)
{
	struct deal_maker maker = deal_maker();

	maker.fee = "0.000100";
	maker.batched = true;
	expect_good(&maker, "0.001000 AIC of it is settled by a batch");
	maker.fee_early = true;
	expect_broken(&maker, "fee: the records say 0.000100 AIC, but a batch");
	maker.fee_early = false;
	maker.batched_to_buyer = true;
	expect_broken(&maker, "the post goes from");
}
END_TEST

START_TEST(a_bad_signature_is_only_noted_where_it_was_not_chosen_from)
{
	struct deal_maker maker = deal_maker();

	maker.loser_badly_signed = true;
	expect_broken(&maker, "cannot verify offer");
	maker.loser_unlisted = true;
	expect_good(&maker, "not chosen, badly signed by its provider");
	maker.loser_badly_signed = false;
	maker.provider_seed_of = "stranger";
	expect_broken(&maker, "which is not registered for");
}
END_TEST

START_TEST(a_mandate_that_does_not_cover_the_deal_is_named)
{
	struct deal_maker maker = deal_maker();

	maker.need = "image.*";
	expect_broken(&maker, "mandate: does not cover \"text.spellcheck\"");
	maker = deal_maker();
	maker.max_each = "0.0005";
	expect_broken(&maker, "mandate: allows 0.0005 AIC each");
	maker = deal_maker();
	maker.mandate_expires = "2026-11-22T13:04:05.000Z";
	expect_broken(&maker, "mandate: had expired");
	maker = deal_maker();
	maker.uses = "11";
	expect_broken(
	    &maker, "mandate: used 11 times by record 43, allowed 10");
	maker = deal_maker();
	maker.max_total = "0.0009";
	expect_broken(&maker, "mandate: 0.001000 AIC used by record 43");
	maker = deal_maker();
	maker.no_mandate = true;
	expect_broken(&maker, "contract: not signed by the requester");
}
END_TEST

START_TEST(terms_that_the_offer_does_not_name_are_refused)
{
	struct deal_maker maker = deal_maker();

	maker.terms_named = "{}";
	expect_broken(&maker, "the hash of the terms beside it is");
}
END_TEST

START_TEST(a_choice_against_the_rule_is_named)
{
	struct deal_maker maker = deal_maker();

	maker.listed_other = "0.000900";
	expect_broken(&maker, "is listed at 0.000900 AIC, its terms say");
	maker.other_cost = "0.000900";
	expect_broken(&maker, "has a better price than the chosen one");
}
END_TEST

START_TEST(money_that_does_not_add_up_is_named)
{
	struct deal_maker maker = deal_maker();

	maker.line_amount = "0.000900";
	expect_broken(
	    &maker, "line base is 0.000900 AIC, but 1 times 0.001000");
	maker = deal_maker();
	maker.total = "0.000900";
	maker.released = "0.000100";
	expect_broken(&maker, "bill: total is 0.000900 AIC, but its lines");
	maker = deal_maker();
	maker.ceiling = "0.002000";
	expect_broken(&maker,
	    "the ceiling is 0.002000 AIC, but the signed terms come to "
	    "0.001000");
	maker = deal_maker();
	maker.held = "0.002000";
	expect_broken(&maker, "the contract's ceiling is 0.001000");
	maker = deal_maker();
	maker.sla = "{\"bonus_cap\":" AIC("0.001") "}";
	maker.held = maker.ceiling = maker.listed_price = "0.002000";
	maker.listed_other = "0.003000";
	expect_broken(&maker, "entries: the records say 0.001000 AIC");
	maker.released = "0.001000";
	expect_good(&maker, "0.001000 AIC returned, 0 left");
}
END_TEST

START_TEST(work_that_costs_nothing_needs_no_hold)
{
	struct deal_maker maker = deal_maker();

	maker.no_hold = true;
	expect_broken(
	    &maker, "hold: none, but the contract's ceiling is 0.001");
	maker.base_cost = maker.ceiling = maker.listed_price = "0.000000";
	expect_broken(&maker, "bill: 0.001000 AIC, but only 0.000000");
	maker.lines = "{\"label\":\"base\",\"quantity\":1,\"each\":" AIC(
	    "0.000000") ",\"amount\":" AIC("0.000000") "}";
	maker.total = "0.000000";
	expect_good(&maker, "hold: none, the work costs nothing");
	maker.fee = "0.000100";
	expect_broken(&maker, "bill: the fee is 0.000100");
}
END_TEST

START_TEST(a_wrong_custody_is_named)
{
	struct deal_maker maker = deal_maker();

	maker.custody = "broker";
	expect_broken(&maker, "custody of the provider is \"broker\"");
}
END_TEST

START_TEST(a_broken_chain_is_named)
{
	struct deal_maker maker = deal_maker();

	maker.chain_broken = true;
	expect_broken(&maker, "record 41: prev is ");
}
END_TEST

START_TEST(a_broker_whose_key_is_unknown_is_said_to_be)
{
	struct deal_maker maker = deal_maker();
	struct buf file = { 0 }, report = { 0 };
	struct trust nobody = { NULL, 0, false };

	deal_make(&maker, &file);
	ck_assert_int_eq(verify_text(buf_view(&file), &nobody, &report),
	    VERDICT_UNKNOWN_KEY);
	ck_assert_ptr_nonnull(strstr(buf_cstr(&report), "key is unknown"));
	buf_fini(&file);
	buf_fini(&report);
}
END_TEST

START_TEST(another_key_than_the_trusted_one_is_refused)
{
	struct deal_maker maker = deal_maker();
	struct buf file = { 0 }, report = { 0 };
	struct trusted other = broker;
	struct trust trust = { &other, 1, false };

	deal_make(&maker, &file);
	other.key[0] ^= 1;
	ck_assert_int_eq(
	    verify_text(buf_view(&file), &trust, &report), VERDICT_BROKEN);
	/* A key of no broker in particular binds only when it was named. */
	memset(&other.broker_id, 0, sizeof other.broker_id);
	ck_assert_int_eq(
	    verify_text(buf_view(&file), &trust, &report), VERDICT_UNKNOWN_KEY);
	trust.strict = true;
	ck_assert_int_eq(
	    verify_text(buf_view(&file), &trust, &report), VERDICT_BROKEN);
	buf_fini(&file);
	buf_fini(&report);
}
END_TEST

enum { STRIDE = 3 }; /* all bytes would take seconds; a prime is fair */

/* The promise: whatever byte is changed, the file is not good any more. */
START_TEST(every_changed_byte_is_found)
{
	struct deal_maker maker = deal_maker();
	struct buf file = { 0 }, report = { 0 };

	maker.fee = "0.000010";
	deal_make(&maker, &file);
	ck_assert_int_eq(verify(&file, &report), VERDICT_GOOD);
	for (size_t i = 0; i < file.len; i += STRIDE) {
		char was = file.ptr[i];
		file.ptr[i] = was == '0' ? '1' : was == 'a' ? 'b' : '0';
		enum verdict verdict = verify(&file, &report);
		ck_assert_msg(
		    verdict == VERDICT_BROKEN || verdict == VERDICT_UNREADABLE,
		    "byte %zu, '%c' as '%c': \"%.*s\" gave %d", i, was,
		    file.ptr[i], 60, file.ptr + (i > 30 ? i - 30 : 0),
		    (int)verdict);
		file.ptr[i] = was;
	}
	buf_fini(&file);
	buf_fini(&report);
}
END_TEST

START_TEST(a_changed_record_is_named_by_its_number)
{
	struct deal_maker maker = deal_maker();
	struct buf file = { 0 }, report = { 0 };

	deal_make(&maker, &file);
	char *at = strstr(file.ptr, "deal.settle");
	ck_assert_ptr_nonnull(at);
	at[0] = 'D';
	ck_assert_int_eq(verify(&file, &report), VERDICT_BROKEN);
	ck_assert_ptr_nonnull(strstr(buf_cstr(&report),
	    "record 47: it is not in the checkpoint's tree of 60 records"));
	buf_fini(&file);
	buf_fini(&report);
}
END_TEST

static void
expect_text(const char *text, enum verdict wanted, const char *line)
{
	struct trust trust = { &broker, 1, false };
	struct buf report = { 0 };

	ck_assert_int_eq(verify_text(str_of(text), &trust, &report), wanted);
	ck_assert_msg(strstr(buf_cstr(&report), line) != NULL,
	    "wanted \"%s\" in:\n%s", line, buf_cstr(&report));
	buf_fini(&report);
}

START_TEST(kinds_of_file_are_known_by_their_shape)
{
	expect_text("", VERDICT_UNREADABLE, "unreadable");
	expect_text("hello", VERDICT_UNREADABLE, "unreadable");
	expect_text("[]", VERDICT_UNREADABLE, "unreadable: no deal file");
	expect_text("{\"version\":2,\"deal_id\":\"\",\"entries\":[]}",
	    VERDICT_UNREADABLE, "another version than 1");
	expect_text("{\"version\":2,\"kind\":\"receipt\"}", VERDICT_UNREADABLE,
	    "another version than 1");
	expect_text("{\"text\":\"\",\"signature\":\"\"}", VERDICT_UNREADABLE,
	    "no deal file");
	expect_text("{\"version\":1,\"kind\":\"receipt\"}", VERDICT_BROKEN,
	    "the file lacks \"broker\"");
	expect_text("{\"version\":1,\"kind\":\"consistency\"}", VERDICT_BROKEN,
	    "the file lacks \"broker\"");
	expect_text("{\"version\":1,\"deal_id\":\"x\",\"entries\":[]}",
	    VERDICT_BROKEN, "the file lacks \"broker\"");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("verify");
	TCase *tcase = tcase_create("deal file");

	trust_broker();
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, a_good_deal_is_good);
	tcase_add_test(tcase, a_checkpoint_that_does_not_fit_is_named);
	tcase_add_test(tcase, a_claim_binds_contract_and_output);
	tcase_add_test(tcase, a_price_per_unit_is_recomputed);
	tcase_add_test(tcase, a_claim_of_units_counts_as_signed);
	tcase_add_test(tcase, a_fee_goes_to_the_broker);
	tcase_add_test(
	    tcase, a_payment_that_waits_for_its_batch_names_its_payee);
	tcase_add_test(tcase, a_penalty_for_lateness_is_recomputed);
	tcase_add_test(tcase, a_penalty_ends_at_its_cap);
	tcase_add_test(tcase, a_quality_that_nobody_signed_is_found);
	tcase_add_test(tcase, a_subscription_is_paid_once_in_its_period);
	tcase_add_test(tcase, a_period_without_a_subscription_is_found);
	tcase_add_test(tcase, a_policy_is_asked_again);
	tcase_add_test(tcase, a_price_that_the_policy_does_not_say_is_found);
	tcase_add_test(
	    tcase, a_bad_signature_is_only_noted_where_it_was_not_chosen_from);
	tcase_add_test(tcase, a_mandate_that_does_not_cover_the_deal_is_named);
	tcase_add_test(tcase, terms_that_the_offer_does_not_name_are_refused);
	tcase_add_test(tcase, a_choice_against_the_rule_is_named);
	tcase_add_test(tcase, money_that_does_not_add_up_is_named);
	tcase_add_test(tcase, work_that_costs_nothing_needs_no_hold);
	tcase_add_test(tcase, a_wrong_custody_is_named);
	tcase_add_test(tcase, a_broken_chain_is_named);
	tcase_add_test(tcase, a_broker_whose_key_is_unknown_is_said_to_be);
	tcase_add_test(tcase, another_key_than_the_trusted_one_is_refused);
	tcase_add_test(tcase, every_changed_byte_is_found);
	tcase_add_test(tcase, a_changed_record_is_named_by_its_number);
	tcase_add_test(tcase, kinds_of_file_are_known_by_their_shape);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
