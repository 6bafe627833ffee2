/* SPDX-License-Identifier: Apache-2.0 */
/* session_test.c - the handshake and API keys against the golden vectors. */
#include "protocol/session.h"

#include <check.h>
#include <string.h>

#include "base/id.h"
#include "protocol/vectors.h"

static const uint8_t one[KEY_BYTES] = { 1 }, two[KEY_BYTES] = { 2 };
static const struct aicx_id session_id = { { 3 } };

/* One of the three texts: verified under its sender's key, and scanned. */
static struct aicx_str
payload_of(struct vectors *v, const char *name, const char *sender)
{
	struct json_ref session = json_get(v->root, "session");
	struct json_ref party = json_get(json_get(v->root, "parties"), sender);
	struct envelope env;
	uint8_t raw[KEY_BYTES];

	vectors_key(v, party, "public_key", raw);
	ck_assert_int_eq(envelope_split(vectors_str(v, session, name),
			     ENVELOPE_BYTES_MAX, &env, NULL),
	    AICX_OK);
	ck_assert(envelope_verify_key(&env, raw));
	ck_assert_int_eq(envelope_scan(&env, NULL), AICX_OK);
	return env.payload;
}

static void
ck_keys(struct vectors *v, struct json_ref ref, const struct session_keys *keys)
{
	uint8_t want[KEY_BYTES];

	vectors_key(v, ref, "agent_to_broker", want);
	ck_assert_mem_eq(keys->agent_to_broker, want, KEY_BYTES);
	vectors_key(v, ref, "broker_to_agent", want);
	ck_assert_mem_eq(keys->broker_to_agent, want, KEY_BYTES);
}

START_TEST(both_sides_of_the_golden_handshake_derive_its_keys)
{
	struct vectors v;
	struct session_challenge challenge;
	struct session_open open;
	struct session_result result;
	struct session_keys keys;
	uint8_t agent_seed[KEY_BYTES], broker_seed[KEY_BYTES];

	if (!vectors_open(&v, "wire/wire.json"))
		return;
	struct json_ref session = json_get(v.root, "session");
	ck_assert_int_eq(
	    session_parse_challenge(
		payload_of(&v, "challenge", "broker"), &challenge, NULL),
	    AICX_OK);
	ck_assert_int_eq(
	    session_parse_open(payload_of(&v, "open", "alice"), &open, NULL),
	    AICX_OK);
	ck_assert_int_eq(session_parse_result(
			     payload_of(&v, "result", "broker"), &result, NULL),
	    AICX_OK);
	ck_assert_mem_eq(challenge.nonce, open.nonce, NONCE_BYTES);
	ck_assert_str_eq(id_text(&result.session_id).text,
	    "01932000-0000-7000-8000-0000000005e5");

	struct aicx_str texts[] = { vectors_str(&v, session, "challenge"),
		vectors_str(&v, session, "open"),
		vectors_str(&v, session, "result") };
	vectors_key(&v, session, "x25519_seed_agent", agent_seed);
	vectors_key(&v, session, "x25519_seed_broker", broker_seed);
	ck_assert_int_eq(session_derive(agent_seed, result.x25519, texts[0],
			     texts[1], texts[2], &keys, NULL),
	    AICX_OK);
	ck_keys(&v, session, &keys);
	memset(&keys, 0, sizeof keys);
	ck_assert_int_eq(session_derive(broker_seed, open.x25519, texts[0],
			     texts[1], texts[2], &keys, NULL),
	    AICX_OK);
	ck_keys(&v, session, &keys);
	vectors_close(&v);
}
END_TEST

START_TEST(the_golden_api_key_gives_its_keys_and_verifier)
{
	struct vectors v;
	struct session_keys keys;
	uint8_t want[HASH_BYTES], got[HASH_BYTES];

	if (!vectors_open(&v, "wire/wire.json"))
		return;
	struct json_ref ref = json_get(v.root, "api_key");
	struct aicx_str key = vectors_str(&v, ref, "api_key");
	ck_assert(api_key_is_valid(key));
	api_key_derive(key, &keys);
	ck_keys(&v, ref, &keys);
	api_key_verifier(key, got);
	vectors_key(&v, ref, "bearer_verifier_sha256", want);
	ck_assert_mem_eq(got, want, HASH_BYTES);
	vectors_close(&v);
}
END_TEST

START_TEST(an_api_key_has_one_form)
{
	char text[API_KEY_TEXT + 1];

	api_key_print(one, text);
	ck_assert_uint_eq(strlen(text), API_KEY_TEXT);
	ck_assert(api_key_is_valid(str_of(text)));
	ck_assert(!api_key_is_valid((struct aicx_str) { text, 47 }));
	text[API_KEY_TEXT - 1] = 'B'; /* a bit that no byte needs */
	ck_assert(!api_key_is_valid(str_of(text)));
	text[0] = 'A';
	ck_assert(!api_key_is_valid(str_of(text)));
	ck_assert(!api_key_is_valid(STR("")));
}
END_TEST

