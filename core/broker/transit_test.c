/* SPDX-License-Identifier: Apache-2.0 */
/*
 * transit_test.c - money outside the ledger, by a bank that answers late, not
 * at all, or wrongly, under a broker that dies meanwhile.
 *
 * After every event stage_check() holds the books' invariants; at the end each
 * test compares them with the bank's own.
 */
#include "base/id.h"
#include "base/str.h"
#include "broker/testdata/stage.h"
#include "broker/transit.h"

#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum answer { /* of the bank, and whether it did it */
	SAY_DONE,
	SAY_REFUSED,
	SILENT_DONE,
	SILENT_NOT, /* it never arrived */
	SAY_NOTHING_YET, /* the test answers */
	SAY_LIE_AMOUNT
};

struct entry { /* what the bank did, once for each id and operation */
	struct aicx_id id;
	uint32_t op;
	int64_t minor;
};

static struct {
	enum answer next[8]; /* for the next orders; then SAY_DONE */
	size_t n_next, at;
	bool status_silent;
	struct entry did[64];
	size_t n_did;
	int n_orders, n_status;
	aicx_pay_fn *held;
	void *held_arg;
	struct aicx_pay held_pay;
} bank;

static struct stage stage;
static char buyer_key[64];
static struct aicx_id buyer, payment_id;
static struct actor *seller;
static struct buf body;

/* --- the bank -------------------------------------------------------- */

static const struct entry *
bank_did(const struct aicx_id *id, uint32_t op)
{
	for (size_t i = 0; i < bank.n_did; i++)
		if (id_eq(&bank.did[i].id, id) && bank.did[i].op == op)
			return &bank.did[i];
	return NULL;
}

static void
bank_do(const struct aicx_pay *pay)
{
	if (bank_did(&pay->id, pay->op) != NULL)
		return;
	ck_assert_uint_lt(bank.n_did, 64);
	bank.did[bank.n_did++] =
	    (struct entry) { pay->id, pay->op, pay->amount.minor };
}

static void
say(aicx_pay_fn *done, void *arg, uint32_t state, const struct aicx_pay *pay,
    int64_t more, const char *word)
{
	struct aicx_pay_result result = {
		.size = sizeof result, .state = state, .amount = pay->amount
	};

	result.amount.minor += more;
	(void)snprintf(result.error.word, sizeof result.error.word, "%s", word);
	(void)snprintf(
	    result.error.text, sizeof result.error.text, "the bank says so");
	done(&result, arg);
}

static void
bank_order(
    void *state, const struct aicx_pay *pay, aicx_pay_fn *done, void *arg)
{
	enum answer answer =
	    bank.at < bank.n_next ? bank.next[bank.at++] : SAY_DONE;

	(void)state;
	payment_id = pay->id;
	bank.n_orders++;
	if (answer != SAY_REFUSED && answer != SILENT_NOT)
		bank_do(pay);
	switch (answer) {
	case SAY_DONE:
		say(done, arg, AICX_PAY_DONE, pay, 0, "");
		break;
	case SAY_REFUSED:
		say(done, arg, AICX_PAY_REFUSED, pay, 0, "card_declined");
		break;
	case SILENT_DONE:
	case SILENT_NOT:
		say(done, arg, AICX_PAY_UNKNOWN, pay, 0, "");
		break;
	case SAY_NOTHING_YET:
		bank.held = done;
		bank.held_arg = arg;
		bank.held_pay = *pay;
		break;
	case SAY_LIE_AMOUNT:
		say(done, arg, AICX_PAY_DONE, pay, 1, "");
		break;
	}
}

static void
bank_status(
    void *state, const struct aicx_pay *pay, aicx_pay_fn *done, void *arg)
{
	(void)state;
	bank.n_status++;
	if (bank.status_silent)
		say(done, arg, AICX_PAY_UNKNOWN, pay, 0, "");
	else if (bank_did(&pay->id, pay->op) != NULL)
		say(done, arg, AICX_PAY_DONE, pay, 0, "");
	else
		say(done, arg, AICX_PAY_REFUSED, pay, 0, AICX_PAY_UNHEARD);
}

