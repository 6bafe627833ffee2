/* SPDX-License-Identifier: Apache-2.0 */
/* their_card_test.c - the cards of agents of others: what they are described
   as, how long they are kept, whose signature counts. */
#include "test_errand.h"

#include <string.h>

START_TEST(a_card_is_described_as_capabilities)
{
	describe("http://a.example");
	ck_assert_str_eq(host.url, CARD_URL);
	ck_assert_str_eq(host.method, "GET");
	answer(CARD_OF(RPC, ""));
	ck_assert_int_eq(host.err, AICX_OK);
	ck_assert_str_eq(host.output,
	    "{\"name\":\"them\",\"description\":\"d\",\"capabilities\":["
	    "{\"name\":\"echo-\",\"remote\":\"Echo!\",\"description\":\"\","
	    "\"tags\":[\"t\"]}]}");
	describe("http://a.example/agents/7/");
	ck_assert_str_eq(
	    host.url, "http://a.example/agents/7/.well-known/agent-card.json");
	answer_with(AICX_OK, 404, "{}", NULL, 0);
	ck_assert_str_eq(host.code, "no_card");
	describe("http://a.example/my-card.json");
	ck_assert_str_eq(host.url, "http://a.example/my-card.json");
	answer_with(AICX_EDENIED, 0, "", NULL, 0);
	ck_assert_str_eq(host.code, "denied");
	ck_assert_str_eq(host.detail, "the reason");
	ck_assert_int_eq(host.n_done, 3);
}
END_TEST

START_TEST(an_interface_elsewhere_is_asked_for_before_it_is_believed)
{
	static const char card[] =
	    CARD_OF(DOOR("http://b.example/rpc", "JSONRPC"), "");

	describe("http://a.example");
	answer(card);
	ck_assert_str_eq(host.url, "http://b.example/rpc");
	answer_with(AICX_EDENIED, 0, "", NULL, 0);
	ck_assert_str_eq(host.code, "denied");
	describe("http://a.example");
	answer(card);
	answer_with(AICX_OK, 405, "", NULL, 0);
	ck_assert_int_eq(host.err, AICX_OK);
	/* http://a.example is not http://a.example.evil */
	describe("http://a.example");
	answer(CARD_OF(DOOR("http://a.example.evil/rpc", "JSONRPC"), ""));
	ck_assert_str_eq(host.url, "http://a.example.evil/rpc");
	answer_with(AICX_EIO, 0, "", NULL, 0);
	ck_assert_int_eq(host.err, AICX_OK);
}
END_TEST

static const struct {
	const char *url, *card, *why;
} flaws[] = {
	{ "http://a.example", "[]", "no name" },
	{ "http://a.example", "{", "no JSON" },
	{ "http://a.example", "{\"name\":\"a\",\"name\":\"b\"}", "no JSON" },
	{ "http://a.example", "{\"name\":\"a\"}", "version 1.0" },
	{ "http://a.example", CARD_OF(DOOR("ftp://a/", "JSONRPC"), ""),
	    "version 1.0" },
	{ "http://a.example", CARD_OF(DOOR("http://a/ b", "JSONRPC"), ""),
	    "version 1.0" },
	{ "http://a.example", CARD_OF(DOOR("http://a/?b", "JSONRPC"), ""),
	    "version 1.0" },
	{ "https://a.example", CARD_OF(RPC, ""), "over https" },
	{ "http://a.example",
	    CARD_OF(RPC,
		",\"capabilities\":{\"extensions\":[{\"uri\":\"u\","
		"\"required\":true}]}"),
	    "extension" },
};

START_TEST(a_card_that_cannot_be_used_says_why)
{
	describe(flaws[_i].url);
	answer(flaws[_i].card);
	ck_assert_int_eq(host.n_done, 1);
	ck_assert_str_eq(host.code, "invalid_card");
	ck_assert_msg(
	    strstr(host.detail, flaws[_i].why) != NULL, "%s", host.detail);
}
END_TEST