START_TEST(any_change_to_a_text_changes_both_keys)
{
	struct session_keys a, b;
	uint8_t peer[KEY_BYTES];

	x25519_public(two, peer);
	ck_assert_int_eq(
	    session_derive(one, peer, STR("c"), STR("o"), STR("r"), &a, NULL),
	    AICX_OK);
	ck_assert_int_eq(
	    session_derive(one, peer, STR("c"), STR("o"), STR("r "), &b, NULL),
	    AICX_OK);
	ck_assert_mem_ne(a.agent_to_broker, b.agent_to_broker, KEY_BYTES);
	ck_assert_mem_ne(a.broker_to_agent, b.broker_to_agent, KEY_BYTES);
	ck_assert_mem_ne(a.agent_to_broker, a.broker_to_agent, KEY_BYTES);
}
END_TEST

START_TEST(a_zero_secret_is_refused_and_derives_nothing)
{
	static const uint8_t zero[KEY_BYTES];
	struct session_keys keys = { { 9 }, { 9 } };
	struct aicx_error err;

	ck_assert_int_eq(session_derive(one, zero, STR("c"), STR("o"), STR("r"),
			     &keys, &err),
	    AICX_EINVAL);
	ck_assert_str_eq(err.word, "bad_key");
	ck_assert_int_eq(keys.agent_to_broker[0], 9);
}
END_TEST

START_TEST(what_is_printed_is_read_back)
{
	struct session_challenge challenge;
	struct session_open open;
	struct session_result result;
	struct buf buf = { 0 };

	session_put_challenge(&buf, one, two);
	ck_assert_int_eq(
	    session_parse_challenge(buf_view(&buf), &challenge, NULL), AICX_OK);
	ck_assert_mem_eq(challenge.nonce, one, NONCE_BYTES);
	ck_assert_mem_eq(challenge.broker_key, two, KEY_BYTES);
	ck_assert_int_ne(
	    session_parse_open(buf_view(&buf), &open, NULL), AICX_OK);

	buf_clear(&buf);
	session_put_open(&buf, one, two, one);
	ck_assert_int_eq(
	    session_parse_open(buf_view(&buf), &open, NULL), AICX_OK);
	ck_assert_mem_eq(open.nonce, one, NONCE_BYTES);
	ck_assert_mem_eq(open.x25519, two, KEY_BYTES);
	ck_assert_mem_eq(open.public_key, one, KEY_BYTES);

	buf_clear(&buf);
	session_put_result(&buf, &session_id, two);
	ck_assert_int_eq(
	    session_parse_result(buf_view(&buf), &result, NULL), AICX_OK);
	ck_assert(id_eq(&result.session_id, &session_id));
	ck_assert_mem_eq(result.x25519, two, KEY_BYTES);
	buf_fini(&buf);
}
END_TEST

#define B43 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static void
ck_open(const char *payload, const char *field)
{
	struct session_open open = { .nonce = { 5 } };
	struct aicx_error err;

	ck_assert_int_ne(
	    session_parse_open(str_of(payload), &open, &err), AICX_OK);
	ck_assert_str_eq(err.word, "malformed");
	ck_assert_str_eq(err.field, field);
	ck_assert_int_eq(open.nonce[0], 5);
}

START_TEST(a_handshake_out_of_form_is_refused_by_name)
{
	struct session_result result;

	ck_open("{\"method\":\"session.close\",\"nonce\":\"" B43
		"\",\"x25519\":\"" B43 "\",\"public_key\":\"" B43 "\"}",
	    "/method");
	ck_open("{\"nonce\":\"" B43 "\",\"x25519\":\"" B43
		"\",\"public_key\":\"" B43 "\"}",
	    "/method");
	ck_open("{\"method\":\"session.open\",\"nonce\":\"" B43
		"\",\"x25519\":\"" B43 "\"}",
	    "/public_key");
	ck_open(
	    "{\"method\":\"session.open\",\"nonce\":\"" B43 "A\"}", "/nonce");
	ck_open(
	    "{\"method\":\"session.open\",\"nonce\":\"" B43 "=\"}", "/nonce");
	ck_open("{\"method\":\"session.open\",\"nonce\":7}", "/nonce");
	ck_open("{\"method\":\"session.open\",\"more\":7}", "");
	ck_open(
	    "{\"method\":\"session.open\",\"method\":\"session.open\"}", "");
	ck_open("{", "");
	ck_open("[]", "");
	ck_assert_int_ne(
	    session_parse_result(
		STR("{\"session_id\":\"00000000-0000-0000-0000-000000000000\","
		    "\"x25519\":\"" B43 "\"}"),
		&result, NULL),
	    AICX_OK);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("session");
	TCase *tcase = tcase_create("session");
	SRunner *runner = srunner_create(suite);

	tcase_add_test(
	    tcase, both_sides_of_the_golden_handshake_derive_its_keys);
	tcase_add_test(tcase, the_golden_api_key_gives_its_keys_and_verifier);
	tcase_add_test(tcase, an_api_key_has_one_form);
	tcase_add_test(tcase, any_change_to_a_text_changes_both_keys);
	tcase_add_test(tcase, a_zero_secret_is_refused_and_derives_nothing);
	tcase_add_test(tcase, what_is_printed_is_read_back);
	tcase_add_test(tcase, a_handshake_out_of_form_is_refused_by_name);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	int n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed != 0;
}
