/* SPDX-License-Identifier: Apache-2.0 */
/* table.c - a JSON result for people: lists as tables, objects as lines. */
#include "cli/table.h"

#include <string.h>

#include "base/json.h"
#include "base/str.h"

enum { COLUMNS_MAX = 16, LINES_MAX = 500 };

struct columns {
	struct aicx_str path[COLUMNS_MAX], head[COLUMNS_MAX];
	size_t width[COLUMNS_MAX];
	size_t n;
};

/* Characters on a terminal: continuation bytes take no room. */
static size_t
width_of(struct aicx_str text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++)
		n += (text.ptr[i] & 0xC0) != 0x80;
	return n;
}

/* Control characters would let a stranger's text move the cursor. */
static struct aicx_str
harmless(struct aicx_str text, struct arena *arena)
{
	char *copy = arena_new(arena, text.len + 1);

	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];
		copy[i] = c < 0x20 || c == 0x7F ? ' ' : (char)c;
	}
	/* U+0080 to U+009F are controls too: C2 80 to C2 9F. */
	for (size_t i = 0; i + 1 < text.len; i++)
		if ((uint8_t)copy[i] == 0xC2 && (uint8_t)copy[i + 1] < 0xA0)
			copy[i] = copy[i + 1] = ' ';
	return (struct aicx_str) { copy, text.len };
}

static struct aicx_str
cell_text(struct json_ref value, struct arena *arena)
{
	struct aicx_str amount = json_str(json_get(value, "amount"), arena);
	struct aicx_str code = json_str(json_get(value, "currency"), arena);
	struct aicx_str text = json_raw(value);

	if (!json_has(value) || json_type(value) == JSON_NULL)
		text = STR("-");
	else if (json_type(value) == JSON_STRING)
		text = json_str(value, arena);
	else if (amount.ptr != NULL && code.ptr != NULL)
		text = arena_printf(
		    arena, "%.*s %.*s", STR_ARG(amount), STR_ARG(code));
	return harmless(text, arena);
}

/* "pricing.base_cost"; a number names an element of an array. */
static struct json_ref
value_at(struct json_ref row, struct aicx_str path, struct arena *arena)
{
	while (path.ptr != NULL) {
		struct aicx_str name = str_cut(path, '.', &path);
		int64_t index;
		if (json_type(row) == JSON_ARRAY && str_int(name, &index))
			row = json_at(row, (size_t)index);
		else
			row = json_get(row,
			    arena_printf(arena, "%.*s", STR_ARG(name)).ptr);
	}
	return row;
}

static struct columns
columns_of(const char *names)
{
	struct columns columns = { .n = 0 };
	struct aicx_str rest = str_of(names);

	while (rest.ptr != NULL && columns.n < COLUMNS_MAX) {
		struct aicx_str path;
		struct aicx_str head =
		    str_cut(str_cut(rest, ' ', &rest), '=', &path);
		columns.head[columns.n] = head;
		columns.path[columns.n++] = path.ptr ? path : head;
	}
	return columns;
}

static void
put_cell(struct buf *buf, struct aicx_str text, size_t width, bool last)
{
	buf_str(buf, text);
	for (size_t n = width_of(text); !last && n < width + 2; n++)
		buf_char(buf, ' ');
}

/* In capitals, dots and underscores as blanks. */
static struct aicx_str
head_text(struct aicx_str name, struct arena *arena)
{
	char *copy = arena_new(arena, name.len + 1);

	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];
		copy[i] = c == '_' || c == '.' ? ' '
		    : c >= 'a' && c <= 'z'     ? (char)(c - 'a' + 'A')
					       : c;
	}
	return (struct aicx_str) { copy, name.len };
}

static void
widen(size_t *width, struct aicx_str text)
{
	size_t n = width_of(text);

	if (n > *width)
		*width = n;
}

static void
put_table(struct buf *buf, struct json_ref list, const char *names, bool bold,
    struct arena *arena)
{
	struct columns c = columns_of(names);
	struct json_iter it = json_iter(list);

