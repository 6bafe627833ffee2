/* SPDX-License-Identifier: Apache-2.0 */
/* lua_answer.c - what a hook may answer, checked and printed. */
#include "lua_answer.h"

#include "lua_view.h"
#include "lua_words.h"

#include <aiconexus/hook.h>
#include <jansson.h>
#include <lauxlib.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	ARGS = 1, /* where the arguments lie */
	FIRST = 2, /* the first result */
	OFFER_ID_MAX = 128, /* bytes */
	MODEL_MAX = 32,
	TIMEOUT_MS_MAX = 86400000,
	PRINTED_MAX = 4096
};

static bool __attribute__((format(printf, 2, 3)))
bad(struct luaanswer *answer, const char *fmt, ...)
{
	va_list args;

	answer->verdict = 0;
	va_start(args, fmt);
	vsnprintf(answer->why, sizeof answer->why, fmt, args);
	va_end(args);
	return false;
}

static const char *
kind_of(lua_State *lua, int index)
{
	if (lua_type(lua, index) == LUA_TNUMBER)
		return lua_isinteger(lua, index) ? "integer" : "float";
	return luaview_typename(lua, index);
}

static void
number_add(struct luaanswer *answer, const char *name, int64_t number)
{
	answer->fields[answer->n_fields++] =
	    (struct luaanswer_field) { .name = name, .number = number };
}

static void
text_add(struct luaanswer *answer, const char *name, struct aicx_str text)
{
	answer->fields[answer->n_fields++] =
	    (struct luaanswer_field) { .name = name, .text = text };
}

/* The text at index; absent when it is none.  Valid until Lua's memory is put
   back, because no collector runs. */
static struct aicx_str
text_at(lua_State *lua, int index)
{
	struct aicx_str text = { NULL, 0 };

	if (lua_type(lua, index) == LUA_TSTRING)
		text.ptr = lua_tolstring(lua, index, &text.len);
	return text;
}

/* --- money ----------------------------------------------------------- */

struct bound {
	int64_t minor; /* < 0: there is none */
	struct aicx_str currency;
};

/* The member of the table at index, nil where there is no table. */
static void
member_push(lua_State *lua, int index, const char *name)
{
	index = lua_absindex(lua, index);
	if (lua_type(lua, index) == LUA_TUSERDATA)
		lua_getfield(lua, index, name);
	else
		lua_pushnil(lua);
}

/* Of the money on top. */
static struct bound
bound_take(lua_State *lua)
{
	struct bound bound = { .minor = -1 };

	member_push(lua, -1, "minor");
	if (lua_isinteger(lua, -1))
		bound.minor = lua_tointeger(lua, -1);
	member_push(lua, -2, "currency");
	bound.currency = text_at(lua, -1);
	return bound;
}

static bool
money_check(lua_State *lua, int index, const char *what, const char *field,
    const struct bound *bound, struct luaanswer *answer)
{
	int64_t minor;

	if (!lua_isinteger(lua, index))
		return bad(answer,
		    "answered a %s as %s: it has to be an integer of minor "
		    "units",
		    kind_of(lua, index), what);
	minor = lua_tointeger(lua, index);
	if (minor < 0)
		return bad(answer, "answered %lld as %s: it is below 0",
		    (long long)minor, what);
	if (minor > bound->minor)
		return bad(answer,
		    "answered %lld as %s: it is above the ceiling of %lld",
		    (long long)minor, what, (long long)bound->minor);
	number_add(answer, field, minor);
	return true;
}

/* --- price, rule ----------------------------------------------------- */

/* nil is an error for a price: a forgotten return must not become the standard
   one.  For a ruling it leaves the dispute to the operator. */
static bool
money_take(lua_State *lua, const char *what, struct luaanswer *answer)
{
	struct bound ceiling;

	member_push(lua, ARGS, "ceiling");
	ceiling = bound_take(lua);
	if (ceiling.minor < 0)
		return bad(answer, "cannot be asked without a ceiling");
	return money_check(lua, FIRST, what, "minor", &ceiling, answer);
}

/* --- offer ----------------------------------------------------------- */

typedef bool term_fn(lua_State *lua, const char *name,
    const struct bound *budget, struct luaanswer *answer);

static bool
term_money(lua_State *lua, const char *name, const struct bound *budget,
    struct luaanswer *answer)
{
	return money_check(lua, -1, name, name, budget, answer);
}

