/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lua_heap_test.c - the memory of a Lua state: its limit, its count, its image.
 */
#include "lua_heap.h"

#include <check.h>
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int
run_text(lua_State *lua)
{
	luaL_openlibs(lua);
	if (luaL_dostring(lua, lua_touserdata(lua, 1)) != LUA_OK)
		lua_error(lua);
	return 0;
}

static int
lua_run(lua_State *lua, const char *text)
{
	lua_settop(lua, 0);
	lua_pushcfunction(lua, run_text);
	lua_pushlightuserdata(lua, (void *)text);
	return lua_pcall(lua, 1, 0, 0);
}

START_TEST(the_count_is_zero_again_when_a_state_is_closed)
{
	struct luaheap heap;
	lua_State *lua;

	ck_assert(luaheap_init(&heap, 16 << 20));
	lua = lua_newstate(luaheap_alloc, &heap);
	ck_assert_int_eq(lua_run(lua,
			     "local t = {} for i = 1, 20000 do\n"
			     " t[i] = tostring(i):rep(i % 50)\n"
			     " if i % 3 == 0 then t[i - 1] = nil end\n"
			     "end\n"
			     "for i = 1, 200 do t['k' .. i] = { i } end\n"
			     "table.concat(t, ',', 1, 1)"),
	    LUA_OK);
	ck_assert_uint_gt(heap.now.live, 100000);
	ck_assert_uint_le(heap.now.live, heap.now.top);
	lua_close(lua);
	ck_assert_uint_eq(heap.now.live, 0);
	luaheap_fini(&heap);
}
END_TEST

START_TEST(the_limit_holds_and_is_told_once)
{
	struct luaheap heap;
	lua_State *lua;

	ck_assert(luaheap_init(&heap, 128 << 10));
	lua = lua_newstate(luaheap_alloc, &heap);
	ck_assert_int_eq(
	    lua_run(lua, "local t = {} for i = 1, 1e9 do t[i] = {} end"),
	    LUA_ERRMEM);
	ck_assert(heap.refused);
	ck_assert_uint_le(heap.peak, 128 << 10);
	lua_close(lua);
	ck_assert_uint_eq(heap.now.live, 0);
	luaheap_fini(&heap);
}
END_TEST

/* Each k-th allocation of a life fails once: an error, no crash, no leak. */
START_TEST(a_state_survives_each_failing_allocation)
{
	for (int64_t k = 1;; k++) {
		struct luaheap heap;
		lua_State *lua;
		int status = LUA_ERRMEM;

		ck_assert(luaheap_init(&heap, 1 << 20));
		heap.fail_in = k;
		lua = lua_newstate(luaheap_alloc, &heap);
		if (lua != NULL)
			status = lua_run(lua, "return ('x'):rep(100)");
		if (lua != NULL)
			lua_close(lua);
		ck_assert_uint_eq(heap.now.live, 0);
		luaheap_fini(&heap);
		if (status == LUA_OK) {
			ck_assert_int_gt(k, 100);
			break;
		}
		ck_assert_int_lt(k, 5000);
	}
}
END_TEST

START_TEST(an_image_brings_everything_back)
{
	struct luaheap heap;
	lua_State *lua;
	char *before;

	ck_assert(luaheap_init(&heap, 1 << 20));
	lua = lua_newstate(luaheap_alloc, &heap);
	ck_assert_int_eq(lua_run(lua, "x = 1"), LUA_OK);
	ck_assert(luaheap_save(&heap));
	before = malloc(heap.now.top);
	memcpy(before, heap.base, heap.now.top);
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(
		    lua_run(lua,
			"assert(x == 1) x = 2\n"
			"local s = 'x' while true do s = s .. s end"),
		    LUA_ERRMEM);
		luaheap_restore(&heap);
		ck_assert(!heap.refused);
		ck_assert_uint_eq(heap.handed, 0);
		ck_assert_mem_eq(heap.base, before, heap.now.top);
	}
	lua_close(lua);
	ck_assert_uint_eq(heap.now.live, 0);
	free(before);
	luaheap_fini(&heap);
}
END_TEST

/* Random sizes against a plain record of what each block holds. */
START_TEST(blocks_keep_their_bytes_and_never_overlap)
{
	enum { N = 200 };
	struct luaheap heap;
	struct {
		unsigned char *at;
		size_t bytes;
	} blocks[N] = { { NULL, 0 } };
	unsigned seed = 1;

	/* Freed neighbours are never joined: a call is over too soon. */
	ck_assert(luaheap_init(&heap, 16 << 20));
	for (int round = 0; round < 20000; round++) {
		int i = (int)((seed = seed * 1103515245 + 12345) >> 16) % N;
		size_t bytes =
		    ((seed = seed * 1103515245 + 12345) >> 16) % 3000;
		size_t kept = bytes < blocks[i].bytes ? bytes : blocks[i].bytes;
		size_t same = 0;
		unsigned char *at =
		    luaheap_alloc(&heap, blocks[i].at, blocks[i].bytes, bytes);

		if (bytes == 0) {
			ck_assert_ptr_null(at);
		} else {
			ck_assert_ptr_nonnull(at);
			ck_assert_uint_eq((uintptr_t)at % 16, 0);
		}
		/* Each assertion writes to a pipe: not one a byte. */
		while (same < kept && at[same] == i)
			same++;
		ck_assert_uint_eq(same, kept);
		if (at != NULL)
			memset(at, i, bytes);
		blocks[i].at = at;
		blocks[i].bytes = bytes;
	}
	for (int i = 0; i < N; i++)
		luaheap_alloc(&heap, blocks[i].at, blocks[i].bytes, 0);
	ck_assert_uint_eq(heap.now.live, 0);
	luaheap_fini(&heap);
}
END_TEST

START_TEST(sizes_that_wrap_are_refused)
{
	struct luaheap heap;
	void *block;

	ck_assert(luaheap_init(&heap, 1 << 20));
	ck_assert_ptr_null(luaheap_alloc(&heap, NULL, 0, SIZE_MAX));
	luaheap_save(&heap);
	luaheap_restore(&heap);
	block = luaheap_alloc(&heap, NULL, 0, 100);
	ck_assert_ptr_nonnull(block);
	ck_assert_ptr_null(luaheap_alloc(&heap, block, 100, SIZE_MAX - 20));
	ck_assert(heap.refused);
	/* After a refusal nothing grows, but all shrinks. */
	ck_assert_ptr_null(luaheap_alloc(&heap, NULL, 0, 16));
	ck_assert_ptr_eq(luaheap_alloc(&heap, block, 100, 50), block);
	ck_assert_ptr_null(luaheap_alloc(&heap, block, 50, 0));
	luaheap_fini(&heap);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("lua_heap");
	TCase *tcase = tcase_create("heap");
	SRunner *runner = srunner_create(suite);
	int n_failed;

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, the_count_is_zero_again_when_a_state_is_closed);
	tcase_add_test(tcase, the_limit_holds_and_is_told_once);
	tcase_add_test(tcase, a_state_survives_each_failing_allocation);
	tcase_add_test(tcase, an_image_brings_everything_back);
	tcase_add_test(tcase, blocks_keep_their_bytes_and_never_overlap);
	tcase_add_test(tcase, sizes_that_wrap_are_refused);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed == 0 ? 0 : 1;
}
