# core/security/local.mk - this folder's part of the build.
core_libcore_a_SOURCES += core/security/access.c core/security/access.h \
	core/security/delegation.c core/security/delegation.h \
	core/security/grants.c core/security/grants.h \
	core/security/keyring.c core/security/keyring.h \
	core/security/limiter.c core/security/limiter.h \
	core/security/origin.c core/security/origin.h \
	core/security/refusals.c core/security/refusals.h \
	core/security/window.c core/security/window.h

check_PROGRAMS += core/security/access_test core/security/grants_test \
	core/security/keyring_test core/security/limiter_test \
	core/security/origin_test \
	core/security/refusals_test \
	core/security/window_test
