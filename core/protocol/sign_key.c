/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sign_key.c - Ed25519 (RFC 8032): a key from a seed signs, 32 raw bytes
 * suffice to verify.
 *
 * A verification costs about 100 us, so it never happens per message.
 */
#include "protocol/crypto.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "protocol/crypto_tag.h"

struct sign_key {
	EVP_PKEY *pkey; /* only read after sign_key_new(), hence [any thread] */
	uint8_t public_key[KEY_BYTES];
	char id[KEY_ID_TEXT + 1];
};

struct sign_key *
sign_key_new(const uint8_t seed[KEY_BYTES])
{
	struct sign_key *key = MEM_NEW(struct sign_key);
	size_t n = KEY_BYTES;

	key->pkey = EVP_PKEY_new_raw_private_key(
	    EVP_PKEY_ED25519, NULL, seed, KEY_BYTES);
	ENSURE(key->pkey != NULL);
	ENSURE(
	    EVP_PKEY_get_raw_public_key(key->pkey, key->public_key, &n) == 1);
	key_id_of(key->public_key, key->id);
	return key;
}

void
sign_key_free(struct sign_key *key)
{
	if (key == NULL)
		return;
	EVP_PKEY_free(key->pkey); /* wipes the seed */
	mem_wipe(key, sizeof *key);
	free(key);
}

const uint8_t *
sign_key_public(const struct sign_key *key)
{
	return key->public_key;
}

const char *
sign_key_id(const struct sign_key *key)
{
	return key->id;
}

void
ed25519_sign(const struct sign_key *key, struct aicx_str message,
    uint8_t ret_sig[SIG_BYTES])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t n = SIG_BYTES;

	ENSURE(ctx != NULL);
	ENSURE(EVP_DigestSignInit(ctx, NULL, NULL, NULL, key->pkey) == 1);
	ENSURE(EVP_DigestSign(ctx, ret_sig, &n,
		   (const unsigned char *)message.ptr, message.len) == 1);
	ENSURE(n == SIG_BYTES);
	EVP_MD_CTX_free(ctx);
}

/* The y of all points whose order divides 8, those above p included; the top
   bit, the sign of x, does not count.  Under such a key anybody can make a
   signature that is good, so it is nobody's key (RFC 7748 section 7 has the
   same thought for X25519). */
static const uint8_t weak_keys[][KEY_BYTES] = {
	{ 0 },
	{ 1 },
	{ 0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4,
	    0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6,
	    0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05 },
	{ 0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b,
	    0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39,
	    0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a },
	{ 0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f },
	{ 0xed, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f },
	{ 0xee, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f },
};

static bool
is_weak(const uint8_t raw[KEY_BYTES])
{
	uint8_t key[KEY_BYTES];

	memcpy(key, raw, sizeof key);
	key[KEY_BYTES - 1] &= 0x7f;
	for (size_t i = 0; i < sizeof weak_keys / sizeof weak_keys[0]; i++)
		if (memcmp(key, weak_keys[i], sizeof key) == 0)
			return true;
	return false;
}

bool
ed25519_verify(
    const uint8_t raw[KEY_BYTES], struct aicx_str message, struct aicx_str sig)
{
	if (is_weak(raw))
		return false;
	/* What OpenSSL notes about a refused signature must not be found in the
	   thread's queue by the next TLS call. */
	(void)ERR_set_mark();
	EVP_PKEY *pkey =
	    EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, raw, KEY_BYTES);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good = sig.len == SIG_BYTES && pkey != NULL && ctx != NULL &&
	    EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, pkey) == 1 &&
	    EVP_DigestVerify(ctx, (const unsigned char *)sig.ptr, sig.len,
		(const unsigned char *)message.ptr, message.len) == 1;

	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(pkey);
	(void)ERR_pop_to_mark();
	return good;
}

/* Ed25519 reads its message twice, so it must lie in one piece. */
struct tagged {
	struct aicx_str bytes;
	char *heap; /* or NULL */
	char stack[4096];
};

static void
tagged_init(struct tagged *tagged, enum sig_kind kind, struct aicx_str a,
    struct aicx_str b)
{
	struct aicx_str tag = crypto_tag(kind);
	size_t len = tag.len + a.len + b.len;

	tagged->heap = len > sizeof tagged->stack ? mem_grow(NULL, len) : NULL;
	char *at = tagged->heap != NULL ? tagged->heap : tagged->stack;
	tagged->bytes = (struct aicx_str) { at, len };
	memcpy(at, tag.ptr, tag.len);
	if (a.len > 0)
		memcpy(at + tag.len, a.ptr, a.len);
	if (b.len > 0)
		memcpy(at + tag.len + a.len, b.ptr, b.len);
}

void
sign_bytes(const struct sign_key *key, enum sig_kind kind, struct aicx_str a,
    struct aicx_str b, uint8_t ret_sig[SIG_BYTES])
{
	struct tagged tagged;

	tagged_init(&tagged, kind, a, b);
	ed25519_sign(key, tagged.bytes, ret_sig);
	free(tagged.heap);
}

bool
verify_bytes(const uint8_t raw[KEY_BYTES], enum sig_kind kind,
    struct aicx_str a, struct aicx_str b, const uint8_t sig[SIG_BYTES])
{
	struct tagged tagged;

	tagged_init(&tagged, kind, a, b);
	bool good = ed25519_verify(raw, tagged.bytes,
	    (struct aicx_str) { (const char *)sig, SIG_BYTES });
	free(tagged.heap);
	return good;
}
