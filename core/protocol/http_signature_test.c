/* SPDX-License-Identifier: Apache-2.0 */
/* http_signature_test.c - the examples of RFC 9421 appendix B.2, and requests
   that are signed badly. */
#include "protocol/http_signature.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/b64.h"
#include "base/err.h"
#include "base/str.h"

#define H(name, value)                                                         \
	{                                                                      \
		{ name, sizeof name - 1 },                                     \
		{                                                              \
			value, sizeof value - 1                                \
		}                                                              \
	}

/* The request of appendix B.2. */
static struct aicx_header headers[] = {
	H("Host", "example.com"),
	H("Date", "Tue, 20 Apr 2021 02:07:55 GMT"),
	H("Content-Type", "application/json"),
	H("Content-Digest",
	    "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm"
	    "+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:"),
	H("Content-Length", "18"),
	H("Signature-Input", ""),
	H("Signature", ""),
};
enum { INPUT = 5, SIGNATURE };

static struct aicx_http_request
request_with(const char *input, const char *signature)
{
	headers[INPUT].value = str_of(input);
	headers[SIGNATURE].value = str_of(signature);
	return (struct aicx_http_request) {
		.size = sizeof(struct aicx_http_request),
		.method = STR("POST"),
		.path = STR("/foo"),
		.query = STR("param=Value&Pet=dog"),
		.body = STR("{\"hello\": \"world\"}"),
		.headers = headers,
		.n_headers = sizeof headers / sizeof *headers,
	};
}

START_TEST(the_example_of_hmac_verifies_and_no_other_key_does)
{
	/* B.1.5 test-shared-secret, B.2.5 */
	static const char secret[] =
	    "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbm"
	    "HhIDi6pcl8jsasjlTMtDQ";
	struct aicx_http_request request =
	    request_with("sig-b25=(\"date\" \"@authority\" \"content-type\")"
			 ";created=1618884473;keyid=\"test-shared-secret\"",
		"sig-b25=:pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=:");
	struct http_signature signature;
	uint8_t key[64], made[MAC_BYTES];
	struct buf base = { 0 };
	struct aicx_error err;

	ck_assert(b64_parse(str_of(secret), key, sizeof key));
	ck_assert_int_eq(
	    http_signature_parse(&request, &signature, &err), AICX_OK);
	ck_assert_int_eq(signature.created_s, 1618884473);
	ck_assert(str_is(signature.key_id, "test-shared-secret"));
	ck_assert_int_eq(signature.alg, HTTP_ALG_ABSENT);
	ck_assert_int_eq(
	    http_signature_base(&signature, &request, "https", &base, &err),
	    AICX_OK);
	ck_assert_str_eq(buf_cstr(&base),
	    "\"date\": Tue, 20 Apr 2021 02:07:55 GMT\n"
	    "\"@authority\": example.com\n"
	    "\"content-type\": application/json\n"
	    "\"@signature-params\": (\"date\" \"@authority\" \"content-type\")"
	    ";created=1618884473;keyid=\"test-shared-secret\"");
	struct mac *mac = mac_new(key, sizeof key);
	mac_plain(mac, buf_view(&base), made);
	ck_assert(bytes_equal(made, signature.bytes, MAC_BYTES));
	mac_free(mac);
	key[0] ^= 1;
	mac = mac_new(key, sizeof key);
	mac_plain(mac, buf_view(&base), made);
	ck_assert(!bytes_equal(made, signature.bytes, MAC_BYTES));
	mac_free(mac);
	buf_fini(&base);
}
END_TEST

