/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow.h - what is under way for a deal that is not final: who was invited, who
 * waits for the end, and when something is due.
 *
 * A flow holds nothing that must survive: after a restart it is made anew from
 * the deal's rows.
 */
#ifndef BROKER_FLOW_H
#define BROKER_FLOW_H

#include "broker/inside.h"
#include "economics/bill.h"

enum { INVITED_MAX = 64 };

struct flow {
	struct broker *broker;
	struct aicx_id deal_id;
	struct list waiters; /* calls answered when the deal ends */
	char correlation[64]; /* of the newest request, for the log */
	char trace[TRACE_CHARS + 1]; /* its traceparent; "": none */
	struct aicx_id invited[INVITED_MAX];
	bool answered[INVITED_MAX];
	size_t n_invited, n_answered;
	struct aicx_id bad[INVITED_MAX]; /* offers with a false signature */
	size_t n_bad;
	int64_t due_ms; /* broker time; 0: nothing is due */
	/* It stands among the broker's dues at the first time, and perhaps at
	   the other, too; 0: it does not. */
	int64_t queued_ms, queued_later_ms;
	int64_t until_ms; /* offers are awaited no longer */
	bool announced; /* to who listens: it is not known who answers */
	bool busy; /* a job or a payment is under way */
	bool dead; /* ended while busy: freed when the job returns */
	/* Its work costs nothing and its start is in no record; flow_late.c. */
	bool unrecorded;
	struct aicx_id ordered_by;
	/* Of a contract that is executed again and again; in mem. */
	struct aicx_id read_id; /* which contract; nil: none */
	struct terms terms; /* complete */
	struct aicx_str contract_part; /* as EXECUTE carries it */
	struct arena mem;
};

/* Never NULL for a deal that is not final. */
struct flow *flow_need(struct broker *broker, const struct aicx_id *deal_id);
/* The log names the request that it is about. */
void flow_asked(struct flow *flow, const struct call *call);
struct flow *flow_find(struct broker *broker, const struct aicx_id *deal_id);
void flow_free(struct flow *flow);
void flow_end(struct flow *flow); /* the last of it, when it is not busy */
/* The contract's terms, complete; strings live in mem, or in the flow. */
aicx_err flow_terms(struct flow *flow, const struct contract *contract,
    struct arena *mem, struct terms *ret_terms, struct aicx_error *reterr);
/* The member "contract" of an EXECUTE, printed, as far as the flow keeps it;
   or an absent text. */
struct aicx_str flow_contract_part(
    const struct flow *flow, const struct contract *contract);
void flow_due(struct flow *flow, int64_t at_ms);
void flow_watch(struct flow *flow); /* the same for ordered work */
/* The call is answered when the deal ends, or its present execution. */
void flow_wait(struct flow *flow, struct call *call);

/* Invites sellers and makes offers from standing ones; after the intent's
   record, or at a restart. */
void flow_invite(struct flow *flow);
/* After a restart: who has not offered yet gets until until_ms to do so, also
   those who are still to come back. */
void flow_invite_again(struct flow *flow, int64_t until_ms);
/* A provider answered its invitation, with an offer or not. */
void flow_answered(struct broker *broker, const struct aicx_id *deal_id,
    const struct aicx_id *provider_id);
bool flow_all_answered(const struct flow *flow, int64_t now_ms);
/* All answered, or the first offer is in of an intent that wants no other. */
bool flow_has_enough(const struct flow *flow);
/* Enough offers are in: choose, verify, sign, hold, order. */
void flow_choose(struct flow *flow);

/* Orders work under a signed contract: hold and EXECUTE in one record.  The
   call, if any, waits for the result. */
aicx_err flow_execute(struct flow *flow, struct call *call,
    const struct contract *contract, const struct aicx_id *execution_id,
    struct aicx_str input, int64_t deadline_ms, struct aicx_error *reterr);
/* The same for work that costs nothing: without a hold, and recorded when it
   ends or when somebody looks. */
bool flow_is_late(
    struct flow *flow, struct call *call, const struct contract *contract);
aicx_err flow_execute_late(struct flow *flow, struct call *call,
    const struct contract *contract, const struct aicx_id *execution_id,
    struct aicx_str input, int64_t deadline_ms, struct aicx_error *reterr);
/* Into the step that ends such work, before the rows of its end; last: the
   contract's state is among those. */
void flow_put_start(struct flow *flow, struct step *step, bool last);
/* In a record of its own, when it has none yet: before anybody is shown the
   deal, and before it goes on other than to its end.  Rows of the deal are
   replaced. */
void flow_record_start(struct broker *broker, const struct aicx_id *deal_id);
/* The attempt that was to be made again. */
void flow_retry(struct flow *flow);

/* A provider's answer to EXECUTE. */
aicx_err execution_answer(struct broker *broker,
    const struct aicx_id *execution_id, const struct aicx_id *provider_id,
    struct aicx_str payload, bool failed, struct aicx_error *reterr);
/* Ends a deal without a result; what is held goes back. */
void flow_fail(struct flow *flow, const struct aicx_error *error, bool timeout);
/* Ends a deal before any work: cancel or expire. */
aicx_err flow_close(struct flow *flow, enum deal_event event,
    enum deal_party who, const struct aicx_id *actor, struct call *call,
    struct aicx_error *reterr);
/* Answers everybody who waits. */
void flow_answer(struct flow *flow, int status, struct aicx_str body);
/* The work asks back.  Somebody who waits answers questions, or nobody waits;
   otherwise it would be asked in vain. */
bool flow_takes_questions(const struct flow *flow);
/* They are told by a 202: what is asked, of which work. */
void flow_ask(struct flow *flow, const struct aicx_id *execution_id);
void flow_ask_again(struct flow *flow); /* who joined, if it still asks */

/* Common parts of steps that order and end work. */
struct hold_plan {
	struct hold hold;
	struct mandate_use use;
	struct budget_line budgets; /* with what is held counted */
	bool has_use;
};

/* What holding `amount` for a contract changes; refuses what limits forbid. */
aicx_err hold_plan(struct broker *broker, const struct aicx_id *agent_id,
    const struct aicx_id *hold_id, const struct aicx_id *contract_id,
    const struct mandate *mandate, const struct mandate_text *mandate_text,
    struct aicx_str need, const struct aicx_money *amount, int64_t expires_ms,
    struct hold_plan *ret_plan, struct aicx_error *reterr);
/* The same for an agent's own reservation: `wish` says whose, how much, until
   when and, if any, of which budget. */
aicx_err reservation_plan(struct broker *broker, const struct hold *wish,
    struct hold_plan *ret_plan, struct aicx_error *reterr);
void hold_plan_put(struct step *step, const struct hold_plan *plan);
/* Puts what resolving it changes, and its transfers. */
void hold_end(struct step *step, const struct hold *hold, enum hold_state state,
    const struct bill *bill, const struct aicx_id *transaction_id,
    const struct aicx_id *payee_id, const struct aicx_id *execution_id);

void flow_tick(struct broker *broker, int64_t now_ms);
void flow_resume_all(struct broker *broker);
void flow_provider_lost(struct broker *broker, const struct aicx_id *agent_id);

#endif