static const struct aicx_payment_ops bank_ops = {
	.size = sizeof bank_ops,
	.authorize = bank_order,
	.capture = bank_order,
	.void_ = bank_order,
	.fund = bank_order,
	.payout = bank_order,
	.status = bank_status,
	.refund = bank_order,
};

static void
bank_will(enum answer first, enum answer second)
{
	bank.next[0] = first;
	bank.next[1] = second;
	bank.n_next = 2;
	bank.at = 0;
}

static size_t
bank_n(uint32_t op)
{
	size_t n = 0;

	for (size_t i = 0; i < bank.n_did; i++)
		n += bank.did[i].op == op;
	return n;
}

/* --- the scene ------------------------------------------------------- */

static void
field(const char *name, char *ret, size_t size)
{
	char pattern[64];
	(void)snprintf(pattern, sizeof pattern, "\"%s\":\"", name);
	const char *at = strstr(buf_cstr(&body), pattern);

	ck_assert_msg(at != NULL, "no %s in %s", name, buf_cstr(&body));
	at += strlen(pattern);
	(void)snprintf(ret, size, "%.*s", (int)strcspn(at, "\""), at);
}

static int
as_operator(const char *method, const char *key, const char *format, ...)
{
	struct buf params = { 0 };
	char text[512];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format, args);
	va_end(args);
	buf_text(&params, text);
	int status = stage_call(
	    &stage, stage.operator_key, method, buf_cstr(&params), key, &body);
	buf_fini(&params);
	return status;
}

static int
move(const char *method, const char *amount, const char *key)
{
	return as_operator(method, key,
	    "{\"agent_id\":\"%s\",\"amount\":{\"amount\":\"%s\","
	    "\"currency\":\"AIC\"},\"reference\":\"r\"}",
	    id_text(&buyer).text, amount);
}

static void
setup(void)
{
	char id[40];

	memset(&bank, 0, sizeof bank);
	stage_open(&stage);
	stage_bank(&stage, &bank_ops, NULL);
	ck_assert_int_eq(
	    as_operator("discovery.register", NULL, "{\"name\":\"buyer\"}"),
	    201);
	field("agent_id", id, sizeof id);
	ck_assert(id_parse(str_of(id), &buyer));
	ck_assert_int_eq(as_operator("security.generate_credentials", NULL,
			     "{\"agent_id\":\"%s\"}", id),
	    201);
	field("api_key", buyer_key, sizeof buyer_key);
}

static void
teardown(void)
{
	stage_close(&stage);
	buf_fini(&body);
}

static const struct account *
account(const struct aicx_id *id)
{
	return ledger_account(stage.broker->state.ledger, id, "AIC");
}

static const struct payment *
row(void)
{
	return state_payment(&stage.broker->state, &payment_id);
}

static void
expect_row(enum payment_op op, enum payment_state state)
{
	ck_assert_ptr_nonnull(row());
	ck_assert_str_eq(payment_op_names[row()->op], payment_op_names[op]);
	ck_assert_str_eq(
	    payment_state_names[row()->state], payment_state_names[state]);
}

/* --- money in and out ------------------------------------------------ */

START_TEST(money_in_is_booked_when_the_bank_has_it)
{
	ck_assert_int_eq(move("economics.fund", "1", "k1"), 201);
	ck_assert_int_eq(account(&buyer)->available_minor, 1000000);
	expect_row(PAYMENT_FUND, PAYMENT_DONE);
	/* The same request again is the same payment. */
	ck_assert_int_eq(move("economics.fund", "1", "k1"), 201);
	ck_assert_int_eq(move("economics.fund", "2", "k1"), 409);
	ck_assert_int_eq(bank.n_orders, 1);
	ck_assert_int_eq(account(&buyer)->available_minor, 1000000);
}
END_TEST

