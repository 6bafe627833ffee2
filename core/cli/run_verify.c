/* SPDX-License-Identifier: Apache-2.0 */
/* run_verify.c - aicx verify: reads the file and the trusted keys, prints the
   report.  The judging is in verify.c. */
#include <stdio.h>
#include <string.h>

#include "base/b64.h"
#include "base/err.h"
#include "base/id.h"
#include "base/json.h"
#include "base/str.h"
#include "cli/file.h"
#include "cli/run.h"
#include "cli/verify.h"

enum { TRUST_BYTES_MAX = 64 * 1024 };

/* {"public_key","broker_id"?} as /.well-known/aiconexus prints it. */
static bool
trusted_from_json(
    struct aicx_str text, struct arena *arena, struct trusted *ret)
{
	struct json doc;

	if (json_parse(text, arena, &doc, NULL) != AICX_OK)
		return false;
	struct json_ref root = json_root(&doc);
	struct aicx_str key = json_str(json_get(root, "public_key"), arena);
	if (key.ptr == NULL)
		key = json_str(json_get(root, "broker_key"), arena);
	(void)id_parse(
	    json_str(json_get(root, "broker_id"), arena), &ret->broker_id);
	return b64_parse(key, ret->key, KEY_BYTES);
}

/* A line of known_brokers, or a key alone. */
static bool
trusted_from_line(struct aicx_str line, struct trusted *ret)
{
	struct aicx_str rest, id;

	if (b64_parse(line, ret->key, KEY_BYTES))
		return true;
	(void)str_cut(line, ' ', &rest);
	id = str_cut(str_trim(rest), ' ', &rest);
	return id_parse(id, &ret->broker_id) &&
	    b64_parse(str_trim(rest), ret->key, KEY_BYTES);
}

static struct aicx_str
strip(struct aicx_str text)
{
	while (text.len > 0 && strchr(" \t\r\n", text.ptr[text.len - 1]))
		text.len--;
	return text;
}

static aicx_err
trust_file(struct invocation *inv, const char *path, struct trust *trust,
    struct aicx_error *reterr)
{
	struct trusted *one = arena_new(&inv->arena, sizeof *one);
	struct buf text = { 0 };

	aicx_err err = file_read(path, TRUST_BYTES_MAX, &text, reterr);
	if (err == AICX_OK &&
	    !trusted_from_json(buf_view(&text), &inv->arena, one) &&
	    !trusted_from_line(strip(buf_view(&text)), one))
		err = err_word(reterr, AICX_EINVAL, "usage",
		    "\"%s\" holds no public key: it is base64url of 32 bytes, "
		    "or what the broker shows at /.well-known/aiconexus",
		    path);
	buf_fini(&text);
	one->source = arena_printf(&inv->arena, "%s", path);
	*trust = (struct trust) { one, 1, true };
	return err;
}

static aicx_err
trust_pins(
    struct invocation *inv, struct trust *trust, struct aicx_error *reterr)
{
	struct pins pins;

	aicx_err err = invocation_pins(inv, &pins, reterr);
	if (err != AICX_OK)
		return err;
	struct trusted *list =
	    arena_new(&inv->arena, (pins.n + 1) * sizeof *list);
	for (size_t i = 0; i < pins.n; i++) {
		list[i].broker_id = pins.list[i].broker_id;
		list[i].source = arena_printf(
		    &inv->arena, "%s:%d", pins.path, pins.list[i].line);
		memcpy(list[i].key, pins.list[i].key, KEY_BYTES);
	}
	*trust = (struct trust) { list, pins.n, false };
	return AICX_OK;
}

static void
print_line(struct aicx_str line, bool color)
{
	const char *before = "";

	if (color && str_starts(line, "ok "))
		before = "\033[32m";
	else if (color &&
	    (str_starts(line, "BAD ") || str_starts(line, "broken")))
		before = "\033[31m";
	(void)printf(
	    "%s%.*s%s\n", before, STR_ARG(line), before[0] ? "\033[0m" : "");
}

static void
print_report(
    const struct invocation *inv, struct aicx_str report, enum verdict verdict)
{
	static const char *const names[] = { "good", "broken", "unreadable",
		"unknown_key" };
	struct buf text = { 0 };
	struct json_writer w = json_writer(&text);

	json_open(&w, '{');
	json_key(&w, "verdict");
	json_put_text(&w, names[verdict]);
	json_key(&w, "status");
	json_put_int(&w, verdict);
	json_key(&w, "lines");
	json_open(&w, '[');
	while (report.len > 0) {
		struct aicx_str line = str_cut(report, '\n', &report);
		json_put_str(&w, line);
		if (!inv->json)
			print_line(line, inv->color_out);
	}
	json_close(&w);
	json_close(&w);
	if (inv->json)
		(void)printf("%s\n", buf_cstr(&text));
	buf_fini(&text);
}

int
run_verify(struct invocation *inv)
{
	const char *path = invocation_value(inv, "trust");
	struct buf text = { 0 }, report = { 0 };
	struct aicx_error why = { 0 };
	struct trust trust = { 0 };
	enum verdict verdict = VERDICT_UNREADABLE;

	aicx_err err = path != NULL ? trust_file(inv, path, &trust, &why)
				    : trust_pins(inv, &trust, &why);
	if (err != AICX_OK)
		return invocation_fail(&why);
	err = file_read(
	    invocation_value(inv, "FILE"), FILE_BYTES_MAX, &text, &why);
	if (err == AICX_OK) {
		verdict = verify_text(buf_view(&text), &trust, &report);
		print_report(inv, buf_view(&report), verdict);
	} else {
		(void)invocation_fail(&why);
	}
	buf_fini(&text);
	buf_fini(&report);
	return (int)verdict;
}
