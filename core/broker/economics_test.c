/* SPDX-License-Identifier: Apache-2.0 */
/*
 * economics_test.c - budgets, reservations, charges, refunds, disputes and
 * batches through the wire methods, under a fake clock.
 *
 * After every call stage_check() holds the invariants: the books sum to zero,
 * reserved money is the open holds, pending money what waits for a batch,
 * suspense what is disputed, no budget is overdrawn, and a replay of the
 * records gives the same rows.
 */
#include "base/clock.h"
#include "base/id.h"
#include "base/str.h"
#include "broker/testdata/stage.h"

#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct party {
	char id[40], key[64];
};

static struct stage stage;
static struct party ann, bob, cat;
static struct actor *worker;
static struct buf body;

/* --- asking ------------------------------------------------------------ */

static int __attribute__((format(printf, 4, 5))) ask_as(const char *credential,
    const char *request_key, const char *method, const char *fmt, ...)
{
	char params[1024];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(params, sizeof params, fmt, args);
	va_end(args);
	/* JSON is easier to read here with single quotes. */
	for (char *at = params; *at != '\0'; at++)
		if (*at == '\'')
			*at = '"';
	return stage_call(
	    &stage, credential, method, params, request_key, &body);
}

#define ASK(party, method, ...) ask_as((party).key, NULL, method, __VA_ARGS__)
#define ASK_ONCE(party, once, method, ...)                                     \
	ask_as((party).key, once, method, __VA_ARGS__)
#define OPERATOR(method, ...)                                                  \
	ask_as(stage.operator_key, NULL, method, __VA_ARGS__)

static const char *
member(const char *name)
{
	static char values[64][128];
	static size_t next;
	char pattern[64];
	char *value = values[next++ % 64];

	(void)snprintf(pattern, sizeof pattern, "\"%s\":", name);
	const char *at = strstr(buf_cstr(&body), pattern);
	ck_assert_msg(at != NULL, "no %s in %s", name, buf_cstr(&body));
	at = strchr(at, ':') + 1;
	if (strncmp(at, "{\"amount\":", 10) == 0)
		at += 10;
	at++;
	(void)snprintf(
	    value, sizeof values[0], "%.*s", (int)strcspn(at, "\""), at);
	return value;
}

#define SAYS(text)                                                             \
	ck_assert_msg(                                                         \
	    strstr(buf_cstr(&body), text) != NULL, "%s", buf_cstr(&body))
#define REFUSED(status, asked, word)                                           \
	do {                                                                   \
		uint64_t seq_then = broker_seq(stage.broker);                  \
		ck_assert_int_eq(asked, status);                               \
		ck_assert_str_eq(member("code"), word);                        \
		ck_assert_uint_eq(broker_seq(stage.broker), seq_then);         \
	} while (0)
#define REFUSED_AT(status, asked, word, pointer)                               \
	do {                                                                   \
		REFUSED(status, asked, word);                                  \
		ck_assert_str_eq(member("field"), pointer);                    \
	} while (0)
#define AIC(amount) "{'amount':'" amount "','currency':'AIC'}"

/* --- the scene --------------------------------------------------------- */

static struct party
party_new(const char *name)
{
	struct party party;

	ck_assert_int_eq(
	    OPERATOR("discovery.register", "{'name':'%s'}", name), 201);
	(void)snprintf(party.id, sizeof party.id, "%s", member("agent_id"));
	ck_assert_int_eq(OPERATOR("security.generate_credentials",
			     "{'agent_id':'%s'}", party.id),
	    201);
	(void)snprintf(party.key, sizeof party.key, "%s", member("api_key"));
	ck_assert_int_eq(
	    OPERATOR("economics.fund",
		"{'agent_id':'%s','amount':" AIC("1") "}", party.id),
	    201);
	return party;
}

static void
open_stage(void)
{
	stage_open(&stage);
	ann = party_new("ann");
	bob = party_new("bob");
	cat = party_new("cat");
}

static void
close_stage(void)
{
	stage_close(&stage);
	buf_fini(&body);
}

static const struct account *
account(const struct party *party)
{
	struct aicx_id id;

	ck_assert(id_parse(str_of(party->id), &id));
	return ledger_account(stage.broker->state.ledger, &id, "AIC");
}

static void
ck_account(const struct party *party, int64_t available, int64_t reserved,
    int64_t pending)
{
	ck_assert_int_eq(account(party)->available_minor, available);
	ck_assert_int_eq(account(party)->reserved_minor, reserved);
	ck_assert_int_eq(account(party)->pending_minor, pending);
}

static struct ledger_sum
sum(void)
{
	return ledger_sum(stage.broker->state.ledger, "AIC");
}

static const char *
reserve(const struct party *party, const char *amount)
{
	ck_assert_int_eq(ASK(*party, "economics.reserve_funds",
			     "{'agent_id':'%s','amount':{'amount':'%s',"
			     "'currency':'AIC'}}",
			     party->id, amount),
	    201);
	return member("reservation_id");
}

static const char *
charge(const struct party *from, const struct party *to, const char *amount)
{
	ck_assert_int_eq(ASK(*from, "economics.charge",
			     "{'agent_id':'%s','to_agent_id':'%s','amount':{"
			     "'amount':'%s','currency':'AIC'}}",
			     from->id, to->id, amount),
	    201);
	return member("transaction_id");
}

static const char *
budget(const struct party *party, const char *amount, const char *period,
    const char *parent)
{
	ck_assert_int_eq(
	    OPERATOR("economics.create_budget",
		"{'agent_id':'%s','amount':{'amount':'%s',"
		"'currency':'AIC'},'period':'%s'%s%s%s}",
		party->id, amount, period, parent ? ",'parent':'" : "",
		parent ? parent : "", parent ? "'" : ""),
	    201);
	return member("budget_id");
}

static void
ck_budget(const struct party *party, const char *id, const char *consumed,
    const char *held, const char *available)
{
	ck_assert_int_eq(
	    ASK(*party, "economics.get_budget",
		"{'agent_id':'%s','budget_id':'%s'}", party->id, id),
	    200);
	ck_assert_str_eq(member("consumed"), consumed);
	ck_assert_str_eq(member("held"), held);
	ck_assert_str_eq(member("available"), available);
}

/* --- reservations ------------------------------------------------------ */

START_TEST(reserved_money_is_set_aside_and_given_back)
{
	const char *id = reserve(&ann, "0.4");

	SAYS("\"state\":\"open\"");
	ck_account(&ann, 600000, 400000, 0);
	ck_assert_int_eq(ASK(ann, "economics.release_reservation",
			     "{'reservation_id':'%s'}", id),
	    200);
	SAYS("\"state\":\"voided\"");
	ck_account(&ann, 1000000, 0, 0);
	REFUSED(409,
	    ASK(ann, "economics.release_reservation", "{'reservation_id':'%s'}",
		id),
	    "already_voided");
	REFUSED(409,
	    ASK(ann, "economics.charge",
		"{'agent_id':'%s','to_agent_id':'%s','amount':" AIC(
		    "0.1") ",'reservation_id':'%s'}",
		ann.id, bob.id, id),
	    "already_voided");
}
END_TEST

START_TEST(a_reservation_expires_by_its_time_in_a_record)
{
	const char *id = reserve(&ann, "0.4");
	uint64_t before = broker_seq(stage.broker);

	stage_pass(&stage, 3599999);
	ck_account(&ann, 600000, 400000, 0);
	ck_assert_uint_eq(broker_seq(stage.broker), before);
	stage_pass(&stage, 1);
	ck_account(&ann, 1000000, 0, 0);
	ck_assert_uint_eq(broker_seq(stage.broker), before + 1);
	REFUSED(410,
	    ASK(ann, "economics.release_reservation", "{'reservation_id':'%s'}",
		id),
	    "expired");
}
END_TEST

START_TEST(a_reservation_expires_also_after_a_crash)
{
	(void)reserve(&ann, "0.4");
	stage_crash(&stage);
	ck_account(&ann, 600000, 400000, 0);
	stage_pass(&stage, 3600000);
	ck_account(&ann, 1000000, 0, 0);
}
END_TEST

