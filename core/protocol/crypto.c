/* SPDX-License-Identifier: Apache-2.0 */
/* crypto.c - key derivation, key ids, and the tag under every signature. */
#include "protocol/crypto.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <pthread.h>

#include "base/b64.h"
#include "base/broken.h"
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

/* Looking an algorithm up by name costs more than using it, so it is done once;
   constant afterwards, hence [any thread]. */
static pthread_once_t fetched = PTHREAD_ONCE_INIT;
static EVP_KDF *hkdf_kdf;

static void
fetch(void)
{
	hkdf_kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	ENSURE(hkdf_kdf != NULL);
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
	return kinds[broken("no_kind") ? SIG_ENVELOPE : kind].tag;
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
