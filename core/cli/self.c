/* SPDX-License-Identifier: Apache-2.0 */
/* self.c - who this client is, from its identity file. */
#include "cli/self.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/id.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/file.h"
#include "cli/outside.h"
#include "protocol/identity.h"

static char *
text_of(struct aicx_str value)
{
	if (value.ptr == NULL || value.len == 0)
		return NULL;
	char *text = mem_new(value.len + 1);
	memcpy(text, value.ptr, value.len);
	return text;
}

/* The file of an agent with an API key only. */
static aicx_err
keyless_parse(struct json_ref root, struct arena *arena, struct self *ret,
    struct aicx_error *reterr)
{
	struct aicx_str agent = json_str(json_get(root, "agent_id"), arena);
	struct aicx_str api_key = json_str(json_get(root, "api_key"), arena);
	struct aicx_str broker = json_str(json_get(root, "broker"), arena);

	if (!id_parse(agent, &ret->agent_id))
		return err_word(reterr, AICX_EINVAL, "malformed",
		    "\"agent_id\" is missing or no UUID");
	if (!str_starts(api_key, "aicx_"))
		return err_word(reterr, AICX_EINVAL, "malformed",
		    "there is neither a \"private_key\" nor an \"api_key\"");
	ret->api_key = text_of(api_key);
	ret->broker = text_of(broker);
	return AICX_OK;
}

static aicx_err
keyed_parse(struct aicx_str text, struct arena *arena, struct self *ret,
    struct aicx_error *reterr)
{
	struct identity identity;

	aicx_err err = identity_parse(text, arena, &identity, reterr);
	if (err != AICX_OK)
		return err;
	ret->agent_id = identity.agent_id;
	ret->key = sign_key_new(identity.seed);
	ret->api_key = text_of(identity.api_key);
	ret->broker = text_of(identity.broker);
	mem_wipe(&identity, sizeof identity);
	return AICX_OK;
}

aicx_err
self_parse(struct aicx_str text, struct self *ret, struct aicx_error *reterr)
{
	struct arena arena = { 0 };
	struct self self = { 0 };
	struct json doc;

	aicx_err err = json_parse(text, &arena, &doc, reterr);
	if (err == AICX_OK) {
		struct json_ref key = json_get(json_root(&doc), "private_key");
		err = json_type(key) == JSON_NULL
		    ? keyless_parse(json_root(&doc), &arena, &self, reterr)
		    : keyed_parse(text, &arena, &self, reterr);
	}
	arena_fini(&arena);
	if (err == AICX_OK)
		*ret = self;
	return err;
}

aicx_err
self_load(const char *path, struct self *ret, bool *ret_exposed,
    struct aicx_error *reterr)
{
	struct buf text = { 0 };
	struct aicx_error why = { 0 };
	struct stat st;

	aicx_err err = file_read(path, IDENTITY_BYTES_MAX, &text, reterr);
	if (err == AICX_OK) {
		err = self_parse(buf_view(&text), ret, &why);
		if (err != AICX_OK)
			(void)err_word(reterr, err, why.word,
			    "cannot use the identity file \"%s\": %s", path,
			    why.text);
	}
	mem_wipe(text.ptr, text.len);
	buf_fini(&text);
	*ret_exposed = stat(path, &st) == 0 && (st.st_mode & 077) != 0;
	return err;
}

aicx_err
self_generate(const char *path, const char *broker, struct self *ret,
    struct aicx_error *reterr)
{
	struct identity identity = {
		.agent_id = outside_id(),
		.broker = str_of(broker),
	};
	struct buf text = { 0 };

	outside_random(identity.seed, sizeof identity.seed);
	identity_print(&text, &identity);
	aicx_err err = file_create(path, 0600, buf_view(&text), reterr);
	if (err == AICX_OK)
		*ret = (struct self) {
			.agent_id = identity.agent_id,
			.key = sign_key_new(identity.seed),
			.broker = broker ? mem_strdup(broker) : NULL,
		};
	mem_wipe(text.ptr, text.len);
	mem_wipe(&identity, sizeof identity);
	buf_fini(&text);
	return err;
}

aicx_err
self_save_api_key(const char *path, const struct aicx_id *agent_id,
    struct aicx_str api_key, const char *broker, struct aicx_error *reterr)
{
	struct buf text = { 0 };
	struct json_writer w = json_writer(&text);

	json_open(&w, '{');
	json_key(&w, "agent_id");
	json_put_id(&w, agent_id);
	json_key(&w, "api_key");
	json_put_str(&w, api_key);
	if (broker != NULL) {
		json_key(&w, "broker");
		json_put_text(&w, broker);
	}
	json_close(&w);
	buf_char(&text, '\n');
	aicx_err err = file_create(path, 0600, buf_view(&text), reterr);
	mem_wipe(text.ptr, text.len);
	buf_fini(&text);
	return err;
}

void
self_fini(struct self *self)
{
	sign_key_free(self->key);
	if (self->api_key != NULL)
		mem_wipe(self->api_key, strlen(self->api_key));
	free(self->api_key);
	free(self->broker);
	*self = (struct self) { 0 };
}