START_TEST(under_a_clock_nobody_accepted_nothing_expires_and_nothing_begins)
{
	(void)budget(&ann, "0.5", "daily", NULL);
	(void)reserve(&ann, "0.4");
	stage.jump_ms += INT64_C(10) * 365 * 86400000;
	stage_crash(&stage);
	stage_pass(&stage, 7200000);
	ck_account(&ann, 600000, 400000, 0);
	REFUSED(503,
	    ASK(ann, "economics.reserve_funds",
		"{'agent_id':'%s','amount':" AIC("0.1") "}", ann.id),
	    "unavailable");
	REFUSED(503,
	    ASK(ann, "economics.charge",
		"{'agent_id':'%s','to_agent_id':'%s','amount':" AIC("0.1") "}",
		ann.id, bob.id),
	    "unavailable");
	ck_assert_int_eq(
	    ASK(ann, "economics.get_budget", "{'agent_id':'%s'}", ann.id), 200);
	ck_assert_str_eq(member("available"), "0.100000");
	ck_assert_int_eq(OPERATOR("economics.accept_clock", "{}"), 200);
	stage_pass(&stage, 1);
	ck_account(&ann, 1000000, 0, 0);
	ck_assert_int_eq(
	    ASK(ann, "economics.get_budget", "{'agent_id':'%s'}", ann.id), 200);
	ck_assert_str_eq(member("available"), "0.500000");
}
END_TEST

START_TEST(ten_years_forward_while_running_expire_no_reservation)
{
	(void)reserve(&ann, "0.4");
	stage.jump_ms += INT64_C(10) * 365 * 86400000;
	stage_pass(&stage, 3000000);
	ck_account(&ann, 600000, 400000, 0);
	stage.jump_ms -= INT64_C(20) * 365 * 86400000;
	stage_pass(&stage, 700000);
	ck_account(&ann, 1000000, 0, 0);
}
END_TEST

START_TEST(a_repeat_is_one_reservation_and_another_body_a_conflict)
{
	struct buf first = { 0 };

	for (int i = 0; i < 10; i++) {
		ck_assert_int_eq(
		    ASK_ONCE(ann, "k", "economics.reserve_funds",
			"{'agent_id':'%s','amount':" AIC("0.1") "}", ann.id),
		    201);
		if (i == 0)
			buf_str(&first, buf_view(&body));
		ck_assert(str_eq(buf_view(&first), buf_view(&body)));
	}
	ck_account(&ann, 900000, 100000, 0);
	REFUSED(409,
	    ASK_ONCE(ann, "k", "economics.reserve_funds",
		"{'agent_id':'%s','amount':" AIC("0.2") "}", ann.id),
	    "conflict");
	buf_fini(&first);
}
END_TEST

START_TEST(what_cannot_be_reserved_says_why)
{
	static const char method[] = "economics.reserve_funds";

	REFUSED(402,
	    ASK(ann, method, "{'agent_id':'%s','amount':" AIC("1.000001") "}",
		ann.id),
	    "insufficient_funds");
	REFUSED_AT(400,
	    ASK(ann, method, "{'agent_id':'%s','amount':" AIC("0") "}", ann.id),
	    "invalid_amount", "/amount/amount");
	REFUSED_AT(400,
	    ASK(ann, method, "{'agent_id':'%s','amount':" AIC("-1") "}",
		ann.id),
	    "invalid_amount", "/amount/amount");
	REFUSED_AT(400,
	    ASK(ann, method, "{'agent_id':'%s','amount':" AIC("0.0000001") "}",
		ann.id),
	    "invalid_amount", "/amount/amount");
	REFUSED_AT(400,
	    ASK(ann, method,
		"{'agent_id':'%s','amount':" AIC("9223372036855") "}", ann.id),
	    "invalid_amount", "/amount/amount");
	REFUSED_AT(400,
	    ASK(ann, method,
		"{'agent_id':'%s','amount':{'amount':'1','currency':'XYZ'}}",
		ann.id),
	    "unknown_currency", "/amount/currency");
	REFUSED_AT(400,
	    ASK(ann, method,
		"{'agent_id':'%s','amount':" AIC("0.1") ",'expires_in_ms':1}",
		ann.id),
	    "invalid_params", "/expires_in_ms");
	REFUSED_AT(400,
	    ASK(ann, method,
		"{'agent_id':'%s','amount':" AIC(
		    "0.1") ",'expires_in_ms':86400001}",
		ann.id),
	    "invalid_params", "/expires_in_ms");
	REFUSED(403,
	    ASK(bob, method, "{'agent_id':'%s','amount':" AIC("0.1") "}",
		ann.id),
	    "denied");
	REFUSED(404,
	    ASK(ann, method,
		"{'agent_id':'%s','amount':" AIC("0.1") ",'budget_id':'%s'}",
		ann.id, bob.id),
	    "not_found");
	REFUSED(404,
	    OPERATOR(method,
		"{'agent_id':'01010101-0101-7101-8101-010101010101',"
		"'amount':" AIC("0.1") "}"),
	    "not_found");
	const char *id = reserve(&ann, "0.1");
	REFUSED(404,
	    ASK(bob, "economics.release_reservation", "{'reservation_id':'%s'}",
		id),
	    "not_found");
}
END_TEST

/* --- charges ----------------------------------------------------------- */

START_TEST(a_charge_pays_at_once_and_the_payee_pays_the_fee)
{
	stage.settings.fee_ppm = 100000;
	const char *id = charge(&ann, &bob, "0.3");

	ck_assert_str_eq(member("status"), "settled");
	ck_account(&ann, 700000, 0, 0);
	ck_account(&bob, 1270000, 0, 0);
	ck_assert_int_eq(sum().fees_minor, 30000);
	ck_assert_int_eq(ASK(bob, "economics.get_transaction",
			     "{'transaction_id':'%s'}", id),
	    200);
	ck_assert_str_eq(member("kind"), "charge");
	ck_assert_str_eq(member("fee"), "0.030000");
	ck_assert_str_eq(member("status"), "settled");
	(void)member("settlement_time");
}
END_TEST

START_TEST(a_charge_of_a_reservation_releases_what_is_over)
{
	const char *id = reserve(&ann, "0.5");

	ck_assert_int_eq(
	    ASK(ann, "economics.charge",
		"{'agent_id':'%s','to_agent_id':'%s','amount':" AIC(
		    "0.2") ",'reservation_id':'%s','reference':'rent'}",
		ann.id, bob.id, id),
	    201);
	ck_account(&ann, 800000, 0, 0);
	ck_account(&bob, 1200000, 0, 0);
	REFUSED(409,
	    ASK(ann, "economics.charge",
		"{'agent_id':'%s','to_agent_id':'%s','amount':" AIC(
		    "0.2") ",'reservation_id':'%s'}",
		ann.id, bob.id, id),
	    "already_posted");
	REFUSED(409,
	    ASK(ann, "economics.release_reservation", "{'reservation_id':'%s'}",
		id),
	    "already_posted");
}
END_TEST

START_TEST(a_charge_after_the_reservations_time_is_too_late)
{
	const char *id = reserve(&ann, "0.5");

	stage_pass(&stage, 3600000);
	REFUSED(410,
	    ASK(ann, "economics.charge",
		"{'agent_id':'%s','to_agent_id':'%s','amount':" AIC(
		    "0.2") ",'reservation_id':'%s'}",
		ann.id, bob.id, id),
	    "expired");
}
END_TEST

START_TEST(reservations_and_budgets_have_their_numbers)
{
	stage.settings.reservations_max = 2;
	const char *id = reserve(&ann, "0.1");
	(void)reserve(&bob, "0.1");
	REFUSED(429,
	    ASK(ann, "economics.reserve_funds",
		"{'agent_id':'%s','amount':" AIC("0.1") "}", ann.id),
	    "too_many");
	ck_assert_int_eq(ASK(ann, "economics.release_reservation",
			     "{'reservation_id':'%s'}", id),
	    200);
	(void)reserve(&ann, "0.1");
	stage_crash(&stage);
	REFUSED(429,
	    ASK(ann, "economics.reserve_funds",
		"{'agent_id':'%s','amount':" AIC("0.1") "}", ann.id),
	    "too_many");
	const char *top = budget(&cat, "1", "daily", NULL);
	for (int i = 1; i < 256; i++)
		(void)budget(&cat, "1", "daily", top);
	REFUSED(429,
	    ASK(cat, "economics.create_budget",
		"{'amount':" AIC("1") ",'parent':'%s'}", top),
	    "too_many");
}
END_TEST

