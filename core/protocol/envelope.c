/* SPDX-License-Identifier: Apache-2.0 */
/*
 * envelope.c - receiving a message: find the signature, check it, look inside.
 *
 * Every message of every agent passes here, so nothing allocates and nothing is
 * looked at twice.
 */
#include "protocol/envelope.h"

#include <string.h>

#include "base/b64.h"
#include "base/broken.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/id.h"
#include "base/json.h"
#include "base/str.h"
#include "protocol/envelope_tail.h"

static aicx_err
malformed(struct aicx_error *reterr, const char *why)
{
	return err_field(reterr, AICX_EINVAL, "malformed", "/signature",
	    "cannot split message: %s", why);
}

/* A key id in another spelling would be another key id. */
static bool
key_id_is_canonical(enum sig_alg alg, struct aicx_str key_id)
{
	uint8_t hash[HASH_BYTES];
	struct aicx_id id;

	switch (alg) {
	case ALG_ED25519:
		return b64_parse(key_id, hash, sizeof hash);
	case ALG_HMAC_SHA256:
		return id_parse(key_id, &id);
	}
	return false;
}

/* "<alg>:<key id>:<base64url>", all three of fixed length. */
static bool
signature_parse(struct aicx_str value, struct signature *ret)
{
	for (int i = 0; i < ENVELOPE_N_ALGS; i++) {
		const struct envelope_alg *alg = &envelope_algs[i];
		const char *key_id = value.ptr + alg->name.len;

		if (value.len != alg->value_len ||
		    memcmp(value.ptr, alg->name.ptr, alg->name.len) != 0 ||
		    key_id[alg->key_id_len] != ':')
			continue;
		ret->alg = (enum sig_alg)i;
		ret->key_id = (struct aicx_str) { key_id, alg->key_id_len };
		ret->n_bytes = alg->n_bytes;
		struct aicx_str text = { key_id + alg->key_id_len + 1,
			B64_LEN(alg->n_bytes) };
		return key_id_is_canonical(ret->alg, ret->key_id) &&
		    b64_parse(text, ret->bytes, alg->n_bytes);
	}
	return false;
}

/*
 * The tail holds no other quote, so its last quote closes the value and the one
 * before opens it.  In valid JSON that value cannot belong to anything but the
 * outermost object: the text ends one byte later.
 */
aicx_err
envelope_split(struct aicx_str text, size_t bytes_max, struct envelope *ret_env,
    struct aicx_error *reterr)
{
	struct aicx_str member = ENVELOPE_MEMBER;
	struct envelope env = { .text = text };

	if (text.len > bytes_max)
		return err_word(reterr, AICX_ELIMIT, "too_large",
		    "cannot take message: %zu bytes, at most %zu", text.len,
		    bytes_max);
	if (text.len < member.len + 2 ||
	    memcmp(text.ptr + text.len - 2, "\"}", 2) != 0)
		return malformed(reterr, "it does not end in a signature");
	if (text.ptr[0] != '{')
		return malformed(reterr, "it does not begin with a brace");

	const char *end = text.ptr + text.len - 2;
	size_t back = (size_t)(end - text.ptr);
	if (back > ENVELOPE_VALUE_MAX + 1)
		back = ENVELOPE_VALUE_MAX + 1;
	const char *quote = memrchr(end - back, '"', back);
	if (quote == NULL || (size_t)(quote + 1 - text.ptr) < member.len ||
	    memcmp(quote + 1 - member.len, member.ptr, member.len) != 0)
		return malformed(
		    reterr, "its last member is not \"signature\"");

	struct aicx_str value = { quote + 1, (size_t)(end - quote - 1) };
	if (!signature_parse(value, &env.signature))
		return malformed(
		    reterr, "the signature is not <alg>:<key id>:<base64url>");
	env.head.ptr = text.ptr;
	env.head.len = (size_t)(quote + 1 - text.ptr) - member.len;
	*ret_env = env;
	return AICX_OK;
}

bool
envelope_verify_key(const struct envelope *env, const uint8_t raw[KEY_BYTES])
{
	char key_id[KEY_ID_TEXT + 1];

	if (env->signature.alg != ALG_ED25519)
		return false;
	key_id_of(raw, key_id);
	return str_is(env->signature.key_id, key_id) &&
	    (broken("no_signature") ||
		verify_bytes(raw, SIG_ENVELOPE, env->head, STR("}"),
		    env->signature.bytes));
}

bool
envelope_verify_mac(const struct envelope *env, struct mac *mac)
{
	uint8_t want[MAC_BYTES];

	if (env->signature.alg != ALG_HMAC_SHA256)
		return false;
	mac_bytes(mac, SIG_ENVELOPE, env->head, STR("}"), want);
	return broken("no_mac") ||
	    bytes_equal(want, env->signature.bytes, sizeof want);
}

aicx_err
envelope_check_sender(const struct envelope *env,
    const struct aicx_id *key_owner, const struct aicx_id *broker,
    struct aicx_error *reterr)
{
	if (broken("no_sender"))
		return AICX_OK;
	if (id_eq(&env->sender_id, broker))
		return err_field(reterr, AICX_EDENIED, "sender_mismatch",
		    "/sender_id",
		    "cannot take message from \"%s\": that is the broker",
		    id_text(&env->sender_id).text);
	if (!id_eq(&env->sender_id, key_owner))
		return err_field(reterr, AICX_EDENIED, "sender_mismatch",
		    "/sender_id",
		    "cannot take message from \"%s\": the key is that of "
		    "\"%s\"",
		    id_text(&env->sender_id).text, id_text(key_owner).text);
	return AICX_OK;
}

aicx_err
envelope_check_fresh(const struct envelope *env, int64_t now_ms,
    int64_t window_ms, struct aicx_error *reterr)
{
	if (env->timestamp_ms >= now_ms - window_ms &&
	    env->timestamp_ms <= now_ms + window_ms)
		return AICX_OK;
	return err_field(reterr, AICX_EINVAL, "stale", "/timestamp",
	    "cannot take message of \"%s\": here it is %s",
	    time_text(env->timestamp_ms).text, time_text(now_ms).text);
}
