# plugins/gateway_mcp/local.mk - this folder's part of the build.
plugin_LTLIBRARIES += gateway_mcp.la
gateway_mcp_la_SOURCES = plugins/gateway_mcp/gateway_mcp.c \
	plugins/gateway_mcp/mcp.h \
	plugins/gateway_mcp/content.c plugins/gateway_mcp/content.h \
	plugins/gateway_mcp/deal.c plugins/gateway_mcp/deal.h \
	plugins/gateway_mcp/desk.c plugins/gateway_mcp/desk.h \
	plugins/gateway_mcp/desk_deal.c plugins/gateway_mcp/desk_read.c \
	plugins/gateway_mcp/desk_tool.h \
	plugins/gateway_mcp/door.c plugins/gateway_mcp/door.h \
	plugins/gateway_mcp/era.c plugins/gateway_mcp/era.h \
	plugins/gateway_mcp/goods.c plugins/gateway_mcp/goods.h \
	plugins/gateway_mcp/goods_list.c \
	plugins/gateway_mcp/header.c plugins/gateway_mcp/header.h \
	plugins/gateway_mcp/listen.c plugins/gateway_mcp/listen.h \
	plugins/gateway_mcp/methods.c plugins/gateway_mcp/methods.h \
	plugins/gateway_mcp/print.c plugins/gateway_mcp/print.h \
	plugins/gateway_mcp/resources.c \
	plugins/gateway_mcp/rpc.c plugins/gateway_mcp/rpc.h \
	plugins/gateway_mcp/schema.c plugins/gateway_mcp/schema.h \
	plugins/gateway_mcp/stream.c plugins/gateway_mcp/stream.h \
	plugins/gateway_mcp/talk.c plugins/gateway_mcp/talk.h \
	plugins/gateway_mcp/their_ask.c plugins/gateway_mcp/their_ask.h \
	plugins/gateway_mcp/their_goods.c plugins/gateway_mcp/their_goods.h \
	plugins/gateway_mcp/their_job.c plugins/gateway_mcp/their_job.h \
	plugins/gateway_mcp/their_post.c plugins/gateway_mcp/their_post.h \
	plugins/gateway_mcp/their_server.c plugins/gateway_mcp/their_server.h \
	plugins/gateway_mcp/their_step.c \
	plugins/gateway_mcp/their_tool.c plugins/gateway_mcp/their_tool.h \
	plugins/gateway_mcp/their_work.c plugins/gateway_mcp/their_work.h \
	plugins/gateway_mcp/till.c plugins/gateway_mcp/till.h \
	plugins/gateway_mcp/tools.c
gateway_mcp_la_CPPFLAGS = $(PLUGIN_LIB_CPPFLAGS) $(JANSSON_CFLAGS)
gateway_mcp_la_CFLAGS = $(PLUGIN_CFLAGS)
gateway_mcp_la_LDFLAGS = $(PLUGIN_LDFLAGS)
gateway_mcp_la_LIBADD = libplugin.la $(JANSSON_LIBS) -lm
dist_man_MANS += plugins/gateway_mcp/aiconexus-gateway_mcp.7

# Loads the plugin from .libs onto a fake host.
check_PROGRAMS += plugins/gateway_mcp/gateway_mcp_test
plugins_gateway_mcp_gateway_mcp_test_CPPFLAGS = $(PLUGIN_TEST_CPPFLAGS)
plugins_gateway_mcp_gateway_mcp_test_LDADD = $(PLUGIN_TEST_LIBS)

check_PROGRAMS += plugins/gateway_mcp/their_work_test
plugins_gateway_mcp_their_work_test_CPPFLAGS = $(PLUGIN_TEST_CPPFLAGS)
plugins_gateway_mcp_their_work_test_LDADD = $(PLUGIN_TEST_LIBS)
