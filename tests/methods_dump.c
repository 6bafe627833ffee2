/* SPDX-License-Identifier: Apache-2.0 */
/*
 * methods_dump.c - what abi/wire says of the methods, printed from the route
 * table itself: `methods` is methods.json, `permissions` is permissions.md,
 * `openapi` is openapi.json as gateway_rest serves it.
 * Without a word it is a test: the files must say what the table says
 * (`make methods` writes them anew).
 *
 * A layout of our own keeps a change of one parameter a change of one line.
 */
#include "base/mem.h"
#include "base/str.h"
#include "broker/inside.h"
#include "broker/results.h"
#include "gateway_rest/openapi.h"
#include "security/access.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MAX_CHARS = 100, INDENT = 2 };

/* --- layout ---------------------------------------------------------- */

/* The length of the JSON value at the start of a compact text. */
static size_t
value_len(const char *at)
{
	const char *start = at;
	int depth = 0;
	bool quoted = false;

	for (;; at++) {
		if (quoted) {
			if (*at == '\\')
				at++;
			else if (*at == '"')
				quoted = false;
		} else if (*at == '"')
			quoted = true;
		else if (*at == '{' || *at == '[')
			depth++;
		else if (*at == '}' || *at == ']')
			depth--;
		if (quoted || depth > 0)
			continue;
		char next = at[1];
		if (next == '\0' || strchr(",:}]", next) != NULL)
			return (size_t)(at + 1 - start);
	}
}

static void
put_indent(struct buf *out, int depth)
{
	buf_printf(out, "\n%*s", depth * INDENT, "");
}

/* One value on one line where it fits, else its members on lines of their own.
   column: where the value begins. */
static void
put_value(struct buf *out, const char *at, int depth, size_t column)
{
	size_t len = value_len(at);

	if ((*at != '{' && *at != '[') || column + len < LINE_MAX_CHARS) {
		buf_str(out, (struct aicx_str) { at, len });
		return;
	}
	const char *end = at + len - 1;
	bool named = *at == '{';
	buf_put(out, at++, 1);
	while (at < end) {
		put_indent(out, depth + 1);
		column = (size_t)(depth + 1) * INDENT;
		if (named) {
			len = value_len(at);
			buf_str(out, (struct aicx_str) { at, len });
			buf_text(out, ": ");
			at += len + 1;
			column += len + 2;
		}
		put_value(out, at, depth + 1, column);
		at += value_len(at);
		if (*at == ',')
			buf_put(out, at++, 1);
	}
	put_indent(out, depth);
	buf_put(out, end, 1);
}

/* --- methods.json ---------------------------------------------------- */

static void
put_text(struct json_writer *w, const char *name, const char *value)
{
	json_key(w, name);
	json_put_text(w, value);
}

static void
put_route(struct json_writer *w, const struct route *route)
{
	const char *permission = permission_name(route->permission);

	json_open(w, '{');
	put_text(w, "method", route->method.name);
	put_text(w, "summary", route->method.summary);
	put_text(w, "permission", *permission ? permission : "public");
	if (route->method.rest != NULL)
		put_text(w, "rest", route->method.rest);
	json_key(w, "success");
	json_put_int(w, route->method.success);
	json_key(w, "durable");
	json_put_bool(w, route->durable);
	put_text(w, "answer",
	    route->content_type ? route->content_type : "application/json");
	json_key(w, "params");
	if (route->method.raw_body)
		json_put_null(w);
	else
		field_schema(route->params, w);
	json_key(w, "result");
	if (results_find(route->method.name) == NULL)
		json_put_null(w);
	else
		field_schema(results_find(route->method.name), w);
	json_close(w);
}

