/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_json.c - the scanner and the parser on any bytes: they accept the same
 * objects, and what was accepted prints and parses as the same again.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"

struct rewriter {
	struct json_writer w;
	struct arena *arena;
};

static void
rewrite(struct rewriter *to, struct json_ref ref)
{
	struct json_iter iter = json_iter(ref);
	enum json_type type = json_type(ref);

	if (type == JSON_STRING) {
		json_put_str(&to->w, json_str(ref, to->arena));
		return;
	}
	if (type != JSON_ARRAY && type != JSON_OBJECT) {
		json_put_raw(&to->w, json_raw(ref));
		return;
	}
	json_open(&to->w, type == JSON_OBJECT ? '{' : '[');
	while (json_next(&iter)) {
		if (json_has(iter.name))
			json_key_str(&to->w, json_str(iter.name, to->arena));
		rewrite(to, iter.value);
	}
	json_close(&to->w);
}

/* The text written anew is stable and has as many values. */
static void
check_rewriting(const struct json *doc, struct arena *arena)
{
	struct buf once = { 0 }, twice = { 0 };
	struct rewriter to = { json_writer(&once), arena };
	struct json again;

	rewrite(&to, json_root(doc));
	ENSURE(json_parse(buf_view(&once), arena, &again, NULL) == AICX_OK);
	ENSURE(again.n_nodes == doc->n_nodes);
	to.w = json_writer(&twice);
	rewrite(&to, json_root(&again));
	ENSURE(str_eq(buf_view(&once), buf_view(&twice)));
	buf_fini(&once);
	buf_fini(&twice);
}

/* Whether some object below the top level, and outside "payload", may hold a
   repeat: only there the scanner is allowed to be more lenient. */
static bool
refused_for_repeat(const struct aicx_error *err)
{
	return strstr(err->text, "repeated member") != NULL;
}

struct members {
	const struct json *doc; /* NULL: the parser refused the text */
	struct json_iter iter;
};

/* The scanner tells the parser's members, in order. */
static aicx_err
on_member(struct aicx_str name, enum json_type type, struct aicx_str value,
    void *arg, struct aicx_error *reterr)
{
	struct members *members = arg;

	(void)reterr;
	if (members->doc == NULL)
		return AICX_OK;
	ENSURE(json_next(&members->iter));
	struct aicx_str literal = json_raw(members->iter.name);
	ENSURE(literal.ptr + 1 == name.ptr && literal.len == name.len + 2);
	ENSURE(json_raw(members->iter.value).ptr == value.ptr);
	ENSURE(json_raw(members->iter.value).len == value.len);
	ENSURE(json_type(members->iter.value) == type);
	return AICX_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct aicx_str text = { (const char *)data, size };
	struct arena arena = { 0 };
	struct json doc;
	struct aicx_error err = { 0 }, scan_err = { 0 };
	struct members members = { 0 };

	bool parsed = json_parse(text, &arena, &doc, &err) == AICX_OK;
	if (parsed) {
		members.doc = &doc;
		members.iter = json_iter(json_root(&doc));
		check_rewriting(&doc, &arena);
	}
	bool scanned = json_scan(text, "payload", on_member, &members,
			   &scan_err) == AICX_OK;
	if (parsed)
		ENSURE(scanned == (json_type(json_root(&doc)) == JSON_OBJECT));
	if (parsed && scanned)
		ENSURE(!json_next(&members.iter));
	if (scanned && !parsed)
		ENSURE(refused_for_repeat(&err));
	ENSURE(str_is_utf8(str_of(err.text)));
	ENSURE(parsed || strcmp(err.word, "malformed") == 0);
	arena_fini(&arena);
	return 0;
}
