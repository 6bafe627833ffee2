#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# kill_controls_test.sh - the kill scenes notice when a guard of the broker is broken.
set -u
failed=0
AICX_AICXD=$AICX_BUILD/core/main/aicxd_break
export AICX_AICXD

scenes() {
	"${PYTHON:-python3}" -B "$AICX_SRC/tests/scenario/scene_kill.py" before_any by_hand comes_back
}

# Whether a kill meets an answer before its sync is chance: that guard has a
# control of its own, core/broker/controls_test.sh.
for guard in no_dedup leak_hold; do
	if PATIENCE_S=5 BREAK=$guard scenes >/dev/null 2>&1; then
		echo "not ok - without the guard \"$guard\" no scene fails"
		failed=1
	else
		echo "ok - without the guard \"$guard\" a scene fails"
	fi
done
if scenes >/dev/null 2>&1; then
	echo "ok - with all guards none fails"
else
	echo "not ok - with all guards a scene fails"
	failed=1
fi
exit $failed
