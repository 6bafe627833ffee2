# core/base/local.mk - this folder's part of the build.
core_libcore_a_SOURCES += core/base/err.c core/base/err.h core/base/mem.c core/base/mem.h
