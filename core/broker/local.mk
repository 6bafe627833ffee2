# core/broker/local.mk - this folder's part of the build.
core_libcore_a_SOURCES += \
	core/broker/lot.c core/broker/lot.h \
	core/broker/writer.c core/broker/writer.h
check_PROGRAMS += core/broker/writer_test
