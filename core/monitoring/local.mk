# core/monitoring/local.mk - this folder's part of the build.
core_libcore_a_SOURCES += \
	core/monitoring/family.c core/monitoring/family.h \
	core/monitoring/health.c core/monitoring/health.h \
	core/monitoring/metrics.c core/monitoring/metrics.h \
	core/monitoring/metrics_print.c core/monitoring/series.h

check_PROGRAMS += core/monitoring/health_test core/monitoring/metrics_test
