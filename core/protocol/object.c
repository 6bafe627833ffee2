/* SPDX-License-Identifier: Apache-2.0 */
/* object.c - texts that stay signed outside of any message. */
#include "protocol/object.h"

#include <string.h>

#include "base/b64.h"
#include "base/err.h"
#include "base/str.h"

static aicx_err
refuse(struct aicx_error *reterr, const char *field, const char *why)
{
	return err_field(reterr, AICX_EINVAL, "malformed", field,
	    "cannot read signed object: \"%s\" %s", field + 1, why);
}

aicx_err
object_parse(struct json_ref ref, struct arena *arena,
    struct signed_object *ret, struct aicx_error *reterr)
{
	struct signed_object object = {
		.text = json_str(json_get(ref, "text"), arena),
		.key_id = json_str(json_get(ref, "key_id"), arena),
	};
	struct aicx_str sig = json_str(json_get(ref, "signature"), arena);
	uint8_t hash[HASH_BYTES];

	if (json_type(ref) != JSON_OBJECT)
		return err_word(reterr, AICX_EINVAL, "malformed",
		    "cannot read signed object: it is not an object");
	if (object.text.ptr == NULL)
		return refuse(reterr, "/text", "is not a string");
	if (!b64_parse(object.key_id, hash, sizeof hash))
		return refuse(
		    reterr, "/key_id", "is not base64url of 32 bytes");
	if (!b64_parse(sig, object.signature, SIG_BYTES))
		return refuse(
		    reterr, "/signature", "is not base64url of 64 bytes");
	*ret = object;
	return AICX_OK;
}

void
object_put_members(struct json_writer *w, const struct signed_object *object)
{
	char sig[B64_LEN(SIG_BYTES)];

	b64_print(object->signature, SIG_BYTES, sig);
	json_key(w, "text");
	json_put_str(w, object->text);
	json_key(w, "key_id");
	json_put_str(w, object->key_id);
	json_key(w, "signature");
	json_put_str(w, (struct aicx_str) { sig, sizeof sig });
}

void
object_put(struct json_writer *w, const struct signed_object *object)
{
	json_open(w, '{');
	object_put_members(w, object);
	json_close(w);
}

struct signed_object
object_sign(
    const struct sign_key *key, enum sig_kind kind, struct aicx_str text)
{
	struct signed_object object = {
		.text = text,
		.key_id = str_of(sign_key_id(key)),
	};

	sign_bytes(
	    key, kind, text, (struct aicx_str) { NULL, 0 }, object.signature);
	return object;
}

static aicx_err
on_member(struct aicx_str name, enum json_type type, struct aicx_str value,
    void *arg, struct aicx_error *reterr)
{
	struct aicx_str *kind = arg;

	(void)reterr;
	if (type == JSON_STRING && str_is(name, "kind"))
		*kind = (struct aicx_str) { value.ptr + 1, value.len - 2 };
	return AICX_OK;
}

aicx_err
object_verify(const struct signed_object *object, enum sig_kind kind,
    const uint8_t raw[KEY_BYTES], struct aicx_error *reterr)
{
	const char *name = sig_kind_name(kind);
	char key_id[KEY_ID_TEXT + 1];
	struct aicx_str found = { NULL, 0 };

	key_id_of(raw, key_id);
	if (!str_is(object->key_id, key_id))
		return err_field(reterr, AICX_EDENIED, "bad_signature",
		    "/key_id",
		    "cannot verify %s: key id \"%.*s\" is not that of the key",
		    name, STR_ARG(object->key_id));
	if (!verify_bytes(raw, kind, object->text,
		(struct aicx_str) { NULL, 0 }, object->signature))
		return err_field(reterr, AICX_EDENIED, "bad_signature",
		    "/signature",
		    "cannot verify %s: the signature of \"%s\" is wrong", name,
		    key_id);

	aicx_err err = json_scan(object->text, NULL, on_member, &found, reterr);
	if (err != AICX_OK)
		return err;
	if (!str_is(found, name))
		return err_field(reterr, AICX_EINVAL, "malformed", "/text",
		    "cannot verify %s: the text says it is a \"%.*s\"", name,
		    STR_ARG(found));
	return AICX_OK;
}
