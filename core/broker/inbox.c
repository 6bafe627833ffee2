/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inbox.c - where an admitted message goes: to a method, to the letter it
 * answers, or on to a partner.
 */
#include "base/b64.h"
#include "base/broken.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "broker/asked.h"
#include "broker/flow.h"
#include "broker/handlers.h"
#include "broker/peer.h"

#include <stdlib.h>
#include <string.h>

struct inbound {
	struct broker *broker;
	struct aicx_peer *peer; /* NULL: it came by POST /v1/messages */
	struct call *ticket; /* then this is answered */
	const struct envelope *env;
	const struct principal *who;
	int64_t wait_ms; /* of a rate that refused it */
};

static void
answer(
    struct inbound *in, enum msg_type type, struct aicx_str payload, int status)
{
	struct envelope_head head = {
		.id = broker_new_id(in->broker),
		.sender_id = in->broker->keys.broker_id,
		.receiver_id = in->env->sender_id,
		.correlation_id = in->env->id,
		.type = type,
		.timestamp_ms = broker_now(in->broker),
	};

	if (in->peer != NULL)
		(void)peer_send(in->peer, &head, payload);
	else
		call_answer_as(in->ticket, type, status, payload);
}

static void
refuse(struct inbound *in, const struct aicx_error *error)
{
	struct buf body = { 0 };
	struct json_writer w = json_writer(&body);

	audit_refused(in->broker, &in->who->agent_id, STR(""), error, NULL);
	problem_put(&w, error, (struct aicx_str) { NULL, 0 },
	    in->wait_ms > 0 ? in->wait_ms : -1);
	answer(in, MSG_ERROR, buf_view(&body), problem_of(error)->status);
	buf_fini(&body);
}

/* The hash by which a repeat is known: all but time and signature. */
static void
body_hash(const struct envelope *env, uint8_t ret_hash[16])
{
	uint8_t full[HASH_BYTES];
	uint8_t head[33];

	head[0] = (uint8_t)env->type;
	memcpy(head + 1, &env->receiver_id, 16);
	memcpy(head + 17, &env->correlation_id, 16);
	sha256_two((struct aicx_str) { (const char *)head, sizeof head },
	    env->payload, full);
	memcpy(ret_hash, full, 16);
}

/* The cheap form of the same for messages without a durable effect. */
static uint64_t
body_mark(const struct envelope *env)
{
	return map_mark(env->payload.ptr, env->payload.len) ^
	    map_mark(&env->receiver_id, 16) ^ (uint64_t)env->type;
}

/* --- to a method ----------------------------------------------------- */

static void
take_request(struct inbound *in)
{
	struct broker *broker = in->broker;
	struct aicx_error error = { 0 };
	struct aicx_str method = envelope_method(in->env);
	const struct route *route = route_find(method);

	if (route == NULL || route->handle == NULL || route->method.raw_body) {
		(void)err_word(&error, AICX_ENOTFOUND, "unknown_method",
		    "no method \"%.*s\"", STR_ARG(method));
		refuse(in, &error);
		return;
	}
	struct call *call = in->ticket ? in->ticket : call_new(broker);
	call->route = route;
	call->who = *in->who;
	call->sender = in->env->sender_id;
	call->id = call->message_id = in->env->id;
	call->params = arena_str(&call->mem, in->env->payload);
	call->secure = true;
	body_hash(in->env, call->body);
	(void)str_copy(
	    in->env->traceparent, call->correlation, sizeof call->correlation);
	(void)str_copy(in->env->traceparent, call->trace, sizeof call->trace);
	if (in->peer != NULL)
		peer_wait(in->peer, call);
	dispatch(call);
}

/* --- answers to letters ---------------------------------------------- */

/* A RESULT or ERROR of a provider: it ends an execution or an invitation. */
static void
take_answer(struct inbound *in)
{
	struct broker *broker = in->broker;
	struct aicx_error error = { 0 };
	struct letter letter = { .n_sent = 0 };
	bool failed = in->env->type == MSG_ERROR;
	aicx_err err = AICX_OK;

	if (!member_ack(broker, &in->env->sender_id, &in->env->correlation_id,
		true, &letter))
		err = execution_late_answer(broker, in->env, &error);
	else if (letter.type == MSG_EXECUTE)
		err = execution_answer(broker, &letter.subject,
		    &in->env->sender_id, in->env->payload, failed, &error);
	else
		flow_answered(broker, &letter.subject, &in->env->sender_id);
	if (err != AICX_OK)
		refuse(in, &error);
	else if (in->ticket != NULL)
		answer(in, MSG_ACK, STR("{}"), 200);
}

/* --- relaying -------------------------------------------------------- */

