/* SPDX-License-Identifier: Apache-2.0 */
/* peer.h - the struct behind a transport's connection; this folder only. */
#ifndef BROKER_PEER_H
#define BROKER_PEER_H

#include "base/id.h"
#include "broker/inside.h"
#include "protocol/problem.h"
#include "protocol/session.h"

enum peer_state {
	PEER_NEW, /* the challenge is being signed */
	PEER_CHALLENGED,
	PEER_OPENING, /* session.open is being verified */
	PEER_OPEN,
	PEER_GONE
};

struct aicx_peer {
	struct list node; /* in broker->peers */
	struct list unopened; /* in broker->unopened, until it is open */
	struct broker *broker;
	const struct aicx_peer_ops *ops;
	void *conn;
	enum peer_state state;
	uint64_t origin; /* whose address; 0: not limited */
	char address[REFUSAL_ADDRESS + 8]; /* with its port */
	bool unproven; /* its handshake counts against that */
	int refs; /* the transport's, and one for each job */
	uint8_t nonce[NONCE_BYTES], x25519_seed[KEY_BYTES];
	int64_t nonce_ms;
	struct buf challenge; /* as sent */
	struct aicx_id session_id;
	struct id_text session_text;
	struct mac *in, *out;
	struct credential_mac *mac; /* of the API key of the upgrade */
	struct id_text mac_text;
	struct principal who;
	struct member *member;
	struct list calls; /* that will be answered here */
};

/* Of a transport that knows the operator without a key (insider.c). */
bool insider_is(const struct broker *broker, struct aicx_str bearer);
const struct credential *insider_credential(
    struct broker *broker, struct aicx_error *reterr);
/* The credential of a bearer text, or NULL and "unauthenticated". */
const struct credential *bearer_find(struct broker *broker,
    struct aicx_str text, bool secure, struct aicx_error *reterr);
/* Neither revoked nor expired. */
bool credential_is_good(
    struct broker *broker, const struct credential *credential);
/* An agent has one like that. */
bool credential_any_is_good(
    struct broker *broker, const struct aicx_id *agent_id);
struct principal principal_of(const struct credential *credential);
/* Of an agent's own key: the strongest role among its credentials that leave
   nothing out; ROLE_AGENT without one. */
struct principal principal_of_key(
    struct broker *broker, const struct aicx_id *agent_id);
/* Refuses the ids that are the broker's own. */
aicx_err agent_may_be(const struct broker *broker,
    const struct aicx_id *agent_id, struct aicx_error *reterr);
/* Binds a new agent id to its key by a step of its own; refuses another key
   for a known agent. */
aicx_err agent_bind(struct broker *broker, const struct aicx_id *agent_id,
    const uint8_t raw[KEY_BYTES], struct aicx_error *reterr);
/* Puts a new API key's row into the step, with whose, role, kind, permissions
   and end as in `wish`; its MAC keys go beside the record. */
void credential_make(struct step *step, const struct credential *wish,
    struct aicx_id *ret_id, char ret_api_key[API_KEY_TEXT + 1]);
/* One was revoked or has expired: what came under it and is open ends now. */
void credentials_changed(struct broker *broker);
/* Something that stays open came under it: it ends when this expires. */
void credential_used(
    struct broker *broker, const struct credential *credential);
/* At the next time at which one expires that something open came under. */
void credentials_tick(struct broker *broker, int64_t now_ms);
aicx_err envelope_admit(struct broker *broker, struct envelope *env,
    const struct aicx_id *key_owner, struct aicx_error *reterr);

#endif