START_TEST(what_cannot_be_charged_says_why)
{
	static const char method[] = "economics.charge";
	const char *id = reserve(&ann, "0.5");

	REFUSED(403,
	    ASK(bob, method,
		"{'agent_id':'%s','to_agent_id':'%s','amount':" AIC("0.1") "}",
		ann.id, bob.id),
	    "denied");
	REFUSED(403,
	    OPERATOR(method,
		"{'agent_id':'%s','to_agent_id':'%s','amount':" AIC("0.1") "}",
		ann.id, bob.id),
	    "denied");
	REFUSED(402,
	    ASK(ann, method,
		"{'agent_id':'%s','to_agent_id':'%s','amount':" AIC("0.6") "}",
		ann.id, bob.id),
	    "insufficient_funds");
	REFUSED_AT(400,
	    ASK(ann, method,
		"{'agent_id':'%s','to_agent_id':'%s','amount':" AIC("0") "}",
		ann.id, bob.id),
	    "invalid_amount", "/amount/amount");
	REFUSED_AT(400,
	    ASK(ann, method,
		"{'agent_id':'%s','to_agent_id':'%s','amount':" AIC("0.1") "}",
		ann.id, ann.id),
	    "invalid_params", "/to_agent_id");
	REFUSED_AT(404,
	    ASK(ann, method,
		"{'agent_id':'%s','to_agent_id':'%s','amount':" AIC("0.1") "}",
		ann.id, id),
	    "not_found", "/to_agent_id");
	REFUSED_AT(400,
	    ASK(ann, method,
		"{'agent_id':'%s','to_agent_id':'%s','amount':" AIC(
		    "0.500001") ",'reservation_id':'%s'}",
		ann.id, bob.id, id),
	    "invalid_amount", "/amount/amount");
	REFUSED_AT(404,
	    ASK(bob, method,
		"{'agent_id':'%s','to_agent_id':'%s','amount':" AIC(
		    "0.1") ",'reservation_id':'%s'}",
		bob.id, ann.id, id),
	    "not_found", "/reservation_id");
	REFUSED_AT(404,
	    ASK(ann, method,
		"{'agent_id':'%s','to_agent_id':'%s','amount':" AIC(
		    "0.1") ",'contract_id':'%s'}",
		ann.id, bob.id, id),
	    "not_found", "/contract_id");
	ck_account(&ann, 500000, 500000, 0);
}
END_TEST

START_TEST(the_operator_records_a_payment_between_two)
{
	static const char method[] = "economics.record_transaction";

	ck_assert_int_eq(
	    OPERATOR(method,
		"{'from_agent_id':'%s','to_agent_id':'%s','amount':" AIC(
		    "0.25") ",'reference':'by hand'}",
		ann.id, bob.id),
	    201);
	ck_account(&ann, 750000, 0, 0);
	ck_account(&bob, 1250000, 0, 0);
	ck_assert_int_eq(
	    OPERATOR(method,
		"{'from_agent_id':'%s','to_agent_id':'%s','amount':" AIC(
		    "0.25") ",'status':'pending'}",
		ann.id, bob.id),
	    201);
	const char *id = member("transaction_id");
	ck_account(&ann, 500000, 0, 250000);
	ck_account(&bob, 1250000, 0, 0);
	ck_assert_int_eq(ASK(bob, "economics.get_transaction",
			     "{'transaction_id':'%s'}", id),
	    200);
	ck_assert_str_eq(member("status"), "pending");
	ck_assert_str_eq(member("to_agent_id"), bob.id);
	REFUSED(403,
	    ASK(ann, "economics.settle_transaction", "{'transaction_id':'%s'}",
		id),
	    "denied");
	ck_assert_int_eq(OPERATOR("economics.settle_transaction",
			     "{'transaction_id':'%s'}", id),
	    201);
	ck_account(&ann, 500000, 0, 0);
	ck_account(&bob, 1500000, 0, 0);
	REFUSED_AT(409,
	    OPERATOR(
		"economics.settle_transaction", "{'transaction_id':'%s'}", id),
	    "wrong_state", "/transaction_id");
	REFUSED_AT(404,
	    OPERATOR("economics.settle_transaction", "{'transaction_id':'%s'}",
		ann.id),
	    "not_found", "/transaction_id");
	REFUSED(403,
	    ASK(ann, method,
		"{'from_agent_id':'%s','to_agent_id':'%s','amount':" AIC(
		    "0.25") "}",
		ann.id, bob.id),
	    "denied");
	REFUSED_AT(404,
	    OPERATOR(method,
		"{'from_agent_id':'%s','to_agent_id':'%s','amount':" AIC(
		    "0.25") "}",
		id, bob.id),
	    "not_found", "/from_agent_id");
}
END_TEST

/* --- budgets ----------------------------------------------------------- */

START_TEST(a_budget_counts_what_is_held_and_what_is_paid)
{
	const char *id = budget(&ann, "0.5", "monthly", NULL);
	const char *hold = reserve(&ann, "0.2");

	ck_budget(&ann, id, "0.000000", "0.200000", "0.300000");
	(void)charge(&ann, &bob, "0.25");
	ck_budget(&ann, id, "0.250000", "0.200000", "0.050000");
	REFUSED(402,
	    ASK(ann, "economics.charge",
		"{'agent_id':'%s','to_agent_id':'%s','amount':" AIC(
		    "0.050001") "}",
		ann.id, bob.id),
	    "budget_exceeded");
	REFUSED(402,
	    ASK(ann, "economics.reserve_funds",
		"{'agent_id':'%s','amount':" AIC("0.050001") "}", ann.id),
	    "budget_exceeded");
	ck_assert_int_eq(
	    ASK(ann, "economics.charge",
		"{'agent_id':'%s','to_agent_id':'%s','amount':" AIC(
		    "0.1") ",'reservation_id':'%s'}",
		ann.id, bob.id, hold),
	    201);
	ck_budget(&ann, id, "0.350000", "0.000000", "0.150000");
	ck_assert_int_eq(
	    ASK(ann, "economics.check_balance", "{'amount':'0.15 AIC'}"), 200);
	SAYS("\"sufficient\":true");
	ck_assert_int_eq(
	    ASK(ann, "economics.check_balance", "{'amount':'0.150001 AIC'}"),
	    200);
	SAYS("\"sufficient\":false");
}
END_TEST

START_TEST(many_holds_at_once_never_overdraw_a_budget)
{
	const char *id = budget(&ann, "0.5", "daily", NULL);
	int n_good = 0;

	for (int i = 0; i < 12; i++)
		n_good += ASK(ann, "economics.reserve_funds",
			      "{'agent_id':'%s','amount':" AIC("0.06") "}",
			      ann.id) == 201;
	ck_assert_int_eq(n_good, 8);
	ck_budget(&ann, id, "0.000000", "0.480000", "0.020000");
}
END_TEST

START_TEST(a_hold_counts_in_the_day_in_which_it_was_made)
{
	int64_t midnight_ms = time_next_day(stage.wall_ms);
	const char *id = budget(&ann, "0.5", "daily", NULL);

	stage_pass(&stage, midnight_ms - 1000 - stage.wall_ms);
	const char *old = reserve(&ann, "0.5");
	REFUSED(402,
	    ASK(ann, "economics.reserve_funds",
		"{'agent_id':'%s','amount':" AIC("0.1") "}", ann.id),
	    "budget_exceeded");
	stage_pass(&stage, 999);
	ck_budget(&ann, id, "0.000000", "0.500000", "0.000000");
	stage_pass(&stage, 1);
	ck_budget(&ann, id, "0.000000", "0.000000", "0.500000");
	const char *young = reserve(&ann, "0.4");
	ck_assert_int_eq(
	    ASK(ann, "economics.charge",
		"{'agent_id':'%s','to_agent_id':'%s','amount':" AIC(
		    "0.5") ",'reservation_id':'%s'}",
		ann.id, bob.id, old),
	    201);
	ck_budget(&ann, id, "0.000000", "0.400000", "0.100000");
	ck_assert_int_eq(ASK(ann, "economics.release_reservation",
			     "{'reservation_id':'%s'}", young),
	    200);
	ck_budget(&ann, id, "0.000000", "0.000000", "0.500000");
}
END_TEST