START_TEST(a_kept_card_is_asked_for_by_its_tag)
{
	static const struct aicx_header headers[] = {
		{ STR("Cache-Control"), STR("public, max-age=10") },
		{ STR("etag"), STR("\"x\"") },
	};

	describe("http://a.example");
	answer_with(AICX_OK, 200, CARD_OF(RPC, ""), headers, 2);
	execute("1");
	ck_assert_str_eq(host.url, "http://a.example/rpc"); /* it is fresh */
	answer(RESULT("{\"task\":" DONE "}"));
	fake_advance(fake, 10000);
	execute("1");
	ck_assert_str_eq(host.url, CARD_URL);
	ck_assert_ptr_nonnull(strstr(host.headers, "If-None-Match: \"x\"\n"));
	answer_with(AICX_OK, 304, "", headers, 1);
	ck_assert_str_eq(host.url, "http://a.example/rpc");
	answer(RESULT("{\"task\":" DONE "}"));
	execute("1");
	ck_assert_str_eq(host.url, "http://a.example/rpc");
	answer(RESULT("{\"task\":" DONE "}"));
	ck_assert_int_eq(host.n_done, 4);
}
END_TEST

#define SIGNED(kid, signature)                                                 \
	CARD_OF(RPC,                                                           \
	    ",\"signatures\":[{\"protected\":\"" kid                           \
	    "\",\"signature\":\"" signature "\"}]")
/* {"alg":"EdDSA","kid":"k1"}, ES256 and k1, EdDSA and k9 */
#define K1 "eyJhbGciOiJFZERTQSIsImtpZCI6ImsxIn0"
#define ES_K1 "eyJhbGciOiJFUzI1NiIsImtpZCI6ImsxIn0"
#define K9 "eyJhbGciOiJFZERTQSIsImtpZCI6Ims5In0"
#define X "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define OK "b2s" /* "ok" */

static const struct {
	const char *keys;
	int must;
	const char *card;
	bool good;
} seals[] = {
	{ "", 0, CARD_OF(RPC, ""), true },
	{ "", 0, SIGNED(K1, OK), true },
	{ "EdDSA:" X ":k1", 0, CARD_OF(RPC, ""), true },
	{ "EdDSA:" X ":k1", 1, CARD_OF(RPC, ""), false },
	{ "EdDSA:" X ":k1", 1, SIGNED(K1, OK), true },
	{ "EdDSA:" X ":k1", 0, SIGNED(K1, "AAAA"), false },
	{ "EdDSA:" X ":k1", 0, SIGNED(K1, "!"), false },
	{ "EdDSA:" X ":k1", 0, SIGNED(K9, OK), true },
	{ "EdDSA:" X ":k1", 1, SIGNED(K9, OK), false },
	{ "EdDSA:" X ":k1", 0, SIGNED(ES_K1, OK), false },
	{ "EdDSA:" X ":k2, ES256:" X ":" X ":k1", 1, SIGNED(ES_K1, OK), true },
};

START_TEST(a_signature_counts_when_its_key_is_pinned)
{
	fake_set(settings, plugin, "card_keys", 0, seals[_i].keys);
	reopen("cards_signed", seals[_i].must, NULL);
	describe("http://a.example");
	answer(seals[_i].card);
	ck_assert_msg(
	    (host.err == AICX_OK) == seals[_i].good, "%s", host.detail);
	if (!seals[_i].good)
		ck_assert_ptr_nonnull(strstr(host.detail, "sign"));
}
END_TEST

START_TEST(keys_that_are_none_are_refused_at_the_start)
{
	static const char *const bad[] = { "k", "EdDSA:", "EdDSA:" X,
		"EdDSA:AAAA:k", "EdDSA:" X ":", "ES256:" X ":k",
		"RS256:" X ":k", "EdDSA:" X ":k, x" };

	plugin->close(state);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ck_assert_msg(
		    open_plugin("card_keys", 0, bad[i]) == AICX_EINVAL, "%s",
		    bad[i]);
	state = NULL;
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("their_card");
	TCase *tcase = tcase_create("their_card");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_card_is_described_as_capabilities);
	tcase_add_test(
	    tcase, an_interface_elsewhere_is_asked_for_before_it_is_believed);
	tcase_add_loop_test(tcase, a_card_that_cannot_be_used_says_why, 0,
	    (int)(sizeof flaws / sizeof flaws[0]));
	tcase_add_test(tcase, a_kept_card_is_asked_for_by_its_tag);
	tcase_add_loop_test(tcase, a_signature_counts_when_its_key_is_pinned, 0,
	    (int)(sizeof seals / sizeof seals[0]));
	tcase_add_test(tcase, keys_that_are_none_are_refused_at_the_start);
	suite_add_tcase(suite, tcase);
	return errand_run(suite);
}
