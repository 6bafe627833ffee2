/* SPDX-License-Identifier: Apache-2.0 */
/* authority.c - the broker as an issuer of certificates. */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/str.h"
#include "protocol/certificate_state.h"

struct authority {
	EVP_PKEY *key;
	X509 *cert;
	unsigned char *der;
	size_t n_der;
};

static EVP_PKEY *
authority_key(const uint8_t broker_seed[KEY_BYTES])
{
	uint8_t seed[KEY_BYTES];

	hkdf((struct aicx_str) { (const char *)broker_seed, KEY_BYTES },
	    (struct aicx_str) { "", 0 }, STR("aiconexus authority v1"), seed,
	    sizeof seed);
	EVP_PKEY *key = EVP_PKEY_new_raw_private_key_ex(
	    NULL, "ED25519", NULL, seed, sizeof seed);
	mem_wipe(seed, sizeof seed);
	ENSURE(key != NULL);
	return key;
}

/* For as long as the broker is (RFC 5280 section 4.1.2.5). */
static void
date_for_ever(X509 *cert)
{
	ENSURE(ASN1_TIME_set_string(
		   X509_getm_notBefore(cert), "20260101000000Z") == 1);
	ENSURE(ASN1_TIME_set_string(
		   X509_getm_notAfter(cert), "99991231235959Z") == 1);
}

static X509 *
authority_cert(EVP_PKEY *key, const struct aicx_id *broker_id)
{
	char subject[64];
	X509 *cert;

	(void)snprintf(subject, sizeof subject, "AIConexus broker %s",
	    id_text(broker_id).text);
	cert = certificate_begin(subject, broker_id->bytes, key);
	date_for_ever(cert);
	certificate_extend(
	    cert, cert, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
	certificate_extend(
	    cert, cert, NID_key_usage, "critical,keyCertSign,cRLSign");
	certificate_extend(cert, cert, NID_subject_key_identifier, "hash");
	ENSURE(X509_sign(cert, key, certificate_digest(key)) > 0);
	return cert;
}

struct authority *
authority_new(
    const uint8_t broker_seed[KEY_BYTES], const struct aicx_id *broker_id)
{
	struct authority *authority = MEM_NEW(struct authority);
	int n;

	authority->key = authority_key(broker_seed);
	authority->cert = authority_cert(authority->key, broker_id);
	n = i2d_X509(authority->cert, &authority->der);
	ENSURE(n > 0);
	authority->n_der = (size_t)n;
	return authority;
}

void
authority_free(struct authority *authority)
{
	if (authority == NULL)
		return;
	OPENSSL_free(authority->der);
	X509_free(authority->cert);
	EVP_PKEY_free(authority->key);
	free(authority);
}

struct aicx_str
authority_der(const struct authority *authority)
{
	return (
	    struct aicx_str) { (const char *)authority->der, authority->n_der };
}

/* The key of a request that its maker has; the caller's. */
static EVP_PKEY *
request_key(struct aicx_str pem, struct aicx_error *reterr)
{
	BIO *bio = certificate_bio(pem);
	X509_REQ *request = PEM_read_bio_X509_REQ(bio, NULL, NULL, NULL);
	EVP_PKEY *key = request != NULL ? X509_REQ_get_pubkey(request) : NULL;

	BIO_free(bio);
	if (key == NULL)
		(void)err_field(reterr, AICX_EINVAL, "invalid_params",
		    "/request", "it is no certificate request in PEM");
	else if (!certificate_key_is_fit(key))
		(void)err_field(reterr, AICX_EINVAL, "bad_key", "/request",
		    "its key is neither Ed25519 nor P-256");
	else if (X509_REQ_verify(request, key) != 1)
		(void)err_field(reterr, AICX_EINVAL, "invalid_params",
		    "/request", "it is not signed by its key");
	else {
		X509_REQ_free(request);
		return key;
	}
	ERR_clear_error();
	X509_REQ_free(request);
	EVP_PKEY_free(key);
	return NULL;
}

aicx_err
authority_issue(const struct authority *authority, struct aicx_str request_pem,
    const struct certificate_wish *wish, struct buf *ret_der,
    struct aicx_error *reterr)
{
	EVP_PKEY *key = request_key(request_pem, reterr);
	unsigned char *der = NULL;
	char name[64];
	int n;

	if (key == NULL)
		return AICX_EINVAL;
	X509 *cert = certificate_begin(
	    id_text(&wish->agent_id).text, wish->serial.bytes, key);
	certificate_date(cert, wish->from_ms, wish->until_ms);
	ENSURE(X509_set_issuer_name(
		   cert, X509_get_subject_name(authority->cert)) == 1);
	(void)snprintf(name, sizeof name, "URI:urn:uuid:%s",
	    id_text(&wish->agent_id).text);
	certificate_extend(
	    cert, authority->cert, NID_basic_constraints, "critical,CA:FALSE");
	certificate_extend(
	    cert, authority->cert, NID_key_usage, "critical,digitalSignature");
	certificate_extend(
	    cert, authority->cert, NID_ext_key_usage, "clientAuth");
	certificate_extend(cert, authority->cert, NID_subject_alt_name, name);
	certificate_extend(cert, authority->cert, NID_authority_key_identifier,
	    "keyid:always");
	ENSURE(X509_sign(cert, authority->key, NULL) > 0);
	n = i2d_X509(cert, &der);
	ENSURE(n > 0);
	buf_put(ret_der, der, (size_t)n);
	OPENSSL_free(der);
	X509_free(cert);
	EVP_PKEY_free(key);
	return AICX_OK;
}
