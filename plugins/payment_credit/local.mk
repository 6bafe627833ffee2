# plugins/payment_credit/local.mk - this folder's part of the build.
plugin_LTLIBRARIES += payment_credit.la
payment_credit_la_SOURCES = plugins/payment_credit/payment_credit.c
payment_credit_la_CPPFLAGS = $(PLUGIN_CPPFLAGS)
payment_credit_la_CFLAGS = $(PLUGIN_CFLAGS)
payment_credit_la_LDFLAGS = $(PLUGIN_LDFLAGS)
dist_man_MANS += plugins/payment_credit/aiconexus-payment_credit.7

check_PROGRAMS += plugins/payment_credit/payment_credit_test
plugins_payment_credit_payment_credit_test_CPPFLAGS = $(PLUGIN_TEST_CPPFLAGS)
plugins_payment_credit_payment_credit_test_LDADD = $(PLUGIN_TEST_LIBS)
