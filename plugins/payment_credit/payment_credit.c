/* SPDX-License-Identifier: Apache-2.0 */
/*
 * payment_credit.c - credit inside the broker: no money moves but the ledger's.
 *
 * It remembers no ids.  The ledger books each hold and each transfer once by
 * its id and is the only record; this plugin says yes or no from what the
 * ledger gave it, moves nothing outside, and so a call that is repeated has
 * nothing to do twice.  For the same reason every call completes at once and
 * none is ever unknown.
 */
#include <aiconexus/payment.h>
#include <aiconexus/plugin.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct credit_settings {
	struct aicx_money overdraft;
	struct aicx_money max_fund;
};

struct credit {
	const struct aicx_host *host;
	struct aicx_self *self;
	const struct credit_settings *settings;
};

static const struct aicx_option credit_options[] = {
	{
	    AICX_FIELD(struct credit_settings, overdraft),
	    .type = AICX_OPT_MONEY,
	    .help = "How far below zero an account may promise; absent: not.",
	},
	{
	    AICX_FIELD(struct credit_settings, max_fund),
	    .type = AICX_OPT_MONEY,
	    .help = "The most one funding may bring in; absent or 0: no limit.",
	},
	{ .name = NULL },
};

enum { SCALE_MAX = 9 }; /* of host->currency_scale() */

struct text {
	char chars[64];
};

/* "-0.50 AIC"; without a known scale the minor units. */
static struct text
show(const struct credit *credit, int64_t minor, const char *currency)
{
	struct text out;
	aicx_err scale = credit->host->currency_scale(credit->self, currency);
	uint64_t size = minor < 0 ? -(uint64_t)minor : (uint64_t)minor;
	uint64_t one = 1;

	for (int i = 0; i < scale && i < SCALE_MAX; i++)
		one *= 10;
	if (scale <= 0 || scale > SCALE_MAX)
		(void)snprintf(out.chars, sizeof out.chars, "%" PRId64 " %.7s",
		    minor, currency);
	else
		(void)snprintf(out.chars, sizeof out.chars,
		    "%s%" PRIu64 ".%0*" PRIu64 " %.7s", minor < 0 ? "-" : "",
		    size / one, (int)scale, size % one, currency);
	return out;
}

static int
same_currency(const struct aicx_money *a, const struct aicx_money *b)
{
	return strncmp(a->currency, b->currency, sizeof a->currency) == 0;
}

static void
finish(const struct aicx_pay *pay, aicx_pay_fn *done, void *arg)
{
	struct aicx_pay_result result = {
		.size = sizeof result,
		.state = AICX_PAY_DONE,
		.amount = pay->amount,
	};

	done(&result, arg);
}

static struct aicx_pay_result
refusal(const struct aicx_pay *pay, aicx_err code, const char *word)
{
	struct aicx_pay_result result = {
		.size = sizeof result,
		.state = AICX_PAY_REFUSED,
		.amount = pay->amount,
		.error.code = code,
	};

	(void)snprintf(result.error.word, sizeof result.error.word, "%s", word);
	return result;
}

/* An overdraft counts in its own currency only. */
static int64_t
limit_minor(const struct credit *credit, const struct aicx_pay *pay)
{
	const struct aicx_money *overdraft = &credit->settings->overdraft;
	int64_t limit;

	if (!same_currency(overdraft, &pay->amount))
		return pay->available_minor;
	if (__builtin_add_overflow(
		pay->available_minor, overdraft->minor, &limit))
		return INT64_MAX;
	return limit;
}

static void
refuse_negative(const struct aicx_pay *pay, aicx_pay_fn *done, void *arg)
{
	struct aicx_pay_result result =
	    refusal(pay, AICX_EINVAL, "invalid_amount");

	(void)snprintf(result.error.text, sizeof result.error.text,
	    "cannot pay an amount below zero");
	done(&result, arg);
}

static void
credit_authorize(
    void *state, const struct aicx_pay *pay, aicx_pay_fn *done, void *arg)
{
	const struct credit *credit = state;
	const char *currency = pay->amount.currency;
	int64_t limit = limit_minor(credit, pay);
	struct aicx_pay_result result;

	if (pay->amount.minor < 0) {
		refuse_negative(pay, done, arg);
		return;
	}
	if (pay->amount.minor <= limit) {
		finish(pay, done, arg);
		return;
	}
	result = refusal(pay, AICX_ELIMIT, "insufficient_funds");
	(void)snprintf(result.error.text, sizeof result.error.text,
	    "cannot promise %s: only %s is free",
	    show(credit, pay->amount.minor, currency).chars,
	    show(credit, limit, currency).chars);
	done(&result, arg);
}

static void
credit_done(
    void *state, const struct aicx_pay *pay, aicx_pay_fn *done, void *arg)
{
	(void)state;
	if (pay->amount.minor < 0)
		refuse_negative(pay, done, arg);
	else
		finish(pay, done, arg);
}

/* A limit in one currency bounds no other, so others are refused. */
static void
credit_fund(
    void *state, const struct aicx_pay *pay, aicx_pay_fn *done, void *arg)
{
	const struct credit *credit = state;
	const struct aicx_money *max = &credit->settings->max_fund;
	struct aicx_pay_result result;

	if (max->minor == 0 ||
	    (same_currency(max, &pay->amount) &&
		pay->amount.minor <= max->minor)) {
		credit_done(state, pay, done, arg);
		return;
	}
	result = refusal(pay, AICX_ELIMIT, "invalid_amount");
	(void)snprintf(result.error.text, sizeof result.error.text,
	    "cannot fund %s: at most %s at a time",
	    show(credit, pay->amount.minor, pay->amount.currency).chars,
	    show(credit, max->minor, max->currency).chars);
	done(&result, arg);
}

static aicx_err
credit_open(const struct aicx_host *host, struct aicx_self *self,
    const void *settings, void **ret_state, struct aicx_error *reterr)
{
	struct credit *credit = calloc(1, sizeof *credit);

	(void)reterr;
	if (credit == NULL)
		return AICX_ENOMEM;
	credit->host = host;
	credit->self = self;
	credit->settings = settings;
	*ret_state = credit;
	return AICX_OK;
}

static void
credit_close(void *state)
{
	free(state);
}

static const struct aicx_payment_ops credit_ops = {
	.size = sizeof credit_ops,
	.flags = AICX_PAY_INTERNAL,
	.authorize = credit_authorize,
	.capture = credit_done,
	.void_ = credit_done,
	.fund = credit_fund,
	.payout = credit_done,
	.status = credit_done,
	.refund = credit_done,
};

const struct aicx_plugin aicx_plugin = {
	AICX_PLUGIN_HEAD(AICX_PAYMENT),
	.name = "credit",
	.version = "1.0.0",
	.license = "Apache-2.0",
	.summary = "credit inside the broker, booked by its ledger alone",
	.options = credit_options,
	.settings_size = sizeof(struct credit_settings),
	.ops.payment = &credit_ops,
	.open = credit_open,
	.close = credit_close,
};
