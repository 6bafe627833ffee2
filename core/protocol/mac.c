/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mac.c - HMAC-SHA256 (RFC 2104) with the key set up once.
 *
 * Starting again under the same key costs a quarter of a new context, and each
 * relayed message is checked and sealed again, so every session keeps its two.
 */
#include "protocol/crypto.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "protocol/crypto_tag.h"

struct mac {
	EVP_MAC_CTX *ctx;
};

/* Looked up once, constant afterwards [any thread]. */
static pthread_once_t fetched = PTHREAD_ONCE_INIT;
static EVP_MAC *hmac;

static void
fetch(void)
{
	hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	ENSURE(hmac != NULL);
}

struct mac *
mac_new(const void *key, size_t n_bytes)
{
	struct mac *mac = MEM_NEW(struct mac);
	char digest[] = "SHA256"; /* not const to OpenSSL, but not changed */
	OSSL_PARAM params[] = { OSSL_PARAM_construct_utf8_string(
				    OSSL_MAC_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_end() };

	(void)pthread_once(&fetched, fetch);
	mac->ctx = EVP_MAC_CTX_new(hmac);
	ENSURE(mac->ctx != NULL);
	ENSURE(EVP_MAC_init(mac->ctx, key, n_bytes, params) == 1);
	return mac;
}

void
mac_free(struct mac *mac)
{
	if (mac == NULL)
		return;
	EVP_MAC_CTX_free(mac->ctx); /* wipes the key */
	mem_wipe(mac, sizeof *mac);
	free(mac);
}

static void
start(struct mac *mac)
{
	ENSURE(EVP_MAC_init(mac->ctx, NULL, 0, NULL) == 1);
}

static void
feed(struct mac *mac, struct aicx_str bytes)
{
	if (bytes.len > 0)
		ENSURE(EVP_MAC_update(mac->ctx,
			   (const unsigned char *)bytes.ptr, bytes.len) == 1);
}

static void
finish(struct mac *mac, uint8_t ret_mac[MAC_BYTES])
{
	size_t n = 0;

	ENSURE(EVP_MAC_final(mac->ctx, ret_mac, &n, MAC_BYTES) == 1);
	ENSURE(n == MAC_BYTES);
}

void
mac_bytes(struct mac *mac, enum sig_kind kind, struct aicx_str a,
    struct aicx_str b, uint8_t ret_mac[MAC_BYTES])
{
	start(mac);
	feed(mac, crypto_tag(kind));
	feed(mac, a);
	feed(mac, b);
	finish(mac, ret_mac);
}

void
mac_plain(struct mac *mac, struct aicx_str message, uint8_t ret_mac[MAC_BYTES])
{
	start(mac);
	feed(mac, message);
	finish(mac, ret_mac);
}