START_TEST(money_that_is_refused_is_not_booked)
{
	bank_will(SAY_REFUSED, SAY_DONE);
	ck_assert_int_eq(move("economics.fund", "1", "k1"), 403);
	ck_assert_ptr_nonnull(strstr(buf_cstr(&body), "the bank says so"));
	expect_row(PAYMENT_FUND, PAYMENT_REFUSED);
	ck_assert_int_eq(move("economics.fund", "1", "k1"), 403); /* stored */
	ck_assert_int_eq(bank.n_orders, 1);
	ck_assert_int_eq(account(&buyer)->available_minor, 0);
	ck_assert_int_eq(move("economics.fund", "1", "k2"), 201);
	ck_assert_int_eq(account(&buyer)->available_minor, 1000000);
}
END_TEST

START_TEST(an_answer_that_is_lost_is_asked_for_and_booked_once)
{
	bank_will(SILENT_DONE, SAY_DONE);
	ck_assert_int_eq(move("economics.fund", "1", "k1"), 0); /* it waits */
	ck_assert_int_eq(account(&buyer)->available_minor, 0);
	ck_assert_int_eq(
	    as_operator("economics.list_payments", NULL, "{}"), 200);
	ck_assert_ptr_nonnull(strstr(buf_cstr(&body), "\"pending\":1"));
	ck_assert_ptr_nonnull(strstr(buf_cstr(&body), "\"op\":\"fund\""));
	stage_pass(&stage, 1000);
	expect_row(PAYMENT_FUND, PAYMENT_DONE);
	ck_assert_int_eq(bank.n_orders, 1);
	ck_assert_int_eq(bank.n_status, 1);
	ck_assert_int_eq(account(&buyer)->available_minor, 1000000);
	ck_assert_int_eq(move("economics.fund", "1", "k1"), 201);
	ck_assert_int_eq(account(&buyer)->available_minor, 1000000);
	ck_assert_int_eq(
	    as_operator("economics.list_payments", NULL, "{}"), 200);
	ck_assert_ptr_nonnull(strstr(buf_cstr(&body), "\"pending\":0"));
}
END_TEST

START_TEST(an_order_that_never_arrived_is_given_again_with_its_id)
{
	bank_will(SILENT_NOT, SILENT_NOT);
	ck_assert_int_eq(move("economics.fund", "1", "k1"), 0);
	struct aicx_id first = payment_id;
	stage_pass(&stage, 20000);
	ck_assert_int_eq(bank.n_orders, 3);
	ck_assert(id_eq(&first, &payment_id));
	ck_assert_uint_eq(bank.n_did, 1);
	ck_assert_int_eq(account(&buyer)->available_minor, 1000000);
}
END_TEST

START_TEST(a_request_is_told_to_ask_again_when_it_takes_long)
{
	bank.status_silent = true;
	bank_will(SILENT_DONE, SAY_DONE);
	ck_assert_int_eq(move("economics.fund", "1", "k1"), 0);
	stage_pass(&stage, 60000);
	ck_assert_int_ge(bank.n_status, 5); /* 1, 2, 4, 8, 8, ... seconds */
	ck_assert_int_le(bank.n_status, 10);
	ck_assert_int_eq(account(&buyer)->available_minor, 0);
	expect_row(PAYMENT_FUND, PAYMENT_ASKED);
	ck_assert_int_eq(move("economics.fund", "1", "k1"), 0); /* waits too */
	bank.status_silent = false;
	stage_pass(&stage, 10000);
	ck_assert_int_eq(move("economics.fund", "1", "k1"), 201);
	ck_assert_int_eq(bank.n_orders, 1);
	ck_assert_int_eq(account(&buyer)->available_minor, 1000000);
}
END_TEST

START_TEST(a_broker_that_died_books_what_the_bank_did_once)
{
	static const enum answer answers[] = { SILENT_DONE, SILENT_NOT,
		SAY_NOTHING_YET };

	for (size_t i = 0; i < 3; i++) {
		char key[8];
		(void)snprintf(key, sizeof key, "k%zu", i);
		bank_will(answers[i], SAY_DONE);
		ck_assert_int_eq(move("economics.fund", "1", key), 0);
		stage_crash(&stage);
		stage_pass(&stage, 10000);
		expect_row(PAYMENT_FUND, PAYMENT_DONE);
		ck_assert_int_eq(account(&buyer)->available_minor,
		    (int64_t)(i + 1) * 1000000);
		ck_assert_int_eq(move("economics.fund", "1", key), 201);
		stage_crash(&stage);
		ck_assert_int_eq(account(&buyer)->available_minor,
		    (int64_t)(i + 1) * 1000000);
	}
	ck_assert_uint_eq(bank_n(AICX_PAY_FUND), 3);
}
END_TEST

