/* SPDX-License-Identifier: Apache-2.0 */
/*
 * on_permission.c - what one lets another do with one's things: asked, granted,
 * listed, taken back.
 */
#include "base/err.h"
#include "base/id.h"
#include "base/str.h"
#include "broker/handlers.h"
#include "broker/peer.h"
#include "broker/rights.h"

enum { GRANTS_MAX = 1000 }; /* of one agent, given and got */

struct right {
	PARAMS;
	struct aicx_id agent_id;
	struct aicx_str resource, action, scope;
	int64_t expires_ms;
};

#define RIGHT_FIELDS                                                           \
	FIELD(struct right, resource, "resource", FIELD_STR,                   \
	    .flags = FIELDF_REQUIRED, .max = 32,                               \
	    .help = "The first part of a permission's name, such as deal."),   \
	    FIELD(struct right, action, "action", FIELD_STR,                   \
		.flags = FIELDF_REQUIRED, .max = 32,                           \
		.help = "The second: read, write or issue."),                  \
	    FIELD(struct right, scope, "scope", FIELD_STR, .max = 36,          \
		.help = "Whose things: an agent's id, or * for everybody's; "  \
			"absent: the caller's.")

const struct field check_permission_params[] = {
	PARAMS_METHOD(struct right),
	FIELD(struct right, agent_id, "agent_id", FIELD_ID,
	    .help = "May this agent? Absent: may the caller?"),
	RIGHT_FIELDS,
	FIELD_END,
};
PARAMS_SIZE(check_permission, right);

const struct field grant_permission_params[] = {
	PARAMS_METHOD(struct right),
	FIELD(struct right, agent_id, "agent_id", FIELD_ID,
	    .flags = FIELDF_REQUIRED, .help = "Who may."),
	RIGHT_FIELDS,
	FIELD(struct right, expires_ms, "expires", FIELD_TIME,
	    .help = "Not from then on; absent: until it is revoked."),
	FIELD_END,
};
PARAMS_SIZE(grant_permission, right);

/* Which permission, and whose things (nil: everybody's). */
static aicx_err
right_parse(struct call *call, const struct right *wish,
    enum permission *ret_permission, struct aicx_id *ret_owner,
    struct aicx_error *reterr)
{
	*ret_permission = permission_of(wish->resource, wish->action);
	*ret_owner = call->who.agent_id;
	if (*ret_permission == PERM_NONE)
		return err_field(reterr, AICX_EINVAL, "invalid_params",
		    "/resource", "there is no permission \"%.*s.%.*s\"",
		    STR_ARG(wish->resource), STR_ARG(wish->action));
	if (wish->scope.ptr == NULL)
		return AICX_OK;
	if (str_is(wish->scope, SCOPE_ALL)) {
		*ret_owner = (struct aicx_id) { { 0 } };
		return AICX_OK;
	}
	if (!id_parse(wish->scope, ret_owner) || id_is_nil(ret_owner))
		return err_field(reterr, AICX_EINVAL, "invalid_params",
		    "/scope", "scope is neither an agent's id nor *");
	return AICX_OK;
}

aicx_err
on_check_permission(
    struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct right *wish = params;
	struct principal who = call->who;
	enum permission permission;
	struct aicx_id owner_id;
	struct reply reply;
	aicx_err err = right_parse(call, wish, &permission, &owner_id, reterr);

	if (err == AICX_OK && !id_is_nil(&wish->agent_id) &&
	    !id_eq(&wish->agent_id, &who.agent_id)) {
		err = must_see_agent(call, &wish->agent_id, reterr);
		who = principal_of_key(broker, &wish->agent_id);
		if (wish->scope.ptr == NULL)
			owner_id = wish->agent_id;
	}
	if (err == AICX_OK &&
	    state_agent(&broker->state, &who.agent_id) == NULL)
		err = not_found("agent", &who.agent_id, reterr);
	if (err != AICX_OK)
		return err;
	const char *by = rights_by(broker, &who, permission, &owner_id);
	reply_begin(&reply, call);
	json_key(&reply.w, "allowed");
	json_put_bool(&reply.w, by[0] != 'n');
	json_key(&reply.w, "by");
	json_put_text(&reply.w, by);
	json_key(&reply.w, "agent_id");
	json_put_id(&reply.w, &who.agent_id);
	json_key(&reply.w, "principal");
	json_put_text(&reply.w, principal_kind_names[who.kind]);
	json_key(&reply.w, "role");
	json_put_text(&reply.w, role_names[who.role]);
	reply_send(&reply, 200);
	return AICX_OK;
}

