/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hold.h - money set aside: reserve -> post | void | expire, exactly once.
 *
 * A contract's hold is moved by the deal's table of moves alone; it never
 * expires by itself.  A reservation is a hold without a contract: its agent
 * made it, posts it by a charge or releases it, and it expires at its time.
 */
#ifndef ECONOMICS_HOLD_H
#define ECONOMICS_HOLD_H

#include "protocol/field.h"

enum hold_state { HOLD_OPEN, HOLD_POSTED, HOLD_VOIDED, HOLD_EXPIRED };

extern const char *const hold_state_names[];

struct hold {
	struct aicx_id hold_id, agent_id, contract_id, mandate_id, budget_id;
	struct aicx_money amount;
	int state; /* enum hold_state */
	int64_t posted_minor; /* of amount */
	int64_t created_ms, expires_ms;
	struct aicx_str reference;
};

extern const struct field hold_fields[];

/* May it be resolved in this way now?  "already_posted", "already_voided",
   "expired": each its own answer.  A reservation whose time has come is
   "expired" also before that is recorded, and cannot expire earlier; a
   contract's hold does not expire ("held_by_contract"). */
aicx_err hold_resolve(const struct hold *hold, enum hold_state to,
    int64_t now_ms, struct aicx_error *reterr);
/* Is it open, without a contract, and its time has come? */
bool hold_is_due(const struct hold *hold, int64_t now_ms);

#endif
