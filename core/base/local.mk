# core/base/local.mk - this folder's part of the build.
core_libcore_a_SOURCES += \
	core/base/arena.c core/base/arena.h \
	core/base/b64.c core/base/b64.h \
	core/base/buf.c core/base/buf.h \
	core/base/clock.c core/base/clock.h \
	core/base/err.c core/base/err.h \
	core/base/id.c core/base/id.h \
	core/base/list.c core/base/list.h \
	core/base/map.c core/base/map.h \
	core/base/mem.c core/base/mem.h \
	core/base/str.c core/base/str.h