START_TEST(months_and_years_begin_anew_on_their_first_day)
{
	const char *month = budget(&ann, "0.5", "monthly", NULL);
	const char *year = budget(&bob, "0.5", "yearly", NULL);
	const char *ever = budget(&cat, "0.5", "unlimited", NULL);

	(void)charge(&ann, &cat, "0.4");
	(void)charge(&bob, &cat, "0.4");
	(void)charge(&cat, &ann, "0.4");
	stage_pass(&stage, time_next_month(stage.wall_ms) - stage.wall_ms);
	ck_budget(&ann, month, "0.000000", "0.000000", "0.500000");
	ck_assert_str_eq(member("period"), "monthly");
	ck_budget(&bob, year, "0.400000", "0.000000", "0.100000");
	stage_pass(&stage, time_next_year(stage.wall_ms) - stage.wall_ms);
	ck_budget(&bob, year, "0.000000", "0.000000", "0.500000");
	ck_budget(&cat, ever, "0.400000", "0.000000", "0.100000");
}
END_TEST

START_TEST(what_a_branch_spends_counts_in_all_above_it)
{
	const char *top = budget(&ann, "0.6", "monthly", NULL);
	const char *agent = budget(&bob, "0.5", "daily", top);
	const char *pipeline = budget(&bob, "0.3", "unlimited", agent);
	const char *other = budget(&cat, "0.6", "unlimited", top);

	ck_assert_int_eq(
	    ASK(bob, "economics.reserve_funds",
		"{'agent_id':'%s','amount':" AIC("0.3") ",'budget_id':'%s'}",
		bob.id, pipeline),
	    201);
	const char *hold = member("reservation_id");
	ck_budget(&bob, pipeline, "0.000000", "0.300000", "0.000000");
	ck_budget(&bob, agent, "0.000000", "0.300000", "0.200000");
	ck_budget(&ann, top, "0.000000", "0.300000", "0.300000");
	ck_budget(&cat, other, "0.000000", "0.000000", "0.600000");
	/* The pipeline is full; the agent's own budget is not. */
	REFUSED(402,
	    ASK(bob, "economics.reserve_funds",
		"{'agent_id':'%s','amount':" AIC("0.1") ",'budget_id':'%s'}",
		bob.id, pipeline),
	    "budget_exceeded");
	(void)charge(&bob, &ann, "0.2");
	/* The top limits the other branch, whose own budget is untouched. */
	REFUSED(402,
	    ASK(cat, "economics.charge",
		"{'agent_id':'%s','to_agent_id':'%s','amount':" AIC(
		    "0.100001") "}",
		cat.id, ann.id),
	    "budget_exceeded");
	(void)charge(&cat, &ann, "0.1");
	ck_budget(&ann, top, "0.300000", "0.300000", "0.000000");
	ck_assert_int_eq(ASK(bob, "economics.release_reservation",
			     "{'reservation_id':'%s'}", hold),
	    200);
	ck_budget(&ann, top, "0.300000", "0.000000", "0.300000");
	ck_assert_int_eq(
	    ASK(bob, "economics.get_budget", "{'agent_id':'%s'}", bob.id), 200);
	ck_assert_str_eq(member("budget_id"), agent);
	SAYS("\"others\":[{");
}
END_TEST

START_TEST(what_is_no_budget_says_why)
{
	static const char method[] = "economics.create_budget";
	const char *top = budget(&ann, "0.5", "monthly", NULL);

	REFUSED_AT(400,
	    ASK(ann, method, "{'amount':" AIC("1") ",'period':'weekly'}"),
	    "invalid_params", "/period");
	REFUSED_AT(400,
	    ASK(bob, method, "{'amount':" AIC("0") ",'period':'daily'}"),
	    "invalid_amount", "/amount/amount");
	REFUSED_AT(400,
	    ASK(bob, method,
		"{'amount':{'amount':'1','currency':'NONE'},"
		"'period':'daily'}"),
	    "unknown_currency", "/amount/currency");
	REFUSED(
	    409, ASK(ann, method, "{'amount':" AIC("1") "}"), "already_exists");
	REFUSED_AT(402,
	    ASK(ann, method, "{'amount':" AIC("0.500001") ",'parent':'%s'}",
		top),
	    "budget_exceeded", "/amount/amount");
	REFUSED_AT(404,
	    ASK(ann, method, "{'amount':" AIC("0.1") ",'parent':'%s'}", bob.id),
	    "not_found", "/parent");
	REFUSED(403,
	    ASK(bob, method, "{'amount':" AIC("0.1") ",'parent':'%s'}", top),
	    "denied");
	REFUSED(403,
	    ASK(bob, method, "{'agent_id':'%s','amount':" AIC("0.1") "}",
		ann.id),
	    "denied");
	for (int depth = 1; depth < BUDGET_DEPTH_MAX; depth++)
		top = budget(&ann, "0.1", "daily", top);
	REFUSED_AT(429,
	    ASK(ann, method, "{'amount':" AIC("0.1") ",'parent':'%s'}", top),
	    "too_many", "/parent");
}
END_TEST

/* --- refunds ----------------------------------------------------------- */

static int
refund(const struct party *party, const char *id, const char *amount)
{
	if (amount == NULL)
		return ASK(
		    *party, "economics.refund", "{'transaction_id':'%s'}", id);
	return ASK(*party, "economics.refund",
	    "{'transaction_id':'%s','amount':{'amount':'%s','currency':"
	    "'AIC'}}",
	    id, amount);
}

START_TEST(refunds_go_back_in_parts_with_the_fees_share_and_never_beyond)
{
	stage.settings.fee_ppm = 100001;
	const char *top = budget(&ann, "1", "daily", NULL);
	const char *id = charge(&ann, &bob, "0.1");

	ck_assert_int_eq(sum().fees_minor, 10000);
	ck_assert_int_eq(refund(&bob, id, "0.033333"), 201);
	ck_assert_str_eq(member("fee_back"), "0.003333");
	ck_assert_str_eq(member("left"), "0.066667");
	ck_assert_str_eq(member("status"), "settled");
	const char *back = member("transaction_id");
	ck_budget(&ann, top, "0.066667", "0.000000", "0.933333");
	ck_account(&ann, 933333, 0, 0);
	ck_account(&bob, 1000000 + 66667 - 6667, 0, 0);
	REFUSED_AT(400, refund(&bob, id, "0.066668"), "invalid_amount",
	    "/amount/amount");
	REFUSED_AT(
	    400, refund(&bob, id, "0"), "invalid_amount", "/amount/amount");
	ck_assert_int_eq(refund(&bob, id, NULL), 201);
	ck_assert_str_eq(member("status"), "refunded");
	ck_account(&ann, 1000000, 0, 0);
	ck_account(&bob, 1000000, 0, 0);
	ck_assert_int_eq(sum().fees_minor, 0);
	ck_budget(&ann, top, "0.000000", "0.000000", "1.000000");
	REFUSED(409, refund(&bob, id, NULL), "wrong_state");
	ck_assert_int_eq(ASK(ann, "economics.get_transaction",
			     "{'transaction_id':'%s'}", back),
	    200);
	ck_assert_str_eq(member("kind"), "refund");
	ck_assert_str_eq(member("refunds"), id);
	ck_assert_int_eq(ASK(ann, "economics.get_transaction",
			     "{'transaction_id':'%s'}", id),
	    200);
	ck_assert_str_eq(member("status"), "refunded");
	ck_assert_str_eq(member("refunded"), "0.100000");
}
END_TEST

START_TEST(a_refund_that_is_asked_twice_is_made_once)
{
	const char *id = charge(&ann, &bob, "0.1");

	for (int i = 0; i < 5; i++)
		ck_assert_int_eq(
		    ASK_ONCE(bob, "r", "economics.refund",
			"{'transaction_id':'%s','amount':" AIC("0.05") "}", id),
		    201);
	ck_account(&ann, 950000, 0, 0);
	REFUSED(409,
	    ASK_ONCE(
		bob, "r", "economics.refund", "{'transaction_id':'%s'}", id),
	    "conflict");
}
END_TEST

