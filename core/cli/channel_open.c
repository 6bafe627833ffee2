/* SPDX-License-Identifier: Apache-2.0 */
/* channel_open.c - from a connection to an open session: upgrade, challenge,
   open, result. */
#include <poll.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/channel_state.h"
#include "cli/http.h"
#include "cli/net.h"
#include "cli/outside.h"
#include "cli/problem.h"
#include "protocol/session.h"

/* A handshake under way.  The three texts are kept as sent: the session's keys
   are salted with them. */
struct opening {
	const struct channel_config *config;
	struct channel *channel; /* borrowed */
	int64_t deadline_ms;
	struct buf challenge, open, result;
	struct session_challenge asked;
	uint8_t x25519_seed[KEY_BYTES];
	struct aicx_id open_id;
	bool pinned;
};

static aicx_err
bytes_send(struct opening *opening, struct aicx_error *reterr)
{
	struct buf *out = &opening->channel->out;

	aicx_err err = net_write(&opening->channel->net, buf_view(out),
	    opening->deadline_ms, reterr);
	buf_clear(out);
	return err;
}

static aicx_err
bytes_wait(struct opening *opening, struct aicx_error *reterr)
{
	bool eof = false;

	aicx_err err = net_read(&opening->channel->net, &opening->channel->in,
	    opening->deadline_ms, &eof, reterr);
	if (err == AICX_OK && eof)
		err = err_word(reterr, AICX_EIO, "unavailable",
		    "the broker closed the connection before a session was "
		    "open");
	return err;
}

static aicx_err
upgrade_check(const struct http_head *head, const uint8_t nonce[16],
    struct aicx_error *reterr)
{
	if (head->status != 101)
		return err_word(reterr, AICX_EDENIED, "no_websocket",
		    "the broker refused a WebSocket at /ws with status %d",
		    head->status);
	if (!ws_accept_ok(head->accept, nonce))
		return err_word(reterr, AICX_EINVAL, "malformed",
		    "what answers at /ws is no WebSocket: its "
		    "Sec-WebSocket-Accept is wrong");
	return AICX_OK;
}

static aicx_err
upgrade(struct opening *opening, struct aicx_error *reterr)
{
	struct channel *channel = opening->channel;
	struct http_head head;
	uint8_t nonce[16];

	outside_random(nonce, sizeof nonce);
	ws_put_handshake(
	    &channel->out, opening->config->url, "/ws", NULL, nonce);
	aicx_err err = bytes_send(opening, reterr);
	if (err != AICX_OK)
		return err;
	do {
		err = bytes_wait(opening, reterr);
		if (err != AICX_OK)
			return err;
		err = http_head_parse(buf_view(&channel->in), &head, reterr);
	} while (err == AICX_EAGAIN);
	if (err == AICX_OK)
		err = upgrade_check(&head, nonce, reterr);
	if (err == AICX_OK)
		buf_shift(&channel->in, head.head_bytes);
	return err;
}

/* The next text message; pings are answered on the way. */
static aicx_err
text_wait(struct opening *opening, struct buf *ret, struct aicx_error *reterr)
{
	struct channel *channel = opening->channel;
	struct ws_event event;
	size_t used;

	for (;;) {
		aicx_err err = ws_take(&channel->reader, buf_view(&channel->in),
		    &used, &event, reterr);
		if (err == AICX_OK && event.opcode == WS_TEXT)
			buf_str(ret, event.payload);
		if (err == AICX_OK && event.opcode == WS_PING)
			channel_put_frame(channel, WS_PONG, event.payload);
		if (err == AICX_OK && event.opcode == WS_CLOSE)
			err = err_word(reterr, AICX_EIO, "unavailable",
			    "the broker closed the connection before a "
			    "session was open");
		buf_shift(&channel->in, used);
		if (err == AICX_OK)
			err = bytes_send(opening, reterr);
		if (err == AICX_OK && event.opcode == WS_TEXT)
			return AICX_OK;
		if (err == AICX_EAGAIN)
			err = bytes_wait(opening, reterr);
		if (err != AICX_OK)
			return err;
	}
}

static aicx_err
not_the_broker(struct aicx_error *reterr, const char *what)
{
	return err_word(reterr, AICX_EDENIED, "bad_signature",
	    "refused the broker's %s: it is not signed by the broker's key",
	    what);
}

static aicx_err
challenge_read(struct opening *opening, struct aicx_error *reterr)
{
	const struct channel_config *config = opening->config;
	struct envelope env = { 0 };
	enum pin_verdict verdict = PIN_KNOWN;

	aicx_err err = text_wait(opening, &opening->challenge, reterr);
	if (err == AICX_OK)
		err = envelope_split(buf_view(&opening->challenge),
		    ENVELOPE_BYTES_MAX, &env, reterr);
	if (err == AICX_OK)
		err = envelope_scan(&env, reterr);
	if (err == AICX_OK)
		err = session_parse_challenge(
		    env.payload, &opening->asked, reterr);
	if (err != AICX_OK)
		return err;
	if (env.type != MSG_QUERY ||
	    !envelope_verify_key(&env, opening->asked.broker_key))
		return not_the_broker(reterr, "challenge");
	err = pins_hold(config->pins, config->url->origin, &env.sender_id,
	    opening->asked.broker_key, url_is_loopback(config->url), &verdict,
	    reterr);
	opening->pinned = err == AICX_OK && verdict == PIN_ADDED;
	opening->channel->broker_id = env.sender_id;
	return err;
}

