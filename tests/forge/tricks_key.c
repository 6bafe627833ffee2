/* SPDX-License-Identifier: Apache-2.0 */
/* tricks_key.c - what can be tried with Ed25519: messages by POST, and the
   handshake of a session. */
#include "forge.h"

#include "base/b64.h"
#include "base/id.h"
#include "broker/peer.h"
#include "broker/testdata/stage_inside.h"
#include "protocol/session.h"

#include <string.h>

static void
honest(struct world *world)
{
	struct envelope_head head = honest_head(world);

	put_text(world, &head);
}

static void
put_signature(
    struct world *world, const char *key_id, const uint8_t sig[SIG_BYTES])
{
	buf_printf(&world->text, ",\"signature\":\"ed25519:%s:", key_id);
	b64_put(&world->text, sig, SIG_BYTES);
	buf_printf(&world->text, "\"}");
}

static void
forged(struct world *world)
{
	uint8_t sig[SIG_BYTES];

	honest(world);
	stage_random(&world->stage, sig, sizeof sig);
	put_signature(world, sign_key_id(world->alice->key), sig);
}

static void
altered(struct world *world)
{
	honest(world);
	sign_by_key(world, world->alice);
	/* In the payload, which nothing but the signature guards. */
	char *at = memmem(world->text.ptr, world->text.len, "\"q\":\"", 5);
	at[5] = (char)('a' + (at[5] - 'a' + 1) % 26);
}

static void
of_another_kind(struct world *world)
{
	enum sig_kind kind =
	    (enum sig_kind)(SIG_MANDATE + chance_below(world, 8));
	uint8_t sig[SIG_BYTES];

	honest(world);
	sign_bytes(
	    world->alice->key, kind, buf_view(&world->text), STR("}"), sig);
	put_signature(world, sign_key_id(world->alice->key), sig);
}

/* The same point and S plus the order of the group: RFC 8032 section 5.1.7
   wants S below it. */
static void
with_a_larger_s(struct world *world)
{
	static const uint8_t order[32] = { 0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63,
		0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
		0x14, [31] = 0x10 };
	uint8_t sig[SIG_BYTES];
	unsigned carry = 0;

	honest(world);
	sign_bytes(world->alice->key, SIG_ENVELOPE, buf_view(&world->text),
	    STR("}"), sig);
	for (size_t i = 0; i < sizeof order; i++) {
		carry += (unsigned)sig[32 + i] + order[i];
		sig[32 + i] = (uint8_t)carry;
		carry >>= 8;
	}
	put_signature(world, sign_key_id(world->alice->key), sig);
}

/* Whose key has a small order, signs everything: R the neutral point, S 0. */
static void
by_a_weak_key(struct world *world)
{
	static const uint8_t weak[KEY_BYTES] = { 1 };
	struct envelope_head head = honest_head(world);
	uint8_t sig[SIG_BYTES] = { 1 };
	char key[B64_LEN(KEY_BYTES)], key_id[KEY_ID_TEXT + 1];
	struct buf payload = { 0 };

	head.sender_id = broker_new_id(world->stage.broker);
	b64_print(weak, sizeof weak, key);
	key_id_of(weak, key_id);
	buf_printf(&payload,
	    "{\"method\":\"discovery.search\",\"public_key\":\"%.*s\"}",
	    (int)sizeof key, key);
	envelope_print(&world->text, &head, buf_view(&payload));
	put_signature(world, key_id, sig);
	buf_fini(&payload);
}

static void
in_anothers_name(struct world *world)
{
	honest(world);
	sign_by_key(world, world->eve);
}

/* Alice's id with a key that is not hers. */
static void
with_a_new_key(struct world *world)
{
	struct envelope_head head = honest_head(world);
	char key[B64_LEN(KEY_BYTES)];
	struct buf payload = { 0 };

	b64_print(sign_key_public(world->eve->key), KEY_BYTES, key);
	buf_printf(&payload,
	    "{\"method\":\"discovery.search\",\"public_key\":\"%.*s\"}",
	    (int)sizeof key, key);
	envelope_print(&world->text, &head, buf_view(&payload));
	sign_by_key(world, world->eve);
	buf_fini(&payload);
}

static void
by_nobody(struct world *world)
{
	struct envelope_head head = honest_head(world);

	head.sender_id = broker_new_id(world->stage.broker);
	put_text(world, &head);
	sign_by_key(world, world->eve);
}

static void
stale(struct world *world)
{
	struct envelope_head head = honest_head(world);

	head.timestamp_ms -= 60001;
	put_text(world, &head);
	sign_by_key(world, world->alice);
}

