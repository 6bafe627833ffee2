/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lua_attack_test.c - what a hostile policy may try, one row each: none gets
 * past its budget, out of its box, or into the next call.
 *
 * A row is the body of a price hook.  Where it is expected to be stopped, the
 * CPU time it took is compared with twice the broker's deadline, once with the
 * deadline and once (more generously) by the instruction budget alone.
 */
#include "lua_host.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#if defined(__SANITIZE_ADDRESS__)
enum { SLOWER = 10 };
#else
enum { SLOWER = 1 };
#endif

enum { DEADLINE_MS = 5, ALONE_MS = 250 };

/* Wanted: a limit was passed. */
static const char LIMIT[] = "limit";

static const struct attack {
	const char *name;
	const char *body;
	const char *want; /* LIMIT, or a part of the error, or "=" a result */
} attacks[] = {
	/* --- loops -----------------------------------------------------------
	 */
	{ "while true", "while true do end", LIMIT },
	{ "repeat", "repeat until false", LIMIT },
	{ "goto", "::a:: goto a", LIMIT },
	{ "huge numeric for", "for i = 1, math.maxinteger do end", LIMIT },
	{ "for with a float step", "for i = 0, math.huge, 0.5 do end", LIMIT },
	{ "for with step 0", "for i = 1, 2, 0 do end", "'for' step is zero" },
	{ "loop in pcall", "pcall(function() while true do end end) return 1",
	    LIMIT },
	{ "pcall in a loop",
	    "while true do pcall(function() while true do end end) end",
	    LIMIT },
	{ "pcall of pcall", "while true do pcall(pcall, pcall, error) end",
	    LIMIT },
	{ "mutual recursion through pcall",
	    "local f, g\n"
	    "f = function() pcall(g) return f() end\n"
	    "g = function() pcall(f) return g() end\n"
	    "f()",
	    LIMIT },
	{ "nested pcalls that each go on",
	    "local function f(n)\n"
	    " pcall(function() if n > 0 then f(n - 1) end end)\n"
	    " while true do end\n"
	    "end\n"
	    "f(50)",
	    LIMIT },
	{ "error in a loop", "while true do pcall(error, {}) end", LIMIT },
	{ "endless sort comparator",
	    "table.sort({ 3, 2, 1 }, function() while true do end end)",
	    LIMIT },
	{ "tail calls for ever", "local function f() return f() end return f()",
	    LIMIT },
	{ "with _ENV removed", "local _ENV = nil while true do end", LIMIT },
	{ "with globals removed",
	    "pcall = nil error = nil math = nil while true do end", LIMIT },
	{ "ipairs that never ends",
	    "local t = {} for i = 1, 10 do t[i] = i end\n"
	    "for i in ipairs(t) do t[i + 10] = i end",
	    LIMIT },
	{ "loop after the answer is known",
	    "local x = 5 while true do x = x end return x", LIMIT },

	/* --- time in C -------------------------------------------------------
	 */
	{ "sorting a sorted table in a loop",
	    "local t = {} for i = 1, 1000 do t[i] = i end\n"
	    "while true do table.sort(t) end",
	    LIMIT },
	{ "sort of too many",
	    "local t = {} for i = 1, 1001 do t[i] = i end table.sort(t)",
	    "at most 1000 elements" },
	{ "sort of long texts",
	    "local s, t = ('x'):rep(65536), {}\n"
	    "for i = 1, 1000 do t[i] = s end\n"
	    "while true do table.sort(t) end",
	    LIMIT },
	{ "sort with a lying comparator",
	    "local t = {} for i = 1, 500 do t[i] = i end\n"
	    "while true do\n"
	    " pcall(table.sort, t, function() return true end)\n"
	    "end",
	    LIMIT },
	{ "insert at the front",
	    "local t = {} while true do table.insert(t, 1, 1) end", LIMIT },
	{ "remove at the front",
	    "local t = {} for i = 1, 4000 do t[i] = i end\n"
	    "while true do table.insert(t, table.remove(t, 1)) end",
	    LIMIT },
	{ "insert far away", "table.insert({}, 2^53, 1)", "out of bounds" },
	{ "lower in a loop",
	    "local s = ('x'):rep(65536) while true do s = s:lower() end",
	    LIMIT },
	{ "reverse in a loop",
	    "local s = ('x'):rep(65536)\n"
	    "while true do pcall(s.reverse, s) end",
	    LIMIT },
	{ "len of a long text in a loop",
	    "local s = ('x'):rep(65536) while true do s:len() end", LIMIT },
	{ "utf8.len in a loop",
	    "local s = ('x'):rep(65536) while true do utf8.len(s) end", LIMIT },
	{ "byte with many results",
	    "local s = ('x'):rep(65536) while true do s:byte(1, -1) end",
	    LIMIT },
	{ "find with the worst case",
	    "local s = ('a'):rep(65536)\n"
	    "while true do s:find(('a'):rep(32768) .. 'b', 1, true) end",
	    LIMIT },
	{ "find with a pattern", "return ('aaa'):find('a*b')",
	    "plain text only" },
	{ "wide format",
	    "while true do string.format('%99d%99d%99d', 1, 1, 1) end", LIMIT },
	{ "format too wide", "return string.format('%100d', 1)",
	    "invalid conversion" },
	{ "long format",
	    "local f = ('%d'):rep(100) while true do pcall(f.format, f, 1) end",
	    LIMIT },
	{ "huge float in format",
	    "while true do string.format('%.99f', 1e308) end", LIMIT },
	{ "concat of 64 KiB",
	    "local s = ('x'):rep(65536) while true do local t = s .. 'y' end",
	    LIMIT },
	{ "table.concat in a loop",
	    "local t = {} for i = 1, 1000 do t[i] = 'abcdef' end\n"
	    "while true do table.concat(t) end",
	    LIMIT },
	{ "table.concat of a huge range", "table.concat({}, '', 1, 1 << 40)",
	    "too many elements" },
	{ "table.concat over nothing",
	    "table.concat({}, ('x'):rep(65536), 1, "
	    "1000000)",
	    LIMIT },
	{ "table.concat from the lowest integer",
	    "table.concat({}, '', math.mininteger, math.maxinteger)",
	    "too many elements" },
	{ "comparing long texts",
	    "local a = ('x'):rep(65536) a = a .. a a = a .. a\n"
	    "local b = a .. 'y' a = a .. 'x'\n"
	    "while true do local c = a < b end",
	    LIMIT },
	{ "equality of long texts",
	    "local a = ('x'):rep(65536) a = a .. a\n"
	    "local b = a .. 'y' a = a .. 'z'\n"
	    "while true do local c = a == b end",
	    LIMIT },
	{ "length of a table with a border",
	    "local t = {} for i = 1, 4096 do t[i] = 1 end t[4096] = nil\n"
	    "while true do local n = #t end",
	    LIMIT },
	{ "tostring in a loop", "while true do tostring(1e300) end", LIMIT },
	{ "tonumber of a long text",
	    "local s = ('0'):rep(65536) while true do tonumber(s) end", LIMIT },
	{ "texts are no numbers", "return '10' + 1", "arithmetic on a string" },
	{ "pairs in a loop",
	    "local t = {} for i = 1, 1000 do t['k' .. i] = i end\n"
	    "while true do for k in pairs(t) do end end",
	    LIMIT },
	{ "next in a loop",
	    "local t, k = {} for i = 1, 1000 do t['k' .. i] = i end\n"
	    "repeat k = next(t, k) until not k return 1",
	    LIMIT },
	{ "select of many",
	    "local function f(...) while true do select(-1, ...) end end\n"
	    "f(('x'):rep(200):byte(1, -1))",
	    LIMIT },

	/* --- memory ----------------------------------------------------------
	 */
	{ "doubling a text", "local s = 'x' while true do s = s .. s end",
	    "memory limit of 1048576 bytes used up in attack.lua:1" },
	{ "a table that grows", "local t = {} for i = 1, 1e9 do t[i] = i end",
	    LIMIT },
	{ "tables in tables", "local t = {} while true do t = { t } end",
	    LIMIT },
	{ "closures",
	    "local f while true do local g = f f = function() return g end end",
	    LIMIT },
	{ "rep above its limit", "return ('x'):rep(65537)",
	    "above 65536 bytes" },
	{ "rep with a separator", "return ('x'):rep(1000, ('y'):rep(1000))",
	    "above 65536 bytes" },
	{ "rep that wraps", "return ('xx'):rep(math.maxinteger)",
	    "above 65536 bytes" },
	{ "rep of nothing", "local s = (''):rep(math.maxinteger) return #s",
	    "={\"minor\":0}" },
	{ "memory kept through pcall",
	    "local t = {}\n"
	    "while true do pcall(function()\n"
	    " while true do t[#t + 1] = ('x'):rep(65536) end\n"
	    "end) end",
	    LIMIT },
	{ "a big constructor",
	    "while true do local t = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 } end",
	    LIMIT },
	{ "varargs doubling",
	    "local function f(...) return f(1, 2, 3, 4, ...) end f()", LIMIT },
	{ "keys that collide",
	    "local t = {} for i = 1, 1e6 do t[i << 40] = true end", LIMIT },
	{ "float keys that collide",
	    "local t = {} for i = 1, 1e6 do t[i * 2.0^60 + 0.5] = i end",
	    LIMIT },
	{ "rehash at each step",
	    "local t = {} for i = 1, 4096 do t[i * 65536] = true end\n"
	    "for i = 4097, 1e9 do\n"
	    " t[i * 65536] = true t[(i - 4096) * 65536] = nil end",
	    LIMIT },
	{ "garbage close to the limit",
	    "local k = {} for i = 1, 12 do k[i] = ('x'):rep(65536) .. i end\n"
	    "while true do local t = {} end",
	    LIMIT },

	/* --- stack and parser ------------------------------------------------
	 */
	{ "deep recursion",
	    "local function f(n) return 1 + f(n + 1) end return f(1)", LIMIT },
	{ "deep recursion in pcall",
	    "local function f() return pcall(f) end\n"
	    "local a, b = f() return b",
	    "answered a boolean" },
	{ "deep recursion in sort",
	    "local function f() table.sort({ 1, 2 }, f) end f()",
	    "C stack overflow" },
	{ "deep concat", "local s = '' for i = 1, 1e9 do s = s .. i end",
	    LIMIT },
	{ "error with a level", "error('x', 1 << 40)", "x" },
	{ "error without a text", "error({})", "raised a table" },
	{ "error with nil", "error()", "raised a nil" },
	{ "error with a binary text", "error('a\\0b\\n\\255\\27[31m')", "a" },
	{ "assert without a text", "assert(false, {})", "raised a table" },
	{ "to-be-closed variable", "local x <close> = { } return 1",
	    "non-closable" },
	{ "integer division by zero", "return 1 // 0", "divide by zero" },
	{ "modulo by zero", "return 1 % 0", "perform 'n%" },
	{ "shift by all", "return 1 << 64", "={\"minor\":0}" },

	/* --- escape ----------------------------------------------------------
	 */
	{ "_G", "return _G.x", "global '_G'" },
	{ "load", "load('return 1')", "global 'load'" },
	{ "loadstring", "loadstring('return 1')", "global 'loadstring'" },
	{ "loadfile", "loadfile('/etc/passwd')", "global 'loadfile'" },
	{ "dofile", "dofile('/etc/passwd')", "global 'dofile'" },
	{ "require", "require 'os'", "global 'require'" },
	{ "os", "os.exit(1)", "global 'os'" },
	{ "io", "io.write('x')", "global 'io'" },
	{ "package", "return package.path", "global 'package'" },
	{ "debug", "debug.sethook()", "global 'debug'" },
	{ "coroutine", "coroutine.wrap(function() end)()",
	    "global 'coroutine'" },
	{ "collectgarbage", "collectgarbage('stop')",
	    "global 'collectgarbage'" },
	{ "setmetatable", "setmetatable({}, {})", "global 'setmetatable'" },
	{ "getmetatable", "getmetatable('')", "global 'getmetatable'" },
	{ "rawset", "rawset({}, 1, 1)", "global 'rawset'" },
	{ "rawget", "rawget({}, 1)", "global 'rawget'" },
	{ "rawequal", "rawequal(1, 1)", "global 'rawequal'" },
	{ "rawlen", "rawlen({})", "global 'rawlen'" },
	{ "xpcall", "xpcall(error, error)", "global 'xpcall'" },
	{ "print", "print(1)", "global 'print'" },
	{ "warn", "warn('@on')", "global 'warn'" },
	{ "string.dump", "string.dump(function() end)", "field 'dump'" },
	{ "string.match", "('x'):match('x')", "method 'match'" },
	{ "string.gmatch", "('x'):gmatch('x')", "method 'gmatch'" },
	{ "string.gsub", "('x'):gsub('x', 'y')", "method 'gsub'" },
	{ "string.pack", "string.pack('i', 1)", "field 'pack'" },
	{ "string.unpack", "string.unpack('i', 'xxxx')", "field 'unpack'" },
	{ "table.unpack", "table.unpack({})", "field 'unpack'" },
	{ "table.move", "table.move({}, 1, 1, 1)", "field 'move'" },
	{ "math.random", "math.random()", "field 'random'" },
	{ "math.randomseed", "math.randomseed(1)", "field 'randomseed'" },
	{ "utf8.codes", "utf8.codes('x')", "field 'codes'" },
	{ "metatable of texts", "('').x = 1", "index a string" },

	/* --- poisoning within a call -----------------------------------------
	 */
	{ "overwriting a library function",
	    "string.format = function() return 'evil' end", "read-only" },
	{ "adding to a library", "math.evil = 1", "read-only" },
	{ "inserting into a library", "table.insert(table, 1)", "read-only" },
	{ "inserting into the arguments", "table.insert(terms, 1)",
	    "read-only" },
	{ "sorting the arguments", "table.sort(call.list)", "read-only" },
	{ "removing from the arguments", "table.remove(call.list)",
	    "read-only" },
	{ "writing the ceiling", "call.ceiling.minor = 1 << 60", "read-only" },
	{ "writing the usage", "usage.calls = 100", "read-only" },

	/* --- leaks -----------------------------------------------------------
	 */
	{ "address of a table", "error(tostring({}))", "table" },
	{ "address of a function", "error(tostring(error))", "function" },
	{ "address of a view", "error(tostring(usage))", "table" },
	{ "address of a refusal", "error(tostring(refuse 'x'))", "table" },
	{ "%p", "error(string.format('%p', {}))", "number or string" },
	{ "%p of a text", "error(string.format('%p', 'x'))", "conversion" },
	{ "%s of a table", "error(string.format('%s', {}))",
	    "number or string" },
	{ "%q", "error(string.format('%q', 1.5))", "conversion" },
	{ "%a", "error(string.format('%a', 1.5))", "conversion" },
	{ "concat of a table", "error('x' .. {})", "concatenate a table" },
	{ "concat of a view", "error('x' .. usage)", "concatenate a table" },
	{ "order of addresses", "return {} < {}", "compare two table" },
	{ "walk over keys without an order",
	    "local t = { [{}] = 1, [{}] = 2 } for k in pairs(t) do end",
	    "key of type table" },

	/* --- answers ---------------------------------------------------------
	 */
	{ "NaN", "return 0/0", "answered a float" },
	{ "infinity", "return math.huge", "answered a float" },
	{ "minus infinity", "return -math.huge", "answered a float" },
	{ "-1", "return -1", "below 0" },
	{ "1.5", "return 1.5", "answered a float" },
	{ "1.0", "return 1.0", "answered a float" },
	{ "a text of digits", "return '100'", "answered a string" },
	{ "a table", "return {}", "answered a table" },
	{ "a view", "return usage", "answered a table" },
	{ "a function", "return error", "answered a function" },
	{ "true", "return true", "answered a boolean" },
	{ "nil", "return nil", "answered a nil" },
	{ "nothing", "return", "answered 0 results" },
	{ "two results", "return 1, 2", "answered 2 results" },
	{ "many results", "return ('x'):rep(100):byte(1, -1)",
	    "answered 100 results" },
	{ "maxinteger", "return math.maxinteger", "above the ceiling" },
	{ "maxinteger + 1", "return math.maxinteger + 1", "below 0" },
	{ "mininteger // -1", "return math.mininteger // -1", "below 0" },
	{ "2^63", "return 2^63", "answered a float" },
	{ "the ceiling + 1", "return call.ceiling.minor + 1",
	    "answered 10001 as price: it is above the ceiling of 10000" },
	{ "the ceiling", "return call.ceiling.minor", "={\"minor\":10000}" },
	{ "refusal and more", "return refuse 'x', 1", "answered 2 results" },
	{ "refusal without a reason", "return refuse ''", "1 to 200 bytes" },
	{ "refusal with a long reason", "return refuse(('x'):rep(201))",
	    "1 to 200 bytes" },
	{ "refusal that is no UTF-8", "return refuse '\\xff'", "no UTF-8" },
	{ "a wrapped sum", "return add(math.maxinteger, 1)",
	    "sum is too large" },
	{ "a wrapped product", "return mul(1 << 62, 4)",
	    "product is too large" },
	{ "a float in add", "return add(1, 2.0)", "integer expected" },
	{ "a text in mul", "return mul(2, '3')", "integer expected" },
	{ "muldiv by zero", "return muldiv(1, 1, 0)", "divisor is 0" },
	{ "muldiv too large", "return muldiv(1 << 62, 8, 1)",
	    "result is too large" },
	{ "muldiv of the lowest", "return muldiv(math.mininteger, -1, 1)",
	    "result is too large" },
};

