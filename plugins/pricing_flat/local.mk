# plugins/pricing_flat/local.mk - this folder's part of the build.
plugin_LTLIBRARIES += pricing_flat.la
pricing_flat_la_SOURCES = plugins/pricing_flat/pricing_flat.c
pricing_flat_la_CPPFLAGS = $(PLUGIN_CPPFLAGS)
pricing_flat_la_CFLAGS = $(PLUGIN_CFLAGS)
pricing_flat_la_LDFLAGS = $(PLUGIN_LDFLAGS)
dist_man_MANS += plugins/pricing_flat/aiconexus-pricing_flat.7

check_PROGRAMS += plugins/pricing_flat/pricing_flat_test
plugins_pricing_flat_pricing_flat_test_CPPFLAGS = $(PLUGIN_TEST_CPPFLAGS)
plugins_pricing_flat_pricing_flat_test_LDADD = $(PLUGIN_TEST_LIBS)
