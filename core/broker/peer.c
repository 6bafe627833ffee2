/* SPDX-License-Identifier: Apache-2.0 */
/*
 * peer.c - one connection that carries envelopes: challenge, open, then
 * messages under the session's MAC keys.
 *
 * Ed25519 runs on the pool; a job keeps the peer alive by a reference, and
 * whatever it finds is dropped when the connection has gone meanwhile.
 */
#include "broker/peer.h"
#include "base/err.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/str.h"
#include "broker/flow.h"

#include <stdlib.h>
#include <string.h>

enum { CLOSE_POLICY = 1008, CLOSE_BUSY = 1013, CLOSE_GOING = 1001 };

static void
peer_unref(struct aicx_peer *peer)
{
	if (--peer->refs > 0)
		return;
	mac_free(peer->in);
	mac_free(peer->out);
	mem_wipe(peer->x25519_seed, sizeof peer->x25519_seed);
	buf_fini(&peer->challenge);
	free(peer);
}

static void
peer_close(struct aicx_peer *peer, uint16_t code, const char *why)
{
	if (peer->state != PEER_GONE)
		peer->ops->close(peer->conn, code, why);
}

void
peer_wait(struct aicx_peer *peer, struct call *call)
{
	call->peer = peer;
	list_push(&peer->calls, &call->peer_node);
}

/* --- sending --------------------------------------------------------- */

static bool
send_text(struct aicx_peer *peer, struct aicx_str text)
{
	if (peer->state == PEER_GONE)
		return false;
	if (peer->ops->send(peer->conn, text) == AICX_OK)
		return true;
	log_info(peer->broker->log, "session.slow",
	    KV("agent", id_text(&peer->who.agent_id).text));
	peer_close(peer, CLOSE_BUSY, "reads too slowly");
	return false;
}

bool
peer_send(struct aicx_peer *peer, const struct envelope_head *head,
    struct aicx_str payload)
{
	struct buf *buf = &peer->broker->envelope;

	if (peer->out == NULL && peer->mac == NULL)
		return false;
	buf_clear(buf);
	envelope_print(buf, head, payload);
	if (peer->out != NULL)
		envelope_sign_mac(
		    buf, 0, peer->out, str_of(peer->session_text.text));
	else
		envelope_sign_mac(
		    buf, 0, peer->mac->out, str_of(peer->mac_text.text));
	return send_text(peer, buf_view(buf));
}

bool
peer_forward(struct aicx_peer *peer, const struct envelope *env)
{
	struct buf *buf = &peer->broker->envelope;

	if (env->signature.alg == ALG_ED25519)
		return send_text(peer, env->text);
	if (peer->out == NULL && peer->mac == NULL)
		return false;
	buf_clear(buf);
	if (peer->out != NULL)
		envelope_resign_mac(
		    buf, env, peer->out, str_of(peer->session_text.text));
	else
		envelope_resign_mac(
		    buf, env, peer->mac->out, str_of(peer->mac_text.text));
	return send_text(peer, buf_view(buf));
}

/* An ERROR to somebody whose message could not be taken; wait_ms: when there
   is room for it again, or 0. */
static void
peer_refuse_for(struct aicx_peer *peer, const struct aicx_id *correlation_id,
    const struct aicx_error *error, int64_t wait_ms)
{
	struct broker *broker = peer->broker;
	struct buf body = { 0 };
	struct json_writer w = json_writer(&body);
	struct envelope_head head = {
		.id = broker_new_id(broker),
		.sender_id = broker->keys.broker_id,
		.receiver_id = peer->who.agent_id,
		.type = MSG_ERROR,
		.timestamp_ms = broker_now(broker),
	};

	if (correlation_id != NULL)
		head.correlation_id = *correlation_id;
	audit_refused(
	    broker, &peer->who.agent_id, str_of(peer->address), error, NULL);
	if (peer->state != PEER_OPEN && peer->mac == NULL) {
		peer_close(peer, CLOSE_POLICY, problem_of(error)->word);
		return;
	}
	problem_put(&w, error, (struct aicx_str) { NULL, 0 },
	    wait_ms > 0 ? wait_ms : -1);
	(void)peer_send(peer, &head, buf_view(&body));
	buf_fini(&body);
}

