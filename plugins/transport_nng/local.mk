# plugins/transport_nng/local.mk - this folder's part of the build, where libnng is.
if HAVE_NNG
plugin_LTLIBRARIES += transport_nng.la
transport_nng_la_SOURCES = plugins/transport_nng/transport_nng.c \
	plugins/lib/http/origin.c plugins/lib/http/origin.h \
	plugins/transport_nng/check.c plugins/transport_nng/check.h \
	plugins/transport_nng/conn.c plugins/transport_nng/conn.h \
	plugins/transport_nng/door.c plugins/transport_nng/door.h \
	plugins/transport_nng/frame.c plugins/transport_nng/frame.h \
	plugins/transport_nng/listen.c plugins/transport_nng/listen.h \
	plugins/transport_nng/news.c plugins/transport_nng/news.h \
	plugins/transport_nng/pipes.c plugins/transport_nng/pipes.h \
	plugins/transport_nng/threads.c plugins/transport_nng/threads.h
transport_nng_la_CPPFLAGS = $(HTTP_SERVER_CPPFLAGS)
transport_nng_la_CFLAGS = $(PLUGIN_CFLAGS)
transport_nng_la_LDFLAGS = $(PLUGIN_LDFLAGS)
transport_nng_la_LIBADD = libplugin.la $(NNG_LIBS)
endif
dist_man_MANS += plugins/transport_nng/aiconexus-transport_nng.7

check_PROGRAMS += plugins/transport_nng/frame_test
plugins_transport_nng_frame_test_SOURCES = plugins/transport_nng/frame_test.c \
	plugins/transport_nng/frame.c plugins/transport_nng/frame.h
plugins_transport_nng_frame_test_CPPFLAGS = $(PLUGIN_LIB_CPPFLAGS)
plugins_transport_nng_frame_test_LDADD = libplugin.la $(CHECK_LIBS)

# Here NNG is played by the test, but its types are used.
if HAVE_NNG
check_PROGRAMS += plugins/transport_nng/conn_test
plugins_transport_nng_conn_test_SOURCES = plugins/transport_nng/conn_test.c \
	plugins/transport_nng/conn.c plugins/transport_nng/conn.h \
	plugins/transport_nng/frame.c plugins/transport_nng/frame.h
plugins_transport_nng_conn_test_CPPFLAGS = $(PLUGIN_LIB_CPPFLAGS) \
	-I$(top_srcdir)/plugins/lib/http -I$(top_srcdir)/tests/lib
plugins_transport_nng_conn_test_LDADD = libplugin.la $(PLUGIN_TEST_LIBS)

# The whole of it, with clients of libnng.
check_PROGRAMS += plugins/transport_nng/transport_nng_test
plugins_transport_nng_transport_nng_test_CPPFLAGS = $(PLUGIN_TEST_CPPFLAGS)
plugins_transport_nng_transport_nng_test_LDADD = $(PLUGIN_TEST_LIBS) $(NNG_LIBS)
plugins_transport_nng_transport_nng_test_DEPENDENCIES = tests/lib/libfakes.a transport_nng.la
endif
