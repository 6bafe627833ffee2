/* SPDX-License-Identifier: Apache-2.0 */
/* on_security.c - credentials: made, shown once, looked at, rotated, revoked.
 */
#include "base/b64.h"
#include "base/err.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/str.h"
#include "broker/certificates.h"
#include "broker/handlers.h"
#include "broker/peer.h"

/* The old key of a rotation: at most, and when nothing is said. */
enum { OVERLAP_MAX_MS = 30 * 86400 * 1000LL, OVERLAP_MS = 86400 * 1000 };
enum { REQUEST_BYTES_MAX = 8192 };

struct new_credential {
	PARAMS;
	struct aicx_id agent_id;
	struct aicx_str kind;
	struct aicx_str request;
	int role; /* enum role */
	int principal; /* enum principal_kind */
	struct field_strs permissions;
	int64_t expires_ms;
};

const struct field generate_credentials_params[] = {
	PARAMS_METHOD(struct new_credential),
	FIELD(struct new_credential, agent_id, "agent_id", FIELD_ID,
	    .help = "Whose; absent: the caller's."),
	FIELD(struct new_credential, kind, "kind", FIELD_STR, .max = 16,
	    .help = "api_key (what is made when nothing is said) or "
		    "certificate."),
	FIELD(struct new_credential, request, "request", FIELD_STR,
	    .max = REQUEST_BYTES_MAX,
	    .help = "For a certificate: a request (RFC 2986) in PEM, signed by "
		    "the new key, which is Ed25519 or P-256."),
	FIELD(struct new_credential, role, "role", FIELD_ENUM,
	    .names = role_names, .fallback = ROLE_AGENT,
	    .help = "What it allows; more than agent only by the operator."),
	FIELD(struct new_credential, principal, "principal", FIELD_ENUM,
	    .names = principal_kind_names,
	    .help = "Who holds it: an agent, a user or a service."),
	FIELD(struct new_credential, permissions, "permissions", FIELD_STRS,
	    .max = CREDENTIAL_PERMISSIONS_MAX,
	    .help = "Only these of the role's, such as deal.read; absent: "
		    "all."),
	FIELD(struct new_credential, expires_ms, "expires", FIELD_TIME,
	    .help = "Not valid from then on."),
	FIELD_END,
};
PARAMS_SIZE(generate_credentials, new_credential);

/* No key opens what the caller's own does not. */
static aicx_err
check_width(const struct call *call, enum role role, unsigned without,
    struct aicx_error *reterr)
{
	for (int i = PERM_PUBLIC + 1; i < PERM_N; i++)
		if (role_allows(role, (enum permission)i) &&
		    (call->who.without & ~without & (1u << i)) != 0)
			return err_word(reterr, AICX_EDENIED, "denied",
			    "the caller's credential leaves out %s, so may no "
			    "other that it makes have it",
			    permission_name((enum permission)i));
	return AICX_OK;
}

static bool
is_certificate(const struct new_credential *wish)
{
	return str_is(wish->kind, "certificate");
}

static aicx_err
check_wish(struct call *call, const struct new_credential *wish,
    const struct aicx_id *agent_id, struct aicx_error *reterr)
{
	aicx_err err = must_act_for(call, agent_id, reterr);

	if (err != AICX_OK)
		return err;
	if (state_agent(&call->broker->state, agent_id) == NULL)
		return not_found("agent", agent_id, reterr);
	if (wish->kind.ptr != NULL && !str_is(wish->kind, "api_key") &&
	    !is_certificate(wish))
		return err_field(reterr, AICX_EINVAL, "invalid_params", "/kind",
		    "\"%.*s\" is no kind of credential: use api_key or "
		    "certificate",
		    STR_ARG(wish->kind));
	if (is_certificate(wish) != (wish->request.ptr != NULL))
		return err_field(reterr, AICX_EINVAL, "invalid_params",
		    "/request",
		    "a certificate needs a request, and nothing else has one");
	err = permissions_check(&wish->permissions, reterr);
	if (err != AICX_OK)
		return err;
	if (wish->expires_ms != 0 &&
	    wish->expires_ms <= broker_now(call->broker))
		return err_field(reterr, AICX_EINVAL, "invalid_params",
		    "/expires", "expires lies in the past");
	if (wish->role == ROLE_GUEST ||
	    (wish->role != ROLE_AGENT && call->who.role != ROLE_OPERATOR))
		return err_word(reterr, AICX_EDENIED, "denied",
		    "only the operator gives the role \"%s\"",
		    role_names[wish->role]);
	return check_width(call, (enum role)wish->role,
	    permissions_without(&wish->permissions), reterr);
}

/* The row; its key's text and MAC keys are put aside. */
void
credential_make(struct step *step, const struct credential *wish,
    struct aicx_id *ret_id, char ret_api_key[API_KEY_TEXT + 1])
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
	struct credential credential = *wish;
	credential.credential_id = *ret_id;
	credential.kind = STR("api_key");
	credential.verifier =
	    (struct aicx_str) { verifier_text, sizeof verifier_text };
	credential.created_ms = step->now_ms;
	step_put(step, T_CREDENTIAL, &credential);
	credential_keep(broker, ret_id, str_of(ret_api_key));
}

/* The key is shown once: a repeat of the request is told without it. */
static aicx_err
answer_key(struct call *call, struct step *step, struct json_writer *w,
    const char *api_key, struct aicx_error *reterr)
{
	AUTO(buf_fini) struct buf body = { 0 };
	aicx_err err;

	buf_str(&body, buf_view(&step->answer));
	json_close(w);
	if (!id_is_nil(&step->request_id))
		step->answer_status = 201;
	err = step_commit(step, reterr);
	if (err == AICX_OK) {
		buf_printf(&body, ",\"api_key\":\"%s\"}", api_key);
		call->shows_secret = true;
		call_answer(call, 201, buf_view(&body));
	}
	mem_wipe(body.ptr, body.len);
	return err;
}

