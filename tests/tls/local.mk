# tests/tls/local.mk - what scanners find; `make scan SCAN=long` asks testssl.sh too.
dist_check_SCRIPTS += tests/tls/scan_test.sh
SCAN = short
scan: all
	@SCAN=$(SCAN) AICX_BUILD='$(abs_top_builddir)' AICX_SRC='$(abs_top_srcdir)' $(srcdir)/tests/tls/scan_test.sh
.PHONY: scan