/* A word of small letters, digits and '_'. */
static bool
term_model(lua_State *lua, const char *name, const struct bound *budget,
    struct luaanswer *answer)
{
	struct aicx_str text = text_at(lua, -1);

	(void)budget;
	if (text.len == 0 || text.len > MODEL_MAX ||
	    strspn(text.ptr, "abcdefghijklmnopqrstuvwxyz0123456789_") !=
		text.len)
		return bad(answer, "answered no model name as %s", name);
	text_add(answer, name, text);
	return true;
}

static bool
term_currency(lua_State *lua, const char *name, const struct bound *budget,
    struct luaanswer *answer)
{
	struct aicx_str text = text_at(lua, -1);

	if (text.ptr == NULL || text.len != budget->currency.len ||
	    memcmp(text.ptr, budget->currency.ptr, text.len) != 0)
		return bad(answer, "answered another %s than \"%s\"", name,
		    budget->currency.ptr);
	text_add(answer, name, text);
	return true;
}

static bool
term_msec(lua_State *lua, const char *name, const struct bound *budget,
    struct luaanswer *answer)
{
	(void)budget;
	if (!lua_isinteger(lua, -1) || lua_tointeger(lua, -1) < 1 ||
	    lua_tointeger(lua, -1) > TIMEOUT_MS_MAX)
		return bad(answer, "answered no integer from 1 to %d as %s",
		    TIMEOUT_MS_MAX, name);
	number_add(answer, name, lua_tointeger(lua, -1));
	return true;
}

static const struct term {
	const char *name;
	term_fn *take;
} terms[LUAANSWER_FIELDS_MAX] = {
	{ "base_cost", term_money },
	{ "unit_cost", term_money },
	{ "model", term_model },
	{ "currency", term_currency },
	{ "timeout_ms", term_msec },
};

/* An unknown term is most likely a misspelt one. */
static bool
names_check(lua_State *lua, struct luaanswer *answer)
{
	lua_pushnil(lua);
	while (lua_next(lua, FIRST)) {
		bool known = false;

		lua_pop(lua, 1);
		if (lua_type(lua, -1) != LUA_TSTRING)
			return bad(answer, "answered a list and no terms");
		for (size_t i = 0; i < LUAANSWER_FIELDS_MAX; i++)
			known |=
			    strcmp(terms[i].name, lua_tostring(lua, -1)) == 0;
		if (!known)
			return bad(answer, "answered the unknown term '%.40s'",
			    lua_tostring(lua, -1));
	}
	return true;
}

static bool
terms_take(lua_State *lua, const struct bound *budget, struct luaanswer *answer)
{
	for (size_t i = 0; i < LUAANSWER_FIELDS_MAX; i++) {
		const struct term *term = &terms[i];

		if (lua_getfield(lua, FIRST, term->name) == LUA_TNIL && i == 0)
			return bad(
			    answer, "answered terms without %s", term->name);
		if (!lua_isnil(lua, -1) &&
		    !term->take(lua, term->name, budget, answer))
			return false;
		lua_pop(lua, 1);
	}
	return true;
}

static bool
offer_take(lua_State *lua, struct luaanswer *answer)
{
	struct bound budget;

	if (lua_type(lua, FIRST) != LUA_TTABLE)
		return bad(answer,
		    "answered a %s: it has to be a table of terms, refuse() "
		    "or nil",
		    kind_of(lua, FIRST));
	member_push(lua, ARGS, "intent");
	member_push(lua, -1, "max_price");
	budget = bound_take(lua);
	if (budget.minor < 0 || budget.currency.ptr == NULL)
		return bad(answer, "cannot be asked without a max_price");
	return names_check(lua, answer) && terms_take(lua, &budget, answer);
}

/* --- choose ---------------------------------------------------------- */

static bool
is_offered(lua_State *lua)
{
	lua_Integer n;

	member_push(lua, ARGS, "offers");
	n = lua_isnil(lua, -1) ? 0 : luaL_len(lua, -1);
	for (lua_Integer i = 1; i <= n; i++) {
		lua_geti(lua, -1, i);
		member_push(lua, -1, "offer_id");
		if (lua_rawequal(lua, -1, FIRST))
			return true;
		lua_pop(lua, 2);
	}
	return false;
}

