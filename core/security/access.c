/* SPDX-License-Identifier: Apache-2.0 */
/* access.c - roles against permissions, one table. */
#include "security/access.h"

#include "base/err.h"
#include "base/id.h"

const char *const role_names[] = { "guest", "agent", "owner", "auditor",
	"operator", NULL };

#define R(role) (1u << ROLE_##role)
enum {
	ALL = R(GUEST) | R(AGENT) | R(OWNER) | R(AUDITOR) | R(OPERATOR),
	KNOWN = ALL & ~R(GUEST),
	TRADERS = R(AGENT) | R(OWNER) | R(OPERATOR)
};

static const struct {
	const char *name;
	unsigned roles;
} permissions[PERM_N] = {
	[PERM_NONE] = { "none", 0 },
	[PERM_PUBLIC] = { "", ALL },
	[PERM_DISCOVERY_READ] = { "discovery.read", ALL },
	[PERM_DISCOVERY_WRITE] = { "discovery.write", TRADERS },
	[PERM_DEAL_READ] = { "deal.read", KNOWN },
	[PERM_DEAL_WRITE] = { "deal.write", TRADERS },
	[PERM_MONEY_READ] = { "money.read", KNOWN },
	[PERM_MONEY_WRITE] = { "money.write", TRADERS },
	[PERM_MONEY_ISSUE] = { "money.issue", R(OPERATOR) },
	[PERM_CREDENTIAL_WRITE] = { "credential.write", TRADERS },
	[PERM_METRICS_READ] = { "metrics.read", ALL },
};

const char *
permission_name(enum permission permission)
{
	ENSURE(permission < PERM_N);
	return permissions[permission].name;
}

bool
role_allows(enum role role, enum permission permission)
{
	ENSURE(permission < PERM_N);
	return (permissions[permission].roles & (1u << role)) != 0;
}

bool
role_sees_all(enum role role)
{
	return role == ROLE_OPERATOR || role == ROLE_AUDITOR;
}

aicx_err
access_check(const struct principal *who, enum permission permission,
    const char *method, struct aicx_error *reterr)
{
	if (role_allows(who->role, permission))
		return AICX_OK;
	if (who->role == ROLE_GUEST)
		return err_word(reterr, AICX_EDENIED, "unauthenticated",
		    "method \"%s\" needs a credential", method);
	return err_word(reterr, AICX_EDENIED, "denied",
	    "method \"%s\" needs %s, role %s does not have it", method,
	    permission_name(permission), role_names[who->role]);
}

bool
access_acts_for(const struct principal *who, const struct aicx_id *agent_id,
    const struct aicx_id *owner_id)
{
	if (who->role == ROLE_OPERATOR)
		return true;
	if (who->role == ROLE_GUEST || who->role == ROLE_AUDITOR)
		return false;
	return id_eq(&who->agent_id, agent_id) ||
	    (!id_is_nil(owner_id) && id_eq(&who->agent_id, owner_id));
}

const struct field credential_fields[] = {
	FIELD(struct credential, credential_id, "credential_id", FIELD_ID),
	FIELD(struct credential, agent_id, "agent_id", FIELD_ID),
	FIELD(struct credential, kind, "kind", FIELD_STR),
	FIELD(struct credential, verifier, "verifier", FIELD_STR),
	FIELD(struct credential, role, "role", FIELD_ENUM,
	    .flags = FIELDF_ALWAYS, .names = role_names),
	FIELD(struct credential, created_ms, "created", FIELD_TIME),
	FIELD(struct credential, expires_ms, "expires", FIELD_TIME),
	FIELD(struct credential, revoked, "revoked", FIELD_BOOL),
	FIELD_END,
};
