/* SPDX-License-Identifier: Apache-2.0 */
/* json_ref.c - looking into a parsed document. */
#include <endian.h>
#include <stdint.h>
#include <string.h>

#include "base/json.h"
#include "base/str.h"

static const struct json_ref absent;

static const struct json_node *
node_of(struct json_ref ref)
{
	return &ref.doc->nodes[ref.node];
}

struct json_ref
json_root(const struct json *doc)
{
	return doc->n_nodes > 0 ? (struct json_ref) { doc, 0 } : absent;
}

bool
json_has(struct json_ref ref)
{
	return ref.doc != NULL;
}

enum json_type
json_type(struct json_ref ref)
{
	return json_has(ref) ? (enum json_type)node_of(ref)->type : JSON_NULL;
}

size_t
json_len(struct json_ref ref)
{
	return json_has(ref) ? node_of(ref)->n_items : 0;
}

struct aicx_str
json_raw(struct json_ref ref)
{
	if (!json_has(ref))
		return (struct aicx_str) { NULL, 0 };
	const struct json_node *node = node_of(ref);
	return (struct aicx_str) { ref.doc->text.ptr + node->start,
		node->end - node->start };
}

/* A string node without its quotes. */
static struct aicx_str
inside(struct json_ref ref)
{
	struct aicx_str raw = json_raw(ref);

	return (struct aicx_str) { raw.ptr + 1, raw.len - 2 };
}

struct json_iter
json_iter(struct json_ref ref)
{
	struct json_iter iter = { .doc = ref.doc };
	enum json_type type = json_type(ref);

	if (type != JSON_ARRAY && type != JSON_OBJECT)
		return iter;
	iter.at = ref.node + 1;
	iter.left = node_of(ref)->n_items;
	iter.object = type == JSON_OBJECT;
	return iter;
}

bool
json_next(struct json_iter *iter)
{
	if (iter->left == 0)
		return false;
	iter->left--;
	if (iter->object)
		iter->name = (struct json_ref) { iter->doc, iter->at++ };
	iter->value = (struct json_ref) { iter->doc, iter->at };
	iter->at = node_of(iter->value)->next;
	return true;
}

static unsigned
hex4(const char *at)
{
	unsigned value = 0;

	for (int i = 0; i < 4; i++) {
		unsigned c = (unsigned char)at[i];
		value =
		    value * 16 + (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	return value;
}

static size_t
utf8_put(char *out, unsigned c)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	for (size_t i = n - 1; i > 0; i--, c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3F));
	out[0] = (char)((n == 2 ? 0xC0 : n == 3 ? 0xE0 : 0xF0) | c);
	return n;
}

/* One escape, checked by the scanner before, to 1..4 bytes; *at moves on. */
static size_t
unescape_one(const char **at, char out[4])
{
	static const char letters[] = "bfnrt", controls[] = "\b\f\n\r\t";
	const char *in = *at;

	if (in[1] < 'a') { /* a quote or a slash */
		out[0] = in[1];
		*at = in + 2;
		return 1;
	}
	if (in[1] != 'u') {
		const char *letter = strchr(letters, in[1]);
		out[0] = letter ? controls[letter - letters] : in[1];
		*at = in + 2;
		return 1;
	}
	unsigned unit = hex4(in + 2);
	if (unit < 0xD800 || unit > 0xDFFF) {
		*at = in + 6;
		return utf8_put(out, unit);
	}
	*at = in + 12;
	return utf8_put(
	    out, 0x10000 + ((unit - 0xD800) << 10) + (hex4(in + 8) - 0xDC00));
}

/* Bytes up to the next backslash; how many.  Eight at a time, as a record in a
   text has one at every name: memchr() for each would cost more than the copy.
 */
static size_t
copy_plain(const char *at, const char *end, char *out)
{
	const uint64_t ones = 0x0101010101010101u, tops = ones * 0x80;
	const char *start = at;
	uint64_t eight;

	for (; end - at >= 8; at += 8, out += 8) {
		memcpy(&eight, at, 8);
		memcpy(out, &eight, 8);
		uint64_t slash = le64toh(eight) ^ (ones * '\\');
		uint64_t found = (slash - ones) & ~slash & tops;
		if (found != 0)
			return (size_t)(at - start) +
			    (size_t)__builtin_ctzll(found) / 8;
	}
	while (at < end && *at != '\\')
		*out++ = *at++;
	return (size_t)(at - start);
}

struct aicx_str
json_unescape(struct aicx_str literal, struct arena *arena)
{
	const char *at = literal.ptr, *end = literal.ptr + literal.len;

	if (literal.len == 0 || memchr(at, '\\', literal.len) == NULL)
		return literal;
	/* No escape is shorter than what it stands for. */
	char *text = arena_bytes(arena, literal.len), *out = text;
	for (;;) {
		size_t n = copy_plain(at, end, out);
		out += n;
		at += n;
		if (at == end)
			break;
		out += unescape_one(&at, out);
	}
	return (struct aicx_str) { text, (size_t)(out - text) };
}

bool
json_inside_is(struct aicx_str literal, const char *value)
{
	const char *at = literal.ptr, *end = at + literal.len;
	struct aicx_str left = str_of(value);
	char out[4];

	while (at < end) {
		size_t n = 1;
		if (*at == '\\')
			n = unescape_one(&at, out);
		else
			out[0] = *at++;
		if (left.len < n || memcmp(left.ptr, out, n) != 0)
			return false;
		left.ptr += n;
		left.len -= n;
	}
	return left.len == 0;
}

struct json_ref
json_get(struct json_ref ref, const char *name)
{
	struct json_iter iter;

	if (json_type(ref) != JSON_OBJECT)
		return absent;
	iter = json_iter(ref);
	while (json_next(&iter)) {
		struct aicx_str literal = inside(iter.name);
		if (node_of(iter.name)->escaped ? json_inside_is(literal, name)
						: str_is(literal, name))
			return iter.value;
	}
	return absent;
}

struct json_ref
json_at(struct json_ref array, size_t index)
{
	struct json_iter iter;

	if (json_type(array) != JSON_ARRAY || index >= json_len(array))
		return absent;
	iter = json_iter(array);
	for (size_t i = 0; i <= index; i++)
		(void)json_next(&iter);
	return iter.value;
}

struct aicx_str
json_str(struct json_ref ref, struct arena *arena)
{
	if (json_type(ref) != JSON_STRING)
		return (struct aicx_str) { NULL, 0 };
	if (!node_of(ref)->escaped)
		return inside(ref);
	return json_unescape(inside(ref), arena);
}

/* Digits of a JSON integer: no leading zero. */
static bool
is_integer(struct aicx_str text)
{
	size_t digits = text.len > 0 && text.ptr[0] == '-' ? 1 : 0;

	return text.len == digits + 1 ||
	    (text.len > digits && text.ptr[digits] != '0');
}

bool
json_int(struct json_ref ref, int64_t *ret_value)
{
	enum json_type type = json_type(ref);

	if (type == JSON_NUMBER)
		return str_int(json_raw(ref), ret_value);
	return type == JSON_STRING && is_integer(inside(ref)) &&
	    str_int(inside(ref), ret_value);
}

bool
json_bool(struct json_ref ref, bool *ret_value)
{
	enum json_type type = json_type(ref);

	if (type != JSON_TRUE && type != JSON_FALSE)
		return false;
	*ret_value = type == JSON_TRUE;
	return true;
}
