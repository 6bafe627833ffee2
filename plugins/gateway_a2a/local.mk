# plugins/gateway_a2a/local.mk - this folder's part of the build.
plugin_LTLIBRARIES += gateway_a2a.la
gateway_a2a_la_SOURCES = plugins/gateway_a2a/gateway_a2a.c plugins/gateway_a2a/gateway.h \
	plugins/gateway_a2a/accept.c plugins/gateway_a2a/accept.h \
	plugins/gateway_a2a/ask.c plugins/gateway_a2a/ask.h \
	plugins/gateway_a2a/canon.c plugins/gateway_a2a/canon.h \
	plugins/gateway_a2a/courier.c plugins/gateway_a2a/courier.h \
	plugins/gateway_a2a/card.c plugins/gateway_a2a/card.h \
	plugins/gateway_a2a/cards.c plugins/gateway_a2a/cards.h \
	plugins/gateway_a2a/door.c plugins/gateway_a2a/door.h \
	plugins/gateway_a2a/fault.c plugins/gateway_a2a/fault.h \
	plugins/gateway_a2a/member.c plugins/gateway_a2a/member.h \
	plugins/gateway_a2a/message.c plugins/gateway_a2a/message.h \
	plugins/gateway_a2a/op.c plugins/gateway_a2a/op.h \
	plugins/gateway_a2a/job.c plugins/gateway_a2a/job.h \
	plugins/gateway_a2a/provider.c plugins/gateway_a2a/provider.h \
	plugins/gateway_a2a/shelf.c plugins/gateway_a2a/shelf.h \
	plugins/gateway_a2a/their_card.c plugins/gateway_a2a/their_card.h \
	plugins/gateway_a2a/their_seal.c plugins/gateway_a2a/their_seal.h \
	plugins/gateway_a2a/their_task.c plugins/gateway_a2a/their_task.h \
	plugins/gateway_a2a/their_work.c plugins/gateway_a2a/their_work.h \
	plugins/gateway_a2a/till.c plugins/gateway_a2a/till.h \
	plugins/gateway_a2a/push.c plugins/gateway_a2a/push.h \
	plugins/gateway_a2a/reply.c plugins/gateway_a2a/request.c plugins/gateway_a2a/request.h \
	plugins/gateway_a2a/record.c plugins/gateway_a2a/record.h \
	plugins/gateway_a2a/send.c plugins/gateway_a2a/send.h \
	plugins/gateway_a2a/stream.c plugins/gateway_a2a/stream.h \
	plugins/gateway_a2a/task.c plugins/gateway_a2a/task.h \
	plugins/gateway_a2a/tasks.c plugins/gateway_a2a/tasks.h \
	plugins/gateway_a2a/under.c plugins/gateway_a2a/under.h
gateway_a2a_la_CPPFLAGS = $(PLUGIN_LIB_CPPFLAGS) $(JANSSON_CFLAGS)
gateway_a2a_la_CFLAGS = $(PLUGIN_CFLAGS)
gateway_a2a_la_LDFLAGS = $(PLUGIN_LDFLAGS)
gateway_a2a_la_LIBADD = libplugin.la $(JANSSON_LIBS)
dist_man_MANS += plugins/gateway_a2a/aiconexus-gateway_a2a.7

# Loads the plugin from .libs onto a fake host.
check_PROGRAMS += plugins/gateway_a2a/gateway_a2a_test plugins/gateway_a2a/canon_test \
	plugins/gateway_a2a/provider_test plugins/gateway_a2a/their_card_test \
	plugins/gateway_a2a/their_stream_test plugins/gateway_a2a/till_test
plugins_gateway_a2a_till_test_CPPFLAGS = $(PLUGIN_TEST_CPPFLAGS) $(JANSSON_CFLAGS)
plugins_gateway_a2a_till_test_LDADD = $(JANSSON_LIBS) $(PLUGIN_TEST_LIBS)
TEST_ERRAND_SOURCES = plugins/gateway_a2a/test_errand.c \
	plugins/gateway_a2a/test_errand.h
plugins_gateway_a2a_provider_test_SOURCES = \
	plugins/gateway_a2a/provider_test.c $(TEST_ERRAND_SOURCES)
plugins_gateway_a2a_provider_test_CPPFLAGS = $(PLUGIN_TEST_CPPFLAGS)
plugins_gateway_a2a_provider_test_LDADD = $(PLUGIN_TEST_LIBS)
plugins_gateway_a2a_their_card_test_SOURCES = \
	plugins/gateway_a2a/their_card_test.c $(TEST_ERRAND_SOURCES)
plugins_gateway_a2a_their_card_test_CPPFLAGS = $(PLUGIN_TEST_CPPFLAGS)
plugins_gateway_a2a_their_card_test_LDADD = $(PLUGIN_TEST_LIBS)
plugins_gateway_a2a_their_stream_test_SOURCES = \
	plugins/gateway_a2a/their_stream_test.c $(TEST_ERRAND_SOURCES)
plugins_gateway_a2a_their_stream_test_CPPFLAGS = $(PLUGIN_TEST_CPPFLAGS)
plugins_gateway_a2a_their_stream_test_LDADD = $(PLUGIN_TEST_LIBS)
plugins_gateway_a2a_gateway_a2a_test_CPPFLAGS = $(PLUGIN_TEST_CPPFLAGS)
plugins_gateway_a2a_gateway_a2a_test_LDADD = $(PLUGIN_TEST_LIBS)
plugins_gateway_a2a_canon_test_SOURCES = plugins/gateway_a2a/canon_test.c \
	plugins/gateway_a2a/canon.c
plugins_gateway_a2a_canon_test_CPPFLAGS = $(PLUGIN_LIB_CPPFLAGS) $(JANSSON_CFLAGS)
plugins_gateway_a2a_canon_test_LDADD = libplugin.la $(JANSSON_LIBS) $(CHECK_LIBS)
