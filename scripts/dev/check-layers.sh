#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# check-layers.sh [DIR] - fail when an include points upward or sideways.
#
# core/LAYERS names the folders of core/, lowest line first.  A file may include
# its own folder and those on lower lines; folders that share a line are siblings
# and may not include each other.  Plugins include <aiconexus/...> and their own
# folder, but for their tests, which play the broker; abi/ includes nothing of
# core/.
set -eu
cd "${1:-.}"
find core plugins abi -name '*.[ch]' -exec awk '
function refuse(why) {
	printf "%s:%d: %s\n", FILENAME, FNR, why
	bad = 1
}
FILENAME == "core/LAYERS" {
	for (i = 1; i <= NF; i++)
		level[$i] = FNR
	next
}
FNR == 1 {
	split(FILENAME, part, "/")
	from = part[2]
	in_core = part[1] == "core"
	is_free = !in_core && FILENAME ~ /_test\.c$/
	if (in_core && !(from in level))
		refuse(from "/ is not in core/LAYERS")
}
is_free || !/^#[ \t]*include[ \t]*"/ { next }
{
	split($0, quoted, "\"")
	header = quoted[2]
	if (header ~ /\.\./)
		refuse("an include may not climb: " header)
	else if (in_core && header !~ /\//)
		refuse("write the folder too: " header)
	else if (in_core) {
		to = header
		sub(/\/.*/, "", to)
		if (to != from && !(to in level && level[to] < level[from]))
			refuse(from "/ may not include " to "/")
	} else if (header ~ /\// && FILENAME !~ /^plugins\/.*_test\.c$/)
		refuse("only abi/include and the own folder: " header)
}
END { exit bad }' core/LAYERS {} +