	for (size_t i = 0; i < c.n; i++)
		widen(&c.width[i], head_text(c.head[i], arena));
	while (json_next(&it))
		for (size_t i = 0; i < c.n; i++)
			widen(&c.width[i],
			    cell_text(
				value_at(it.value, c.path[i], arena), arena));
	buf_text(buf, bold ? "\033[1m" : "");
	for (size_t i = 0; i < c.n; i++)
		put_cell(
		    buf, head_text(c.head[i], arena), c.width[i], i + 1 == c.n);
	buf_text(buf, bold ? "\033[0m\n" : "\n");
	it = json_iter(list);
	while (json_next(&it)) {
		for (size_t i = 0; i < c.n; i++)
			put_cell(buf,
			    cell_text(
				value_at(it.value, c.path[i], arena), arena),
			    c.width[i], i + 1 == c.n);
		buf_char(buf, '\n');
	}
}

/* One member of an object; its path is what stands before the value. */
struct line {
	struct aicx_str path, value;
};

struct lines {
	struct line list[LINES_MAX];
	size_t n, width;
};

/* Objects inside are taken apart: "balance.available". */
static void
lines_add(struct lines *lines, struct json_ref object, const char *prefix,
    struct arena *arena)
{
	struct json_iter it = json_iter(object);

	while (json_next(&it) && lines->n < LINES_MAX) {
		struct aicx_str path = arena_printf(arena, "%s%.*s", prefix,
		    STR_ARG(harmless(json_str(it.name, arena), arena)));
		bool is_money = json_has(json_get(it.value, "currency")) &&
		    json_len(it.value) == 2;
		if (json_type(it.value) == JSON_OBJECT && !is_money) {
			lines_add(lines, it.value,
			    arena_printf(arena, "%.*s.", STR_ARG(path)).ptr,
			    arena);
			continue;
		}
		widen(&lines->width, path);
		lines->list[lines->n++] =
		    (struct line) { path, cell_text(it.value, arena) };
	}
}

static void
put_lines(
    struct buf *buf, struct json_ref object, bool bold, struct arena *arena)
{
	struct lines *lines = arena_new(arena, sizeof *lines);

	lines_add(lines, object, "", arena);
	for (size_t i = 0; i < lines->n; i++) {
		buf_text(buf, bold ? "\033[1m" : "");
		put_cell(buf, lines->list[i].path, lines->width, false);
		buf_text(buf, bold ? "\033[0m" : "");
		buf_str(buf, lines->list[i].value);
		buf_char(buf, '\n');
	}
}

/* The list that a result is about: its first array member whose elements are
   objects; an empty array counts. */
static struct json_ref
list_of(struct json_ref root)
{
	struct json_iter it = json_iter(root);

	if (json_type(root) == JSON_ARRAY)
		return root;
	while (json_type(root) == JSON_OBJECT && json_next(&it))
		if (json_type(it.value) == JSON_ARRAY &&
		    (json_len(it.value) == 0 ||
			json_type(json_at(it.value, 0)) == JSON_OBJECT))
			return it.value;
	return (struct json_ref) { 0 };
}

void
table_print(
    struct buf *buf, struct aicx_str json, const char *columns, bool bold)
{
	struct arena arena = { 0 };
	struct json doc;

	if (json_parse(json, &arena, &doc, NULL) != AICX_OK) {
		buf_str(buf, json);
		arena_fini(&arena);
		return;
	}
	struct json_ref root = json_root(&doc), list = list_of(root);
	if (columns != NULL && json_has(list) && json_len(list) == 0)
		buf_text(buf, "none\n");
	else if (columns != NULL && json_has(list))
		put_table(buf, list, columns, bold, &arena);
	else if (json_type(root) == JSON_OBJECT)
		put_lines(buf, root, bold, &arena);
	else
		buf_printf(buf, "%.*s\n", STR_ARG(cell_text(root, &arena)));
	arena_fini(&arena);
}
