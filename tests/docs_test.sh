#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# docs_test.sh - what is written down is what the broker has: its options in
# aiconexus.conf(5), the words of errors in abi/wire, the command line in aicxd(8),
# and a shipped configuration that passes its own check.
set -u
aicxd=$AICX_BUILD/core/main/aicxd
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
failed=0

is() # STATUS 0 or 1, NAME; prints the line
{
	if [ "$1" = 0 ]; then
		echo "ok - $2"
	else
		echo "not ok - $2"
		failed=1
	fi
}

# Every option of [broker] and [log] with its fallback, in its subsection.
page=$AICX_SRC/core/conf/aiconexus.conf.5
mkdir "$dir/conf"
printf '[broker]\n[log]\n[currency "AIC"]\nscale = 6\n' >"$dir/conf/10-all.conf"
"$aicxd" --dump -c "$dir/conf" --plugins "$AICX_BUILD/.libs" >"$dir/dump"
is $? "a configuration of nothing but fallbacks is dumped"
described() # OPTION FALLBACK
{
	awk -v item=".It Ic $1 No" -v fallback=".Ql $2 ." '
		index($0, ".It ") == 1 { here = index($0, item) == 1 }
		here && $0 == fallback { found = 1 }
		END { exit !found }' "$page"
}
sed -n 's/^\([a-z_]*\) = \(.*\)$/\1 \2/p' "$dir/dump" >"$dir/options"
n=0
while read -r option fallback; do
	case $option in scale) continue ;; esac
	n=$((n + 1))
	described "$option" "$fallback"
	is $? "aiconexus.conf(5) has $option, $fallback without it"
done <"$dir/options"
[ "$n" -ge 20 ]
is $? "all options were looked at ($n)"
! described "no_such_option" "1"
is $? "an option that is not described is found out"

# Every word of an error with its status.
# shellcheck disable=SC2016 # backquotes are Markdown here
sed -n 's/^	{ "\([a-z_]*\)", \([0-9]*\), .*/| `\1` | \2 |/p' \
	"$AICX_SRC/core/protocol/problem.c" >"$dir/words"
[ -s "$dir/words" ]
is $? "the table of problems was read"
sort "$dir/words" >"$dir/words.sorted"
# shellcheck disable=SC2016
grep -oE '^\| `[a-z_]+` \| [0-9]+ \|' "$AICX_SRC/abi/wire/protocol.md" |
	sort | diff - "$dir/words.sorted"
is $? "abi/wire/protocol.md has every word with its status, and no other"

# Every option of the command line.
"$aicxd" --help | grep -oE '(^| )--[a-z]+' | tr -d ' -' | sort -u >"$dir/longs"
while read -r long; do
	grep -qE "Fl -$long( |\$)" "$AICX_SRC/core/main/aicxd.8"
	is $? "aicxd(8) has --$long"
done <"$dir/longs"

"$aicxd" -t -c "$AICX_SRC/conf.d" --plugins "$AICX_BUILD/.libs" 2>"$dir/out"
is $? "the shipped conf.d is good"
sed -n 's/^file = //p' "$AICX_SRC/conf.d/50-policy.conf" >"$dir/policies"
while read -r file; do
	test -f "$AICX_SRC/conf.d/$file"
	is $? "the policy $file is there"
done <"$dir/policies"
exit $failed