static void
print_methods(struct buf *out)
{
	struct buf compact = { 0 };
	struct json_writer w = json_writer(&compact);

	json_open(&w, '{');
	put_text(&w, "version", "1.0");
	json_key(&w, "methods");
	json_open(&w, '[');
	for (size_t i = 0; i < n_routes; i++)
		put_route(&w, &routes[i]);
	json_close(&w);
	json_close(&w);
	put_value(out, buf_cstr(&compact), 0, 0);
	buf_text(out, "\n");
	buf_fini(&compact);
}

/* --- permissions.md -------------------------------------------------- */

static void
put_header(struct buf *out)
{
	buf_text(out, "| method | permission |");
	for (int role = 0; role_names[role] != NULL; role++)
		buf_printf(out, " %s |", role_names[role]);
	buf_text(out, "\n|---|---|");
	for (int role = 0; role_names[role] != NULL; role++)
		buf_text(out, ":-:|");
	buf_text(out, "\n");
}

static void
print_permissions(struct buf *out)
{
	buf_text(out,
	    "# Who may call what\n\n"
	    "Printed from the route table by `make methods`; do not edit.\n"
	    "Beyond this an agent reaches only what is its own, or of an "
	    "agent\n"
	    "that it owns; auditors see everything, and the operator acts for\n"
	    "everybody.\n\n");
	put_header(out);
	for (size_t i = 0; i < n_routes; i++) {
		const char *name = permission_name(routes[i].permission);
		buf_printf(out, "| %s | %s |", routes[i].method.name,
		    *name ? name : "public");
		for (int role = 0; role_names[role] != NULL; role++)
			buf_text(out,
			    role_allows((enum role)role, routes[i].permission)
				? " yes |"
				: " - |");
		buf_text(out, "\n");
	}
}

/* --- openapi.json ---------------------------------------------------- */

static void
print_openapi(struct buf *out)
{
	struct broker *broker =
	    MEM_NEW(struct broker); /* of it only the doors */
	size_t n_methods = 0;
	const struct aicx_method *const *methods =
	    doors_methods(broker, &n_methods);
	char *compact = openapi_print(methods, n_methods, NULL);

	put_value(out, compact, 0, 0);
	buf_text(out, "\n");
	free(compact);
	doors_free(broker->doors);
	free(broker);
}

/* --- the test -------------------------------------------------------- */

static void
read_file(struct buf *out, const char *path)
{
	FILE *file = fopen(path, "r");
	size_t n;

	if (file == NULL)
		return;
	while ((n = fread(buf_room(out, 4096), 1, 4096, file)) > 0)
		out->len += n;
	(void)fclose(file);
}

/* 0 or 1, as an exit code counts. */
static int
compare(const char *name, void (*print)(struct buf *))
{
	const char *src = getenv("AICX_SRC");
	struct buf path = { 0 }, is = { 0 }, should_be = { 0 };

	buf_printf(&path, "%s/abi/wire/%s", src ? src : ".", name);
	read_file(&is, buf_cstr(&path));
	print(&should_be);
	bool same = str_eq(buf_view(&is), buf_view(&should_be));
	(void)printf("%s - abi/wire/%s says what the route table says%s\n",
	    same ? "ok" : "not ok", name, same ? "" : ": run `make methods`");
	buf_fini(&path);
	buf_fini(&is);
	buf_fini(&should_be);
	return same ? 0 : 1;
}

int
main(int argc, char **argv)
{
	struct buf out = { 0 };

	if (argc < 2)
		return compare("methods.json", print_methods) |
		    compare("permissions.md", print_permissions) |
		    compare("openapi.json", print_openapi);
	if (strcmp(argv[1], "methods") == 0)
		print_methods(&out);
	else if (strcmp(argv[1], "permissions") == 0)
		print_permissions(&out);
	else if (strcmp(argv[1], "openapi") == 0)
		print_openapi(&out);
	else {
		(void)fprintf(stderr,
		    "usage: methods_dump [methods | permissions | openapi]\n");
		return 2;
	}
	(void)fputs(buf_cstr(&out), stdout);
	buf_fini(&out);
	return 0;
}
