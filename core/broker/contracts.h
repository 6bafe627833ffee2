/* SPDX-License-Identifier: Apache-2.0 */
/* contracts.h - drafting contracts, and what ordering work under one
   changes. */
#ifndef BROKER_CONTRACTS_H
#define BROKER_CONTRACTS_H

#include "broker/flow.h"

struct contract_draft {
	struct contract contract; /* views into the arena it was made in */
	struct aicx_id hold_id, execution_id;
	struct pricing pricing; /* of its terms */
	char signature[88];
};

/* The contract's row and text for an offer; not signed yet. */
aicx_err contract_draft(struct broker *broker, const struct intent *intent,
    const struct offer *offer, struct aicx_str why, struct arena *mem,
    struct contract_draft *ret, struct aicx_error *reterr);
/* The same for a contract chosen by hand: by mandate or to be signed, for one
   execution or more. */
aicx_err contract_draft_for(struct broker *broker, const struct intent *intent,
    const struct offer *offer, struct aicx_str why,
    const struct aicx_id *mandate_id, int64_t max_executions, struct arena *mem,
    struct contract_draft *ret, struct aicx_error *reterr);
/* A contract without an intent: its terms come from the requester. */
aicx_err contract_draft_direct(struct broker *broker,
    const struct aicx_id *requester_id, const struct aicx_id *provider_id,
    struct aicx_str capability, struct aicx_str terms_text,
    int64_t max_executions, int64_t expires_ms, struct arena *mem,
    struct contract_draft *ret, struct aicx_error *reterr);
/* [any thread] Signs the text with the broker's key. */
void contract_draft_sign(
    struct contract_draft *draft, const struct sign_key *key);

/* Has it all the signatures it needs? */
bool contract_is_complete(const struct contract *contract);

/* One order under a contract: its rows, its hold, its letter. */
struct work_plan {
	struct execution execution;
	struct execution_status status;
	struct hold_plan hold;
	struct contract contract;
};

aicx_err work_plan(struct broker *broker, const struct contract *contract,
    const struct aicx_id *execution_id, const struct aicx_id *hold_id,
    const struct mandate *mandate, const struct mandate_text *mandate_text,
    struct aicx_str input, int64_t deadline_ms, struct work_plan *ret,
    struct aicx_error *reterr);
/* Rows, entries and the EXECUTE letter into the step. */
/* The object that EXECUTE has as "contract". */
void contract_part_put(struct json_writer *w, const struct contract *contract);
void work_plan_put(struct step *step, const struct work_plan *plan);

#endif
