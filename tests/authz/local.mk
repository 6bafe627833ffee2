# tests/authz/local.mk - who may call what, through every door, against abi/wire/permissions.
#
#	make authz
#
# `make check` runs the same, and looks that a broker without the guards is noticed.
EXTRA_DIST += tests/authz/doors.py tests/authz/gateways.py abi/wire/permissions
dist_check_SCRIPTS += tests/authz/walk.py tests/authz/authz_controls_test.sh
tests/authz/authz_controls_test.log: core/main/aicxd_break$(EXEEXT)
authz: all
	@AICX_BUILD='$(abs_top_builddir)' AICX_SRC='$(abs_top_srcdir)' \
	PYTHONPATH='$(abs_top_srcdir)/tests/lib' $(PYTHON) -B $(srcdir)/tests/authz/walk.py
.PHONY: authz
