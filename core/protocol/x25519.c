/* SPDX-License-Identifier: Apache-2.0 */
/* x25519.c - the key agreement of a session (RFC 7748). */
#include "protocol/crypto.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

static EVP_PKEY *
private_key(const uint8_t seed[KEY_BYTES])
{
	EVP_PKEY *pkey = EVP_PKEY_new_raw_private_key(
	    EVP_PKEY_X25519, NULL, seed, KEY_BYTES);

	ENSURE(pkey != NULL);
	return pkey;
}

void
x25519_public(const uint8_t seed[KEY_BYTES], uint8_t ret_public[KEY_BYTES])
{
	EVP_PKEY *pkey = private_key(seed);
	size_t n = KEY_BYTES;

	ENSURE(EVP_PKEY_get_raw_public_key(pkey, ret_public, &n) == 1);
	EVP_PKEY_free(pkey);
}

/* OpenSSL itself fails on an all-zero result; it is checked here all the same,
   because the rule is ours (RFC 7748 section 6.1). */
static bool
derive(EVP_PKEY *mine, EVP_PKEY *theirs, uint8_t ret_secret[KEY_BYTES])
{
	static const uint8_t zero[KEY_BYTES];
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(mine, NULL);
	size_t n = KEY_BYTES;
	bool good = ctx != NULL && EVP_PKEY_derive_init(ctx) == 1 &&
	    EVP_PKEY_derive_set_peer(ctx, theirs) == 1 &&
	    EVP_PKEY_derive(ctx, ret_secret, &n) == 1 && n == KEY_BYTES;

	EVP_PKEY_CTX_free(ctx);
	return good && !bytes_equal(ret_secret, zero, KEY_BYTES);
}

bool
x25519_shared(const uint8_t seed[KEY_BYTES], const uint8_t peer[KEY_BYTES],
    uint8_t ret_secret[KEY_BYTES])
{
	uint8_t secret[KEY_BYTES];

	(void)ERR_set_mark();
	EVP_PKEY *mine = private_key(seed);
	EVP_PKEY *theirs =
	    EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, peer, KEY_BYTES);
	bool good = theirs != NULL && derive(mine, theirs, secret);
	EVP_PKEY_free(theirs);
	EVP_PKEY_free(mine);
	(void)ERR_pop_to_mark();

	if (good)
		memcpy(ret_secret, secret, sizeof secret);
	mem_wipe(secret, sizeof secret);
	return good;
}
