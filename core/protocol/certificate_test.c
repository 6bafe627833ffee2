/* SPDX-License-Identifier: Apache-2.0 */
/* certificate_test.c - the broker's authority and what it issues. */
#include "protocol/certificate.h"

#include <check.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

static const uint8_t seed[KEY_BYTES] = { 7 };
static const struct aicx_id broker_id = { { 1, 2, 3 } };
static const struct certificate_wish wish = {
	.serial = { { 1, 0x44, 9 } },
	.agent_id = { { 1, 5, 6 } },
	.from_ms = 1700000000000,
	.until_ms = 1800000000000,
};

static X509 *
read_der(struct aicx_str der)
{
	const unsigned char *at = (const unsigned char *)der.ptr;
	X509 *cert = d2i_X509(NULL, &at, (long)der.len);

	ck_assert_ptr_nonnull(cert);
	return cert;
}

/* A request under a key of that kind. */
static void
put_request(struct buf *out, EVP_PKEY *key, const EVP_MD *digest)
{
	X509_REQ *request = X509_REQ_new();
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;

	X509_REQ_set_pubkey(request, key);
	ck_assert_int_gt(X509_REQ_sign(request, key, digest), 0);
	PEM_write_bio_X509_REQ(bio, request);
	long n = BIO_get_mem_data(bio, &text);
	buf_put(out, text, (size_t)n);
	BIO_free(bio);
	X509_REQ_free(request);
	EVP_PKEY_free(key);
}

static aicx_err
issue(const struct buf *request, struct buf *der, struct aicx_error *why)
{
	struct authority *authority = authority_new(seed, &broker_id);
	aicx_err err =
	    authority_issue(authority, buf_view(request), &wish, der, why);

	authority_free(authority);
	return err;
}

START_TEST(the_authority_is_the_same_each_time)
{
	struct authority *a = authority_new(seed, &broker_id);
	struct authority *b = authority_new(seed, &broker_id);
	uint8_t other[KEY_BYTES] = { 8 };
	struct authority *c = authority_new(other, &broker_id);
	X509 *cert = read_der(authority_der(a));

	ck_assert(str_eq(authority_der(a), authority_der(b)));
	ck_assert(!str_eq(authority_der(a), authority_der(c)));
	ck_assert_int_eq(X509_check_ca(cert), 1);
	ck_assert_int_eq(X509_verify(cert, X509_get0_pubkey(cert)), 1);
	X509_free(cert);
	authority_free(a);
	authority_free(b);
	authority_free(c);
}
END_TEST

START_TEST(what_it_issues_names_the_agent_and_holds)
{
	struct authority *authority = authority_new(seed, &broker_id);
	struct buf key = { 0 }, request = { 0 }, der = { 0 };
	struct aicx_error why;

	certificate_key_new(&key);
	ck_assert_int_eq(
	    certificate_request(buf_view(&key), &request, &why), AICX_OK);
	ck_assert_int_eq(
	    authority_issue(authority, buf_view(&request), &wish, &der, &why),
	    AICX_OK);
	X509 *cert = read_der(buf_view(&der));
	X509 *ca = read_der(authority_der(authority));
	ck_assert_int_eq(X509_verify(cert, X509_get0_pubkey(ca)), 1);
	ck_assert_int_eq(X509_check_issued(ca, cert), X509_V_OK);
	ck_assert_int_eq(
	    X509_check_purpose(cert, X509_PURPOSE_SSL_CLIENT, 0), 1);
	ck_assert_int_eq(
	    X509_check_purpose(cert, X509_PURPOSE_SSL_SERVER, 0), 0);
	char *subject = X509_NAME_oneline(X509_get_subject_name(cert), NULL, 0);
	ck_assert_str_eq(subject, "/CN=01050600-0000-0000-0000-000000000000");
	OPENSSL_free(subject);
	X509_free(cert);
	X509_free(ca);
	authority_free(authority);
	buf_fini(&key);
	buf_fini(&request);
	buf_fini(&der);
}
END_TEST

