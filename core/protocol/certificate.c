/* SPDX-License-Identifier: Apache-2.0 */
/* certificate.c - keys, requests and certificates as OpenSSL makes them. */
#include "protocol/certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "protocol/certificate_state.h"

bool
certificate_key_is_fit(const EVP_PKEY *key)
{
	char group[32] = "";

	if (key == NULL)
		return false;
	if (EVP_PKEY_is_a(key, "ED25519"))
		return true;
	return EVP_PKEY_is_a(key, "EC") &&
	    EVP_PKEY_get_group_name(key, group, sizeof group, NULL) == 1 &&
	    strcmp(group, "prime256v1") == 0;
}

const EVP_MD *
certificate_digest(const EVP_PKEY *key)
{
	return EVP_PKEY_is_a(key, "ED25519") ? NULL : EVP_sha256();
}

/* What a memory BIO holds; it is freed. */
static void
take_bio(struct buf *out, BIO *bio)
{
	char *text;
	long n = BIO_get_mem_data(bio, &text);

	buf_put(out, text, (size_t)n);
	BIO_free(bio);
}

BIO *
certificate_bio(struct aicx_str text)
{
	BIO *bio = BIO_new_mem_buf(text.ptr, (int)text.len);

	ENSURE(bio != NULL);
	return bio;
}

static BIO *
empty_bio(void)
{
	BIO *bio = BIO_new(BIO_s_mem());

	ENSURE(bio != NULL);
	return bio;
}

/* --- keys ------------------------------------------------------------- */

void
certificate_key_new(struct buf *ret_pem)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	BIO *bio = empty_bio();

	ENSURE(key != NULL);
	ENSURE(
	    PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1);
	take_bio(ret_pem, bio);
	EVP_PKEY_free(key);
}

static int
no_passphrase(char *buf, int size, int writing, void *arg)
{
	(void)buf, (void)size, (void)writing, (void)arg;
	return 0;
}

static EVP_PKEY *
key_read(struct aicx_str pem, struct aicx_error *reterr)
{
	BIO *bio = certificate_bio(pem);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);

	BIO_free(bio);
	ERR_clear_error();
	if (key == NULL)
		(void)err_set(reterr, AICX_EINVAL,
		    "cannot use the private key: it is no PEM without a "
		    "passphrase");
	return key;
}

aicx_err
certificate_request(
    struct aicx_str key_pem, struct buf *ret_pem, struct aicx_error *reterr)
{
	EVP_PKEY *key = key_read(key_pem, reterr);

	if (key == NULL)
		return AICX_EINVAL;
	X509_REQ *request = X509_REQ_new();
	BIO *bio = empty_bio();
	ENSURE(request != NULL && X509_REQ_set_pubkey(request, key) == 1);
	ENSURE(X509_REQ_sign(request, key, certificate_digest(key)) > 0);
	ENSURE(PEM_write_bio_X509_REQ(bio, request) == 1);
	take_bio(ret_pem, bio);
	X509_REQ_free(request);
	EVP_PKEY_free(key);
	return AICX_OK;
}

/* --- certificates ----------------------------------------------------- */

void
certificate_put_pem(struct buf *out, struct aicx_str der)
{
	const unsigned char *at = (const unsigned char *)der.ptr;
	X509 *cert = d2i_X509(NULL, &at, (long)der.len);
	BIO *bio = empty_bio();

	ENSURE(cert != NULL && PEM_write_bio_X509(bio, cert) == 1);
	take_bio(out, bio);
	X509_free(cert);
}

X509 *
certificate_begin(const char *subject, const uint8_t serial[16], EVP_PKEY *key)
{
	X509 *cert = X509_new();
	X509_NAME *name = X509_NAME_new();
	BIGNUM *number = BN_bin2bn(serial, 16, NULL);

	ENSURE(cert != NULL && name != NULL && number != NULL);
	ENSURE(X509_set_version(cert, X509_VERSION_3) == 1);
	ENSURE(BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert)) != NULL);
	ENSURE(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
		   (const unsigned char *)subject, -1, -1, 0) == 1);
	ENSURE(X509_set_subject_name(cert, name) == 1);
	ENSURE(X509_set_issuer_name(cert, name) == 1);
	ENSURE(X509_set_pubkey(cert, key) == 1);
	X509_NAME_free(name);
	BN_free(number);
	return cert;
}

