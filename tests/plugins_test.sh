#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# plugins_test.sh - every built plugin keeps the promises of the ABI.
set -u
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

n_plugins=0
for folder in "$AICX_SRC"/plugins/*_*/; do
	name=$(basename "$folder")
	so=$AICX_BUILD/.libs/$name.so
	[ -e "$folder/$name.c" ] || continue
	if [ "$name" = transport_nng ] && ! grep -q '^NNG_LIBS = -' "$AICX_BUILD/Makefile"; then
		echo "skipped: $name, libnng-dev is not here"
		continue
	fi
	n_plugins=$((n_plugins + 1))
	test -e "$so"
	is $? "$name is built"
	test "$(nm -D --defined-only --format=posix "$so" | cut -d' ' -f1)" = aicx_plugin
	is $? "$name exports aicx_plugin and nothing else"
	! nm -D --undefined-only "$so" | grep -qE ' U (aicx_|err_|mem_|loop_|buf_|log_)'
	is $? "$name links nothing of ours"
	! cat "$AICX_BUILD/plugins/$name/.deps/"*.Plo 2>/dev/null | grep -q '/core/'
	is $? "$name was built without a header of core/"
done
test $n_plugins -gt 0 || echo "skipped: no plugins in this tree"
exit $failed
