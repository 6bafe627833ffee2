/* SPDX-License-Identifier: Apache-2.0 */
/* seal.c - AES-256-GCM (NIST SP 800-38D) for secrets at rest. */
#include "protocol/crypto.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

enum { NONCE = 12, TAG = 16 };

/* Looked up once, constant afterwards [any thread]. */
static pthread_once_t fetched = PTHREAD_ONCE_INIT;
static EVP_CIPHER *aes;

static void
fetch(void)
{
	aes = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	ENSURE(aes != NULL);
}

static const unsigned char *
octets(struct aicx_str str)
{
	return (const unsigned char *)str.ptr;
}

void
seal(const uint8_t key[KEY_BYTES], const uint8_t nonce[12], struct aicx_str aad,
    struct aicx_str plain, uint8_t *ret_box)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n = 0;

	ENSURE(aad.len <= INT_MAX && plain.len <= INT_MAX - SEAL_EXTRA);
	(void)pthread_once(&fetched, fetch);
	ENSURE(ctx != NULL);
	memcpy(ret_box, nonce, NONCE);
	uint8_t *at = ret_box + NONCE;
	ENSURE(EVP_EncryptInit_ex2(ctx, aes, key, nonce, NULL) == 1);
	if (aad.len > 0)
		ENSURE(EVP_EncryptUpdate(
			   ctx, NULL, &n, octets(aad), (int)aad.len) == 1);
	if (plain.len > 0)
		ENSURE(EVP_EncryptUpdate(
			   ctx, at, &n, octets(plain), (int)plain.len) == 1);
	at += plain.len;
	ENSURE(EVP_EncryptFinal_ex(ctx, at, &n) == 1);
	ENSURE(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG, at) == 1);
	EVP_CIPHER_CTX_free(ctx);
}

static bool
open_box(EVP_CIPHER_CTX *ctx, const uint8_t key[KEY_BYTES], struct aicx_str aad,
    struct aicx_str box, uint8_t *plain)
{
	size_t len = box.len - SEAL_EXTRA;
	const unsigned char *at = octets(box) + NONCE;
	uint8_t tag[TAG];
	int n = 0;

	memcpy(tag, at + len, TAG);
	return EVP_DecryptInit_ex2(ctx, aes, key, octets(box), NULL) == 1 &&
	    (aad.len == 0 ||
		EVP_DecryptUpdate(ctx, NULL, &n, octets(aad), (int)aad.len) ==
		    1) &&
	    (len == 0 ||
		EVP_DecryptUpdate(ctx, plain, &n, at, (int)len) == 1) &&
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG, tag) == 1 &&
	    EVP_DecryptFinal_ex(ctx, plain + len, &n) == 1;
}

bool
unseal(const uint8_t key[KEY_BYTES], struct aicx_str aad, struct aicx_str box,
    uint8_t *ret_plain)
{
	if (box.len < SEAL_EXTRA || box.len > INT_MAX || aad.len > INT_MAX)
		return false;

	size_t len = box.len - SEAL_EXTRA;
	uint8_t *plain =
	    mem_new(len); /* nothing unchecked reaches the caller */
	(void)pthread_once(&fetched, fetch);
	(void)ERR_set_mark();
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	ENSURE(ctx != NULL);
	bool good = open_box(ctx, key, aad, box, plain);
	EVP_CIPHER_CTX_free(ctx);
	(void)ERR_pop_to_mark();

	if (good)
		memcpy(ret_plain, plain, len);
	mem_wipe(plain, len);
	free(plain);
	return good;
}
