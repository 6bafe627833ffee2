# core/execution/local.mk - this folder's part of the build.
core_libcore_a_SOURCES += core/execution/execution.c core/execution/execution.h

check_PROGRAMS += core/execution/execution_test
