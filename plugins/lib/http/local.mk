# plugins/lib/http/local.mk - HTTP/1.1 and WebSocket on a stream: what the
# transports that speak it are made of.
noinst_LTLIBRARIES += libhttpserver.la
libhttpserver_la_SOURCES = \
	plugins/lib/http/answer.c plugins/lib/http/answer.h \
	plugins/lib/http/caller.c plugins/lib/http/caller.h \
	plugins/lib/http/chunk.c plugins/lib/http/chunk.h \
	plugins/lib/http/conn.c plugins/lib/http/conn.h \
	plugins/lib/http/cors.c plugins/lib/http/cors.h \
	plugins/lib/http/forwarded.c plugins/lib/http/forwarded.h \
	plugins/lib/http/frame.c plugins/lib/http/frame.h \
	plugins/lib/http/head.c plugins/lib/http/head.h \
	plugins/lib/http/held.c plugins/lib/http/held.h \
	plugins/lib/http/http.c plugins/lib/http/http.h \
	plugins/lib/http/origin.c plugins/lib/http/origin.h \
	plugins/lib/http/pipeline.c plugins/lib/http/pipeline.h \
	plugins/lib/http/receiver.c plugins/lib/http/receiver.h \
	plugins/lib/http/options.h \
	plugins/lib/http/server.c plugins/lib/http/server.h \
	plugins/lib/http/server_listen.c \
	plugins/lib/http/target.c plugins/lib/http/target.h \
	plugins/lib/http/upgrade.c plugins/lib/http/upgrade.h \
	plugins/lib/http/wheel.c plugins/lib/http/wheel.h \
	plugins/lib/http/ws.c plugins/lib/http/ws.h
HTTP_SERVER_CPPFLAGS = $(PLUGIN_LIB_CPPFLAGS) -I$(top_srcdir)/plugins/lib/http
libhttpserver_la_CPPFLAGS = $(PLUGIN_LIB_CPPFLAGS) $(CRYPTO_CFLAGS)
libhttpserver_la_CFLAGS = $(PLUGIN_CFLAGS)
HTTP_SERVER_LIBS = libhttpserver.la libplugin.la $(HTTP_PARSER_LIBS) $(WSLAY_LIBS) $(CRYPTO_LIBS)

# For tests of such a plugin: it is loaded from .libs onto a fake host.
HTTP_TEST_CPPFLAGS = $(PLUGIN_CPPFLAGS) -I$(top_srcdir)/plugins/lib/http -I$(top_srcdir)/tests/lib
HTTP_TEST_LDADD = plugins/lib/http/libtestsite.a $(PLUGIN_TEST_LIBS)
check_LIBRARIES += plugins/lib/http/libtestsite.a
plugins_lib_http_libtestsite_a_SOURCES = \
	plugins/lib/http/test_site.c plugins/lib/http/test_site.h
plugins_lib_http_libtestsite_a_CPPFLAGS = $(HTTP_TEST_CPPFLAGS)
