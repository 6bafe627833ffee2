#!/bin/sh
# autogen.sh - makes configure from configure.ac; nothing else.
set -eu
cd "$(dirname "$0")"
exec autoreconf --install --force --warnings=all,no-obsolete,no-portability
