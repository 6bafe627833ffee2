# core/broker/local.mk - this folder's part of the build.
core_libcore_a_SOURCES += core/broker/audit.c core/broker/audit.h \
	core/broker/balance.c core/broker/balance.h \
	core/broker/on_account.c core/broker/on_audit.c core/broker/on_audit_export.c core/broker/on_audit_log.c core/broker/opened.c core/broker/opened.h \
	core/broker/on_balance.c \
	core/broker/dues.c core/broker/dues.h \
	core/broker/outside.c core/broker/outside.h core/broker/pass.c core/broker/pass.h core/broker/payments.c \
	core/broker/payments.h core/broker/ruling.c core/broker/ruling.h \
	core/broker/on_charge.c \
	core/broker/on_dispute.c core/broker/on_refund.c \
	core/broker/on_reservation.c core/broker/on_settlement.c \
	core/broker/on_backup.c core/broker/on_budget.c core/broker/broker.c core/broker/broker.h \
	core/broker/on_payment.c core/broker/transit.c core/broker/transit.h \
	core/broker/transit_book.c core/broker/transit_bring.c core/broker/transit_event.c \
	core/broker/call.c core/broker/catalog.c core/broker/catalog.h \
	core/broker/certificates.c core/broker/certificates.h \
	core/broker/on_cancel.c core/broker/checkpoints.c core/broker/checkpoints.h \
	core/broker/clock.c core/broker/contracts.c core/broker/contracts.h \
	core/broker/deal_page.c core/broker/deal_page.h \
	core/broker/feed.c core/broker/feed.h core/broker/flow.c core/broker/flow.h \
	core/broker/flow_choose.c \
	core/broker/flow_execute.c core/broker/flow_bill.c \
	core/broker/asked.c core/broker/asked.h core/broker/flow_end.c core/broker/flow_late.c core/broker/flow_policy.c core/broker/flow_terms.c \
	core/broker/flow_work.c core/broker/work.h \
	core/broker/disk.c core/broker/disk.h core/broker/doors.c \
	core/broker/handlers.h core/broker/holds.c core/broker/inbox.c \
	core/broker/inside.h core/broker/journal.c core/broker/journal.h \
	core/broker/keep.c core/broker/keep.h core/broker/keep_load.c \
	core/broker/limits.c core/broker/limits.h \
	core/broker/memory.c core/broker/memory.h \
	core/broker/herald.c core/broker/herald.h core/broker/horizon.c core/broker/horizon.h core/broker/insider.c core/broker/keys.c core/broker/lot.c core/broker/lot.h \
	core/broker/member.c core/broker/offers.c \
	core/broker/offers.h core/broker/on_contract.c core/broker/on_draft.c \
	core/broker/on_capabilities.c \
	core/broker/own_keys.c core/broker/own_keys.h \
	core/broker/on_deal.c core/broker/on_discovery.c \
	core/broker/on_transaction.c core/broker/on_execution.c \
	core/broker/on_export.c core/broker/on_mandate.c core/broker/on_negotiation.c \
	core/broker/granting.c core/broker/granting.h core/broker/on_delegation.c \
	core/broker/on_permission.c core/broker/rights.c core/broker/rights.h \
	core/broker/signed_call.c core/broker/signed_call.h \
	core/broker/state_grants.c core/broker/sweep.c \
	core/broker/on_security.c core/broker/on_session.c \
	core/broker/on_ledger.c core/broker/on_master.c core/broker/peer.c core/broker/peer.h \
	core/broker/policies.c core/broker/policies.h \
	core/broker/proofs.c core/broker/proofs.h core/broker/receipt.c \
	core/broker/receipt.h core/broker/reply.c core/broker/results.c \
	core/broker/results.h core/broker/routes.c \
	core/broker/sealed.c core/broker/sealed.h \
	core/broker/rolls.c core/broker/rolls.h core/broker/row.h \
	core/broker/schemas.c core/broker/schemas.h \
	core/broker/state.c core/broker/state.h core/broker/state_index.c \
	core/broker/state_past.c core/broker/state_send.c \
	core/broker/state_transactions.c \
	core/broker/state_index.h core/broker/step.c core/broker/underway.c \
	core/broker/writer.c \
	core/broker/writer.h

check_PROGRAMS += core/broker/journal_test core/broker/writer_test \
	core/broker/state_test core/broker/horizon_test

