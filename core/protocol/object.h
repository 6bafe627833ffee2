/* SPDX-License-Identifier: Apache-2.0 */
/*
 * object.h - signed objects: mandates, offers, contracts, usage claims and the
 * like outlive their message and convince third parties.
 *
 * Carried everywhere as {"text":"<exact JSON text>","key_id","signature"},
 * never as a nested object; always Ed25519.
 */
#ifndef PROTOCOL_OBJECT_H
#define PROTOCOL_OBJECT_H

#include "base/arena.h"
#include "base/json.h"
#include "protocol/crypto.h"

struct signed_object {
	struct aicx_str text; /* unescaped */
	struct aicx_str key_id;
	uint8_t signature[SIG_BYTES];
};

/* The three members of a JSON object; others beside them are ignored.
   "malformed" names the member. */
aicx_err object_parse(struct json_ref ref, struct arena *arena,
    struct signed_object *ret, struct aicx_error *reterr);
/* Writes {"text","key_id","signature"} as one value. */
void object_put(struct json_writer *w, const struct signed_object *object);
/* Writes the three members into the object that is open. */
void object_put_members(
    struct json_writer *w, const struct signed_object *object);
/* text is borrowed by the result; key_id too (it lives in the key). */
struct signed_object object_sign(
    const struct sign_key *key, enum sig_kind kind, struct aicx_str text);
/* The key fits key_id, the signature is good for this kind, and the text is
   one JSON object whose "kind" is this kind: "bad_signature", "malformed".
   [any thread] */
aicx_err object_verify(const struct signed_object *object, enum sig_kind kind,
    const uint8_t raw[KEY_BYTES], struct aicx_error *reterr);

#endif
