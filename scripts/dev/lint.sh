#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# lint.sh CHECK [COMPILER FLAG ...] - one of the checks of `make lint`.
#
# Runs in the source folder; prints what is wrong and one line at the end.  A
# missing tool is a failure: scripts/setup --tests installs them all.
set -eu
check=$1
shift

c_files()
{
	find abi core plugins tests -name '*.[ch]' -type f | sort
}

# What is compiled into the product; the macros of tests only make noise.
c_sources()
{
	find core plugins -name '*.c' ! -name '*_test.c' ! -path '*/testdata/*' -type f | sort
}

shell_scripts()
{
	find autogen.sh .ci scripts tests -type f -exec grep -lE '^#!.*[/ ](ba)?sh$' {} + | sort
}

man_pages()
{
	find abi core plugins scripts conf.d -name '*.[1578]' -type f | sort
}

policies()
{
	find scripts plugins tests -name '*.lua' -type f | sort
}

case $check in
format)
	c_files | xargs -r clang-format --dry-run -Werror ;;
layers)
	scripts/dev/check-layers.sh ;;
seams)
	scripts/dev/check-seams.sh ;;
cppcheck)
	cppcheck --quiet -j 2 --std=c11 --enable=warning,performance,portability \
		--inline-suppr --suppress=preprocessorErrorDirective --suppress=internalAstError \
		--error-exitcode=1 -Icore -Iplugins/lib -Iabi/include core plugins ;;
tidy)
	# Its counts of suppressed warnings go to standard error; max-nodes bounds the
	# analyzer, which else takes seconds for some files and finds no more.
	c_sources | xargs -r -P 2 -I FILE clang-tidy --quiet FILE -- \
		-Xclang -analyzer-config -Xclang max-nodes=20000 \
		-std=gnu11 -Icore -Iplugins -Iplugins/lib \
		-Iplugins/lib/http -Itests/lib -Iabi/include "$@" 2>/dev/null ;;
shell)
	shell_scripts | xargs -r shellcheck ;;
man)
	man_pages | xargs -r mandoc -Tlint -Wwarning ;;
lua)
	policies | xargs -r -n 1 luac5.4 -p ;;
*)
	echo "lint.sh: no check \"$check\"" >&2
	exit 2 ;;
esac
echo "ok - lint $check"
