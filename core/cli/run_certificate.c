/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run_certificate.c - certificates: an agent's, which the broker issues for a
 * key made here, and a server's own for a first start.
 */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/call.h"
#include "cli/file.h"
#include "cli/outside.h"
#include "cli/params.h"
#include "cli/run.h"
#include "protocol/certificate.h"

#define DAY_MS INT64_C(86400000)

enum { DAYS = 365, EARLY_MS = 3600000 };

static void
wipe(struct buf *buf)
{
	if (buf->ptr != NULL)
		mem_wipe(buf->ptr, buf->len);
	buf_fini(buf);
}

/* --- an agent's ------------------------------------------------------- */

/* What the broker answered, and the key before it, into one file. */
static aicx_err
keep(struct aicx_str result, const struct buf *key, const char *path,
    struct aicx_error *reterr)
{
	struct arena arena = { 0 };
	AUTO(wipe) struct buf text = { 0 };
	struct aicx_str pem = { 0 };
	struct json doc;
	aicx_err err = json_parse(result, &arena, &doc, reterr);

	if (err == AICX_OK)
		pem =
		    json_str(json_get(json_root(&doc), "certificate"), &arena);
	if (err == AICX_OK && pem.ptr == NULL)
		err = err_word(reterr, AICX_EINVAL, "malformed",
		    "the broker's answer holds no certificate");
	buf_str(&text, buf_view(key));
	buf_str(&text, pem);
	if (err == AICX_OK)
		err = file_create(path, 0600, buf_view(&text), reterr);
	arena_fini(&arena);
	return err;
}

static aicx_err
print_request(struct invocation *inv, const struct buf *key, struct buf *out,
    struct aicx_error *reterr)
{
	AUTO(buf_fini) struct buf request = { 0 };
	struct json_writer w = json_writer(out);
	aicx_err err = certificate_request(buf_view(key), &request, reterr);

	json_open(&w, '{');
	json_key(&w, "kind");
	json_put_text(&w, "certificate");
	json_key(&w, "request");
	json_put_str(&w, buf_view(&request));
	if (err == AICX_OK)
		err = params_put(inv, &w, reterr);
	json_close(&w);
	return err;
}

int
run_certificate_new(struct invocation *inv)
{
	AUTO(wipe) struct buf key = { 0 };
	AUTO(buf_fini) struct buf params = { 0 };
	AUTO(buf_fini) struct buf result = { 0 };
	const char *path = invocation_value(inv, "save");
	struct aicx_error why = { 0 };
	struct call call = { .route = &inv->words->verb->route };

	certificate_key_new(&key);
	aicx_err err = print_request(inv, &key, &params, &why);
	call.params = buf_view(&params);
	if (err == AICX_OK)
		err = call_broker(inv, &call, &result, &why);
	if (err == AICX_OK)
		err = keep(buf_view(&result), &key, path, &why);
	if (err != AICX_OK)
		return invocation_fail(&why);
	(void)printf("%s\n", path);
	return STATUS_OK;
}

/* --- a server's ------------------------------------------------------- */

static aicx_err
self_write(const char *names, const char *stem, struct aicx_error *reterr)
{
	AUTO(wipe) struct buf key = { 0 };
	AUTO(buf_fini) struct buf pem = { 0 };
	AUTO(buf_fini) struct buf path = { 0 };
	int64_t now_ms = outside_wall_ms();

	certificate_key_new(&key);
	aicx_err err = certificate_self(buf_view(&key), names,
	    now_ms - EARLY_MS, now_ms + DAYS * DAY_MS, &pem, reterr);
	buf_printf(&path, "%s.key", stem);
	if (err == AICX_OK)
		err =
		    file_create(buf_cstr(&path), 0600, buf_view(&key), reterr);
	buf_clear(&path);
	buf_printf(&path, "%s.pem", stem);
	if (err == AICX_OK)
		err =
		    file_create(buf_cstr(&path), 0644, buf_view(&pem), reterr);
	return err;
}

int
run_certificate_self(struct invocation *inv)
{
	const char *names = invocation_value(inv, "NAMES");
	const char *stem = invocation_value(inv, "save");
	struct aicx_error why = { 0 };

	if (names == NULL)
		names = "localhost,127.0.0.1,::1";
	if (stem == NULL)
		stem = "server";
	if (self_write(names, stem, &why) != AICX_OK)
		return invocation_fail(&why);
	(void)printf("certificate = %s.pem\nkey = %s.key\n", stem, stem);
	return STATUS_OK;
}
