/* SPDX-License-Identifier: Apache-2.0 */
/* delegation.c - the text of a delegation, read and written. */
#include "security/delegation.h"

#include "base/err.h"
#include "base/id.h"
#include "base/str.h"

const struct field delegation_text_fields[] = {
	FIELD(struct delegation_text, kind, "kind", FIELD_STR),
	FIELD(struct delegation_text, id, "id", FIELD_ID),
	FIELD(struct delegation_text, broker_id, "broker_id", FIELD_ID),
	FIELD(struct delegation_text, delegator, "delegator", FIELD_ID),
	FIELD(struct delegation_text, delegate, "delegate", FIELD_ID),
	FIELD(struct delegation_text, permissions, "permissions", FIELD_STRS,
	    .min = 1, .max = PERM_N),
	FIELD(struct delegation_text, not_before_ms, "not_before", FIELD_TIME),
	FIELD(struct delegation_text, expires_ms, "expires", FIELD_TIME),
	FIELD(struct delegation_text, custody, "custody", FIELD_STR),
	FIELD_END,
};

void
delegation_text_print(struct buf *buf, const struct delegation_text *text)
{
	struct json_writer w = json_writer(buf);

	json_open(&w, '{');
	field_print(delegation_text_fields, text, NULL, &w);
	json_close(&w);
}

static aicx_err
check_permissions(const struct field_strs *list, struct aicx_error *reterr)
{
	aicx_err err = permissions_check(list, reterr);

	for (size_t i = 0; err == AICX_OK && i < list->n; i++)
		if (permission_reach(permission_find(list->items[i])) !=
		    REACH_AGENT)
			err = err_field(reterr, AICX_EDENIED, "denied",
			    "/permissions", "%.*s is not delegated",
			    STR_ARG(list->items[i]));
	return err;
}

static aicx_err
malformed(struct aicx_error *reterr, const char *why)
{
	return err_field(reterr, AICX_EINVAL, "invalid_params", "/text",
	    "cannot take delegation: %s", why);
}

aicx_err
delegation_text_parse(struct aicx_str text, const struct aicx_id *broker_id,
    struct arena *arena, struct delegation_text *ret, struct aicx_error *reterr)
{
	struct json *doc = arena_new(arena, sizeof *doc);
	aicx_err err = json_parse(text, arena, doc, reterr);

	if (err == AICX_OK)
		err = field_parse(delegation_text_fields, json_root(doc), NULL,
		    true, arena, ret, sizeof *ret, reterr);
	if (err != AICX_OK)
		return err;
	if (!str_is(ret->kind, "delegation"))
		return malformed(reterr, "its kind is another");
	if (!id_eq(&ret->broker_id, broker_id))
		return malformed(reterr, "it is for another broker");
	if (id_is_nil(&ret->id) || id_is_nil(&ret->delegator) ||
	    id_is_nil(&ret->delegate) || id_eq(&ret->delegator, &ret->delegate))
		return malformed(
		    reterr, "it names no id, or not two different agents");
	if (ret->permissions.n == 0)
		return malformed(reterr, "it names no permissions");
	if (ret->expires_ms == 0 || ret->expires_ms <= ret->not_before_ms)
		return malformed(reterr, "it has no end, or ends too early");
	return check_permissions(&ret->permissions, reterr);
}
