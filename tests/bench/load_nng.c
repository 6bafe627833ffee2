/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load_nng.c - the same questions and answers over NNG: each party opens a
 * second session at transport_nng and goes on there.
 *
 * What NNG writes on TCP is spoken here by hand (a greeting of 8 bytes, then a
 * length of 8 bytes before each message, whose first 4 are the request's
 * number), so that this process costs little and one loop turns all parties.
 */
#include "load_nng.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/net.h"
#include "cli/outside.h"
#include "protocol/session.h"

enum { LENGTH_BYTES = 8, NUMBER_BYTES = 4, WAIT_MS = 10000 };

static void
must(aicx_err err, const struct aicx_error *error)
{
	if (err == AICX_OK)
		return;
	(void)fprintf(stderr, "load: nng: %s\n", error->text);
	exit(1);
}

static void
put_number(struct buf *out, uint64_t number, int n_bytes)
{
	for (int shift = 8 * (n_bytes - 1); shift >= 0; shift -= 8)
		buf_char(out, (char)(number >> shift));
}

/* One request; a body that is empty asks for the next message. */
void
nng_frame(struct channel *channel, struct aicx_str text)
{
	static uint32_t number;

	put_number(&channel->out, NUMBER_BYTES + text.len, LENGTH_BYTES);
	put_number(&channel->out, ++number | 0x80000000u, NUMBER_BYTES);
	buf_str(&channel->out, text);
}

/* The next whole reply, at *ret; false: it has not come yet. */
static bool
reply_take(struct channel *channel, size_t *done, struct aicx_str *ret)
{
	const uint8_t *at = (const uint8_t *)channel->in.ptr + *done;
	size_t left = channel->in.len - *done;
	uint64_t len = 0;

	if (left < LENGTH_BYTES)
		return false;
	for (int i = 0; i < LENGTH_BYTES; i++)
		len = len << 8 | at[i];
	ENSURE(len >= NUMBER_BYTES && len < ENVELOPE_BYTES_MAX);
	if (left - LENGTH_BYTES < len)
		return false;
	*ret =
	    (struct aicx_str) { (const char *)at + LENGTH_BYTES + NUMBER_BYTES,
		    (size_t)len - NUMBER_BYTES };
	*done += LENGTH_BYTES + (size_t)len;
	return true;
}

static bool
nng_turn(void *arg)
{
	struct party *party = arg;
	struct channel *channel = party->channel;
	struct aicx_error error = { 0 };
	struct aicx_str text;
	size_t done = 0;
	bool eof = false;
	aicx_err err =
	    net_read_ready(&channel->net, &channel->in, &eof, &error);

	if (err == AICX_EAGAIN)
		return true;
	must(err == AICX_OK && eof ? AICX_EIO : err, &error);
	while (reply_take(channel, &done, &text)) {
		if (text.len > 0)
			party_take(party, text);
		else
			nng_frame(channel, (struct aicx_str) { "", 0 });
	}
	buf_shift(&channel->in, done);
	party_flush(party);
	return true;
}

/* --- the handshake --------------------------------------------------- */

static void
exchange(struct channel *channel, struct aicx_str body, struct buf *ret)
{
	struct aicx_error error = { 0 };
	int64_t until_ms = outside_now_ms() + WAIT_MS;
	struct aicx_str text;
	size_t done = 0;
	bool eof = false;

	nng_frame(channel, body);
	must(
	    net_write(&channel->net, buf_view(&channel->out), until_ms, &error),
	    &error);
	buf_clear(&channel->out);
	while (!reply_take(channel, &done, &text)) {
		must(net_read(
			 &channel->net, &channel->in, until_ms, &eof, &error),
		    &error);
		ENSURE(!eof);
	}
	buf_str(ret, text);
	buf_shift(&channel->in, done);
}

static struct aicx_str
payload_of(struct buf *message, struct envelope *env)
{
	struct aicx_error error = { 0 };

	must(envelope_split(buf_view(message), ENVELOPE_BYTES_MAX, env, &error),
	    &error);
	must(envelope_scan(env, &error), &error);
	return env->payload;
}

static void
open_session(struct party *party, struct channel *channel)
{
	struct buf challenge = { 0 }, open = { 0 }, result = { 0 };
	struct buf payload = { 0 };
	struct session_challenge asked;
	struct session_result opened;
	struct session_keys keys;
	struct envelope env;
	struct aicx_error error = { 0 };
	uint8_t seed[KEY_BYTES], x25519[KEY_BYTES];

	exchange(channel, (struct aicx_str) { "", 0 }, &challenge);
	must(session_parse_challenge(
		 payload_of(&challenge, &env), &asked, &error),
	    &error);
	struct envelope_head head = {
		.id = outside_id(),
		.sender_id = party->self.agent_id,
		.receiver_id = channel->broker_id,
		.type = MSG_QUERY,
		.timestamp_ms = outside_wall_ms(),
	};
	outside_random(seed, sizeof seed);
	x25519_public(seed, x25519);
	session_put_open(
	    &payload, asked.nonce, x25519, sign_key_public(party->self.key));
	envelope_print(&open, &head, buf_view(&payload));
	envelope_sign_key(&open, 0, party->self.key);
	exchange(channel, buf_view(&open), &result);
	must(session_parse_result(payload_of(&result, &env), &opened, &error),
	    &error);
	must(session_derive(seed, opened.x25519, buf_view(&challenge),
		 buf_view(&open), buf_view(&result), &keys, &error),
	    &error);
	channel->session_id = id_text(&opened.session_id);
	channel->to_broker = mac_new(keys.agent_to_broker, KEY_BYTES);
	channel->to_agent = mac_new(keys.broker_to_agent, KEY_BYTES);
	buf_fini(&challenge);
	buf_fini(&open);
	buf_fini(&result);
	buf_fini(&payload);
}

static void
greet(struct channel *channel)
{
	static const char greeting[8] = { 0, 'S', 'P', 0, 0, 0x30, 0, 0 };
	struct aicx_error error = { 0 };
	int64_t until_ms = outside_now_ms() + WAIT_MS;
	bool eof = false;

	must(net_write(&channel->net,
		 (struct aicx_str) { greeting, sizeof greeting }, until_ms,
		 &error),
	    &error);
	while (channel->in.len < sizeof greeting) {
		must(net_read(
			 &channel->net, &channel->in, until_ms, &eof, &error),
		    &error);
		ENSURE(!eof);
	}
	buf_shift(&channel->in, sizeof greeting);
}

void
nng_move(struct party *party, const struct url *url, int n_polls)
{
	struct channel *channel = MEM_NEW(struct channel);
	struct aicx_error error = { 0 };

	channel->self = &party->self;
	channel->broker_id = party->channel->broker_id;
	must(net_connect(url, &channel->net, &error), &error);
	greet(channel);
	open_session(party, channel);
	channel_free(party->channel);
	party->channel = channel;
	party->frame = nng_frame;
	for (int i = 0; i < n_polls; i++)
		nng_frame(channel, (struct aicx_str) { "", 0 });
	party->watched = (struct watched) { nng_turn, party };
	crowd_add(&party->town->crowd, channel->net.fd, &party->watched);
	party_flush(party);
}
