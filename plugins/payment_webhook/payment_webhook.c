/* SPDX-License-Identifier: Apache-2.0 */
/*
 * payment_webhook.c - money moved by the operator's payment provider, over
 * signed HTTP; the provider's own news come back to a path of ours.
 *
 * The plugin remembers nothing: which payments are under way is in the broker's
 * records, and what became of them the provider knows by their ids.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "webhook.h"

enum { SECRET_BYTES_MIN = 16 };

static const struct aicx_option webhook_options[] = {
	{
	    AICX_FIELD(struct webhook_settings, url),
	    .type = AICX_OPT_STR,
	    .flags = AICX_OPTF_REQUIRED,
	    .help = "Where the provider answers: https://pay.example/v1.",
	},
	{
	    AICX_FIELD(struct webhook_settings, secret),
	    .type = AICX_OPT_STR,
	    .flags = AICX_OPTF_REQUIRED | AICX_OPTF_SECRET,
	    .help = "Signs requests and webhooks; at least 16 bytes.",
	},
	{
	    AICX_FIELD(struct webhook_settings, path),
	    .type = AICX_OPT_STR,
	    .fallback = "/hooks/payments",
	    .help = "Path at which the provider's webhooks come in.",
	},
	{
	    AICX_FIELD(struct webhook_settings, timeout),
	    .type = AICX_OPT_MSEC,
	    .fallback = "10s",
	    .min = 10,
	    .max = 60000,
	    .help = "How long an answer may take before it is unknown.",
	},
	{
	    AICX_FIELD(struct webhook_settings, window),
	    .type = AICX_OPT_MSEC,
	    .fallback = "5m",
	    .min = 1000,
	    .max = 86400000,
	    .help = "How far a webhook's timestamp may be from our time.",
	},
	{
	    AICX_FIELD(struct webhook_settings, allow),
	    .type = AICX_OPT_STR,
	    .help = "Hosts or addresses that may be private or loopback.",
	},
	{
	    AICX_FIELD(struct webhook_settings, ca_file),
	    .type = AICX_OPT_PATH,
	    .help = "Authorities in PEM; absent: the system's.",
	},
	{ .name = NULL },
};

bool
webhook_sign(const struct webhook *webhook, const char *timestamp,
    const char *method, struct aicx_str target, struct aicx_str body,
    char ret_text[MAC_TEXT])
{
	const char *secret = webhook->settings->secret;
	size_t n_bytes =
	    strlen(timestamp) + strlen(method) + target.len + body.len + 3;
	char *message = malloc(n_bytes + 1);
	uint8_t mac[32];

	if (message == NULL)
		return false;
	int len = snprintf(message, n_bytes + 1, "%s\n%s\n%.*s\n", timestamp,
	    method, (int)target.len, target.ptr);
	if (body.len > 0)
		memcpy(message + len, body.ptr, body.len);
	webhook->host->hmac_sha256(webhook->self,
	    (struct aicx_str) { secret, strlen(secret) },
	    (struct aicx_str) { message, (size_t)len + body.len }, mac);
	free(message);
	mac_print(mac, ret_text);
	return true;
}

static aicx_err
refuse(struct aicx_error *reterr, const char *why)
{
	(void)snprintf(reterr->text, sizeof reterr->text, "%s", why);
	return AICX_EINVAL;
}

/* "/v1" of "https://pay.example/v1"; NULL: no such URL. */
static const char *
target_of(const char *url)
{
	const char *host = strncmp(url, "https://", 8) == 0 ? url + 8
	    : strncmp(url, "http://", 7) == 0               ? url + 7
							    : NULL;

	if (host == NULL || *host == '\0' || strpbrk(url, "?# ") != NULL ||
	    url[strlen(url) - 1] == '/')
		return NULL;
	const char *path = strchr(host, '/');
	return path != NULL ? path : "";
}

static void
webhook_close(void *state)
{
	struct webhook *webhook = state;

	orders_close(webhook);
	notices_close(webhook);
	free(webhook);
}

static aicx_err
webhook_open(const struct aicx_host *host, struct aicx_self *self,
    const void *settings_, void **ret_state, struct aicx_error *reterr)
{
	const struct webhook_settings *settings = settings_;
	const char *target = target_of(settings->url);

	if (target == NULL)
		return refuse(reterr,
		    "url begins with https:// or http://, and ends without a "
		    "slash, query or fragment");
	if (strlen(settings->secret) < SECRET_BYTES_MIN)
		return refuse(reterr, "secret is shorter than 16 bytes");
	struct webhook *webhook = calloc(1, sizeof *webhook);
	if (webhook == NULL)
		return AICX_ENOMEM;
	webhook->host = host;
	webhook->self = self;
	webhook->settings = settings;
	webhook->target = target;
	aicx_err err = host->listen_path(
	    self, settings->path, &notice_ops, webhook, reterr);
	if (err != AICX_OK) {
		free(webhook);
		return err;
	}
	*ret_state = webhook;
	return AICX_OK;
}

static void
webhook_order(
    void *state, const struct aicx_pay *pay, aicx_pay_fn *done, void *arg)
{
	order_send(state, pay, done, arg);
}

static void
webhook_status(
    void *state, const struct aicx_pay *pay, aicx_pay_fn *done, void *arg)
{
	order_status(state, pay, done, arg);
}

static const struct aicx_payment_ops webhook_ops = {
	.size = sizeof webhook_ops,
	.authorize = webhook_order,
	.capture = webhook_order,
	.void_ = webhook_order,
	.fund = webhook_order,
	.payout = webhook_order,
	.status = webhook_status,
	.refund = webhook_order,
};

const struct aicx_plugin aicx_plugin = {
	AICX_PLUGIN_HEAD(AICX_PAYMENT),
	.name = "webhook",
	.version = "1.0.0",
	.license = "Apache-2.0",
	.summary = "payments by the operator's provider, over signed HTTP",
	.options = webhook_options,
	.settings_size = sizeof(struct webhook_settings),
	.ops.payment = &webhook_ops,
	.open = webhook_open,
	.close = webhook_close,
};
