/* SPDX-License-Identifier: Apache-2.0 */
/* run_rights.c - API keys made and rotated; what another agent is let do. */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/id.h"
#include "base/json.h"
#include "base/str.h"
#include "cli/call.h"
#include "cli/params.h"
#include "cli/run.h"

/* --save: the new key as an identity file of its agent. */
static aicx_err
credential_save(struct invocation *inv, struct aicx_str result,
    const char *path, struct aicx_error *reterr)
{
	struct arena arena = { 0 };
	struct aicx_id agent_id = { { 0 } };
	struct aicx_str key = { 0 };
	struct json doc;

	aicx_err err = json_parse(result, &arena, &doc, reterr);
	if (err == AICX_OK)
		key = json_str(json_get(json_root(&doc), "api_key"), &arena);
	if (err == AICX_OK &&
	    (key.ptr == NULL ||
		!id_parse(
		    json_str(json_get(json_root(&doc), "agent_id"), &arena),
		    &agent_id)))
		err = err_word(reterr, AICX_EINVAL, "malformed",
		    "the broker's answer holds no api_key");
	if (err == AICX_OK)
		err = self_save_api_key(
		    path, &agent_id, key, inv->url.origin, reterr);
	arena_fini(&arena);
	return err;
}

/* Sends what put() adds to the verb's own arguments. */
static int
run_with(struct invocation *inv,
    aicx_err (*put)(struct invocation *inv, struct json_writer *w,
	struct aicx_error *reterr),
    const char *save_path)
{
	struct buf params = { 0 }, result = { 0 };
	struct aicx_error why = { 0 };
	struct json_writer w = json_writer(&params);
	struct call call = {
		.route = &inv->words->verb->route,
		.key = invocation_value(inv, "key"),
	};

	json_open(&w, '{');
	aicx_err err = params_put(inv, &w, &why);
	if (err == AICX_OK)
		err = put(inv, &w, &why);
	json_close(&w);
	call.params = buf_view(&params);
	if (err == AICX_OK)
		err = call_broker(inv, &call, &result, &why);
	if (err == AICX_OK && save_path != NULL)
		err = credential_save(inv, buf_view(&result), save_path, &why);
	else if (err == AICX_OK)
		run_print_result(inv, buf_view(&result));
	if (err == AICX_OK && save_path != NULL)
		(void)printf("%s\n", save_path);
	buf_fini(&params);
	buf_fini(&result);
	return err == AICX_OK ? STATUS_OK : invocation_fail(&why);
}

/* --- API keys -------------------------------------------------------- */

static aicx_err
put_kind(
    struct invocation *inv, struct json_writer *w, struct aicx_error *reterr)
{
	(void)reterr;
	if (!invocation_flag(inv, "kind")) {
		json_key(w, "kind");
		json_put_text(w, "api_key");
	}
	return AICX_OK;
}

static aicx_err
put_nothing(
    struct invocation *inv, struct json_writer *w, struct aicx_error *reterr)
{
	(void)inv, (void)w, (void)reterr;
	return AICX_OK;
}

int
run_credential_new(struct invocation *inv)
{
	return run_with(inv, put_kind, invocation_value(inv, "save"));
}

int
run_credential_rotate(struct invocation *inv)
{
	return run_with(inv, put_nothing, invocation_value(inv, "save"));
}

/* --- permissions ----------------------------------------------------- */

/* "deal.read" is resource and action. */
static aicx_err
put_permission(
    struct invocation *inv, struct json_writer *w, struct aicx_error *reterr)
{
	const char *name = invocation_value(inv, "PERMISSION");
	const char *dot = strchr(name, '.');

	if (dot == NULL)
		return err_word(reterr, AICX_EINVAL, "usage",
		    "PERMISSION is \"%s\", not like deal.read", name);
	json_key(w, "resource");
	json_put_str(w, (struct aicx_str) { name, (size_t)(dot - name) });
	json_key(w, "action");
	json_put_text(w, dot + 1);
	return AICX_OK;
}

int
run_permission(struct invocation *inv)
{
	return run_with(inv, put_permission, NULL);
}
