#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# authz_controls_test.sh - the walk notices a broker that does not look at permissions, and one
# that does not look whose things they are; the scene of signed requests one that takes them twice.
set -u
failed=0
AICX_AICXD=$AICX_BUILD/core/main/aicxd_break
export AICX_AICXD

for guard in no_rights no_owner; do
	last=$(BREAK=$guard "${PYTHON:-python3}" -B "$AICX_SRC/tests/authz/walk.py" 2>&1 | tail -n 1)
	case $last in
	*" passed, 0 failed" | "" )
		echo "not ok - without the guard \"$guard\" the walk says: $last"
		failed=1
		;;
	*" passed, "*" failed")
		echo "ok - without the guard \"$guard\" the walk says: $last"
		;;
	*)
		echo "not ok - without the guard \"$guard\" the walk ends early: $last"
		failed=1
		;;
	esac
done

if BREAK=no_replay_window "${PYTHON:-python3}" -B "$AICX_SRC/tests/scenario/scene_signed.py" once \
	>/dev/null 2>&1; then
	echo "not ok - without the guard \"no_replay_window\" no scene fails"
	failed=1
else
	echo "ok - without the guard \"no_replay_window\" a scene fails"
fi
exit $failed
