# plugins/transport_http/local.mk - this folder's part of the build.
plugin_LTLIBRARIES += transport_http.la
transport_http_la_SOURCES = plugins/transport_http/transport_http.c
transport_http_la_CPPFLAGS = $(HTTP_SERVER_CPPFLAGS)
transport_http_la_CFLAGS = $(PLUGIN_CFLAGS)
transport_http_la_LDFLAGS = $(PLUGIN_LDFLAGS)
transport_http_la_LIBADD = $(HTTP_SERVER_LIBS)
dist_man_MANS += plugins/transport_http/aiconexus-transport_http.7

# Each loads the plugin from .libs onto a fake host.
check_PROGRAMS += \
	plugins/transport_http/caller_test \
	plugins/transport_http/cors_test \
	plugins/transport_http/http_limits_test \
	plugins/transport_http/http_table_test \
	plugins/transport_http/stream_test \
	plugins/transport_http/transport_http_test \
	plugins/transport_http/ws_faults_test \
	plugins/transport_http/ws_test \
	plugins/transport_http/ws_upgrade_test
plugins_transport_http_caller_test_CPPFLAGS = $(HTTP_TEST_CPPFLAGS)
plugins_transport_http_caller_test_LDADD = $(HTTP_TEST_LDADD)
plugins_transport_http_cors_test_CPPFLAGS = $(HTTP_TEST_CPPFLAGS)
plugins_transport_http_cors_test_LDADD = $(HTTP_TEST_LDADD)
plugins_transport_http_http_limits_test_CPPFLAGS = $(HTTP_TEST_CPPFLAGS)
plugins_transport_http_http_limits_test_LDADD = $(HTTP_TEST_LDADD)
plugins_transport_http_http_table_test_CPPFLAGS = $(HTTP_TEST_CPPFLAGS)
plugins_transport_http_http_table_test_LDADD = $(HTTP_TEST_LDADD)
plugins_transport_http_stream_test_CPPFLAGS = $(HTTP_TEST_CPPFLAGS)
plugins_transport_http_stream_test_LDADD = $(HTTP_TEST_LDADD)
plugins_transport_http_transport_http_test_CPPFLAGS = $(HTTP_TEST_CPPFLAGS)
plugins_transport_http_transport_http_test_LDADD = $(HTTP_TEST_LDADD)
plugins_transport_http_ws_faults_test_SOURCES = plugins/transport_http/ws_faults_test.c \
	plugins/transport_http/test_frames.c plugins/transport_http/test_frames.h
plugins_transport_http_ws_faults_test_CPPFLAGS = $(HTTP_TEST_CPPFLAGS)
plugins_transport_http_ws_faults_test_LDADD = $(HTTP_TEST_LDADD)
plugins_transport_http_ws_test_SOURCES = plugins/transport_http/ws_test.c \
	plugins/transport_http/test_frames.c plugins/transport_http/test_frames.h
plugins_transport_http_ws_test_CPPFLAGS = $(HTTP_TEST_CPPFLAGS)
plugins_transport_http_ws_test_LDADD = $(HTTP_TEST_LDADD)
plugins_transport_http_ws_upgrade_test_SOURCES = plugins/transport_http/ws_upgrade_test.c \
	plugins/transport_http/test_frames.c plugins/transport_http/test_frames.h
plugins_transport_http_ws_upgrade_test_CPPFLAGS = $(HTTP_TEST_CPPFLAGS)
plugins_transport_http_ws_upgrade_test_LDADD = $(HTTP_TEST_LDADD)

# Both plugins as the broker loads them, over real sockets.
check_PROGRAMS += tests/fault/http_sockets_test
