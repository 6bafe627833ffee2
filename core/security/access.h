/* SPDX-License-Identifier: Apache-2.0 */
/*
 * access.h - who somebody is, and what that allows: fixed roles against the
 * permission column of the route table, and what a credential leaves out.
 * What was granted beside the role is in grants.h.
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
	PERM_BROKER_RUN, /* its backups, clock and keys */
	PERM_CREDENTIAL_WRITE, /* of oneself and one's agents */
	PERM_PERMISSION_READ, /* what oneself and one's agents may */
	PERM_PERMISSION_WRITE, /* what others may do for oneself */
	PERM_AUDIT_READ, /* what oneself and one's agents did */
	PERM_AUDIT_EXPORT, /* all records as they are */
	PERM_AUDIT_WRITE, /* events of one's own */
	PERM_KEYS_WRITE, /* the broker's own keys */
	PERM_METRICS_READ,
	PERM_N
};

const char *permission_name(enum permission permission); /* "deal.read" */
/* PERM_NONE: there is no such name; what is public has none. */
enum permission permission_find(struct aicx_str name);
/* The same in two parts: "deal", "read". */
enum permission permission_of(struct aicx_str resource, struct aicx_str action);
/* To whom else it may be given. */
enum permission_reach {
	REACH_NOBODY, /* who could pass it on could take everything */
	REACH_ALL, /* for everybody's things, by the operator */
	REACH_AGENT /* also for the things of one agent */
};
enum permission_reach permission_reach(enum permission permission);
bool role_allows(enum role role, enum permission permission);
bool role_sees_all(enum role role); /* operator, auditor */

enum principal_kind {
	PRINCIPAL_AGENT, /* a program that trades */
	PRINCIPAL_USER, /* a person */
	PRINCIPAL_SERVICE /* a program that serves the broker */
};

extern const char *const principal_kind_names[];

/* Who calls: what the system design names a security context. */
struct principal {
	struct aicx_id agent_id; /* nil: guest */
	struct aicx_id credential_id; /* nil: own key */
	enum role role;
	enum principal_kind kind;
	unsigned without; /* bits of permissions the credential leaves out */
};

/* Of the role, and not left out. */
bool principal_has(const struct principal *who, enum permission permission);

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
	int principal; /* enum principal_kind */
	struct field_strs permissions; /* only these of the role; none: all */
	int64_t created_ms, expires_ms;
	bool revoked;
};

enum { CREDENTIAL_PERMISSIONS_MAX = PERM_N };

/* What a list of permissions leaves out; nothing when the list is empty. */
unsigned permissions_without(const struct field_strs *permissions);
/* "invalid_params": a name that is none. */
aicx_err permissions_check(
    const struct field_strs *permissions, struct aicx_error *reterr);

extern const struct field credential_fields[];

#endif
