/* SPDX-License-Identifier: Apache-2.0 */
/*
 * access.h - who somebody is, and what that allows: fixed roles against the
 * permission column of the route table.
 */
#ifndef SECURITY_ACCESS_H
#define SECURITY_ACCESS_H

#include "protocol/field.h"

enum role {
	ROLE_GUEST, /* nobody we know */
	ROLE_AGENT, /* buys and sells for itself */
	ROLE_OWNER, /* an agent that has agents of its own */
	ROLE_AUDITOR, /* reads everything, changes nothing */
	ROLE_OPERATOR /* runs the broker */
};

extern const char *const role_names[];

enum permission {
	PERM_NONE, /* a route with it does not start */
	PERM_PUBLIC, /* anybody */
	PERM_DISCOVERY_READ,
	PERM_DISCOVERY_WRITE, /* own registration */
	PERM_DEAL_READ, /* own deals; all for those who read all */
	PERM_DEAL_WRITE, /* buy, sell, sign, work */
	PERM_MONEY_READ, /* own accounts */
	PERM_MONEY_WRITE, /* own budgets */
	PERM_MONEY_ISSUE, /* fund and withdraw */
	PERM_CREDENTIAL_WRITE, /* of oneself and one's agents */
	PERM_METRICS_READ,
	PERM_N
};

const char *permission_name(enum permission permission); /* "deal.read" */
bool role_allows(enum role role, enum permission permission);
bool role_sees_all(enum role role); /* operator, auditor */

struct principal {
	struct aicx_id agent_id; /* nil: guest */
	struct aicx_id credential_id; /* nil: own key */
	enum role role;
};

/* "unauthenticated" for guests, "denied" for others. */
aicx_err access_check(const struct principal *who, enum permission permission,
    const char *method, struct aicx_error *reterr);
/* Is this principal the agent, its owner, or one who may act for all? */
bool access_acts_for(const struct principal *who,
    const struct aicx_id *agent_id, const struct aicx_id *owner_id);

/* What is kept of a credential: never the key itself. */
struct credential {
	struct aicx_id credential_id, agent_id;
	struct aicx_str kind; /* "api_key" */
	struct aicx_str verifier; /* base64url of SHA-256 of the key's text */
	int role; /* enum role */
	int64_t created_ms, expires_ms;
	bool revoked;
};

extern const struct field credential_fields[];

#endif