static aicx_err
open_send(struct opening *opening, struct aicx_error *reterr)
{
	const struct self *self = opening->config->self;
	struct envelope_head head = {
		.id = opening->open_id,
		.sender_id = self->agent_id,
		.receiver_id = opening->channel->broker_id,
		.type = MSG_QUERY,
		.timestamp_ms = outside_wall_ms(),
	};
	struct buf payload = { 0 };
	uint8_t public_key[KEY_BYTES];

	outside_random(opening->x25519_seed, KEY_BYTES);
	x25519_public(opening->x25519_seed, public_key);
	session_put_open(&payload, opening->asked.nonce, public_key,
	    sign_key_public(self->key));
	envelope_print(&opening->open, &head, buf_view(&payload));
	envelope_sign_key(&opening->open, 0, self->key);
	channel_put_frame(opening->channel, WS_TEXT, buf_view(&opening->open));
	buf_fini(&payload);
	return bytes_send(opening, reterr);
}

static aicx_err
result_check(const struct opening *opening, const struct envelope *env,
    struct session_result *ret, struct aicx_error *reterr)
{
	const struct opening *o = opening;

	if (!id_eq(&env->sender_id, &o->channel->broker_id) ||
	    !id_eq(&env->receiver_id, &o->config->self->agent_id) ||
	    !id_eq(&env->correlation_id, &o->open_id))
		return not_the_broker(reterr, "answer to session.open");
	if (env->type == MSG_ERROR)
		return problem_parse(env->payload, 0, reterr);
	if (env->type != MSG_RESULT)
		return not_the_broker(reterr, "answer to session.open");
	return session_parse_result(env->payload, ret, reterr);
}

static aicx_err
result_read(struct opening *opening, struct session_result *ret,
    struct aicx_error *reterr)
{
	struct envelope env = { 0 };

	aicx_err err = text_wait(opening, &opening->result, reterr);
	if (err == AICX_OK)
		err = envelope_split(buf_view(&opening->result),
		    ENVELOPE_BYTES_MAX, &env, reterr);
	if (err != AICX_OK)
		return err;
	if (!envelope_verify_key(&env, opening->asked.broker_key))
		return not_the_broker(reterr, "answer to session.open");
	err = envelope_scan(&env, reterr);
	if (err == AICX_OK)
		err = result_check(opening, &env, ret, reterr);
	return err;
}

static aicx_err
keys_take(struct opening *opening, const struct session_result *result,
    struct aicx_error *reterr)
{
	struct channel *channel = opening->channel;
	struct session_keys keys;

	aicx_err err = session_derive(opening->x25519_seed, result->x25519,
	    buf_view(&opening->challenge), buf_view(&opening->open),
	    buf_view(&opening->result), &keys, reterr);
	if (err != AICX_OK)
		return err;
	channel->session_id = id_text(&result->session_id);
	channel->to_broker = mac_new(keys.agent_to_broker, KEY_BYTES);
	channel->to_agent = mac_new(keys.broker_to_agent, KEY_BYTES);
	mem_wipe(&keys, sizeof keys);
	return AICX_OK;
}

static aicx_err
handshake(struct opening *opening, struct aicx_error *reterr)
{
	struct session_result result;

	aicx_err err = upgrade(opening, reterr);
	if (err == AICX_OK)
		err = challenge_read(opening, reterr);
	if (err == AICX_OK)
		err = open_send(opening, reterr);
	if (err == AICX_OK)
		err = result_read(opening, &result, reterr);
	if (err == AICX_OK)
		err = keys_take(opening, &result, reterr);
	mem_wipe(opening->x25519_seed, KEY_BYTES);
	buf_fini(&opening->challenge);
	buf_fini(&opening->open);
	buf_fini(&opening->result);
	return err;
}

aicx_err
channel_open(const struct channel_config *config, struct channel **ret,
    bool *ret_pinned, struct aicx_error *reterr)
{
	struct channel *channel = MEM_NEW(struct channel);
	struct opening opening = {
		.config = config,
		.channel = channel,
		.deadline_ms = outside_now_ms() + config->timeout_ms,
		.open_id = outside_id(),
	};

	ENSURE(config->self->key != NULL);
	channel->net.fd = -1;
	channel->self = config->self;
	aicx_err err = net_connect(config->url, &channel->net, reterr);
	if (err == AICX_OK)
		err = handshake(&opening, reterr);
	if (err != AICX_OK) {
		channel_free(channel);
		return err;
	}
	*ret = channel;
	*ret_pinned = opening.pinned;
	return AICX_OK;
}
