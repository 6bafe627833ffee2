#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# count-tests.sh DIR - `N passed, N failed, N skipped` over the logs of a make check.
#
# A Check binary's log ends in its total; a script's log has a line `ok - ...`,
# `not ok - ...` or `skipped: ...` for each thing.  A test that failed without
# saying where (a crash) counts as one failure, one that only succeeded as one
# success.  Fails when something failed or nothing ran.
set -eu
find "$1" \( -path "$1/asan" -o -path "$1/fuzz" \) -prune -o -name '*.trs' -print |
	sort | awk '
function count(trs,   line, log_file, part, good, bad, skipped, result) {
	while ((getline line < trs) > 0)
		if (line ~ /^:test-result:/ && result == "")
			result = line
	close(trs)
	log_file = substr(trs, 1, length(trs) - 4) ".log"
	while ((getline line < log_file) > 0) {
		if (line ~ /^[0-9]+%: Checks: [0-9]+, Failures: [0-9]+, Errors: [0-9]+$/) {
			split(line, part, /[^0-9]+/)
			good += part[2] - part[3] - part[4]
			bad += part[3] + part[4]
		} else if (line ~ /^skipped[: ]/ || line ~ /^ok .*# skip/)
			skipped++
		else if (line ~ /^ok /)
			good++
		else if (line ~ /^not ok /)
			bad++
	}
	close(log_file)
	if (result ~ /SKIP/)
		skipped += !skipped
	else if (result !~ /PASS/)
		bad += !bad
	else if (good + bad + skipped == 0)
		good++
	n_good += good
	n_bad += bad
	n_skipped += skipped
}
{ count($0) }
END {
	printf "%d passed, %d failed, %d skipped\n", n_good, n_bad, n_skipped
	exit n_bad > 0 || n_good == 0
}'
