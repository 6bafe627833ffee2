/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lua_json.c - JSON text to read-only views.
 *
 * The text goes straight into Lua tables: building a tree of another library
 * first took three quarters of the time of a call.
 */
#include "lua_json.h"

#include "lua_view.h"

#include <lauxlib.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Members or elements on the stack before they go into their table, so that it
   is made in its right size. */
enum { PENDING_MAX = 16 };

struct reader {
	lua_State *lua;
	const char *text, *at, *end;
	int depth; /* levels that are left */
};

static void value_read(struct reader *in);

/* --- characters ------------------------------------------------------ */

static void
fail(struct reader *in, const char *why)
{
	luaL_error(in->lua, "arguments are no JSON: %s at byte %d", why,
	    (int)(in->at - in->text));
}

static void
space_skip(struct reader *in)
{
	while (in->at < in->end &&
	    (*in->at == ' ' || *in->at == '\n' || *in->at == '\t' ||
		*in->at == '\r'))
		in->at++;
}

/* The next character that is no space; '\0' at the end. */
static char
peek(struct reader *in)
{
	space_skip(in);
	return in->at < in->end ? *in->at : '\0';
}

static void
expect(struct reader *in, char wanted)
{
	if (peek(in) != wanted || in->at == in->end)
		fail(in, "unexpected character");
	in->at++;
}

/* --- strings --------------------------------------------------------- */

