/* SPDX-License-Identifier: Apache-2.0 */
/*
 * es256.c - signatures of others on P-256: agent cards are signed with it.
 *
 * JWS writes R and S as they are, OpenSSL reads them in DER.
 */
#include "protocol/crypto.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "base/err.h"

enum { POINT_BYTES = 65, HALF = SIG_BYTES / 2 };

static EVP_PKEY *
key_of(struct aicx_str raw)
{
	char group[] = "P-256";
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *key = NULL;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(
		    OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
		OSSL_PARAM_construct_octet_string(
		    OSSL_PKEY_PARAM_PUB_KEY, (void *)raw.ptr, raw.len),
		OSSL_PARAM_construct_end(),
	};

	ENSURE(ctx != NULL);
	if (EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
		key = NULL;
	EVP_PKEY_CTX_free(ctx);
	return key;
}

/* To be freed with OPENSSL_free(); 0: it cannot be written. */
static int
der_of(struct aicx_str sig, unsigned char **ret_der)
{
	const unsigned char *bytes = (const unsigned char *)sig.ptr;
	ECDSA_SIG *pair = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(bytes, HALF, NULL);
	BIGNUM *s = BN_bin2bn(bytes + HALF, HALF, NULL);
	int n;

	ENSURE(pair != NULL && r != NULL && s != NULL);
	ENSURE(ECDSA_SIG_set0(pair, r, s) == 1); /* takes both */
	*ret_der = NULL;
	n = i2d_ECDSA_SIG(pair, ret_der);
	ECDSA_SIG_free(pair);
	return n > 0 ? n : 0;
}

bool
es256_verify(struct aicx_str raw, struct aicx_str message, struct aicx_str sig)
{
	EVP_MD_CTX *ctx;
	EVP_PKEY *key;
	unsigned char *der;
	bool good;
	int n;

	if (raw.len != POINT_BYTES || raw.ptr[0] != 4 || sig.len != SIG_BYTES)
		return false;
	(void)ERR_set_mark(); /* as in sign_key.c */
	key = key_of(raw);
	n = der_of(sig, &der);
	ctx = EVP_MD_CTX_new();
	ENSURE(ctx != NULL);
	good = key != NULL &&
	    EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
	    EVP_DigestVerify(ctx, der, (size_t)n,
		(const unsigned char *)message.ptr, message.len) == 1;
	EVP_MD_CTX_free(ctx);
	OPENSSL_free(der);
	EVP_PKEY_free(key);
	(void)ERR_pop_to_mark();
	return good;
}
