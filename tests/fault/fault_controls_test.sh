#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# fault_controls_test.sh - the fault tests notice when a guard of the broker is broken.
set -u
failed=0
AICX_AICXD=$AICX_BUILD/core/main/aicxd_break
PATIENCE_S=5 # a broken guard is waited for in vain
export AICX_AICXD PATIENCE_S

said=$(mktemp)
trap 'rm -f "$said"' EXIT

fault() # NAME [SCENE]
{
	name=$1
	shift
	"${PYTHON:-python3}" -B "$AICX_SRC/tests/fault/$name.py" "$@" >"$said" 2>&1
}

control() # GUARD NAME [SCENE]
{
	# shellcheck disable=SC2086 # without a scene there is no argument
	if ! BREAK=$1 fault "$2" ${3-}; then
		echo "ok - without the guard \"$1\" $2 fails"
	elif grep '^skipped' "$said"; then
		: # no shim in this build
	else
		echo "not ok - without the guard \"$1\" $2 finds nothing"
		failed=1
	fi
}

KILLS=4
export KILLS
control ack_before_sync fault_kill
control reads_ahead fault_kill
POINTS=8
export POINTS
control go_on_after_error fault_io
ROUNDS=6
LOSE=1 # what was decided since the drain before, behind the broker's back
export ROUNDS LOSE
control "the last records" fault_reload
UNGUARDED=1 # heads may take for ever, and the crowd fills the door
export UNGUARDED
control "the time of a head" fault_slow honest
FLIPS=20
FILE=broker.identity # what no checksum of the store covers
export FLIPS FILE
control no_anchor fault_rot
unset FILE
control expire_by_wall fault_clock the_clock_jumps
CUTS=40
IGNORE_SYNCS=1
export CUTS IGNORE_SYNCS
control "syncs of the disk" fault_power cut_under_a_writer
control "syncs of the disk" fault_power cut_and_recovered
# (where no small disk can be made, nothing is tested and nothing is found)
NO_BALLAST=1
export NO_BALLAST
if [ "$(id -u)" = 0 ] && mount -t tmpfs -o size=1m tmpfs /mnt 2>/dev/null; then
	umount /mnt
	control "floor and ballast" fault_full below_the_floor_obligations
else
	echo "skipped: no tmpfs can be mounted here - the control of fault_full"
fi
exit $failed
