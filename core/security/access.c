/* SPDX-License-Identifier: Apache-2.0 */
/* access.c - roles against permissions, one table. */
#include "security/access.h"

#include "base/err.h"
#include "base/id.h"
#include "base/str.h"

#include <string.h>

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
	enum permission_reach reach;
} permissions[PERM_N] = {
	[PERM_NONE] = { "none", 0, REACH_NOBODY },
	[PERM_PUBLIC] = { "", ALL, REACH_NOBODY },
	[PERM_DISCOVERY_READ] = { "discovery.read", ALL, REACH_ALL },
	[PERM_DISCOVERY_WRITE] = { "discovery.write", TRADERS, REACH_AGENT },
	[PERM_DEAL_READ] = { "deal.read", KNOWN, REACH_AGENT },
	[PERM_DEAL_WRITE] = { "deal.write", TRADERS, REACH_AGENT },
	[PERM_MONEY_READ] = { "money.read", KNOWN, REACH_AGENT },
	[PERM_MONEY_WRITE] = { "money.write", TRADERS, REACH_AGENT },
	[PERM_MONEY_ISSUE] = { "money.issue", R(OPERATOR), REACH_ALL },
	[PERM_BROKER_RUN] = { "broker.run", R(OPERATOR), REACH_NOBODY },
	[PERM_CREDENTIAL_WRITE] = { "credential.write", TRADERS, REACH_NOBODY },
	[PERM_PERMISSION_READ] = { "permission.read", KNOWN, REACH_AGENT },
	[PERM_PERMISSION_WRITE] = { "permission.write", TRADERS, REACH_NOBODY },
	[PERM_AUDIT_READ] = { "audit.read", KNOWN, REACH_AGENT },
	[PERM_AUDIT_EXPORT] = { "audit.export", R(AUDITOR) | R(OPERATOR),
	    REACH_NOBODY },
	[PERM_AUDIT_WRITE] = { "audit.write", R(OPERATOR), REACH_NOBODY },
	[PERM_KEYS_WRITE] = { "keys.write", R(OPERATOR), REACH_NOBODY },
	[PERM_METRICS_READ] = { "metrics.read", ALL, REACH_ALL },
};

const char *const principal_kind_names[] = { "agent", "user", "service", NULL };

const char *
permission_name(enum permission permission)
{
	ENSURE(permission < PERM_N);
	return permissions[permission].name;
}

enum permission
permission_find(struct aicx_str name)
{
	for (int i = PERM_PUBLIC + 1; i < PERM_N; i++)
		if (str_is(name, permissions[i].name))
			return (enum permission)i;
	return PERM_NONE;
}

enum permission
permission_of(struct aicx_str resource, struct aicx_str action)
{
	for (int i = PERM_PUBLIC + 1; i < PERM_N; i++) {
		struct aicx_str name = str_of(permissions[i].name);
		if (name.len == resource.len + 1 + action.len &&
		    name.ptr[resource.len] == '.' &&
		    memcmp(name.ptr, resource.ptr, resource.len) == 0 &&
		    memcmp(name.ptr + resource.len + 1, action.ptr,
			action.len) == 0)
			return (enum permission)i;
	}
	return PERM_NONE;
}

enum permission_reach
permission_reach(enum permission permission)
{
	ENSURE(permission < PERM_N);
	return permissions[permission].reach;
}

unsigned
permissions_without(const struct field_strs *list)
{
	unsigned with = 1u << PERM_PUBLIC;

	if (list->n == 0)
		return 0;
	for (size_t i = 0; i < list->n; i++)
		with |= 1u << permission_find(list->items[i]);
	return ~with;
}

aicx_err
permissions_check(const struct field_strs *list, struct aicx_error *reterr)
{
	for (size_t i = 0; i < list->n; i++)
		if (permission_find(list->items[i]) == PERM_NONE)
			return err_field(reterr, AICX_EINVAL, "invalid_params",
			    "/permissions", "\"%.*s\" is no permission",
			    (int)(list->items[i].len > 64 ? 64
							  : list->items[i].len),
			    list->items[i].ptr);
	return AICX_OK;
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

bool
principal_has(const struct principal *who, enum permission permission)
{
	return role_allows(who->role, permission) &&
	    (who->without & (1u << permission)) == 0;
}

aicx_err
access_check(const struct principal *who, enum permission permission,
    const char *method, struct aicx_error *reterr)
{
	if (principal_has(who, permission))
		return AICX_OK;
	if (who->role == ROLE_GUEST)
		return err_word(reterr, AICX_EDENIED, "unauthenticated",
		    "method \"%s\" needs a credential", method);
	if (role_allows(who->role, permission))
		return err_word(reterr, AICX_EDENIED, "denied",
		    "method \"%s\" needs %s, this credential leaves it out",
		    method, permission_name(permission));
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
	FIELD(struct credential, principal, "principal", FIELD_ENUM,
	    .names = principal_kind_names),
	FIELD(struct credential, permissions, "permissions", FIELD_STRS,
	    .max = CREDENTIAL_PERMISSIONS_MAX),
	FIELD(struct credential, created_ms, "created", FIELD_TIME),
	FIELD(struct credential, expires_ms, "expires", FIELD_TIME),
	FIELD(struct credential, revoked, "revoked", FIELD_BOOL),
	FIELD_END,
};
