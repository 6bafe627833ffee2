/* SPDX-License-Identifier: Apache-2.0 */
/*
 * envelope.h - one message on the wire: split, verify, scan, print, sign.
 *
 * A message ends exactly in `,"signature":"<alg>:<key id>:<base64url>"}`.  What
 * is signed is the text before that comma plus '}', so nobody canonicalises
 * JSON.  The order is: split (find the signature from the end), verify, scan.
 * Nothing but the last member is looked at before it is verified.
 */
#ifndef PROTOCOL_ENVELOPE_H
#define PROTOCOL_ENVELOPE_H

#include "base/buf.h"
#include "protocol/crypto.h"

#include <aiconexus/types.h>
#include <stdbool.h>
#include <stdint.h>

enum { ENVELOPE_BYTES_MAX = 1024 * 1024 }; /* default; configurable */
enum { ENVELOPE_WINDOW_MS = 60000 }; /* how old or early a message may be */

enum msg_type {
	MSG_QUERY,
	MSG_OFFER,
	MSG_EXECUTE,
	MSG_RESULT,
	MSG_ERROR,
	MSG_ACK,
	MSG_HEARTBEAT
};

const char *msg_type_name(enum msg_type type);
bool msg_type_parse(struct aicx_str name, enum msg_type *ret_type);

enum sig_alg { ALG_ED25519, ALG_HMAC_SHA256 };

struct signature {
	enum sig_alg alg;
	struct aicx_str key_id; /* 43 characters, or a UUID for a MAC */
	uint8_t bytes[SIG_BYTES];
	size_t n_bytes; /* 64 or 32 */
};

/* All views point into the message's text. */
struct envelope {
	/* after envelope_split() */
	struct aicx_str text;
	struct aicx_str head; /* up to the comma before "signature" */
	struct signature signature;
	/* after envelope_scan() */
	struct aicx_id id, sender_id, receiver_id;
	struct aicx_id correlation_id; /* nil: absent */
	enum msg_type type;
	int64_t timestamp_ms;
	int64_t expires_ms; /* 0: absent */
	struct aicx_str traceparent; /* W3C, checked for form; or absent */
	struct aicx_str payload; /* a JSON object's text, opaque */
};

/* Errors carry the words of wire.md: "malformed", "too_large". */
aicx_err envelope_split(struct aicx_str text, size_t bytes_max,
    struct envelope *ret_env, struct aicx_error *reterr);
/* The strict pass: depth, UTF-8, members once at the top and in the payload,
   all required members and their forms, no unknown member; a RESULT and an ACK
   say what they answer.  "malformed", "unsupported_version". */
aicx_err envelope_scan(struct envelope *env, struct aicx_error *reterr);
/* payload.method when it is a string without escapes, else absent.  Looks into
   the payload each time; what is only relayed needs no method. */
struct aicx_str envelope_method(const struct envelope *env);

/* true when the signature is good under this key; the algorithm must fit. */
bool envelope_verify_key(
    const struct envelope *env, const uint8_t raw[KEY_BYTES]);
bool envelope_verify_mac(const struct envelope *env, struct mac *mac);

/* Who may say so: the owner of the key that signed, and never the broker on
   somebody's connection.  "sender_mismatch". */
aicx_err envelope_check_sender(const struct envelope *env,
    const struct aicx_id *key_owner, const struct aicx_id *broker,
    struct aicx_error *reterr);
/* The timestamp is at most window_ms from now_ms, either way.  "stale". */
aicx_err envelope_check_fresh(const struct envelope *env, int64_t now_ms,
    int64_t window_ms, struct aicx_error *reterr);

/* What a message says besides its payload; ids nil and times 0 are left out. */
struct envelope_head {
	struct aicx_id id, sender_id, receiver_id, correlation_id;
	enum msg_type type;
	int64_t timestamp_ms, expires_ms;
	struct aicx_str traceparent;
};

/* Appends the text up to (not including) the signature's comma. */
void envelope_print(
    struct buf *buf, const struct envelope_head *head, struct aicx_str payload);
/* Appends the signature member and '}' to a head printed at buf[start..]. */
void envelope_sign_key(
    struct buf *buf, size_t start, const struct sign_key *key);
void envelope_sign_mac(
    struct buf *buf, size_t start, struct mac *mac, struct aicx_str key_id);
/* Appends a received message with its last member replaced (forwarding). */
void envelope_resign_mac(struct buf *buf, const struct envelope *env,
    struct mac *mac, struct aicx_str key_id);

#endif
