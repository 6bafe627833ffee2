# plugins/gateway_rest/local.mk - this folder's part of the build.
plugin_LTLIBRARIES += gateway_rest.la
gateway_rest_la_SOURCES = plugins/gateway_rest/gateway_rest.c \
	plugins/gateway_rest/ask.c plugins/gateway_rest/ask.h \
	plugins/gateway_rest/body.c plugins/gateway_rest/body.h \
	plugins/gateway_rest/docs.c plugins/gateway_rest/docs.h \
	plugins/gateway_rest/follow.c plugins/gateway_rest/follow.h \
	plugins/gateway_rest/openapi.c plugins/gateway_rest/openapi.h \
	plugins/gateway_rest/openapi_parts.c plugins/gateway_rest/openapi_parts.h \
	plugins/gateway_rest/packer.c plugins/gateway_rest/packer.h \
	plugins/gateway_rest/params.c plugins/gateway_rest/params.h \
	plugins/gateway_rest/quota.c plugins/gateway_rest/quota.h \
	plugins/gateway_rest/reply.c plugins/gateway_rest/reply.h \
	plugins/gateway_rest/route.c plugins/gateway_rest/route.h \
	plugins/gateway_rest/sample.c plugins/gateway_rest/sample.h
gateway_rest_la_CPPFLAGS = $(PLUGIN_LIB_CPPFLAGS) $(JANSSON_CFLAGS) $(ZLIB_CFLAGS)
gateway_rest_la_CFLAGS = $(PLUGIN_CFLAGS)
gateway_rest_la_LDFLAGS = $(PLUGIN_LDFLAGS)
gateway_rest_la_LIBADD = libplugin.la $(JANSSON_LIBS) $(ZLIB_LIBS)
dist_man_MANS += plugins/gateway_rest/aiconexus-gateway_rest.7

# Loads the plugin from .libs onto a fake host.
check_PROGRAMS += plugins/gateway_rest/gateway_rest_test
plugins_gateway_rest_gateway_rest_test_CPPFLAGS = $(PLUGIN_TEST_CPPFLAGS)
plugins_gateway_rest_gateway_rest_test_LDADD = $(PLUGIN_TEST_LIBS)
check_PROGRAMS += plugins/gateway_rest/follow_test
plugins_gateway_rest_follow_test_CPPFLAGS = $(PLUGIN_TEST_CPPFLAGS)
plugins_gateway_rest_follow_test_LDADD = $(PLUGIN_TEST_LIBS)
check_PROGRAMS += plugins/gateway_rest/web_test
plugins_gateway_rest_web_test_CPPFLAGS = $(PLUGIN_TEST_CPPFLAGS) \
	$(JANSSON_CFLAGS) $(ZLIB_CFLAGS)
plugins_gateway_rest_web_test_LDADD = $(PLUGIN_TEST_LIBS) $(JANSSON_LIBS) $(ZLIB_LIBS)
