/* SPDX-License-Identifier: Apache-2.0 */
/* channel.c - messages over an open session. */
#include "cli/channel.h"

#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/channel_state.h"
#include "cli/net.h"
#include "cli/outside.h"
#include "cli/problem.h"

int
channel_fd(const struct channel *channel)
{
	return channel->net.fd;
}

bool
channel_wants_write(const struct channel *channel)
{
	return channel->out.len > 0;
}

const struct aicx_id *
channel_broker_id(const struct channel *channel)
{
	return &channel->broker_id;
}

void
channel_free(struct channel *channel)
{
	if (channel == NULL)
		return;
	net_close(&channel->net);
	buf_fini(&channel->in);
	buf_fini(&channel->out);
	ws_reader_fini(&channel->reader);
	mac_free(channel->to_broker);
	mac_free(channel->to_agent);
	free(channel);
}

void
channel_put_frame(
    struct channel *channel, enum ws_opcode opcode, struct aicx_str payload)
{
	uint8_t mask[4];

	outside_random(mask, sizeof mask);
	ws_put_frame(&channel->out, opcode, payload, mask);
}

aicx_err
channel_send(struct channel *channel, enum msg_type type,
    const struct aicx_id *id, const struct aicx_id *correlation_id,
    struct aicx_str payload, struct aicx_error *reterr)
{
	struct envelope_head head = {
		.id = *id,
		.sender_id = channel->self->agent_id,
		.receiver_id = channel->broker_id,
		.type = type,
		.timestamp_ms = outside_wall_ms(),
	};
	struct buf text = { 0 };
	aicx_err err = AICX_OK;

	if (correlation_id != NULL)
		head.correlation_id = *correlation_id;
	envelope_print(&text, &head, payload);
	envelope_sign_mac(
	    &text, 0, channel->to_broker, str_of(channel->session_id.text));
	if (text.len > ENVELOPE_BYTES_MAX ||
	    channel->out.len + text.len > CHANNEL_QUEUE_MAX)
		err = err_word(reterr, AICX_ELIMIT, "too_large",
		    "cannot send a message of %zu bytes: at most %d fit",
		    text.len, ENVELOPE_BYTES_MAX);
	else
		channel_put_frame(channel, WS_TEXT, buf_view(&text));
	buf_fini(&text);
	return err;
}

/* true when the text is the broker's, for us and still valid. */
static bool
message_ok(struct channel *channel, struct aicx_str text, struct envelope *ret)
{
	const struct signature *signature = &ret->signature;

	if (envelope_split(text, ENVELOPE_BYTES_MAX, ret, NULL) != AICX_OK ||
	    signature->alg != ALG_HMAC_SHA256 ||
	    !str_is(signature->key_id, channel->session_id.text) ||
	    !envelope_verify_mac(ret, channel->to_agent) ||
	    envelope_scan(ret, NULL) != AICX_OK)
		return false;
	return id_eq(&ret->sender_id, &channel->broker_id) &&
	    id_eq(&ret->receiver_id, &channel->self->agent_id) &&
	    (ret->expires_ms == 0 || ret->expires_ms > outside_wall_ms());
}

static aicx_err
event_take(struct channel *channel, const struct ws_event *event,
    channel_message_fn *on_message, void *arg, struct aicx_error *reterr)
{
	struct envelope env = { 0 };

	switch (event->opcode) {
	case WS_PING:
		channel_put_frame(channel, WS_PONG, event->payload);
		return AICX_OK;
	case WS_CLOSE:
		return err_word(reterr, AICX_EIO, "unavailable",
		    "the broker closed the session%s%.*s",
		    event->payload.len > 2 ? ": " : "",
		    event->payload.len > 2 ? (int)event->payload.len - 2 : 0,
		    event->payload.len > 2 ? event->payload.ptr + 2 : "");
	case WS_TEXT:
		if (!message_ok(channel, event->payload, &env))
			return err_word(reterr, AICX_EINVAL, "malformed",
			    "the broker sent a message that is not valid "
			    "under this session");
		on_message(&env, arg);
		return AICX_OK;
	case WS_CONTINUE:
	case WS_BINARY:
	case WS_PONG:
		return AICX_OK;
	}
	return AICX_OK;
}

/* All whole messages that are in; what is used is dropped at the end. */
static aicx_err
messages_take(struct channel *channel, channel_message_fn *on_message,
    void *arg, struct aicx_error *reterr)
{
	size_t used = 0;
	aicx_err err = AICX_OK;

	while (err == AICX_OK) {
		struct aicx_str rest = { channel->in.ptr + used,
			channel->in.len - used };
		struct ws_event event;
		size_t step = 0;
		if (rest.len == 0)
			break;
		err = ws_take(&channel->reader, rest, &step, &event, reterr);
		used += step;
		if (err == AICX_OK)
			err = event_take(
			    channel, &event, on_message, arg, reterr);
	}
	buf_shift(&channel->in, used);
	return err == AICX_EAGAIN ? AICX_OK : err;
}

aicx_err
channel_turn(struct channel *channel, channel_message_fn *on_message, void *arg,
    struct aicx_error *reterr)
{
	bool eof = false;

	aicx_err err = messages_take(channel, on_message, arg, reterr);
	if (err == AICX_OK)
		err = net_write_ready(&channel->net, &channel->out, reterr);
	if (err != AICX_OK)
		return err;
	err = net_read_ready(&channel->net, &channel->in, &eof, reterr);
	if (err == AICX_EAGAIN)
		return AICX_OK;
	if (err == AICX_OK && eof)
		return err_word(reterr, AICX_EIO, "unavailable",
		    "the broker closed the connection");
	if (err == AICX_OK)
		err = messages_take(channel, on_message, arg, reterr);
	if (err == AICX_OK)
		err = net_write_ready(&channel->net, &channel->out, reterr);
	return err;
}

/* A request that waits for its answer. */
struct waiting {
	struct aicx_id id;
	struct buf *result;
	struct aicx_error *reterr;
	aicx_err err;
	bool answered;
};

static void
on_answer(const struct envelope *env, void *arg)
{
	struct waiting *waiting = arg;

	if (waiting->answered || !id_eq(&env->correlation_id, &waiting->id))
		return;
	if (env->type == MSG_RESULT)
		buf_str(waiting->result, env->payload);
	else if (env->type == MSG_ERROR)
		waiting->err = problem_parse(env->payload, 0, waiting->reterr);
	else
		return;
	waiting->answered = true;
}

aicx_err
channel_request(struct channel *channel, const struct aicx_id *id,
    struct aicx_str payload, int64_t timeout_ms, struct buf *ret_result,
    struct aicx_error *reterr)
{
	struct waiting waiting = { *id, ret_result, reterr, AICX_OK, false };
	int64_t deadline_ms = outside_now_ms() + timeout_ms;

	aicx_err err =
	    channel_send(channel, MSG_QUERY, id, NULL, payload, reterr);
	while (err == AICX_OK) {
		err = channel_turn(channel, on_answer, &waiting, reterr);
		if (waiting.answered)
			return waiting.err;
		short events = channel->out.len > 0 ? POLLIN | POLLOUT : POLLIN;
		if (err == AICX_OK)
			err = net_wait(
			    channel->net.fd, events, deadline_ms, reterr);
	}
	return err;
}
