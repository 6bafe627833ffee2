/* SPDX-License-Identifier: Apache-2.0 */
/* granting.c - what is signed once: taken, verified or signed, then recorded.
 */
#include "broker/granting.h"

#include "base/b64.h"
#include "base/err.h"
#include "base/str.h"

aicx_err
granting_take(struct call *call, struct aicx_str text, struct aicx_str key_id,
    struct aicx_str signature, struct granting *granting,
    struct aicx_error *reterr)
{
	granting->object.text = arena_str(&call->mem, text);
	granting->object.key_id = key_id;
	if (!b64_parse(signature, granting->object.signature, SIG_BYTES))
		return err_field(reterr, AICX_EINVAL, "invalid_params",
		    "/signature", "signature is no base64url of 64 bytes");
	return AICX_OK;
}

aicx_err
granting_sign_kept(struct call *call, const struct aicx_id *agent_id,
    struct granting *granting, struct aicx_str text, struct aicx_error *reterr)
{
	const struct agent *agent = state_agent(&call->broker->state, agent_id);

	if (agent == NULL || !agent->custody)
		return err_word(reterr, AICX_EDENIED, "denied",
		    "the broker does not keep this agent's key: sign the text");
	struct sign_key *key = broker_custody_key(call->broker, agent_id);
	granting->object = object_sign(key, granting->kind, text);
	granting->object.key_id =
	    arena_str(&call->mem, granting->object.key_id);
	sign_key_free(key);
	return AICX_OK;
}

struct aicx_str
granting_signature(struct call *call, const struct granting *granting)
{
	char *text = arena_new(&call->mem, B64_LEN(SIG_BYTES));

	b64_print(granting->object.signature, SIG_BYTES, text);
	return (struct aicx_str) { text, B64_LEN(SIG_BYTES) };
}

static void
verify_work(void *arg)
{
	struct call *call = arg;
	struct granting *granting = call->held;

	granting->genuine = object_verify(&granting->object, granting->kind,
				granting->key, NULL) == AICX_OK;
}

static void
verify_done(void *arg)
{
	struct call *call = arg;
	struct granting *granting = call->held;
	struct aicx_error error = { 0 };
	aicx_err err;

	if (!granting->genuine)
		err = err_word(&error, AICX_EDENIED, "bad_signature",
		    "%s is not signed by this key",
		    sig_kind_name(granting->kind));
	else
		err = granting->record(call, granting, &error);
	if (err != AICX_OK)
		call_fail(call, &error);
}

aicx_err
granting_verify(struct call *call, struct granting *granting,
    const struct aicx_id *signer, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	char key_id[KEY_ID_TEXT + 1] = "";

	if (broker_agent_key(broker, signer, granting->key))
		key_id_of(granting->key, key_id);
	if (!str_is(granting->object.key_id, key_id))
		return err_field(reterr, AICX_EDENIED, "bad_signature",
		    "/key_id", "%s is signed by a stranger's key",
		    sig_kind_name(granting->kind));
	call->held = granting;
	if (broker->ports.work(
		broker->ports.arg, verify_work, verify_done, call) != AICX_OK)
		return err_word(reterr, AICX_EAGAIN, "too_many",
		    "too many signatures to verify; try later");
	return AICX_OK;
}