START_TEST(what_cannot_be_refunded_says_why)
{
	const char *id = charge(&ann, &bob, "1");

	REFUSED(403, refund(&ann, id, NULL), "denied");
	REFUSED(404, refund(&cat, id, NULL), "not_found");
	REFUSED(404, refund(&bob, ann.id, NULL), "not_found");
	ck_assert_int_eq(OPERATOR("economics.list_transactions",
			     "{'agent_id':'%s'}", cat.id),
	    200);
	const char *fund = member("transaction_id");
	REFUSED(409, refund(&cat, fund, NULL), "wrong_state");
	(void)charge(&bob, &cat, "1.5");
	REFUSED(402, refund(&bob, id, "0.6"), "insufficient_funds");
	ck_assert_int_eq(refund(&bob, id, "0.5"), 201);
	ck_account(&bob, 0, 0, 0);
	ck_assert_int_eq(OPERATOR("economics.fund",
			     "{'agent_id':'%s','amount':" AIC("1") "}", bob.id),
	    201);
	ck_assert_int_eq(
	    OPERATOR("economics.refund", "{'transaction_id':'%s'}", id), 201);
	ck_account(&ann, 1000000, 0, 0);
}
END_TEST

START_TEST(a_refund_in_a_later_period_gives_no_budget_back)
{
	const char *top = budget(&ann, "0.5", "daily", NULL);
	const char *id = charge(&ann, &bob, "0.1");

	stage_pass(&stage, 86400000);
	(void)charge(&ann, &bob, "0.2");
	ck_assert_int_eq(refund(&bob, id, NULL), 201);
	ck_budget(&ann, top, "0.200000", "0.000000", "0.300000");
}
END_TEST

/* --- batches ----------------------------------------------------------- */

static void
batched(void)
{
	open_stage();
	stage.settings.settlement = "batch";
	stage.settings.fee_ppm = 100000;
}

START_TEST(what_is_pending_is_netted_and_can_be_spent_only_then)
{
	(void)charge(&ann, &bob, "0.5");
	ck_assert_str_eq(member("status"), "pending");
	(void)charge(&bob, &ann, "0.3");
	(void)charge(&bob, &cat, "0.4");
	ck_account(&ann, 500000, 0, 500000);
	ck_account(&bob, 300000, 0, 700000);
	ck_account(&cat, 1000000, 0, 0);
	REFUSED(402,
	    ASK(cat, "economics.charge",
		"{'agent_id':'%s','to_agent_id':'%s','amount':" AIC("1.1") "}",
		cat.id, ann.id),
	    "insufficient_funds");
	ck_assert_int_eq(OPERATOR("economics.batch_settle", "{}"), 201);
	ck_assert_str_eq(member("amount"), "1.200000");
	SAYS("\"earned\":\"0.300000\",\"spent\":\"0.500000\","
	     "\"fee\":\"0.030000\",\"net\":\"-0.200000\"");
	SAYS("\"net\":\"0.400000\"");
	SAYS("\"left\":0");
	ck_account(&ann, 1000000 - 200000 - 30000, 0, 0);
	ck_account(&bob, 1000000 - 200000 - 50000, 0, 0);
	ck_account(&cat, 1000000 + 400000 - 40000, 0, 0);
	ck_assert_int_eq(sum().fees_minor, 120000);
	ck_assert_int_eq(sum().pending_minor, 0);
	ck_assert_int_eq(account(&ann)->earned_minor, 300000);
	ck_assert_int_eq(account(&ann)->spent_minor, 500000);
	REFUSED(409, OPERATOR("economics.batch_settle", "{}"), "wrong_state");
}
END_TEST

START_TEST(a_batch_is_settled_by_time)
{
	const char *id = charge(&ann, &bob, "0.5");
	int64_t hour_ms = 3600000;

	stage_pass(&stage, hour_ms - stage.wall_ms % hour_ms - 1);
	ck_account(&bob, 1000000, 0, 0);
	stage_pass(&stage, 1);
	ck_account(&bob, 1450000, 0, 0);
	ck_assert_int_eq(ASK(bob, "economics.get_transaction",
			     "{'transaction_id':'%s'}", id),
	    200);
	ck_assert_str_eq(member("status"), "settled");
	(void)member("batch_id");
	/* Nothing is pending: the hours pass without records. */
	uint64_t before = broker_seq(stage.broker);
	stage_pass(&stage, 5 * hour_ms);
	ck_assert_uint_eq(broker_seq(stage.broker), before);
	(void)charge(&ann, &bob, "0.1");
	stage_crash(&stage);
	stage_pass(&stage, hour_ms);
	ck_account(&ann, 400000, 0, 0);
}
END_TEST

START_TEST(more_than_a_batch_holds_is_settled_in_several)
{
	for (int i = 0; i < BATCH_TRANSACTIONS_MAX + 3; i++)
		(void)charge(&ann, &bob, "0.001");
	ck_assert_int_eq(OPERATOR("economics.batch_settle", "{}"), 201);
	SAYS("\"left\":3");
	stage_pass(&stage, 3600000);
	ck_assert_int_eq(sum().pending_minor, 0);
	ck_assert_int_eq(
	    account(&bob)->earned_minor, (BATCH_TRANSACTIONS_MAX + 3) * 1000);
}
END_TEST

START_TEST(a_pending_payment_is_refunded_before_it_is_settled)
{
	const char *id = charge(&ann, &bob, "0.5");
	const char *gone = charge(&ann, &bob, "0.1");

	ck_assert_int_eq(refund(&bob, id, "0.2"), 201);
	ck_assert_str_eq(member("status"), "pending");
	ck_account(&ann, 600000, 0, 400000);
	ck_assert_int_eq(refund(&bob, gone, NULL), 201);
	ck_account(&ann, 700000, 0, 300000);
	REFUSED_AT(409,
	    OPERATOR("economics.batch_settle", "{'transactions':['%s']}", gone),
	    "wrong_state", "/transactions/0");
	ck_assert_int_eq(OPERATOR("economics.batch_settle", "{}"), 201);
	ck_account(&ann, 700000, 0, 0);
	ck_account(&bob, 1270000, 0, 0);
	ck_assert_int_eq(sum().fees_minor, 30000);
	/* And what is settled, afterwards. */
	ck_assert_int_eq(refund(&bob, id, NULL), 201);
	ck_account(&ann, 1000000, 0, 0);
	ck_account(&bob, 1000000, 0, 0);
	ck_assert_int_eq(sum().fees_minor, 0);
}
END_TEST

START_TEST(a_batch_of_named_ones_takes_no_others)
{
	const char *one = charge(&ann, &bob, "0.5");
	const char *two = charge(&bob, &cat, "0.5");
	static const char method[] = "economics.batch_settle";

	REFUSED_AT(400,
	    OPERATOR(method, "{'transactions':['%s','%s']}", one, one),
	    "invalid_params", "/transactions/1");
	REFUSED_AT(404,
	    OPERATOR(method, "{'transactions':['%s','%s']}", one, bob.id),
	    "not_found", "/transactions/1");
	REFUSED_AT(400, OPERATOR(method, "{'transactions':['x']}"),
	    "invalid_params", "/transactions/0");
	REFUSED_AT(400, OPERATOR(method, "{'currency':'NONE'}"),
	    "unknown_currency", "/currency");
	REFUSED(403, ASK(ann, method, "{}"), "denied");
	ck_assert_int_eq(OPERATOR(method, "{'transactions':['%s']}", one), 201);
	ck_account(&ann, 500000, 0, 0);
	ck_account(&bob, 500000 + 450000, 0, 500000);
	REFUSED_AT(409,
	    OPERATOR(method, "{'transactions':['%s','%s']}", two, one),
	    "wrong_state", "/transactions/1");
}
END_TEST

START_TEST(a_batch_has_a_receipt_for_its_parties)
{
	(void)charge(&ann, &bob, "0.5");
	ck_assert_int_eq(OPERATOR("economics.batch_settle", "{}"), 201);
	const char *id = member("batch_id");
	int status =
	    ASK(bob, "economics.get_receipt", "{'transaction_id':'%s'}", id);
	if (status == 0) { /* it waits for the next checkpoint */
		stage_pass(&stage, 2000);
		status = ASK(bob, "economics.get_receipt",
		    "{'transaction_id':'%s'}", id);
	}
	ck_assert_int_eq(status, 200);
	SAYS("settlement.batch");
	REFUSED(404,
	    ASK(cat, "economics.get_receipt", "{'transaction_id':'%s'}", id),
	    "not_found");
}
END_TEST