static void
peer_refuse(struct aicx_peer *peer, const struct aicx_id *correlation_id,
    const struct aicx_error *error)
{
	peer_refuse_for(peer, correlation_id, error, 0);
}

/* --- not opened yet --------------------------------------------------- */

static bool
origin_is_full(const struct broker *broker, uint64_t origin)
{
	int64_t n = 0;

	if (origin == 0)
		return false;
	LIST_EACH (node, &broker->unopened)
		n += LIST_ITEM(node, struct aicx_peer, unopened)->origin ==
			origin
		    ? 1
		    : 0;
	return n >= broker->settings->unopened_per_address;
}

static aicx_err
may_come_in(struct broker *broker, uint64_t origin, struct aicx_error *reterr)
{
	if (broker->draining)
		return err_word(
		    reterr, AICX_EAGAIN, "draining", "broker is shutting down");
	if (broker->n_peers >= (size_t)broker->settings->sessions_max ||
	    broker->n_unopened >= (size_t)broker->settings->unopened_max)
		return err_word(
		    reterr, AICX_ELIMIT, "too_many", "too many connections");
	if (origin_is_full(broker, origin))
		return err_word(reterr, AICX_ELIMIT, "too_many",
		    "too many connections of this address without a session");
	return memory_may_begin(broker, reterr);
}

static void
peer_opened(struct aicx_peer *peer)
{
	list_remove(&peer->unopened);
	peer->broker->n_unopened--;
	if (peer->unproven)
		limits_verified(peer->broker, peer->origin);
	peer->unproven = false;
}

void
peers_tick(struct broker *broker)
{
	int64_t late_ms =
	    broker_now(broker) - broker->settings->open_timeout_ms;

	if (broker->settings->open_timeout_ms == 0)
		return;
	LIST_EACH (node, &broker->unopened) {
		struct aicx_peer *peer =
		    LIST_ITEM(node, struct aicx_peer, unopened);
		if (peer->nonce_ms > late_ms) {
			broker_wake(broker,
			    peer->nonce_ms + broker->settings->open_timeout_ms);
			return;
		}
		list_remove(node);
		peer_close(peer, CLOSE_POLICY, "no session was opened");
	}
}

/* --- beginning ------------------------------------------------------- */

static void
sign_challenge(void *arg)
{
	struct aicx_peer *peer = arg;

	envelope_sign_key(&peer->challenge, 0, peer->broker->key);
}

static void
send_challenge(void *arg)
{
	struct aicx_peer *peer = arg;

	if (peer->state == PEER_NEW) {
		peer->state = PEER_CHALLENGED;
		(void)send_text(peer, buf_view(&peer->challenge));
	}
	peer_unref(peer);
}

static void
challenge(struct aicx_peer *peer)
{
	struct broker *broker = peer->broker;
	struct buf payload = { 0 };
	struct envelope_head head = {
		.id = broker_new_id(broker),
		.sender_id = broker->keys.broker_id,
		.type = MSG_QUERY,
		.timestamp_ms = broker_now(broker),
	};

	broker->ports.random(
	    broker->ports.arg, peer->nonce, sizeof peer->nonce);
	broker->ports.random(
	    broker->ports.arg, peer->x25519_seed, sizeof peer->x25519_seed);
	peer->nonce_ms = broker_now(broker);
	if (broker->settings->open_timeout_ms > 0)
		broker_wake(
		    broker, peer->nonce_ms + broker->settings->open_timeout_ms);
	session_put_challenge(
	    &payload, peer->nonce, sign_key_public(broker->key));
	envelope_print(&peer->challenge, &head, buf_view(&payload));
	buf_fini(&payload);
	peer->refs++;
	if (broker->ports.work(broker->ports.arg, sign_challenge,
		send_challenge, peer) != AICX_OK) {
		peer_unref(peer);
		peer_close(peer, CLOSE_BUSY, "too many handshakes");
	}
}

