/* SPDX-License-Identifier: Apache-2.0 */
/* on_delegation.c - an agent's signed word that another may act for it. */
#include "base/clock.h"
#include "base/err.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/str.h"
#include "broker/granting.h"
#include "broker/handlers.h"
#include "broker/rights.h"
#include "security/delegation.h"

struct delegating {
	PARAMS;
	struct aicx_str text, key_id, signature, delegation;
};

const struct field delegate_params[] = {
	PARAMS_METHOD(struct delegating),
	FIELD(struct delegating, text, "text", FIELD_STR, .max = 8192,
	    .help = "The delegation's exact text, signed by who delegates."),
	FIELD(struct delegating, key_id, "key_id", FIELD_STR, .max = 43,
	    .help = "Of the delegator's key."),
	FIELD(struct delegating, signature, "signature", FIELD_STR, .max = 86,
	    .help = "Over the text."),
	FIELD(struct delegating, delegation, "delegation", FIELD_JSON,
	    .help = "Its members, when the broker keeps the key and signs."),
	FIELD_END,
};
PARAMS_SIZE(delegate, delegating);

static aicx_err
record(struct call *call, struct granting *granting, struct aicx_error *reterr)
{
	const struct granted *row = granting->row;
	struct step *step = call_step(call, "delegation.grant", NULL);

	step_put(step, T_PERMISSION, row);
	struct json_writer w = step_reply(step);
	json_key(&w, "delegation_id");
	json_put_id(&w, &row->permission_id);
	json_key(&w, "text");
	json_put_str(&w, row->text);
	json_key(&w, "custody");
	json_put_text(&w, row->custody ? "broker" : "own");
	json_close(&w);
	return call_commit(call, step, 201, reterr);
}

static aicx_err
sign_members(struct call *call, struct aicx_str members,
    struct granting *granting, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	struct json *doc = arena_new(&call->mem, sizeof *doc);
	struct delegation_text text;
	AUTO(buf_fini) struct buf printed = { 0 };
	aicx_err err = json_parse(members, &call->mem, doc, reterr);

	if (err == AICX_OK)
		err = field_parse(delegation_text_fields, json_root(doc), NULL,
		    true, &call->mem, &text, sizeof text, reterr);
	if (err != AICX_OK)
		return err;
	text.kind = STR("delegation");
	text.broker_id = broker->keys.broker_id;
	text.custody = STR("broker");
	if (id_is_nil(&text.id))
		text.id = broker_new_id(broker);
	if (id_is_nil(&text.delegator))
		text.delegator = call->who.agent_id;
	if (text.not_before_ms == 0)
		text.not_before_ms = broker_now(broker);
	delegation_text_print(&printed, &text);
	err = must_act_for(call, &text.delegator, reterr);
	if (err != AICX_OK)
		return err;
	return granting_sign_kept(call, &text.delegator, granting,
	    arena_str(&call->mem, buf_view(&printed)), reterr);
}

/* Beyond what every grant is held against: it holds now, and is new. */
static aicx_err
check(struct call *call, const struct delegation_text *text,
    struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	int64_t now_ms = broker_now(broker);
	aicx_err err = must_act_for(call, &text->delegator, reterr);

	for (size_t i = 0; err == AICX_OK && i < text->permissions.n; i++)
		err = permission_check_grant(call,
		    permission_find(text->permissions.items[i]),
		    &text->delegate, &text->delegator, 0, reterr);
	if (err != AICX_OK)
		return err;
	if (text->expires_ms <= now_ms)
		return err_word(
		    reterr, AICX_ESTATE, "expired", "delegation has expired");
	if (text->not_before_ms > now_ms + broker->settings->window_ms)
		return err_word(reterr, AICX_EINVAL, "stale",
		    "delegation is not valid yet: the broker's time is %s",
		    time_text(now_ms).text);
	if (state_permission(&broker->state, &text->id) != NULL)
		return err_word(reterr, AICX_EEXIST, "already_exists",
		    "a delegation with this id exists");
	return AICX_OK;
}

aicx_err
on_delegate(struct call *call, const void *params, struct aicx_error *reterr)
{
	const struct delegating *wish = params;
	struct granting *granting = arena_new(&call->mem, sizeof *granting);
	struct granted *row = arena_new(&call->mem, sizeof *row);
	bool kept = wish->delegation.ptr != NULL;
	struct delegation_text text;
	aicx_err err;

	granting->kind = SIG_DELEGATION;
	granting->record = record;
	if (kept == (wish->text.ptr != NULL))
		return err_field(reterr, AICX_EINVAL, "invalid_params",
		    "/delegation",
		    "give either \"delegation\" or a signed \"text\"");
	err = kept ? sign_members(call, wish->delegation, granting, reterr)
		   : granting_take(call, wish->text, wish->key_id,
			 wish->signature, granting, reterr);
	if (err == AICX_OK)
		err = delegation_text_parse(granting->object.text,
		    &call->broker->keys.broker_id, &call->mem, &text, reterr);
	if (err == AICX_OK)
		err = check(call, &text, reterr);
	if (err != AICX_OK)
		return err;
	char *scope = arena_new(&call->mem, sizeof(struct id_text));
	memcpy(scope, id_text(&text.delegator).text, sizeof(struct id_text));
	*row = (struct granted) {
		.permission_id = text.id,
		.agent_id = text.delegate,
		.permissions = text.permissions,
		.scope = str_of(scope),
		.granted_by = text.delegator,
		.created_ms = broker_now(call->broker),
		.expires_ms = text.expires_ms,
		.text = granting->object.text,
		.key_id = granting->object.key_id,
		.signature = granting_signature(call, granting),
		.custody = kept,
	};
	granting->row = row;
	return kept ? record(call, granting, reterr)
		    : granting_verify(call, granting, &text.delegator, reterr);
}

const struct granted *
rights_delegation(const struct call *call, const struct aicx_id *owner_id,
    enum permission permission)
{
	struct broker *broker = call->broker;
	const struct group *group = state_group(
	    &broker->state.permissions_of_agent, &call->who.agent_id);

	for (size_t i = 0; i < group->n; i++) {
		const struct granted *row =
		    state_permission(&broker->state, &group->ids[i]);
		struct aicx_id of = granted_owner(row);
		if (row->text.ptr != NULL && id_eq(&of, owner_id) &&
		    id_eq(&row->agent_id, &call->who.agent_id) &&
		    granted_until(row, permission) > broker_now(broker))
			return row;
	}
	return NULL;
}
