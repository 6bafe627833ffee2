# core/base/local.mk - this folder's part of the build.
core_libcore_a_SOURCES += \
	core/base/arena.c core/base/arena.h \
	core/base/b64.c core/base/b64.h \
	core/base/buf.c core/base/buf.h \
	core/base/clock.c core/base/clock.h core/base/copy.h \
	core/base/err.c core/base/broken.h core/base/err.h \
	core/base/id.c core/base/id.h \
	core/base/json.c core/base/json.h \
	core/base/json_lex.c core/base/json_lex.h \
	core/base/json_names.c core/base/json_names.h \
	core/base/json_ref.c core/base/json_scan.c \
	core/base/json_walk.h core/base/json_write.c \
	core/base/list.c core/base/list.h \
	core/base/log.c core/base/log.h \
	core/base/map.c core/base/map.h \
	core/base/mem.c core/base/mem.h \
	core/base/money.c core/base/money.h \
	core/base/slew.c core/base/slew.h \
	core/base/str.c core/base/str.h \
	core/base/varint.c core/base/varint.h

check_PROGRAMS += core/base/arena_test core/base/b64_test core/base/buf_test \
	core/base/clock_test core/base/err_test core/base/id_test \
	core/base/json_test core/base/json_suite_test core/base/list_test \
	core/base/log_test core/base/map_test core/base/money_test \
	core/base/slew_test core/base/str_test core/base/varint_test
