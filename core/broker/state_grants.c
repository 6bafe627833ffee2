/* SPDX-License-Identifier: Apache-2.0 */
/* state_grants.c - what follows from what was granted: lists, and the index
   that a check looks at. */
#include "base/id.h"
#include "base/str.h"
#include "broker/state_index.h"

/* Who sees it in a list: who may, and of whose things or by whose word. */
static const struct aicx_id *
granted_of(const struct granted *row, struct aicx_id *owner)
{
	*owner = granted_owner(row);
	return id_is_nil(owner) ? &row->granted_by : owner;
}

/* Until when another row grants the same as this one. */
static int64_t
until_by(const struct state *state, const struct aicx_id *id,
    const struct granted *row, enum permission permission)
{
	const struct granted *other;

	if (id_eq(id, &row->permission_id))
		return 0;
	other = state_permission(state, id);
	return id_eq(&other->agent_id, &row->agent_id) &&
		str_eq(other->scope, row->scope)
	    ? granted_until(other, permission)
	    : 0;
}

/* The longest of all that were granted alike. */
static void
grant_again(struct state *state, const struct granted *row)
{
	const struct group *group =
	    state_group(&state->permissions_of_agent, &row->agent_id);
	struct aicx_id owner = granted_owner(row);

	for (int p = 0; p < PERM_N; p++) {
		enum permission permission = (enum permission)p;
		int64_t until_ms = granted_until(row, permission);
		for (size_t i = 0; i < group->n; i++) {
			int64_t its_ms =
			    until_by(state, &group->ids[i], row, permission);
			if (its_ms > until_ms)
				until_ms = its_ms;
		}
		if (granted_has(row, permission))
			grants_set(&state->grants, &row->agent_id, &owner,
			    permission, until_ms);
	}
}

void
state_index_granted(
    struct state *state, const struct granted *old, const struct granted *row)
{
	struct map *groups = &state->permissions_of_agent;
	struct aicx_id owner;
	const struct aicx_id *of = granted_of(row, &owner);

	if (old == NULL && !row->revoked) {
		group_add(groups, &row->agent_id, &row->permission_id);
		group_add(groups, of, &row->permission_id);
	} else if (row->revoked) {
		group_remove(groups, &row->agent_id, &row->permission_id);
		group_remove(groups, of, &row->permission_id);
	}
	grant_again(state, row);
}
