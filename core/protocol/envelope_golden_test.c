/* SPDX-License-Identifier: Apache-2.0 */
/* envelope_golden_test.c - every golden message gets the verdict it must. */
#include "protocol/envelope.h"

#include <check.h>

#include "base/clock.h"
#include "base/id.h"
#include "protocol/session.h"
#include "protocol/vectors.h"

/* Who the vectors know: two agents and the broker by key, alice by session and
   by API key. */
struct known {
	struct aicx_str key_id;
	struct aicx_id owner;
	uint8_t raw[KEY_BYTES]; /* of Ed25519 */
	struct mac *mac; /* or NULL */
};

struct world {
	struct vectors v;
	struct known known[5];
	struct aicx_id broker;
	int64_t now_ms;
};

static void
know_party(struct world *world, struct known *known, const char *name)
{
	struct vectors *v = &world->v;
	struct json_ref party = json_get(json_get(v->root, "parties"), name);

	known->key_id = vectors_str(v, party, "key_id");
	ck_assert(id_parse(vectors_str(v, party, "id"), &known->owner));
	vectors_key(v, party, "public_key", known->raw);
}

static void
know_mac(struct world *world, struct known *known, const char *group,
    const char *id, const struct aicx_id *owner)
{
	struct json_ref ref = json_get(world->v.root, group);
	uint8_t key[KEY_BYTES];

	known->key_id = vectors_str(&world->v, ref, id);
	known->owner = *owner;
	vectors_key(&world->v, ref, "agent_to_broker", key);
	known->mac = mac_new(key, sizeof key);
}

static bool
world_open(struct world *world)
{
	*world = (struct world) { 0 };
	if (!vectors_open(&world->v, "wire/wire.json"))
		return false;
	struct known *known = world->known;
	know_party(world, &known[0], "broker");
	know_party(world, &known[1], "alice");
	know_party(world, &known[2], "bob");
	know_mac(world, &known[3], "session", "session_id", &known[1].owner);
	know_mac(world, &known[4], "api_key", "credential_id", &known[1].owner);
	world->broker = known[0].owner;
	ck_assert(time_parse(
	    vectors_str(&world->v, world->v.root, "now"), &world->now_ms));
	return true;
}

static void
world_close(struct world *world)
{
	mac_free(world->known[3].mac);
	mac_free(world->known[4].mac);
	vectors_close(&world->v);
}

static bool
verify(const struct envelope *env, const struct known *known)
{
	return known->mac != NULL ? envelope_verify_mac(env, known->mac)
				  : envelope_verify_key(env, known->raw);
}

/* The order of a receiver: split, find the key, verify, scan, who, when. */
static const char *
judge(struct world *world, struct aicx_str text, struct aicx_error *reterr)
{
	const struct known *known = NULL;
	struct envelope env;

	if (envelope_split(text, ENVELOPE_BYTES_MAX, &env, reterr) != AICX_OK)
		return reterr->word;
	for (size_t i = 0; i < 5; i++) {
		if (str_eq(world->known[i].key_id, env.signature.key_id))
			known = &world->known[i];
	}
	if (known == NULL)
		return "unauthenticated";
	if (!verify(&env, known))
		return "bad_signature";
	if (envelope_scan(&env, reterr) != AICX_OK ||
	    envelope_check_sender(
		&env, &known->owner, &world->broker, reterr) != AICX_OK ||
	    envelope_check_fresh(
		&env, world->now_ms, ENVELOPE_WINDOW_MS, reterr) != AICX_OK)
		return reterr->word;
	ck_assert(str_is(envelope_method(&env), "discovery.search"));
	return "valid";
}

START_TEST(every_golden_envelope_gets_its_verdict)
{
	struct world world;
	struct aicx_error err;
	int n = 0;

	if (!world_open(&world))
		return;
	struct json_iter iter = json_iter(json_get(world.v.root, "envelopes"));
	for (; json_next(&iter); n++) {
		struct aicx_str want =
		    vectors_str(&world.v, iter.value, "want");
		const char *got = judge(
		    &world, vectors_str(&world.v, iter.value, "message"), &err);
		ck_assert_msg(str_is(want, got), "%.*s: got %s",
		    STR_ARG(vectors_str(&world.v, iter.value, "name")), got);
	}
	ck_assert_int_eq(n, 20);
	world_close(&world);
}
END_TEST

START_TEST(a_golden_message_is_stale_a_minute_later_and_a_minute_before)
{
	struct world world;
	struct aicx_error err;

	if (!world_open(&world))
		return;
	struct aicx_str text = vectors_str(&world.v,
	    json_at(json_get(world.v.root, "envelopes"), 0), "message");
	int64_t sent_ms = world.now_ms - 100;

	world.now_ms = sent_ms + 60000;
	ck_assert_str_eq(judge(&world, text, &err), "valid");
	world.now_ms = sent_ms + 60001;
	ck_assert_str_eq(judge(&world, text, &err), "stale");
	ck_assert_str_eq(err.field, "/timestamp");
	world.now_ms = sent_ms - 60000;
	ck_assert_str_eq(judge(&world, text, &err), "valid");
	world.now_ms = sent_ms - 60001;
	ck_assert_str_eq(judge(&world, text, &err), "stale");
	world_close(&world);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("envelope_golden");
	TCase *tcase = tcase_create("envelope");
	SRunner *runner = srunner_create(suite);

	tcase_add_test(tcase, every_golden_envelope_gets_its_verdict);
	tcase_add_test(tcase,
	    a_golden_message_is_stale_a_minute_later_and_a_minute_before);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	int n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed != 0;
}