START_TEST(what_is_being_paid_out_cannot_be_spent_meanwhile)
{
	ck_assert_int_eq(move("economics.fund", "1", NULL), 201);
	bank_will(SILENT_DONE, SAY_DONE);
	ck_assert_int_eq(move("economics.withdraw", "0.7", "k1"), 0);
	ck_assert_int_eq(account(&buyer)->available_minor, 300000);
	ck_assert_int_eq(account(&buyer)->pending_minor, 700000);
	ck_assert_int_eq(move("economics.withdraw", "0.4", "k2"), 402);
	stage_crash(&stage);
	stage_pass(&stage, 5000);
	ck_assert_int_eq(account(&buyer)->available_minor, 300000);
	ck_assert_int_eq(account(&buyer)->pending_minor, 0);
	ck_assert_int_eq(account(&ledger_funding)->available_minor, -300000);
	bank_will(SAY_REFUSED, SAY_DONE);
	ck_assert_int_eq(move("economics.withdraw", "0.3", "k3"), 403);
	ck_assert_int_eq(account(&buyer)->available_minor, 300000);
	ck_assert_int_eq(account(&buyer)->pending_minor, 0);
	ck_assert_int_eq(move("economics.withdraw", "0.3", "k4"), 201);
	ck_assert_int_eq(account(&ledger_funding)->available_minor, 0);
}
END_TEST

START_TEST(a_plugin_that_forgets_to_answer_is_asked_again)
{
	bank_will(SAY_NOTHING_YET, SAY_DONE);
	ck_assert_int_eq(move("economics.fund", "1", "k1"), 0);
	stage_pass(&stage, 119000);
	ck_assert_int_eq(bank.n_status, 0);
	stage_pass(&stage, 3000);
	ck_assert_int_eq(bank.n_status, 1);
	ck_assert_int_eq(account(&buyer)->available_minor, 1000000);
	/* It remembers much later, and nobody cares. */
	say(bank.held, bank.held_arg, AICX_PAY_DONE, &bank.held_pay, 0, "");
	stage_run(&stage);
	ck_assert_int_eq(account(&buyer)->available_minor, 1000000);
}
END_TEST

START_TEST(an_answer_about_another_amount_is_none)
{
	bank_will(SAY_LIE_AMOUNT, SAY_DONE);
	ck_assert_int_eq(move("economics.fund", "1", "k1"), 0);
	ck_assert_int_eq(account(&buyer)->available_minor, 0);
	expect_row(PAYMENT_FUND, PAYMENT_ASKED);
	stage_pass(&stage, 1000); /* its status is right */
	ck_assert_int_eq(account(&buyer)->available_minor, 1000000);
}
END_TEST

/* --- deals ----------------------------------------------------------- */

static const char wish[] =
    "{\"need\":\"text.count\",\"input\":\"one two\","
    "\"max_price\":{\"amount\":\"0.01\",\"currency\":\"AIC\"}}";

static int
buy(const char *key)
{
	return stage_call(&stage, buyer_key, "deal.buy", wish, key, &body);
}

static void
setup_deal(void)
{
	setup();
	ck_assert_int_eq(move("economics.fund", "1", NULL), 201);
	ck_assert_int_eq(
	    stage_call(&stage, buyer_key, "negotiation.grant_mandate",
		"{\"mandate\":{\"need\":[\"text.count\"],"
		"\"max_each\":{\"amount\":\"0.01\",\"currency\":"
		"\"AIC\"},\"max_total\":{\"amount\":\"0.05\","
		"\"currency\":\"AIC\"},\"max_deals\":5}}",
		NULL, &body),
	    201);
	seller = actor_new(&stage, "seller");
	actor_open(seller);
	actor_sells(seller, "text.count", "0.003");
}

