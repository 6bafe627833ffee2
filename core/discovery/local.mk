# core/discovery/local.mk - this folder's part of the build.
core_libcore_a_SOURCES += core/discovery/agent.c core/discovery/agent.h \
	core/discovery/reputation.c core/discovery/reputation.h