# The fake world that tests and benches of whole brokers play in.
check_LIBRARIES += core/libstage.a
core_libstage_a_SOURCES = \
	core/broker/testdata/actor.c core/broker/testdata/actor.h \
	core/broker/testdata/parties.c core/broker/testdata/parties.h \
	core/broker/testdata/stage.c core/broker/testdata/stage.h \
	core/broker/testdata/stage_check.c core/broker/testdata/stage_inside.h \
	core/broker/testdata/stage_ports.c core/broker/testdata/stage_print.c \
	core/broker/testdata/stage_store.c
STAGE_LDADD = core/libstage.a $(LDADD)

# Whole deals under a fake clock.
check_PROGRAMS += core/broker/broker_test core/broker/prices_test
core_broker_prices_test_SOURCES = core/broker/prices_test.c \
	plugins/pricing_flat/pricing_flat.c
core_broker_prices_test_LDADD = $(STAGE_LDADD)
BROKER_TEST_SOURCES = core/broker/broker_test.c core/broker/broker_faults_test.c \
	core/broker/testdata/market.c core/broker/testdata/market.h
core_broker_broker_test_SOURCES = $(BROKER_TEST_SOURCES)
core_broker_broker_test_LDADD = $(STAGE_LDADD)

# The index beside the records, and what leaves memory.
check_PROGRAMS += core/broker/keep_test
core_broker_keep_test_LDADD = $(STAGE_LDADD)

# Those who follow a deal.
check_PROGRAMS += core/broker/feed_test
core_broker_feed_test_LDADD = $(STAGE_LDADD)

# Sellers that are servers of others.
check_PROGRAMS += core/broker/outside_test
core_broker_outside_test_LDADD = $(STAGE_LDADD)

# Rates, sessions that are not opened, and the ceiling of memory.
check_PROGRAMS += core/broker/limits_test
core_broker_limits_test_LDADD = $(STAGE_LDADD)

# What gateways are told.
check_PROGRAMS += core/broker/doors_test
core_broker_doors_test_LDADD = $(STAGE_LDADD)

# Who may call what.
check_PROGRAMS += core/broker/rights_test
core_broker_rights_test_LDADD = $(STAGE_LDADD)

# Receipts, checkpoints and broker time.
check_PROGRAMS += core/broker/anchor_test
core_broker_anchor_test_LDADD = $(STAGE_LDADD)

# Keys of plugins over the real store, with processes that are killed.
check_PROGRAMS += core/broker/own_keys_test
core_broker_own_keys_test_LDADD = $(STAGE_LDADD)

# Money inside: three parties and a worker.
check_PROGRAMS += \
	core/broker/batches_test \
	core/broker/budgets_test \
	core/broker/charges_test \
	core/broker/disputes_test \
	core/broker/late_test \
	core/broker/refunds_test \
	core/broker/reservations_test \
	core/broker/work_money_test
core_broker_batches_test_LDADD = $(STAGE_LDADD)
core_broker_budgets_test_LDADD = $(STAGE_LDADD)
core_broker_charges_test_LDADD = $(STAGE_LDADD)
core_broker_disputes_test_LDADD = $(STAGE_LDADD)
core_broker_late_test_LDADD = $(STAGE_LDADD)
core_broker_refunds_test_LDADD = $(STAGE_LDADD)
core_broker_reservations_test_LDADD = $(STAGE_LDADD)
core_broker_work_money_test_LDADD = $(STAGE_LDADD)

# Money that moves outside, and its uncertainty.
BANK_SOURCES = core/broker/testdata/bank.c core/broker/testdata/bank.h
check_PROGRAMS += core/broker/transit_test core/broker/transit_deal_test \
	core/broker/transit_event_test
core_broker_transit_test_SOURCES = core/broker/transit_test.c $(BANK_SOURCES)
core_broker_transit_test_LDADD = $(STAGE_LDADD)
core_broker_transit_deal_test_SOURCES = core/broker/transit_deal_test.c $(BANK_SOURCES)
core_broker_transit_deal_test_LDADD = $(STAGE_LDADD)
core_broker_transit_event_test_SOURCES = core/broker/transit_event_test.c $(BANK_SOURCES)
core_broker_transit_event_test_LDADD = $(STAGE_LDADD)

# The same with guards that can be broken: the tests must notice.
EXTRA_PROGRAMS += core/broker/broker_break
CLEANFILES += core/broker/broker_break$(EXEEXT)
core_broker_broker_break_SOURCES = $(BROKER_TEST_SOURCES) \
	core/broker/call.c core/broker/holds.c core/broker/journal.c
core_broker_broker_break_LDADD = $(STAGE_LDADD)
core_broker_broker_break_CPPFLAGS = $(AM_CPPFLAGS) -DAICX_BREAK
dist_check_SCRIPTS += core/broker/controls_test.sh
core/broker/controls_test.log: core/broker/broker_break$(EXEEXT)
