# plugins/hook_lua/local.mk - this folder's part of the build.

# The host of policies: linked by the plugin, the command line and the tests.
noinst_LTLIBRARIES += libluahost.la
libluahost_la_SOURCES = \
	plugins/hook_lua/lua_answer.c plugins/hook_lua/lua_answer.h \
	plugins/hook_lua/lua_case.c plugins/hook_lua/lua_case.h \
	plugins/hook_lua/lua_fault.c plugins/hook_lua/lua_fault.h \
	plugins/hook_lua/lua_heap.c plugins/hook_lua/lua_heap.h \
	plugins/hook_lua/lua_host.c plugins/hook_lua/lua_host.h \
	plugins/hook_lua/lua_inside.h \
	plugins/hook_lua/lua_json.c plugins/hook_lua/lua_json.h \
	plugins/hook_lua/lua_libs.c plugins/hook_lua/lua_libs.h \
	plugins/hook_lua/lua_load.c \
	plugins/hook_lua/lua_meter.c plugins/hook_lua/lua_meter.h \
	plugins/hook_lua/lua_value.c plugins/hook_lua/lua_value.h \
	plugins/hook_lua/lua_view.c plugins/hook_lua/lua_view.h \
	plugins/hook_lua/lua_words.c plugins/hook_lua/lua_words.h \
	plugins/hook_lua/policy_hash.c plugins/hook_lua/policy_hash.h
libluahost_la_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(LUA_CFLAGS) $(JANSSON_CFLAGS)
libluahost_la_CFLAGS = $(PLUGIN_CFLAGS)
libluahost_la_LIBADD = $(LUA_LIBS) $(JANSSON_LIBS)

plugin_LTLIBRARIES += hook_lua.la
hook_lua_la_SOURCES = plugins/hook_lua/hook_lua.c
hook_lua_la_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(JANSSON_CFLAGS)
hook_lua_la_CFLAGS = $(PLUGIN_CFLAGS)
hook_lua_la_LDFLAGS = $(PLUGIN_LDFLAGS)
hook_lua_la_LIBADD = libluahost.la
dist_man_MANS += plugins/hook_lua/aiconexus-hook_lua.7

policydir = $(pkgdatadir)/policy
dist_policy_DATA = scripts/policy/README.md \
	scripts/policy/best.lua scripts/policy/best_test.lua \
	scripts/policy/cheapest.lua scripts/policy/cheapest_test.lua \
	scripts/policy/flat.lua scripts/policy/flat_test.lua \
	scripts/policy/surge.lua scripts/policy/surge_test.lua \
	scripts/policy/volume.lua scripts/policy/volume_test.lua

# Tests of the host link it; that of the plugin loads it from .libs by hand.
LUAHOST_TEST_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(LUA_CFLAGS) $(JANSSON_CFLAGS)
LUAHOST_TEST_LIBS = libluahost.la $(CHECK_LIBS)
check_PROGRAMS += plugins/hook_lua/lua_heap_test
plugins_hook_lua_lua_heap_test_CPPFLAGS = $(LUAHOST_TEST_CPPFLAGS)
plugins_hook_lua_lua_heap_test_LDADD = $(LUAHOST_TEST_LIBS)
TEST_HOST_SOURCES = plugins/hook_lua/test_host.c plugins/hook_lua/test_host.h
check_PROGRAMS += plugins/hook_lua/lua_answers_test
plugins_hook_lua_lua_answers_test_SOURCES = plugins/hook_lua/lua_answers_test.c $(TEST_HOST_SOURCES)
plugins_hook_lua_lua_answers_test_CPPFLAGS = $(LUAHOST_TEST_CPPFLAGS)
plugins_hook_lua_lua_answers_test_LDADD = $(LUAHOST_TEST_LIBS)
check_PROGRAMS += plugins/hook_lua/lua_arguments_test
plugins_hook_lua_lua_arguments_test_SOURCES = plugins/hook_lua/lua_arguments_test.c $(TEST_HOST_SOURCES)
plugins_hook_lua_lua_arguments_test_CPPFLAGS = $(LUAHOST_TEST_CPPFLAGS)
plugins_hook_lua_lua_arguments_test_LDADD = $(LUAHOST_TEST_LIBS)
check_PROGRAMS += plugins/hook_lua/lua_host_test
plugins_hook_lua_lua_host_test_SOURCES = plugins/hook_lua/lua_host_test.c $(TEST_HOST_SOURCES)
plugins_hook_lua_lua_host_test_CPPFLAGS = $(LUAHOST_TEST_CPPFLAGS)
plugins_hook_lua_lua_host_test_LDADD = $(LUAHOST_TEST_LIBS)
check_PROGRAMS += plugins/hook_lua/lua_attack_test
plugins_hook_lua_lua_attack_test_CPPFLAGS = $(LUAHOST_TEST_CPPFLAGS)
plugins_hook_lua_lua_attack_test_LDADD = $(LUAHOST_TEST_LIBS)
check_PROGRAMS += plugins/hook_lua/policy_test
plugins_hook_lua_policy_test_CPPFLAGS = $(LUAHOST_TEST_CPPFLAGS)
plugins_hook_lua_policy_test_LDADD = $(LUAHOST_TEST_LIBS)
check_PROGRAMS += plugins/hook_lua/hook_lua_test
plugins_hook_lua_hook_lua_test_CPPFLAGS = $(PLUGIN_CPPFLAGS)
plugins_hook_lua_hook_lua_test_LDADD = $(CHECK_LIBS) -ldl
