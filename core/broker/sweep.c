/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sweep.c - the end of what came under a credential that is good no longer:
 * connections are closed, and calls that wait for something are refused.
 *
 * A request that was taken goes on: a deal that was bought stays bought.
 */
#include "base/err.h"
#include "base/id.h"
#include "base/mem.h"
#include "broker/peer.h"

#include <stdlib.h>

enum { CLOSE_POLICY = 1008 };

/* The credential is good until this time; 0: no longer, INT64_MAX: no end. */
static int64_t
good_until(struct broker *broker, const struct aicx_id *credential_id)
{
	const struct credential *credential =
	    state_credential(&broker->state, credential_id);

	if (credential == NULL || !credential_is_good(broker, credential))
		return 0;
	return credential->expires_ms != 0 ? credential->expires_ms : INT64_MAX;
}

/* Under which credential its messages come; NULL: only the agent's own key. */
static const struct aicx_id *
credential_of(const struct aicx_peer *peer)
{
	return peer->mac != NULL                   ? &peer->mac->credential_id
	    : !id_is_nil(&peer->who.credential_id) ? &peer->who.credential_id
						   : NULL;
}

/* Returns when it is to be looked at again. */
static int64_t
sweep_peer(struct broker *broker, struct aicx_peer *peer)
{
	const struct aicx_id *id = credential_of(peer);
	int64_t until_ms = id != NULL ? good_until(broker, id) : INT64_MAX;

	if (until_ms == 0) {
		log_info(broker->log, "session.ended",
		    KV("agent", id_text(&peer->who.agent_id).text),
		    KV("reason", "its credential is revoked or expired"));
		peer->ops->close(
		    peer->conn, CLOSE_POLICY, "credential revoked or expired");
	} else if (peer->state == PEER_OPEN && peer->out != NULL)
		peer->who = principal_of_key(broker, &peer->who.agent_id);
	return until_ms == 0 ? INT64_MAX : until_ms;
}

static int64_t
sweep_call(struct broker *broker, struct call *call)
{
	struct aicx_error error = { 0 };
	int64_t until_ms;

	if (call->resume == NULL || id_is_nil(&call->who.credential_id))
		return INT64_MAX;
	until_ms = good_until(broker, &call->who.credential_id);
	if (until_ms != 0)
		return until_ms;
	if (call->ticket)
		list_remove(&call->peer_node);
	list_remove(&call->watch_node);
	(void)err_word(&error, AICX_EDENIED, "unauthenticated",
	    "the credential is revoked or expired");
	call_fail(call, &error);
	return INT64_MAX;
}

static void
sweep(void *arg)
{
	struct broker *broker = arg;
	int64_t next_ms = INT64_MAX;

	LIST_EACH (node, &broker->peers) {
		int64_t until_ms =
		    sweep_peer(broker, LIST_ITEM(node, struct aicx_peer, node));
		if (until_ms < next_ms)
			next_ms = until_ms;
	}
	LIST_EACH (node, &broker->calls) {
		int64_t until_ms =
		    sweep_call(broker, LIST_ITEM(node, struct call, node));
		if (until_ms < next_ms)
			next_ms = until_ms;
	}
	broker->credentials_ms = next_ms == INT64_MAX ? 0 : next_ms;
	if (broker->credentials_ms != 0)
		broker_wake(broker, broker->credentials_ms);
}

/* Behind the gate, so that who ends its own credential is told first; what
   comes under it meanwhile is refused already. */
void
credentials_changed(struct broker *broker)
{
	journal_after(broker->journal, sweep, broker);
}

void
credential_used(struct broker *broker, const struct credential *credential)
{
	int64_t until_ms = credential->expires_ms;

	if (until_ms == 0 ||
	    (broker->credentials_ms != 0 && broker->credentials_ms <= until_ms))
		return;
	broker->credentials_ms = until_ms;
	broker_wake(broker, until_ms);
}

void
credentials_tick(struct broker *broker, int64_t now_ms)
{
	if (broker->credentials_ms == 0)
		return;
	if (now_ms < broker->credentials_ms)
		broker_wake(broker, broker->credentials_ms);
	else
		sweep(broker);
}
