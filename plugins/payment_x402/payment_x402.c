/* SPDX-License-Identifier: Apache-2.0 */
/*
 * payment_x402.c - payers without an account: x402 version 2, scheme "exact".
 *
 *     number claim   amounts of tokens; what a payer sends
 *     offer          what we ask for and say of a payment, signed
 *     promise        prices that were told and hold for a while
 *     facilitator    the server that verifies and settles
 *     job            a payment as it stands on disk
 *     sale order     somebody who wants something; the deal made for that
 *     settle         what the broker asks of the money
 *     door listing   our paths
 *
 * The plugin does no cryptography of chains and holds no coin.  It deals in the
 * name of one account, the buyer, whose money the operator put there: what a
 * deal takes from it a settlement has brought just before.
 */
#include "door.h"
#include "facilitator.h"
#include "promise.h"
#include "sale.h"
#include "settle.h"
#include "slice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { START_MS = 10, STORE_MS = 50 };

/* --- calls ----------------------------------------------------------- */

static const struct aicx_method *
method_of(struct x402 *x402, const char *name)
{
	size_t n;
	const struct aicx_method *const *list =
	    x402->host->methods(x402->self, &n);

	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i]->name, name) == 0)
			return list[i];
	return NULL;
}

bool
x402_call(struct x402 *x402, const char *method, struct aicx_str params,
    struct aicx_str key, struct aicx_str correlation, aicx_answer_fn *done,
    void *arg, struct aicx_ticket **ret_ticket)
{
	const struct aicx_call call = { .size = sizeof call,
		.method = method_of(x402, method),
		.params = params,
		.credential = text_of(x402->settings->buyer_key),
		.idempotency_key = key,
		.correlation = correlation,
		.secure = 1 };

	struct aicx_ticket *ticket = NULL;

	if (call.method == NULL)
		return false;
	x402->host->call(x402->self, &call, done, arg, &ticket);
	/* Answered already: what the ticket belongs to may be gone. */
	if (ticket != NULL)
		*ret_ticket = ticket;
	return true;
}

/* --- time ------------------------------------------------------------ */

void
x402_wake(struct x402 *x402, int64_t delay_ms)
{
	int64_t at_ms;

	if (delay_ms < 1)
		delay_ms = 1;
	at_ms = x402->host->now_ms(x402->self) + delay_ms;
	if (x402->wake_ms != 0 && x402->wake_ms <= at_ms)
		return;
	x402->wake_ms = at_ms;
	x402->host->timer_set(x402->timer, delay_ms);
}

static void
on_about(const struct aicx_answer *answer, void *arg)
{
	struct x402 *x402 = arg;
	struct aicx_str id = slice_inside(slice_get(answer->body, "key_id"));

	x402->about = NULL;
	if (answer->status < 400 && id.len < sizeof x402->key_id && id.len > 0)
		memcpy(x402->key_id, id.ptr, id.len);
}

void
x402_tick(struct x402 *x402)
{
	if (!jobs_load(x402)) {
		x402_wake(x402, STORE_MS);
		return;
	}
	if (x402->key_id[0] == '\0' && x402->about == NULL)
		(void)x402_call(x402, "session.about", TEXT("{}"),
		    (struct aicx_str) { NULL, 0 },
		    (struct aicx_str) { NULL, 0 }, on_about, x402,
		    &x402->about);
	facilitator_look(x402);
	orders_tick(x402);
}

static void
on_time(void *arg)
{
	struct x402 *x402 = arg;

	x402->wake_ms = 0;
	x402_tick(x402);
}

/* --- the plugin ------------------------------------------------------ */

static int
x402_pays_for(void *state, const struct aicx_id *party)
{
	const struct x402 *x402 = state;

	return memcmp(party, &x402->buyer, sizeof *party) == 0;
}

static const struct aicx_payment_ops x402_ops = {
	.size = sizeof x402_ops,
	.flags = AICX_PAY_BRINGS,
	.authorize = pay_authorize,
	.capture = pay_capture,
	.void_ = pay_void,
	.fund = pay_none,
	.payout = pay_none,
	.status = pay_status,
	.refund = pay_none,
	.pays_for = x402_pays_for,
	.sell = sale_begin,
	.sell_cancel = sale_cancel,
};

static aicx_err
wrong(struct aicx_error *reterr, const char *why)
{
	(void)snprintf(reterr->text, sizeof reterr->text, "%s", why);
	return AICX_EINVAL;
}

