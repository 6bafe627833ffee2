/* SPDX-License-Identifier: Apache-2.0 */
/* identity.c - the identity file; reading and writing it is the caller's. */
#include "protocol/identity.h"

#include <string.h>

#include "base/b64.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "protocol/field.h"
#include "protocol/session.h"

struct file {
	struct aicx_id agent_id;
	struct aicx_str key_id, private_key, api_key, broker;
};

static const struct field file_fields[] = {
	FIELD(struct file, agent_id, "agent_id", FIELD_ID,
	    .flags = FIELDF_REQUIRED),
	FIELD(
	    struct file, key_id, "key_id", FIELD_STR, .flags = FIELDF_REQUIRED),
	FIELD(struct file, private_key, "private_key", FIELD_STR,
	    .flags = FIELDF_REQUIRED),
	FIELD(struct file, api_key, "api_key", FIELD_STR),
	FIELD(struct file, broker, "broker", FIELD_STR, .min = 1, .max = 2048),
	FIELD_END,
};

static aicx_err
refuse(struct aicx_error *reterr, const char *field, const char *why)
{
	return err_field(reterr, AICX_EINVAL, "malformed", field,
	    "cannot read identity: \"%s\" %s", field + 1, why);
}

static void
key_id_of_seed(const uint8_t seed[KEY_BYTES], char ret_id[KEY_ID_TEXT + 1])
{
	struct sign_key *key = sign_key_new(seed);

	memcpy(ret_id, sign_key_id(key), KEY_ID_TEXT + 1);
	sign_key_free(key);
}

static aicx_err
take(const struct file *file, struct identity *ret, struct aicx_error *reterr)
{
	char key_id[KEY_ID_TEXT + 1];

	if (!b64_parse(file->private_key, ret->seed, KEY_BYTES))
		return refuse(
		    reterr, "/private_key", "is not base64url of 32 bytes");
	key_id_of_seed(ret->seed, key_id);
	if (!str_is(file->key_id, key_id))
		return refuse(
		    reterr, "/key_id", "is not that of \"private_key\"");
	if (file->api_key.ptr != NULL && !api_key_is_valid(file->api_key))
		return refuse(reterr, "/api_key", "is not an API key");
	ret->agent_id = file->agent_id;
	ret->api_key = file->api_key;
	ret->broker = file->broker;
	return AICX_OK;
}

aicx_err
identity_parse(struct aicx_str text, struct arena *arena, struct identity *ret,
    struct aicx_error *reterr)
{
	struct identity identity = { 0 };
	struct file file;
	struct json doc;

	aicx_err err = json_parse(text, arena, &doc, reterr);
	if (err == AICX_OK)
		err = field_parse(file_fields, json_root(&doc), NULL, true,
		    arena, &file, sizeof file, reterr);
	if (err == AICX_OK)
		err = take(&file, &identity, reterr);
	if (err == AICX_OK)
		*ret = identity;
	mem_wipe(&identity, sizeof identity);
	return err;
}

void
identity_print(struct buf *buf, const struct identity *identity)
{
	char key_id[KEY_ID_TEXT + 1], seed[B64_LEN(KEY_BYTES)];
	struct json_writer w = json_writer(buf);

	key_id_of_seed(identity->seed, key_id);
	b64_print(identity->seed, KEY_BYTES, seed);
	struct file file = {
		.agent_id = identity->agent_id,
		.key_id = str_of(key_id),
		.private_key = { seed, sizeof seed },
		.api_key = identity->api_key,
		.broker = identity->broker,
	};
	json_open(&w, '{');
	field_print(file_fields, &file, NULL, &w);
	json_close(&w);
	buf_char(buf, '\n');
	mem_wipe(seed, sizeof seed);
}
