/* SPDX-License-Identifier: Apache-2.0 */
/* party.c - sessions for load: opened as aicx does, then turned by a crowd. */
#include "party.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/net.h"
#include "cli/outside.h"
#include "protocol/object.h"

enum { WAIT_MS = 10000 };

static void
must(aicx_err err, const struct aicx_error *error, const char *what)
{
	if (err == AICX_OK)
		return;
	(void)fprintf(stderr, "load: %s: %s\n", what, error->text);
	exit(1);
}

void
town_init(struct town *town, const char *url, const char *work_dir, pid_t pid)
{
	struct aicx_error error = { 0 };

	*town = (struct town) { .pins_path = NULL };
	must(url_parse(str_of(url), &town->url, &error), &error, url);
	town->url.ca_file = getenv("AICX_CA"); /* of https */
	town->pins_path =
	    arena_printf(&town->mem, "%s/known_brokers", work_dir).ptr;
	crowd_init(&town->crowd, pid);
}

/* Unpredictable masks (RFC 6455 section 10.3) protect proxies; here is none. */
static void
frame_put(struct channel *channel, struct aicx_str text)
{
	static const uint8_t mask[4] = { 0x5A, 0xC3, 0x17, 0x88 };

	ws_put_frame(&channel->out, WS_TEXT, text, mask);
}

void
party_open(struct party *party, struct town *town, const char *identity,
    party_message_fn *on_message, void *arg)
{
	struct aicx_error error = { 0 };
	struct channel_config config = { .url = &town->url,
		.self = &party->self,
		.pins = &town->pins,
		.timeout_ms = WAIT_MS };
	uint8_t seed[KEY_BYTES];
	bool flag;

	*party = (struct party) { .town = town,
		.on_message = on_message,
		.arg = arg,
		.frame = frame_put };
	if (identity != NULL) {
		must(self_load(identity, &party->self, &flag, &error), &error,
		    identity);
	} else {
		outside_random(seed, sizeof seed);
		party->self.agent_id = outside_id();
		party->self.key = sign_key_new(seed);
	}
	must(pins_load(town->pins_path, &town->mem, &town->pins, &error),
	    &error, "known_brokers");
	must(channel_open(&config, &party->channel, &flag, &error), &error,
	    "session");
}

struct json
party_ask(struct party *party, struct buf *payload)
{
	struct aicx_error error = { 0 };
	struct aicx_id id = outside_id();
	struct buf result = { 0 };
	struct json doc;

	must(channel_request(party->channel, &id, buf_view(payload), WAIT_MS,
		 &result, &error),
	    &error, payload->ptr);
	arena_clear(&party->mem);
	struct aicx_str text = arena_str(&party->mem, buf_view(&result));
	must(json_parse(text, &party->mem, &doc, &error), &error, "result");
	buf_fini(&result);
	buf_clear(payload);
	return doc;
}

void
party_send(struct party *party, enum msg_type type, const struct aicx_id *to,
    const struct aicx_id *correlation_id, struct aicx_str payload)
{
	struct channel *channel = party->channel;
	struct envelope_head head = {
		.id = outside_id(),
		.sender_id = party->self.agent_id,
		.receiver_id = to != NULL ? *to : channel->broker_id,
		.type = type,
		.timestamp_ms = outside_wall_ms(),
	};
	struct buf text = { 0 };

	if (correlation_id != NULL)
		head.correlation_id = *correlation_id;
	envelope_print(&text, &head, payload);
	envelope_sign_mac(
	    &text, 0, channel->to_broker, str_of(channel->session_id.text));
	party->frame(channel, buf_view(&text));
	buf_fini(&text);
}

void
party_flush(struct party *party)
{
	struct channel *channel = party->channel;
	struct aicx_error error = { 0 };

	for (;;) {
		must(net_write_ready(&channel->net, &channel->out, &error),
		    &error, "write");
		if (channel->out.len == 0)
			return;
		must(net_wait(channel->net.fd, POLLOUT,
			 outside_now_ms() + WAIT_MS, &error),
		    &error, "write");
	}
}

void
party_take(struct party *party, struct aicx_str text)
{
	struct envelope env = { 0 };
	struct aicx_error error = { 0 };

	must(envelope_split(text, ENVELOPE_BYTES_MAX, &env, &error), &error,
	    "message");
	if (!envelope_verify_mac(&env, party->channel->to_agent))
		must(AICX_EDENIED, &error, "message is not the broker's");
	must(envelope_scan(&env, &error), &error, "message");
	if (env.type == MSG_ERROR) {
		(void)fprintf(stderr, "load: %.*s\n", STR_ARG(env.payload));
		exit(1);
	}
	arena_clear(&party->mem);
	party->on_message(party, &env);
}

static bool
messages_take(struct party *party)
{
	struct channel *channel = party->channel;
	struct aicx_error error = { 0 };
	struct ws_event event;
	aicx_err err = AICX_OK;
	size_t done = 0, used = 0;

	while (err == AICX_OK && done < channel->in.len) {
		struct aicx_str rest = { channel->in.ptr + done,
			channel->in.len - done };
		err = ws_take(&channel->reader, rest, &used, &event, &error);
		done += used;
		if (err == AICX_OK && event.opcode == WS_TEXT)
			party_take(party, event.payload);
	}
	buf_shift(&channel->in, done);
	must(err == AICX_EAGAIN ? AICX_OK : err, &error, "frame");
	return true;
}

static bool
party_turn(void *arg)
{
	struct party *party = arg;
	struct channel *channel = party->channel;
	struct aicx_error error = { 0 };
	bool eof = false;
	aicx_err err =
	    net_read_ready(&channel->net, &channel->in, &eof, &error);

	if (err == AICX_EAGAIN)
		return true;
	must(err == AICX_OK && eof ? AICX_EIO : err, &error, "read");
	messages_take(party);
	party_flush(party);
	return true;
}

void
party_join(struct party *party)
{
	party->watched = (struct watched) { party_turn, party };
	crowd_add(&party->town->crowd, party->channel->net.fd, &party->watched);
}

void
party_put_signed(struct party *party, struct json_writer *w, const char *key,
    enum sig_kind kind, struct aicx_str text)
{
	struct signed_object object = object_sign(party->self.key, kind, text);

	if (key == NULL) {
		object_put_members(w, &object);
		return;
	}
	json_key(w, key);
	object_put(w, &object);
}

struct aicx_id
party_id_of(struct party *party, struct json_ref object, const char *name)
{
	struct aicx_id id = { { 0 } };

	if (!id_parse(json_str(json_get(object, name), &party->mem), &id)) {
		(void)fprintf(stderr, "load: no %s in %.*s\n", name,
		    STR_ARG(json_raw(object)));
		exit(1);
	}
	return id;
}

void
put_money(struct json_writer *w, const char *key, const char *amount)
{
	json_key(w, key);
	json_open(w, '{');
	json_key(w, "amount");
	json_put_text(w, amount);
	json_key(w, "currency");
	json_put_text(w, "AIC");
	json_close(w);
}

struct json_writer
request_begin(struct buf *buf, const char *method)
{
	struct json_writer w = json_writer(buf);

	json_open(&w, '{');
	json_key(&w, "method");
	json_put_text(&w, method);
	return w;
}
