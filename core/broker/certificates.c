/* SPDX-License-Identifier: Apache-2.0 */
/*
 * certificates.c - agents known by a certificate that this broker issued.
 *
 * A certificate is a credential like an API key: a row whose verifier is the
 * SHA-256 of the certificate.  The handshake shows that the client has its key,
 * the transport then speaks for it by a text that lives in this process only,
 * so that whether it is revoked is asked at each request.
 */
#include "broker/certificates.h"

#include <stdio.h>
#include <string.h>

#include "base/b64.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "broker/handlers.h"
#include "broker/peer.h"
#include "protocol/certificate.h"

#define KIND STR("certificate")

enum { LIFE_DAYS = 90, EARLY_MS = 60000 /* for clocks that are behind */ };

static const struct authority *
authority_of(struct broker *broker)
{
	if (broker->authority == NULL)
		broker->authority = authority_new(
		    keyring_seed(broker->keys.ring), &broker->keys.broker_id);
	return broker->authority;
}

struct aicx_str
certificates_ca(void *arg)
{
	return authority_der(authority_of(arg));
}

/* --- vouchers --------------------------------------------------------- */

/* The operator's text of this process, a dot, the hash in base64url. */
void
certificates_auth(
    void *arg, const uint8_t hash[HASH_BYTES], char ret_auth[AICX_AUTH_TEXT])
{
	char text[B64_LEN(HASH_BYTES)];

	b64_print(hash, HASH_BYTES, text);
	(void)snprintf(ret_auth, AICX_AUTH_TEXT, "%s.%.*s", insider_auth(arg),
	    (int)sizeof text, text);
}

bool
certificate_bearer(struct broker *broker, struct aicx_str text,
    const struct credential **ret_credential, struct aicx_error *reterr)
{
	enum { TAIL = B64_LEN(HASH_BYTES) + 1 };
	const struct credential *credential;
	uint8_t hash[HASH_BYTES];

	if (text.len <= TAIL || text.ptr[text.len - TAIL] != '.' ||
	    !insider_is(
		broker, (struct aicx_str) { text.ptr, text.len - TAIL }) ||
	    !b64_parse(
		(struct aicx_str) { text.ptr + text.len - TAIL + 1, TAIL - 1 },
		hash, sizeof hash))
		return false;
	credential = state_verifier(&broker->state, hash);
	if (credential == NULL || !str_eq(credential->kind, KIND))
		(void)err_word(reterr, AICX_EDENIED, "unauthenticated",
		    "certificate is unknown");
	else if (!credential_is_good(broker, credential))
		(void)err_word(reterr, AICX_EDENIED, "unauthenticated",
		    "certificate is %s",
		    credential->revoked ? "revoked" : "expired");
	else {
		*ret_credential = credential;
		return true;
	}
	*ret_credential = NULL;
	return true;
}

/* --- issued ----------------------------------------------------------- */

static aicx_err
answer(struct call *call, const struct credential *credential,
    struct aicx_str der, struct step *step, struct aicx_error *reterr)
{
	AUTO(buf_fini) struct buf pem = { 0 };
	struct json_writer w = step_reply(step);

	json_key(&w, "credential_id");
	json_put_id(&w, &credential->credential_id);
	json_key(&w, "agent_id");
	json_put_id(&w, &credential->agent_id);
	json_key(&w, "role");
	json_put_text(&w, role_names[credential->role]);
	json_key(&w, "expires");
	json_put_time(&w, credential->expires_ms);
	json_key(&w, "certificate");
	certificate_put_pem(&pem, der);
	json_put_str(&w, buf_view(&pem));
	json_key(&w, "authority");
	buf_clear(&pem);
	certificate_put_pem(&pem, certificates_ca(call->broker));
	json_put_str(&w, buf_view(&pem));
	json_close(&w);
	return call_commit(call, step, 201, reterr);
}

aicx_err
certificate_make(struct call *call, const struct credential *wish,
    struct aicx_str request, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	AUTO(buf_fini) struct buf der = { 0 };
	struct credential credential = *wish;
	uint8_t verifier[HASH_BYTES];
	char text[B64_LEN(HASH_BYTES)];

	credential.credential_id = broker_new_id(broker);
	credential.kind = KIND;
	credential.created_ms = broker_now(broker);
	if (credential.expires_ms == 0)
		credential.expires_ms =
		    credential.created_ms + LIFE_DAYS * INT64_C(86400000);
	const struct certificate_wish names = {
		.serial = credential.credential_id,
		.agent_id = credential.agent_id,
		.from_ms = credential.created_ms - EARLY_MS,
		.until_ms = credential.expires_ms,
	};
	aicx_err err = authority_issue(
	    authority_of(broker), request, &names, &der, reterr);
	if (err != AICX_OK)
		return err;
	sha256(der.ptr, der.len, verifier);
	b64_print(verifier, sizeof verifier, text);
	credential.verifier = (struct aicx_str) { text, sizeof text };
	struct step *step = call_step(call, "credential.new", NULL);
	step_put(step, T_CREDENTIAL, &credential);
	return answer(call, &credential, buf_view(&der), step, reterr);
}