START_TEST(the_example_of_ed25519_verifies_and_nothing_else_does)
{
	/* B.1.4 test-key-ed25519, B.2.6 */
	static const char public_key[] =
	    "JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs";
	struct aicx_http_request request =
	    request_with("sig-b26=(\"date\" \"@method\" \"@path\" "
			 "\"@authority\" \"content-type\" \"content-length\")"
			 ";created=1618884473;keyid=\"test-key-ed25519\"",
		"sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb"
		"04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:");
	struct http_signature signature;
	uint8_t key[KEY_BYTES];
	struct buf base = { 0 };
	struct aicx_error err;

	ck_assert(b64_parse(str_of(public_key), key, sizeof key));
	ck_assert_int_eq(
	    http_signature_parse(&request, &signature, &err), AICX_OK);
	ck_assert_int_eq(
	    http_signature_base(&signature, &request, "https", &base, &err),
	    AICX_OK);
	struct aicx_str bytes = { (const char *)signature.bytes,
		signature.n_bytes };
	ck_assert(ed25519_verify(key, buf_view(&base), bytes));
	buf_clear(&base);
	request.path = STR("/bar");
	ck_assert_int_eq(
	    http_signature_base(&signature, &request, "https", &base, &err),
	    AICX_OK);
	ck_assert(!ed25519_verify(key, buf_view(&base), bytes));
	buf_fini(&base);
}
END_TEST

static const char mac_text[] =
    "s=:pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=:";

static const char *
parse_word(const char *input, const char *signature_text)
{
	static struct aicx_error err;
	struct aicx_http_request request = request_with(input, signature_text);
	struct http_signature signature;

	return http_signature_parse(&request, &signature, &err) == AICX_OK
	    ? "ok"
	    : err.word;
}

START_TEST(what_is_no_signature_is_malformed)
{
	static const char *const inputs[] = { "", "s", "s=", "s=()x",
		"s=(\"date\"", "s=(\"date\"\"host\")", "s=(date)",
		"s=(\"date\");created", "s=(\"date\");created=x",
		"s=(\"date\");created=1;created=2",
		"s=(\"date\");created=9999999999999",
		"s=(\"date\");alg=\"rsa-pss-sha512\"",
		"s=(\"date\";req);created=1", "s=(\"date\");unknown=1",
		"s=(\"a\\\"b\");created=1", "=(\"date\")" };
	static const char *const bytes[] = { "", "t=:AAAA:", "s=AAAA",
		"s=:AAAA:", "s=:AAA:",
		"s=:pxcQw6G3AjtMBQjwo8XzkZf/"
		"bws5LelbaMk5rGIGtE8=",
		"s=:pxcQw6G3AjtMBQjwo8XzkZf_bws5LelbaMk5rGIGtE8=:",
		"s=:pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=:x" };

	ck_assert_str_eq(parse_word("s=(\"date\");created=1", mac_text), "ok");
	ck_assert_str_eq(parse_word("s=();alg=\"ed25519\"", mac_text), "ok");
	for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++)
		ck_assert_msg(
		    strcmp(parse_word(inputs[i], mac_text), "malformed") == 0,
		    "%s", inputs[i]);
	for (size_t i = 0; i < sizeof bytes / sizeof *bytes; i++)
		ck_assert_msg(strcmp(parse_word("s=();created=1", bytes[i]),
				  "malformed") == 0,
		    "%s", bytes[i]);
}
END_TEST

static const char *
check_text(struct aicx_http_request *request)
{
	static struct aicx_error err;
	struct http_signature signature;

	ck_assert_int_eq(
	    http_signature_parse(request, &signature, &err), AICX_OK);
	return http_signature_check(&signature, request, &err) == AICX_OK
	    ? "ok"
	    : err.text;
}

