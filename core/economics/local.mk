# core/economics/local.mk - this folder's part of the build.
core_libcore_a_SOURCES += core/economics/bill.c core/economics/bill.h \
	core/economics/hold.c core/economics/hold.h \
	core/economics/ledger.c core/economics/ledger.h \
	core/economics/transfer.c core/economics/transfer.h

check_PROGRAMS += core/economics/bill_test core/economics/hold_test \
	core/economics/ledger_test core/economics/ledger_walk_test