static struct envelope
expect(enum msg_type type)
{
	struct envelope env;

	while (actor_next(seller, &env))
		if (env.type == type)
			return env;
	ck_abort_msg("no %s came", msg_type_name(type));
	abort();
}

static void
offer(void)
{
	struct envelope asked = expect(MSG_QUERY);

	actor_offers(seller, &asked, "0.002", NULL);
	stage_pass(&stage, 0);
}

static void
work(void)
{
	struct envelope order = expect(MSG_EXECUTE);
	struct buf text = { 0 };
	const char *at = strstr(order.payload.ptr, "\"execution_id\":\"");

	buf_printf(&text, "{%.*s,\"output\":{\"words\":2}}", 53, at);
	(void)actor_send(seller, MSG_RESULT, &order.id, buf_cstr(&text));
	buf_fini(&text);
}

static void
expect_settled(void)
{
	ck_assert_int_eq(account(&buyer)->available_minor, 998000);
	ck_assert_int_eq(account(&buyer)->reserved_minor, 0);
	ck_assert_int_eq(account(actor_id(seller))->available_minor, 2000);
	ck_assert_uint_eq(bank_n(AICX_PAY_CAPTURE), 1);
	ck_assert_uint_eq(bank_n(AICX_PAY_VOID), 0);
	ck_assert_int_eq(bank.did[bank.n_did - 1].minor, 2000);
	expect_row(PAYMENT_CAPTURE, PAYMENT_DONE);
	ck_assert_int_eq(buy("deal"), 200);
	ck_assert_ptr_nonnull(strstr(buf_cstr(&body), "\"words\":2"));
}

START_TEST(a_deal_is_authorized_then_captured)
{
	ck_assert_int_eq(buy("deal"), 0);
	offer();
	expect_row(PAYMENT_AUTHORIZE, PAYMENT_DONE);
	ck_assert_int_eq(account(&buyer)->reserved_minor, 2000);
	work();
	expect_settled();
}
END_TEST

START_TEST(a_lost_answer_to_either_only_delays_the_deal)
{
	ck_assert_int_eq(buy("deal"), 0);
	bank_will(SILENT_DONE, SILENT_DONE);
	offer();
	expect_row(PAYMENT_AUTHORIZE, PAYMENT_ASKED);
	ck_assert_int_eq(account(&buyer)->reserved_minor, 0);
	stage_pass(&stage, 1000);
	ck_assert_int_eq(account(&buyer)->reserved_minor, 2000);
	work();
	expect_row(PAYMENT_CAPTURE, PAYMENT_ASKED);
	ck_assert_int_eq(account(&buyer)->reserved_minor, 2000);
	stage_pass(&stage, 1000);
	expect_settled();
}
END_TEST

START_TEST(a_capture_nobody_knows_of_keeps_the_hold)
{
	ck_assert_int_eq(buy("deal"), 0);
	offer();
	bank_will(SILENT_DONE, SAY_DONE);
	bank.status_silent = true;
	work();
	stage_pass(&stage, 100000); /* beyond the deal's deadline */
	ck_assert_int_eq(account(&buyer)->reserved_minor, 2000);
	stage_crash(&stage);
	stage_pass(&stage, 100000);
	ck_assert_int_eq(account(&buyer)->reserved_minor, 2000);
	bank.status_silent = false;
	stage_pass(&stage, 10000);
	expect_settled();
}
END_TEST

START_TEST(a_capture_is_settled_from_its_record_after_a_restart)
{
	ck_assert_int_eq(buy("deal"), 0);
	offer();
	bank_will(SAY_NOTHING_YET, SAY_DONE);
	work();
	stage_crash(&stage);
	stage_pass(&stage, 5000);
	expect_settled();
	stage_crash(&stage);
	expect_settled();
}
END_TEST

