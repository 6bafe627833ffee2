#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# payment_controls_test.sh - the payment scenes notice a broker that pays again under a
# new id what it does not know of.
set -u
failed=0
AICX_AICXD=$AICX_BUILD/core/main/aicxd_break
export AICX_AICXD

scenes() {
	"${PYTHON:-python3}" -B "$AICX_SRC/tests/scenario/scene_payment.py" money_comes_in
}

if PATIENCE_S=5 BREAK=pay_twice scenes >/dev/null 2>&1; then
	echo "not ok - without the guard \"pay_twice\" no scene fails"
	failed=1
else
	echo "ok - without the guard \"pay_twice\" a scene fails"
fi
if scenes >/dev/null 2>&1; then
	echo "ok - with all guards none fails"
else
	echo "not ok - with all guards a scene fails"
	failed=1
fi
exit $failed
