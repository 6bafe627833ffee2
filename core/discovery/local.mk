# core/discovery/local.mk - this folder's part of the build.
core_libcore_a_SOURCES += core/discovery/agent.c core/discovery/agent.h \
	core/discovery/index.c core/discovery/index.h \
	core/discovery/index_inside.h core/discovery/index_search.c \
	core/discovery/lexicon.c core/discovery/lexicon.h \
	core/discovery/postings.c core/discovery/postings.h \
	core/discovery/reputation.c core/discovery/reputation.h \
	core/discovery/words.c core/discovery/words.h

check_PROGRAMS += core/discovery/agent_test core/discovery/index_test \
	core/discovery/reputation_test
