#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# check-layers.sh [DIR] - fail when an include points upward or sideways.
#
# core/LAYERS names the folders of core/, lowest line first.  A file may include
# its own folder and those on lower lines; folders that share a line are siblings
# and may not include each other.  Plugins include <aiconexus/...>, their own
# folder and plugins/lib, transports plugins/lib/http, their tests tests/lib too: there they meet a host that
# is no more than abi/include says.  abi/ includes nothing of core/.
set -eu
cd "${1:-.}"
find core plugins abi -name '*.[ch]' -exec awk '
function refuse(why) {
	printf "%s:%d: %s\n", FILENAME, FNR, why
	bad = 1
}
function stands_in(folder,   line, file) {
	file = folder "/" header
	if ((getline line < file) < 0)
		return 0
	close(file)
	return 1
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
	own = FILENAME
	sub(/\/[^\/]*$/, "", own)
	is_transport = FILENAME ~ /^plugins\/transport_/
	is_test = FILENAME ~ /_test\.c$|\/test_[a-z_]*\.[ch]$/
	if (in_core && !(from in level))
		refuse(from "/ is not in core/LAYERS")
}
!/^#[ \t]*include[ \t]*"/ { next }
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
	} else if (header ~ /\// || !(stands_in(own) ||
	    stands_in("plugins/lib") ||
	    (is_transport && stands_in("plugins/lib/http")) || (is_test && stands_in("tests/lib"))))
		refuse("only abi/include, plugins/lib and the own folder: " header)
}
END { exit bad }' core/LAYERS {} +
