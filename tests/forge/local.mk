# tests/forge/local.mk - messages that must be refused, by the thousand.
#
#	make forge TRIES=1000000
FORGE_SOURCES = tests/forge/forge.c tests/forge/forge.h tests/forge/tricks_key.c \
	tests/forge/tricks_mac.c tests/forge/world.c
EXTRA_PROGRAMS += tests/forge/forge tests/forge/forge_break
CLEANFILES += tests/forge/forge$(EXEEXT) tests/forge/forge_break$(EXEEXT)
tests_forge_forge_SOURCES = $(FORGE_SOURCES)
tests_forge_forge_LDADD = $(STAGE_LDADD)
# The same with guards that can be left out: it must notice.
tests_forge_forge_break_SOURCES = $(FORGE_SOURCES) core/broker/call.c \
	core/broker/clock.c core/broker/inbox.c core/protocol/envelope.c \
	core/protocol/crypto.c core/protocol/session.c
tests_forge_forge_break_LDADD = $(STAGE_LDADD)
tests_forge_forge_break_CPPFLAGS = $(AM_CPPFLAGS) -DAICX_BREAK
dist_check_SCRIPTS += tests/forge/forge_test.sh
tests/forge/forge_test.log: tests/forge/forge$(EXEEXT) tests/forge/forge_break$(EXEEXT)
forge: all tests/forge/forge$(EXEEXT) tests/forge/forge_break$(EXEEXT)
	@AICX_SRC='$(abs_top_srcdir)' AICX_BUILD='$(abs_top_builddir)' PYTHON='$(PYTHON)' \
		SOCKETS=1 TRIES='$(TRIES)' $(srcdir)/tests/forge/forge_test.sh
.PHONY: forge