static void
readdressed(struct world *world)
{
	struct envelope_head head = honest_head(world);

	stage_random(&world->stage, &head.receiver_id, sizeof head.receiver_id);
	put_text(world, &head);
	sign_by_key(world, world->alice);
}

const struct trick key_tricks[] = {
	{ "Ed25519 forged", DOOR_POST, { "bad_signature" }, forged },
	{ "Ed25519 altered", DOOR_POST, { "bad_signature" }, altered },
	{ "Ed25519 wrong kind", DOOR_POST, { "bad_signature" },
	    of_another_kind },
	{ "Ed25519 with a larger S", DOOR_POST, { "bad_signature" },
	    with_a_larger_s },
	{ "Ed25519 by a weak key", DOOR_POST, { "bad_signature" },
	    by_a_weak_key },
	{ "Ed25519 in another's name", DOOR_POST, { "sender_mismatch" },
	    in_anothers_name },
	{ "Ed25519 with a key that is new", DOOR_POST, { "sender_mismatch" },
	    with_a_new_key },
	{ "Ed25519 by nobody", DOOR_POST, { "unauthenticated" }, by_nobody },
	{ "Ed25519 stale", DOOR_POST, { "stale" }, stale },
	{ "Ed25519 for another broker", DOOR_POST, { "misaddressed" },
	    readdressed },
};
const size_t n_key_tricks = sizeof key_tricks / sizeof key_tricks[0];

/* --- session.open ------------------------------------------------------- */

static void
put_open(struct world *world, const uint8_t nonce[NONCE_BYTES],
    const uint8_t x25519[KEY_BYTES], int64_t off_ms)
{
	struct envelope_head head = honest_head(world);
	struct buf payload = { 0 };

	head.timestamp_ms += off_ms;
	session_put_open(
	    &payload, nonce, x25519, sign_key_public(world->alice->key));
	envelope_print(&world->text, &head, buf_view(&payload));
	buf_fini(&payload);
}

/* What the connection asked for is in world->answer. */
static struct session_challenge
asked(struct world *world)
{
	struct session_challenge challenge = { .nonce = { 0 } };
	struct envelope env;

	if (envelope_split(buf_view(&world->answer), world->answer.len, &env,
		NULL) == AICX_OK &&
	    envelope_scan(&env, NULL) == AICX_OK)
		(void)session_parse_challenge(env.payload, &challenge, NULL);
	return challenge;
}

static void
open_to_another_nonce(struct world *world)
{
	uint8_t nonce[NONCE_BYTES], x25519[KEY_BYTES];

	stage_random(&world->stage, nonce, sizeof nonce);
	x25519_public(world->alice->x25519, x25519);
	put_open(world, nonce, x25519, 0);
	sign_by_key(world, world->alice);
}

static void
open_with_a_zero_secret(struct world *world)
{
	static const uint8_t zero[KEY_BYTES];
	struct session_challenge challenge = asked(world);

	put_open(world, challenge.nonce, zero, 0);
	sign_by_key(world, world->alice);
}

static void
open_by_another(struct world *world)
{
	struct session_challenge challenge = asked(world);
	uint8_t x25519[KEY_BYTES];

	x25519_public(world->eve->x25519, x25519);
	put_open(world, challenge.nonce, x25519, 0);
	sign_by_key(world, world->eve);
}

static void
open_stale(struct world *world)
{
	struct session_challenge challenge = asked(world);
	uint8_t x25519[KEY_BYTES];

	x25519_public(world->alice->x25519, x25519);
	put_open(world, challenge.nonce, x25519, -60001);
	sign_by_key(world, world->alice);
}

static void
open_reflected(struct world *world)
{
	buf_str(&world->text, buf_view(&world->answer));
}

static void
open_by_mac(struct world *world)
{
	honest(world);
	sign_as(world, world->alice);
}

const struct trick open_tricks[] = {
	{ "session to another nonce", DOOR_OPEN, { "bad_signature" },
	    open_to_another_nonce },
	{ "session with a secret of zero", DOOR_OPEN, { "bad_key" },
	    open_with_a_zero_secret },
	{ "session by another's key", DOOR_OPEN, { "bad_signature" },
	    open_by_another },
	{ "session stale", DOOR_OPEN, { "stale" }, open_stale },
	{ "session reflected", DOOR_OPEN, { "malformed" }, open_reflected },
	{ "session skipped", DOOR_OPEN, { "bad_signature" }, open_by_mac },
};
const size_t n_open_tricks = sizeof open_tricks / sizeof open_tricks[0];