void
certificate_extend(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *extension;

	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	ENSURE(extension != NULL);
	ENSURE(X509_add_ext(cert, extension, -1) == 1);
	X509_EXTENSION_free(extension);
}

void
certificate_date(X509 *cert, int64_t from_ms, int64_t until_ms)
{
	ENSURE(ASN1_TIME_set(X509_getm_notBefore(cert),
		   (time_t)(from_ms / 1000)) != NULL);
	ENSURE(ASN1_TIME_set(X509_getm_notAfter(cert),
		   (time_t)(until_ms / 1000)) != NULL);
}

/* --- servers ---------------------------------------------------------- */

static bool
name_ok(struct aicx_str name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			(c >= '0' && c <= '9') || c == '.' || c == '-' ||
			c == '*' || c == ':'))
			return false;
	}
	return name.len > 0 && name.len <= 253;
}

/* "DNS:a.example,IP:127.0.0.1" of "a.example, 127.0.0.1". */
static aicx_err
alternatives(const char *names, struct buf *ret, char ret_first[65],
    struct aicx_error *reterr)
{
	static const char blanks[] = ", ";

	for (names += strspn(names, blanks); *names != '\0';
	     names += strspn(names, blanks)) {
		struct aicx_str name = { names, strcspn(names, blanks) };
		if (!name_ok(name))
			return err_set(reterr, AICX_EINVAL,
			    "cannot name a certificate \"%.*s\": it is no host "
			    "or address",
			    STR_ARG(name));
		if (ret->len == 0)
			(void)snprintf(
			    ret_first, 65, "%.*s", (int)name.len, name.ptr);
		bool numeric = memchr(name.ptr, ':', name.len) != NULL ||
		    strspn(name.ptr, "0123456789.") >= name.len;
		buf_printf(ret, "%s%s:%.*s", ret->len > 0 ? "," : "",
		    numeric ? "IP" : "DNS", STR_ARG(name));
		names += name.len;
	}
	if (ret->len == 0)
		return err_set(reterr, AICX_EINVAL,
		    "cannot make a certificate: it names nobody");
	return AICX_OK;
}

aicx_err
certificate_self(struct aicx_str key_pem, const char *names, int64_t from_ms,
    int64_t until_ms, struct buf *ret_pem, struct aicx_error *reterr)
{
	AUTO(buf_fini) struct buf list = { 0 };
	char first[65];
	uint8_t serial[HASH_BYTES];
	aicx_err err = alternatives(names, &list, first, reterr);
	EVP_PKEY *key = err == AICX_OK ? key_read(key_pem, reterr) : NULL;

	if (key == NULL)
		return AICX_EINVAL;
	sha256_two(buf_view(&list), key_pem, serial);
	serial[0] &= 0x7f;
	X509 *cert = certificate_begin(first, serial, key);
	BIO *bio = empty_bio();
	certificate_date(cert, from_ms, until_ms);
	certificate_extend(
	    cert, cert, NID_basic_constraints, "critical,CA:FALSE");
	certificate_extend(
	    cert, cert, NID_key_usage, "critical,digitalSignature");
	certificate_extend(cert, cert, NID_ext_key_usage, "serverAuth");
	certificate_extend(cert, cert, NID_subject_alt_name, buf_cstr(&list));
	ENSURE(X509_sign(cert, key, certificate_digest(key)) > 0);
	ENSURE(PEM_write_bio_X509(bio, cert) == 1);
	take_bio(ret_pem, bio);
	X509_free(cert);
	EVP_PKEY_free(key);
	return AICX_OK;
}