START_TEST(a_capture_that_is_refused_fails_the_deal_and_is_voided)
{
	ck_assert_int_eq(buy("deal"), 0);
	offer();
	bank_will(SAY_REFUSED, SILENT_DONE);
	work();
	ck_assert_int_eq(account(&buyer)->available_minor, 1000000);
	expect_row(PAYMENT_VOID, PAYMENT_ASKED);
	stage_pass(&stage, 2000);
	expect_row(PAYMENT_VOID, PAYMENT_DONE);
	ck_assert_uint_eq(bank_n(AICX_PAY_CAPTURE), 0);
	ck_assert_int_eq(buy("deal"), 503);
}
END_TEST

START_TEST(an_authorization_whose_deal_died_is_voided)
{
	ck_assert_int_eq(buy("deal"), 0);
	bank_will(SAY_NOTHING_YET, SAY_DONE);
	offer();
	struct aicx_id first = payment_id;
	stage_crash(&stage);
	expect_row(PAYMENT_VOID, PAYMENT_DONE);
	ck_assert(bank_did(&first, AICX_PAY_VOID) != NULL);
	stage_pass(&stage, 120000);
	ck_assert_int_eq(account(&buyer)->available_minor, 1000000);
}
END_TEST

START_TEST(an_authorization_nobody_knows_of_in_time_ends_the_deal)
{
	ck_assert_int_eq(buy("deal"), 0);
	bank_will(SILENT_DONE, SAY_DONE);
	bank.status_silent = true;
	offer();
	stage_pass(&stage, 61000);
	ck_assert_int_eq(buy("deal"), 402);
	expect_row(PAYMENT_VOID, PAYMENT_DONE);
	ck_assert_int_eq(account(&buyer)->available_minor, 1000000);
}
END_TEST

START_TEST(a_deal_that_times_out_gives_its_authorization_back)
{
	ck_assert_int_eq(buy("deal"), 0);
	offer();
	stage_pass(&stage, 120000);
	expect_row(PAYMENT_VOID, PAYMENT_DONE);
	ck_assert_int_eq(account(&buyer)->available_minor, 1000000);
	ck_assert_uint_eq(bank_n(AICX_PAY_CAPTURE), 0);
}
END_TEST

/* --- events ---------------------------------------------------------- */

static struct aicx_error told;

static void
on_told(const struct aicx_error *error, void *arg)
{
	told = *error;
	(*(int *)arg)++;
}

static aicx_err
tell(const char *id, uint32_t happened, int64_t minor, const char *currency)
{
	struct module_ports ports = broker_module_ports(stage.broker);
	int n = 0;
	struct aicx_pay_event event = {
		.size = sizeof event,
		.happened = happened,
		.id = str_of(id),
		.payment_id = payment_id,
		.amount.minor = minor,
	};

	(void)snprintf(event.amount.currency, sizeof event.amount.currency,
	    "%s", currency);
	told = (struct aicx_error) { 0 };
	ports.pay_event(ports.arg, "bank", &event, on_told, &n);
	stage_run(&stage);
	ck_assert_int_eq(n, 1);
	return told.code;
}

START_TEST(an_event_makes_the_broker_ask_at_once)
{
	bank_will(SILENT_DONE, SAY_DONE);
	bank.status_silent = true;
	ck_assert_int_eq(move("economics.fund", "1", "k1"), 0);
	stage_pass(&stage, 60000);
	bank.status_silent = false;
	ck_assert_int_eq(tell("e1", AICX_PAY_FAILED, 0, ""), AICX_OK);
	stage_pass(&stage, 0); /* status() has the last word, not the event */
	expect_row(PAYMENT_FUND, PAYMENT_DONE);
	ck_assert_int_eq(account(&buyer)->available_minor, 1000000);
	ck_assert_int_eq(tell("e2", AICX_PAY_SETTLED, 0, ""), AICX_OK);
	ck_assert_int_eq(tell("e2", AICX_PAY_SETTLED, 0, ""), AICX_OK);
	ck_assert_int_eq(tell("e3", AICX_PAY_FAILED, 0, ""), AICX_ESTATE);
	stage_pass(&stage, 10000);
	ck_assert_int_eq(account(&buyer)->available_minor, 1000000);
}
END_TEST