START_TEST(keys_of_other_kinds_and_sizes_are_refused)
{
	struct {
		EVP_PKEY *key;
		const EVP_MD *digest;
		bool good;
	} rows[] = {
		{ EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), NULL, true },
		{ EVP_EC_gen("P-256"), EVP_sha256(), true },
		{ EVP_EC_gen("P-384"), EVP_sha384(), false },
		{ EVP_EC_gen("P-224"), EVP_sha256(), false },
		{ EVP_EC_gen("secp256k1"), EVP_sha256(), false },
		{ EVP_RSA_gen(1024), EVP_sha256(), false },
		{ EVP_RSA_gen(2048), EVP_sha256(), false },
		{ EVP_PKEY_Q_keygen(NULL, NULL, "ED448"), NULL, false },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct buf request = { 0 }, der = { 0 };
		struct aicx_error why = { 0 };
		put_request(&request, rows[i].key, rows[i].digest);
		ck_assert_int_eq(issue(&request, &der, &why),
		    rows[i].good ? AICX_OK : AICX_EINVAL);
		ck_assert_str_eq(why.word, rows[i].good ? "" : "bad_key");
		ck_assert_int_eq(der.len > 0, rows[i].good);
		buf_fini(&request);
		buf_fini(&der);
	}
}
END_TEST

START_TEST(a_request_for_a_key_that_its_maker_lacks_is_refused)
{
	struct buf request = { 0 }, der = { 0 };
	struct aicx_error why;
	EVP_PKEY *theirs = EVP_EC_gen("P-256"), *ours = EVP_EC_gen("P-256");
	X509_REQ *forged = X509_REQ_new();
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;

	X509_REQ_set_pubkey(forged, theirs);
	X509_REQ_sign(forged, ours, EVP_sha256());
	PEM_write_bio_X509_REQ(bio, forged);
	long n = BIO_get_mem_data(bio, &text);
	buf_put(&request, text, (size_t)n);
	ck_assert_int_eq(issue(&request, &der, &why), AICX_EINVAL);
	ck_assert_str_eq(why.word, "invalid_params");
	buf_clear(&request);
	buf_text(&request, "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n");
	ck_assert_int_eq(issue(&request, &der, &why), AICX_EINVAL);
	ck_assert_str_eq(why.word, "invalid_params");
	buf_clear(&request);
	ck_assert_int_eq(issue(&request, &der, &why), AICX_EINVAL);
	ck_assert_uint_eq(der.len, 0);
	BIO_free(bio);
	X509_REQ_free(forged);
	EVP_PKEY_free(theirs);
	EVP_PKEY_free(ours);
	buf_fini(&request);
}
END_TEST

START_TEST(a_server_names_itself)
{
	struct buf key = { 0 }, pem = { 0 };
	struct aicx_error why;

	certificate_key_new(&key);
	ck_assert_int_eq(certificate_self(buf_view(&key),
			     "broker.example.org, 127.0.0.1,::1", wish.from_ms,
			     wish.until_ms, &pem, &why),
	    AICX_OK);
	BIO *bio = BIO_new_mem_buf(pem.ptr, (int)pem.len);
	X509 *cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	ck_assert_ptr_nonnull(cert);
	ck_assert_int_eq(
	    X509_check_host(cert, "broker.example.org", 0, 0, NULL), 1);
	ck_assert_int_eq(X509_check_ip_asc(cert, "127.0.0.1", 0), 1);
	ck_assert_int_eq(X509_check_ip_asc(cert, "::1", 0), 1);
	ck_assert_int_eq(X509_check_host(cert, "example.org", 0, 0, NULL), 0);
	X509_free(cert);
	BIO_free(bio);
	buf_clear(&pem);
	ck_assert_int_eq(
	    certificate_self(buf_view(&key), "a b/c", 0, 0, &pem, &why),
	    AICX_EINVAL);
	ck_assert_int_eq(
	    certificate_self(buf_view(&key), " ,", 0, 0, &pem, &why),
	    AICX_EINVAL);
	ck_assert_int_eq(certificate_self(STR("no key"), "a", 0, 0, &pem, &why),
	    AICX_EINVAL);
	ck_assert_uint_eq(pem.len, 0);
	buf_fini(&key);
	buf_fini(&pem);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("certificate");
	TCase *tc = tcase_create("certificate");

	tcase_add_test(tc, the_authority_is_the_same_each_time);
	tcase_add_test(tc, what_it_issues_names_the_agent_and_holds);
	tcase_add_test(tc, keys_of_other_kinds_and_sizes_are_refused);
	tcase_add_test(tc, a_request_for_a_key_that_its_maker_lacks_is_refused);
	tcase_add_test(tc, a_server_names_itself);
	suite_add_tcase(suite, tc);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
