/* SPDX-License-Identifier: Apache-2.0 */
/* actor.h - an agent of a test, with a key of its own and one session. */
#ifndef BROKER_ACTOR_H
#define BROKER_ACTOR_H

#include "protocol/crypto.h"
#include "protocol/envelope.h"

#include <stdbool.h>
#include <stdint.h>

enum { ACTOR_MESSAGES_MAX = 256 };

struct actor;
struct stage;

struct actor *actor_new(struct stage *stage, const char *name);
void actor_open(struct actor *actor); /* the session's handshake */
const struct aicx_id *actor_id(const struct actor *actor);
struct sign_key *actor_key(struct actor *actor);
/* Sends; returns the message's id. */
struct aicx_id actor_send(struct actor *actor, enum msg_type type,
    const struct aicx_id *correlation_id, const char *payload);
/* A message to another agent, given up after ttl_ms; returns its id. */
struct aicx_id actor_tells(struct actor *actor, const struct aicx_id *to,
    int64_t ttl_ms, const char *payload);
/* The same message again: same id, type and payload. */
void actor_send_as(struct actor *actor, const struct aicx_id *id,
    enum msg_type type, const struct aicx_id *correlation_id,
    const char *payload);
/* The next message that came, as an envelope (views into the actor); false:
   there is none. */
bool actor_next(struct actor *actor, struct envelope *ret_env);
/* Drops the messages that were read; views of them end. */
void actor_forget(struct actor *actor);
void actor_close(struct actor *actor);
/* Registers a capability at a price per call. */
void actor_sells(
    struct actor *actor, const char *capability, const char *price);
/* Answers an invitation with a signed offer; key NULL: its own. */
void actor_offers(struct actor *actor, const struct envelope *invitation,
    const char *price, struct sign_key *key);

#endif
