#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# bills_test.sh - random bills are those of an independent computation, and a
# broker that rounds each line would be noticed.
set -u
bills="$AICX_SRC/tests/bills/bills.py"
failed=0

if "${PYTHON:-python3}" -B "$bills" "$AICX_BUILD/tests/bills/bills_run" "${N:-20000}"; then
	echo "ok - every line, total, fee and ceiling is equal"
else
	echo "not ok - every line, total, fee and ceiling is equal"
	failed=1
fi
if BREAK=round_lines "${PYTHON:-python3}" -B "$bills" \
	"$AICX_BUILD/tests/bills/bills_break" 2000 >/dev/null; then
	echo "not ok - rounding each line is noticed"
	failed=1
else
	echo "ok - rounding each line is noticed"
fi
exit $failed