START_TEST(it_covers_all_that_matters_and_the_digest_is_the_bodys)
{
	struct aicx_http_request request =
	    request_with("s=(\"@method\" \"@path\" \"@authority\" \"@query\" "
			 "\"content-digest\")",
		mac_text);
	struct aicx_str sha512 = headers[3].value;

	ck_assert_str_eq(
	    check_text(&request), "Content-Digest has no sha-256 of this body");
	/* RFC 9530, appendix D: sha-256 of {"hello": "world"}. */
	headers[3].value =
	    STR("sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:");
	ck_assert_str_eq(check_text(&request), "ok");
	request.body = STR("{\"hello\": \"World\"}");
	ck_assert_str_eq(
	    check_text(&request), "Content-Digest has no sha-256 of this body");
	headers[3].value = sha512;
	request.body.len = 0;
	headers[INPUT].value = STR("s=(\"@path\" \"@authority\" \"@query\")");
	ck_assert_str_eq(
	    check_text(&request), "the signature does not cover \"@method\"");
	headers[INPUT].value = STR("s=(\"@method\" \"@target-uri\")");
	ck_assert_str_eq(check_text(&request), "ok");
	headers[INPUT].value = STR("s=(\"@method\" \"@path\" \"@authority\")");
	ck_assert_str_eq(
	    check_text(&request), "the signature does not cover \"@query\"");
	request.query.len = 0;
	ck_assert_str_eq(check_text(&request), "ok");
	request.path = STR("/a b");
	ck_assert_str_eq(
	    check_text(&request), "a path with escapes cannot be signed here");
}
END_TEST

START_TEST(it_is_fresh_within_the_window_until_it_expires)
{
	struct http_signature signature = { .created_s = 1000 };
	struct aicx_error err;

	ck_assert_int_eq(
	    http_signature_check_fresh(&signature, 1060000, 60000, &err),
	    AICX_OK);
	ck_assert_int_eq(
	    http_signature_check_fresh(&signature, 940000, 60000, &err),
	    AICX_OK);
	ck_assert_int_ne(
	    http_signature_check_fresh(&signature, 1060001, 60000, &err),
	    AICX_OK);
	ck_assert_str_eq(err.word, "stale");
	ck_assert_ptr_nonnull(strstr(err.text, "1970-01-01T00:17:40.001Z"));
	ck_assert_int_ne(
	    http_signature_check_fresh(&signature, 939999, 60000, &err),
	    AICX_OK);
	signature.expires_s = 1010;
	ck_assert_int_eq(
	    http_signature_check_fresh(&signature, 1009999, 60000, &err),
	    AICX_OK);
	ck_assert_int_ne(
	    http_signature_check_fresh(&signature, 1010000, 60000, &err),
	    AICX_OK);
	signature = (struct http_signature) { .expires_s = 2000 };
	ck_assert_int_ne(
	    http_signature_check_fresh(&signature, 1000, 60000, &err), AICX_OK);
}
END_TEST

START_TEST(a_component_is_there_once_and_one_we_know)
{
	static const char *const inputs[] = { "s=(\"x-none\")",
		"s=(\"date\" \"date\")", "s=(\"Date\")", "s=(\"@status\")",
		"s=(\"\")" };
	struct aicx_error err;

	for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++) {
		struct aicx_http_request request =
		    request_with(inputs[i], mac_text);
		struct http_signature signature;
		struct buf base = { 0 };
		ck_assert_int_eq(
		    http_signature_parse(&request, &signature, &err), AICX_OK);
		ck_assert_int_ne(http_signature_base(
				     &signature, &request, "http", &base, &err),
		    AICX_OK);
		ck_assert_str_eq(err.word, "bad_signature");
		buf_fini(&base);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("http_signature");
	TCase *tcase = tcase_create("http_signature");

	tcase_add_test(
	    tcase, the_example_of_hmac_verifies_and_no_other_key_does);
	tcase_add_test(
	    tcase, the_example_of_ed25519_verifies_and_nothing_else_does);
	tcase_add_test(tcase, what_is_no_signature_is_malformed);
	tcase_add_test(
	    tcase, it_covers_all_that_matters_and_the_digest_is_the_bodys);
	tcase_add_test(tcase, it_is_fresh_within_the_window_until_it_expires);
	tcase_add_test(tcase, a_component_is_there_once_and_one_we_know);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