START_TEST(a_list_is_filtered_and_goes_on_at_its_cursor)
{
	static const char method[] = "economics.list_transactions";
	const char *first = charge(&ann, &bob, "0.1");
	int n = 0;

	for (int i = 0; i < 5; i++)
		(void)charge(&ann, &cat, "0.01");
	const char *last = charge(&ann, &bob, "0.1");
	ck_assert_int_eq(OPERATOR("economics.settle_transaction",
			     "{'transaction_id':'%s'}", first),
	    201);
	ck_assert_int_eq(
	    ASK(ann, method, "{'status':'settled','kind':'charge'}"), 200);
	ck_assert_str_eq(member("transaction_id"), first);
	ck_assert_int_eq(ASK(bob, method, "{'status':'pending'}"), 200);
	ck_assert_str_eq(member("transaction_id"), last);
	ck_assert_ptr_null(strstr(buf_cstr(&body), first));
	ck_assert_int_eq(ASK(ann, method, "{'kind':'fund'}"), 200);
	ck_assert_str_eq(member("kind"), "fund");
	ck_assert_int_eq(ASK(ann, method, "{'currency':'USD'}"), 200);
	SAYS("\"transactions\":[]");
	ck_assert_int_eq(
	    ASK(ann, method, "{'to':'2001-01-01T00:00:00Z'}"), 200);
	SAYS("\"transactions\":[]");
	ck_assert_int_eq(ASK(ann, method, "{'limit':2}"), 200);
	ck_assert_str_eq(member("transaction_id"), last);
	while (strstr(buf_cstr(&body), "\"cursor\"") != NULL) {
		const char *cursor = member("cursor");
		ck_assert_int_eq(
		    ASK(ann, method, "{'limit':2,'cursor':'%s'}", cursor), 200);
		n++;
	}
	ck_assert_int_eq(n, 4);
	REFUSED_AT(400, ASK(ann, method, "{'status':'gone'}"), "invalid_params",
	    "/status");
	REFUSED_AT(
	    400, ASK(ann, method, "{'limit':501}"), "invalid_params", "/limit");
	REFUSED(403, ASK(ann, method, "{'agent_id':'%s'}", bob.id), "denied");
}
END_TEST

/* --- deals and disputes ------------------------------------------------ */

static void
ck_order(void)
{
	struct envelope env;

	do
		ck_assert(actor_next(worker, &env));
	while (env.type != MSG_QUERY);
	actor_offers(worker, &env, "0.1", NULL);
}

static const char wish[] = "{'need':'text.count','input':'one',"
			   "'max_price':{'amount':'0.2','currency':'AIC'}}";

/* Ann buys from the worker; to the end, or to the order only. */
static void
buy(bool deliver)
{
	struct envelope env;
	struct buf payload = { 0 };

	ck_assert_int_eq(
	    ASK(ann, "negotiation.grant_mandate",
		"{'mandate':{'need':['text.count'],'max_each':" AIC(
		    "1") ",'max_total':" AIC("1") ",'max_deals':"
						  "9}}"),
	    201);
	ck_assert_int_eq(ASK_ONCE(ann, "buy", "deal.buy", "%s", wish), 0);
	ck_order();
	do
		ck_assert(actor_next(worker, &env));
	while (env.type != MSG_EXECUTE);
	if (!deliver)
		return;
	const char *at = strstr(env.payload.ptr, "\"execution_id\":\"");
	buf_printf(&payload, "{\"execution_id\":\"%.36s\",\"output\":3}",
	    at + strlen("\"execution_id\":\""));
	(void)actor_send(worker, MSG_RESULT, &env.id, buf_cstr(&payload));
	buf_fini(&payload);
	ck_assert_int_eq(ASK_ONCE(ann, "buy", "deal.buy", "%s", wish), 200);
}

static void
with_worker(void)
{
	open_stage();
	worker = actor_new(&stage, "worker");
	actor_open(worker);
	actor_sells(worker, "text.count", "0.1");
}

static void
with_worker_and_batches(void)
{
	with_worker();
	stage.settings.settlement = "batch";
	stage.settings.fee_ppm = 100000;
}

static int
dispute(const struct party *party, const char *contract)
{
	return ASK(*party, "economics.dispute",
	    "{'contract_id':'%s','reason':'it is wrong'}", contract);
}

static int
rule(const char *dispute_id, const char *ruling, const char *amount)
{
	return OPERATOR("economics.resolve_dispute",
	    "{'dispute_id':'%s','ruling':'%s'%s%s%s}", dispute_id, ruling,
	    amount ? ",'amount':{'currency':'AIC','amount':'" : "",
	    amount ? amount : "", amount ? "'}" : "");
}

static int64_t
workers(void)
{
	return ledger_account(
	    stage.broker->state.ledger, actor_id(worker), "AIC")
	    ->available_minor;
}

START_TEST(a_contracts_hold_is_moved_by_its_deal_alone)
{
	buy(false);
	ck_account(&ann, 900000, 100000, 0);
	char hold[40] = "";
	MAP_EACH (entry, &stage.broker->state.rows[T_HOLD]) {
		struct aicx_id id;
		memcpy(&id, entry->key.ptr, sizeof id);
		(void)snprintf(hold, sizeof hold, "%s", id_text(&id).text);
	}
	REFUSED(409,
	    ASK(ann, "economics.release_reservation", "{'reservation_id':'%s'}",
		hold),
	    "held_by_contract");
	REFUSED_AT(409,
	    ASK(ann, "economics.charge",
		"{'agent_id':'%s','to_agent_id':'%s','amount':" AIC(
		    "0.1") ",'reservation_id':'%s'}",
		ann.id, bob.id, hold),
	    "held_by_contract", "/reservation_id");
}
END_TEST

START_TEST(a_disputed_payment_is_frozen_until_it_is_released)
{
	buy(true);
	const char *contract = member("contract_id");
	const char *paid = member("transaction_id");

	ck_assert_int_eq(workers(), 100000);
	REFUSED(404, dispute(&bob, contract), "not_found");
	ck_assert_int_eq(dispute(&ann, contract), 201);
	const char *id = member("dispute_id");
	ck_assert_str_eq(member("status"), "frozen");
	ck_assert_int_eq(workers(), 0);
	ck_assert_int_eq(sum().suspense_minor, 100000);
	REFUSED(409, dispute(&ann, contract), "wrong_state");
	REFUSED(409,
	    OPERATOR("economics.refund", "{'transaction_id':'%s'}", paid),
	    "wrong_state");
	REFUSED(403,
	    ASK(ann, "economics.resolve_dispute",
		"{'dispute_id':'%s','ruling':'refund'}", id),
	    "denied");
	REFUSED_AT(400, rule(id, "refund", "0.100001"), "invalid_amount",
	    "/amount/amount");
	REFUSED_AT(
	    400, rule(id, "refund", "0"), "invalid_amount", "/amount/amount");
	REFUSED_AT(
	    400, rule(id, "release", "0.1"), "invalid_params", "/amount");
	REFUSED_AT(400, rule(id, "burn", NULL), "invalid_params", "/ruling");
	REFUSED(404, rule(contract, "release", NULL), "not_found");
	stage_crash(&stage);
	ck_assert_int_eq(rule(id, "release", NULL), 200);
	ck_assert_str_eq(member("state"), "released");
	ck_assert_str_eq(member("status"), "settled");
	ck_assert_int_eq(workers(), 100000);
	REFUSED(409, rule(id, "release", NULL), "wrong_state");
	REFUSED(409, dispute(&ann, contract), "wrong_state");
}
END_TEST

/* A policy that gives back what `answer` says. */
static struct {
	uint32_t verdict;
	const char *text;
	aicx_err err;
} answer;

static int
rule_has(void *state, uint32_t hook)
{
	(void)state;
	return hook == AICX_HOOK_RULE;
}

static const uint8_t *
rule_sha256(void *state)
{
	static const uint8_t hash[32] = { 1, 2, 3 };

	(void)state;
	return hash;
}

