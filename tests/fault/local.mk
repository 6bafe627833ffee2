# tests/fault/local.mk - what damage and lies must not get past.
#
#	make forge-broker N=1000    a broker that forges with its own key
#	make mutate N=10000         random damage to files that prove a deal
noinst_PROGRAMS += tests/fault/verify_many
tests_fault_verify_many_SOURCES = tests/fault/verify_many.c
tests_fault_verify_many_LDADD = core/libcli.a core/libcore.a libluahost.la $(CORE_LIBS)

EXTRA_DIST += tests/fault/forgeries.py tests/fault/mutations.py \
	tests/fault/forge_broker.py tests/fault/mutate.py

forge-broker mutate: all tests/fault/verify_many tests/lib/store_records
	@$(AM_TESTS_ENVIRONMENT) $(PYTHON) -B \
		$(srcdir)/tests/fault/$$(echo $@ | tr - _).py $(N)
.PHONY: forge-broker mutate
