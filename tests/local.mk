# tests/local.mk - what needs more than one folder.
#
# A scene starts a real daemon and speaks to it as agents (tests/lib/aicx_scene).
# It prints a line `ok - ...` or `not ok - ...` for each thing it looked at.
TEST_EXTENSIONS = .py .sh
PY_LOG_COMPILER = $(PYTHON)
AM_PY_LOG_FLAGS = -B
SH_LOG_COMPILER = $(SHELL)
AM_TESTS_ENVIRONMENT = \
	AICX_BUILD='$(abs_top_builddir)'; export AICX_BUILD; \
	AICX_SRC='$(abs_top_srcdir)'; export AICX_SRC; \
	PYTHONPATH='$(abs_top_srcdir)/tests/lib'; export PYTHONPATH; \
	PATH="$(abs_top_builddir)/tools:$$PATH"; export PATH; \
	CK_DEFAULT_TIMEOUT=300; export CK_DEFAULT_TIMEOUT; \
	ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1; export ASAN_OPTIONS; \
	LSAN_OPTIONS='suppressions=$(abs_top_srcdir)/tests/lsan.supp:print_suppressions=0'; export LSAN_OPTIONS; \
	UBSAN_OPTIONS=print_stacktrace=1; export UBSAN_OPTIONS;

EXTRA_DIST += tests/lib/aicx_scene tests/lsan.supp
dist_check_SCRIPTS += tests/checks_test.sh tests/demo_test.sh \
	tests/docs_test.sh tests/hardening_test.sh \
	tests/plugins_test.sh tests/lib/wire_test.py

# Fakes and fixtures of the plugins' tests.
check_LIBRARIES += tests/lib/libfakes.a
tests_lib_libfakes_a_SOURCES = \
	tests/lib/fake_host.c tests/lib/fake_host.h \
	tests/lib/fake_keys.c tests/lib/fake_keys.h \
	tests/lib/level_store.c tests/lib/level_store.h
tests_lib_libfakes_a_CPPFLAGS = $(PLUGIN_TEST_CPPFLAGS)

# What abi/wire says of the methods is printed from the route table.
check_PROGRAMS += tests/methods_dump
tests_methods_dump_SOURCES = tests/methods_dump.c \
	plugins/gateway_rest/openapi.c plugins/gateway_rest/openapi.h \
	plugins/gateway_rest/openapi_parts.c plugins/gateway_rest/openapi_parts.h \
	plugins/gateway_rest/sample.c plugins/gateway_rest/sample.h
tests_methods_dump_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/plugins \
	-I$(top_srcdir)/plugins/lib $(JANSSON_CFLAGS)
tests_methods_dump_LDADD = $(LDADD) libplugin.la $(JANSSON_LIBS)
methods: tests/methods_dump
	@for name in methods.json permissions.md openapi.json; do \
		tests/methods_dump $${name%.*} >$(srcdir)/abi/wire/$$name.new && \
		mv $(srcdir)/abi/wire/$$name.new $(srcdir)/abi/wire/$$name || exit 1; \
	done
.PHONY: methods
