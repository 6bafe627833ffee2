# plugins/payment_webhook/local.mk - this folder's part of the build.
plugin_LTLIBRARIES += payment_webhook.la
payment_webhook_la_SOURCES = plugins/payment_webhook/payment_webhook.c \
	plugins/payment_webhook/notice.c plugins/payment_webhook/order.c \
	plugins/payment_webhook/notation.c plugins/payment_webhook/notation.h \
	plugins/payment_webhook/webhook.h
payment_webhook_la_CPPFLAGS = $(PLUGIN_CPPFLAGS) $(JANSSON_CFLAGS)
payment_webhook_la_CFLAGS = $(PLUGIN_CFLAGS)
payment_webhook_la_LDFLAGS = $(PLUGIN_LDFLAGS)
payment_webhook_la_LIBADD = $(JANSSON_LIBS)
dist_man_MANS += plugins/payment_webhook/aiconexus-payment_webhook.7

check_PROGRAMS += plugins/payment_webhook/payment_webhook_test
plugins_payment_webhook_payment_webhook_test_SOURCES = \
	plugins/payment_webhook/payment_webhook_test.c \
	plugins/payment_webhook/notation.c plugins/payment_webhook/notation.h
plugins_payment_webhook_payment_webhook_test_CPPFLAGS = $(PLUGIN_TEST_CPPFLAGS)
plugins_payment_webhook_payment_webhook_test_LDADD = $(PLUGIN_TEST_LIBS)
