/* SPDX-License-Identifier: Apache-2.0 */
/* grants.c - who may do what with whose things, and until when. */
#include "security/grants.h"

#include "base/id.h"
#include "base/mem.h"
#include "base/str.h"

#include <stdlib.h>

const struct field permission_fields[] = {
	FIELD(struct granted, permission_id, "permission_id", FIELD_ID),
	FIELD(struct granted, agent_id, "agent_id", FIELD_ID),
	FIELD(struct granted, permissions, "permissions", FIELD_STRS,
	    .max = PERM_N),
	FIELD(struct granted, scope, "scope", FIELD_STR),
	FIELD(struct granted, granted_by, "granted_by", FIELD_ID),
	FIELD(struct granted, created_ms, "created", FIELD_TIME),
	FIELD(struct granted, expires_ms, "expires", FIELD_TIME),
	FIELD(struct granted, revoked, "revoked", FIELD_BOOL),
	FIELD(struct granted, text, "text", FIELD_STR),
	FIELD(struct granted, key_id, "key_id", FIELD_STR),
	FIELD(struct granted, signature, "signature", FIELD_STR),
	FIELD(struct granted, custody, "custody", FIELD_BOOL),
	FIELD_END,
};

struct aicx_id
granted_owner(const struct granted *granted)
{
	struct aicx_id id = { { 0 } };

	if (!str_is(granted->scope, SCOPE_ALL))
		(void)id_parse(granted->scope, &id);
	return id;
}

bool
granted_has(const struct granted *granted, enum permission permission)
{
	for (size_t i = 0; i < granted->permissions.n; i++)
		if (str_is(granted->permissions.items[i],
			permission_name(permission)))
			return true;
	return false;
}

int64_t
granted_until(const struct granted *granted, enum permission permission)
{
	if (granted->revoked || !granted_has(granted, permission))
		return 0;
	return granted->expires_ms != 0 ? granted->expires_ms : INT64_MAX;
}

/* --- the index ------------------------------------------------------- */

struct pair {
	struct aicx_id key[2]; /* agent, owner */
	int64_t until_ms[PERM_N];
};

static struct aicx_str
pair_key(const struct aicx_id key[2])
{
	return (struct aicx_str) { (const char *)key, 2 * sizeof key[0] };
}

static const struct pair *
find(const struct grants *grants, const struct aicx_id *agent,
    const struct aicx_id *owner)
{
	struct aicx_id key[2] = { *agent, *owner };

	return map_find(&grants->pairs, pair_key(key));
}

static bool
is_empty(const struct pair *pair)
{
	for (int i = 0; i < PERM_N; i++)
		if (pair->until_ms[i] != 0)
			return false;
	return true;
}

void
grants_fini(struct grants *grants)
{
	MAP_EACH (entry, &grants->pairs)
		free(entry->value);
	map_fini(&grants->pairs);
}

void
grants_set(struct grants *grants, const struct aicx_id *agent,
    const struct aicx_id *owner, enum permission permission, int64_t until_ms)
{
	struct pair *pair = (struct pair *)find(grants, agent, owner);

	if (pair == NULL && until_ms == 0)
		return;
	if (pair == NULL) {
		pair = MEM_NEW(struct pair);
		pair->key[0] = *agent;
		pair->key[1] = *owner;
		(void)map_put(&grants->pairs, pair_key(pair->key), pair);
		grants->n_all += id_is_nil(owner);
	}
	pair->until_ms[permission] = until_ms;
	if (!is_empty(pair))
		return;
	grants->n_all -= id_is_nil(owner);
	free(map_remove(&grants->pairs, pair_key(pair->key)));
}

static int64_t
until(const struct grants *grants, const struct aicx_id *agent,
    const struct aicx_id *owner, enum permission permission)
{
	const struct pair *pair = find(grants, agent, owner);

	return pair != NULL ? pair->until_ms[permission] : 0;
}

int64_t
grants_until_all(const struct grants *grants, const struct aicx_id *agent,
    enum permission permission)
{
	static const struct aicx_id all;

	return grants->n_all > 0 && !id_is_nil(agent)
	    ? until(grants, agent, &all, permission)
	    : 0;
}

int64_t
grants_until(const struct grants *grants, const struct aicx_id *agent,
    const struct aicx_id *owner, enum permission permission)
{
	int64_t own_ms, all_ms;

	if (map_len(&grants->pairs) == 0 || id_is_nil(agent) ||
	    id_is_nil(owner))
		return 0;
	own_ms = until(grants, agent, owner, permission);
	all_ms = grants_until_all(grants, agent, permission);
	return own_ms > all_ms ? own_ms : all_ms;
}
