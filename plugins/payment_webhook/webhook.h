/* SPDX-License-Identifier: Apache-2.0 */
/* webhook.h - what the files of this plugin share. */
#ifndef PAYMENT_WEBHOOK_WEBHOOK_H
#define PAYMENT_WEBHOOK_WEBHOOK_H

#include <aiconexus/payment.h>
#include <aiconexus/plugin.h>
#include <stdbool.h>

#include "notation.h"

struct webhook_settings {
	const char *url, *secret, *path, *allow, *ca_file;
	int64_t timeout, window;
};

struct order;
struct notice;

struct webhook {
	const struct aicx_host *host;
	struct aicx_self *self;
	const struct webhook_settings *settings;
	const char *target; /* path of the URL, without a slash at its end */
	struct order *orders; /* that are not answered */
	struct notice *notices; /* that are being recorded */
};

/* HMAC of "<timestamp>\n<method>\n<target>\n<body>" as hexadecimal digits;
   false: there is no memory for it. */
bool webhook_sign(const struct webhook *webhook, const char *timestamp,
    const char *method, struct aicx_str target, struct aicx_str body,
    char ret_text[MAC_TEXT]);

/* order.c: what we ask of the provider; done is called once, unless closed. */
extern const char *const op_names[]; /* by enum aicx_pay_op */
void order_send(struct webhook *webhook, const struct aicx_pay *pay,
    aicx_pay_fn *done, void *arg);
void order_status(struct webhook *webhook, const struct aicx_pay *pay,
    aicx_pay_fn *done, void *arg);
void orders_close(struct webhook *webhook);

/* notice.c: what the provider tells. */
extern const struct aicx_path_ops notice_ops;
void notices_close(struct webhook *webhook);

#endif
