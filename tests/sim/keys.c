/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keys.c - stands before core/protocol's sign_key.c and x25519.c at link time
 * (ld --wrap), so that a run may do without curves.
 *
 * The stand-in keeps what the broker relies on: a signature is good for one
 * key, one kind and one text, and both ends of an agreement get one secret.
 * Anybody could forge it, and nobody here does: liars use other keys.
 */
#include "keys.h"

#include "base/mem.h"
#include "protocol/crypto.h"

#include <stdlib.h>
#include <string.h>

static bool real; /* of this process; runs come one after the other */

void
keys_are_real(bool is_real)
{
	real = is_real;
}

/* The functions of core/protocol, and what the linker calls in their place. */
#define WRAP(type, name, args)                                                 \
	type __real_##name args;                                               \
	type __wrap_##name args;                                               \
	type __wrap_##name args

struct fake_key {
	uint8_t public_key[KEY_BYTES];
	char id[KEY_ID_TEXT + 1];
};

WRAP(struct sign_key *, sign_key_new, (const uint8_t seed[KEY_BYTES]))
{
	struct aicx_str name = { "key", 3 };

	if (real)
		return __real_sign_key_new(seed);
	struct fake_key *key = MEM_NEW(struct fake_key);
	sha256_two(name, (struct aicx_str) { (const char *)seed, KEY_BYTES },
	    key->public_key);
	key_id_of(key->public_key, key->id);
	return (struct sign_key *)(void *)key;
}

WRAP(void, sign_key_free, (struct sign_key * key))
{
	if (real)
		__real_sign_key_free(key);
	else
		free(key);
}

WRAP(const uint8_t *, sign_key_public, (const struct sign_key *key))
{
	return real ? __real_sign_key_public(key)
		    : ((const struct fake_key *)(const void *)key)->public_key;
}

WRAP(const char *, sign_key_id, (const struct sign_key *key))
{
	return real ? __real_sign_key_id(key)
		    : ((const struct fake_key *)(const void *)key)->id;
}

static void
fake_sign(const uint8_t public_key[KEY_BYTES], const char *kind,
    struct aicx_str a, struct aicx_str b, uint8_t ret_sig[SIG_BYTES])
{
	struct aicx_str parts[] = {
		{ (const char *)public_key, KEY_BYTES },
		{ kind, strlen(kind) },
		a,
		b,
	};

	sha256_parts(parts, 4, ret_sig);
	memcpy(ret_sig + HASH_BYTES, ret_sig, HASH_BYTES);
}

WRAP(void, sign_bytes,
    (const struct sign_key *key, enum sig_kind kind, struct aicx_str a,
	struct aicx_str b, uint8_t ret_sig[SIG_BYTES]))
{
	if (real)
		__real_sign_bytes(key, kind, a, b, ret_sig);
	else
		fake_sign(
		    sign_key_public(key), sig_kind_name(kind), a, b, ret_sig);
}

WRAP(bool, verify_bytes,
    (const uint8_t raw[KEY_BYTES], enum sig_kind kind, struct aicx_str a,
	struct aicx_str b, const uint8_t sig[SIG_BYTES]))
{
	uint8_t is[SIG_BYTES];

	if (real)
		return __real_verify_bytes(raw, kind, a, b, sig);
	fake_sign(raw, sig_kind_name(kind), a, b, is);
	return memcmp(is, sig, SIG_BYTES) == 0;
}

WRAP(void, ed25519_sign,
    (const struct sign_key *key, struct aicx_str message,
	uint8_t ret_sig[SIG_BYTES]))
{
	if (real)
		__real_ed25519_sign(key, message, ret_sig);
	else
		fake_sign(sign_key_public(key), "", message,
		    (struct aicx_str) { "", 0 }, ret_sig);
}

WRAP(bool, ed25519_verify,
    (const uint8_t raw[KEY_BYTES], struct aicx_str message,
	struct aicx_str sig))
{
	uint8_t is[SIG_BYTES];

	if (real)
		return __real_ed25519_verify(raw, message, sig);
	fake_sign(raw, "", message, (struct aicx_str) { "", 0 }, is);
	return sig.len == SIG_BYTES && memcmp(is, sig.ptr, SIG_BYTES) == 0;
}

WRAP(void, x25519_public,
    (const uint8_t seed[KEY_BYTES], uint8_t ret_public[KEY_BYTES]))
{
	if (real)
		__real_x25519_public(seed, ret_public);
	else
		memcpy(ret_public, seed, KEY_BYTES);
}

/* One secret for both ends: it takes no side. */
WRAP(bool, x25519_shared,
    (const uint8_t seed[KEY_BYTES], const uint8_t peer[KEY_BYTES],
	uint8_t ret_secret[KEY_BYTES]))
{
	uint8_t both[KEY_BYTES];

	if (real)
		return __real_x25519_shared(seed, peer, ret_secret);
	for (size_t i = 0; i < KEY_BYTES; i++)
		both[i] = seed[i] ^ peer[i];
	sha256(both, sizeof both, ret_secret);
	return true;
}