static aicx_err
relay_check(struct inbound *in, struct aicx_error *reterr)
{
	const struct envelope *env = in->env;

	if (env->type == MSG_EXECUTE)
		return err_word(reterr, AICX_EDENIED, "denied",
		    "EXECUTE reaches a provider only from the broker");
	if (state_are_partners(
		&in->broker->state, &env->sender_id, &env->receiver_id))
		return AICX_OK;
	if (state_agent(&in->broker->state, &env->receiver_id) == NULL)
		return err_word(reterr, AICX_EDENIED, "misaddressed",
		    "receiver is neither this broker nor an agent behind it");
	return err_word(reterr, AICX_EDENIED, "not_party",
	    "sender and receiver have no live deal with each other");
}

static void
relay_later(struct inbound *in, const struct member *member)
{
	struct letter *letter = letter_new(&in->env->receiver_id, in->env->type,
	    &in->env->id, NULL, in->env->text);

	letter->forwarded = true;
	/* A session gets it once; a mailbox keeps it until it is acknowledged.
	 */
	letter->keep = member->peer == NULL;
	letter->expires_ms = in->env->expires_ms > 0
	    ? in->env->expires_ms
	    : broker_now(in->broker) + in->broker->settings->lease_ms;
	letter_post(in->broker, letter);
}

/* Who asked by POST waits for the answer, or has an ACK. */
static void
relayed(struct inbound *in)
{
	if (in->ticket != NULL && !asked_begin(in->ticket, in->env))
		answer(in, MSG_ACK, STR("{}"), 200);
}

static void
relay(struct inbound *in)
{
	struct broker *broker = in->broker;
	struct aicx_error error = { 0 };
	struct member *member;

	if (limits_agent(broker, in->who, &in->wait_ms, &error) != AICX_OK ||
	    relay_check(in, &error) != AICX_OK) {
		refuse(in, &error);
		return;
	}
	metrics_count(broker->metrics, METRIC_RELAYED, 1);
	if (asked_answered(broker, in->env)) {
		relayed(in);
		return;
	}
	member = member_find(broker, &in->env->receiver_id);
	if (member != NULL && member->peer != NULL &&
	    journal_is_durable(broker->journal)) {
		(void)peer_forward(member->peer, in->env);
		relayed(in);
		return;
	}
	if (!member_is_there(member, broker_now(broker))) {
		(void)err_word(&error, AICX_EAGAIN, "unavailable",
		    "receiver is not connected");
		refuse(in, &error);
		return;
	}
	relay_later(in, member);
	relayed(in);
}

/* --- the way in ------------------------------------------------------ */

static bool
seen_before(struct inbound *in)
{
	struct aicx_error error = { 0 };

	switch (window_see(in->broker->window, &in->env->sender_id,
	    &in->env->id, body_mark(in->env), broker_now(in->broker))) {
	case WINDOW_NEW:
		return false;
	case WINDOW_REPEAT: /* requests look up their stored answer */
		return false;
	case WINDOW_CONFLICT:
		(void)err_word(&error, AICX_EEXIST, "conflict",
		    "another message had the same id");
		break;
	case WINDOW_FULL:
		(void)err_word(&error, AICX_ELIMIT, "rate_limited",
		    "too many messages in this minute");
		break;
	}
	refuse(in, &error);
	return true;
}

void
inbox_take(struct broker *broker, struct aicx_peer *peer,
    const struct envelope *env, const struct principal *who,
    struct call *ticket)
{
	struct inbound in = { broker, peer, ticket, env, who, 0 };
	struct member *member = peer != NULL && peer->member != NULL
	    ? peer->member
	    : member_need(broker, &env->sender_id);

	member_seen(member, broker_now(broker), broker->settings->lease_ms);
	if (seen_before(&in))
		return;
	if (!id_eq(&env->receiver_id, &broker->keys.broker_id) &&
	    !broken("no_address")) {
		relay(&in);
		return;
	}
	switch (env->type) {
	case MSG_QUERY:
	case MSG_OFFER:
	case MSG_EXECUTE:
		take_request(&in);
		break;
	case MSG_RESULT:
	case MSG_ERROR:
		take_answer(&in);
		break;
	case MSG_ACK:
		(void)member_ack(
		    broker, &env->sender_id, &env->correlation_id, false, NULL);
		if (ticket != NULL)
			answer(&in, MSG_ACK, STR("{}"), 200);
		break;
	case MSG_HEARTBEAT:
		answer(&in, MSG_ACK, STR("{}"), 200);
		break;
	}
}

/* --- POST /v1/messages ----------------------------------------------- */

struct message_job {
	struct call *call;
	uint8_t raw[KEY_BYTES];
	bool bind, good;
};

