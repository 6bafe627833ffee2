# tests/scenario/local.mk - scenes: a real broker, spoken to as agents do.
dist_check_SCRIPTS += \
	tests/scenario/scene_a2a.py \
	tests/scenario/scene_ard.py \
	tests/scenario/scene_a2a_sellers.py \
	tests/scenario/scene_audit.py \
	tests/scenario/scene_backup.py \
	tests/scenario/scene_bad_deals.py \
	tests/scenario/scene_bad_messages.py \
	tests/scenario/scene_bearer.py \
	tests/scenario/scene_cli.py \
	tests/scenario/scene_crossing.py \
	tests/scenario/scene_forge.py \
	tests/scenario/scene_kill.py \
	tests/scenario/scene_ledger.py \
	tests/scenario/scene_life.py \
	tests/scenario/scene_master.py \
	tests/scenario/scene_mcp.py \
	tests/scenario/scene_mcp_sell.py \
	tests/scenario/scene_nng.py \
	tests/scenario/scene_outside.py \
	tests/scenario/scene_payment.py \
	tests/scenario/scene_prices.py \
	tests/scenario/scene_proxy.py \
	tests/scenario/scene_refunds.py \
	tests/scenario/scene_rest.py \
	tests/scenario/scene_rights.py \
	tests/scenario/scene_secrets.py \
	tests/scenario/scene_sell_http.py \
	tests/scenario/scene_schemas.py \
	tests/scenario/scene_sessions.py \
	tests/scenario/scene_signed.py \
	tests/scenario/scene_tls.py \
	tests/scenario/scene_tutorials.py \
	tests/scenario/scene_unix.py \
	tests/scenario/scene_x402.py

# A scene's tool, not a test: it makes a data folder of another time.
noinst_PROGRAMS += tests/lib/store_put
tests_lib_store_put_SOURCES = tests/lib/store_put.c \
	tests/lib/store_folder.c tests/lib/store_folder.h
tests_lib_store_put_CPPFLAGS = $(PLUGIN_CPPFLAGS)
tests_lib_store_put_LDADD = -ldl
noinst_PROGRAMS += tests/lib/store_records
tests_lib_store_records_SOURCES = tests/lib/store_records.c \
	tests/lib/store_folder.c tests/lib/store_folder.h
tests_lib_store_records_CPPFLAGS = $(PLUGIN_CPPFLAGS)
tests_lib_store_records_LDADD = -ldl
noinst_PROGRAMS += tests/lib/broker_seed
tests_lib_broker_seed_SOURCES = tests/lib/broker_seed.c
tests_lib_broker_seed_LDADD = core/libcore.a $(CORE_LIBS)

# The daemon with guards that can be broken: the kill scenes must notice.
EXTRA_PROGRAMS += core/main/aicxd_break
CLEANFILES += core/main/aicxd_break$(EXEEXT)
core_main_aicxd_break_SOURCES = $(core_main_aicxd_SOURCES) \
	core/broker/audit.c core/broker/call.c core/broker/checkpoints.c core/broker/clock.c \
	core/broker/holds.c core/broker/journal.c core/broker/rights.c \
	core/broker/signed_call.c \
	core/broker/state_past.c core/broker/transit.c \
	core/broker/writer.c core/security/keyring.c
core_main_aicxd_break_CPPFLAGS = $(AM_CPPFLAGS) -DAICX_BREAK
core_main_aicxd_break_LDADD = $(core_main_aicxd_LDADD)
core_main_aicxd_break_LDFLAGS = $(core_main_aicxd_LDFLAGS)
dist_check_SCRIPTS += tests/scenario/kill_controls_test.sh \
	tests/scenario/scene_controls_test.sh
tests/scenario/scene_controls_test.log: core/main/aicxd_break$(EXEEXT)
tests/scenario/kill_controls_test.log: core/main/aicxd_break$(EXEEXT)
