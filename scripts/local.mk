# scripts/local.mk - the two commands, the policies, and what developers run.
EXTRA_DIST += scripts/setup scripts/check scripts/demo scripts/dev

# A second build with ASan and UBSan, its plugins too; leaks are errors.
check-asan:
	@mkdir -p asan
	@test -f asan/config.status || { cd asan && \
		eval "set -- $$(../config.status --config)" && \
		$(abs_srcdir)/configure --quiet "$$@" --enable-sanitize CFLAGS='-g -O1'; }
	cd asan && $(MAKE) $(AM_MAKEFLAGS) check

LINTS = lint-format lint-layers lint-seams lint-cppcheck lint-tidy lint-shell \
	lint-man lint-lua
lint: $(LINTS)
$(LINTS):
	@cd $(srcdir) && scripts/dev/lint.sh $(@:lint-%=%) \
		$(DEFS) $(AICX_DEFS) $(LUA_CFLAGS) $(JANSSON_CFLAGS)

format:
	@cd $(srcdir) && find abi core plugins tests -name '*.[ch]' | xargs clang-format -i

.PHONY: check-asan lint $(LINTS) format
