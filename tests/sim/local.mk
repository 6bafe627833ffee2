# tests/sim/local.mk - the broker and its agents in one thread, from a seed.
#   make sim [SEEDS=2000] [SEED=n]      n alone, with all that happens
sim_wraps = sign_key_new sign_key_free sign_key_public sign_key_id sign_bytes \
	verify_bytes ed25519_sign ed25519_verify x25519_public x25519_shared \
	loop_now_us loop_post loop_thread_new loop_thread_join loop_late \
	loop_late_cancel
sim_ldflags = $(sim_wraps:%=-Wl,--wrap=%)
sim_sources = tests/sim/main.c tests/sim/sim.c tests/sim/sim.h \
	tests/sim/player.c tests/sim/player.h tests/sim/audit.c tests/sim/audit.h \
	tests/sim/audit_rows.c tests/sim/buy_by_call.c tests/sim/buy_by_hand.c \
	tests/sim/buyer.c tests/sim/chance.c tests/sim/chance.h \
	tests/sim/disk.c tests/sim/disk.h tests/sim/faults.c tests/sim/faults.h \
	tests/sim/history.c tests/sim/history.h tests/sim/keys.c tests/sim/keys.h \
	tests/sim/loop_sim.c tests/sim/loop_sim.h tests/sim/net.c tests/sim/net.h \
	tests/sim/pay.c tests/sim/payments.c tests/sim/payments.h tests/sim/seller.c tests/sim/task.c tests/sim/task.h \
	tests/sim/trace.c tests/sim/trace.h tests/sim/watch.c tests/sim/watch.h

check_PROGRAMS += tests/sim/simulate
tests_sim_simulate_SOURCES = $(sim_sources)
tests_sim_simulate_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/sim
tests_sim_simulate_LDFLAGS = $(AM_LDFLAGS) $(sim_ldflags)
tests_sim_simulate_LDADD = core/libcore.a $(CORE_LIBS)

# The same with guards that can be broken: each must be found.
EXTRA_PROGRAMS += tests/sim/simulate_break
CLEANFILES += tests/sim/simulate_break$(EXEEXT)
tests_sim_simulate_break_SOURCES = $(sim_sources) core/broker/call.c \
	core/broker/clock.c core/broker/flow.c core/broker/flow_choose.c \
	core/broker/flow_work.c core/broker/holds.c core/broker/journal.c \
	core/broker/on_execution.c core/broker/reply.c
tests_sim_simulate_break_CPPFLAGS = $(tests_sim_simulate_CPPFLAGS) -DAICX_BREAK
tests_sim_simulate_break_LDFLAGS = $(tests_sim_simulate_LDFLAGS)
tests_sim_simulate_break_LDADD = $(tests_sim_simulate_LDADD)
EXTRA_DIST += tests/sim/controls
sim-controls: tests/sim/simulate_break$(EXEEXT)
	$(srcdir)/tests/sim/controls tests/sim/simulate_break $(GUARDS)

SEEDS = 2000
MODEL_SEEDS = 100
# The model (model.py) replays what was asked and answered in some of the seeds;
# and late_copy.history: refused, then a late copy done, its answer never said.
sim: tests/sim/simulate$(EXEEXT)
	$(if $(SEED),tests/sim/simulate -s $(SEED) -n 1 -t 1 -v,\
		rm -f tests/sim/history && \
		tests/sim/simulate -n $(MODEL_SEEDS) -q -h tests/sim/history && \
		$(PYTHON) -B $(srcdir)/tests/sim/model.py \
			$(srcdir)/tests/sim/late_copy.history tests/sim/history && \
		tests/sim/simulate -n $(SEEDS) -j $$(nproc) -t 20 \
			$$(test $(SEEDS) -lt 10000 || echo -l))
EXTRA_DIST += tests/sim/model.py tests/sim/late_copy.history
CLEANFILES += tests/sim/history
.PHONY: sim sim-controls
