/* SPDX-License-Identifier: Apache-2.0 */
/* crypto.c - hashes, key derivation, and the tag under every signature. */
#include "protocol/crypto.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <pthread.h>

#include "base/b64.h"
#include "base/err.h"
#include "base/str.h"
#include "protocol/crypto_tag.h"

enum { HKDF_BYTES_MAX = 255 * HASH_BYTES }; /* RFC 5869 section 2.3 */

static const struct {
	const char *name;
	struct aicx_str tag;
} kinds[] = {
	[SIG_ENVELOPE] = { "envelope", STR("aiconexus envelope v1\n") },
	[SIG_MANDATE] = { "mandate", STR("aiconexus mandate v1\n") },
	[SIG_OFFER] = { "offer", STR("aiconexus offer v1\n") },
	[SIG_CONTRACT] = { "contract", STR("aiconexus contract v1\n") },
	[SIG_USAGE] = { "usage", STR("aiconexus usage v1\n") },
	[SIG_ACCEPTANCE] = { "acceptance", STR("aiconexus acceptance v1\n") },
	[SIG_RECEIPT] = { "receipt", STR("aiconexus receipt v1\n") },
	[SIG_DELEGATION] = { "delegation", STR("aiconexus delegation v1\n") },
	[SIG_RATING] = { "rating", STR("aiconexus rating v1\n") },
};

/* Looking an algorithm up by name costs more than hashing a message, so it is
   done once; constant afterwards, hence [any thread]. */
static pthread_once_t fetched = PTHREAD_ONCE_INIT;
static EVP_MD *sha256_md;
static EVP_KDF *hkdf_kdf;

static void
fetch(void)
{
	sha256_md = EVP_MD_fetch(NULL, "SHA256", NULL);
	hkdf_kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	ENSURE(sha256_md != NULL && hkdf_kdf != NULL);
}

const char *
sig_kind_name(enum sig_kind kind)
{
	return kinds[kind].name;
}

bool
sig_kind_parse(struct aicx_str name, enum sig_kind *ret_kind)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		if (!str_is(name, kinds[i].name))
			continue;
		*ret_kind = (enum sig_kind)i;
		return true;
	}
	return false;
}

struct aicx_str
crypto_tag(enum sig_kind kind)
{
	return kinds[kind].tag;
}

void
sha256(const void *bytes, size_t n_bytes, uint8_t ret_hash[HASH_BYTES])
{
	(void)pthread_once(&fetched, fetch);
	ENSURE(
	    EVP_Digest(bytes, n_bytes, ret_hash, NULL, sha256_md, NULL) == 1);
}

void
sha256_parts(
    const struct aicx_str *parts, size_t n_parts, uint8_t ret_hash[HASH_BYTES])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	(void)pthread_once(&fetched, fetch);
	ENSURE(ctx != NULL && EVP_DigestInit_ex2(ctx, sha256_md, NULL) == 1);
	for (size_t i = 0; i < n_parts; i++)
		ENSURE(EVP_DigestUpdate(ctx, parts[i].ptr, parts[i].len) == 1);
	ENSURE(EVP_DigestFinal_ex(ctx, ret_hash, NULL) == 1);
	EVP_MD_CTX_free(ctx);
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

/* OpenSSL refuses an empty octet string for some of these, so what is empty is
   left out: RFC 5869 gives absent salt and info the same meaning. */
static OSSL_PARAM *
put_octets(OSSL_PARAM *param, const char *name, struct aicx_str bytes)
{
	if (bytes.len == 0)
		return param;
	*param = OSSL_PARAM_construct_octet_string(
	    name, (void *)bytes.ptr, bytes.len);
	return param + 1;
}

void
hkdf(struct aicx_str ikm, struct aicx_str salt, struct aicx_str info,
    uint8_t *ret_key, size_t n_bytes)
{
	char digest[] = "SHA256"; /* not const to OpenSSL, but not changed */
	OSSL_PARAM params[5], *end = params;

	ENSURE(ikm.len > 0 && n_bytes > 0 && n_bytes <= HKDF_BYTES_MAX);
	(void)pthread_once(&fetched, fetch);
	*end++ =
	    OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0);
	end = put_octets(end, OSSL_KDF_PARAM_KEY, ikm);
	end = put_octets(end, OSSL_KDF_PARAM_SALT, salt);
	end = put_octets(end, OSSL_KDF_PARAM_INFO, info);
	*end = OSSL_PARAM_construct_end();

	EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(hkdf_kdf);
	ENSURE(ctx != NULL);
	ENSURE(EVP_KDF_derive(ctx, ret_key, n_bytes, params) == 1);
	EVP_KDF_CTX_free(ctx);
}

bool
bytes_equal(const void *a, const void *b, size_t n_bytes)
{
	return CRYPTO_memcmp(a, b, n_bytes) == 0;
}

void
key_id_of(const uint8_t raw[KEY_BYTES], char ret_id[KEY_ID_TEXT + 1])
{
	uint8_t hash[HASH_BYTES];

	sha256(raw, KEY_BYTES, hash);
	b64_print(hash, sizeof hash, ret_id);
	ret_id[KEY_ID_TEXT] = '\0';
}
