/* SPDX-License-Identifier: Apache-2.0 */
/* x402.h - what the files of this plugin share. */
#ifndef PAYMENT_X402_X402_H
#define PAYMENT_X402_X402_H

#include "claim.h"
#include "number.h"
#include "text.h"

#include <aiconexus/payment.h>
#include <aiconexus/plugin.h>

enum { ID_TEXT = 37, KEY_TEXT = 400 };

struct x402_settings {
	const char *path, *facilitator, *authorization, *allow, *ca_file;
	const char *network, *asset, *pay_to, *token_name, *token_version;
	const char *currency, *rate, *buyer, *buyer_key;
	int64_t decimals, price_for, timeout, pending_wait;
	int64_t max_open, max_parallel_settle, max_offers, keep;
	uint8_t listing;
};

enum supported { SUPPORT_UNKNOWN, SUPPORT_YES, SUPPORT_NO };

struct job;
struct promise;
struct sale;
struct visit;

struct x402 {
	const struct aicx_host *host;
	struct aicx_self *self;
	const struct x402_settings *settings;
	struct rate rate;
	struct aicx_id buyer;
	struct aicx_timer *timer;
	int64_t wake_ms; /* host's now_ms when it fires; 0: it is not set */
	enum supported supported;
	int64_t supported_ms; /* host's now_ms: asked again from then on */
	struct aicx_fetch *asking; /* GET /supported */
	char key_id[128]; /* of the broker's key; "": not known yet */
	struct aicx_ticket *about;
	struct job *jobs; /* payments that are not at their end */
	int64_t n_jobs, n_settling;
	bool loaded; /* what was open at the last end is in `jobs` */
	struct sale *sales; /* that are not answered */
	struct promise *promises; /* prices that were told and hold */
	int64_t n_promises;
	struct visit *visits; /* requests at our own paths */
};

/* A wire method as the buyer's account; false: there is no such method. */
bool x402_call(struct x402 *x402, const char *method, struct aicx_str params,
    struct aicx_str key, struct aicx_str correlation, aicx_answer_fn *done,
    void *arg, struct aicx_ticket **ret_ticket);
/* What is due: open payments are taken up, the facilitator is asked. */
void x402_tick(struct x402 *x402);
void x402_wake(struct x402 *x402, int64_t delay_ms);

#endif