/* --- granted --------------------------------------------------------- */

/* The caller's own to give: no role, key or grant is widened by granting. */
static aicx_err
check_own(struct call *call, enum permission permission,
    const struct aicx_id *owner_id, struct aicx_error *reterr)
{
	enum permission_reach reach = permission_reach(permission);
	bool all = id_is_nil(owner_id);

	if (reach == REACH_NOBODY)
		return err_word(reterr, AICX_EDENIED, "denied",
		    "%s is not granted: who has it could take everything",
		    permission_name(permission));
	if (!principal_has(&call->who, permission) ||
	    (all && call->who.role != ROLE_OPERATOR) ||
	    (!all && !rights_of_own(call, owner_id)))
		return err_word(reterr, AICX_EDENIED, "denied",
		    "the caller does not have %s itself there, so it cannot "
		    "grant it",
		    permission_name(permission));
	if (reach == REACH_ALL && !all)
		return err_field(reterr, AICX_EINVAL, "invalid_params",
		    "/scope", "%s is for everybody's things: scope *",
		    permission_name(permission));
	return AICX_OK;
}

aicx_err
permission_check_grant(struct call *call, enum permission permission,
    const struct aicx_id *agent_id, const struct aicx_id *owner_id,
    int64_t expires_ms, struct aicx_error *reterr)
{
	const struct state *state = &call->broker->state;
	aicx_err err = check_own(call, permission, owner_id, reterr);

	if (err != AICX_OK)
		return err;
	if (state_agent(state, agent_id) == NULL)
		return not_found("agent", agent_id, reterr);
	if (!id_is_nil(owner_id) && state_agent(state, owner_id) == NULL)
		return not_found("agent", owner_id, reterr);
	if (id_eq(agent_id, owner_id))
		return err_field(reterr, AICX_EINVAL, "invalid_params",
		    "/agent_id", "an agent needs no grant of its own things");
	if (expires_ms != 0 && expires_ms <= broker_now(call->broker))
		return err_field(reterr, AICX_EINVAL, "invalid_params",
		    "/expires", "expires lies in the past");
	if (state_group(&state->permissions_of_agent, agent_id)->n >=
		GRANTS_MAX ||
	    state_group(&state->permissions_of_agent, owner_id)->n >=
		GRANTS_MAX)
		return err_word(reterr, AICX_ELIMIT, "too_many",
		    "more than %d grants of one agent", GRANTS_MAX);
	return AICX_OK;
}

/* One row of a list for each permission of a grant. */
static void
put_granted(struct json_writer *w, const struct granted *row, size_t i)
{
	struct aicx_str name = row->permissions.items[i];
	const char *dot = memchr(name.ptr, '.', name.len);
	size_t n = dot != NULL ? (size_t)(dot - name.ptr) : name.len;

	json_open(w, '{');
	json_key(w, "permission_id");
	json_put_id(w, &row->permission_id);
	json_key(w, "agent_id");
	json_put_id(w, &row->agent_id);
	json_key(w, "resource");
	json_put_str(w, (struct aicx_str) { name.ptr, n });
	json_key(w, "action");
	json_put_str(
	    w, (struct aicx_str) { name.ptr + n + 1, name.len - n - 1 });
	json_key(w, "scope");
	json_put_str(w, row->scope);
	json_key(w, "granted_by");
	json_put_id(w, &row->granted_by);
	json_key(w, "created_at");
	json_put_time(w, row->created_ms);
	if (row->expires_ms != 0) {
		json_key(w, "expires_at");
		json_put_time(w, row->expires_ms);
	}
	json_key(w, "delegated");
	json_put_bool(w, row->text.ptr != NULL);
	json_close(w);
}

aicx_err
on_grant_permission(
    struct call *call, const void *params, struct aicx_error *reterr)
{
	const struct right *wish = params;
	enum permission permission;
	struct aicx_id owner_id;
	aicx_err err = right_parse(call, wish, &permission, &owner_id, reterr);