static uint32_t
hex4_read(struct reader *in)
{
	uint32_t unit = 0;

	for (int i = 0; i < 4; i++, in->at++) {
		char c = in->at < in->end ? *in->at : '\0';

		if (c >= '0' && c <= '9')
			unit = unit << 4 | (uint32_t)(c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			unit = unit << 4 | (uint32_t)((c | 0x20) - 'a' + 10);
		else
			fail(in, "bad escape");
	}
	return unit;
}

static uint32_t
unicode_read(struct reader *in)
{
	uint32_t high = hex4_read(in), low;

	if (high < 0xD800 || high > 0xDFFF)
		return high;
	if (high > 0xDBFF || in->end - in->at < 6 || in->at[0] != '\\' ||
	    in->at[1] != 'u')
		fail(in, "half a surrogate pair");
	in->at += 2;
	low = hex4_read(in);
	if (low < 0xDC00 || low > 0xDFFF)
		fail(in, "half a surrogate pair");
	return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
}

static void
utf8_add(luaL_Buffer *out, uint32_t point)
{
	if (point < 0x80) {
		luaL_addchar(out, (char)point);
		return;
	}
	if (point < 0x800)
		luaL_addchar(out, (char)(0xC0 | point >> 6));
	else {
		if (point < 0x10000)
			luaL_addchar(out, (char)(0xE0 | point >> 12));
		else {
			luaL_addchar(out, (char)(0xF0 | point >> 18));
			luaL_addchar(out, (char)(0x80 | (point >> 12 & 0x3F)));
		}
		luaL_addchar(out, (char)(0x80 | (point >> 6 & 0x3F)));
	}
	luaL_addchar(out, (char)(0x80 | (point & 0x3F)));
}

static void
escape_read(struct reader *in, luaL_Buffer *out)
{
	static const char names[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
	char c = ++in->at < in->end ? *in->at : '\0';
	const char *name;

	in->at++;
	if (c == 'u') {
		utf8_add(out, unicode_read(in));
		return;
	}
	name = c == '\0' ? NULL : strchr(names, c);
	if (name == NULL)
		fail(in, "bad escape");
	else
		luaL_addchar(out, means[name - names]);
}

/* From the first escape on; `from` is where the string began. */
static void
string_read_escaped(struct reader *in, const char *from)
{
	luaL_Buffer out;

	luaL_buffinit(in->lua, &out);
	luaL_addlstring(&out, from, (size_t)(in->at - from));
	while (in->at < in->end && *in->at != '"') {
		if ((unsigned char)*in->at < ' ')
			fail(in, "control character");
		if (*in->at == '\\')
			escape_read(in, &out);
		else
			luaL_addchar(&out, *in->at++);
	}
	luaL_pushresult(&out);
}

static void
string_read(struct reader *in)
{
	const char *from = ++in->at;

	while (in->at < in->end && *in->at != '"' && *in->at != '\\' &&
	    (unsigned char)*in->at >= ' ')
		in->at++;
	if (in->at < in->end && *in->at == '"')
		lua_pushlstring(in->lua, from, (size_t)(in->at - from));
	else
		string_read_escaped(in, from);
	if (in->at == in->end)
		fail(in, "unfinished string");
	in->at++;
}

/* --- numbers and words ----------------------------------------------- */

static bool
digits_skip(struct reader *in)
{
	const char *from = in->at;

	while (in->at < in->end && *in->at >= '0' && *in->at <= '9')
		in->at++;
	return in->at > from;
}

static bool
integer_parse(const char *at, const char *end, lua_Integer *ret_number)
{
	bool negative = *at == '-';
	lua_Integer number = 0;

	for (at += negative; at < end; at++)
		if (__builtin_mul_overflow(number, 10, &number) ||
		    __builtin_sub_overflow(number, *at - '0', &number))
			return false;
	if (!negative && number == INT64_MIN)
		return false;
	*ret_number = negative ? number : -number;
	return true;
}

static void
number_read(struct reader *in)
{
	const char *from = in->at;
	bool whole = true;
	lua_Integer number;

	if (*in->at == '-')
		in->at++;
	if (in->at < in->end && *in->at == '0')
		in->at++;
	else if (!digits_skip(in))
		fail(in, "unexpected character");
	if (in->at < in->end && *in->at == '.') {
		whole = false;
		in->at++;
		if (!digits_skip(in))
			fail(in, "bad number");
	}
	if (in->at < in->end && (*in->at | 0x20) == 'e') {
		whole = false;
		in->at++;
		if (in->at < in->end && (*in->at == '+' || *in->at == '-'))
			in->at++;
		if (!digits_skip(in))
			fail(in, "bad number");
	}
	if (whole && integer_parse(from, in->at, &number))
		lua_pushinteger(in->lua, number);
	else
		lua_pushlstring(in->lua, from, (size_t)(in->at - from));
}

static bool
word_skip(struct reader *in, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(in->end - in->at) < len || memcmp(in->at, word, len) != 0)
		return false;
	in->at += len;
	return true;
}

/* --- objects and arrays ---------------------------------------------- */

/* n pairs lie above the table at index, which is made when it is not there;
   true: it is there now. */
static void
members_set(struct reader *in, int index, int n, bool *made)
{
	lua_State *lua = in->lua;

	if (!*made) {
		lua_createtable(lua, 0, n);
		lua_insert(lua, index);
		*made = true;
	}
	for (; n > 0; n--) {
		lua_pushvalue(lua, -2);
		if (lua_rawget(lua, index) != LUA_TNIL)
			fail(in, "repeated member");
		lua_pop(lua, 1);
		lua_rawset(lua, index);
	}
}

static void
object_read(struct reader *in)
{
	int index = lua_gettop(in->lua) + 1, n = 0;
	bool made = false;

	in->at++;
	if (peek(in) == '}')
		in->at++;
	else
		for (;;) {
			if (peek(in) != '"')
				fail(in, "unexpected character");
			string_read(in);
			expect(in, ':');
			value_read(in);
			if (++n == PENDING_MAX) {
				members_set(in, index, n, &made);
				n = 0;
			}
			if (peek(in) != ',') {
				expect(in, '}');
				break;
			}
			in->at++;
		}
	members_set(in, index, n, &made);
	luaview_wrap(in->lua, 0);
}

/* The same with n elements, the last of which is number `total`. */
static void
elements_set(struct reader *in, int index, int n, lua_Integer total, bool *made)
{
	if (!*made) {
		lua_createtable(in->lua, n, 0);
		lua_insert(in->lua, index);
		*made = true;
	}
	for (; n > 0; n--)
		lua_rawseti(in->lua, index, total--);
}

static void
array_read(struct reader *in)
{
	int index = lua_gettop(in->lua) + 1, n = 0;
	lua_Integer total = 0;
	bool made = false;

	in->at++;
	if (peek(in) == ']')
		in->at++;
	else
		for (;;) {
			value_read(in);
			total++;
			if (++n == PENDING_MAX) {
				elements_set(in, index, n, total, &made);
				n = 0;
			}
			if (peek(in) != ',') {
				expect(in, ']');
				break;
			}
			in->at++;
		}
	elements_set(in, index, n, total, &made);
	luaview_wrap(in->lua, total);
}

static void
nested_read(struct reader *in, void (*read)(struct reader *in))
{
	if (in->depth-- == 0)
		fail(in, "nested too deep");
	luaL_checkstack(in->lua, 2 * PENDING_MAX + 8, "arguments");
	read(in);
	in->depth++;
}

static void
value_read(struct reader *in)
{
	switch (peek(in)) {
	case '{':
		nested_read(in, object_read);
		break;
	case '[':
		nested_read(in, array_read);
		break;
	case '"':
		string_read(in);
		break;
	case 't':
	case 'f':
		lua_pushboolean(in->lua, *in->at == 't');
		if (!word_skip(in, *in->at == 't' ? "true" : "false"))
			fail(in, "unexpected character");
		break;
	case 'n':
		lua_pushnil(in->lua);
		if (!word_skip(in, "null"))
			fail(in, "unexpected character");
		break;
	default:
		if (in->at == in->end)
			fail(in, "unexpected end");
		number_read(in);
		break;
	}
}

void
luajson_read(lua_State *lua, const char *text, size_t len)
{
	struct reader in = { lua, text, text, text + len, LUAJSON_DEPTH_MAX };

	value_read(&in);
	space_skip(&in);
	if (in.at != in.end)
		fail(&in, "something follows");
}
