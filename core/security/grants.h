/* SPDX-License-Identifier: Apache-2.0 */
/*
 * grants.h - what somebody may do beside its role: what others granted it of
 * their own, and what the operator granted it of everybody's.
 *
 * A row is what was granted, by word or as a delegation (a signed object).  The
 * index answers a check with one look: from two agents to when each permission
 * ends.
 */
#ifndef SECURITY_GRANTS_H
#define SECURITY_GRANTS_H

#include "base/map.h"
#include "security/access.h"

/* The scope of everybody's things; else it is an agent's id. */
#define SCOPE_ALL "*"

struct granted {
	struct aicx_id permission_id;
	struct aicx_id agent_id; /* who may */
	struct field_strs permissions; /* "deal.read" */
	struct aicx_str scope; /* whose things */
	struct aicx_id granted_by;
	int64_t created_ms, expires_ms; /* 0: never */
	bool revoked;
	struct aicx_str text, key_id, signature; /* of a delegation */
	bool custody; /* signed by a key in the broker's keeping */
};

extern const struct field permission_fields[];

/* The scope's agent; nil: all, or no agent's id. */
struct aicx_id granted_owner(const struct granted *granted);
bool granted_has(const struct granted *granted, enum permission permission);
/* Until when: 0 when it is revoked or never was, INT64_MAX without an end. */
int64_t granted_until(
    const struct granted *granted, enum permission permission);

struct grants { /* a zeroed struct is empty */
	struct map pairs;
	size_t n_all; /* of them for everybody's things */
};

void grants_fini(struct grants *grants);
/* From now on `agent` may that on the things of `owner` (nil: of all) before
   this time; 0: it may not. */
void grants_set(struct grants *grants, const struct aicx_id *agent,
    const struct aicx_id *owner, enum permission permission, int64_t until_ms);
/* Until when it may: by a grant of the owner's things, or of everybody's; 0: it
   never might. */
int64_t grants_until(const struct grants *grants, const struct aicx_id *agent,
    const struct aicx_id *owner, enum permission permission);
/* By a grant of everybody's things. */
int64_t grants_until_all(const struct grants *grants,
    const struct aicx_id *agent, enum permission permission);

#endif
