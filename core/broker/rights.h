/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rights.h - may this call do that: by its role, by what its credential leaves
 * of it, or by what was granted; this folder only.
 */
#ifndef BROKER_RIGHTS_H
#define BROKER_RIGHTS_H

#include "broker/inside.h"

/* The method's permission: "unauthenticated" for guests, else "denied". */
aicx_err rights_check(const struct call *call, struct aicx_error *reterr);
/* May the call do what its method does with the things of this agent? */
bool rights_over(const struct call *call, const struct aicx_id *agent_id);
/* The same without what was granted: itself, its owner, or the operator. */
bool rights_of_own(const struct call *call, const struct aicx_id *agent_id);
/* Has the caller, itself, this permission over this agent's things (nil: over
   everybody's)?  How: "role", "grant", or "none". */
const char *rights_by(const struct broker *broker, const struct principal *who,
    enum permission permission, const struct aicx_id *owner_id);

/* May the caller grant this to the agent, of the owner's things (nil: of
   everybody's)?  Nothing beyond its own (on_permission.c). */
aicx_err permission_check_grant(struct call *call, enum permission permission,
    const struct aicx_id *agent_id, const struct aicx_id *owner_id,
    int64_t expires_ms, struct aicx_error *reterr);
/* The delegation by which the caller may that for another agent, or NULL
   (on_delegation.c). */
const struct granted *rights_delegation(const struct call *call,
    const struct aicx_id *owner_id, enum permission permission);

#endif