START_TEST(money_that_was_refused_and_came_late_is_booked_once)
{
	bank_will(SAY_REFUSED, SAY_DONE);
	ck_assert_int_eq(move("economics.fund", "1", "k1"), 403);
	struct aicx_pay pay = { .id = payment_id,
		.op = AICX_PAY_FUND,
		.amount = { 1000000, "AIC" } };
	bank_do(&pay);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(tell("e1", AICX_PAY_SETTLED, 0, ""), AICX_OK);
		stage_pass(&stage, 5000);
		ck_assert_int_eq(account(&buyer)->available_minor, 1000000);
		stage_crash(&stage);
	}
	ck_assert_int_eq(bank.n_orders, 1);
	ck_assert_int_eq(move("economics.fund", "1", "k1"), 403); /* stored */
}
END_TEST

START_TEST(a_chargeback_is_booked_once_and_never_below_zero)
{
	ck_assert_int_eq(move("economics.fund", "1", NULL), 201);
	struct aicx_id funded = payment_id;
	ck_assert_int_eq(
	    tell("c1", AICX_PAY_CHARGEBACK, 300000, "AIC"), AICX_OK);
	ck_assert_int_eq(
	    tell("c1", AICX_PAY_CHARGEBACK, 300000, "AIC"), AICX_OK);
	ck_assert_int_eq(account(&buyer)->available_minor, 700000);
	ck_assert_int_eq(
	    tell("c1", AICX_PAY_CHARGEBACK, 300001, "AIC"), AICX_EEXIST);
	stage_crash(&stage);
	ck_assert_int_eq(
	    tell("c1", AICX_PAY_CHARGEBACK, 300000, "AIC"), AICX_OK);
	ck_assert_int_eq(account(&buyer)->available_minor, 700000);
	ck_assert_int_eq(move("economics.withdraw", "0.5", NULL), 201);
	payment_id = funded;
	ck_assert_int_eq(
	    tell("c2", AICX_PAY_CHARGEBACK, 700001, "AIC"), AICX_EINVAL);
	ck_assert_int_eq(
	    tell("c2", AICX_PAY_CHARGEBACK, 700000, "JPY"), AICX_EINVAL);
	ck_assert_int_eq(
	    tell("c2", AICX_PAY_CHARGEBACK, 700000, "AIC"), AICX_OK);
	ck_assert_int_eq(account(&buyer)->available_minor, 0);
	ck_assert_int_eq(account(&ledger_losses)->available_minor, -500000);
	ck_assert_int_eq(account(&ledger_funding)->available_minor, 500000);
	ck_assert_int_eq(row()->lost_minor, 500000);
	ck_assert_int_eq(
	    tell("c3", AICX_PAY_CHARGEBACK, 1, "AIC"), AICX_EINVAL);
}
END_TEST

START_TEST(an_event_of_nothing_we_know_is_refused)
{
	static const char too_long[130] = { [0] = 'x', [1 ... 128] = 'x' };

	ck_assert_int_eq(move("economics.fund", "1", NULL), 201);
	struct aicx_id funded = payment_id;
	payment_id = (struct aicx_id) { { 9 } };
	ck_assert_int_eq(tell("e1", AICX_PAY_SETTLED, 0, ""), AICX_ENOTFOUND);
	ck_assert_str_eq(told.word, "not_found");
	payment_id = funded;
	ck_assert_int_eq(tell("", AICX_PAY_SETTLED, 0, ""), AICX_EINVAL);
	ck_assert_int_eq(tell(too_long, AICX_PAY_SETTLED, 0, ""), AICX_EINVAL);
	ck_assert_int_eq(tell("\xff", AICX_PAY_SETTLED, 0, ""), AICX_EINVAL);
	ck_assert_int_eq(tell("e1", 0, 0, ""), AICX_EINVAL);
	ck_assert_int_eq(tell("e1", 4, 0, ""), AICX_EINVAL);
	ck_assert_int_eq(account(&buyer)->available_minor, 1000000);
	/* A chargeback that overtook its payment is to come again. */
	bank_will(SILENT_DONE, SAY_DONE);
	bank.status_silent = true;
	ck_assert_int_eq(move("economics.fund", "1", "k"), 0);
	ck_assert_int_eq(
	    tell("c1", AICX_PAY_CHARGEBACK, 1, "AIC"), AICX_EAGAIN);
	bank.status_silent = false;
	stage_pass(&stage, 1000);
	ck_assert_int_eq(tell("c1", AICX_PAY_CHARGEBACK, 1, "AIC"), AICX_OK);
	ck_assert_int_eq(account(&buyer)->available_minor, 1999999);
}
END_TEST

