/* SPDX-License-Identifier: Apache-2.0 */
/* rights.c - roles, credentials and grants, asked in one place. */
#include "broker/rights.h"

#include "base/broken.h"
#include "base/err.h"
#include "base/id.h"

static bool
is_granted(const struct broker *broker, const struct principal *who,
    enum permission permission, const struct aicx_id *owner_id)
{
	const struct grants *grants = &broker->state.grants;
	int64_t until_ms;

	if ((who->without & (1u << permission)) != 0)
		return false;
	until_ms = owner_id == NULL
	    ? grants_until_all(grants, &who->agent_id, permission)
	    : grants_until(grants, &who->agent_id, owner_id, permission);
	return until_ms == INT64_MAX ||
	    (until_ms != 0 && broker_now((struct broker *)broker) < until_ms);
}

aicx_err
rights_check(const struct call *call, struct aicx_error *reterr)
{
	enum permission permission = call->route->permission;
	struct aicx_error error;

	if (broken("no_rights") ||
	    access_check(&call->who, permission, call->route->method.name,
		&error) == AICX_OK ||
	    is_granted(call->broker, &call->who, permission, NULL))
		return AICX_OK;
	if (reterr != NULL)
		*reterr = error;
	return AICX_EDENIED;
}

static bool
owns(const struct broker *broker, const struct principal *who,
    const struct aicx_id *agent_id)
{
	static const struct aicx_id nobody;
	const struct agent *agent;

	if (access_acts_for(who, agent_id, &nobody))
		return true;
	agent = state_agent(&broker->state, agent_id);
	return agent != NULL &&
	    access_acts_for(who, agent_id, &agent->owner_id);
}

bool
rights_of_own(const struct call *call, const struct aicx_id *agent_id)
{
	return owns(call->broker, &call->who, agent_id);
}

bool
rights_over(const struct call *call, const struct aicx_id *agent_id)
{
	return broken("no_owner") || rights_of_own(call, agent_id) ||
	    is_granted(
		call->broker, &call->who, call->route->permission, agent_id);
}

const char *
rights_by(const struct broker *broker, const struct principal *who,
    enum permission permission, const struct aicx_id *owner_id)
{
	bool all = id_is_nil(owner_id);
	bool reads = permission == PERM_DEAL_READ ||
	    permission == PERM_MONEY_READ ||
	    permission == PERM_PERMISSION_READ || permission == PERM_AUDIT_READ;

	if (principal_has(who, permission) &&
	    (permission_reach(permission) == REACH_ALL ||
		(reads && role_sees_all(who->role)) ||
		(all ? who->role == ROLE_OPERATOR
		     : owns(broker, who, owner_id))))
		return "role";
	return is_granted(broker, who, permission, all ? NULL : owner_id)
	    ? "grant"
	    : "none";
}