/* Before there is a connection to count it against. */
static aicx_err
peer_turned_away(struct broker *broker, const struct aicx_peer_info *info,
    aicx_err err, const struct aicx_error *error)
{
	static const struct aicx_id nobody;

	if (error != NULL)
		audit_refused(broker, &nobody, info->address, error, NULL);
	return err;
}

aicx_err
peer_new(void *arg, const struct aicx_peer_ops *ops, void *conn,
    const struct aicx_peer_info *info, struct aicx_peer **ret_peer,
    struct aicx_error *reterr)
{
	struct broker *broker = arg;
	const struct credential *credential = NULL;
	uint64_t origin = limits_origin(broker, info->address);
	aicx_err err = may_come_in(broker, origin, reterr);

	if (err != AICX_OK)
		return peer_turned_away(broker, info, err, reterr);
	if (info->credential.ptr != NULL) {
		credential = bearer_find(
		    broker, info->credential, info->secure != 0, reterr);
		if (credential == NULL)
			return peer_turned_away(
			    broker, info, AICX_EDENIED, reterr);
	} else {
		/* Its handshake costs a signature and a verification. */
		err = limits_verify(broker, origin, NULL, reterr);
		if (err != AICX_OK)
			return peer_turned_away(broker, info, err, reterr);
	}

	struct aicx_peer *peer = MEM_NEW(struct aicx_peer);
	peer->broker = broker;
	peer->ops = ops;
	peer->conn = conn;
	peer->refs = 1;
	list_init(&peer->calls);
	peer->origin = origin;
	(void)str_copy(info->address, peer->address, sizeof peer->address);
	peer->unproven = credential == NULL;
	list_push(&broker->peers, &peer->node);
	list_push(&broker->unopened, &peer->unopened);
	broker->n_peers++;
	broker->n_unopened++;
	if (credential != NULL) {
		peer->who = principal_of(credential);
		peer->mac = credential_mac(broker, &credential->credential_id);
		peer->mac_text = id_text(&credential->credential_id);
		credential_used(broker, credential);
	}
	*ret_peer = peer;
	challenge(peer);
	return AICX_OK;
}

void
peer_free(struct aicx_peer *peer)
{
	struct broker *broker = peer->broker;

	if (peer->state != PEER_OPEN) {
		list_remove(&peer->unopened);
		broker->n_unopened--;
	}
	peer->state = PEER_GONE;
	broker->n_peers--;
	list_remove(&peer->node);
	LIST_EACH (node, &peer->calls) {
		struct call *call = LIST_ITEM(node, struct call, peer_node);
		list_remove(node);
		call->peer = NULL;
		call_abandon(call);
	}
	if (peer->member != NULL && peer->member->peer == peer) {
		peer->member->peer = NULL;
		peer->member->lost_ms = broker_now(broker);
		flow_provider_lost(broker, &peer->who.agent_id);
	}
	peer_unref(peer);
}

/* --- opening --------------------------------------------------------- */

struct open_job {
	struct list node; /* in broker->openings, behind the gate */
	struct aicx_peer *peer;
	char *text; /* the message, owned */
	size_t len;
	struct aicx_id session_id, result_id;
	struct time_seen seen; /* when it came */
	struct buf result; /* signed answer */
	struct session_keys keys;
	struct aicx_id sender;
	uint8_t public_key[KEY_BYTES];
	struct aicx_error error;
	aicx_err err;
};

static aicx_err
open_check(struct open_job *job, struct envelope *ret_env,
    struct session_open *ret_open)
{
	const struct aicx_peer *peer = job->peer;
	const struct aicx_id *broker_id = &peer->broker->keys.broker_id;
	char key_id[KEY_ID_TEXT + 1];
	aicx_err err = envelope_split((struct aicx_str) { job->text, job->len },
	    job->len, ret_env, &job->error);