static aicx_err
rule_run(void *state, uint32_t hook, struct aicx_str args,
    struct aicx_decision *ret_decision, struct aicx_error *reterr)
{
	(void)state;
	(void)reterr;
	ck_assert_uint_eq(hook, AICX_HOOK_RULE);
	ck_assert_ptr_nonnull(
	    memmem(args.ptr, args.len, "\"reason\":\"it is wrong\"", 22));
	ret_decision->verdict = answer.verdict;
	ret_decision->result = str_of(answer.text);
	return answer.err;
}

static const struct aicx_hook_ops rule_ops = { .size = sizeof rule_ops,
	.has = rule_has,
	.sha256 = rule_sha256,
	.run = rule_run };

static void
ask_policy(uint32_t verdict, const char *text, aicx_err err)
{
	broker_bind_hook(stage.broker, &rule_ops, NULL);
	answer.verdict = verdict;
	answer.text = text;
	answer.err = err;
	buy(true);
	ck_assert_int_eq(dispute(&ann, member("contract_id")), 201);
}

START_TEST(a_policy_may_rule_at_once)
{
	ask_policy(AICX_VALUE, "{\"minor\":30000}", AICX_OK);
	ck_assert_str_eq(member("state"), "refunded");
	ck_assert_str_eq(member("refunded"), "0.030000");
	ck_account(&ann, 930000, 0, 0);
	ck_assert_int_eq(workers(), 70000);
	const char *id = member("dispute_id");
	REFUSED(409, rule(id, "release", NULL), "wrong_state");
}
END_TEST

START_TEST(a_policy_may_turn_a_dispute_down)
{
	ask_policy(AICX_REFUSE, "\"it was good\"", AICX_OK);
	ck_assert_str_eq(member("state"), "released");
	ck_assert_int_eq(workers(), 100000);
}
END_TEST

START_TEST(a_policy_without_an_opinion_leaves_it_to_the_operator)
{
	ask_policy(AICX_PASS, "", AICX_OK);
	ck_assert_str_eq(member("state"), "open");
	ck_assert_int_eq(workers(), 0);
}
END_TEST

START_TEST(a_policy_that_fails_or_is_wild_leaves_it_to_the_operator)
{
	ask_policy(AICX_VALUE, "{\"minor\":100001}", AICX_OK);
	ck_assert_str_eq(member("state"), "open");
	ck_assert_int_eq(rule(member("dispute_id"), "release", NULL), 200);
	close_stage();
	with_worker();
	ask_policy(AICX_PASS, "", AICX_ELIMIT);
	ck_assert_str_eq(member("state"), "open");
}
END_TEST

START_TEST(a_ruling_refunds_a_part_and_releases_the_rest)
{
	stage.settings.fee_ppm = 100000;
	buy(true);
	const char *contract = member("contract_id");

	ck_assert_int_eq(dispute(&ann, contract), 201);
	const char *id = member("dispute_id");
	ck_assert_str_eq(member("frozen"), "0.090000");
	ck_assert_int_eq(rule(id, "refund", "0.04"), 200);
	ck_assert_str_eq(member("state"), "refunded");
	ck_assert_str_eq(member("refunded"), "0.040000");
	ck_account(&ann, 940000, 0, 0);
	ck_assert_int_eq(workers(), 54000);
	ck_assert_int_eq(sum().fees_minor, 6000);
}
END_TEST

START_TEST(a_ruling_refunds_everything_even_what_the_fee_took)
{
	stage.settings.fee_ppm = 100000;
	buy(true);
	ck_assert_int_eq(dispute(&ann, member("contract_id")), 201);
	const char *id = member("dispute_id");
	ck_assert_int_eq(rule(id, "refund", NULL), 200);
	ck_assert_str_eq(member("status"), "refunded");
	ck_account(&ann, 1000000, 0, 0);
	ck_assert_int_eq(workers(), 0);
	ck_assert_int_eq(sum().fees_minor, 0);
}
END_TEST

START_TEST(only_what_the_payee_still_has_can_be_frozen)
{
	char worker_id[40];

	buy(true);
	const char *contract = member("contract_id");
	(void)snprintf(
	    worker_id, sizeof worker_id, "%s", id_text(actor_id(worker)).text);
	ck_assert_int_eq(
	    OPERATOR("economics.withdraw",
		"{'agent_id':'%s','amount':" AIC("0.07") "}", worker_id),
	    201);
	ck_assert_int_eq(dispute(&ann, contract), 201);
	const char *id = member("dispute_id");
	ck_assert_str_eq(member("frozen"), "0.030000");
	REFUSED(402, rule(id, "refund", "0.05"), "insufficient_funds");
	ck_assert_int_eq(
	    OPERATOR("economics.fund",
		"{'agent_id':'%s','amount':" AIC("0.03") "}", worker_id),
	    201);
	ck_assert_int_eq(rule(id, "refund", "0.05"), 200);
	ck_account(&ann, 950000, 0, 0);
	ck_assert_int_eq(workers(), 10000);
}
END_TEST

START_TEST(a_recorded_payment_for_work_gives_no_budget_back)
{
	const char *top = budget(&ann, "0.5", "daily", NULL);

	buy(true);
	ck_budget(&ann, top, "0.100000", "0.000000", "0.400000");
	ck_assert_int_eq(ASK_ONCE(ann, "buy", "deal.buy", "%s", wish), 200);
	const char *execution = member("execution_id");
	const char *paid = member("transaction_id");
	ck_assert_int_eq(
	    OPERATOR("economics.record_transaction",
		"{'from_agent_id':'%s','to_agent_id':'%s','amount':" AIC(
		    "0.3") ",'execution_id':'%s'}",
		ann.id, bob.id, execution),
	    201);
	ck_assert_int_eq(refund(&bob, member("transaction_id"), NULL), 201);
	ck_budget(&ann, top, "0.100000", "0.000000", "0.400000");
	ck_assert_int_eq(
	    OPERATOR("economics.refund", "{'transaction_id':'%s'}", paid), 201);
	ck_budget(&ann, top, "0.000000", "0.000000", "0.500000");
}
END_TEST

START_TEST(after_the_window_nothing_can_be_disputed)
{
	buy(true);
	const char *contract = member("contract_id");

	stage_pass(&stage, 3600000);
	REFUSED(410, dispute(&ann, contract), "expired");
	REFUSED_AT(404,
	    ASK(ann, "economics.dispute",
		"{'contract_id':'%s','execution_id':'%s','reason':'x'}",
		contract, bob.id),
	    "not_found", "/execution_id");
	REFUSED_AT(400,
	    ASK(ann, "economics.dispute", "{'contract_id':'%s'}", contract),
	    "invalid_params", "/reason");
}
END_TEST

START_TEST(a_pending_deal_is_frozen_where_it_lies)
{
	buy(true);
	const char *contract = member("contract_id");
	const char *paid = member("transaction_id");

	ck_account(&ann, 900000, 0, 100000);
	ck_assert_int_eq(workers(), 0);
	ck_assert_int_eq(dispute(&ann, contract), 201);
	const char *id = member("dispute_id");
	ck_assert_str_eq(member("frozen"), "0.000000");
	/* No batch takes it. */
	stage_pass(&stage, 7200000);
	ck_account(&ann, 900000, 0, 100000);
	REFUSED_AT(409,
	    OPERATOR("economics.settle_transaction", "{'transaction_id':'%s'}",
		paid),
	    "wrong_state", "/transaction_id");
	ck_assert_int_eq(rule(id, "refund", "0.04"), 200);
	ck_assert_str_eq(member("status"), "pending");
	ck_account(&ann, 940000, 0, 60000);
	stage_pass(&stage, 3600000);
	ck_account(&ann, 940000, 0, 0);
	ck_assert_int_eq(workers(), 54000);
}
END_TEST

