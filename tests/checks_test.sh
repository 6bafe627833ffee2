#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# checks_test.sh - the checks of the house refuse what they are there to refuse.
set -u
dev=$AICX_SRC/scripts/dev
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
failed=0

is() # STATUS 0 or 1, NAME; prints the line
{
	if [ "$1" = 0 ]; then
		echo "ok - $2"
	else
		echo "not ok - $2"
		failed=1
	fi
}

tree() # FILE < CONTENT: a small tree with that one file in it
{
	rm -rf "$dir/core" "$dir/plugins" "$dir/abi"
	mkdir -p "$dir/core/base" "$dir/core/loop" "$dir/core/discovery" \
		"$dir/core/security" "$dir/plugins/p" "$dir/abi" "$dir/tests/lib"
	: >"$dir/tests/lib/fake_host.h"
	cp "$AICX_SRC/core/LAYERS" "$AICX_SRC/core/SEAMS" "$dir/core/"
	cat >"$dir/$1"
}

passes() # CHECK NAME
{
	"$dev/check-$1.sh" "$dir" >"$dir/out" 2>&1
	is $? "$2"
}

refuses() # CHECK TEXT NAME
{
	if "$dev/check-$1.sh" "$dir" >"$dir/out" 2>&1; then
		is 1 "$3"
	else
		grep -qF "$2" "$dir/out"
		is $? "$3"
	fi
}

echo '#include "base/err.h"' | tree core/discovery/a.c
passes layers "an include of a lower layer passes"
echo '#include "security/a.h"' | tree core/discovery/a.c
refuses layers 'core/discovery/a.c:1: discovery/ may not include security/' "a sibling is refused with its line"
echo '#include "loop/a.h"' | tree core/base/a.h
refuses layers 'base/ may not include loop/' "a higher layer is refused"
echo '#include "../loop/a.h"' | tree core/base/a.h
refuses layers 'may not climb' "climbing out of the folder is refused"
echo '#include "base/err.h"' | tree plugins/p/p.c
refuses layers 'only abi/include' "a plugin that reaches into core is refused"
echo '#include "base/err.h"' | tree plugins/p/p_test.c
refuses layers 'plugins/p/p_test.c:1: only abi/include' "a plugin's test that does so is refused"
echo '#include "fake_host.h"' | tree plugins/p/p_test.c
passes layers "a plugin's test may play the host"
echo '#include "fake_host.h"' | tree plugins/p/p.c
refuses layers 'only abi/include' "a plugin may not"

echo 'int64_t now = clock_gettime(CLOCK_REALTIME, &ts);' | tree core/loop/a.c
passes seams "a clock in core/loop passes"
echo 'int64_t now = clock_gettime(CLOCK_REALTIME, &ts);' | tree core/discovery/a.c
refuses seams 'core/discovery/a.c:1: "clock_gettime" (clock ' "a clock in the domain is refused with its line"
printf '/* time(NULL) is\n   time(NULL) */\nx = "open(";\nops->open(1); // fork()\n' | tree core/discovery/a.c
passes seams "comments, strings and members are no calls"
printf "c = '\"'; fork();\n" | tree core/discovery/a.c
refuses seams '"fork" (process' "a quote in a character hides nothing"
echo '#include <event2/event.h>' | tree core/discovery/a.c
refuses seams '(libevent)' "a library outside its folder is refused"
echo '#include <sys/socket.h>' | tree core/discovery/a.c
passes seams "a header no row names passes"
echo 'int fd = open("x", 0); sleep(1);' | tree core/discovery/a_test.c
refuses seams '"sleep"' "a test may not sleep"
! grep -q '"open"' "$dir/out"
is $? "a test may open files"
echo 'int fd = open("x", 0);' | tree plugins/p/test_shop.c
passes seams "what tests share may do what a test may"
echo 'strcpy(a, b);' | tree plugins/p/p.c
refuses seams '(unsafe)' "an unsafe call is refused everywhere"

mkdir "$dir/logs"
printf '100%%: Checks: 5, Failures: 0, Errors: 0\n' >"$dir/logs/a.log"
printf ':test-result: PASS\n' >"$dir/logs/a.trs"
printf 'ok - one\nok - two\nskipped: no vectors\n' >"$dir/logs/b.log"
printf ':test-result: PASS\n' >"$dir/logs/b.trs"
test "$("$dev/count-tests.sh" "$dir/logs")" = "7 passed, 0 failed, 1 skipped"
is $? "tests are counted over Check's totals and scripts' lines"
printf '60%%: Checks: 5, Failures: 1, Errors: 1\n' >"$dir/logs/a.log"
printf ':test-result: FAIL\n' >"$dir/logs/a.trs"
printf 'Segmentation fault\n' >"$dir/logs/c.log"
printf ':test-result: FAIL\n' >"$dir/logs/c.trs"
total=$("$dev/count-tests.sh" "$dir/logs")
test $? = 1
is $? "a failure makes the count fail"
test "$total" = "5 passed, 3 failed, 1 skipped"
is $? "a crash before the total counts as one failure"
rm -r "$dir/logs"
mkdir "$dir/logs"
! "$dev/count-tests.sh" "$dir/logs" >/dev/null
is $? "no tests at all is a failure"
exit $failed