static bool
id_parse(const char *text, struct aicx_id *ret_id)
{
	size_t n = 0;
	char again[ID_TEXT];

	for (const char *c = text; *c != '\0' && n < 32; c++) {
		int digit = text_hex(*c);
		if (digit < 0)
			continue;
		uint8_t *byte = &ret_id->bytes[n / 2];
		*byte = (uint8_t)(n % 2 == 0 ? digit << 4 : *byte | digit);
		n++;
	}
	id_print(ret_id, again);
	return n == 32 && strcmp(again, text) == 0;
}

static bool
is_url(const char *url)
{
	size_t len = strlen(url);

	return (strncmp(url, "https://", 8) == 0 ||
		   strncmp(url, "http://", 7) == 0) &&
	    len < 512 && url[len - 1] != '/' && strpbrk(url, "?# ") == NULL;
}

static bool
is_address(const char *text)
{
	return strlen(text) == 42 && text[0] == '0' && text[1] == 'x' &&
	    strspn(text + 2, "0123456789abcdefABCDEF") == 40;
}

static aicx_err
check(struct x402 *x402, struct aicx_error *reterr)
{
	const struct x402_settings *settings = x402->settings;

	if (!is_url(settings->facilitator))
		return wrong(reterr,
		    "facilitator begins with https:// or http://, and ends "
		    "without a slash, query or fragment");
	if (strncmp(settings->network, "eip155:", 7) != 0 ||
	    !digits_are(settings->network + 7))
		return wrong(reterr, "network is not eip155: and a number");
	if (!is_address(settings->asset) || !is_address(settings->pay_to))
		return wrong(reterr,
		    "asset and pay_to are 0x and 40 hexadecimal digits");
	if (!rate_parse(settings->rate, &x402->rate))
		return wrong(reterr, "rate is no number above zero");
	if (x402->host->currency_scale(x402->self, settings->currency) < 0)
		return wrong(reterr, "there is no such currency");
	if (!id_parse(settings->buyer, &x402->buyer))
		return wrong(reterr, "buyer is no agent's id");
	if (settings->path[0] != '/' || settings->path[1] == '\0' ||
	    settings->path[strlen(settings->path) - 1] == '/')
		return wrong(
		    reterr, "path begins with a slash and ends without one");
	return AICX_OK;
}

static void
x402_close(void *state)
{
	struct x402 *x402 = state;
	const struct aicx_host *host = x402->host;

	sales_close(x402);
	promises_free(x402);
	visits_close(x402);
	while (x402->jobs != NULL) {
		if (x402->jobs->fetch != NULL)
			host->http_cancel(x402->jobs->fetch);
		if (x402->jobs->ticket != NULL)
			host->call_cancel(x402->jobs->ticket);
		job_free(x402->jobs);
	}
	if (x402->asking != NULL)
		host->http_cancel(x402->asking);
	if (x402->about != NULL)
		host->call_cancel(x402->about);
	host->timer_free(x402->timer);
	free(x402);
}

static aicx_err
x402_open(const struct aicx_host *host, struct aicx_self *self,
    const void *settings, void **ret_state, struct aicx_error *reterr)
{
	struct x402 *x402 = calloc(1, sizeof *x402);
	aicx_err err;

	if (x402 == NULL)
		return AICX_ENOMEM;
	x402->host = host;
	x402->self = self;
	x402->settings = settings;
	err = check(x402, reterr);
	if (err == AICX_OK)
		err = host->timer_new(self, on_time, x402, &x402->timer);
	if (err == AICX_OK)
		err = host->listen_path(
		    self, x402->settings->path, &door_ops, x402, reterr);
	if (err == AICX_OK && x402->settings->listing)
		err = host->listen_path(
		    self, LISTING_PATH, &listing_ops, x402, reterr);
	if (err != AICX_OK) {
		x402_close(x402);
		return err;
	}
	x402_wake(x402, START_MS);
	*ret_state = x402;
	return AICX_OK;
}

