# plugins/transport_http/local.mk - this folder's part of the build.
plugin_LTLIBRARIES += transport_http.la
transport_http_la_SOURCES = plugins/transport_http/transport_http.c \
	plugins/transport_http/answer.c plugins/transport_http/answer.h \
	plugins/transport_http/chunk.c plugins/transport_http/chunk.h \
	plugins/transport_http/conn.c plugins/transport_http/conn.h \
	plugins/transport_http/frame.c plugins/transport_http/frame.h \
	plugins/transport_http/head.c plugins/transport_http/head.h \
	plugins/transport_http/http.c plugins/transport_http/http.h \
	plugins/transport_http/origin.c plugins/transport_http/origin.h \
	plugins/transport_http/pipeline.c plugins/transport_http/pipeline.h \
	plugins/transport_http/receiver.c plugins/transport_http/receiver.h \
	plugins/transport_http/server.h \
	plugins/transport_http/target.c plugins/transport_http/target.h \
	plugins/transport_http/upgrade.c plugins/transport_http/upgrade.h \
	plugins/transport_http/wheel.c plugins/transport_http/wheel.h \
	plugins/transport_http/ws.c plugins/transport_http/ws.h
transport_http_la_CPPFLAGS = $(PLUGIN_LIB_CPPFLAGS) $(CRYPTO_CFLAGS)
transport_http_la_CFLAGS = $(PLUGIN_CFLAGS)
transport_http_la_LDFLAGS = $(PLUGIN_LDFLAGS)
transport_http_la_LIBADD = libplugin.la $(HTTP_PARSER_LIBS) $(WSLAY_LIBS) $(CRYPTO_LIBS)
dist_man_MANS += plugins/transport_http/aiconexus-transport_http.7

# Each loads the plugin from .libs onto a fake host.
HTTP_TEST_CPPFLAGS = $(PLUGIN_CPPFLAGS) -I$(top_srcdir)/tests/lib
HTTP_TEST_LDADD = plugins/transport_http/libtestsite.a $(CHECK_LIBS) -ldl
check_LIBRARIES += plugins/transport_http/libtestsite.a
plugins_transport_http_libtestsite_a_SOURCES = \
	plugins/transport_http/test_frames.c plugins/transport_http/test_frames.h \
	plugins/transport_http/test_site.c plugins/transport_http/test_site.h \
	tests/lib/fake_host.c tests/lib/fake_host.h
plugins_transport_http_libtestsite_a_CPPFLAGS = $(HTTP_TEST_CPPFLAGS)
check_PROGRAMS += \
	plugins/transport_http/http_limits_test \
	plugins/transport_http/http_table_test \
	plugins/transport_http/stream_test \
	plugins/transport_http/transport_http_test \
	plugins/transport_http/ws_faults_test \
	plugins/transport_http/ws_test \
	plugins/transport_http/ws_upgrade_test
plugins_transport_http_http_limits_test_CPPFLAGS = $(HTTP_TEST_CPPFLAGS)
plugins_transport_http_http_limits_test_LDADD = $(HTTP_TEST_LDADD)
plugins_transport_http_http_table_test_CPPFLAGS = $(HTTP_TEST_CPPFLAGS)
plugins_transport_http_http_table_test_LDADD = $(HTTP_TEST_LDADD)
plugins_transport_http_stream_test_CPPFLAGS = $(HTTP_TEST_CPPFLAGS)
plugins_transport_http_stream_test_LDADD = $(HTTP_TEST_LDADD)
plugins_transport_http_transport_http_test_CPPFLAGS = $(HTTP_TEST_CPPFLAGS)
plugins_transport_http_transport_http_test_LDADD = $(HTTP_TEST_LDADD)
plugins_transport_http_ws_faults_test_CPPFLAGS = $(HTTP_TEST_CPPFLAGS)
plugins_transport_http_ws_faults_test_LDADD = $(HTTP_TEST_LDADD)
plugins_transport_http_ws_test_CPPFLAGS = $(HTTP_TEST_CPPFLAGS)
plugins_transport_http_ws_test_LDADD = $(HTTP_TEST_LDADD)
plugins_transport_http_ws_upgrade_test_CPPFLAGS = $(HTTP_TEST_CPPFLAGS)
plugins_transport_http_ws_upgrade_test_LDADD = $(HTTP_TEST_LDADD)

# Both plugins as the broker loads them, over real sockets.
check_PROGRAMS += tests/fault/http_sockets_test
