#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# controls_test.sh - the tests of the broker notice when a guard is broken.
set -u
failed=0

for guard in ack_before_sync no_dedup leak_hold no_chain; do
	if BREAK=$guard "$AICX_BUILD/core/broker/broker_break" >/dev/null 2>&1; then
		echo "not ok - without the guard \"$guard\" no test fails"
		failed=1
	else
		echo "ok - without the guard \"$guard\" a test fails"
	fi
done
if "$AICX_BUILD/core/broker/broker_break" >/dev/null 2>&1; then
	echo "ok - with all guards none fails"
else
	echo "not ok - with all guards a test fails"
	failed=1
fi
exit $failed
