/* SPDX-License-Identifier: Apache-2.0 */
/* bank.c - a bank that answers late, not at all or wrongly, and its client. */
#include "broker/testdata/bank.h"

#include "base/id.h"
#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct bank bank;
struct stage stage;
char buyer_key[64];
struct aicx_id buyer, payment_id;
struct buf body;

const struct entry *
bank_did(const struct aicx_id *id, uint32_t op)
{
	for (size_t i = 0; i < bank.n_did; i++)
		if (id_eq(&bank.did[i].id, id) && bank.did[i].op == op)
			return &bank.did[i];
	return NULL;
}

void
bank_do(const struct aicx_pay *pay)
{
	if (bank_did(&pay->id, pay->op) != NULL)
		return;
	ck_assert_uint_lt(bank.n_did, 64);
	bank.did[bank.n_did++] =
	    (struct entry) { pay->id, pay->op, pay->amount.minor };
}

void
bank_says(aicx_pay_fn *done, void *arg, uint32_t state,
    const struct aicx_pay *pay, int64_t more, const char *word)
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
		bank_says(done, arg, AICX_PAY_DONE, pay, 0, "");
		break;
	case SAY_REFUSED:
		bank_says(done, arg, AICX_PAY_REFUSED, pay, 0, "card_declined");
		break;
	case SILENT_DONE:
	case SILENT_NOT:
		bank_says(done, arg, AICX_PAY_UNKNOWN, pay, 0, "");
		break;
	case SAY_NOTHING_YET:
		bank.held = done;
		bank.held_arg = arg;
		bank.held_pay = *pay;
		break;
	case SAY_LIE_AMOUNT:
		bank_says(done, arg, AICX_PAY_DONE, pay, 1, "");
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
		bank_says(done, arg, AICX_PAY_UNKNOWN, pay, 0, "");
	else if (bank_did(&pay->id, pay->op) != NULL)
		bank_says(done, arg, AICX_PAY_DONE, pay, 0, "");
	else
		bank_says(
		    done, arg, AICX_PAY_REFUSED, pay, 0, AICX_PAY_UNHEARD);
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

void
bank_will(enum answer first, enum answer second)
{
	bank.next[0] = first;
	bank.next[1] = second;
	bank.n_next = 2;
	bank.at = 0;
}

size_t
bank_count(uint32_t op)
{
	size_t n = 0;

	for (size_t i = 0; i < bank.n_did; i++)
		n += bank.did[i].op == op;
	return n;
}

/* --- the scene --------------------------------------------------------- */

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

int
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

int
move(const char *method, const char *amount, const char *key)
{
	return as_operator(method, key,
	    "{\"agent_id\":\"%s\",\"amount\":{\"amount\":\"%s\","
	    "\"currency\":\"AIC\"},\"reference\":\"r\"}",
	    id_text(&buyer).text, amount);
}

void
open_bank(void)
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

void
close_bank(void)
{
	stage_close(&stage);
	buf_fini(&body);
}

const struct account *
account(const struct aicx_id *id)
{
	return ledger_account(stage.broker->state.ledger, id, "AIC");
}

const struct payment *
row(void)
{
	return state_payment(&stage.broker->state, &payment_id);
}

void
expect_row(enum payment_op op, enum payment_state state)
{
	ck_assert_ptr_nonnull(row());
	ck_assert_str_eq(payment_op_names[row()->op], payment_op_names[op]);
	ck_assert_str_eq(
	    payment_state_names[row()->state], payment_state_names[state]);
}
