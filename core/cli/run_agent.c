/* SPDX-License-Identifier: Apache-2.0 */
/* run_agent.c - identities: made and registered. */
#include <string.h>

#include "base/b64.h"
#include "base/err.h"
#include "base/id.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/call.h"
#include "cli/file.h"
#include "cli/offering.h"
#include "cli/params.h"
#include "cli/run.h"

static void
print_self(const struct invocation *inv, const struct self *self)
{
	char public_key[B64_LEN(KEY_BYTES) + 1] = "";
	struct buf text = { 0 };
	struct json_writer w = json_writer(&text);

	b64_print(sign_key_public(self->key), KEY_BYTES, public_key);
	json_open(&w, '{');
	json_key(&w, "agent_id");
	json_put_id(&w, &self->agent_id);
	json_key(&w, "key_id");
	json_put_text(&w, sign_key_id(self->key));
	json_key(&w, "public_key");
	json_put_text(&w, public_key);
	json_key(&w, "identity");
	json_put_text(&w, inv->self_path);
	json_close(&w);
	run_print_result(inv, buf_view(&text));
	buf_fini(&text);
}

int
run_agent_keygen(struct invocation *inv)
{
	struct aicx_error why = { 0 };
	struct self self;

	aicx_err err =
	    self_generate(inv->self_path, inv->url.origin, &self, &why);
	if (err != AICX_OK)
		return invocation_fail(&why);
	print_self(inv, &self);
	self_fini(&self);
	return STATUS_OK;
}

enum { PASS_MAX = 1024 };

/* What the server wants to see: never on the command line, where others of
   this machine would read it. */
static aicx_err
put_credential(const struct invocation *inv, struct json_writer *w,
    struct aicx_error *reterr)
{
	const char *bearer = invocation_value(inv, "bearer-file");
	const char *key = invocation_value(inv, "api-key-file");
	const char *header = invocation_value(inv, "api-key-header");
	AUTO(buf_fini) struct buf text = { 0 }, value = { 0 };

	if (bearer == NULL && key == NULL)
		return AICX_OK;
	aicx_err err =
	    file_read(bearer != NULL ? bearer : key, PASS_MAX, &text, reterr);
	if (err != AICX_OK)
		return err;
	while (text.len > 0 && strchr(" \r\n", text.ptr[text.len - 1]) != NULL)
		text.len--;
	buf_text(&value, bearer != NULL ? "Bearer " : "");
	buf_str(&value, buf_view(&text));
	json_key(w, "credential");
	json_open(w, '{');
	if (bearer == NULL) {
		json_key(w, "header");
		json_put_text(w, header != NULL ? header : "X-API-Key");
	}
	json_key(w, "value");
	json_put_str(w, buf_view(&value));
	json_close(w);
	mem_wipe(text.ptr, text.len);
	mem_wipe(value.ptr, value.len);
	return AICX_OK;
}

/* With a key alone one registers oneself; with an API key a new agent. */
static aicx_err
print_registration(
    struct invocation *inv, struct buf *out, struct aicx_error *reterr)
{
	const char *endpoint = invocation_value(inv, "endpoint");
	bool by_url = invocation_value(inv, "url") != NULL;
	bool oneself = inv->self.api_key == NULL && inv->self.key != NULL;
	struct json_writer w = json_writer(out);
	struct offering offering;

	aicx_err err = offering_take(inv, &offering, reterr);
	if (err == AICX_OK && offering.name == NULL && !by_url)
		err = err_word(reterr, AICX_EINVAL, "usage",
		    "an agent needs a name: --name NAME");
	if (err != AICX_OK)
		return err;
	if (endpoint == NULL)
		endpoint = by_url ? "http" : oneself ? "session" : "mailbox";
	json_open(&w, '{');
	if (oneself) {
		json_key(&w, "agent_id");
		json_put_id(&w, &inv->self.agent_id);
	}
	err = params_put(inv, &w, reterr);
	if (err == AICX_OK)
		err = put_credential(inv, &w, reterr);
	offering_put_agent(inv, &w, &offering, endpoint);
	json_close(&w);
	return err;
}

int
run_agent_register(struct invocation *inv)
{
	struct buf params = { 0 }, result = { 0 };
	struct aicx_error why = { 0 };
	struct call call = {
		.route = &inv->words->verb->route,
		.key = invocation_value(inv, "key"),
	};

	/* Over a unix socket the operator is known without a file. */
	aicx_err err = inv->url.path[0] != '\0'
	    ? AICX_OK
	    : invocation_need_self(inv, &why);
	if (err == AICX_OK)
		err = print_registration(inv, &params, &why);
	call.params = buf_view(&params);
	if (err == AICX_OK)
		err = call_broker(inv, &call, &result, &why);
	if (err == AICX_OK)
		run_print_result(inv, buf_view(&result));
	buf_fini(&params);
	buf_fini(&result);
	return err == AICX_OK ? STATUS_OK : invocation_fail(&why);
}
