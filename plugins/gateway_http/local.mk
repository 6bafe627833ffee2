# plugins/gateway_http/local.mk - this folder's part of the build.
plugin_LTLIBRARIES += gateway_http.la
gateway_http_la_SOURCES = plugins/gateway_http/gateway_http.c
gateway_http_la_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(JANSSON_CFLAGS)
gateway_http_la_CFLAGS = $(PLUGIN_CFLAGS)
gateway_http_la_LDFLAGS = $(PLUGIN_LDFLAGS)
gateway_http_la_LIBADD = $(JANSSON_LIBS)
dist_man_MANS += plugins/gateway_http/aiconexus-gateway_http.7

check_PROGRAMS += plugins/gateway_http/gateway_http_test
plugins_gateway_http_gateway_http_test_CPPFLAGS = $(PLUGIN_TEST_CPPFLAGS)
plugins_gateway_http_gateway_http_test_LDADD = $(PLUGIN_TEST_LIBS)
