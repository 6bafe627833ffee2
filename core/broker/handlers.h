/* SPDX-License-Identifier: Apache-2.0 */
/*
 * handlers.h - one function for each row of the route table, and their
 * parameter tables.  A handler checks, fills a step or reads, and answers.
 */
#ifndef BROKER_HANDLERS_H
#define BROKER_HANDLERS_H

#include "broker/inside.h"

/* Every parameter struct begins with it: payload.method comes along. */
#define PARAMS struct aicx_str method
#define PARAMS_METHOD(struct_)                                                 \
	FIELD(struct_, method, "method", FIELD_STR, .max = 64,                 \
	    .help = "The method's name, in envelopes.")

typedef aicx_err handler_fn(
    struct call *call, const void *params, struct aicx_error *reterr);

#define HANDLER(name)                                                          \
	extern const struct field name##_params[];                             \
	extern const size_t name##_params_size;                                \
	handler_fn on_##name
#define PARAMS_SIZE(name, type)                                                \
	const size_t name##_params_size = sizeof(struct type)

HANDLER(deal_buy);
HANDLER(deal_get);
HANDLER(deal_list);
HANDLER(deal_cancel);
HANDLER(deal_export);
HANDLER(deal_watch);
HANDLER(register);
HANDLER(unregister);
HANDLER(update_capability);
HANDLER(heartbeat);
HANDLER(search);
HANDLER(get_agent);
HANDLER(get_capability);
HANDLER(list_capabilities);
HANDLER(broadcast_intent);
HANDLER(collect_offers);
HANDLER(offer);
HANDLER(select_offer);
HANDLER(create_contract);
HANDLER(sign_contract);
HANDLER(get_contract);
HANDLER(list_contracts);
HANDLER(cancel_contract);
HANDLER(grant_mandate);
HANDLER(revoke_mandate);
HANDLER(grant_standing_offer);
HANDLER(execute);
HANDLER(result);
HANDLER(progress);
HANDLER(answer);
HANDLER(get_execution);
HANDLER(list_executions);
HANDLER(fund);
HANDLER(withdraw);
HANDLER(list_payments);
HANDLER(get_payment);
HANDLER(create_budget);
HANDLER(get_budget);
HANDLER(check_balance);
HANDLER(reserve_funds);
HANDLER(release_reservation);
HANDLER(charge);
HANDLER(record_transaction);
HANDLER(settle_transaction);
HANDLER(batch_settle);
HANDLER(refund);
HANDLER(dispute);
HANDLER(resolve_dispute);
HANDLER(get_transaction);
HANDLER(list_transactions);
HANDLER(audit_balance);
HANDLER(get_receipt);
HANDLER(get_checkpoint);
HANDLER(get_consistency);
HANDLER(accept_clock);
HANDLER(backup);
HANDLER(rotate_master_key);
HANDLER(get_audit_trail);
HANDLER(log_event);
HANDLER(export_audit);
HANDLER(generate_credentials);
HANDLER(revoke_credentials);
HANDLER(verify_credentials);
HANDLER(rotate_credentials);
HANDLER(delegate);
HANDLER(check_permission);
HANDLER(grant_permission);
HANDLER(revoke_permission);
HANDLER(list_permissions);
HANDLER(mailbox);
HANDLER(message);
HANDLER(healthz);
HANDLER(readyz);
HANDLER(metrics);
HANDLER(well_known);

/* A RESULT for an EXECUTE that is not waited for any more. */
aicx_err execution_late_answer(struct broker *broker,
    const struct envelope *env, struct aicx_error *reterr);
/* A reply under way: open the object, add members, reply_send(). */
struct reply {
	struct call *call;
	struct buf buf;
	struct json_writer w;
};
void reply_begin(struct reply *reply, struct call *call);
void reply_send(struct reply *reply, int status);
/* Answers with what is in step->answer, an object opened by step_reply(). */
struct json_writer step_reply(struct step *step);

/* "not_found" with the noun in it, never telling whether it exists for
   others. */
aicx_err not_found(
    const char *noun, const struct aicx_id *id, struct aicx_error *reterr);
/* Both parties, the operator and the auditor see a deal. */
bool may_see(const struct call *call, const struct deal *deal);
/* The deal, when the caller may see it, all of it recorded; or NULL.  Rows of
   the deal that were looked up before may be replaced. */
const struct deal *deal_shown(
    const struct call *call, const struct aicx_id *deal_id);
/* The caller acts for this agent: itself, its owner, or the operator. */
aicx_err must_act_for(const struct call *call, const struct aicx_id *agent_id,
    struct aicx_error *reterr);
/* ... or may read all. */
aicx_err must_see_agent(const struct call *call, const struct aicx_id *agent_id,
    struct aicx_error *reterr);

/* LOOKS: rows that one page may look at to find what is asked for. */
enum { LIST_LIMIT = 50, LIST_LIMIT_MAX = 500, LIST_LOOKS_MAX = 1000 };

#endif
