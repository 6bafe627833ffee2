# tests/bills/local.mk - bills against an independent computation.
#
#	make bills N=1000000
BILLS_SOURCES = tests/bills/bills_run.c plugins/pricing_flat/pricing_flat.c
EXTRA_DIST += tests/bills/bills.py
dist_check_SCRIPTS += tests/bills/bills_test.sh
EXTRA_PROGRAMS += tests/bills/bills_run tests/bills/bills_break
CLEANFILES += tests/bills/bills_run$(EXEEXT) tests/bills/bills_break$(EXEEXT)
tests_bills_bills_run_SOURCES = $(BILLS_SOURCES)
tests_bills_bills_break_SOURCES = $(BILLS_SOURCES) core/economics/bill.c
tests_bills_bills_break_CPPFLAGS = $(AM_CPPFLAGS) -DAICX_BREAK
tests/bills/bills_test.log: tests/bills/bills_run$(EXEEXT) \
	tests/bills/bills_break$(EXEEXT)

bills: tests/bills/bills_run$(EXEEXT)
	@$(PYTHON) -B $(srcdir)/tests/bills/bills.py tests/bills/bills_run $(N)
.PHONY: bills
