/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_object.c - any text as a signed object, a handshake payload, terms and
 * an identity file: what is taken is printed and read again as the same.  The
 * first byte says as what.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "protocol/identity.h"
#include "protocol/object.h"
#include "protocol/session.h"
#include "protocol/terms.h"

typedef void target_fn(struct aicx_str text, struct arena *arena);

static void
fuzz_object(struct aicx_str text, struct arena *arena)
{
	static const uint8_t raw[KEY_BYTES] = { 1 };
	struct signed_object object, again;
	struct buf buf = { 0 };
	struct json_writer w = json_writer(&buf);
	struct aicx_error err;
	struct json doc;

	if (json_parse(text, arena, &doc, &err) != AICX_OK ||
	    object_parse(json_root(&doc), arena, &object, &err) != AICX_OK) {
		ENSURE(strcmp(err.word, "malformed") == 0);
		return;
	}
	ENSURE(object_verify(&object, SIG_OFFER, raw, NULL) != AICX_OK);
	object_put(&w, &object);
	ENSURE(json_parse(buf_view(&buf), arena, &doc, NULL) == AICX_OK);
	ENSURE(object_parse(json_root(&doc), arena, &again, NULL) == AICX_OK);
	ENSURE(str_eq(object.text, again.text));
	ENSURE(str_eq(object.key_id, again.key_id));
	ENSURE(memcmp(object.signature, again.signature, SIG_BYTES) == 0);
	buf_fini(&buf);
}

/* Well signed, whatever it says. */
static void
fuzz_text(struct aicx_str text, struct arena *arena)
{
	static const uint8_t seed[KEY_BYTES] = { 1 };
	struct sign_key *key = sign_key_new(seed);
	struct signed_object object = object_sign(key, SIG_OFFER, text);
	struct aicx_error err = { .word = "malformed" };

	(void)arena;
	(void)object_verify(&object, SIG_OFFER, sign_key_public(key), &err);
	ENSURE(strcmp(err.word, "malformed") == 0);
	sign_key_free(key);
}

static void
fuzz_session(struct aicx_str text, struct arena *arena)
{
	struct session_challenge challenge, challenge_again;
	struct session_open open, open_again;
	struct session_result result, result_again;
	struct buf buf = { 0 };

	(void)arena;
	if (session_parse_challenge(text, &challenge, NULL) == AICX_OK) {
		session_put_challenge(
		    &buf, challenge.nonce, challenge.broker_key);
		ENSURE(session_parse_challenge(
			   buf_view(&buf), &challenge_again, NULL) == AICX_OK);
		ENSURE(memcmp(&challenge, &challenge_again, sizeof challenge) ==
		    0);
	} else if (session_parse_open(text, &open, NULL) == AICX_OK) {
		session_put_open(
		    &buf, open.nonce, open.x25519, open.public_key);
		ENSURE(session_parse_open(buf_view(&buf), &open_again, NULL) ==
		    AICX_OK);
		ENSURE(memcmp(&open, &open_again, sizeof open) == 0);
	} else if (session_parse_result(text, &result, NULL) == AICX_OK) {
		session_put_result(&buf, &result.session_id, result.x25519);
		ENSURE(session_parse_result(
			   buf_view(&buf), &result_again, NULL) == AICX_OK);
		ENSURE(memcmp(&result, &result_again, sizeof result) == 0);
	}
	buf_fini(&buf);
}

static void
fuzz_terms(struct aicx_str text, struct arena *arena)
{
	struct currencies currencies = { .list = { { "AIC", 6 }, { "USD", 2 } },
		.n = 2 };
	struct terms defaults = terms_shipped(), terms;
	struct aicx_money ceiling;
	struct buf first = { 0 }, second = { 0 };
	struct aicx_error err = { 0 };

	if (terms_parse(text, &currencies, arena, &terms, &err) != AICX_OK) {
		ENSURE(err.word[0] != '\0' && err.text[0] != '\0');
		return;
	}
	terms_complete(&terms, &defaults);
	terms_print(&first, &terms, &currencies);
	ENSURE(terms_parse(buf_view(&first), &currencies, arena, &terms,
		   NULL) == AICX_OK);
	terms_complete(&terms, &defaults);
	terms_print(&second, &terms, &currencies);
	ENSURE(str_eq(buf_view(&first), buf_view(&second)));
	if (terms_ceiling(&terms, 1000, &ceiling, NULL) == AICX_OK)
		ENSURE(ceiling.minor >= 0 && money_is_set(&ceiling));
	buf_fini(&first);
	buf_fini(&second);
}

static void
fuzz_identity(struct aicx_str text, struct arena *arena)
{
	struct identity identity, again;
	struct buf buf = { 0 };

	if (identity_parse(text, arena, &identity, NULL) != AICX_OK)
		return;
	identity_print(&buf, &identity);
	ENSURE(identity_parse(buf_view(&buf), arena, &again, NULL) == AICX_OK);
	ENSURE(memcmp(identity.seed, again.seed, KEY_BYTES) == 0);
	ENSURE(str_eq(identity.api_key, again.api_key));
	ENSURE(str_eq(identity.broker, again.broker));
	buf_fini(&buf);
}

static target_fn *const targets[] = { fuzz_object, fuzz_text, fuzz_session,
	fuzz_terms, fuzz_identity };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { 0 };

	if (size == 0)
		return 0;
	struct aicx_str text = { (const char *)data + 1, size - 1 };
	targets[data[0] % (sizeof targets / sizeof *targets)](text, &arena);
	arena_fini(&arena);
	return 0;
}
