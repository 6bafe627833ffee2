# core/economics/local.mk - this folder's part of the build.
core_libcore_a_SOURCES += core/economics/bill.c core/economics/bill.h \
	core/economics/hold.c core/economics/hold.h \
	core/economics/ledger.c core/economics/ledger.h
