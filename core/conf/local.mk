# core/conf/local.mk - this folder's part of the build.
core_libcore_a_SOURCES += core/conf/apply.c core/conf/conf.c core/conf/conf.h \
	core/conf/dump.c core/conf/line.c core/conf/line.h core/conf/place.c \
	core/conf/reader.c core/conf/reader.h core/conf/value.c core/conf/value.h
check_PROGRAMS += core/conf/conf_test
dist_man_MANS += core/conf/aiconexus.conf.5
