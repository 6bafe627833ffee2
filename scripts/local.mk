# scripts/local.mk - the two commands, the policies, and what developers run.
EXTRA_DIST += scripts/setup scripts/check scripts/demo scripts/dev

# A second build with ASan and UBSan, its plugins too; leaks are errors.  Whether tests
# notice a guard that is broken is seen without it, and so are warnings: gcc's are worse
# when it does not optimise.
check-asan:
	@mkdir -p asan
	@test -f asan/config.status || { cd asan && \
		eval "set -- $$(../config.status --config)" && \
		$(abs_srcdir)/configure --quiet "$$@" --enable-sanitize --disable-werror CFLAGS='-g -O0'; }
	cd asan && $(MAKE) $(AM_MAKEFLAGS) check TESTS='$(filter-out %controls_test.sh,$(TESTS))'

# What the tarball holds builds, passes its unit tests and some scenes, installs and
# uninstalls; that all scenes pass is seen by `make check`.
DIST_SCENES = tests/demo_test.sh tests/docs_test.sh tests/scenario/scene_bearer.py
distcheck-short:
	$(MAKE) $(AM_MAKEFLAGS) distcheck TESTS='$(DIST_SCENES) $(check_PROGRAMS)' \
		DISTCHECK_CONFIGURE_FLAGS='CFLAGS=-O1'

LINTS = lint-format lint-layers lint-seams lint-cppcheck lint-tidy lint-shell \
	lint-man lint-lua
lint: $(LINTS)
$(LINTS):
	@cd $(srcdir) && scripts/dev/lint.sh $(@:lint-%=%) \
		$(DEFS) $(AICX_DEFS) $(LUA_CFLAGS) $(JANSSON_CFLAGS)

format:
	@cd $(srcdir) && find abi core plugins tests -name '*.[ch]' | xargs clang-format -i

.PHONY: check-asan distcheck-short lint $(LINTS) format