static const struct aicx_option x402_options[] = {
	{ AICX_FIELD(struct x402_settings, facilitator), .type = AICX_OPT_STR,
	    .flags = AICX_OPTF_REQUIRED,
	    .help = "The server that verifies and settles: "
		    "https://facilitator.example." },
	{ AICX_FIELD(struct x402_settings, authorization), .type = AICX_OPT_STR,
	    .flags = AICX_OPTF_SECRET, .fallback = "",
	    .help = "Authorization field sent to the facilitator; empty: "
		    "none." },
	{ AICX_FIELD(struct x402_settings, network), .type = AICX_OPT_STR,
	    .flags = AICX_OPTF_REQUIRED,
	    .help = "CAIP-2 id of the chain: eip155:8453." },
	{ AICX_FIELD(struct x402_settings, asset), .type = AICX_OPT_STR,
	    .flags = AICX_OPTF_REQUIRED, .help = "Address of the token." },
	{ AICX_FIELD(struct x402_settings, token_name), .type = AICX_OPT_STR,
	    .flags = AICX_OPTF_REQUIRED,
	    .help = "The token's name in its EIP-712 domain." },
	{ AICX_FIELD(struct x402_settings, token_version), .type = AICX_OPT_STR,
	    .fallback = "2", .help = "The version in that domain." },
	{ AICX_FIELD(struct x402_settings, decimals), .type = AICX_OPT_INT,
	    .fallback = "6", .min = 0, .max = 18,
	    .help = "Decimals of the token." },
	{ AICX_FIELD(struct x402_settings, pay_to), .type = AICX_OPT_STR,
	    .flags = AICX_OPTF_REQUIRED,
	    .help = "Address that is paid: the operator's." },
	{ AICX_FIELD(struct x402_settings, currency), .type = AICX_OPT_STR,
	    .fallback = "AIC", .help = "Currency of the prices." },
	{ AICX_FIELD(struct x402_settings, rate), .type = AICX_OPT_STR,
	    .fallback = "1",
	    .help = "Tokens for one unit of the currency; amounts are rounded "
		    "up." },
	{ AICX_FIELD(struct x402_settings, buyer), .type = AICX_OPT_STR,
	    .flags = AICX_OPTF_REQUIRED,
	    .help = "Id of the agent that deals for payers." },
	{ AICX_FIELD(struct x402_settings, buyer_key), .type = AICX_OPT_STR,
	    .flags = AICX_OPTF_REQUIRED | AICX_OPTF_SECRET,
	    .help = "API key of that agent." },
	{ AICX_FIELD(struct x402_settings, path), .type = AICX_OPT_STR,
	    .fallback = "/x402",
	    .help = "Capabilities are sold at this path and their name." },
	{ AICX_FIELD(struct x402_settings, listing), .type = AICX_OPT_BOOL,
	    .fallback = "yes",
	    .help = "Serve the list of what is sold at "
		    "/discovery/resources." },
	{ AICX_FIELD(struct x402_settings, price_for), .type = AICX_OPT_MSEC,
	    .fallback = "60s", .min = 10000, .max = 3600000,
	    .help = "How long a price holds that was told, an authorization "
		    "has to hold, and work may take." },
	{ AICX_FIELD(struct x402_settings, timeout), .type = AICX_OPT_MSEC,
	    .fallback = "10s", .min = 100, .max = 60000,
	    .help = "How long the facilitator may take to answer." },
	{ AICX_FIELD(struct x402_settings, pending_wait), .type = AICX_OPT_MSEC,
	    .fallback = "15s", .min = 100, .max = 600000,
	    .help = "How long a payer waits while it is not known whether its "
		    "payment was settled." },
	{ AICX_FIELD(struct x402_settings, max_parallel_settle),
	    .type = AICX_OPT_INT, .fallback = "4", .min = 1, .max = 64,
	    .help = "Settlements under way at once." },
	{ AICX_FIELD(struct x402_settings, max_open), .type = AICX_OPT_INT,
	    .fallback = "256", .min = 1, .max = 4096,
	    .help = "Payments under way at once." },
	{ AICX_FIELD(struct x402_settings, max_offers), .type = AICX_OPT_INT,
	    .fallback = "1024", .min = 1, .max = 65536,
	    .help = "Prices that are remembered while they hold." },
	{ AICX_FIELD(struct x402_settings, keep), .type = AICX_OPT_INT,
	    .fallback = "100000", .min = 16, .max = 100000000,
	    .help = "Answers kept for repeats with the same "
		    "payment-identifier." },
	{ AICX_FIELD(struct x402_settings, allow), .type = AICX_OPT_STR,
	    .fallback = "",
	    .help = "Hosts or addresses that may be private or loopback." },
	{ AICX_FIELD(struct x402_settings, ca_file), .type = AICX_OPT_PATH,
	    .help = "Authorities in PEM; absent: the system's." },
	{ .name = NULL },
};

const struct aicx_plugin aicx_plugin = {
	AICX_PLUGIN_HEAD(AICX_PAYMENT),
	.name = "x402",
	.version = "0.1.0",
	.license = "Apache-2.0",
	.summary = "payers without an account: x402 over HTTP, MCP and A2A",
	.options = x402_options,
	.settings_size = sizeof(struct x402_settings),
	.ops.payment = &x402_ops,
	.open = x402_open,
	.close = x402_close,
};
