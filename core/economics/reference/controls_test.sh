#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# controls_test.sh - the model notices when a guard of the module is broken.
set -u
failed=0
model=$AICX_BUILD/core/economics/reference/model_break

for guard in resolve_twice no_periods keep_fee; do
	if BREAK=$guard OPS=5000 "$model" >/dev/null 2>&1; then
		echo "not ok - without the guard \"$guard\" the model sees nothing"
		failed=1
	else
		echo "ok - without the guard \"$guard\" the model differs"
	fi
done
if OPS=5000 "$model" >/dev/null 2>&1; then
	echo "ok - with all guards it agrees"
else
	echo "not ok - with all guards it differs"
	failed=1
fi
exit $failed