	if (err == AICX_OK)
		err = permission_check_grant(call, permission, &wish->agent_id,
		    &owner_id, wish->expires_ms, reterr);
	if (err != AICX_OK)
		return err;
	struct id_text owner = id_text(&owner_id);
	struct aicx_str name = str_of(permission_name(permission));
	struct step *step = call_step(call, "permission.grant", NULL);
	struct granted row = {
		.permission_id = broker_new_id(call->broker),
		.agent_id = wish->agent_id,
		.permissions = { &name, 1 },
		.scope =
		    id_is_nil(&owner_id) ? STR(SCOPE_ALL) : str_of(owner.text),
		.granted_by = call->who.agent_id,
		.created_ms = step->now_ms,
		.expires_ms = wish->expires_ms,
	};
	step_put(step, T_PERMISSION, &row);
	struct json_writer w = json_writer(&step->answer);
	put_granted(&w, &row, 0);
	return call_commit(call, step, 201, reterr);
}

/* --- taken back ------------------------------------------------------ */

struct by_permission {
	PARAMS;
	struct aicx_id id;
};

const struct field revoke_permission_params[] = {
	PARAMS_METHOD(struct by_permission),
	FIELD(struct by_permission, id, "permission_id", FIELD_ID,
	    .flags = FIELDF_REQUIRED, .help = "Which grant or delegation."),
	FIELD_END,
};
PARAMS_SIZE(revoke_permission, by_permission);

aicx_err
on_revoke_permission(
    struct call *call, const void *params, struct aicx_error *reterr)
{
	const struct by_permission *by = params;
	const struct granted *known =
	    state_permission(&call->broker->state, &by->id);
	struct aicx_id owner_id = { { 0 } };

	if (known != NULL)
		owner_id = granted_owner(known);
	if (known == NULL ||
	    !(rights_of_own(call, &known->granted_by) ||
		(!id_is_nil(&owner_id) && rights_of_own(call, &owner_id))))
		return not_found("permission", &by->id, reterr);
	struct granted row = *known;
	row.revoked = true;
	struct step *step = call_step(call, "permission.revoke", NULL);
	step_put(step, T_PERMISSION, &row);
	struct json_writer w = step_reply(step);
	json_key(&w, "permission_id");
	json_put_id(&w, &by->id);
	json_key(&w, "revoked");
	json_put_bool(&w, true);
	json_close(&w);
	return call_commit(call, step, 200, reterr);
}

/* --- listed ---------------------------------------------------------- */

struct permission_list {
	PARAMS;
	struct aicx_id agent_id, cursor;
	int64_t limit;
};

const struct field list_permissions_params[] = {
	PARAMS_METHOD(struct permission_list),
	FIELD(struct permission_list, agent_id, "agent_id", FIELD_ID,
	    .help = "What this agent was granted, and others of its things; "
		    "absent: the caller."),
	FIELD(struct permission_list, limit, "limit", FIELD_INT, .min = 1,
	    .max = LIST_LIMIT_MAX, .fallback = LIST_LIMIT,
	    .help = "At most so many."),
	FIELD(struct permission_list, cursor, "cursor", FIELD_ID,
	    .help = "From the last page: go on after it."),
	FIELD_END,
};
PARAMS_SIZE(list_permissions, permission_list);

aicx_err
on_list_permissions(
    struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct permission_list *wish = params;
	const struct aicx_id *agent_id =
	    id_is_nil(&wish->agent_id) ? &call->who.agent_id : &wish->agent_id;
	const struct group *group =
	    state_group(&broker->state.permissions_of_agent, agent_id);
	bool begun = id_is_nil(&wish->cursor);
	int64_t n = 0, now_ms = broker_now(broker);
	const struct aicx_id *last = NULL;
	size_t i = 0;
	aicx_err err = must_see_agent(call, agent_id, reterr);
	struct reply reply;

	if (err != AICX_OK)
		return err;
	reply_begin(&reply, call);
	json_key(&reply.w, "permissions");
	json_open(&reply.w, '[');
	for (; i < group->n && n < wish->limit; i++) {
		const struct granted *row =
		    state_permission(&broker->state, &group->ids[i]);
		last = &group->ids[i];
		if (!begun) {
			begun = id_eq(last, &wish->cursor);
			continue;
		}
		if (row->expires_ms != 0 && row->expires_ms <= now_ms)
			continue;
		for (size_t k = 0; k < row->permissions.n; k++)
			put_granted(&reply.w, row, k);
		n++;
	}
	json_close(&reply.w);
	if (i < group->n && last != NULL) {
		json_key(&reply.w, "cursor");
		json_put_id(&reply.w, last);
	}
	reply_send(&reply, 200);
	return AICX_OK;
}