enum { N_ATTACKS = sizeof attacks / sizeof *attacks };

static const char args[] =
    "{\"usage\":{\"calls\":1,\"units\":7},\"terms\":{\"model\":\"flat\"},"
    "\"list\":[3,1,2],"
    "\"ceiling\":{\"minor\":10000,\"currency\":\"AIC\"},"
    "\"now\":\"2026-01-05T09:00:00Z\"}";

static double
clock_ms(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int64_t
on_now_ms(void *arg)
{
	(void)arg;
	return (int64_t)clock_ms(CLOCK_THREAD_CPUTIME_ID);
}

static int
on_scale(const char *currency, void *arg)
{
	(void)arg;
	return strcmp(currency, "AIC") == 0 ? 6 : -1;
}

static const struct luahost_ports ports = { on_now_ms, on_scale, NULL };

static aicx_err
load(const char *source, size_t len, int64_t deadline_ms,
    struct luahost **ret_host, struct aicx_error *reterr)
{
	struct luahost_limits limits = luahost_broker_limits;

	limits.deadline_ms = deadline_ms;
	return luahost_new("attack.lua", (struct aicx_str) { source, len },
	    &limits, &ports, ret_host, reterr);
}

static void
check_no_address(const char *text)
{
	for (const char *at = text; (at = strstr(at, "0x")) != NULL; at += 2)
		ck_assert_msg(strspn(at + 2, "0123456789abcdef") < 4,
		    "an address leaked: %s", text);
}

/* Runs one row; returns the CPU time of the call in ms. */
static double
attack_run(const struct attack *attack, int64_t deadline_ms)
{
	struct luahost *host = NULL;
	struct aicx_decision decision = { .size = sizeof decision };
	struct aicx_error why = { 0 };
	char source[2048];
	double cpu_ms;
	aicx_err err;

	snprintf(source, sizeof source,
	    "return { price = function(usage, terms, call) %s\nend }",
	    attack->body);
	if (load(source, strlen(source), SLOWER * deadline_ms, &host, &why) !=
	    AICX_OK)
		ck_abort_msg("%s: %s", attack->name, why.text);
	cpu_ms = clock_ms(CLOCK_PROCESS_CPUTIME_ID);
	err = luahost_run(host, AICX_HOOK_PRICE,
	    (struct aicx_str) { args, sizeof args - 1 }, &decision, &why);
	cpu_ms = clock_ms(CLOCK_PROCESS_CPUTIME_ID) - cpu_ms;
	if (attack->want[0] == '=') {
		ck_assert_msg(err == AICX_OK, "%s: %s", attack->name, why.text);
		ck_assert_str_eq(decision.result.ptr, attack->want + 1);
	} else {
		ck_assert_msg(err == AICX_ELIMIT || err == AICX_EINVAL,
		    "%s passed", attack->name);
		if (attack->want == LIMIT)
			ck_assert_msg(err == AICX_ELIMIT &&
				strstr(why.text, " in attack.lua:") != NULL,
			    "%s: %s", attack->name, why.text);
		else
			ck_assert_msg(strstr(why.text, attack->want) != NULL,
			    "%s: %s", attack->name, why.text);
		ck_assert_msg(strstr(why.text, "attack.lua") != NULL, "%s: %s",
		    attack->name, why.text);
		check_no_address(why.text);
	}
	luahost_free(host);
	return cpu_ms;
}

START_TEST(no_attack_outlives_its_deadline_or_passes)
{
	double cpu_ms = attack_run(&attacks[_i], DEADLINE_MS);

	ck_assert_msg(cpu_ms <= SLOWER * 2 * DEADLINE_MS, "%s took %.1f ms",
	    attacks[_i].name, cpu_ms);
}
END_TEST

/* As in the simulator: a clock would make runs differ. */
START_TEST(no_attack_outlives_its_instructions_without_a_clock)
{
	double cpu_ms = attack_run(&attacks[_i], 0);

	ck_assert_msg(cpu_ms <= SLOWER * ALONE_MS, "%s took %.1f ms",
	    attacks[_i].name, cpu_ms);
}
END_TEST

/* --- at load --------------------------------------------------------- */

static void
check_load_fails(const char *source, size_t len, const char *want)
{
	struct luahost *host = NULL;
	struct aicx_error why = { 0 };
	double cpu_ms = clock_ms(CLOCK_PROCESS_CPUTIME_ID);
	aicx_err err = load(source, len, SLOWER * DEADLINE_MS, &host, &why);

	cpu_ms = clock_ms(CLOCK_PROCESS_CPUTIME_ID) - cpu_ms;
	ck_assert_msg(err != AICX_OK, "it was loaded");
	ck_assert_ptr_null(host);
	ck_assert_msg(strstr(why.text, want) != NULL, "%s", why.text);
	ck_assert_msg(cpu_ms <= SLOWER * 2 * DEADLINE_MS * LUAHOST_LOAD_FACTOR,
	    "%.1f ms: %s", cpu_ms, why.text);
	check_no_address(why.text);
}

/* before, n times `unit`, after */
static char *
text_of(const char *before, const char *unit, size_t n, const char *after)
{
	size_t len = strlen(unit);
	char *text = malloc(strlen(before) + n * len + strlen(after) + 1);
	char *at = stpcpy(text, before);

	for (size_t i = 0; i < n; i++)
		at = stpcpy(at, unit);
	strcpy(at, after);
	return text;
}

START_TEST(what_cannot_be_compiled_is_refused_in_time)
{
	static const struct {
		const char *before, *unit;
		size_t n;
		const char *after;
	} rows[] = {
		{ "return ", "(", 60000, "1" },
		{ "return ", "{", 30000, "" },
		{ "x = 1 ", "+ 1 ", 15000, "" },
		{ "x = 1 ", "or x ", 13000, "" },
		{ "x = a", ".a", 30000, "" },
		{ "x = ", "-", 60000, "1" },
		{ "x = ", "not ", 16000, "1" },
		{ "x = ", "'a' .. ", 9000, "1" },
		{ "", "do ", 20000, "" },
		{ "", "function f() ", 5000, "" },
		{ "", "local a ", 8000, "" },
		{ "goto b ", "::b:: ", 8000, "" },
		{ "", "goto b ", 9000, "" },
		{ "x = [", "=", 60000, "[" },
		{ "--[", "=", 60000, "[" },
		{ "x = '", "\\z ", 20000, "" },
		{ "x = '", "\\u{7FFFFFFF}", 5000, "'" },
		{ "x = 0x", "f", 60000, "" },
		{ "x = 1", "0", 60000, "" },
		{ "", "a", 65000, "" },
		{ "", "\n", 65000, "x" },
		{ "", ";", 65000, "" },
		{ "x = {", "1,", 30000, "}" },
		{ "x = {", "{},", 20000, "}" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char *source = text_of(
		    rows[i].before, rows[i].unit, rows[i].n, rows[i].after);

		check_load_fails(source, strlen(source), "attack.lua");
		free(source);
	}
}
END_TEST

START_TEST(a_source_above_64_kib_is_refused_before_it_is_compiled)
{
	char *most = text_of("return { price = error }", " ", 65536 - 24, "");
	char *more = text_of("return { price = error }", " ", 65537 - 24, "");
	struct luahost *host;
	struct aicx_error why;

	ck_assert_int_eq(
	    load(most, strlen(most), DEADLINE_MS * SLOWER, &host, &why),
	    AICX_OK);
	luahost_free(host);
	check_load_fails(
	    more, strlen(more), "it has 65537 bytes and the limit is 65536");
	free(most);
	free(more);
}
END_TEST

START_TEST(bytecode_and_binary_are_refused)
{
	static const char nul[] = "return {}\0return {}";
	static const char header[] = "\x1bLua\x54\x00\x19\x93\r\n\x1a\n";

	check_load_fails(header, sizeof header - 1, "attempt to load a binary");
	check_load_fails("\x1b", 1, "attempt to load a binary");
	check_load_fails(nul, sizeof nul - 1, "attack.lua:1");
	check_load_fails("\xff\xfe", 2, "attack.lua:1");
	check_load_fails("#!/usr/bin/lua\n", 15, "attack.lua:1");
}
END_TEST

START_TEST(a_file_that_runs_for_ever_is_stopped_at_load)
{
	static const char *const rows[] = {
		"while true do end",
		"local s = 'x' while true do s = s .. s end",
		"local function f() return pcall(f) or f() end f()",
		"while true do pcall(error) end",
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		check_load_fails(rows[i], strlen(rows[i]), "attack.lua:1");
}
END_TEST

START_TEST(a_file_without_hooks_is_refused)
{
	static const char *const rows[][2] = {
		{ "", "attack.lua: returned a nil" },
		{ "return 1", "returned a number" },
		{ "return {}", "without hooks" },
		{ "return { 1 }", "a key that is no hook" },
		{ "return { prize = error }", "unknown hook 'prize'" },
		{ "return { price = 1 }", "hook 'price' is a number" },
		{ "return { price = string }", "hook 'price' is a table" },
		{ "return { price = function() end", "attack.lua:1: '}'" },
		{ "\n\nreturn nowhere.x", "attack.lua:3:" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		check_load_fails(rows[i][0], strlen(rows[i][0]), rows[i][1]);
}
END_TEST

/* --- reach, poisoning, failing memory -------------------------------- */

/* Everything that can be reached from the globals and a text, by name. */
START_TEST(nothing_but_the_listed_names_can_be_reached)
{
	static const char want[] =
	    "add assert error ipairs math math.abs math.ceil math.cos "
	    "math.exp math.floor math.fmod math.huge math.log math.max "
	    "math.maxinteger math.min math.mininteger math.modf math.pi "
	    "math.sin math.sqrt math.tointeger math.type math.ult money mul "
	    "muldiv next pairs pcall refuse select string string.byte "
	    "string.char string.find string.format string.len string.lower "
	    "string.rep string.reverse string.sub string.upper table "
	    "table.concat table.insert table.remove table.sort tonumber "
	    "tostring type utf8 utf8.char utf8.len";
	static const char source[] =
	    "local names = {}\n"
	    "for name, value in pairs(_ENV) do\n"
	    " names[#names + 1] = name\n"
	    " if type(value) == 'table' then\n"
	    "  for inner, it in pairs(value) do\n"
	    "   names[#names + 1] = name .. '.' .. inner\n"
	    "   assert(type(it) ~= 'table')\n"
	    "  end\n"
	    " end\n"
	    "end\n"
	    "return table.concat(names, ' ')";
	json_t *value = NULL;
	struct aicx_error why;
	struct luahost_limits limits = luahost_broker_limits;

	limits.deadline_ms = 0;
	if (luahost_eval("walk.lua",
		(struct aicx_str) { source, sizeof source - 1 }, &limits,
		&ports, &value, &why) != AICX_OK)
		ck_abort_msg("%s", why.text);
	ck_assert_str_eq(json_string_value(value), want);
	json_decref(value);
}
END_TEST

START_TEST(a_call_leaves_nothing_for_the_next)
{
	static const char source[] =
	    "local count, kept = 0, {}\n"
	    "return { price = function(usage)\n"
	    "  count = count + 1\n"
	    "  kept[#kept + 1] = usage\n"
	    "  if seen then error('a global was left') end\n"
	    "  seen = true\n"
	    "  tostring, pairs, error = nil, nil, nil\n"
	    "  if usage.calls == 1 then while true do end end\n"
	    "  if usage.calls == 2 then local s = 'x' "
	    "while true do s = s .. s end end\n"
	    "  return count * 100 + #kept\n"
	    "end }";
	char calls[] = "{\"usage\":{\"calls\":0},\"terms\":{},"
		       "\"ceiling\":{\"minor\":1000}}";
	struct luahost *host;
	struct aicx_error why;
	int64_t instructions = -1;
	size_t memory = 0;

	ck_assert_int_eq(
	    load(source, sizeof source - 1, 0, &host, &why), AICX_OK);
	for (int i = 0; i < 30; i++) {
		struct aicx_decision decision = { .size = sizeof decision };
		aicx_err err;

		calls[18] = (char)('0' + i % 3);
		err = luahost_run(host, AICX_HOOK_PRICE,
		    (struct aicx_str) { calls, sizeof calls - 1 }, &decision,
		    &why);
		if (i % 3 != 0) {
			ck_assert_int_eq(err, AICX_ELIMIT);
			continue;
		}
		ck_assert_msg(err == AICX_OK, "%s", why.text);
		ck_assert_str_eq(decision.result.ptr, "{\"minor\":101}");
		/* The same to the byte and instruction each time. */
		ck_assert(i == 0 || decision.instructions == instructions);
		ck_assert(i == 0 || luahost_memory(host) == memory);
		instructions = decision.instructions;
		memory = luahost_memory(host);
	}
	luahost_free(host);
}
END_TEST

static Suite *
suite(void)
{
	Suite *all = suite_create("lua_attack");
	TCase *tcase = tcase_create("attacks");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(
	    tcase, no_attack_outlives_its_deadline_or_passes, 0, N_ATTACKS);
	tcase_add_loop_test(tcase,
	    no_attack_outlives_its_instructions_without_a_clock, 0, N_ATTACKS);
	tcase_add_test(tcase, what_cannot_be_compiled_is_refused_in_time);
	tcase_add_test(
	    tcase, a_source_above_64_kib_is_refused_before_it_is_compiled);
	tcase_add_test(tcase, bytecode_and_binary_are_refused);
	tcase_add_test(tcase, a_file_that_runs_for_ever_is_stopped_at_load);
	tcase_add_test(tcase, a_file_without_hooks_is_refused);
	tcase_add_test(tcase, nothing_but_the_listed_names_can_be_reached);
	tcase_add_test(tcase, a_call_leaves_nothing_for_the_next);
	suite_add_tcase(all, tcase);
	return all;
}

int
main(void)
{
	SRunner *runner = srunner_create(suite());
	int n_failed;

	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	printf("%d attacks in two ways\n", N_ATTACKS);
	return n_failed == 0 ? 0 : 1;
}
