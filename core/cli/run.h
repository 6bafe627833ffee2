/* SPDX-License-Identifier: Apache-2.0 */
/* run.h - the verbs that are more than one method: each gives its status. */
#ifndef CLI_RUN_H
#define CLI_RUN_H

#include "base/buf.h"
#include "base/json.h"
#include "cli/invocation.h"
#include "cli/vault.h"
#include "cli/verify.h"

/* run_route.c: the verb's method with its arguments as they are. */
int run_route(struct invocation *inv);
/* Prints a result as -o says. */
void run_print_result(const struct invocation *inv, struct aicx_str result);

int run_sell(struct invocation *inv); /* run_sell.c */

int run_buy(struct invocation *inv); /* run_buy.c */
int run_execution_run(struct invocation *inv);

/* run_deal.c */
int run_deal_export(struct invocation *inv);
/* Fetches a deal's file and writes it. */
aicx_err run_save_deal(struct invocation *inv, struct aicx_str deal_id,
    const char *path, struct aicx_error *reterr);

/* run_agent.c */
int run_agent_keygen(struct invocation *inv);
int run_agent_register(struct invocation *inv);

/* run_rights.c */
int run_credential_new(struct invocation *inv);
int run_credential_rotate(struct invocation *inv);
int run_permission(struct invocation *inv);

/* run_sign.c: with a private key the object is signed here, without one by the
   broker if it keeps the key. */
int run_mandate_new(struct invocation *inv);
int run_permission_delegate(struct invocation *inv);
int run_offer_make(struct invocation *inv);
int run_contract_sign(struct invocation *inv);
/* A mandate's text, signed: for this need and nothing else. */
struct mandate_wish {
	const char *need;
	const char *max_each; /* "0.01 AIC" */
	const char *choose; /* or NULL */
	int64_t valid_ms;
	const char *key; /* the same key: the same text, that does not expire */
};
aicx_err run_put_deal_mandate(struct invocation *inv, struct json_writer *w,
    const struct aicx_id *broker_id, const struct mandate_wish *wish,
    struct aicx_error *reterr);

int run_certificate_new(struct invocation *inv); /* run_certificate.c */
int run_certificate_self(struct invocation *inv);

int run_message(struct invocation *inv); /* run_message.c */

int run_health(struct invocation *inv); /* run_health.c */
int run_metrics(struct invocation *inv);

int run_verify(struct invocation *inv); /* run_verify.c */
/* The report of a verification, as -o says. */
void run_print_report(
    const struct invocation *inv, struct aicx_str report, enum verdict verdict);

/* run_ledger.c */
int run_ledger_fetch(struct invocation *inv); /* a receipt, a proof */
/* The data folder that --data, -c and --plugins name, and the checkpoint of
   --checkpoint, if one is named. */
struct vault_place ledger_place(const struct invocation *inv);
aicx_err ledger_kept_read(
    const struct invocation *inv, struct buf *ret, struct aicx_error *reterr);
int run_ledger_checkpoint(struct invocation *inv);
int run_ledger_clock(struct invocation *inv);
int run_ledger_audit(struct invocation *inv);
int run_ledger_export(struct invocation *inv);
int run_audit_export(struct invocation *inv); /* run_audit.c */
int run_audit_archive(struct invocation *inv);
int run_ledger_recover(struct invocation *inv); /* run_recover.c */

#endif
