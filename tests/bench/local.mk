# tests/bench/local.mk - figures: one line `bench NAME VALUE UNIT` for each.
EXTRA_DIST += tests/bench

bench: all
	AICX_BUILD=$(abs_top_builddir) AICX_SRC=$(abs_top_srcdir) $(srcdir)/tests/bench/run

.PHONY: bench
