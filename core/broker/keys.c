/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keys.c - whose key is whose: bearer keys, their MAC keys, keys in the
 * broker's keeping, and binding an agent id to its first key.
 *
 * The text of an API key is kept nowhere.  Its two MAC keys are sealed beside
 * the records (sealed.h); a key in the broker's keeping is derived from the
 * root of its keys and never stored.
 */
#include "base/b64.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "broker/certificates.h"
#include "broker/peer.h"
#include "broker/sealed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool
credential_is_good(struct broker *broker, const struct credential *credential)
{
	return !credential->revoked &&
	    (credential->expires_ms == 0 ||
		credential->expires_ms > broker_now(broker));
}

bool
credential_any_is_good(struct broker *broker, const struct aicx_id *agent_id)
{
	const struct group *group =
	    state_group(&broker->state.credentials_of_agent, agent_id);

	for (size_t i = 0; i < group->n; i++)
		if (credential_is_good(broker,
			state_credential(&broker->state, &group->ids[i])))
			return true;
	return false;
}

const struct credential *
bearer_find(struct broker *broker, struct aicx_str text, bool secure,
    struct aicx_error *reterr)
{
	const struct credential *credential;
	uint8_t hash[HASH_BYTES];

	if (!secure) {
		(void)err_word(reterr, AICX_EDENIED, "unauthenticated",
		    "bearer keys are taken over TLS or loopback only");
		return NULL;
	}
	if (insider_is(broker, text))
		return insider_credential(broker, reterr);
	if (certificate_bearer(broker, text, &credential, reterr))
		return credential;
	api_key_verifier(text, hash);
	credential = state_bearer(&broker->state, hash);
	/* A certificate is no secret, and its text no key. */
	if (credential != NULL &&
	    (!credential_is_good(broker, credential) ||
		!str_is(credential->kind, "api_key")))
		credential = NULL;
	if (credential == NULL)
		(void)err_word(reterr, AICX_EDENIED, "unauthenticated",
		    "bearer key is unknown or revoked");
	return credential;
}

struct principal
principal_of(const struct credential *credential)
{
	return (struct principal) {
		.agent_id = credential->agent_id,
		.credential_id = credential->credential_id,
		.role = (enum role)credential->role,
		.kind = (enum principal_kind)credential->principal,
		.without = permissions_without(&credential->permissions),
	};
}

struct principal
principal_of_key(struct broker *broker, const struct aicx_id *agent_id)
{
	const struct group *group =
	    state_group(&broker->state.credentials_of_agent, agent_id);
	struct principal who = { .agent_id = *agent_id, .role = ROLE_AGENT };

	/* A key that leaves something out says nothing of the others. */
	for (size_t i = 0; i < group->n; i++) {
		const struct credential *credential =
		    state_credential(&broker->state, &group->ids[i]);
		if (!credential_is_good(broker, credential) ||
		    credential->permissions.n > 0 ||
		    credential->role <= (int)who.role)
			continue;
		who.role = (enum role)credential->role;
		who.kind = (enum principal_kind)credential->principal;
	}
	return who;
}

/* --- MAC keys of API keys -------------------------------------------- */

static struct aicx_str
secret_key(const struct aicx_id *id, char ret_key[64])
{
	int n = snprintf(ret_key, 64, "0/s/credential/%s", id_text(id).text);

	return (struct aicx_str) { ret_key, (size_t)n };
}

void
credential_keep(struct broker *broker, const struct aicx_id *credential_id,
    struct aicx_str api_key)
{
	struct session_keys keys;
	char text[64];

	api_key_derive(api_key, &keys);
	sealed_put(broker, secret_key(credential_id, text),
	    (struct aicx_str) { (const char *)&keys, sizeof keys });
	mem_wipe(&keys, sizeof keys);
}

