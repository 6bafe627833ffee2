/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_payment.c - what a payment provider answers and what it tells, for
 * payment_webhook.
 *
 * Whatever it is: each order ends once, and is done only by an answer that
 * names the payment; what is signed is answered once.
 */
/* fuzz: -Itests/lib tests/lib/fake_host.c -ldl -ljansson */
/* fuzz: plugins/payment_webhook/notice.c plugins/payment_webhook/order.c */
/* fuzz: plugins/payment_webhook/payment_webhook.c */
/* fuzz: plugins/payment_webhook/notation.c */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif
#include <aiconexus/plugin.h>
#include <stdlib.h>
#include <string.h>

#include "fake_host.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static aicx_http_done_fn *done;
static void *done_arg;
static const struct aicx_path_ops *ops;
static void *ops_arg;
static uint32_t state_said;
static int n_said;

static aicx_err
ask(struct aicx_self *self, const struct aicx_http_ask *wish,
    aicx_http_done_fn *fn, void *arg, struct aicx_fetch **ret_fetch,
    struct aicx_error *reterr)
{
	(void)self, (void)wish, (void)reterr;
	done = fn;
	done_arg = arg;
	*ret_fetch = NULL;
	return AICX_OK;
}

static aicx_err
listen_path(struct aicx_self *self, const char *prefix,
    const struct aicx_path_ops *path_ops, void *arg, struct aicx_error *reterr)
{
	(void)self, (void)prefix, (void)reterr;
	ops = path_ops;
	ops_arg = arg;
	return AICX_OK;
}

static void
no_mac(struct aicx_self *self, struct aicx_str key, struct aicx_str message,
    uint8_t ret_mac[32])
{
	(void)self, (void)key, (void)message;
	memset(ret_mac, 0, 32);
}

static void
take(struct aicx_self *self, const struct aicx_pay_event *event,
    aicx_pay_event_fn *fn, void *arg)
{
	const struct aicx_error good = { .code = AICX_OK };

	(void)self;
	if (event->happened < AICX_PAY_SETTLED ||
	    event->happened > AICX_PAY_CHARGEBACK || event->amount.minor < 0)
		abort();
	fn(&good, arg);
}

static void
on_said(const struct aicx_pay_result *result, void *arg)
{
	(void)arg;
	n_said++;
	state_said = result->state;
}

static void
answer(const struct aicx_payment_ops *pay_ops, void *state, bool is_status,
    struct aicx_str body)
{
	static const struct aicx_pay pay = { .size = sizeof pay,
		.op = AICX_PAY_FUND,
		.id = { { 0x01, 0x8f, [15] = 0xab } },
		.amount = { 1500000, "AIC" } };
	struct aicx_http_outcome outcome = { .size = sizeof outcome,
		.status = is_status ? 404 : 200,
		.body = body };

	n_said = 0;
	(is_status ? pay_ops->status : pay_ops->fund)(
	    state, &pay, on_said, NULL);
	done(&outcome, done_arg);
	if (n_said != 1 || (is_status && state_said == AICX_PAY_DONE))
		abort();
	if (state_said == AICX_PAY_DONE &&
	    memmem(body.ptr, body.len, "\"id\"", 4) == NULL &&
	    memchr(body.ptr, '\\', body.len) == NULL)
		abort();
}

static void
tell(struct fake *fake, struct aicx_str body)
{
	static const char zeros[] = "v1=00000000000000000000000000000000"
				    "00000000000000000000000000000000";
	const struct aicx_header headers[] = {
		{ { "AIConexus-Timestamp", 19 }, { "1700001000", 10 } },
		{ { "AIConexus-Signature", 19 }, { zeros, 67 } },
	};
	struct aicx_http_request request = { .size = sizeof request,
		.method = { "POST", 4 },
		.path = { "/hooks/payments", 15 },
		.body = body,
		.headers = headers,
		.n_headers = 2 };
	struct aicx_exchange exchange = { .fake = fake };

	ops->request(ops_arg, &exchange, &request);
	if (fake->n_responses != 1 || fake->response.status == 401)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct aicx_plugin *plugin = &aicx_plugin;
	struct fake *fake = fake_new();
	void *settings = calloc(1, plugin->settings_size + 1), *state;
	struct aicx_str body = { (const char *)data, size };

	fake->table.http_request = ask;
	fake->table.listen_path = listen_path;
	fake->table.hmac_sha256 = no_mac;
	fake->table.pay_event = take;
	fake_set(settings, plugin, "url", 0, "https://a");
	fake_set(settings, plugin, "secret", 0, "0123456789abcdef");
	fake_set(settings, plugin, "path", 0, "/hooks/payments");
	fake_set(settings, plugin, "window", 300000, NULL);
	if (plugin->open(&fake->table, fake_self(fake), settings, &state,
		NULL) != AICX_OK)
		abort();
	answer(plugin->ops.payment, state, false, body);
	answer(plugin->ops.payment, state, true, body);
	tell(fake, body);
	plugin->close(state);
	free(settings);
	fake_free(fake);
	return 0;
}