	if (err == AICX_OK)
		err = envelope_scan(ret_env, &job->error);
	if (err == AICX_OK)
		err =
		    session_parse_open(ret_env->payload, ret_open, &job->error);
	if (err != AICX_OK)
		return err;
	key_id_of(ret_open->public_key, key_id);
	if (ret_env->type != MSG_QUERY ||
	    !bytes_equal(ret_open->nonce, peer->nonce, NONCE_BYTES))
		return err_word(&job->error, AICX_EDENIED, "bad_signature",
		    "session.open does not answer this challenge");
	if (!str_is(ret_env->signature.key_id, key_id))
		return err_word(&job->error, AICX_EDENIED, "bad_signature",
		    "session.open is not signed by its public key");
	if (id_eq(&ret_env->sender_id, broker_id))
		return err_word(&job->error, AICX_EDENIED, "sender_mismatch",
		    "the broker does not open sessions");
	if (!id_eq(&ret_env->receiver_id, broker_id))
		return err_word(&job->error, AICX_EDENIED, "misaddressed",
		    "session.open names another broker");
	err = clock_check_fresh(ret_env, &job->seen, &job->error);
	if (err != AICX_OK)
		return err;
	if (!envelope_verify_key(ret_env, ret_open->public_key))
		return err_word(&job->error, AICX_EDENIED, "bad_signature",
		    "session.open is not signed by its public key");
	return AICX_OK;
}

static void
open_work(void *arg)
{
	struct open_job *job = arg;
	struct aicx_peer *peer = job->peer;
	struct session_open open;
	struct envelope env;
	struct buf payload = { 0 };
	uint8_t x25519[KEY_BYTES];

	job->err = open_check(job, &env, &open);
	if (job->err != AICX_OK)
		return;
	job->sender = env.sender_id;
	memcpy(job->public_key, open.public_key, KEY_BYTES);
	x25519_public(peer->x25519_seed, x25519);
	session_put_result(&payload, &job->session_id, x25519);
	struct envelope_head head = {
		.id = job->result_id,
		.sender_id = peer->broker->keys.broker_id,
		.receiver_id = env.sender_id,
		.correlation_id = env.id,
		.type = MSG_RESULT,
		.timestamp_ms = job->seen.now_ms,
	};
	envelope_print(&job->result, &head, buf_view(&payload));
	envelope_sign_key(&job->result, 0, peer->broker->key);
	buf_fini(&payload);
	job->err = session_derive(peer->x25519_seed, open.x25519,
	    buf_view(&peer->challenge),
	    (struct aicx_str) { job->text, job->len }, buf_view(&job->result),
	    &job->keys, &job->error);
}

static void
open_job_free(struct open_job *job)
{
	list_remove(&job->node);
	mem_wipe(&job->keys, sizeof job->keys);
	buf_fini(&job->result);
	free(job->text);
	peer_unref(job->peer);
	free(job);
}

static void
become_open(struct open_job *job)
{
	struct aicx_peer *peer = job->peer;
	struct broker *broker = peer->broker;
	struct member *member = member_need(broker, &job->sender);

	peer->session_id = job->session_id;
	peer->session_text = id_text(&job->session_id);
	peer->in = mac_new(job->keys.agent_to_broker, KEY_BYTES);
	peer->out = mac_new(job->keys.broker_to_agent, KEY_BYTES);
	peer->who = principal_of_key(broker, &job->sender);
	peer->state = PEER_OPEN;
	peer_opened(peer);
	(void)send_text(peer, buf_view(&job->result));
	peer->member = member;
	member->peer = peer;
	member->lost_ms = 0;
	member_seen(member, broker_now(broker), broker->settings->lease_ms);
	log_info(broker->log, "session.opened",
	    KV("agent", id_text(&job->sender).text),
	    KV("session", peer->session_text.text));
	member_flush(broker, member);
}

/* After the step that bound the key, if there was one, is durable. */
static void
open_finish(void *arg)
{
	struct open_job *job = arg;

	if (job->peer->state == PEER_OPENING)
		become_open(job);
	open_job_free(job);
}

