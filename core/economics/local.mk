# core/economics/local.mk - this folder's part of the build.
core_libcore_a_SOURCES += core/economics/bill.c core/economics/bill.h \
	core/economics/budget.c core/economics/budget.h \
	core/economics/hold.c core/economics/hold.h \
	core/economics/batch.c core/economics/batch.h \
	core/economics/dispute.c core/economics/dispute.h \
	core/economics/ledger.c core/economics/ledger.h \
	core/economics/moves.c core/economics/moves.h \
	core/economics/transaction.c core/economics/transaction.h \
	core/economics/transfer.c core/economics/transfer.h

check_PROGRAMS += core/economics/bill_test core/economics/budget_test \
	core/economics/hold_test \
	core/economics/ledger_test core/economics/ledger_walk_test
