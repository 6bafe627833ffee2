/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hash.c - SHA-256 (FIPS 180-4), and SHA-1 for a handshake that asks for it.
 *
 * By libcrypto's functions of the algorithm itself: around a record or a node
 * of the tree EVP spends as long on its contexts as on the hash.  OpenSSL calls
 * them deprecated since 3.0, and has them.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/evp.h>
#include <openssl/sha.h>

#include "base/err.h"
#include "protocol/crypto.h"

void
sha256_parts(
    const struct aicx_str *parts, size_t n_parts, uint8_t ret_hash[HASH_BYTES])
{
	SHA256_CTX sha;

	ENSURE(SHA256_Init(&sha) == 1);
	for (size_t i = 0; i < n_parts; i++)
		ENSURE(SHA256_Update(&sha, parts[i].ptr, parts[i].len) == 1);
	ENSURE(SHA256_Final(ret_hash, &sha) == 1);
}

void
sha256(const void *bytes, size_t n_bytes, uint8_t ret_hash[HASH_BYTES])
{
	sha256_parts(&(struct aicx_str) { bytes, n_bytes }, 1, ret_hash);
}

void
sha256_two(struct aicx_str a, struct aicx_str b, uint8_t ret_hash[HASH_BYTES])
{
	sha256_parts((struct aicx_str[]) { a, b }, 2, ret_hash);
}

void
sha1(const void *bytes, size_t n_bytes, uint8_t ret_hash[SHA1_BYTES])
{
	ENSURE(
	    EVP_Digest(bytes, n_bytes, ret_hash, NULL, EVP_sha1(), NULL) == 1);
}