struct credential_mac *
credential_mac(struct broker *broker, const struct aicx_id *credential_id)
{
	struct credential_mac *mac = map_find_id(&broker->macs, credential_id);
	struct session_keys keys;
	char text[64];

	if (mac != NULL)
		return mac;
	if (!sealed_get(
		broker, secret_key(credential_id, text), &keys, sizeof keys))
		return NULL;
	mac = MEM_NEW(struct credential_mac);
	mac->credential_id = *credential_id;
	mac->in = mac_new(keys.agent_to_broker, KEY_BYTES);
	mac->out = mac_new(keys.broker_to_agent, KEY_BYTES);
	mem_wipe(&keys, sizeof keys);
	(void)map_put_id(&broker->macs, &mac->credential_id, mac);
	return mac;
}

/* --- agents' keys ---------------------------------------------------- */

void
broker_derive(struct broker *broker, const struct aicx_id *id,
    const char *purpose, uint8_t *ret_bytes, size_t n_bytes)
{
	const char *root = (const char *)keyring_root(broker->keys.ring);

	hkdf((struct aicx_str) { root, KEY_BYTES }, id_bytes(id),
	    str_of(purpose), ret_bytes, n_bytes);
}

struct sign_key *
broker_custody_key(struct broker *broker, const struct aicx_id *agent_id)
{
	uint8_t seed[KEY_BYTES];

	broker_derive(
	    broker, agent_id, "aiconexus custody v1", seed, sizeof seed);
	struct sign_key *key = sign_key_new(seed);
	mem_wipe(seed, sizeof seed);
	return key;
}

bool
broker_agent_key(struct broker *broker, const struct aicx_id *agent_id,
    uint8_t ret_raw[KEY_BYTES])
{
	const struct agent *agent = state_agent(&broker->state, agent_id);

	return agent != NULL &&
	    b64_parse(agent->public_key, ret_raw, KEY_BYTES);
}

static aicx_err
bind_known(const struct agent *agent, const uint8_t raw[KEY_BYTES],
    struct aicx_error *reterr)
{
	uint8_t known[KEY_BYTES];

	if (agent->custody)
		return err_word(reterr, AICX_EDENIED, "denied",
		    "agent's key is in the broker's keeping");
	if (!b64_parse(agent->public_key, known, KEY_BYTES) ||
	    !bytes_equal(known, raw, KEY_BYTES))
		return err_word(reterr, AICX_EDENIED, "sender_mismatch",
		    "agent id is bound to another key");
	return AICX_OK;
}

/* The broker's own names are no agent's: not its id, not its accounts. */
aicx_err
agent_may_be(const struct broker *broker, const struct aicx_id *agent_id,
    struct aicx_error *reterr)
{
	if (id_eq(agent_id, &broker->keys.broker_id) ||
	    place_own_name(agent_id) != NULL)
		return err_word(reterr, AICX_EDENIED, "sender_mismatch",
		    "agent id is the broker's own");
	return AICX_OK;
}

aicx_err
agent_bind(struct broker *broker, const struct aicx_id *agent_id,
    const uint8_t raw[KEY_BYTES], struct aicx_error *reterr)
{
	const struct agent *known = state_agent(&broker->state, agent_id);
	char text[B64_LEN(KEY_BYTES)];
	aicx_err err = agent_may_be(broker, agent_id, reterr);

	if (err != AICX_OK)
		return err;
	if (known != NULL)
		return bind_known(known, raw, reterr);
	if (strcmp(broker->settings->registration, "open") != 0)
		return err_word(reterr, AICX_EDENIED, "denied",
		    "agent is unknown and registration is by the operator");
	struct step *step = step_begin(broker, "agent.bind", agent_id, NULL);
	struct agent agent = { .agent_id = *agent_id,
		.owner_id = *agent_id,
		.created_ms = step->now_ms };
	b64_print(raw, KEY_BYTES, text);
	agent.public_key = (struct aicx_str) { text, sizeof text };
	step_put(step, T_AGENT, &agent);
	return step_commit(step, reterr);
}
