/* SPDX-License-Identifier: Apache-2.0 */
/* tricks_mac.c - what can be tried with messages under a session's keys. */
#include "forge.h"

#include "base/b64.h"
#include "base/id.h"
#include "broker/testdata/stage_inside.h"

#include <string.h>

static void
honest(struct world *world)
{
	struct envelope_head head = honest_head(world);

	put_text(world, &head);
}

static void
forged(struct world *world)
{
	uint8_t mac[MAC_BYTES];

	honest(world);
	stage_random(&world->stage, mac, sizeof mac);
	buf_printf(&world->text, ",\"signature\":\"hmac-sha256:%s:",
	    id_text(&world->alice->session_id).text);
	b64_put(&world->text, mac, sizeof mac);
	buf_printf(&world->text, "\"}");
}

static void
flip(struct world *world, size_t from, size_t to)
{
	world->text.ptr[from + chance_below(world, to - from)] ^=
	    (char)(1u << chance_below(world, 8));
}

/* One bit, anywhere before the signature. */
static void
altered(struct world *world)
{
	size_t n_head;

	honest(world);
	n_head = world->text.len;
	sign_as(world, world->alice);
	flip(world, 0, n_head);
}

static void
altered_end(struct world *world)
{
	size_t n_head;

	honest(world);
	n_head = world->text.len;
	sign_as(world, world->alice);
	flip(world, n_head, world->text.len);
}

static void
truncated(struct world *world)
{
	honest(world);
	sign_as(world, world->alice);
	world->text.len = chance_below(world, world->text.len);
}

static void
lengthened(struct world *world)
{
	honest(world);
	sign_as(world, world->alice);
	for (size_t n = 1 + chance_below(world, 4); n > 0; n--)
		buf_printf(
		    &world->text, "%c", (int)(1 + chance_below(world, 126)));
}

static void
stale(struct world *world)
{
	struct envelope_head head = honest_head(world);
	int64_t off_ms = 60001 + (int64_t)chance_below(world, 100000000);

	head.timestamp_ms += chance_below(world, 2) == 0 ? off_ms : -off_ms;
	put_text(world, &head);
	sign_as(world, world->alice);
}

/* Signed by herself, for another broker. */
static void
misaddressed(struct world *world)
{
	struct envelope_head head = honest_head(world);

	stage_random(&world->stage, &head.receiver_id, sizeof head.receiver_id);
	put_text(world, &head);
	sign_as(world, world->alice);
}

/* Signed for another broker, and brought here with our name on it. */
static void
readdressed(struct world *world)
{
	struct envelope_head head = honest_head(world);
	struct id_text ours = id_text(&head.receiver_id);
	char *at;

	stage_random(&world->stage, &head.receiver_id, sizeof head.receiver_id);
	put_text(world, &head);
	sign_as(world, world->alice);
	at = memmem(world->text.ptr, world->text.len,
	    id_text(&head.receiver_id).text, strlen(ours.text));
	memcpy(at, ours.text, strlen(ours.text));
}

static void
to_a_stranger(struct world *world)
{
	struct envelope_head head = honest_head(world);

	head.receiver_id = world->bob->id;
	put_text(world, &head);
	sign_as(world, world->alice);
}

static void
order_from_nobody(struct world *world)
{
	struct envelope_head head = honest_head(world);

	head.receiver_id = world->bob->id;
	head.type = MSG_EXECUTE;
	put_text(world, &head);
	sign_as(world, world->alice);
}

static void
reflected(struct world *world)
{
	buf_str(&world->text, buf_view(&world->answer));
}

static void
of_another_session(struct world *world)
{
	buf_str(&world->text, buf_view(&world->good));
}

static void
of_an_old_session(struct world *world)
{
	honest(world);
	envelope_sign_mac(&world->text, 0, world->old_out,
	    str_of(id_text(&world->old_session).text));
}

/* The key of the old session under the name of the new one. */
static void
under_an_old_key(struct world *world)
{
	honest(world);
	envelope_sign_mac(&world->text, 0, world->old_out,
	    str_of(id_text(&world->alice->session_id).text));
}

/* A MAC that is good, of a mandate or a receipt with the same bytes. */
static void
of_another_kind(struct world *world)
{
	enum sig_kind kind =
	    (enum sig_kind)(SIG_MANDATE + chance_below(world, 8));
	uint8_t mac[MAC_BYTES];

	honest(world);
	mac_bytes(
	    world->alice->out, kind, buf_view(&world->text), STR("}"), mac);
	buf_printf(&world->text, ",\"signature\":\"hmac-sha256:%s:",
	    id_text(&world->alice->session_id).text);
	b64_put(&world->text, mac, sizeof mac);
	buf_printf(&world->text, "\"}");
}

static void
in_anothers_name(struct world *world)
{
	honest(world);
	sign_as(world, world->eve);
}

static void
in_the_brokers_name(struct world *world)
{
	struct envelope_head head = honest_head(world);

	head.sender_id = head.receiver_id;
	put_text(world, &head);
	sign_as(world, world->eve);
}

/* Another message under an id that was used. */
static void
same_id(struct world *world)
{
	struct envelope_head head = honest_head(world);

	head.id = world->good_id;
	envelope_print(&world->text, &head,
	    STR("{\"method\":\"discovery.search\",\"q\":\"other\"}"));
	sign_as(world, world->alice);
}

#define BAD                                                                    \
	{                                                                      \
		"bad_signature"                                                \
	}
const struct trick mac_tricks[] = {
	{ "forged", DOOR_ALICE, BAD, forged },
	{ "altered", DOOR_ALICE, { "bad_signature", "malformed" }, altered },
	{ "altered at its end", DOOR_ALICE,
	    { "bad_signature", "malformed", "sender_mismatch" }, altered_end },
	{ "truncated", DOOR_ALICE, { "malformed" }, truncated },
	{ "lengthened", DOOR_ALICE, { "malformed" }, lengthened },
	{ "stale or early", DOOR_ALICE, { "stale" }, stale },
	{ "for another broker", DOOR_ALICE, { "misaddressed" }, misaddressed },
	{ "re-addressed", DOOR_ALICE, BAD, readdressed },
	{ "to no partner", DOOR_ALICE, { "not_party" }, to_a_stranger },
	{ "order past the broker", DOOR_ALICE, { "denied" },
	    order_from_nobody },
	{ "reflected", DOOR_ALICE, BAD, reflected },
	{ "cross-session", DOOR_EVE, BAD, of_another_session },
	{ "of a session that is over", DOOR_ALICE, BAD, of_an_old_session },
	{ "under the key of one", DOOR_ALICE, BAD, under_an_old_key },
	{ "wrong kind", DOOR_ALICE, BAD, of_another_kind },
	{ "in another's name", DOOR_EVE, { "sender_mismatch" },
	    in_anothers_name },
	{ "in the broker's name", DOOR_EVE, { "sender_mismatch" },
	    in_the_brokers_name },
	{ "an id used twice", DOOR_ALICE, { "conflict" }, same_id },
};
const size_t n_mac_tricks = sizeof mac_tricks / sizeof mac_tricks[0];
