#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# forge_test.sh - what is forged, altered, replayed, stale or meant for others is
# refused, and a broker that lacks one of the guards is noticed.
set -u
forge=$AICX_BUILD/tests/forge/forge
passed=0
failed=0

is() # STATUS NAME
{
	if [ "$1" = 0 ]; then
		echo "ok - $2"
		passed=$((passed + 1))
	else
		echo "not ok - $2"
		failed=$((failed + 1))
	fi
}

"$forge" "${TRIES:-20000}" "${SEED:-1}"
is $? "${TRIES:-20000} tries in one process"
if [ -n "${SOCKETS:-}" ]; then # make check has the scene of its own
	FORGE_TRIES=$((${TRIES:-20000} / 100)) "${PYTHON:-python3}" -B \
		"$AICX_SRC/tests/scenario/scene_forge.py"
	is $? "a hundredth of that over sockets, while honest agents are served"
fi
for guard in no_mac no_signature no_fresh no_dedup no_sender no_address no_kind one_key; do
	! BREAK=$guard "${forge}_break" 4000 >/dev/null 2>&1
	is $? "without the guard \"$guard\" something passes, and is noticed"
done
"${forge}_break" 4000 >/dev/null 2>&1
is $? "with all guards nothing does"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
