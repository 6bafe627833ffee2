# plugins/gateway_ard/local.mk - this folder's part of the build.
plugin_LTLIBRARIES += gateway_ard.la
gateway_ard_la_SOURCES = plugins/gateway_ard/gateway_ard.c plugins/gateway_ard/ard.h \
	plugins/gateway_ard/entry.c plugins/gateway_ard/entry.h \
	plugins/gateway_ard/grammar.c plugins/gateway_ard/grammar.h \
	plugins/gateway_ard/manifest.c plugins/gateway_ard/manifest.h \
	plugins/gateway_ard/page.c plugins/gateway_ard/page.h \
	plugins/gateway_ard/path.c plugins/gateway_ard/path.h \
	plugins/gateway_ard/registry.c plugins/gateway_ard/registry.h \
	plugins/gateway_ard/stock.c plugins/gateway_ard/stock.h \
	plugins/gateway_ard/talk.c plugins/gateway_ard/talk.h
gateway_ard_la_CPPFLAGS = $(PLUGIN_LIB_CPPFLAGS) $(JANSSON_CFLAGS)
gateway_ard_la_CFLAGS = $(PLUGIN_CFLAGS)
gateway_ard_la_LDFLAGS = $(PLUGIN_LDFLAGS)
gateway_ard_la_LIBADD = libplugin.la $(JANSSON_LIBS)
dist_man_MANS += plugins/gateway_ard/aiconexus-gateway_ard.7

# Loads the plugin from .libs onto a fake host.
check_PROGRAMS += plugins/gateway_ard/gateway_ard_test
plugins_gateway_ard_gateway_ard_test_CPPFLAGS = $(PLUGIN_TEST_CPPFLAGS) $(JANSSON_CFLAGS)
plugins_gateway_ard_gateway_ard_test_LDADD = $(JANSSON_LIBS) $(PLUGIN_TEST_LIBS)
