# core/schema/local.mk - this folder's part of the build.
core_libcore_a_SOURCES += \
	core/schema/check.c core/schema/check.h \
	core/schema/check_array.c core/schema/check_object.c \
	core/schema/compile.c \
	core/schema/decimal.c core/schema/decimal.h \
	core/schema/format.c core/schema/format.h \
	core/schema/format_net.c core/schema/format_time.c \
	core/schema/format_uri.c core/schema/node.h \
	core/schema/places.c core/schema/regex.c core/schema/regex.h \
	core/schema/schema.c core/schema/schema.h \
	core/schema/uri.c core/schema/uri.h \
	core/schema/value.c core/schema/value.h

check_PROGRAMS += core/schema/schema_suite_test core/schema/schema_test
