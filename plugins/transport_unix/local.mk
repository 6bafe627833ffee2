# plugins/transport_unix/local.mk - this folder's part of the build; most of the
# plugin is that of transport_http.
plugin_LTLIBRARIES += transport_unix.la
transport_unix_la_SOURCES = plugins/transport_unix/transport_unix.c
transport_unix_la_CPPFLAGS = $(HTTP_SERVER_CPPFLAGS)
transport_unix_la_CFLAGS = $(PLUGIN_CFLAGS)
transport_unix_la_LDFLAGS = $(PLUGIN_LDFLAGS)
transport_unix_la_LIBADD = $(HTTP_SERVER_LIBS)
dist_man_MANS += plugins/transport_unix/aiconexus-transport_unix.7

check_PROGRAMS += plugins/transport_unix/transport_unix_test
plugins_transport_unix_transport_unix_test_CPPFLAGS = $(HTTP_TEST_CPPFLAGS)
plugins_transport_unix_transport_unix_test_LDADD = $(HTTP_TEST_LDADD)
