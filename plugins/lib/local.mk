# plugins/lib/local.mk - this folder's part of the build: what plugins share.
#
# A plugin that uses it takes PLUGIN_LIB_CPPFLAGS and libplugin.la.
noinst_LTLIBRARIES += libplugin.la
libplugin_la_SOURCES = \
	plugins/lib/base64.c plugins/lib/base64.h \
	plugins/lib/bytes.c plugins/lib/bytes.h plugins/lib/field.h \
	plugins/lib/events.c plugins/lib/events.h \
	plugins/lib/pass.c plugins/lib/pass.h \
	plugins/lib/reached.c plugins/lib/reached.h \
	plugins/lib/slice.c plugins/lib/slice.h \
	plugins/lib/text.c plugins/lib/text.h
libplugin_la_CPPFLAGS = $(PLUGIN_LIB_CPPFLAGS)
libplugin_la_CFLAGS = $(PLUGIN_CFLAGS)

PLUGIN_LIB_TEST_LIBS = libplugin.la $(CHECK_LIBS)
check_PROGRAMS += plugins/lib/base64_test plugins/lib/bytes_test plugins/lib/events_test \
	plugins/lib/reached_test plugins/lib/slice_test plugins/lib/text_test
plugins_lib_base64_test_CPPFLAGS = $(PLUGIN_LIB_CPPFLAGS)
plugins_lib_base64_test_LDADD = $(PLUGIN_LIB_TEST_LIBS)
plugins_lib_bytes_test_CPPFLAGS = $(PLUGIN_LIB_CPPFLAGS)
plugins_lib_bytes_test_LDADD = $(PLUGIN_LIB_TEST_LIBS)
plugins_lib_events_test_CPPFLAGS = $(PLUGIN_LIB_CPPFLAGS)
plugins_lib_events_test_LDADD = $(PLUGIN_LIB_TEST_LIBS)
plugins_lib_reached_test_CPPFLAGS = $(PLUGIN_LIB_CPPFLAGS)
plugins_lib_reached_test_LDADD = $(PLUGIN_LIB_TEST_LIBS)
plugins_lib_slice_test_CPPFLAGS = $(PLUGIN_LIB_CPPFLAGS)
plugins_lib_slice_test_LDADD = $(PLUGIN_LIB_TEST_LIBS)
plugins_lib_text_test_CPPFLAGS = $(PLUGIN_LIB_CPPFLAGS)
plugins_lib_text_test_LDADD = $(PLUGIN_LIB_TEST_LIBS)
