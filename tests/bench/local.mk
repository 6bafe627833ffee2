# tests/bench/local.mk - figures: one line `bench NAME VALUE UNIT` for each.
bench_binaries = tests/bench/load tests/bench/bench_envelope tests/bench/bench_forge tests/bench/bench_search \
	tests/bench/bench_restart tests/bench/bench_rights tests/bench/bench_step tests/bench/bench_verify
EXTRA_PROGRAMS += $(bench_binaries)
tests_bench_load_SOURCES = tests/bench/load.c tests/bench/load.h \
	tests/bench/crowd.c tests/bench/crowd.h \
	tests/bench/gauge.c tests/bench/gauge.h \
	tests/bench/caller.c tests/bench/caller.h tests/bench/load_deals.c tests/bench/load_http.c tests/bench/load_nats.c tests/bench/load_nng.c tests/bench/load_nng.h tests/bench/load_paid.c tests/bench/load_relay.c \
	tests/bench/load_sessions.c \
	tests/bench/party.c tests/bench/party.h
tests_bench_load_LDADD = core/libcli.a core/libcore.a $(CLI_LIBS) $(CORE_LIBS)
tests_bench_bench_envelope_LDADD = core/libcore.a $(CORE_LIBS)
tests_bench_bench_forge_LDADD = core/libstage.a core/libcore.a $(CORE_LIBS)
tests_bench_bench_search_LDADD = core/libcore.a $(CORE_LIBS)
tests_bench_bench_restart_LDADD = core/libstage.a core/libcore.a $(CORE_LIBS)
tests_bench_bench_rights_LDADD = core/libstage.a core/libcore.a $(CORE_LIBS)
tests_bench_bench_step_LDADD = core/libstage.a core/libcore.a $(CORE_LIBS)
tests_bench_bench_step_LDFLAGS = -Wl,--wrap=peer_deliver -Wl,--wrap=keep_turn \
	-Wl,--wrap=state_note_actor
tests_bench_bench_verify_LDADD = core/libcli.a core/libcore.a libluahost.la $(CLI_LIBS) $(CORE_LIBS)
tests_bench_bench_verify_LDFLAGS = -Wl,--wrap=verify_bytes -Wl,--wrap=ed25519_verify

bench: all $(bench_binaries)
	AICX_BUILD='$(abs_top_builddir)' AICX_SRC='$(abs_top_srcdir)' \
		$(srcdir)/tests/bench/run

EXTRA_DIST += tests/bench/run tests/bench/idle_sse.py
CLEANFILES += $(bench_binaries)
.PHONY: bench
