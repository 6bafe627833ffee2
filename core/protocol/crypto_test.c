/* SPDX-License-Identifier: Apache-2.0 */
/* crypto_test.c - the primitives against published and Wycheproof vectors. */
#include "protocol/crypto.h"

#include <check.h>
#include <string.h>

#include "base/mem.h"
#include "protocol/vectors.h"

static const uint8_t seed_a[KEY_BYTES] = { 1 }, seed_b[KEY_BYTES] = { 2 };

static struct aicx_str
bytes_of(const void *bytes, size_t n)
{
	return (struct aicx_str) { bytes, n };
}

static void
ck_hex(const void *bytes, size_t n, const char *want)
{
	char hex[256] = "";

	ck_assert_uint_lt(2 * n, sizeof hex);
	for (size_t i = 0; i < n; i++)
		(void)snprintf(
		    hex + 2 * i, 3, "%02x", ((const uint8_t *)bytes)[i]);
	ck_assert_str_eq(hex, want);
}

START_TEST(sha256_agrees_with_fips_180)
{
	static const char abc[] =
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
	struct aicx_str parts[] = { STR("a"), STR(""), STR("b"), STR("c") };
	uint8_t hash[HASH_BYTES];

	sha256("abc", 3, hash);
	ck_hex(hash, sizeof hash, abc);
	sha256_two(STR("ab"), STR("c"), hash);
	ck_hex(hash, sizeof hash, abc);
	sha256_parts(parts, 4, hash);
	ck_hex(hash, sizeof hash, abc);
	sha256(NULL, 0, hash);
	ck_hex(hash, sizeof hash,
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}
END_TEST

START_TEST(sha1_agrees_with_fips_180)
{
	uint8_t hash[SHA1_BYTES];

	sha1("abc", 3, hash);
	ck_hex(hash, sizeof hash, "a9993e364706816aba3e25717850c26c9cd0d89d");
}
END_TEST

/* RFC 5869 appendix A.1 and A.3. */
START_TEST(hkdf_agrees_with_rfc_5869_with_and_without_salt)
{
	uint8_t ikm[22], salt[13], info[10], okm[42];

	memset(ikm, 0x0b, sizeof ikm);
	for (unsigned i = 0; i < sizeof salt; i++)
		salt[i] = (uint8_t)i;
	for (unsigned i = 0; i < sizeof info; i++)
		info[i] = (uint8_t)(0xf0 + i);
	hkdf(bytes_of(ikm, sizeof ikm), bytes_of(salt, sizeof salt),
	    bytes_of(info, sizeof info), okm, sizeof okm);
	ck_hex(okm, sizeof okm,
	    "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
	    "34007208d5b887185865");
	hkdf(bytes_of(ikm, sizeof ikm), bytes_of(NULL, 0), bytes_of(NULL, 0),
	    okm, sizeof okm);
	ck_hex(okm, sizeof okm,
	    "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
	    "9d201395faa4b61a96c8");
}
END_TEST

/* Is this case good, by our own functions?  -1: of a size we do not use. */
typedef int judge_fn(
    struct vectors *v, struct json_ref group, struct json_ref test);

/* Each case must be judged as the file says. */
static void
agrees_with_wycheproof(const char *file, judge_fn *judge)
{
	struct vectors v;
	int n_valid = 0, n_invalid = 0;

	if (!vectors_open(&v, file))
		return;
	struct json_iter groups = json_iter(json_get(v.root, "testGroups"));
	while (json_next(&groups)) {
		struct json_iter tests =
		    json_iter(json_get(groups.value, "tests"));
		while (json_next(&tests)) {
			bool valid = str_is(
			    vectors_str(&v, tests.value, "result"), "valid");
			int good = judge(&v, groups.value, tests.value);
			if (good < 0)
				continue;
			ck_assert_msg(good == valid, "case %.*s",
			    STR_ARG(json_raw(json_get(tests.value, "tcId"))));
			*(valid ? &n_valid : &n_invalid) += 1;
		}
	}
	ck_assert_int_gt(n_valid, 0);
	ck_assert_int_gt(n_invalid, 0);
	(void)printf("%s: %d valid, %d invalid\n", file, n_valid, n_invalid);
	vectors_close(&v);
}

static int
signature_is_good(
    struct vectors *v, struct json_ref group, struct json_ref test)
{
	struct aicx_str key =
	    vectors_hex(v, json_get(group, "publicKey"), "pk");

	ck_assert_uint_eq(key.len, KEY_BYTES);
	return ed25519_verify((const uint8_t *)key.ptr,
	    vectors_hex(v, test, "msg"), vectors_hex(v, test, "sig"));
}

START_TEST(ed25519_agrees_with_wycheproof)
{
	agrees_with_wycheproof(
	    "wycheproof/ed25519_test.json", signature_is_good);
}
END_TEST

/* R the neutral point and S zero are good for any message under them. */
START_TEST(a_key_of_small_order_signs_nothing)
{
	uint8_t raw[KEY_BYTES] = { 1 }, sig[SIG_BYTES] = { 1 };

	ck_assert(!ed25519_verify(raw, STR("abc"), bytes_of(sig, sizeof sig)));
	raw[KEY_BYTES - 1] = 0x80;
	ck_assert(!ed25519_verify(raw, STR("abc"), bytes_of(sig, sizeof sig)));
}
END_TEST

static int
mac_is_good(struct vectors *v, struct json_ref group, struct json_ref test)
{
	struct aicx_str key = vectors_hex(v, test, "key");
	struct aicx_str tag = vectors_hex(v, test, "tag");
	struct mac *mac = mac_new(key.ptr, key.len);
	uint8_t got[MAC_BYTES];

	(void)group;
	mac_plain(mac, vectors_hex(v, test, "msg"), got);
	mac_free(mac);
	ck_assert_uint_le(tag.len, MAC_BYTES);
	return bytes_equal(got, tag.ptr, tag.len);
}

START_TEST(hmac_agrees_with_wycheproof)
{
	agrees_with_wycheproof("wycheproof/hmac_sha256_test.json", mac_is_good);
}
END_TEST

START_TEST(a_signature_counts_for_its_kind_key_and_bytes_only)
{
	struct sign_key *key = sign_key_new(seed_a);
	struct sign_key *other = sign_key_new(seed_b);
	const uint8_t *raw = sign_key_public(key);
	uint8_t sig[SIG_BYTES];

	sign_bytes(key, SIG_OFFER, STR("ab"), STR("c"), sig);
	ck_assert(verify_bytes(raw, SIG_OFFER, STR("ab"), STR("c"), sig));
	ck_assert(verify_bytes(raw, SIG_OFFER, STR("a"), STR("bc"), sig));
	ck_assert(ed25519_verify(
	    raw, STR("aiconexus offer v1\nabc"), bytes_of(sig, sizeof sig)));
	ck_assert(!verify_bytes(raw, SIG_CONTRACT, STR("ab"), STR("c"), sig));
	ck_assert(!verify_bytes(raw, SIG_OFFER, STR("ab"), STR("d"), sig));
	ck_assert(!verify_bytes(
	    sign_key_public(other), SIG_OFFER, STR("ab"), STR("c"), sig));
	ck_assert(!ed25519_verify(raw, STR("abc"), bytes_of(sig, sizeof sig)));
	ck_assert(!ed25519_verify(raw, STR("aiconexus offer v1\nabc"),
	    bytes_of(sig, sizeof sig - 1)));
	sig[9] ^= 1;
	ck_assert(!verify_bytes(raw, SIG_OFFER, STR("ab"), STR("c"), sig));
	sign_key_free(key);
	sign_key_free(other);
	sign_key_free(NULL);
}
END_TEST

START_TEST(a_long_message_is_signed_as_well)
{
	struct sign_key *key = sign_key_new(seed_a);
	char *text = mem_new(100000);
	struct aicx_str a = { text, 60000 }, b = { text + 60000, 40000 };
	uint8_t sig[SIG_BYTES];

	sign_bytes(key, SIG_CONTRACT, a, b, sig);
	ck_assert(verify_bytes(sign_key_public(key), SIG_CONTRACT, a, b, sig));
	text[99999] ^= 1;
	ck_assert(!verify_bytes(sign_key_public(key), SIG_CONTRACT, a, b, sig));
	free(text);
	sign_key_free(key);
}
END_TEST

START_TEST(every_kind_has_its_name_and_its_own_signature)
{
	struct sign_key *key = sign_key_new(seed_a);
	enum sig_kind kind;

	for (int i = SIG_ENVELOPE; i <= SIG_RATING; i++) {
		uint8_t sig[SIG_BYTES];

		ck_assert(sig_kind_parse(
		    str_of(sig_kind_name((enum sig_kind)i)), &kind));
		ck_assert_int_eq(kind, i);
		sign_bytes(key, kind, STR("x"), STR(""), sig);
		for (int j = SIG_ENVELOPE; j <= SIG_RATING; j++)
			ck_assert(
			    verify_bytes(sign_key_public(key), (enum sig_kind)j,
				STR("x"), STR(""), sig) == (i == j));
	}
	ck_assert(!sig_kind_parse(STR("bill"), &kind));
	sign_key_free(key);
}
END_TEST

START_TEST(a_mac_context_is_good_for_many_messages)
{
	struct mac *mac = mac_new("key", 3);
	uint8_t first[MAC_BYTES], again[MAC_BYTES], other[MAC_BYTES];

	mac_bytes(mac, SIG_ENVELOPE, STR("ab"), STR("c"), first);
	mac_bytes(mac, SIG_OFFER, STR("ab"), STR("c"), other);
	ck_assert(!bytes_equal(first, other, MAC_BYTES));
	mac_plain(mac, STR("aiconexus envelope v1\nabc"), again);
	ck_assert(bytes_equal(first, again, MAC_BYTES));
	mac_free(mac);
	mac_free(NULL);
}
END_TEST

/* RFC 7748 section 6.1. */
START_TEST(x25519_agrees_with_rfc_7748_and_refuses_a_zero_secret)
{
	uint8_t alice[KEY_BYTES] = { 0x77, 0x07, 0x6d, 0x0a, 0x73, 0x18, 0xa5,
		0x7d, 0x3c, 0x16, 0xc1, 0x72, 0x51, 0xb2, 0x66, 0x45, 0xdf,
		0x4c, 0x2f, 0x87, 0xeb, 0xc0, 0x99, 0x2a, 0xb1, 0x77, 0xfb,
		0xa5, 0x1d, 0xb9, 0x2c, 0x2a };
	uint8_t a_public[KEY_BYTES], b_public[KEY_BYTES],
	    zero[KEY_BYTES] = { 0 };
	uint8_t a_secret[KEY_BYTES], b_secret[KEY_BYTES];

	x25519_public(alice, a_public);
	ck_hex(a_public, KEY_BYTES,
	    "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
	x25519_public(seed_b, b_public);
	ck_assert(x25519_shared(alice, b_public, a_secret));
	ck_assert(x25519_shared(seed_b, a_public, b_secret));
	ck_assert(bytes_equal(a_secret, b_secret, KEY_BYTES));
	ck_assert(!x25519_shared(alice, zero, a_secret));
	ck_assert(bytes_equal(a_secret, b_secret, KEY_BYTES));
}
END_TEST

START_TEST(a_sealed_box_opens_with_its_key_at_its_place_only)
{
	static const uint8_t nonce[12] = { 7 };
	struct aicx_str plain = STR("secret"), place = STR("row 1");
	uint8_t box[6 + SEAL_EXTRA], got[6] = "";
	struct aicx_str sealed = bytes_of(box, sizeof box);

	seal(seed_a, nonce, place, plain, box);
	ck_assert(unseal(seed_a, place, sealed, got));
	ck_assert(memcmp(got, "secret", 6) == 0);

	memset(got, 0, sizeof got);
	ck_assert(!unseal(seed_b, place, sealed, got));
	ck_assert(!unseal(seed_a, STR("row 2"), sealed, got));
	ck_assert(!unseal(seed_a, place, bytes_of(box, sizeof box - 1), got));
	ck_assert(!unseal(seed_a, place, bytes_of(box, SEAL_EXTRA - 1), got));
	for (size_t i = 0; i < sizeof box; i++) {
		box[i] ^= 1;
		ck_assert(!unseal(seed_a, place, sealed, got));
		box[i] ^= 1;
	}
	ck_assert(memcmp(got, "\0\0\0\0\0", 6) == 0);

	seal(seed_a, nonce, STR(""), STR(""), box);
	ck_assert(unseal(seed_a, STR(""), bytes_of(box, SEAL_EXTRA), got));
}
END_TEST

/* Nonce, ciphertext and tag, as a box has them. */
static void
ck_box(struct aicx_str key, struct aicx_str iv, struct aicx_str aad,
    struct aicx_str plain, struct aicx_str ct, struct aicx_str tag)
{
	struct buf box = { 0 };
	uint8_t *made = mem_new(plain.len + SEAL_EXTRA);

	buf_str(&box, iv);
	buf_str(&box, ct);
	buf_str(&box, tag);
	seal((const uint8_t *)key.ptr, (const uint8_t *)iv.ptr, aad, plain,
	    made);
	ck_assert_uint_eq(box.len, plain.len + SEAL_EXTRA);
	ck_assert_mem_eq(made, box.ptr, box.len);
	free(made);
	buf_fini(&box);
}

/* "The Galois/Counter Mode of Operation", test case 16. */
START_TEST(aes_256_gcm_agrees_with_its_specification)
{
	static const char *const hex[] = { "feffe9928665731c6d6a8f9467308308"
					   "feffe9928665731c6d6a8f9467308308",
		"cafebabefacedbaddecaf888",
		"feedfacedeadbeeffeedfacedeadbeefabaddad2",
		"d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318"
		"a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
		"522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d"
		"1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
		"76fc6ece0f4e1768cddf8853bb2d551b" };
	struct buf bytes[6] = { { 0 } };
	struct aicx_str str[6];

	for (size_t i = 0; i < 6; i++) {
		for (const char *at = hex[i]; *at != '\0'; at += 2) {
			char pair[3] = { at[0], at[1], '\0' };
			buf_char(&bytes[i], (char)strtol(pair, NULL, 16));
		}
		str[i] = buf_view(&bytes[i]);
	}
	ck_box(str[0], str[1], str[2], str[3], str[4], str[5]);
	for (size_t i = 0; i < 6; i++)
		buf_fini(&bytes[i]);
}
END_TEST

static bool
box_opens(struct aicx_str key, struct aicx_str iv, struct aicx_str aad,
    struct aicx_str ct, struct aicx_str tag)
{
	struct buf box = { 0 };
	uint8_t *plain = mem_new(ct.len + 1);

	buf_str(&box, iv);
	buf_str(&box, ct);
	buf_str(&box, tag);
	bool good =
	    unseal((const uint8_t *)key.ptr, aad, buf_view(&box), plain);
	free(plain);
	buf_fini(&box);
	return good;
}

static int
box_is_good(struct vectors *v, struct json_ref group, struct json_ref test)
{
	struct aicx_str key = vectors_hex(v, test, "key");
	struct aicx_str iv = vectors_hex(v, test, "iv");
	struct aicx_str aad = vectors_hex(v, test, "aad");
	struct aicx_str ct = vectors_hex(v, test, "ct");
	struct aicx_str tag = vectors_hex(v, test, "tag");

	(void)group;
	if (key.len != KEY_BYTES || iv.len != 12 || tag.len != 16)
		return -1;
	bool good = box_opens(key, iv, aad, ct, tag);
	if (good)
		ck_box(key, iv, aad, vectors_hex(v, test, "msg"), ct, tag);
	return good;
}

START_TEST(aes_256_gcm_agrees_with_wycheproof)
{
	agrees_with_wycheproof("wycheproof/aes_gcm_test.json", box_is_good);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("crypto");
	TCase *tcase = tcase_create("crypto");
	SRunner *runner = srunner_create(suite);

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, sha256_agrees_with_fips_180);
	tcase_add_test(tcase, sha1_agrees_with_fips_180);
	tcase_add_test(tcase, hkdf_agrees_with_rfc_5869_with_and_without_salt);
	tcase_add_test(tcase, ed25519_agrees_with_wycheproof);
	tcase_add_test(tcase, a_key_of_small_order_signs_nothing);
	tcase_add_test(tcase, hmac_agrees_with_wycheproof);
	tcase_add_test(tcase, aes_256_gcm_agrees_with_its_specification);
	tcase_add_test(tcase, aes_256_gcm_agrees_with_wycheproof);
	tcase_add_test(
	    tcase, a_signature_counts_for_its_kind_key_and_bytes_only);
	tcase_add_test(tcase, a_long_message_is_signed_as_well);
	tcase_add_test(tcase, every_kind_has_its_name_and_its_own_signature);
	tcase_add_test(tcase, a_mac_context_is_good_for_many_messages);
	tcase_add_test(
	    tcase, x25519_agrees_with_rfc_7748_and_refuses_a_zero_secret);
	tcase_add_test(
	    tcase, a_sealed_box_opens_with_its_key_at_its_place_only);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	int n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed != 0;
}
