#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# scene_controls_test.sh - scenes notice a broker that pays again under a new id what it
# does not know of, one that leaves refusals off the record, and one whose trail has gaps.
set -u
failed=0
AICX_AICXD=$AICX_BUILD/core/main/aicxd_break
export AICX_AICXD

scene() # FILE SCENE
{
	"${PYTHON:-python3}" -B "$AICX_SRC/tests/scenario/$1.py" "$2" >/dev/null 2>&1
}

control() # GUARD FILE SCENE
{
	if PATIENCE_S=5 BREAK=$1 scene "$2" "$3"; then
		echo "not ok - without the guard \"$1\" $2 does not fail"
		failed=1
	else
		echo "ok - without the guard \"$1\" $2 fails"
	fi
	if scene "$2" "$3"; then
		echo "ok - with all guards $2 does not"
	else
		echo "not ok - with all guards $2 fails"
		failed=1
	fi
}

control pay_twice scene_payment money_comes_in
control no_audit scene_audit refusals_are_counted
control no_trail scene_audit a_deal_is_in
exit $failed
