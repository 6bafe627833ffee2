/* SPDX-License-Identifier: Apache-2.0 */
/* signed_call.c - whose signature an HTTP request carries, and is it fresh? */
#include "broker/signed_call.h"

#include "base/broken.h"
#include "base/err.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/str.h"
#include "broker/peer.h"
#include "protocol/http_signature.h"

#include <string.h>

struct signed_call { /* in the call's memory */
	struct http_signature signature;
	struct aicx_str base, idempotency_key;
	struct aicx_id signer; /* the agent */
	uint8_t key[KEY_BYTES];
	bool genuine;
};

bool
signed_call_is(const struct aicx_call *wish)
{
	return AICX_HAS(wish, struct aicx_call, signed_request) &&
	    wish->credential.ptr == NULL &&
	    http_is_signed(wish->signed_request);
}

static aicx_err
unknown(struct aicx_error *reterr)
{
	return err_word(reterr, AICX_EDENIED, "bad_signature",
	    "the request is not signed under a known key");
}

/* The same signature is taken once: who asks again makes a new one. */
static aicx_err
check_unseen(struct call *call, const struct signed_call *job,
    const struct aicx_id *signer, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	uint8_t hash[HASH_BYTES];

	sha256(job->signature.bytes, job->signature.n_bytes, hash);
	struct aicx_id id = id_v8(hash);
	switch (
	    window_see(broker->window, signer, &id, 0, broker_now(broker))) {
	case WINDOW_NEW:
		return AICX_OK;
	case WINDOW_REPEAT:
	case WINDOW_CONFLICT:
		if (broken("no_replay_window"))
			return AICX_OK;
		return err_word(reterr, AICX_EEXIST, "conflict",
		    "this signature was sent before: sign again, with a nonce");
	case WINDOW_FULL:
		break;
	}
	return err_word(reterr, AICX_ELIMIT, "rate_limited",
	    "too many messages in this minute");
}

/* It is proven: goes on as a call with a bearer key does. */
static aicx_err
go_on(struct call *call, const struct signed_call *job,
    const struct principal *who, struct aicx_error *reterr)
{
	aicx_err err = check_unseen(call, job, &who->agent_id, reterr);

	if (err != AICX_OK)
		return err;
	call_speaks_for(call, who, job->idempotency_key);
	dispatch(call);
	return AICX_OK;
}

static aicx_err
by_api_key(
    struct call *call, const struct signed_call *job, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct credential *credential = NULL;
	struct credential_mac *mac = NULL;
	uint8_t made[MAC_BYTES];
	struct aicx_id id;

	if (id_parse(job->signature.key_id, &id))
		credential = state_credential(&broker->state, &id);
	if (credential != NULL && credential_is_good(broker, credential))
		mac = credential_mac(broker, &id);
	if (mac == NULL)
		return unknown(reterr);
	mac_plain(mac->in, job->base, made);
	if (!bytes_equal(made, job->signature.bytes, sizeof made))
		return unknown(reterr);
	struct principal who = principal_of(credential);
	credential_used(broker, credential);
	return go_on(call, job, &who, reterr);
}

static void
verify_work(void *arg)
{
	struct call *call = arg;
	struct signed_call *job = call->held;

	job->genuine = ed25519_verify(job->key, job->base,
	    (struct aicx_str) {
		(const char *)job->signature.bytes, SIG_BYTES });
}

static void
verify_done(void *arg)
{
	struct call *call = arg;
	struct signed_call *job = call->held;
	struct aicx_error error = { 0 };
	aicx_err err;

	if (job->genuine)
		limits_verified(call->broker, call->origin);
	if (!job->genuine)
		err = unknown(&error);
	else {
		struct principal who =
		    principal_of_key(call->broker, &job->signer);
		err = go_on(call, job, &who, &error);
	}
	if (err != AICX_OK)
		call_fail(call, &error);
}

static aicx_err
by_own_key(
    struct call *call, struct signed_call *job, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct agent *agent;
	aicx_err err;

	if (!id_parse(job->signature.key_id, &job->signer))
		return unknown(reterr);
	agent = state_agent(&broker->state, &job->signer);
	if (agent == NULL || agent->custody ||
	    !broker_agent_key(broker, &job->signer, job->key))
		return unknown(reterr);
	err = limits_verify(broker, call->origin, &call->wait_ms, reterr);
	if (err != AICX_OK)
		return err;
	call->held = job;
	if (broker->ports.work(
		broker->ports.arg, verify_work, verify_done, call) != AICX_OK)
		return err_word(reterr, AICX_EAGAIN, "too_many",
		    "too many signatures to verify; try later");
	return AICX_OK;
}

/* Cheap things first: what it says of itself, then the time, then the key. */
static aicx_err
read_request(struct call *call, const struct aicx_http_request *request,
    struct signed_call *job, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	bool https = strncmp(broker->settings->public_url, "https:", 6) == 0;
	AUTO(buf_fini) struct buf base = { 0 };
	aicx_err err = http_signature_parse(request, &job->signature, reterr);

	if (err == AICX_OK)
		err = http_signature_check_fresh(&job->signature,
		    broker_now(broker), broker->settings->window_ms, reterr);
	if (err == AICX_OK)
		err = http_signature_check(&job->signature, request, reterr);
	if (err == AICX_OK)
		err = http_signature_base(&job->signature, request,
		    https ? "https" : "http", &base, reterr);
	job->base = arena_str(&call->mem, buf_view(&base));
	return err;
}

static aicx_err
take(struct call *call, const struct aicx_call *wish, struct aicx_error *reterr)
{
	struct signed_call *job = arena_new(&call->mem, sizeof *job);
	aicx_err err = read_request(call, wish->signed_request, job, reterr);
	bool mac = job->signature.n_bytes == MAC_BYTES;

	if (err != AICX_OK)
		return err;
	if (wish->idempotency_key.ptr != NULL)
		job->idempotency_key =
		    arena_str(&call->mem, wish->idempotency_key);
	if (job->signature.alg != HTTP_ALG_ABSENT &&
	    mac != (job->signature.alg == HTTP_ALG_HMAC_SHA256))
		return err_word(reterr, AICX_EDENIED, "bad_signature",
		    "the signature is not of the size of its alg");
	return mac ? by_api_key(call, job, reterr)
		   : by_own_key(call, job, reterr);
}

void
signed_call_take(struct call *call, const struct aicx_call *wish)
{
	struct aicx_error error = { 0 };

	if (take(call, wish, &error) != AICX_OK)
		call_fail(call, &error);
}
