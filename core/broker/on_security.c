/* SPDX-License-Identifier: Apache-2.0 */
/* on_security.c - credentials: made, shown once, looked at, revoked. */
#include "base/b64.h"
#include "base/err.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/str.h"
#include "broker/handlers.h"
#include "broker/peer.h"

struct new_credential {
	PARAMS;
	struct aicx_id agent_id;
	struct aicx_str kind;
	int role; /* enum role */
	int64_t expires_ms;
};

const struct field generate_credentials_params[] = {
	PARAMS_METHOD(struct new_credential),
	FIELD(struct new_credential, agent_id, "agent_id", FIELD_ID,
	    .help = "Whose; absent: the caller's."),
	FIELD(struct new_credential, kind, "kind", FIELD_STR, .max = 16,
	    .help = "api_key."),
	FIELD(struct new_credential, role, "role", FIELD_ENUM,
	    .names = role_names, .fallback = ROLE_AGENT,
	    .help = "What it allows; more than agent only by the operator."),
	FIELD(struct new_credential, expires_ms, "expires", FIELD_TIME,
	    .help = "Not valid from then on."),
	FIELD_END,
};
PARAMS_SIZE(generate_credentials, new_credential);

static aicx_err
check_wish(struct call *call, const struct new_credential *wish,
    const struct aicx_id *agent_id, struct aicx_error *reterr)
{
	aicx_err err = must_act_for(call, agent_id, reterr);

	if (err != AICX_OK)
		return err;
	if (state_agent(&call->broker->state, agent_id) == NULL)
		return not_found("agent", agent_id, reterr);
	if (wish->kind.ptr != NULL && !str_is(wish->kind, "api_key"))
		return err_field(reterr, AICX_EINVAL, "invalid_params", "/kind",
		    "\"%.*s\" is no kind of credential: use api_key",
		    STR_ARG(wish->kind));
	if (wish->role == ROLE_GUEST ||
	    (wish->role != ROLE_AGENT && call->who.role != ROLE_OPERATOR))
		return err_word(reterr, AICX_EDENIED, "denied",
		    "only the operator gives the role \"%s\"",
		    role_names[wish->role]);
	return AICX_OK;
}

/* The row; its key's text and MAC keys are put aside. */
void
credential_make(struct step *step, const struct aicx_id *agent_id,
    enum role role, int64_t expires_ms, struct aicx_id *ret_id,
    char ret_api_key[API_KEY_TEXT + 1])
{
	struct broker *broker = step->broker;
	uint8_t secret[32], verifier[HASH_BYTES];
	char verifier_text[B64_LEN(HASH_BYTES)];

	broker->ports.random(broker->ports.arg, secret, sizeof secret);
	api_key_print(secret, ret_api_key);
	mem_wipe(secret, sizeof secret);
	api_key_verifier(str_of(ret_api_key), verifier);
	b64_print(verifier, sizeof verifier, verifier_text);
	*ret_id = broker_new_id(broker);
	struct credential credential = {
		.credential_id = *ret_id,
		.agent_id = *agent_id,
		.kind = STR("api_key"),
		.verifier = { verifier_text, sizeof verifier_text },
		.role = (int)role,
		.created_ms = step->now_ms,
		.expires_ms = expires_ms,
	};
	step_put(step, T_CREDENTIAL, &credential);
	credential_keep(broker, ret_id, str_of(ret_api_key));
}

aicx_err
on_generate_credentials(
    struct call *call, const void *params, struct aicx_error *reterr)
{
	const struct new_credential *wish = params;
	struct aicx_id agent_id =
	    id_is_nil(&wish->agent_id) ? call->who.agent_id : wish->agent_id;
	struct aicx_id id;
	char api_key[API_KEY_TEXT + 1];
	struct buf body = { 0 };
	aicx_err err = check_wish(call, wish, &agent_id, reterr);

	if (err != AICX_OK)
		return err;
	struct step *step = call_step(call, "credential.new", NULL);
	credential_make(step, &agent_id, (enum role)wish->role,
	    wish->expires_ms, &id, api_key);
	/* The key is shown once: a repeat of the request is told without it. */
	struct json_writer w = step_reply(step);
	json_key(&w, "credential_id");
	json_put_id(&w, &id);
	json_key(&w, "agent_id");
	json_put_id(&w, &agent_id);
	buf_str(&body, buf_view(&step->answer));
	json_close(&w);
	if (!id_is_nil(&step->request_id))
		step->answer_status = 201;
	err = step_commit(step, reterr);
	if (err == AICX_OK) {
		buf_printf(&body, ",\"api_key\":\"%s\"}", api_key);
		call_answer(call, 201, buf_view(&body));
	}
	mem_wipe(api_key, sizeof api_key);
	mem_wipe(body.ptr, body.len);
	buf_fini(&body);
	return err;
}

struct by_credential {
	PARAMS;
	struct aicx_id id;
};

const struct field revoke_credentials_params[] = {
	PARAMS_METHOD(struct by_credential),
	FIELD(struct by_credential, id, "credential_id", FIELD_ID,
	    .flags = FIELDF_REQUIRED, .help = "Which one."),
	FIELD_END,
};
PARAMS_SIZE(revoke_credentials, by_credential);

/* Open sessions under it end at once. */
static void
end_sessions(struct broker *broker, const struct aicx_id *credential_id)
{
	LIST_EACH (node, &broker->peers) {
		struct aicx_peer *peer =
		    LIST_ITEM(node, struct aicx_peer, node);
		if (id_eq(&peer->who.credential_id, credential_id))
			peer->ops->close(
			    peer->conn, 1008, "credential revoked");
	}
}

aicx_err
on_revoke_credentials(
    struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct by_credential *by = params;
	const struct credential *known =
	    state_credential(&broker->state, &by->id);

	if (known == NULL ||
	    must_act_for(call, &known->agent_id, NULL) != AICX_OK)
		return not_found("credential", &by->id, reterr);
	struct credential credential = *known;
	credential.revoked = true;
	struct step *step = call_step(call, "credential.revoke", NULL);
	step_put(step, T_CREDENTIAL, &credential);
	struct json_writer w = step_reply(step);
	json_key(&w, "credential_id");
	json_put_id(&w, &by->id);
	json_key(&w, "revoked");
	json_put_bool(&w, true);
	json_close(&w);
	struct aicx_id id = by->id;
	aicx_err err = call_commit(call, step, 200, reterr);
	if (err == AICX_OK)
		end_sessions(broker, &id);
	return err;
}

/* --- whom a credential speaks for ------------------------------------ */

struct no_params {
	PARAMS;
};

const struct field verify_credentials_params[] = {
	PARAMS_METHOD(struct no_params),
	FIELD_END,
};
PARAMS_SIZE(verify_credentials, no_params);

/* A wrong credential does not come this far; without any it is a guest. */
aicx_err
on_verify_credentials(
    struct call *call, const void *params, struct aicx_error *reterr)
{
	struct reply reply;

	(void)params, (void)reterr;
	reply_begin(&reply, call);
	json_key(&reply.w, "role");
	json_put_text(&reply.w, role_names[call->who.role]);
	if (!id_is_nil(&call->who.agent_id)) {
		json_key(&reply.w, "agent_id");
		json_put_id(&reply.w, &call->who.agent_id);
	}
	if (!id_is_nil(&call->who.credential_id)) {
		json_key(&reply.w, "credential_id");
		json_put_id(&reply.w, &call->who.credential_id);
	}
	reply_send(&reply, 200);
	return AICX_OK;
}