START_TEST(a_cancelled_contract_cannot_be_charged_for)
{
	char worker_id[40];
	static const char fmt[] =
	    "{'agent_id':'%s','to_agent_id':'%s','amount':" AIC(
		"0.1") ",'contract_id':'%s'}";

	(void)snprintf(
	    worker_id, sizeof worker_id, "%s", id_text(actor_id(worker)).text);
	ck_assert_int_eq(
	    ASK(ann, "negotiation.broadcast_intent",
		"{'need':'text.count','input':'one','max_price':" AIC(
		    "0.2") "}"),
	    201);
	const char *intent = member("intent_id");
	ck_order();
	ck_assert_int_eq(ASK(ann, "negotiation.collect_offers",
			     "{'intent_id':'%s'}", intent),
	    200);
	ck_assert_int_eq(ASK(ann, "negotiation.select_offer",
			     "{'offer_id':'%s'}", member("offer_id")),
	    201);
	const char *contract = member("contract_id");
	REFUSED_AT(409,
	    ASK(ann, "economics.charge", fmt, ann.id, worker_id, contract),
	    "wrong_state", "/contract_id");
	ck_assert_int_eq(ASK(ann, "negotiation.cancel_contract",
			     "{'contract_id':'%s'}", contract),
	    200);
	REFUSED_AT(409,
	    ASK(ann, "economics.charge", fmt, ann.id, worker_id, contract),
	    "wrong_state", "/contract_id");
	REFUSED_AT(403,
	    ASK(ann, "economics.charge", fmt, ann.id, bob.id, contract),
	    "not_party", "/contract_id");
	REFUSED(409, dispute(&ann, contract), "wrong_state");
}
END_TEST

/* Ann and bob sign a contract with a cancel fee of 0.2. */
static const char *
agreed(void)
{
	ck_assert_int_eq(
	    ASK(bob, "discovery.update_capability",
		"{'agent_id':'%s','capability_id':'text.hand','name':"
		"'text.hand','pricing':{'model':'per_call','base_cost':" AIC(
		    "0.3") "}}",
		bob.id),
	    200);
	ck_assert_int_eq(
	    ASK(ann, "negotiation.create_contract",
		"{'provider_id':'%s','capability':'text.hand','terms':{"
		"'pricing':{'model':'per_call','base_cost':" AIC(
		    "0.3") "},'cancel_fee':" AIC("0.2") "}}",
		bob.id),
	    201);
	const char *contract = member("contract_id");
	ck_assert_int_eq(ASK(ann, "negotiation.sign_contract",
			     "{'contract_id':'%s'}", contract),
	    201);
	ck_assert_int_eq(ASK(bob, "negotiation.sign_contract",
			     "{'contract_id':'%s'}", contract),
	    201);
	return contract;
}

START_TEST(a_cancel_fee_counts_in_the_budget)
{
	const char *contract = agreed();
	const char *top = budget(&ann, "0.25", "daily", NULL);

	ck_assert_int_eq(ASK(ann, "negotiation.cancel_contract",
			     "{'contract_id':'%s'}", contract),
	    200);
	ck_budget(&ann, top, "0.200000", "0.000000", "0.050000");
	ck_account(&ann, 800000, 0, 0);
	ck_account(&bob, 1200000, 0, 0);
	contract = agreed();
	REFUSED(402,
	    ASK(ann, "negotiation.cancel_contract", "{'contract_id':'%s'}",
		contract),
	    "budget_exceeded");
	/* Who is to be paid may always let go. */
	ck_assert_int_eq(ASK(bob, "negotiation.cancel_contract",
			     "{'contract_id':'%s'}", contract),
	    200);
	ck_account(&ann, 800000, 0, 0);
}
END_TEST

START_TEST(a_settled_contract_can_be_charged_for)
{
	char worker_id[40];

	buy(true);
	(void)snprintf(
	    worker_id, sizeof worker_id, "%s", id_text(actor_id(worker)).text);
	ck_assert_int_eq(
	    ASK(ann, "economics.charge",
		"{'agent_id':'%s','to_agent_id':'%s','amount':" AIC(
		    "0.1") ",'contract_id':'%s'}",
		ann.id, worker_id, member("contract_id")),
	    201);
	ck_assert_int_eq(workers(), 200000);
}
END_TEST

static TCase *
tcase_of(Suite *suite, const char *name, void (*setup)(void))
{
	TCase *tcase = tcase_create(name);

	tcase_add_checked_fixture(tcase, setup, close_stage);
	tcase_set_timeout(tcase, 120);
	suite_add_tcase(suite, tcase);
	return tcase;
}

int
main(void)
{
	Suite *suite = suite_create("economics");
	TCase *own = tcase_of(suite, "own", open_stage);
	TCase *batch = tcase_of(suite, "batch", batched);
	TCase *deals = tcase_of(suite, "deals", with_worker);
	TCase *later = tcase_of(suite, "later", with_worker_and_batches);

	tcase_add_test(own, reserved_money_is_set_aside_and_given_back);
	tcase_add_test(own, a_reservation_expires_by_its_time_in_a_record);
	tcase_add_test(own, a_reservation_expires_also_after_a_crash);
	tcase_add_test(own,
	    under_a_clock_nobody_accepted_nothing_expires_and_nothing_begins);
	tcase_add_test(
	    own, ten_years_forward_while_running_expire_no_reservation);
	tcase_add_test(
	    own, a_repeat_is_one_reservation_and_another_body_a_conflict);
	tcase_add_test(own, what_cannot_be_reserved_says_why);
	tcase_add_test(own, a_charge_pays_at_once_and_the_payee_pays_the_fee);
	tcase_add_test(own, a_charge_of_a_reservation_releases_what_is_over);
	tcase_add_test(own, a_charge_after_the_reservations_time_is_too_late);
	tcase_add_test(own, reservations_and_budgets_have_their_numbers);
	tcase_add_test(own, what_cannot_be_charged_says_why);
	tcase_add_test(own, the_operator_records_a_payment_between_two);
	tcase_add_test(own, a_budget_counts_what_is_held_and_what_is_paid);
	tcase_add_test(own, many_holds_at_once_never_overdraw_a_budget);
	tcase_add_test(own, a_hold_counts_in_the_day_in_which_it_was_made);
	tcase_add_test(own, months_and_years_begin_anew_on_their_first_day);
	tcase_add_test(own, what_a_branch_spends_counts_in_all_above_it);
	tcase_add_test(own, what_is_no_budget_says_why);
	tcase_add_test(
	    own, refunds_go_back_in_parts_with_the_fees_share_and_never_beyond);
	tcase_add_test(own, a_refund_that_is_asked_twice_is_made_once);
	tcase_add_test(own, what_cannot_be_refunded_says_why);
	tcase_add_test(own, a_refund_in_a_later_period_gives_no_budget_back);
	tcase_add_test(
	    batch, what_is_pending_is_netted_and_can_be_spent_only_then);
	tcase_add_test(batch, a_batch_is_settled_by_time);
	tcase_add_test(batch, more_than_a_batch_holds_is_settled_in_several);
	tcase_add_test(
	    batch, a_pending_payment_is_refunded_before_it_is_settled);
	tcase_add_test(batch, a_batch_has_a_receipt_for_its_parties);
	tcase_add_test(batch, a_list_is_filtered_and_goes_on_at_its_cursor);
	tcase_add_test(batch, a_batch_of_named_ones_takes_no_others);
	tcase_add_test(deals, a_contracts_hold_is_moved_by_its_deal_alone);
	tcase_add_test(
	    deals, a_disputed_payment_is_frozen_until_it_is_released);
	tcase_add_test(deals, a_policy_may_rule_at_once);
	tcase_add_test(deals, a_policy_may_turn_a_dispute_down);
	tcase_add_test(
	    deals, a_policy_without_an_opinion_leaves_it_to_the_operator);
	tcase_add_test(
	    deals, a_policy_that_fails_or_is_wild_leaves_it_to_the_operator);
	tcase_add_test(deals, a_ruling_refunds_a_part_and_releases_the_rest);
	tcase_add_test(
	    deals, a_ruling_refunds_everything_even_what_the_fee_took);
	tcase_add_test(deals, only_what_the_payee_still_has_can_be_frozen);
	tcase_add_test(deals, a_recorded_payment_for_work_gives_no_budget_back);
	tcase_add_test(deals, after_the_window_nothing_can_be_disputed);
	tcase_add_test(deals, a_cancelled_contract_cannot_be_charged_for);
	tcase_add_test(deals, a_cancel_fee_counts_in_the_budget);
	tcase_add_test(deals, a_settled_contract_can_be_charged_for);
	tcase_add_test(later, a_pending_deal_is_frozen_where_it_lies);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