static void
open_done(void *arg)
{
	struct open_job *job = arg;
	struct aicx_peer *peer = job->peer;
	struct broker *broker = peer->broker;

	if (peer->state != PEER_OPENING) {
		open_job_free(job);
		return;
	}
	if (job->err == AICX_OK &&
	    broker_now(broker) - peer->nonce_ms > NONCE_TTL_MS)
		job->err = err_word(&job->error, AICX_ETIMEDOUT, "stale",
		    "challenge has expired");
	if (job->err == AICX_OK)
		job->err = agent_bind(
		    broker, &job->sender, job->public_key, &job->error);
	if (job->err != AICX_OK) {
		log_info(broker->log, "session.refused",
		    KV("reason", job->error.text));
		peer_refuse(peer, NULL, &job->error);
		open_job_free(job);
		return;
	}
	list_push(&broker->openings, &job->node);
	journal_after(broker->journal, open_finish, job);
}

void
peer_openings_free(struct broker *broker)
{
	LIST_EACH (node, &broker->openings)
		open_job_free(LIST_ITEM(node, struct open_job, node));
}

static void
start_open(struct aicx_peer *peer, struct aicx_str message)
{
	struct broker *broker = peer->broker;
	struct open_job *job = MEM_NEW(struct open_job);

	list_init(&job->node);
	peer->state = PEER_OPENING;
	peer->refs++;
	job->peer = peer;
	job->text = mem_copy(message.ptr, message.len);
	job->len = message.len;
	job->session_id = broker_new_id(broker);
	job->result_id = broker_new_id(broker);
	job->seen = clock_seen(broker);
	if (broker->ports.work(broker->ports.arg, open_work, open_done, job) !=
	    AICX_OK) {
		open_job_free(job);
		peer_close(peer, CLOSE_BUSY, "too many handshakes");
	}
}

/* --- messages -------------------------------------------------------- */

static aicx_err
verify_mac(struct aicx_peer *peer, const struct envelope *env,
    struct aicx_error *reterr)
{
	struct mac *mac = NULL;

	if (peer->state == PEER_OPEN &&
	    str_is(env->signature.key_id, peer->session_text.text))
		mac = peer->in;
	else if (peer->mac != NULL &&
	    str_is(env->signature.key_id, peer->mac_text.text) &&
	    credential_is_good(peer->broker,
		state_credential(
		    &peer->broker->state, &peer->mac->credential_id)))
		mac = peer->mac->in;
	if (mac == NULL || !envelope_verify_mac(env, mac))
		return err_word(reterr, AICX_EDENIED, "bad_signature",
		    "message is not signed under this session");
	return AICX_OK;
}

/* What every message must be before anybody acts on it. */
aicx_err
envelope_admit(struct broker *broker, struct envelope *env,
    const struct aicx_id *key_owner, struct aicx_error *reterr)
{
	aicx_err err = envelope_check_sender(
	    env, key_owner, &broker->keys.broker_id, reterr);

	if (err != AICX_OK)
		return err;
	struct time_seen seen = clock_seen(broker);
	return clock_check_fresh(env, &seen, reterr);
}

/* The first valid MAC of an API key makes it a session of its own kind. */
static void
note_key_session(struct aicx_peer *peer)
{
	struct broker *broker = peer->broker;

	if (peer->state == PEER_OPEN)
		return;
	peer->state = PEER_OPEN;
	peer_opened(peer);
	peer->member = member_need(broker, &peer->who.agent_id);
	peer->member->peer = peer;
	peer->member->lost_ms = 0;
	member_flush(broker, peer->member);
}

static void
take_mac(struct aicx_peer *peer, struct envelope *env)
{
	struct aicx_error error = { 0 };
	aicx_err err = verify_mac(peer, env, &error);

	if (err != AICX_OK) {
		peer_refuse(peer, NULL, &error);
		return;
	}
	err = envelope_scan(env, &error);
	if (err == AICX_OK)
		err = envelope_admit(
		    peer->broker, env, &peer->who.agent_id, &error);
	if (err != AICX_OK) {
		peer_refuse(
		    peer, id_is_nil(&env->id) ? NULL : &env->id, &error);
		return;
	}
	note_key_session(peer);
	inbox_take(peer->broker, peer, env, &peer->who, NULL);
}