static aicx_err
message_admit(struct call *call, const struct aicx_id *key_owner,
    struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	struct envelope env;
	aicx_err err = envelope_split(
	    call->params, (size_t)broker->settings->message_max, &env, reterr);

	if (err == AICX_OK)
		err = envelope_scan(&env, reterr);
	if (err == AICX_OK)
		err = envelope_admit(broker, &env,
		    key_owner ? key_owner : &env.sender_id, reterr);
	if (err != AICX_OK)
		return err;
	call->envelope = true;
	call->sender = env.sender_id;
	call->message_id = env.id;
	if (id_is_nil(&call->who.credential_id))
		call->who = principal_of_key(broker, &env.sender_id);
	struct principal who = call->who;
	inbox_take(broker, NULL, &env, &who, call);
	return AICX_OK;
}

static void
message_work(void *arg)
{
	struct message_job *job = arg;
	struct envelope env;

	job->good = envelope_split(job->call->params, job->call->params.len,
			&env, NULL) == AICX_OK &&
	    envelope_verify_key(&env, job->raw);
}

static void
message_done(void *arg)
{
	struct message_job *job = arg;
	struct call *call = job->call;
	struct aicx_error error = { 0 };
	aicx_err err = AICX_OK;

	if (job->good)
		limits_verified(call->broker, call->origin);
	else
		err = err_word(&error, AICX_EDENIED, "bad_signature",
		    "message is not signed by its sender's key");
	if (err == AICX_OK && job->bind)
		err =
		    agent_bind(call->broker, &call->subject, job->raw, &error);
	free(job);
	if (err == AICX_OK)
		err = message_admit(call, &call->subject, &error);
	if (err != AICX_OK)
		call_fail(call, &error);
}

/* The key of a known sender, or the one a first message carries. */
static aicx_err
message_key(struct call *call, struct envelope *env, struct message_job *job,
    struct aicx_error *reterr)
{
	struct arena mem = { NULL };
	char key_id[KEY_ID_TEXT + 1];
	struct json doc;
	aicx_err err = envelope_scan(env, reterr);

	if (err != AICX_OK)
		return err;
	call->subject = env->sender_id;
	if (!broker_agent_key(call->broker, &env->sender_id, job->raw)) {
		bool found =
		    json_parse(env->payload, &mem, &doc, NULL) == AICX_OK &&
		    b64_parse(
			json_str(json_get(json_root(&doc), "public_key"), &mem),
			job->raw, KEY_BYTES);
		arena_fini(&mem);
		if (!found)
			return err_word(reterr, AICX_EDENIED, "unauthenticated",
			    "sender is unknown: its first message carries "
			    "public_key");
		job->bind = true;
	}
	key_id_of(job->raw, key_id);
	if (!str_is(env->signature.key_id, key_id))
		return err_word(reterr, AICX_EDENIED, "sender_mismatch",
		    "key does not belong to the sender");
	return AICX_OK;
}

static aicx_err
take_signed_by_key(
    struct call *call, struct envelope *env, struct aicx_error *reterr)
{
	struct message_job *job = MEM_NEW(struct message_job);
	aicx_err err = message_key(call, env, job, reterr);

	job->call = call;
	/* What costs nothing to see is seen before the signature is. */
	if (err == AICX_OK)
		err = envelope_admit(call->broker, env, &call->subject, reterr);
	if (err == AICX_OK)
		err = limits_verify(
		    call->broker, call->origin, &call->wait_ms, reterr);
	if (err == AICX_OK &&
	    call->broker->ports.work(call->broker->ports.arg, message_work,
		message_done, job) != AICX_OK)
		err = err_word(reterr, AICX_EAGAIN, "too_many",
		    "too many signatures to verify; try later");
	if (err != AICX_OK)
		free(job);
	return err;
}

static aicx_err
take_signed_by_api_key(
    struct call *call, struct envelope *env, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct credential *credential = NULL;
	struct credential_mac *mac = NULL;
	struct aicx_id id;

	if (id_parse(env->signature.key_id, &id))
		credential = state_credential(&broker->state, &id);
	if (credential != NULL && credential_is_good(broker, credential))
		mac = credential_mac(broker, &id);
	if (mac == NULL || !envelope_verify_mac(env, mac->in))
		return err_word(reterr, AICX_EDENIED, "bad_signature",
		    "message is not signed under a known API key");
	call->who = principal_of(credential);
	struct aicx_id owner = credential->agent_id;
	return message_admit(call, &owner, reterr);
}

aicx_err
message_take(struct call *call, struct aicx_error *reterr)
{
	struct envelope env;
	aicx_err err = envelope_split(call->params,
	    (size_t)call->broker->settings->message_max, &env, reterr);

	if (err != AICX_OK)
		return err;
	return env.signature.alg == ALG_HMAC_SHA256
	    ? take_signed_by_api_key(call, &env, reterr)
	    : take_signed_by_key(call, &env, reterr);
}
