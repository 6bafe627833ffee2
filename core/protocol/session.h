/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session.h - the handshake of a connection: challenge, open, result; and the
 * keys that follow from the three texts as they were sent.
 */
#ifndef PROTOCOL_SESSION_H
#define PROTOCOL_SESSION_H

#include "protocol/crypto.h"
#include "protocol/envelope.h"

#include <aiconexus/types.h>

enum { NONCE_BYTES = 32, NONCE_TTL_MS = 10000 };

struct session_keys {
	uint8_t agent_to_broker[KEY_BYTES];
	uint8_t broker_to_agent[KEY_BYTES];
};

/* The payload texts {"method":"session.challenge",...}, to be printed into
   envelopes by envelope_print(). */
void session_put_challenge(struct buf *buf, const uint8_t nonce[NONCE_BYTES],
    const uint8_t broker_key[KEY_BYTES]);
void session_put_open(struct buf *buf, const uint8_t nonce[NONCE_BYTES],
    const uint8_t x25519[KEY_BYTES], const uint8_t public_key[KEY_BYTES]);
void session_put_result(struct buf *buf, const struct aicx_id *session_id,
    const uint8_t x25519[KEY_BYTES]);

struct session_challenge {
	uint8_t nonce[NONCE_BYTES], broker_key[KEY_BYTES];
};
struct session_open {
	uint8_t nonce[NONCE_BYTES], x25519[KEY_BYTES], public_key[KEY_BYTES];
};
struct session_result {
	struct aicx_id session_id;
	uint8_t x25519[KEY_BYTES];
};

/* From a payload's text; exact members, exact sizes ("malformed"). */
aicx_err session_parse_challenge(struct aicx_str payload,
    struct session_challenge *ret, struct aicx_error *reterr);
aicx_err session_parse_open(struct aicx_str payload, struct session_open *ret,
    struct aicx_error *reterr);
aicx_err session_parse_result(struct aicx_str payload,
    struct session_result *ret, struct aicx_error *reterr);

/* HKDF over the shared secret, salted with the transcript's hash.  AICX_EINVAL
   ("bad_key") when the shared secret is all zero. */
aicx_err session_derive(const uint8_t x25519_seed[KEY_BYTES],
    const uint8_t x25519_peer[KEY_BYTES], struct aicx_str challenge,
    struct aicx_str open, struct aicx_str result, struct session_keys *ret_keys,
    struct aicx_error *reterr);

/* An API key is "aicx_" + base64url of 32 random bytes; its text is the key
   material. */
enum { API_KEY_TEXT = 5 + 43 };
void api_key_print(const uint8_t random[32], char ret_text[API_KEY_TEXT + 1]);
/* The form only: prefix, length, base64url without unused bits. */
bool api_key_is_valid(struct aicx_str text);
void api_key_derive(struct aicx_str api_key, struct session_keys *ret_keys);
/* SHA-256 of the text: what is kept to recognise it. */
void api_key_verifier(struct aicx_str api_key, uint8_t ret[HASH_BYTES]);

#endif