START_TEST(only_those_who_see_everything_list_what_is_pending)
{
	bank_will(SILENT_DONE, SAY_DONE);
	ck_assert_int_eq(move("economics.fund", "1", "k"), 0);
	ck_assert_int_eq(stage_call(&stage, buyer_key,
			     "economics.list_payments", "{}", NULL, &body),
	    403);
	ck_assert_int_eq(
	    as_operator("economics.get_payment", NULL,
		"{\"payment_id\":\"%s\"}", id_text(&payment_id).text),
	    200);
	ck_assert_ptr_nonnull(strstr(buf_cstr(&body), "\"state\":\"asked\""));
	ck_assert_int_eq(as_operator("economics.get_payment", NULL,
			     "{\"payment_id\":\"%s\"}", id_text(&buyer).text),
	    404);
	stage_pass(&stage, 2000);
}
END_TEST

int
main(void)
{
	TCase *accounts = tcase_create("accounts");
	TCase *deals = tcase_create("deals"), *events = tcase_create("events");
	Suite *suite = suite_create("payments");

	tcase_add_checked_fixture(accounts, setup, teardown);
	tcase_add_test(accounts, money_in_is_booked_when_the_bank_has_it);
	tcase_add_test(accounts, money_that_is_refused_is_not_booked);
	tcase_add_test(
	    accounts, an_answer_that_is_lost_is_asked_for_and_booked_once);
	tcase_add_test(
	    accounts, an_order_that_never_arrived_is_given_again_with_its_id);
	tcase_add_test(
	    accounts, a_request_is_told_to_ask_again_when_it_takes_long);
	tcase_add_test(
	    accounts, a_broker_that_died_books_what_the_bank_did_once);
	tcase_add_test(
	    accounts, what_is_being_paid_out_cannot_be_spent_meanwhile);
	tcase_add_test(
	    accounts, a_plugin_that_forgets_to_answer_is_asked_again);
	tcase_add_test(accounts, an_answer_about_another_amount_is_none);
	tcase_add_checked_fixture(deals, setup_deal, teardown);
	tcase_add_test(deals, a_deal_is_authorized_then_captured);
	tcase_add_test(deals, a_lost_answer_to_either_only_delays_the_deal);
	tcase_add_test(deals, a_capture_nobody_knows_of_keeps_the_hold);
	tcase_add_test(
	    deals, a_capture_is_settled_from_its_record_after_a_restart);
	tcase_add_test(
	    deals, a_capture_that_is_refused_fails_the_deal_and_is_voided);
	tcase_add_test(deals, an_authorization_whose_deal_died_is_voided);
	tcase_add_test(
	    deals, an_authorization_nobody_knows_of_in_time_ends_the_deal);
	tcase_add_test(
	    deals, a_deal_that_times_out_gives_its_authorization_back);
	tcase_add_checked_fixture(events, setup, teardown);
	tcase_add_test(events, an_event_makes_the_broker_ask_at_once);
	tcase_add_test(
	    events, money_that_was_refused_and_came_late_is_booked_once);
	tcase_add_test(
	    events, a_chargeback_is_booked_once_and_never_below_zero);
	tcase_add_test(events, an_event_of_nothing_we_know_is_refused);
	tcase_add_test(
	    events, only_those_who_see_everything_list_what_is_pending);
	suite_add_tcase(suite, accounts);
	suite_add_tcase(suite, deals);
	suite_add_tcase(suite, events);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed != 0;
}
