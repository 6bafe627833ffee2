/* SPDX-License-Identifier: Apache-2.0 */
/* call_target.c - a method's parameters as REST path, query and body. */
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "cli/call.h"
#include "cli/http.h"

/* How a value stands in a path or query: strings bare, money as people write
   it, everything else as its JSON. */
static struct aicx_str
bare(struct json_ref value, struct arena *arena)
{
	struct aicx_str amount = json_str(json_get(value, "amount"), arena);
	struct aicx_str code = json_str(json_get(value, "currency"), arena);

	if (json_type(value) == JSON_STRING)
		return json_str(value, arena);
	if (amount.ptr != NULL && code.ptr != NULL)
		return arena_printf(
		    arena, "%.*s %.*s", STR_ARG(amount), STR_ARG(code));
	return json_raw(value);
}

static bool
in_path(const char *path, struct aicx_str name)
{
	for (const char *at = path; (at = strchr(at, '{')) != NULL; at++)
		if (strncmp(at + 1, name.ptr, name.len) == 0 &&
		    at[1 + name.len] == '}')
			return true;
	return false;
}

static aicx_err
put_path(const char *path, struct json_ref params, struct arena *arena,
    struct buf *out, struct aicx_error *reterr)
{
	while (*path != '\0') {
		const char *end = *path == '{' ? strchr(path, '}') : NULL;
		if (end == NULL) {
			buf_char(out, *path++);
			continue;
		}
		struct aicx_str name = arena_printf(
		    arena, "%.*s", (int)(end - path - 1), path + 1);
		struct json_ref value = json_get(params, name.ptr);
		if (!json_has(value))
			return err_word(reterr, AICX_EINVAL, "usage",
			    "the parameter \"%s\" is missing", name.ptr);
		http_put_escaped(out, bare(value, arena));
		path = end + 1;
	}
	return AICX_OK;
}

static void
put_query(struct aicx_str name, struct json_ref value, struct arena *arena,
    bool *any, struct buf *out)
{
	struct json_iter it = json_iter(value);

	if (json_type(value) == JSON_ARRAY) {
		while (json_next(&it))
			put_query(name, it.value, arena, any, out);
		return;
	}
	buf_char(out, *any ? '&' : '?');
	*any = true;
	http_put_escaped(out, name);
	buf_char(out, '=');
	http_put_escaped(out, bare(value, arena));
}

static void
put_rest(const struct route *route, struct json_ref params, struct arena *arena,
    struct buf *target, struct buf *body)
{
	bool has_body = strcmp(route->http, "GET") != 0 &&
	    strcmp(route->http, "DELETE") != 0;
	struct json_writer w = json_writer(body);
	struct json_iter it = json_iter(params);
	bool any = false;

	if (has_body)
		json_open(&w, '{');
	while (json_next(&it)) {
		struct aicx_str name = json_str(it.name, arena);
		if (in_path(route->path, name))
			continue;
		if (!has_body) {
			put_query(name, it.value, arena, &any, target);
			continue;
		}
		json_key_str(&w, name);
		json_put_raw(&w, json_raw(it.value));
	}
	if (has_body)
		json_close(&w);
}

aicx_err
call_target(const struct route *route, struct aicx_str params,
    struct buf *ret_target, struct buf *ret_body, struct aicx_error *reterr)
{
	struct arena arena = { 0 };
	struct json doc;

	aicx_err err = json_parse(params, &arena, &doc, reterr);
	if (err == AICX_OK)
		err = put_path(
		    route->path, json_root(&doc), &arena, ret_target, reterr);
	if (err == AICX_OK)
		put_rest(route, json_root(&doc), &arena, ret_target, ret_body);
	arena_fini(&arena);
	return err;
}