struct key_job {
	struct aicx_peer *peer;
	char *text;
	size_t len;
	uint8_t raw[KEY_BYTES];
	bool good;
};

static void
key_work(void *arg)
{
	struct key_job *job = arg;
	struct envelope env;

	job->good = envelope_split((struct aicx_str) { job->text, job->len },
			job->len, &env, NULL) == AICX_OK &&
	    envelope_verify_key(&env, job->raw);
}

static void
key_done(void *arg)
{
	struct key_job *job = arg;
	struct aicx_peer *peer = job->peer;
	struct aicx_error error = { 0 };
	struct envelope env;
	aicx_err err = envelope_split(
	    (struct aicx_str) { job->text, job->len }, job->len, &env, &error);

	if (job->good)
		limits_verified(peer->broker, peer->origin);
	if (err == AICX_OK && !job->good)
		err = err_word(&error, AICX_EDENIED, "bad_signature",
		    "message is not signed by its sender's key");
	if (err == AICX_OK)
		err = envelope_scan(&env, &error);
	if (err == AICX_OK)
		err = envelope_admit(
		    peer->broker, &env, &peer->who.agent_id, &error);
	if (peer->state == PEER_OPEN && err != AICX_OK)
		peer_refuse(peer, NULL, &error);
	else if (peer->state == PEER_OPEN)
		inbox_take(peer->broker, peer, &env, &peer->who, NULL);
	free(job->text);
	free(job);
	peer_unref(peer);
}

/* A message of an open session that its agent signed with its own key. */
static void
take_key(struct aicx_peer *peer, const struct envelope *env)
{
	struct broker *broker = peer->broker;
	struct aicx_error error = { 0 };
	struct key_job *job = MEM_NEW(struct key_job);
	char key_id[KEY_ID_TEXT + 1];
	int64_t wait_ms = 0;

	if (broker_agent_key(broker, &peer->who.agent_id, job->raw))
		key_id_of(job->raw, key_id);
	else
		key_id[0] = '\0';
	if (!str_is(env->signature.key_id, key_id)) {
		free(job);
		(void)err_word(&error, AICX_EDENIED, "sender_mismatch",
		    "key does not belong to this session's agent");
		peer_refuse(peer, NULL, &error);
		return;
	}
	if (limits_verify(broker, peer->origin, &wait_ms, &error) != AICX_OK) {
		free(job);
		peer_refuse_for(peer, NULL, &error, wait_ms);
		return;
	}
	peer->refs++;
	job->peer = peer;
	job->text = mem_copy(env->text.ptr, env->text.len);
	job->len = env->text.len;
	if (broker->ports.work(broker->ports.arg, key_work, key_done, job) !=
	    AICX_OK) {
		free(job->text);
		free(job);
		peer_unref(peer);
		(void)err_word(&error, AICX_EAGAIN, "too_many",
		    "too many signatures to verify; try later");
		peer_refuse(peer, NULL, &error);
	}
}

void
peer_deliver(struct aicx_peer *peer, struct aicx_str message)
{
	struct aicx_error error = { 0 };
	struct envelope env;
	int64_t wait_ms = 0;

	if (limits_arrive(peer->broker, peer->origin, &wait_ms, &error) !=
		AICX_OK ||
	    envelope_split(message, (size_t)peer->broker->settings->message_max,
		&env, &error) != AICX_OK) {
		peer_refuse_for(peer, NULL, &error, wait_ms);
		return;
	}
	if (env.signature.alg == ALG_HMAC_SHA256)
		take_mac(peer, &env);
	else if (peer->state == PEER_OPEN)
		take_key(peer, &env);
	else if (peer->state == PEER_CHALLENGED)
		start_open(peer, message);
	else {
		(void)err_word(&error, AICX_ESTATE, "wrong_state",
		    "session is being opened");
		peer_refuse(peer, NULL, &error);
	}
}
