# tests/fault/local.mk - faults of processes, disks and clocks; README.md lists them.
#
# The shims are preloaded into a broker; `make check` runs the short forms.
check_LTLIBRARIES += io_shim.la
SHIM_LDFLAGS = -module -avoid-version -shared -rpath /nowhere
SHIM_CPPFLAGS = -D_GNU_SOURCE -U_FORTIFY_SOURCE
SHIM_CFLAGS = $(WARN_CFLAGS) -fvisibility=default
io_shim_la_SOURCES = tests/fault/io_shim.c tests/fault/shim.c tests/fault/shim.h
io_shim_la_CPPFLAGS = $(SHIM_CPPFLAGS)
io_shim_la_CFLAGS = $(SHIM_CFLAGS)
io_shim_la_LDFLAGS = $(SHIM_LDFLAGS)
io_shim_la_LIBADD = -ldl

EXTRA_DIST += tests/fault/README.md tests/fault/shim.py tests/fault/script.py \
	tests/fault/load.py
dist_check_SCRIPTS += tests/fault/fault_io.py tests/fault/fault_kill.py \
	tests/fault/fault_reload.py tests/fault/fault_slow.py \
	tests/fault/fault_controls_test.sh
tests/fault/fault_controls_test.log: core/main/aicxd_break$(EXEEXT)

FAULT_RUN = @SCENE_SECONDS=86400 AICX_BUILD='$(abs_top_builddir)' AICX_SRC='$(abs_top_srcdir)' \
	PYTHONPATH='$(abs_top_srcdir)/tests/lib'
KILLS = 300
fault-kill: all io_shim.la
	$(FAULT_RUN) KILLS=$(KILLS) $(PYTHON) -B $(srcdir)/tests/fault/fault_kill.py
fault-io: all io_shim.la
	$(FAULT_RUN) POINTS=$(POINTS) $(PYTHON) -B $(srcdir)/tests/fault/fault_io.py
POINTS = 0
slow: all
	$(FAULT_RUN) SLOW=$(SLOW) $(PYTHON) -B $(srcdir)/tests/fault/fault_slow.py
SLOW = 2000
fault-reload: all
	$(FAULT_RUN) ROUNDS=$(ROUNDS) $(PYTHON) -B $(srcdir)/tests/fault/fault_reload.py
ROUNDS = 100
.PHONY: fault-reload slow
.PHONY: fault-kill fault-io

# What damage and lies must not get past.
#
#	make forge-broker N=1000    a broker that forges with its own key
#	make mutate N=10000         random damage to files that prove a deal
noinst_PROGRAMS += tests/fault/verify_many
tests_fault_verify_many_SOURCES = tests/fault/verify_many.c
tests_fault_verify_many_LDADD = core/libcli.a core/libcore.a libluahost.la $(CLI_LIBS) $(CORE_LIBS)

EXTRA_DIST += tests/fault/forgeries.py tests/fault/mutations.py
dist_check_SCRIPTS += tests/fault/forge_broker.py tests/fault/mutate.py

forge-broker mutate: all tests/fault/verify_many tests/lib/store_records \
	tests/lib/broker_seed
	@$(AM_TESTS_ENVIRONMENT) $(PYTHON) -B \
		$(srcdir)/tests/fault/$$(echo $@ | tr - _).py $(N)
.PHONY: forge-broker mutate

# The power goes: a shim, and a small writer for many cuts in a short time.
check_LTLIBRARIES += power_shim.la
power_shim_la_SOURCES = tests/fault/power_shim.c tests/fault/shim.c tests/fault/shim.h
power_shim_la_CPPFLAGS = $(SHIM_CPPFLAGS)
power_shim_la_CFLAGS = $(SHIM_CFLAGS)
power_shim_la_LDFLAGS = $(SHIM_LDFLAGS)
power_shim_la_LIBADD = -ldl
noinst_PROGRAMS += tests/fault/power_writer
tests_fault_power_writer_LDADD = core/libcore.a $(CORE_LIBS) $(LEVELDB_LIBS)
dist_check_SCRIPTS += tests/fault/fault_power.py
CUTS = 2000
fault-power: all power_shim.la tests/fault/power_writer
	$(FAULT_RUN) CUTS=$(CUTS) $(PYTHON) -B $(srcdir)/tests/fault/fault_power.py
.PHONY: fault-power

dist_check_SCRIPTS += tests/fault/fault_full.py tests/fault/fault_rot.py
FLIPS = 1000
fault-full: all
	$(FAULT_RUN) $(PYTHON) -B $(srcdir)/tests/fault/fault_full.py
fault-rot: all
	$(FAULT_RUN) FLIPS=$(FLIPS) $(PYTHON) -B $(srcdir)/tests/fault/fault_rot.py
.PHONY: fault-full fault-rot

check_LTLIBRARIES += clock_shim.la
clock_shim_la_SOURCES = tests/fault/clock_shim.c tests/fault/shim.c tests/fault/shim.h
clock_shim_la_CPPFLAGS = $(SHIM_CPPFLAGS)
clock_shim_la_CFLAGS = $(SHIM_CFLAGS)
clock_shim_la_LDFLAGS = $(SHIM_LDFLAGS)
clock_shim_la_LIBADD = -ldl
dist_check_SCRIPTS += tests/fault/fault_clock.py
fault-clock: all clock_shim.la
	$(FAULT_RUN) $(PYTHON) -B $(srcdir)/tests/fault/fault_clock.py
.PHONY: fault-clock
