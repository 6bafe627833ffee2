# core/module/local.mk - this folder's part of the build.
core_libcore_a_SOURCES += core/module/exchange.c core/module/exchange.h \
	core/module/host.c core/module/host.h \
	core/module/host_listen.c core/module/host_listen.h core/module/instance.h \
	core/module/kind.c core/module/kind.h core/module/library.c \
	core/module/library.h core/module/load.c core/module/load.h \
	core/module/module.h core/module/modules.c core/module/order.c \
	core/module/order.h core/module/path.c core/module/path.h
check_PROGRAMS += core/module/module_test core/module/exchange_test

# Plugins to load and to refuse; -rpath, or libtool builds no shared object.
check_LTLIBRARIES += core/module/testdata/foreign.la \
	core/module/testdata/gateway_echo.la core/module/testdata/hook_link.la \
	core/module/testdata/pricing_good.la core/module/testdata/pricing_good2.la \
	core/module/testdata/pricing_lame.la core/module/testdata/pricing_magic.la \
	core/module/testdata/pricing_minor.la core/module/testdata/pricing_short.la
ODD_CPPFLAGS = $(PLUGIN_CPPFLAGS) -I$(top_srcdir)/core
ODD_LDFLAGS = $(PLUGIN_LDFLAGS) -rpath /nowhere

core_module_testdata_foreign_la_SOURCES = core/module/testdata/foreign.c
core_module_testdata_foreign_la_CFLAGS = $(PLUGIN_CFLAGS)
core_module_testdata_foreign_la_LDFLAGS = $(SAN_LDFLAGS) -module -avoid-version \
	-shared -rpath /nowhere
core_module_testdata_gateway_echo_la_SOURCES = core/module/testdata/gateway_echo.c \
	core/module/testdata/probe.h
core_module_testdata_gateway_echo_la_CPPFLAGS = $(ODD_CPPFLAGS)
core_module_testdata_gateway_echo_la_CFLAGS = $(PLUGIN_CFLAGS)
core_module_testdata_gateway_echo_la_LDFLAGS = $(ODD_LDFLAGS)
core_module_testdata_hook_link_la_SOURCES = core/module/testdata/hook_link.c \
	core/module/testdata/probe.h
core_module_testdata_hook_link_la_CPPFLAGS = $(ODD_CPPFLAGS)
core_module_testdata_hook_link_la_CFLAGS = $(PLUGIN_CFLAGS)
core_module_testdata_hook_link_la_LDFLAGS = $(ODD_LDFLAGS)

ODD_SOURCES = core/module/testdata/pricing_odd.c
core_module_testdata_pricing_good_la_SOURCES = $(ODD_SOURCES)
core_module_testdata_pricing_good_la_CPPFLAGS = $(ODD_CPPFLAGS) -DODD_NAME='"good"'
core_module_testdata_pricing_good_la_CFLAGS = $(PLUGIN_CFLAGS)
core_module_testdata_pricing_good_la_LDFLAGS = $(ODD_LDFLAGS)
core_module_testdata_pricing_good2_la_SOURCES = $(ODD_SOURCES)
core_module_testdata_pricing_good2_la_CPPFLAGS = $(ODD_CPPFLAGS) \
	-DODD_NAME='"good"' -DODD_VERSION='"2"'
core_module_testdata_pricing_good2_la_CFLAGS = $(PLUGIN_CFLAGS)
core_module_testdata_pricing_good2_la_LDFLAGS = $(ODD_LDFLAGS)
core_module_testdata_pricing_lame_la_SOURCES = $(ODD_SOURCES)
core_module_testdata_pricing_lame_la_CPPFLAGS = $(ODD_CPPFLAGS) \
	-DODD_NAME='"lame"' -DODD_QUOTE=NULL
core_module_testdata_pricing_lame_la_CFLAGS = $(PLUGIN_CFLAGS)
core_module_testdata_pricing_lame_la_LDFLAGS = $(ODD_LDFLAGS)
core_module_testdata_pricing_magic_la_SOURCES = $(ODD_SOURCES)
core_module_testdata_pricing_magic_la_CPPFLAGS = $(ODD_CPPFLAGS) \
	-DODD_NAME='"magic"' -DODD_MAGIC=1
core_module_testdata_pricing_magic_la_CFLAGS = $(PLUGIN_CFLAGS)
core_module_testdata_pricing_magic_la_LDFLAGS = $(ODD_LDFLAGS)
core_module_testdata_pricing_minor_la_SOURCES = $(ODD_SOURCES)
core_module_testdata_pricing_minor_la_CPPFLAGS = $(ODD_CPPFLAGS) \
	-DODD_NAME='"minor"' -DAICX_ABI_MINOR_NEEDED=99
core_module_testdata_pricing_minor_la_CFLAGS = $(PLUGIN_CFLAGS)
core_module_testdata_pricing_minor_la_LDFLAGS = $(ODD_LDFLAGS)
core_module_testdata_pricing_short_la_SOURCES = $(ODD_SOURCES)
core_module_testdata_pricing_short_la_CPPFLAGS = $(ODD_CPPFLAGS) \
	-DODD_NAME='"short"' -DODD_SIZE=64
core_module_testdata_pricing_short_la_CFLAGS = $(PLUGIN_CFLAGS)
core_module_testdata_pricing_short_la_LDFLAGS = $(ODD_LDFLAGS)

# Tests that load plugins share a stage.
STAGE_SOURCES = core/module/testdata/stage.c core/module/testdata/stage.h
core_module_module_test_SOURCES = core/module/module_test.c $(STAGE_SOURCES) \
	core/module/testdata/probe.h
core_module_exchange_test_SOURCES = core/module/exchange_test.c $(STAGE_SOURCES) \
	core/module/testdata/probe.h
