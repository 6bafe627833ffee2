#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# demo_test.sh - the demo tells its whole story, and stops where it is not true.
set -u
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
TMPDIR=$dir
AICX_NO_SETUP=1
export TMPDIR AICX_NO_SETUP
failed=0

is() # STATUS 0 or not, NAME; prints the line
{
	if [ "$1" = 0 ]; then
		echo "ok - $2"
	else
		echo "not ok - $2"
		failed=1
	fi
}

for program in bash curl jq aspell hunspell; do
	command -v "$program" >/dev/null || {
		echo "skipped: no $program"
		exit 77
	}
done
for file in /usr/share/common-licenses/GPL-3 /usr/share/hunspell/en_US.dic; do
	[ -e "$file" ] || {
		echo "skipped: no $file"
		exit 77
	}
done

tells() # TEXT NAME: a line of the demo has that text
{
	grep -qE "$1" "$dir/told"
	is $? "$2"
}

"$AICX_SRC/scripts/demo" >"$dir/told" 2>"$dir/errors"
status=$?
is $status "the demo ends well"
[ $status = 0 ] || cat "$dir/told" "$dir/errors"
[ ! -s "$dir/errors" ]
is $? "it complains about nothing"
tells '^broker .*127\.0\.0\.1:[0-9]+, started in [0-9]+ ms' "the broker listens and says how fast it started"
tells '^1st try .*listcheck' "the cheapest seller is tried first"
tells 'deal failed, hold voided, nothing spent' "a failure costs nothing"
tells '^chosen .*hunspell by best_score' "another is chosen the second time"
tells '^restart .*1 deal open: the same one, still working' "the deal is there after kill -9"
tells '^bill .*make 0\.000400 AIC$' "the bill is what was used"
tells 'held 0\.001000, released 0\.000600' "the rest of the hold is released"
tells '^repeats .*50 equal answers, 1 charge' "fifty repeats are one charge"
tells '^books .*sum 0\.000000, open holds 0' "the books balance"
tells '^verify .*good' "the deal file proves the deal"
tells '^forged .*byte [0-9]+' "a changed byte is tried"
tells '^ +BAD .*offer' "and refused by name"
tail -n 1 "$dir/told" | grep -q '^yours .*aicx --broker .* sell '
is $? "the last line tells how to sell"
[ -z "$(find "$dir" -name 'aicx-demo.*')" ]
is $? "nothing of it is left behind"

AICX_BUILD=$dir/nothing "$AICX_SRC/scripts/demo" >"$dir/told" 2>"$dir/errors"
status=$?
[ $status != 0 ] && grep -q '^demo: .*broker.* did not happen' "$dir/errors" && [ ! -s "$dir/told" ]
is $? "without a broker it fails and tells no story"

# A verdict that is not good ends it: aicx that verifies nothing.
mkdir -p "$dir/broken/core/cli" && ln -s "$AICX_BUILD/core/main" "$dir/broken/core/main" &&
	ln -s "$AICX_BUILD/.libs" "$dir/broken/.libs"
cat >"$dir/broken/core/cli/aicx" <<END
#!/bin/sh
[ "\$1" != verify ] || { echo good; exit 0; }
exec "$AICX_BUILD/core/cli/aicx" "\$@"
END
chmod +x "$dir/broken/core/cli/aicx"
AICX_BUILD=$dir/broken "$AICX_SRC/scripts/demo" >"$dir/told" 2>"$dir/errors"
status=$?
[ $status != 0 ] && ! grep -qE '^(forged|yours)' "$dir/told" && grep -q 'forged file' "$dir/errors"
is $? "a verifier that finds everything good ends it with an error"
exit $failed
