# core/economics/local.mk - this folder's part of the build.
core_libcore_a_SOURCES += core/economics/bill.c core/economics/bill.h \
	core/economics/budget.c core/economics/budget.h \
	core/economics/hold.c core/economics/hold.h \
	core/economics/batch.c core/economics/batch.h \
	core/economics/dispute.c core/economics/dispute.h \
	core/economics/ledger.c core/economics/ledger.h \
	core/economics/moves.c core/economics/moves.h \
	core/economics/payment.c core/economics/payment.h \
	core/economics/transaction.c core/economics/transaction.h \
	core/economics/policy.c core/economics/policy.h \
	core/economics/subscription.c core/economics/subscription.h \
	core/economics/transfer.c core/economics/transfer.h

check_PROGRAMS += core/economics/batch_test core/economics/bill_test \
	core/economics/budget_test core/economics/transaction_test \
	core/economics/hold_test \
	core/economics/ledger_test core/economics/ledger_walk_test \
	core/economics/payment_test

# The module against the books by another hand; OPS=1000000 for a long walk.
check_PROGRAMS += core/economics/reference/model_test
core_economics_reference_model_test_SOURCES = \
	core/economics/reference/model_test.c \
	core/economics/reference/reference.c \
	core/economics/reference/reference.h

# The same with guards that can be broken: the model must notice.
EXTRA_PROGRAMS += core/economics/reference/model_break
CLEANFILES += core/economics/reference/model_break$(EXEEXT)
core_economics_reference_model_break_SOURCES = \
	$(core_economics_reference_model_test_SOURCES) \
	core/economics/budget.c core/economics/hold.c core/economics/moves.c
core_economics_reference_model_break_CPPFLAGS = $(AM_CPPFLAGS) -DAICX_BREAK
dist_check_SCRIPTS += core/economics/reference/controls_test.sh
core/economics/reference/controls_test.log: \
	core/economics/reference/model_break$(EXEEXT)

# make model OPS=1000000 SEED=7
model: core/economics/reference/model_test
	core/economics/reference/model_test
.PHONY: model
