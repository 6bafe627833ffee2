# tests/interop/local.mk - public clients against the broker; npm is needed here only.
EXTRA_DIST += tests/interop
interop: all
	@AICX_SRC=$(abs_srcdir) AICX_BUILD=$(abs_builddir) LONG=$(LONG) \
		$(srcdir)/tests/interop/run $(INTEROP)

.PHONY: interop
