# tests/bench/local.mk - figures: one line `bench NAME VALUE UNIT` for each.

bench: all
	AICX_BUILD=$(abs_top_builddir) AICX_SRC=$(abs_top_srcdir) $(srcdir)/tests/bench/run

.PHONY: bench