static bool
choose_take(lua_State *lua, int n_results, struct luaanswer *answer)
{
	struct aicx_str id = text_at(lua, FIRST), why = { "", 0 };

	if (id.ptr == NULL)
		return bad(answer,
		    "answered a %s: it has to be an offer id, refuse() or nil",
		    kind_of(lua, FIRST));
	if (id.len > OFFER_ID_MAX || !is_offered(lua))
		return bad(answer, "answered an id that is none of the offers");
	if (n_results == 2 && !lua_isnil(lua, FIRST + 1)) {
		why = text_at(lua, FIRST + 1);
		if (why.ptr == NULL)
			return bad(answer, "answered a %s as the reason",
			    kind_of(lua, FIRST + 1));
	}
	if (why.len > LUAWORDS_REASON_MAX)
		return bad(answer, "answered a reason of more than %d bytes",
		    LUAWORDS_REASON_MAX);
	text_add(answer, "offer_id", id);
	text_add(answer, "reason", why);
	return true;
}

/* --- all ------------------------------------------------------------- */

static bool
value_take(
    lua_State *lua, uint32_t hook, int n_results, struct luaanswer *answer)
{
	switch ((enum aicx_hook)hook) {
	case AICX_HOOK_PRICE:
		return money_take(lua, "price", answer);
	case AICX_HOOK_OFFER:
		return offer_take(lua, answer);
	case AICX_HOOK_CHOOSE:
		return choose_take(lua, n_results, answer);
	case AICX_HOOK_RULE:
		return money_take(lua, "refund", answer);
	}
	return bad(answer, "is no hook");
}

void
luaanswer_take(lua_State *lua, uint32_t hook, struct luaanswer *ret_answer)
{
	int n_results = lua_gettop(lua) - ARGS;
	int max = hook == AICX_HOOK_CHOOSE ? 2 : 1;
	struct aicx_str refusal;

	memset(ret_answer, 0, sizeof *ret_answer);
	if (n_results < 1 || n_results > max) {
		bad(ret_answer, "answered %d results: return %s", n_results,
		    max == 1 ? "one" : "one or two");
		return;
	}
	luaL_checkstack(lua, 10, "answer");
	refusal.ptr = luawords_refusal(lua, FIRST, &refusal.len);
	if (refusal.ptr != NULL && n_results != 1)
		bad(ret_answer, "answered more than a refusal");
	else if (refusal.ptr != NULL) {
		ret_answer->verdict = AICX_REFUSE;
		text_add(ret_answer, "", refusal);
	} else if (lua_isnil(lua, FIRST) && hook != AICX_HOOK_PRICE)
		ret_answer->verdict = AICX_PASS;
	else if (value_take(lua, hook, n_results, ret_answer))
		ret_answer->verdict = AICX_VALUE;
}

/* --- printing -------------------------------------------------------- */

struct printed {
	char text[PRINTED_MAX];
	size_t len; /* PRINTED_MAX: it did not fit, or was no UTF-8 */
};

static void __attribute__((format(printf, 2, 3)))
put(struct printed *out, const char *fmt, ...)
{
	size_t room = PRINTED_MAX - out->len;
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(out->text + out->len, room, fmt, args);
	va_end(args);
	out->len = len < 0 || (size_t)len >= room ? PRINTED_MAX
						  : out->len + (size_t)len;
}

static void
put_text(struct printed *out, struct aicx_str text)
{
	json_t *json = json_stringn(text.ptr, text.len);
	size_t room = PRINTED_MAX - out->len;
	size_t len = json == NULL ? 0
				  : json_dumpb(json, out->text + out->len, room,
					JSON_COMPACT | JSON_ENCODE_ANY);

	json_decref(json);
	out->len = len == 0 || len >= room ? PRINTED_MAX : out->len + len;
}

char *
luaanswer_print(const struct luaanswer *answer)
{
	struct printed out;
	bool is_value = answer->verdict == AICX_VALUE;

	out.len = 0;
	for (size_t i = 0; i < answer->n_fields; i++) {
		const struct luaanswer_field *field = &answer->fields[i];

		if (is_value)
			put(&out, "%c\"%s\":", i == 0 ? '{' : ',', field->name);
		if (field->text.ptr != NULL)
			put_text(&out, field->text);
		else
			put(&out, "%lld", (long long)field->number);
	}
	if (is_value)
		put(&out, "}");
	return out.len < PRINTED_MAX ? strndup(out.text, out.len) : NULL;
}
