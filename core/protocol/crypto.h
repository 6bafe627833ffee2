/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crypto.h - the few primitives the protocol is made of, over OpenSSL.
 *
 * Every signature and MAC covers "aiconexus <kind> v1\n" followed by the bytes,
 * so that a signature made for one kind of thing is none for another.
 */
#ifndef PROTOCOL_CRYPTO_H
#define PROTOCOL_CRYPTO_H

#include <aiconexus/types.h>
#include <stdbool.h>
#include <stdint.h>

enum { KEY_BYTES = 32, SIG_BYTES = 64, MAC_BYTES = 32, HASH_BYTES = 32 };
enum { KEY_ID_TEXT = 43 }; /* base64url of a SHA-256 */

enum sig_kind {
	SIG_ENVELOPE,
	SIG_MANDATE,
	SIG_OFFER,
	SIG_CONTRACT,
	SIG_USAGE,
	SIG_ACCEPTANCE,
	SIG_RECEIPT,
	SIG_DELEGATION,
	SIG_RATING
};

const char *sig_kind_name(enum sig_kind kind); /* "offer" */
bool sig_kind_parse(struct aicx_str name, enum sig_kind *ret_kind);

/* [any thread] */
void sha256(const void *bytes, size_t n_bytes, uint8_t ret_hash[HASH_BYTES]);
void sha256_two(struct aicx_str a, struct aicx_str b,
    uint8_t ret_hash[HASH_BYTES]); /* of a followed by b */
void sha256_parts(const struct aicx_str *parts, size_t n_parts,
    uint8_t ret_hash[HASH_BYTES]); /* of all, one after the other */
/* For the handshake of WebSocket alone (RFC 6455): there it shows that the
   other side speaks the protocol, nothing about who it is. */
enum { SHA1_BYTES = 20 };
void sha1(const void *bytes, size_t n_bytes, uint8_t ret_hash[SHA1_BYTES]);
/* HKDF-SHA256 (RFC 5869); salt may be empty. */
void hkdf(struct aicx_str ikm, struct aicx_str salt, struct aicx_str info,
    uint8_t *ret_key, size_t n_bytes);
bool bytes_equal(
    const void *a, const void *b, size_t n_bytes); /* constant time */

/* Ed25519 (RFC 8032).  A key made from a seed signs; one made from a public key
   verifies.  Verification needs no key object: raw[32] is enough. */
struct sign_key;
struct sign_key *sign_key_new(const uint8_t seed[KEY_BYTES]);
void sign_key_free(struct sign_key *key); /* wipes; NULL is legal */
const uint8_t *sign_key_public(const struct sign_key *key); /* 32 bytes */
const char *sign_key_id(const struct sign_key *key); /* 43 characters + NUL */
/* base64url of SHA-256 of the raw public key; NUL-terminated. */
void key_id_of(const uint8_t raw[KEY_BYTES], char ret_id[KEY_ID_TEXT + 1]);

/* [any thread] The tagged bytes a followed by b. */
void sign_bytes(const struct sign_key *key, enum sig_kind kind,
    struct aicx_str a, struct aicx_str b, uint8_t ret_sig[SIG_BYTES]);
/* [any thread] */
bool verify_bytes(const uint8_t raw[KEY_BYTES], enum sig_kind kind,
    struct aicx_str a, struct aicx_str b, const uint8_t sig[SIG_BYTES]);
/* [any thread] The primitive without a tag (test vectors drive it).  Keys of
   small order have no good signature: anybody could make it. */
bool ed25519_verify(
    const uint8_t raw[KEY_BYTES], struct aicx_str message, struct aicx_str sig);
void ed25519_sign(const struct sign_key *key, struct aicx_str message,
    uint8_t ret_sig[SIG_BYTES]);

/* [any thread] ECDSA with P-256 and SHA-256 as JWS has it (RFC 7518 section
   3.4): raw is 0x04 X Y, the signature R S, 64 bytes. */
bool es256_verify(
    struct aicx_str raw, struct aicx_str message, struct aicx_str sig);

/* HMAC-SHA256 with the key set up once [any thread]. */
struct mac;
struct mac *mac_new(const void *key, size_t n_bytes);
void mac_free(struct mac *mac); /* wipes; NULL is legal */
void mac_bytes(struct mac *mac, enum sig_kind kind, struct aicx_str a,
    struct aicx_str b, uint8_t ret_mac[MAC_BYTES]);
/* The primitive without a tag. */
void mac_plain(
    struct mac *mac, struct aicx_str message, uint8_t ret_mac[MAC_BYTES]);

/* X25519 (RFC 7748).  false when the shared secret is all zero. */
void x25519_public(
    const uint8_t seed[KEY_BYTES], uint8_t ret_public[KEY_BYTES]);
bool x25519_shared(const uint8_t seed[KEY_BYTES], const uint8_t peer[KEY_BYTES],
    uint8_t ret_secret[KEY_BYTES]);

/* AES-256-GCM for secrets at rest.  nonce[12] must never repeat under a key.
   The box is nonce, ciphertext, tag: n_bytes + 28.  aad binds it to its place.
 */
enum { SEAL_EXTRA = 28 };
void seal(const uint8_t key[KEY_BYTES], const uint8_t nonce[12],
    struct aicx_str aad, struct aicx_str plain, uint8_t *ret_box);
/* false when the box was not made under this key for this place. */
bool unseal(const uint8_t key[KEY_BYTES], struct aicx_str aad,
    struct aicx_str box, uint8_t *ret_plain);

#endif