static struct json_writer
begin_answer(struct step *step, const struct aicx_id *id,
    const struct credential *credential)
{
	struct json_writer w = step_reply(step);

	json_key(&w, "credential_id");
	json_put_id(&w, id);
	json_key(&w, "agent_id");
	json_put_id(&w, &credential->agent_id);
	json_key(&w, "role");
	json_put_text(&w, role_names[credential->role]);
	if (credential->expires_ms != 0) {
		json_key(&w, "expires");
		json_put_time(&w, credential->expires_ms);
	}
	return w;
}

aicx_err
on_generate_credentials(
    struct call *call, const void *params, struct aicx_error *reterr)
{
	const struct new_credential *wish = params;
	struct credential credential = {
		.agent_id = id_is_nil(&wish->agent_id) ? call->who.agent_id
						       : wish->agent_id,
		.role = wish->role,
		.principal = wish->principal,
		.permissions = wish->permissions,
		.expires_ms = wish->expires_ms,
	};
	struct aicx_id id;
	char api_key[API_KEY_TEXT + 1];
	aicx_err err = check_wish(call, wish, &credential.agent_id, reterr);

	if (err != AICX_OK)
		return err;
	if (is_certificate(wish))
		return certificate_make(
		    call, &credential, wish->request, reterr);
	struct step *step = call_step(call, "credential.new", NULL);
	credential_make(step, &credential, &id, api_key);
	struct json_writer w = begin_answer(step, &id, &credential);
	err = answer_key(call, step, &w, api_key, reterr);
	mem_wipe(api_key, sizeof api_key);
	return err;
}

/* --- rotated --------------------------------------------------------- */

struct rotation {
	PARAMS;
	struct aicx_id id;
	int64_t overlap_ms;
};

const struct field rotate_credentials_params[] = {
	PARAMS_METHOD(struct rotation),
	FIELD(struct rotation, id, "credential_id", FIELD_ID,
	    .flags = FIELDF_REQUIRED, .help = "Which one gets a new key."),
	FIELD(struct rotation, overlap_ms, "overlap_ms", FIELD_INT, .min = 0,
	    .max = OVERLAP_MAX_MS, .fallback = OVERLAP_MS,
	    .help = "How long the old key is good beside it (one day)."),
	FIELD_END,
};
PARAMS_SIZE(rotate_credentials, rotation);

/* The caller's own, and no wider than what it came with. */
static aicx_err
check_rotation(struct call *call, const struct aicx_id *id,
    const struct credential *known, struct aicx_error *reterr)
{
	if (known == NULL ||
	    must_act_for(call, &known->agent_id, NULL) != AICX_OK)
		return not_found("credential", id, reterr);
	if (!str_is(known->kind, "api_key"))
		return err_word(reterr, AICX_ESTATE, "wrong_state",
		    "credential \"%s\" is a certificate: have another one made",
		    id_text(id).text);
	if (!credential_is_good(call->broker, known))
		return err_word(reterr, AICX_ESTATE, "wrong_state",
		    "credential \"%s\" is revoked or expired",
		    id_text(id).text);
	if (known->role != ROLE_AGENT && known->role != (int)call->who.role &&
	    call->who.role != ROLE_OPERATOR)
		return err_word(reterr, AICX_EDENIED, "denied",
		    "role %s makes no key of role %s",
		    role_names[call->who.role], role_names[known->role]);
	return check_width(call, (enum role)known->role,
	    permissions_without(&known->permissions), reterr);
}

aicx_err
on_rotate_credentials(
    struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct rotation *wish = params;
	const struct credential *known =
	    state_credential(&broker->state, &wish->id);
	struct aicx_id id;
	char api_key[API_KEY_TEXT + 1];
	aicx_err err = check_rotation(call, &wish->id, known, reterr);

	if (err != AICX_OK)
		return err;
	struct credential old = *known, next = *known;
	struct step *step = call_step(call, "credential.rotate", NULL);
	credential_make(step, &next, &id, api_key);
	int64_t until_ms = step->now_ms + wish->overlap_ms;
	if (old.expires_ms == 0 || until_ms < old.expires_ms)
		old.expires_ms = until_ms;
	old.revoked = wish->overlap_ms == 0;
	step_put(step, T_CREDENTIAL, &old);
	struct json_writer w = begin_answer(step, &id, &next);
	json_key(&w, "replaces");
	json_put_id(&w, &old.credential_id);
	json_key(&w, "valid_until");
	json_put_time(&w, old.expires_ms);
	err = answer_key(call, step, &w, api_key, reterr);
	mem_wipe(api_key, sizeof api_key);
	if (err == AICX_OK)
		credentials_changed(broker);
	return err;
}

/* --- revoked --------------------------------------------------------- */

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
	aicx_err err = call_commit(call, step, 200, reterr);
	if (err == AICX_OK)
		credentials_changed(broker);
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

static void
put_scopes(struct json_writer *w, const struct principal *who)
{
	json_key(w, "permissions");
	json_open(w, '[');
	for (int i = PERM_PUBLIC + 1; i < PERM_N; i++)
		if (principal_has(who, (enum permission)i))
			json_put_text(w, permission_name((enum permission)i));
	json_close(w);
}

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
	json_key(&reply.w, "principal");
	json_put_text(&reply.w, principal_kind_names[call->who.kind]);
	put_scopes(&reply.w, &call->who);
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
