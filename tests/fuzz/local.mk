# tests/fuzz/local.mk - every parser under libFuzzer, ASan and UBSan.
#
# fuzz_NAME.c may say in a comment on a line of its own what it needs besides core:
#     /* fuzz: plugins/x/parse.c -lfoo */
# Names may be patterns; tests among what they mean are left out.
# Seeds lie in seeds_NAME/; what a run finds new is kept in the build's fuzz/.
EXTRA_DIST += tests/fuzz
FUZZ_SECONDS = 60
# RUNS=10000000 instead: so many inputs for each target, however long it takes.
RUNS =
FUZZ_FLAGS = -g -O1 -std=gnu11 -fno-omit-frame-pointer -fno-sanitize-recover=undefined \
	-I$(abs_srcdir)/core -I$(abs_srcdir)/abi/include $(DEFS) $(AICX_DEFS) \
	$(EVENT_CFLAGS) $(CRYPTO_CFLAGS) $(JANSSON_CFLAGS) $(LUA_CFLAGS)
FUZZ_OBJECTS = $(patsubst %.c,fuzz/%.o,$(filter %.c,$(core_libcore_a_SOURCES)))
FUZZ_TARGETS = $(patsubst $(srcdir)/tests/fuzz/%.c,fuzz/%,$(wildcard $(srcdir)/tests/fuzz/fuzz_*.c))

fuzz/%.o: %.c
	@mkdir -p $(@D)
	$(AM_V_CC)$(CLANG) $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link,address,undefined \
		-MMD -MP -c -o $@ $<

fuzz/fuzz_%: tests/fuzz/fuzz_%.c $(FUZZ_OBJECTS)
	$(AM_V_CCLD)cd $(srcdir) && $(CLANG) $(FUZZ_FLAGS) -fsanitize=fuzzer,address,undefined \
		-o $(abs_builddir)/$@ tests/fuzz/fuzz_$*.c \
		$$(for word in $$(sed -n 's,^/\* fuzz: \(.*\) \*/$$,\1,p' tests/fuzz/fuzz_$*.c); do \
			case $$word in *_test.c | */test_*.c) ;; *) echo $$word ;; esac; done) \
		$(addprefix $(abs_builddir)/,$(FUZZ_OBJECTS)) $(CORE_LIBS)

fuzz: $(FUZZ_TARGETS)
	@RUNS=$(RUNS) $(srcdir)/tests/fuzz/run $(FUZZ_SECONDS) $(abs_srcdir)/tests/fuzz $(FUZZ_TARGETS)

clean-local:
	rm -rf fuzz asan

.SECONDARY: $(FUZZ_OBJECTS)
-include $(FUZZ_OBJECTS:.o=.d)
.PHONY: fuzz
