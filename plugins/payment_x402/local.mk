# plugins/payment_x402/local.mk - this folder's part of the build.
plugin_LTLIBRARIES += payment_x402.la
payment_x402_la_SOURCES = plugins/payment_x402/payment_x402.c plugins/payment_x402/x402.h \
	plugins/payment_x402/claim.c plugins/payment_x402/claim.h \
	plugins/payment_x402/door.c plugins/payment_x402/door.h \
	plugins/payment_x402/facilitator.c plugins/payment_x402/facilitator.h \
	plugins/payment_x402/job.c plugins/payment_x402/job.h \
	plugins/payment_x402/listing.c \
	plugins/payment_x402/number.c plugins/payment_x402/number.h \
	plugins/payment_x402/offer.c plugins/payment_x402/offer.h \
	plugins/payment_x402/order.c \
	plugins/payment_x402/promise.c plugins/payment_x402/promise.h \
	plugins/payment_x402/sale.c plugins/payment_x402/sale.h \
	plugins/payment_x402/settle.c plugins/payment_x402/settle.h
payment_x402_la_CPPFLAGS = $(PLUGIN_LIB_CPPFLAGS) $(JANSSON_CFLAGS)
payment_x402_la_CFLAGS = $(PLUGIN_CFLAGS)
payment_x402_la_LDFLAGS = $(PLUGIN_LDFLAGS)
payment_x402_la_LIBADD = libplugin.la $(JANSSON_LIBS)
dist_man_MANS += plugins/payment_x402/aiconexus-payment_x402.7

# Loads the plugin from .libs onto a fake host.
check_PROGRAMS += plugins/payment_x402/payment_x402_test plugins/payment_x402/number_test \
	plugins/payment_x402/again_test plugins/payment_x402/money_test \
	plugins/payment_x402/price_test plugins/payment_x402/settle_test
check_LIBRARIES += plugins/payment_x402/libtestshop.a
plugins_payment_x402_libtestshop_a_SOURCES = \
	plugins/payment_x402/test_shop.c plugins/payment_x402/test_shop.h
X402_TEST_CPPFLAGS = $(PLUGIN_TEST_CPPFLAGS) -I$(top_srcdir)/plugins/lib $(JANSSON_CFLAGS)
plugins_payment_x402_libtestshop_a_CPPFLAGS = $(X402_TEST_CPPFLAGS)
X402_TEST_LIBS = plugins/payment_x402/libtestshop.a libplugin.la $(JANSSON_LIBS) \
	$(PLUGIN_TEST_LIBS)
plugins_payment_x402_payment_x402_test_CPPFLAGS = $(X402_TEST_CPPFLAGS)
plugins_payment_x402_payment_x402_test_LDADD = $(X402_TEST_LIBS)
plugins_payment_x402_again_test_CPPFLAGS = $(X402_TEST_CPPFLAGS)
plugins_payment_x402_again_test_LDADD = $(X402_TEST_LIBS)
plugins_payment_x402_money_test_CPPFLAGS = $(X402_TEST_CPPFLAGS)
plugins_payment_x402_money_test_LDADD = $(X402_TEST_LIBS)
plugins_payment_x402_price_test_CPPFLAGS = $(X402_TEST_CPPFLAGS)
plugins_payment_x402_price_test_LDADD = $(X402_TEST_LIBS)
plugins_payment_x402_settle_test_CPPFLAGS = $(X402_TEST_CPPFLAGS)
plugins_payment_x402_settle_test_LDADD = $(X402_TEST_LIBS)
plugins_payment_x402_number_test_SOURCES = plugins/payment_x402/number_test.c \
	plugins/payment_x402/number.c
plugins_payment_x402_number_test_CPPFLAGS = $(PLUGIN_LIB_CPPFLAGS)
plugins_payment_x402_number_test_LDADD = $(CHECK_LIBS)
