/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mac.c - HMAC-SHA256 (RFC 2104) with the key set up once.
 *
 * Each relayed message is checked and sealed again, so every session keeps its
 * two keys as they stand after the first block: starting is a copy of 112
 * bytes. EVP_MAC would make and free two contexts for each message; hash.c says
 * more.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "protocol/crypto.h"
#include "protocol/crypto_tag.h"

struct mac {
	SHA256_CTX inner, outer; /* after the key's block */
};

static void
feed(SHA256_CTX *sha, struct aicx_str bytes)
{
	if (bytes.len > 0)
		ENSURE(SHA256_Update(sha, bytes.ptr, bytes.len) == 1);
}

/* The state after one block: the key, padded with zeros, with `pad` on it. */
static void
set_up(SHA256_CTX *sha, const uint8_t key[SHA256_CBLOCK], uint8_t pad)
{
	uint8_t block[SHA256_CBLOCK];

	for (size_t i = 0; i < sizeof block; i++)
		block[i] = key[i] ^ pad;
	ENSURE(SHA256_Init(sha) == 1);
	feed(sha, (struct aicx_str) { (const char *)block, sizeof block });
	mem_wipe(block, sizeof block);
}

struct mac *
mac_new(const void *key, size_t n_bytes)
{
	struct mac *mac = MEM_NEW(struct mac);
	uint8_t block[SHA256_CBLOCK] = { 0 };

	if (n_bytes > sizeof block)
		sha256(key, n_bytes, block);
	else if (n_bytes > 0)
		memcpy(block, key, n_bytes);
	set_up(&mac->inner, block, 0x36);
	set_up(&mac->outer, block, 0x5C);
	mem_wipe(block, sizeof block);
	return mac;
}

void
mac_free(struct mac *mac)
{
	if (mac == NULL)
		return;
	mem_wipe(mac, sizeof *mac);
	free(mac);
}

/* `sha` has taken the message. */
static void
finish(const struct mac *mac, SHA256_CTX *sha, uint8_t ret_mac[MAC_BYTES])
{
	uint8_t hash[HASH_BYTES];

	ENSURE(SHA256_Final(hash, sha) == 1);
	*sha = mac->outer;
	feed(sha, (struct aicx_str) { (const char *)hash, sizeof hash });
	ENSURE(SHA256_Final(ret_mac, sha) == 1);
	mem_wipe(sha, sizeof *sha);
	mem_wipe(hash, sizeof hash);
}

void
mac_bytes(struct mac *mac, enum sig_kind kind, struct aicx_str a,
    struct aicx_str b, uint8_t ret_mac[MAC_BYTES])
{
	SHA256_CTX sha = mac->inner;

	feed(&sha, crypto_tag(kind));
	feed(&sha, a);
	feed(&sha, b);
	finish(mac, &sha, ret_mac);
}

void
mac_plain(struct mac *mac, struct aicx_str message, uint8_t ret_mac[MAC_BYTES])
{
	SHA256_CTX sha = mac->inner;

	feed(&sha, message);
	finish(mac, &sha, ret_mac);
}
