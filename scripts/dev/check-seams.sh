#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# check-seams.sh [DIR] - fail when code reaches for the clock, chance, files, the
# network or a library outside the places that core/SEAMS names.
#
# It reads calls (a name before a parenthesis that is no member) and includes,
# without comments and strings.  A name may stand in several rows: any of their
# places will do.
set -eu
cd "${1:-.}"
find core plugins -name '*.[ch]' -exec awk '
# The line without its comments and literals.
function code_of(line,   out, at, word) {
	out = ""
	while (line != "") {
		if (in_comment) {
			at = index(line, "*/")
			if (at == 0)
				return out
			line = substr(line, at + 2)
			in_comment = 0
		}
		if (!match(line, /"|\x27|\/\*|\/\//))
			return out line
		out = out substr(line, 1, RSTART - 1)
		word = substr(line, RSTART, RLENGTH)
		line = substr(line, RSTART + RLENGTH)
		if (word == "//")
			return out
		if (word == "/*")
			in_comment = 1
		else if (word == "\"" && match(line, /^([^"\\]|\\.)*"/))
			line = substr(line, RLENGTH + 1)
		else if (word != "\"" && match(line, /^([^\x27\\]|\\.)*\x27/))
			line = substr(line, RLENGTH + 1)
	}
	return out
}
function allowed(name,   i, n, place) {
	n = split(places[name], place, " ")
	for (i = 1; i <= n; i++)
		if (index(FILENAME "/", place[i] "/") == 1)
			return 1
	return 0
}
function refuse(name) {
	printf "%s:%d: \"%s\" (%s) may not stand here, only in: %s\n", FILENAME,
	    FNR, name, class[name], places[name] == "" ? "nothing" : places[name]
	bad = 1
}
function check(name) {
	if (!(name in class) || allowed(name))
		return
	if (!is_test || class[name] == "sleep")
		refuse(name)
}
FILENAME == "core/SEAMS" {
	if ($0 ~ /^#/ || !index($0, ":"))
		next
	split($0, half, "|")
	n = split(half[1], name, " ")
	for (i = 2; i <= n; i++) {
		row = substr(name[1], 1, length(name[1]) - 1)
		if (name[i] in class)
			row = class[name[i]] " " row
		class[name[i]] = row
		places[name[i]] = places[name[i]] half[2]
	}
	next
}
FNR == 1 { in_comment = 0; is_test = FILENAME ~ /_test\.c$|\/test_[a-z_]*\.[ch]$|\/testdata\// }
/^#[ \t]*include[ \t]*</ {
	header = $0
	gsub(/^[^<]*<|>.*$/, "", header)
	check(header)
	sub(/\/.*/, "/", header)
	check(header)
	next
}
{
	code = code_of($0)
	while (match(code, /[A-Za-z_][A-Za-z0-9_]*/)) {
		before = substr(code, 1, RSTART - 1)
		word = substr(code, RSTART, RLENGTH)
		code = substr(code, RSTART + RLENGTH)
		if (code ~ /^[ \t]*\(/ && before !~ /(\.|->)[ \t]*$/)
			check(word)
	}
}
END { exit bad }' core/SEAMS {} +
